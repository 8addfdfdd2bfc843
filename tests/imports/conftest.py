"""A register of invented pages, in a warehouse that these tests share."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from klankbord import database
from klankbord.imports import moments
from klankbord.imports.owners import Known
from tests.databases import new_warehouse

FILES = Path(__file__).parent / "files"
NOW = datetime.fromisoformat("2026-09-30T20:00:00+00:00")
TODAY = date(2026, 9, 30)
#: account_id, organisation, platform, handle, platform_user_id
ACCOUNTS = [
    ("fb-voorbeeld", "voorbeeld", "facebook", "gemeentevoorbeeld", "5001"),
    ("fb-exemple", "exemple", "facebook", "villeexemple", None),
    ("ig-voorbeeld", "voorbeeld", "instagram", "voorbeeld_ig", None),
    ("x-voorbeeld", "voorbeeld", "x", "Voorbeeld", None),
    ("li-voorbeeld", "voorbeeld", "linkedin", "gemeente-voorbeeld", None),
    ("yt-voorbeeld", "voorbeeld", "youtube", "voorbeeldtv", "UC1"),
    ("web-voorbeeld", "voorbeeld", "website", "www.voorbeeld.example", None),
]
NAMES = {"voorbeeld": ("Gemeente Voorbeeld", None), "exemple": (None, "Ville Exemple")}


@pytest.fixture(autouse=True)
def _saved_on(request, monkeypatch):
    """The files' own days, whenever the tree was checked out; `real_mtime` asks for the truth."""
    if "real_mtime" not in request.fixturenames:
        monkeypatch.setattr(moments, "saved_on", lambda path: None)


@pytest.fixture
def real_mtime():
    """The day on which a file was saved counts."""


def known() -> list[Known]:
    """The register as the reader of files sees it."""
    return [
        Known(account_id, platform, handle, ref, tuple(filter(None, NAMES[organisation])))
        for account_id, organisation, platform, handle, ref in ACCOUNTS
    ]


@pytest.fixture(scope="session")
def shared(postgres: database.Access) -> Iterator[database.Access]:
    """A warehouse of these tests' own, with the invented pages in its register."""
    with new_warehouse(postgres) as access:
        with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            for organisation, (dutch, french) in NAMES.items():
                cursor.execute(
                    "insert into register.organisations (organisation_id, country,"
                    " organisation_type, name_nl, name_fr, basis, source, source_file,"
                    " source_line, recorded_at)"
                    " values (%s, 'BE', 'municipality', %s, %s, 'synthetic', 's', 'f', 1, now())",
                    [organisation, dutch, french],
                )
            for row in ACCOUNTS:
                cursor.execute(
                    "insert into register.accounts (account_id, organisation_id, platform, handle,"
                    " platform_user_id, role, access_tier, is_synthetic, basis, source,"
                    " recorded_at, source_file, source_line)"
                    " values (%s, %s, %s, %s, %s, 'official', 'T0', true, 'synthetic', 's',"
                    " now(), 'f', 1)",
                    row,
                )
        yield access


@pytest.fixture
def imports(shared: database.Access) -> database.Access:
    """The same warehouse with nothing imported."""
    empty(shared)
    return shared


def empty(shared: database.Access) -> None:
    """Forget all files."""
    with shared.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("truncate raw.import_insights, raw.import_files, raw.archive_followers")


def rows(
    access: database.Access, query: str, *parameters: object, role: str = "klankbord_loader"
) -> list[tuple]:
    """Rows of the warehouse."""
    with access.connect(role) as connection, connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()
