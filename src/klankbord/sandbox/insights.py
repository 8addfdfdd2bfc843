"""What owners are told: the world's own figures of an account's day and of a post's life.

A figure follows from the seed, the account or post and the moment, by its canonical name (the names
of dbt_project/seeds/platform_metrics.csv). Platforms' routes serve it under their own names; known
answers compare the warehouse with it. A day is a date: whose midnight ends it is the platform's
affair. Values are whole and final at once; who serves delays does so by himself.
"""

import math
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from klankbord.sandbox import calibration as cal
from klankbord.sandbox.chances import chances
from klankbord.sandbox.model import Message, WorldAccount

PACIFIC = ZoneInfo("America/Los_Angeles")
HALF_LIFE_HOURS = 30.0  # of a post's views
#: below so many followers Meta tells nothing
FEWEST_FOLLOWERS = 100


def day_end(day: date, zone: ZoneInfo = PACIFIC) -> datetime:
    """The midnight that ends a day, in UTC: 07:00 or 08:00 of the next day for California."""
    return datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)


def days_ending(since: datetime, until: datetime, zone: ZoneInfo = PACIFIC) -> list[date]:
    """The days that end in (since, until], oldest first."""
    day, found = since.astimezone(zone).date() - timedelta(days=1), []
    while (end := day_end(day, zone)) <= until:
        if end > since:
            found.append(day)
        day += timedelta(days=1)
    return found


def of_day(world: Any, account: WorldAccount, name: str, day: date) -> int:
    """A figure of the account's day; KeyError for a name that no day has."""
    noon = datetime.combine(day, time(12), UTC)
    followers = world.followers(account, noon)
    a, b, c, d = chances(world.seed, f"insight {account.account_id}", day.toordinal())
    reach = int(followers * (0.02 + 0.45 * a * a))
    views = int(reach * (1.1 + 1.4 * b))
    interactions = int(views * 0.06 * c)
    visits, clicks = int(reach * 0.07 * d), int(views * 0.05 * d)
    return {
        "reach": reach,
        "views": views,
        "impressions": views,
        "engaged_views": int(views * 0.8),
        "minutes_watched": int(views * (0.4 + b)),
        "interactions": interactions,
        "likes": int(interactions * 0.7),
        "comments": int(interactions * 0.1),
        "shares": int(interactions * 0.15),
        "profile_views": visits,
        "profile_clicks": int(visits * 0.3 * a),
        "clicks": clicks,
        "link_clicks": int(clicks * 0.6 * b),
        "new_followers": int(followers * 0.0012 * c + d),
        "new_followers_paid": int(d * c),
        "lost_followers": int(followers * 0.0006 * a),
    }[name]


def of_post(
    world: Any, account: WorldAccount, message: Message, name: str, moment: datetime
) -> int:
    """A figure of a post from its beginning to a moment: it grows and levels off."""
    hours = max(0.0, (moment - message.created_at).total_seconds() / 3600)
    grown = 1 - math.exp(-hours / HALF_LIFE_HOURS)
    a, b, c, d = chances(world.seed, "insight of a post", message.message_id)
    counters = world.counters(account, message, moment)
    # a public counter: owners are told no other
    if cal.HABITS[account.platform].views_of_followers:
        views = counters.views
    else:
        views = int(grown * account.followers_start * 0.35 * (0.2 - math.log1p(-d)))
    clicks = int(views * 0.06 * b)
    links, photos = int(clicks * 0.5 * c), int(clicks * 0.2)
    saves = int(counters.reactions * 0.2 * a)
    shares = counters.shares or int(counters.reactions * 0.15 * c)
    return {
        "reach": int(views * (0.55 + 0.35 * a)),
        "views": views,
        "impressions": views,
        "clicks": clicks,
        "link_clicks": links,
        "photo_clicks": photos,
        "other_clicks": clicks - links - photos,
        "profile_clicks": int(clicks * 0.1),
        "profile_views": int(views * 0.02 * c),
        "new_followers": int(views * 0.001 * d),
        "likes": counters.reactions,
        "comments": counters.comments,
        "saves": saves,
        "shares": shares,
        "interactions": counters.reactions + counters.comments + shares + saves,
        "minutes_watched": int(views * (0.4 + b)),
    }[name]
