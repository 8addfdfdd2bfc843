"""How a figure was made, as the truth knows it: on which days its stream was read, with which
access, and whether anything may still change it.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from klankbord.sandbox.readings import Known, days_between, reads_messages, reads_outgoing
from klankbord.sandbox.truth_figures import Figure, Period

ACTIVE_DAYS = 28
#: what is told of an account's own posts, of all that it says, and of its conversations
OF_POSTS = frozenset(
    {"M03", "M04", "M10", "M11", "M12", "M15", "M16", "M17", "M18a", "M18b", "M18c", "M19", "M20"}
)
OF_OUTGOING = frozenset({"M21", "M22"})
OF_MESSAGES = frozenset(
    {"M23", "M24", "M25", "M25f", "M26", "M29", "M29k", "M30", "M31", "M33", "M33k", "M33m"}
)
#: a reading stands for its period; growth has two or is none
OF_READINGS = frozenset({"M08", "M08n", "M09"})
#: nothing that comes after a period changes these; the others wait for counters and answers
CLOSED_AT_ONCE = frozenset(
    {"M01", "M02", "M03", "M04", "M05", "M08", "M08n", "M09", "M21", "M22", "M24", "M25", "M25f"}
)
#: days after a period's end in which its last post is read once more, or its last question answered
CLOSING_DAYS = 7


def told(figure: Figure, period: Period, known: Known | None, latest: date) -> Figure:
    """The figure with its coverage (0 to 1; None: not told here, of what owners hand over), access
    tier (None: no account) and status. latest: the platform's last scan; known None: the register
    alone says it."""
    closing = 0 if figure.metric_id in CLOSED_AT_ONCE else CLOSING_DAYS
    is_final = latest > period.end + timedelta(days=closing)
    return replace(
        figure,
        coverage=1.0 if known is None else _coverage(figure, period, known),
        access_tier=None if known is None else known.row.access_tier,
        status="final" if is_final else "provisional",
    )


def _coverage(figure: Figure, period: Period, known: Known) -> float | None:
    metric_id = figure.metric_id
    days = days_between(period.first, period.last)
    if metric_id == "M01":
        return 1.0
    if metric_id == "M02":
        first = period.last - timedelta(days=ACTIVE_DAYS - 1)
        return _share(known.days, days_between(first, period.last))
    if metric_id == "M05":
        return float(any(period.first <= day <= period.end for day in known.followers))
    if metric_id in OF_READINGS:
        return float(figure.n_cases is not None)
    if metric_id in OF_POSTS:
        return _share(known.days, days)
    if metric_id in OF_OUTGOING:
        return _share(known.days, days) if reads_outgoing(known.row) else 0.0
    if metric_id in OF_MESSAGES:
        return _share(known.days, days) if reads_messages(known.row) else 0.0
    return None


def _share(known: Collection[date], days: set[date]) -> float:
    return len(days.intersection(known)) / len(days)
