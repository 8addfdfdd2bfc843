"""The months of a world's accounts: what was said, what is taken away again, what repeats what.

Nothing is stored: a month is written when it is asked for and kept for a while.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from klankbord.sandbox import calibration as cal
from klankbord.sandbox.chances import chances
from klankbord.sandbox.incidents import Incidents
from klankbord.sandbox.life import Writer
from klankbord.sandbox.model import Message, Person, WorldAccount
from klankbord.sandbox.population import Traits, citizen
from klankbord.sandbox.threads import Month

MONTHS_KEPT = 1024


class Months:
    """The months of `accounts` that live by their `traits` (both by account_id) and speak of
    `incidents`; `month(account_id, number)` is one of them (threads.month_of numbers them). May be
    asked from several threads."""

    def __init__(
        self,
        seed: int,
        accounts: Mapping[str, WorldAccount],
        traits: Mapping[str, Traits],
        incidents: Incidents,
    ) -> None:
        self._seed, self._accounts, self._traits = seed, accounts, traits
        self._incidents = incidents
        self._plain = lru_cache(MONTHS_KEPT)(self._written)
        self.month = lru_cache(MONTHS_KEPT)(self._month)

    def _month(self, account_id: str, number: int) -> Month:
        month = self._plain(account_id, number)
        if not any(m.kind == "repost" and m.about for m in month.messages):
            return month
        found = (self._repeating(m, number) for m in month.messages)
        return replace(month, messages=tuple(found))

    def _repeating(self, message: Message, number: int) -> Message:
        """A repost of another account's message about an incident, with the id of that one."""
        if message.kind != "repost" or message.about is None:
            return message
        account = self._accounts[message.account_id]
        whose, moment = self._incidents.repeated(account, number, message.about)
        there = self._plain(whose, number).messages
        of = (m for m in there if m.about == message.about and m.created_at == moment)
        return replace(message, reposted_id=next(of).message_id)

    def _written(self, account_id: str, number: int) -> Month:
        account, traits = self._accounts[account_id], self._traits[account_id]

        def someone(place: int) -> Person:
            return citizen(self._seed, account, traits, place)

        more = tuple(self._incidents.drafts(account, number))
        month = Writer(self._seed, account, traits, number, someone, more).write()
        return replace(month, deleted_at=dict(self._deletions(month)))

    def _deletions(self, month: Month) -> Iterator[tuple[int, datetime]]:
        """What is taken away again, and when: some originals, and messages of citizens, of those
        that nothing stands below (what happens to that differs between platforms)."""
        for message in month.messages:
            if message.kind not in ("original", "incoming") or message.message_id in month.children:
                continue
            chance, after, *_ = chances(self._seed, "deleted", message.message_id)
            if chance < cal.DELETED_SHARE:
                hours = after * cal.DELETED_WITHIN_HOURS
                yield message.message_id, message.created_at + timedelta(hours=hours)
