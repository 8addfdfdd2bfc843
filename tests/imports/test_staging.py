"""Files through to staging, in the real dbt over a real warehouse."""

from datetime import date
from decimal import Decimal

import pytest

from klankbord import warehouse
from klankbord.imports import loading
from klankbord.imports.plans import Options
from tests.imports.conftest import FILES, NOW, empty, rows


@pytest.fixture(scope="module")
def staged(shared):
    """The staging model with its tests, over exports of X, YouTube and Facebook."""
    empty(shared)
    for path, accounts in (
        ("x_account_daily.csv", ["x-voorbeeld"]),
        ("meta_facebook_posts_nl.csv", []),
        ("meta_facebook_posts_en.csv", []),
        ("youtube_videos_en.csv", ["yt-voorbeeld"]),
    ):
        options = Options(observed_on=date(2026, 9, 30) if "youtube" in path else None)
        request = loading.Request([FILES / path], accounts, options)
        loading.load(shared, loading.preview(shared, request, NOW), NOW)
    built = warehouse.run(shared, ["build", "--select", "stg_exports__insights"])
    assert built.statuses["pass"] >= 6 and built.warnings == ()
    return shared


def figures(access, where: str) -> list[tuple]:
    return rows(
        access,
        "select post_id, start_on, end_on, observed_on, value, source, file_name, file_line"
        f" from staging.stg_exports__insights where {where} order by observed_on",
        role="klankbord_transformer",
    )


def test_a_day_of_the_account(staged):
    day = date(2026, 9, 29)
    where = "platform = 'x' and metric_name = 'impressions' and end_on = '2026-09-29'"
    assert figures(staged, where) == [
        (None, day, day, day, Decimal(2871), "file", "x_account_daily.csv", 2)
    ]


def test_two_exports_of_a_post_are_two_readings(staged):
    """The English file was made on an earlier day than the Dutch one."""
    found = figures(staged, "post_id = '5001_1001' and metric_name = 'views'")
    assert [row[1:5] for row in found] == [
        (None, date(2026, 9, 12), date(2026, 9, 12), Decimal(1300)),
        (None, date(2026, 9, 28), date(2026, 9, 28), Decimal(1234)),
    ]


def test_what_is_absent_has_no_row_and_zero_has_one(staged):
    assert figures(staged, "post_id = '5001_1002' and metric_name = 'reactions'") == []
    [zero] = figures(staged, "post_id = '5001_1002' and metric_name = 'comments'")
    assert zero[4] == 0


def test_a_period_without_a_first_day(staged):
    [found] = figures(staged, "post_id = 'abcdefghij1' and metric_name = 'minutes_watched'")
    assert found[1:5] == (None, date(2026, 9, 30), date(2026, 9, 30), Decimal(435))
