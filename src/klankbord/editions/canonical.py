"""One way to write a value, a line and a file: the same bytes on every machine, for ever.

CSV in UTF-8, lines end with LF. Nothing is an empty cell, an empty text is `""`. Numbers are the
shortest text that reads back as the same double. Days and moments as ISO 8601, moments in UTC.
JSON has sorted keys and no blanks. Lines are in the order of their bytes. Changing any of this
would change frozen editions: make another form beside it instead.
"""

import csv
import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from klankbord.editions.model import EditionError
from klankbord.editions.spool import Spool


def value(cell: Any) -> str | None:
    """A cell's text; None where there is nothing."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if not math.isfinite(cell):
            raise EditionError(f"A figure is {cell}: an edition holds numbers only.")
        return repr(cell)
    if isinstance(cell, int | Decimal):
        return str(cell)
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, dict | list):
        return dumps(cell)
    return str(cell)


def dumps(thing: Any) -> str:
    """JSON with sorted keys, without blanks; letters as they are."""
    return json.dumps(
        thing, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def line(cells: Iterable[Any]) -> str:
    """A row as a line without its end; a quoted cell may hold line ends of its own."""
    return ",".join(_cell(value(cell)) for cell in cells)


def _cell(text: str | None) -> str:
    if text is None:
        return ""
    if not text or any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def lines(rows: Iterable[Sequence[Any]]) -> Spool:
    """Rows as lines, in the order of their bytes; read them with `column(0)`."""
    return Spool(((line(row),) for row in rows), 1)


def file(header: str, content: Iterable[str]) -> Iterator[bytes]:
    """A file's bytes, line by line: the header, then the lines."""
    for text in chain((header,), content):
        yield f"{text}\n".encode()


def digest(pieces: Iterable[bytes]) -> str:
    """The SHA-256 of a file."""
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def rows(header: str, content: Iterable[str]) -> Iterator[dict[str, str]]:
    """Lines back as texts by column; an empty cell and an empty text are both ''."""
    names = next(csv.reader([header]))
    for text in content:
        yield dict(zip(names, next(csv.reader([text], strict=True)), strict=True))
