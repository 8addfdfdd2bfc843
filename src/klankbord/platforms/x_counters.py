"""The counters of known posts: read again when an age step passed, by their ids, a hundred a call.

What is younger is in the listing anyway, so where a listing begins is said here too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from klankbord.budget import PURPOSES, counter_purpose
from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Stream
from klankbord.platforms.x_answers import is_gone, objects
from klankbord.platforms.x_calls import Calls
from klankbord.verdicts import BudgetShort, RequestError, Throttled

LOOKUP_SIZE = 100
#: Listed again, because an index may lag and an answer may shrink. The posts of the day before cost
#: nothing more: their reading at an age of one day is due anyway. Mentions would cost twice.
OVERLAP: Mapping[Stream, timedelta] = {
    "posts": timedelta(days=1),
    "messages": timedelta(minutes=5),
}


@dataclass(slots=True)
class Counters:
    """What came of the posts of an account that were due: read, deleted, or why not."""

    posts: list[Mapping[str, Any]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    detail: str = ""
    error: RequestError | None = None


def listed_since(account: Account, stream: Stream, window: Window) -> datetime:
    """From when on a stream is listed: not all of the window again."""
    ledger = account.ledger
    known = ledger.posts_known_until if stream == "posts" else ledger.messages_known_until
    return max(window.since, (known or window.since) - OVERLAP[stream])


def read_due(calls: Calls, accounts: Sequence[Account], window: Window) -> dict[str, Counters]:
    """The posts of which a reading is due, by account. Those that the budget cannot pay stay
    due: they are read tomorrow."""
    due = [
        (counter_purpose(a.ledger.posts[post_id].created_at, window.until), a, post_id)
        for a in accounts
        for post_id in a.ledger.due(window.since, window.until)
        if a.ledger.posts[post_id].created_at < listed_since(a, "posts", window)
    ]
    due.sort(key=lambda each: PURPOSES.index(each[0]))
    found = {a.account_id: Counters() for _, a, _ in due}
    for start in range(0, len(due), LOOKUP_SIZE):
        chunk = due[start : start + LOOKUP_SIZE]
        ids = {post_id: found[a.account_id] for _, a, post_id in chunk}
        path, query = "/2/tweets", {"ids": ",".join(ids)}
        try:
            body = calls.get(path, path, query, with_names=True, purpose=chunk[0][0])
            for post in objects(body, "data", path, "id"):
                if str(post["id"]) in ids:
                    ids[str(post["id"])].posts.append(post)
            for problem in objects(body, "errors", path):
                if is_gone(problem) in ids:
                    ids[is_gone(problem)].deleted.append(is_gone(problem))
        except (BudgetShort, Throttled) as error:  # what is listed has budgets of its own
            for each in ids.values():
                each.detail = str(error)
        except RequestError as error:
            for each in ids.values():
                each.error = error
    return found
