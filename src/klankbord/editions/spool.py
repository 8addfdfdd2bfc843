# ruff: noqa: S608  (names of our own)
"""Rows that need a disk and no memory: a quarter of the whole register is a million and a half.

SQLite keeps and sorts them. A database without a name is a temporary file that is gone with its
connection, and has no name that anybody could open.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from klankbord.editions.model import EditionError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Again(Generic[T]):
    """What can be read through as often as one likes; each time `start` begins anew."""

    start: Callable[[], Iterator[T]]

    def __iter__(self) -> Iterator[T]:
        return self.start()


def _name(place: int) -> str:
    return f"cell_{place}"


def _names(width: int) -> str:
    return ", ".join(map(_name, range(width)))


class Spool:
    """Rows of `width` cells (text, number or None), read back again and again.

    `ordered`: in the order of their cells (of texts: of their bytes), else as they came.
    EditionError: the disk is full.
    """

    def __init__(self, rows: Iterable[Sequence[Any]], width: int, ordered: bool = True) -> None:
        self._database = sqlite3.connect("")
        self._table = "came"
        try:
            self._fill(rows, width)
            if ordered:
                self._sort(width)
        except sqlite3.OperationalError as error:
            raise EditionError(
                f"The lines of an edition cannot be kept in a temporary file ({error}): make room"
                " in the folder for temporary files, or name another with SQLITE_TMPDIR."
            ) from error

    def _fill(self, rows: Iterable[Sequence[Any]], width: int) -> None:
        self._database.execute("pragma journal_mode = off")
        self._database.execute(f"create table came ({_names(width)})")
        marks = ", ".join("?" * width)
        self._database.executemany(f"insert into came values ({marks})", rows)

    def _sort(self, width: int) -> None:
        self._database.execute(f"create table kept as select * from came order by {_names(width)}")
        self._database.execute("drop table came")
        self._table = "kept"

    def __iter__(self) -> Iterator[tuple]:
        return iter(self._database.execute(f"select * from {self._table} order by rowid"))

    def __len__(self) -> int:
        return self._count("*")

    def distinct(self, place: int) -> int:
        """How many different cells a column has."""
        return self._count(f"distinct {_name(place)}")

    def column(self, place: int) -> Again[Any]:
        """The cells of one column, in the rows' order."""
        query = f"select {_name(place)} from {self._table} order by rowid"
        return Again(lambda: (cell for (cell,) in self._database.execute(query)))

    def _count(self, what: str) -> int:
        return self._database.execute(f"select count({what}) from {self._table}").fetchone()[0]
