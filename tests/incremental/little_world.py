"""Twelve bodies, two platforms, and whatever can happen to their rows between two builds.

Rows are written as landing writes them (extraction, outcome, readings), by hand, so that a test can
let them come late, twice, or out of order. Everything follows from one random.Random.
"""

import json
import random
import uuid
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from psycopg2.extras import execute_values

from klankbord import consent, database, quarantine, register
from tests.pipeline.registers import bodies

LOCAL = ZoneInfo("Europe/Brussels")
PLATFORMS = ("facebook", "x")
LOADER = "klankbord_loader"
START = date(2024, 4, 20)


@dataclass
class LittleWorld:
    """`today` is the day of the last scan; `questions`: (account, id, created_at, answered)."""

    access: database.Access
    random: random.Random
    today: date = START
    number: int = 0
    accounts: list[tuple[str, str, str]] = field(default_factory=list)
    posts: list[tuple[str, str, str, datetime]] = field(default_factory=list)
    questions: list[tuple[str, str, str, datetime]] = field(default_factory=list)
    said: dict[str, dict] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    #: accounts of Facebook whose owners let us read what only they see, and those who refuse it now
    owners: dict[str, bool] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    waiting: dict[str, list[list[object]]] = field(default_factory=dict)

    def declare(self, tiers: str = "T2") -> None:
        """Twelve municipalities of one province, an account of each on both platforms."""
        known = bodies()
        alive = [
            o
            for o in known.organisations
            if o.organisation_type == "municipality"
            and o.province_code == "10000"
            and register.is_valid(o, date(2026, 1, 1))
        ][:12]
        names = {o.organisation_id for o in alive}
        self.register = replace(
            known,
            organisations=[o for o in known.organisations if o.organisation_id in names],
            memberships=[],
            mergers=[],
            populations=[p for p in known.populations if p.organisation_id in names],
            accounts=[
                register.AccountRow(
                    account_id=f"{platform}-{body.organisation_id}",
                    organisation_id=body.organisation_id,
                    platform=platform,
                    handle=body.organisation_id,
                    platform_user_id=body.organisation_id,
                    role="official",
                    access_tier=tiers,
                    valid_from=None,
                    valid_to=None,
                    is_synthetic=True,
                    basis="synthetic",
                    source="test",
                )
                for body in alive
                for platform in PLATFORMS
            ],
        )
        self.accounts = [
            (a.account_id, a.organisation_id, a.platform) for a in self.register.accounts
        ]
        self.owners = {a: False for a, _, platform in self.accounts if platform == "facebook"}
        self.load()

    def load(self) -> None:
        with self.access.connect(LOADER) as connection:
            register.load(connection, self.register, self.now)

    @property
    def now(self) -> datetime:
        return datetime.combine(self.today, time(22), LOCAL)

    # what can happen

    def days_pass(self, days: int, every: int = 1) -> None:
        """Scans of the coming days, or of each so many; not every account answers each time."""
        for _ in range(days // every):
            self.today += timedelta(days=every)
            if self.random.random() < 0.3 and days > 5 and every == 1:
                continue  # nobody scanned on that day
            for platform in PLATFORMS:
                self._scan(platform)

    def late_answer(self) -> str:
        """Somebody answers an old question today."""
        old = [q for q in self.questions if q[3] < self.now - timedelta(days=190)]
        if not old:
            return "nobody asked"
        account, platform, question, asked_at = self.random.choice(old)
        extraction = self._extraction(platform)
        said_at = self.now - timedelta(hours=self.random.randrange(1, 20))
        self._own(extraction, account, platform, f"late{self.number}", said_at, question)
        self._outcome(extraction, account, platform, "messages", "ok")
        return f"{account} answers a question of {asked_at.date()}"

    def backfill(self) -> str:
        """An older window of an account is read again, and holds more than was known."""
        account, _, platform = self.random.choice(self.accounts)
        day = self.today - timedelta(days=self.random.randrange(20, 250))
        extraction = self._extraction(platform)
        moment = datetime.combine(day, time(12), LOCAL)
        self._post(extraction, account, platform, moment)
        question = self._message(extraction, account, platform, moment, None, True)
        self._own(
            extraction, account, platform, f"back{self.number}", moment + timedelta(hours=5),
            question,
        )  # fmt: skip
        for stream in ("posts", "messages"):
            self._outcome(extraction, account, platform, stream, "ok", day - timedelta(days=5), day)
        return f"{account} from {day}"

    def removal(self) -> str:
        """Somebody takes away a message of the last weeks, and today's scan notices."""
        young = [
            q for q in self.questions
            if q[1] == "facebook" and q[3] > self.now - timedelta(days=25)
        ]  # fmt: skip
        if not young:
            return "nobody asked"
        account, platform, question, asked_at = self.random.choice(young)
        extraction = self._extraction(platform)
        self._run(
            "insert into raw.tombstones values (%s, %s, 'messages', %s, %s, %s, %s)"
            " on conflict do nothing",
            [account, platform, question, self.today, self.now, extraction],
        )
        for stream in ("messages", "insights"):
            self._outcome(extraction, account, platform, stream, "ok")
        return f"{account}, of {asked_at.date()}"

    def refusal(self) -> str:
        """An account's answers begin or cease to be refused."""
        account = self.random.choice(self.accounts)[0]
        self.refused ^= {account}
        self.days_pass(1)
        return f"{account} is {'refused' if account in self.refused else 'answered'}"

    def owner_refusal(self) -> str:
        """An owner withdraws a permission, or gives it again."""
        account = self.random.choice(sorted(self.owners))
        self.owners[account] = not self.owners[account]
        self.days_pass(1)
        return f"{account}'s owner {'refuses' if self.owners[account] else 'permits'}"

    def silence(self) -> str:
        """An account is not read for a while, or again."""
        account = self.random.choice(self.accounts)[0]
        self.silent ^= {account}
        self.days_pass(self.random.choice([1, 40, 100]))
        return f"{account} is {'silent' if account in self.silent else 'read again'}"

    def set_aside(self) -> str:
        """A gate moves an account's scan of today, or of some days ago, out of raw."""
        account = self.random.choice(self.accounts)[0]
        day = self.today - timedelta(days=self.random.randrange(0, 6))
        self.land()
        connection = self.access.open(LOADER)
        try:
            quarantine.move_aside(
                connection, PLATFORMS, [{"subject": account, "scan_on": day}], gate="raw",
                expectation="followers_did_not_collapse",
            )  # fmt: skip
        finally:
            connection.close()
        return f"{account} of {day}"

    def archived(self) -> str:
        """Follower counts of an earlier study are imported."""
        account = self.random.choice(self.accounts)[0]
        day = self.today - timedelta(days=self.random.randrange(30, 300))
        self._run(
            "insert into raw.archive_followers values (%s, %s, %s, 'study', 'f.csv', 1, %s)"
            " on conflict do nothing",
            [account, day, self.random.randrange(100, 900), self.now],
        )
        return f"{account} on {day}"

    def withdrawal(self) -> str:
        self.land()
        account = self.random.choice(self.accounts)[0]
        consent.withdraw(self.access, account, self.now, self.today, ["messages"])
        return account

    def moved(self) -> str:
        """The register learns another number of inhabitants."""
        body = self.random.choice(self.register.populations)
        self.register = replace(
            self.register,
            populations=[
                replace(p, inhabitants=p.inhabitants + 1000) if p is body else p
                for p in self.register.populations
            ],
        )
        self.load()
        return body.organisation_id

    # rows

    def _scan(self, platform: str) -> None:
        extraction = self._extraction(platform)
        for account, _, of in self.accounts:
            if of != platform or account in self.silent:
                continue
            if account in self.refused or self.random.random() < 0.03:
                status = "refused" if account in self.refused else "failed"
                for stream in ("profiles", "posts", "messages"):
                    self._outcome(extraction, account, platform, stream, status)
                continue
            self._profile(extraction, account, platform)
            if self.random.random() < 0.25:
                self._post(extraction, account, platform, self._today_at())
            for old in [p for p in self.posts if p[0] == account]:
                if self.today - old[3].date() in (timedelta(days=d) for d in (1, 3, 7, 28)):
                    self._reading(extraction, *old)
            if self.random.random() < 0.2:
                parent = self.random.choice([None, *[p[2] for p in self.posts if p[0] == account]])
                asked_at = self._today_at()
                question = self._message(extraction, account, platform, asked_at, parent, True)
                if self.random.random() < 0.5:
                    self._own(
                        extraction, account, platform, f"a{self.number}",
                        asked_at + timedelta(hours=self.random.random()), question,
                    )  # fmt: skip
            if account in self.owners and not self.owners[account]:
                self._likes(extraction, account)
            for stream in ("profiles", "posts", "messages"):
                self._outcome(extraction, account, platform, stream, "ok")
            if account in self.owners:
                status = "refused" if self.owners[account] else "ok"
                self._outcome(extraction, account, platform, "insights", status)

    def _today_at(self) -> datetime:
        return datetime.combine(self.today, time(self.random.randrange(6, 20)), LOCAL)

    def _extraction(self, platform: str) -> str:
        self.number += 1
        extraction = str(uuid.UUID(int=self.random.getrandbits(128)))
        self._run(
            "insert into raw.extractions values (%s, %s, %s, %s, 'test', 0)",
            [extraction, platform, self.today, self.now],
        )
        return extraction

    def _outcome(
        self, extraction: str, account: str, platform: str, stream: str, status: str,
        since: date | None = None, until: date | None = None,
    ) -> None:  # fmt: skip
        start = datetime.combine(since or self.today - timedelta(days=29), time(0), LOCAL)
        end = datetime.combine(until, time(23), LOCAL) if until else self.now
        self._run(
            "insert into raw.outcomes values (%s, %s, %s, %s, %s, %s, '', 1, %s, %s, 1, %s, %s)"
            " on conflict do nothing",
            [account, platform, stream, self.today, status, "" if status == "ok" else status,
             start, end, self.now, extraction],
        )  # fmt: skip

    def _row(self, table: str, account, item, created_at, payload, extraction) -> None:
        self._run(
            f"insert into raw.{table} values (%s, %s, %s, %s, %s, null, null, %s, %s)"
            " on conflict do nothing",
            [account, item, self.today, self.now, created_at, json.dumps(payload), extraction],
        )

    def _profile(self, extraction: str, account: str, platform: str) -> None:
        count = 500 + self.random.randrange(200)
        payload = (
            {"id": account, "followers_count": count}
            if platform == "facebook"
            else {"id": account, "public_metrics": {"followers_count": count}}
        )
        self._row(f"{platform}_profiles", account, account, None, payload, extraction)

    def _post(self, extraction: str, account: str, platform: str, at: datetime) -> None:
        self.number += 1
        post = (account, platform, f"p{self.number}", at)
        self.posts.append(post)
        self._reading(extraction, *post)

    def _reading(self, extraction, account, platform, post, at, parent=None) -> None:
        likes = self.random.randrange(40)
        if platform == "facebook":
            payload = {
                "id": post, "created_time": at.isoformat(),
                "reactions": {"summary": {"total_count": likes}},
                "comments": {"summary": {"total_count": likes // 3}}, "shares": {"count": 1},
            }  # fmt: skip
        else:
            payload = {
                "id": post, "created_at": at.isoformat(), "author_id": account,
                "public_metrics": {
                    "like_count": likes, "reply_count": likes // 3, "repost_count": 1,
                    "quote_count": 0,
                },
            }  # fmt: skip
            if parent:
                payload["referenced_posts"] = [{"type": "replied_to", "id": parent}]
                payload["in_reply_to_user_id"] = "somebody"
        payload["klankbord"] = {"author": "own", "is_own": True, "text_length": 10}
        self._row(f"{platform}_posts", account, post, at, payload, extraction)

    def _message(
        self, extraction, account, platform, at, parent, is_question, own_id=None
    ) -> str:  # fmt: skip
        self.number += 1
        name = own_id or f"m{self.number}"
        said = {
            "author": "own" if own_id else "0" * 31 + "1", "is_own": bool(own_id),
            "text_length": 9,
        }  # fmt: skip
        if not own_id:
            said |= {"is_question": is_question, "rules_version": "q2"}
            self.questions.append((account, platform, name, at))
        payload = {"id": name, "klankbord": said}
        if platform == "facebook":
            payload |= {"created_time": at.isoformat(), "post_id": parent}
        else:
            payload["created_at"] = at.isoformat()
            if parent:
                payload["referenced_posts"] = [{"type": "replied_to", "id": parent}]
        self.said[name] = payload
        self._row(f"{platform}_messages", account, name, at, payload, extraction)
        return name

    def _likes(self, extraction: str, account: str) -> None:
        """The page likes some of what was said to it lately, and some likes are taken back."""
        for _, platform, name, at in [q for q in self.questions if q[0] == account]:
            if at > self.now - timedelta(days=20) and self.random.random() < 0.2:
                payload = self.said[name] | {"user_likes": self.random.random() < 0.6}
                self._row(f"{platform}_messages", account, name, at, payload, extraction)

    def _own(self, extraction, account, platform, name, at, parent) -> None:
        if platform == "facebook":
            self._message(extraction, account, platform, at, parent, False, own_id=name)
        else:
            self._reading(extraction, account, platform, name, at, parent)

    def _run(self, statement: str, values: list[object]) -> None:
        """Keep a row for `land`: thousands of single inserts would take a minute."""
        self.waiting.setdefault(statement, []).append(values)

    def land(self) -> None:
        """Write what happened, in the order of the tables."""
        with self.access.connect(LOADER) as connection, connection.cursor() as cursor:
            for statement, rows in self.waiting.items():
                head, tail = statement.split("values (", 1)
                template, end = tail.split(")", 1)
                execute_values(
                    cursor, f"{head} values %s{end}", rows, template=f"({template})",
                    page_size=1000,
                )  # fmt: skip
        self.waiting.clear()
