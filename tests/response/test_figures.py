"""Every figure of response time, from messages to the figure, against plain Python and scipy; and
the vendors' worked examples."""

import math
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from klankbord.sandbox import truth_clock
from klankbord.sandbox import truth_response as truth
from tests.response.bench import CLOCKS, Bench
from tests.response.test_clocks import LUNCH, asked_and_answered, body, local

MODELS = (
    *CLOCKS,
    "fct_question",
    "fct_response_median_period",
    "fct_response_period",
    "fct_response_figure",
)


INHABITANTS, FOLLOWERS = 30_000, 700


@pytest.fixture(scope="module")
def bench(seeded) -> Bench:
    return Bench(seeded, MODELS)


def figures(bench: Bench, cases: list[truth.Case], own=()) -> dict[tuple[str, str], truth.Measure]:
    """(metric, definition) -> figure of September, all of whose messages were read."""
    known = cases[0].known_until if cases else datetime(2026, 9, 1, tzinfo=UTC)
    with bench.open() as run:
        pairs = [(case.asked_at, case.answered_at) for case in cases]
        asked_and_answered(run, body(), own, pairs, known)
        run.table(
            "int_account_periods",
            "account_id text, period_kind text, period_start date, period_end date,"
            " messages_days integer, is_messages_refused boolean, organisation_id text,"
            " last_on date",
            [("a", "month", date(2026, 9, 1), date(2026, 9, 30), 30, False, "o",
              date(2026, 9, 30))],
        )  # fmt: skip
        run.table(
            "fct_audience_period",
            "account_id text, period_kind text, period_start date, followers integer",
            [("a", "month", date(2026, 9, 1), FOLLOWERS)],
        )
        run.table(
            "int_inhabitants_at",
            "organisation_id text, as_of_on date, inhabitants bigint",
            [("o", date(2026, 9, 30), INHABITANTS)],
        )
        for name in MODELS[len(CLOCKS) :]:
            run.model(name)
        rows = run.rows(
            "select metric_id, definition_id, own_value, numerator, denominator, n_cases,"
            " own_lower, own_upper from fct_response_figure"
        )
    found = {}
    for metric, definition, value, top, bottom, *rest in rows:
        scale = 1000 if metric in ("M25", "M25f") else 1
        ratio = scale * top / bottom if value is None and bottom and top is not None else value
        found[metric, definition] = truth.Measure(ratio, top, bottom, *rest)
    return found


def same(found, expected) -> bool:
    if found is None or expected is None:
        return found is None and expected is None
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)


def differing(found: dict, expected: dict) -> list:
    assert found.keys() == expected.keys()
    return [
        (key, found[key], expected[key])
        for key in found
        if not all(
            same(getattr(found[key], name), getattr(expected[key], name))
            for name in truth.Measure.__slots__
        )
    ]


SINCE = datetime(2026, 9, 1, 4, tzinfo=UTC)


@st.composite
def some_cases(draw) -> list[truth.Case]:
    """Questions of September, answered at once, later, too late or not; looked at until anywhen."""
    known = SINCE + timedelta(hours=draw(st.integers(0, 30 * 24) | st.just(60 * 24)))
    cases = []
    for _ in range(draw(st.integers(0, 30))):
        asked = SINCE + timedelta(seconds=draw(st.integers(0, 29 * 86_400)))
        # in ten-minute steps: ties, and some exactly at 168 hours
        wait = draw(st.none() | st.integers(0, 6 * 180).map(lambda n: timedelta(minutes=10 * n)))
        answered = None if wait is None or asked + wait > known else asked + wait
        if asked <= known:
            cases.append(truth.Case(asked, answered, known))
    return cases


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases=some_cases(), own=st.sampled_from([(), LUNCH]))
def test_every_figure_equals_plain_python(bench, cases, own) -> None:
    clock = truth_clock.Clock(body(), own)
    expected = truth.measures(cases, clock.hours)
    expected |= truth.load(len(cases), INHABITANTS, FOLLOWERS)
    if not cases:  # vendors' definitions of silence are left out
        expected = {key: m for key, m in expected.items() if key[1] == "klankbord"}
    assert differing(figures(bench, cases, own), expected) == []


