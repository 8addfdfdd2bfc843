"""The threads of an account, month by month, and the ids that tell when and whose a message is.

Threads belong to the local month in which they begin and end within 14 days (for so long replies
are collected): a question about any interval needs its months and the one before.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Literal

from klankbord.sandbox.model import Message, Person
from klankbord.settings import LOCAL_ZONE

EPOCH_SECONDS = 1_288_834_974  # 2010-11-04, as X's ids


def month_of(moment: datetime) -> int:
    """A local month as a number: 12 x year + month - 1."""
    local = moment.astimezone(LOCAL_ZONE)
    return 12 * local.year + local.month - 1


def month_start(month: int) -> datetime:
    """The local midnight that begins a month, in UTC."""
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=LOCAL_ZONE).astimezone(UTC)


def created_at(message_id: int) -> datetime:
    """The moment that a message's id tells."""
    return datetime.fromtimestamp((message_id >> 22) // 1000 + EPOCH_SECONDS, UTC)


def slot_of(message_id: int) -> int:
    """The slot of the account whose message this is."""
    return (message_id & 0x3FFFFF) >> 5


def days_in(month: int) -> int:
    """Days of a local month."""
    first, following = (date(m // 12, m % 12 + 1, 1) for m in (month, month + 1))
    return (following - first).days


def make_id(moment: datetime, slot: int, month: int, place: int) -> int:
    """An id that grows with the moment and then with `place`, the rank among messages of the same
    second and month of beginning. Its last five bits are 0: id - 1 is nobody's."""
    millisecond = 2 * place + month % 2
    if millisecond > 999:
        raise OverflowError(f"more than 500 messages of slot {slot} in one second")
    seconds = int(moment.timestamp()) - EPOCH_SECONDS
    return ((seconds * 1000 + millisecond) << 22) | (slot << 5)


@dataclass(slots=True, eq=False)
class Draft:
    """A message that has no id yet. `visible_at`: when it and all that it answers exist."""

    kind: Literal["original", "reply", "continuation", "repost", "incoming"]
    at: datetime
    text: str
    author: Person | None = None
    parent: "Draft | None" = None
    is_question: bool = False
    mentions: tuple[Person, ...] = ()
    reposted: tuple[Person, str] | None = None
    about: str | None = None

    @property
    def root(self) -> "Draft":
        return self.parent.root if self.parent else self

    @property
    def visible_at(self) -> datetime:
        return max(self.at, self.parent.visible_at) if self.parent else self.at


@dataclass(frozen=True)
class Month:
    """The messages of the threads that began in a month, oldest first. `visible_at` only holds
    those that claim to be older than what they answer, `deleted_at` those that are taken away."""

    messages: tuple[Message, ...]
    visible_at: dict[int, datetime] = field(default_factory=dict)
    deleted_at: dict[int, datetime] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> dict[int, Message]:
        return {m.message_id: m for m in self.messages}

    @cached_property
    def threads(self) -> dict[int, list[Message]]:
        return self._grouped(lambda m: m.root_id)

    @cached_property
    def children(self) -> dict[int | None, list[Message]]:
        return self._grouped(lambda m: m.parent_id)

    def exists(self, message: Message, until: datetime) -> bool:
        """Whether a message stood there just before `until`."""
        name = message.message_id
        if name in self.deleted_at and self.deleted_at[name] < until:
            return False
        return self.visible_at.get(name, message.created_at) < until

    def _grouped(self, key: Callable[[Message], int | None]) -> dict[int | None, list[Message]]:
        groups = defaultdict(list)
        for message in self.messages:
            groups[key(message)].append(message)
        return dict(groups)


def finish(drafts: Sequence[Draft], account_id: str, slot: int, month: int) -> Month:
    """Give ids in order of time; within a second what is answered was drafted first."""
    ordered = sorted(drafts, key=lambda draft: draft.at)
    ids: dict[int, int] = {}
    second, place = None, 0
    for draft in ordered:
        place = place + 1 if draft.at == second else 0
        second = draft.at
        ids[id(draft)] = make_id(draft.at, slot, month, place)
    skewed = {ids[id(d)]: d.visible_at for d in ordered if d.visible_at > d.at}
    return Month(tuple(_message(draft, account_id, ids) for draft in ordered), skewed)


def _message(draft: Draft, account_id: str, ids: dict[int, int]) -> Message:
    return Message(
        message_id=ids[id(draft)],
        account_id=account_id,
        author=draft.author,
        kind=draft.kind,
        created_at=draft.at,
        text=draft.text,
        parent_id=ids[id(draft.parent)] if draft.parent else None,
        root_id=ids[id(draft.root)],
        is_question=draft.is_question,
        mentions=draft.mentions,
        reposted_text=draft.reposted[1] if draft.reposted else None,
        reposted_author=draft.reposted[0] if draft.reposted else None,
        about=draft.about,
    )
