"""What the Bluesky tests share: a small world, its routes over real HTTP, the official lexicons."""

import json
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount

from klankbord.http import Client
from klankbord.platforms.base import Account, Window
from klankbord.platforms.bluesky import Bluesky
from klankbord.platforms.events import Item, Outcome
from klankbord.sandbox import routes_bluesky
from klankbord.sandbox.model import Counters, Message, Person, WorldAccount
from tests.conftest import skip_or_fail

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ROOS = Person(7_000_001, "Roos Vermeiren", "roos_v", "https://avatars.example/roos.png")
SAID = Person(7_000_002, "Saïd El Amrani", "said.example", "https://avatars.example/said.png")
WINDOW = Window.ending(NOW)
STREAMS = ("profiles", "posts", "messages")
PROFILES, FEED, THREAD = "getProfiles", "getAuthorFeed", "getPostThread"
OK = [(stream, "ok", "") for stream in STREAMS]
FOLDER = Path(__file__).parent / "real" / "bluesky"
#: faults that the routes obey themselves; every other name is one of error_response
OF_ROUTES = ("repeated_page", "empty_last_page", "shrunken")


class SmallWorld:
    """Bodies and messages by hand; the interface of klankbord.sandbox.world.World."""

    def __init__(self) -> None:
        self.accounts: list[WorldAccount] = []
        self.messages: list[Message] = []

    def body(self, name: str) -> WorldAccount:
        number = 1_000 + len(self.accounts)
        handle = f"{name}.bsky.social"
        made = WorldAccount(f"{name}-bluesky", name, "bluesky", handle, number, name.title(), 1_234)
        self.accounts.append(made)
        return made

    def say(self, account: WorldAccount, at: datetime, text: str = "Markt", **more: Any) -> Message:
        """A message by `author` (None: the body) that answers `parent`, a message."""
        parent, author = more.pop("parent", None), more.pop("author", None)
        kind = "incoming" if author else "original"
        if parent and not author:
            kind = "continuation" if parent.author is None else "reply"
        number = (int(at.timestamp() * 1000) << 20) + len(self.messages)
        made = Message(
            number, account.account_id, author, more.pop("kind", kind), at, text,
            parent.message_id if parent else None, parent.root_id if parent else number, **more,
        )  # fmt: skip
        self.messages.append(made)
        return made

    def find(self, platform: str, who: str | int) -> WorldAccount | None:
        assert platform == "bluesky"
        return next((a for a in self.accounts if who in (a.handle, a.user_id)), None)

    def followers(self, account: WorldAccount, moment: datetime) -> int:
        return account.followers_start

    def own(self, account: WorldAccount, since: datetime, until: datetime) -> list[Message]:
        found = [m for m in self._of(account) if m.is_own and since <= m.created_at < until]
        return sorted(found, key=lambda m: m.message_id, reverse=True)

    def message(self, account: WorldAccount, message_id: int) -> Message | None:
        return next((m for m in self._of(account) if m.message_id == message_id), None)

    def thread(self, account: WorldAccount, root_id: int, until: datetime) -> list[Message]:
        return [m for m in self._of(account) if m.root_id == root_id and m.created_at < until]

    def counters(self, account: WorldAccount, message: Message, moment: datetime) -> Counters:
        answers = sum(m.parent_id == message.message_id for m in self._of(account))
        return Counters(reactions=4, comments=answers, shares=2, quotes=1, views=99)

    def _of(self, account: WorldAccount) -> list[Message]:
        return [m for m in self.messages if m.account_id == account.account_id]


def registered(body: WorldAccount, user_id: str | None = None) -> Account:
    """The register's row of a body of the world."""
    return Account(body.account_id, body.organisation_id, "bluesky", body.handle, user_id)


