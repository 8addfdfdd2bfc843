"""`make demo`: the whole house over the sandbox, from an empty folder to figures and dashboards.

Every step looks whether its work is there already, so a second run is short and changes no figure.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import Progress, TaskID

from klankbord import services, settings
from klankbord.database import Access
from klankbord.errors import KlankbordError
from klankbord.platforms.base import discover

#: 22:00 in Brussels on the last day of September 2026: the 30 days of a scan are that month
DEMO_NOW = "2026-09-30T20:00:00+00:00"
ARCHIVE = "followers.csv"


class DemoError(KlankbordError):
    """A step of the demo failed; says which and where its log is."""


def sandbox_folder() -> Path:
    """Where the sandbox leaves its register of invented accounts and its archive."""
    return settings.home() / "sandbox"


def configure() -> None:
    """Point this process at the sandbox."""
    os.environ["KLANKBORD_SANDBOX"] = "1"
    os.environ["KLANKBORD_NOW"] = settings.get("KLANKBORD_NOW") or DEMO_NOW
    os.environ["KLANKBORD_REGISTER"] = f"register:{sandbox_folder() / 'register'}"


def settle() -> None:
    """Point every later command in this runtime folder at the sandbox too.

    Only once the warehouse is known to hold nothing real: a folder with real accounts must never
    be told that it is a demo.
    """
    names = ("KLANKBORD_SANDBOX", "KLANKBORD_NOW", "KLANKBORD_REGISTER")
    folder = settings.home()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{name}={os.environ[name]}\n" for name in names)
        (folder / settings.DEMO_FILE).write_text(lines)
    except OSError as error:
        raise DemoError(
            f"The folder {folder} cannot be written ({error.strerror}): set KLANKBORD_HOME to a "
            "folder of yours, or make room on the disk."
        ) from error


def write_world(bar: Progress) -> None:
    """The invented accounts and targets as a register folder, thirteen months of followers as an
    archive."""
    from klankbord import register
    from klankbord.sandbox import archive, incident_logs, targets
    from klankbord.sandbox.register_files import write_register
    from klankbord.sandbox.world import World

    task = bar.add_task("the sandbox's accounts", total=1)
    world = World(
        register.read([settings.PROJECT_ROOT / "register"]),
        int(settings.get("KLANKBORD_SANDBOX_SEED")),
    )
    made_up = register.Register(
        accounts=list(world.account_rows()), targets=targets.of_world(world)
    )
    write_register(made_up, sandbox_folder() / "register")
    archive.write(world, sandbox_folder() / ARCHIVE, settings.now())
    incident_logs.write(world, sandbox_folder(), settings.now())
    bar.update(task, completed=1)


def run_dags(access: Access, bar: Progress) -> None:
    """Every DAG for real, task by task, in one Airflow process; the bar follows the outcomes."""
    from klankbord.imports import archive
    from klankbord.sandbox import incident_logs

    services.set_up_airflow(access, bar)
    services.run_dags(access, ["sync_register"], bar, "sync_register")
    task = bar.add_task("13 months of followers from an archive", total=1)
    archive.load(access, sandbox_folder() / ARCHIVE, settings.now())
    incident_logs.load(access, sandbox_folder(), settings.now())
    bar.update(task, completed=1)
    task = bar.add_task("extract_<platform>: accounts answered", total=_accounts(access))
    with _watching(access, bar, task):
        services.run_dags(access, [f"extract_{name}" for name in discover()])
    services.run_dags(
        access, ["build_benchmark"], bar, "build_benchmark: dbt, two gates, publication"
    )


def incident_page(access: Access) -> tuple[int, Path] | None:
    """(number of incidents, page of the one of which most bodies spoke); None without one."""
    from klankbord.incidents import page, reading

    found = reading.incidents(access)
    if not found:
        return None
    row = max(found, key=lambda r: (r["speaking_bodies"], r["amplifying_partners"] or 0))
    file = settings.home() / "incident.html"
    text = page.page(reading.evaluation(access, f"{row['source']}/{row['incident_id']}"))
    file.write_text(text, encoding="utf-8")
    return len(found), file


def _accounts(access: Access) -> int:
    from klankbord import roster

    return sum(len(roster.accounts(access, name, settings.today())) for name in discover())


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
