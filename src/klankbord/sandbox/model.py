"""The shapes that the world, the routes and the truth share."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from klankbord.register.rows import Organisation

PostKind = Literal["original", "reply", "continuation", "repost"]


@dataclass(frozen=True, slots=True)
class Person:
    """A citizen of the world. `user_id` is unique over the world; routes format it (a Bluesky DID,
    an X number). None of these four may ever be found in the warehouse."""

    user_id: int
    name: str
    handle: str
    avatar_url: str


@dataclass(frozen=True, slots=True)
class WorldAccount:
    """An official account of a body of the register."""

    account_id: str
    organisation_id: str
    platform: str
    handle: str
    user_id: int
    name: str
    followers_start: int


@dataclass(frozen=True, slots=True)
class Message:
    """Anything said, by the account or by a citizen. Ids are 63-bit numbers that grow with
    created_at; routes format them. `parent_id` is what it answers (None: starts a thread);
    `root_id` the start of its thread (itself when it starts one). `author` None: the account.

    `kind` for own messages: original, reply (to somebody else), continuation (to oneself), repost
    (`reposted` is then the foreign message it repeats; `reposted_id` where that is an own message
    of another account of the world). For citizens': 'incoming'. `is_question` and `about` (the key
    of an incident) are the world's own knowledge, not read from the text.
    """

    message_id: int
    account_id: str
    author: Person | None
    kind: Literal["original", "reply", "continuation", "repost", "incoming"]
    created_at: datetime
    text: str
    parent_id: int | None
    root_id: int
    is_question: bool = False
    mentions: tuple[Person, ...] = ()
    reposted_text: str | None = None
    reposted_author: Person | None = None
    reposted_id: int | None = None
    about: str | None = None

    @property
    def is_own(self) -> bool:
        return self.author is None


@dataclass(frozen=True, slots=True)
class Counters:
    """Public counters of an own message at a moment. Routes leave out what a platform lacks."""

    reactions: int
    comments: int  # direct answers that exist at that moment (citizens' and own)
    shares: int
    quotes: int
    views: int


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
