"""What earlier scans stored of an account's posts, and what is due of them now.

Nothing is written here: the ledger is read from the rows of schema raw (`raw.readings` of the
extraction), so it can never disagree with them. Counters of a post are read when it is first seen
and at the ages of `AGE_STEPS`; a thread is read for `THREAD_DAYS`, and later when its counter moves
(contract 5).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

AGE_STEPS = tuple(timedelta(days=days) for days in (1, 3, 7, 28))
THREAD_AGE = timedelta(days=14)
#: how old a question is when nobody waits for its answer any more (`closing_days` of dbt)
CLOSING_AGE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reading:
    """The last stored reading of a post: when it was created and read (aware), its answers then."""

    created_at: datetime
    observed_at: datetime
    answers: int | None


def is_due(created_at: datetime, last_read_at: datetime, now: datetime) -> bool:
    """Whether the age of a post passed one of the steps since it was last read."""
    return any(last_read_at < created_at + step <= now for step in AGE_STEPS)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The last readings of an account's posts, by stored item_id.

    `posts_known_until`, `messages_known_until`, `insights_known_until`: the end of the last ok scan
    of the stream; None before the first. `profile`: the payload of the last stored profile.
    `closing`: the stored ids of the citizens' questions from listings (mentions) that closed since
    the last ok scan of the messages.
    """

    posts: Mapping[str, Reading] = field(default_factory=dict)
    posts_known_until: datetime | None = None
    messages_known_until: datetime | None = None
    insights_known_until: datetime | None = None
    profile: Mapping[str, Any] | None = None
    closing: Sequence[str] = ()

    def wants_thread(self, post_id: str, created_at: datetime, answers: int | None) -> bool:
        """Whether the thread under a post must be read now.

        A post without answers has none. A thread is read until a scan saw it at an age of 14 days
        (an answer to an answer moves no counter of the post, so nothing tells that it came); later
        when its counter moved since its last stored reading, or was never stored.
        """
        if answers == 0:
            return False
        known = self.messages_known_until
        if known is None or known < created_at + THREAD_AGE:
            return True
        last = self.posts.get(post_id)
        return last is None or last.answers != answers

    def wants_insights(self, created_at: datetime, now: datetime) -> bool:
        """Whether the insights of a post are due: at first sight and at the ages of its counters.
        An ok scan read all that were due then, so its end is when a post was last read."""
        known = self.insights_known_until
        return known is None or created_at >= known or is_due(created_at, known, now)

    def is_emptied(self, post_id: str, answers: int | None) -> bool:
        """Whether a post that had answers has none any more: its thread is known without a call,
        and the connector says so with a `ThreadRead`."""
        last = self.posts.get(post_id)
        return answers == 0 and last is not None and bool(last.answers)

    def due(self, since: datetime, now: datetime) -> Iterator[str]:
        """The posts created from `since` on whose counters are due."""
        for post_id, last in self.posts.items():
            if last.created_at >= since and is_due(last.created_at, last.observed_at, now):
                yield post_id


EMPTY_LEDGER = Ledger()
