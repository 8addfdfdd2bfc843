"""Houses for the pipeline's tests: a small one for each test, a fixed choice of bodies."""

from collections.abc import Iterator

import pytest

from tests.pipeline.house import House, bodies, open_house


def some_bodies(per_type: int) -> set[str]:
    """The first bodies of each country and type, and the members of the zones among them."""
    chosen: set[str] = set()
    counts: dict[tuple[str, str], int] = {}
    for body in bodies().organisations:
        key = (body.country, body.organisation_type)
        if body.valid_to is None and counts.get(key, 0) < per_type:
            counts[key] = counts.get(key, 0) + 1
            chosen.add(body.organisation_id)
    return chosen


@pytest.fixture
def house(warehouse) -> Iterator[House]:
    """A small house: three bodies of each type, some forty accounts."""
    with open_house(warehouse, only=some_bodies(3)) as opened:
        yield opened
