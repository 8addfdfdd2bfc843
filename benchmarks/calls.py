"""How many calls two consecutive days of the sandbox take, beside the fewest that could do.

The floor is computed from the world, not from the connectors (docs/design.md, "The fewest calls").
`python -m benchmarks.calls` reads the whole register; it needs the embedded PostgreSQL.
"""

import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from benchmarks.floors import FLOORS
from klankbord.platforms.base import Window
from klankbord.platforms.ledger import AGE_STEPS
from klankbord.sandbox.model import Message, WorldAccount
from klankbord.sandbox.world import World

#: What a call brings at most, by the platforms' own documentation.
PROFILES = {"x": 100, "bluesky": 25}
ROWS = {"x": 100, "facebook": 100, "mastodon": 40, "bluesky": 100}
NESTED_COMMENTS = 25
#: Below which own posts the window's messages may stand: so much before the window.
OLDER = {
    "facebook": timedelta(days=21),
    "mastodon": timedelta(days=14),
    "bluesky": timedelta(days=14),
}
YOUNG = timedelta(days=14)
#: X's listing brings the posts of the day before once more: a reading of them is due
RELISTED = timedelta(days=1)
PLATFORMS = (*ROWS, *FLOORS)


@dataclass(frozen=True, slots=True)
class Day:
    """A scan at `now`, after one at `before` (None: the first)."""

    world: World
    window: Window
    before: datetime | None

    @property
    def now(self) -> datetime:
        return self.window.until

    def floor(self, platform: str) -> int:
        """The fewest calls that could give the rows of this day."""
        accounts = [a for a in self.world.accounts if a.platform == platform]
        if platform in FLOORS:
            return FLOORS[platform](self, accounts)
        calls = math.ceil(len(accounts) / PROFILES.get(platform, 1)) if accounts else 0
        if platform == "x":
            due = sum(1 for a in accounts for _ in self._due(a))
            return calls + math.ceil(due / ROWS["x"]) + sum(map(self._listings, accounts))
        if platform == "facebook":  # a refused metric may cost the insights, never the page
            tiers = self.tiers()
            calls += sum(tiers[a.account_id] == "T3" for a in accounts)
        for account in accounts:
            calls += self._pages(account)
            calls += sum(self._calls_of(account, post) for post in self._wanted(account))
        return calls

    def tiers(self) -> dict[str, str]:
        """What may be read of each account."""
        return {row.account_id: row.access_tier for row in self.world.account_rows()}

    def _listings(self, account: WorldAccount) -> int:
        """X: a listing of what is new, and one of who mentioned the account."""
        new = max(self.window.since, self.before or self.window.since)
        since = {self.world.own: max(self.window.since, new - RELISTED), self.world.incoming: new}
        found = (len(read(account, start, self.now)) for read, start in since.items())
        return sum(max(1, math.ceil(count / ROWS["x"])) for count in found)

    def _due(self, account: WorldAccount) -> Iterator[Message]:
        """X: known posts of the window of which an age step passed since the scan before."""
        if self.before is None:
            return
        for post in self.world.own(account, self.window.since, self.before - RELISTED):
            if any(self.before < post.created_at + step <= self.now for step in AGE_STEPS):
                yield post

    def _pages(self, account: WorldAccount) -> int:
        """Pages of the account's own list. Facebook's first comes with the profile."""
        platform = account.platform
        own = self.world.own(account, self.window.since - OLDER[platform], self.now)
        if platform == "facebook":
            own = [m for m in own if m.kind in ("original", "repost")]
            return max(1, math.ceil(len(own) / ROWS[platform])) - 1
        return max(1, math.ceil(len(own) / ROWS[platform]))

    def _wanted(self, account: WorldAccount) -> Iterator[Message]:
        """Own posts whose thread the rule wants: young when it was last read, or moved since."""
        first = self.window.since - OLDER[account.platform]
        for post in self.world.own(account, first, self.now):
            if post.kind != "original":
                continue
            answers = len(self.world.answers(account, post.message_id, self.now))
            if not answers:
                continue
            if (
                self.before is None
                or self.before < post.created_at + YOUNG
                or answers != len(self.world.answers(account, post.message_id, self.before))
            ):
                yield post

    def _calls_of(self, account: WorldAccount, post: Message) -> int:
        """One call a thread; on Facebook the first comments came with the post."""
        if account.platform != "facebook":
            return 1
        comments = len(self.world.thread(account, post.message_id, self.now)) - 1
        return math.ceil(max(0, comments - NESTED_COMMENTS) / ROWS["facebook"])


def main() -> int:
    """Two days over the whole register, on a database of its own."""
    from benchmarks.house import national

    with national() as house:
        before = None
        for day in (0, 1):
            moment = house.start + timedelta(days=day)
            house.at(moment)
            house.sandbox.requests.clear()
            began = time.monotonic()
            house.scan(*PLATFORMS)
            took = time.monotonic() - began
            calls = Day(house.world, Window.ending(moment), before)
            print(f"day {day + 1}, {took:.0f} s")
            for platform in PLATFORMS:
                used, floor = house.sandbox.requests[platform], calls.floor(platform)
                print(f"  {platform:<10}{used:>8}{floor:>8}{used / floor:>8.3f}")
            before = moment
    return 0


if __name__ == "__main__":
    sys.exit(main())
