"""Bytes that never change: each line here is part of editions that are frozen."""

import hashlib
import math
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klankbord.editions import canonical
from klankbord.editions.model import EditionError, parse_id, quarter, quarter_before


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([None, "", " x"], ',"", x'),
        ([1, 1.0, 0.1, 1e22, 5e-324], "1,1.0,0.1,1e+22,5e-324"),
        ([True, False], "true,false"),
        (['a"b', "a,b", "a\nb", "é"], '"a""b","a,b","a\nb",é'),
        ([date(2026, 9, 1)], "2026-09-01"),
        ([datetime.fromisoformat("2026-09-30T22:00:00.5+02:00")], "2026-09-30T20:00:00.500000Z"),
        ([{"b": 1, "a": "é"}], '"{""a"":""é"",""b"":1}"'),
        ([["q1", "q2"]], '"[""q1"",""q2""]"'),
    ],
)
def test_a_line(cells, expected) -> None:
    assert canonical.line(cells) == expected


def test_lines_are_in_the_order_of_their_bytes_and_files_end_with_a_line_end() -> None:
    text = canonical.lines([["é"], ["z"], ["Z"], ["10"], ["9"], ["\U0001f600"], ["\uffff"]])
    assert list(text.column(0)) == ["10", "9", "Z", "z", "é", "\uffff", "\U0001f600"]
    data = b"".join(canonical.file("a", ["9", "é"]))
    assert data == "a\n9\né\n".encode()
    assert canonical.digest(canonical.file("a", ["9", "é"])) == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_what_is_no_number_is_refused(number) -> None:
    with pytest.raises(EditionError, match="numbers only"):
        canonical.line([number])


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_texts_come_back(cells: list[str]) -> None:
    header = ",".join(f"c{n}" for n in range(len(cells) + 1))
    [row] = canonical.rows(header, [canonical.line([*cells, 1])])
    assert list(row.values())[:-1] == cells


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back_to_the_last_bit(number: float) -> None:
    [row] = canonical.rows("a,b", [canonical.line([number, 1])])
    assert float(row["a"]).hex() == number.hex()


def test_quarters() -> None:
    assert quarter("2026-Q3").start == date(2026, 7, 1)
    ends = [quarter(f"2026-Q{n}").end for n in (1, 2, 3, 4)]
    assert ends == [date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30), date(2026, 12, 31)]
    assert quarter_before(date(2026, 10, 9)).name == "2026-Q3"
    assert quarter_before(date(2026, 1, 1)).name == "2025-Q4"
    assert quarter_before(date(2026, 12, 31)).name == "2026-Q3"
    assert parse_id("2026-Q3.12") == ("2026-Q3", 12)


@pytest.mark.parametrize("text", ["2026-09", "2026-Q5", "2026-Q3.1", " 2026-Q3", "1999-Q1", ""])
def test_what_is_no_quarter_says_how_one_is_written(text) -> None:
    with pytest.raises(EditionError, match="write 2026-Q3"):
        quarter(text)


@pytest.mark.parametrize("text", ["2026-Q3", "2026-Q3.0", "2026-Q3.01", "2026-Q3.1 ", "x"])
def test_what_is_no_edition_says_how_one_is_written(text) -> None:
    with pytest.raises(EditionError, match="is no edition"):
        parse_id(text)
