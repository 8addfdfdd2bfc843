"""What the public gets of all this: a person has decided about each column."""

import itertools
from functools import cache

import pytest

from klankbord.dashboards.validation import read_contracts
from klankbord.editions.contents import PARTS, Part

GROUP = {
    "group_id", "group_kind", "group_name_nl", "group_name_en", "country", "organisation_type",
    "platform", "metric_id", "metric_name_nl", "metric_name_en", "unit", "direction",
    "period_kind", "period_start", "period", "value", "lower", "upper", "n", "n_members",
    "coverage", "mean", "median", "p10", "q1", "q3", "p90", "pooled", "access_tier", "status",
    "missing_reason", "definition_id", "definition_version", "parameters", "is_synthetic",
}  # fmt: skip
PRESENCE = {
    "organisation_id", "platform", "metric_id", "period_kind", "period_start", "period", "value",
    "lower", "upper", "numerator", "denominator", "n_cases", "coverage", "access_tier", "status",
    "missing_reason", "definition_id", "definition_version", "is_synthetic", "group_id",
}  # fmt: skip


contracts = cache(read_contracts)


def columns(part: Part) -> set[str]:
    return {name for name in contracts()[part.source] if not part.only or name in part.only} - set(
        part.without
    )


@pytest.mark.parametrize(
    ("name", "wanted"), [("group_metric", GROUP), ("organisation_presence", PRESENCE)]
)
def test_a_public_file_has_the_columns_that_it_had(name, wanted) -> None:
    """A column that a model gains must be added here, by somebody who thought of the attacker."""
    assert columns(next(part for part in PARTS if part.name == name)) == wanted


def test_places_and_weighted_means_are_the_members() -> None:
    private = {
        "weighted_mean", "percentile", "distance_to_median", "colour_class", "funnel_lower",
        "funnel_upper", "overdispersion", "comparison", "comparison_basis", "comparison_reason",
    }  # fmt: skip
    told = {part.audience for part in PARTS if columns(part) & private}
    assert told == {"members", "house"}
    assert private <= set().union(*(columns(p) for p in PARTS if p.audience == "members"))


def test_a_weighted_share_would_tell_who() -> None:
    """Why: twelve bodies that answer or do not, their inhabitants, which everybody knows, and the
    weighted share. Of 4,096 ways one fits."""
    people = [9_412, 13_077, 18_950, 6_338, 40_116, 27_803, 11_562, 22_249, 8_871, 15_720, 30_594,
              5_209]  # fmt: skip
    answers = (1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1)
    weighted = sum(a * p for a, p in zip(answers, people, strict=True)) / sum(people)
    fits = [
        guess
        for guess in itertools.product((0, 1), repeat=len(people))
        if abs(sum(g * p for g, p in zip(guess, people, strict=True)) / sum(people) - weighted)
        < 1e-9
    ]
    assert fits == [answers]
    # the plain share says how many and not who
    assert sum(sum(g) == sum(answers) for g in itertools.product((0, 1), repeat=12)) > 900
