"""Models of a built warehouse, run again over rows that a test writes: dbt's own compiled SQL, in
one transaction that is rolled back, so that hundreds of worlds cost one build."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extras import Json, execute_values

from klankbord import settings
from klankbord.database import Access
from klankbord.database.cluster import ADMIN
from klankbord.register import Register, columns

Row = dict[str, Any]


class Bench:
    """A warehouse within one transaction of its administrator."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def fill(self, table: str, rows: Sequence[Row]) -> None:
        """Make these the only rows of `schema.table`; columns that no row names are NULL."""
        name = sql.Identifier(*table.split("."))
        self._cursor.execute(sql.SQL("delete from {}").format(name))
        if rows:
            columns = list(rows[0])
            assert all(list(row) == columns for row in rows)
            execute_values(
                self._cursor,
                sql.SQL("insert into {} ({}) values %s").format(
                    name, sql.SQL(", ").join(map(sql.Identifier, columns))
                ),
                [[Json(v) if isinstance(v, dict) else v for v in row.values()] for row in rows],
                page_size=5_000,
            )

    def register(self, register: Register) -> None:
        """Make this the register."""
        for table in ("organisations", "memberships", "populations", "targets"):
            rows = getattr(register, table)
            self.fill(
                f"register.{table}",
                [
                    {name: getattr(row, name) for name in columns(type(row))}
                    | {"source_file": "f", "source_line": 1, "recorded_at": "2026-01-01"}
                    for row in rows
                ],
            )

    def run(self, *models: str) -> None:
        """Compute tables anew, in this order, each `layer.name`."""
        for model in models:
            layer, name = model.split(".")
            folder = settings.home() / "dbt" / "target" / "compiled" / "klankbord" / "models"
            query = (folder / layer / f"{name}.sql").read_text()
            self._cursor.execute(
                "select column_name from information_schema.columns"
                " where table_schema = %s and table_name = %s",
                [layer, name],
            )
            columns = ", ".join(f'"{column}"' for (column,) in self._cursor.fetchall())
            self._cursor.execute(f"delete from {layer}.{name}")
            self._cursor.execute(
                f"insert into {layer}.{name} ({columns}) select {columns} from ({query}\n) as m"
            )

    def empty(self) -> None:
        """Delete what a test kept."""
        self._cursor.execute(
            "select format('delete from %I.%I', schemaname, tablename) from pg_tables"
            " where schemaname in ('register', 'raw', 'intermediate', 'marts', 'reporting')"
        )
        for (statement,) in self._cursor.fetchall():
            self._cursor.execute(statement)

    def execute(self, statement: str, *values: Any) -> None:
        self._cursor.execute(statement, values)

    def rows(self, query: str) -> list[tuple]:
        self._cursor.execute(query)
        return self._cursor.fetchall()


@contextmanager
def bench(access: Access, *, keep: bool = False) -> Iterator[Bench]:
    """A bench whose rows are gone afterwards, unless they are kept."""
    connection = psycopg2.connect(**access.parameters(ADMIN))
    try:
        with connection.cursor() as cursor:
            yield Bench(cursor)
        if keep:
            connection.commit()
    finally:
        connection.rollback()
        connection.close()
