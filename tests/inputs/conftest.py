"""The examples of docs/inputs.md, and a warehouse that has their register."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import sql

from klankbord import database, register
from klankbord.database.cluster import ADMIN

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
NOW = datetime.fromisoformat("2026-09-30T20:00:00+00:00")


@pytest.fixture(scope="module")
def inputs(postgres: database.Access) -> Iterator[database.Access]:
    """A warehouse of this module's with the examples' register in it."""
    name = f"klankbord_{os.urandom(4).hex()}"
    access = replace(postgres, dbname=name)
    database.prepare(access)
    with access.connect("klankbord_loader") as connection:
        register.load(connection, register.read([EXAMPLES / "register"]), NOW)
    yield access
    connection = psycopg2.connect(**postgres.parameters(ADMIN, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
    connection.close()


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
