"""How long a build takes over a year and over ten, and what it needs.

For each number of years a house of its own is filled (benchmarks/history.py), built whole, and
built again after each of two more days; then a quarter is frozen:
`python -m benchmarks.build --folder FOLDER`.
A run that was stopped goes on where it was with the same `--folder`.
"""

import argparse
import json
import os
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks import measures
from benchmarks.history import History
from benchmarks.house import NOW, environment, free_port
from benchmarks.measures import console
from klankbord import database

#: the promises of issue 4
MOST_GROWTH, MOST_TIMES_FLAT, MOST_MIB, MOST_BUFFERS = 1.2, 10.0, 2048, 200
MORE_DAYS = 2
CHUNK_DAYS = 182


@contextmanager
def house(folder: Path):
    """A prepared warehouse in the folder, which stays there."""
    folder.mkdir(parents=True, exist_ok=True)
    values = {"KLANKBORD_HOME": str(folder), "KLANKBORD_POSTGRES_PORT": str(free_port())}
    with (
        environment(
            **values,
            KLANKBORD_NOW=NOW.isoformat(),
            KLANKBORD_SANDBOX="1",
            KLANKBORD_SETTLED_STANDS="1",
        ),
        database.running() as access,
    ):
        database.prepare(access)
        with database.autocommit(access, access.dbname) as cursor:
            cursor.execute("create schema if not exists bench")
            cursor.execute("create table if not exists bench.done (what text primary key)")
        yield access


def fill(history: History, until: date, since: date | None = None) -> None:
    """Rows of the scans up to a day, half a year at a time; what was done is not done again."""
    since = since or history.start - timedelta(days=1)
    steps = []
    while since < until:
        upto = min(until, since + timedelta(days=CHUNK_DAYS))
        steps += [(since, upto, part) for part in history.parts(since, upto)]
        since = upto
    with _progress() as bar:
        task = bar.add_task("rows", total=len(steps))
        for since, upto, (platform, statements, values) in steps:
            what = f"{platform} {since} {upto}"
            bar.update(task, description=what)
            with database.autocommit(history.access, history.access.dbname) as cursor:
                cursor.execute("select 1 from bench.done where what = %s", [what])
                if not cursor.fetchone():
                    history.add(statements, values)
                    cursor.execute("insert into bench.done values (%s)", [what])
            bar.advance(task)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def measure(folder: Path, accounts: int, years: int) -> dict[str, object]:
    """One house: whole build, two daily builds, flattening, a figure."""
    end = NOW.date()
    with house(folder) as access:
        history = History(access, accounts, end - timedelta(days=365 * years - 1), end)
        history.declare()
        _at(end)
        if not (folder / "runs.json").exists():
            fill(history, end)
            with database.autocommit(access, access.dbname) as cursor:
                cursor.execute("vacuum analyze")
        done = folder / "runs.json"
        runs = json.loads(done.read_text()) if done.exists() else []
        for more in range(len(runs), MORE_DAYS + 1):
            day = end + timedelta(days=more)
            _at(day)
            if more:
                fill(replace(history), day, day - timedelta(days=1))
            runs.append(measures.build(access, f"{years} y: {f'day {more}' if more else 'whole'}"))
            done.write_text(json.dumps(runs))
        quarter = date(end.year, 4, 1)
        with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            cursor.execute("select min(organisation_id) from register.accounts")
            (body,) = cursor.fetchone()
        return {
            "accounts": accounts,
            "years": years,
            "sizes": measures.sizes(access),
            "runs": runs,
            "edition": measures.edition(access, f"{end.year}-Q2"),
            "flat": measures.flat(access),
            "figure": measures.buffers(access, measures.FIGURE, [body, quarter]),
            "group_figure": measures.buffers(access, measures.GROUP_FIGURE, [quarter]),
        }


def _at(day: date) -> None:
    moment = datetime.combine(day, NOW.timetz())
    os.environ["KLANKBORD_NOW"] = moment.isoformat()


def judge(results: list[dict]) -> dict[str, object]:
    """The promises beside what was measured."""
    first, last = results[0], results[-1]
    daily = [min(run["seconds"] for run in result["runs"][1:]) for result in (first, last)]
    whole = last["runs"][0]["seconds"]
    flat_s = sum(last["flat"].values())
    peak = max(
        mib
        for result in results
        for work in (*result["runs"], result["edition"])
        for mib in work["peak_mib"].values()
    )
    return {
        "daily_growth": round(daily[1] / daily[0], 2),
        "whole_times_flat": round(whole / flat_s, 1),
        "peak_mib": peak,
        "buffers": max(last["figure"][0], last["group_figure"][0]),
        "kept": bool(
            daily[1] <= MOST_GROWTH * daily[0]
            and whole <= MOST_TIMES_FLAT * flat_s
            and peak < MOST_MIB
            and max(last["figure"][0], last["group_figure"][0]) < MOST_BUFFERS
        ),
    }


def main(arguments: list[str]) -> int:
    """Measure each number of years; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=4000)
    parser.add_argument("--years", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--folder", type=Path, required=True, help="houses are kept in it")
    given = parser.parse_args(arguments)
    results = []
    for years in given.years:
        results.append(measure(given.folder / f"{given.accounts}-{years}", given.accounts, years))
        console.print_json(json.dumps(results[-1]["runs"][-1]["steps"]))
    table = Table("years", "run", "s", "tests, s", "PostgreSQL, MiB", "Python, MiB")
    for result in results:
        for run in result["runs"]:
            table.add_row(
                str(result["years"]),
                run["label"],
                f"{run['seconds']:.1f}",
                f"{run['tests_s']:.1f}",
                *(str(run["peak_mib"].get(kind, "")) for kind in ("postgres", "python")),
            )
    console.print(table)
    verdict = judge(results)
    print(json.dumps({"results": results, "verdict": verdict}, indent=1))
    return 0 if verdict["kept"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
