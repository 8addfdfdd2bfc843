"""What scans and an archive can know of one account of the world, and of its questions.

Readings happen at the scans and on the archive's days, nowhere else: a message counts when a scan
of its account went well, it lay in that scan's window and it existed by then.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from klankbord.platforms.base import Window
from klankbord.register import AccountRow
from klankbord.sandbox import truth_insights, truth_service
from klankbord.sandbox.model import Message, WorldAccount
from klankbord.sandbox.world import World
from klankbord.settings import LOCAL_ZONE

RESPONSE_WINDOW = timedelta(hours=168)
#: An answer that comes sooner is a machine's.
AUTOMATIC_REPLY = timedelta(seconds=10)
READING_AGE = timedelta(days=7)
FOLLOWER_READING_MAX_AGE_DAYS = 31
PLATFORMS_WITH_QUOTES = frozenset({"x", "mastodon", "bluesky", "threads"})
PLATFORMS_WITHOUT_SHARES = frozenset({"instagram", "youtube"})
PLATFORMS_WITHOUT_COUNTERS = frozenset({"website"})
PLATFORMS_WITHOUT_FOLLOWERS = frozenset({"website"})
PLATFORMS_WITHOUT_MESSAGES = frozenset({"tiktok", "website"})
#: where the organisation's answers are found in the conversations only
ANSWERS_AMONG_MESSAGES = frozenset({"facebook", "instagram", "youtube", "linkedin"})
#: what is found there even when nobody reads the conversations
_LISTED = frozenset({"original", "repost"})


def reads_messages(row: AccountRow) -> bool:
    """Whether conversations of an account are read: the platform shows them, its tier allows it."""
    return row.access_tier >= "T2" and row.platform not in PLATFORMS_WITHOUT_MESSAGES


def reads_outgoing(row: AccountRow) -> bool:
    """Whether all that the organisation itself says is read."""
    if row.platform in PLATFORMS_WITHOUT_MESSAGES:
        return False
    return reads_messages(row) or row.platform not in ANSWERS_AMONG_MESSAGES


@dataclass(frozen=True, slots=True)
class Question:
    """response_hours: from the question to the first response; None when there is none."""

    asked_at: datetime
    response_hours: float | None
    is_closed: bool

    @property
    def is_answered(self) -> bool:
        """Closed, and responded to within 168 h."""
        hours = self.response_hours
        most = RESPONSE_WINDOW.total_seconds() / 3600
        return self.is_closed and hours is not None and hours <= most


@dataclass(slots=True)
class Known:
    """All that the scans and the archive tell about one account, the register's `row`. `days`:
    local, observed; `interactions` and `counters` (reactions, comments, shares; None for what the
    platform does not count): of originals, at their first reading at an age of 7 days or more;
    `owners`: what their owners are told of them then, where they are told anything;
    `judged`: citizens' messages as the first scan found them that saw them a week old, where the
    owner lets us ask; `posts_until`: up to when its posts are known."""

    row: AccountRow
    days: set[date] = field(default_factory=set)
    own: dict[int, Message] = field(default_factory=dict)
    incoming: dict[int, Message] = field(default_factory=dict)
    followers: dict[date, int] = field(default_factory=dict)
    interactions: dict[int, int] = field(default_factory=dict)
    counters: dict[int, tuple[int | None, ...]] = field(default_factory=dict)
    owners: dict[int, truth_insights.Told] = field(default_factory=dict)
    judged: dict[int, truth_service.Seen] = field(default_factory=dict)
    last_moment: datetime | None = None
    posts_until: datetime | None = None

    def read_archive(self, world: World, account: WorldAccount, day: date) -> None:
        """An earlier study's count, taken at noon UTC; a scan of the same day replaces it."""
        self.followers[day] = world.followers(account, datetime.combine(day, time(12), UTC))

    def read(self, world: World, account: WorldAccount, moment: datetime, window: Window) -> None:
        """A scan that went well; scans are read in the order of time."""
        last = local_day(window.until - timedelta(microseconds=1))
        self.days |= days_between(local_day(window.since), last)
        self.posts_until = max(self.posts_until or window.until, window.until)
        if "profiles" in window.streams:
            self.followers[window.scan_on] = world.followers(account, moment)
        # what is there now of what was said then
        own = [m for m in world.own(account, window.since, moment) if m.created_at < window.until]
        if reads_messages(self.row):
            self.last_moment = max(self.last_moment or window.until, window.until)
            incoming = world.incoming(account, window.since, moment)
            self.incoming |= {m.message_id: m for m in incoming if m.created_at < window.until}
            if truth_service.is_told(self.row):
                standing = {m.message_id for m in incoming}
                said = self.incoming.values()
                now = truth_service.judged(world, account, moment, window, said, standing)
                self.judged = {**now, **self.judged}
        elif not reads_outgoing(self.row):
            own = [m for m in own if m.kind in _LISTED]
        self.own |= {m.message_id: m for m in own}
        for post in own:
            is_first = post.kind == "original" and post.message_id not in self.interactions
            if is_first and moment >= post.created_at + READING_AGE:
                c = world.counters(account, post, moment)
                quotes = c.quotes if account.platform in PLATFORMS_WITH_QUOTES else 0
                self.interactions[post.message_id] = c.reactions + c.comments + c.shares + quotes
                shares = None if account.platform in PLATFORMS_WITHOUT_SHARES else c.shares
                seen = (c.reactions, c.comments, shares)
                is_counted = account.platform not in PLATFORMS_WITHOUT_COUNTERS
                self.counters[post.message_id] = seen if is_counted else (None, None, None)
                if told := truth_insights.told(world, self.row, account, post, moment):
                    self.owners[post.message_id] = told

    def followers_at(self, day: date) -> int | None:
        """The last reading on or before a day, unless it is over 31 days old."""
        read = sorted(self.followers)
        place = bisect_right(read, day)
        if not place or (day - read[place - 1]).days > FOLLOWER_READING_MAX_AGE_DAYS:
            return None
        return self.followers[read[place - 1]]

    def questions(self) -> Iterator[Question]:
        """The questions with their first responses, oldest first."""
        responses = self.responses()
        for message_id, message in sorted(self.incoming.items()):
            if message.is_question and self.last_moment is not None:
                asked = message.created_at
                since = asked + AUTOMATIC_REPLY
                later = [at for at in responses.get(message_id, ()) if at >= since]
                hours = (min(later) - asked).total_seconds() / 3600 if later else None
                yield Question(asked, hours, self.last_moment >= asked + RESPONSE_WINDOW)

    def responses(self) -> dict[int, list[datetime]]:
        """Of each message the moments of the own messages below it, at any depth."""
        found: dict[int, list[datetime]] = {}
        for message in self.own.values():
            above = message.parent_id
            while above is not None:
                found.setdefault(above, []).append(message.created_at)
                step = self.own.get(above) or self.incoming.get(above)
                above = step.parent_id if step else None
        return found


def local_day(moment: datetime) -> date:
    """The calendar day of a moment in Brussels and Amsterdam."""
    return moment.astimezone(LOCAL_ZONE).date()


def days_between(first: date, last: date) -> set[date]:
    """All days from the first to the last."""
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}