class Server:
    """The routes on loopback. `asked` holds every URL; `faults` are (substring of it, what), each
    used once: a Response, or the name of a fault."""

    def __init__(self) -> None:
        self.world = SmallWorld()
        self.asked: list[str] = []
        self.faults: list[tuple[str, Response | str]] = []
        self.url = ""
        self.sandbox = SimpleNamespace(
            world=self.world, now=lambda: NOW, token="t", requests=Counter()
        )

    def methods(self) -> list[str]:
        """The methods that were asked, by their last word."""
        return [url.split("?")[0].rsplit(".", 1)[-1] for url in self.asked]

    async def _misbehave(self, request: Request, call_next: Any) -> Response:
        url = unquote(str(request.url))
        self.asked.append(str(request.url))
        for fault in self.faults:
            part, what = fault
            if part in url:
                self.faults.remove(fault)
                if isinstance(what, Response):
                    return what
                if what not in OF_ROUTES:
                    return routes_bluesky.error_response(what, self.sandbox, request)
                request.state.fault = what
                break
        return await call_next(request)

    @contextmanager
    def running(self) -> Iterator["Server"]:
        app = Starlette(
            routes=[Mount("/bluesky", routes=routes_bluesky.routes(self.sandbox))],
            middleware=[Middleware(BaseHTTPMiddleware, dispatch=self._misbehave)],
        )
        server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", 0, log_level="critical"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        end = time.monotonic() + 10
        while not server.started and time.monotonic() < end:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/bluesky"
        yield self
        server.should_exit = True
        thread.join(10)


def need_packages() -> None:
    """Skip, or fail where everything is demanded, without node and Bluesky's packages."""
    if shutil.which("node") is None or not (FOLDER / "node_modules").is_dir():
        skip_or_fail(
            "Bluesky's packages are not installed: run `npm run setup` in tests/real/bluesky"
        )


def lexicon(questions: list[dict[str, Any]]) -> list[Any]:
    """What real/bluesky/lexicon.mjs answers to each question: null is well."""
    need_packages()
    done = subprocess.run(
        ["node", str(FOLDER / "lexicon.mjs")],
        input=json.dumps(questions), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return json.loads(done.stdout)


def scan(server: Server, accounts: list[Account] | None = None) -> list[Item | Outcome]:
    client = Client(server.url, Bluesky.classify, only_loopback=True, backoff_seconds=0)
    accounts = accounts or [registered(a) for a in server.world.accounts]
    try:
        return list(Bluesky(client).extract(accounts, WINDOW))
    finally:
        client.close()


def items(events: list[Item | Outcome], stream: str) -> list[Item]:
    return [e for e in events if isinstance(e, Item) and e.stream == stream]


def outcomes(events: list[Item | Outcome]) -> list[tuple[str, str, str]]:
    return [(e.stream, e.status, e.reason) for e in events if isinstance(e, Outcome)]


def answer(body: Any, status: int = 200, **headers: str) -> Response:
    return Response(json.dumps(body), status, headers, media_type="application/json")


def talk_on(server: Server) -> dict[str, Any]:
    """A thread of every shape, a repost, and a thread of somebody else's."""
    world, body = server.world, server.world.body("aalst")
    root = world.say(body, NOW - 9 * DAY, "Markt afgelast. #markt")
    more = world.say(body, NOW - 8 * DAY, "Om de wind.", parent=root)
    question = world.say(
        body, NOW - 7 * DAY, "Ook de kermis, @aalst?", parent=more, author=ROOS, is_question=True
    )
    reply = world.say(
        body, NOW - 7 * DAY - HOUR, f"Neen, @{ROOS.handle}.", parent=question, mentions=(ROOS,)
    )
    thanks = world.say(body, NOW - 6 * DAY, "Dank u", parent=reply, author=SAID)
    lonely = world.say(body, NOW - 5 * DAY, "Niemand antwoordt")
    repost = world.say(
        body, NOW - 4 * DAY, "", kind="repost", reposted_text="Mooie stad", reposted_author=SAID
    )
    return {
        "body": body, "root": root, "more": more, "question": question, "reply": reply,
        "thanks": thanks, "lonely": lonely, "repost": repost,
    }  # fmt: skip
