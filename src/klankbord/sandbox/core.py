"""The sandbox as a web application: every platform's routes over one world, faults, a clock.

A platform is a module `routes_<platform>.py` beside this one; it is found, not listed. What is the
sandbox's own stands under /_sandbox: `clock`, `faults`, `events`, `requests`, `truth`.
"""

import asyncio
import importlib
import pkgutil
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from klankbord import settings
from klankbord.sandbox.events import Events, Seen
from klankbord.sandbox.faults import ANSWERED, BENT, Faults
from klankbord.sandbox.world import World

TIMEOUT_SECONDS = 30.0  # longer than the client waits


class Sandbox:
    """What all routes share. `moment` None: the clock of `klankbord.settings`.

    requests: how often each platform was asked ("x"), and each of its paths
    ("x GET /2/users/{id}/tweets"). timeout_seconds: how long the fault `timeout` is silent.
    """

    token = "sandbox-token"  # noqa: S105  (no secret: everybody may know it)

    def __init__(self, world: World, moment: datetime | None = None) -> None:
        self.world = world
        self.faults = Faults()
        self.requests: Counter[str] = Counter()
        self.timeout_seconds = TIMEOUT_SECONDS
        self._lock = threading.Lock()
        self._moment: datetime | None = None
        if moment is not None:
            self.set_clock(moment)

    @property
    def world(self) -> Any:
        """The world as the platforms show it: after the events, where there are any."""
        return Seen(self._world, self.events) if self.events else self._world

    @world.setter
    def world(self, world: World) -> None:
        self._world = world
        self.events = Events(world)

    def now(self) -> datetime:
        """The sandbox's moment, aware, UTC."""
        return self._moment or settings.now()

    def set_clock(self, moment: datetime) -> None:
        """Stop the clock at an aware moment."""
        if moment.tzinfo is None:
            raise ValueError(f"{moment.isoformat()} has no offset: add one, such as +00:00.")
        self._moment = moment.astimezone(UTC)

    def count(self, *names: str) -> None:
        """Add one to each of these counts."""
        with self._lock:
            self.requests.update(names)


def platforms() -> dict[str, ModuleType]:
    """The routes' modules that are there, by platform."""
    import klankbord.sandbox as package

    names = (m.name for m in pkgutil.iter_modules(package.__path__))
    return {
        name.removeprefix("routes_"): importlib.import_module(f"{package.__name__}.{name}")
        for name in names
        if name.startswith("routes_")
    }


def create_app(sandbox: Sandbox) -> Starlette:
    """The application: every platform at /<platform>, the sandbox's own addresses at /_sandbox."""
    from klankbord.sandbox import control

    modules = platforms()
    mounts = [Mount(f"/{name}", routes=m.routes(sandbox)) for name, m in modules.items()]
    app = Starlette(routes=[Mount("/_sandbox", routes=control.routes(sandbox)), *mounts])
    app.add_middleware(Misbehaviour, sandbox=sandbox, modules=modules)
    app.state.sandbox = sandbox
    return app


class Misbehaviour:
    """Counts the platforms' requests and lets the ordered faults strike them."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox, modules: Mapping[str, ModuleType]) -> None:
        self.app = app
        self.sandbox = sandbox
        self.modules = modules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].split("/")[1] if scope["type"] == "http" else ""
        if name not in self.modules:
            await self.app(scope, receive, send)
            return
        path = scope["path"][len(name) + 1 :] or "/"
        address = f"{scope['path']}?{unquote(scope['query_string'].decode())}"
        kind = self.sandbox.faults.take(name, path, address)
        if kind is None and self.sandbox.events:
            token = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
            refused = self.sandbox.events.refuses(name, path, address, token)
            kind = "token_expired" if refused else None
        scope.setdefault("state", {})["fault"] = kind if kind in BENT else None
        if kind is None or kind in BENT:
            await self.app(scope, receive, send)
        elif kind in ANSWERED:
            # the routes know the request as it came in at their mount
            inner = {**scope, "path_params": {}}
            request = Request(inner, receive)
            response = self.modules[name].error_response(kind, self.sandbox, request)
            await response(scope, receive, send)
        elif kind == "cut_json":
            await self.app(scope, receive, _cutting(send))
        else:
            if kind == "timeout":
                await asyncio.sleep(self.sandbox.timeout_seconds)
            await Response("upstream is away", 503)(scope, receive, send)
        self.sandbox.count(name, f"{name} {scope['method']} {_pattern(scope, path)}")


def _pattern(scope: Scope, path: str) -> str:
    """The path with its parameters' names in their places: /2/users/{id}/tweets."""
    names: dict[str, Any] = scope.get("path_params", {})
    by_value = {str(value): f"{{{name}}}" for name, value in names.items()}
    return "/".join(by_value.get(part, part) for part in path.split("/"))


def _cutting(send: Send) -> Send:
    """A `send` that delivers the first half of the body as if it were all of it."""
    start: list[Message] = []
    body = bytearray()

    async def cut(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.append(message)
            return
        body.extend(message.get("body", b""))
        if message.get("more_body"):
            return
        half = bytes(body[: len(body) // 2])
        headers = [(k, v) for k, v in start[0]["headers"] if k.lower() != b"content-length"]
        headers.append((b"content-length", str(len(half)).encode()))
        await send({**start[0], "headers": headers})
        await send({"type": "http.response.body", "body": half})

    return cut
