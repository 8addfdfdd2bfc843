"""Which format a table is of: told by its header, wherever that stands, never by a file's name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from klankbord.imports import elsewhere
from klankbord.imports.faults import FileRefusedError, Place, listed, said
from klankbord.imports.files import Cell, Document, Row, Sheet
from klankbord.imports.formats import Column, Format, Language, normal

TITLE_LINES_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Table:
    """A header with the rows below it. columns: position -> meaning; a format's `one_of` is
    already settled."""

    sheet: Sheet
    format: Format
    language: Language
    header: Row
    title: str
    rows: tuple[Row, ...]
    columns: dict[int, Column]
    decisions: tuple[str, ...] = ()


@dataclass(slots=True)
class Recognised:
    """A file's tables, and the sheets without one. way: encoding and delimiter, or xls(x)."""

    way: str
    tables: list[Table] = field(default_factory=list)
    other_sheets: list[str] = field(default_factory=list)

    @property
    def columns(self) -> int:
        return sum(len(table.columns) for table in self.tables)


def recognise(document: Document, formats: Sequence[Format]) -> Recognised:
    """The tables of a file, read with the delimiter under which most headers are known.

    A user's own format comes before the built-in ones. FileRefusedError: no header is known, or
    one fits two formats, or a word in it could mean two things.
    """
    best = Recognised("")
    for way, sheets in document.ways:
        found = Recognised(way)
        for sheet in sheets:
            tables = list(_tables(document.name, sheet, formats))
            found.tables += tables
            if not tables and sheet.rows:
                found.other_sheets.append(sheet.name)
        if found.columns > best.columns:
            best = found
    if not best.tables:
        if command := elsewhere.command(document):
            raise FileRefusedError([said(Place(document.name, 1), command)])
        raise FileRefusedError([*document.problems, _unknown(document, formats)])
    return best


def _tables(file: str, sheet: Sheet, formats: Sequence[Format]) -> Iterator[Table]:
    """Each header of a sheet with what stands between it and the next one's title."""
    known = {header for f in formats for x in f.languages for header in x.columns}
    headers = []
    for index, row in enumerate(sheet.rows):
        names = [normal(cell) if isinstance(cell, str) else "" for cell in row.cells]
        if len(known.intersection(names)) >= 2 and (
            match := _match(file, sheet, row, names, formats)
        ):
            headers.append((index, *match))
    for number, (index, found, language, columns, decisions) in enumerate(headers):
        above = headers[number - 1][0] + 1 if number else 0
        titles = _titles(sheet.rows[above:index])
        end = len(sheet.rows)
        if number + 1 < len(headers):
            end = headers[number + 1][0]
            end -= len(_titles(sheet.rows[index + 1 : end]))
        yield Table(
            sheet, found, language, sheet.rows[index],
            str(titles[-1].filled[0]) if titles else "",
            tuple(row for row in sheet.rows[index + 1 : end] if row.filled),
            columns, tuple(decisions),
        )  # fmt: skip


def _titles(rows: Sequence[Row]) -> list[Row]:
    """The lines directly above a header that hold one text and nothing else."""
    titles: list[Row] = []
    for row in reversed([row for row in rows if row.filled]):
        if (
            len(row.filled) > 1
            or not isinstance(row.filled[0], str)
            or len(titles) == TITLE_LINES_AT_MOST
        ):
            break
        titles.insert(0, row)
    return titles


def _match(
    file: str, sheet: Sheet, row: Row, names: list[str], formats: Sequence[Format]
) -> tuple[Format, Language, dict[int, Column], list[str]] | None:
    """The format and language of which the row is a header; of several the one that knows most."""
    matches = []
    for found in formats:
        for language in found.languages:
            columns = {i: language.columns[n] for i, n in enumerate(names) if n in language.columns}
            columns, decisions, unclear = _settled(
                columns, dict(zip(names, row.cells, strict=True))
            )
            targets = {c.target for c in columns.values()}
            targets |= {t for c in unclear.values() for t in c.one_of}
            wanted = found.recognised_by or {
                c.target for c in language.columns.values() if not c.one_of
            }
            if wanted <= targets:
                rank = (found.is_own, len(columns) + len(unclear))
                matches.append((rank, found, language, columns, decisions, unclear))
    if not matches:
        return None
    top = max(match[0] for match in matches)
    best = [match[1:] for match in matches if match[0] == top]
    found, language, columns, decisions, unclear = best[0]
    place = Place(file, row.line, sheet.name)
    if len({other.name for other, *_ in best}) > 1:
        several = listed(sorted({other.name for other, *_ in best}))
        raise FileRefusedError(
            [said(place, f"this header fits {several} alike: give a mapping file of your own")]
        )
    for index, column in unclear.items():
        raise FileRefusedError([
            said(
                replace(place, column=column.header, number=index + 1),
                f"it can mean {' or '.join(column.one_of)}, and the other headers do not tell "
                "which: give a mapping file that does",
            )
        ])  # fmt: skip
    _once(place, columns)
    return found, language, columns, decisions


def _settled(
    columns: dict[int, Column], names: dict[str, Cell]
) -> tuple[dict[int, Column], list[str], dict[int, Column]]:
    """(columns with one meaning, what was decided, columns whose meaning stays unclear): a word
    with two meanings is settled by the headers beside it."""
    clear, decisions, unclear = {}, [], {}
    for index, column in columns.items():
        fits = {target: names.keys() & beside for target, beside in column.one_of.items()}
        meant = [target for target, beside in fits.items() if beside]
        if not column.one_of:
            clear[index] = column
        elif len(meant) == 1:
            clear[index] = Column(column.header, meant[0])
            beside = names[sorted(fits[meant[0]])[0]]
            decisions.append(
                f"“{column.header}” are {meant[0]}: “{beside}” has a column of its own"
            )
        else:
            unclear[index] = column
    return clear, decisions, unclear


def _once(place: Place, columns: dict[int, Column]) -> None:
    seen: dict[str, int] = {}
    for index, column in columns.items():
        if column.target in seen:
            first = columns[seen[column.target]].header
            raise FileRefusedError([
                said(
                    replace(place, column=column.header, number=index + 1),
                    f"it means {column.target}, and so does column {seen[column.target] + 1} "
                    f"“{first}”: remove one of them",
                )
            ])  # fmt: skip
        seen[column.target] = index


def _unknown(document: Document, formats: Sequence[Format]) -> str:
    """The refusal of a file without a known header: names what it comes nearest to."""
    nearest: tuple[int, str, list[str]] = (1, "", [])
    for _, sheets in document.ways:
        for row in (row for sheet in sheets for row in sheet.rows[:50]):
            names = {normal(cell) for cell in row.cells if isinstance(cell, str)}
            for found in formats:
                for language in found.languages:
                    hits = names & language.columns.keys()
                    if len(hits) > nearest[0]:
                        there = {language.columns[n].target for n in hits}
                        lacks = [
                            c.header
                            for c in language.columns.values()
                            if c.target in found.recognised_by - there
                        ]
                        nearest = (len(hits), f"{found.name} {language.code}".strip(), lacks)
    hint = (
        f"it comes nearest to {nearest[1]}, without {' or '.join(f'“{x}”' for x in nearest[2])}"
        if nearest[2]
        else f"known are {listed(sorted(f.name for f in formats))}"
    )
    return said(
        Place(document.name, 1),
        f"no line is the header of a known format ({hint}): export it again, or describe it in "
        "a mapping file (docs/imports.md)",
    )
