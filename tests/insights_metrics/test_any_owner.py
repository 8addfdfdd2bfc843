"""Owners' figures of worlds that nobody thought of, by the warehouse and by plain Python: nobody
saw a post, more clicks than views, files beside answers, breaks in a series, nothing at all."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.policy.warehouse import Bench

PERIOD = {"period_kind": "month", "period_start": date(2026, 9, 1)}
HOUR = timedelta(hours=1)
AGE, GAP = 168 * HOUR, 168 * HOUR
#: has_reactions, has_comments, has_shares, quotes: 1 counted, 0 not, None optional
COUNTERS = {
    "facebook": (True, True, True, 0),
    "instagram": (True, True, False, 0),
    "x": (True, True, True, 1),
    "linkedin": (True, True, True, 0),
    "threads": (True, True, True, None),
}
#: metric -> numerator, denominator, what was counted instead before or after a break
METRICS = {
    "M13": ("interactions", "reach", "impression_reach"),
    "M14": ("interactions", "views", "impressions"),
    "M14i": ("interactions", "impressions", "views"),
    "M37": ("reach", None, "impression_reach"),
    "M38": ("link_clicks", "impressions", "views"),
    "M38a": ("clicks", "impressions", "views"),
    "M38v": ("link_clicks", "views", "impressions"),
}
GIVES = {
    "facebook": ("M13", "M14", "M37", "M38v"),
    "instagram": ("M13", "M14", "M37"),
    "x": ("M14i", "M38"),
    "linkedin": ("M13", "M14i", "M37", "M38a"),
    "threads": ("M14",),
}
TOLD = ("reach", "impression_reach", "views", "impressions", "clicks", "link_clicks", "reactions",
        "comments", "shares", "quotes")  # fmt: skip

numbers = st.none() | st.integers(0, 3) | st.just(10**6)
ages = st.sampled_from([0, 24, 167, 168, 169, 335, 336, 337, 672])
readings = st.fixed_dictionaries(
    {"source": st.sampled_from(["api", "file"]), "age": ages} | {name: numbers for name in TOLD}
)
posts = st.fixed_dictionaries({
    "platform": st.sampled_from(sorted(COUNTERS)),
    "kind": st.sampled_from(["original", "original", "original", "repost"]),
    "day": st.integers(1, 31),
    "interactions": numbers,
    "counted_at": st.none() | ages,
    "readings": st.lists(readings, max_size=4, unique_by=lambda r: (r["source"], r["age"])),
})  # fmt: skip


def interactions(post: dict[str, Any], reading: dict[str, Any]) -> int | None:
    """Of the reading itself, or of counters that were read within a week of it."""
    *flags, quotes = COUNTERS[post["platform"]]
    own = [reading[n] for n, has in zip(("reactions", "comments", "shares"), flags, strict=True)
           if has]  # fmt: skip
    if quotes == 1:
        own.append(reading["quotes"])
    elif quotes is None:
        own.append(reading["quotes"] or 0)
    if None not in own:
        return sum(own)
    at = post["counted_at"]
    is_near = at is not None and abs(at - reading["age"]) * HOUR <= GAP
    return post["interactions"] if is_near else None


def part(post: dict[str, Any], metric_id: str) -> tuple[int, int] | str | None:
    """(numerator, denominator), "other" where it was counted otherwise only, None: nothing."""
    top, bottom, instead = METRICS[metric_id]
    ripe = sorted(
        (r for r in post["readings"] if r["age"] * HOUR >= AGE),
        key=lambda r: (r["source"] != "api", r["age"]),
    )
    is_other = False
    for reading in ripe:
        one = interactions(post, reading) if top == "interactions" else reading[top]
        other = 1 if bottom is None else reading[bottom]
        if one is not None and other is not None:
            return one, other
        if reading[instead] is not None and (one is None) == (metric_id == "M37"):
            is_other = True
    return "other" if is_other else None


def expected(world: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[Any, ...]]:
    """(account, metric) -> is_observed, numerator, denominator, cases, own value."""
    found = {}
    for platform, metrics in GIVES.items():
        of_month = [
            p
            for p in world
            if p["platform"] == platform and p["kind"] == "original" and p["day"] <= 30
        ]
        for metric_id in metrics:
            parts = [part(p, metric_id) for p in of_month]
            pairs = [p for p in parts if isinstance(p, tuple)]
            is_broken = "other" in parts
            top = bottom = lowest = None
            if pairs and not is_broken:
                top, bottom = (sum(column) for column in zip(*pairs, strict=True))
                lowest = min(pair[0] for pair in pairs)
            is_observed = bool(pairs) or is_broken
            found[platform, metric_id] = (is_observed, top, bottom, len(pairs), None)
            if metric_id == "M37":
                found[platform, "M37l"] = (is_observed, None, None, len(pairs), lowest)
    return found


def computed(desk: Bench, world: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[Any, ...]]:
    periods = [
        {"account_id": platform, "platform": platform, **PERIOD, "period_end": date(2026, 9, 30),
         "posts_days": 30} for platform in COUNTERS
    ]  # fmt: skip
    said, told = [], []
    for number, post in enumerate(world):
        created = datetime(2026, 9, 1, 6, tzinfo=UTC) + timedelta(days=post["day"] - 1)
        key = {"account_id": post["platform"], "post_id": f"p{number}"}
        at = post["counted_at"]
        said.append(key | {
            "platform": post["platform"], "message_kind": post["kind"],
            "created_on": created.date(), "created_at": created,
            "interactions": None if at is None else post["interactions"],
            "counters_observed_at": None if at is None else created + at * HOUR,
        })  # fmt: skip
        told += [
            key | {"reading_source": r["source"], "read_on": created.date() + timedelta(r["age"]),
                   "observed_at": created + r["age"] * HOUR}
            | {name: r[name] for name in TOLD} for r in post["readings"]
        ]  # fmt: skip
    desk.fill("intermediate.int_account_periods", periods)
    desk.fill("marts.fct_post", said)
    desk.fill("intermediate.int_owner_readings", told)
    desk.run("marts.fct_post_insight", "marts.fct_insights_period")
    rows = desk.rows(
        "select account_id, metric_id, is_observed, numerator, denominator, n_cases, own_value"
        " from marts.fct_insights_figure"
    )
    return {(account, metric): tuple(rest) for account, metric, *rest in rows}


@settings(
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(world=st.lists(posts, max_size=8))
def test_any_worlds_figures_are_those_of_plain_python(kept: Bench, world: list) -> None:
    assert computed(kept, world) == expected(world)


def test_an_empty_world_has_its_rows_and_nothing_in_them(kept: Bench) -> None:
    found = computed(kept, [])
    assert found == expected([])
    assert set(found.values()) == {(False, None, None, 0, None)}


def one(**more: Any) -> dict[str, Any]:
    """A post of Facebook with one reading of the API at the age of a week."""
    reading = dict.fromkeys(TOLD) | {"source": "api", "age": 168} | more
    return {"platform": "facebook", "kind": "original", "day": 3, "interactions": 12,
            "counted_at": 168, "readings": [reading]}  # fmt: skip


def test_nobody_saw_it_and_somebody_clicked(kept: Bench) -> None:
    """Nothing divides by nobody, and more clicks than views are what they are."""
    found = computed(kept, [one(reach=0, views=0, link_clicks=5)])
    assert found["facebook", "M13"] == (True, 12, 0, 1, None)
    assert found["facebook", "M37"] == (True, 0, 1, 1, None)
    assert found["facebook", "M37l"] == (True, None, None, 1, 0)
    found = computed(kept, [one(reach=0, views=2, link_clicks=5), one(reach=6, views=2)])
    assert found["facebook", "M38v"] == (True, 5, 2, 1, None)
    assert found["facebook", "M13"] == (True, 24, 6, 2, None)


def test_one_basis_is_never_added_to_another(kept: Bench) -> None:
    """Half of the month by impressions, half by views: no figure; each half alone has one."""
    views, impressions = one(views=100), one(impressions=100)
    assert computed(kept, [views, impressions])["facebook", "M14"] == (True, None, None, 1, None)
    assert computed(kept, [views, views])["facebook", "M14"] == (True, 24, 200, 2, None)
    by_metric: dict[str, set[str]] = defaultdict(set)
    for metric_id, basis in kept.rows("select metric_id, metric_basis from marts.fct_post_insight"):
        by_metric[metric_id].add(basis)
    assert by_metric and all(len(bases) == 1 for bases in by_metric.values())


def test_the_api_is_believed_before_a_file_and_a_file_where_it_is_silent(kept: Bench) -> None:
    post = one(reach=50)
    later = dict.fromkeys(TOLD) | {"source": "api", "age": 672, "reach": 90}
    file = dict.fromkeys(TOLD) | {"source": "file", "age": 169, "reach": 70, "views": 80,
                                  "reactions": 1, "comments": 1, "shares": 1}  # fmt: skip
    post["readings"] = [file, later, *post["readings"]]
    found = computed(kept, [post])
    assert found["facebook", "M37"] == (True, 50, 1, 1, None)
    assert found["facebook", "M13"] == (True, 12, 50, 1, None)
    # of views the API said nothing, and the file counts its own interactions
    assert found["facebook", "M14"] == (True, 3, 80, 1, None)
