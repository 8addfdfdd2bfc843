"""What was published, as the attacker and the search for coincidences read it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scipy.stats import binom

from tests.suppression.worlds import MONTHS, STOCKS, Body, Figure, Period


@dataclass(frozen=True)
class Cell:
    """A published row of a group, as the attacker reads it. places: (place, value) of members in
    order, the first at 0; between two places what lies between their values."""

    group_id: str
    platform: str
    metric_id: str
    period: Period
    n: int
    mean: float
    pooled: float | None
    places: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Edition:
    """What was published once, and the bodies and figures that it rests on."""

    members: list[Body]
    known: list[Figure]
    published: list[Cell]


def cells(rows: Iterable[dict]) -> list[Cell]:
    """Rows of rpt_group_metric that show something."""
    return [
        Cell(
            r["group_id"], r["platform"], r["metric_id"], (r["period_kind"], r["period_start"]),
            r["n"], r["mean"], r["pooled"],
            tuple(places(r)),
        )
        for r in rows
        if r["mean"] is not None
    ]  # fmt: skip


def places(r: dict) -> Iterator[tuple[float, float]]:
    """Where the published figures stand among the members. An end of a median's interval lies
    between two of them: the one that the binomial names and the next outwards."""
    last = r["n"] - 1
    for share, name in ((0.1, "p10"), (0.25, "q1"), (0.5, "median"), (0.75, "q3"), (0.9, "p90")):
        if r[name] is not None:
            yield share * last, r[name]
    # of shares of bodies it is Wilson's, which says what n and mean say
    if r["lower"] is not None and r["metric_id"] not in ("M02", "M22"):
        bound = binom.ppf(0.025, r["n"], 0.5) - 1.5
        yield bound, r["lower"]
        yield last - bound, r["upper"]


def counted(known: list[Figure]) -> list[Figure]:
    """Without a stock's quarter of bodies that its last month has not: groups do not count them."""
    seen = {f.organisation_id for f in known if f.period == ("month", MONTHS[-1])}
    return [
        f for f in known
        if f.metric_id not in STOCKS or f.period[0] == "month" or f.organisation_id in seen
    ]  # fmt: skip
