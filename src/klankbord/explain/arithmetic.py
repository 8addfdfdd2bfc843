"""Figures computed from what an explanation lists, in plain Python. Shares no code with dbt.

Each function takes the parts as `explain` shows them and gives a figure, or None where the parts
give none. A figure that is not equal (to 1e-9) was not made of these parts.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from klankbord.explain import owners

#: A wait that outlasts it is told as it.
WINDOW_HOURS = 168.0

Parts = Sequence[Mapping[str, Any]]


def is_same(published: float | None, computed: float | None) -> bool:
    """Absent equals absent only; ratios to 1e-9."""
    if published is None or computed is None:
        return published is None and computed is None
    return math.isclose(published, computed, rel_tol=1e-9, abs_tol=1e-12)


def quantile(values: Sequence[float], share: float) -> float | None:
    """Between the two nearest, as percentile_cont."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def percentile(values: Sequence[float], mine: float) -> float | None:
    """100 x (those below + half of those equal to nine decimals) / all, of which mine is one."""
    if not values:
        return None
    places = [round(value, 9) for value in values]
    at = round(mine, 9)
    return 100 * (sum(p < at for p in places) + places.count(at) / 2) / len(places)


def mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def of_group(members: Parts, scale: float, headline: str) -> dict[str, float | int | None]:
    """The statistics of members, each with value, numerator and denominator."""
    valued = [m for m in members if m["value"] is not None]
    values = [m["value"] for m in valued]
    denominator = math.fsum(m["denominator"] for m in valued if m["denominator"] is not None)
    numerators = [m["numerator"] for m in valued if m["numerator"] is not None]
    found: dict[str, float | int | None] = {
        "n": len(values),
        "n_members": len(members),
        "mean": mean(values),
        "median": quantile(values, 0.5),
        "q1": quantile(values, 0.25),
        "q3": quantile(values, 0.75),
        "pooled": scale * math.fsum(numerators) / denominator
        if numerators and denominator
        else None,
    }
    found["value"] = found[headline if headline in ("mean", "pooled") else "median"]
    return found


def survival_median(cases: Sequence[tuple[float, bool]]) -> float | None:
    """Kaplan and Meier: the first time at which no more than half are unanswered. cases: hours and
    whether they ended with an answer; who was followed to an hour counts through it."""
    left, survival = len(cases), 1.0
    for hours in sorted({hours for hours, _ in cases}):
        events = sum(1 for h, answered in cases if h == hours and answered)
        survival = 0.0 if events == left else survival * (1 - events / left)
        if survival <= 0.5 + 1e-12:
            return hours
        left -= sum(1 for h, _ in cases if h == hours)
    return None


def _share(parts: Parts, wanted: Callable[[Mapping], bool]) -> float | None:
    return sum(map(wanted, parts)) / len(parts) if parts else None


def _outgoing(posts: Parts) -> list[Mapping[str, Any]]:
    return [
        p for p in posts
        if p["is_in_period"] and p["message_kind"] in ("original", "reply", "continuation")
    ]  # fmt: skip


def _original(posts: Parts) -> list[Mapping[str, Any]]:
    return [p for p in posts if p["is_in_period"] and p["message_kind"] == "original"]


def _observed(posts: Parts) -> list[Mapping[str, Any]]:
    return [p for p in _original(posts) if p["is_on_observed_day"]]


def _by_followers(*weights: tuple[str, float]) -> Callable[[Parts, Mapping], float | None]:
    def figure(posts: Parts, facts: Mapping) -> float | None:
        values = [
            1000.0 * sum(weight * post[name] for name, weight in weights) / post["followers"]
            for post in _original(posts)
            if post["followers"] and all(post[name] is not None for name, _ in weights)
        ]
        return mean(values)

    return figure


def _any(counter: str) -> Callable[[Parts, Mapping], float | None]:
    def figure(posts: Parts, facts: Mapping) -> float | None:
        known = [post for post in _original(posts) if post[counter] is not None]
        return _share(known, lambda post: post[counter] > 0)

    return figure


def _growth(parts: Parts, facts: Mapping, *, relative: bool) -> float | None:
    now, before = facts["followers"], facts["followers_before"]
    if now is None or before is None or (relative and not before):
        return None
    return 100.0 * (now - before) / before if relative else float(now - before)


