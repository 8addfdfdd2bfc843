"""The words that a cell of the register may hold, column by column."""

from typing import Literal

OrganisationType = Literal[
    "municipality",
    "ocmw",
    "police_zone",
    "emergency_zone",
    "safety_region",
    "police_unit",
    "province",
]
Country = Literal["BE", "NL"]
Platform = Literal[
    "facebook",
    "instagram",
    "x",
    "youtube",
    "linkedin",
    "tiktok",
    "threads",
    "mastodon",
    "bluesky",
    "website",
    # registered by hand with their dates, never measured: nothing can be asked of them
    "whatsapp_channel",
    "whatsapp_group",
    "snapchat",
    "nextdoor",
    "hoplr",
    "app",
]
Role = Literal["official", "sub"]
AccessTier = Literal["T0", "T1", "T2", "T3"]
#: What an owner allows us to read, or no longer: klankbord.consent.
ConsentScope = Literal["insights", "messages", "posts"]
#: Where a row comes from: an official register, a public list, something to check before it is
#: published, an organisation's own statement, the sandbox's world.
Basis = Literal["source", "secondary", "unconfirmed", "declared", "synthetic"]

#: Of a target: which posts or incidents it is about.
Segment = Literal[
    "all", "organic_posts", "organic_posts_with_link", "vacancy_posts", "corporate_posts",
    "crisis_posts", "risk_posts", "large_impact_incidents",
]  # fmt: skip
TargetKind = Literal["growth", "level", "share"]
Direction = Literal["at_least", "at_most"]
TargetUnit = Literal["percent", "persons", "visits", "minutes", "hours", "posts"]
#: What a target's value is divided by; `baseline` only with growth, `none` only with level.
Denominator = Literal[
    "baseline", "followers", "reach", "impressions", "views", "inhabitants", "posts", "questions",
    "incidents", "none",
]  # fmt: skip
