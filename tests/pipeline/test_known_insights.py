"""Known answers of owner insights: every figure of the mart equals the world's own.

Expectations are computed from the world and the moments of the scans; nothing is read from the
connectors or the SQL.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from klankbord import warehouse as dbt
from klankbord.platforms.base import Window
from klankbord.sandbox.insights import FEWEST_FOLLOWERS, day_end, days_ending
from klankbord.sandbox.instagram_objects import kind_of
from klankbord.sandbox.model import Message, WorldAccount
from tests.databases import new_warehouse
from tests.pipeline.house import NOW, House, open_house
from tests.pipeline.registers import bodies

SCANS = [NOW - timedelta(days=9), NOW - timedelta(days=8, hours=-1), NOW]
STEPS = [timedelta(days=days) for days in (1, 3, 7, 28)]
#: our name -> (Graph's metric, what it counts)
OF_PAGE = {
    "views": ("page_media_view", "views"),
    "reach": ("page_total_media_view_unique", "unique_viewers"),
    "interactions": ("page_post_engagements", "interactions"),
    "profile_views": ("page_views_total", "views"),
    "profile_clicks": ("page_total_actions", "clicks"),
    "new_followers": ("page_daily_follows_unique", "followers"),
}
#: our name -> (Instagram's metric, what it counts); the totals are asked for day by day
OF_ACCOUNT = {
    "reach": ("reach", "unique_viewers"),
    "new_followers": ("follower_count", "followers"),
    "views": ("views", "views"),
    "interactions": ("total_interactions", "interactions"),
    "profile_views": ("profile_views", "views"),
    "profile_clicks": ("profile_links_taps", "clicks"),
}
SERIES = {"reach", "new_followers"}
OF_MEDIA = {
    "reach": ("reach", "unique_viewers"),
    "views": ("views", "views"),
    "interactions": ("total_interactions", "interactions"),
    "saves": ("saved", "interactions"),
    "shares": ("shares", "interactions"),
}
OF_FEED = {
    **OF_MEDIA,
    "profile_views": ("profile_visits", "views"),
    "new_followers": ("follows", "followers"),
}
#: a day's figures are whole a day and a half after its end; before, a tenth is missing
LATE = timedelta(hours=36)
OF_PAGE_POST = {
    "views": ("post_media_view", "views"),
    "reach": ("post_total_media_view_unique", "unique_viewers"),
    "clicks": ("post_clicks", "clicks"),
    "link_clicks": ("post_clicks_by_type/link clicks", "clicks"),
    "photo_clicks": ("post_clicks_by_type/photo view", "clicks"),
    "other_clicks": ("post_clicks_by_type/other clicks", "clicks"),
}
OF_POST_OF_X = {
    "impressions": ("impression_count", "impressions"),
    "link_clicks": ("url_link_clicks", "clicks"),
    "profile_clicks": ("user_profile_clicks", "clicks"),
    "interactions": ("engagements", "interactions"),
}
Key = tuple[str, str | None, str, str, date | None]


def owned(world: Any, platform: str) -> list[WorldAccount]:
    """The accounts whose owner lets us read insights."""
    tiers = {row.account_id: row.access_tier for row in world.account_rows()}
    return [a for a in world.accounts if a.platform == platform and tiers[a.account_id] == "T3"]


def some_owners(platform: str, number: int) -> set[str]:
    """Bodies with such an account."""
    from klankbord.sandbox.world import World

    found = owned(World(bodies()), platform)
    return {account.organisation_id for account in found[:number]}


def readings(world: Any, account: WorldAccount) -> Iterator[tuple[Message, datetime]]:
    """Each post with the moments at which it was due: when first seen, and at each age step."""
    before: datetime | None = None
    for moment in SCANS:
        for post in world.own(account, Window.ending(moment).since, moment):
            steps = [post.created_at + step for step in STEPS]
            is_first = before is None or post.created_at >= before
            if is_first or any(before < step <= moment for step in steps):
                yield post, moment
        before = moment


def expected_of_facebook(world: Any) -> dict[Key, tuple[str, str, float]]:
    found: dict[Key, tuple[str, str, float]] = {}
    for account in owned(world, "facebook"):
        if world.followers(account, NOW) < FEWEST_FOLLOWERS:
            continue
        for moment in SCANS:
            for day in days_ending(Window.ending(moment).since, moment):
                for name, told in OF_PAGE.items():
                    value = world.insight(account, None, name, day)
                    found[account.account_id, None, name, "day", day] = (*told, value)
        for post, moment in readings(world, account):
            if post.kind in ("original", "repost"):
                for name, told in OF_PAGE_POST.items():
                    value = world.insight(account, post, name, moment)
                    if value or "/" not in told[0]:  # a kind of click that nobody made is left out
                        post_id = f"{account.user_id}_{post.message_id}"
                        key = account.account_id, post_id, name, "lifetime", None
                        found[key] = (*told, value)
    return found


def expected_of_instagram(world: Any) -> dict[Key, tuple[str, str, float]]:
    found: dict[Key, tuple[str, str, float]] = {}
    for account in owned(world, "instagram"):
        has_enough = world.followers(account, NOW) >= FEWEST_FOLLOWERS
        before: datetime | None = None
        for moment in SCANS:
            for day in days_ending(Window.ending(moment).since, moment):
                # a total is read until a scan saw its day two days after its end
                is_open = before is None or before < day_end(day) + timedelta(hours=48)
                for name, told in OF_ACCOUNT.items():
                    if (name in SERIES or is_open) and (has_enough or name != "new_followers"):
                        whole = world.insight(account, None, name, day)
                        value = whole if moment >= day_end(day) + LATE else whole * 9 // 10
                        found[account.account_id, None, name, "day", day] = (*told, value)
            before = moment
        for post, moment in readings(world, account):
            if post.kind == "original":
                is_reel = kind_of(post)[1] == "REELS"
                for name, told in (OF_MEDIA if is_reel else OF_FEED).items():
                    value = world.insight(account, post, name, moment)
                    key = account.account_id, str(post.message_id), name, "lifetime", None
                    found[key] = (*told, value)
    return found


def expected_of_x(world: Any) -> dict[Key, tuple[str, str, float]]:
    found: dict[Key, tuple[str, str, float]] = {}
    for account in owned(world, "x"):
        for post, moment in readings(world, account):
            for name, told in OF_POST_OF_X.items() if post.kind != "repost" else ():
                key = account.account_id, str(post.message_id), name, "lifetime", None
                found[key] = (*told, world.insight(account, post, name, moment))
    return found


def told(house: House, platform: str) -> dict[Key, tuple[str, str, float]]:
    rows = house.rows(
        "select account_id, post_id, canonical_name, period, day_on, metric_name, metric_basis,"
        " value from marts.fct_insight where platform = %s",
        platform,
        role="klankbord_publisher",
    )
    assert len({row[:5] for row in rows}) == len(rows)
    return {row[:5]: row[5:] for row in rows}


@pytest.fixture(scope="module")
def house(postgres: Any) -> Iterator[House]:
    """A few owners' accounts, scanned on three days, and built."""
    only = some_owners("facebook", 3) | some_owners("instagram", 3) | some_owners("x", 2)
    with (
        new_warehouse(postgres) as access,
        open_house(access, only=only) as opened,
    ):
        for moment in SCANS:
            opened.at(moment)
            opened.scan("facebook", "instagram", "x")
        dbt.run(access, ["build", "--select", "+fct_insight"])
        yield opened


