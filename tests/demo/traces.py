"""Searching everything that a run leaves behind for what must not be in it."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from psycopg2 import sql

from klankbord import database

#: every piece of text that is long enough to be a name, a handle or a message
_WORD = re.compile(r"[^\s\"'<>,;(){}\[\]|]+")
#: types of columns in which no word can stand
WORDLESS = (
    "bigint",
    "boolean",
    "date",
    "double precision",
    "integer",
    "numeric",
    "real",
    "smallint",
    "timestamp with time zone",
    "timestamp without time zone",
    "uuid",
)
_PARTS = re.compile(r"[/@:?&=#\\]+")


def find_traces(home: Path, traces: set[str]) -> list[str]:
    """Places in which a trace stands: `database.schema.table.column` or a file.

    A trace of one word must be found as a word, or as a part of an address; of several words, its
    first four words in a row.
    """
    return search(_everything(home), traces)


def search(places: Iterable[tuple[str, str]], traces: set[str]) -> list[str]:
    """The places, (name, text), in whose text a trace stands."""
    words = {_bare(t) for t in traces if " " not in t}
    # user@server stands in an address as its user
    words |= {w.partition("@")[0] for w in words if "@" in w and "/" not in w}
    phrases: dict[int, set[tuple[str, ...]]] = {}
    for trace in traces:
        parts = tuple(map(_bare, _WORD.findall(trace.lower())))[:4]
        if len(parts) > 1:
            phrases.setdefault(len(parts), set()).add(parts)
    found = []
    for place, text in places:
        pieces = _WORD.findall(text.lower())
        bare = {piece: _bare(piece) for piece in set(pieces)}
        distinct = set(bare.values())
        hits = words & distinct
        for piece in distinct:
            if _PARTS.search(piece):
                hits |= words.intersection(_PARTS.split(piece))
        row = [bare[piece] for piece in pieces]
        for length, known in phrases.items():
            # every run of so many words; a set answers whether one is known in one step
            runs = zip(*(row[i:] for i in range(length)), strict=False)
            hits |= {" ".join(phrase) for phrase in known.intersection(runs)}
        if hits:
            found.append(f"{place}: {sorted(hits)[:3]}")
    return found


def _bare(word: str) -> str:
    return word.lower().strip("@.:!?")


def _everything(home: Path) -> Iterator[tuple[str, str]]:
    access = database.access()
    for dbname in (access.dbname, "airflow", "superset"):
        yield from columns(access, dbname)
    for file in sorted(home.rglob("*")):
        # the server's own files are read through its tables
        if file.is_file() and "postgres" not in file.relative_to(home).parts[:1]:
            yield str(file.relative_to(home)), file.read_bytes().decode(errors="replace")


def columns(access: database.Access, dbname: str) -> Iterator[tuple[str, str]]:
    """Every column of every table of a database that can hold a word, as (name, text), in pieces,
    each value once: figures repeat the same few words in millions of rows."""
    with access.connect(access.admin, dbname) as connection:
        with connection.cursor() as cursor:
            cursor.execute(
                "select table_schema, table_name, column_name, data_type ~ '^json'"
                " from information_schema.columns inner join information_schema.tables"
                " using (table_schema, table_name) where table_type = 'BASE TABLE'"
                " and table_schema not in ('pg_catalog', 'information_schema')"
                " and data_type <> all(%s) order by 1, 2, ordinal_position",
                [list(WORDLESS)],
            )
            found = cursor.fetchall()
        assert found
        for schema, table, column, is_json in found:
            query = sql.SQL("select {} {}::text from {}").format(
                sql.SQL("" if is_json else "distinct"),  # no payload is like another
                sql.Identifier(column),
                sql.Identifier(schema, table),
            )
            with connection.cursor(name="rows") as cursor:
                cursor.itersize = 20_000
                cursor.execute(query)
                while rows := cursor.fetchmany(20_000):
                    text = "\n".join(text for (text,) in rows if text)
                    yield f"{dbname}.{schema}.{table}.{column}", text
