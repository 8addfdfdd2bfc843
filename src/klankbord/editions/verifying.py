"""`klankbord edition verify`: is every byte of every edition what was frozen?

From the bottom up: a line has its own digest, a table that of its file, an edition a content hash
over all of it, and the ledger chains the editions. Who changes a line must change all four, and the
ledger's head, which every exported copy of a later edition was made under.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from klankbord.database import Access, streamed
from klankbord.editions import canonical, export, store
from klankbord.editions.model import ROLE, Edition, EditionError
from klankbord.editions.store import Table


def faults(access: Access, edition_id: str = "") -> list[str]:
    """A sentence for each thing that is not as it was frozen; of one edition, or of all."""
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        chosen = [store.edition(cursor, edition_id)] if edition_id else store.editions(cursor)
        entries = store.ledger(cursor)
        found = list(_ledger(entries))
        for one in chosen:
            found += _edition(cursor, one)
            said = [e for e in entries if e.edition_id == one.edition_id]
            if not said or said[0].event != "provisional":
                found.append(f"{one.edition_id}: the ledger does not say that it was made.")
            elif store.parsed(said[0].detail) != {"content_hash": one.content_hash}:
                found.append(f"{one.edition_id}: the ledger has another content hash.")
        return found


def head(access: Access) -> str:
    """The hash of the ledger's last entry: published elsewhere, it witnesses all before it."""
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        entries = store.ledger(cursor)
        return entries[-1].hash if entries else ""


def against(access: Access, edition_id: str, folder: Path, audience: str) -> list[str]:
    """Where an exported copy differs from the frozen edition: file, line and byte."""
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        store.edition(cursor, edition_id)
        frozen = dict(export.files(cursor, edition_id, audience))
        if not folder.is_dir():
            raise EditionError(f"{folder} is no folder: name one that was exported.")
        copies = {path.name for path in folder.iterdir() if path.is_file()}
        found = [f"{name} is not in the copy." for name in sorted(frozen.keys() - copies)]
        found += [f"{name} is no file of {edition_id}." for name in sorted(copies - frozen.keys())]
        for name in sorted(copies & frozen.keys()):
            with (folder / name).open("rb") as file:
                place = _difference(frozen[name], file)
            if place:
                found.append(f"{name} differs from line {place[0]}, byte {place[1]} on.")
    return found


def _difference(frozen: Iterable[bytes], copy: BinaryIO) -> tuple[int, int] | None:
    """Line and byte in it of the first that differs; each piece of a file ends a line."""
    line = 1
    for piece in frozen:
        data = copy.read(len(piece))
        if data != piece:
            pairs = enumerate(zip(piece, data, strict=False))
            same = next((i for i, (a, b) in pairs if a != b), len(data))
            return line + piece.count(b"\n", 0, same), same - piece.rfind(b"\n", 0, same)
        line += piece.count(b"\n")
    return (line, 1) if copy.read(1) else None


def _ledger(entries: list[store.Entry]) -> Iterator[str]:
    previous = ""
    for number, entry in enumerate(entries, start=1):
        if entry.entry != number:
            yield f"The ledger lacks entry {number}."
            return
        if entry.previous_hash != previous:
            yield f"Entry {number} of the ledger does not follow the one before."
        if entry.computed() != entry.hash:
            yield f"Entry {number} of the ledger ({entry.edition_id} {entry.event}) was changed."
        previous = entry.hash


def _edition(cursor: Any, one: Edition) -> Iterator[str]:
    tables = store.tables(cursor, one.edition_id)
    cursor.execute(
        "select distinct table_name from editions.rows where edition_id = %s"
        " and table_name <> all(%s) order by 1",
        [one.edition_id, [table.table_name for table in tables]],
    )
    for (name,) in cursor.fetchall():
        yield f"{one.edition_id}, {name}: rows of a table that the edition does not have."
    for table in tables:
        yield from _table(cursor, one, table)
    papers = []
    for audience in ("public", "members", "house"):
        for path, content, digest in store.documents(cursor, one.edition_id, audience):
            papers.append((audience, path, digest))
            if canonical.sha256(content) != digest:
                yield f"{one.edition_id}, {path} for {audience}: was changed."
    moved = store.changes(cursor, one.edition_id)
    if store.content_hash(one, tables, papers, moved) != one.content_hash:
        yield (
            f"{one.edition_id}: its header, its list of tables and documents or its log of changes"
            " is not what the content hash was made of."
        )


def _table(cursor: Any, one: Edition, table: Table) -> Iterator[str]:
    where = f"{one.edition_id}, {table.table_name}"
    rows = streamed(
        cursor,
        "select row_number, content, sha256 from editions.rows where edition_id = %s"
        " and table_name = %s order by row_number",
        [one.edition_id, table.table_name],
    )
    count, whole = 0, hashlib.sha256(f"{table.header}\n".encode())
    named = False
    for count, (number, content, digest) in enumerate(rows, start=1):
        if number != count:
            yield f"{where}: row {count} is missing."
            return
        if canonical.sha256(content) != digest:
            # the header is the file's first line
            yield f"{where}: row {number} (line {number + 1} of the file) was changed."
            named = True
        whole.update(f"{content}\n".encode())
    if named:
        return
    if count != table.row_count:
        yield f"{where}: {count} rows instead of {table.row_count}."
    elif whole.hexdigest() != table.sha256:
        yield f"{where}: the file is not the one that was frozen, and each row has its own digest."
