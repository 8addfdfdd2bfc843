"""Known answers: every published figure equals the truth of the world it came from.

The truth is computed from the world in plain Python (klankbord.sandbox.truth); it shares no code
and no SQL with the pipeline.
"""

import math
from collections.abc import Sequence
from datetime import timedelta

import pytest

from klankbord.sandbox import archive, truth_response
from klankbord.sandbox.truth import Truth
from klankbord.sandbox.truth_figures import Figure
from klankbord.sandbox.truth_groups import group_figures
from tests.pipeline.house import NOW, House, open_house
from tests.pipeline.known_places import place_differences
from tests.pipeline.registers import bodies, some_bodies
from tests.statistics import in_a_house

ORGANISATION_METRICS = {
    "M01", "M02", "M03", "M04", "M05", "M08", "M08n", "M09", "M10", "M11", "M12", "M15", "M16",
    "M17", "M18a", "M18b", "M18c", "M19", "M20", "M21", "M22", "M23", "M24", "M25", "M25f", "M26",
    "M29", "M30", "M29k", "M31", "M33", "M33k", "M33m",
    "M13", "M14", "M14i", "M27", "M37", "M37l", "M38", "M38a", "M38v",
}  # fmt: skip
GROUP_METRICS = ORGANISATION_METRICS | {"M06a", "M06b", "M06c"}


#: of cases: with Wilson's interval
SHARES = {"M18a", "M18b", "M18c", "M21", "M26", "M27"}


def bounds(value, part, whole, _) -> tuple[float | None, float | None]:
    """The interval of a share, as the truth knows it."""
    measure = truth_response.share(part, whole) if value is not None else None
    return (measure.lower, measure.upper) if measure else (None, None)


def close(found, expected) -> bool:
    """Counts exactly, ratios to 1e-9; absent equals absent only."""
    if found is None or expected is None:
        return found is None and expected is None
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)


def differences(house: House, truth: Truth) -> list[str]:
    """What the warehouse says otherwise than the truth, figure by figure, of all four grains."""
    figures = list(truth.figures())
    found = []
    expected = {
        (f.organisation_id, f.platform, f.metric_id, f.period_kind, f.period_start): (
            f.value,
            f.numerator,
            f.denominator,
            f.n_cases,
        )
        for f in figures
        if f.metric_id in ORGANISATION_METRICS
    }
    rows = house.rows(
        "select organisation_id, platform, metric_id, period_kind, period_start, value, numerator,"
        " denominator, n_cases, lower, upper from published.rpt_organisation_metric"
        " where definition_id = 'klankbord'",
        role="klankbord_reader",
    )
    names = ("value", "numerator", "denominator", "n_cases")
    found += compare(expected, {row[:5]: row[5:9] for row in rows}, names)
    shares = {key: bounds(*said) for key, said in expected.items() if key[2] in SHARES}
    told = {row[:5]: row[9:] for row in rows if row[2] in SHARES}
    found += compare(shares, told, ("lower", "upper"))
    found += provenance_differences(house, figures)
    expected = {
        (g.group_id, g.platform, g.metric_id, g.period_kind, g.period_start): (
            g.value,
            g.n,
            g.n_members,
            g.mean,
            g.median,
            g.q1,
            g.q3,
            g.pooled,
        )
        for g in group_figures(truth, figures)
        if g.metric_id in GROUP_METRICS
    }
    names = ("value", "n", "n_members", "mean", "median", "q1", "q3", "pooled")
    # what the house knows of a group, and then what of that is published
    rows = house.rows(
        "select group_id, platform, metric_id, period_kind, period_start,"
        " case when n < 5 then null when headline = 'mean' then mean when headline = 'pooled'"
        " then pooled else median end, n, n_members, case when n >= 5 then mean end,"
        " case when n >= 5 then median end, case when n >= 5 then q1 end,"
        " case when n >= 5 then q3 end, case when n >= 5 then pooled end"
        " from marts.fct_group_statistic where definition_id = 'klankbord'",
        role="klankbord_publisher",
    )
    found += compare(expected, {row[:5]: row[5:] for row in rows}, names)
    rows = house.rows(
        "select group_id, platform, metric_id, period_kind, period_start, value, n, n_members,"
        " mean, median, q1, q3, pooled, missing_reason from published.rpt_group_metric"
        " where definition_id = 'klankbord'",
        role="klankbord_reader",
    )
    found += shown_differences(expected, {row[:5]: row[5:] for row in rows}, names)
    found += place_differences(house, truth, figures)
    found += in_a_house.differences(house, truth, figures)
    return found + question_differences(house, truth)


