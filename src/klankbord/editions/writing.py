"""Schema editions, added to (after `lock`): an edition with all that belongs to it, the ledger."""

from collections.abc import Iterable
from dataclasses import astuple, fields
from datetime import datetime
from typing import Any

from psycopg2 import sql
from psycopg2.extras import execute_values

from klankbord.database.streaming import PAGE
from klankbord.editions import canonical
from klankbord.editions.model import Edition
from klankbord.editions.spool import Again, Spool
from klankbord.editions.store import HEADER, Change, Entry, Table


def spooled(moved: Iterable[Change]) -> Again[Change]:
    """Changes as they come, to be read more than once."""
    spool = Spool(map(astuple, moved), len(fields(Change)), ordered=False)
    return Again(lambda: (Change(*row) for row in spool))


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
            sql.SQL(", ").join(map(sql.Identifier, HEADER)),
            sql.SQL(", ").join([sql.Placeholder()] * len(HEADER)),
        ),
        [getattr(one, name) for name in HEADER],
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
