"""What tests of the tiles' words ask for: the datasets' rows over hand-made published tables."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from psycopg2 import sql
from psycopg2.extras import RealDictCursor

from klankbord import dashboards, database
from klankbord.dashboards.bundle import Bundle
from tests.superset.publishing import create

Rows = list[dict[str, Any]]
Read = Callable[[str], Rows]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return dashboards.render(dashboards.Address())


@pytest.fixture(scope="module")
def read(postgres: database.Access, bundle: Bundle) -> Iterator[Read]:
    """read("target_nl"): the rows of a dataset."""
    access = replace(postgres, dbname=f"klankbord_{os.urandom(4).hex()}")
    database.prepare(access)
    connection = access.open(access.admin)
    create(connection)

    def rows(name: str) -> Rows:
        with connection, connection.cursor(cursor_factory=RealDictCursor) as cursor:
            cursor.execute(bundle.files[f"datasets/klankbord/{name}.yaml"]["sql"])
            return cursor.fetchall()

    rows.connection = connection  # type: ignore[attr-defined]
    yield rows
    connection.close()
    outside = postgres.open(postgres.admin, "postgres")
    outside.autocommit = True
    name = sql.Identifier(access.dbname)
    with outside.cursor() as cursor:
        cursor.execute(sql.SQL("drop database {} with (force)").format(name))
    outside.close()
