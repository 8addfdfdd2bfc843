"""Numbers, dates, encodings and delimiters: known forms, and everything that may come."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klankbord.imports import dates, files, numbers
from klankbord.imports.faults import FileRefusedError

TODAY = date(2026, 9, 30)
WHOLE = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1.234", "comma", "1234"),
        ("1,234", "point", "1234"),
        ("1.234,5", "comma", "1234.5"),
        ("1,234.5", "point", "1234.5"),
        ("1 234", "comma", "1234"),
        ("1\u202f234\u202f567", "comma", "1234567"),
        ("1'234", "point", "1234"),
        ("12 %", "comma", "0.12"),
        ("12,5%", "comma", "0.125"),
        ("-3", "comma", "-3"),
        ("−3", "comma", "-3"),
        ("+3", "comma", "3"),
        ("007", "comma", "7"),
        ("0", "comma", "0"),
    ],
)
def test_numbers_as_they_are_met(text, decimal, value):
    assert numbers.parse(text, decimal) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", "1.2.3", "12.34", "1.23,4,5", ",5", "1,", "1 23", "0.123", "١٢", "²", "1e5", "12 % 3"],
)
def test_what_is_no_number_with_a_decimal_comma(text):
    with pytest.raises(numbers.NumberError):
        numbers.parse(text, "comma")


def test_absent_is_said_in_many_ways():
    assert all(map(numbers.is_absent, ["", " ", "-", "–", "--", "N/A", "n.v.t."]))
    assert not any(map(numbers.is_absent, ["0", "0,0", "nul", "- 1"]))


@pytest.mark.parametrize(
    ("cells", "habit", "decided"),
    [
        ([("1.234", False)], "point", "point"),  # proves nothing: the habit
        ([("1.234", False)], "comma", "comma"),
        ([("1.234", True)], "point", "comma"),  # a count: the point parts thousands
        ([("1,234", True)], "comma", "point"),
        ([("1.234", False), ("0,5", False)], "point", "comma"),
        ([("1.234,5", False)], "point", "comma"),
        ([("1.234.567", False)], "point", "comma"),
        ([("1234.567", False)], "comma", "point"),
        ([("0.123", True)], "comma", "point"),
        ([("1.5", True), ("2,5", True), ("3,5", True)], "point", "comma"),  # the most
        ([("1.5", True), ("2,5", True)], "point", "point"),  # a tie: the habit, and one is refused
        ([("12", True)], "comma", "comma"),
    ],
)
def test_the_decimal_mark_is_decided_by_the_whole_table(cells, habit, decided):
    found = numbers.decide(cells, None, habit)
    assert found.decimal == decided
    assert bool(found.reason) == any("." in c or "," in c for c, _ in cells)
    assert numbers.decide(cells, "comma", habit).decimal == "comma"


def written(value: Decimal, decimal: numbers.Mark, grouped: str) -> str:
    text = f"{value:,}" if grouped else f"{value}"
    return text.replace(",", "G").replace(".", numbers.MARKS[decimal]).replace("G", grouped)


@given(WHOLE, st.integers(0, 99), st.sampled_from(["comma", "point"]), st.sampled_from(" \u202f'G"))
def test_a_number_is_read_as_it_was_written(whole, cents, decimal, mark):
    grouped = {"G": "." if decimal == "comma" else ","}.get(mark, mark)
    value = Decimal(whole) + Decimal(cents) / 100
    text = written(value, decimal, grouped)
    assert numbers.parse(text, decimal) == value
    assert numbers.evidence(text, whole=False) in (None, decimal)


@given(st.lists(WHOLE.map(Decimal), min_size=1, max_size=9), st.sampled_from(["comma", "point"]))
def test_a_column_of_counts_is_read_as_it_was_written(values, decimal):
    """Grouped counts prove their mark themselves, whatever the habit."""
    cells = [written(v, decimal, "." if decimal == "comma" else ",") for v in values]
    for habit in ("comma", "point"):
        found = numbers.decide([(c, True) for c in cells], None, habit)
        assert [numbers.parse(c, found.decimal) for c in cells] == values


@given(st.text(max_size=30) | st.text("0123456789.,-% '", max_size=14))
def test_any_cell_is_a_number_or_a_sentence(text):
    numbers.decide([(text, True), (text, False)], None, "point")
    for decimal in ("comma", "point"):
        try:
            value = numbers.parse(text, decimal)
        except numbers.NumberError as error:
            assert str(error)
        else:
            assert value.is_finite() and any(c.isdigit() for c in text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-09-03", (2026, 9, 3)),
        ("2026-09-03T00:00:00", (2026, 9, 3)),
        ("2026-09-03 23:30 +0000", (2026, 9, 4)),  # the day in Brussels
        ("2026-09-03T23:30:00Z", (2026, 9, 4)),
        ("2026-09-03 23:30 +02:00", (2026, 9, 3)),
        ("Tue, Mar 10, 2026", (2026, 3, 10)),
        ("Oct 3, 2025", (2025, 10, 3)),
        ("28 sept. 2026", (2026, 9, 28)),
        ("1er août 2026", (2026, 8, 1)),
        ("3 okt. 2025", (2025, 10, 3)),
        ("vr 3 oktober 2025", (2025, 10, 3)),
        ("3 oktober 2025 om", None),
        ("2026-13-01", None),
        ("2026-02-29", None),
        ("3 foo 2026", None),
        ("20260903", None),
        ("3/9", None),
    ],
)
def test_dates_that_need_no_order(text, day):
    if day:
        assert dates.parse(text, None) == date(*day)
    else:
        with pytest.raises(dates.DateError):
            dates.parse(text, None)


@pytest.mark.parametrize("text", ["03/04/2026", "03-04-2026 18:12", "3.4.2026, 6:12 PM"])
def test_dates_that_need_one(text):
    assert dates.parse(text, "dmy") == date(2026, 4, 3)
    assert dates.parse(text, "mdy") == date(2026, 3, 4)
    with pytest.raises(dates.UndecidedError):
        dates.parse(text, None)


def decide(*cells, habit="mdy", stated=None, daily=False) -> dates.Decided:
    return dates.decide(cells, stated, habit, today=TODAY, is_daily=daily)


def test_a_columns_order_is_decided_by_the_strongest_proof():
    assert decide("01/02/2026", "13/02/2026").order == "dmy"
    assert decide("01/02/2026", "02/13/2026", habit="dmy").order == "mdy"
    # twelve is a month too
    assert decide("12/01/2025", "01/02/2025").order == "mdy"
    assert decide("12/01/2025", "01/02/2025", habit="dmy").order == "dmy"
    # in September 2026 the first of December has yet to come
    assert decide("12/01/2026", habit="mdy").order == "dmy"
    assert decide("01/12/2026", habit="dmy").order == "mdy"
    days = [f"0{n}/08/2026" for n in (1, 2, 3)]
    assert decide(*days, daily=True).order == "dmy"
    assert decide(*days, daily=False).order == "mdy"
    assert decide("01/02/2026", habit=None) == dates.Decided(None)
    assert decide("13/02/2026", stated="mdy").order == "mdy"
    assert decide("2026-02-01", date(2026, 2, 1)) == dates.Decided(None)
    assert decide("13/02/2026", "x", "02/14/2026").contradiction == (0, 2)


DAYS = st.lists(st.dates(date(2010, 1, 1), TODAY), min_size=1, max_size=20)


@given(DAYS, st.sampled_from(["dmy", "mdy"]), st.sampled_from("/-."), st.booleans())
def test_a_column_with_a_day_over_twelve_is_read_as_it_was_written(days, order, mark, padded):
    form = "%d{0}%m{0}%Y" if order == "dmy" else "%m{0}%d{0}%Y"
    days = [*days, date(2026, 8, 31)]
    cells = [day.strftime(form.format(mark)) for day in days]
    if not padded:
        cells = [mark.join(part.lstrip("0") for part in c.split(mark)) for c in cells]
    for habit in ("dmy", "mdy", None):
        found = dates.decide(cells, None, habit, today=TODAY)
        assert [dates.parse(c, found.order) for c in cells] == days


@given(st.dates(date(2010, 1, 1), TODAY - timedelta(20)), st.integers(4, 12))
def test_daily_figures_are_read_as_days_that_follow_each_other(start, length):
    """Whichever order is not proved wrong: a run of days has no gap in it."""
    days = [start + timedelta(n) for n in range(length)]
    cells = [day.strftime("%d/%m/%Y") for day in days]
    found = dates.decide(cells, None, "mdy", today=TODAY, is_daily=True)
    assert [dates.parse(c, found.order) for c in cells] == days


@given(st.lists(st.text(max_size=25) | st.dates(), max_size=6))
def test_any_column_is_dates_or_sentences(cells):
    found = dates.decide(cells, None, None, today=TODAY, is_daily=True)
    for cell in cells:
        try:
            assert isinstance(dates.parse(cell, found.order), date)
        except dates.DateError as error:
            assert str(error)


CELLS = st.text(st.characters(codec="cp1252", exclude_characters="\0"), max_size=12).map(str.strip)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]


@settings(max_examples=200)
@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=5),
    st.sampled_from(ENCODINGS),
    st.sampled_from(list(files.DELIMITERS)),
    st.booleans(),
)
def test_a_table_is_read_whatever_its_encoding_and_delimiter(
    tmp_path_factory, rows, encoding, delimiter, hinted
):
    # a header in Dutch, as every export has: without a mark UTF-16 is told by its zero bytes, and
    # UTF-8 from Windows-1252 by its letters with accents
    rows = [["Datum van het bericht", "Réacties", "é"], *rows]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    text = (f"sep={delimiter}\r\n" if hinted else "") + out.getvalue()
    path = tmp_path_factory.getbasetemp() / "table.csv"
    path.write_bytes(text.encode(encoding))
    found = files.read(path)
    ways = {way: [list(row.cells) for row in sheets[0].rows] for way, sheets in found.ways}
    want = [way for way in ways if way.endswith(f"{files.DELIMITERS[delimiter]}s")]
    assert [row for row in ways[want[0]] if row] == rows
    if hinted:
        assert len(ways) == 1
        assert found.ways[0][1][0].rows[-len(rows)].line == 2


def test_the_line_of_a_row_is_where_it_starts(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'a,b\r\n"one\r\ntwo\r\nthree",2\r\n\r\nlast,3\r\n')
    assert [r.line for r in files.read(path).ways[0][1][0].rows if r.filled] == [1, 2, 6]


def test_a_file_that_is_too_large_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,2\n")
    monkeypatch.setattr(files, "BYTES_AT_MOST", 4)
    with pytest.raises(FileRefusedError, match="larger than 0 MB"):
        files.read(path)
