"""Small published tables on a real PostgreSQL: dashboards are tried without a pipeline."""

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord.dashboards.bundle import read_yaml
from klankbord.dashboards.validation import CONTRACTS
from tests.superset import (
    published,
    published_benchmark,
    published_beside,
    published_crisis,
    published_goals,
)

#: tables as dbt's contracts have them; a row names the columns that it fills
BY_CONTRACT = (
    published_benchmark.ROWS | published_goals.ROWS | published_crisis.ROWS | published_beside.ROWS
)


def create(connection: "psycopg2.extensions.connection", *, empty: bool = False) -> None:
    """Make schema `published` with these tables, readable by klankbord_reader.

    empty: those of BY_CONTRACT have no rows, as before the first target, survey, year before.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute("create schema if not exists published")
        for table, columns in published.TABLES.items():
            cursor.execute(f"drop table if exists published.{table}")
            cursor.execute(f"create table published.{table} ({columns})")
            values = list(published.ROWS[table]())
            marks = ", ".join(["%s"] * len(values[0]))
            cursor.executemany(f"insert into published.{table} values ({marks})", values)
        _create_by_contract(cursor, empty)
        cursor.execute("analyze")  # as a publication does
        cursor.execute("grant usage on schema published to klankbord_reader")
        cursor.execute("grant select on all tables in schema published to klankbord_reader")


def _create_by_contract(cursor: Cursor, empty: bool) -> None:
    contents = [read_yaml(path) for path in sorted(CONTRACTS.glob("*.yml"))]
    models = {model["name"]: model for content in contents for model in content.get("models", [])}
    for table, make in BY_CONTRACT.items():
        types = {column["name"]: column["data_type"] for column in models[table]["columns"]}
        name = sql.Identifier("published", table)
        parts = [sql.SQL("{} {}").format(sql.Identifier(c), sql.SQL(t)) for c, t in types.items()]
        cursor.execute(sql.SQL("drop table if exists {}").format(name))
        cursor.execute(sql.SQL("create table {} ({})").format(name, sql.SQL(", ").join(parts)))
        rows = [] if empty else list(make())
        assert all(row.keys() <= types.keys() for row in rows), table
        marks = sql.SQL(", ").join(sql.Placeholder(column) for column in types)
        insert = sql.SQL("insert into {} values ({})").format(name, marks)
        cursor.executemany(insert, [dict.fromkeys(types) | row for row in rows])
