"""The documentation names what exists: files, commands, targets, settings, links, connectors.

Each check first demands that it found something to check; a pattern that matches nothing proves
nothing.
"""

import re
import shlex
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from klankbord import register, settings
from klankbord.cli.main import app
from klankbord.platforms.base import discover

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "register" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
#: what a page may name without its being in the tree: made by make, by a run, or by the reader
MADE = re.compile(r"\.venv|\.klankbord|\.env$|logs/|secrets/|data_docs/|/|klankbord\.dump")
GENERATED = {"node_modules", "__pycache__"}
SUFFIXES = r"(?:py|md|sql|ya?ml|csv|txt|in|sh|svg|png|jinja|css|mjs|toml)"


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code(page: Path) -> list[str]:
    """The pieces of code of a page: what stands between backticks, and the lines of its blocks."""
    blocks = re.findall(r"```\w*\n(.*?)```", text(page), re.S)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text(page), flags=re.S))
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return spans + [line.strip() for line in lines if line.strip()]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", text(page))
    inside = [t.partition("#")[0] for t in targets if not t.startswith(("http:", "https:"))]
    assert [t for t in inside if not (page.parent / t).exists()] == []


def test_readme_leads_to_the_other_pages() -> None:
    linked = set(re.findall(r"\]\(([^)\s#]+\.(?:md|png|svg))", text(ROOT / "README.md")))
    assert linked >= {"CONTRIBUTING.md", "docs/design.md", "docs/decisions.md"}
    assert {f"docs/runbooks/{page.name}" for page in (ROOT / "docs/runbooks").iterdir()} <= linked
    assert sum(name.startswith("docs/pictures/") for name in linked) == 4


def named_files(page: Path) -> Iterator[str]:
    """What looks like a path of this project: it has a folder, or ends like a file of ours."""
    for piece in code(page):
        if re.fullmatch(rf"[\w.<>…*/-]+(?:/|\.{SUFFIXES})", piece) and not MADE.match(piece):
            yield piece


@cache
def tree() -> list[str]:
    """Every file and folder that people wrote, relative to the project."""
    found, waiting = [], [ROOT]
    while waiting:
        for path in waiting.pop().iterdir():
            if path.name.startswith((".venv", ".git", ".klankbord")) or path.name in GENERATED:
                continue
            found.append(str(path.relative_to(ROOT)))
            if path.is_dir():
                waiting.append(path)
    return found


def exists(name: str) -> bool:
    """`<…>`, `…` and `*` stand for anything; a name without its folders may stand anywhere."""
    pattern = re.sub(r"<[^>]*>|…", "*", name).strip("/").replace("**", "*")
    return any(fnmatchcase(path, pattern) or fnmatchcase(path, f"*/{pattern}") for path in tree())


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_named_files_exist(page: Path) -> None:
    names = list(named_files(page))
    assert names or page.parent.name in ("runbooks", "register")
    assert [name for name in names if not exists(name)] == []


def test_many_files_are_checked() -> None:
    """Above all the recipes': a pattern that finds no path would let every one of them rot."""
    assert len(set(named_files(ROOT / "CONTRIBUTING.md"))) > 40


def commands(page: Path) -> Iterator[list[str]]:
    """The arguments of each `klankbord …` that a page tells people to type."""
    for piece in code(page):
        found = re.match(r"(?:[A-Z_]+=\S+ )?(?:\.venv/bin/)?klankbord (?=[a-z-])(.*)", piece)
        if found:
            yield shlex.split(found[1].partition("#")[0])


def unknown(arguments: list[str]) -> str | None:
    """What the command line says to a command that it does not know; None when it knows it."""
    answer = CliRunner().invoke(app, [*arguments, "--help"])
    return None if answer.exit_code == 0 else f"{shlex.join(arguments)}: {answer.output}"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_are_known(page: Path) -> None:
    assert [fault for given in commands(page) if (fault := unknown(given))] == []


