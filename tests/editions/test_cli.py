"""The commands from make to log, as a person types them."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from klankbord import database
from klankbord.cli.main import app
from klankbord.errors import KlankbordError
from tests.editions.desk import BODIES, CLOSED, Desk


@pytest.fixture
def typed(desk: Desk, monkeypatch):
    @contextmanager
    def running():
        yield desk.access

    monkeypatch.setattr(database, "running", running)
    monkeypatch.setattr(database, "prepare", lambda access: None)

    def run(line: str, days: int = 1) -> str:
        monkeypatch.setenv("KLANKBORD_NOW", (CLOSED + timedelta(days)).isoformat())
        done = CliRunner().invoke(app, line.split())
        if isinstance(done.exception, KlankbordError):
            return f"refused: {done.exception}"
        assert done.exit_code == 0, done.output
        return done.output

    return run


def test_a_quarter_from_make_to_log(typed, desk: Desk, tmp_path) -> None:
    assert "2026-Q3.1: 26 rows, provisional." in typed("edition make --period 2026-Q3")
    assert "Nothing moved since 2026-Q3.1." in typed("edition make --period 2026-Q3", 2)
    assert typed("edition advance 2026-Q3.1 --to public --embargo-days 1", 2).strip() == (
        "2026-Q3.1: public."
    )
    replace(desk, values=desk.values | {body: 99.0 for body in BODIES}).publish()
    said = typed("edition make --period 2026-Q3", 3)
    assert "2026-Q3.2: 26 rows, provisional." in said
    assert "moved: correction" in said
    assert "2026-Q3.2" in typed("edition list")
    assert "sha256" in typed("edition show 2026-Q3.1")
    assert typed(f"edition export 2026-Q3.1 --to {tmp_path}").startswith("11 files of 2026-Q3.1")
    assert "Every byte is as it was frozen. Ledger: " in typed(
        f"edition verify 2026-Q3.1 --against {tmp_path}"
    )
    (tmp_path / "changes.csv").write_text("x")
    assert "refused: changes.csv differs from line 1, byte 1 on." in typed(
        f"edition verify 2026-Q3.1 --against {tmp_path}"
    )
    assert "group_metric" in typed("edition diff 2026-Q3.1 2026-Q3.2 --audience public")
    page = typed("edition log --period 2026-Q3")
    # what is not public yet is in no public log
    assert "## 2026-Q3.1" in page
    assert "2026-Q3.2" not in page
    assert "## 2026-Q3.2" in typed("edition log --audience house")
    lines = typed("edition log --audience house --format csv").splitlines()
    assert lines[0] == "edition,previous,table,key,old,new,cause,note"
    assert {line.partition(",")[0] for line in lines[1:]} == {"2026-Q3.2"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("edition make --period 2026-09", "is no quarter"),
        ("edition show 2026-Q3.7", "There is no edition 2026-Q3.7: of 2026-Q3 there is none"),
        ("edition show x", "is no edition"),
        ("edition log --format pdf", "is no format"),
        ("edition diff 2026-Q3.1 2026-Q2.1 --format x", "is no format"),
        ("explain nothing", "is no figure: write it as"),
        ("explain M05:x:be:2026-09 --format x", "is no format"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(typed, line: str, said: str) -> None:
    answer = typed(line)
    assert answer.startswith("refused: ")
    assert said in answer
    assert "\n" not in answer
