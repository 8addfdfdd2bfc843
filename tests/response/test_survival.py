"""Kaplan and Meier in SQL against lifelines and against exact fractions; the curve of a group from
bins against the curve of its questions."""

import math
from collections import defaultdict
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.utils import median_survival_times

from klankbord.sandbox import truth_response as truth
from tests.response import effects
from tests.response.bench import Bench, Run, carried

MODELS = (
    "fct_response_median_period",
    "fct_response_bin_period",
    "fct_response_bin",
    "fct_response_step",
    "fct_response_effect",
    "rpt_response_curve",
)
SEPTEMBER, QUARTER = ("month", date(2026, 9, 1)), ("quarter", date(2026, 7, 1))
ASKED, LAST = date(2026, 9, 15), date(2026, 9, 30)
PLAIN = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])

#: (hours, was it answered then): whole quarters tie often, other times never.
hours = st.integers(0, 672).map(lambda n: n / 4) | st.floats(0, 168, allow_subnormal=False)
cases = st.tuples(hours, st.booleans())


@pytest.fixture(scope="module")
def bench(seeded) -> Bench:
    return Bench(seeded, MODELS)


def periods(run: Run, accounts: list[str]) -> None:
    run.table(
        "int_account_periods",
        "account_id text, organisation_id text, platform text, period_kind text,"
        " period_start date, period_end date, last_on date",
        [
            (a, a, "x", kind, start, date(2026, 9, 30), LAST)
            for a in accounts
            for kind, start in (SEPTEMBER, QUARTER)
        ],
    )


def questions(run: Run, rows: list[tuple]) -> None:
    """rows: (account, answered after or None, followed for)."""
    run.table(
        "fct_question",
        "account_id text, created_on date, is_closed boolean, is_answered_in_time boolean,"
        " response_hours double precision, follow_up_hours double precision,"
        " open_response_hours double precision, open_follow_up_hours double precision",
        [(a, ASKED, f == 168, r is not None, r, f, None, None) for a, r, f in rows],
    )


def median_of(bench: Bench, sample: list[tuple[float, bool]]) -> tuple:
    with bench.open() as run:
        periods(run, ["a"])
        # whoever is answered would have been followed to the end
        questions(run, [("a", t if e else None, 168.0 if e else t) for t, e in sample])
        run.model("fct_response_median_period")
        (row,) = run.rows(
            "select followed_questions, answered_questions, median_hours, median_lower_hours,"
            " median_upper_hours from fct_response_median_period where period_kind = 'month'"
        )
    return row


def first_at(curve: np.ndarray, timeline: np.ndarray) -> float | None:
    below = np.flatnonzero(curve <= 0.5 + 1e-9)
    return float(timeline[below[0]]) if len(below) else None


@PLAIN
@given(sample=st.lists(cases, min_size=1, max_size=60))
@example(sample=[(168.0, False)] * 4)  # all censored
@example(sample=[(168.0, False)] * 3)  # so few that half of all might be answered
@example(sample=[(84.0, False)] * 9)  # nobody was followed to the end
@example(sample=[(168.0, True), (168.0, False), (168.0, False)])  # answered at the last moment
@example(sample=[(1.0, True), (2.0, True), (3.0, True)])  # none censored
@example(sample=[(1.0, True), (1.0, True), (1.0, False)])  # ties of both kinds
@example(sample=[(2.0, True)])
@example(sample=[(0.0, True), (0.0, False), (5.0, True)])  # before the doors opened
def test_medians_are_those_of_lifelines(bench, sample) -> None:
    followed, answered, median, lower, upper = median_of(bench, sample)
    times, events = zip(*sample, strict=True)
    fit = KaplanMeierFitter().fit(times, events)
    assert (followed, answered) == (len(sample), sum(events))
    exact = truth.kaplan_meier(sample)
    halved = truth.half_time((t, s) for t, s in exact)
    left = sum(not is_event and t == 168 for t, is_event in sample)
    is_beyond = halved is None and left > 0
    assert median == (168 if is_beyond else halved)
    # lifelines multiplies floats: at a survival of exactly a half it may pass by
    if not is_beyond and all(s != Fraction(1, 2) for _, s in exact):
        assert median == (
            None if math.isinf(fit.median_survival_time_) else fit.median_survival_time_
        )
    # where everything is answered lifelines writes an interval of 0 to 0; nobody knows it
    survival = fit.survival_function_["KM_estimate"].to_numpy()
    bounds = fit.confidence_interval_[survival > 1e-12]
    timeline = bounds.index.to_numpy()
    columns = [bounds[f"KM_estimate_{side}_0.95"].to_numpy() for side in ("lower", "upper")]
    at_lower, at_upper = (first_at(column, timeline) for column in columns)
    if is_beyond and at_lower is None and (answered or left >= 4):
        at_lower = 168  # of four that are all left, at most 0.49 of all may be answered
    assert (lower, upper) == (at_lower, at_upper)
    if survival[-1] > 1e-12 and lower is not None and not is_beyond:
        assert median_survival_times(fit.confidence_interval_).to_numpy()[0, 0] == lower


