"""Owners' figures through the APIs and dbt equal the world's; a consent that ends takes them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from psycopg2.extras import RealDictCursor

from klankbord import consent, settings, warehouse
from klankbord.explain import owners, trail
from klankbord.sandbox.truth import Truth
from klankbord.sandbox.truth_insights import METRICS_OF
from tests.databases import new_warehouse
from tests.pipeline.house import NOW, House, open_house
from tests.pipeline.registers import bodies
from tests.pipeline.test_known_answers import compare

SCANS = [NOW - timedelta(days=9), NOW]
PLATFORMS = tuple(METRICS_OF)
METRICS = sorted({metric for metrics in METRICS_OF.values() for metric in metrics})
NUMBER_OF_OWNERS = 2


def some_owners() -> set[str]:
    """Bodies whose accounts let us read them: two of each platform where few do."""
    from klankbord.sandbox.world import World

    rows = [row for row in World(bodies()).account_rows() if row.access_tier == "T3"]
    found: set[str] = set()
    for platform in ("facebook", "instagram", "x", "youtube"):
        of_it = [row for row in rows if row.platform == platform]
        found |= {row.organisation_id for row in of_it[:NUMBER_OF_OWNERS]}
    return found


@pytest.fixture(scope="module")
def house(postgres: Any) -> Iterator[House]:
    with (
        new_warehouse(postgres) as access,
        open_house(access, only=some_owners()) as opened,
    ):
        for moment in SCANS:
            opened.at(moment)
            opened.scan(*PLATFORMS)
        warehouse.run(access, ["build", "--select", "+fct_metric"])
        yield opened


def told(house: House) -> dict[tuple, tuple]:
    rows = house.rows(
        "select organisation_id, platform, metric_id, period_kind, period_start, value, numerator,"
        " denominator, n_cases from marts.fct_metric where metric_id = any(%s)"
        " and platform = any(%s)",
        METRICS,
        list(PLATFORMS),
        role="klankbord_publisher",
    )
    return {row[:5]: row[5:] for row in rows}


def test_every_owners_figure_equals_the_truth(house: House) -> None:
    truth = Truth(house.world, house.register, house.scans)
    expected = {
        (f.organisation_id, f.platform, f.metric_id, f.period_kind, f.period_start):
            (f.value, f.numerator, f.denominator, f.n_cases)
        for f in truth.figures() if f.metric_id in METRICS
    }  # fmt: skip
    valued = {(key[1], key[2]) for key, figure in expected.items() if figure[0] is not None}
    asked = {(platform, metric) for platform in PLATFORMS for metric in METRICS_OF[platform]}
    # the sandbox's Threads shows everything to nobody: a ratio by no views is no figure
    assert valued == asked - {("threads", "M14")}
    assert compare(expected, told(house), ("value", "numerator", "denominator", "n_cases")) == []


def test_whose_owner_was_never_asked_is_not_observed(house: House) -> None:
    rows = house.rows(
        "select access_tier, missing_reason, count(*) from marts.fct_metric where platform ="
        " 'facebook' and metric_id = 'M13' and access_tier <> 'T3' group by 1, 2",
        role="klankbord_publisher",
    )
    assert rows and {reason for _, reason, _ in rows} == {"not_observed"}


def test_what_a_platform_cannot_give_is_not_applicable(house: House) -> None:
    rows = house.rows(
        "select platform, metric_id, bool_and(missing_reason = 'not_applicable'), count(value)"
        " from marts.fct_metric where metric_id = any(%s) group by 1, 2",
        METRICS,
        role="klankbord_publisher",
    )
    cannot = {row[:2] for row in rows if row[2] and not row[3]}
    able = {(platform, metric) for platform in PLATFORMS for metric in METRICS_OF[platform]}
    everything = {(row[0], metric) for row in rows for metric in METRICS}
    assert cannot == everything - able


def test_a_figure_follows_from_the_posts_that_explain_lists(house: House) -> None:
    """klankbord explain computes each of them again, and finds the answers that told them."""
    with (
        house.access.connect("klankbord_publisher") as connection,
        connection.cursor(cursor_factory=RealDictCursor) as cursor,
    ):
        cursor.execute(
            "select m.*, p.period_end from marts.fct_account_metric as m inner join"
            " intermediate.int_account_periods as p using (account_id, period_kind,"
            " period_start) where metric_id = any(%s) and m.period_kind = 'month'"
            " and (value is not null or n_cases = 0)",
            [METRICS],
        )
        rows = cursor.fetchall()
        assert {row["metric_id"] for row in rows if row["value"]} == set(METRICS)
        for row in rows:
            listed = owners.posts(cursor, row, row["metric_id"], row["period_start"])
            value = owners.figure(row["metric_id"])(listed, {})
            assert value == pytest.approx(row["value"], rel=1e-12), row
        [row] = [r for r in rows if r["metric_id"] == "M13" and r["platform"] == "facebook"][:1]
        listed = owners.posts(cursor, row, "M13", row["period_start"])
        raw = trail.raw_rows(cursor, "facebook", row, owners.KIND, listed, row["period_start"])
        assert {r["table_name"] for r in raw} == {"raw.facebook_insights", "raw.facebook_posts"}


def test_a_consent_that_ends_takes_its_figures_away(house: House) -> None:
    """The last test: the account's rows are gone afterwards."""
    [owner] = [a for a in house.register.accounts
               if a.platform == "facebook" and a.access_tier == "T3"][:1]  # fmt: skip
    before = told(house)
    today = settings.now().date()
    consent.withdraw(house.access, owner.account_id, settings.now(), today, ["insights"])
    warehouse.run(house.access, ["run", "--select", "+fct_metric"])
    after = told(house)
    mine = {key for key in before if key[:2] == (owner.organisation_id, "facebook")}
    assert any(before[key][0] is not None for key in mine)
    assert all(after[key][0] is None for key in mine)
    assert {key: after[key] for key in after.keys() - mine} == {
        key: before[key] for key in before.keys() - mine
    }
    reasons = house.rows(
        "select distinct missing_reason from marts.fct_metric where organisation_id = %s"
        " and platform = 'facebook' and metric_id = any(%s)",
        owner.organisation_id,
        list(METRICS_OF["facebook"]),
        role="klankbord_publisher",
    )
    assert reasons == [("refused",)]
