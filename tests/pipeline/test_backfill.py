"""A backfill reads the past of the streams that have one, as often as one likes, and the figures of
those months equal the truth; no snapshot comes of it."""

from datetime import date, datetime, time, timedelta

import pytest

from klankbord import extraction, settings
from klankbord.platforms.base import Window, discover
from klankbord.sandbox.routes_website import news_of
from klankbord.sandbox.truth import Truth
from klankbord.settings import LOCAL_ZONE
from klankbord.windows import window_of
from tests.pipeline.house import House
from tests.pipeline.test_known_answers import differences

#: a website's feed shows its last items only
FEEDS = "website"
SHOW_THE_PAST = tuple(name for name in discover() if name != FEEDS)


def backfill(house: House, window: Window) -> dict[str, int]:
    """Requests by platform."""
    return {
        name: extraction.extract(house.access, name, window=window).request_count
        for name in SHOW_THE_PAST
    }


def test_months_that_nobody_scanned_are_read_later(house):
    house.world.accounts[:] = [a for a in house.world.accounts if a.platform in SHOW_THE_PAST]
    house.register.accounts[:] = house.world.account_rows()
    house.sync_register()
    house.scan(*SHOW_THE_PAST)
    # the sandbox serves ninety days, and threads may begin 14 days before the window
    past = window_of(since=date(2026, 7, 17), until=date(2026, 8, 31))
    asked = backfill(house, past)
    assert set(asked) <= set(discover()) and all(asked.values())
    assert not any(backfill(house, past).values()), "a second run asks nothing"
    snapshots = house.rows(
        " union all ".join(
            f"select '{name}', count(distinct scan_on) from raw.{name}_profiles"
            for name in SHOW_THE_PAST
        )
    )
    assert all(count <= 1 for _, count in snapshots), "a backfill takes no snapshot"
    house.build()
    scans = [*house.scans, (settings.now(), past)]
    truth = Truth(house.world, house.register, scans)
    assert differences(house, truth) == []
    august = house.rows(
        "select count(*) from published.rpt_organisation_metric where metric_id = 'M03'"
        " and period_start = '2026-08-01' and value > 0",
        role="klankbord_reader",
    )
    assert august[0][0] > 10


def local_midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, LOCAL_ZONE)


@pytest.mark.parametrize(
    ("first", "last", "ways"),
    [
        (date(2026, 9, 1), date(2026, 9, 25), {"whole"}),
        (date(2026, 7, 15), date(2026, 8, 20), {"part"}),
        (date(2026, 6, 1), date(2026, 6, 30), {"none"}),
    ],
)
def test_a_feed_is_backfilled_as_far_as_it_reaches(house, first, last, ways):
    """What it shows no more is out of reach and stays unobserved; what it shows in part is observed
    from the first whole day on."""
    house.world.accounts[:] = [a for a in house.world.accounts if a.platform == FEEDS]
    house.register.accounts[:] = house.world.account_rows()
    house.sync_register()
    past = window_of(since=first, until=last)
    extraction.extract(house.access, FEEDS, window=past)
    rows = house.rows(
        "select account_id, status, reason, coalesce(observed_since, window_since), row_count"
        " from raw.outcomes"
    )
    assert len(rows) == len(house.world.accounts) > 3
    found = set()
    for account_id, *ending in rows:
        news = news_of(house.world, house.world.account(account_id), settings.now())
        oldest = news[-1].created_at
        seen = past.since
        whole_day = local_midnight(oldest.astimezone(LOCAL_ZONE).date() + timedelta(days=1))
        if whole_day >= past.until:
            found.add("none")
            assert ending == ["failed", "out_of_reach", seen, 0], account_id
            continue
        found.add("whole" if oldest < past.since else "part")
        if oldest >= past.since:
            seen = whole_day
        inside = sum(past.since <= m.created_at < past.until for m in news)
        assert ending == ["ok", "", seen, inside], account_id
    assert found >= ways, "nothing was proved"
    assert house.rows("select count(*) from raw.website_profiles") == [(0,)]
