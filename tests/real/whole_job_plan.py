"""What the whole job is run on: the plans of both servers, and more, for the figures' sake.

`UNTIL` is a fixed moment, so every figure can be worked out by hand: 22:00 in Brussels on 14 April
2026. The window opens on 16 March and holds the start of summer time; half of what is said falls in
March, half in April. The servers keep the moments that posts declare, and any date before the real
one will do. Followers are counted when the scan runs; earlier counts come from an archive.
"""

from datetime import UTC, date, datetime

from tests.real import bluesky_plan, mastodon_network
from tests.real.bluesky_plan import DAY, HOUR

UNTIL = datetime(2026, 4, 14, 20, tzinfo=UTC)
SCAN_ON = date(2026, 4, 14)
#: Bodies' accounts stand in the register from this day on; Kortrijk's from a later one.
VALID_FROM = date(2026, 2, 15)
LATER = {"kortrijk": date(2026, 4, 1)}


def bluesky() -> bluesky_plan.Plan:
    """The plan of the connector's test, and: an open question that has its answer, an answer after
    exactly 168 hours, a post in the first hour of April (and the last of March in UTC)."""
    plan = bluesky_plan.benchmark(UNTIL)
    say = plan.say
    plan.likes += [(citizen, "gent-90") for citizen in bluesky_plan.CITIZENS[:3]]
    at = UNTIL - 10 * DAY
    say("leuven-q2", "farah", at, "En met de fiets?", parent="leuven-1", is_question=True)
    say("leuven-a2", "leuven", at + 168 * HOUR, "Ook dan.", parent="leuven-q2")
    at = UNTIL - 3 * DAY
    say("kortrijk-q2", "anke", at, "En zondag?", parent="kortrijk-1", is_question=True)
    say("kortrijk-a2", "kortrijk", at + HOUR, "Ook zondag.", parent="kortrijk-q2")
    say("mechelen-2", "mechelen", datetime(2026, 3, 31, 22, 30, tzinfo=UTC), "1 april!")
    return plan


def mastodon() -> mastodon_network.Plan:
    """The plan of the connector's test, and: an open question that has its answer, a body that
    posted a month less two days ago and was silent since, a post in the first hour of April."""
    plan = mastodon_network.benchmark(UNTIL)
    say = plan.say
    plan.likes += [(citizen, "gent-60") for citizen in mastodon_network.CITIZENS[:2]]
    plan.reposts.append(mastodon_network.Repost("celine", "gent-60", UNTIL - 9 * DAY))
    say("utrecht-1", "utrecht", UNTIL - 28 * DAY, "Morgen is er markt.")
    at = UNTIL - 2 * DAY
    say("leuven-q", "dirk", at, "@leuven Tot wanneer?", parent="leuven-1", is_question=True)
    say("leuven-a", "leuven", at + HOUR, "@_ Tot mei.", parent="leuven-q")
    say("mechelen-2", "mechelen", datetime(2026, 3, 31, 22, 30, tzinfo=UTC), "1 april!")
    return plan


def archived(number: int) -> dict[date, int]:
    """What earlier studies counted for the plan's body of that number (the first is 0).

    Under 50, where a gate takes a fall for a broken answer. The first body had nobody at the start;
    the last count is of the day of the scan, whose own count must win.
    """
    return {
        date(2026, 2, 1): number,
        date(2026, 3, 1): 2 * number,
        date(2026, 4, 1): 4 * number + 4,
        SCAN_ON: 999,
    }
