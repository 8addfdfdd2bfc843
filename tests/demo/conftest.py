"""One real demo for all tests here: `klankbord demo --no-serve` as its user runs it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from klankbord import database, settings
from klankbord.database import service
from tests.conftest import free_port

ROOT = settings.PROJECT_ROOT


@dataclass
class Demo:
    """A runtime folder in which the demo has run, and what it printed."""

    home: Path
    variables: dict[str, str]
    output: str = ""

    def klankbord(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command line, as a user of this runtime folder."""
        return subprocess.run(
            [str(Path(sys.executable).with_name("klankbord")), *arguments],
            env={**os.environ, **self.variables}, cwd=ROOT, text=True, capture_output=True,
            timeout=900, check=False,
        )  # fmt: skip


def ours(variables: dict[str, str]) -> list[str]:
    """Command lines of living processes that hold this demo's runtime folder in their environment
    or arguments: what the demo started and left behind."""
    mark = variables["KLANKBORD_HOME"].encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                text = (entry / "cmdline").read_bytes()
                if mark in text + (entry / "environ").read_bytes():
                    found.append(text.replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
    return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo from nothing; afterwards its database runs for the tests to look into.

    For one module: while it lasts, the settings name the demo's folder and no other house's.
    """
    home = tmp_path_factory.mktemp("demo")
    names = ("POSTGRES", "AIRFLOW", "SUPERSET", "SANDBOX")
    variables = {f"KLANKBORD_{name}_PORT": str(free_port()) for name in names}
    variables["KLANKBORD_HOME"] = str(home)
    run = Demo(home, variables)
    done = run.klankbord("demo", "--no-serve")
    run.output = done.stdout
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert ours(variables) == [], "the demo left processes behind"
    saved = dict(os.environ)
    os.environ.update(variables)
    settings._demo.cache_clear()
    try:
        with database.running():
            yield run
        service.cluster().drop()
    finally:
        os.environ.clear()
        os.environ.update(saved)
        settings._demo.cache_clear()
