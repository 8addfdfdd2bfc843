"""Visits from a file: what is recognised, what is refused with its line, what is loaded."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klankbord import database
from klankbord.imports.faults import FileRefusedError
from klankbord.web.file import load, read
from klankbord.web.landing import Reading
from tests.databases import new_warehouse

TODAY = date(2026, 10, 1)
GOOGLE = """\
# ----------------------------------------
# Traffic acquisition
# 20260901-20260902
# ----------------------------------------

Date,Session source / medium,Sessions,Engaged sessions
20260901,facebook.com / referral,"1,204",800
20260901,m.facebook.com / referral,6,1
20260901,google / organic,900,1
20260902,t.co / referral,7,2
20260902,(direct) / (none),30,3
,Grand total,"2,147",807
"""


def write(folder: Path, text: str | bytes, name: str = "visits.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_an_export_of_google_analytics(tmp_path: Path) -> None:
    found = read(write(tmp_path, GOOGLE), TODAY)
    assert found.readings == [
        Reading(date(2026, 9, 1), None, [("facebook", 1210)]),
        Reading(date(2026, 9, 2), None, [("x", 7)]),
    ]
    assert found.left_out == 2


@pytest.mark.parametrize(
    "text",
    [
        "Datum;Bron;Bezoeken\n1/9/2026;Facebook;1.204\n1/9/2026;totaal;9.000\n2/9/2026;X;-\n",
        "\ufeffdate\tnetwork\tvisits\n2026-09-01\tFacebook\t1204\n2026-09-01\t\t9000\n"
        "2026-09-02\tX\t\n",
        "Bezoeken,Pagina,Jour,Réseau social,Datum van export\n1204,x,1 septembre 2026,Facebook,z\n"
        "9000,x,1 septembre 2026,Total,z\n–,x,2 septembre 2026,Twitter,z\n",
    ],
)
def test_headers_and_numbers_in_three_languages(tmp_path: Path, text: str) -> None:
    # a figure that is absent is none; its day was told all the same
    assert read(write(tmp_path, text), TODAY).readings == [
        Reading(date(2026, 9, 1), 9000, [("facebook", 1204)]),
        Reading(date(2026, 9, 2), None, []),
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("date,visits\n2026-09-01,3\n", "visits.csv:1: no header names a day, a source"),
        ("date,source,network,visits\n2026-09-01,X,X,3\n", "visits.csv:1: no header names"),
        ("date,source,visits\n", "visits.csv:1: below its header stands nothing"),
        ("date,source,visits\n2026-09-31,X,3\n", "visits.csv:2, column 1 “date”"),
        ("date,source,visits\n20260931,X,3\n", "visits.csv:2, column 1 “date”"),
        ("date,source,visits\n2026-10-01,X,3\n", "2026-10-01 is not over yet"),
        ("date,source,visits\n2026-09-01,X,3\n,X,3\n", "visits.csv:3, column 1 “date”: the day is"),
        ("date,source,visits\n2026-09-01,X,3.5\n", "visits.csv:2, column 3 “visits”"),
        ("date,source,visits\n2026-09-01,X,-3\n", "is no number of visits"),
        ("date,source,visits\n2026-09-01,X,12 %\n", "visits.csv:2, column 3 “visits”"),
        ("date,source,visits\n2026-09-01,X,Jan Janssens\n", "a text of 12 characters is no number"),
        (
            "date,source,visits\n2026-09-01,X,3\n2026-09-01,x,4\n",
            "visits.csv:3: its day and source stand on line 2 too",
        ),
        (b"\x00\x01\x02\x03\xff" * 9, "visits.csv"),
        ("", "it is empty"),
    ],
)
def test_each_fault_has_its_place(tmp_path: Path, text: str | bytes, fault: str) -> None:
    with pytest.raises(FileRefusedError) as refused:
        read(write(tmp_path, text), TODAY)
    assert fault in str(refused.value) and "Nothing was loaded." in str(refused.value)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = "date,source,visits\nmorgen,X,3\n2026-09-01,X,many\n2026-09-01,Facebook,3\n"
    with pytest.raises(FileRefusedError) as refused:
        read(write(tmp_path, text), TODAY)
    assert len(refused.value.faults) == 2


def test_a_file_is_loaded_once_whole_or_not_at_all(
    postgres: database.Access, tmp_path: Path
) -> None:
    now = datetime(2026, 10, 1, 12, tzinfo=UTC)
    body = "be-municipality-44021"
    with new_warehouse(postgres) as access:

        def rows() -> list[tuple]:
            with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
                cursor.execute(
                    "select source, site, visited_on::text, network, v.visits, d.visits from"
                    " raw.web_days as d left join raw.web_visits as v using (organisation_id,"
                    " source, site, visited_on) order by 3, 4"
                )
                return cursor.fetchall()

        path = write(tmp_path, GOOGLE)
        with pytest.raises(FileRefusedError, match="no organisation 'be-municipality-44021'"):
            load(access, path, body, "gent.be", now)
        assert rows() == []
        with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            cursor.execute(
                "insert into register.organisations (organisation_id, country, organisation_type,"
                " name_nl, basis, source, source_file, source_line, recorded_at) values"
                " (%s, 'BE', 'municipality', 'Gent', 'source', 't', 'f', 1, now())",
                [body],
            )
        done = load(access, path, body, "gent.be", now)
        assert (done.days, done.changed, done.left_out) == (2, 2, 2)
        first = rows()
        assert first == [
            ("file", "gent.be", "2026-09-01", "facebook", 1210, None),
            ("file", "gent.be", "2026-09-02", "x", 7, None),
        ]
        assert load(access, path, body, "gent.be", now).changed == 0
        assert rows() == first
        load(access, write(tmp_path, "date,source,visits\n2026-09-02,X,9\n"), body, "gent.be", now)
        assert [row[4] for row in rows()] == [1210, 9]


def test_a_day_is_over_at_local_midnight(warehouse: database.Access, tmp_path: Path) -> None:
    """In Brussels the first of October begins at ten in the evening of UTC."""
    file = write(tmp_path, "date,network,visits\n2026-09-30,Facebook,5\n")
    body = "be-municipality-44021"
    with warehouse.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into register.organisations (organisation_id, country, organisation_type,"
            " basis, source, recorded_at, source_file, source_line)"
            " values (%s, 'BE', 'municipality', 'source', 't', now(), 'f', 1)",
            [body],
        )
    with pytest.raises(FileRefusedError, match="2026-09-30 is not over yet"):
        load(warehouse, file, body, "site", datetime(2026, 9, 30, 21, 59, tzinfo=UTC))
    load(warehouse, file, body, "site", datetime(2026, 9, 30, 22, 0, tzinfo=UTC))


@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(lambda t: f"date,source,visits\n{t}".encode())
)
def test_any_file_is_understood_or_refused(tmp_path_factory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "a.csv"
    path.write_bytes(content)
    try:
        found = read(path, TODAY)
    except FileRefusedError:
        return
    assert found.readings
    assert all(day.visited_on < TODAY for day in found.readings)
