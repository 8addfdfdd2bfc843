"""A YouTube small enough to know by heart, behind the sandbox's own routes; how tests read it."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount

from klankbord.http import Client
from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Event, Item, Outcome, ThreadRead
from klankbord.platforms.youtube import YouTube
from klankbord.sandbox import routes_youtube
from klankbord.sandbox.model import Counters, Message, Person, WorldAccount
from klankbord.sandbox.youtube_objects import channel_id
from tests.x_world import serving

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
WINDOW = Window.ending(NOW)
TOKEN = "a-token-that-nobody-may-see"
CITIZEN = Person(7_000_001, "Roos Vermeiren", "roosvermeiren", "https://avatars.example/7.png")
OK = ("ok", "")
Ask = Callable[..., YouTube]
Change = Callable[[Any], Any]


class SmallWorld:
    """Channels and what was said, by hand. Message ids grow with the moment of saying."""

    def __init__(self) -> None:
        self.accounts: list[WorldAccount] = []
        self.said: dict[int, Message] = {}
        self.deleted: set[int] = set()

    def channel(self, number: int = 1, videos: int = 0, comments: int = 0) -> WorldAccount:
        """A channel with `videos`, one an hour from the scan back, each with `comments`."""
        one = WorldAccount(
            f"body{number}-youtube", f"body{number}", "youtube", f"gemeente{number}",
            1000 + number, f"Gemeente {number}", 5000,
        )  # fmt: skip
        self.accounts.append(one)
        for place in range(videos):
            video = self.video(one, timedelta(hours=1 + place))
            for turn in range(comments):
                self.comment(one, video, timedelta(seconds=1 + turn))
        return one

    def video(self, channel: WorldAccount, age: timedelta, text: str = "Zwembad open.") -> Message:
        return self._say(channel, None, NOW - age, "original", text, None)

    def comment(
        self,
        channel: WorldAccount,
        parent: Message,
        after: timedelta = timedelta(minutes=1),
        text: str = "Hoe laat?",
        by: Person | None = CITIZEN,
    ) -> Message:
        """A comment or a reply; `by` None is the channel itself."""
        kind = "incoming" if by else "reply" if parent.author else "continuation"
        return self._say(channel, by, parent.created_at + after, kind, text, parent)

    def _say(
        self,
        channel: WorldAccount,
        author: Person | None,
        at: datetime,
        kind: Any,
        text: str,
        parent: Message | None,
    ) -> Message:
        number = int(at.timestamp()) * 100_000 + len(self.said)
        root = parent.root_id if parent else number
        self.said[number] = Message(
            number, channel.account_id, author, kind, at, text,
            parent.message_id if parent else None, root, is_question=bool(author),
        )  # fmt: skip
        return self.said[number]

    def find(self, platform: str, key: str | int) -> WorldAccount | None:
        return next((a for a in self.accounts if key in (a.user_id, a.handle)), None)

    def account_of(self, message_id: int) -> WorldAccount | None:
        said = self.said.get(message_id)
        return next((a for a in self.accounts if said and a.account_id == said.account_id), None)

    def followers(self, account: WorldAccount, moment: datetime) -> int:
        return account.followers_start

    def own(self, account: WorldAccount, since: datetime, until: datetime) -> list[Message]:
        return [
            m
            for number, m in sorted(self.said.items(), reverse=True)
            if m.account_id == account.account_id
            and m.is_own
            and since <= m.created_at < until
            and number not in self.deleted
        ]

    def message(self, account: WorldAccount, message_id: int) -> Message | None:
        return self.said.get(message_id)

    def thread(self, account: WorldAccount, root_id: int, until: datetime) -> list[Message]:
        return [
            m
            for number, m in sorted(self.said.items())
            if m.root_id == root_id
            and m.account_id == account.account_id
            and m.created_at < until
            and number not in self.deleted
        ]

    def answers(self, account: WorldAccount, message_id: int, until: datetime) -> list[Message]:
        root = self.said[message_id].root_id
        return [m for m in self.thread(account, root, until) if m.parent_id == message_id]

    def counters(self, account: WorldAccount, message: Message, moment: datetime) -> Counters:
        comments = len(self.thread(account, message.message_id, moment)) - 1
        return Counters(reactions=11, comments=comments, shares=0, quotes=0, views=900)

    def insight(
        self, account: WorldAccount, message: Message | None, name: str, at: date | datetime
    ) -> int:
        return len(name) + (at.day if message is None else 100)


class Log(list[tuple[str, dict[str, str]]]):
    """(path, query) of each request that the routes got; `headers` beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.headers: list[Mapping[str, str]] = []

    def ends(self) -> list[str]:
        """The last part of each path."""
        return [path.rpartition("/")[2] for path, _ in self]


