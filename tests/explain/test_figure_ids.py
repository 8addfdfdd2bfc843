"""Names of figures, and the arithmetic that checks them."""

import statistics
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klankbord.cli.main import main
from klankbord.explain import ExplainError, FigureId, arithmetic, parse
from klankbord.explain.figure_ids import KINDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "M26:x:be-municipality/size-under_20k:2026-Q3",
            FigureId("M26", "x", "be-municipality/size-under_20k", "2026-Q3"),
        ),
        (
            "2026-Q3.1/M26@quintly:x:be-municipality-44021:2026-09",
            FigureId("M26", "x", "be-municipality-44021", "2026-09", "quintly", "2026-Q3.1"),
        ),
        ("published/M06a:x:nl-province:2026-12", FigureId("M06a", "x", "nl-province", "2026-12")),
    ],
)
def test_a_name_is_read_and_written(text: str, expected: FigureId) -> None:
    assert parse(text) == expected
    assert str(expected) == text.removeprefix("published/")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_of_figure_has_a_name_of_its_own(kind) -> None:
    for text in (kind.example, f"2026-Q3.1/{kind.example}"):
        found = parse(text)
        assert found.kind == kind.name
        assert str(found) == text


@given(
    st.text()
    | st.from_regex(r"M\d\d:[a-z]*:[a-z/-]*:20\d\d-[0-9Q]*")
    | st.one_of(*(st.from_regex(kind.regex, fullmatch=True) for kind in KINDS))
)
def test_any_other_text_is_refused_with_an_example(text: str) -> None:
    try:
        found = parse(text)
    except ExplainError as error:
        assert "write it as M26:x:be-municipality/size-under_20k:2026-Q3" in str(error)
    else:
        assert parse(str(found)) == found


def test_the_example_reaches_the_reader_as_it_is_written(monkeypatch, capsys) -> None:
    """`:x:` is a platform, and rich would make a picture of it."""
    monkeypatch.setattr(sys, "argv", ["klankbord", "explain", "foo"])
    with pytest.raises(SystemExit):
        main()
    assert "write it as M26:x:be-municipality/size-under_20k:2026-Q3" in capsys.readouterr().err


@given(st.lists(st.floats(-1e6, 1e6), min_size=2))
def test_quartiles_are_those_of_the_library(values: list[float]) -> None:
    expected = statistics.quantiles(values, n=4, method="inclusive")
    for share, value in zip((0.25, 0.5, 0.75), expected, strict=True):
        assert arithmetic.quantile(values, share) == pytest.approx(value, rel=1e-9, abs=1e-6)


def test_the_wait_of_all_questions() -> None:
    assert arithmetic.survival_median([(1, True), (2, True), (3, False), (4, True)]) == 2
    assert arithmetic.survival_median([(1, True), (5, False), (5, False)]) is None
    # who was followed to an hour counts through it
    assert arithmetic.survival_median([(2, False), (2, True)]) == 2
    assert arithmetic.survival_median([]) is None


def test_absent_equals_absent_only() -> None:
    assert arithmetic.is_same(None, None)
    assert not arithmetic.is_same(None, 0.0)
    assert not arithmetic.is_same(0.0, None)
    assert arithmetic.is_same(0.3, 0.1 + 0.2)
    assert not arithmetic.is_same(1.0, 1.00001)


def test_a_group_is_the_sum_of_its_members() -> None:
    members = [
        {"value": 10.0, "numerator": 1, "denominator": 10},
        {"value": 20.0, "numerator": 8, "denominator": 40},
        {"value": None, "numerator": 100, "denominator": 1},
    ]
    found = arithmetic.of_group(members, 100, "pooled")
    assert (found["n"], found["n_members"], found["mean"], found["median"]) == (2, 3, 15.0, 15.0)
    assert found["value"] == found["pooled"] == pytest.approx(18.0)
    assert arithmetic.of_group(members[2:], 1, "median")["value"] is None
