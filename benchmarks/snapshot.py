"""A daily snapshot of 10,000 and of 100,000 accounts, each in one run of the DAG `extract_x`.

`python -m benchmarks.snapshot [ACCOUNTS ...]`: an embedded PostgreSQL, a sandbox and an Airflow of
their own in a temporary folder; every account is an invented body's account on X, of which a call
brings a hundred. Prints the number of tasks, the seconds of the whole run and of its extracting
tasks, the milliseconds that an account takes in these, and two peaks of memory: of the process in
which `dag.test()` ran all tasks, whose bookkeeping is Airflow's, and of a plain process that did
the work of all of them. Ends with 1 when a promise is broken: more than 200 tasks, an account that
takes 15 % more or less time among ten times as many, or a peak of the work that grows by more than
a tenth.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from rich.console import Console
from rich.table import Table

SIZES = (10_000, 100_000)
NOW = "2026-09-30T20:00:00+00:00"
MOST_TASKS = 200
MOST_DIFFERENCE = 0.15
MOST_GROWTH = 0.10
ROOT = Path(__file__).resolve().parents[1]


def world(count: int):
    """A world of so many invented municipalities, each with an account on X and nothing else."""
    from klankbord.register import Organisation, Register, columns
    from klankbord.sandbox import calibration, presence
    from klankbord.sandbox.world import World

    calibration.PLATFORMS = ("x",)
    presence.PRESENCE = {("NL", "municipality", ""): {"x": (1.0, 1.0, 1.0)}}
    blank = dict.fromkeys(columns(Organisation))
    bodies = [
        Organisation(
            **blank
            | {
                "organisation_id": f"nl-municipality-{number:06}",
                "country": "NL",
                "organisation_type": "municipality",
                "name_nl": f"Plaats {number}",
                "basis": "synthetic",
                "source": "benchmarks/snapshot.py",
            }
        )
        for number in range(count)
    ]
    return World(Register(organisations=bodies))


def serve(count: int, port: int) -> None:
    """The sandbox of that world, until it is stopped."""
    from klankbord import settings
    from klankbord.sandbox import server
    from klankbord.sandbox.core import Sandbox

    server.uvicorn_server(Sandbox(world(count), settings.now())).run(sockets=[server.listen(port)])


@contextmanager
def sandbox(count: int) -> Iterator[None]:
    """The sandbox as a process of its own, on the port of the settings."""
    port = os.environ["KLANKBORD_SANDBOX_PORT"]
    command = [sys.executable, "-m", "benchmarks.snapshot", "--serve", str(count), port]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                urlopen(f"http://127.0.0.1:{port}/_sandbox/clock", timeout=5).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait()


def measure(count: int) -> dict[str, float]:
    """One run of the DAG over so many accounts; everything it needs is made and removed here."""
    from rich.progress import Progress

    from klankbord import airflow_home, database, services

    with database.running() as access, sandbox(count), Progress(disable=True) as bar:
        database.prepare(access)
        # A process begins with the peak of the one that started it, so this one must stay small.
        subprocess.run(
            [sys.executable, "-m", "benchmarks.snapshot", "--register", str(count)],
            cwd=ROOT,
            check=True,
        )
        services.set_up_airflow(access, bar)
        conf = json.dumps({"streams": ["profiles"]})
        command = ["-m", "orchestration.run_dags", "extract_x", "--conf", conf]
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, *command],
            env=airflow_home.environment(access),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        said, _ = process.stdout.read(), process.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
        whole = time.monotonic() - began
        if status:
            raise SystemExit(said)
        with access.connect("airflow", "airflow") as connection, connection.cursor() as cursor:
            cursor.execute(
                "select sum(extract(epoch from end_date - start_date))::float, count(*)"
                " from task_instance where task_id = 'scan_accounts'"
            )
            working, batches = cursor.fetchone()
        with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            cursor.execute("select count(*) from raw.x_profiles")
            (landed,) = cursor.fetchone()
            if landed != count:
                raise SystemExit(f"{landed} of {count} accounts landed.")
            cursor.execute("truncate raw.x_profiles, raw.outcomes")
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.snapshot", "--work"], cwd=ROOT
        )
        _, status, plain = os.wait4(process.pid, 0)
        if status:
            raise SystemExit("The work without Airflow failed.")
    return {
        "accounts": count,
        "tasks": batches + 2,
        "whole": whole,
        "working": working,
        "each": 1000 * working / count,
        "peak": usage.ru_maxrss / 1024,
        "plain": plain.ru_maxrss / 1024,
    }


def register_world(count: int) -> None:
    """The world's bodies and accounts into the register of the running database."""
    from klankbord import database, register, settings

    made_up = world(count)
    made_up.register.accounts.extend(made_up.account_rows())
    with database.access().connect("klankbord_loader") as connection:
        register.load(connection, made_up.register, settings.now())


def work() -> None:
    """The work of all tasks again, in this process and without Airflow."""
    from klankbord import database, extraction, roster
    from klankbord.windows import window_of

    access, window = database.access(), window_of(streams=["profiles"])
    for between in roster.plan(access, "x", 100, window):
        extraction.extract(access, "x", between=between, window=window)


def in_a_house_of_its_own(count: int) -> dict[str, float]:
    """`measure` in a process and a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="klankbord-snapshot-") as folder:
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("KLANKBORD_")},
            "KLANKBORD_HOME": folder,
            "KLANKBORD_SANDBOX": "1",
            "KLANKBORD_NOW": NOW,
        }
        for name in ("POSTGRES", "SANDBOX", "AIRFLOW"):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                environment[f"KLANKBORD_{name}_PORT"] = str(probe.getsockname()[1])
        command = [sys.executable, "-m", "benchmarks.snapshot", "--measure", str(count)]
        done = subprocess.run(
            command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
        )
    return json.loads(done.stdout.splitlines()[-1])


def main(arguments: list[str]) -> int:
    """Measure each size and compare; 1 when a promise is broken."""
    if arguments[:1] == ["--serve"]:
        serve(int(arguments[1]), int(arguments[2]))
        return 0
    if arguments[:1] == ["--register"]:
        register_world(int(arguments[1]))
        return 0
    if arguments[:1] == ["--work"]:
        work()
        return 0
    if arguments[:1] == ["--measure"]:
        print(json.dumps(measure(int(arguments[1]))))
        return 0
    console = Console()
    table = Table(
        "accounts",
        "tasks",
        "whole run, s",
        "tasks, s",
        "ms an account",
        "Airflow, MiB",
        "work, MiB",
    )
    runs = []
    for count in [int(a) for a in arguments] or SIZES:
        with console.status(f"{count:,} accounts"):
            run = in_a_house_of_its_own(count)
        runs.append(run)
        table.add_row(
            f"{run['accounts']:,}",
            str(run["tasks"]),
            *(f"{run[name]:.1f}" for name in ("whole", "working")),
            f"{run['each']:.3f}",
            *(f"{run[name]:.0f}" for name in ("peak", "plain")),
        )
    console.print(table)
    time_difference, memory_difference = (
        max(run[name] for run in runs) / min(run[name] for run in runs) - 1
        for name in ("each", "plain")
    )
    console.print(
        f"Between the runs: time an account {time_difference:.1%}, the work's memory"
        f" {memory_difference:.1%}."
    )
    broken = time_difference > MOST_DIFFERENCE or memory_difference > MOST_GROWTH
    return int(broken or any(run["tasks"] > MOST_TASKS for run in runs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
