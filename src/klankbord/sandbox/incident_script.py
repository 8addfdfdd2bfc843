"""What the bodies around an incident say about it, when and on which channels: quick and slow ones,
silent ones, updates, reposts by partners, and messages that only look as if.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from klankbord.register import Organisation
from klankbord.sandbox import incident_texts as texts
from klankbord.sandbox.incident_places import Around
from klankbord.sandbox.model import Person, WorldAccount, WorldIncident
from klankbord.sandbox.threads import Draft

TALKING = frozenset(
    {"facebook", "x", "instagram", "mastodon", "bluesky", "threads", "linkedin", "website"}
)
#: where an own repost names what it repeats, and where an update may continue a thread of posts
REPEATING = frozenset({"x", "bluesky"})
THREADING = frozenset({"x", "bluesky"})


@dataclass(frozen=True, slots=True)
class Script:
    """What is said about an incident: account_id -> drafts; `repeats`: account_id -> (account_id,
    moment) of the message that its repost repeats."""

    drafts: Mapping[str, Sequence[Draft]]
    repeats: Mapping[str, tuple[str, datetime]]


@dataclass(frozen=True, slots=True)
class Stage:
    """What all scripts of a world are written with. `accounts`: of each body; `languages`: of each
    account; `hard`: the share of messages whose words do not tell, and of others that look as if
    they did."""

    seed: int
    around: Around
    accounts: Mapping[str, Sequence[WorldAccount]]
    languages: Mapping[str, str]
    hard: float


class Play:
    """Writes the script of one incident. `month`: all incidents of its month."""

    def __init__(
        self, stage: Stage, incident: WorldIncident, month: Sequence[WorldIncident]
    ) -> None:
        self._stage, self._incident = stage, incident
        self._rng = random.Random(f"{stage.seed}|script|{incident.key}")
        self._drafts: dict[str, list[Draft]] = defaultdict(list)
        self._firsts: list[tuple[datetime, WorldAccount, Draft]] = []
        # what goes on near by in that month is left out of what is said about something else
        town = incident.municipality.organisation_id
        here = {i.kind for i in month if i.municipality.organisation_id == town}
        busy = {i.municipality.organisation_id for i in month}
        self._others = [kind for kind in sorted(texts.EVENTS) if kind not in here]
        quiet = [name for name in incident.neighbours if name not in busy]
        self._near = [stage.around.body(name) for name in quiet or incident.neighbours or (town,)]

    def script(self) -> Script:
        """All that is said; of one Play to be asked once."""
        incident = self._incident
        for body in incident.concerned:
            for account in self._speaking(body):
                self._speak(account)
        for body in incident.neighbours:
            for account in self._talking(body):
                if self._rng.random() < 0.15:
                    self._say(account, texts.NEIGHBOURS, self._rng.uniform(10, 200) * 60)
        repeats = dict(self._repost())  # before drafts: a partner may say nothing but its repost
        return Script(dict(self._drafts), repeats)

    def _talking(self, body: str) -> list[WorldAccount]:
        return [a for a in self._stage.accounts.get(body, ()) if a.platform in TALKING]

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
        if self._stage.hard and self._rng.random() < self._stage.hard:
            sentences, parent = texts.VAGUE, None
        text = self._text(account, sentences)
        at = self._incident.alarmed_at + timedelta(seconds=int(seconds))
        kind = "continuation" if parent else "original"
        draft = Draft(kind, at, text, parent=parent, about=self._incident.key)
        self._drafts[account.account_id].append(draft)
        return draft

    def _decoy(self, account: WorldAccount, seconds: float) -> None:
        is_hard = self._stage.hard and self._rng.random() < self._stage.hard
        text = self._text(account, texts.LOOKALIKES if is_hard else texts.DECOYS)
        at = self._incident.alarmed_at + timedelta(seconds=int(seconds))
        self._drafts[account.account_id].append(Draft("original", at, text))

    def _text(self, account: WorldAccount, sentences: Mapping[str, tuple[str, ...] | str]) -> str:
        rng, incident = self._rng, self._incident
        language = self._stage.languages[account.account_id]
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
                for account in self._stage.accounts.get(body, ()):
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
