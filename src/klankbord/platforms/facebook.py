"""Facebook Pages over the Graph API (v26): one call a page brings followers, posts and comments.

Why a call a page and not `GET /?ids=<50 pages>`: Graph took the `ids` parameter away with v26
(2026-07-29) and from every version on 2026-10-27; it answers HTTP 500, code 100, "The ids query
parameter is deprecated in v26.0+". Meta always counted each id as a call, so the quota that a scan
costs is the same; a page that is gone or closed concerns nobody else.

Comments come under the alias `conversation` with every reply in one flat list (filter stream),
beside the edge's own summary, which counts the direct answers only (filter toplevel).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, urlsplit

import httpx

from klankbord.http import BadRequest, Kind, Refused, RequestError, Throttled, Verdict, parse_reset
from klankbord.platforms.base import Account, Connector, FieldRules, Item, Outcome, Stream, Window

# Replies are collected for 14 days, and people still comment a week after a post: the comments of
# this window may stand under posts that are this much older.
OLDER_POSTS = timedelta(days=21)
#: Codes of Meta's error reference. Throttling comes as HTTP 400 with one of these.
THROTTLE = frozenset({4, 17, 32, 613, *range(80000, 80007), 80008})
#: Rows a call; Graph gives at most 100 of an edge. Few posts have more than 25 comments.
POSTS, NESTED_COMMENTS, COMMENTS = 100, 25, 100
TOO_MUCH = "too_much_data"
#: What a continuation may carry over from `paging`; `next` itself embeds the token.
PAGING = ("after", "until", "since", "__paging_token")

COMMENT_FIELDS = "id,from{id},parent{id},created_time,message"
POST_FIELDS = (
    "id,created_time,status_type,parent_id,message,shares,reactions.limit(0).summary(true),"
    "comments.filter(toplevel).limit(0).summary(true)"
)

PROFILE_KEPT = frozenset({"id", "followers_count", "fan_count"})
POST_KEPT = frozenset({"id", "created_time", "status_type", "parent_id", "shares.count"}) | {
    f"{edge}.summary.total_count" for edge in ("reactions", "comments")
}
#: `post_id` is ours: a comment does not say under which post it was found.
COMMENT_KEPT = frozenset({"id", "post_id", "parent.id", "created_time"})


def post_fields(comments: int) -> str:
    """The fields of a post, with up to `comments` of its comments nested."""
    return (
        f"{POST_FIELDS},comments.filter(stream).order(chronological).limit({comments})"
        f".as(conversation){{{COMMENT_FIELDS}}}"
    )


def page_fields(since: int, until: int, posts: int, comments: int) -> str:
    """The fields of a page with its posts of [since, until) (epoch seconds) nested."""
    return (
        f"id,followers_count,fan_count,published_posts.since({since}).until({until})"
        f".limit({posts}){{{post_fields(comments)}}}"
    )


def classify(response: httpx.Response) -> Verdict:
    """Graph's code counts, not its HTTP status: throttling is a 400, a dead parameter a 500."""
    if response.is_success:
        return Verdict(Kind.OK)
    error = _error(response)
    code = error.get("code")
    # A message of Graph may name the page or the app, never a person; only its code is passed on.
    detail = f"(Graph #{code}/{error.get('error_subcode', '-')})"
    if "reduce the amount of data" in str(error.get("message", "")):
        return Verdict(Kind.BAD_REQUEST, TOO_MUCH, detail)
    if code in THROTTLE or response.status_code == 429:
        return Verdict(Kind.THROTTLED, "throttled", detail, _regained_at(response))
    if code in (102, 190):
        return Verdict(Kind.REFUSED, "token_expired", detail)
    if isinstance(code, int) and (code == 10 or 200 <= code <= 299):
        return Verdict(Kind.REFUSED, "permission", detail)
    if code == 803 or (code == 100 and error.get("error_subcode") == 33):
        return Verdict(Kind.GONE, "account_not_found", detail)
    if code == 21:
        return Verdict(Kind.GONE, "page_migrated", detail)
    if code in (1, 2) or error.get("is_transient"):
        return Verdict(Kind.RETRY, "server_error", detail)
    if code is None and response.is_server_error:
        return Verdict(Kind.RETRY, "server_error")
    return Verdict(Kind.BAD_REQUEST, "bad_request", detail)


