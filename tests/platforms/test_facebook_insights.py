"""Owner insights of Facebook Pages against the sandbox, over real HTTP, and their lints."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from facebook_business.adobjects.insightsresult import InsightsResult
from tests.meta_world import TOKEN, Meta, running, small_world
from tests.pipeline.house import NOW

from klankbord.platforms import facebook_insights
from klankbord.platforms.base import Window
from klankbord.platforms.events import INSIGHT_KEYS, Outcome
from klankbord.platforms.facebook import Facebook
from klankbord.privacy import minimise
from klankbord.sandbox import facebook_fields
from klankbord.sandbox.facebook_fields import Field, parse_fields
from klankbord.sandbox.insights import days_ending
from klankbord.sandbox.model import WorldAccount
from klankbord.verdicts import Throttled

WINDOW = Window.ending(NOW)
OK = ("ok", "")


@pytest.fixture(scope="module")
def served() -> Iterator[Meta]:
    with running(Facebook, small_world("facebook")) as meta:
        yield meta


@pytest.fixture
def meta(served: Meta) -> Iterator[Meta]:
    served.sandbox.set_clock(NOW)
    yield served
    served.sandbox.faults.clear()


def busy(meta: Meta) -> WorldAccount:
    """An account with posts in the window and enough followers."""

    def posts(a: WorldAccount) -> int:
        return len(meta.world.own(a, WINDOW.since, NOW)) * (a.followers_start > 100)

    return max(meta.world.accounts, key=posts)


def insights_call(found: Any) -> dict[str, Any]:
    """The fields of the one call for insights, parsed."""
    [call] = [params["fields"] for _, params in found.asked if "insights" in params["fields"]]
    return {field.name: field for field in parse_fields(call)}


def test_one_call_brings_the_days_and_the_posts(meta: Meta) -> None:
    one = busy(meta)
    found = meta.scan(meta.account(one))
    assert len(found.asked) == 2 and set(found.ends.values()) == {OK}
    posts = {p.item_id for p in found.posts}
    of_page = [i for i in found.insights if i.payload["object"] == "account"]
    of_posts = [i for i in found.insights if i.payload["object"] == "post"]
    days = days_ending(WINDOW.since, NOW)
    assert len(days) == 30 and len(of_page) == 6 * len(days)
    assert {i.payload["object_id"] for i in of_posts} == posts and len(posts) > 5
    assert len(of_posts) == 4 * len(posts)
    first = of_page[0]
    assert first.payload == {
        "object": "account",
        "object_id": None,
        "metric": "page_media_view",
        "period": "day",
        "end_time": "2026-09-01T07:00:00+0000",
        "value": meta.world.insight(one, None, "views", days[0]),
    }
    assert first.item_id == "account/page_media_view/day/2026-09-01T07:00:00+0000"
    assert of_page[-1].payload["end_time"] == "2026-09-30T07:00:00+0000"
    clicks = next(i for i in of_posts if i.payload["metric"] == "post_clicks_by_type")
    assert isinstance(clicks.payload["value"], dict) and clicks.payload["end_time"] is None
    assert clicks.item_id.endswith("/post_clicks_by_type/lifetime/2026-09-30")
    assert all(set(i.payload) == INSIGHT_KEYS for i in found.insights)
    stored = minimise(first, Facebook.fields["insights"], "facebook", "key")[1]
    assert set(stored) == INSIGHT_KEYS | {"klankbord"}


def test_only_owners_accounts_are_asked(meta: Meta) -> None:
    found = meta.scan(meta.account(busy(meta), "T2"))
    assert len(found.asked) == 1
    assert {stream for _, stream in found.ends} == {"profiles", "posts", "messages"}


def test_the_owners_token_goes_with_the_call_and_stands_nowhere(
    meta: Meta, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "klankbord")
    source = meta.connector(lambda platform, account_id: f"owner-of-{account_id}")
    meta.tokens.clear()
    one = meta.account(busy(meta))
    found = meta.scan(one, source=source)
    owners = f"Bearer owner-of-{one.account_id}"  # the sandbox knows it not
    assert meta.tokens == [owners, f"Bearer {TOKEN}", owners]
    assert found.ends[one.account_id, "insights"] == ("refused", "token_expired")
    assert found.ends[one.account_id, "posts"] == OK
    said = " ".join([*found.details, caplog.text, *(str(call) for call in found.asked)])
    assert "owner-of" not in said and TOKEN not in said


def test_posts_are_read_at_first_sight_and_at_the_ages_of_their_counters(meta: Meta) -> None:
    one = busy(meta)
    known = NOW - timedelta(days=1)
    found = meta.scan(meta.account(one, insights_known_until=known))
    asked = {i.payload["object_id"] for i in found.insights if i.payload["object"] == "post"}
    due = set()
    for post in meta.world.own(one, WINDOW.since, NOW):
        ages = [post.created_at + timedelta(days=days) for days in (0, 1, 3, 7, 28)]
        if post.kind in ("original", "repost") and any(known <= age <= NOW for age in ages):
            due.add(f"{one.user_id}_{post.message_id}")
    assert asked == due and 0 < len(due) < len(found.posts)
    # days are read again: Graph mends them for two days
    assert sum(i.payload["object"] == "account" for i in found.insights) == 6 * 30
    idle = meta.scan(meta.account(one, insights_known_until=NOW))
    assert set(insights_call(idle)) == {"id", "insights"}


def test_at_most_ninety_days_a_call_and_two_years_back(meta: Meta) -> None:
    one = busy(meta)
    window = Window(WINDOW.scan_on, NOW - timedelta(days=800), NOW, frozenset({"insights"}))
    found = meta.scan(meta.account(one), window=window)
    spans = []
    for _, params in found.asked:
        for field in parse_fields(params["fields"]):
            if "since" in field.modifiers and field.name == "insights":
                spans.append(tuple(int(field.modifiers[k]) for k in ("since", "until")))
    assert len(spans) == 9
    assert all(until - since <= 90 * 86_400 for since, until in spans)
    assert [since for since, _ in spans[1:]] == [until for _, until in spans[:-1]]
    assert NOW.timestamp() - spans[0][0] < 730 * 86_400
    days = {i.payload["end_time"] for i in found.insights if i.payload["object"] == "account"}
    assert len(days) == 729
    assert (
        sum("published_posts" in p["fields"] and "post_" in p["fields"] for _, p in found.asked)
        == 1
    )


def test_a_backfill_says_from_when_on_graph_tells(meta: Meta) -> None:
    one = busy(meta)
    today = WINDOW.scan_on
    for first, last, cut in ((700, 690, False), (800, 700, True), (900, 800, True)):
        since, until = (today - timedelta(days=days) for days in (first, last))
        window = replace(Window.between(since, until, today), streams=frozenset({"insights"}))
        found = meta.scan(meta.account(one), window=window)
        assert found.ends[one.account_id, "insights"] == OK
        end = next(e for e in found.events if isinstance(e, Outcome))
        assert bool(end.observed_since) == bool(end.detail) == cut
        asked = any("insights" in params["fields"] for _, params in found.asked)
        assert asked == (last < 800)
        if cut:
            assert window.since < end.observed_since <= window.until
            assert end.detail == "Graph tells figures since 2024-10-01 only."


def test_a_page_with_few_likes_has_none(meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    one = busy(meta)
    monkeypatch.setattr(meta.world, "followers", lambda account, moment: 99)
    found = meta.scan(meta.account(one))
    assert found.insights == [] and found.ends[one.account_id, "insights"] == OK


@pytest.mark.parametrize("metric", ["page_views_total", "post_clicks_by_type"])
def test_a_withdrawn_metric_costs_that_metric(meta: Meta, metric: str) -> None:
    first, second = sorted(meta.world.accounts, key=lambda a: -a.followers_start)[:2]
    meta.sandbox.faults.add("facebook", "withdrawn_metric", account=metric, times=99)
    found = meta.scan(meta.account(first), meta.account(second))
    assert set(found.ends.values()) == {OK}
    metrics = {i.payload["metric"] for i in found.insights if i.account_id == first.account_id}
    assert len(metrics) == 9 and metric not in metrics
    assert [(r.account_id, r.metric) for r in found.refused] == [
        (first.account_id, metric),
        (second.account_id, metric),
    ]
    assert "Graph #100" in found.refused[0].detail
    calls = [path for path, p in found.asked if "insights" in p["fields"]]
    assert sum(str(first.user_id) in path for path in calls) <= 6
    assert sum(str(second.user_id) in path for path in calls) == 1  # it is remembered


@pytest.mark.parametrize(
    ("kind", "end"),
    [("permission", ("refused", "permission")), ("server_error", ("failed", "server_error"))],
)
def test_insights_that_fail_cost_nothing_else(meta: Meta, kind: str, end: Any) -> None:
    one = busy(meta)
    meta.sandbox.faults.add("facebook", kind, account="insights.metric", times=4)
    found = meta.scan(meta.account(one))
    assert found.ends.pop((one.account_id, "insights")) == end
    assert set(found.ends.values()) == {OK} and found.insights == []


def test_comments_that_fail_do_not_cost_the_insights(meta: Meta) -> None:
    one = next(
        a
        for a in sorted(meta.world.accounts, key=lambda a: -a.followers_start)
        if any(
            len(meta.world.thread(a, m.root_id, NOW)) > 3
            for m in meta.world.own(a, WINDOW.since, NOW)
        )
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("klankbord.platforms.facebook.NESTED_COMMENTS", 1)
        meta.sandbox.faults.add("facebook", "permission", path="/comments")
        found = meta.scan(meta.account(one))
    assert found.ends[one.account_id, "messages"] == ("refused", "permission")
    assert found.ends[one.account_id, "insights"] == OK and found.insights


def test_a_limit_is_raised(meta: Meta) -> None:
    meta.sandbox.faults.add("facebook", "throttle", account="insights.metric")
    with pytest.raises(Throttled):
        meta.scan(meta.account(busy(meta)))


def test_posts_are_followed_to_the_last(meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    one = busy(meta)
    whole = meta.scan(meta.account(one))
    monkeypatch.setattr(facebook_insights, "POSTS", 4)
    paged = meta.scan(meta.account(one))
    assert len(paged.asked) > 3
    assert [i.item_id for i in paged.insights] == [i.item_id for i in whole.insights]
    meta.sandbox.faults.add("facebook", "repeated_page", path="/published_posts")
    broken = meta.scan(meta.account(one))
    assert broken.ends[one.account_id, "insights"] == ("failed", "repeated_page")
    assert broken.insights == []
    meta.sandbox.faults.add("facebook", "empty_last_page", path="/published_posts", times=9)
    assert len(meta.scan(meta.account(one)).insights) == len(whole.insights)


def test_too_much_data_is_asked_for_in_smaller_parts(
    meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = busy(meta)
    monkeypatch.setattr(facebook_fields, "MOST_WORK", 30)
    account = replace(meta.account(one))
    window = replace(WINDOW, streams=frozenset({"insights"}))
    # the page itself is read in a smaller part too
    found = meta.scan(account, window=window)
    assert found.ends[one.account_id, "insights"] == OK
    limits = re.findall(r"limit\((\d+)\)", str([p["fields"] for _, p in found.asked]))
    assert "25" in limits
    assert {i.payload["object"] for i in found.insights} == {"account", "post"}


# --- the lints: against facebook-business ----------------------------------------------------

PARAMETERS = {"metric", "period", "since", "until"}


def test_request_and_field_lint(meta: Meta) -> None:
    """Every modifier of the insights edge is a parameter of it, every field one of a result."""
    fields = insights_call(meta.scan(meta.account(busy(meta))))

    def edges(parsed: list[Field]) -> Iterator[Field]:
        for field in parsed:
            if field.name == "insights":
                yield field
            yield from edges(field.fields or [])

    found = list(edges(list(fields.values())))
    assert len(found) == 2
    known = {v for k, v in vars(InsightsResult.Field).items() if not k.startswith("_")}
    periods = {v for k, v in vars(InsightsResult.Period).items() if not k.startswith("_")}
    for edge in found:
        assert set(edge.modifiers) <= PARAMETERS
        assert {f.name for f in edge.fields or []} <= known
        assert edge.modifiers.get("period", "lifetime") in periods


def test_response_lint(meta: Meta) -> None:
    """Every key of the sandbox's results is one of the SDK's, with its type."""
    import httpx

    one = busy(meta)
    answer = httpx.get(
        f"{meta.url}/{one.user_id}/insights",
        params={"metric": "page_media_view", "access_token": TOKEN},
    ).json()
    [result] = answer["data"]
    assert set(result) <= set(InsightsResult._field_types)
    assert [type(result[k]) for k in ("name", "period", "values")] == [str, str, list]
    end = datetime.strptime(result["values"][0]["end_time"], "%Y-%m-%dT%H:%M:%S%z")
    assert end.astimezone(UTC).hour == 7
    assert result["id"] == f"{one.user_id}/insights/page_media_view/day"
