# ruff: noqa: S608  (names and expressions of our own)
"""Years of a warehouse in minutes: rows of raw as landing stores them, made by SQL.

Four platforms, an account of each body on each of them: a quarter is read at T0, a quarter at T1,
half at T2. Everything follows from an account's id and a row's number (hashtextextended), so that a
day that is added later is the day that a longer history would have had. Scans are daily in the last
400 days and every `SPARSE` days before, which spares disk and leaves no day unobserved (a scan's
window is 30 days).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from benchmarks.payloads import ID, MESSAGE, POST, PROFILE
from klankbord import register, settings
from klankbord.database import Access

PLATFORMS = ("facebook", "x", "mastodon", "bluesky")
#: T2's posts and messages: 2 million posts and 8 million messages of 4,000 accounts in ten years
POSTS_A_YEAR, MESSAGES_A_YEAR = 67, 400
DENSE_DAYS, SPARSE = 400, 3
WINDOW_DAYS = 30
LOADER = "klankbord_loader"

#: a number in [0, 1) of a row, told apart by its salt
_U = "(((hashtextextended(account_id || ':' || n, {0}) & 1048575)::double precision) / 1048576)"
#: the day of the first scan on or after a day
_SNAP = (
    "(case when {0} >= %(dense)s then {0} else least(%(dense)s, %(start)s"
    f" + ((({{0}} - %(start)s) + {SPARSE - 1}) / {SPARSE}) * {SPARSE}) end)"
)
_AT = "({0}::timestamp + interval '20 hours') at time zone 'UTC'"
_EXTRACTION = "md5(%(platform)s || {0})::uuid"


@dataclass(frozen=True, slots=True)
class History:
    """`accounts` over the four platforms, from `start` on."""

    access: Access
    accounts: int
    start: date
    end: date

    @property
    def dense(self) -> date:
        """The first day of daily scans."""
        return max(self.start, self.end - timedelta(days=DENSE_DAYS))

    def declare(self) -> None:
        """The project's register, with accounts of the first bodies that exist."""
        bodies = register.read([settings.PROJECT_ROOT / "register"])
        alive = [o for o in bodies.organisations if register.is_valid(o, self.end)]
        rows = []
        for number, body in enumerate(alive[: -(-self.accounts // len(PLATFORMS))]):
            for place, platform in enumerate(PLATFORMS):
                rows.append(
                    register.AccountRow(
                        account_id=f"{platform}-{body.organisation_id}",
                        organisation_id=body.organisation_id,
                        platform=platform,
                        handle=f"{platform}{number}",
                        platform_user_id=f"{platform}{number}",
                        role="official",
                        access_tier=("T0", "T1", "T2", "T2")[(number + place) % 4],
                        valid_from=None,
                        valid_to=None,
                        is_synthetic=True,
                        basis="synthetic",
                        source="benchmarks/history.py",
                    )
                )
        with self.access.connect(LOADER) as connection:
            rows = rows[: self.accounts]
            register.load(connection, replace(bodies, accounts=rows), settings.now())

    def parts(self, since: date, until: date) -> Iterator[tuple[str, list[str], dict[str, object]]]:
        """(platform, statements, values) that add what the scans of the days after `since`, up to
        `until`, yield."""
        values = {
            "since": since, "until": until, "start": self.start, "dense": self.dense,
        }  # fmt: skip
        for platform in PLATFORMS:
            yield (
                platform,
                [
                    self._scans(platform),
                    self._profiles(platform),
                    self._posts(platform),
                    *self._messages(platform),
                ],
                values | {"platform": platform},
            )

    def add(self, statements: list[str], values: dict[str, object]) -> None:
        """Add the rows of a part, in one transaction."""
        with self.access.connect(LOADER) as connection, connection.cursor() as cursor:
            cursor.execute("set local work_mem = '128MB'; set local synchronous_commit = off")
            for statement in statements:
                cursor.execute(statement, values)

    _ACCOUNTS = (
        "accounts as (select account_id, access_tier from register.accounts"
        " where platform = %(platform)s and superseded_at is null)"
    )
    _DAYS = (
        "days as (select distinct " + _SNAP.format("day_at::date") + " as scan_on from"
        " generate_series(%(since)s::date + 1, %(until)s::date, interval '1 day') as s (day_at))"
    )

    def _scans(self, platform: str) -> str:
        at = _AT.format("scan_on")
        return (
            f"with {self._ACCOUNTS}, {self._DAYS}, made as (insert into raw.extractions"
            f" select {_EXTRACTION.format('scan_on')}, %(platform)s, scan_on, {at},"
            " 'benchmark', 0 from days where scan_on <= %(until)s on conflict do nothing)"
            " insert into raw.outcomes select account_id, %(platform)s, stream, scan_on, 'ok', '',"
            f" '', 1, ((scan_on - {WINDOW_DAYS - 1})::timestamp at time zone 'Europe/Brussels'),"
            f" {at}, 1, {at}, {_EXTRACTION.format('scan_on')} from days"
            " cross join accounts inner join (values ('profiles', 'T0'), ('posts', 'T1'),"
            " ('messages', 'T2')) as streams (stream, tier) on access_tier >= tier"
            " where scan_on <= %(until)s order by scan_on on conflict do nothing"
        )

    def _profiles(self, platform: str) -> str:
        return (
            f"with {self._ACCOUNTS}, {self._DAYS}, read as (select account_id, scan_on,"
            " 200 + (hashtextextended(account_id, 1) & 8191)"
            " + (scan_on - %(start)s) * ((hashtextextended(account_id, 2) & 7) + 1) / 4"
            " as followers from accounts cross join days where scan_on <= %(until)s)"
            f" insert into raw.{platform}_profiles select account_id, account_id, scan_on,"
            f" {_AT.format('scan_on')}, null, null, null, {PROFILE[platform]},"
            f" {_EXTRACTION.format('scan_on')} from read order by scan_on on conflict do nothing"
        )

    def _created(self, a_year: int, tier: str, look_back: int) -> str:
        """The own posts or the messages that the days' scans may see: account_id, n, created_at."""
        a_day = a_year / 365
        day = f"floor((n + {_U.format(11)}) / {a_day})::integer"
        return (
            f"{self._ACCOUNTS}, numbers as (select account_id, n from accounts cross join"
            f" generate_series(greatest(0, floor((%(since)s::date - {look_back} - %(start)s)"
            f" * {a_day})::integer - 1),"
            f" ceil((%(until)s::date - %(start)s + 1) * {a_day})::integer) as n"
            f" where access_tier >= '{tier}'),"
            f" created as (select account_id, n, ((%(start)s + {day})::timestamp"
            f" + interval '6 hours' + {_U.format(12)} * interval '12 hours') at time zone 'UTC'"
            " as created_at from numbers)"
        )

    def _readings(self, platform: str, items: str) -> str:
        """Of own items (account_id, n, id, parent, created_at): a row a reading of counters."""
        read_on = _SNAP.format("((created_at + interval '4 hours')::date + age)")
        return (
            f"read as (select account_id, n, id, parent, created_at, {read_on}"
            f" as scan_on, ({_U.format(21)} * 40 * (1 - 1 / (1.5 + age)))::integer as likes,"
            f" ({_U.format(22)} * 8 * (1 - 1 / (1.5 + age)))::integer as answers"
            f" from {items} cross join (values (0), (1), (3), (7), (28)) as ages (age))"
            f" insert into raw.{platform}_posts select account_id, id, scan_on,"
            f" {_AT.format('scan_on')}, created_at, answers, null,"
            f" jsonb_strip_nulls({POST[platform]}), {_EXTRACTION.format('scan_on')} from read"
            " where scan_on > %(since)s and scan_on <= %(until)s order by scan_on"
            " on conflict do nothing"
        )

    def _posts(self, platform: str) -> str:
        own = ID[platform].format(who="account_id", kind="'p'", n="n")
        return (
            f"with {self._created(POSTS_A_YEAR, 'T1', 40)}, posts as (select *, {own} as id,"
            f" null::text as parent from created), {self._readings(platform, 'posts')}"
        )

    def _messages(self, platform: str) -> Iterator[str]:
        post = f"floor(n * {POSTS_A_YEAR / MESSAGES_A_YEAR})::integer - 1"
        on_post = ID[platform].format(who="account_id", kind="'p'", n=f"greatest(0, {post})")
        person = "md5(account_id || {0})"
        before = ID[platform].format(who=person.format("n - 1"), kind="'m'", n="(n - 1)")
        own_id = ID[platform].format(who=person.format("n"), kind="'m'", n="n")
        answer_id = ID[platform].format(who="account_id", kind="'a'", n="n")
        seen_on = "((created_at + interval '4 hours')::date)"
        said = (
            f"with {self._created(MESSAGES_A_YEAR, 'T2', 40)}, said as (select account_id, n,"
            f" {own_id} as id, case when {_U.format(31)} < 0.2 and n > 0 then {before}"
            f" else {on_post} end as parent, created_at, false as is_own,"
            f" {_U.format(32)} < 0.35 as is_question from created), answered as (select account_id,"
            f" n, {answer_id} as id, id as parent, created_at + interval '1 hour'"
            f" * (-ln(1 - {_U.format(34)}) * 14 + 0.1) as created_at, true as is_own,"
            f" null::boolean as is_question from said where is_question and {_U.format(33)} < 0.6)"
        )
        both = "(table said union all table answered) as said"
        rows = both if platform == "facebook" else "said"
        yield (
            f"{said}, read as (select *, {_SNAP.format(seen_on)} as scan_on from {rows})"
            f" insert into raw.{platform}_messages select account_id, id, scan_on,"
            f" {_AT.format('scan_on')}, created_at, null, {on_post},"
            f" jsonb_strip_nulls({MESSAGE[platform]}), {_EXTRACTION.format('scan_on')} from read"
            " where scan_on > %(since)s and scan_on <= %(until)s order by scan_on"
            " on conflict do nothing"
        )
        if platform != "facebook":
            yield f"{said}, {self._readings(platform, 'answered')}"
