"""The fewest calls of a day on the platforms that are read account by account.

Each floor follows from the world, the ledger's rule and what one call of the platform's API gives
by its documentation; the connectors are not asked. Where no most is documented, that of the sandbox
is taken, so that a floor is rather too low than too high.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from klankbord.platforms.ledger import AGE_STEPS
from klankbord.sandbox.linkedin_objects import post_urn
from klankbord.sandbox.model import Message, WorldAccount

if TYPE_CHECKING:
    from benchmarks.calls import Day

Accounts = Sequence[WorldAccount]
#: Own posts of so much before the window are read for the window's messages under them.
OLDER = {
    "instagram": timedelta(days=21),
    "linkedin": timedelta(days=21),
    "threads": timedelta(days=14),
    "youtube": timedelta(days=14),
}


def pages(count: int, size: int) -> int:
    """Calls that list so many rows: one, too, to hear that there are none."""
    return max(1, math.ceil(count / size))


def rest(count: int, shown: int, size: int) -> int:
    """Calls for what a nested list did not show."""
    return math.ceil(max(0, count - shown) / size)


def website(_day: "Day", accounts: Accounts) -> int:
    """A feed."""
    return len(accounts)


def tiktok(day: "Day", accounts: Accounts) -> int:
    """The user, and the window's videos by the twenty: a counter that moved is seen nowhere
    else."""
    videos = (_own(day, a, timedelta(), "original") for a in accounts)
    return sum(1 + pages(len(found), 20) for found in videos)


def threads(day: "Day", accounts: Accounts) -> int:
    """Two for the profile (name and followers stand at two addresses), lists of posts and of
    replies by the hundred, one for the counters of each that are due (documented as empty for a
    repost), one for 25 messages of a wanted thread. A post tells only whether it was answered."""
    calls = 0
    for account in accounts:
        own = _own(day, account, OLDER["threads"], "original", "repost")
        replies = _own(day, account, timedelta(), "reply", "continuation")
        calls += 2 + pages(len(own), 100) + pages(len(replies), 100)
        calls += sum(
            post.kind != "repost" and _is_due(day, post, _moved(day, account, post, is_flag=True))
            for post in (*own, *replies)
            if post.created_at >= day.window.since
        )
        for post in own:
            if _wants_thread(day, account, post, is_flag=True):
                calls += pages(_below(day, account, post), 25)
    return calls


def instagram(day: "Day", accounts: Accounts) -> int:
    """Others: one for the account through which they are seen, and one a hundred media. Own: one a
    hundred media with their comments, one for each fifty comments (or answers to one) of a wanted
    thread that are beyond fifty. Insights: one for the account (new followers may not be asked for
    before it is known that there are a hundred; and a refused metric refuses its whole answer,
    which may not cost the profile), one for each media that is due (the kinds of media have
    different metrics, and a list asks the same of all)."""
    tiers = day.tiers()
    calls = int(any(tiers[a.account_id] < "T2" for a in accounts))
    for account in accounts:
        tier = tiers[account.account_id]
        older = OLDER["instagram"] if tier >= "T2" else timedelta()
        own = _own(day, account, older, "original")
        calls += pages(len(own), 100)
        if tier >= "T2":
            for post in own:
                if _wants_thread(day, account, post):
                    edges = (post, *day.world.answers(account, post.message_id, day.now))
                    calls += sum(rest(_direct(day, account, m), 50, 50) for m in edges)
        if tier >= "T3":
            calls += 1 + sum(_is_due(day, m) for m in own if m.created_at >= day.window.since)
    return calls


def youtube(day: "Day", accounts: Accounts) -> int:
    """Channels and videos by the fifty; uploads of a channel that has any, by the fifty; threads by
    the hundred, of a video or of the channel, whichever is less; one for a comment with more
    answers than come with it (two, in the sandbox); one report by day, one by 200 due videos."""
    tiers = day.tiers()
    calls, listed = math.ceil(len(accounts) / 50), 0
    for account in accounts:
        own = _own(day, account, OLDER["youtube"], "original")
        listed += len(own)
        has_any = own or _own(day, account, timedelta(days=60), "original")
        calls += pages(len(own), 50) if has_any else 0
        wanted = [v for v in own if _wants_thread(day, account, v)]
        calls += _threads_of_videos(day, account, own, wanted)
        for video in wanted:
            for comment in day.world.answers(account, video.message_id, day.now):
                answers = _direct(day, account, comment)
                calls += math.ceil(answers / 100) if answers > 2 else 0
        if tiers[account.account_id] >= "T3":
            due = sum(_is_due(day, v) for v in own if v.created_at >= day.window.since)
            calls += 1 + math.ceil(due / 200)
    return calls + math.ceil(listed / 50)


def _threads_of_videos(
    day: "Day", account: WorldAccount, own: Sequence[Message], wanted: Sequence[Message]
) -> int:
    """The least of: so many pages of the channel's list, newest first, and the videos of which not
    all was there, each by itself."""
    newest = sorted(
        (m for video in own for m in day.world.answers(account, video.message_id, day.now)),
        key=lambda m: m.message_id,
        reverse=True,
    )
    best = math.inf
    for count in range(math.ceil(len(newest) / 100) + 1):
        missing = {m.root_id for m in newest[100 * count :]}
        apart = (pages(_direct(day, account, v), 100) for v in wanted if v.message_id in missing)
        best = min(best, count + sum(apart))
    return int(best)


def linkedin(day: "Day", accounts: Accounts) -> int:
    """Community route: one for the followers, posts by the hundred and their counters by the
    hundred, shares and "ugc posts" whose statistics are due by the hundred of each (two lists of
    one finder), comments of a wanted thread by the hundred and so those on each comment that was
    answered, two for the page's days (two finders)."""
    calls = 0
    for account in accounts:
        own = _own(day, account, OLDER["linkedin"], "original", "repost")
        calls += 3 + pages(len(own), 100) + math.ceil(len(own) / 100)
        due = [
            post_urn(m).split(":")[2]
            for m in own
            if m.created_at >= day.window.since and _is_due(day, m, _moved(day, account, m))
        ]
        calls += sum(math.ceil(due.count(kind) / 100) for kind in ("share", "ugcPost"))
        for post in own:
            if _wants_thread(day, account, post):
                calls += pages(_direct(day, account, post), 100)
                for comment in day.world.answers(account, post.message_id, day.now):
                    calls += math.ceil(_direct(day, account, comment) / 100)
    return calls


