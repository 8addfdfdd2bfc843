"""The programs of one machine: PostgreSQL, the sandbox, Airflow, Superset and its dashboards.

What a function starts is entered on the caller's ExitStack and ends with it.
"""

import json
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

from rich.progress import Progress

from klankbord import airflow_home, database, processes, secrets, settings
from klankbord.database import Access
from klankbord.errors import KlankbordError

if TYPE_CHECKING:
    from klankbord.dashboards import Address
    from klankbord.superset import Superset

SANDBOX_SECONDS = 60
AIRFLOW_SECONDS = 240
PORTS = {
    "KLANKBORD_SANDBOX_PORT": "the sandbox",
    "KLANKBORD_AIRFLOW_PORT": "Airflow",
    "KLANKBORD_SUPERSET_PORT": "Superset",
}


class ServiceError(KlankbordError):
    """A service failed or may not be started here; says which and where its log is."""


def refuse_busy_ports() -> None:
    """Say at once which port is taken, before minutes of work."""
    for setting, what in PORTS.items():
        if setting == "KLANKBORD_SANDBOX_PORT" and not settings.is_sandbox():
            continue
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
                raise ServiceError(
                    f"This warehouse holds {real} real accounts and the demo is synthetic: set "
                    "KLANKBORD_HOME to another folder for the demo."
                )
    bar.update(task, completed=1)
    return access


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


def start_airflow(stack: ExitStack, access: Access, bar: Progress) -> None:
    """`airflow standalone` in its own group: its children outlive a signal to the parent."""
    set_up_airflow(access, bar)
    task = bar.add_task("Airflow: api-server, scheduler, dag-processor, triggerer", total=1)
    process = processes.start(
        "Airflow",
        airflow_home.STANDALONE,
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


def dashboards_address(access: Access) -> "Address":
    """Where Superset reads: the warehouse, as the role that sees nothing but `published`."""
    from klankbord import dashboards

    return dashboards.Address(access.host, access.port, access.dbname)


def set_up_airflow(access: Access, bar: Progress) -> None:
    """Airflow's metadata and pools; quick when they are there."""
    _airflow(access, "orchestration.setup", [], bar, "Airflow's metadata")


def run_dags(
    access: Access, names: list[str], bar: Progress | None = None, title: str = ""
) -> None:
    """Run DAGs in one Airflow process in order; an error names the task and quotes it."""
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
        raise ServiceError(
            f"{' '.join(arguments) or module} failed: "
            f"{'; '.join(failures) or processes.tail(log)} (see {log})."
        )
    if bar and task is not None:
        bar.update(task, completed=1)
