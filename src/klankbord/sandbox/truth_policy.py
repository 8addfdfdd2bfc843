"""Targets (M48) and maturity (M47) in plain Python, from the figures of each month.

Shares nothing with dbt: definitions and thresholds are those of docs/design.md, written down again.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

Z = 1.959963984540054
MONTH = timedelta(days=31)  # a figure of a date is at most as old
FEWEST, MOST = 6, 13  # months of a forecast


@dataclass(frozen=True, slots=True)
class Point:
    """What a target is measured by at the end of a month, in the target's unit."""

    on: date
    figure: float | None


@dataclass(frozen=True, slots=True)
class Goal:
    """A target. baseline None: what was measured on `since`."""

    kind: str
    direction: str
    target: float
    since: date
    due: date
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How a target stands; forecast: value, lower, upper."""

    status: str
    value: float | None = None
    progress: float | None = None
    expected: float | None = None
    reason: str | None = None
    forecast: tuple[float, float, float] | None = None


def progress(goal: Goal, points: Sequence[Point], today: date) -> Progress:
    """The state of a target on a day, by the figures of its months, oldest first."""
    before = [
        p for p in points if p.figure is not None and goal.since - MONTH <= p.on <= goal.since
    ]
    start = goal.baseline if goal.baseline is not None else before[-1].figure if before else None
    judged_on = min(today, goal.due)
    upto = [p for p in points if p.on <= goal.due]
    if not upto:
        return Progress("no_value", reason="no_figure")
    now = upto[-1]
    if now.on < judged_on - MONTH:
        return Progress("no_value", reason="not_observed")
    if now.figure is None:
        return Progress("no_value", reason="not_observed")
    is_growth = goal.kind == "growth"
    if is_growth and start is None:
        return Progress("no_value", reason="baseline_not_observed")
    if is_growth and start == 0:
        return Progress("no_value", reason="baseline_is_zero")

    def worth(figure: float) -> float:
        return 100 * (figure - start) / start if is_growth else figure

    origin = 0.0 if is_growth else start
    value = worth(now.figure)
    better: Callable[[float, float], bool] = (
        (lambda a, b: a >= b) if goal.direction == "at_least" else (lambda a, b: a <= b)
    )
    share = None
    if origin is not None and not better(origin, goal.target):
        share = (value - origin) / (goal.target - origin)
    passed = (now.on - goal.since).days / (goal.due - goal.since).days
    expected = min(1.0, max(0.0, passed))
    is_due = today >= goal.due
    if better(value, goal.target):
        status = "reached"
    elif is_due:
        status = "missed"
    elif start is None:
        status = "not_judged"
    else:
        status = "on_track" if share is not None and share >= expected else "behind"
    seen = [(p.on, worth(p.figure)) for p in upto
            if p.figure is not None and p.on >= goal.since - MONTH]  # fmt: skip
    forecast = None if is_due else trend(seen[-MOST:], goal.due)
    return Progress(status, value, share, expected, None, forecast)


def trend(seen: Sequence[tuple[date, float]], due: date) -> tuple[float, float, float] | None:
    """Theil-Sen at a date: the median slope of all pairs, and Sen's bounds of it."""
    n = len(seen)
    if n < FEWEST:
        return None
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]).days for a, b in combinations(seen, 2))
    spread = Z * (n * (n - 1) * (2 * n + 5) / 18) ** 0.5
    place = max(1, int((len(slopes) - spread) // 2))

    def at_due(slope: float) -> float:
        return statistics.median(value + slope * (due - on).days for on, value in seen)

    middle = statistics.median(slopes)
    return at_due(middle), at_due(slopes[place - 1]), at_due(slopes[len(slopes) - place])


@dataclass(frozen=True, slots=True)
class Seen:
    """A metric of an organisation on a platform in a month: numerator, denominator, cases."""

    top: float | None = None
    bottom: float | None = None
    cases: int = 0


#: rule -> phase, metric, over platforms, whether the threshold itself is enough, threshold, cases
RULES = {
    "P1-account": (1, "M01", "most", False, 0.0, 0),
    "P2-posts": (2, "M03", "most", True, 0.142857, 0),
    "P2-growth": (2, "M08", "pooled", False, 0.0, 0),
    "P3-replies": (3, "M21", "pooled", True, 0.10, 10),
    "P3-answers": (3, "M26", "pooled", True, 0.65, 5),
}
#: the rule to whose no a survey's yes is added; of the others it fills what is unknown
ADDS = "P1-account"
Months = Mapping[str, Sequence[Seen]]  # platform -> the months of a quarter


def measured(rule: str, months: Months) -> float | None:
    """What the rule looks at; None when too little is known of it."""
    _, _, over, _, _, least = RULES[rule]
    sums = {}
    for platform, seen in months.items():
        known = [s for s in seen if s.top is not None and s.bottom]
        if known:
            sums[platform] = (
                sum(s.top for s in known), sum(s.bottom for s in known), sum(s.cases for s in known)
            )  # fmt: skip
    if not sums:
        return None
    if over == "most":
        top, bottom, cases = min(sums.items(), key=lambda i: (-i[1][0] / i[1][1], i[0]))[1]
    else:
        top, bottom, cases = (sum(part) for part in zip(*sums.values(), strict=True))
    return top / bottom if cases >= least else None


def growth(readings: Mapping[str, tuple[int | None, int | None]]) -> float | None:
    """Percent, of platform -> followers a quarter before and now; both must be known."""
    both = [(a, b) for a, b in readings.values() if a is not None and b is not None]
    before = sum(a for a, _ in both)
    return 100 * (sum(b for _, b in both) - before) / before if before else None


def states(
    values: Mapping[str, float | None], answers: Mapping[str, bool]
) -> dict[str, tuple[bool | None, str]]:
    """rule -> whether it is met (None: unknown), and whether the census or a survey says so."""
    found: dict[str, tuple[bool | None, str]] = {}
    for rule, (_, _, _, with_equal, threshold, _) in RULES.items():
        value, answer = values.get(rule), answers.get(rule)
        is_met = None
        if value is not None:
            is_met = value >= threshold if with_equal else value > threshold
        if (rule == ADDS and answer and not is_met) or (
            rule != ADDS and is_met is None and answer is not None
        ):
            found[rule] = (answer, "survey")
        else:
            found[rule] = (is_met, "census")
    return found


def phase(met: Mapping[str, bool | None]) -> tuple[int | None, int, int]:
    """The phase (None: not known), the least and the most that it can be."""

    def climb(guess: bool) -> int:
        reached = 0
        for step in (1, 2, 3):
            rules = [rule for rule, (of, *_) in RULES.items() if of == step]
            if not all(guess if met[rule] is None else met[rule] for rule in rules):
                break
            reached = step
        return reached

    least, most = climb(False), climb(True)
    return (least if least == most else None), least, most
