"""Known answers of M27: a house of pages whose owners let us ask, read many times.

The small houses of the other known answers have one such page each, which would prove little. Here
every way of handling a message occurs, and pages without such an owner.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from klankbord import warehouse as dbt
from klankbord.sandbox.truth import Truth
from klankbord.sandbox.world import World
from tests.databases import new_warehouse
from tests.pipeline.house import NOW, House, open_house
from tests.pipeline.registers import bodies

#: none for a while, so that the first scan that finds a message a week old may be a late one
DAYS_AGO = (24, 22, 21, 18, 17, 16, 15, 9, 8, 7, 6, 4, 1, 0)
PAGES, OTHERS = 30, 5


@pytest.fixture(scope="module")
def house(postgres) -> Iterator[House]:
    rows = World(bodies()).account_rows()
    pages = [row for row in rows if row.platform == "facebook"]
    owned = [row for row in pages if row.access_tier == "T3"][:PAGES]
    others = [row for row in pages if row.access_tier == "T2"][:OTHERS]
    only = {row.organisation_id for row in owned + others}
    with new_warehouse(postgres) as access, open_house(access, only=only) as opened:
        for days in DAYS_AGO:
            opened.at(NOW - timedelta(days=days))
            opened.scan("facebook")
        dbt.run(access, ["seed"])
        dbt.run(access, ["run", "--select", "+fct_service_figure"])
        yield opened


def test_the_service_level_equals_the_truth(house: House) -> None:
    true = {
        (f.organisation_id, f.period_kind, f.period_start): (
            f.value is not None,
            f.numerator,
            f.denominator,
        )
        for f in Truth(house.world, house.register, house.scans).figures()
        if f.metric_id == "M27"
    }
    rows = house.rows(
        "select p.organisation_id, f.period_kind, f.period_start,"
        " f.is_observed and f.denominator > 0, case when f.is_observed then f.numerator end,"
        " case when f.is_observed then f.denominator end from marts.fct_service_figure as f"
        " inner join intermediate.int_account_periods as p"
        " using (account_id, period_kind, period_start)",
        role="klankbord_publisher",
    )
    found = {row[:3]: row[3:] for row in rows}
    assert found == true
    shares = {top / bottom for is_told, top, bottom in found.values() if is_told}
    assert len(shares) > 10 and {0, 1} != shares, "figures of all kinds"
    assert any(bottom is None for _, _, bottom in found.values()), "and pages without an owner"


def test_every_way_of_handling_a_message_occurs(house: House) -> None:
    counted = house.rows(
        "select is_answered, is_liked, is_removed, is_handled, count(*)"
        " from marts.fct_message_handling group by 1, 2, 3, 4",
        role="klankbord_publisher",
    )
    ways = {row[:3] for row in counted}
    assert {(True, False, False), (False, True, False), (True, True, False)} <= ways
    assert {(False, False, True), (False, False, False)} <= ways
    assert all(row[3] == any(row[:3]) for row in counted)


def test_a_like_that_came_too_late_is_none(house: House) -> None:
    """It is stored, and it does not count."""
    late = house.rows(
        "select count(*) from marts.fct_message_handling as h"
        " inner join staging.stg_facebook__messages as m using (account_id, message_id)"
        " where not h.is_liked and m.is_liked_by_owner and m.scan_on > h.judged_on",
        role="klankbord_publisher",
    )
    assert late[0][0] > 0
