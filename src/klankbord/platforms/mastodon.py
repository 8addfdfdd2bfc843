"""Mastodon (and servers that speak its API): public reads, each account at its own server.

An account costs one lookup (its followers), a page for each 40 statuses, and one context for each
own thread that was answered. Replies on other servers are seen as far as the account's server has
heard of them, and an anonymous context ends after some 60 descendants: counts of replies are a
lower bound. There is no reach and no number of views.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from klankbord import settings
from klankbord.budget import thread_purpose
from klankbord.http import Client
from klankbord.platforms.base import Account, Connector, FieldRules, OwnerToken, Window, no_token
from klankbord.platforms.conversations import wants_thread
from klankbord.platforms.events import Event, Item, Outcome, Stream, ThreadRead
from klankbord.platforms.mastodon_answers import classify, plain_text
from klankbord.platforms.mastodon_servers import Servers, Status, created_at
from klankbord.verdicts import BadRequest, Gone, RequestError, Throttled

# Replies are collected for 14 days, so older threads are read too: an answer of this window may
# stand in one of them.
REPLY_DAYS = timedelta(days=14)

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

    def __init__(self, client: Client, owner_token: OwnerToken = no_token) -> None:
        super().__init__(client, owner_token)
        self._servers = Servers(client)

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
        for account in accounts:
            server = self._server(account)
            open_streams = list(self.streams_of(account, window))
            try:
                if server in spent:
                    raise spent[server]
                for stream, events in self._streams(server, account, window):
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
        self, server: str, account: Account, window: Window
    ) -> Iterator[tuple[Stream, list[Event]]]:
        """(stream, all its events) one after the other, or the error that ends the account."""
        if "@" not in account.handle:
            raise BadRequest("The handle names no server: write it as user@server in the register.")
        streams, own_id = self.streams_of(account, window), account.platform_user_id
        if "profiles" in streams or own_id is None:
            profile = self._servers.lookup(server, account.handle)
            own_id = str(profile["id"])
            self.recognise(account, own_id)
            if profile.get("suspended"):
                raise Gone("The account is suspended by its server.", "suspended")
            if profile["followers_count"] == 0:
                self._servers.believe_zero(server)
        else:
            self.recognise(account, own_id)  # asked for by it
        if "profiles" in streams:
            yield "profiles", [Item(account.account_id, "profiles", own_id, profile, own_id, True)]
        if streams == ("profiles",):
            return

        statuses = self._servers.statuses(server, own_id, window.since - REPLY_DAYS)
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
        who, answers, said_at = account.account_id, root["replies_count"], created_at(root)
        is_start = not root.get("in_reply_to_id") and not root.get("reblog")
        if not is_start or said_at < window.since - REPLY_DAYS:
            return
        if account.ledger.is_emptied(root["id"], answers):
            yield ThreadRead(who, root["id"])
        if not answers or not wants_thread(account, root["id"], said_at, answers, window):
            return
        purpose = thread_purpose(said_at, window.until)
        for status in self._servers.descendants(server, root, purpose):
            if str(status["account"]["id"]) != own_id and _within(status, window):
                yield _message(account, status, root["id"])
        yield ThreadRead(who, root["id"])


def _within(status: Status, window: Window) -> bool:
    return window.since <= created_at(status) < window.until


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
        created_at=created_at(status),
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
        created_at=created_at(status),
        thread_id=thread_id,
    )
