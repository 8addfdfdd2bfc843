"""Statbel's and CBS's own population files -> inhabitants of each code on one reference date.

Known layouts (docs/inputs.md shows each): Statbel's TF_SOC_POP_STRUCT (bars, a row a cell of the
cross table, summed here), its sector file, its simple table per municipality; CBS StatLine as CSV
with codes, as CSV with labels, and as OData JSON of versions 3 and 4.
"""

import codecs
import csv
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from klankbord.imports import files
from klankbord.imports.faults import FileRefusedError, Place, said
from klankbord.register import population_totals as totals
from klankbord.register.population_layouts import BE_CODES, NL_CODES, Figures, plain
from klankbord.register.vocabulary import Country

HEADER_WITHIN = 25  # lines of titles that may stand above the header

Cells = list[Any]


def read(path: Path, country: Country, on: date | None) -> Figures:
    """The file's figures on one date; FileRefusedError with every fault that the file has alone.

    on: the date wanted; None when the file holds one only, or its name a year.
    """
    rows = _rows(path)
    header_line, header, body = _header(path, rows, country)
    if country == "BE":
        return totals.statbel(path.name, header_line, header, body, on or _named_day(path.name))
    return totals.cbs(path.name, header, body, on)


def _rows(path: Path) -> Iterator[tuple[int, Cells]]:
    """(line, cells) of the file, streamed where it is Statbel's long text."""
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        raise FileRefusedError([f"{path.name}: {files.unreadable(path, error)}"]) from error
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return _json_rows(path)
    if b"REFNIS" in head.partition(b"\n")[0] and b"|" in head.partition(b"\n")[0]:
        return _bar_rows(path)
    return _shared_rows(path)


def _bar_rows(path: Path) -> Iterator[tuple[int, Cells]]:
    """A hundred megabytes are read as they come; Statbel writes UTF-8 with a mark, once Latin-1."""
    encoding, decoder = "utf-8-sig", codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as probe:
        try:
            for piece in iter(lambda: probe.read(1 << 20), b""):
                decoder.decode(piece)
        except UnicodeDecodeError:
            encoding = "cp1252"
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        reader = csv.reader(stream, delimiter="|", quoting=csv.QUOTE_MINIMAL)
        try:
            for row in reader:
                yield reader.line_num, [cell.strip() for cell in row]
        except csv.Error as error:
            place = Place(path.name, reader.line_num)
            raise FileRefusedError([said(place, f"it is broken there ({error})")]) from error


def _shared_rows(path: Path) -> Iterator[tuple[int, Cells]]:
    """The first way of reading the file that gives rows with a header of ours."""
    document = files.read(path)
    for _, sheets in document.ways:
        for sheet in sheets:
            rows = [(row.line, list(row.cells)) for row in sheet.rows]
            if any(_is_header(cells) for _, cells in rows[:HEADER_WITHIN]):
                return iter(rows)
    return iter([(row.line, list(row.cells)) for row in document.ways[0][1][0].rows])


def _json_rows(path: Path) -> Iterator[tuple[int, Cells]]:
    """OData's `value` as a header and rows; the line is the record's number."""
    try:
        answer = json.loads(path.read_bytes().decode("utf-8-sig"))
        records = answer["value"] if isinstance(answer, dict) else answer
        names = list(dict.fromkeys(name for record in records for name in record))
        yield 1, names
        for number, record in enumerate(records, 1):
            yield number, [record.get(name) for name in names]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = "it is no OData answer with a list `value`: save it again, whole"
        raise FileRefusedError([said(Place(path.name, 1), what)]) from error
    if isinstance(answer, dict) and (answer.get("odata.nextLink") or answer.get("@odata.nextLink")):
        what = "it is one page of several (it has a nextLink): put all pages into one file"
        raise FileRefusedError([said(Place(path.name, 1), what)])


def _is_header(cells: Iterable[object]) -> bool:
    names = {plain(cell) for cell in cells}
    return bool(names & {*BE_CODES, *NL_CODES})


def _header(
    path: Path, rows: Iterator[tuple[int, Cells]], country: Country
) -> tuple[int, dict[str, int], Iterator[tuple[int, Cells]]]:
    """(line, name -> column, the rows below). Titles may stand above it."""
    wanted = BE_CODES if country == "BE" else NL_CODES
    for count, (line, cells) in enumerate(rows):
        names = {plain(cell): number for number, cell in enumerate(cells) if plain(cell)}
        if any(name in names for name in wanted):
            return line, names, rows
        if count >= HEADER_WITHIN:
            break
    office = "Statbel" if country == "BE" else "CBS"
    codes = ", ".join(wanted[:3])
    what = f"no header of {office} with a column of codes ({codes}) in the first {HEADER_WITHIN}"
    raise FileRefusedError([said(Place(path.name, 1), f"{what} lines: see docs/inputs.md")])


def _named_day(name: str) -> date | None:
    """1 January of the year in a file's name, as Statbel names its files."""
    years = re.findall(r"(?<!\d)(20\d\d)(?!\d)", name)
    return date(int(years[-1]), 1, 1) if years else None
