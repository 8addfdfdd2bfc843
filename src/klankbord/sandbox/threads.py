"""One month of an account's life: what it posts, what citizens say, what it answers.

Threads belong to the local month in which they begin and end within 21 days, so a question about
any interval needs its months and the one before. Facebook has two levels (post, comment, answer to
a comment); elsewhere threads nest freely.
"""

import math
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Literal

from klankbord.sandbox import calibration as cal
from klankbord.sandbox import texts
from klankbord.sandbox.model import Message, Person, WorldAccount
from klankbord.sandbox.population import CITIZENS, Traits
from klankbord.settings import LOCAL_ZONE

EPOCH_SECONDS = 1_288_834_974  # 2010-11-04, as X's ids
_HOURS = (8, 8, 9, 9, 10, 10, 11, 12, 13, 14, 15, 16, 16, 17, 18, 19, 20, 21, 22, 0)
_WINDOW_HOURS = 168.0


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

    @property
    def root(self) -> "Draft":
        return self.parent.root if self.parent else self

    @property
    def visible_at(self) -> datetime:
        return max(self.at, self.parent.visible_at) if self.parent else self.at


@dataclass(frozen=True)
class Month:
    """The messages of the threads that began in a month, oldest first. `visible_at` only holds
    those that claim to be older than what they answer."""

    messages: tuple[Message, ...]
    visible_at: dict[int, datetime] = field(default_factory=dict)

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
        return self.visible_at.get(message.message_id, message.created_at) < until

    def _grouped(self, key: Callable[[Message], int | None]) -> dict[int | None, list[Message]]:
        groups = defaultdict(list)
        for message in self.messages:
            groups[key(message)].append(message)
        return dict(groups)


