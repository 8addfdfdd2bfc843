"""One warehouse for a module; each test begins without an edition."""

from collections.abc import Iterator

import pytest

from klankbord import database
from tests.databases import new_warehouse
from tests.editions import desk as desks
from tests.editions.desk import BODIES, Desk


@pytest.fixture(scope="module")
def prepared(postgres: database.Access) -> Iterator[database.Access]:
    with new_warehouse(postgres) as access:
        desks.prepare(access)
        yield access


@pytest.fixture
def desk(prepared: database.Access) -> Iterator[Desk]:
    opened = Desk(prepared, {body: 10.0 + n / 3 for n, body in enumerate(BODIES)})
    opened.publish()
    yield opened
    opened.admin(
        "truncate editions.editions, editions.tables, editions.rows, editions.documents,"
        " editions.changes, editions.ledger, register.mergers"
    )
