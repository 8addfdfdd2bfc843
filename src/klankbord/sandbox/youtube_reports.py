"""YouTube Analytics API v2 over the world: reports of a channel by day and by video.

Values follow from the world (klankbord.sandbox.insights). Like YouTube it knows a day only two days
after it, counts days in California, and gives an owner what a bearer token allows: the sandbox's
token is every owner's.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from klankbord.sandbox import youtube_objects as objects
from klankbord.sandbox.insights import PACIFIC, day_end
from klankbord.sandbox.model import Message, WorldAccount
from klankbord.sandbox.youtube_errors import Refusal, bad_token

DELAY = timedelta(days=2)
MOST_VIDEOS, MOST_ROWS = 500, 200
#: YouTube's name -> the world's, of a day and of a video's life
OF_DAY = {
    "views": "views",
    "engagedViews": "engaged_views",
    "estimatedMinutesWatched": "minutes_watched",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
    "subscribersGained": "new_followers",
    "subscribersLost": "lost_followers",
}
OF_VIDEO = {
    name: OF_DAY[name]
    for name in (
        "views",
        "estimatedMinutesWatched",
        "likes",
        "comments",
        "shares",
        "subscribersGained",
    )
}
_KNOWN = {
    "ids",
    "metrics",
    "dimensions",
    "startDate",
    "endDate",
    "filters",
    "sort",
    "maxResults",
    "key",
}


def last_day(now: datetime) -> date:
    """The last day of which there are figures."""
    return now.astimezone(PACIFIC).date() - DELAY


def report(sandbox: Any, query: Mapping[str, str], authorization: str | None) -> dict[str, Any]:
    """The result table that a request asks for, or a Refusal."""
    if authorization != f"Bearer {sandbox.token}":
        raise bad_token()
    if unknown := sorted(set(query) - _KNOWN):
        raise _wrong(f"Unknown name '{unknown[0]}': Cannot bind query parameter.")
    account = _account(sandbox, query.get("ids", ""))
    known = {"day": OF_DAY, "video": OF_VIDEO}.get(query.get("dimensions", ""))
    if known is None:
        raise _wrong("The query is not supported. Check the documentation for supported queries.")
    names = query.get("metrics", "").split(",")
    for name in names:
        if name not in known:
            raise _wrong(f"Unknown identifier ({name}) given in field parameters.metrics.")
    first, last = _date(query, "startDate"), _date(query, "endDate")
    if first > last:
        raise _wrong("startDate must not be after endDate.")
    last = min(last, last_day(sandbox.now()))
    if query["dimensions"] == "day":
        _sorted_by(query, "day")
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        rows = [
            [day.isoformat(), *(sandbox.world.insight(account, None, known[n], day) for n in names)]
            for day in days
        ]
        return _table("day", names, rows)
    _sorted_by(query, "-views")
    if int(query.get("maxResults", "0") or 0) not in range(1, MOST_ROWS + 1):
        raise _wrong(f"maxResults must be from 1 to {MOST_ROWS} for this report.")
    moment = day_end(last)
    rows = []
    for name, post in _videos(sandbox, account, query):
        if post.created_at < moment:
            world = sandbox.world
            figures = (world.insight(account, post, known[n], moment) for n in names)
            rows.append([name, *figures])
    return _table("video", names, rows)


def _account(sandbox: Any, ids: str) -> WorldAccount:
    kind, _, name = ids.partition("==")
    number = objects.user_id_of(name) if kind == "channel" and name.startswith("UC") else None
    account = None if number is None else sandbox.world.find("youtube", number)
    if account is None:
        what = "Forbidden: insufficient permission to access this report."
        raise Refusal(403, "forbidden", what, status="PERMISSION_DENIED")
    return account


def _videos(
    sandbox: Any, account: WorldAccount, query: Mapping[str, str]
) -> list[tuple[str, Message]]:
    """The channel's videos among those that are named."""
    match = re.fullmatch(r"video==([\w,-]+)", query.get("filters", ""))
    named = match[1].split(",") if match else []
    if not 0 < len(named) <= MOST_VIDEOS:
        raise _wrong("The query is not supported. Check the documentation for supported queries.")
    found = []
    for name in named:
        number = objects.message_id_of(name)
        thread = [] if number is None else sandbox.world.thread(account, number, sandbox.now())
        found += [(name, m) for m in thread if m.message_id == number]
    return found


def _date(query: Mapping[str, str], name: str) -> date:
    try:
        return datetime.strptime(query.get(name, ""), "%Y-%m-%d").date()  # noqa: DTZ007
    except ValueError as error:
        raise _wrong(f"Invalid value for {name}: give YYYY-MM-DD.") from error


def _sorted_by(query: Mapping[str, str], name: str) -> None:
    if query.get("sort", name) != name:
        raise _wrong(f"The sandbox sorts this report by {name} only.")


def _wrong(message: str) -> Refusal:
    return Refusal(400, "badRequest", message, status="INVALID_ARGUMENT")


def _table(dimension: str, names: Sequence[str], rows: list[list[Any]]) -> dict[str, Any]:
    heads = [{"name": dimension, "columnType": "DIMENSION", "dataType": "STRING"}]
    heads += [{"name": n, "columnType": "METRIC", "dataType": "INTEGER"} for n in names]
    table: dict[str, Any] = {"kind": "youtubeAnalytics#resultTable", "columnHeaders": heads}
    if dimension == "video" and "views" in names:
        rows.sort(key=lambda row: row[1 + names.index("views")], reverse=True)
    if rows:  # a report without figures has no rows at all
        table["rows"] = rows
    return table
