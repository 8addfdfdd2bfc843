"""What is said under an own account's media: comments, and the answers to them."""

from collections.abc import Iterator, Mapping
from typing import Any

from klankbord.budget import thread_purpose
from klankbord.platforms.base import Account, Window
from klankbord.platforms.conversations import wants_thread
from klankbord.platforms.events import Event, ThreadRead
from klankbord.platforms.facebook_answers import continuation
from klankbord.platforms.instagram_answers import comment_item, created_at, within
from klankbord.platforms.instagram_calls import Calls


def thread(
    calls: Calls, account: Account, user_id: str, media: Mapping[str, Any], window: Window
) -> Iterator[Event]:
    """The comments under a media that were written in the window, and the answers to them.

    The first of them came with the account. The others cost a call, so they are asked for only when
    the ledger wants the thread: nothing is said of a thread that is left as it was.
    """
    first, answers = media.get("comments", {}), media.get("comments_count")
    wanted = wants_thread(account, media["id"], created_at(media), answers, window)
    edges = [first, *(row.get("replies", {}) for row in first.get("data", []))]
    if not wanted and any(continuation(edge.get("paging", {})) for edge in edges):
        return
    purpose = thread_purpose(created_at(media), window.until)
    has_rows = False
    for comment in calls.edge(first, media["id"], "comments", purpose):
        has_rows = True
        replies = calls.edge(comment.get("replies", {}), comment["id"], "replies", purpose)
        for row in (comment, *({**r, "parent_id": comment["id"]} for r in replies)):
            if within(row, window):
                yield comment_item(account, user_id, media["id"], row)
    if has_rows or account.ledger.is_emptied(media["id"], answers):
        yield ThreadRead(account.account_id, media["id"])
