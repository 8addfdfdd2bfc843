"""Houses for the pipeline's tests: a small one for each test, a fixed choice of bodies."""

from collections.abc import Iterator

import pytest

from tests.pipeline.house import House, open_house
from tests.pipeline.registers import some_bodies


@pytest.fixture
def house(warehouse) -> Iterator[House]:
    """A small house: three bodies of each type, some forty accounts."""
    with open_house(warehouse, only=some_bodies(3)) as opened:
        yield opened
