"""The two intervals of a group, and the funnel's limits, against scipy and counting."""

import math
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, quantile_test

from klankbord.sandbox import truth_standing as standing
from klankbord.sandbox import truth_statistics as truth
from klankbord.settings import PROJECT_ROOT

MACROS = PROJECT_ROOT / "dbt_project" / "macros"


def rank_of_sql(n: np.ndarray) -> np.ndarray:
    """The macro's formula, read from its file and computed in doubles as PostgreSQL does."""
    text = (MACROS / "median_interval.sql").read_text()
    body = re.search(r"macro median_rank\(n\) -%}(.*?){%- endmacro", text, re.S)[1]
    formula = body.replace("{{ n }}", "n").replace("::integer", "").replace("nullif(n, 0)", "n")
    return eval(formula.strip(), {"n": n, "sqrt": np.sqrt, "floor": np.floor})


def test_the_rank_is_the_binomials() -> None:
    n = np.arange(1, 20_001)
    exact = binom.ppf(0.025, n, 0.5)  # P(fewer than this fall on one side) is under 2.5 %
    found = np.maximum(rank_of_sql(n), 0)
    assert (found == exact).all(), n[found != exact]
    # and in whole numbers, where a double cannot err
    assert [truth.rank(k) for k in range(1, 601)] == list(exact[:600].astype(int))


@pytest.mark.parametrize("n", [6, 9, 17, 20, 41, 100])
def test_between_the_ranks_lies_the_median_with_95_percent(n) -> None:
    """scipy's own interval of a quantile: between the r-th from below and from above."""
    values = np.arange(1.0, n + 1)
    both = quantile_test(values, q=0, p=0.5).confidence_interval(confidence_level=0.95)
    r = truth.rank(n)
    assert (both.low, both.high) == (r, n + 1 - r)


@given(st.lists(st.floats(-1e6, 1e6), min_size=20, max_size=80, unique=True))
def test_an_end_is_nobodys_own_figure_and_no_nearer_than_the_binomials(values) -> None:
    values.sort()
    low, high = truth.median_interval(values)
    r = truth.rank(len(values))
    assert values[r - 2] <= low <= values[r - 1] <= np.median(values)
    assert values[-r] <= high <= values[1 - r]
    # halfway, unless two doubles have nothing in between
    assert (low not in values) or math.nextafter(values[r - 2], math.inf) == values[r - 1]


@pytest.mark.parametrize(
    ("n", "bounds"),
    [(0, None), (5, None), (8, None), (9, (1.5, 8.5)), (12, (2.5, 10.5)), (20, (5.5, 15.5))],
)
def test_small_groups_have_wide_intervals_or_none(n, bounds) -> None:
    assert truth.median_interval([float(i) for i in range(1, n + 1)]) == bounds


@given(st.integers(1, 10**5).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_scipys(case) -> None:
    part, whole = case
    interval = binomtest(part, whole).proportion_ci(method="wilson")
    assert truth.wilson(part / whole, whole) == pytest.approx(tuple(interval), abs=1e-9)


def outside_by_chance(p: float, n: int) -> float:
    """How often n cases of a body like all others lie outside its limits: the binomial."""
    low, high = standing.limits(p, None, n)
    return binom.pmf([k for k in range(n + 1) if k / n < low or k / n > high], n, p).sum()


@settings(max_examples=300)
@given(p=st.floats(0.001, 0.999), n=st.integers(1, 400))
@example(p=0.0546, n=1)
@example(p=0.94921875, n=1)
def test_chance_alone_leaves_the_limits_in_one_of_twenty(p, n) -> None:
    """Without overdispersion: 5 %, and where a twentieth of a case is expected at most 5.5 % (one
    case of a share of 5.46 % is the worst). Half a case more is why it holds for so few."""
    rare = n * min(p, 1 - p) < 0.055
    assert outside_by_chance(p, n) <= (0.055 if rare else 0.05 + 1e-9)


def test_the_worst_is_one_case_of_a_rare_kind() -> None:
    """The 5.5 % of decisions.md, looked for over all shares: not less, or it would say nothing."""
    shares = np.arange(1, 1000) / 1000
    worst = max((outside_by_chance(p, n), n) for n in range(1, 40) for p in shares)
    assert worst == (pytest.approx(0.054), 1)


def test_without_half_a_case_one_question_would_stand_out() -> None:
    low, high = standing.limits(0.1, None, 1)
    assert (low, high) == (0.0, 1.0)
    assert 0.1 + truth.Z * math.sqrt(0.1 * 0.9) < 1


@given(st.floats(0.05, 0.95), st.integers(50, 5000), st.floats(1, 50))
def test_wider_by_the_root_of_phi_and_never_narrower(p, n, phi) -> None:
    plain, wide = standing.limits(p, 0.3, n), standing.limits(p, phi, n)
    assert plain == standing.limits(p, None, n) == standing.limits(p, 1.0, n)
    if wide[0] > 0 and wide[1] < 1:
        assert wide[1] - p - 0.5 / n == pytest.approx(math.sqrt(phi) * (plain[1] - p - 0.5 / n))


def test_the_limits_are_wilson_turned_around() -> None:
    """A body lies outside its limits (less half a case) exactly where the Wilson interval of its
    own share leaves the target out: two drawings of one comparison."""
    for n in (7, 40, 333):
        for k in range(n + 1):
            for p in (0.13, 0.5, 0.9):
                low, high = truth.wilson(k / n, n)
                distance = abs(k / n - p)
                assert (low <= p <= high) == (distance <= truth.Z * math.sqrt(p * (1 - p) / n))
