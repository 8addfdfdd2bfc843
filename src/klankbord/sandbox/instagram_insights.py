"""The insights edges of users and media as Instagram answers with them.

A day's figures are complete 36 hours after its end; before, a tenth of them is still missing.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from klankbord.sandbox.facebook_fields import Field, GraphError
from klankbord.sandbox.facebook_insights import graph_time
from klankbord.sandbox.insights import FEWEST_FOLLOWERS, PACIFIC, day_end, days_ending
from klankbord.sandbox.model import Message, WorldAccount

LATE = timedelta(hours=36)
MOST_DAYS = timedelta(days=30)
#: Instagram's name -> the world's; what is not here is no metric (any more).
SERIES = {"reach": "reach", "follower_count": "new_followers"}
TOTALS = {
    "views": "views",
    "total_interactions": "interactions",
    "profile_views": "profile_views",
    "profile_links_taps": "profile_clicks",
}
_MEDIA = {
    "reach": "reach",
    "views": "views",
    "total_interactions": "interactions",
    "likes": "likes",
    "comments": "comments",
    "saved": "saves",
    "shares": "shares",
}
OF_KIND = {
    "FEED": {**_MEDIA, "profile_visits": "profile_views", "follows": "new_followers"},
    "REELS": _MEDIA,
}


def of_user(
    sandbox: Any, account: WorldAccount, asked: Field, *, direct: bool = False
) -> dict[str, Any] | None:
    """Series with an end for each day, or a total over the time that was asked for."""
    now, world = sandbox.now(), sandbox.world
    names = _names(asked, {**SERIES, **TOTALS})
    if asked.modifiers.get("period", "day") != "day":
        raise GraphError(400, 100, "(#100) The sandbox knows the period day of a user only")
    since = _moment(asked, "since", now - timedelta(days=1))
    until = min(_moment(asked, "until", now), now)
    if until - since > MOST_DAYS:
        raise GraphError(
            400,
            100,
            "(#100) There cannot be more than 30 days (2592000 s) between since and until",
        )
    has_totals = asked.modifiers.get("metric_type") == "total_value"
    if wrong := [name for name in names if name in TOTALS and not has_totals]:
        which = ",".join(wrong)
        raise GraphError(
            400,
            100,
            f"(#100) The following metrics ({which}) should be specified with parameter "
            "metric_type=total_value",
        )
    if "follower_count" in names:
        if datetime.combine(now.astimezone(PACIFIC).date(), time.min, PACIFIC) - MOST_DAYS > since:
            raise GraphError(
                400,
                100,
                "(#100) (follower_count) metric only supports querying data for the last 30 days "
                "excluding the current day",
            )
        if world.followers(account, now) < FEWEST_FOLLOWERS:
            names.remove("follower_count")

    def value(name: str, day: date) -> int:
        whole = world.insight(account, None, {**SERIES, **TOTALS}[name], day)
        return whole if now >= day_end(day) + LATE else whole * 9 // 10

    days, rows = days_ending(since, until), []
    for name in names:
        row: dict[str, Any] = {"name": name, "period": "day"}
        if has_totals:
            row["total_value"] = {"value": sum(value(name, day) for day in days)}
        else:
            row["values"] = [
                {"value": value(name, day), "end_time": graph_time(day_end(day))} for day in days
            ]
        rows.append({**row, **_words(str(account.user_id), name, "day")})
    return {"data": rows} if rows or direct else None


def of_media(
    sandbox: Any, account: WorldAccount, message: Message, product_type: str, asked: Field
) -> dict[str, Any]:
    """Lifetime values up to now, of the metrics that this kind of media has."""
    known = OF_KIND[product_type]
    names = _names(asked, {name: name for kind in OF_KIND.values() for name in kind})
    for name in names:
        if name not in known:
            what = f"(#100) The metric {name} is not supported for this media type"
            raise GraphError(400, 100, what)
    rows = []
    for name in names:
        value = sandbox.world.insight(account, message, known[name], sandbox.now())
        words = _words(str(message.message_id), name, "lifetime")
        rows.append({"name": name, "period": "lifetime", "values": [{"value": value}], **words})
    return {"data": rows}


def _names(asked: Field, known: Mapping[str, str]) -> list[str]:
    names: list[str] = [name for name in asked.modifiers.get("metric", "").split(",") if name]
    if not names:
        raise GraphError(400, 100, "(#100) The parameter metric is required")
    for place, name in enumerate(names):
        if name not in known:
            what = f"metric[{place}] must be one of the following values: {', '.join(known)}"
            raise GraphError(400, 100, f"(#100) {what}")
    return names


def _words(object_id: str, name: str, period: str) -> dict[str, str]:
    title = name.replace("_", " ").capitalize()
    return {
        "title": title,
        "description": f"{title}, as the sandbox counts it.",
        "id": f"{object_id}/insights/{name}/{period}",
    }


def _moment(asked: Field, name: str, default: datetime) -> datetime:
    text = asked.modifiers.get(name)
    if text is None:
        return default
    if not text.isdecimal():
        raise GraphError(400, 100, f"(#100) Param {name} must be a Unix timestamp")
    return datetime.fromtimestamp(int(text), UTC)
