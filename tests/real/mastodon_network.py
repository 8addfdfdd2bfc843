"""PyPI's mastodon-mock (an emulator that others wrote) as a process, and what is put on it.

The emulator is filled through its own API: sign-up, follow, post, reply, reblog, favourite. What no
client may say is written into its SQLite file afterwards: when a status was posted, and the server
that an account lives on.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

HOST = "overheid.example"
START_SECONDS = 60
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Person:
    """An account. `organisation_id` names a body of the register; None is a citizen."""

    key: str
    name: str
    organisation_id: str | None = None

    @property
    def handle(self) -> str:
        return f"{self.key}@{HOST if self.organisation_id else 'burgers.example'}"


@dataclass(frozen=True, slots=True)
class Post:
    """`parent` is the key of an earlier post. `at` has whole microseconds and is aware."""

    key: str
    by: str
    at: datetime
    text: str
    parent: str | None = None
    is_question: bool = False
    visibility: str = "public"


@dataclass(frozen=True, slots=True)
class Repost:
    by: str
    of: str
    at: datetime


@dataclass(slots=True)
class Plan:
    """What to put on the server. Pairs are (who does it, to whom or to which post)."""

    accounts: list[Person] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    reposts: list[Repost] = field(default_factory=list)
    follows: list[tuple[str, str]] = field(default_factory=list)
    likes: list[tuple[str, str]] = field(default_factory=list)

    def say(self, key: str, by: str, at: datetime, text: str, **more: Any) -> None:
        """Add a post; see Post."""
        self.posts.append(Post(key, by, at, text, **more))


@dataclass(frozen=True, slots=True)
class Known:
    """One item as it must be found. For a citizen's message the counters mean nothing."""

    item_id: str
    kind: str
    created_at: datetime
    parent_id: str | None
    is_question: bool = False
    reactions: int = 0
    comments: int = 0
    shares: int = 0
    quotes: int = 0  # the emulator knows none


@dataclass(frozen=True, slots=True)
class Seeded:
    """A plan that was carried out, with the ids that the server chose: the truth."""

    plan: Plan
    user_ids: dict[str, str]
    post_ids: dict[str, str]
    repost_ids: dict[tuple[str, str], str]

    @property
    def bodies(self) -> list[Person]:
        return [p for p in self.plan.accounts if p.organisation_id]

    def followers(self, key: str) -> int:
        return sum(whom == key for _, whom in self.plan.follows)

    def own(self, key: str) -> list[Known]:
        """What the body sent in public, newest first."""
        known = [self._own_post(p) for p in self.plan.posts if p.by == key and _is_open(p)]
        known += [
            Known(self.repost_ids[r.by, r.of], "repost", r.at, None)
            for r in self.plan.reposts
            if r.by == key
        ]
        return sorted(known, key=lambda k: k.created_at, reverse=True)

    def incoming(self, key: str) -> list[Known]:
        """What citizens said in public in the body's threads, newest first."""
        found = [
            Known(self.post_ids[p.key], "incoming", p.at, self._parent(p), p.is_question)
            for p in self.plan.posts
            if p.by != key and _is_open(p) and self._root(p).by == key
        ]
        return sorted(found, key=lambda k: k.created_at, reverse=True)

    def first_response(self, question_id: str) -> timedelta | None:
        """How long the earliest own answer below a question took; None: there is none."""
        asked = next(p for p in self.plan.posts if self.post_ids[p.key] == question_id)
        body = self._root(asked).by
        times = [
            p.at - asked.at
            for p in self.plan.posts
            if p.by == body and p.at >= asked.at and asked in self._line(p) and _is_open(p)
        ]
        return min(times, default=None)

    def _own_post(self, post: Post) -> Known:
        kind = "original"
        if post.parent:
            kind = "continuation" if self._post(post.parent).by == post.by else "reply"
        plan = self.plan
        return Known(
            self.post_ids[post.key],
            kind,
            post.at,
            self._parent(post),
            reactions=sum(liked == post.key for _, liked in plan.likes),
            comments=sum(p.parent == post.key for p in plan.posts),
            shares=sum(r.of == post.key for r in plan.reposts),
        )

    def _post(self, key: str) -> Post:
        return next(p for p in self.plan.posts if p.key == key)

    def _parent(self, post: Post) -> str | None:
        return self.post_ids[post.parent] if post.parent else None

    def _line(self, post: Post) -> Iterator[Post]:
        yield post
        while post.parent:
            post = self._post(post.parent)
            yield post

    def _root(self, post: Post) -> Post:
        return list(self._line(post))[-1]


