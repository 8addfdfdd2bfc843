"""Verdicts of people: refused with file and line, loaded whole, replaced whole."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klankbord import database, register
from klankbord.errors import RegisterError
from klankbord.imports.faults import FileRefusedError
from klankbord.incidents import verdicts
from klankbord.settings import PROJECT_ROOT
from tests.databases import new_warehouse

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
HEADER = ",".join(verdicts.COLUMNS) + "\n"
GOOD = "vrx,1,town-x,p1,confirm,seen by the desk\n"


@pytest.fixture(scope="module")
def known(postgres: database.Access) -> Iterator[database.Access]:
    """An incident in a town, its account and posts; an account of a zone elsewhere."""
    with new_warehouse(postgres) as access:
        with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            cursor.execute(
                "insert into raw.incidents (source, incident_id, alarmed_at, country,"
                " organisation_id, kind, file_name, file_line, imported_at) values"
                " ('vrx', '1', '2026-09-01 10:00+00', 'BE', 'town', 'fire', 'f', 1, now())"
            )
            cursor.execute(
                "insert into register.organisations (organisation_id, country, organisation_type,"
                " basis, source, recorded_at, source_file, source_line) values"
                " ('town', 'BE', 'municipality', 'source', 's', now(), 'f', 1),"
                " ('far', 'BE', 'police_zone', 'source', 's', now(), 'f', 1)"
            )
            cursor.execute(
                "insert into register.accounts (account_id, organisation_id, platform, handle,"
                " role, access_tier, is_synthetic, basis, source, recorded_at, source_file,"
                " source_line)"
                " select id || '-x', id, 'x', id, 'official', 'T1', false, 'source', 's', now(),"
                " 'f', 1 from unnest(array['town', 'far']) as id"
            )
            cursor.execute(
                "insert into raw.extractions (extraction_id, platform, scan_on, started_at, run_id,"
                " request_count) values (gen_random_uuid(), 'x', '2026-09-02', now(), 'r', 0)"
                " returning extraction_id"
            )
            extraction = cursor.fetchone()[0]
            cursor.execute(
                "insert into raw.x_posts (account_id, item_id, scan_on, observed_at, created_at,"
                " payload, extraction_id) select account, item, '2026-09-02', now(), at, '{}', %s"
                " from (values ('town-x', 'p1', timestamptz '2026-09-01 10:04+00'),"
                " ('town-x', 'p0', '2026-09-01 09:59+00'), ('town-x', 'p3', '2026-09-01 10:00+00'),"
                " ('far-x', 'p2', '2026-09-01 11:00+00'))"
                " as v (account, item, at)",
                [extraction],
            )
        yield access


def write(folder: Path, text: str | bytes) -> Path:
    place = folder / "be"
    place.mkdir(exist_ok=True)
    content = text.encode() if isinstance(text, str) else text
    (place / verdicts.NAME).write_bytes(content)
    return folder


def stored(access: database.Access) -> list[tuple]:
    with access.connect("klankbord_transformer") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select post_id, verdict, file_name, file_line from raw.incident_matches order by 1"
        )
        return cursor.fetchall()


def test_what_stands_in_the_files_is_what_is_decided(known, tmp_path: Path) -> None:
    other = "vrx,1,town-x,p0,reject,an hour before\n"
    write(tmp_path, "\ufeff" + HEADER + GOOD + "\n" + other)
    assert verdicts.load(known, [tmp_path, tmp_path / "be"], NOW) == 2
    name = "be/incident_matches.csv"
    assert stored(known) == [("p0", "reject", name, 4), ("p1", "confirm", name, 2)]
    write(tmp_path, HEADER + GOOD.replace("p1", "p3"))  # in the second of the alarm
    assert verdicts.load(known, [tmp_path], NOW) == 1
    assert [row[0] for row in stored(known)] == ["p3"]
    (tmp_path / "be" / verdicts.NAME).unlink()
    assert verdicts.load(known, [tmp_path], NOW) == 0
    assert stored(known) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("source,incident_id\n", ":1: its columns must be source,incident_id,account_id"),
        (HEADER + "vrx,1,town-x,p1,maybe,x\n", ":2, column verdict: write confirm or reject"),
        (HEADER + "vrx,1,town-x,p1,confirm,\n", ":2: note must not be empty"),
        (HEADER + "vrx,,,p1,confirm,x\n", ":2: incident_id and account_id must not be empty"),
        (HEADER + "vrx,1,town-x,p1,confirm\n", ":2: it has 5 cells and the header 6"),
        (HEADER + GOOD + GOOD, ":3: decided at be/incident_matches.csv:2 already"),
        (HEADER + GOOD.replace("vrx", "vry"), ":2, column incident_id: no log has this incident"),
        (HEADER + GOOD.replace("town-x", "nobody"), ":2, column account_id: the register has no"),
        (HEADER + GOOD.replace("p1", "p9"), ":2, column post_id: nothing of this id was read"),
        (HEADER + GOOD.replace("p1", "p0"), ":2, column post_id: the message is older than the"),
        (HEADER + "vrx,1,far-x,p2,reject,x\n", ":2, column account_id: the incident does not"),
        (HEADER + GOOD.replace("desk", "d" * 501), ":2: note is longer than 500 characters"),
        (HEADER.encode() + b"vrx,1,town-x,p1,confirm,\xe9\n", ":1: the text is not UTF-8"),
        (HEADER + 'vrx,1,"town-x"x,p1,confirm,x\n', ":2: it is no CSV"),
    ],
)
def test_a_faulty_file_is_refused_whole(known, tmp_path: Path, text, fault: str) -> None:
    verdicts.load(known, [write(tmp_path, HEADER + GOOD)], NOW)
    with pytest.raises(FileRefusedError) as refused:
        verdicts.load(known, [write(tmp_path, text)], NOW)
    assert any(line.startswith(f"be/incident_matches.csv{fault}") for line in refused.value.faults)
    assert [row[0] for row in stored(known)] == ["p1"], "what was decided before still stands"


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.binary(max_size=80), st.text(max_size=60).map(lambda t: (HEADER + t).encode())))
def test_no_file_makes_it_stumble(tmp_path: Path, content: bytes) -> None:
    found, faults = verdicts.read([write(tmp_path, content)])
    assert all(line >= 2 and v.verdict in verdicts.VERDICTS for _, line, v in found)
    assert all(":" in fault for fault in faults)


def test_the_register_leaves_the_file_to_the_crisis_clock(tmp_path: Path) -> None:
    """A folder of the register may hold it; another unknown file is still a fault."""
    examples = PROJECT_ROOT / "docs" / "examples" / "register"
    assert register.read([examples, write(tmp_path, HEADER)]).organisations
    (tmp_path / "be" / "incident_match.csv").write_text(HEADER)
    with pytest.raises(RegisterError, match=r"incident_match\.csv") as wrong:
        register.read([examples, tmp_path])
    assert "is no file of the register" in str(wrong.value)