def test_facebooks_insights_are_the_worlds(house: House) -> None:
    expected = expected_of_facebook(house.world)
    assert {key[2] for key in expected} == set(OF_PAGE) | set(OF_PAGE_POST)
    assert len({key[1] for key in expected}) > 30
    assert told(house, "facebook") == expected


def test_instagrams_insights_are_the_worlds(house: House) -> None:
    expected = expected_of_instagram(house.world)
    assert {key[2] for key in expected} == set(OF_ACCOUNT) | set(OF_FEED)
    assert len({key[1] for key in expected}) > 30
    assert told(house, "instagram") == expected


def test_xs_insights_are_the_worlds(house: House) -> None:
    expected = expected_of_x(house.world)
    assert {key[2] for key in expected} == set(OF_POST_OF_X)
    assert len({key[1] for key in expected}) > 30
    assert told(house, "x") == expected


def test_a_day_keeps_the_end_that_the_platform_said(house: House) -> None:
    rows = house.rows(
        "select distinct day_on, end_at from marts.fct_insight where period = 'day'",
        role="klankbord_publisher",
    )
    assert len(rows) > 30
    assert all(end_at == day_end(day_on) for day_on, end_at in rows)
    assert {end_at.hour for _, end_at in rows} == {7}


def test_every_figure_has_its_basis_and_a_row_of_the_registry(house: House) -> None:
    bases = house.rows(
        "select canonical_name, count(distinct metric_basis) from marts.fct_insight group by 1",
        role="klankbord_publisher",
    )
    assert bases and all(count == 1 for _, count in bases)


def test_accounts_of_others_have_no_insights(house: House) -> None:
    theirs = {a.account_id for p in ("facebook", "instagram", "x") for a in owned(house.world, p)}
    asked = house.rows("select distinct account_id from raw.outcomes where stream = 'insights'")
    assert {account_id for (account_id,) in asked} == theirs
