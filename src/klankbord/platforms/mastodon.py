"""Mastodon (and servers that speak its API): public reads, each account at its own server.

An account costs one lookup (its followers), a page for each 40 statuses, and one context for each
own thread that was answered. Replies on other servers are seen as far as the account's server has
heard of them, and an anonymous context ends after some 60 descendants: counts of replies are a
lower bound. There is no reach and no number of views.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from klankbord import settings
from klankbord.budget import Purpose, thread_purpose
from klankbord.platforms.base import (
    Account,
    Connector,
    Event,
    FieldRules,
    Item,
    Outcome,
    Stream,
    ThreadRead,
    Window,
)
from klankbord.platforms.conversations import wants_thread
from klankbord.platforms.mastodon_answers import classify, next_max_id, plain_text
from klankbord.verdicts import BadRequest, Gone, RequestError, ServerError, Throttled

PAGE_SIZE = 40  # the most that /accounts/:id/statuses gives
# Replies are collected for 14 days, so older threads are read too: an answer of this window may
# stand in one of them.
REPLY_DAYS = timedelta(days=14)
OPEN = frozenset({"public", "unlisted"})
#: Mastodon and GoToSocial state a bare version; others say "2.7.2 (compatible; Pleroma 2.6)",
#: "4.0.0 (not true; really snac/2.68)".
BARE_VERSION = re.compile(r"\d+\.\d+[\w.+-]*")

PROFILE_KEPT = frozenset(
    {"id", "acct", "followers_count", "statuses_count", "last_status_at", "moved.acct"}
)
# `account.id` is the organisation's own: it tells a continuation from a reply.
POST_KEPT = frozenset(
    [
        "id",
        "account.id",
        "created_at",
        "edited_at",
        "in_reply_to_id",
        "in_reply_to_account_id",
        "reblog.id",
        "visibility",
        "language",
        "favourites_count",
        "replies_count",
        "reblogs_count",
        "quotes_count",
    ]
)
# Without counters: a message that somebody favourites has not changed for us.
MESSAGE_KEPT = frozenset({"id", "created_at", "in_reply_to_id", "visibility"})

Status = Mapping[str, Any]


class Mastodon(Connector):
    """Followers, statuses and the public answers to them."""

    name = "mastodon"
    title = "Mastodon"
    evidence = "independent emulator"
    batch_size = 50
    # Own text is not stored: it names people as links whose visible part may be a bare name, which
    # no rule can blank. Its length and hashtags are computed before landing.
    fields: ClassVar[Mapping[Stream, FieldRules]] = {
        "profiles": FieldRules(own=PROFILE_KEPT, citizen=frozenset()),
        "posts": FieldRules(
            own=POST_KEPT, citizen=frozenset(), person_ids=frozenset({"in_reply_to_account_id"})
        ),
        "messages": FieldRules(own=frozenset(), citizen=MESSAGE_KEPT),
    }
    classify = staticmethod(classify)
    profile_paths: ClassVar[Mapping[str, str]] = {
        "followers": "followers_count",
        "handle": "acct",
        "user_id": "id",
        "moved_to": "moved.acct",
    }

    @classmethod
    def client_options(cls, token: str) -> dict[str, Any]:
        """A token belongs to one server: without KLANKBORD_MASTODON_URL none is sent, or every
        account's server would receive it."""
        if not token or not settings.platform(cls.name).base_url:
            return {}
        return {"headers": {"Authorization": f"Bearer {token}"}}

    def extract(self, accounts: Sequence[Account], window: Window) -> Iterator[Event]:
        """See Connector. A spent quota is one server's: the accounts of the others go on, and the
        latest `retry_at` is raised after the last of them."""
        spent: dict[str, Throttled] = {}
        versions: dict[str, str] = {}
        for account in accounts:
            server = self._server(account)
            open_streams = list(self.streams_of(account, window))
            try:
                if server in spent:
                    raise spent[server]
                for stream, events in self._streams(server, account, window, versions):
                    yield from events
                    since = window.since if stream == "posts" else None
                    yield Outcome(account.account_id, stream, "ok", complete_since=since)
                    open_streams.remove(stream)
            except RequestError as error:
                if isinstance(error, Throttled):
                    spent[server] = error
                for stream in open_streams:
                    yield Outcome(
                        account.account_id, stream, error.status, error.reason, str(error)
                    )
        if spent:
            raise max(spent.values(), key=lambda error: error.retry_at)

    def _server(self, account: Account) -> str:
        return self.client.base_url or f"https://{account.handle.rpartition('@')[2]}"

    def _streams(
        self, server: str, account: Account, window: Window, versions: dict[str, str]
    ) -> Iterator[tuple[Stream, list[Event]]]:
        """(stream, all its events) one after the other, or the error that ends the account."""
        if "@" not in account.handle:
            raise BadRequest("The handle names no server: write it as user@server in the register.")
        streams, own_id = self.streams_of(account, window), account.platform_user_id
        if "profiles" in streams or own_id is None:
            profile = self.client.get(f"{server}/api/v1/accounts/lookup", {"acct": account.handle})
            if profile.get("suspended"):
                raise Gone("The account is suspended by its server.", "suspended")
            if profile["followers_count"] == 0:
                self._believe_zero(server, versions)
            own_id = str(profile["id"])
        if "profiles" in streams:
            yield "profiles", [Item(account.account_id, "profiles", own_id, profile, own_id, True)]
        if streams == ("profiles",):
            return

        statuses = self._statuses(server, own_id, window.since - REPLY_DAYS)
        if "posts" in streams:
            posts = [s for s in statuses if _within(s, window)]
            yield "posts", [_post(account, own_id, status) for status in posts]
        if "messages" in streams:
            threads = (self._thread(server, account, own_id, s, window) for s in statuses)
            yield "messages", [event for thread in threads for event in thread]

    def _thread(
        self, server: str, account: Account, own_id: str, root: Status, window: Window
    ) -> Iterator[Event]:
        """What citizens said below an own status, if the ledger wants to know."""
        who, answers, said_at = account.account_id, root["replies_count"], _created_at(root)
        is_start = not root.get("in_reply_to_id") and not root.get("reblog")
        if not is_start or said_at < window.since - REPLY_DAYS:
            return
        if account.ledger.is_emptied(root["id"], answers):
            yield ThreadRead(who, root["id"])
        if not answers or not wants_thread(account, root["id"], said_at, answers, window):
            return
        purpose = thread_purpose(said_at, window.until)
        for status in self._descendants(server, root, purpose):
            if str(status["account"]["id"]) != own_id and _within(status, window):
                yield _message(account, status, root["id"])
        yield ThreadRead(who, root["id"])

    def _believe_zero(self, server: str, versions: dict[str, str]) -> None:
        """No followers is a count where Mastodon counts. Software that only claims to be Mastodon
        may show 0 for every counter, also of answers: nothing of it is a measurement."""
        if server not in versions:
            try:
                versions[server] = str(self.client.get(f"{server}/api/v2/instance")["version"])
            except (Gone, BadRequest):
                versions[server] = ""
        if not BARE_VERSION.fullmatch(versions[server]):
            raise ServerError(
                "The server counts 0 followers and its software is not known to count.",
                "suspect_zero",
            )

    def _statuses(self, server: str, own_id: str, oldest: datetime) -> list[Status]:
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
            response = self.client.get_response(path, params)
            page = response.json()
            fresh = {status["id"]: status for status in page if status["id"] not in found}
            if page and promised and not fresh:
                raise ServerError("The server repeats a page of statuses.", "repeated_page")
            found |= fresh
            # the last one counts: some software puts pinned statuses, of any age, first
            if not fresh or _created_at(page[-1]) < oldest:
                break
            cursor = next_max_id(response)
            if cursor is None and "link" in response.headers:
                break
            promised = cursor is not None
            params["max_id"] = cursor or page[-1]["id"]
        return [status for status in found.values() if status["visibility"] in OPEN]

    def _descendants(self, server: str, root: Status, purpose: Purpose) -> list[Status]:
        """The open statuses under a root; none when it was deleted since it was listed."""
        path = f"{server}/api/v1/statuses/{quote(str(root['id']), safe='')}/context"
        try:
            context = self.client.get(path, purpose=purpose)
        except Gone:
            return []
        return [status for status in context["descendants"] if status["visibility"] in OPEN]


def _created_at(status: Status) -> datetime:
    return datetime.fromisoformat(status["created_at"])


def _within(status: Status, window: Window) -> bool:
    return window.since <= _created_at(status) < window.until


def _post(account: Account, own_id: str, status: Status) -> Item:
    """An own status. The text of what it repeats is somebody else's."""
    return Item(
        account.account_id,
        "posts",
        status["id"],
        status,
        own_id,
        is_own=True,
        text=None if status.get("reblog") else plain_text(status["content"]),
        is_reply=status.get("in_reply_to_account_id") not in (None, own_id),
        created_at=_created_at(status),
        answers=status["replies_count"],
    )


def _message(account: Account, status: Status, thread_id: str) -> Item:
    return Item(
        account.account_id,
        "messages",
        status["id"],
        status,
        str(status["account"]["id"]),
        is_own=False,
        text=plain_text(status["content"]),
        created_at=_created_at(status),
        thread_id=thread_id,
    )
