# ruff: noqa: S608  (names of our own)
"""Rows that need a disk and no memory: a quarter of the whole register is a million and a half.

SQLite keeps and sorts them. A database without a name is a temporary file that is gone with its
connection, and has no name that anybody could open.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Again(Generic[T]):
    """What can be read through as often as one likes; each time `start` begins anew."""

    start: Callable[[], Iterator[T]]

    def __iter__(self) -> Iterator[T]:
        return self.start()


def _name(place: int) -> str:
    return f"cell_{place}"


class Spool:
    """Rows of `width` cells (text, number or None), read back again and again.

    `ordered`: in the order of their cells (of texts: of their bytes), else as they came.
    """

    def __init__(self, rows: Iterable[Sequence[Any]], width: int, ordered: bool = True) -> None:
        names = ", ".join(map(_name, range(width)))
        self._database = sqlite3.connect("")
        self._database.execute("pragma journal_mode = off")
        self._database.execute(f"create table came ({names})")
        marks = ", ".join("?" * width)
        self._database.executemany(f"insert into came values ({marks})", rows)
        self._table = "came"
        if ordered:
            self._database.execute(f"create table kept as select * from came order by {names}")
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
