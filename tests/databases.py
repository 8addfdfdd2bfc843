"""Databases of the tests' own, on the one server of their process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

import psycopg2
from psycopg2 import sql

from klankbord import database
from klankbord.database.cluster import ADMIN


@contextmanager
def new_warehouse(
    postgres: database.Access, template: database.Access | None = None
) -> Iterator[database.Access]:
    """A warehouse in a database of its own, dropped at the end: an empty one, or a copy of
    another, to which nobody may be connected.

    It has the first name that is free. To dbt a database of another name is another project, of
    which it parses every file: ten seconds for each name.
    """
    access = replace(postgres, dbname=_free_name(postgres))
    if template:
        copy = sql.SQL("create database {} template {}")
        names = sql.Identifier(access.dbname), sql.Identifier(template.dbname)
        administer(postgres, copy.format(*names))
    database.prepare(access)  # a copy comes without the rights on the database itself
    try:
        yield access
    finally:
        drop = sql.SQL("drop database {} with (force)")
        administer(postgres, drop.format(sql.Identifier(access.dbname)))


def administer(postgres: database.Access, statement: sql.Composable, *values: object) -> list:
    """Run one statement as the administrator, outside the warehouses and any transaction."""
    connection = psycopg2.connect(**postgres.parameters(ADMIN, "postgres"))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def _free_name(postgres: database.Access) -> str:
    taken = {name for (name,) in administer(postgres, sql.SQL("select datname from pg_database"))}
    return next(name for n in count(1) if (name := f"klankbord_test_{n}") not in taken)
