"""Archives of earlier studies: all or nothing, twice is once, every fault with its line."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline.house import NOW

from klankbord.errors import KlankbordError
from klankbord.imports import archive

HEADER = "account,date,followers,source\n"
KNOWN = {"a", "b"}


@pytest.fixture
def registered(warehouse):
    with warehouse.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into register.accounts (account_id, organisation_id, platform, handle, role,"
            " access_tier, is_synthetic, basis, source, recorded_at, source_file, source_line)"
            " select v, v, 'x', v, 'official', 'T2', true, 'synthetic', 's', now(), 'f', 1"
            " from unnest(array['a', 'b']) as v"
        )
    return warehouse


def stored(access) -> list[tuple]:
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select account_id, observed_on, followers, source, file_line"
            " from raw.archive_followers order by 1, 2, 4"
        )
        return cursor.fetchall()


def test_a_file_loads_once_and_says_so(registered, tmp_path):
    file = tmp_path / "f.csv"
    file.write_text("\ufeff" + HEADER + "a,2025-09-01,120,study\nb,2025-09-01,0,study\n")
    assert archive.load(registered, file, NOW) == archive.ArchiveLoad(2, 2)
    assert archive.load(registered, file, NOW) == archive.ArchiveLoad(2, 0)
    assert stored(registered) == [
        ("a", date(2025, 9, 1), 120, "study", 2),
        ("b", date(2025, 9, 1), 0, "study", 3),
    ]


def test_a_count_that_the_source_corrects_is_corrected(registered, tmp_path):
    file = tmp_path / "f.csv"
    file.write_text(HEADER + "a,2025-09-01,120,study\na,2025-09-01,119,another\n")
    archive.load(registered, file, NOW)
    # as a spreadsheet of Belgium saves it
    file.write_bytes(
        "account;date;followers;source\r\na;2025-09-01;1200;study\r\n".encode("cp1252")
    )
    assert archive.load(registered, file, NOW) == archive.ArchiveLoad(1, 0, 1)
    assert stored(registered) == [
        ("a", date(2025, 9, 1), 119, "another", 3),
        ("a", date(2025, 9, 1), 1200, "study", 2),
    ]


def test_today_is_that_of_brussels(registered, tmp_path):
    file = tmp_path / "f.csv"
    file.write_text(HEADER + "a,2026-10-01,120,study\n")
    late = datetime(2026, 9, 30, 22, 30, tzinfo=UTC)  # half past midnight
    assert archive.load(registered, file, late).inserted == 1
    with pytest.raises(KlankbordError, match="in the future"):
        archive.load(registered, file, late - timedelta(hours=1))


def test_a_workbook_is_an_archive_too(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    for row in (archive.COLUMNS, ("a", datetime(2025, 9, 1), 120, "study")):  # noqa: DTZ001
        book.active.append(row)
    book.save(tmp_path / "f.xlsx")
    assert archive.read(tmp_path / "f.xlsx", KNOWN, NOW.date()) == [
        (2, ("a", date(2025, 9, 1), 120, "study"))
    ]


def test_one_fault_and_nothing_is_loaded(registered, tmp_path):
    file = tmp_path / "f.csv"
    file.write_text(HEADER + "a,2025-09-01,120,study\nc,2025-09-01,5,study\n")
    with pytest.raises(KlankbordError, match=r"f\.csv:3: the register has no account 'c'"):
        archive.load(registered, file, NOW)
    assert stored(registered) == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a,2025-09-01,120", "a row has 4 cells"),
        ("a,2025-09-01,120,s,x", "a row has 4 cells"),
        ("z,2025-09-01,120,s", "no account 'z'"),
        ("a,01/09/2025,120,s", "'01/09/2025' is no date"),
        ("a,2027-01-01,120,s", "in the future"),
        ("a,2025-09-01,1.200,s", "'1.200' is no follower count"),
        ("a,2025-09-01,-3,s", "'-3' is no follower count"),
        ("a,2025-09-01,²,s", "'²' is no follower count"),
        ("a,2025-09-01,99999999999999999999,s", "more than there are people"),
        ("a,2025-09-01,120, ", "the source is empty"),
    ],
)
def test_every_fault_has_its_sentence(tmp_path, row, words):
    file = tmp_path / "f.csv"
    file.write_text(f"{HEADER}b,2025-09-01,1,s\n{row}\n", encoding="utf-8")
    with pytest.raises(KlankbordError) as caught:
        archive.read(file, KNOWN, NOW.date())
    assert f"{file.name}:3: " in str(caught.value)
    assert words in str(caught.value)
    assert "Nothing was loaded." in str(caught.value)


def test_a_reading_given_twice_names_both_lines(tmp_path):
    file = tmp_path / "f.csv"
    file.write_text(HEADER + "a,2025-09-01,1,s\na,2025-09-01,2,s\n")
    with pytest.raises(KlankbordError, match=r"f\.csv:3: .* stand on line 2"):
        archive.read(file, KNOWN, NOW.date())


@pytest.mark.parametrize("content", [b"", b"account;date\n", b"\xff\xfe\x00"])
def test_what_is_no_archive_is_refused_in_a_sentence(tmp_path, content):
    file = tmp_path / "f.csv"
    file.write_bytes(content)
    with pytest.raises(KlankbordError, match=r"header must be|is empty|are no text"):
        archive.read(file, KNOWN, NOW.date())


@given(st.binary())
def test_no_file_breaks_the_reader(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / "wild.csv"
    file.write_bytes(HEADER.encode() + content)
    try:
        rows = archive.read(file, KNOWN, NOW.date())
    except KlankbordError:
        return
    assert all(row[0] in KNOWN and row[2] >= 0 for _, row in rows)
