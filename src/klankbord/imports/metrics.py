"""The figures that a file can hold, by the names that the whole house uses: those of the seed
platform_metrics.csv, and the few that only files have (docs/design.md)."""

from dataclasses import dataclass
from typing import Literal

Basis = Literal[
    "unique_viewers", "views", "impressions", "clicks", "followers", "interactions", "watch_time",
    "visits",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Metric:
    """basis: what is counted, so that unlike things are never added up. whole: no fractions.
    signed: may be below zero."""

    basis: Basis
    whole: bool = True
    signed: bool = False


METRICS: dict[str, Metric] = {
    "impressions": Metric("impressions"),
    "views": Metric("views"),
    "reach": Metric("unique_viewers"),
    "impression_reach": Metric("unique_viewers"),  # Facebook's before it counted viewers
    "video_views": Metric("views"),
    "media_views": Metric("views"),  # X: of pictures and videos
    "minutes_watched": Metric("watch_time", whole=False),
    "profile_views": Metric("views"),
    "profile_visitors": Metric("unique_viewers"),
    "web_sessions": Metric("visits"),
    "clicks": Metric("clicks"),  # anywhere on the post
    "link_clicks": Metric("clicks"),
    "profile_clicks": Metric("clicks"),
    "reactions": Metric("interactions"),  # of all kinds (Facebook)
    "likes": Metric("interactions"),
    "comments": Metric("interactions"),
    "shares": Metric("interactions"),
    "saves": Metric("interactions"),
    "interactions": Metric("interactions"),  # the platform's own sum of them; X adds clicks
    "followers": Metric("followers"),
    "new_followers": Metric("followers"),
    "new_followers_paid": Metric("followers"),
    "lost_followers": Metric("followers"),
    "follower_change": Metric("followers", signed=True),
}
