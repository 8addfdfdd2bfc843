"""What the world is made like: data only, each with its source.

Sources: [2016] the study of the second quarter of 2016 (docs: metrics), [nl] its Dutch comparison,
[2013] the Dutch two-way share, [own] our choice where nothing was published. Exact calibration of
the whole is work of its own; these numbers bring the world near the published figures.
"""

from dataclasses import dataclass
from datetime import date

#: Inhabitants and memberships are looked up, and followers counted, from these days. [own]
INHABITANTS_ON = date(2026, 1, 1)
FOLLOWERS_FROM = date(2025, 9, 1)
DORMANT_FROM = date(2026, 4, 1)
DEFAULT_INHABITANTS = 15_000  # a body whose inhabitants nobody counts

PLATFORMS = ("facebook", "x", "mastodon", "bluesky")
#: Upper bounds of the size classes in inhabitants, smallest first. [2016], [nl]
SIZE_BOUNDS = {"BE": (20_000, 50_000), "NL": (50_000, 100_000)}

#: (country, type, region or "") -> platform -> share with an account, by size class.
PRESENCE: dict[tuple[str, str, str], dict[str, tuple[float, float, float]]] = {
    ("BE", "municipality", "02000"): {  # [2016] 73 % and 65 % in all, 100 % over 50,000
        "facebook": (0.70, 0.75, 1.0),
        "x": (0.59, 0.75, 1.0),
        "mastodon": (0.02, 0.05, 0.25),
        "bluesky": (0.08, 0.15, 0.45),
    },
    ("BE", "municipality", ""): {  # [own]
        "facebook": (0.66, 0.75, 0.95),
        "x": (0.34, 0.55, 0.90),
        "mastodon": (0.02, 0.03, 0.15),
        "bluesky": (0.05, 0.10, 0.35),
    },
    ("NL", "municipality", ""): {  # [nl] 90 % and 99 %
        "facebook": (0.89, 0.92, 1.0),
        "x": (0.99, 1.0, 1.0),
        "mastodon": (0.10, 0.25, 0.45),
        "bluesky": (0.15, 0.30, 0.55),
    },
    ("BE", "ocmw", ""): {  # [own]
        "facebook": (0.30, 0.40, 0.60),
        "x": (0.08, 0.15, 0.40),
        "mastodon": (0.0, 0.0, 0.05),
        "bluesky": (0.01, 0.03, 0.10),
    },
}
#: Every other type: the same share for all sizes. [own]
PRESENCE_OF_TYPE: dict[str, dict[str, float]] = {
    "police_zone": {"facebook": 0.80, "x": 0.72, "mastodon": 0.02, "bluesky": 0.08},
    "emergency_zone": {"facebook": 0.88, "x": 0.66, "mastodon": 0.03, "bluesky": 0.10},
    "safety_region": {"facebook": 0.96, "x": 1.0, "mastodon": 0.40, "bluesky": 0.50},
    "police_unit": {"facebook": 1.0, "x": 1.0, "mastodon": 0.50, "bluesky": 0.60},
    "province": {"facebook": 1.0, "x": 1.0, "mastodon": 0.60, "bluesky": 0.70},
}

#: Followers / inhabitants of a municipality of 21,000, so that the ratio of means of Flanders comes
#: near 10.7 % and 6.1 % [2016]; [own] for the small platforms.
FOLLOWERS_RATIO = {"facebook": 0.116, "x": 0.058, "mastodon": 0.004, "bluesky": 0.007}
FOLLOWERS_SPREAD = 0.55  # sigma of the logarithm [own]
#: A body that people follow less, or more, than their municipality. [own]
FOLLOWERS_OF_TYPE = {
    "ocmw": 0.25,
    "police_zone": 0.60,
    "emergency_zone": 0.22,
    "safety_region": 0.12,
    "police_unit": 0.15,
    "province": 0.08,
}
SIZE_ELASTICITY = 0.93  # of followers to inhabitants: large places have fewer per head [own]


@dataclass(frozen=True, slots=True)
class Habits:
    """How a platform's accounts and citizens behave. Counts are means a month of 30 days."""

    posts: float
    incoming: float  # in a body of 20,000 inhabitants
    standalone_share: float  # of incoming messages, those outside the account's own threads
    reaction_rate: float  # reactions of a post / followers
    shares_of_reactions: float
    quotes_of_reactions: float
    views_of_followers: float


#: [own]; reactions after the Facebook median of about 0.09 % a follower.
HABITS = {
    "facebook": Habits(22, 17, 0.0, 0.0035, 0.16, 0.0, 0.0),
    "x": Habits(20, 15, 0.5, 0.0012, 0.35, 0.08, 0.30),
    "mastodon": Habits(9, 6, 0.0, 0.012, 0.45, 0.0, 0.0),
    "bluesky": Habits(10, 6, 0.0, 0.010, 0.25, 0.10, 0.0),
}
POSTS_RANGE = (5.0, 40.0)
POSTS_SPREAD = 0.45
INCOMING_ELASTICITY = 0.45

#: Accounts that answer at all, by size class. [2016] 31 % and 11 % of the small; the rest [own]
INTERACTIVE = {
    "facebook": (0.31, 0.60, 0.90),
    "x": (0.11, 0.45, 0.85),
    "mastodon": (0.30, 0.50, 0.80),
    "bluesky": (0.30, 0.50, 0.80),
}
ANSWER_SHARE = (0.35, 0.95)  # questions that an account which answers does answer [own]
REMARK_ANSWER_SHARE = 0.15
#: Response time in hours: median by platform and sigma of the logarithm; X's mean is about 19 h
#: ([2016]: mean 19 h, calendar clock, answered only).
RESPONSE_MEDIAN_HOURS = {"facebook": 5.0, "x": 9.0, "mastodon": 8.0, "bluesky": 7.0}
RESPONSE_SPREAD = 1.45
#: A thread ends within 14 days of its beginning: these two and what follows an answer. [own]
LONGEST_RESPONSE_HOURS = 220.0
LONGEST_COMMENT_HOURS = 60.0

#: Shares of accounts that behave oddly. [own]
DORMANT_SHARE = 0.03
STEADY_SHARE = 0.04  # followers never change
UNLOVED_SHARE = 0.02  # nobody ever reacts
FOLLOWERLESS_SHARE = 0.04  # of Mastodon and Bluesky accounts: followed by nobody yet
YEARLY_GROWTH = (-0.02, 0.12)
DAILY_WOBBLE = 0.0015

#: Shares of what is said. [own]
QUESTION_SHARE = 0.40
URL_REMARK_SHARE = 0.05  # the only question mark stands inside a link
TAGS_ONLY_SHARE = 0.04
REPOST_SHARE = 0.12  # of the number of originals
CONTINUATION_SHARE = 0.06
MENTIONING_SHARE = 0.05  # originals that name a citizen's handle
LATE_SHARE = 0.06  # answers after more than 168 h
SAME_SECOND_SHARE = 0.01
NESTED_SHARE = 0.15  # answers below a citizen's follow-up
SECOND_ANSWER_SHARE = 0.12
SELF_CONTINUATION_SHARE = 0.05
SKEWED_SHARE = 0.08  # Bluesky: an own reply that claims to be older than its question
THANKS_SHARE = 0.30
THANKS_WITH_QUESTION_SHARE = 0.25

#: Communes whose language is German.
GERMAN_SPEAKING = frozenset(
    {"63001", "63012", "63013", "63023", "63040", "63048", "63061", "63067", "63087"}
)
