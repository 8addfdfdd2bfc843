"""One warehouse for this folder, without a row of data, with the models of this theme in it."""

from collections.abc import Iterator

import pytest

from klankbord import database, warehouse
from tests.databases import new_warehouse
from tests.policy.warehouse import Bench, bench


@pytest.fixture(scope="package")
def built(postgres: database.Access) -> Iterator[database.Access]:
    with new_warehouse(postgres) as access:
        warehouse.run(access, ["seed"])
        warehouse.run(access, ["run", "--select", "+fct_insights_figure", "+rpt_web_visits"])
        yield access


@pytest.fixture(scope="package")
def kept(built: database.Access) -> Iterator[Bench]:
    """A bench for tests that write all that they read, many times over."""
    with bench(built) as opened:
        yield opened
