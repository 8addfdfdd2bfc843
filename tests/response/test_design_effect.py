"""The interval of a group's bands: questions to one body are alike, and no independent cases."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.response import effects
from tests.response.bench import Bench, carried

SEPTEMBER, LAST = date(2026, 9, 1), date(2026, 9, 30)
BANDS = ("soon", "late", "never")
PLAIN = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])

#: Of each body how many of its questions are in each band.
bodies = st.lists(
    st.tuples(*(st.integers(0, 30) for _ in BANDS)).filter(any), min_size=5, max_size=12
)


@pytest.fixture(scope="module")
def bench(seeded) -> Bench:
    return Bench(seeded, ("fct_response_band", "rpt_response_time"))


def bands_of(bench: Bench, counts: Mapping[str, tuple[int, ...]]) -> dict[str, tuple]:
    """(questions, share, lower, upper) of each band of the group of all these bodies, and of each
    body as "band/body"."""
    with bench.open() as run:
        run.table(
            "fct_response_band_period",
            "account_id text, organisation_id text, platform text, period_kind text,"
            " period_start date, last_on date, clock text, band text, band_order integer,"
            " questions bigint",
            [
                (name, name, "x", "month", SEPTEMBER, LAST, "calendar", band, order, number)
                for name, numbers in counts.items()
                for order, (band, number) in enumerate(zip(BANDS, numbers, strict=True))
            ],
        )
        run.table("dim_organisation", "organisation_id text, as_of_on date, size_group_id text",
                  [(name, LAST, "small") for name in counts])  # fmt: skip
        run.table("dim_group_member", "group_id text, organisation_id text, as_of_on date",
                  [("all", name, LAST) for name in counts])  # fmt: skip
        carried(run, [("all", "month", SEPTEMBER)])
        run.model("fct_response_band")
        run.model("rpt_response_time")
        return {
            band if body is None else f"{band}/{body}": tuple(row)
            for band, body, *row in run.rows(
                "select band, organisation_id, questions, share, lower, upper"
                " from rpt_response_time"
            )
        }


def named(counts: list[tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    return {f"b{i}": numbers for i, numbers in enumerate(counts)}


@PLAIN
@given(counts=bodies)
@example(counts=[(4, 0, 0)] * 5)  # all in one band: a body is worth one case
@example(counts=[(1, 1, 0)] * 5)  # bodies more alike than chance would make them
@example(counts=[(3, 0, 0), (0, 3, 0)] * 3)  # no two of one body differ
def test_the_interval_counts_questions_for_what_they_are_worth(bench, counts) -> None:
    found = bands_of(bench, named(counts))
    wholes = [sum(numbers) for numbers in counts]
    of_band = [
        effects.of_share((numbers[i], whole) for numbers, whole in zip(counts, wholes, strict=True))
        for i in range(len(BANDS))
    ]
    known = [effect for effect in of_band if effect is not None]
    for i, band in enumerate(BANDS):
        effect = max(known, default=None) if of_band[i] is None else of_band[i]
        worth = len(counts) if effect is None else sum(wholes) / effects.told(effect)
        questions, share, lower, upper = found[band]
        assert questions == sum(numbers[i] for numbers in counts)
        assert share == pytest.approx(questions / sum(wholes), abs=1e-12)
        expected = effects.wilson(share, worth / effects.few_bodies(len(counts)) ** 2)
        assert (lower, upper) == pytest.approx(expected, abs=1e-3)


def test_the_interval_of_one_body_is_of_its_questions(bench) -> None:
    found = bands_of(bench, named([(6, 2, 2)] * 5))
    assert found["soon/b0"][2:] == pytest.approx(effects.wilson(0.6, 10), abs=1e-12)


def test_the_interval_is_that_of_a_draw_of_other_bodies(bench) -> None:
    """Bodies that answer nearly all or nearly nothing, as they do: resampling whole bodies gives
    the width, and a formula for independent questions half of it."""
    draw = np.random.default_rng(7)
    rates = draw.beta(0.25, 0.5, 60)
    wholes = draw.integers(2, 40, 60)
    answered = draw.binomial(wholes, rates)
    found = bands_of(
        bench,
        named([(int(a), 0, int(w - a)) for a, w in zip(answered, wholes, strict=True)]),
    )
    picks = draw.integers(0, 60, (4000, 60))
    shares = answered[picks].sum(axis=1) / wholes[picks].sum(axis=1)
    low, high = np.quantile(shares, [0.025, 0.975])
    _, share, lower, upper = found["soon"]
    # rounded up by at most the fourth root of two
    assert 0.95 < (upper - lower) / (high - low) < 1.3
    naive = effects.wilson(share, int(wholes.sum()))
    assert (high - low) > 1.8 * (naive[1] - naive[0])
