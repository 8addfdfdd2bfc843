"""A warehouse with rows written by hand, and the question what is an alarm in it."""

import json
from datetime import UTC, date, datetime, timedelta

from klankbord import alarms

TODAY = date(2026, 9, 30)
NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
NOBODY = "00000000-0000-0000-0000-000000000000"


def moment(days_ago: int) -> datetime:
    """The scan's moment of a day."""
    return NOW - timedelta(days=days_ago)


class Raw:
    """Writes rows and asks for alarms. `account` puts the usual account, `a` on X, into the
    register; its platform id is 12."""

    def __init__(self, access) -> None:
        self.access = access

    def run(self, statement: str, *values) -> list[tuple]:
        with self.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def account(
        self,
        name: str = "a",
        platform: str = "x",
        *,
        handle: str = "GentStad",
        user_id: str | None = "12",
        synthetic: bool = True,
        valid_to: date | None = None,
    ) -> None:
        self.run(
            "insert into register.accounts (account_id, organisation_id, platform, handle,"
            " platform_user_id, role, access_tier, valid_to, is_synthetic, basis, source,"
            " recorded_at, source_file, source_line) values (%s, 'o', %s, %s, %s, 'official', 'T2',"
            " %s, %s, 'synthetic', 's', now(), 'f', 1)",
            *(name, platform, handle, user_id, valid_to, synthetic),
        )

    def profile(self, days_ago: int, payload: dict, name: str = "a", platform: str = "x") -> None:
        self.run(
            f"insert into raw.{platform}_profiles (account_id, item_id, scan_on, observed_at,"
            " payload, extraction_id) values (%s, %s, %s, %s, %s, %s)",
            *(name, name, TODAY - timedelta(days=days_ago), NOW, json.dumps(payload), NOBODY),
        )

    def outcome(
        self,
        days_ago: int,
        status: str = "ok",
        reason: str = "",
        *,
        stream: str = "profiles",
        detail: str = "said so",
        name: str = "a",
        platform: str = "x",
        minutes: int = 0,
    ) -> None:
        """How a stream ended; of two on one day the one with more `minutes` came later."""
        end = moment(days_ago)
        self.run(
            "insert into raw.outcomes values (%s, %s, %s, %s, %s, %s, %s, 1, %s, %s, 1, %s, %s)",
            *(name, platform, stream, end.date(), status, reason, detail),
            *(end - timedelta(days=29), end, end + timedelta(minutes=minutes), NOBODY),
        )

    def look(self, kind: str, days_ago: int = 0) -> list[tuple[str, str]]:
        """(account_id, detail) of the open alarms of a kind, as somebody finds them on a day."""
        found = alarms.check(self.access, kind, moment(days_ago))
        return [(alarm.account_id, alarm.detail) for alarm in found]

    def spells(self) -> list[tuple]:
        """(raised, last seen, ended) of every alarm, in days ago."""
        rows = self.run("select raised_on, last_seen_on, ended_on from raw.alarms order by 1, 2")
        return [tuple(day and (TODAY - day).days for day in row) for row in rows]
