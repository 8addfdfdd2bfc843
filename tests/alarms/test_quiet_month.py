"""A month of every account of the world in which nothing happens but the usual failures: no alarm.

Profiles are written as the platforms would show them, without asking 150,000 times.
"""

import io
import json
import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from klankbord import alarms, database, register
from klankbord.alarm_rules import KINDS
from klankbord.platforms.base import discover
from klankbord.sandbox.model import WorldAccount
from klankbord.sandbox.world import World
from tests.alarms.rows import NOBODY
from tests.alarms.test_house import PATHS, shown_handle, shown_id
from tests.databases import new_warehouse
from tests.pipeline.house import NOW
from tests.pipeline.registers import bodies

DAYS = 30
#: of the scans of an account: a profile that could not be read that day
FAILING = 0.03
USUAL_FAILURES = ("timeout", "server_error", "throttled", "malformed_answer")


def template(account: WorldAccount) -> str:
    """A stored profile by the connector's own paths, with a place for the followers."""
    values = {
        "followers": "@",
        "handle": shown_handle(account),
        "user_id": shown_id(account),
        "is_protected": False,
        "moved_to": None,
    }
    payload: dict = {}
    for what in PATHS[account.platform]:
        *folders, last = discover()[account.platform].profile_paths[what].split(".")
        place = payload
        for folder in folders:
            place = place.setdefault(folder, {})
        place[last] = values[what]
    return json.dumps(payload)


@pytest.fixture(scope="module")
def quiet(postgres: database.Access) -> Iterator[database.Access]:
    world, rng = World(bodies()), random.Random(30)
    days = [(NOW - timedelta(days=n), NOW.date() - timedelta(days=n)) for n in range(DAYS + 7)]
    spans = {on: f"{moment - timedelta(days=29)}\t{moment}\t1\t{moment}" for moment, on in days}
    lines: dict[str, list[str]] = {name: [] for name in discover()}
    ends: list[str] = []
    for account in world.accounts:
        who, name, said = account.account_id, account.platform, template(account)
        for moment, on in days:
            failed = rng.random() < FAILING
            how = f"failed\t{rng.choice(USUAL_FAILURES)}" if failed else "ok\t"
            ends.append(f"{who}\t{name}\tprofiles\t{on}\t{how}\t\t1\t{spans[on]}\t{NOBODY}\n")
            if not failed and PATHS[name]:
                payload = said.replace('"@"', str(world.followers(account, moment)), 1)
                lines[name].append(f"{who}\t{who}\t{on}\t{moment}\t{payload}\t{NOBODY}\n")
    with new_warehouse(postgres) as access:
        with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            columns = (
                "account_id, platform, stream, scan_on, status, reason, detail, row_count,"
                " window_since, window_until, attempts, attempted_at, extraction_id"
            )
            cursor.copy_expert(
                f"copy raw.outcomes ({columns}) from stdin", io.StringIO("".join(ends))
            )
            columns = "account_id, item_id, scan_on, observed_at, payload, extraction_id"
            for name, rows in lines.items():
                cursor.copy_expert(
                    f"copy raw.{name}_profiles ({columns}) from stdin", io.StringIO("".join(rows))
                )
            rows = list(world.account_rows())
            register.load(connection, register.Register([], [], [], rows), NOW)
        yield access


def test_a_month_in_which_nothing_happens_raises_nothing(quiet, monkeypatch):
    monkeypatch.setenv("KLANKBORD_SANDBOX", "1")
    for kind in KINDS:
        for days in (28, 21, 14, 7, 0):  # each look is at a week
            assert alarms.check(quiet, kind, NOW - timedelta(days=days)) == []
