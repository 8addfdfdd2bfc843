"""What X tells an account's owner of his posts: impressions, clicks on links and on the profile.

`GET /2/tweets` with the owner's OAuth 2 user token and the field `non_public_metrics`, which X
gives for posts of less than 30 days: a hundred a call. A post is asked for when it is first seen
and at the ages of its counters. `/2/tweets/analytics` costs the same for each post and adds up a
span of time, where this is the whole life. X has no figures of an account's day, and a repost has
none of its own.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from klankbord.platforms.base import Account, Window
from klankbord.platforms.events import Event, Item, MetricRefused, Outcome
from klankbord.platforms.facebook_insights import insight_item
from klankbord.platforms.metrics import offered
from klankbord.platforms.x_answers import created_at, is_repost, objects, refused_field
from klankbord.platforms.x_calls import Calls
from klankbord.settings import LOCAL_ZONE
from klankbord.verdicts import Refused, RequestError, Throttled

PATH, FIELD = "/2/tweets", "non_public_metrics"
POSTS_A_CALL = 100
#: X's limit is 30 days; what is asked for must not cross it on the way
OLDEST = timedelta(days=29)


def read(
    calls: Calls,
    account: Account,
    token: str | None,
    user_id: str,
    posts: Mapping[str, Mapping[str, Any]],
    window: Window,
) -> Iterator[Event]:
    """The figures of the account's posts that are due, and the outcome of the stream.

    posts: those that this scan read, by id; the ledger knows the others. Throttled is raised for
    spent money only: an owner's limit of speed is his own, and what was not read is due tomorrow.
    """
    who = account.account_id
    try:
        if token is None:
            what = f"There is no token of the owner of {who}: ask for it."
            raise Refused(what, "token_missing")
        # a list: what is ok is complete
        yield from list(_events(calls, account, token, user_id, posts, window))
    except RequestError as error:
        if isinstance(error, Throttled) and error.reason == "usage_capped":
            raise
        yield Outcome(who, "insights", error.status, error.reason, str(error))


def _events(
    calls: Calls,
    account: Account,
    token: str,
    user_id: str,
    posts: Mapping[str, Mapping[str, Any]],
    window: Window,
) -> Iterator[Event]:
    who, headers = account.account_id, {"Authorization": f"Bearer {token}"}
    wanted = offered("x", "post", window.scan_on)
    due = _due(account, user_id, posts, window)
    told, silent = set[str](), due.keys() & posts.keys()
    problems: list[tuple[str, str, str]] = []  # (post, metric, X's type of the problem)
    for start in range(0, len(due), POSTS_A_CALL):
        ids = list(due)[start : start + POSTS_A_CALL]
        body = calls.get(
            f"{PATH} {user_id}",  # an owner's token has a budget of its own
            PATH,
            {"ids": ",".join(ids)},
            fields=f"id,{FIELD}",
            purpose="insights",
            headers=headers,
        )
        for post in objects(body, "data", PATH, "id"):
            figures = post.get(FIELD)
            if str(post["id"]) in ids and isinstance(figures, dict):
                told.add(str(post["id"]))
                yield from _items(account, window, user_id, str(post["id"]), figures, wanted)
        for problem in objects(body, "errors", PATH):
            post_id = str(problem.get("value") or problem.get("resource_id"))
            field, kind = refused_field(problem)
            if kind:
                problems.append((post_id, field.removeprefix(f"{FIELD}."), kind))
            else:  # deleted since it was listed, or hidden: no word about the token
                silent.discard(post_id)
    if silent and not told:
        what = f"GET {PATH}: X tells this token none of the figures: is it that of the owner?"
        raise Refused(what, "permission")
    refused = {metric: kind for post_id, metric, kind in problems if post_id in told}
    yield from (MetricRefused(who, m, refused[m]) for m in wanted if m in refused)
    oldest = _oldest(window)
    cut = window.since < oldest
    yield Outcome(
        who,
        "insights",
        "ok",
        detail=f"X tells figures of posts since {oldest.date()} only." if cut else "",
        observed_since=min(oldest, window.until) if cut else None,
    )


def _due(
    account: Account, user_id: str, posts: Mapping[str, Mapping[str, Any]], window: Window
) -> dict[str, datetime]:
    """The posts (id -> creation) of which figures are due, and which X still has."""
    created = {post_id: last.created_at for post_id, last in account.ledger.posts.items()}
    for post_id, post in posts.items():
        moment = created_at(post)
        if is_repost(post) or str(post.get("author_id") or user_id) != user_id:
            created.pop(post_id, None)
        elif moment is not None:
            created[post_id] = moment
    return {
        post_id: moment
        for post_id, moment in created.items()
        if max(window.since, _oldest(window)) <= moment < window.until
        and account.ledger.wants_insights(moment, window.until)
    }


def _oldest(window: Window) -> datetime:
    return datetime.combine(window.scan_on, time.min, LOCAL_ZONE) - OLDEST


def _items(
    account: Account,
    window: Window,
    user_id: str,
    post_id: str,
    figures: Mapping[str, Any],
    wanted: list[str],
) -> Iterator[Item]:
    """A post's figures since it began; none of what X does not say (a post without a link has no
    clicks on it)."""
    for metric in wanted:
        value = figures.get(metric)
        if isinstance(value, int) and not isinstance(value, bool):
            payload = {
                "object": "post",
                "object_id": post_id,
                "metric": metric,
                "period": "lifetime",
                "end_time": None,
                "value": value,
            }
            yield insight_item(account, window, user_id, payload)