def vendors_differences(house: House, truth: Truth) -> list[str]:
    """The same of what is told under others' definitions."""
    expected = {
        (f.organisation_id, f.platform, f.metric_id, definition, f.period_kind, f.period_start): (
            f.value, f.numerator, f.denominator, f.n_cases
        )
        for definition, f in truth.vendors_figures()
    }  # fmt: skip
    rows = house.rows(
        "select organisation_id, platform, metric_id, definition_id, period_kind, period_start,"
        " value, numerator, denominator, n_cases from published.rpt_organisation_metric"
        " where definition_id <> 'klankbord'",
        role="klankbord_reader",
    )
    names = ("value", "numerator", "denominator", "n_cases")
    return compare(expected, {row[:6]: row[6:] for row in rows}, names)


def provenance_differences(house: House, figures: Sequence[Figure]) -> list[str]:
    """Where a figure says otherwise how it was made: coverage, access, status, why it is missing.
    Who was refused and who was not read is the platforms' word (tests/pipeline/test_faults.py)."""
    rows = house.rows(
        "select organisation_id, platform, metric_id, period_kind, period_start, coverage,"
        " access_tier, status, missing_reason from published.rpt_organisation_metric"
        " where definition_id = 'klankbord'",
        role="klankbord_reader",
    )
    found, tiers = {row[:5]: row[5:] for row in rows}, in_a_house.metrics()
    gaps = {pair for pair, is_applicable in in_a_house.pairs().items() if not is_applicable}
    lines, known = [], set()
    for f in figures:
        key = (f.organisation_id, f.platform, f.metric_id, f.period_kind, f.period_start)
        if f.metric_id not in ORGANISATION_METRICS or key not in found:
            continue  # said by the figures' own comparison
        coverage, tier, status, reason = found[key]
        true_tier = f.access_tier or tiers[f.metric_id].tier
        reasons = {None} if f.value is not None else {"not_applicable"}
        if f.is_unseen:
            reasons = {"not_observed", "refused"}
        true_coverage = f.coverage
        if (f.metric_id, f.platform) in gaps:
            true_coverage, reasons = 0.0, {"not_applicable"}
        if true_coverage is not None:
            known.add(f.metric_id)
            if not close(coverage, true_coverage):
                lines.append(f"{key} coverage: {coverage}, and the truth is {true_coverage}")
        if (tier, status) != (true_tier, f.status):
            lines.append(f"{key}: {tier} {status}, and the truth is {true_tier} {f.status}")
        if reason not in reasons:
            lines.append(f"{key} is missing as {reason}, and the truth is one of {reasons}")
    assert known >= {"M01", "M02", "M03", "M05", "M21", "M26"}, known
    return sorted(lines)


def shown_differences(expected: dict, found: dict, names: tuple[str, ...]) -> list[str]:
    """A published group's figure is the truth or says that it is suppressed; under five it does."""
    lines = [f"not published {key}" for key in expected.keys() - found.keys()]
    for key in expected.keys() & found.keys():
        *said, reason = found[key]
        is_shown = said[0] is not None
        if is_shown != (reason is None) or (is_shown and expected[key][1] < 5):
            lines.append(f"{key} is published as {said[0]}, {reason}, with n {expected[key][1]}")
        lines += [
            f"{key} {name}: {value} is published, and the truth is {true}"
            for name, value, true in zip(names, said, expected[key], strict=True)
            if value is not None and not close(value, true)
        ]
    return sorted(lines)


