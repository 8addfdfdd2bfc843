"""The analytics of the Pages Data Portability API: what is asked of a page or post, and told."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from klankbord.platforms.linkedin_answers import (
    METRICS,
    address,
    count_of,
    key,
    listed,
    milliseconds,
)

PATH = "/rest/dmaOrganizationalPageContentAnalytics"
#: (metric, value, end of its period in milliseconds)
Reading = tuple[str, Any, int]


def trend(entity: str, interval: str) -> str:
    """The address that asks for the development of all our metrics in an interval."""
    return address(
        PATH,
        q="trend",
        sourceEntity=key(entity),
        metricTypes=listed(METRICS),
        timeIntervals=interval,
    )


def life(born: datetime, now: datetime) -> str:
    """The interval that is a post's whole life so far."""
    return f"(timeRange:(start:{milliseconds(born)},end:{milliseconds(now)}))"


def readings(answer: Mapping[str, Any]) -> Iterator[Reading]:
    """What an answer tells, without what it withholds."""
    for element in answer["elements"]:
        metric = element["metric"]
        value = count_of(metric["value"].get("totalCount"))
        if value is not None and element["type"] in METRICS:
            yield element["type"], value, metric["timeIntervals"]["timeRange"]["end"]


def totals(found: Sequence[Reading]) -> dict[str, Any]:
    """A post's figures over the parts of its life; people who saw it in two of them would count
    twice, so in several parts there is no number of people."""
    summed: dict[str, Any] = {}
    for metric in METRICS:
        values = [value for name, value, _ in found if name == metric]
        if values and (metric != "UNIQUE_IMPRESSIONS" or len(values) == 1):
            summed[metric] = sum(values)
    return summed
