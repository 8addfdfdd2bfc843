"""The sandbox's Instagram: who may see what, cursors, limits of insights, and Graph's own words."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.meta_world import TOKEN, Meta, running, small_world, tiers
from tests.pipeline.house import NOW

from klankbord.platforms.base import Window
from klankbord.platforms.instagram import Instagram
from klankbord.sandbox.insights import day_end, days_ending
from klankbord.sandbox.instagram_objects import OWN_ID, is_media, kind_of
from klankbord.sandbox.model import WorldAccount

SINCE = NOW - timedelta(days=30)
HTTP = httpx.Client()  # one connection for all


@pytest.fixture(scope="module")
def meta() -> Iterator[Meta]:
    world = small_world("instagram", 6)
    mine = busiest(world)
    with pytest.MonkeyPatch.context() as patch:
        others = {a.account_id.replace("-", "_"): "T1" for a in world.accounts}
        tiers(world, patch, **{**others, mine.account_id.replace("-", "_"): "T3"})
        with running(Instagram, world) as opened:
            yield opened


@pytest.fixture(autouse=True)
def calm(meta: Meta) -> Iterator[None]:
    yield
    meta.sandbox.faults.clear()
    meta.sandbox.set_clock(NOW)


def busiest(world: Any) -> WorldAccount:
    return max(world.accounts, key=lambda a: len(world.incoming(a, SINCE, NOW)))


def ask(meta: Meta, path: str, token: str = TOKEN, **params: Any) -> httpx.Response:
    return HTTP.get(meta.url + path, params=params, headers={"Authorization": f"Bearer {token}"})


def error(response: httpx.Response) -> tuple[int, int, str]:
    body = response.json()["error"]
    return response.status_code, body["code"], body["message"]


def test_a_token_stands_in_a_header_or_a_parameter(meta: Meta) -> None:
    one = busiest(meta.world)
    by_header = ask(meta, f"/{one.user_id}", fields="followers_count")
    by_name = httpx.get(f"{meta.url}/{one.handle}", params={"access_token": TOKEN})
    assert by_header.json() == {
        "followers_count": meta.world.followers(one, NOW),
        "id": str(one.user_id),
    }
    assert by_name.json() == {"id": str(one.user_id)}
    assert error(httpx.get(f"{meta.url}/{one.user_id}"))[:2] == (400, 104)
    assert error(ask(meta, f"/{one.user_id}", token="stolen"))[:2] == (400, 190)


def test_others_accounts_are_not_there_but_by_discovery(meta: Meta) -> None:
    them = next(a for a in meta.world.accounts if a is not busiest(meta.world))
    refused = ask(meta, f"/{them.user_id}")
    assert error(refused)[:2] == (400, 100)
    assert refused.json()["error"]["error_subcode"] == 33
    found = ask(
        meta,
        f"/{OWN_ID}",
        fields=f"business_discovery.username({them.handle}){{id,media.limit(1){{id}}}}",
    ).json()["business_discovery"]
    assert found["id"] == str(them.user_id)
    assert "next" not in found["media"]["paging"]
    for bad in ("media{comments}", "media{insights.metric(reach)}", "insights.metric(reach)"):
        text = f"business_discovery.username({them.handle}){{{bad}}}"
        assert error(ask(meta, f"/{OWN_ID}", fields=text))[:2] == (400, 100)
    nobody = ask(meta, f"/{OWN_ID}", fields="business_discovery.username(nobody){id}")
    assert error(nobody)[:2] == (400, 110)


def test_cursors_lead_through_all_media(meta: Meta) -> None:
    one = busiest(meta.world)
    since = int(SINCE.timestamp())
    wanted = [m for m in meta.world.own(one, SINCE, NOW) if is_media(m)]
    found, after = [], {}
    while True:
        page = ask(meta, f"/{one.user_id}/media", limit=3, since=since, **after).json()
        found += [int(row["id"]) for row in page["data"]]
        if "next" not in page["paging"]:
            break
        assert TOKEN in page["paging"]["next"]  # as Graph: the token stands in it
        after = {"after": page["paging"]["cursors"]["after"]}
    assert found == [m.message_id for m in wanted] and len(found) > 6
    assert error(ask(meta, f"/{one.user_id}/media", after="nowhere"))[:2] == (400, 100)
    assert error(ask(meta, f"/{one.user_id}/media", since="yesterday"))[:2] == (400, 100)
    assert error(ask(meta, f"/{one.user_id}/media", order="new"))[:2] == (400, 100)


def test_every_comment_stands_under_its_media_or_its_comment(meta: Meta) -> None:
    one = busiest(meta.world)
    seen = 0
    for media in (m for m in meta.world.own(one, SINCE, NOW) if is_media(m)):
        below = {m.message_id for m in meta.world.thread(one, media.message_id, NOW)[1:]}
        node = ask(meta, f"/{media.message_id}", fields="comments_count,comments{id,replies{id}}")
        body = node.json()
        ids = set()
        for comment in body.get("comments", {}).get("data", []):
            ids.add(int(comment["id"]))
            replies = comment.get("replies", {}).get("data", [])
            ids |= {int(row["id"]) for row in replies}
            direct = ask(meta, f"/{comment['id']}/replies").json()["data"]
            assert [row["id"] for row in direct] == [row["id"] for row in replies]
        assert ids == below and body["comments_count"] == len(below)
        seen += len(below)
    assert seen > 3
    assert {kind_of(m) for m in meta.world.own(one, SINCE, NOW)} == {
        ("IMAGE", "FEED"),
        ("CAROUSEL_ALBUM", "FEED"),
        ("VIDEO", "REELS"),
    }


def test_a_totals_day_is_complete_a_day_and_a_half_after_its_end(meta: Meta) -> None:
    one = busiest(meta.world)
    day = days_ending(Window.ending(NOW).since, NOW)[-1]
    span = {"since": int(day_end(day - timedelta(days=1)).timestamp())}
    span["until"] = int(day_end(day).timestamp())

    def views() -> int:
        answer = ask(
            meta,
            f"/{one.user_id}/insights",
            metric="views",
            period="day",
            metric_type="total_value",
            **span,
        )
        return answer.json()["data"][0]["total_value"]["value"]

    whole = meta.world.insight(one, None, "views", day)
    assert views() == whole * 9 // 10 < whole
    meta.sandbox.set_clock(day_end(day) + timedelta(hours=36))
    assert views() == whole


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "The parameter metric is required"),
        ({"metric": "reach,impressions"}, "metric[1] must be one of the following values: reach"),
        ({"metric": "views,reach"}, "metrics (views) should be specified with parameter metric_ty"),
        ({"metric": "reach", "period": "week"}, "the period day"),
        ({"metric": "reach", "since": "x"}, "Param since"),
        (
            {"metric": "reach", "since": int((NOW - timedelta(days=31)).timestamp())},
            "more than 30 days",
        ),
    ],
)
def test_what_insights_of_an_account_refuse(
    meta: Meta, params: dict[str, Any], message: str
) -> None:
    status, code, said = error(ask(meta, f"/{busiest(meta.world).user_id}/insights", **params))
    assert (status, code) == (400, 100) and message in said


def test_new_followers_are_told_for_thirty_days(meta: Meta) -> None:
    path = f"/{busiest(meta.world).user_id}/insights"
    old = {"since": int((NOW - timedelta(days=40)).timestamp())}
    old["until"] = old["since"] + 86_400
    assert "last 30 days" in error(ask(meta, path, metric="follower_count", **old))[2]
    assert ask(meta, path, metric="reach", **old).status_code == 200


def test_media_have_the_metrics_of_their_kind(meta: Meta) -> None:
    one = busiest(meta.world)
    media = [m for m in meta.world.own(one, SINCE, NOW) if is_media(m)]
    reel = next(m for m in media if kind_of(m)[1] == "REELS")
    picture = next(m for m in media if kind_of(m)[1] == "FEED")
    refused = ask(meta, f"/{reel.message_id}/insights", metric="reach,follows")
    assert "The metric follows is not supported for this media type" in error(refused)[2]
    assert "metric[0]" in error(ask(meta, f"/{reel.message_id}/insights", metric="plays"))[2]
    [result] = ask(meta, f"/{picture.message_id}/insights", metric="follows").json()["data"]
    expected = meta.world.insight(one, picture, "new_followers", NOW)
    assert result["values"] == [{"value": expected}] and result["period"] == "lifetime"


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("throttle", 400, 80002),
        ("quota_spent", 400, 80002),
        ("throttle_400", 400, 4),
        ("token_expired", 400, 190),
        ("permission", 403, 10),
        ("not_found", 400, 100),
        ("withdrawn_metric", 400, 100),
    ],
)
def test_faults_come_in_graphs_own_words(meta: Meta, kind: str, status: int, code: int) -> None:
    meta.sandbox.faults.add("instagram", kind)
    response = ask(meta, f"/{busiest(meta.world).user_id}")
    assert error(response)[:2] == (status, code)
    has_usage = "x-business-use-case-usage" in response.headers
    assert has_usage == (code == 80002)
    assert ask(meta, f"/{busiest(meta.world).user_id}").status_code == 200


def test_a_shrunken_answer(meta: Meta) -> None:
    one = busiest(meta.world)
    meta.sandbox.faults.add("instagram", "shrunken", times=2)
    fields = "followers_count,media.limit(50){id}"
    whole = [m for m in meta.world.own(one, NOW - timedelta(days=120), NOW) if is_media(m)]
    shrunken = ask(meta, f"/{one.user_id}", fields=fields).json()
    assert shrunken["followers_count"] == meta.world.followers(one, NOW) // 10
    assert len(shrunken["media"]["data"]) == min(50, len(whole) // 2)
