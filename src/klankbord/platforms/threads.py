"""Threads (Graph's sister at graph.threads.net), by the token of each account's owner.

An owner's token sees his own profile, posts and replies and the conversations under his posts; the
way to others (profile discovery) opens for Meta's own accounts only until Meta approves more, and
tells no counters, so it is not used. Counters of a post come one call a post: they are asked for
when the ledger says that a reading is due. Replies tell their author's username and no id.

Evidence: documentation only (Threads API reference, 2025-12 to 2026-04). No server of Meta's was
asked from here. Limits: 4,800 calls a day for each impression of the account, at least 48,000.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from klankbord.platforms.base import Account, Connector, FieldRules, Window
from klankbord.platforms.conversations import wants_thread
from klankbord.platforms.events import Event, Item, Outcome, Stream, ThreadRead
from klankbord.platforms.facebook_answers import classify
from klankbord.platforms.ledger import THREAD_AGE, is_due
from klankbord.platforms.threads_calls import COUNTERS, Ask, Media, created_at
from klankbord.verdicts import BadRequest, Gone, Refused, RequestError, Throttled

PROFILE_KEPT = frozenset({"id", "username", "followers_count"})
POST_KEPT = frozenset(
    {
        "id",
        "timestamp",
        "media_type",
        "is_quote_post",
        "has_replies",
        "replied_to.id",
        "root_post.id",
        "replied_to_own",
    }
) | {f"insights.{name}" for name in COUNTERS}
MESSAGE_KEPT = frozenset({"id", "timestamp", "replied_to.id", "root_post.id"})


class Threads(Connector):
    """An owner's followers, posts and replies, and what people answer."""

    name = "threads"
    title = "Threads"
    evidence = "documentation only"
    batch_size = 50
    is_owners_only = True
    # Own text is not stored: it names people. Its length and hashtags are computed before landing.
    fields: ClassVar[Mapping[Stream, FieldRules]] = {
        "profiles": FieldRules(own=PROFILE_KEPT, citizen=frozenset()),
        "posts": FieldRules(own=POST_KEPT, citizen=frozenset()),
        "messages": FieldRules(own=frozenset(), citizen=MESSAGE_KEPT),
    }
    classify = staticmethod(classify)
    profile_paths: ClassVar[Mapping[str, str]] = {
        "followers": "followers_count",
        "handle": "username",
        "user_id": "id",
    }

    @classmethod
    def client_options(cls, token: str) -> dict[str, Any]:
        """A token for everybody would be somebody's: each call carries its account's own."""
        return {}

    def extract(self, accounts: Sequence[Account], window: Window) -> Iterator[Event]:
        """See Connector. A quota belongs to one account and its app: the others go on, and the
        latest `retry_at` is raised after the last of them."""
        spent: list[Throttled] = []
        for account in accounts:
            open_streams = list(self.streams_of(account, window))
            try:
                for stream, events in self._streams(account, window):
                    yield from events
                    open_streams.remove(stream)
            except RequestError as error:
                if isinstance(error, Throttled):
                    spent.append(error)
                for stream in open_streams:
                    yield Outcome(
                        account.account_id, stream, error.status, error.reason, str(error)
                    )
        if spent:
            raise max(spent, key=lambda error: error.retry_at)

    def _streams(self, account: Account, window: Window) -> Iterator[tuple[Stream, list[Event]]]:
        """(stream, its events with its outcome) one after the other, or the error that ends it."""
        streams = self.streams_of(account, window)
        if not streams:
            return
        ask = Ask(self.client, self.token_of(account), account)
        user = ask.get("/me", {"fields": "id,username"}, "profiles")
        self.recognise(account, user["id"], user.get("username"))
        if "profiles" in streams:
            count = ask.get("/me/threads_insights", {"metric": "followers_count"}, "profiles")
            profile = {**user, "followers_count": count["data"][0]["total_value"]["value"]}
            own = str(user["id"])
            yield (
                "profiles",
                [
                    Item(account.account_id, "profiles", own, profile, own, is_own=True),
                    Outcome(account.account_id, "profiles", "ok"),
                ],
            )
        if not {"posts", "messages"} & set(streams):
            return
        oldest = window.since - THREAD_AGE if "messages" in streams else window.since
        threads = ask.posts(oldest, window.until)
        if "posts" in streams:
            yield "posts", self._posts(ask, account, window, threads, str(user["id"]))
        if "messages" in streams:
            yield "messages", list(_messages(ask, account, window, threads))

    def _posts(
        self, ask: Ask, account: Account, window: Window, threads: Sequence[Media], own: str
    ) -> list[Event]:
        replies = ask.replies(window.since, window.until)
        known = {*account.ledger.posts, *(media["id"] for media in (*threads, *replies))}
        events: list[Event] = []
        refused = ""
        for media in (*threads, *replies):
            if not window.since <= created_at(media) < window.until:
                continue
            payload = dict(media)
            if "replied_to" in media:
                payload["replied_to_own"] = media["replied_to"]["id"] in known
            if not refused and _wants_counters(account, media, window):
                try:
                    payload["insights"] = ask.counters(media["id"])
                except (Refused, BadRequest) as error:
                    # without threads_manage_insights a post is a post all the same
                    refused = f"Counters cannot be read ({error.reason}): they are left empty."
                except Gone:
                    continue  # deleted since it was listed
            events.append(_post(account, own, payload))
        done = Outcome(
            account.account_id, "posts", "ok", detail=refused, complete_since=window.since
        )
        return [*events, done]


def _answers(media: Media) -> int | None:
    """0 where nobody answered; how many did is told by the counters only."""
    return None if media.get("has_replies") else 0


def _wants_counters(account: Account, media: Media, window: Window) -> bool:
    """At first sight, at the ages of the ledger, and when the first answer came. A repost has no
    counters of its own: Threads answers with an empty list."""
    last = account.ledger.posts.get(media["id"])
    return media["media_type"] != "REPOST_FACADE" and (
        last is None
        or last.answers != _answers(media)
        or is_due(created_at(media), last.observed_at, window.until)
    )


def _post(account: Account, own: str, media: Media) -> Item:
    return Item(
        account.account_id,
        "posts",
        media["id"],
        media,
        own,
        is_own=True,
        text=None if media["media_type"] == "REPOST_FACADE" else media.get("text", ""),
        is_reply="replied_to" in media and not media["replied_to_own"],
        created_at=created_at(media),
        answers=_answers(media),
    )


def _messages(
    ask: Ask, account: Account, window: Window, threads: Sequence[Media]
) -> Iterator[Event]:
    who = account.account_id
    for root in threads:
        if root["media_type"] == "REPOST_FACADE":
            continue
        if account.ledger.is_emptied(root["id"], _answers(root)):
            yield ThreadRead(who, root["id"])
        if not wants_thread(account, root["id"], created_at(root), _answers(root), window):
            continue
        try:
            rows = ask.conversation(root["id"])
        except Gone:
            continue  # deleted since it was listed; its tombstone is the posts' affair
        for row in rows:
            if not row.get("is_reply_owned_by_me") and (
                window.since <= created_at(row) < window.until
            ):
                yield Item(
                    who,
                    "messages",
                    row["id"],
                    row,
                    row.get("username"),
                    is_own=False,
                    text=row.get("text", ""),
                    created_at=created_at(row),
                    thread_id=root["id"],
                )
        yield ThreadRead(who, root["id"])
    yield Outcome(who, "messages", "ok")