@dataclass(slots=True)
class Writer:
    """Writes one month of one account."""

    seed: int
    account: WorldAccount
    traits: Traits
    month: int
    citizen: Callable[[int], Person]
    first_day: date
    rng: random.Random = field(init=False)
    drafts: list[Draft] = field(init=False, default_factory=list)

    def write(self) -> Month:
        self.rng = random.Random(f"{self.seed}|month|{self.account.account_id}|{self.month}")
        originals = [] if self._is_silent() else self._posts()
        habits, rng = cal.HABITS[self.account.platform], self.rng
        for _ in range(self._count(self.traits.incoming)):
            if rng.random() < habits.standalone_share:
                self._incoming(None)
            elif originals:
                self._incoming(originals[int(rng.random() * len(originals))])
        return self._finished()

    def _is_silent(self) -> bool:
        return self.traits.is_dormant and month_start(self.month).date() >= cal.DORMANT_FROM

    def _count(self, mean: float) -> int:
        """An over-dispersed whole number with this mean."""
        return int(self.rng.gammavariate(4.0, mean / 4.0) + self.rng.random())

    def _moment(self) -> datetime:
        days = (month_start(self.month + 1) - month_start(self.month)).days
        r = self.rng.random
        hour = _HOURS[int(r() * len(_HOURS))] if r() < 0.93 else int(r() * 24)
        year, number = divmod(self.month, 12)
        day, minute, second = 1 + int(r() * min(days + 1, _length(self.month))), r() * 60, r() * 60
        local = datetime(
            year, number + 1, day, hour, int(minute), int(second), tzinfo=LOCAL_ZONE
        )
        return local.astimezone(UTC)

    def _say(self, sentence: str | tuple[str, ...], **who: str) -> str:
        return texts.say(self.rng, sentence, self.traits.language, **who)

    def _someone(self) -> Person:
        return self.citizen(int(self.rng.random() * CITIZENS))

    def _add(self, draft: Draft) -> Draft:
        self.drafts.append(draft)
        return draft

    def _posts(self) -> list[Draft]:
        rng, language = self.rng, self.traits.language
        originals = []
        for _ in range(max(1, self._count(self.traits.posts))):
            post = Draft("original", self._moment(), "")
            if rng.random() < cal.MENTIONING_SHARE:
                person = self._someone()
                post.text = self._say(texts.MENTIONING[language], handle=f"@{person.handle}")
                post.mentions = (person,)
            else:
                post.text = self._say(texts.POSTS[language])
            originals.append(self._add(post))
            if rng.random() < cal.CONTINUATION_SHARE:
                self._continuation(post)
        for _ in range(self._count(self.traits.posts * cal.REPOST_SHARE)):
            foreign = self._someone(), self._say(texts.FOREIGN[language])
            self._add(Draft("repost", self._moment(), "", reposted=foreign))
        return originals

    def _continuation(self, before: Draft) -> None:
        at = before.at + timedelta(seconds=int(60 + self.rng.random() * 2400))
        text = self._say(texts.CONTINUATIONS[self.traits.language])
        self._add(Draft("continuation", at, text, parent=before))

    def _incoming(self, post: Draft | None) -> None:
        rng, language = self.rng, self.traits.language
        roll, is_question = rng.random(), False
        if roll < cal.QUESTION_SHARE:
            text, is_question = self._say(texts.QUESTIONS[language]), True
        elif roll < cal.QUESTION_SHARE + cal.URL_REMARK_SHARE:
            text = self._say(texts.URL_REMARKS[language])
        elif roll < cal.QUESTION_SHARE + cal.URL_REMARK_SHARE + cal.TAGS_ONLY_SHARE:
            text = self._say(texts.TAGS_ONLY)
        else:
            text = self._say(texts.REMARKS[language])
        if post is None:
            at = self._moment()
        else:
            hours = min(140.0, rng.expovariate(1 / 14.0))
            at = post.at + timedelta(seconds=1 + int(hours * 3600))
        said = self._said(text, at, post, self._someone(), is_question)
        share = self.traits.answer_share if is_question else cal.REMARK_ANSWER_SHARE
        if self.traits.is_interactive and not self._is_silent() and rng.random() < share:
            self._answer(said)

    def _said(
        self,
        text: str,
        at: datetime,
        parent: Draft | None,
        person: Person,
        is_question: bool = False,
    ) -> Draft:
        if self.account.platform in ("x", "mastodon"):  # answers name whom they answer there
            text = f"@{self.account.handle} {text}"
        return self._add(
            Draft("incoming", at, text, person, parent, is_question=is_question)
        )

    def _answer(self, said: Draft) -> None:
        """What the account does with a message that it answers, and what comes of it."""
        rng = self.rng
        if self.account.platform == "bluesky" and rng.random() < cal.SKEWED_SHARE:
            earlier = said.at - timedelta(seconds=int(60 + rng.random() * 7200))
            assert_after = said.root.at + timedelta(seconds=1)
            self._reply(said, said, max(earlier, assert_after))
            if rng.random() < 0.5:
                return
        delay = self._delay()
        answered = said
        if self.account.platform != "facebook" and rng.random() < cal.NESTED_SHARE:
            answered = self._follow_up(answered, delay, 0.4)
            if rng.random() < 0.3:
                answered = self._follow_up(answered, delay, 0.2)
        elif self.account.platform == "facebook" and rng.random() < cal.NESTED_SHARE:
            self._follow_up(said, delay, 0.5)
        reply = self._reply(said, answered, said.at + delay)
        if rng.random() < cal.SECOND_ANSWER_SHARE:
            later = timedelta(seconds=int(3600 * (1 + rng.random() * 20)))
            self._reply(said, said, reply.at + later)
        if self.account.platform != "facebook" and rng.random() < cal.SELF_CONTINUATION_SHARE:
            self._continuation(reply)
        if rng.random() < cal.THANKS_SHARE:
            self._thanks(said, reply)

    def _delay(self) -> timedelta:
        rng = self.rng
        roll = rng.random()
        if roll < cal.SAME_SECOND_SHARE:
            return timedelta(0)
        if roll < cal.SAME_SECOND_SHARE + cal.LATE_SHARE:
            hours = rng.uniform(_WINDOW_HOURS + 0.5, cal.LONGEST_RESPONSE_HOURS)
        else:
            hours = self.traits.median_hours * math.exp(rng.gauss(0, cal.RESPONSE_SPREAD))
        return timedelta(seconds=1 + int(3600 * min(hours, cal.LONGEST_RESPONSE_HOURS)))

    def _follow_up(self, said: Draft, delay: timedelta, share: float) -> Draft:
        at = said.at + timedelta(seconds=int(delay.total_seconds() * share * self.rng.random()))
        text = self._say(texts.FOLLOW_UPS[self.traits.language])
        return self._said(text, at, said, self._someone())

    def _reply(self, said: Draft, answered: Draft, at: datetime) -> Draft:
        person = said.author
        text = self._say(
            texts.REPLIES[self.traits.language], name=person.name, handle=f"@{person.handle}"
        )
        return self._add(Draft("reply", at, text, parent=answered, mentions=(person,)))

    def _thanks(self, said: Draft, reply: Draft) -> None:
        rng, language = self.rng, self.traits.language
        asks = rng.random() < cal.THANKS_WITH_QUESTION_SHARE
        sentences = texts.THANKS_WITH_QUESTION if asks else texts.THANKS
        at = reply.at + timedelta(seconds=int(60 + rng.random() * 20_000))
        parent = said if self.account.platform == "facebook" else reply
        thanks = self._said(self._say(sentences[language]), at, parent, said.author, asks)
        # On Facebook this stands on the second level, where nothing can stand below it.
        if asks and self.account.platform != "facebook" and rng.random() < 0.6:
            self._reply(thanks, thanks, at + min(self._delay(), timedelta(hours=60)))

    def _finished(self) -> Month:
        """Give ids in order of time, parents first within a second; drop what crosses the world's
        first day inside a thread."""
        border = datetime.combine(
            self.first_day, datetime.min.time(), LOCAL_ZONE
        ).astimezone(UTC)
        kept = [d for d in self.drafts if d.root.at >= border or d.visible_at < border]
        order = {id(draft): place for place, draft in enumerate(self.drafts)}
        kept.sort(key=lambda d: (d.at, order[id(d)]))
        slot = self.traits.slot
        ids: dict[int, int] = {}
        second, place = None, 0
        for draft in kept:
            place = place + 1 if draft.at == second else 0
            second = draft.at
            ids[id(draft)] = make_id(draft.at, slot, self.month, place)
        messages = tuple(self._message(draft, ids) for draft in kept)
        skewed = {ids[id(d)]: d.visible_at for d in kept if d.visible_at > d.at}
        return Month(messages, skewed)

    def _message(self, draft: Draft, ids: dict[int, int]) -> Message:
        return Message(
            message_id=ids[id(draft)],
            account_id=self.account.account_id,
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
        )


def _length(month: int) -> int:
    """Days of a local month."""
    first, following = (date(m // 12, m % 12 + 1, 1) for m in (month, month + 1))
    return (following - first).days
