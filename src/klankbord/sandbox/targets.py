"""What the sandbox's safety regions want to reach: a communication plan like a real one's."""

from datetime import date

from klankbord.register.rows import Target
from klankbord.sandbox.world import World

SINCE, DUE = date(2026, 1, 1), date(2027, 1, 1)
SOURCE = "sandbox communication plan 2026"
#: name, metric, platform, segment, kind, value, unit, denominator
PLAN = (
    ("followers-facebook", "M08", "facebook", "all", "growth", 10, "percent", "baseline"),
    ("followers-linkedin", "M08", "linkedin", "all", "growth", 5, "percent", "baseline"),
    ("visits-from-social", "M39", None, "all", "growth", 10, "percent", "baseline"),
    ("reach-facebook", "M37", "facebook", "organic_posts", "level", 3500, "persons", "posts"),
    ("reach-linkedin", "M37", "linkedin", "organic_posts", "level", 4500, "persons", "posts"),
    ("engagement-facebook", "M13", "facebook", "all", "share", 7.5, "percent", "reach"),
    ("engagement-linkedin", "M13", "linkedin", "all", "share", 5.5, "percent", "reach"),
    ("vacancies-facebook", "M38", "facebook", "vacancy_posts", "share", 2.5, "percent",
     "impressions"),
    ("vacancies-linkedin", "M38", "linkedin", "vacancy_posts", "share", 2.5, "percent",
     "impressions"),
    ("links-facebook", "M38", "facebook", "organic_posts_with_link", "share", 2.5, "percent",
     "impressions"),
    ("links-linkedin", "M38", "linkedin", "organic_posts_with_link", "share", 3.5, "percent",
     "impressions"),
    ("first-message", "M34", None, "large_impact_incidents", "level", 5, "minutes", "none"),
)  # fmt: skip


def of_world(world: World) -> list[Target]:
    """The plan of the first two safety regions that have accounts in the world."""
    regions = sorted({
        account.organisation_id for account in world.accounts
        if account.organisation_id.startswith("nl-safety-region-")
    })  # fmt: skip
    return [
        Target(
            target_id=f"{region}-{name}", organisation_id=region, metric_id=metric,
            platform=platform, segment=segment, kind=kind,
            direction="at_most" if metric == "M34" else "at_least", target_value=value, unit=unit,
            denominator=denominator, baseline_date=SINCE, baseline_value=None, due_date=DUE,
            basis="synthetic", source=SOURCE,
        )
        for region in regions[:2]
        for name, metric, platform, segment, kind, value, unit, denominator in PLAN
    ]  # fmt: skip
