"""How fast posts get from a platform into schema raw, beside a COPY of the same bytes.

`python -m benchmarks.landing` serves 200,000 posts in pages of 100 as static bytes from a process
of its own and reads them with the X connector and `extraction.extract`, each time in a fresh
process. Between the rounds the very bytes that came are copied into a table of the same shape.
See benchmarks/README.md.
"""

import argparse
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import static_server
from benchmarks.house import empty_house
from klankbord import extraction
from klankbord.database import Access, access
from klankbord.platforms.base import discover

PAGES = 20  # of an account: 2,000 posts, which X would give too
POSTS = PAGES * static_server.PAGE


@contextmanager
def served() -> Iterator[str]:
    """The address of the static server."""
    command = [sys.executable, "-m", "benchmarks.static_server", str(PAGES)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


def register_accounts(house: Access, count: int) -> None:
    """So many accounts of X in the register, and nothing in raw."""
    with house.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("truncate raw.x_posts, raw.x_profiles, raw.x_messages, raw.outcomes")
        cursor.execute("truncate register.accounts, raw.spending, raw.extractions")
        cursor.execute(
            "insert into register.accounts (account_id, organisation_id, platform, handle, role,"
            " access_tier, is_synthetic, basis, source, recorded_at, source_file, source_line)"
            " select 'x-' || to_char(n, 'FM000000'), 'o' || n, 'x', 'gemeente' || n, 'official',"
            " 'T2', false, 'declared', 'benchmark', now(), 'benchmark', n"
            " from generate_series(1, %s) as n",
            [count],
        )
    with house.connect(house.admin) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("checkpoint")  # what an earlier round wrote is not this one's burden


def land(processes: list[tuple[str, str]]) -> tuple[float, list[dict]]:
    """(seconds, what each process says of itself) for ranges of accounts read at the same time."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.landing", "--child", first, last],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for first, last in processes
    ]  # fmt: skip
    for child in running:
        child.stdout.readline()  # everything is imported
    began = time.perf_counter()
    for child in running:
        child.stdin.write("go\n")
        child.stdin.flush()
    said = [json.loads(child.stdout.readline()) for child in running]
    seconds = time.perf_counter() - began
    for child in running:
        child.communicate()
    return seconds, said


def child(first: str, last: str) -> None:
    """One process of `land`: reads a range of accounts when it is told to."""
    house = access()
    discover()  # imports every connector
    with house.connect("klankbord_loader"):
        print("ready", flush=True)
    sys.stdin.readline()
    before = time.process_time()
    done = extraction.extract(house, "x", between=(first, last))
    print(
        json.dumps(
            {
                "posts": done.landed.rows.get("posts", 0),
                "requests": done.request_count,
                "cpu": time.process_time() - before,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        ),
        flush=True,
    )


def prepare_copy() -> list[bytes]:
    """The bytes of the posts as the server sends them, a CSV for each page, ready to be copied."""
    pages = []
    for number in range(PAGES):
        body = json.loads(static_server.page(number, PAGES - 1).split(b"\r\n\r\n", 1)[1])
        rows = []
        for post in body["data"]:
            text = json.dumps(post, ensure_ascii=False, separators=(",", ":")).replace('"', '""')
            rows.append(
                f'{post["id"]},2026-09-30,2026-09-30T20:00:00Z,{post["created_at"]},1,,"{text}"'
            )
        pages.append(rows)
    return pages


def copy(house: Access, pages: list[list[str]], accounts: int, like_raw: bool) -> float:
    """Seconds that a COPY of the same posts takes, a transaction an account; into a table with
    raw's key and index, or into one with neither."""
    extraction_id = "00000000-0000-0000-0000-000000000000"
    including = "including all" if like_raw else ""
    with house.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("drop table if exists raw.benchmark")
        cursor.execute(f"create table raw.benchmark (like raw.x_posts {including})")
    rows = [row for page in pages for row in page]
    query = (
        "copy raw.benchmark (account_id, item_id, scan_on, observed_at, created_at, answers,"
        " thread_id, payload, extraction_id) from stdin with (format csv)"
    )
    connection, seconds = house.open("klankbord_loader"), 0.0
    for number in range(accounts):
        name = f"x-{number:06}"
        text = "".join(f"{name},{row},{extraction_id}\n" for row in rows)
        began = time.perf_counter()
        with connection, connection.cursor() as cursor:
            cursor.copy_expert(query, io.StringIO(text), 1 << 18)
        seconds += time.perf_counter() - began
    connection.close()
    with house.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("drop table raw.benchmark")
    return seconds


def stored(house: Access) -> int:
    """Posts in raw."""
    with house.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from raw.x_posts")
        return cursor.fetchone()[0]


def memory(posts: int) -> dict[str, object]:
    """What one process needs for so many posts, without a copy beside it."""
    accounts = max(1, posts // POSTS)
    with served() as url, empty_house(KLANKBORD_X_URL=url) as house:
        register_accounts(house, accounts)
        seconds, [said] = land([("x-000001", f"x-{accounts:06}")])
        lost = accounts * POSTS - stored(house)
    cpu = said["cpu"] / said["posts"] * 1e6
    return {**said, "seconds": round(seconds, 1), "cpu_us_per_post": round(cpu, 2), "lost": lost}


def measure(posts: int, rounds: int, processes: int) -> dict[str, object]:
    """All figures of a run."""
    accounts = max(processes, posts // POSTS)
    posts, pages = accounts * POSTS, prepare_copy()
    rates: dict[str, list[float]] = {"copy": [], "append": [], "landing": [], "several": []}
    peak, lost, cpu = 0.0, 0, []
    names = [f"x-{number:06}" for number in range(1, accounts + 1)]
    with served() as url, empty_house(KLANKBORD_X_URL=url) as house:
        for _ in range(rounds):
            rates["append"].append(posts / copy(house, pages, accounts, like_raw=False))
            rates["copy"].append(posts / copy(house, pages, accounts, like_raw=True))
            register_accounts(house, accounts)
            seconds, [said] = land([(names[0], names[-1])])
            rates["landing"].append(posts / seconds)
            peak = max(peak, said["peak_mb"])
            cpu.append(said["cpu"] / posts * 1e6)
            lost += posts - stored(house)
            register_accounts(house, accounts)
            size = -(-accounts // processes)
            ranges = [
                (names[i], names[min(i + size, accounts) - 1]) for i in range(0, accounts, size)
            ]
            seconds, _ = land(ranges)
            rates["several"].append(posts / seconds)
            lost += posts - stored(house)
    middle = {name: statistics.median(found) for name, found in rates.items()}
    return {
        "posts": posts,
        "rounds": rounds,
        "processes": processes,
        **{f"{name}_per_second": round(rate) for name, rate in middle.items()},
        "share_of_copy": round(middle["landing"] / middle["copy"], 3),
        "share_of_append": round(middle["landing"] / middle["append"], 3),
        "cpu_us_per_post": round(statistics.median(cpu), 2),
        "load": round(os.getloadavg()[0], 1),
        "peak_mb": round(peak, 1),
        "lost": lost,
    }


def main() -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--memory", action="store_true", help="only land, in one process")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(*options.child)
    elif options.memory:
        print(json.dumps(memory(options.posts), indent=2))
    else:
        print(json.dumps(measure(options.posts, options.rounds, options.processes), indent=2))
    return 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    sys.exit(main())
