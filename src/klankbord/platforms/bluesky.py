"""Bluesky over the AppView's public XRPC methods, without a token.

Calls: one `getProfiles` for 25 accounts, one or more pages of `getAuthorFeed` an account, and one
`getPostThread` for each own thread that has an answer. What is said of the servers here was seen
on Bluesky's own PDS and AppView, which tests/real/test_bluesky_servers.py runs.

A citizen's DID stands inside every at:// URI of their posts, so such URIs are `person_uris`. A
moment is `createdAt`, which authors declare themselves; `indexedAt` is kept beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from klankbord.budget import Purpose, thread_purpose
from klankbord.platforms.base import Account, Connector, FieldRules, Window
from klankbord.platforms.bluesky_answers import (
    GET_AUTHOR_FEED,
    classify,
    item_id,
    message,
    own_item,
    sorted_at,
    starts_thread,
)
from klankbord.platforms.conversations import wants_thread
from klankbord.platforms.events import Event, Item, Outcome, Stream, ThreadRead
from klankbord.verdicts import BadRequest, Gone, RequestError, Throttled

# Replies are collected for 14 days, so older threads are asked for too: the messages of this window
# may stand in them.
REPLY_DAYS = timedelta(days=14)
PROFILES_PER_CALL = 25
POSTS_PER_PAGE = 100
DEEPEST = 1000
GET_PROFILES = "/xrpc/app.bsky.actor.getProfiles"
GET_POST_THREAD = "/xrpc/app.bsky.feed.getPostThread"
# a record's content hash (`cid`) finds the post again by itself, so none is kept
MESSAGE_KEPT = frozenset(
    f"post.{path}"
    for path in (
        "uri",
        "indexedAt",
        "record.createdAt",
        "record.langs",
        "record.reply.parent.uri",
        "record.reply.root.uri",
    )
)
POST_KEPT = MESSAGE_KEPT | {
    "post.record.text",
    "post.likeCount",
    "post.replyCount",
    "post.repostCount",
    "post.quoteCount",
    "reason.$type",
    "reason.indexedAt",
}
POST_URIS = frozenset({"post.uri", "post.record.reply.parent.uri", "post.record.reply.root.uri"})


class Bluesky(Connector):
    """Profiles, the account's own feed, and the threads under its own posts."""

    name = "bluesky"
    title = "Bluesky"
    evidence = "real server"
    batch_size = PROFILES_PER_CALL
    accounts_per_call = PROFILES_PER_CALL
    classify = staticmethod(classify)
    profile_paths: ClassVar[Mapping[str, str]] = {
        "followers": "followersCount",
        "handle": "handle",
        "user_id": "did",
    }
    fields: ClassVar[Mapping[Stream, FieldRules]] = {
        "profiles": FieldRules(
            own=frozenset({"did", "handle", "followersCount", "followsCount", "postsCount"}),
            citizen=frozenset(),
        ),
        "posts": FieldRules(
            own=POST_KEPT,
            citizen=frozenset(),
            text=frozenset({"post.record.text"}),
            person_uris=POST_URIS,
        ),
        "messages": FieldRules(own=frozenset(), citizen=MESSAGE_KEPT, person_uris=POST_URIS),
    }

    @classmethod
    def client_options(cls, token: str) -> dict[str, Any]:
        """Nothing: public reads take no token, and the AppView answers 500 to one it cannot read.

        No spacing either: its limit is 3,000 requests in 5 minutes, which two connections that wait
        for each answer hardly reach; past it the platform says when to come back.
        """
        return {}

    def extract(self, accounts: Sequence[Account], window: Window) -> Iterator[Event]:
        """See `Connector.extract`. Of an account, posts that fail take the messages with them."""
        for start in range(0, len(accounts), PROFILES_PER_CALL):
            for account, answer in self._profiles(accounts[start : start + PROFILES_PER_CALL]):
                error = (
                    answer
                    if isinstance(answer, RequestError)
                    else self.stranger(account, answer["did"])
                )
                if error:
                    yield from self.outcomes(
                        account, window, error.status, error.reason, str(error)
                    )
                else:
                    yield from self._account(account, answer, window)

    def _profiles(
        self, accounts: Sequence[Account]
    ) -> Iterator[tuple[Account, Mapping[str, Any] | RequestError]]:
        """Each account with its profile, or with why there is none. At most 25 accounts."""
        actors = [_actor(account) for account in accounts]
        try:
            profiles = self.client.get(GET_PROFILES, {"actors": actors})["profiles"]
        except Throttled:
            raise
        except RequestError as error:
            if error.reason == BadRequest.reason and len(accounts) > 1:
                for account in accounts:  # one impossible handle refuses the whole call
                    yield from self._profiles([account])
            else:
                yield from ((account, error) for account in accounts)
            return
        found = {p["did"]: p for p in profiles} | {p["handle"].lower(): p for p in profiles}
        for account, actor in zip(accounts, actors, strict=True):
            # the missing, the deactivated and the taken down are left out without a word
            yield (
                account,
                found.get(actor)
                or Gone(f"GET {GET_PROFILES}: 200, but the account is not in the answer."),
            )

    def _account(
        self, account: Account, profile: Mapping[str, Any], window: Window
    ) -> Iterator[Event]:
        did, account_id = profile["did"], account.account_id
        streams = self.streams_of(account, window)
        if "profiles" in streams:
            yield Item(account_id, "profiles", did, profile, did, True)
            yield Outcome(account_id, "profiles", "ok")
        open_streams: list[Stream] = [name for name in streams if name != "profiles"]
        if not open_streams:
            return
        try:
            entries, oldest = [], window.since - REPLY_DAYS
            for entry in self._feed(did, oldest):
                item = own_item(account_id, did, entry)
                if window.since <= item.created_at < window.until and "posts" in streams:
                    yield item
                if starts_thread(entry) and oldest <= item.created_at < window.until:
                    entries.append(item)
            if "posts" in streams:
                yield Outcome(account_id, "posts", "ok", complete_since=window.since)
                open_streams.remove("posts")
            if "messages" in streams:
                for item in entries:
                    yield from self._messages(account, did, item, window)
                yield Outcome(account_id, "messages", "ok")
        except Throttled:
            raise
        except RequestError as error:
            for name in open_streams:
                yield Outcome(account_id, name, error.status, error.reason, str(error))

    def _messages(self, account: Account, did: str, root: Item, window: Window) -> Iterator[Event]:
        """What citizens said below an own post, if the ledger wants to know."""
        who, uri, answers = account.account_id, root.item_id, root.answers
        if account.ledger.is_emptied(uri, answers):
            yield ThreadRead(who, uri)
        if not answers or not wants_thread(account, uri, root.created_at, answers, window):
            return
        for node in self._thread(uri, thread_purpose(root.created_at, window.until)):
            item = message(who, did, node, uri)
            is_own = node["post"]["author"]["did"] == did  # comes with the posts
            if not is_own and window.since <= item.created_at < window.until:
                yield item
        yield ThreadRead(who, uri)

    def _feed(self, did: str, since: datetime) -> Iterator[Mapping[str, Any]]:
        """The account's posts, replies and reposts, newest first, until older than `since`.

        A cursor comes with the last page too, then an empty page follows: stop on no cursor, an
        empty page or age, never on a short page.
        """
        seen: set[str] = set()
        query = {"actor": did, "filter": "posts_with_replies", "limit": POSTS_PER_PAGE}
        while True:
            page = self.client.get(GET_AUTHOR_FEED, query)
            entries = {item_id(entry): entry for entry in page["feed"]}
            new = [entry for key, entry in entries.items() if key not in seen]
            if entries and not new and page.get("cursor"):
                raise RequestError(
                    f"GET {GET_AUTHOR_FEED}: a page came twice, so the rest cannot be reached.",
                    "repeated_page",
                )
            seen |= entries.keys()
            yield from new
            if not new or not page.get("cursor") or sorted_at(new[-1]) < since:
                return
            query["cursor"] = page["cursor"]

    def _thread(self, uri: str, purpose: Purpose) -> Iterator[Mapping[str, Any]]:
        """Every visible post below `uri`, with the post itself; none when it is gone by now.

        A thread may be deeper than the server shows at once: a post that has answers and no list
        of them is asked for again. Blocked and missing posts have no content and are left out.
        """
        seen, asked, waiting = set[str](), set[str](), [uri]
        while waiting:
            asked.add(uri := waiting.pop())
            query = {"uri": uri, "depth": DEEPEST, "parentHeight": 0}
            try:
                nodes = [self.client.get(GET_POST_THREAD, query, purpose=purpose)["thread"]]
            except Gone:
                continue  # deleted between the feed and now
            while nodes:
                node = nodes.pop()
                if "post" not in node:
                    continue
                post, replies = node["post"], node.get("replies")
                if post["uri"] not in seen:
                    seen.add(post["uri"])
                    yield node
                nodes += replies or []
                if replies is None and post.get("replyCount") and post["uri"] not in asked:
                    waiting.append(post["uri"])


def _actor(account: Account) -> str:
    """The DID where the register has one: it survives a change of handle."""
    known = account.platform_user_id or ""
    return known if known.startswith("did:") else account.handle.lower()
