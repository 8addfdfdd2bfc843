"""What a faultless register answers, and how faults of several files and folders come together."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_register import ACCOUNT, SMALL, changed, faults_of

from klankbord.errors import RegisterError
from klankbord.register import read
from klankbord.register.rows import TABLES, columns


def test_a_faultless_register(small: Callable[..., Path]) -> None:
    register = read([small()])
    assert [len(register.rows(table)) for table in TABLES] == [4, 3, 4, 7, 1, 0, 0, 0, 0, 0, 0]
    second = register.organisations[1]
    assert (second.name_nl, second.valid_to, second.website) == (
        "Tweede, de",
        date(2025, 1, 1),
        None,
    )
    assert second.source_file.endswith("organisations.csv")
    assert second.source_line == 3
    assert register.accounts[0].is_synthetic is False


@pytest.mark.parametrize(
    ("body", "on", "inhabitants"),
    [
        ("be-municipality-1", date(2019, 12, 31), None),  # no figure yet
        ("be-municipality-1", date(2020, 1, 1), 1000),
        ("be-municipality-1", date(2024, 1, 1), 1100),
        ("be-police-zone-1", date(2024, 12, 31), 1600),  # members 1 and 2
        ("be-police-zone-1", date(2025, 1, 1), 1605),  # members 1 and 3
        ("be-police-zone-1", date(2019, 6, 1), None),  # a member without a figure
        ("be-nothing", date(2025, 1, 1), None),
    ],
)
def test_inhabitants(
    small: Callable[..., Path], body: str, on: date, inhabitants: int | None
) -> None:
    assert read([small()]).inhabitants(body, on) == inhabitants


def test_a_member_without_a_figure_leaves_its_zone_without(small: Callable[..., Path]) -> None:
    text = changed("populations", "be-municipality-3,2025-01-01,505,source,list\n", "")
    register = read([small(populations=text)])
    assert register.inhabitants("be-police-zone-1", date(2024, 12, 31)) == 1600
    assert register.inhabitants("be-police-zone-1", date(2025, 1, 1)) is None


def test_every_fault_is_reported_at_once_in_order(small: Callable[..., Path]) -> None:
    folder = small(
        organisations=changed("organisations", "Q1,", "q,").replace("BE,police", "FR,police"),
        populations=changed("populations", "1100", "-1").replace("505", "many"),
        memberships=changed(
            "memberships", None, "be-police-zone-1,be-municipality-9,,,source,list"
        ),
        mergers=b"\xff",
        accounts=changed("accounts", None, ACCOUNT.format("x", "@naam")),
    )
    assert [fault.rsplit(": ")[0] for fault in faults_of(folder)] == [
        "accounts.csv:9",
        "memberships.csv:5",
        "mergers.csv:1",
        "organisations.csv:2",
        "organisations.csv:5",
        "populations.csv:3",
        "populations.csv:5",
    ]


@pytest.mark.parametrize(
    ("periods", "lines"),
    [
        (["2019-01-01,2020-01-01", "2020-01-01,2023-01-01", "2022-01-01,"], [11]),
        (["2019-01-01,", "2020-01-01,2021-01-01", "2022-01-01,2023-01-01"], [10, 11]),
        (["2022-01-01,", "2020-01-01,2021-01-01", ",2019-01-01"], []),  # not in the file's order
        (["2021-01-01,", "2020-01-01,2021-01-01", ",2020-01-01"], []),  # half-open: they touch
    ],
)
def test_overlaps_among_several_periods(
    small: Callable[..., Path], periods: list[str], lines: list[int]
) -> None:
    line = ACCOUNT.format("x", "naam").replace(",T2,,,", ",T2,{},")
    folder = small(accounts=changed("accounts", None, "\n".join(map(line.format, periods))))
    found = [fault.split(": ")[0] for fault in faults_of(folder)] if lines else []
    assert lines or read([folder])
    assert found == [f"accounts.csv:{line}" for line in lines]


def test_an_unreadable_organisations_file_does_not_make_the_rest_look_wrong(
    small: Callable[..., Path],
) -> None:
    found = faults_of(small(organisations=SMALL["organisations"].replace("country", "land", 1)))
    assert {fault.split(":")[0] for fault in found} == {"organisations.csv"}


def test_a_line_is_counted_in_the_file_not_in_records(small: Callable[..., Path]) -> None:
    text = SMALL["populations"].replace("list\n", '"two\nlines"\n', 1)
    text = text.replace("1100", "-1").replace("\n", "\n\n", 1)
    found = faults_of(small(populations=text))
    assert [fault.split(": ")[0] for fault in found] == ["populations.csv:3", "populations.csv:5"]


def test_what_a_spreadsheet_writes_is_read(small: Callable[..., Path]) -> None:
    rows = SMALL["populations"].replace("\n", "\r\n").replace(",1000,", ', "1000" ,')
    rows = rows.replace(' "1000" ', " 1000 ")
    register = read([small(populations=b"\xef\xbb\xbf" + rows.encode() + b",,,,\r\n")])
    assert len(register.populations) == 4
    assert register.populations[0].inhabitants == 1000


def test_references_resolve_over_all_folders(small: Callable[..., Path], tmp_path_factory) -> None:
    accounts = tmp_path_factory.mktemp("accounts")
    (accounts / "accounts.csv").write_text(SMALL["accounts"])
    folder = small(accounts=None)
    assert len(read([folder, accounts]).accounts) == 7
    assert len(read([accounts, folder, folder]).accounts) == 7  # a folder named twice counts once
    (accounts / "accounts.csv").write_text(SMALL["accounts"].replace("ty-3", "ty-4"))
    found = faults_of(accounts, folder)
    assert found[0].startswith("accounts.csv:8: organisation_id 'be-municipality-4' is in no")


def test_missing_folders_and_files(small: Callable[..., Path], tmp_path: Path) -> None:
    folder = small(organisations=None)
    assert faults_of(folder)[0].endswith("has no organisations.csv; add one, or its folder.")
    assert "is not a folder; create it or correct the path." in faults_of(tmp_path / "none")[-1]
    (tmp_path / "empty").mkdir()
    assert any("holds no CSV file" in f for f in faults_of(tmp_path / "empty"))
    small(organisations=SMALL["organisations"])
    (tmp_path / "people.csv").write_text("name\n")
    assert faults_of(tmp_path)[0].startswith("people.csv: is no file of the register; rename")
    (tmp_path / "people.csv").unlink()
    (tmp_path / "accounts.csv").unlink()
    (tmp_path / "accounts.csv").mkdir()
    assert faults_of(tmp_path)[0].startswith("accounts.csv: cannot be read (Is a directory)")


def test_places_inside_the_project_are_named_from_its_root(
    small: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small(populations=changed("populations", "1100", "-1"))
    monkeypatch.setattr("klankbord.register.files.PROJECT_ROOT", folder.parent)
    with pytest.raises(RegisterError, match=f"^{folder.name}{os.sep}populations.csv:3: inhab"):
        read([folder])


CELLS = st.text(max_size=12) | st.sampled_from(
    ["", "be-municipality-1", "2019-01-01", "BE", "official", "x", '"', ",", "\n", "1", "source"]
)


@given(
    table=st.sampled_from(list(TABLES)),
    content=st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    after_header=st.booleans(),
    lines=st.lists(st.lists(CELLS, max_size=19).map(",".join), max_size=4),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_gives_another_error(
    small: Callable[..., Path], table: str, content: bytes, after_header: bool, lines: list[str]
) -> None:
    header = ",".join(columns(TABLES[table])) if after_header else ""
    text = f"{header}\n" + "\n".join(lines) + "\n"
    try:
        read([small(**{table: text.encode("utf-8", "surrogatepass") + content})])
    except RegisterError as error:
        assert str(error)  # else the text was faultless by chance