def compare(expected: dict, found: dict, names: tuple[str, ...]) -> list[str]:
    assert expected, "the truth says nothing: the comparison would prove nothing"
    lines = [f"missing {key}" for key in expected.keys() - found.keys()]
    # a row without a value, for something the truth has no word on, claims nothing
    lines += [
        f"invented {key}: {found[key][0]}"
        for key in found.keys() - expected.keys()
        if found[key][0] is not None
    ]
    for key in expected.keys() & found.keys():
        for name, said, true in zip(names, found[key], expected[key], strict=False):
            if not close(said, true):
                lines.append(f"{key} {name}: {said}, and the truth is {true}")
    return sorted(lines)


def question_differences(house: House, truth: Truth) -> list[str]:
    """M28, at its grain: each question with its first response time."""

    def key(row):
        return (row[0], row[1], row[2] is None, row[2] or 0.0)

    expected = sorted(truth.questions(), key=key)
    rows = sorted(
        house.rows(
            "select account_id, created_at, response_hours, is_closed from marts.fct_question",
            role="klankbord_publisher",
        ),
        key=key,
    )
    if len(expected) != len(rows):
        return [f"{len(rows)} questions, and the truth is {len(expected)}"]
    return [
        f"question {said}, and the truth is {true}"
        for said, true in zip(rows, expected, strict=True)
        if said[:2] != true[:2] or not close(said[2], true[2]) or said[3] != true[3]
    ]


def published(house: House) -> list[tuple]:
    """A checksum of each table of figures."""
    tables = (
        "rpt_organisation_metric",
        "rpt_group_metric",
        "rpt_response_time",
        "rpt_follower_trend",
        "rpt_data_quality",
    )
    return [
        house.rows(
            f"select count(*), md5(string_agg(t::text, '|' order by t::text)) from"
            f" published.{name} as t",
            role="klankbord_reader",
        )[0]
        for name in tables
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_every_figure_of_a_month_equals_the_truth(warehouse, tmp_path, seed):
    # with one size class in which ten have an index
    only = some_bodies(6) | (small_towns(16) if seed == 2 else set())
    with open_house(warehouse, only=only, seed=seed) as house:
        house.import_archive(tmp_path)
        house.scan()
        house.build(tested=seed == 2)
        truth = Truth(house.world, house.register, house.scans, archive.dates(NOW))
        assert differences(house, truth) == []
        assert vendors_differences(house, truth) == []
        if seed == 2:
            told = house.rows(
                "select count(value) from published.rpt_index", role="klankbord_reader"
            )
            assert told[0][0] >= 10, "the comparison would prove nothing of the index"
        if seed == 1:  # and a second run changes no figure
            before = published(house)
            house.sync_register()
            house.import_archive(tmp_path)
            house.scan()
            house.build(tested=False)
            assert published(house) == before


def small_towns(number: int) -> set[str]:
    """Flemish municipalities of under 20,000 inhabitants."""
    names = [
        body.organisation_id
        for body in bodies().organisations
        if body.organisation_type == "municipality"
        and body.region_code == "02000"
        and body.valid_to is None
        and (bodies().inhabitants(body.organisation_id, NOW.date()) or 20_000) < 20_000
    ]
    return set(names[:number])


def test_figures_become_final_over_three_scans(house, tmp_path):
    """A first scan in mid-month, one at its end, one ten days later: windows close."""
    for moment in (NOW - timedelta(days=12), NOW, NOW + timedelta(days=10)):
        house.at(moment)
        house.scan()
    house.import_archive(tmp_path)
    house.build(tested=False)
    truth = Truth(house.world, house.register, house.scans, archive.dates(NOW + timedelta(days=10)))
    assert differences(house, truth) == []
    final = house.rows(
        "select distinct status from published.rpt_organisation_metric where"
        " period_start = '2026-09-01' and metric_id = 'M26'",
        role="klankbord_reader",
    )
    assert final == [("final",)]
