"""`make demo`: the whole house over the sandbox, from an empty folder to figures and dashboards.

Every step looks whether its work is there already, so a second run is short and changes no figure.
What a step starts is entered on the caller's ExitStack and ends with it.
"""

import csv
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import Progress, TaskID

from klankbord import airflow_home, database, processes, secrets, settings
from klankbord.database import Access
from klankbord.errors import KlankbordError
from klankbord.platforms.base import discover

if TYPE_CHECKING:
    from klankbord.superset import Superset

#: 22:00 in Brussels on the last day of September 2026: the 30 days of a scan are that month
DEMO_NOW = "2026-09-30T20:00:00+00:00"
SANDBOX_SECONDS = 60
AIRFLOW_SECONDS = 240
ARCHIVE = "followers.csv"
PORTS = {
    "KLANKBORD_SANDBOX_PORT": "the sandbox",
    "KLANKBORD_AIRFLOW_PORT": "Airflow",
    "KLANKBORD_SUPERSET_PORT": "Superset",
}


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


def refuse_busy_ports() -> None:
    """Say at once which port is taken, before minutes of work."""
    for setting, what in PORTS.items():
        processes.refuse_busy_port(settings.port(setting), setting, what)


def start_database(stack: ExitStack, bar: Progress) -> Access:
    """The warehouse with its roles; refuses to put invented figures beside real ones."""
    task = bar.add_task("PostgreSQL", total=1)
    access = stack.enter_context(database.running())
    database.prepare(access)
    if settings.is_sandbox():
        with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            cursor.execute("select count(*) from register.accounts where not is_synthetic")
            if real := cursor.fetchone()[0]:
                raise DemoError(
                    f"This warehouse holds {real} real accounts and the demo is synthetic: set "
                    "KLANKBORD_HOME to another folder for the demo."
                )
    bar.update(task, completed=1)
    return access


def write_world(bar: Progress) -> None:
    """The invented accounts as a register folder, thirteen months of followers as an archive."""
    from klankbord import register
    from klankbord.sandbox import archive
    from klankbord.sandbox.world import World

    task = bar.add_task("the sandbox's accounts", total=1)
    folder = sandbox_folder() / "register"
    folder.mkdir(parents=True, exist_ok=True)
    world = World(
        register.read([settings.PROJECT_ROOT / "register"]),
        int(settings.get("KLANKBORD_SANDBOX_SEED")),
    )
    names = register.columns(register.AccountRow)
    with (folder / "accounts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(
            [_cell(getattr(row, name)) for name in names] for row in world.account_rows()
        )
    archive.write(world, sandbox_folder() / ARCHIVE, settings.now())
    bar.update(task, completed=1)


def _cell(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def start_sandbox(stack: ExitStack, bar: Progress) -> None:
    """The sandbox on its port, as a process of its own."""
    task = bar.add_task("the sandbox", total=1)
    port = settings.port("KLANKBORD_SANDBOX_PORT")
    process = processes.start(
        "The sandbox",
        [
            *(sys.executable, "-m", "klankbord.sandbox.server", "--port", str(port)),
            *("--seed", settings.get("KLANKBORD_SANDBOX_SEED")),
            *("--now", settings.now().isoformat()),
        ],
        log=settings.home() / "logs" / "sandbox.log",
        cwd=settings.PROJECT_ROOT,
    )
    stack.callback(process.stop)
    process.wait_until(
        processes.answers(f"http://127.0.0.1:{port}/_sandbox/clock"), SANDBOX_SECONDS
    )
    bar.update(task, completed=1)


def run_dags(access: Access, bar: Progress) -> None:
    """Every DAG for real, task by task, in one Airflow process; the bar follows the outcomes."""
    from klankbord.imports import archive

    _airflow(access, "orchestration.setup", [], bar, "Airflow's metadata")
    _dags(access, ["sync_register"], bar, "sync_register")
    task = bar.add_task("13 months of followers from an archive", total=1)
    archive.load(access, sandbox_folder() / ARCHIVE, settings.now())
    bar.update(task, completed=1)
    task = bar.add_task("extract_<platform>: accounts answered", total=_accounts(access))
    with _watching(access, bar, task):
        _dags(access, [f"extract_{name}" for name in discover()])
    _dags(access, ["build_benchmark"], bar, "build_benchmark: dbt, two gates, publication")


def _dags(access: Access, names: list[str], bar: Progress | None = None, title: str = "") -> None:
    _airflow(access, "orchestration.run_dags", names, bar, title)


def _airflow(
    access: Access, module: str, arguments: list[str], bar: Progress | None, title: str
) -> None:
    """One Airflow process to its end; its JSON lines say which task failed and why."""
    task = bar.add_task(title, total=1) if bar else None
    log = settings.home() / "logs" / "airflow.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=airflow_home.environment(access), cwd=settings.PROJECT_ROOT,
            stdout=subprocess.PIPE, stderr=output, check=False,
        )  # fmt: skip
        output.write(done.stdout)
    if done.returncode:
        failures = [
            event["text"]
            for line in done.stdout.decode(errors="replace").splitlines()
            if line.startswith("KLANKBORD ")
            for event in [json.loads(line.removeprefix("KLANKBORD "))]
            if event["event"] == "error"
        ]
        raise DemoError(
            f"{' '.join(arguments) or module} failed: "
            f"{'; '.join(failures) or processes.tail(log)} (see {log})."
        )
    if bar and task is not None:
        bar.update(task, completed=1)


