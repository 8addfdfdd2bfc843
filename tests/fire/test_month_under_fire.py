"""Thirty days over hundreds of accounts on all platforms, under faults and kill -9: in the end the
warehouse equals the truth, and what it cost is printed.

Each day the sandbox's clock moves on, faults strike at random, and two processes read the platforms
while the parent kills them at random moments and starts them again. Some days a platform is away
for good; that is in the truth too. The seed is printed: `KLANKBORD_FIRE_SEEDS=7,8,9` repeats or
adds runs, `KLANKBORD_FIRE_ACCOUNTS=500` and `KLANKBORD_FIRE_DAYS=30` are their size.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from klankbord import roster, settings
from klankbord.database.cluster import ADMIN
from klankbord.platforms.base import Window, connector
from klankbord.register import is_valid
from klankbord.sandbox.truth import Truth
from tests.pipeline.house import NOW, House, open_house
from tests.pipeline.registers import bodies
from tests.pipeline.test_known_answers import differences

ACCOUNTS = int(os.environ.get("KLANKBORD_FIRE_ACCOUNTS", "500"))
SEEDS = [int(seed) for seed in os.environ.get("KLANKBORD_FIRE_SEEDS", "1").split(",")]
DAYS = int(os.environ.get("KLANKBORD_FIRE_DAYS", "30"))
#: what a platform does on a bad day; each is over after a few requests
FAULTS = (
    "server_error",
    "cut_json",
    "throttle",
    "throttle_400",
    "quota_spent",
    "token_expired",
    "permission",
    "not_found",
    "repeated_page",
    "empty_last_page",
)
FAULTS_A_DAY = 6
KILLS_A_DAY = 2
AWAY_SHARE = 0.03  # of the days of a platform
MOST_STARTS = 60


@dataclass
class Fire:
    """What happened, for the record that is printed."""

    house: House
    rng: random.Random
    faults: Counter = field(default_factory=Counter)
    kills: int = 0
    starts: int = 0
    away: set[tuple[str, date]] = field(default_factory=set)

    @property
    def platforms(self) -> list[str]:
        return sorted({a.platform for a in self.house.world.accounts})

    def day(self) -> None:
        """One day: faults, two processes, kills, restarts until all that can be read was read."""
        today = settings.today()
        for platform in self.platforms:
            if self.rng.random() < AWAY_SHARE:
                self.house.sandbox.faults.add(platform, "server_error", times=10**9)
                self.away.add((platform, today))
        here = [p for p in self.platforms if (p, today) not in self.away]
        for _ in range(FAULTS_A_DAY):
            kind, times = self.rng.choice(FAULTS), self.rng.randint(1, 6)
            self.house.sandbox.faults.add(self.rng.choice(here), kind, times=times)
            self.faults[kind] += 1
        moments = sorted(self.rng.uniform(0.1, 4.0) for _ in range(KILLS_A_DAY))
        groups = [here[::2], here[1::2]]
        self.until_done([g for g in groups if g], moments)
        # a fault may be left over: nothing asked for what it was to strike
        self.house.sandbox.faults.clear()
        self.assert_all_is_read(here)

    def until_done(self, groups: list[list[str]], moments: list[float]) -> None:
        """Run a process for each group of platforms until each has ended well; kill at moments."""
        began, waiting, starts = time.monotonic(), list(moments), 0
        running = {n: self.start(group) for n, group in enumerate(groups)}
        try:
            while running:
                time.sleep(0.02)
                if waiting and time.monotonic() - began >= waiting[0]:
                    waiting.pop(0)
                    victim = self.rng.choice(list(running.values()))
                    with suppress(ProcessLookupError):
                        os.kill(victim.pid, signal.SIGKILL)
                        self.kills += 1
                for n, process in list(running.items()):
                    code = process.poll()
                    if code is None:
                        continue
                    assert code in (0, -signal.SIGKILL), process.stderr.read()
                    process.stderr.close()
                    del running[n]
                    if code:
                        starts += 1
                        assert starts < MOST_STARTS, f"{groups[n]} is never read to its end"
                        running[n] = self.start(groups[n])
        finally:
            for process in running.values():
                process.kill()
                process.wait()

    def start(self, platforms: list[str]) -> subprocess.Popen:
        self.starts += 1
        parts = self.house.access.parameters(ADMIN)
        dsn = "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**parts)
        paths = os.pathsep.join(map(str, (settings.PROJECT_ROOT / "src", settings.PROJECT_ROOT)))
        return subprocess.Popen(
            [sys.executable, "-m", "tests.fire.worker", *platforms],
            env={**os.environ, "KLANKBORD_DSN": dsn, "PYTHONPATH": paths},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def assert_all_is_read(self, platforms: list[str]) -> None:
        """Each stream that can be read of each account was read, exactly once."""
        today, window = settings.today(), Window.ending(settings.now())
        rows = self.house.rows(
            "select account_id, stream, count(*) from raw.outcomes"
            " where scan_on = %s and status = 'ok' group by 1, 2",
            today,
        )
        wanted = {
            (account.account_id, stream): 1
            for platform in platforms
            for account in roster.accounts(self.house.access, platform, today)
            for stream in connector(platform).streams_of(account, window)
        }
        assert {(a, s): n for a, s, n in rows} == wanted

    def failed(self) -> set[tuple[str, date]]:
        """(account_id, day) of what was away all day long."""
        return {
            (account.account_id, day)
            for account in self.house.world.accounts
            for platform, day in self.away
            if account.platform == platform
        }


def some_hundred(accounts: int, seed: int) -> Iterator[str]:
    """Bodies drawn at random, of all types, until they have so many accounts."""
    from klankbord.sandbox.calibration import INHABITANTS_ON
    from klankbord.sandbox.world import World

    counts = Counter(a.organisation_id for a in World(bodies(), seed).accounts)
    names = [o.organisation_id for o in bodies().organisations if is_valid(o, INHABITANTS_ON)]
    random.Random(seed).shuffle(names)
    total = 0
    for name in names:
        if total >= accounts:
            return
        total += counts[name]
        yield name


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_month_under_fire_ends_with_the_truth(warehouse, seed, capsys):
    with open_house(warehouse, only=set(some_hundred(ACCOUNTS, seed)), seed=seed) as house:
        fire = Fire(house, random.Random(seed))
        began = time.monotonic()
        for number in range(DAYS):
            house.at(NOW - timedelta(days=DAYS - 1 - number))
            house.scans.append((settings.now(), Window.ending(settings.now())))
            fire.day()
        house.build()
        truth = Truth(house.world, house.register, house.scans, failed=fire.failed())
        wrong = differences(house, truth)
        with capsys.disabled():
            print(
                f"\nmonth under fire: seed {seed}, {len(house.world.accounts)} accounts,"
                f" {DAYS} days, {fire.starts} processes, {fire.kills} killed,"
                f" {sum(fire.faults.values())} faults {dict(fire.faults)},"
                f" {len(fire.away)} platform-days away, {time.monotonic() - began:.0f} s"
            )
    assert wrong == []
    assert fire.kills and fire.faults, "nothing burnt: this proved nothing"
