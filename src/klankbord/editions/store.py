"""Schema editions, as it is read. Nothing here changes a row: there is no right to.

Lines and changes can be millions: they are read a page at a time.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import datetime
from typing import Any

from psycopg2 import sql
from psycopg2.extras import RealDictCursor

from klankbord.database import Access, streamed
from klankbord.editions import canonical
from klankbord.editions.model import ROLE, Edition, EditionError, parse_id, wider
from klankbord.editions.spool import Again, Spool

_COLUMNS = [f.name for f in fields(Edition)]
HEADER = _COLUMNS[: _COLUMNS.index("state")]


@dataclass(frozen=True, slots=True)
class Table:
    """A frozen table: its header and types as in the file, its lines when they were asked for
    (while the transaction lasts that they are read in)."""

    table_name: str
    audience: str
    header: str
    types: str
    row_count: int
    sha256: str
    lines: Iterable[str] = ()


def frozen(name: str, audience: str, header: str, types: str, lines: Spool) -> Table:
    """Lines (the first cells, in their order) as a table with its digest."""
    text = lines.column(0)
    digest = canonical.digest(canonical.file(header, text))
    return Table(name, audience, header, types, len(lines), digest, text)


@dataclass(frozen=True, slots=True)
class Change:
    """A row of editions.changes; key, old and new are canonical JSON."""

    audience: str
    table_name: str
    key: str
    old: str | None
    new: str | None
    cause: str
    note: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the ledger; `hash` covers all the rest and the entry before."""

    entry: int
    edition_id: str
    event: str
    happened_at: datetime
    detail: str
    previous_hash: str
    hash: str

    def computed(self) -> str:
        said = [
            self.entry, self.edition_id, self.event, canonical.value(self.happened_at),
            self.detail, self.previous_hash,
        ]  # fmt: skip
        return canonical.sha256(canonical.dumps(said))


def editions(cursor: Any, period: str = "") -> list[Edition]:
    """All editions, or those of a period, in the order in which they were made."""
    cursor.execute(
        sql.SQL(
            "select {} from editions.current where %s in ('', period)"
            " order by period_start, revision"
        ).format(sql.SQL(", ").join(map(sql.Identifier, _COLUMNS))),
        [period],
    )
    return [Edition(*row) for row in cursor.fetchall()]


def edition(cursor: Any, edition_id: str) -> Edition:
    """An edition, or an EditionError that lists those of its period."""
    period, _ = parse_id(edition_id)
    found = editions(cursor, period)
    for one in found:
        if one.edition_id == edition_id:
            return one
    listed = ", ".join(one.edition_id for one in found) or "none"
    raise EditionError(f"There is no edition {edition_id}: of {period} there is {listed}.")


def header_of(one: Edition) -> dict[str, Any]:
    """What was frozen of an edition itself, as the content hash covers it."""
    left_out = ("content_hash", "made_at")
    return {name: canonical.value(getattr(one, name)) for name in HEADER if name not in left_out}


def tables(cursor: Any, edition_id: str, audience: str = "house") -> list[Table]:
    """What an audience sees of an edition, without the lines."""
    cursor.execute(
        "select table_name, audience, header, types, row_count, sha256 from editions.tables"
        ' where edition_id = %s and audience = any(%s) order by table_name collate "C"',
        [edition_id, list(wider(audience))],
    )
    return [Table(*row) for row in cursor.fetchall()]


def lines(cursor: Any, edition_id: str, table_name: str) -> Again[str]:
    """A table's lines in their order, while the cursor's transaction lasts."""
    query = (
        "select content from editions.rows where edition_id = %s and table_name = %s"
        " order by row_number"
    )
    values = [edition_id, table_name]
    return Again(lambda: (content for (content,) in streamed(cursor, query, values)))


def whole(cursor: Any, edition_id: str, audience: str = "house") -> list[Table]:
    """What an audience sees of an edition, with the lines."""
    return [
        replace(table, lines=lines(cursor, edition_id, table.table_name))
        for table in tables(cursor, edition_id, audience)
    ]


def documents(cursor: Any, edition_id: str, audience: str) -> list[tuple[str, str, str]]:
    """(path, content, sha256) of the documents of one audience."""
    cursor.execute(
        "select path, content, sha256 from editions.documents where edition_id = %s"
        ' and audience = %s order by path collate "C"',
        [edition_id, audience],
    )
    return cursor.fetchall()


def changes(cursor: Any, edition_id: str, audience: str = "house") -> Again[Change]:
    """What moved since the revision before, as an audience sees it; see `lines`."""
    query = (
        "select audience, table_name, key, old, new, cause, note from editions.changes"
        " where edition_id = %s and audience = any(%s) order by change_number"
    )
    values = [edition_id, list(wider(audience))]
    return Again(lambda: (Change(*row) for row in streamed(cursor, query, values)))


def change_count(cursor: Any, edition_id: str) -> int:
    cursor.execute("select count(*) from editions.changes where edition_id = %s", [edition_id])
    return cursor.fetchone()[0]


def ledger(cursor: Any) -> list[Entry]:
    """The whole ledger, in its order."""
    cursor.execute(
        "select entry, edition_id, event, happened_at, detail, previous_hash, hash"
        " from editions.ledger order by entry"
    )
    return [Entry(*row) for row in cursor.fetchall()]


def rows_of(access: Access, query: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Rows of a query with the publisher's role."""
    with (
        access.connect(ROLE) as connection,
        connection.cursor(cursor_factory=RealDictCursor) as cursor,
    ):
        cursor.execute(query, values)
        return [dict(row) for row in cursor.fetchall()]


def content_hash(
    one: Edition,
    frozen: Iterable[Table],
    papers: Iterable[tuple[str, str, str]],
    moved: Iterable[Change],
) -> str:
    """What an edition is, in one digest: its header, each table's, each paper's, its log.

    papers: (audience, path, sha256). What is read back from the database gives the same digest:
    that of the canonical JSON of an object with the keys changes (a list of lists), documents,
    edition and tables, of which the first may be too long to be written at once.
    """
    rest = {
        "edition": header_of(one),
        "tables": sorted(
            [t.table_name, t.audience, t.types, t.row_count, t.sha256] for t in frozen
        ),
        "documents": sorted(map(list, papers)),
    }
    found = hashlib.sha256(b'{"changes":[')
    for number, change in enumerate(moved):
        found.update(("," if number else "").encode())
        found.update(canonical.dumps(astuple(change)).encode())
    found.update(("]," + canonical.dumps(rest)[1:]).encode())
    return found.hexdigest()


def parsed(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)
