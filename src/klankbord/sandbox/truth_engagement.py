"""The truth of what is counted of followers and of reactions to posts: M04, M08 to M12, M15 to M20.
Only what `klankbord.sandbox.truth` hands over is read here.
"""

import statistics
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from klankbord.sandbox.model import Message
from klankbord.sandbox.readings import (
    PLATFORMS_WITHOUT_COUNTERS,
    PLATFORMS_WITHOUT_FOLLOWERS,
    Known,
    local_day,
)
from klankbord.sandbox.truth_figures import Figure, Period

READING_AGE_DAYS = 7
WEIGHTS = (1, 2, 3)


def growth(period: Period, known: Known) -> Iterator[Figure]:
    """M08, M08n, M09: from the reading that holds on the first day to the last one inside."""
    inside = [day for day in known.followers if period.first <= day <= period.end]
    before = [day for day in known.followers if day <= period.first]
    is_known = bool(inside and before and known.followers_at(period.first) is not None)
    if not is_known or max(before) >= max(inside):
        yield from map(period.missing, ("M08", "M08n", "M09"))
        return
    start, end = known.followers[max(before)], known.followers[max(inside)]
    grown = 100 * (end - start) / start if start else None
    yield period.figure("M08", grown, end - start, start, 1)
    yield period.ratio("M08n", end - start, 1, 1)
    weeks = (max(inside) - max(before)).days / 7
    weekly = 100 * ((end / start) ** (1 / weeks) - 1) if start else None
    yield period.figure("M09", weekly, None, None, 1)


def posting_days(
    period: Period, known: Known, posted: Sequence[Message], days: set[date]
) -> Figure:
    """M04: days with a post, of the days that were observed."""
    observed = days & known.days
    if not observed:
        return period.missing("M04")
    with_post = {local_day(m.created_at) for m in posted} & observed
    count = sum(local_day(m.created_at) in observed for m in posted)
    return period.ratio("M04", len(with_post), len(observed), count)


def engagement(
    period: Period, known: Known, posted: Sequence[Message], days: set[date]
) -> Iterator[Figure]:
    """M10 to M12 and M15 to M20 of the originals of a period."""
    if period.platform not in PLATFORMS_WITHOUT_COUNTERS:
        yield _median(
            period, "M10", [known.interactions[m.message_id] for m in posted if _is_read(known, m)]
        )
        for place, metric_id in enumerate(("M18a", "M18b", "M18c")):
            counted = [known.counters[m.message_id][place] for m in posted if _is_read(known, m)]
            numbers = [n for n in counted if n is not None]
            yield _share(period, metric_id, sum(n > 0 for n in numbers), len(numbers))
    if period.platform in PLATFORMS_WITHOUT_FOLLOWERS:
        return
    yield _per_post(period, known, posted)
    rates: list[tuple[float | None, ...]] = []
    for post in posted:
        followers = known.followers_at(local_day(post.created_at))
        if followers and _is_read(known, post):
            found = known.counters[post.message_id]
            rates.append(tuple(None if n is None else n / followers for n in found))
    for place, metric_id in enumerate(("M15", "M16", "M17")):
        one = [rate[place] for rate in rates if rate[place] is not None]
        yield _mean(period, metric_id, one)
    whole = [rate for rate in rates if None not in rate]
    yield _mean(period, "M19", [sum(rate) for rate in whole])
    yield _mean(
        period, "M20", [sum(w * r for w, r in zip(WEIGHTS, rate, strict=True)) for rate in whole]
    )
    yield _daily(period, known, posted, days)


def _per_post(period: Period, known: Known, posted: Sequence[Message]) -> Figure:
    """M11: the mean over the posts that have both interactions and followers."""
    shares = []
    for post in posted:
        followers = known.followers_at(local_day(post.created_at))
        if followers and post.message_id in known.interactions:
            shares.append(100 * known.interactions[post.message_id] / followers)
    if not shares:
        return period.missing("M11")
    return period.ratio("M11", sum(shares), len(shares), len(shares))


def _daily(period: Period, known: Known, posted: Sequence[Message], days: set[date]) -> Figure:
    """M12: days without a post are zeros; days of which something is unknown are none."""
    if known.posts_until is None:
        return period.missing("M12")
    closed = local_day(known.posts_until - timedelta(days=READING_AGE_DAYS)) - timedelta(days=1)
    by_day: dict[date, list[Message]] = {}
    for post in posted:
        by_day.setdefault(local_day(post.created_at), []).append(post)
    total, count = 0.0, 0
    for day in sorted(days & known.days):
        followers = known.followers_at(day)
        posts = by_day.get(day, [])
        if day > closed or not followers or not all(_is_read(known, p) for p in posts):
            continue
        count += 1
        total += sum(100 * known.interactions[p.message_id] / followers for p in posts)
    return period.ratio("M12", total, count, count) if count else period.missing("M12")


def _is_read(known: Known, post: Message) -> bool:
    return post.message_id in known.counters


def _share(period: Period, metric_id: str, count: int, of: int) -> Figure:
    return period.ratio(metric_id, count, of, of) if of else period.missing(metric_id)


def _median(period: Period, metric_id: str, numbers: list[int]) -> Figure:
    if not numbers:
        return period.missing(metric_id)
    return period.figure(metric_id, statistics.median(numbers), None, None, len(numbers))


def _mean(period: Period, metric_id: str, rates: list[float]) -> Figure:
    """1000 x the mean."""
    if not rates:
        return period.missing(metric_id)
    value = 1000 * sum(rates) / len(rates)
    return period.figure(metric_id, value, sum(rates), len(rates), len(rates))
