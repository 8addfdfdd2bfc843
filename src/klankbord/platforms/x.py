"""X (API v2, app bearer): profiles by the hundred, each account's timeline and its mentions; with
an owner's token what only owners are told (klankbord.platforms.x_insights).

Every object costs money, so a scan lists only what is new since the last one (see `Ledger`), and
reads the counters of known posts when an age step passed, by their ids, a hundred a call.

Contract: X's OpenAPI as PyPI `xdk` carries it, with the names in force since 2026-08-07. In it
author_id, in_reply_to_user_id and referenced_posts are no `post.fields`: a post shows them when
they are named under `expansions`. What expansions bring along (`includes`: citizens) is not read.
A server that refuses the new names is asked with the old ones for the rest of the client's life.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from klankbord.budget import Cost, Purpose
from klankbord.http import Client
from klankbord.platforms import prices, x_insights, x_mentions
from klankbord.platforms.base import Account, Connector, FieldRules, OwnerToken, Window, no_token
from klankbord.platforms.events import INSIGHT_KEYS, Deleted, Event, Item, Outcome, Stream
from klankbord.platforms.x_answers import classify, mention, objects, own_post, refusal
from klankbord.platforms.x_calls import USER_FIELDS, Calls
from klankbord.platforms.x_counters import LOOKUP_SIZE, Counters, listed_since, read_due
from klankbord.verdicts import Gone, Refused, RequestError, Throttled

#: how far back X goes, in posts, whatever the window; an answer of that length may be cut off
DEPTH: Mapping[Stream, int] = {"posts": 3200, "messages": 800}
_Maker = Callable[[str, str, Mapping[str, Any]], Item | None]
_HANDLE, _USER_ID = re.compile(r"[a-z0-9_]{1,15}"), re.compile(r"[0-9]{1,19}")
_REFERENCES = frozenset(
    f"{name}[].{key}"
    for name in ("referenced_posts", "referenced_tweets")
    for key in ("id", "type")
)


class X(Connector):
    """accounts -> user objects, own posts (all kinds), mentions by others, owners' figures of
    posts; see the module."""

    name = "x"
    title = "X"
    evidence = "official contract + our sandbox"
    streams = ("profiles", "posts", "messages", "insights")
    batch_size = LOOKUP_SIZE
    accounts_per_call = LOOKUP_SIZE
    classify = staticmethod(classify)
    profile_paths: ClassVar[Mapping[str, str]] = {
        "followers": "public_metrics.followers_count",
        "handle": "username",
        "user_id": "id",
        "is_protected": "protected",
    }
    fields: ClassVar[Mapping[Stream, FieldRules]] = {
        "profiles": FieldRules(
            own=frozenset({"id", "username", "created_at", "protected", "public_metrics"}),
            citizen=frozenset(),
        ),
        "posts": FieldRules(
            own=_REFERENCES
            | {"id", "author_id", "conversation_id", "in_reply_to_user_id", "created_at"}
            | {"public_metrics", "text"},
            citizen=frozenset(),
            text=frozenset({"text"}),
            person_ids=frozenset({"author_id", "in_reply_to_user_id"}),
        ),
        "messages": FieldRules(
            own=frozenset(), citizen=_REFERENCES | {"id", "conversation_id", "created_at"}
        ),
        "insights": FieldRules(own=INSIGHT_KEYS, citizen=frozenset()),
    }

    def __init__(self, client: Client, owner_token: OwnerToken = no_token) -> None:
        super().__init__(client, owner_token)
        self.calls = Calls(client)

    @classmethod
    def client_options(cls, token: str) -> dict[str, Any]:
        """Keyword arguments of the `Client`: the bearer goes into a header."""
        return {"headers": {"Authorization": f"Bearer {token}"}} if token else {}

    @classmethod
    def forecast(
        cls, accounts: int, posts_per_day: float, threads_per_day: float, owners: int = 0
    ) -> Mapping[Purpose, Cost]:
        """A listing each of posts and mentions, and each post read at four more ages; citizens say
        about as much as is posted. An owner's posts are asked for once more at each age, by his own
        token, so that his day has a call if anything is due."""
        posts, readings = accounts * posts_per_day, 5 * posts_per_day
        volumes: dict[Purpose, tuple[float, float]] = {
            "profiles": (-(-accounts // LOOKUP_SIZE), accounts),
            "posts": (accounts, posts),
            "open_threads": (accounts, posts),
            "counters_7_28": (-(-2 * posts // LOOKUP_SIZE), 2 * posts),
            "counters_1_3": (-(-2 * posts // LOOKUP_SIZE), 2 * posts),
            "insights": (owners * (1 - math.exp(-readings)), owners * readings),
        }
        return prices.forecast(cls.name, volumes)

    def extract(self, accounts: Sequence[Account], window: Window) -> Iterator[Event]:
        """One call per hundred profiles and per hundred counters that are due, then a timeline and
        the mentions of each account."""
        asked = []
        for account in accounts:
            form = _USER_ID if account.platform_user_id else _HANDLE
            if form.fullmatch(_wanted(account)):
                asked.append(account)
            else:  # one impossible name would make X refuse its whole batch
                detail = "X handles have 1 to 15 letters, digits or _: correct the register."
                yield from self.outcomes(account, window, "failed", "invalid_handle", detail)
        for path, key, by_id in (("/2/users", "ids", True), ("/2/users/by", "usernames", False)):
            group = [a for a in asked if bool(a.platform_user_id) is by_id]
            for start in range(0, len(group), LOOKUP_SIZE):
                yield from self._batch(group[start : start + LOOKUP_SIZE], path, key, window)

    def _batch(
        self, accounts: Sequence[Account], path: str, key: str, window: Window
    ) -> Iterator[Event]:
        """Once the quota is spent, the profiles that were read are kept, and then it is raised: a
        follower count is only observable now."""
        field = "id" if key == "ids" else "username"
        looked_up = "profiles" in window.streams or key != "ids"  # an id is all that listing needs
        wanted = dict.fromkeys(_wanted(a) for a in accounts)
        users: dict[str, Mapping[str, Any]] = {name: {"id": name} for name in wanted}
        problems: dict[str, Mapping[str, Any]] = {}
        try:
            if looked_up:
                body = self.calls.get(
                    path, path, {key: ",".join(wanted), "user.fields": USER_FIELDS}
                )
                users = {str(u.get(field)).lower(): u for u in objects(body, "data", path)}
                problems = {
                    str(p.get("value") or p.get("resource_id")).lower(): p
                    for p in objects(body, "errors", path)
                }
        except Throttled:
            raise
        except RequestError as error:
            # a 404 for a hundred accounts is a wrong address, not a hundred deleted accounts
            status = "failed" if isinstance(error, Gone) else error.status
            reason = "request_failed" if isinstance(error, Gone) else error.reason
            for account in accounts:
                yield from self.outcomes(account, window, status, reason, str(error))
            return
        known = [(a, u) for a in accounts if (u := users.get(_wanted(a), {})).get("id")]
        strangers = {a.account_id: self.stranger(a, u["id"]) for a, u in known}
        readable = [a for a, u in known if not strangers[a.account_id] and not u.get("protected")]
        posting = [a for a in readable if "posts" in self.streams_of(a, window)]
        counters = read_due(self.calls, posting, window)
        talking = [a for a in readable if "messages" in self.streams_of(a, window)]
        withdrawn, why = x_mentions.withdrawn(self.calls, talking)
        spent: Throttled | None = None
        for account in accounts:
            user = users.get(_wanted(account))
            error = strangers.get(account.account_id)
            if not (user and user.get("id")):
                error = refusal(problems.get(_wanted(account)), path)
            if error:
                yield from self.outcomes(account, window, error.status, error.reason, str(error))
                continue
            if spent is None:
                try:  # a list: half of a stream is never yielded
                    gone = Counters(deleted=withdrawn.get(account.account_id, []), detail=why)
                    read = list(self._account(account, user, window, counters, gone))
                except Throttled as error:
                    spent = error
            yield from read if spent is None else self._unread(account, user, window, spent)
        if spent:
            raise spent

    def _account(
        self,
        account: Account,
        user: Mapping[str, Any],
        window: Window,
        counters: Mapping[str, Counters],
        withdrawn: Counters,
    ) -> Iterator[Event]:
        who, user_id = account.account_id, str(user["id"])
        streams = self.streams_of(account, window)
        if "profiles" in streams:
            yield from _profile(account, user)
        makers: dict[Stream, _Maker] = {"posts": own_post, "messages": mention}
        own: dict[str, Mapping[str, Any]] = {}
        unread: RequestError | None = None  # why the posts are not known
        for stream, make in makers.items():
            if stream not in streams:
                continue
            due = counters.get(who, Counters()) if stream == "posts" else withdrawn
            since = listed_since(account, stream, window)
            try:
                if user.get("protected"):  # the profile itself says that the app may read no posts
                    raise Refused("The account shows its posts to followers only.", "protected")
                if due.error:
                    raise due.error
                posts = self.calls.posts(user_id, stream, since, window.until)
            except Throttled:
                raise
            except RequestError as error:
                unread = error if stream == "posts" else unread
                yield Outcome(who, stream, error.status, error.reason, str(error))
                continue
            read = {**{str(post["id"]): post for post in due.posts}, **posts}
            own = read if stream == "posts" else own
            yield from filter(None, (make(who, user_id, post) for post in read.values()))
            yield from (Deleted(who, stream, post_id) for post_id in due.deleted)
            cut = len(posts) >= DEPTH[stream]
            detail = f"X gives the latest {DEPTH[stream]} only: older ones may be missing."
            yield Outcome(
                who, stream, "ok", "", detail if cut else due.detail, None if cut else since
            )
        if "insights" in streams and unread:
            yield Outcome(who, "insights", unread.status, unread.reason, str(unread))
        elif "insights" in streams:
            token = self.token_of(account)
            yield from x_insights.read(self.calls, account, token, user_id, own, window)

    def _unread(
        self, account: Account, user: Mapping[str, Any], window: Window, error: Throttled
    ) -> Iterator[Event]:
        """The profile of an account whose other streams the quota does not pay."""
        for stream in self.streams_of(account, window):
            if stream == "profiles":
                yield from _profile(account, user)
            else:
                yield Outcome(account.account_id, stream, "failed", error.reason, str(error))


def _wanted(account: Account) -> str:
    return account.platform_user_id or account.handle.lower()


def _profile(account: Account, user: Mapping[str, Any]) -> Iterator[Event]:
    user_id = str(user["id"])
    yield Item(account.account_id, "profiles", user_id, user, user_id, is_own=True)
    yield Outcome(account.account_id, "profiles", "ok")
