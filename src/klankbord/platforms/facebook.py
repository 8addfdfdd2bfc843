"""Facebook Pages over the Graph API (v26): one call a page brings followers, posts and comments.

Why a call a page and not `GET /?ids=<50 pages>`: Graph took the `ids` parameter away with v26
(2026-07-29) and from every version on 2026-10-27; it answers HTTP 500, code 100, "The ids query
parameter is deprecated in v26.0+". Meta always counted each id as a call, so the quota that a scan
costs is the same; a page that is gone or closed concerns nobody else.

Comments come under the alias `conversation` with every reply in one flat list (filter stream),
beside the edge's own summary, which counts the direct answers only (filter toplevel).

Of a page whose owner lets us read insights its own token makes that call too: it costs the same,
and then alone `user_likes` of a comment is the page's like. Where Graph will not have that token,
ours asks once more, without likes: an owner's dead token must not cost followers, which can only be
seen now. An administrator's own token looks like a page's, and tells what that person likes. One
thing tells the two apart, and is taken for granted, not asked: that Graph refuses insights to every
token but the page's. So likes that came with a token that was refused the insights are not kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from klankbord import settings
from klankbord.budget import Cost, Purpose, thread_purpose
from klankbord.http import Client
from klankbord.platforms import facebook_insights, prices
from klankbord.platforms.base import Account, Connector, FieldRules, OwnerToken, Window, no_token
from klankbord.platforms.conversations import wants_thread
from klankbord.platforms.events import INSIGHT_KEYS, Event, Item, Outcome, Stream, ThreadRead
from klankbord.platforms.facebook_answers import (
    COMMENT_KEPT,
    COMMENTS,
    NESTED_COMMENTS,
    OWN_LIKE,
    POST_KEPT,
    POSTS,
    PROFILE_FIELDS,
    PROFILE_KEPT,
    answers,
    classify,
    comment_fields,
    continuation,
    created_at,
    own_post,
    page_fields,
    post_fields,
    within,
    without_like,
)
from klankbord.platforms.facebook_calls import Calls
from klankbord.verdicts import RequestError, Throttled

# Replies are collected for 14 days, and people still comment a week after a post: the comments of
# this window may stand under posts that are this much older.
OLDER_POSTS = timedelta(days=21)


class Facebook(Connector):
    """Public Pages: followers, published posts with counters, comments under them."""

    name = "facebook"
    title = "Facebook Pages"
    evidence = "official field list + our sandbox"
    streams = ("profiles", "posts", "messages", "insights")
    batch_size = 100
    # The text of a page's post is not stored: tagged citizens stand in it by their bare names,
    # which no rule can blank. Its length and hashtags are computed before landing.
    fields: ClassVar[Mapping[Stream, FieldRules]] = {
        "profiles": FieldRules(own=PROFILE_KEPT, citizen=frozenset()),
        # a shared post's id starts with its author, who may be a person
        "posts": FieldRules(
            own=POST_KEPT, citizen=frozenset(), person_ids=frozenset({"parent_id"})
        ),
        # what the page likes of its own is nobody's figure
        "messages": FieldRules(own=COMMENT_KEPT - {OWN_LIKE}, citizen=COMMENT_KEPT),
        "insights": FieldRules(own=INSIGHT_KEYS, citizen=frozenset()),
    }
    classify = staticmethod(classify)
    profile_paths: ClassVar[Mapping[str, str]] = {
        "followers": "followers_count",
        "handle": "username",
        "user_id": "id",
    }

    def __init__(self, client: Client, owner_token: OwnerToken = no_token) -> None:
        super().__init__(client, owner_token)
        self._calls = Calls(client)

    @classmethod
    def client_options(cls, token: str) -> dict[str, Any]:
        """Graph takes the token as a header, so that it stands in no address."""
        return {"headers": {"Authorization": f"Bearer {token}"}}

    @classmethod
    def forecast(
        cls, accounts: int, posts_per_day: float, threads_per_day: float, owners: int = 0
    ) -> Mapping[Purpose, Cost]:
        """A call a page brings its posts and their first comments; one in twenty threads is longer
        than that. Insights are a call an owner."""
        return prices.forecast(
            cls.name,
            {
                "profiles": (accounts, accounts),
                "open_threads": (accounts * threads_per_day / 20,) * 2,
                "insights": (owners, owners),
            },
        )

    def extract(self, accounts: Sequence[Account], window: Window) -> Iterator[Event]:
        """See Connector. One call a page, and one for each further page of posts or comments."""
        for account in accounts:
            try:
                yield from self._account(account, window)
            except Throttled:
                raise
            except RequestError as error:
                yield from self.outcomes(account, window, error.status, error.reason, str(error))

    def _account(self, account: Account, window: Window) -> list[Event]:
        """All events of an account, or an error that concerns all its streams.

        A stream that fails half-way gives an outcome and no item: what is `ok` is complete.
        """
        who, node = account.account_id, account.platform_user_id or account.handle
        streams = self.streams_of(account, window)
        is_asked = {"messages", "insights"} <= set(streams)
        self._calls.begin(self._own_headers(account) if is_asked else None)
        since, until = int((window.since - OLDER_POSTS).timestamp()), int(window.until.timestamp())

        def fields() -> str:
            if streams == ("profiles",):
                return PROFILE_FIELDS
            comments = self._calls.size(NESTED_COMMENTS) if "messages" in streams else None
            by_page = self._calls.headers is not None
            return page_fields(since, until, self._calls.size(POSTS), comments, by_page)

        page = self._calls.first(f"/{quote(node, safe='')}", lambda: {"fields": fields()})
        page_id = str(page["id"])
        self.recognise(account, page_id)
        found: list[Event] = []
        if "profiles" in streams:
            profile = {key: value for key, value in page.items() if key != "published_posts"}
            found = [
                Item(who, "profiles", page_id, profile, page_id, is_own=True),
                Outcome(who, "profiles", "ok"),
            ]
        open_streams = [stream for stream in streams if stream != "profiles"]
        posts: list[Mapping[str, Any]] | None = None
        try:
            posts = self._posts(page, since, until, "messages" in streams) if open_streams else []
            if "posts" in streams:
                found += [own_post(who, page_id, post) for post in posts if within(post, window)]
                found.append(Outcome(who, "posts", "ok", complete_since=window.since))
                open_streams.remove("posts")
            if "messages" in streams:
                found += [e for p in posts for e in self._thread(account, page_id, p, window)]
                found.append(Outcome(who, "messages", "ok"))
        except Throttled:
            raise
        except RequestError as error:
            lost = [s for s in open_streams if s != "insights" or posts is None]
            found += [Outcome(who, s, error.status, error.reason, str(error)) for s in lost]
        if "insights" in streams and posts is not None:
            told = list(self._insights(account, window, page_id, posts))
            if any(isinstance(event, Outcome) and event.status == "refused" for event in told):
                found = [without_like(event) for event in found]
            found += told
        return found

    def _insights(
        self, account: Account, window: Window, page_id: str, posts: Sequence[Mapping[str, Any]]
    ) -> Iterator[Event]:
        ages = {post["id"]: created_at(post) for post in posts if within(post, window)}
        headers = self._own_headers(account)
        return facebook_insights.read(self.client, account, window, page_id, ages, headers)

    def _own_headers(self, account: Account) -> Mapping[str, str] | None:
        """The headers that carry the page's own token; None: its owner gave us none."""
        token = self.token_of(account)
        if token and settings.is_sandbox() and account.platform_user_id:
            # the sandbox's owners have one secret; whose it is stands behind it
            token = f"{token}.{account.platform_user_id}"
        return {"Authorization": f"Bearer {token}"} if token else None

    def _posts(
        self, page: Mapping[str, Any], since: int, until: int, with_comments: bool
    ) -> list[Mapping[str, Any]]:
        """All posts that Graph finds in [since, until), newest first."""
        path, first = f"/{page['id']}/published_posts", page.get("published_posts", {})
        fixed = {"since": since, "until": until}
        rows = self._calls.edge(
            first,
            path,
            lambda: {
                "fields": post_fields(
                    self._calls.size(NESTED_COMMENTS) if with_comments else None,
                    self._calls.headers is not None,
                ),
                "limit": self._calls.size(POSTS),
                **fixed,
            },
        )
        return list(rows)

    def _thread(
        self, account: Account, page_id: str, post: Mapping[str, Any], window: Window
    ) -> Iterator[Event]:
        """The comments under a post that were written in the window, citizens' and own.

        The first of them came with the page. The others cost a call, so they are asked for only
        when the ledger wants the thread: nothing is said of a thread that is left as it was.
        """
        who, said_at = account.account_id, created_at(post)
        path, first = f"/{post['id']}/comments", post.get("conversation", {})
        wanted = wants_thread(account, post["id"], said_at, answers(post), window)
        if continuation(first.get("paging", {})) and not wanted:
            return
        by_page = self._calls.headers is not None
        fixed = {"fields": comment_fields(by_page), "filter": "stream", "order": "chronological"}
        purpose = thread_purpose(said_at, window.until)
        has_rows = False
        for row in self._calls.edge(
            first, path, lambda: {**fixed, "limit": self._calls.size(COMMENTS)}, purpose
        ):
            has_rows = True
            # Graph hides the author of a comment from some tokens, but never the page itself
            author = row.get("from", {}).get("id")
            own, text = author == page_id, row.get("message", "")
            payload, is_reply = {**row, "post_id": post["id"]}, own and "parent" in row
            if within(row, window):
                yield Item(
                    who,
                    "messages",
                    row["id"],
                    payload,
                    author,
                    own,
                    text,
                    is_reply,
                    created_at=created_at(row),
                    thread_id=post["id"],
                )
        if has_rows or account.ledger.is_emptied(post["id"], answers(post)):
            yield ThreadRead(who, post["id"])
