"""Which platform can give which metric, from what the metric needs and what the platform lacks."""

import csv
import io
from collections.abc import Iterator

from klankbord.catalogue.model import Catalogue, Metric

#: the need of every metric that has any: that something of the platform can be read at all
READING = "reading"
#: why nothing can be read of a channel that is registered by hand
NO_INTERFACE = "no_interface"
COLUMNS = ("metric_id", "platform", "is_applicable", "reason_code")


def reason(catalogue: Catalogue, metric: Metric, platform: str) -> str | None:
    """The code of the reason why the platform cannot give the metric; None: it can.

    The first of the metric's needs that is lacking gives the reason.
    """
    if not metric.needs:
        return None
    for need in (READING, *metric.needs):
        if found := catalogue.gaps.get((platform, need)):
            return found
    return None


def not_applicable(catalogue: Catalogue, metric: Metric) -> list[tuple[str, list[str]]]:
    """(reason_code, platforms) of a metric, in the order of the platforms."""
    found: dict[str, list[str]] = {}
    for platform in catalogue.platforms:
        if code := reason(catalogue, metric, platform):
            found.setdefault(code, []).append(platform)
    return list(found.items())


def rows(catalogue: Catalogue) -> Iterator[tuple[str, str, str, str]]:
    """The rows of metric_platforms.csv."""
    for metric in catalogue.metrics:
        for platform in catalogue.platforms:
            code = reason(catalogue, metric, platform)
            yield metric.metric_id, platform, "false" if code else "true", code or ""


def seed(catalogue: Catalogue) -> str:
    """The text of metric_platforms.csv."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows(catalogue))
    return text.getvalue()
