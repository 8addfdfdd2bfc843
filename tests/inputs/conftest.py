"""The examples of docs/inputs.md, and a warehouse that has their register."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from klankbord import database, register
from tests.databases import new_warehouse

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
NOW = datetime.fromisoformat("2026-09-30T20:00:00+00:00")


@pytest.fixture(scope="module")
def inputs(postgres: database.Access) -> Iterator[database.Access]:
    """A warehouse of this module's with the examples' register in it."""
    with new_warehouse(postgres) as access:
        with access.connect("klankbord_loader") as connection:
            register.load(connection, register.read([EXAMPLES / "register"]), NOW)
        yield access


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The examples' register, to write into."""
    return Path(shutil.copytree(EXAMPLES / "register", tmp_path / "register"))


@pytest.fixture
def own_home(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of a house whose register is the examples', on 30 September 2026."""
    monkeypatch.setenv("KLANKBORD_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KLANKBORD_REGISTER", str(folder))
    monkeypatch.setenv("KLANKBORD_NOW", NOW.isoformat())
    return tmp_path / "home"


def rows(access: database.Access, query: str, role: str = "klankbord_loader") -> list[tuple]:
    with access.connect(role) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
