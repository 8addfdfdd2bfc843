"""The insights edge of pages and posts as Graph answers with it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from klankbord.sandbox.facebook_fields import Field, GraphError
from klankbord.sandbox.insights import FEWEST_FOLLOWERS, day_end, days_ending
from klankbord.sandbox.model import Message, WorldAccount

#: Graph's name -> the world's; what is not here is no metric (any more).
OF_PAGE = {
    "page_media_view": "views",
    "page_total_media_view_unique": "reach",
    "page_post_engagements": "interactions",
    "page_views_total": "profile_views",
    "page_total_actions": "profile_clicks",
    "page_daily_follows_unique": "new_followers",
}
OF_POST = {
    "post_media_view": "views",
    "post_total_media_view_unique": "reach",
    "post_clicks": "clicks",
    "post_clicks_by_type": {
        "link clicks": "link_clicks",
        "photo view": "photo_clicks",
        "other clicks": "other_clicks",
    },
}
MOST_DAYS = timedelta(days=90)
KEPT = timedelta(days=730)
RESULT = ("id", "name", "period", "values", "title", "description")


def of_page(
    sandbox: Any, page: WorldAccount, asked: Field, *, direct: bool = False
) -> dict[str, Any] | None:
    """Daily values whose end lies in (since, until]; none for a page with few likes."""
    names = _names(asked, OF_PAGE)
    if asked.modifiers.get("period", "day") != "day":
        raise GraphError(400, 100, "(#100) The sandbox knows the period day of a page only")
    now = sandbox.now()
    since = _moment(asked, "since", now - timedelta(days=2))
    until = min(_moment(asked, "until", now), now)
    if until - since > MOST_DAYS + timedelta(hours=1):
        raise GraphError(
            400,
            100,
            "(#100) There cannot be more than 90 days (776000 s) between since and until",
        )
    rows = []
    if sandbox.world.followers(page, now) >= FEWEST_FOLLOWERS:
        days = [d for d in days_ending(since, until) if day_end(d) > now - KEPT]
        for name in names:
            values = [
                {
                    "value": sandbox.world.insight(page, None, OF_PAGE[name], day),
                    "end_time": graph_time(day_end(day)),
                }
                for day in days
            ]
            rows.append(_result(str(page.user_id), name, "day", values))
    return _edge(rows, asked, direct)


def of_post(
    sandbox: Any,
    page: WorldAccount,
    post_id: str,
    message: Message,
    asked: Field,
    *,
    direct: bool = False,
) -> dict[str, Any] | None:
    """Lifetime values up to now; kinds of click that nobody made are left out."""
    names = _names(asked, OF_POST)
    if asked.modifiers.get("period", "lifetime") != "lifetime":
        raise GraphError(400, 100, "(#100) The sandbox knows the period lifetime of a post only")
    now, world, rows = sandbox.now(), sandbox.world, []
    if world.followers(page, now) >= FEWEST_FOLLOWERS:
        for name in names:
            what = OF_POST[name]
            if isinstance(what, str):
                value: Any = world.insight(page, message, what, now)
            else:
                parts = {part: world.insight(page, message, one, now) for part, one in what.items()}
                value = {part: number for part, number in parts.items() if number}
            rows.append(_result(post_id, name, "lifetime", [{"value": value}]))
    return _edge(rows, asked, direct)


def graph_time(moment: datetime) -> str:
    """2021-07-04T19:50:58+0000."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def _names(asked: Field, known: Any) -> list[str]:
    names = [name for name in asked.modifiers.get("metric", "").split(",") if name]
    if not names:
        raise GraphError(
            400,
            3001,
            "No metric was specified to be fetched. Please specify one or more metrics to be "
            "fetched and try again.",
            error_subcode=1504028,
        )
    if any(name not in known for name in names):
        raise GraphError(400, 100, "(#100) The value must be a valid insights metric")
    return names


def _moment(asked: Field, name: str, default: datetime) -> datetime:
    text = asked.modifiers.get(name)
    if text is None:
        return default
    if not text.isdecimal():
        raise GraphError(400, 100, f"(#100) Param {name} must be a Unix timestamp")
    return datetime.fromtimestamp(int(text), UTC)


def _result(object_id: str, name: str, period: str, values: list[Any]) -> dict[str, Any]:
    words = name.replace("_", " ")
    return {
        "name": name,
        "period": period,
        "values": values,
        "title": words.capitalize(),
        "description": f"The {words} of the sandbox.",
        "id": f"{object_id}/insights/{name}/{period}",
    }


def _edge(rows: Sequence[dict[str, Any]], asked: Field, direct: bool) -> dict[str, Any] | None:
    wanted = [field.name for field in asked.fields] if asked.fields else list(RESULT)
    if unknown := set(wanted) - set(RESULT):
        what = f"({min(unknown)}) on node type (InsightsResult)"
        raise GraphError(400, 100, f"(#100) Tried accessing nonexisting field {what}")
    data = [{key: row[key] for key in row if key in wanted or key == "id"} for row in rows]
    return {"data": data} if data or direct else None
