"""The kinds of alarms, and how each is found: in SQL over register and raw, without a build.

An *event* happened on a day: a jump, a shrunken answer. The days of the last week are looked at
each time, so that what happened while nobody looked is not lost. All other kinds are *states*: what
was said last, within a week, of an account that the register has today. A state ends by itself when
the platform says otherwise or the register was corrected.
"""

from collections.abc import Iterator
from datetime import date, datetime

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord import alarm_outcomes, alarm_profiles
from klankbord.alarm_base import Found
from klankbord.database import Access
from klankbord.platforms.base import discover
from klankbord.settings import LOCAL_ZONE
from klankbord.tokens import WARN_DAYS, TokenSource

#: kind -> what it means, in the words of `klankbord alarms`
KINDS: dict[str, str] = {
    "follower_jump": "followers changed by more than a quarter within a week",
    "shrunken_answer": "more than half of what was known is missing from an answer",
    "renamed": "the account has another name than the register says",
    "moved": "the account says that it is elsewhere now",
    "protected": "the account shows its posts to followers only",
    "dead": "the platform knows the account no more",
    "hijacked": "another account answers to the name",
    "token_refused": "the platform refuses the token",
    "token_expiring": f"an owner's token ends within {WARN_DAYS} days",
    "late_platform": "no profile of the platform was read today",
}
EVENTS = frozenset({"follower_jump", "shrunken_answer"})
#: What was found is another thing when other words are said of it (a second new name).
SAID_IN_DETAIL = frozenset({"renamed", "moved"})


def found_by(
    access: Access, cursor: Cursor, kind: str, now: datetime, source: TokenSource
) -> Iterator[Found]:
    """What there is of a kind at a moment; of a state each subject at most once."""
    on = now.astimezone(LOCAL_ZONE).date()
    match kind:
        case "late_platform":
            yield from alarm_outcomes.late(cursor, now)
        case "token_expiring":
            yield from alarm_outcomes.expiring(access, on, source)
        case "shrunken_answer":
            yield from alarm_outcomes.quarantined(cursor, on, "items_")
            yield from alarm_outcomes.shrunken(cursor, on)
        case "follower_jump":
            refused = list(alarm_outcomes.quarantined(cursor, on, "followers_"))
            yield from refused
            for name, connector in discover().items():
                yield from alarm_profiles.jumps(cursor, name, connector, on, refused)
        case _:
            yield from _states(cursor, kind, on)


def _states(cursor: Cursor, kind: str, on: date) -> Iterator[Found]:
    said = list(alarm_outcomes.said(cursor, kind, on)) if kind in alarm_outcomes.WORDS else []
    yield from said
    known = {found.account_id for found in said}
    for name, connector in discover().items():
        for found in alarm_profiles.states(cursor, kind, name, connector, on):
            if found.account_id not in known:
                yield found
