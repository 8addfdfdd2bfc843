"""Statbel's and CBS's own files: each layout, each disagreement, and what is written."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from typer.testing import CliRunner

from klankbord import register
from klankbord.cli.main import app
from klankbord.errors import KlankbordError, RegisterError
from klankbord.imports.faults import FileRefusedError
from klankbord.register import population_files, population_update, safely
from klankbord.register.population_layouts import count
from tests.inputs.conftest import EXAMPLES, ROOT

FILES = EXAMPLES / "population"
STRUCT = "TF_SOC_POP_STRUCT_2025.txt"
TABLE = "Bevolking_per_gemeente_2025.csv"
CODES = "03759ned_UntypedDataSet.csv"
LABELS = "Bevolking__geslacht__regio.csv"
COUNTRY = dict.fromkeys([STRUCT, TABLE], "BE") | dict.fromkeys(
    [CODES, LABELS, "03759ned_TypedDataSet.json", "03759ned_Observations.json"], "NL"
)
EXPECTED = {
    "BE": {"be-municipality-91001": 1210, "be-municipality-91030": 803},
    "NL": {"nl-municipality-gm9901": 2010, "nl-municipality-gm9902": 3020},
}


def plan(path: Path, folder: Path, on: date | None = None) -> population_update.Update:
    country = COUNTRY.get(path.name, "BE")
    found = population_files.read(path, country, on)
    return population_update.plan(found, path.name, register.read([folder]), country)


@pytest.mark.parametrize("name", COUNTRY)
def test_each_layout_gives_the_same_figures(name: str, folder: Path) -> None:
    update = plan(FILES / name, folder)
    assert {c.organisation_id: c.after for c in update.changes} == EXPECTED[COUNTRY[name]]
    assert update.day == date(2025, 1, 1)
    assert update.total == sum(EXPECTED[COUNTRY[name]].values())
    population_update.write(update, [folder])
    after = register.read([folder])
    for body, people in EXPECTED[COUNTRY[name]].items():
        assert after.inhabitants(body, date(2025, 6, 1)) == people
    office = {"BE": "Statbel", "NL": "CBS"}[COUNTRY[name]]
    new = [p for p in after.populations if p.reference_date == date(2025, 1, 1)]
    assert {(p.basis, p.source) for p in new} == {("source", f"{office}, {name}")}
    assert plan(FILES / name, folder).changes == ()  # the second time there is nothing to do


def test_a_workbook_is_read_as_its_csv(tmp_path: Path, folder: Path) -> None:
    book = Workbook()
    book.active.append(["Bevolking op 1 januari 2025"])
    for row in (
        ("Code INS", "Commune", "Hommes", "Femmes", "Total"),
        (2000, "Région flamande", 998, 1015, 2013),
        (91001, "Exempleville", 600, 610, 1210),
        (91030, "Oudstee-Beekdorp", 398, 405, 803),
    ):
        book.active.append(row)
    book.save(tmp_path / "population_2025.xlsx")
    update = plan(tmp_path / "population_2025.xlsx", folder)
    assert {c.organisation_id: c.after for c in update.changes} == EXPECTED["BE"]


def edited(
    tmp_path: Path, name: str, change: Callable[[str], str], encoding: str = "utf-8-sig"
) -> Path:
    text = (FILES / name).read_bytes().decode(encoding)
    changed = change(text)
    assert changed != text
    path = tmp_path / name
    path.write_bytes(changed.encode(encoding))
    return path


def struct_line(text: str, number: int) -> str:
    return text.splitlines(keepends=True)[number - 1]


@pytest.mark.parametrize(
    ("name", "change", "faults"),
    [
        (STRUCT, lambda t: t.replace("91030|", "91099|"),
         [":6: 91099 is no municipality of the register",
          "91030 Oudstee-Beekdorp exists on 2025-01-01 and has no figure"]),
        (STRUCT, lambda t: t.replace("91030|", "91002|"),
         [":6", "91002 Oudstee ended on 2025-01-01, and the file is of 2025-01-01",
          "91030 Oudstee-Beekdorp exists"]),
        (STRUCT, lambda t: "".join(t.splitlines(keepends=True)[:-2]),
         ["91030 Oudstee-Beekdorp exists on 2025-01-01 and has no figure"]),
        (STRUCT, lambda t: "".join(x for x in t.splitlines(keepends=True) if "|M|" not in x),
         [":2: 91001 has one sex only", ":4: 91030 has one sex only"]),
        (STRUCT, lambda t: t + struct_line(t, 3), [":8: the row of 91001 stands in the file tw"]),
        (STRUCT, lambda t: t.replace("|400", "|4oo"), [":2, column 21", "is no number of people"]),
        (STRUCT, lambda t: t.replace("|400", "|"), [":2: 91001 has no number of people"]),
        (STRUCT, lambda t: t.replace("|400", "|-400"), [":2, column 21"]),
        (STRUCT, lambda t: t.replace("|400", "|4000"), ["half a table, or another measure"]),
        (STRUCT, lambda t: t.replace("91001|Voor", "VLG|Voor"), [":2, column 1 “cd_refnis”"]),
        (STRUCT, lambda t: t.replace("|F|BEL|", "|T|BEL|", 1), ["a total stands between"]),
        (STRUCT, lambda t: t.replace("MS_POPULATION", "MS_HOUSEHOLDS"), ["no column of inhabi"]),
        (STRUCT, lambda t: t.replace("CD_REFNIS|", "CODE|"), ["no header of Statbel"]),
        (CODES, lambda t: t.replace('"   5030"', '"   5031"'),
         [":2: NL01 has 5031 people, and its men and women are 5030"]),
        (CODES, lambda t: t.replace('"   5030"', '"   5035"', 2).replace('2470"', '2475"', 2),
         ["NL01 has 5035 people, and its 2 municipalities 5030", "PV98 has 5035 people"]),
        (CODES, lambda t: "".join(x for x in t.splitlines(True) if "T001038" not in x),
         ["GM9901 has parts and no total"]),
        (CODES, lambda t: t.replace("GM9902", "GM0002"),
         ["GM0002 is no municipality of the register", "GM9902 Veenwoude exists"]),
        (CODES, lambda t: t.replace("2025JJ00", "2025KW01"), [":2: its period is no 1 January"]),
        (CODES, lambda t: t.replace('GM9902";"2025JJ00', 'GM9902";"2024JJ00'),
         ["it holds 2 dates, 2024-01-01 to 2025-01-01: name one with --date"]),
        (CODES, lambda t: t + struct_line(t, 8), ["GM9901 stands in the file twice"]),
        (LABELS, lambda t: t.replace("Duinrade", "Duinrand"),
         ["Duinrand is no municipality", "GM9901 Duinrade exists"]),
        (LABELS, lambda t: t.replace("Bevolking op 1 januari", "Gemiddelde bevolking"),
         ["the header needs a column of regions"]),
        ("03759ned_TypedDataSet.json", lambda t: t.replace('"value"', '"values"'),
         ["it is no OData answer with a list `value`"]),
        ("03759ned_TypedDataSet.json",
         lambda t: t.replace('"value"', '"odata.nextLink": "x", "value"'),
         ["it is one page of several"]),
        ("03759ned_TypedDataSet.json", lambda t: t.replace("2010", "2010.5"),
         ["is no number of people"]),
    ],
)  # fmt: skip
def test_what_does_not_agree_is_named_and_nothing_is_written(
    tmp_path: Path, folder: Path, name: str, change: Callable[[str], str], faults: list[str]
) -> None:
    path = edited(tmp_path, name, change, "utf-8" if name.endswith("json") else "utf-8-sig")
    with pytest.raises(FileRefusedError) as caught:
        plan(path, folder)
    for fault in faults:
        assert fault in str(caught.value)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda t: t.replace("600;610;1.210", "600;610;1.211"),
         ":6: 91001 has 1211 people, and its men and women are 1210"),
        (lambda t: t.replace("90000;Provincie Voorbeeld;998;1.015;2.013",
                             "90000;Provincie Voorbeeld;998;1.005;2.003"),
         ":4: 90000 has 2003 people, and its 2 municipalities 2013"),
        (lambda t: t.replace("91030;", "91001;"), ":7: 91001 stands in the file twice"),
        (lambda t: t.replace("600;610;1.210", "600;;1.210"), ":6: 91001 lacks its men"),
        (lambda t: t.replace("1.210", "1.21"), ":6, column 5 “totaal”: '1.21' is no number"),
    ],
)  # fmt: skip
def test_the_parts_of_a_simple_table_add_up(
    tmp_path: Path, folder: Path, change: Callable[[str], str], fault: str
) -> None:
    with pytest.raises(FileRefusedError, match=r"(?s).*") as caught:
        plan(edited(tmp_path, TABLE, change, "cp1252"), folder)
    assert fault in str(caught.value)


def test_a_name_of_two_municipalities_is_refused(tmp_path: Path, folder: Path) -> None:
    bodies = folder / "organisations.csv"
    bodies.write_text(bodies.read_text().replace("Veenwoude", "Duinrade"))
    with pytest.raises(FileRefusedError, match="Duinrade belongs to 2 municipalities: export with"):
        plan(FILES / LABELS, folder)


@pytest.mark.parametrize(
    ("duinrade", "veenwoude", "faults"),
    [
        (1000, 1500, ["have 2500 people together, and the register 5000: half a table"]),
        (3300, 3300, ["have 6600 people together, and the register 5000: half a table"]),
        (3300, 2500, ["nl-municipality-gm9901 has 3300 people, and the register 2000: check it"]),
        (1200, 3000, ["nl-municipality-gm9901 has 1200 people, and the register 2000: check it"]),
        (1300, 3500, []),
    ],
)
def test_a_jump_is_not_believed(
    tmp_path: Path, folder: Path, duinrade: int, veenwoude: int, faults: list[str]
) -> None:
    """A table of women alone, say, that does not tell."""

    def change(text: str) -> str:
        kept = [line for line in text.splitlines() if '"Nederland"' not in line]
        text = "\r\n".join(kept)
        return text.replace('"2010"', f'"{duinrade}"').replace('"3020"', f'"{veenwoude}"')

    path = edited(tmp_path, LABELS, change)
    if not faults:
        assert plan(path, folder).total == duinrade + veenwoude
        return
    with pytest.raises(FileRefusedError) as caught:
        plan(path, folder)
    assert [fault for fault in faults if fault not in str(caught.value)] == []


def test_an_old_encoding_is_read_all_the_same(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / STRUCT
    path.write_bytes((FILES / STRUCT).read_bytes().decode("utf-8-sig").encode("cp1252"))
    assert b"R\xe9gion" in path.read_bytes()
    assert len(plan(path, folder).changes) == 2


def test_one_date_of_several_is_chosen(tmp_path: Path, folder: Path) -> None:
    def two_years(text: str) -> str:
        header, *lines = text.splitlines(keepends=True)
        old = [line.replace("2025JJ00", "2024JJ00").replace("1020", "1010") for line in lines]
        old = [line.replace("   2010", "   2000").replace(" 5030", " 5020") for line in old]
        return "".join([header, *old, *lines]).replace(
            '"3000   ";"10000";"T001019";"NL01  ";"2024JJ00";"   2470"',
            '"3000   ";"10000";"T001019";"NL01  ";"2024JJ00";"   2460"',
        )

    path = edited(tmp_path, CODES, two_years)
    with pytest.raises(FileRefusedError, match="name one with --date"):
        plan(path, folder)
    update = plan(path, folder, date(2025, 1, 1))
    assert {c.organisation_id: c.after for c in update.changes} == EXPECTED["NL"]


def test_an_older_file_is_of_older_boundaries(tmp_path: Path, folder: Path) -> None:
    """The same file under the name of the year before: the successor did not exist yet."""
    path = tmp_path / "TF_SOC_POP_STRUCT_2024.txt"
    path.write_bytes((FILES / STRUCT).read_bytes())
    with pytest.raises(FileRefusedError) as caught:
        plan(path, folder)
    assert "91030 Oudstee-Beekdorp begins on 2025-01-01, and the file is of 2024-01-01" in str(
        caught.value
    )
    assert "91002 Oudstee exists on 2024-01-01 and has no figure" in str(caught.value)


def test_a_row_is_changed_in_its_place_and_nothing_else(folder: Path) -> None:
    file = folder / "populations.csv"
    lines = file.read_text().splitlines()
    wrong = 'be-municipality-91001,2025-01-01,999,secondary,"a list, old"'
    file.write_text("\n".join([*lines[:2], wrong, *lines[2:]]) + "\n")
    update = plan(FILES / STRUCT, folder)
    assert [(c.organisation_id, c.before, c.after) for c in update.changes] == [
        ("be-municipality-91001", 999, 1210),
        ("be-municipality-91030", None, 803),
    ]
    population_update.write(update, [folder])
    right = f'be-municipality-91001,2025-01-01,1210,source,"Statbel, {STRUCT}"'
    last = f'be-municipality-91030,2025-01-01,803,source,"Statbel, {STRUCT}"'
    assert file.read_text().splitlines() == [*lines[:2], right, *lines[2:], last]


def test_the_projects_own_file_is_written_back_byte_for_byte() -> None:
    for country in ("be", "nl"):
        file = ROOT / "register" / country / "populations.csv"
        assert population_update._content(file, date(2025, 1, 1), {}).encode() == file.read_bytes()


def test_a_register_that_would_have_a_fault_is_not_written(folder: Path) -> None:
    before = (folder / "populations.csv").read_bytes()
    with pytest.raises(RegisterError, match=r"(?s)populations.csv:2: .*Nothing was written"):
        header = "organisation_id,reference_date,inhabitants,basis,source"
        text = f"{header}\nnobody,2025-01-01,1,source,x\n"
        safely.replace({folder / "populations.csv": text}, [folder])
    assert (folder / "populations.csv").read_bytes() == before
    assert [p.name for p in folder.iterdir() if p.name.startswith(".")] == []


def test_the_command(own_home: Path, folder: Path) -> None:
    before = (folder / "populations.csv").read_bytes()
    arguments = ["register", "population", str(FILES / STRUCT), "--country", "be"]
    tried = CliRunner().invoke(app, [*arguments, "--dry-run"])
    assert "be-municipality-91001 Voorbeeldem: new -> 1210" in tried.output
    assert "Nothing was written" in tried.output
    assert (folder / "populations.csv").read_bytes() == before
    done = CliRunner().invoke(app, [*arguments, "--source", "Statbel, by hand"])
    assert "2013 inhabitants in 2 municipalities; 2 rows new" in done.output
    assert (folder / "populations.csv").read_text().count('"Statbel, by hand"') == 2
    assert "Nothing to write" in CliRunner().invoke(app, arguments).output
    wrong = CliRunner().invoke(app, [*arguments[:-1], "nl"])
    assert isinstance(wrong.exception, FileRefusedError)


@given(st.integers(0, 2 * 10**9), st.sampled_from(["", ".", "\u00a0", "\u202f", " "]))
def test_a_number_of_people_is_itself_however_it_is_grouped(people: int, mark: str) -> None:
    assert count(f"{people:,}".replace(",", mark)) == people


@given(st.text(max_size=12) | st.floats(allow_nan=False) | st.booleans())
def test_nothing_else_is_a_number_of_people(cell: object) -> None:
    try:
        found = count(cell)
    except (ValueError, OverflowError):
        return
    assert found is None or found >= 0


@given(
    name=st.sampled_from(list(COUNTRY)),
    cut=st.integers(0, 1500),
    junk=st.binary(max_size=60),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_gives_another_error_or_another_figure(
    tmp_path: Path, folder: Path, name: str, cut: int, junk: bytes
) -> None:
    """A file that was cut or scribbled in is refused, or says what it said."""
    content = (FILES / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(content[:cut] + junk + content[cut + len(junk) :])
    try:
        update = plan(path, folder)
    except KlankbordError as error:
        assert str(error)
        return
    assert set(EXPECTED[COUNTRY[name]]) == {c.organisation_id for c in update.changes}