def _accounts(access: Access) -> int:
    from klankbord import extraction

    return sum(len(extraction.accounts(access, name, settings.today())) for name in discover())


@contextmanager
def _watching(access: Access, bar: Progress, task: TaskID) -> Iterator[None]:
    """Move the bar with the accounts that have outcomes while somebody else works."""
    ended = threading.Event()

    def landed() -> int:
        with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            cursor.execute(
                "select count(distinct account_id) from raw.outcomes where scan_on = %s",
                [settings.today()],
            )
            return cursor.fetchone()[0]

    def watch(report: Callable[[int], None]) -> None:
        while not ended.wait(0.5):
            report(landed())

    def report(count: int) -> None:
        bar.update(task, completed=count)

    thread = threading.Thread(target=watch, args=[report], daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        report(landed())


def start_airflow(stack: ExitStack, access: Access, bar: Progress) -> None:
    """`airflow standalone` in its own group: its children outlive a signal to the parent."""
    task = bar.add_task("Airflow: api-server, scheduler, dag-processor, triggerer", total=1)
    process = processes.start(
        "Airflow",
        [str(Path(sys.executable).with_name("airflow")), "standalone"],
        env=airflow_home.environment(access),
        log=settings.home() / "logs" / "airflow-server.log",
        cwd=settings.PROJECT_ROOT,
    )
    stack.callback(process.stop)
    port = settings.port("KLANKBORD_AIRFLOW_PORT")
    process.wait_until(
        processes.answers(f"http://127.0.0.1:{port}/api/v2/monitor/health"), AIRFLOW_SECONDS
    )
    bar.update(task, completed=1)


def start_superset(stack: ExitStack, access: Access, bar: Progress) -> "Future[Superset]":
    """Superset, prepared and started in the background: its metadata takes as long as the DAGs."""
    from klankbord.superset import Superset

    task = bar.add_task("Superset (in the background)", total=1)
    metadata = access.parameters("superset", "superset")
    superset = Superset(
        folder=settings.home() / "superset",
        port=settings.port("KLANKBORD_SUPERSET_PORT"),
        secret_key=secrets.secret("superset_key"),
        admin_password=secrets.secret("superset_admin"),
        metadata_dsn="postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**metadata),
    )

    def bring_up() -> Superset:
        superset.prepare()
        stack.callback(superset.start().stop)
        bar.update(task, completed=1)
        return superset

    pool = ThreadPoolExecutor(1)
    stack.callback(pool.shutdown, wait=True)
    return pool.submit(bring_up)


def deploy_dashboards(
    access: Access, superset: "Future[Superset]", bar: Progress
) -> list[tuple[str, str]]:
    """Deploy what the files say; returns (title, address) of each dashboard."""
    from klankbord import dashboards

    task = bar.add_task("dashboards", total=1)
    running = superset.result()
    bundle = dashboards.render(dashboards_address(access))
    dashboards.deploy(
        bundle, running.base_url, "admin", running.admin_password,
        secrets.secret("postgres_klankbord_reader"),
    )  # fmt: skip
    bar.update(task, completed=1)
    return [
        (asset["dashboard_title"], f"{running.base_url}/superset/dashboard/{asset['slug']}/")
        for asset in bundle.of("dashboards").values()
    ]


def dashboards_address(access: Access):
    """Where Superset reads: the warehouse, as the role that sees nothing but `published`."""
    from klankbord import dashboards

    return dashboards.Address(access.host, access.port, access.dbname)
