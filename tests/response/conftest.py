"""A warehouse with the seeds in it, for all tests of a module."""

from collections.abc import Iterator

import pytest

from klankbord import database, warehouse
from tests.databases import new_warehouse

SEEDS = ("public_holidays", "default_opening_hours", "place_languages")


@pytest.fixture(scope="module")
def seeded(postgres: database.Access) -> Iterator[database.Access]:
    """The seeds that the clocks read; nothing else."""
    with new_warehouse(postgres) as access:
        warehouse.run(access, ["seed", "--select", *SEEDS])
        yield access


@pytest.fixture
def warehouse_of_its_own(postgres: database.Access) -> Iterator[database.Access]:
    """`warehouse` under a name that does not hide the module."""
    with new_warehouse(postgres) as access:
        yield access
