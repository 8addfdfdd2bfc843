"""What tests of the tiles' words ask for: the datasets' rows over hand-made published tables."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from psycopg2.extras import RealDictCursor

from klankbord import dashboards, database
from klankbord.dashboards.bundle import Bundle
from tests.databases import new_warehouse
from tests.superset.publishing import create

Rows = list[dict[str, Any]]
Read = Callable[[str], Rows]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return dashboards.render(dashboards.Address())


@pytest.fixture(scope="module")
def read(postgres: database.Access, bundle: Bundle) -> Iterator[Read]:
    """read("target_nl"): the rows of a dataset."""
    with new_warehouse(postgres) as access:
        connection = access.open(access.admin)
        create(connection)

        def rows(name: str) -> Rows:
            with connection, connection.cursor(cursor_factory=RealDictCursor) as cursor:
                cursor.execute(bundle.files[f"datasets/klankbord/{name}.yaml"]["sql"])
                return cursor.fetchall()

        rows.connection = connection  # type: ignore[attr-defined]
        yield rows
        connection.close()
