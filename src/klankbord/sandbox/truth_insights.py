"""The truth of what only owners see of their posts: M13, M14, M14i, M37, M37l, M38, M38a, M38v.

What a post reached is the world's (klankbord.sandbox.insights), asked for at the moment at which a
scan first found it seven days old; what each platform tells of it is written down here once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from klankbord.sandbox import linkedin_objects
from klankbord.sandbox.insights import FEWEST_FOLLOWERS, PACIFIC, day_end
from klankbord.sandbox.model import Message, WorldAccount
from klankbord.sandbox.truth_figures import Figure, Period
from klankbord.settings import LOCAL_ZONE

if TYPE_CHECKING:
    from klankbord.register import AccountRow
    from klankbord.sandbox.readings import Known
    from klankbord.sandbox.world import World

Told = Mapping[str, int]
#: metric -> what is divided by what, times what
RATIOS = {
    "M13": ("interactions", "reach", 100),
    "M14": ("interactions", "views", 1000),
    "M14i": ("interactions", "impressions", 1000),
    "M38": ("link_clicks", "impressions", 100),
    "M38a": ("clicks", "impressions", 100),
    "M38v": ("link_clicks", "views", 100),
}
#: what a platform can give at all; elsewhere there is nothing to be missed
METRICS_OF = {
    "facebook": ("M13", "M14", "M37", "M37l", "M38v"),
    "instagram": ("M13", "M14", "M37", "M37l"),
    "x": ("M14i", "M38"),
    "youtube": ("M14",),
    "linkedin": ("M13", "M14i", "M37", "M37l", "M38a"),
    "threads": ("M14",),
    "tiktok": ("M14",),
}
#: read by their owners only, whatever tier is written down
_OWNED = frozenset({"threads", "tiktok"})
_TOLD = {
    "facebook": ("views", "reach", "clicks", "link_clicks"),
    "instagram": ("views", "reach"),
    "x": ("impressions", "link_clicks"),
}
#: X tells of posts of the last 29 whole days only
_TOLD_FOR = {"x": timedelta(days=29)}
#: how far YouTube's reports are behind
_REPORT_DELAY = timedelta(days=2)


def told(
    world: World, row: AccountRow, account: WorldAccount, post: Message, moment: datetime
) -> Told:
    """What the owner is told of a post at a moment, by our names; {} where he allows or gets none.
    `interactions` is there only where it must not be that of the public counters."""
    platform = account.platform
    if platform in _OWNED:
        return {"views": world.counters(account, post, moment).views}
    if row.access_tier != "T3" or platform not in METRICS_OF:
        return {}
    if platform == "linkedin":
        c = world.counters(account, post, moment)
        said = linkedin_objects.statistics(
            c.reactions, c.comments, c.shares, linkedin_objects.post_urn(post)
        )
        names = {"uniqueImpressionsCount": "reach", "impressionCount": "impressions",
                 "clickCount": "clicks"}  # fmt: skip
        return {ours: said[theirs] for theirs, ours in names.items()}
    if platform == "youtube":  # a report ends two days ago, and so do all of its counts
        end = day_end(moment.astimezone(PACIFIC).date() - _REPORT_DELAY)
        likes, comments, views = (
            world.insight(account, post, name, end) for name in ("likes", "comments", "views")
        )
        return {"views": views, "interactions": likes + comments}
    if platform == "facebook" and world.followers(account, moment) < FEWEST_FOLLOWERS:
        return {}
    midnight = datetime.combine(moment.astimezone(LOCAL_ZONE), time.min, LOCAL_ZONE)
    if platform in _TOLD_FOR and post.created_at < midnight - _TOLD_FOR[platform]:
        return {}
    found = {name: world.insight(account, post, name, moment) for name in _TOLD[platform]}
    if platform == "facebook" and not found["link_clicks"]:
        del found["link_clicks"]  # Graph leaves out the kinds of click that nobody made
    return found


def figures(period: Period, known: Known, posted: Sequence[Message]) -> Iterator[Figure]:
    """The figures of a period's originals, by what their owner was told."""
    seen = [
        {"interactions": known.interactions[post.message_id]} | dict(known.owners[post.message_id])
        for post in posted
        if post.message_id in known.owners
    ]
    for metric_id in METRICS_OF.get(period.platform, ()):
        if metric_id in RATIOS:
            top, bottom, scale = RATIOS[metric_id]
            both = [one for one in seen if top in one and bottom in one]
            yield _ratio(period, metric_id, [(o[top], o[bottom]) for o in both], scale)
        else:
            yield _reach(period, metric_id, [one["reach"] for one in seen if "reach" in one])


def _ratio(period: Period, metric_id: str, pairs: Sequence[tuple[int, int]], scale: int) -> Figure:
    if not pairs:
        return period.missing(metric_id)
    top, bottom = (sum(column) for column in zip(*pairs, strict=True))
    value = scale * top / bottom if bottom else None
    return period.figure(metric_id, value, top, bottom, len(pairs))


def _reach(period: Period, metric_id: str, people: Sequence[int]) -> Figure:
    if not people:
        return period.missing(metric_id)
    if metric_id == "M37l":
        return period.figure(metric_id, min(people), None, None, len(people))
    return period.ratio(metric_id, sum(people), len(people), len(people))
