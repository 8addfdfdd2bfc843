"""A Matomo that speaks the reporting API's protocol over invented visits, for tests.

After Matomo's documentation and source: a report of several days is an object by day, an empty one
a list; a refusal is {"result": "error"} with the status 200 (4 and older) or 401 and 500 (5).
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from klankbord.sandbox.server import listen

Table = dict[date, dict[str, int]]


@dataclass
class MatomoServer:
    """`visits`, `socials`, `websites`: by site and day. `say`: an answer for the next requests."""

    version: str = "5.3.1"
    token: str = "sandbox-token"
    visits: dict[str, dict[date, int]] = field(default_factory=dict)
    socials: dict[str, Table] = field(default_factory=dict)
    websites: dict[str, Table] = field(default_factory=dict)
    say: list[Response] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    text_numbers: bool = False
    url: str = ""

    async def answer(self, request: Request) -> Response:
        self.addresses.append(str(request.url))
        form = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
        self.asked.append(form)
        if self.say:
            return self.say.pop(0)
        if request.method != "POST" or form.get("token_auth") != self.token:
            return self._error(
                401,
                "Unable to authenticate with the provided token. It is either invalid, expired or"
                " is required to be sent as a POST parameter.",
            )
        if form["method"] == "API.getMatomoVersion":
            return _json({"value": self.version})
        assert (form["module"], form["format"], form["period"]) == ("API", "JSON", "day")
        if form["idSite"] not in self.visits:
            return self._error(
                200,
                "An unexpected website was found in the request: website id was set to"
                f" '{form['idSite']}' .",
            )
        first, last = map(date.fromisoformat, form["date"].split(","))
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        report = {
            "VisitsSummary.getVisits": self._visits,
            "Referrers.getSocials": lambda form, days: self._rows(self.socials, form, days),
            "Referrers.getWebsites": lambda form, days: self._rows(self.websites, form, days),
        }[form["method"]]
        return _json(report(form, days))

    def _visits(self, form: dict[str, str], days: list[date]) -> dict[str, Any]:
        counted = self.visits[form["idSite"]]
        return {d.isoformat(): self._number(counted[d]) for d in days if d in counted}

    def _rows(self, table: dict[str, Table], form: dict[str, str], days: list[date]) -> Any:
        assert form["filter_limit"] == "-1" and form["showColumns"] == "label,nb_visits"
        found = table.get(form["idSite"], {})
        if not any(found.get(day) for day in days):
            return []  # PHP writes an empty object as a list
        wanted = re.compile(form.get("filter_pattern", ""), re.IGNORECASE)
        return {
            day.isoformat(): [
                {"label": label, "nb_visits": self._number(count)}
                for label, count in found.get(day, {}).items()
                if wanted.search(label)
            ]
            for day in days
        }

    def _number(self, count: int) -> int | str:
        return str(count) if self.text_numbers else count

    def _error(self, status: int, message: str) -> Response:
        is_new = self.version >= "5"
        return _json({"result": "error", "message": message}, status if is_new else 200)


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, media_type="application/json; charset=utf-8")


@contextmanager
def matomo_server(**values: Any) -> Iterator[MatomoServer]:
    """A Matomo on a free port of 127.0.0.1, at /stats."""
    server = MatomoServer(**values)
    listener = listen(0)
    server.url = f"http://127.0.0.1:{listener.getsockname()[1]}/stats"
    app = Starlette(
        routes=[Route("/stats/index.php", server.answer, methods=["GET", "POST"])],
    )
    running = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        running.should_exit = True
        thread.join(5)
        listener.close()
