"""`.env.example` names exactly what can be set, says what for, and sets nothing."""

import re
from pathlib import Path

import pytest
from dotenv import dotenv_values

from klankbord import settings

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / ".env.example"


def compose_variables() -> set[str]:
    """The variables that docker-compose.yml takes from its environment."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return set(re.findall(r"(?<!\$)\$\{?([A-Za-z_][A-Za-z0-9_]*)", "\n".join(lines)))


def blocks() -> dict[str, list[str]]:
    """name -> the comment lines directly above it, without their '# '."""
    found: dict[str, list[str]] = {}
    for block in EXAMPLE.read_text(encoding="utf-8").split("\n\n"):
        *comments, last = block.strip().splitlines()
        if not last.startswith("#"):
            found[last.partition("=")[0]] = [line.removeprefix("# ") for line in comments]
    return found


def test_names_are_those_that_are_read() -> None:
    named = list(dotenv_values(EXAMPLE))
    assert sorted(named) == sorted(settings.NAMES.keys() | compose_variables())


def test_compose_takes_what_it_must_have_from_the_environment() -> None:
    """The comparison above would be empty talk if the file's variables were not found."""
    assert compose_variables() >= {"KLANKBORD_COMPOSE_PASSWORD", "KLANKBORD_AIRFLOW_PORT"}


def test_a_copy_changes_nothing() -> None:
    """Above all no token: and KLANKBORD_SANDBOX=0 would outvote what `make demo` set."""
    assert {name: value for name, value in dotenv_values(EXAMPLE).items() if value} == {}


@pytest.mark.parametrize("name", settings.NAMES)
def test_purpose_and_default_are_those_of_the_settings(name: str) -> None:
    default, purpose = settings.NAMES[name]
    assert blocks()[name] == [purpose, f"default: {default or 'none'}"]
