"""One month of an account's life: what it posts, what citizens say to it, what it answers.

Some platforms have two levels below a post (a comment, an answer to a comment); elsewhere threads
nest freely. The order in which chances are drawn is part of the world: a change of it is a new
world.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from klankbord.sandbox import calibration as cal
from klankbord.sandbox import texts
from klankbord.sandbox.model import Person, WorldAccount
from klankbord.sandbox.population import CITIZENS, Traits
from klankbord.sandbox.threads import Draft, Month, days_in, finish, month_start
from klankbord.settings import LOCAL_ZONE

_HOURS = (8, 8, 9, 9, 10, 10, 11, 12, 13, 14, 15, 16, 16, 17, 18, 19, 20, 21, 22, 0)
_WINDOW_HOURS = 168.0


@dataclass(slots=True)
class Writer:
    """Writes one month of one account."""

    seed: int
    account: WorldAccount
    traits: Traits
    month: int
    citizen: Callable[[int], Person]
    more: Sequence[Draft] = ()  # what incidents make it say
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
        self.drafts += self.more
        return finish(self.drafts, self.account.account_id, self.traits.slot, self.month)

    def _is_silent(self) -> bool:
        return self.traits.is_dormant and month_start(self.month).date() >= cal.DORMANT_FROM

    def _count(self, mean: float) -> int:
        """An over-dispersed whole number with this mean."""
        if not mean:
            return 0
        return int(self.rng.gammavariate(4.0, mean / 4.0) + self.rng.random())

    def _moment(self) -> datetime:
        r = self.rng.random
        hour = _HOURS[int(r() * len(_HOURS))] if r() < 0.93 else int(r() * 24)
        year, number = divmod(self.month, 12)
        day, minute, second = 1 + int(r() * days_in(self.month)), r() * 60, r() * 60
        local = datetime(year, number + 1, day, hour, int(minute), int(second), tzinfo=LOCAL_ZONE)
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
            hours = min(cal.LONGEST_COMMENT_HOURS, rng.expovariate(1 / 14.0))
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
        return self._add(Draft("incoming", at, text, person, parent, is_question=is_question))

    def _answer(self, said: Draft) -> None:
        """What the account does with a message that it answers, and what comes of it."""
        rng = self.rng
        if self.account.platform == "bluesky" and rng.random() < cal.SKEWED_SHARE:
            earlier = said.at - timedelta(seconds=int(60 + rng.random() * 7200))
            if earlier > said.root.at:
                self._reply(said, said, earlier)
            if rng.random() < 0.5:
                return
        delay = self._delay()
        answered = said
        if self.account.platform not in cal.TWO_LEVELS and rng.random() < cal.NESTED_SHARE:
            answered = self._follow_up(answered, delay, 0.4)
            if rng.random() < 0.3:
                answered = self._follow_up(answered, delay, 0.2)
        elif self.account.platform in cal.TWO_LEVELS and rng.random() < cal.NESTED_SHARE:
            self._follow_up(said, delay, 0.5)
        reply = self._reply(said, answered, said.at + delay)
        if rng.random() < cal.SECOND_ANSWER_SHARE:
            later = timedelta(seconds=int(3600 * (1 + rng.random() * 20)))
            self._reply(said, said, reply.at + later)
        nests = self.account.platform not in cal.TWO_LEVELS
        if nests and rng.random() < cal.SELF_CONTINUATION_SHARE:
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
        parent = said if self.account.platform in cal.TWO_LEVELS else reply
        thanks = self._said(self._say(sentences[language]), at, parent, said.author, asks)
        # On Facebook this stands on the second level, where nothing can stand below it.
        if asks and self.account.platform not in cal.TWO_LEVELS and rng.random() < 0.6:
            self._reply(thanks, thanks, at + min(self._delay(), timedelta(hours=24)))