def make_sandbox(world: SmallWorld, **more: Any) -> SimpleNamespace:
    """What routes_youtube needs of the sandbox."""
    return SimpleNamespace(world=world, now=lambda: NOW, token=TOKEN, requests=Counter(), **more)


def registered(channel: WorldAccount, *, by_handle: bool = False, tier: str = "T2") -> Account:
    """The register's row of a channel of the world."""
    name = None if by_handle else channel_id(channel.user_id)
    return Account(
        channel.account_id, channel.organisation_id, "youtube", channel.handle, name, tier
    )


def app_of(
    sandbox: Any,
    log: Log,
    faults: Mapping[tuple[str, int], str] | None = None,
    changes: Mapping[str, Change] | None = None,
) -> Any:
    """The routes under /youtube. `faults`: (end of a path, how many-th request to it) -> kind;
    `changes`: end of a path -> what is done to each of its answers before it is sent."""
    seen: Counter[str] = Counter()
    inner = Starlette(routes=[Mount("/youtube", routes=routes_youtube.routes(sandbox))])

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return await inner(scope, receive, send)
        request = Request(scope)
        log.append((request.url.path.removeprefix("/youtube"), dict(request.query_params)))
        log.headers.append(dict(request.headers))
        end = request.url.path.rpartition("/")[2]
        seen[end] += 1
        fault = (faults or {}).get((end, seen[end])) or (faults or {}).get((end, 0))
        if fault and fault not in ("repeated_page", "empty_last_page", "shrunken"):
            return await routes_youtube.error_response(fault, sandbox, request)(
                scope, receive, send
            )
        scope.setdefault("state", {})["fault"] = fault
        if changes and end in changes:
            return await _changed(inner, changes[end], scope, receive, send)
        return await inner(scope, receive, send)

    return app


async def _changed(inner: Any, change: Change, scope: Any, receive: Any, send: Any) -> None:
    """The answer of `inner`, after `change` of its JSON (which gives the new one)."""
    start: list[Any] = []

    async def capture(message: Any) -> None:
        if message["type"] == "http.response.start":
            start.append(message)
            return
        body = json.dumps(change(json.loads(message["body"]))).encode()
        headers = [(k, v) for k, v in start[0]["headers"] if k != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        await send({**start[0], "headers": headers})
        await send({"type": "http.response.body", "body": body})

    await inner(scope, receive, capture)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """ask(app) -> a connector that talks to the application over loopback."""
    monkeypatch.setenv("KLANKBORD_NOW", NOW.isoformat())
    with ExitStack() as stack:

        def connect(app: Any, key: str = TOKEN, owner: str | None = TOKEN) -> YouTube:
            url = stack.enter_context(serving(app)) + "/youtube"
            monkeypatch.setenv("KLANKBORD_YOUTUBE_ANALYTICS_URL", url)
            client = Client(
                url,
                YouTube.classify,
                only_loopback=True,
                backoff_seconds=0,
                **YouTube.client_options(key),
            )
            stack.callback(client.close)
            return YouTube(client, lambda _platform, _account: owner)

        yield connect


def read(connector: YouTube, *accounts: Account, window: Window = WINDOW) -> list[Event]:
    return list(connector.extract(accounts, window))


def items(found: list[Event], stream: str) -> list[Item]:
    return [e for e in found if isinstance(e, Item) and e.stream == stream]


def outcomes(found: list[Event]) -> dict[tuple[str, str], tuple[str, str]]:
    ends = [e for e in found if isinstance(e, Outcome)]
    by_stream = {(o.account_id, o.stream): (o.status, o.reason) for o in ends}
    assert len(by_stream) == len(ends), "an outcome came twice"
    return by_stream


def threads_read(found: list[Event]) -> list[str]:
    return [e.thread_id for e in found if isinstance(e, ThreadRead)]


def detail(found: list[Event], stream: str) -> str:
    return next(e.detail for e in found if isinstance(e, Outcome) and e.stream == stream)