def _hours(questions: Parts, name: str) -> list[float]:
    return sorted(q[name] for q in questions if q["is_answered"] and q[name] is not None)


def _fastest(questions: Parts, facts: Mapping) -> float | None:
    hours = _hours(questions, "response_hours")
    return mean(hours[: math.ceil(0.9 * len(hours))])


def _censored(questions: Parts, hours: str, follow_up: str) -> float | None:
    cases = [
        (q[hours], True) if q["is_answered_in_time"] else (q[follow_up], False)
        for q in questions
        if q[hours if q["is_answered_in_time"] else follow_up] is not None
    ]
    found = survival_median(cases)
    is_left = any(
        q["is_closed"] and not q["is_answered_in_time"] and q[follow_up] is not None
        for q in questions
    )
    return WINDOW_HOURS if found is None and is_left else found


def _ratio(top: float | None, bottom: float | None, scale: float = 1.0) -> float | None:
    return scale * top / bottom if top is not None and bottom else None


#: metric -> (which parts it is made of, how): posts, questions, messages or readings of an account
#: and period
OF_BODY: dict[str, tuple[str, Callable[[Parts, Mapping], float | None]]] = {
    "M02": ("posts", lambda p, f: float(
        any(x["is_in_active_days"] and x["message_kind"] == "original" for x in p))),
    "M03": ("posts", lambda p, f: _ratio(len(_observed(p)), f["posts_days"])),
    "M04": ("posts", lambda p, f: _ratio(
        len({x["created_on"] for x in _observed(p)}), f["posts_days"])),
    "M05": ("readings", lambda p, f: _ratio(f["followers"], f["inhabitants"], 100.0)),
    "M08": ("readings", lambda p, f: _growth(p, f, relative=True)),
    "M08n": ("readings", lambda p, f: _growth(p, f, relative=False)),
    "M10": ("posts", lambda p, f: quantile(
        [x["interactions"] for x in _original(p) if x["interactions"] is not None], 0.5)),
    "M11": ("posts", lambda p, f: mean(
        [100.0 * x["interactions"] / x["followers"] for x in _original(p)
         if x["interactions"] is not None and x["followers"]])),
    "M15": ("posts", _by_followers(("reactions", 1))),
    "M16": ("posts", _by_followers(("comments", 1))),
    "M17": ("posts", _by_followers(("shares", 1))),
    "M18a": ("posts", _any("reactions")),
    "M18b": ("posts", _any("comments")),
    "M18c": ("posts", _any("shares")),
    "M19": ("posts", _by_followers(("reactions", 1), ("comments", 1), ("shares", 1))),
    "M21": ("posts", lambda p, f: _share(_outgoing(p), lambda x: x["message_kind"] == "reply")),
    "M22": ("posts", lambda p, f: float(any(x["message_kind"] == "reply" for x in _outgoing(p)))
            if _outgoing(p) else None),
    "M24": ("questions", lambda q, f: float(len(q))),
    "M25": ("questions", lambda q, f: _ratio(len(q), f["inhabitants"], 1000.0)),
    "M25f": ("questions", lambda q, f: _ratio(len(q), f["followers"], 1000.0)),
    "M26": ("questions", lambda q, f: _share(
        [x for x in q if x["is_closed"]], lambda x: x["is_answered"])),
    "M27": ("messages", lambda m, f: _share(
        [x for x in m if x["is_handled"] is not None], lambda x: x["is_handled"])),
    "M29": ("questions", lambda q, f: quantile(_hours(q, "response_hours"), 0.5)),
    "M29k": ("questions", lambda q, f: _censored(q, "response_hours", "follow_up_hours")),
    "M30": ("questions", lambda q, f: mean(_hours(q, "response_hours"))),
    "M31": ("questions", _fastest),
    "M33": ("questions", lambda q, f: quantile(_hours(q, "open_response_hours"), 0.5)),
    "M33k": (
        "questions",
        lambda q, f: _censored(q, "open_response_hours", "open_follow_up_hours"),
    ),
    "M33m": ("questions", lambda q, f: mean(_hours(q, "open_response_hours"))),
    **owners.FIGURES,
}  # fmt: skip