def test_the_fanpage_karma_example(bench) -> None:
    """0.17, 0.75, 0.88, 2 and 20 hours: median 0.88, mean 4.76; the fastest nine in ten of five are
    all five. Asked on Monday at 9:00, opening hours end at 17:00: the slow one took eight."""
    asked = local("2026-09-14 09:00")
    known = asked + timedelta(days=10)
    cases = [
        truth.Case(asked, asked + timedelta(seconds=round(3600 * hours)), known)
        for hours in (0.17, 0.75, 0.88, 2, 20)
    ]
    found = figures(bench, cases)
    for definition in ("klankbord", "fanpage_karma"):
        assert found["M29", definition].value == pytest.approx(0.88)
        assert found["M30", definition].value == pytest.approx(4.76)
    assert found["M31", "klankbord"].value == pytest.approx(4.76)
    assert found["M33m", "klankbord"].value == pytest.approx((0.17 + 0.75 + 0.88 + 2 + 8) / 5)
    assert found["M29k", "klankbord"].value == pytest.approx(0.88)


def test_quintlys_week_and_socialbakers_ever(bench) -> None:
    """Four questions: answered at 168 hours, a second later, an open one at once, one never."""
    asked = local("2026-09-14 09:00")
    week, known = timedelta(hours=168), asked + timedelta(hours=169)
    cases = [
        truth.Case(asked, asked + week, known),
        truth.Case(asked, asked + week + timedelta(seconds=1), known),
        truth.Case(asked, None, known),
        truth.Case(asked + timedelta(days=1), asked + timedelta(days=1, hours=1), known),
    ]
    found = figures(bench, cases)
    assert found["M26", "quintly"].value == found["M26", "klankbord"].value == pytest.approx(1 / 3)
    assert found["M26", "socialbakers"].value == pytest.approx(3 / 4)


def test_socialbakers_industry_rounds_to_30_percent() -> None:
    measure = truth.share(477_478, 1_574_775)
    assert round(100 * measure.value) == 30
    assert round(100 * measure.lower) == round(100 * measure.upper) == 30


def test_the_fastest_nine_in_ten_of_ten_leave_the_slowest_out(bench) -> None:
    asked = local("2026-09-14 09:00")
    cases = [
        truth.Case(asked, asked + timedelta(minutes=minutes), asked + timedelta(days=10))
        for minutes in (*range(1, 10), 6000)
    ]
    assert figures(bench, cases)["M31", "facebook_badge"].value == pytest.approx(5 / 60)


def test_ignoring_hard_questions_does_not_pay(bench) -> None:
    """Three quick answers and four questions ignored: a quick median of the answered, and of all
    the whole window with no upper end; answering the hard ones slowly makes the one worse and the
    other better."""
    asked = local("2026-09-14 09:00")
    known = asked + timedelta(days=10)
    quick = [truth.Case(asked, asked + timedelta(hours=1), known)] * 3
    ignored = figures(bench, [*quick, *[truth.Case(asked, None, known)] * 4])
    slow = [truth.Case(asked, asked + timedelta(hours=100), known)] * 4
    answered = figures(bench, quick + slow)
    assert (ignored["M29", "klankbord"].value, ignored["M29k", "klankbord"].value) == (1, 168)
    assert ignored["M29k", "klankbord"].upper is None
    assert ignored["M33k", "klankbord"].value == 168
    assert answered["M29", "klankbord"].value == answered["M29k", "klankbord"].value == 100


def test_ranks_are_those_of_the_binomial() -> None:
    """Never narrower than the exact 95 % interval, and a rank wider for few sizes only."""
    wider = 0
    for n in range(1, 5001):
        exact = int(binom.ppf(0.025, n, 0.5))  # cdf(exact - 1) < 0.025
        assert truth.rank(n) in (exact, exact - 1), n
        wider += truth.rank(n) != exact
    assert (wider, truth.rank(5), truth.rank(6)) == (32, 0, 1)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_scipys(case) -> None:
    part, whole = case
    measure = truth.share(part, whole)
    interval = binomtest(part, whole).proportion_ci(method="wilson")
    assert measure.lower == pytest.approx(interval.low, abs=1e-9)
    assert measure.upper == pytest.approx(interval.high, abs=1e-9)