FLOORS: Mapping[str, Callable[["Day", Accounts], int]] = {
    f.__name__: f for f in (instagram, linkedin, threads, tiktok, website, youtube)
}


def _own(day: "Day", account: WorldAccount, older: timedelta, *kinds: str) -> list[Message]:
    """The account's messages of these kinds since so much before the window."""
    found = day.world.own(account, day.window.since - older, day.now)
    return [m for m in found if m.kind in kinds]


def _direct(day: "Day", account: WorldAccount, message: Message) -> int:
    return len(day.world.answers(account, message.message_id, day.now))


def _below(day: "Day", account: WorldAccount, message: Message, *, before: bool = False) -> int:
    """Answers of every depth, now or at the scan before: what these platforms count."""
    moment = day.before if before and day.before else day.now
    if message.kind in ("original", "repost"):
        return max(0, len(day.world.thread(account, message.message_id, moment)) - 1)
    return len(day.world.answers(account, message.message_id, moment))


def _moved(day: "Day", account: WorldAccount, message: Message, *, is_flag: bool = False) -> bool:
    """Whether the platform counts other answers than at the scan before, or, where it tells no
    count, whether there are some now."""
    now, then = (_below(day, account, message, before=b) for b in (False, True))
    return bool(now) != bool(then) if is_flag else now != then


def _is_due(day: "Day", message: Message, moved: bool = False) -> bool:
    """Whether a reading is stored: at first sight, at an age step, when its answers moved."""
    return (
        day.before is None
        or message.created_at >= day.before
        or moved
        or any(day.before < message.created_at + step <= day.now for step in AGE_STEPS)
    )


def _wants_thread(
    day: "Day", account: WorldAccount, post: Message, *, is_flag: bool = False
) -> bool:
    """Contract 5: answered, and young when it was last read or moved since."""
    return (
        post.kind == "original"
        and _below(day, account, post) > 0
        and (
            day.before is None
            or day.before < post.created_at + timedelta(days=14)
            or _moved(day, account, post, is_flag=is_flag)
        )
    )
