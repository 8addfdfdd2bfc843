"""A file that is no export is told which command takes it."""

import pytest

from tests.conftest import ROOT
from tests.imports.test_formats import planned

EXAMPLES = ROOT / "docs" / "examples"
WEB = "Datum;Sessiebron;Sessies\n2026-09-01;facebook;3\n"
PROPOSALS = "organisation_id,platform,handle,evidence,decision\n"


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("survey.csv", "klankbord import survey FILE --mapping"),
        ("incidents-own-headings.csv", "klankbord import incidents FILE"),
        ("register/targets.csv", "put it into the register's folder as targets.csv"),
        ("register/accounts.csv", "put it into the register's folder as accounts.csv"),
        ("population/TF_SOC_POP_STRUCT_2025.txt", "klankbord register population FILE"),
        ("population/Bevolking_per_gemeente_2025.csv", "klankbord register population FILE"),
        ("population/03759ned_UntypedDataSet.csv", "klankbord register population FILE"),
        ("population/Bevolking__geslacht__regio.csv", "klankbord register population FILE"),
    ],
)
def test_an_example_of_every_other_kind(name, command):
    [fault] = planned(EXAMPLES / name).faults
    assert fault.startswith(f"{name.rpartition('/')[2]}:1: ") and command in fault


@pytest.mark.parametrize(
    ("content", "command"),
    [(WEB, "klankbord import web FILE --organisation"), (PROPOSALS, "klankbord register accept")],
)
def test_what_no_example_shows(tmp_path, content, command):
    (tmp_path / "a.csv").write_text(content)
    [fault] = planned(tmp_path / "a.csv").faults
    assert command in fault


def test_a_broken_export_says_both(tmp_path):
    """The line that ends it, and that the other delimiters show no header."""
    (tmp_path / "a.csv").write_text('Bericht-ID,"Bereik" x,c;d\n1,2\n')
    broken, unknown = planned(tmp_path / "a.csv").faults
    assert "read with commas, the row that starts on line 1 does not end" in broken
    assert "no line is the header of a known format" in unknown
