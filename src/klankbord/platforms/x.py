"""X (API v2, app bearer): profiles by the hundred, each account's timeline and its mentions.

Contract: X's OpenAPI as PyPI `xdk` carries it, with the names in force since 2026-08-07. In it
author_id, in_reply_to_user_id and referenced_posts are no `post.fields`: a post shows them when
they are named under `expansions`. What expansions bring along (`includes`: citizens) is not read.
A server that refuses the new names is asked with the old ones for the rest of the client's life.
"""

import html
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from klankbord.http import BadRequest, Client, Gone, Refused, RequestError, ServerError, Throttled
from klankbord.platforms.base import Account, Connector, FieldRules, Item, Outcome, Stream, Window
from klankbord.platforms.x_answers import classify, is_about, objects, refusal, reset

log = logging.getLogger(__name__)
LOOKUP_SIZE = 100
PAGE_SIZE = 100
#: how far back X goes, in posts, whatever the window; an answer of that length may be cut off
DEPTH: Mapping[Stream, int] = {"posts": 3200, "messages": 800}
USER_FIELDS = "created_at,id,protected,public_metrics,username"
NEW_NAMES = {
    "post.fields": "conversation_id,created_at,id,note_post,public_metrics,text",
    "expansions": "author_id,in_reply_to_user_id,referenced_posts",
}
OLD_NAMES = {
    "tweet.fields": "author_id,conversation_id,created_at,id,in_reply_to_user_id,note_tweet,"
    "public_metrics,referenced_tweets,text",
}
_REPOST = {"retweeted", "reposted"}
_TEXTS = ("text", "note_post", "note_tweet")
_Maker = Callable[[str, str, Mapping[str, Any]], Item | None]
_HANDLE, _USER_ID = re.compile(r"[a-z0-9_]{1,15}"), re.compile(r"[0-9]{1,19}")
_REFERENCES = frozenset(
    f"{name}[].{key}"
    for name in ("referenced_posts", "referenced_tweets")
    for key in ("id", "type")
)


