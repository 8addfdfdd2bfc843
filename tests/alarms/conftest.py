"""An empty warehouse for rows written by hand: one a module, emptied for each test."""

from collections.abc import Iterator

import pytest

from klankbord import database
from klankbord.platforms.base import discover
from tests.alarms.rows import Raw
from tests.databases import new_warehouse


@pytest.fixture(scope="module")
def empty(postgres: database.Access) -> Iterator[database.Access]:
    with new_warehouse(postgres) as access:
        yield access


@pytest.fixture
def raw(empty: database.Access, monkeypatch: pytest.MonkeyPatch) -> Iterator[Raw]:
    monkeypatch.setenv("KLANKBORD_SANDBOX", "1")
    written = Raw(empty)
    yield written
    profiles = ", ".join(f"raw.{name}_profiles" for name in discover())
    written.run(
        f"truncate register.accounts, register.consents, raw.alarms, raw.outcomes,"
        f" raw.spending, {profiles}"
    )
