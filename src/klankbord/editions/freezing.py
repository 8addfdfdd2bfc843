"""`klankbord edition make`: what is published of a quarter becomes an edition, or a revision."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any

from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from klankbord.database import Access
from klankbord.editions import (
    canonical,
    changes,
    holding,
    memory,
    package,
    sources,
    store,
    versions,
    writing,
)
from klankbord.editions.contents import MEMORY, PARTS
from klankbord.editions.model import ROLE, Edition, EditionError, Quarter, quarter
from klankbord.editions.store import Change, Table
from klankbord.publish import revisions
from klankbord.publish.revisions import Block, Snapshot
from klankbord.settings import LOCAL_ZONE

LICENCE = "CC-BY-4.0"


@dataclass(frozen=True, slots=True)
class Made:
    """What `make` did: the edition, whether it is new, changes by cause, blocks that stay."""

    edition: Edition
    is_new: bool
    rows: int
    causes: Mapping[str, int]
    held_back: int


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be frozen now: tables with the house's memory, and the moment of publication."""

    tables: list[Table]
    snapshot: Snapshot
    known_at: datetime
    register_digest: str


def make(access: Access, period: str, now: datetime, licence: str = LICENCE) -> Made:
    """Freeze a quarter. Where nothing moved since its last edition, that one is given back.

    EditionError: nothing is published of it, or what is published is not what was built last.
    """
    wanted = quarter(period)
    with access.connect(ROLE) as connection:
        # one moment of the warehouse; a publication meanwhile waits or comes after
        connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ)
        with connection.cursor() as cursor:
            writing.lock(cursor)
            draft = read(cursor, wanted)
            earlier = store.editions(cursor, wanted.name)
            return _write(cursor, wanted, draft, earlier, now, licence)


def read(cursor: Any, wanted: Quarter) -> Draft:
    """What the warehouse publishes of a quarter now."""
    sources.check(cursor, wanted)
    closed = sources.closed_on(cursor, wanted)
    tables = [sources.freeze(cursor, part, wanted, closed) for part in PARTS]
    snapshot = revisions.snapshot(cursor, wanted.start)
    cursor.execute("select published_at from published.publication")
    return Draft(tables, snapshot, cursor.fetchone()[0], versions.register_digest(cursor))


def _write(
    cursor: Any,
    wanted: Quarter,
    draft: Draft,
    earlier: Sequence[Edition],
    now: datetime,
    licence: str,
) -> Made:
    public = [one for one in earlier if one.state == "public"]
    blocks, snapshot, tables = held(cursor, draft, public)
    tables = [*tables, *memory.tables(snapshot)]
    previous = earlier[-1] if earlier else None
    moved: Iterable[Change] = ()
    if previous:
        before = store.whole(cursor, previous.edition_id)
        if _digests(before) == _digests(tables) and previous.licence == licence:
            return Made(previous, False, _rows(tables), {}, len(blocks))
        known = _known(cursor, previous, draft, before, tables)
        told = holding.logged(blocks, public[-1].edition_id, snapshot.amounts) if blocks else []
        moved = writing.spooled(chain(told, changes.moved(before, tables, known)))
    one = Edition(
        edition_id=f"{wanted.name}.{previous.revision + 1 if previous else 1}",
        period=wanted.name,
        period_start=wanted.start,
        revision=previous.revision + 1 if previous else 1,
        previous_id=previous.edition_id if previous else None,
        made_at=now,
        known_at=draft.known_at,
        content_hash="",
        code_version=versions.code(),
        definitions=versions.definitions(),
        register_digest=draft.register_digest,
        licence=licence,
        is_synthetic=_is_synthetic(tables),
        **versions.variables(),
    )
    papers = package.documents(one, [t for t in tables if t.table_name not in MEMORY])
    digests = [(audience, path, canonical.sha256(text)) for audience, path, text in papers]
    one = replace(one, content_hash=store.content_hash(one, tables, digests, moved))
    writing.add(cursor, one, tables, papers, moved)
    writing.append(cursor, one.edition_id, "provisional", now, {"content_hash": one.content_hash})
    causes = Counter(change.cause for change in moved)
    return Made(one, True, _rows(tables), causes, len(blocks))


def held(
    cursor: Any, draft: Draft, public: Sequence[Edition]
) -> tuple[dict[Block, str], Snapshot, list[Table]]:
    """The blocks that the quarter's public editions bind, each with the reason; what then lies
    under the figures; and the tables with those blocks as they are public."""
    if not public:
        return {}, draft.snapshot, draft.tables
    blocks: dict[Block, str] = {}
    before = Snapshot()
    for one in public:
        before = memory.read({name: store.lines(cursor, one.edition_id, name) for name in MEMORY})
        blocks |= revisions.held_back(before, draft.snapshot)
    old = {table.table_name: table for table in store.whole(cursor, public[-1].edition_id)}
    try:
        tables = holding.repeated(old, draft.tables, blocks, holding.families(cursor))
    except holding.HeaderChangedError as error:
        raise EditionError(
            f"{error} has other columns than in {public[-1].edition_id}, and {len(blocks)} blocks"
            " of its figures must be repeated: make the revision with that edition's code"
            f" ({public[-1].code_version})."
        ) from error
    return blocks, memory.kept(draft.snapshot, before, blocks), tables


def _digests(tables: Sequence[Table]) -> set[tuple[str, str, str]]:
    return {(t.table_name, t.types, t.sha256) for t in tables}


def _rows(tables: Sequence[Table]) -> int:
    return sum(t.row_count for t in tables if t.table_name not in MEMORY)


def _known(
    cursor: Any, previous: Edition, draft: Draft, before: Sequence[Table], now: Sequence[Table]
) -> changes.Known:
    """What the register and the definitions learnt since the edition before."""
    cursor.execute(
        "select m.predecessor_id, m.successor_id, o.country, o.organisation_type"
        " from register.mergers as m left join register.organisations as o"
        " on o.organisation_id = m.successor_id and o.superseded_at is null"
        " where m.superseded_at is null and m.recorded_at > %s and m.recorded_at <= %s",
        [previous.known_at, draft.known_at],
    )
    rows = cursor.fetchall()
    return changes.Known(
        mergers=frozenset(body for row in rows for body in row[:2]),
        merged_types=frozenset(f"{row[2].lower()}-{row[3]}" for row in rows if row[2]),
        definitions=changes.moved_definitions(before, now),
        was_open=previous.known_at.astimezone(LOCAL_ZONE).date()
        < sources.closed_on(cursor, previous.quarter),
    )


def _is_synthetic(tables: Sequence[Table]) -> bool:
    """Whether any figure comes from the sandbox."""
    return any(
        row["is_synthetic"] == "true"
        for table in tables
        if table.table_name == "group_metric"
        for row in canonical.rows(table.header, table.lines)
    )
