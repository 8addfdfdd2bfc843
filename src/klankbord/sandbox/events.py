"""What became of an account: renamed, moved, protected, dead, in other hands, suddenly popular.

A fault (faults.py) strikes single requests; an event holds until it is taken back. Most events
change what the world says to the routes (`Seen`), so a platform needs no line of code for them;
`moved` and `protected` have forms of their own, for which a route asks `happened`.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from klankbord.errors import KlankbordError
from klankbord.sandbox.model import Message, WorldAccount
from klankbord.sandbox.youtube_objects import channel_id, subscribers_shown

_META = frozenset({"facebook", "instagram", "threads"})
_COUNTED = _META | {"x", "mastodon", "bluesky", "youtube", "linkedin", "tiktok"}
#: kind -> the platforms that can show it. A name on Mastodon is for life; nobody knows a LinkedIn
#: page's; TikTok and Threads are asked with the owner's token, so nobody else can answer; X lists
#: what is new, so nothing known is missing from it.
KINDS: Mapping[str, frozenset[str]] = {
    "renamed": _META | {"x", "bluesky", "youtube", "tiktok"},
    "moved": frozenset({"mastodon", "facebook"}),
    "protected": frozenset({"x"}),
    "dead": _COUNTED | {"website"},
    "hijacked": frozenset(
        {"facebook", "instagram", "x", "mastodon", "bluesky", "youtube", "linkedin"}
    ),
    "follower_jump": _COUNTED,
    "shrunken_answer": _COUNTED - {"x"},
    # one bearer serves all of X, one key YouTube's public part: the fault `token_expired` does that
    "token_refused": _META | {"mastodon", "youtube", "linkedin", "tiktok"},
}
#: what is asked with an owner's token, where the rest goes with everybody's key
_OWNERS_PATH = {"youtube": "/v2/"}
#: between an account's number and that of who has its name now
OTHER_HANDS = 1_000_000_000


class EventError(KlankbordError):
    """An event that was asked for cannot be."""


@dataclass(frozen=True, slots=True)
class Event:
    """What became of an account. `to`: its new name (renamed) or its new place (moved); where it
    is left out, one is invented."""

    account_id: str
    kind: str
    to: str = ""

    @classmethod
    def from_json(cls, body: Any) -> "Event":
        """From {account_id, kind, to?}; EventError says what is wrong."""
        known = {f.name for f in fields(cls)}
        if (
            not isinstance(body, dict)
            or not {"account_id", "kind"} <= set(body) <= known
            or not all(isinstance(value, str) for value in body.values())
        ):
            raise EventError(
                f"An event is an object of {sorted(known)}, account_id and kind at least."
            )
        return cls(**body)


class Events:
    """What became of the accounts of a world. Safe between threads."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self._events: dict[tuple[str, str], Event] = {}
        self._lock = threading.Lock()

    def add(self, account_id: str, kind: str, to: str = "") -> Event:
        """Let it happen, from now on; EventError when the platform cannot show it."""
        if kind not in KINDS:
            raise EventError(f"No event is called {kind!r}: give one of {sorted(KINDS)}.")
        try:
            account: WorldAccount = self._world.account(account_id)
        except KeyError:
            raise EventError(f"The world has no account {account_id!r}.") from None
        if account.platform not in KINDS[kind]:
            raise EventError(
                f"{account.platform} cannot show {kind!r}: choose {', '.join(sorted(KINDS[kind]))}."
            )
        event = Event(account_id, kind, to or self._invented(account, kind))
        with self._lock:
            self._events = {**self._events, (account_id, kind): event}
        return event

    def remove(self, account_id: str) -> None:
        """Take back what became of one account."""
        with self._lock:
            self._events = {k: e for k, e in self._events.items() if e.account_id != account_id}

    def clear(self) -> None:
        """Take back everything."""
        with self._lock:
            self._events = {}

    def happened(self, account: WorldAccount, kind: str) -> Event | None:
        """The event of an account, if there is one."""
        return self._events.get((account.account_id, kind))

    def of_kind(self, platform: str, kind: str) -> list[tuple[WorldAccount, Event]]:
        """A platform's accounts to which it happened."""
        found = [(self._world.account(e.account_id), e) for e in self._events.values()]
        return [(a, e) for a, e in found if a.platform == platform and e.kind == kind]

    def listed(self) -> list[dict[str, Any]]:
        """All of them, oldest first."""
        return [asdict(event) for event in self._events.values()]

    def __bool__(self) -> bool:
        return bool(self._events)

    def refuses(self, platform: str, path: str, address: str, authorization: str) -> bool:
        """Whether a request concerns an account whose token is refused: it stands in the address,
        or the token is its own (`<token of the sandbox>.<user_id>`)."""
        if not path.startswith(_OWNERS_PATH.get(platform, "/")):
            return False
        words = set(re.findall(r"[\w.@-]+", address)) | {authorization.rpartition(".")[2]}
        for account, _ in self.of_kind(platform, "token_refused"):
            names = {str(account.user_id), account.handle, channel_id(account.user_id)}
            if names & words:
                return True
        return False

    def _invented(self, account: WorldAccount, kind: str) -> str:
        """A name that is free, in the form of the old one."""
        if kind == "moved":
            name, _, server = account.handle.partition("@")
            return f"{name}@nieuw.{server}" if server else str(account.user_id + OTHER_HANDS)
        if kind != "renamed":
            return ""
        stem, dot, rest = account.handle.partition(".")
        names = (f"{stem[:-1]}{letter}{dot}{rest}" for letter in "zyxwv")
        free = (n for n in names if self._world.find(account.platform, n) is None)
        return next(n for n in free if n != account.handle)


