"""Every kind of figure that has a name is explained; the arithmetic that checks them."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from klankbord.explain import bands, changes, incidents, maturity, targets, territories
from klankbord.explain.explaining import EXPLAINERS
from klankbord.explain.figure_ids import BY_NAME


def test_each_kind_has_somebody_who_explains_it() -> None:
    assert set(EXPLAINERS) == set(BY_NAME)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([(1, "met"), (2, "met"), (2, "met"), (3, "not_met")], (2, 2)),
        ([(1, "met"), (2, "unknown"), (3, "met")], (1, 3)),
        ([(1, "met"), (2, "unknown"), (2, "not_met"), (3, "met")], (1, 1)),
        ([(1, "not_met"), (2, "met")], (0, 0)),
        ([(1, "unknown"), (2, "met"), (3, "not_met")], (0, 2)),
    ],
)
def test_a_phase_is_reached_by_all_rules_up_to_it(rules, expected) -> None:
    assert maturity.ladder(rules) == expected


def test_a_curve_counts_who_was_followed_to_an_hour() -> None:
    cases = [(1.0, True), (2.0, False), (2.0, True), (3.0, True)]
    assert bands.answered_by(cases, 0.5) == 0
    assert bands.answered_by(cases, 1) == pytest.approx(1 / 4)
    assert bands.answered_by(cases, 2) == pytest.approx(1 - 3 / 4 * 2 / 3)
    assert bands.answered_by(cases, 9) == 1


def test_an_interval_of_a_difference_is_made_of_both() -> None:
    now = {"value": 0.6, "lower": 0.5, "upper": 0.7}
    before = {"value": 0.4, "lower": 0.1, "upper": None}
    change, low, high = changes.difference(now, before)
    assert (change, low) == (pytest.approx(0.2), None)
    assert high == pytest.approx(0.2 + math.hypot(0.1, 0.3))
    assert changes.difference(now, {"value": None, "lower": None, "upper": None})[0] is None


def test_gaps_are_between_messages_that_follow() -> None:
    start = datetime(2026, 9, 1, tzinfo=UTC)
    messages = [{"created_at": start + timedelta(minutes=m)} for m in (0, 10, 40)]
    assert incidents.gaps(messages) == [10, 30]


BODIES = [
    {"value": 0.5, "numerator": 1.0, "denominator": 2.0, "missing_reason": None},
    {"value": 0.25, "numerator": 2.0, "denominator": 8.0, "missing_reason": None},
]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("ratio", 0.3), ("rate", 0.75), ("count", 0.75), ("any", 0.5), ("none", None),
     ("per_inhabitant", 0.003)],
)  # fmt: skip
def test_bodies_together(rule, expected) -> None:
    found = territories.together(rule, BODIES, 1, 1000)
    assert found == (expected if expected is None else pytest.approx(expected))
    unseen = [*BODIES, {"value": None, "numerator": None, "denominator": None,
                        "missing_reason": "not_observed"}]  # fmt: skip
    assert territories.together(rule, unseen, 1, 1000) is None


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"value": None}, "no_value"),
        ({"value": 10, "target_value": 10}, "reached"),
        ({"value": 9, "target_value": 10, "forecast_missing_reason": "due"}, "missed"),
        ({"value": 9, "target_value": 10, "baseline_value": None}, "not_judged"),
        ({"value": 9, "target_value": 10, "baseline_value": 0, "progress": 0.9,
          "expected_progress": 0.8}, "on_track"),
        ({"value": 1, "target_value": 10, "baseline_value": 0, "progress": 0.1,
          "expected_progress": 0.8}, "behind"),
    ],
)  # fmt: skip
def test_a_target_stands_where_its_numbers_say(row, expected) -> None:
    whole = {"direction": "at_least", "forecast_missing_reason": None} | row
    assert targets.status(whole) == expected
