"""The models of statistics, compiled once for the folder."""

from collections.abc import Iterator

import pytest

from klankbord import database
from tests.databases import new_warehouse
from tests.response.bench import Bench
from tests.statistics import worlds


@pytest.fixture(scope="package")
def bench(postgres: database.Access) -> Iterator[Bench]:
    with new_warehouse(postgres) as access:
        yield Bench(access, [*worlds.MODELS, "fct_peer_metric"])
