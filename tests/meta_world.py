"""A real world of one of Meta's platforms, its sandbox over HTTP, and a connector that reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from starlette.requests import Request

from klankbord.http import Client
from klankbord.platforms.base import Account, Connector, Window
from klankbord.platforms.events import Item, MetricRefused, Outcome
from klankbord.platforms.ledger import Ledger
from klankbord.sandbox import calibration as cal
from klankbord.sandbox import core, population
from klankbord.sandbox.core import Sandbox
from klankbord.sandbox.model import WorldAccount
from klankbord.sandbox.server import run_in_thread
from klankbord.sandbox.world import World
from tests.pipeline.house import NOW
from tests.pipeline.registers import bodies

TOKEN = Sandbox.token


def small_world(platform: str, number: int = 24) -> World:
    """The world of the first bodies that are on the platform, and on no other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cal, "PLATFORMS", (platform,))
        every = World(bodies())
        only = {a.organisation_id for a in every.accounts[:number]}
        return World(bodies(), only=only)


@dataclass
class Meta:
    """A sandbox and a connector class. `asked`: (path, parameters) of every request, in order;
    `tokens`: what stood in its Authorization header."""

    world: World
    sandbox: Sandbox
    url: str
    cls: type[Connector]
    asked: list[tuple[str, dict[str, str]]]
    tokens: list[str]

    def account(self, one: WorldAccount, tier: str = "T3", **more: Any) -> Account:
        """The register's account of one of the world's, with the tier that the sandbox allows."""
        row = next(r for r in self.world.account_rows() if r.account_id == one.account_id)
        return Account(
            row.account_id,
            row.organisation_id,
            row.platform,
            row.handle,
            row.platform_user_id,
            tier,
            ledger=Ledger(**more),
        )

    def connector(self, owner_token: Any = None) -> Connector:
        client = Client(
            self.url,
            self.cls.classify,
            only_loopback=True,
            backoff_seconds=0,
            **self.cls.client_options(TOKEN),
        )
        return self.cls(client, owner_token or (lambda *_: None))

    def scan(
        self, *accounts: Account, window: Window | None = None, source: Connector | None = None
    ) -> SimpleNamespace:
        """events; items by stream; ends {(account_id, stream): (status, reason)}; details; refused;
        asked: the requests of this scan."""
        window = window or Window.ending(self.sandbox.now())
        start = len(self.asked)
        events = list((source or self.connector()).extract(accounts, window))
        ends = [e for e in events if isinstance(e, Outcome)]
        found = {(o.account_id, o.stream): (o.status, o.reason) for o in ends}
        assert len(found) == len(ends), "an outcome came twice"
        assert set(found) == {
            (a.account_id, s) for a in accounts for s in self.cls.streams_of(a, window)
        }
        return SimpleNamespace(
            events=events,
            ends=found,
            details=[o.detail for o in ends],
            refused=[e for e in events if isinstance(e, MetricRefused)],
            asked=self.asked[start:],
            **{
                stream: [e for e in events if isinstance(e, Item) and e.stream == stream]
                for stream in self.cls.streams
            },
        )


@contextmanager
def running(cls: type[Connector], world: World, now: datetime = NOW) -> Iterator[Meta]:
    """The platform on a free port while the block runs."""
    sandbox = Sandbox(world, now)
    asked: list[tuple[str, dict[str, str]]] = []
    tokens: list[str] = []
    original = core.Misbehaviour.__call__

    async def spy(self: Any, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope)
        asked.append((scope["path"], dict(parse_qsl(scope["query_string"].decode()))))
        tokens.append(request.headers.get("authorization", ""))
        await original(self, scope, receive, send)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.Misbehaviour, "__call__", spy)
        with run_in_thread(sandbox) as url:
            yield Meta(world, sandbox, f"{url}/{cls.name}", cls, asked, tokens)


def tiers(world: World, patch: pytest.MonkeyPatch, **by_account: str) -> None:
    """Let the sandbox give accounts these tiers instead of those that the seed says."""
    real = population.access_tier

    def tier(seed: int, account: WorldAccount) -> Any:
        return by_account.get(account.account_id.replace("-", "_"), real(seed, account))

    for module in ("klankbord.sandbox.world", "klankbord.sandbox.routes_instagram"):
        patch.setattr(f"{module}.access_tier", tier)


def renamed(account: Account, **more: Any) -> Account:
    """The account with other attributes."""
    return replace(account, **more)
