"""Incidents of the world: where alarms went off, and what the bodies around them said, when.

They are drawn month by month, for each municipality by itself, so that the rest of the world stays
as it is: an account's other messages do not move. What is said is known (`Message.about`), not read
from the text. `share`: incidents a municipality and month; `hard`: the share of messages whose
words do not tell, and of others that look as if they did.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from klankbord.register import Organisation, Register
from klankbord.sandbox import incident_texts as texts
from klankbord.sandbox.incident_places import Around
from klankbord.sandbox.model import Person, WorldAccount
from klankbord.sandbox.threads import Draft, days_in, month_of
from klankbord.settings import LOCAL_ZONE

SHARE = 1 / 60
TALKING = frozenset(
    {"facebook", "x", "instagram", "mastodon", "bluesky", "threads", "linkedin", "website"}
)
#: where an own repost names what it repeats, and where an update may continue a thread of posts
REPEATING = frozenset({"x", "bluesky"})
THREADING = frozenset({"x", "bluesky"})
LARGE = {"BE": ("be_phase", ("municipal", "municipal", "provincial")), "NL": ("grip", ("1", "2"))}


@dataclass(frozen=True, slots=True)
class WorldIncident:
    """An alarm. `scale`: a word of the country's log, "" without one. `has_municipality`: whether
    the log names it; else it gives `latitude` and `longitude` alone."""

    key: str
    alarmed_at: datetime
    municipality: Organisation
    kind: str
    scale: str
    is_large: bool
    has_municipality: bool
    concerned: tuple[str, ...]
    neighbours: tuple[str, ...]

    @property
    def source(self) -> str:
        return f"sandbox {self.municipality.country.lower()}"


@dataclass(frozen=True, slots=True)
class Script:
    """What is said about an incident: account_id -> drafts; `repeats`: account_id -> (account_id,
    moment) of the message that its repost repeats."""

    drafts: Mapping[str, Sequence[Draft]]
    repeats: Mapping[str, tuple[str, datetime]]


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
        self.share, self.hard = share, hard
        self._register, self._seed, self._languages = register, seed, languages
        self._accounts: dict[str, list[WorldAccount]] = defaultdict(list)
        for account in accounts:
            self._accounts[account.organisation_id].append(account)
        self.around = Around(register)
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

    def accounts_of(self, organisation_id: str) -> list[WorldAccount]:
        return self._accounts.get(organisation_id, [])

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
        return _Play(self, incident, self._seed, self._languages).script()


class _Play:
    """Writes the script of one incident."""

    def __init__(
        self, world: Incidents, incident: WorldIncident, seed: int, languages: Mapping[str, str]
    ) -> None:
        self._world, self._incident, self._languages = world, incident, languages
        self._rng = random.Random(f"{seed}|script|{incident.key}")
        self._drafts: dict[str, list[Draft]] = defaultdict(list)
        self._firsts: list[tuple[datetime, WorldAccount, Draft]] = []
        # what goes on near by in that month is left out of what is said about something else
        month = world.of_month(month_of(incident.alarmed_at))
        town = incident.municipality.organisation_id
        here = {i.kind for i in month if i.municipality.organisation_id == town}
        busy = {i.municipality.organisation_id for i in month}
        self._others = [kind for kind in sorted(texts.EVENTS) if kind not in here]
        quiet = [name for name in incident.neighbours if name not in busy]
        self._near = [world.around.body(name) for name in quiet or incident.neighbours or (town,)]

    def script(self) -> Script:
        incident = self._incident
        for body in incident.concerned:
            for account in self._speaking(body):
                self._speak(account)
        for body in incident.neighbours:
            for account in self._talking(body):
                if self._rng.random() < 0.15:
                    self._say(account, texts.NEIGHBOURS, self._rng.uniform(10, 200) * 60)
        return Script(dict(self._drafts), dict(self._repost()))

    def _talking(self, body: str) -> list[WorldAccount]:
        return [a for a in self._world.accounts_of(body) if a.platform in TALKING]

    def _speaking(self, body: str) -> list[WorldAccount]:
        """The channels on which a body speaks: none of a silent one."""
        found = self._talking(body)
        if not found or self._rng.random() < 0.2:
            return []
        chosen = [a for a in found if self._rng.random() < 0.75]
        return chosen or found[:1]

    def _speak(self, account: WorldAccount) -> None:
        rng = self._rng
        is_quick = rng.random() < 0.4
        seconds = rng.uniform(20, 300) if is_quick else rng.uniform(300, 7200)
        is_home = account.organisation_id == self._incident.municipality.organisation_id
        sentences = texts.OWN if is_home and rng.random() < 0.5 else texts.FIRST
        first = last = self._say(account, sentences, seconds)
        self._firsts.append((first.at, account, first))
        for _ in range(int(rng.random() * 5)):
            seconds += rng.uniform(10, 90) * 60
            parent = last if account.platform in THREADING and rng.random() < 0.5 else None
            last = self._say(account, texts.UPDATES, seconds, parent)
        if rng.random() < 0.4:
            self._decoy(account, rng.uniform(60, 5 * 3600))

    def _say(
        self,
        account: WorldAccount,
        sentences: Mapping[str, tuple[str, ...] | str],
        seconds: float,
        parent: Draft | None = None,
    ) -> Draft:
        if self._world.hard and self._rng.random() < self._world.hard:
            sentences, parent = texts.VAGUE, None
        text = self._text(account, sentences)
        at = self._incident.alarmed_at + timedelta(seconds=int(seconds))
        kind = "continuation" if parent else "original"
        draft = Draft(kind, at, text, parent=parent, about=self._incident.key)
        self._drafts[account.account_id].append(draft)
        return draft

    def _decoy(self, account: WorldAccount, seconds: float) -> None:
        is_hard = self._world.hard and self._rng.random() < self._world.hard
        text = self._text(account, texts.LOOKALIKES if is_hard else texts.DECOYS)
        at = self._incident.alarmed_at + timedelta(seconds=int(seconds))
        self._drafts[account.account_id].append(Draft("original", at, text))

    def _text(self, account: WorldAccount, sentences: Mapping[str, tuple[str, ...] | str]) -> str:
        rng, incident = self._rng, self._incident
        language = self._languages[account.account_id]
        found = sentences[language]
        sentence = found if isinstance(found, str) else found[int(rng.random() * len(found))]
        place = _name(incident.municipality, language)
        event = texts.EVENTS[incident.kind][language]
        return sentence.format(
            event=event,
            event_low=event.lower(),
            other=texts.EVENTS[self._others[int(rng.random() * len(self._others))]][language],
            place=place,
            elsewhere=_name(self._near[int(rng.random() * len(self._near))], language),
            tag=re.sub(r"\W", "", (event + place).lower()),
        )

    def _repost(self) -> Iterator[tuple[str, tuple[str, datetime]]]:
        """Partners pass on what was said first on their platform; some of them too late."""
        incident, rng = self._incident, self._rng
        for platform in sorted(REPEATING):
            firsts = [f for f in self._firsts if f[1].platform == platform]
            if not firsts:
                continue
            at, whose, draft = min(firsts, key=lambda f: (f[0], f[1].account_id))
            author = Person(whose.user_id, whose.name, whose.handle, "")
            for body in (*incident.concerned, *incident.neighbours):
                for account in self._world.accounts_of(body):
                    if account.platform != platform or account is whose or rng.random() < 0.5:
                        continue
                    minutes = rng.uniform(2, 58) if rng.random() < 0.8 else rng.uniform(65, 120)
                    moment = at + timedelta(seconds=int(60 * minutes))
                    self._drafts[account.account_id].append(
                        Draft(
                            "repost",
                            moment,
                            "",
                            reposted=(author, draft.text),
                            about=incident.key,
                        )
                    )
                    yield account.account_id, (whose.account_id, at)


def _name(town: Organisation, language: str) -> str:
    """As people write it: without what tells it from another of its name."""
    name = getattr(town, f"name_{language}") or town.name_nl or town.name_fr or town.name_de
    return re.sub(r"\s*\([^)]*\)", "", name or town.organisation_id)
