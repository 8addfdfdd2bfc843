"""A world of X small enough to know by heart, and servers on loopback to ask it through."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from klankbord.platforms.base import Account, Window
from klankbord.sandbox import routes_x
from klankbord.sandbox.model import Counters, Message, Person, WorldAccount

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
WINDOW = Window.ending(NOW)
TOKEN = "a-token-that-nobody-may-see"
CITIZEN = Person(7_000_001, "Roos Vermeiren", "roosvermeiren", "https://avatars.example/7.png")
AUTHOR = Person(7_000_002, "Daan Peeters", "daanpeeters", "https://avatars.example/8.png")


class SmallWorld:
    """Accounts and what was said, by hand. Message ids grow with the order of saying."""

    seed = 1  # none of its accounts is T3: an owner's token is TOKEN.<user id>

    def __init__(self) -> None:
        self.accounts: list[WorldAccount] = []
        self.said: list[Message] = []

    def account(self, number: int = 1) -> WorldAccount:
        one = WorldAccount(
            f"body{number}-x", f"body{number}", "x", f"Gemeente{number}",
            1000 + number, f"Gemeente {number}", 5000,
        )  # fmt: skip
        self.accounts.append(one)
        return one

    def say(
        self,
        account: WorldAccount,
        kind: str = "original",
        text: str = "Zwembad open.",
        parent: Message | None = None,
        at: datetime | None = None,
        **more: Any,
    ) -> Message:
        """One more message; citizens' (`incoming`) by CITIZEN, two hours before the scan or so."""
        message_id = 1_800_000_000_000_000_000 + 10 * len(self.said)
        at = at or NOW - timedelta(hours=2) + timedelta(seconds=len(self.said))
        if kind == "incoming":
            more.setdefault("author", CITIZEN)
        author = more.pop("author", None)
        self.said.append(Message(
            message_id, account.account_id, author, kind, at, text,
            parent.message_id if parent else None, parent.root_id if parent else message_id, **more,
        ))  # fmt: skip
        return self.said[-1]

    def find(self, platform: str, key: str | int) -> WorldAccount | None:
        key = key.lower() if isinstance(key, str) else key
        return next((a for a in self.accounts if key in (a.user_id, a.handle.lower())), None)

    def account_of(self, message_id: int) -> WorldAccount | None:
        names = {m.message_id: m.account_id for m in self.said}
        return next((a for a in self.accounts if a.account_id == names.get(message_id)), None)

    def followers(self, account: WorldAccount, moment: datetime) -> int:
        return account.followers_start

    def own(
        self, account: WorldAccount, since: datetime, until: datetime, at: datetime | None = None
    ) -> list[Message]:
        return self._said(account, since, until, True)

    def incoming(
        self, account: WorldAccount, since: datetime, until: datetime, at: datetime | None = None
    ) -> list[Message]:
        return self._said(account, since, until, False)

    def message(self, account: WorldAccount, message_id: int) -> Message | None:
        return next((m for m in self.said if m.message_id == message_id), None)

    def counters(self, account: WorldAccount, message: Message, moment: datetime) -> Counters:
        return Counters(reactions=11, comments=2, shares=3, quotes=1, views=900)

    def insight(
        self, account: WorldAccount, message: Message | None, name: str, at: datetime
    ) -> int:
        return {"impressions": 900, "link_clicks": 7, "profile_clicks": 2, "interactions": 17}[name]

    def _said(
        self, account: WorldAccount, since: datetime, until: datetime, is_own: bool
    ) -> list[Message]:
        found = [
            m
            for m in self.said
            if (m.account_id, m.is_own) == (account.account_id, is_own)
            and since <= m.created_at < until
        ]
        return found[::-1]


def make_sandbox(world: SmallWorld, **more: Any) -> SimpleNamespace:
    """What routes_x needs of the sandbox; `more` sets attributes such as x_legacy_names."""
    return SimpleNamespace(world=world, now=lambda: NOW, token=TOKEN, requests=Counter(), **more)


def registered(account: WorldAccount, *, with_id: bool = False) -> Account:
    """The register's row of an account of the world."""
    user_id = str(account.user_id) if with_id else None
    return Account(account.account_id, account.organisation_id, "x", account.handle, user_id)


class Log(list[tuple[str, dict[str, str]]]):
    """(path, query) of each request that a server got."""

    def paths(self) -> list[str]:
        return [path.removeprefix("/x") for path, _ in self]


@contextmanager
def serving(app: Callable[..., Any]) -> Iterator[str]:
    """The address of an ASGI application on a free port of 127.0.0.1."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.005)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def sandbox_app(sandbox: Any, log: Log, faults: dict[tuple[str, int], str] | None = None) -> Any:
    """routes_x under /x; `faults` maps (end of a path, how many-th request to it) to a fault."""
    seen: Counter[str] = Counter()

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            log.append((request.url.path, dict(request.query_params)))
            end = request.url.path.rpartition("/")[2]
            seen[end] += 1
            fault = (faults or {}).get((end, seen[end]))
            scope.setdefault("state", {})["fault"] = fault
        await inner(scope, receive, send)

    inner = Starlette(routes=[Mount("/x", routes=routes_x.routes(sandbox))])
    return app


def scripted_app(answers: Mapping[str, list[Response | Any]], log: Log) -> Starlette:
    """Fixed answers by the end of the path, one after the other; the last one stays."""

    async def answer(request: Request) -> Response:
        log.append((request.url.path, dict(request.query_params)))
        queue = answers[request.url.path.rpartition("/")[2]]
        found = queue.pop(0) if len(queue) > 1 else queue[0]
        return found if isinstance(found, Response) else JSONResponse(found)

    return Starlette(routes=[Route("/{path:path}", answer)])
