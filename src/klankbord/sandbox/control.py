"""The sandbox's own addresses, under /_sandbox: clock, faults, events, requests, truth."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from klankbord.platforms.base import Window
from klankbord.sandbox.events import Event, EventError
from klankbord.sandbox.faults import Fault, FaultError
from klankbord.sandbox.truth import Truth


def routes(sandbox: Any) -> list[Route]:
    """GET and POST clock {"now"}; GET, POST, DELETE faults; GET, POST, DELETE events (all, or those
    of ?account_id=); GET, DELETE requests; GET truth?organisation_id= (as one scan at the clock's
    moment would find it)."""

    async def clock(request: Request) -> Response:
        if request.method == "POST":
            body = await _json(request)
            try:
                sandbox.set_clock(datetime.fromisoformat(body["now"]))
            except (KeyError, TypeError, ValueError):
                return _wrong('Give {"now": an ISO 8601 moment with its offset}.')
        return JSONResponse({"now": sandbox.now().isoformat()})

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            sandbox.faults.clear()
        elif request.method == "POST":
            try:
                sandbox.faults.order(Fault.from_json(await _json(request)))
            except FaultError as error:
                return _wrong(str(error))
        return JSONResponse(sandbox.faults.waiting())

    async def events(request: Request) -> Response:
        account_id = request.query_params.get("account_id")
        if request.method == "DELETE" and account_id:
            sandbox.events.remove(account_id)
        elif request.method == "DELETE":
            sandbox.events.clear()
        elif request.method == "POST":
            try:
                event = Event.from_json(await _json(request))
                sandbox.events.add(event.account_id, event.kind, event.to)
            except EventError as error:
                return _wrong(str(error))
        return JSONResponse(sandbox.events.listed())

    async def requests(request: Request) -> Response:
        if request.method == "DELETE":
            sandbox.requests.clear()
        return JSONResponse(dict(sandbox.requests))

    def truth(request: Request) -> Response:
        organisation_id = request.query_params.get("organisation_id")
        if not organisation_id:
            return _wrong("Name a body: ?organisation_id=be-municipality-41002.")
        now = sandbox.now()
        known = Truth(
            sandbox.world,
            sandbox.world.register,
            scans=[(now, Window.ending(now))],
            only={organisation_id},
        )
        return _plain([asdict(figure) for figure in known.figures()])

    handlers: dict[str, tuple[Callable[..., Any], list[str]]] = {
        "/clock": (clock, ["GET", "POST"]),
        "/faults": (faults, ["GET", "POST", "DELETE"]),
        "/events": (events, ["GET", "POST", "DELETE"]),
        "/requests": (requests, ["GET", "DELETE"]),
        "/truth": (truth, ["GET"]),
    }
    return [Route(path, call, methods=methods) for path, (call, methods) in handlers.items()]


async def _json(request: Request) -> Any:
    """The body as JSON; None when it is not."""
    try:
        return await request.json()
    except ValueError:
        return None


def _wrong(sentence: str) -> Response:
    return JSONResponse({"error": sentence}, 400)


def _plain(rows: Any) -> Response:
    return Response(json.dumps(rows, default=str), media_type="application/json")
