"""The labelled set, its measurement, the page, the command, a municipality's own file."""

import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from klankbord.cli.main import app
from klankbord.errors import KlankbordError
from klankbord.questions import labelled, measuring, pages
from klankbord.questions.measuring import Measured, Share

ROWS = labelled.read()
#: held_out as it was written on 2026-11-22, before the first rule of q2; who changes one of its
#: labels changes what "held out" means
HELD_OUT = "75a9eb260cfbdd713ad7348049d90b3470abd21e0c530b983a09eff572d9d678"


def test_the_set_is_large_and_in_four_languages() -> None:
    assert len(ROWS) >= 1_500
    count = Counter((row.part, row.language) for row in ROWS)
    for language in ("nl", "fr", "en", "de"):
        assert count["held_out", language] >= 140 and count["development", language] >= 210
        assert count["hard", language] >= 39
        chosen = [row for row in ROWS if row.language == language]
        assert 0.4 < sum(row.is_question for row in chosen) / len(chosen) < 0.6
    assert len({row.text_id for row in ROWS}) == len(ROWS)


def test_every_borderline_names_its_decision() -> None:
    intro = (Path(pages.__file__).parent / "intro.md").read_text()
    noted = {row.note for row in ROWS if row.note}
    assert noted == {f"B{number}" for number in range(1, 13)}
    assert all(f"| {note} |" in intro for note in noted)
    settled = {"rhetorical", "tag_question", "quoted", "friend", "quiz", "sarcasm", "complaint"}
    assert [r.text_id for r in ROWS if r.kind in settled and not r.note] == []


def test_held_out_is_as_it_was_written() -> None:
    held = [f"{r.language}|{r.text}|{r.is_question}" for r in ROWS if r.part == "held_out"]
    assert hashlib.sha256("\n".join(held).encode()).hexdigest() == HELD_OUT


def test_q2_is_better_than_q1_in_every_language_and_part() -> None:
    found = {(m.part, m.language, m.rules): m for m in measuring.measure(ROWS)}
    pairs = [(part, language) for part, language, rules in found if rules == "q2"]
    assert len(pairs) == 15
    for part, language in pairs:
        old, new = found[part, language, "q1"], found[part, language, "q2"]
        assert new.f1 is not None and old.f1 is not None and new.f1 > old.f1, (part, language)
    for part in ("development", "held_out"):
        every = found[part, "all", "q2"]
        assert every.precision.value > 0.92 and every.recall.value > 0.98