def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command: ("register", "check"), ("build",)."""
    below = getattr(command, "commands", None)
    if below is None:
        yield words
        return
    for name, inner in below.items():
        yield from leaves(inner, (*words, name))


def test_every_command_is_documented() -> None:
    named = [tuple(given) for page in PAGES for given in commands(page)]
    missing = {
        words
        for words in leaves(typer.main.get_command(app))
        if not any(given[: len(words)] == words for given in named)
    }
    assert missing == {("demo",), ("sandbox",), ("serve",)}  # make starts them


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.M))
    named = {
        name
        for page in PAGES
        for piece in code(page)
        for name in re.findall(r"(?:^|\s)make ([a-z][a-z-]*)", piece)
    }
    assert named >= {"demo", "test", "serve", "setup"}
    assert named <= targets


def test_settings_are_known() -> None:
    named = {n for page in PAGES for n in re.findall(r"\bKLANKBORD_[A-Z_]+\b", text(page))}
    known = settings.NAMES.keys() | {"KLANKBORD_TEST_DEMAND"}
    assert named >= {"KLANKBORD_HOME", "KLANKBORD_REGISTER"}
    assert {n for n in named if not n.startswith("KLANKBORD_<")} <= known | {"KLANKBORD_"}


def test_reasons_of_the_runbooks_are_given_somewhere() -> None:
    source = "\n".join(
        text(path)
        for folder, suffix in (("src/klankbord", "py"), ("dbt_project/models", "sql"))
        for path in (ROOT / folder).rglob(f"*.{suffix}")
    )
    for name in ("a-platform-is-late.md", "a-token-died.md"):
        rows = re.findall(r"^\| (`.*?) \|", text(ROOT / "docs/runbooks" / name), re.M)
        reasons = {reason for row in rows for reason in re.findall(r"`(\w+)`", row)}
        assert len(reasons) > 3
        assert {r for r in reasons if f'"{r}"' not in source and f"'{r}'" not in source} == set()


def test_the_table_of_connectors_says_what_the_connectors_say() -> None:
    lines = text(ROOT / "README.md").partition("## Connectors")[2].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    header, _, *body = rows
    places = header.index("platform"), header.index("evidence")
    told = {(row[places[0]], row[places[1]]) for row in body}
    assert told == {(c.title, c.evidence) for c in discover().values()}


def test_every_dependency_has_its_reason() -> None:
    decisions = text(ROOT / "docs" / "decisions.md")
    told = set(re.findall(r"`([^`\s]+)`", re.sub(r"^(?!\|).*$", "", decisions, flags=re.M)))
    for file in sorted((ROOT / "requirements").glob("*.in")):
        wanted = {
            line.split("#")[0].strip()
            for line in text(file).splitlines()
            if line and not line.startswith(("#", "-"))
        }
        assert wanted, file.name
        assert wanted - told == set(), f"{file.name}: no reason in docs/decisions.md"


def test_every_decision_has_its_date() -> None:
    items = re.findall(r"^- .*$", text(ROOT / "docs" / "decisions.md"), re.M)
    assert len(items) > 40
    assert [i for i in items if not re.match(r"- \*\*20\d\d-\d\d-\d\d · .+?[.]\*\*", i)] == []


def test_the_example_of_an_account_passes_the_register(tmp_path: Path) -> None:
    example = re.search(r"```csv\n(.*?)```", text(ROOT / "README.md"), re.S)
    assert example
    rows = [line.strip() for line in example[1].strip().splitlines()]
    (tmp_path / "accounts.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = register.read([ROOT / "register", tmp_path])
    assert [a.is_synthetic for a in found.accounts] == [False] * (len(rows) - 1)


def test_figures_of_the_documentation_can_be_drawn() -> None:
    figures = sorted((ROOT / "docs" / "figures").glob("*.svg"))
    assert figures
    for figure in figures:
        root = ET.fromstring(text(figure))
        words = {e.text for e in root.iter() if e.text and e.text.strip()}
        assert root.get("viewBox") and {"gate 1", "gate 2"} <= words
