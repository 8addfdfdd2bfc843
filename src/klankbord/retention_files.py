"""How old a file of the runtime folder is, and the end of those that are kept too long."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord import settings
from klankbord.imports.drop import ASIDE, put_aside_at

#: folders of the runtime folder -> the limit for the files in them
LOGS: Mapping[str, str] = {
    "logs": "log_on",
    "dbt/logs": "log_on",
    "airflow/logs": "log_on",
}


def old_files(
    cursor: Cursor, first_days: Mapping[str, date], now: datetime, dry_run: bool
) -> Iterator[tuple[str, int]]:
    """Remove (unless `dry_run`) what is older than the first day that is kept of its kind, `log_on`
    or `file_on`; counts by folder. One that vanishes meanwhile is gone too.

    A log is as old as its last line. What the drop folder put aside is as old as the putting aside:
    a copy, a move or a restored backup has a time of its own.
    """
    logs = [(name, settings.home() / name, limit) for name, limit in LOGS.items()]
    drops = [(f"drop/{name}", settings.drop_folder() / name, "file_on") for name in ASIDE]
    for name, folder, limit in logs + drops:
        before = datetime.combine(first_days[limit], time.min, now.tzinfo)
        count = 0
        for path in _files(folder):
            try:
                written = _handed_in(cursor, path) if limit == "file_on" else _written(path)
                if written < before:
                    if not dry_run:
                        path.unlink()
                    count += 1
            except FileNotFoundError:
                continue
        yield f"files in {name}", count


def _handed_in(cursor: Cursor, path: Path) -> datetime:
    """By the name that the import gave it; renamed, by the import's record of its content. Only of
    what has neither, which no import put there, by its own time."""
    if moment := put_aside_at(path.name):
        return moment
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    cursor.execute("select imported_at from raw.import_files where file_hash = %s", [digest])
    row = cursor.fetchone()
    return row[0] if row else _written(path)


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _files(folder: Path) -> Iterator[Path]:
    yield from (p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
