"""An edition as files: CSV and a data package, byte for byte the same at any time."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from klankbord.database import Access
from klankbord.editions import canonical, revising, store
from klankbord.editions.contents import MEMORY
from klankbord.editions.model import READERS, ROLE, EditionError


def files(cursor: Any, edition_id: str, audience: str) -> Iterator[tuple[str, Iterable[bytes]]]:
    """(name, lines of bytes) of each file that an audience gets, whatever became of the edition
    since; read them while the cursor's transaction lasts."""
    for path, content, _ in store.documents(cursor, edition_id, audience):
        yield path, [content.encode()]
    for table in store.tables(cursor, edition_id, audience):
        if table.table_name not in MEMORY:
            lines = store.lines(cursor, edition_id, table.table_name)
            yield f"{table.table_name}.csv", canonical.file(table.header, lines)
    yield "changes.csv", revising.as_csv(store.changes(cursor, edition_id, audience))


def export(access: Access, edition_id: str, folder: Path, audience: str) -> list[str]:
    """Write the files into a new or empty folder (or over the same edition's); their names.

    Refused where the edition's state does not allow that audience to see it, and where the folder
    holds anything else: an old file would look like part of the edition.
    """
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        one = store.edition(cursor, edition_id)
        if audience not in READERS[one.state]:
            raise EditionError(
                f"{edition_id} is {one.state}: {audience} may not see it yet"
                f" (`klankbord edition advance {edition_id}`, or --audience house)."
            )
        content = dict(files(cursor, edition_id, audience))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            strange = sorted({path.name for path in folder.iterdir()} - content.keys())
            if strange:
                raise EditionError(
                    f"{folder} holds {strange[0]}, which is no file of {edition_id} for {audience}:"
                    " name a new or empty folder."
                )
            for name, pieces in content.items():
                draft = folder / f".{name}.draft"
                with draft.open("wb") as file:
                    file.writelines(pieces)
                draft.replace(folder / name)
        except OSError as error:
            raise EditionError(f"{folder} cannot be written: {error.strerror}.") from error
    return sorted(content)
