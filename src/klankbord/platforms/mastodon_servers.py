"""What the many servers are asked: lists page by page, threads, and whether one counts at all."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from klankbord.budget import Purpose
from klankbord.http import Client
from klankbord.platforms.mastodon_answers import next_max_id
from klankbord.verdicts import BadRequest, Gone, ServerError

PAGE_SIZE = 40  # the most that /accounts/:id/statuses gives
OPEN = frozenset({"public", "unlisted"})
#: Mastodon and GoToSocial state a bare version; others say "2.7.2 (compatible; Pleroma 2.6)",
#: "4.0.0 (not true; really snac/2.68)".
BARE_VERSION = re.compile(r"\d+\.\d+[\w.+-]*")

Status = Mapping[str, Any]


class Servers:
    """The requests of one client; what software a server runs is asked once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._versions: dict[str, str] = {}

    def lookup(self, server: str, handle: str) -> Mapping[str, Any]:
        """The account of that name."""
        return self._client.get(f"{server}/api/v1/accounts/lookup", {"acct": handle})

    def believe_zero(self, server: str) -> None:
        """No followers is a count where Mastodon counts. Software that only claims to be Mastodon
        may show 0 for every counter, also of answers: nothing of it is a measurement."""
        if server not in self._versions:
            try:
                found = self._client.get(f"{server}/api/v2/instance")
                self._versions[server] = str(found["version"])
            except (Gone, BadRequest):
                self._versions[server] = ""
        if not BARE_VERSION.fullmatch(self._versions[server]):
            raise ServerError(
                "The server counts 0 followers and its software is not known to count.",
                "suspect_zero",
            )

    def statuses(self, server: str, own_id: str, oldest: datetime) -> list[Status]:
        """The account's open statuses, newest first, back to `oldest` and to the end of that page.

        Pages follow the Link header. A server that sends none is asked once more by max_id; when
        that adds nothing, it does not page and gave all it has. A page that the server promised and
        that repeats what is known is a broken list: reported, not taken for complete.
        """
        path = f"{server}/api/v1/accounts/{quote(own_id, safe='')}/statuses"
        params: dict[str, Any] = {"limit": PAGE_SIZE}
        found: dict[str, Status] = {}
        promised = False
        while True:
            response = self._client.get_response(path, params)
            page = response.json()
            fresh = {status["id"]: status for status in page if status["id"] not in found}
            if page and promised and not fresh:
                raise ServerError("The server repeats a page of statuses.", "repeated_page")
            found |= fresh
            # the last one counts: some software puts pinned statuses, of any age, first
            if not fresh or created_at(page[-1]) < oldest:
                break
            cursor = next_max_id(response)
            if cursor is None and "link" in response.headers:
                break
            promised = cursor is not None
            params["max_id"] = cursor or page[-1]["id"]
        return [status for status in found.values() if status["visibility"] in OPEN]

    def descendants(self, server: str, root: Status, purpose: Purpose) -> list[Status]:
        """The open statuses under a root; none when it was deleted since it was listed."""
        path = f"{server}/api/v1/statuses/{quote(str(root['id']), safe='')}/context"
        try:
            context = self._client.get(path, purpose=purpose)
        except Gone:
            return []
        return [status for status in context["descendants"] if status["visibility"] in OPEN]


def created_at(status: Status) -> datetime:
    """The moment of a status."""
    return datetime.fromisoformat(status["created_at"])
