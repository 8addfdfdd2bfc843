"""Which comments of a page are due, and when a thread is known whole."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from klankbord.platforms.conversations import wants_thread
from klankbord.platforms.events import Event, ThreadRead
from klankbord.platforms.linkedin_answers import moment
from klankbord.platforms.linkedin_items import comment_item
from klankbord.platforms.linkedin_route import Page, Route, answers, created

Post = Mapping[str, Any]


def comments(route: Route, page: Page, posts: Sequence[Post], until: datetime) -> Iterator[Event]:
    """The comments of the threads that are due, and the threads that are empty by now."""
    who, ledger = page.account.account_id, page.account.ledger
    due = [
        p
        for p in posts
        if wants_thread(page.account, p["id"], created(p), answers(p), page.window)
        or _is_awaited(page, p["id"], until)
    ]
    route.prepare(page, due)
    for post in due:
        yield from _thread(route, page, post, until)
    for post in posts:
        if ledger.is_emptied(post["id"], answers(post)):
            yield ThreadRead(who, post["id"])


def _thread(route: Route, page: Page, post: Post, until: datetime) -> Iterator[Event]:
    """The comments under a post that were written in the window.

    The thread of a post of the window is read whole, and says so: what is missing was deleted.
    """
    account, window = page.account, page.window
    for row in route.comments(page, post):
        if window.since <= moment(row["created"]["time"]) < until:
            yield comment_item(page, post["id"], row)
    if window.since <= created(post):
        yield ThreadRead(account.account_id, post["id"])


def _is_awaited(page: Page, post_id: str, until: datetime) -> bool:
    """Whether a thread may still get what its counter already told: where the route is behind, a
    comment moves the counter first and stands in the list later."""
    late = page.window.until - until
    last, known = page.account.ledger.posts.get(post_id), page.account.ledger.messages_known_until
    return bool(late and last and last.answers and known and known < last.observed_at + late)