class Seen:
    """A world as the platforms show it after the events; everything else is the world's own."""

    def __init__(self, world: Any, events: Events) -> None:
        self._world = world
        self._events = events

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world, name)

    def find(self, platform: str, handle_or_user_id: str | int) -> WorldAccount | None:
        """An account by the name or the id that it answers to now."""
        name = str(handle_or_user_id).lower()
        for account, event in self._events.of_kind(platform, "renamed"):
            if name == event.to.lower():
                return self._shown(account)
        for account, _ in self._events.of_kind(platform, "hijacked"):
            if name == str(account.user_id + OTHER_HANDS):
                return self._shown(account)
        account = self._world.find(platform, handle_or_user_id)
        if account is None:
            return None
        by_id = name == str(account.user_id)
        if not by_id and self._events.happened(account, "renamed"):
            return None
        if by_id and self._events.happened(account, "hijacked"):
            return None
        return self._shown(account)

    def account_of(self, message_id: int) -> WorldAccount | None:
        """As the world's, unless the account is gone."""
        account = self._world.account_of(message_id)
        return self._shown(account) if account else None

    def followers(self, account: WorldAccount, moment: datetime) -> int:
        """Three times as many, and some, after a jump."""
        count: int = self._world.followers(account, moment)
        if not self._events.happened(account, "follower_jump"):
            return count
        count = 3 * count + 300
        return subscribers_shown(count) if account.platform == "youtube" else count

    def own(
        self, account: WorldAccount, since: datetime, until: datetime, at: datetime | None = None
    ) -> list[Message]:
        """A third of its messages in a shrunken answer, always the same ones."""
        found: list[Message] = self._world.own(account, since, until, at)
        if not self._events.happened(account, "shrunken_answer"):
            return found
        return [message for message in found if message.message_id % 3 == 0]

    def _shown(self, account: WorldAccount) -> WorldAccount | None:
        if self._events.happened(account, "dead"):
            return None
        if event := self._events.happened(account, "renamed"):
            account = replace(account, handle=event.to)
        if self._events.happened(account, "hijacked"):
            account = replace(account, user_id=account.user_id + OTHER_HANDS)
        return account


def happened(sandbox: Any, account: WorldAccount, kind: str) -> Event | None:
    """What became of an account, for a route that has a form of its own for it."""
    events: Events | None = getattr(sandbox, "events", None)
    return events.happened(account, kind) if events else None
