"""From raw to the marts with dbt itself: what a body's websites were visited from."""

from datetime import date, datetime

import pytest

from klankbord import database, warehouse
from klankbord.web import landing
from klankbord.web.landing import Place, Reading
from tests.databases import new_warehouse


@pytest.mark.timeout(300)
def test_visits_reach_the_marts(postgres: database.Access) -> None:
    day = date(2026, 9, 27)
    readings = [
        Reading(day, 100, [("facebook", 9), ("x", 3)]),
        Reading(date(2026, 9, 28), 40, []),
    ]
    with new_warehouse(postgres) as access:
        with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            for place, moment in (
                (Place("a", "matomo", "1@https://m.example"), "2026-09-30T10:00:00+00:00"),
                (Place("a", "matomo", "2@https://m.example"), "2026-09-29T21:00:00+00:00"),
                (Place("a", "file", "export"), "2026-09-28T10:00:00+00:00"),
            ):
                landing.store(cursor, place, readings, datetime.fromisoformat(moment))
        warehouse.run(access, ["seed"])
        warehouse.run(access, ["build", "--select", "+fct_web_day", "+fct_web_visits"])
        with access.connect("klankbord_transformer") as connection, connection.cursor() as cursor:
            cursor.execute("select * from marts.fct_web_day order by visited_on")
            # the second site was read two days after 27 September (Brussels), the first three
            assert cursor.fetchall() == [
                ("a", day, "matomo", 2, 200, 24, False),
                ("a", date(2026, 9, 28), "matomo", 2, 80, 0, False),
            ]
            cursor.execute("select * from marts.fct_web_visits order by network")
            assert cursor.fetchall() == [("a", day, "facebook", 18), ("a", day, "x", 6)]
            cursor.execute("select is_final from staging.stg_web__days order by site, visited_on")
            assert [row[0] for row in cursor.fetchall()] == [True, False, False, False, True, True]