def rates(run: Run, *groups: str) -> None:
    """The groups whose response rate is shown, in both periods."""
    carried(run, [(g, kind, start) for g in groups for kind, start in (SEPTEMBER, QUARTER)])


def group_of(
    bench: Bench, rows: list[tuple], members: list[str], *, shown: str = "all"
) -> list[tuple]:
    with bench.open() as run:
        rates(run, shown)
        periods(run, members)
        questions(run, rows)
        run.table("dim_organisation", "organisation_id text, as_of_on date, size_group_id text",
                  [(m, LAST, "small") for m in members])  # fmt: skip
        run.table("dim_group_member", "group_id text, organisation_id text, as_of_on date",
                  [("all", m, LAST) for m in members])  # fmt: skip
        for name in MODELS[1:]:
            run.model(name)
        return run.rows(
            "select hours, share, lower, upper, at_risk, questions, organisations, median_hours,"
            " median_lower_hours, median_upper_hours from rpt_response_curve"
            " where organisation_id is null and period_kind = 'month' order by hours"
        )


MEMBERS = ["a", "b", "c", "d", "e"]


@PLAIN
@given(
    answers=st.lists(
        st.tuples(st.sampled_from(MEMBERS), st.none() | st.floats(0, 168), st.just(168.0)),
        max_size=60,
    )
)
def test_the_curve_of_a_final_group_is_exact_at_every_hour(bench, answers) -> None:
    """Nothing is censored before the window closes: the curve is the plain share."""
    answers = answers + [(member, None, 168.0) for member in MEMBERS]
    found = group_of(bench, answers, MEMBERS)
    assert [row[0] for row in found] == truth.CURVE_HOURS
    for hour, share, *_, n, organisations, _, _, _ in found:
        said = sum(1 for _, r, _ in answers if r is not None and r <= hour)
        assert share == pytest.approx(said / len(answers), abs=1e-9)
        assert (n, organisations) == (len(answers), 5)


@PLAIN
@given(
    answers=st.lists(
        st.tuples(st.sampled_from(MEMBERS), st.none() | st.floats(0, 168), st.floats(0, 168)),
        max_size=40,
    )
)
def test_the_curve_of_an_open_group_is_lifelines_of_its_quarters(bench, answers) -> None:
    """Each question up to the last whole quarter of an hour for which it was followed."""
    answers = answers + [(member, None, 168.0) for member in MEMBERS]
    answers = [(m, r if r is not None and r <= f else None, f) for m, r, f in answers]
    cut, of_body = [], defaultdict(list)
    for member, answered, followed in answers:
        last = math.floor(followed * 4)
        is_seen = answered is not None and math.ceil(answered * 4) <= last
        cut.append(((math.ceil(answered * 4) if is_seen else last) / 4, is_seen))
        of_body[member].append(cut[-1])
    times, events = zip(*cut, strict=True)
    effect = effects.of_curve(of_body)
    wider = math.sqrt(effects.told(effect or 1)) * effects.few_bodies(len(MEMBERS))
    fit = KaplanMeierFitter().fit(times, events)
    for hour, share, lower, upper, at_risk, *_ in group_of(bench, answers, MEMBERS):
        assert at_risk == sum(t >= hour for t in times)
        assert 1 - share == pytest.approx(float(fit.predict(hour)), abs=1e-9)
        bounds = fit.confidence_interval_.loc[:hour].iloc[-1]
        for said, theirs in ((upper, "lower"), (lower, "upper")):
            bound = bounds[f"KM_estimate_{theirs}_0.95"]
            expected = widened(1 - share, bound, wider)
            assert 1 - said == pytest.approx(expected, abs=1e-3)


