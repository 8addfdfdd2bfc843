"""Incidents of the world: where alarms went off, and what the bodies around them said, when.

They are drawn month by month, for each municipality by itself, so that the rest of the world stays
as it is: an account's other messages do not move. What is said is known (`Message.about`), not read
from the text (klankbord.sandbox.incident_script writes it). `share`: incidents a municipality and
month; `hard`: see its Stage.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from klankbord.register import Organisation, Register
from klankbord.sandbox import incident_texts as texts
from klankbord.sandbox.incident_places import Around
from klankbord.sandbox.incident_script import Play, Script, Stage
from klankbord.sandbox.model import WorldAccount, WorldIncident
from klankbord.sandbox.threads import Draft, days_in, month_of
from klankbord.settings import LOCAL_ZONE

SHARE = 1 / 60
LARGE = {"BE": ("be_phase", ("municipal", "municipal", "provincial")), "NL": ("grip", ("1", "2"))}


class Incidents:
    """The incidents of a register's municipalities and what the given accounts say about them.
    `languages`: of each account."""

    def __init__(
        self,
        register: Register,
        seed: int,
        accounts: Iterable[WorldAccount],
        languages: Mapping[str, str],
        share: float = SHARE,
        hard: float = 0.0,
    ) -> None:
        self.share, self._seed = share, seed
        of_body: dict[str, list[WorldAccount]] = defaultdict(list)
        for account in accounts:
            of_body[account.organisation_id].append(account)
        self.around = Around(register)
        self._stage = Stage(seed, self.around, dict(of_body), languages, hard)
        self.of_month = lru_cache(240)(self._of_month)
        self.script = lru_cache(4096)(self._script)
        self._concerning = lru_cache(240)(self._by_body)

    def about(self, account: WorldAccount, month: int) -> list[WorldIncident]:
        """The incidents of a local month that may make an account speak."""
        return self._concerning(month).get(account.organisation_id, [])

    def drafts(self, account: WorldAccount, month: int) -> Iterator[Draft]:
        """All that an account says because of the month's incidents."""
        for incident in self.about(account, month):
            yield from self.script(incident).drafts.get(account.account_id, ())

    def repeated(self, account: WorldAccount, month: int, key: str) -> tuple[str, datetime]:
        """(account_id, moment) of the message about an incident that an account reposts."""
        incident = next(i for i in self.about(account, month) if i.key == key)
        return self.script(incident).repeats[account.account_id]

    def _by_body(self, month: int) -> dict[str, list[WorldIncident]]:
        found: dict[str, list[WorldIncident]] = defaultdict(list)
        for incident in self.of_month(month):
            for body in (*incident.concerned, *incident.neighbours):
                found[body].append(incident)
        return dict(found)

    def _of_month(self, month: int) -> tuple[WorldIncident, ...]:
        found = []
        first = date(month // 12, month % 12 + 1, 1)
        for body in self.around.municipalities(first):
            rng = random.Random(f"{self._seed}|incident|{body.organisation_id}|{month}")
            if rng.random() < self.share:
                found += self._drawn(rng, body, month)
        return tuple(sorted(found, key=lambda i: (i.alarmed_at, i.key)))

    def _drawn(self, rng: random.Random, body: Organisation, month: int) -> Iterator[WorldIncident]:
        """One incident, or two at once of different kinds."""
        day = 2 + int(rng.random() * (days_in(month) - 4))
        local = datetime(
            month // 12, month % 12 + 1, day, int(rng.random() * 24), tzinfo=LOCAL_ZONE
        )
        at = local.astimezone(UTC) + timedelta(minutes=int(rng.random() * 60))
        kinds = rng.sample(sorted(texts.EVENTS), 2)
        for number, kind in enumerate(kinds if rng.random() < 0.2 else kinds[:1], 1):
            is_large = rng.random() < 0.7
            system, names = LARGE[body.country]
            scale = names[int(rng.random() * len(names))] if is_large else ""
            names_it = rng.random() > 0.15 or not self.around.is_nearest(body, at)
            around = self.around.of(body, at, with_province=scale == "provincial")
            yield WorldIncident(
                f"{month // 12}-{month % 12 + 1:02d}-{body.official_code}-{number}",
                at,
                body,
                kind,
                f"GRIP {scale}" if scale and system == "grip" else scale,
                is_large,
                names_it,
                *around,
            )
            at += timedelta(minutes=15 + int(rng.random() * 40))

    def _script(self, incident: WorldIncident) -> Script:
        month = self.of_month(month_of(incident.alarmed_at))
        return Play(self._stage, incident, month).script()
