"""What changed since the last publication: inputs of all rows alike, and the days and items of rows
whose extraction is new (temporary table new_extractions of klankbord.horizon_sql).
"""

import hashlib
from collections.abc import Iterator
from datetime import date

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord import horizon_sql as asked
from klankbord import settings


def inputs(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """(name, digest) of what concerns all rows alike: any change opens everything."""
    yield "code", _code_digest()
    for name, query in asked.INPUTS.items():
        cursor.execute(query)
        yield name, str(cursor.fetchone()[0])


def _code_digest() -> str:
    """Of every file of the dbt project, seeds among them."""
    digest = hashlib.sha256()
    root = settings.PROJECT_ROOT / "dbt_project"
    for path in sorted(root.rglob("*")):
        if path.suffix in {".sql", ".yml", ".csv"} and path.is_file():
            digest.update(str(path.relative_to(root)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def oldest(cursor: Cursor) -> date | None:
    """The oldest day that new rows are about: their scans, windows, and the items that they are
    readings of. None: it cannot be told."""
    cursor.execute(asked.OLDEST_WINDOW)
    days = [day for day in cursor.fetchone() if day]
    for table in _tables(cursor, "posts", "messages"):
        cursor.execute(sql.SQL(asked.OLDEST_ITEM).format(sql.Identifier("raw", table)))
        (rows, day, undated) = cursor.fetchone()
        if undated:
            return None
        if rows:
            days.append(day)
    return min(days, default=settings.today())


def list_fresh(cursor: Cursor) -> bool:
    """Make the temporary table `fresh` (account_id, item_id, parent_id, created_at) of the posts
    and messages that are new, until the transaction ends; False where no question was ever kept
    that they could answer."""
    cursor.execute("select to_regclass('marts.fct_question') is not null")
    if not cursor.fetchone()[0]:
        return False
    cursor.execute(
        "create temporary table fresh (account_id text, item_id text, parent_id text,"
        " created_at timestamptz) on commit drop"
    )
    for stream, key in (("posts", "post_id"), ("messages", "message_id")):
        for table in _tables(cursor, stream):
            platform = table.removesuffix(f"_{stream}")
            view = f"stg_{platform}__{stream}"
            cursor.execute("select to_regclass(%s) is not null", [f"staging.{view}"])
            if cursor.fetchone()[0]:
                cursor.execute(
                    sql.SQL(asked.FRESH).format(
                        view=sql.Identifier("staging", view), key=sql.Identifier(key)
                    )
                )
    cursor.execute("create index on fresh (account_id, item_id); analyze fresh")
    return True


def _tables(cursor: Cursor, *streams: str) -> list[str]:
    cursor.execute(
        "select table_name from information_schema.tables where table_schema = 'raw'"
        " and table_name ~ %s order by 1",
        [f"_({'|'.join(streams)})$"],
    )
    return [name for (name,) in cursor.fetchall()]