class X(Connector):
    """accounts -> user objects, own posts (all kinds), mentions by others; see the module."""

    name = "x"
    title = "X"
    evidence = "official contract + our sandbox"
    batch_size = LOOKUP_SIZE
    classify = staticmethod(classify)
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
    }

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._names: Mapping[str, str] = NEW_NAMES
        self._spent: dict[str, datetime] = {}  # endpoint -> when its budget is filled again

    @classmethod
    def client_options(cls, token: str) -> dict[str, Any]:
        """Keyword arguments of the `Client`: the bearer goes into a header."""
        return {"headers": {"Authorization": f"Bearer {token}"}} if token else {}

    def extract(self, accounts: Sequence[Account], window: Window) -> Iterator[Item | Outcome]:
        """One call per hundred profiles, then a timeline and the mentions of each account."""
        asked = []
        for account in accounts:
            form = _USER_ID if account.platform_user_id else _HANDLE
            if form.fullmatch(_wanted(account)):
                asked.append(account)
            else:  # one impossible name would make X refuse its whole batch
                detail = "X handles have 1 to 15 letters, digits or _: correct the register."
                yield from self.outcomes(account.account_id, "failed", "invalid_handle", detail)
        for path, key, by_id in (("/2/users", "ids", True), ("/2/users/by", "usernames", False)):
            group = [a for a in asked if bool(a.platform_user_id) is by_id]
            for start in range(0, len(group), LOOKUP_SIZE):
                yield from self._batch(group[start : start + LOOKUP_SIZE], path, key, window)

    def _batch(
        self, accounts: Sequence[Account], path: str, key: str, window: Window
    ) -> Iterator[Item | Outcome]:
        wanted = dict.fromkeys(_wanted(a) for a in accounts)
        field = "id" if key == "ids" else "username"
        try:
            body = self._get(path, path, {key: ",".join(wanted), "user.fields": USER_FIELDS})
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
                yield from self.outcomes(account.account_id, status, reason, str(error))
            return
        for account in accounts:
            user = users.get(_wanted(account))
            if user and user.get("id"):
                # a list: nothing of an account is yielded when its quota ends half-way
                yield from list(self._account(account, user, window))
            else:
                error = refusal(problems.get(_wanted(account)), path)
                yield from self.outcomes(account.account_id, error.status, error.reason, str(error))

    def _account(
        self, account: Account, user: Mapping[str, Any], window: Window
    ) -> Iterator[Item | Outcome]:
        user_id = str(user["id"])
        yield Item(account.account_id, "profiles", user_id, user, user_id, is_own=True)
        yield Outcome(account.account_id, "profiles", "ok")
        makers: dict[Stream, _Maker] = {"posts": _own_post, "messages": _mention}
        for stream, make in makers.items():
            try:
                if user.get("protected"):  # the profile itself says that the app may read no posts
                    raise Refused("The account shows its posts to followers only.", "protected")
                posts = self._posts(user_id, stream, window)
            except Throttled:
                raise
            except RequestError as error:
                yield Outcome(account.account_id, stream, error.status, error.reason, str(error))
                continue
            yield from filter(None, (make(account.account_id, user_id, post) for post in posts))
            cut = len(posts) >= DEPTH[stream]
            detail = f"X gives the latest {DEPTH[stream]} only: older ones may be missing."
            yield Outcome(account.account_id, stream, "ok", detail=detail if cut else "")

    def _posts(self, user_id: str, stream: Stream, window: Window) -> list[Mapping[str, Any]]:
        """All posts of the window, newest first. A short or empty page is no end: no token is."""
        endpoint = f"/2/users/:id/{'tweets' if stream == 'posts' else 'mentions'}"
        path = endpoint.replace(":id", user_id)
        params = {
            "max_results": PAGE_SIZE,
            "start_time": f"{window.since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "end_time": f"{window.until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        found: dict[str, Mapping[str, Any]] = {}
        tokens: set[str] = set()
        while True:
            body = self._get(endpoint, path, params, with_names=True)
            if "data" not in body and "meta" not in body:
                about_user = (p for p in objects(body, "errors", path) if is_about(p, user_id))
                raise refusal(next(about_user, None), path)
            page = {str(post["id"]): post for post in objects(body, "data", path, "id")}
            meta = body.get("meta")
            token = meta.get("next_token") if isinstance(meta, dict) else None
            if token in tokens or (page and page.keys() <= found.keys()):
                raise ServerError(f"GET {path}: the same page came again.", "repeated_page")
            found |= page
            if not token:
                return list(found.values())
            tokens.add(token)
            params = {**params, "pagination_token": token}

    def _get(
        self, endpoint: str, path: str, params: Mapping[str, Any], with_names: bool = False
    ) -> Mapping[str, Any]:
        """One JSON object; a budget known to be spent raises Throttled without a request."""
        until = self._spent.get(endpoint)
        if until and until > datetime.now(UTC):
            raise Throttled(f"GET {path}: the budget is spent until {until:%H:%M:%S} UTC.", until)
        try:
            response = self.client.get_response(
                path, {**params, **self._names} if with_names else params
            )
        except BadRequest as error:
            if error.reason != "unknown_names" or self._names is OLD_NAMES or not with_names:
                raise
            log.warning("x: the server does not know the names of August 2026; asking with the old")
            self._names = OLD_NAMES
            return self._get(endpoint, path, params, with_names)
        except Throttled as error:
            if error.reason == "usage_capped":
                log.error("x: the paid usage is spent. Add credits or raise the cap: %s", error)
            raise
        if response.headers.get("x-rate-limit-remaining", "").strip() == "0":
            if filled := reset(response):
                self._spent[endpoint] = filled
        else:
            self._spent.pop(endpoint, None)
        body = response.json()
        if not isinstance(body, dict):
            raise ServerError(f"GET {path}: the answer is no JSON object.", "malformed_answer")
        return body


def _own_post(account_id: str, user_id: str, post: Mapping[str, Any]) -> Item | None:
    """A timeline's item. A repost repeats somebody else's text, so it goes without."""
    if str(post.get("author_id") or user_id) != user_id:
        return None
    addressed = post.get("in_reply_to_user_id")
    references = _references(post)
    is_reply = str(addressed) != user_id if addressed else "replied_to" in references
    text = _text(post)
    if _REPOST & references:
        post, text = {key: post[key] for key in post if key not in _TEXTS}, None
    return Item(account_id, "posts", str(post["id"]), post, user_id, True, text, is_reply)


def _mention(account_id: str, user_id: str, post: Mapping[str, Any]) -> Item | None:
    """What somebody else wrote to the account; reposts and the account's own posts are not that."""
    author = post.get("author_id")
    if str(author) == user_id or _REPOST & _references(post):
        return None
    author_id = str(author) if author else None
    return Item(account_id, "messages", str(post["id"]), post, author_id, False, _text(post))


def _references(post: Mapping[str, Any]) -> set[str]:
    """How a post refers to others: replied_to, quoted, retweeted (the name was not changed)."""
    found = post.get("referenced_posts") or post.get("referenced_tweets") or ()
    return {str(r.get("type")) for r in found if isinstance(r, dict)}


def _text(post: Mapping[str, Any]) -> str | None:
    """The whole text, unescaped: a post of more than 280 characters has it in its note."""
    note = post.get("note_post") or post.get("note_tweet")
    text = note.get("text") if isinstance(note, dict) else post.get("text")
    return html.unescape(text) if isinstance(text, str) else None


def _wanted(account: Account) -> str:
    return account.platform_user_id or account.handle.lower()
