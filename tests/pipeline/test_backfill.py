"""A backfill reads the past of the streams that have one, as often as one likes, and the figures of
those months equal the truth; no snapshot comes of it."""

from datetime import date

from klankbord import extraction, settings
from klankbord.platforms.base import Window, discover
from klankbord.sandbox.truth import Truth
from klankbord.windows import window_of
from tests.pipeline.house import House
from tests.pipeline.test_known_answers import differences

#: whose interface shows the past of any account: the others keep their last items only
SHOW_THE_PAST = ("facebook", "x", "mastodon", "bluesky", "instagram", "youtube", "threads")


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
