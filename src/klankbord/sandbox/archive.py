"""Thirteen months of follower counts, as an association has them from its earlier studies."""

import csv
from datetime import UTC, date, datetime, time
from pathlib import Path

from klankbord.sandbox.readings import PLATFORMS_WITHOUT_FOLLOWERS
from klankbord.sandbox.world import World
from klankbord.settings import LOCAL_ZONE

MONTHS = 13
SOURCE = "sandbox archive"


def dates(now: datetime) -> list[date]:
    """The first days of the 13 local months that end with the month of `now`, oldest first."""
    today = now.astimezone(LOCAL_ZONE).date()
    number = 12 * today.year + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - MONTHS + 1, number + 1)]


def write(world: World, file: Path, now: datetime) -> int:
    """Write the archive as `klankbord import archive` reads it; returns the number of readings."""
    rows = [
        (account.account_id, day.isoformat(), world.followers(account, noon), SOURCE)
        for account in world.accounts
        if account.platform not in PLATFORMS_WITHOUT_FOLLOWERS
        for day in dates(now)
        for noon in (datetime.combine(day, time(12), UTC),)
    ]
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("account", "date", "followers", "source"))
        writer.writerows(rows)
    return len(rows)
