"""Questions and response times in plain Python: M24 to M33 of questions that are given, by the
definitions of docs/design.md. Exact fractions where the warehouse multiplies floats; nothing is
shared with it.
"""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from klankbord.register import Register
from klankbord.sandbox.readings import Known, local_day
from klankbord.sandbox.truth_clock import Clock
from klankbord.sandbox.truth_figures import Figure, Period

WINDOW_HOURS = 168.0
#: What is computed of questions, by our own definition.
METRICS = ("M24", "M25", "M25f", "M26", "M29", "M29k", "M30", "M31", "M33", "M33k", "M33m")
#: Hours at which a curve is drawn.
CURVE_HOURS = [0, 0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 36, 48, 72, 96, 120, 144, 168]
Z = statistics.NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Case:
    """A question: when it was asked and first answered, and until when its account was read."""

    asked_at: datetime
    answered_at: datetime | None
    known_until: datetime


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure: (value, numerator, denominator, n_cases, lower, upper)."""

    value: float | None
    numerator: float | None
    denominator: float | None
    n_cases: int
    lower: float | None = None
    upper: float | None = None


Elapsed = Callable[[datetime, datetime], float]


def figures(
    period: Period, known: Known, days: Collection[date], register: Register
) -> Iterator[Figure]:
    """METRICS over the questions that were asked on `days`."""
    found = _found(period, known, days, register)
    for metric_id in METRICS:
        m = found.get((metric_id, "klankbord"))
        if m is None:
            yield period.missing(metric_id)
            continue
        yield period.figure(metric_id, m.value, m.numerator, m.denominator, m.n_cases)


def vendors_figures(
    period: Period, known: Known, days: Collection[date], register: Register
) -> Iterator[tuple[str, Figure]]:
    """(definition, figure) of the same questions as others count them; of silence none."""
    found = _found(period, known, days, register)
    if not found["M24", "klankbord"].value:
        return
    for (metric_id, definition_id), m in found.items():
        if definition_id != "klankbord":
            figure = period.figure(metric_id, m.value, m.numerator, m.denominator, m.n_cases)
            yield definition_id, figure


def _found(
    period: Period, known: Known, days: Collection[date], register: Register
) -> dict[tuple[str, str], Measure]:
    """(metric, definition) -> figure over the questions that were asked on `days`."""
    name = known.row.organisation_id
    bodies = [body for body in register.organisations if body.organisation_id == name]
    latest = max(bodies, key=lambda body: body.valid_from or date.min)
    clock = Clock(latest, [row for row in register.opening_hours if row.organisation_id == name])
    cases = [
        Case(
            q.asked_at,
            None if q.response_hours is None else q.asked_at + timedelta(hours=q.response_hours),
            known.last_moment,
        )
        for q in known.questions()
        if local_day(q.asked_at) in days
    ]
    read = [day for day in known.followers if period.first <= day <= period.end]
    followers = known.followers[max(read)] if read else None
    inhabitants = register.inhabitants(name, period.last)
    return measures(cases, clock.hours) | load(len(cases), inhabitants, followers)


def by_calendar(since: datetime, until: datetime) -> float:
    """Hours that passed."""
    return (until - since).total_seconds() / 3600


def measures(cases: Sequence[Case], opening: Elapsed) -> dict[tuple[str, str], Measure]:
    """(metric, definition) -> figure over the questions of one account and period. opening: hours
    for which the body was open between two moments."""
    closed = [c for c in cases if c.known_until >= c.asked_at + timedelta(hours=WINDOW_HOURS)]
    answered = [c for c in closed if _in_time(c)]
    left = len(closed) - len(answered)
    ever = [c for c in cases if c.answered_at]
    hours = sorted(by_calendar(c.asked_at, c.answered_at) for c in answered)
    opened = sorted(opening(c.asked_at, c.answered_at) for c in answered)
    every = sorted(by_calendar(c.asked_at, c.answered_at) for c in ever)
    found = {
        ("M26", "klankbord"): share(len(answered), len(closed)),
        ("M26", "quintly"): share(len(answered), len(closed)),
        ("M26", "socialbakers"): share(len(ever), len(cases)),
        ("M29", "klankbord"): median(hours),
        ("M29k", "klankbord"): waiting_median(followed(cases, by_calendar), left),
        ("M30", "klankbord"): mean(hours),
        ("M31", "klankbord"): fastest(hours),
        ("M31", "facebook_badge"): fastest(every),
        ("M33", "klankbord"): median(opened),
        ("M33k", "klankbord"): waiting_median(followed(cases, opening), left),
        ("M33m", "klankbord"): mean(opened),
        ("M30", "fanpage_karma"): mean(every),
        ("M30", "study_2016"): mean(every),
    }
    plain = median(every)
    found["M29", "fanpage_karma"] = Measure(plain.value, None, None, len(every))
    return found


def load(
    questions: int, inhabitants: int | None, followers: int | None
) -> dict[tuple[str, str], Measure]:
    """How many asked, whatever became of it; nothing by what is not known."""
    found = {("M24", "klankbord"): Measure(questions, questions, 1, questions)}
    if inhabitants:
        value = 1000 * questions / inhabitants
        found["M25", "klankbord"] = Measure(value, questions, inhabitants, questions)
    if followers is not None:
        value = 1000 * questions / followers if followers else None
        found["M25f", "klankbord"] = Measure(value, questions, followers, questions)
    return found


def followed(cases: Iterable[Case], elapsed: Elapsed) -> list[tuple[float, bool]]:
    """(hours, was it answered then) of each question that was followed at all."""
    sample = []
    for case in cases:
        end = min(case.known_until, case.asked_at + timedelta(hours=WINDOW_HOURS))
        if _in_time(case):
            sample.append((elapsed(case.asked_at, case.answered_at), True))
        elif end >= case.asked_at:
            sample.append((elapsed(case.asked_at, end), False))
    return sample


def _in_time(case: Case) -> bool:
    end = case.asked_at + timedelta(hours=WINDOW_HOURS)
    return case.answered_at is not None and case.answered_at <= end


def share(part: int, whole: int) -> Measure:
    """A share with Wilson's interval: the roots of (p - share)^2 = z^2 p (1 - p) / n."""
    if not whole:
        return Measure(None, part, whole, whole)
    p, a = part / whole, 1 + Z * Z / whole
    b, c = -(2 * part / whole + Z * Z / whole), p * p
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    lower, upper = (-b - root) / (2 * a), (-b + root) / (2 * a)
    return Measure(p, part, whole, whole, max(0.0, lower), min(1.0, upper))