def _is_open(post: Post) -> bool:
    return post.visibility in ("public", "unlisted")


@dataclass(slots=True)
class Emulator:
    """A running mastodon-mock. `base_url` is what KLANKBORD_MASTODON_URL takes."""

    base_url: str
    database: Path

    def seed(self, plan: Plan) -> Seeded:
        """Carry out a plan, oldest post first so that ids grow with time; returns the truth."""
        with httpx.Client(base_url=self.base_url, trust_env=False, timeout=20) as http:
            auth = {p.key: self._sign_up(http, p.key) for p in plan.accounts}

            def post(path: str, who: str, **data: Any) -> str:
                return str(_checked(http.post(path, headers=auth[who], data=data))["id"])

            ids = {
                key: str(_checked(http.get("/api/v1/accounts/verify_credentials", headers=h))["id"])
                for key, h in auth.items()
            }
            for who, whom in plan.follows:
                post(f"/api/v1/accounts/{ids[whom]}/follow", who)
            truth = Seeded(plan, ids, {}, {})
            times: dict[str, datetime] = {}
            for event in sorted([*plan.posts, *plan.reposts], key=lambda e: e.at):
                if isinstance(event, Repost):
                    path = f"/api/v1/statuses/{truth.post_ids[event.of]}/reblog"
                    made = truth.repost_ids[event.by, event.of] = post(path, event.by)
                else:
                    data = {"status": event.text, "visibility": event.visibility}
                    if event.parent:
                        data["in_reply_to_id"] = truth.post_ids[event.parent]
                    made = truth.post_ids[event.key] = post("/api/v1/statuses", event.by, **data)
                times[made] = event.at
            for who, key in plan.likes:
                post(f"/api/v1/statuses/{truth.post_ids[key]}/favourite", who)
        self._settle(plan, ids, times)
        return truth

    def fault(self, effect: str, path: str = ".", *, count: int | None = 1, **more: Any) -> None:
        """Let `count` requests (None: all) whose path matches a regular expression go wrong.

        effect: status (status=503), ratelimit (headers={...}), malformed, timeout, latency.
        """
        rule = {"match": {"path_regex": path}, "effect": {"type": effect, **more}, "count": count}
        _checked(httpx.post(f"{self.base_url}/api/v1/_mock/faults", json=rule, trust_env=False))

    def heal(self) -> None:
        """Drop every fault."""
        httpx.delete(f"{self.base_url}/api/v1/_mock/faults", trust_env=False).raise_for_status()

    @staticmethod
    def _sign_up(http: httpx.Client, key: str) -> dict[str, str]:
        form = {"username": key, "email": f"{key}@{HOST}", "password": key, "agreement": "true"}
        token = _checked(http.post("/api/v1/accounts", data=form))["access_token"]
        return {"Authorization": f"Bearer {token}"}

    def _settle(self, plan: Plan, ids: dict[str, str], times: dict[str, datetime]) -> None:
        homes = [(p.handle.partition("@")[2], p.name, int(ids[p.key])) for p in plan.accounts]
        moments = [
            (at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"), int(made))
            for made, at in times.items()
        ]
        with closing(sqlite3.connect(self.database, timeout=20)) as connection, connection:
            connection.executemany(
                "update accounts set domain = ?, display_name = ? where id = ?", homes
            )
            connection.executemany("update statuses set created_at = ? where id = ?", moments)


def _checked(response: httpx.Response) -> Any:
    response.raise_for_status()
    return response.json()


@contextmanager
def mastodon_network() -> Iterator[Emulator]:
    """mastodon-mock in a process of its own on a free port of 127.0.0.1; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mastodon-") as name:
        folder = Path(name)
        database = folder / "mock.sqlite"
        (folder / "mock.toml").write_text(
            f"media_storage_path = {json.dumps(str(folder / 'media'))}\n"
            f"[database]\npath = {json.dumps(str(database))}\n[seed]\naccounts = []\n"
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "mastodon_mock", "serve", "--config", "mock.toml"]
        command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={k: v for k, v in os.environ.items() if k not in ("HOST", "PORT")},
            )
        try:
            _await(f"http://127.0.0.1:{port}", process, folder / "log")
            yield Emulator(f"http://127.0.0.1:{port}", database)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/health", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"mastodon-mock did not start:\n{log.read_text()[-2000:]}")


BODIES = (
    ("gent", "be-municipality-44021", "Stad Gent"),
    ("antwerpen", "be-municipality-11002", "Stad Antwerpen"),
    ("mechelen", "be-municipality-12025", "Stad Mechelen"),
    ("brugge", "be-municipality-31005", "Stad Brugge"),
    ("leuven", "be-municipality-24062", "Stad Leuven"),
    ("utrecht", "nl-municipality-gm0344", "Gemeente Utrecht"),
)
CITIZENS = ("anke", "bilal", "celine", "dirk", "elif", "farah")


def benchmark(until: datetime) -> Plan:
    """Six bodies and six citizens; every post is at most 25 days before `until`.

    Answers come after 1.5 h, 30 h, 200 h, through a citizen's own addition, and never. One body
    writes three pages of statuses, one is silent and unfollowed, one talks to itself.
    """
    plan = Plan()
    plan.accounts = [Person(key, name, organisation) for key, organisation, name in BODIES]
    plan.accounts += [Person(key, f"{key.title()} Burger") for key in CITIZENS]
    for number, (key, _, _) in enumerate(BODIES):
        plan.follows += [(citizen, key) for citizen in CITIZENS[:number]]
    plan.follows += [(citizen, "gent") for citizen in CITIZENS[:3]]
    start = until - 25 * DAY
    for number in range(90):
        plan.say(f"gent-{number}", "gent", start + number * 6 * HOUR, f"Bericht {number} #gent")
    _conversation(plan, "gent", "gent-0", start)
    for number, key in enumerate(("antwerpen", "mechelen", "brugge"), 1):
        at = start + number * DAY
        plan.say(f"{key}-1", key, at, "Het containerpark is zaterdag open.")
        _conversation(plan, key, f"{key}-1", at)
        plan.likes += [(citizen, f"{key}-1") for citizen in CITIZENS[: number + 1]]
        plan.reposts += [Repost(CITIZENS[number], f"{key}-1", at + HOUR)]
    plan.say("leuven-1", "leuven", start, "Een draadje over de werken.")
    plan.say("leuven-2", "leuven", start + HOUR, "Vervolg.", parent="leuven-1")
    plan.say("leuven-3", "leuven", start + 2 * HOUR, "Slot.", parent="leuven-2")
    plan.say("los", "anke", start + HOUR, "Mooie foto van de Leie, niet?")
    plan.reposts += [Repost("leuven", "los", start + 3 * HOUR)]
    plan.say("buiten", "leuven", start + 4 * HOUR, "Prachtig!", parent="los")
    return plan


def _conversation(plan: Plan, body: str, root: str, at: datetime) -> None:
    def ask(number: int, by: str, text: str, after: timedelta, parent: str = root) -> str:
        key = f"{body}-v{number}"
        plan.say(key, by, at + after, f"@{body} {text}", parent=parent, is_question="?" in text)
        return key

    def reply(number: int, parent: str, after: timedelta, **more: Any) -> None:
        plan.say(f"{body}-a{number}", body, at + after, "@_ Om 9 uur.", parent=parent, **more)

    first = ask(1, "anke", "Hoe laat opent het loket?", HOUR)
    reply(1, first, 2.5 * HOUR, visibility="unlisted")
    second = ask(2, "bilal", "Is dat ook zo op zondag?", 2 * HOUR)
    more = ask(3, "bilal", "Ik bedoel de eerste zondag.", 3 * HOUR, second)
    reply(2, more, 32 * HOUR)
    third = ask(4, "celine", "En in de vakantie?", 3 * HOUR)
    reply(3, third, 203 * HOUR)
    fourth = ask(5, "dirk", "Waarom antwoordt niemand?", 4 * HOUR)
    reply(4, fourth, 5 * HOUR, visibility="direct")
    plan.say(f"{body}-p", "elif", at + 5 * HOUR, "Mag dit?", parent=root, visibility="private")
    ask(6, "farah", "Bedankt voor het nieuws.", 6 * HOUR)
