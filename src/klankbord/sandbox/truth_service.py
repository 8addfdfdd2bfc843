"""The truth of the service level, M27: what became of everything that citizens said to a page.

When a page liked a message is the world's; what counts is whether the first scan that looked a week
after the message, or later, could see the like, or found the message gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from klankbord.sandbox.model import Message, WorldAccount
from klankbord.sandbox.truth_figures import Figure, Period
from klankbord.settings import LOCAL_ZONE

if TYPE_CHECKING:
    from klankbord.platforms.base import Window
    from klankbord.register import AccountRow
    from klankbord.sandbox.readings import Known
    from klankbord.sandbox.world import World

#: that tell an owner what the account itself likes
PLATFORMS = frozenset({"facebook"})
PATIENCE = timedelta(hours=168)
#: an answer that comes sooner is a machine's
PERSON = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Seen:
    """How a message stood when it was judged."""

    is_liked: bool
    is_gone: bool


def is_told(row: AccountRow) -> bool:
    """Whether an account's owner lets us ask as the account itself."""
    return row.platform in PLATFORMS and row.access_tier == "T3"


def judged(
    world: World,
    account: WorldAccount,
    moment: datetime,
    window: Window,
    known: Iterable[Message],
    standing: Collection[int],
) -> Mapping[int, Seen]:
    """The messages of the window that are a week old at its end, as they stood at the moment of the
    scan. standing: the ids of what is there then."""
    found = {}
    for message in known:
        if window.since <= message.created_at <= window.until - PATIENCE:
            liked_at = world.liked_at(account, message)
            found[message.message_id] = Seen(
                liked_at is not None and liked_at < moment, message.message_id not in standing
            )
    return found


def figure(period: Period, known: Known, days: Collection[date]) -> Figure:
    """M27 of what was said on `days` and was judged."""
    if not (is_told(known.row) and days & known.days):
        return period.missing("M27")
    answers = known.responses()
    items = handled = 0
    for name, seen in known.judged.items():
        said_at = known.incoming[name].created_at
        if said_at.astimezone(LOCAL_ZONE).date() not in days:
            continue
        by_people = [at - said_at for at in answers.get(name, ()) if at - said_at >= PERSON]
        is_answered = bool(by_people) and min(by_people) <= PATIENCE
        items += 1
        handled += is_answered or seen.is_liked or seen.is_gone
    return period.ratio("M27", handled, items, items)