def test_wilson_against_published_values() -> None:
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3."""
    for part, whole, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        found = Share(part, whole).interval
        assert found == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert Share(0, 0).value is None and Share(0, 0).interval is None and str(Share(0, 0)) == "-"
    assert Share(29, 29).interval[1] == 1.0


def test_counts_by_hand() -> None:
    rows = [
        labelled.Labelled("Waar is dat?", True, "nl"),
        labelled.Labelled("waar is dat", True, "nl"),
        labelled.Labelled("Serieus?", False, "nl"),
        labelled.Labelled("Merci.", False, "fr"),
    ]
    found = list(measuring.measure(rows))
    assert found[0] == Measured("q1", "", "nl", hits=1, false_alarms=1, misses=1, rejections=0)
    assert found[1] == Measured("q2", "", "nl", hits=2, false_alarms=0, misses=0, rejections=1)
    assert (found[0].precision.value, found[0].recall.value, found[0].f1) == (0.5, 0.5, 0.5)
    assert [m.language for m in found] == ["nl", "nl", "fr", "fr", "all", "all"]
    assert found[2].f1 is None and found[5].texts == 4
    mixed = Measured("q2", "", "nl", hits=6, false_alarms=2, misses=4, rejections=9)
    assert (mixed.precision.value, mixed.recall.value) == (0.75, 0.6)
    assert mixed.f1 == pytest.approx(2 * 0.75 * 0.6 / 1.35) and mixed.texts == 21
    assert list(measuring.by_kind(rows, "q2")) == [("", True, 2, 2), ("", False, 2, 2)]


def test_the_page_is_what_the_code_says() -> None:
    assert pages.PAGE.read_text(encoding="utf-8") == pages.page(), (
        "write it with `klankbord questions page`"
    )


def run(*arguments: str) -> str:
    answer = CliRunner().invoke(app, ["questions", *arguments])
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer.output


def test_measure_prints_the_table_and_writes_nothing(tmp_path: Path, monkeypatch) -> None:
    own = tmp_path / "own.csv"
    own.write_text(
        "\ufeffText;Language;is_question\nx;nl;yes\n".replace("Text;Language", "text;language")
        + 'Waar is dat?;nl;ja\n"Mooi; dank";fr;non\n'
    )
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    monkeypatch.chdir(tmp_path)
    output = run("measure", "--file", str(own))
    assert "50.0 % (9.5 to 90.5)" in output and output.count("q2") == 3
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    assert "held_out" in run("measure")


def test_page_check_says_what_to_do(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(pages, "PAGE", tmp_path / "questions.md")
    run("page")
    assert "says what the code says" in run("page", "--check")
    (tmp_path / "questions.md").write_text("old")
    with pytest.raises(KlankbordError, match="klankbord questions page"):
        run("page", "--check")


def test_explain_names_the_rule() -> None:
    output = run("explain", "Is dit een grap?")
    assert "q1: question" in output and "q2: no question (indignant)" in output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", r"line 1: no column language, text, is_question"),
        ("language,text\nnl,x\n", r"line 1: no column is_question"),
        ("language,text,is_question\n", r"holds no text"),
        ("language,text,is_question\nnl,geheim,misschien\n", r"line 2: is_question is 'misschien'"),
        ("language,text,is_question\nnl,,yes\n", r"line 2: the text is empty"),
        ("language,text,is_question\n,geheim,yes\n", r"line 2: no language"),
        ("language,text,is_question\nnl,geheim\n", r"line 2: is_question is ''"),
        ("language,text,is_question\nnl,geheim, dus,yes\n", r"line 2: more cells than headings"),
        ("language,text,is_question\nnl,geheim,yes\nnl,geheim,no\n", r"line 3: the same .* line 2"),
        ('language,text,is_question\nnl,"ge\nheim",maybe\n', r"line 3: is_question is 'maybe'"),
        ("language,text,is_question\n" + "nl,,yes\n" * 25, r"… and 5 more"),
        ("language\0,text,is_question\n", r"is no text"),
    ],
)
def test_a_bad_line_is_named_and_no_text_quoted(tmp_path: Path, content: str, said: str) -> None:
    own = tmp_path / "own.csv"
    own.write_text(content)
    with pytest.raises(labelled.LabelError, match=said) as raised:
        labelled.read(own)
    assert "geheim" not in str(raised.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(labelled.LabelError, match="No such file"):
        labelled.read(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("language;text;is_question\nfr;où;oui".encode("latin-1"))
    with pytest.raises(labelled.LabelError, match="is not UTF-8"):
        labelled.read(tmp_path / "latin.csv")


@given(st.text(max_size=300), st.booleans())
def test_wild_files_are_read_or_refused(tmp_path_factory, wild: str, headed: bool) -> None:
    own = tmp_path_factory.mktemp("wild") / "own.csv"
    own.write_text(("language,text,is_question\n" if headed else "") + wild.replace("\ud800", ""))
    try:
        assert labelled.read(own)
    except labelled.LabelError as error:
        assert str(own) in str(error)


def test_the_rules_need_no_database_and_no_platform() -> None:
    """Landing imports them first; they must not pull the house in."""
    code = (
        "import sys, klankbord.questions; "
        "print(sorted(m for m in sys.modules if m.startswith('klankbord')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "platforms" not in done.stdout and "database" not in done.stdout
    assert "klankbord.questions.labelled" not in done.stdout
