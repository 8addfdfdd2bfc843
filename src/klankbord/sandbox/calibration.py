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

#: In the world now. A platform joins with its routes and connector; the tables below may know it
#: before.
PLATFORMS = (
    "facebook",
    "x",
    "mastodon",
    "bluesky",
    "youtube",
    "instagram",
    "website",
    "threads",
    "linkedin",
    "tiktok",
)
#: Shares of accounts of which the owner lets us read insights (T3), and of those of which only what
#: is public can be read (T1: no conversations). The rest are T2. [own]
OWNER_SHARE = {"instagram": 0.25, "youtube": 0.15, "facebook": 0.1, "linkedin": 1.0, "tiktok": 1.0,
               "threads": 1.0, "x": 0.05}  # fmt: skip
PUBLIC_ONLY_SHARE = {"instagram": 0.75}

#: Followers / inhabitants of a municipality of 21,000, so that the ratio of means of Flanders comes
#: near 10.7 % and 6.1 % [2016]; [own] for the small platforms.
FOLLOWERS_RATIO = {
    "facebook": 0.116,
    "x": 0.058,
    "mastodon": 0.004,
    "bluesky": 0.007,
    "instagram": 0.075,
    "youtube": 0.006,
    "linkedin": 0.045,
    "tiktok": 0.012,
    "threads": 0.008,
    "website": 0.0,
}
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
    "instagram": Habits(12, 8, 0.0, 0.014, 0.0, 0.0, 0.0),
    "youtube": Habits(5, 5, 0.0, 0.010, 0.0, 0.0, 1.20),
    "linkedin": Habits(9, 5, 0.0, 0.011, 0.08, 0.0, 0.0),
    "tiktok": Habits(5, 6, 0.0, 0.030, 0.10, 0.0, 2.00),
    "threads": Habits(8, 5, 0.0, 0.008, 0.10, 0.05, 0.0),
    "website": Habits(14, 0, 0.0, 0.0, 0.0, 0.0, 0.0),
}
#: Where only two levels stand below a post: a comment, and an answer to a comment.
TWO_LEVELS = frozenset({"facebook", "instagram", "youtube", "linkedin"})
POSTS_RANGE = (5.0, 40.0)
POSTS_SPREAD = 0.45
INCOMING_ELASTICITY = 0.45

#: Accounts that answer at all, by size class. [2016] 31 % and 11 % of the small; the rest [own]
INTERACTIVE = {
    "facebook": (0.31, 0.60, 0.90),
    "x": (0.11, 0.45, 0.85),
    "mastodon": (0.30, 0.50, 0.80),
    "bluesky": (0.30, 0.50, 0.80),
    "instagram": (0.25, 0.50, 0.85),
    "youtube": (0.15, 0.35, 0.60),
    "linkedin": (0.20, 0.40, 0.70),
    "tiktok": (0.0, 0.0, 0.0),
    "threads": (0.25, 0.45, 0.75),
    "website": (0.0, 0.0, 0.0),
}
ANSWER_SHARE = (0.35, 0.95)  # questions that an account which answers does answer [own]
REMARK_ANSWER_SHARE = 0.15
#: Response time in hours: median by platform and sigma of the logarithm; X's mean is about 19 h
#: ([2016]: mean 19 h, calendar clock, answered only).
RESPONSE_MEDIAN_HOURS = {
    "facebook": 5.0,
    "x": 9.0,
    "mastodon": 8.0,
    "bluesky": 7.0,
    "instagram": 6.0,
    "youtube": 20.0,
    "linkedin": 12.0,
    "tiktok": 0.0,
    "threads": 8.0,
    "website": 0.0,
}
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
DELETED_SHARE = 0.02  # of originals, and of citizens' messages that nobody answered
DELETED_WITHIN_HOURS = 240.0
LIKED_SHARE = (0.08, 0.40)  # of citizens' messages, by an account that never answers, or does
LIKED_WITHIN_HOURS = 240.0  # so that some likes come when nobody waits for them any more
SKEWED_SHARE = 0.08  # Bluesky: an own reply that claims to be older than its question
THANKS_SHARE = 0.30
THANKS_WITH_QUESTION_SHARE = 0.25

#: Communes whose language is German.
GERMAN_SPEAKING = frozenset(
    {"63001", "63012", "63013", "63023", "63040", "63048", "63061", "63067", "63087"}
)
