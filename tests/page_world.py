"""Pages by hand for LinkedIn and TikTok: a few messages behind the sandbox's real routes."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from klankbord.http import Client
from klankbord.platforms.base import Account, Connector, Window
from klankbord.platforms.events import Item, Outcome, ThreadRead
from klankbord.sandbox import core
from klankbord.sandbox.core import Sandbox
from klankbord.sandbox.model import Counters, Message, Person, WorldAccount
from klankbord.sandbox.server import run_in_thread
from klankbord.sandbox.threads import make_id, slot_of

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
WINDOW = Window.ending(NOW)
SHY = Person(7_000_002, "Tjorven Zwandelaar", "tjorvenzw", "https://avatars.example/2.png")
OPEN = Person(7_000_003, "Roos Vermeiren", "roosvermeiren", "https://avatars.example/3.png")
OK = ("ok", "")


@dataclass
class PageWorld:
    """`page` makes an account, `say` a message; followers are 5,000, counters 12 reactions, 3
    shares, 900 views."""

    platform: str
    accounts: dict[int, WorldAccount] = field(default_factory=dict)
    said: list[Message] = field(default_factory=list)

    def page(self, number: int, posts: int = 0, every: timedelta = timedelta(hours=1)) -> Account:
        """An account with `posts` posts, one `every` so often back from the scan."""
        name, user_id = f"body{number}-{self.platform}", 1_000 + number
        handle = f"gemeente{number}"
        world_account = WorldAccount(
            name, f"body{number}", self.platform, handle, user_id, f"Gemeente {number}", 5_000
        )
        self.accounts[user_id] = world_account
        for place in range(posts):
            self.say(user_id, NOW - every * (place + 1))
        return Account(name, f"body{number}", self.platform, handle, str(user_id), "T3")

    def say(
        self,
        user_id: int,
        at: datetime,
        parent: Message | None = None,
        author: Person | None = None,
        kind: str = "",
        text: str = "Hoe laat?",
    ) -> Message:
        """Something said on a page: by the page unless there is an author."""
        same = sum(m.created_at == at for m in self.said)
        message_id = make_id(at, user_id, 0, same)
        default = "incoming" if author else "reply" if parent else "original"
        message = Message(
            message_id,
            self.accounts[user_id].account_id,
            author,
            kind or default,
            at,
            text,
            parent and parent.message_id,
            parent.root_id if parent else message_id,
        )
        self.said.append(message)
        return message

    def find(self, platform: str, who: str | int) -> WorldAccount | None:
        found = self.accounts.values()
        return next((a for a in found if who in (a.user_id, str(a.user_id), a.handle)), None)

    def account_of(self, message_id: int) -> WorldAccount | None:
        return self.accounts.get(slot_of(message_id))

    def followers(self, page: WorldAccount, moment: datetime) -> int:
        return 5_000 - (NOW - moment).days

    def own(
        self, page: WorldAccount, since: datetime, until: datetime, at: datetime | None = None
    ) -> list[Message]:
        own = [m for m in self._of(page) if m.is_own and since <= m.created_at < until]
        return sorted(own, key=lambda m: m.message_id, reverse=True)

    def message(self, page: WorldAccount, message_id: int) -> Message | None:
        return next((m for m in self._of(page) if m.message_id == message_id), None)

    def thread(self, page: WorldAccount, root_id: int, until: datetime) -> list[Message]:
        return [m for m in self._of(page) if m.root_id == root_id and m.created_at < until]

    def answers(self, page: WorldAccount, message_id: int, until: datetime) -> list[Message]:
        return [m for m in self._of(page) if m.parent_id == message_id and m.created_at < until]

    def counters(self, page: WorldAccount, message: Message, moment: datetime) -> Counters:
        return Counters(12, len(self.answers(page, message.message_id, moment)), 3, 0, 900)

    def _of(self, page: WorldAccount) -> list[Message]:
        found = [m for m in self.said if m.account_id == page.account_id]
        return sorted(found, key=lambda m: m.message_id)


@contextmanager
def serving(platform: str) -> Iterator[SimpleNamespace]:
    """(world, sandbox, url) of a sandbox over a PageWorld."""
    world = PageWorld(platform)
    sandbox = Sandbox(world, NOW)  # type: ignore[arg-type]
    module = importlib.import_module(f"klankbord.sandbox.routes_{platform}")
    only = patch.object(core, "platforms", lambda: {platform: module})
    with only, run_in_thread(sandbox) as url:
        yield SimpleNamespace(world=world, sandbox=sandbox, url=f"{url}/{platform}")


def connector(house: SimpleNamespace, cls: type[Connector], token: str = "sandbox-token") -> Any:
    """A connector of this class that speaks to the house."""
    client = Client(
        house.url, cls.classify, only_loopback=True, backoff_seconds=0, **cls.client_options("")
    )
    return cls(client, lambda _platform, _account_id: token)


def sort(events: list[Any]) -> SimpleNamespace:
    """Items by stream, outcomes as {(account_id, stream): (status, reason)}, threads."""
    ends = [e for e in events if isinstance(e, Outcome)]
    outcomes = {(o.account_id, o.stream): (o.status, o.reason) for o in ends}
    assert len(outcomes) == len(ends), "an outcome came twice"
    items = [e for e in events if isinstance(e, Item)]
    by_stream = {
        stream: [i for i in items if i.stream == stream]
        for stream in ("profiles", "posts", "messages", "insights")
    }
    threads = [e.thread_id for e in events if isinstance(e, ThreadRead)]
    return SimpleNamespace(
        events=events, ends=ends, outcomes=outcomes, threads=threads, **by_stream
    )


def scan(
    house: SimpleNamespace,
    cls: type[Connector],
    accounts: list[Account],
    window: Window = WINDOW,
) -> SimpleNamespace:
    """A scan of these accounts; each has exactly the outcomes that it should."""
    found = sort(list(connector(house, cls).extract(accounts, window)))
    wanted = {(a.account_id, s) for a in accounts for s in cls.streams_of(a, window)}
    assert set(found.outcomes) == wanted
    return found
