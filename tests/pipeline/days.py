"""A small house on which something goes wrong day after day, and the words to say what.

A day is scanned unharmed first and wiped again: what it landed is what the day must hold in the
end, row for row, however often something broke on the way.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from klankbord import roster, settings
from klankbord.database.cluster import ADMIN
from klankbord.database.service import cluster
from klankbord.platforms.base import Window, discover
from klankbord.sandbox.bluesky_objects import did
from klankbord.sandbox.model import WorldAccount
from tests.pipeline.house import House

STREAMS = ("profiles", "posts", "messages", "insights")
#: (account_id, stream) -> (status, reason)
Endings = Mapping[tuple[str, str], tuple[str, str]]
Rows = set[tuple[str, str, str, str]]
PATIENCE_SECONDS = 90.0


def accounts(house: House, platform: str) -> list[WorldAccount]:
    """The platform's accounts in the order in which they are read."""
    found = [a for a in house.world.accounts if a.platform == platform]
    return sorted(found, key=lambda account: account.account_id)


def place(account: WorldAccount) -> str:
    """What the addresses hold that ask for one account's posts."""
    return did(account.user_id) if account.platform == "bluesky" else str(account.user_id)


def tomorrow(house: House) -> Rows:
    """Move to the next day, scan it unharmed, wipe it; returns what it must hold in the end."""
    house.at(settings.now() + timedelta(days=1))
    house.scan()
    assert endings(house) == all_ok(house)
    rows = landed(house)
    platforms = {a.platform for a in house.world.accounts}
    assert {table for table, *_ in rows} >= {f"{p}_profiles" for p in platforms}
    assert any(table.endswith("_posts") for table, *_ in rows)
    of_scans = ["outcomes", "extractions", "tombstones"]
    for table in [f"{p}_{s}" for p in discover() for s in STREAMS] + of_scans:
        delete(house, f"raw.{table}")
    return rows


def delete(house: House, table: str) -> None:
    with house.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(f"delete from {table} where scan_on = %s", [settings.today()])


def landed(house: House) -> Rows:
    """(table, account_id, item_id, payload) of today's scan."""
    return {
        (f"{platform}_{stream}", *row)
        for platform in discover()
        for stream in STREAMS
        for row in house.rows(
            f"select account_id, item_id, payload::text from raw.{platform}_{stream}"
            " where scan_on = %s",
            settings.today(),
        )
    }


def endings(house: House) -> Endings:
    """How each stream of each account ended today; `ok` counts before anything else."""
    rows = house.rows(
        "select account_id, stream, status, reason from raw.outcomes where scan_on = %s"
        " order by status = 'ok', attempted_at",
        settings.today(),
    )
    return {(account, stream): (status, reason) for account, stream, status, reason in rows}


def all_ok(house: House) -> Endings:
    """Every stream that the account's tier and its platform allow."""
    window = Window.ending(settings.now())
    return {
        (account.account_id, stream): ("ok", "")
        for name, connector in discover().items()
        for account in roster.accounts(house.access, name, settings.today())
        for stream in connector.streams_of(account, window)
    }


def but(house: House, *wrong: tuple[WorldAccount, tuple[str, ...], str, str]) -> Endings:
    """All is well, but for (account, streams, status, reason); streams that are never read of an
    account are none of it."""
    expected = dict(all_ok(house))
    for account, streams, status, reason in wrong:
        for stream in streams:
            if (account.account_id, stream) in expected:
                expected[account.account_id, stream] = (status, reason)
    return expected


def assert_kept_what_is_ok(house: House, whole: Rows) -> None:
    """Of each stream that is ok every row landed, of every other one none."""
    good = {key for key, ending in endings(house).items() if ending == ("ok", "")}
    kept = {row for row in whole if (row[1], row[0].rpartition("_")[2]) in good}
    assert landed(house) == kept
    assert kept < whole, "nothing was missing: the comparison proved nothing"


def mend(house: House, whole: Rows) -> None:
    """The next run of the same day: nothing strikes any more, and nothing is missing or twice."""
    assert house.sandbox.faults.waiting() == [], "a fault that was ordered never struck"
    house.scan()
    assert endings(house) == all_ok(house)
    assert landed(house) == whole


def wait_for(what: str, question: Callable[[], bool]) -> None:
    """Until the question is answered with yes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not question():
        assert time.monotonic() < deadline, f"waited {PATIENCE_SECONDS:g} s in vain for {what}"
        time.sleep(0.02)


@contextmanager
def extracting(house: House, platform: str) -> Iterator[subprocess.Popen]:
    """`klankbord extract` as a process of its own that commits after every account; killed by
    signal 9 at the end of the block."""
    parts = house.access.parameters(ADMIN)
    dsn = "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**parts)
    program = (
        "from klankbord import landing; landing.ACCOUNTS_PER_COMMIT = 1;"
        "from klankbord.cli.main import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, "extract", platform],
        env={**os.environ, "KLANKBORD_DSN": dsn, "PYTHONPATH": str(settings.PROJECT_ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
        assert process.poll() is None, f"it ended by itself: {process.stdout.read()}"
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert process.returncode == -signal.SIGKILL


@contextmanager
def restart_in_mid_query(house: House) -> Iterator[None]:
    """Restart PostgreSQL as soon as dbt is in the middle of a query, which a lock makes certain."""
    holder = house.access.open("klankbord_loader")
    holder.cursor().execute("lock table raw.outcomes in access exclusive mode")

    def is_waiting() -> bool:
        return bool(
            house.rows(
                "select 1 from pg_stat_activity where datname = current_database()"
                " and usename = 'klankbord_transformer' and wait_event_type = 'Lock'",
                role=house.access.admin,
            )
        )

    def restart() -> None:
        wait_for("a query of dbt that waits", is_waiting)
        cluster().restart()

    thread = threading.Thread(target=restart)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        holder.close()