def _error(response: httpx.Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _regained_at(response: httpx.Response) -> datetime | None:
    """When the quota is back, by X-Business-Use-Case-Usage (minutes); None: Graph does not say."""
    try:
        usage = json.loads(response.headers.get("x-business-use-case-usage", "{}"))
        minutes = max(
            int(row["estimated_time_to_regain_access"]) for rows in usage.values() for row in rows
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return parse_reset(str(minutes * 60)) if minutes > 0 else None


class Facebook(Connector):
    """Public Pages: followers, published posts with counters, comments under them."""

    name = "facebook"
    title = "Facebook Pages"
    evidence = "official field list + our sandbox"
    batch_size = 100
    # The text of a page's post is not stored: tagged citizens stand in it by their bare names,
    # which no rule can blank. Its length and hashtags are computed before landing.
    fields: ClassVar[Mapping[Stream, FieldRules]] = {
        "profiles": FieldRules(own=PROFILE_KEPT, citizen=frozenset()),
        # a shared post's id starts with its author, who may be a person
        "posts": FieldRules(
            own=POST_KEPT, citizen=frozenset(), person_ids=frozenset({"parent_id"})
        ),
        "messages": FieldRules(own=COMMENT_KEPT, citizen=COMMENT_KEPT),
    }
    classify = staticmethod(classify)

    @classmethod
    def client_options(cls, token: str) -> dict[str, Any]:
        """Graph reads the token from a query parameter; the client adds it and never logs it."""
        return {"params": {"access_token": token}}

    def extract(self, accounts: Sequence[Account], window: Window) -> Iterator[Item | Outcome]:
        """See Connector. One call a page, and one for each further page of posts or comments."""
        for account in accounts:
            try:
                yield from self._account(account, window)
            except Throttled:
                raise
            except RequestError as error:
                yield from self.outcomes(account.account_id, error.status, error.reason, str(error))

    def _account(self, account: Account, window: Window) -> list[Item | Outcome]:
        """All items and outcomes of an account, or an error that concerns all its streams.

        A stream that fails half-way gives an outcome and no item: what is `ok` is complete.
        """
        self._part = 1
        who, node = account.account_id, account.platform_user_id or account.handle
        since, until = int((window.since - OLDER_POSTS).timestamp()), int(window.until.timestamp())

        def fields() -> str:
            return page_fields(since, until, self._size(POSTS), self._size(NESTED_COMMENTS))

        page = self._get(f"/{quote(node, safe='')}", lambda: {"fields": fields()})
        page_id = str(page["id"])
        profile = {key: value for key, value in page.items() if key != "published_posts"}
        found: list[Item | Outcome] = [
            Item(who, "profiles", page_id, profile, page_id, is_own=True),
            Outcome(who, "profiles", "ok"),
        ]
        reading: tuple[Stream, ...] = ("posts", "messages")
        try:
            posts = self._posts(page, since, until)
            found += [
                Item(who, "posts", post["id"], post, page_id, True, post.get("message", ""))
                for post in posts
                if _within(post, window)
            ]
            found.append(Outcome(who, "posts", "ok"))
            reading = ("messages",)
            found += [m for p in posts for m in self._messages(account, page_id, p, window)]
            return [*found, Outcome(who, "messages", "ok")]
        except Throttled:
            raise
        except RequestError as error:
            return [
                *found,
                *(Outcome(who, s, error.status, error.reason, str(error)) for s in reading),
            ]

    def _posts(self, page: Mapping[str, Any], since: int, until: int) -> list[Mapping[str, Any]]:
        """All posts that Graph finds in [since, until), newest first."""
        path, first = f"/{page['id']}/published_posts", page.get("published_posts", {})
        fixed = {"since": since, "until": until}
        rows = self._edge(
            first,
            path,
            lambda: {
                "fields": post_fields(self._size(NESTED_COMMENTS)),
                "limit": self._size(POSTS),
                **fixed,
            },
        )
        return list(rows)

    def _messages(
        self, account: Account, page_id: str, post: Mapping[str, Any], window: Window
    ) -> Iterator[Item]:
        """The comments under a post that were written in the window, citizens' and own."""
        path, first = f"/{post['id']}/comments", post.get("conversation", {})
        fixed = {"fields": COMMENT_FIELDS, "filter": "stream", "order": "chronological"}
        for row in self._edge(first, path, lambda: {**fixed, "limit": self._size(COMMENTS)}):
            # Graph hides the author of a comment from some tokens, but never the page itself
            author = row.get("from", {}).get("id")
            own, text = author == page_id, row.get("message", "")
            payload, is_reply = {**row, "post_id": post["id"]}, own and "parent" in row
            if _within(row, window):
                yield Item(
                    account.account_id, "messages", row["id"], payload, author, own, text, is_reply
                )

    def _edge(
        self, first: Mapping[str, Any], path: str, params: Callable[[], Mapping[str, Any]]
    ) -> Iterator[Mapping[str, Any]]:
        """All rows of an edge, each once, from its nested first page on.

        A short page is no end; an empty one is. A page that repeats what is known and promises more
        is a broken list: it is reported rather than taken for complete.
        """
        page, seen = first, set[str]()
        while True:
            rows = page.get("data", [])
            if any("id" not in row for row in rows):
                raise Refused(
                    f"GET {path}: Graph withholds the ids; whoever gave the token needs the task "
                    "MODERATE on this page.",
                    "permission",
                )
            fresh = [row for row in rows if row["id"] not in seen]
            seen.update(row["id"] for row in fresh)
            yield from fresh
            more = continuation(page.get("paging", {}))
            if not rows or not more:
                return
            if not fresh:
                raise RequestError(f"GET {path}: Graph repeats a page.", "repeated_page")
            page = self._get(path, lambda more=more: {**params(), **more})

    def _size(self, most: int) -> int:
        return max(1, most // self._part)

    def _get(self, path: str, params: Callable[[], Mapping[str, Any]]) -> Any:
        """GET; what Graph finds too much is asked for by halves, to the end of the account."""
        while True:
            try:
                return self.client.get(path, params())
            except BadRequest as error:
                if error.reason != TOO_MUCH or self._part > POSTS:
                    raise
                self._part *= 2


def continuation(paging: Mapping[str, Any]) -> dict[str, str]:
    """The parameters that ask for the following page; empty at the end.

    Graph says that there is more by `next`, whose URL holds the token: only the cursor is taken.
    """
    if "next" not in paging:
        return {}
    after = paging.get("cursors", {}).get("after")
    if after:
        return {"after": str(after)}
    query = parse_qs(urlsplit(str(paging["next"])).query)
    return {name: query[name][0] for name in PAGING if name in query}


def _within(row: Mapping[str, Any], window: Window) -> bool:
    """Created in the window. Graph's own since and until may follow a post's last update."""
    return window.since <= datetime.fromisoformat(row["created_time"]) < window.until
