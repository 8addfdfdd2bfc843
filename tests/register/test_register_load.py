"""History in a real PostgreSQL: nothing is lost, nothing is written twice."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812
from small_register import SMALL, changed

from klankbord.database import Access
from klankbord.errors import RegisterError
from klankbord.register import Counts, LoadSummary, Register, load, read
from klankbord.register.rows import TABLES
from klankbord.settings import PROJECT_ROOT

FIRST = datetime(2026, 9, 1, 8, tzinfo=UTC)
SECOND = FIRST + timedelta(days=1)


@pytest.fixture
def loader(warehouse: Access) -> Iterator[Connection]:
    connection = warehouse.open("klankbord_loader")
    yield connection
    connection.close()


def loaded(connection: Connection, folder: Path, now: datetime) -> LoadSummary:
    summary = load(connection, read([folder]), now)
    connection.commit()
    return summary


def rows(connection: Connection, query: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def counted(connection: Connection) -> dict[str, int]:
    return {t: rows(connection, f"select count(*) from register.{t}")[0][0] for t in TABLES}


def test_every_cell_arrives(loader: Connection, small: Callable[..., Path]) -> None:
    folder = small()
    summary = loaded(loader, folder, FIRST)
    assert summary.tables["organisations"] == Counts(inserted=4, superseded=0, unchanged=0)
    assert summary.has_changes
    register = read([folder])
    for table, row_type in TABLES.items():
        names = [name for name in row_type.__dataclass_fields__ if not name.startswith("source_")]
        names += ["source_file", "source_line"]
        found = rows(
            loader, f"select {', '.join(names)} from register.{table} order by source_line"
        )
        assert found == [tuple(getattr(r, n) for n in names) for r in register.rows(table)]
    assert rows(
        loader, "select distinct recorded_at, superseded_at from register.organisations"
    ) == [(FIRST, None)]


def test_loading_twice_writes_nothing(loader: Connection) -> None:
    register = read([PROJECT_ROOT / "register"])
    load(loader, register, FIRST)
    loader.commit()
    before = counted(loader)
    states = "select xmin::text, ctid::text from register.{} order by 2"
    tuples = {table: rows(loader, states.format(table)) for table in TABLES}
    summary = load(loader, register, SECOND)
    loader.commit()
    assert not summary.has_changes
    assert summary.tables["organisations"] == Counts(0, 0, before["organisations"])
    assert {table: rows(loader, states.format(table)) for table in TABLES} == tuples
    assert before == {table: len(register.rows(table)) for table in TABLES}


def test_a_rename_keeps_the_old_name(loader: Connection, small: Callable[..., Path]) -> None:
    loaded(loader, small(), FIRST)
    folder = small(organisations=changed("organisations", "Derde", "Dritte"))
    summary = loaded(loader, folder, SECOND)
    assert summary.tables["organisations"] == Counts(inserted=1, superseded=1, unchanged=3)
    query = (
        "select name_nl, recorded_at, superseded_at from register.organisations"
        " where organisation_id = 'be-municipality-3' order by recorded_at"
    )
    versions = [("Derde", FIRST, SECOND), ("Dritte", SECOND, None)]
    assert rows(loader, query) == versions
    assert not loaded(loader, folder, SECOND + timedelta(days=1)).has_changes
    assert rows(loader, query) == versions


def test_a_merger(loader: Connection, small: Callable[..., Path]) -> None:
    """1 and 3 go up in 4: they end, 4 begins, the zone has 4 in their place."""
    loaded(loader, small(), FIRST)
    bodies = SMALL["organisations"].replace(",2019-01-01,,source", ",2019-01-01,2027-01-01,source")
    bodies = bodies.replace(",2025-01-01,,source", ",2025-01-01,2027-01-01,source")
    bodies += "be-municipality-4,BE,municipality,4,Vierde,,,,,,,,,,2027-01-01,,source,list\n"
    members = SMALL["memberships"].replace("1,,,source", "1,,2027-01-01,source")
    members = members.replace("3,2025-01-01,,", "3,2025-01-01,2027-01-01,")
    members += "be-police-zone-1,be-municipality-4,2027-01-01,,source,list\n"
    mergers = SMALL["mergers"] + "".join(
        f"2027-01-01,be-municipality-{old},be-municipality-4,list\n" for old in (1, 3)
    )
    folder = small(organisations=bodies, memberships=members, mergers=mergers)
    summary = loaded(loader, folder, SECOND)
    assert summary.tables == {
        "organisations": Counts(inserted=3, superseded=2, unchanged=2),
        "memberships": Counts(inserted=3, superseded=2, unchanged=1),
        "populations": Counts(0, 0, 4),
        "accounts": Counts(0, 0, 7),
        "mergers": Counts(inserted=2, superseded=0, unchanged=1),
        "targets": Counts(0, 0, 0),
        "opening_hours": Counts(0, 0, 0),
        "web_sites": Counts(0, 0, 0),
        "peer_groups": Counts(0, 0, 0),
        "adjacency": Counts(0, 0, 0),
        "consents": Counts(0, 0, 0),
    }
    now = "select member_id from register.memberships where superseded_at is null and"
    on = "coalesce(valid_from, '-infinity') <= '{0}' and '{0}' < coalesce(valid_to, 'infinity')"
    found = {
        day: sorted(member for (member,) in rows(loader, f"{now} {on.format(day)}"))
        for day in ("2026-12-31", "2027-01-01")
    }
    assert found == {
        "2026-12-31": ["be-municipality-1", "be-municipality-3"],
        "2027-01-01": ["be-municipality-4"],
    }


def test_a_member_that_moves(loader: Connection, small: Callable[..., Path]) -> None:
    zone = "be-police-zone-2,BE,police_zone,,Andere,,,,,,,,,,,,source,list"
    bodies = changed("organisations", None, zone)
    loaded(loader, small(organisations=bodies), FIRST)
    members = changed("memberships", "1,,,source", "1,,2026-01-01,source")
    members += "be-police-zone-2,be-municipality-1,2026-01-01,,source,list\n"
    loaded(loader, small(organisations=bodies, memberships=members), SECOND)
    query = (
        "select organisation_id, valid_from::text, valid_to::text, recorded_at, superseded_at"
        " from register.memberships where member_id = 'be-municipality-1'"
        " order by organisation_id, recorded_at"
    )
    assert rows(loader, query) == [
        ("be-police-zone-1", None, None, FIRST, SECOND),
        ("be-police-zone-1", None, "2026-01-01", SECOND, None),
        ("be-police-zone-2", "2026-01-01", None, SECOND, None),
    ]


def test_a_row_that_vanishes_and_returns(loader: Connection, small: Callable[..., Path]) -> None:
    loaded(loader, small(), FIRST)
    without = changed("accounts", "eerste-x,be-municipality-1,x,Stad_Eerste,44196397,official,", "")
    without = without.replace("T2,,,false,declared,town\neerste-mastodon", "eerste-mastodon")
    loaded(loader, small(accounts=without), SECOND)
    loaded(loader, small(accounts=SMALL["accounts"]), SECOND + timedelta(days=1))
    query = (
        "select recorded_at, superseded_at from register.accounts"
        " where account_id = 'eerste-x' order by recorded_at"
    )
    assert rows(loader, query) == [(FIRST, SECOND), (SECOND + timedelta(days=1), None)]


def test_a_line_that_moves_is_no_new_version(
    loader: Connection, small: Callable[..., Path]
) -> None:
    loaded(loader, small(), FIRST)
    summary = loaded(loader, small(mergers=SMALL["mergers"].replace("\n", "\n\n\n", 1)), SECOND)
    assert not summary.has_changes
    assert rows(loader, "select source_line, recorded_at from register.mergers") == [(4, FIRST)]


def test_the_clock_cannot_go_back(loader: Connection, small: Callable[..., Path]) -> None:
    loaded(loader, small(), SECOND)
    assert not loaded(loader, small(), FIRST).has_changes  # nothing to say, nothing wrong
    renamed = small(organisations=changed("organisations", "Derde", "Dritte"))
    with pytest.raises(
        RegisterError, match=r"loaded at 2026-09-02 08:00:00 UTC, which is after now"
    ):
        loaded(loader, renamed, FIRST)
    loader.rollback()
    assert rows(loader, "select 1 from register.organisations where name_nl = 'Dritte'") == []


def test_a_load_that_breaks_off_leaves_nothing(
    loader: Connection, small: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    register = read([small()])

    def rows_until(self: Register, table: str) -> list:
        if table == "accounts":
            raise ConnectionError("killed")
        return getattr(self, table)

    monkeypatch.setattr(Register, "rows", rows_until)
    with pytest.raises(ConnectionError):
        load(loader, register, FIRST)
    loader.rollback()
    assert set(counted(loader).values()) == {0}


def test_rows_that_were_made_are_loaded_too(loader: Connection, small: Callable[..., Path]) -> None:
    made = [replace(a, source_file="", source_line=0) for a in read([small()]).accounts]
    assert load(loader, Register(accounts=made), FIRST).tables["accounts"].inserted == 7
    assert not load(loader, Register(accounts=made), SECOND).has_changes


def test_awkward_text_survives(loader: Connection, small: Callable[..., Path]) -> None:
    name = '\\. ""Ōst"", {} \'; %s \\N'
    folder = small(organisations=changed("organisations", "Derde", f'"{name}"'))
    loaded(loader, folder, FIRST)
    query = "select name_nl from register.organisations where organisation_id = 'be-municipality-3'"
    assert rows(loader, query) == [(name.replace('""', '"'),)]


def test_only_the_loader_writes(warehouse: Access) -> None:
    for role, expected in (("klankbord_transformer", True), ("klankbord_reader", False)):
        with warehouse.connect(role) as connection:
            query = (
                "select has_schema_privilege('register', 'usage'),"
                " has_table_privilege('register.accounts', 'insert')"
            )
            if expected:
                assert rows(connection, query) == [(True, False)]
            else:
                assert rows(connection, "select has_schema_privilege('register', 'usage')") == [
                    (False,)
                ]
