"""Logs of alarms: the clock twice a year, scales of two countries, and no address anywhere."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from typer.testing import CliRunner

from klankbord.cli.main import app
from klankbord.errors import KlankbordError
from klankbord.imports import files, incident_mapping, incident_scales, incident_times, incidents
from klankbord.imports.bodies import Bodies
from klankbord.imports.faults import FileRefusedError, MappingError
from klankbord.settings import LOCAL_ZONE
from tests.inputs.conftest import EXAMPLES, NOW, rows

TEXT = (EXAMPLES / "incidents.csv").read_text()
YAML = (EXAMPLES / "incidents.yaml").read_text()
COLUMNS = (
    "incident_id, alarmed_at, organisation_id, latitude, longitude, kind, scale_system, scale,"
    " scale_level, has_large_impact"
)
STORED = [
    ("2025-0990", datetime(2025, 10, 26, 0, 30, tzinfo=UTC), "be-municipality-91030", None, None,
     "weather", None, None, None, None),
    ("2026-0001", datetime(2026, 2, 14, 20, 7, tzinfo=UTC), "be-municipality-91001",
     Decimal("51.10"), Decimal("4.40"), "fire", "be_phase", "municipal", 1, True),
    ("2026-0002", datetime(2025, 10, 25, 0, 45, tzinfo=UTC), "be-municipality-91030", None, None,
     "accident", None, None, None, False),
]  # fmt: skip


def mapped(tmp_path: Path, text: str = YAML) -> incident_mapping.IncidentMapping:
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    return incident_mapping.read(path)


def understood(access, tmp_path: Path, content: str, yaml: str = YAML) -> list[incidents.Incident]:
    path = tmp_path / "log.csv"
    path.write_bytes(content.encode("utf-8", "replace"))
    mapping = mapped(tmp_path, yaml)
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        return incidents.read(files.read(path), mapping, Bodies.of(cursor, mapping), NOW)[0]


def test_a_log_is_loaded_once_and_corrected_later(inputs, tmp_path: Path) -> None:
    mapping = incident_mapping.read(EXAMPLES / "incidents.yaml")
    file = EXAMPLES / "incidents.csv"
    done = incidents.load(inputs, file, mapping, NOW)
    assert (done.incidents, done.inserted, done.changed) == (3, 3, 0)
    assert done.unread == ("Straat", "Omschrijving")
    query = f"select {COLUMNS} from raw.incidents where country = 'BE' order by 1"
    assert rows(inputs, query) == STORED
    again = incidents.load(inputs, file, mapping, NOW + timedelta(days=1))
    assert (again.inserted, again.changed) == (0, 0)
    assert rows(inputs, "select distinct imported_at from raw.incidents") == [(NOW,)]
    raised = tmp_path / "later.csv"
    raised.write_text(TEXT.replace("gemeentelijke fase", "provinciale fase"))
    later = incidents.load(inputs, raised, mapping, NOW + timedelta(days=1))
    assert (later.inserted, later.changed) == (0, 1)
    assert rows(inputs, "select scale, file_name from raw.incidents where incident_id = '2026-0001'"
                ) == [("provincial", "later.csv")]  # fmt: skip
    everything = str(rows(inputs, "select * from raw.incidents"))
    assert [w for w in ("Kerkstraat", "Jan", "boom", "51.104", "4.402") if w in everything] == []
    assert "2026-0001" in everything


def test_a_place_is_never_exact(inputs, tmp_path: Path) -> None:
    """Before the warehouse sees it."""
    found = understood(inputs, tmp_path, TEXT)[0]
    assert (str(found.latitude), str(found.longitude)) == ("51.10", "4.40")


def test_a_workbook_says_the_same(inputs, tmp_path: Path) -> None:
    """With days, times and degrees as Excel keeps them."""
    book = Workbook()
    header, *lines = [line.split(";") for line in TEXT.splitlines()]
    book.active.append(header)
    for line in lines:
        cells: list = [cell or None for cell in line]
        cells[1] = datetime.strptime(line[1], "%d/%m/%Y").date()  # noqa: DTZ007
        cells[2] = datetime.strptime(line[2], "%H:%M").time()  # noqa: DTZ007
        cells[6:8] = [float(c.replace(",", ".")) if c else None for c in line[6:8]]
        book.active.append(cells)
    book.save(tmp_path / "log.xlsx")
    mapping = mapped(tmp_path)
    with inputs.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        bodies = Bodies.of(cursor, mapping)
    found, _ = incidents.read(files.read(tmp_path / "log.xlsx"), mapping, bodies, NOW)
    assert found == understood(inputs, tmp_path, TEXT)


def test_our_own_headings_need_no_mapping(inputs) -> None:
    done = incidents.load(
        inputs, EXAMPLES / "incidents-own-headings.csv", incident_mapping.own("VRX", "NL"), NOW
    )
    assert (done.inserted, done.unread) == (3, ())
    query = (
        "select incident_id, alarmed_at, organisation_id, kind, scale_system, scale, scale_level"
        " from raw.incidents where source = 'VRX' order by 1"
    )
    assert rows(inputs, query) == [
        ("VRX-1", datetime(2026, 3, 1, 3, 5, 6, tzinfo=UTC), "nl-municipality-gm9901", "fire",
         "grip", "GRIP 2", 2),
        ("VRX-2", datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "nl-municipality-gm9902",
         "hazardous_substance", "fire_size", "middelbrand", 2),
        ("VRX-3", datetime(2026, 3, 3, 10, 0, tzinfo=UTC), "nl-municipality-gm9902", "exercise",
         "priority", "P1", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "offset", "utc"),
    [
        ("2026-03-29 01:59:59", "", "00:59:59"),
        ("2026-03-29 03:00", "", "01:00:00"),
        ("2026-03-29 02:00", "", "did not exist"),
        ("29/03/2026 2.59", "", "did not exist"),
        ("2026-03-29 02:30", "+01:00", "the clock was at +120 then"),
        ("2026-03-29 02:30", "Z", "02:30:00"),
        ("2025-10-26 01:59", "", "23:59:00"),
        ("2025-10-26 02:00", "", "was shown twice"),
        ("2025-10-26 02:59:59", "", "was shown twice"),
        ("2025-10-26 02:30", "+02:00", "00:30:00"),
        ("2025-10-26 02:30", "+0100", "01:30:00"),
        ("2025-10-26 02:30", "CEST", "00:30:00"),
        ("26-10-2025 02:30 CET", "", "01:30:00"),
        ("2025-10-26T02:30:00+02:00", "CEST", "00:30:00"),
        ("2025-10-26T02:30:00+02:00", "CET", "two offsets that differ"),
        ("2025-10-26 03:00", "", "02:00:00"),
        ("2026-07-01 12:00", "+01:00", "the clock was at +120 then"),
        ("2026-07-01 12:00", "+05:00", "the clock was at +120 then"),
        ("2026-07-01 12:00", "summer", "no offset that is known"),
        ("2026-07-01", "", "is no date with a time"),
        ("2026-07-01 24:00", "", "is no time of the calendar"),
        ("31/06/2026 12:00", "", "is no time of the calendar"),
        ("2026-12-01 12:00", "", "lies in the future"),
        ("0026-12-01 12:00", "", "no year of this century"),
        ("1/2/2026 09:05:07.250", "", "08:05:07"),
    ],
)
def test_the_clock(cell: str, offset: str, utc: str) -> None:
    try:
        found = incident_times.moment(cell, offset, clock="local", order="dmy", now=NOW)
    except incident_times.TimeError as error:
        assert utc in str(error)
    else:
        assert f"{found:%H:%M:%S}" == utc
        assert found.tzinfo is UTC


def test_clocks_that_do_not_jump() -> None:
    """A log in winter time or UTC has no doubtful hour, and other hours in summer."""

    def read(cell: str, clock: str, order: str = "dmy") -> str:
        found = incident_times.moment(cell, "", clock=clock, order=order, now=NOW)
        return f"{found:%d %H:%M}"

    assert read("2025-10-26 02:30", "winter") == "26 01:30"
    assert read("2026-07-01 12:00", "winter") == "01 11:00"
    assert read("2026-03-29 02:30", "utc") == "29 02:30"
    assert read("07/01/2026 12:00", "utc", "mdy") == "01 12:00"
    assert read("07/01/2026 12:00", "utc") == "07 12:00"


@given(st.integers(1_000_000_000, int(NOW.timestamp())), st.booleans())
def test_a_moment_survives_its_own_clock(seconds: int, with_offset: bool) -> None:
    """What the clock on the wall showed leads back to the moment, or is refused as doubtful."""
    moment = datetime.fromtimestamp(seconds, UTC)
    wall = moment.astimezone(LOCAL_ZONE)
    offset = f"{wall:%z}" if with_offset else ""
    try:
        found = incident_times.moment(
            f"{wall:%d/%m/%Y %H:%M:%S}", offset, clock="local", order="dmy", now=NOW
        )
    except incident_times.TimeError as error:
        assert "twice" in str(error)
        assert not with_offset
        assert (wall.month, wall.hour) == (10, 2)
    else:
        assert found == moment


@given(st.text(max_size=30), st.text(max_size=8))
def test_no_text_gives_another_error(cell: str, offset: str) -> None:
    try:
        found = incident_times.moment(cell, offset, clock="local", order="dmy", now=NOW)
    except incident_times.TimeError:
        return
    assert found <= NOW


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("GRIP 1", "NL", ("grip", "GRIP 1", 1)),
        ("grip-4", "NL", ("grip", "GRIP 4", 4)),
        ("GRIP Rijk", "NL", ("grip", "GRIP Rijk", 6)),
        ("P 2", "NL", ("priority", "P2", 2)),
        ("prio 1", "NL", ("priority", "P1", 3)),
        ("a1", "NL", ("ambulance", "A1", 3)),
        ("B2", "NL", ("ambulance", "B2", 1)),
        ("Zeer grote brand", "NL", ("fire_size", "zeer grote brand", 4)),
        ("Phase fédérale", "BE", ("be_phase", "federal", 3)),
        ("Provinciale  fase", "BE", ("be_phase", "provincial", 2)),
        ("geen", "BE", None),
        ("", "NL", None),
        ("GRIP 1", "BE", "is no scale of BE"),
        ("gemeentelijke fase", "NL", "is no scale of NL"),
        ("GRIP 7", "NL", "is no scale of NL"),
    ],
)
def test_scales(text: str, country: str, expected) -> None:
    try:
        found = incident_scales.scale(text, country, {})
    except incident_scales.ScaleError as error:
        assert expected in str(error)
    else:
        assert (found and (found.system, found.name, found.level)) == expected


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("Voorbeeldem;", "Voorbeelden;", "log.csv:2, column 5 “Gemeente”: a text of 11 characters"),
        (";91030;", ";91002;", "log.csv:4, column 5 “Gemeente”: be-municipality-91002 does not"),
        ("Industriebrand", "Jan zijn huis", "log.csv:2, column 9 “Type”: a text of 13 characters"),
        ("gemeentelijke fase", "GRIP 2", "log.csv:2, column 10 “Fase”: a text of 6 characters"),
        (";ja;", ";misschien;", "log.csv:2, column 11 “Grote impact”: it is neither yes nor no"),
        ("51,10432;4,40211", "4,40211;51,10432", "latitude and longitude are swapped"),
        ("51,10432", "41,10432", "column 7 “Breedte”: the place lies outside BE: correct it"),
        ("51,10432", "51°6", "column 7 “Breedte”: '51°6' is no number of degrees"),
        ("51,10432", "", "column 7 “Breedte”: it is empty and its other half is not"),
        ("4,40211", "", "column 8 “Lengte”: it is empty and its other half is not"),
        ("4,40211", "east", "column 8 “Lengte”: a text of 4 characters is no number of degrees"),
        ("2:30;+02:00", "2:30;", "log.csv:4, column 2 “Datum”: '26/10/2025 2:30' was shown twice"),
        ("21:07", "21.7", "log.csv:2, column 2 “Datum”"),
        ("2026-0002", "2026-0001", "log.csv:3, column 1 “Nummer”: the incident stands on line 2"),
        ("2026-0002", "", "log.csv:3, column 1 “Nummer”"),
        ("2026-0002", "Jan, 0475", "log.csv:3, column 1 “Nummer”"),
        ("Type", "Soort", "log.csv:1: the header misses or repeats “type”"),
        ("Straat", "Gemeente", "the header misses or repeats “gemeente”"),
        (";ja;bewoner Jan P. gered", "", "log.csv:2: the line has 10 cells and the header 12"),
        ("bewoner Jan P. gered", "bewoner; Jan", "log.csv:2: the line has 13 cells and the head"),
    ],
)  # fmt: skip
def test_each_fault_has_its_place(inputs, tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in TEXT
    with pytest.raises(FileRefusedError) as caught:
        understood(inputs, tmp_path, TEXT.replace(old, new, 1))
    assert fault in str(caught.value)
    assert "Jan" not in str(caught.value)


def test_all_or_nothing(warehouse, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(TEXT)
    with pytest.raises(FileRefusedError):  # a warehouse without a register knows no place
        incidents.load(warehouse, bad, incident_mapping.read(EXAMPLES / "incidents.yaml"), NOW)
    assert rows(warehouse, "select count(*) from raw.incidents") == [(0,)]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("source: Hulp", "sources: Hulp", "it must hold keys among"),
        ("country: BE", "country: LU", "`country` is 'LU'"),
        ("kind: Type", "sort: Type", "`columns` knows no sort"),
        ("industriebrand: fire", "industriebrand: blaze", "`kinds` knows no blaze"),
        ("source: Hulp", "clock: summer\nsource: Hulp", "`clock` is 'summer'"),
        ("source: Hulp", "source: [Hulp", "it is no YAML"),
    ],
)
def test_what_a_mapping_must_say(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in YAML
    with pytest.raises(MappingError) as caught:
        mapped(tmp_path, YAML.replace(old, new, 1))
    assert fault in str(caught.value)


def test_a_log_without_a_mapping_says_whose_it_is(own_home) -> None:
    file = str(EXAMPLES / "incidents-own-headings.csv")
    said = CliRunner().invoke(app, ["import", "incidents", file])
    assert isinstance(said.exception, KlankbordError)
    assert "--source and --country" in str(said.exception)


@given(cut=st.integers(0, len(TEXT)), junk=st.text(max_size=20))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_log_is_refused_or_understood(inputs, tmp_path, cut: int, junk: str) -> None:
    try:
        found = understood(inputs, tmp_path, TEXT[:cut] + junk + TEXT[cut:])
    except KlankbordError as error:
        assert str(error)
    else:
        assert len({i.incident_id for i in found}) == len(found) > 0
