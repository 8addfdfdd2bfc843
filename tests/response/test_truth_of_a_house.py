"""Figures of response time of a house, from the platforms' answers on, equal the truth; bodies
with hours of their own among them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from klankbord import warehouse
from klankbord.register.rows import OpeningHours
from klankbord.sandbox import truth_response
from klankbord.sandbox.truth import Truth
from tests.pipeline.house import NOW, open_house
from tests.pipeline.registers import some_bodies
from tests.pipeline.test_known_answers import compare


@pytest.mark.timeout(900)
def test_figures_equal_the_truth(warehouse_of_its_own) -> None:
    names = some_bodies(3)
    with open_house(warehouse_of_its_own, only=names, seed=7) as house:
        own = [
            OpeningHours(
                organisation_id=sorted(names)[0], weekday=day, opens_at="08:00", closes_at="20:30",
                valid_from=None, valid_to=None, basis="declared", source="t",
            )
            for day in "123456"
        ]  # fmt: skip
        house.register = replace(house.register, opening_hours=own)
        house.sync_register()
        # open windows in the first scan's days, closed ones in the second's
        for moment in (NOW - timedelta(days=20), NOW):
            house.at(moment)
            house.scan("x", "facebook")
        warehouse.run(house.access, ["seed"])
        warehouse.run(house.access, ["run", "--select", "+fct_account_metric"])
        rows = house.rows(
            "select organisation_id, platform, metric_id, period_kind, period_start, value,"
            " n_cases from marts.fct_account_metric where definition_id = 'klankbord'"
            " and metric_id = any(%s) and platform in ('x', 'facebook')",
            list(truth_response.METRICS),
            role="klankbord_publisher",
        )
        figures = Truth(house.world, house.register, house.scans).figures()
        expected = {
            (f.organisation_id, f.platform, f.metric_id, f.period_kind, f.period_start): (
                f.value,
                f.n_cases,
            )
            for f in figures
            if f.metric_id in truth_response.METRICS and f.platform in ("x", "facebook")
        }
    found = {row[:5]: row[5:] for row in rows}
    assert compare(expected, found, ("value", "n_cases")) == []
    with_value = {key[2] for key, (value, _) in found.items() if value is not None}
    assert with_value == set(truth_response.METRICS)
