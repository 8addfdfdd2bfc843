"""What changed since a year before, and why, in plain Python by the definitions of docs/design.md
("Change"). Nothing here is shared with dbt.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Z = 1.96


@dataclass(frozen=True, slots=True)
class Figure:
    """A body's figure of a period; lower, upper: its 95 % interval, where it has one."""

    value: float | None
    lower: float | None = None
    upper: float | None = None
    numerator: float | None = None
    denominator: float | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A body's change: its kind, the difference with its interval, and the verdict."""

    kind: str
    change: float | None = None
    lower: float | None = None
    upper: float | None = None
    verdict: str | None = None


def of_body(
    now: Figure | None,
    ago: Figure | None,
    *,
    is_merged: bool,
    is_redefined: bool,
    is_estimated: bool,
) -> Changed | None:
    """The change of one body; None where neither year has a figure.

    is_redefined: a year was judged by older rules. is_estimated: the figure rests on cases that
    might have been others, so that a difference may be chance.
    """
    value = now.value if now else None
    before = ago.value if ago else None
    if value is None and before is None:
        return None
    if before is None or value is None:
        return Changed("new" if before is None else "gone")
    if is_redefined:
        return Changed("definition")
    kind, change = ("merger" if is_merged else "real"), value - before
    if not is_estimated:
        return Changed(kind, change, verdict=_sign(change) or "same")
    assert now
    assert ago
    lower = upper = None
    if now.lower is not None and ago.upper is not None:
        lower = change - math.hypot(value - now.lower, ago.upper - before)
    if now.upper is not None and ago.lower is not None:
        upper = change + math.hypot(now.upper - value, before - ago.lower)
    verdict = None
    if lower is not None and lower > 0:
        verdict = "higher"
    elif upper is not None and upper < 0:
        verdict = "lower"
    elif lower is not None and upper is not None:
        verdict = "not_distinguishable"
    return Changed(kind, change, lower, upper, verdict)


def _sign(number: float) -> str | None:
    return "higher" if number > 0 else "lower" if number < 0 else None


@dataclass(frozen=True, slots=True)
class Member:
    """A body and a group. now, ago: its figures there, None where it is, or was, in another group
    or has none. The year before of a merged body is that of its parts together. can_compare:
    whether the two years may be set against each other."""

    now: Figure | None
    ago: Figure | None
    can_compare: bool = True


def of_group(
    members: Sequence[Member], before: Sequence[Figure], headline: str, scale: float, fewest: int
) -> Mapping[str, object] | None:
    """A group's change in four parts. before: the figures of the bodies that were in it then, each
    part of a later merger by itself. None where too few can be compared."""

    def told(figures: Sequence[Figure | None]) -> float | None:
        known = [f for f in figures if f and f.value is not None]
        if not known:
            return None
        if headline == "pooled":
            below = sum(f.denominator or 0 for f in known)
            return scale * sum(f.numerator or 0 for f in known) / below if below else None
        values = [f.value for f in known if f.value is not None]
        return statistics.fmean(values) if headline == "mean" else statistics.median(values)

    stayed = [m for m in members if m.now and m.ago]
    compared = [m for m in stayed if m.can_compare]
    now = [m.now for m in members if m.now]
    on_map = [m.ago for m in members if m.ago]
    if min(len(compared), len(now), len(before)) < fewest:
        return None
    steps = {
        "before": told(before),
        "on_map": told(on_map),
        "before_stayed": told([m.ago for m in stayed]),
        "before_compared": told([m.ago for m in compared]),
        "now_compared": told([m.now for m in compared]),
        "now_stayed": told([m.now for m in stayed]),
        "now": told(now),
    }

    def step(after: str, ahead: str) -> float | None:
        a, b = steps[after], steps[ahead]
        return None if a is None or b is None else a - b

    moves = [
        m.now.value - m.ago.value
        for m in compared
        if m.now and m.ago and m.now.value is not None and m.ago.value is not None
    ]
    up, down = sum(v > 0 for v in moves), sum(v < 0 for v in moves)
    verdict = "higher" if up > down else "lower"
    if abs(up - down) - 1 <= Z * math.sqrt(up + down):
        verdict = "not_distinguishable" if up + down else "same"
    left, entered = step("before_stayed", "on_map"), step("now", "now_stayed")
    real, whole = step("now_compared", "before_compared"), step("now_stayed", "before_stayed")
    return {
        "value": steps["now"],
        "before_value": steps["before"],
        "n": len(now),
        "before_n": len(before),
        "compared_n": len(compared),
        "entered_n": len(now) - len(stayed),
        "left_n": len(on_map) - len(stayed),
        "merged_away_n": len(before) - len(on_map),
        "n_up": up,
        "n_down": down,
        "change": step("now", "before"),
        "real_change": real,
        "composition_change": None if left is None or entered is None else left + entered,
        "merger_change": step("on_map", "before"),
        "definition_change": None if whole is None or real is None else whole - real,
        "verdict": verdict,
    }