def widened(survival: float, bound: float, factor: float) -> float:
    """A bound on the scale log(-log), farther from the curve."""
    if survival > 1 - 1e-9:
        return bound
    log = math.log(survival)
    return math.exp(log * (math.log(bound) / log) ** factor)


def test_a_curve_ends_where_nobody_was_followed_any_more(bench) -> None:
    """Followed for two hours, a curve says nothing of the third; all answered, it is complete and
    its interval unknown."""
    found = group_of(bench, [(m, 0.5 if m == "a" else None, 2.1) for m in MEMBERS], MEMBERS)
    assert [(row[0], row[1]) for row in found] == [
        (0, 0),
        (0.25, 0),
        *((hour, pytest.approx(0.2)) for hour in (0.5, 1, 2)),
    ]
    found = group_of(bench, [(m, 1.0, 168.0) for m in MEMBERS], MEMBERS)
    assert [row[0] for row in found] == truth.CURVE_HOURS
    assert {row[1:5] for row in found} == {(0, 0, 0, 5), (1, None, None, 5), (1, None, None, 0)}


def test_four_bodies_are_no_group(bench) -> None:
    four = [(member, 1.0, 168.0) for member in MEMBERS[:4] for _ in range(100)]
    assert group_of(bench, four, MEMBERS) == []
    assert group_of(bench, [*four, ("e", 1.0, 168.0)], MEMBERS) != []


def test_where_the_rate_is_hidden_the_curve_is_too(bench) -> None:
    asked = [(member, 1.0, 168.0) for member in MEMBERS]
    assert group_of(bench, asked, MEMBERS, shown="another") == []


def test_a_body_has_a_curve_of_its_quarter_with_enough_questions(bench) -> None:
    with bench.open() as run:
        periods(run, ["many", "few"])
        questions(run, [("many", 1.0, 168.0)] * 20 + [("few", 1.0, 168.0)] * 19)
        run.table("dim_organisation", "organisation_id text, as_of_on date, size_group_id text",
                  [("many", LAST, "small"), ("few", LAST, None)])  # fmt: skip
        run.table("dim_group_member", "group_id text, organisation_id text, as_of_on date", [])
        rates(run)
        for name in MODELS[1:]:
            run.model(name)
        found = run.rows(
            "select distinct group_id, organisation_id, period_kind, median_hours"
            " from rpt_response_curve"
        )
    assert found == [("small", "many", "quarter", 1.0)]


def test_what_is_told_of_a_group_carries_how_it_was_measured(bench) -> None:
    with bench.open() as run:
        rates(run, "all")
        periods(run, MEMBERS)
        questions(run, [(member, 1.0, 168.0) for member in MEMBERS])
        run.table("dim_organisation", "organisation_id text, as_of_on date, size_group_id text", [])
        run.table("dim_group_member", "group_id text, organisation_id text, as_of_on date",
                  [("all", m, LAST) for m in MEMBERS])  # fmt: skip
        for name in MODELS[1:]:
            run.model(name)
        found = run.rows(
            "select distinct clock, metric_id, n, n_members, coverage, access_tier, status,"
            " definition_id, definition_version, is_synthetic from rpt_response_curve"
        )
    how = (5, 7, 0.5, "T2", "final", "klankbord", "1", True)
    assert found == [("calendar", "M29k", *how)]
