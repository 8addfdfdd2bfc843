"""A file's cells, whatever it is: text in any usual encoding and delimiter, xlsx, xls.

Nothing is known of formats here. A text file is parsed with each delimiter that it may have, and
the reader takes the one under which a header is recognised.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from klankbord.imports import workbooks
from klankbord.imports.faults import FileRefusedError, Place, said

BYTES_AT_MOST = 20_000_000  # some 100,000 posts, and 0.6 GB of memory
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
CELL_AT_MOST = 1_000_000
_AS_TEXT = re.compile(r'\A="([^"]*)"\Z')

Cell = str | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """A record: the line that it starts on, and its cells without blanks around them."""

    line: int
    cells: tuple[Cell, ...]

    @property
    def filled(self) -> list[Cell]:
        """The cells that hold something."""
        return [cell for cell in self.cells if cell not in (None, "")]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows, and the name that a workbook gives them ("" for text)."""

    name: str
    rows: tuple[Row, ...]
    is_text: bool = True  # its rows have as many cells as were written, not as the sheet is wide


@dataclass(frozen=True, slots=True)
class Document:
    """A file: `ways` has one entry for each delimiter that the text may have."""

    name: str
    digest: str  # SHA-256 of the bytes
    ways: tuple[tuple[str, tuple[Sheet, ...]], ...]
    problems: tuple[str, ...] = field(default=())  # why a delimiter could not be


def read(path: Path, bytes_at_most: int | None = None) -> Document:
    """All that stands in a file; FileRefusedError where nothing can be read."""
    place, bytes_at_most = Place(path.name, 1), bytes_at_most or BYTES_AT_MOST
    try:
        size = path.stat().st_size
        content = path.read_bytes() if 0 < size <= bytes_at_most else b""
    except OSError as error:
        raise FileRefusedError([f"{path.name}: {unreadable(path, error)}"]) from error
    if size > bytes_at_most:
        limit = bytes_at_most // 1_000_000
        raise FileRefusedError([said(place, f"it is larger than {limit} MB: export fewer days")])
    if not content.strip():
        raise FileRefusedError([said(place, "it is empty: export it again")])
    digest = hashlib.sha256(content).hexdigest()
    if workbooks.is_workbook(content):
        kind, sheets = workbooks.read(content, place)
        named = tuple(
            Sheet(name, tuple(Row(n, tuple(map(_cell, row))) for n, row in rows), is_text=False)
            for name, rows in sheets
        )
        return Document(path.name, digest, ((kind, named),))
    encoding, text = _decoded(content, place)
    hint, text = _separator_line(text)
    ways, problems = [], []
    for delimiter in [hint] if hint else [d for d in DELIMITERS if d in text] or [","]:
        try:
            rows = tuple(_records(text, delimiter))
        except csv.Error as error:
            problems.append(said(place, f"read with {DELIMITERS[delimiter]}s, {error}"))
        else:
            ways.append((f"{encoding}, {DELIMITERS[delimiter]}s", (Sheet("", rows),)))
    if not ways:
        raise FileRefusedError(problems)
    return Document(path.name, digest, tuple(ways), tuple(problems))


def unreadable(path: Path, error: OSError) -> str:
    """Why a file cannot be opened, as the end of a sentence."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file: correct its name."
    if path.is_dir():
        return "it is a folder: name the files in it."
    return f"it cannot be read ({error.__class__.__name__}): may you open it?"


def _cell(value: object) -> Cell:
    return value.strip() if isinstance(value, str) else value


def _decoded(content: bytes, place: Place) -> tuple[str, str]:
    """(name of the encoding, text): by its byte-order mark, its zero bytes, or what fits."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(mark):
            candidates = [encoding]
            break
    else:
        head = content[:400]
        if b"\0" in head:
            # Latin text in UTF-16 has its zero in every other byte
            even, odd = head[::2].count(0), head[1::2].count(0)
            candidates = ["utf-16-le" if odd >= even else "utf-16-be"]
        else:
            candidates = ["utf-8", "cp1252"]
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return encoding.removesuffix("-sig").upper().replace("CP", "Windows-"), text
    names = " or ".join(candidates)
    raise FileRefusedError(
        [said(place, f"its bytes are no text in {names}: export it again as CSV or xlsx")]
    )


def _separator_line(text: str) -> tuple[str, str]:
    """The delimiter of Excel's `sep=;` line, which is then blanked so that lines keep numbers."""
    found = re.match(r'"?sep=(.)"?[ \t,;]*(?=[\r\n]|\Z)', text, re.I)
    if found and found[1] in DELIMITERS:
        return found[1], text[found.end() :]
    return "", text


def _records(text: str, delimiter: str) -> Iterator[Row]:
    """Records with the line they start on; csv.Error with the line it stopped on."""
    csv.field_size_limit(CELL_AT_MOST)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise csv.Error(f"the row that starts on line {line} does not end: {error}") from error
        # ="0123" is how programs keep Excel from making a number of a text
        yield Row(line, tuple(_AS_TEXT.sub(r"\1", cell.strip()) for cell in record))
