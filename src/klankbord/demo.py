"""`make demo`: the whole house over the sandbox, from an empty folder to figures and dashboards.

Every step looks whether its work is there already, so a second run is short and changes no figure.
"""

import csv
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.progress import Progress

from klankbord import airflow_home, database, processes, settings
from klankbord.database import Access
from klankbord.errors import KlankbordError
from klankbord.platforms.base import discover

#: 22:00 in Brussels on the last day of September 2026: the 30 days of a scan are that month
DEMO_NOW = "2026-09-30T20:00:00+00:00"
SANDBOX_SECONDS = 60
AIRFLOW_SECONDS = 180
ARCHIVE = "followers.csv"


class DemoError(KlankbordError):
    """A step of the demo failed; says which and where its log is."""


def sandbox_folder() -> Path:
    """Where the sandbox leaves its register of invented accounts and its archive."""
    return settings.home() / "sandbox"


def configure() -> None:
    """Point this process and every later command in this runtime folder at the sandbox."""
    wanted = {
        "KLANKBORD_SANDBOX": "1",
        "KLANKBORD_NOW": settings.get("KLANKBORD_NOW") or DEMO_NOW,
        "KLANKBORD_REGISTER": f"register:{sandbox_folder() / 'register'}",
    }
    os.environ.update(wanted)
    folder = settings.home()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / settings.DEMO_FILE).write_text("".join(f"{k}={v}\n" for k, v in wanted.items()))
    except OSError as error:
        raise DemoError(
            f"The folder {folder} cannot be written ({error.strerror}): set KLANKBORD_HOME to a "
            "folder of yours, or make room on the disk."
        ) from error


def refuse_real_accounts(access: Access) -> None:
    """Invented figures never land beside real ones."""
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from register.accounts where not is_synthetic")
        if real := cursor.fetchone()[0]:
            raise DemoError(
                f"This warehouse holds {real} real accounts and the demo is synthetic: set "
                "KLANKBORD_HOME to another folder for the demo."
            )


@contextmanager
def sandbox_server() -> Iterator[processes.Process]:
    """The sandbox on its port, as a process of its own."""
    port = settings.port("KLANKBORD_SANDBOX_PORT")
    processes.refuse_busy_port(port, "KLANKBORD_SANDBOX_PORT", "the sandbox")
    process = processes.start(
        "The sandbox",
        [
            sys.executable,
            "-m",
            "klankbord.sandbox.server",
            "--port",
            str(port),
            "--seed",
            settings.get("KLANKBORD_SANDBOX_SEED"),
            "--now",
            settings.get("KLANKBORD_NOW"),
        ],
        log=settings.home() / "logs" / "sandbox.log",
        cwd=settings.PROJECT_ROOT,
    )
    try:
        process.wait_until(
            processes.answers(f"http://127.0.0.1:{port}/_sandbox/clock"), SANDBOX_SECONDS
        )
        yield process
    finally:
        process.stop()


def write_world() -> None:
    """The invented accounts as a register folder, and thirteen months of followers as an archive."""
    from klankbord import register
    from klankbord.sandbox import archive
    from klankbord.sandbox.world import World

    folder = sandbox_folder()
    (folder / "register").mkdir(parents=True, exist_ok=True)
    bodies = register.read([settings.PROJECT_ROOT / "register"])
    world = World(bodies, int(settings.get("KLANKBORD_SANDBOX_SEED")))
    with (folder / "register" / "accounts.csv").open("w", newline="", encoding="utf-8") as file:
        names = register.columns(register.AccountRow)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for row in world.account_rows():
            cells = (getattr(row, name) for name in names)
            writer.writerow("" if c is None else str(c).lower() if c is True else c for c in cells)
    archive.write(world, folder / ARCHIVE, settings.now())


def run_dags(access: Access, bar: Progress) -> None:
    """Every DAG for real, task by task, in one Airflow process; the bar follows the outcomes."""
    from klankbord.imports import archive

    _airflow(access, "orchestration.setup", [], bar.add_task("Airflow's metadata", total=1), bar)
    _airflow(
        access,
        "orchestration.run_dags",
        ["sync_register"],
        bar.add_task("sync_register", total=1),
        bar,
    )
    archive.load(access, sandbox_folder() / ARCHIVE, settings.now())
    names = [f"extract_{name}" for name in discover()]
    task = bar.add_task("extract: accounts complete", total=_accounts(access))
    with _watching(access, lambda done: bar.update(task, completed=done)):
        _airflow(access, "orchestration.run_dags", names, None, bar)
    _airflow(
        access,
        "orchestration.run_dags",
        ["build_benchmark"],
        bar.add_task("build_benchmark: dbt, two gates, publication", total=1),
        bar,
    )


def _airflow(access: Access, module: str, arguments: list[str], task, bar: Progress) -> None:
    log = settings.home() / "logs" / "airflow.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=airflow_home.environment(access),
            cwd=settings.PROJECT_ROOT,
            stdout=subprocess.PIPE,
            stderr=output,
            check=False,
        )
        output.write(done.stdout)
    events = [
        json.loads(line.removeprefix("KLANKBORD "))
        for line in done.stdout.decode(errors="replace").splitlines()
        if line.startswith("KLANKBORD ")
    ]
    if done.returncode:
        failed = "; ".join(
            f"{e['dag']}: {e.get('text') or ', '.join(e['failed'])}"
            for e in events
            if e["event"] == "error" or e["state"] != "success"
        )
        raise DemoError(
            f"{module} {' '.join(arguments)} failed: {failed or processes.tail(log)} (see {log})."
        )
    if task is not None:
        bar.update(task, completed=1)


def _accounts(access: Access) -> int:
    from klankbord import extraction

    return sum(len(extraction.accounts(access, name, settings.today())) for name in discover())


@contextmanager
def _watching(access: Access, report: Callable[[int], None]) -> Iterator[None]:
    """Count accounts with outcomes while somebody else works."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.5):
            report(_landed(access))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        report(_landed(access))


def _landed(access: Access) -> int:
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select count(distinct account_id) from raw.outcomes where scan_on = %s",
            [settings.today()],
        )
        return cursor.fetchone()[0]


@contextmanager
def airflow_server(access: Access) -> Iterator[processes.Process]:
    """`airflow standalone` in its own group: its children outlive a signal to the parent."""
    port = settings.port("KLANKBORD_AIRFLOW_PORT")
    processes.refuse_busy_port(port, "KLANKBORD_AIRFLOW_PORT", "Airflow")
    process = processes.start(
        "Airflow",
        [Path(sys.executable).with_name("airflow"), "standalone"],
        env=airflow_home.environment(access),
        log=settings.home() / "logs" / "airflow-server.log",
        cwd=settings.PROJECT_ROOT,
    )
    try:
        process.wait_until(
            processes.answers(f"http://127.0.0.1:{port}/api/v2/monitor/health"), AIRFLOW_SECONDS
        )
        yield process
    finally:
        process.stop()


@contextmanager
def services() -> Iterator[tuple[Access, ExitStack]]:
    """The database and the sandbox; whatever else is entered on the stack ends with them."""
    with ExitStack() as stack:
        access = stack.enter_context(database.running())
        database.prepare(access)
        yield access, stack
