"""Schema editions, read and added to. Nothing here changes a row: there is no right to."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from psycopg2 import sql
from psycopg2.extras import RealDictCursor, execute_values

from klankbord.database import Access
from klankbord.editions import canonical
from klankbord.editions.model import ROLE, Edition, EditionError, parse_id, wider

_COLUMNS = [f.name for f in fields(Edition)]
_HEADER = _COLUMNS[: _COLUMNS.index("state")]
PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Table:
    """A frozen table: its header and types as in the file, its lines when they were asked for."""

    table_name: str
    audience: str
    header: str
    types: str
    row_count: int
    sha256: str
    lines: Sequence[str] = ()


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
    return {name: canonical.value(getattr(one, name)) for name in _HEADER if name not in left_out}


def tables(cursor: Any, edition_id: str, audience: str = "house") -> list[Table]:
    """What an audience sees of an edition, without the lines."""
    cursor.execute(
        "select table_name, audience, header, types, row_count, sha256 from editions.tables"
        ' where edition_id = %s and audience = any(%s) order by table_name collate "C"',
        [edition_id, list(wider(audience))],
    )
    return [Table(*row) for row in cursor.fetchall()]


def lines(cursor: Any, edition_id: str, table_name: str) -> list[str]:
    """A table's lines in their order."""
    cursor.execute(
        "select content from editions.rows where edition_id = %s and table_name = %s"
        " order by row_number",
        [edition_id, table_name],
    )
    return [content for (content,) in cursor.fetchall()]


def documents(cursor: Any, edition_id: str, audience: str) -> list[tuple[str, str, str]]:
    """(path, content, sha256) of the documents of one audience."""
    cursor.execute(
        "select path, content, sha256 from editions.documents where edition_id = %s"
        ' and audience = %s order by path collate "C"',
        [edition_id, audience],
    )
    return cursor.fetchall()


def changes(cursor: Any, edition_id: str, audience: str = "house") -> list[Change]:
    """What moved since the revision before, as an audience sees it."""
    cursor.execute(
        "select audience, table_name, key, old, new, cause, note from editions.changes"
        " where edition_id = %s and audience = any(%s) order by change_number",
        [edition_id, list(wider(audience))],
    )
    return [Change(*row) for row in cursor.fetchall()]


def ledger(cursor: Any) -> list[Entry]:
    """The whole ledger, in its order."""
    cursor.execute(
        "select entry, edition_id, event, happened_at, detail, previous_hash, hash"
        " from editions.ledger order by entry"
    )
    return [Entry(*row) for row in cursor.fetchall()]


def lock(cursor: Any) -> None:
    """Two commands that write would both follow the same last entry: one waits."""
    cursor.execute("select pg_advisory_xact_lock(hashtext('klankbord editions'))")


def append(cursor: Any, edition_id: str, event: str, now: datetime, detail: dict) -> Entry:
    """Add an entry to the ledger (after `lock`)."""
    cursor.execute("select entry, hash from editions.ledger order by entry desc limit 1")
    last = cursor.fetchone() or (0, "")
    draft = Entry(last[0] + 1, edition_id, event, now, canonical.dumps(detail), last[1], "")
    entry = Entry(*[getattr(draft, f.name) for f in fields(Entry)][:-1], draft.computed())
    cursor.execute(
        "insert into editions.ledger values (%s, %s, %s, %s, %s, %s, %s)",
        [getattr(entry, f.name) for f in fields(Entry)],
    )
    return entry


def add(
    cursor: Any,
    one: Edition,
    frozen: Iterable[Table],
    papers: Iterable[tuple[str, str, str]],
    moved: Iterable[Change],
) -> None:
    """Write an edition with all that belongs to it; papers are (audience, path, content)."""
    cursor.execute(
        sql.SQL("insert into editions.editions ({}, period_kind) values ({}, 'quarter')").format(
            sql.SQL(", ").join(map(sql.Identifier, _HEADER)),
            sql.SQL(", ").join([sql.Placeholder()] * len(_HEADER)),
        ),
        [getattr(one, name) for name in _HEADER],
    )
    for table in frozen:
        cursor.execute(
            "insert into editions.tables values (%s, %s, %s, %s, %s, %s, %s)",
            [one.edition_id, table.table_name, table.audience, table.header, table.types,
             table.row_count, table.sha256],
        )  # fmt: skip
        execute_values(
            cursor,
            "insert into editions.rows values %s",
            (
                (one.edition_id, table.table_name, number, text, canonical.sha256(text))
                for number, text in enumerate(table.lines, start=1)
            ),
            page_size=PAGE,
        )
    for audience, path, content in papers:
        cursor.execute(
            "insert into editions.documents values (%s, %s, %s, %s, %s)",
            [one.edition_id, audience, path, content, canonical.sha256(content)],
        )
    execute_values(
        cursor,
        "insert into editions.changes values %s",
        (
            (one.edition_id, number, c.audience, one.previous_id, c.table_name, c.key, c.old,
             c.new, c.cause, c.note)
            for number, c in enumerate(moved, start=1)
        ),
        page_size=PAGE,
    )  # fmt: skip


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

    papers: (audience, path, sha256). What is read back from the database gives the same digest.
    """
    said = {
        "edition": header_of(one),
        "tables": sorted(
            [t.table_name, t.audience, t.types, t.row_count, t.sha256] for t in frozen
        ),
        "documents": sorted(map(list, papers)),
        "changes": [
            [c.audience, c.table_name, c.key, c.old, c.new, c.cause, c.note] for c in moved
        ],
    }
    return canonical.sha256(canonical.dumps(said))


def parsed(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)
