"""A warehouse for a whole module of tests."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg2
from psycopg2 import sql

from klankbord import database
from klankbord.database.cluster import ADMIN


@contextmanager
def new_warehouse(postgres: database.Access) -> Iterator[database.Access]:
    """An empty warehouse in a database of its own, dropped at the end."""
    name = f"klankbord_{os.urandom(4).hex()}"
    access = replace(postgres, dbname=name)
    database.prepare(access)
    yield access
    connection = psycopg2.connect(**postgres.parameters(ADMIN, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
    connection.close()
