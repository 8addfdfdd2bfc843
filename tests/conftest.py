"""What every test may ask for: a real PostgreSQL, a warehouse, the sandbox, recorded answers.

What a machine lacks is a skip with its reason, except where KLANKBORD_TEST_DEMAND=1 (CI): there it
is a failure.
"""

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from dbt_common.behavior_flags import BehaviorFlagRendered

from klankbord import database, settings
from klankbord.database import service
from klankbord.database.cluster import ADMIN, SERVER_SETTINGS
from tests.databases import new_warehouse

#: nobody keeps these data beyond a test, and no test takes the power away: PostgreSQL need not wait
#: for the disk (processes that are killed lose nothing by it)
FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
}
ROOT = Path(__file__).resolve().parents[1]

# no test of a time; and in CI the same examples every time, or what lands hangs on luck: `make
# test` goes on looking for new ones
hypothesis.settings.register_profile(
    "klankbord", deadline=None, derandomize=os.environ.get("KLANKBORD_TEST_DEMAND") == "1"
)
hypothesis.settings.load_profile("klankbord")


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def skip_or_fail(reason: str) -> None:
    """Skip with the reason; fail where everything is demanded."""
    if os.environ.get("KLANKBORD_TEST_DEMAND") == "1":
        pytest.fail(f"demanded, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def needs() -> Callable[[str], str]:
    """needs("chromium") -> its path; skips or fails when the program is absent."""

    def find(program: str) -> str:
        path = shutil.which(program)
        if path is None:
            skip_or_fail(f"{program} is not installed")
        return str(path)

    return find


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], object]:
    """recorded("x/users_resp.json") -> its JSON; the answers that real platforms once gave."""
    folder = Path(os.environ.get("KLANKBORD_RECORDED", ROOT.parent / "shared" / "recorded"))

    def load(name: str) -> object:
        if not (folder / name).is_file():
            skip_or_fail(f"the recorded answers are not in {folder.name}/ ({name})")
        return json.loads((folder / name).read_text())

    return load


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A runtime folder of the tests' own: secrets, database, nothing of the user's."""
    folder = tmp_path_factory.mktemp("klankbord")
    saved = dict(os.environ)
    for name in settings.NAMES:
        os.environ.pop(name, None)
    os.environ["KLANKBORD_HOME"] = str(folder)
    settings._dotenv.cache_clear()
    settings._dotenv = lambda: {}  # a developer's .env has no say in tests
    yield folder
    os.environ.clear()
    os.environ.update(saved)


@pytest.fixture(scope="session")
def postgres(home: Path) -> Iterator[database.Access]:
    """The embedded PostgreSQL on a free port, with roles, databases and schemas made."""
    os.environ["KLANKBORD_POSTGRES_PORT"] = str(free_port())
    SERVER_SETTINGS.update(FORGETFUL)
    # each dbt command looks 19 times for the module that made a flag of its adapter, through the
    # whole stack and all modules: under pytest two seconds a command
    BehaviorFlagRendered._default_source = staticmethod(lambda: "tests")
    with database.running() as access:
        assert access.admin == ADMIN
        database.prepare(access)
        yield access
    # PostgreSQL's user may not reach pytest's folders: its data then lie outside them
    service.cluster().drop()


@pytest.fixture
def warehouse(postgres: database.Access) -> Iterator[database.Access]:
    """An empty warehouse of this test's own (another database of the same server)."""
    with new_warehouse(postgres) as access:
        yield access
