"""Rows as the bytes that COPY takes: made once, item by item, and never touched again."""

import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import IO, Any

import msgspec

from klankbord.platforms.events import Item

COLUMNS = (
    "account_id", "item_id", "scan_on", "observed_at", "created_at", "answers", "thread_id",
    "payload", "extraction_id",
)  # fmt: skip
#: of one stream of one account, what stays in memory; the rest of a large one waits in a file
BYTES_IN_MEMORY = 4 << 20
#: jsonb takes no NUL; an escaped backslash before u0000 is text and stays
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
#: what means something in COPY's text format; text of PostgreSQL holds no NUL
_SPECIAL = re.compile(r"[\\\t\n\r\0]")
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": None})
_encode = msgspec.json.Encoder().encode


def to_json(payload: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8 that jsonb accepts: no NUL character, no half of a surrogate pair."""
    try:
        text = _encode(payload)
    except (UnicodeEncodeError, OverflowError, TypeError):  # half a pair, a number over 64 bits
        words = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        text = words.encode("utf-8", "replace")
    # one byte is found far sooner than six, and most texts have no backslash
    if text.find(b"\\") >= 0 and b"\\u0000" in text:
        return _NUL.sub(rb"\1", text)
    return text


def field(value: object) -> str:
    """A value in COPY's text format; None is \\N."""
    if value is None:
        return "\\N"
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return text if text.isascii() and text.isalnum() else _escaped(text)


def _escaped(text: str) -> str:
    return text.translate(_ESCAPED) if _SPECIAL.search(text) else text


class Lines:
    """Items of one extraction as rows of a raw table, in the order of COLUMNS."""

    def __init__(self, scan_on: date, observed_at: datetime, extraction_id: str) -> None:
        self._when = f"\t{scan_on.isoformat()}\t{observed_at.isoformat()}\t"
        self._end = f"\t{extraction_id}\n".encode()
        self._account: tuple[str | None, str] = (None, "")

    def line(self, item: Item, item_id: str, payload: Mapping[str, Any]) -> bytes:
        """An item as it may be stored (`privacy.Minimiser`)."""
        account_id, account = self._account
        if account_id != item.account_id:  # one account's items come after each other
            account = field(item.account_id)
            self._account = item.account_id, account
        if not (item_id.isascii() and item_id.isalnum()):
            item_id = _escaped(item_id)
        created_at = _encode(item.created_at)[1:-1].decode() if item.created_at else "\\N"
        answers = "\\N" if item.answers is None else item.answers
        thread_id = "\\N" if item.thread_id is None else field(item.thread_id)
        head = f"{account}\t{item_id}{self._when}{created_at}\t{answers}\t{thread_id}\t"
        text = to_json(payload).replace(b"\\", b"\\\\")
        return b"".join((head.encode("utf-8", "replace"), text, self._end))


class Rows:
    """The rows of a stream of an account: memory stays flat however many there are."""

    def __init__(self) -> None:
        self.count = 0
        self._lines: list[bytes] = []
        self._bytes = 0
        self._file: IO[bytes] | None = None

    def add(self, line: bytes) -> None:
        """One more row."""
        self.count += 1
        self._lines.append(line)
        self._bytes += len(line)
        if self._bytes > BYTES_IN_MEMORY:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the rows)
            self._file.write(b"".join(self._lines))
            self._lines, self._bytes = [], 0

    def pieces(self) -> Iterator[bytes]:
        """All rows, in pieces of whole or broken lines; as often as one likes."""
        if self._file is not None:
            self._file.seek(0)
            while piece := self._file.read(BYTES_IN_MEMORY):
                yield piece
            self._file.seek(0, 2)
        yield b"".join(self._lines)


class Pieces:
    """Pieces of bytes as the file that psycopg2's COPY reads."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = filter(None, pieces)

    def read(self, _size: int = -1) -> bytes:
        """The next piece, of its own size; nothing at the end."""
        return next(self._pieces, b"")