def median(hours: Sequence[float]) -> Measure:
    """Of sorted times, with the interval between two of them (see `rank`)."""
    n = len(hours)
    if not n:
        return Measure(None, None, None, 0)
    place = rank(n)
    bounds = (hours[place - 1], hours[n - place]) if place else (None, None)
    return Measure(statistics.median(hours), None, None, n, *bounds)


def rank(n: int) -> int:
    """Which value from either end bounds the median: 0 is none. One further out than the exact
    binomial interval's for some n, never further in."""
    return max(0, math.floor((n + 1 - Z * math.sqrt(n)) / 2))


def mean(hours: Sequence[float]) -> Measure:
    n = len(hours)
    return Measure(sum(hours) / n if n else None, sum(hours) if n else None, n, n)


def fastest(hours: Sequence[float]) -> Measure:
    """The mean of the fastest nine in ten of sorted times, rounded up."""
    first = hours[: math.ceil(Fraction(9, 10) * len(hours))]
    total = sum(first) if first else None
    return Measure(total / len(first) if first else None, total, len(first), len(hours))


def kaplan_meier(sample: Iterable[tuple[float, bool]]) -> list[tuple[float, Fraction]]:
    """(time, exact survival there) at each time of the sample, in order."""
    ends, all_of = Counter(), Counter()
    for time, is_event in sample:
        all_of[time] += 1
        ends[time] += is_event
    left, survival, curve = all_of.total(), Fraction(1), []
    for time in sorted(all_of):
        survival *= 1 - Fraction(ends[time], left)
        left -= all_of[time]
        curve.append((time, survival))
    return curve


def half_time(curve: Iterable[tuple[float, Fraction | float | None]]) -> float | None:
    """The first time at which no more than half is left."""
    # a bound is a float of logarithms and powers: its last digits are nobody's
    return next((t for t, s in curve if s is not None and s <= Fraction(1, 2) + 1e-9), None)


def censored_median(sample: Sequence[tuple[float, bool]]) -> Measure:
    """Kaplan-Meier with the interval of Brookmeyer and Crowley on log(-log) bounds; no bounds
    without a median."""
    value = half_time(kaplan_meier(sample))
    if value is None:
        return Measure(None, None, None, len(sample))
    lower, upper = (half_time((t, b[side]) for t, b in bounds(sample)) for side in (0, 1))
    return Measure(value, None, None, len(sample), lower, upper)


def waiting_median(sample: Sequence[tuple[float, bool]], left: int) -> Measure:
    """The same up to the window: where more than half still wait at its end, and `left` of them
    were followed so far, the figure is the window itself with no upper bound. Its lower bound is
    the window too, unless so few were left that half of all might have been answered."""
    found = censored_median(sample)
    if found.value is not None or not left:
        return found
    lower = half_time((time, low) for time, (low, _) in bounds(sample))
    answered = sum(is_event for _, is_event in sample)
    if lower is None and (answered or share(0, left).upper < 0.5):
        lower = WINDOW_HOURS
    return Measure(WINDOW_HOURS, None, None, len(sample), lower, None)


def bounds(
    sample: Sequence[tuple[float, bool]],
) -> Iterator[tuple[float, tuple[float | None, float | None]]]:
    """(time, 95 % interval of the survival there); none once nothing is left."""
    greenwood, left = 0.0, len(sample)
    for time, survival in kaplan_meier(sample):
        gone = sum(t == time for t, _ in sample)
        ends = sum(t == time and is_event for t, is_event in sample)
        if survival in (0, 1):
            yield time, (1.0, 1.0) if survival else (None, None)
        else:
            greenwood += ends / (left * (left - ends))
            log = math.log(survival)
            spread = Z * math.sqrt(greenwood) / log
            yield time, (math.exp(log * math.exp(-spread)), math.exp(log * math.exp(spread)))
        left -= gone
