"""Three days of a house in which something becomes of accounts on every platform: each kind of
alarm names exactly those, and every path of a profile leads to what is stored there."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from klankbord import alarms, database, settings
from klankbord.alarm_rules import EVENTS, KINDS
from klankbord.platforms.base import discover
from klankbord.register import AccountRow
from klankbord.sandbox.bluesky_objects import did
from klankbord.sandbox.events import KINDS as CAN_SHOW
from klankbord.sandbox.model import WorldAccount
from klankbord.sandbox.population import access_tier
from klankbord.sandbox.youtube_objects import channel_id
from tests.databases import new_warehouse
from tests.pipeline.house import NOW, House, open_house

START = NOW - timedelta(days=2)
SECOND_DAY = ("renamed", "moved", "protected", "follower_jump", "dead")
THIRD_DAY = ("hijacked", "shrunken_answer", "token_refused")
#: a token goes with the account that it belongs to; a page that is merged away is gone as well
SHOWS_AS = {("tiktok", "dead"): "token_refused", ("threads", "dead"): "token_refused"}
BYSTANDERS = 2
#: whether the register knows the platform's id of an account whose name somebody else takes: where
#: it does, the account is asked for by it
BY_ID = frozenset({"facebook", "x", "youtube", "linkedin"})
USUAL = {"followers", "handle", "user_id"}
#: what of a profile each connector stores
PATHS: dict[str, set[str]] = {
    **dict.fromkeys(["bluesky", "facebook", "instagram", "threads", "tiktok", "youtube"], USUAL),
    "mastodon": USUAL | {"moved_to"},
    "x": USUAL | {"is_protected"},
    "linkedin": {"followers", "user_id"},
    "website": set(),
}


@dataclass
class Cast:
    """Who plays which part: an account of the world for each event on each platform."""

    house: House
    parts: dict[tuple[str, str], WorldAccount] = field(default_factory=dict)
    bystanders: list[WorldAccount] = field(default_factory=list)
    expected: list[set[tuple[str, str]]] = field(default_factory=list)
    found: list[set[tuple[str, str]]] = field(default_factory=list)

    def live(self) -> None:
        """Three days: nothing, some kinds of events, the others."""
        for number, kinds in enumerate(((), SECOND_DAY, THIRD_DAY)):
            self.expected.append(self.happen(*kinds))
            self.found.append(self.day(number))

    def choose(self) -> None:
        """The first accounts of the world that fit, and some to whom nothing happens."""
        waiting = [(platform, kind) for kind in CAN_SHOW for platform in sorted(CAN_SHOW[kind])]
        idle = {name: BYSTANDERS for name in discover()}
        for account in self.house.world.accounts:
            for platform, kind in waiting:
                if platform == account.platform and self.fits(account, kind):
                    waiting.remove((platform, kind))
                    self.parts[platform, kind] = account
                    break
            else:
                if idle[account.platform]:
                    idle[account.platform] -= 1
                    self.bystanders.append(account)
            if not waiting and not any(idle.values()):
                return
        raise AssertionError(f"nobody in the world fits {waiting}")

    def fits(self, account: WorldAccount, kind: str) -> bool:
        """Whether it can be seen of this account."""
        is_own = access_tier(self.house.world.seed, account) > "T1"
        if kind in ("renamed", "token_refused"):
            return account.platform not in ("instagram", "youtube") or is_own
        if kind == "shrunken_answer":  # of ten at least that are known more than half must go
            return len(self.posts(account)) > 10 and self.shrinks(account)
        return True

    def posts(self, account: WorldAccount) -> list:
        """What lies in the window of every day."""
        own = self.house.world.own(account, START - timedelta(days=26), START)
        return [m for m in own if m.kind == "original"]

    def shrinks(self, account: WorldAccount) -> bool:
        left = sum(message.message_id % 3 == 0 for message in self.posts(account))
        return 5 * left < 2 * len(self.posts(account))

    def rows(self) -> Iterator[AccountRow]:
        """The register: those that play, with no more access than it takes."""
        by_id = {row.account_id: row for row in self.house.world.account_rows()}
        for account in self.bystanders:
            yield replace(by_id[account.account_id], access_tier="T1")
        for (platform, kind), account in self.parts.items():
            row = by_id[account.account_id]
            own = platform in ("instagram", "youtube") and kind in ("renamed", "token_refused")
            row = replace(row, access_tier="T3" if own else "T1")
            if kind == "hijacked" and platform in BY_ID:
                row = replace(row, platform_user_id=None)
            if kind == "renamed" and platform == "bluesky":
                row = replace(row, platform_user_id=did(account.user_id))
            yield row

    def happen(self, *kinds: str) -> set[tuple[str, str]]:
        """Let it happen; what should be found of it."""
        found = set()
        for (platform, kind), account in self.parts.items():
            if kind in kinds:
                self.house.sandbox.events.add(account.account_id, kind)
                found.add((SHOWS_AS.get((platform, kind), kind), account.account_id))
        return found

    def day(self, number: int) -> set[tuple[str, str]]:
        """Scan a day, look for everything: the open alarms."""
        self.house.at(START + timedelta(days=number))
        self.house.scan()
        now = settings.now()
        found = [alarm for kind in KINDS for alarm in alarms.check(self.house.access, kind, now)]
        assert set(found) == set(alarms.waiting(self.house.access, now))
        return {(alarm.kind, alarm.account_id or alarm.platform) for alarm in found}


@pytest.fixture(scope="module")
def cast(postgres: database.Access) -> Iterator[Cast]:
    with (
        new_warehouse(postgres) as access,
        open_house(access, now=START) as house,
    ):
        chosen = Cast(house)
        chosen.choose()
        house.register = replace(house.register, accounts=list(chosen.rows()))
        house.sync_register()
        chosen.live()
        yield chosen


def test_each_kind_names_exactly_those_to_whom_it_happened(cast):
    assert cast.found[0] == set()
    assert cast.found[1] == cast.expected[1]
    assert cast.found[2] == cast.expected[1] | cast.expected[2]
    assert {kind for kind, _ in cast.found[2]} == set(CAN_SHOW)
    assert len(cast.found[2]) == sum(map(len, CAN_SHOW.values()))


def shown_id(account: WorldAccount) -> str:
    """An account's id in its platform's form."""
    forms = {"youtube": channel_id, "bluesky": did}
    return forms.get(account.platform, str)(account.user_id)


def shown_handle(account: WorldAccount) -> str:
    """An account's name as its platform writes it."""
    if account.platform == "mastodon":
        return account.handle.partition("@")[0]
    return f"@{account.handle}" if account.platform == "youtube" else account.handle


def test_every_path_leads_to_what_the_platform_says(cast):
    """On the third day, so that accounts that moved or are protected are among them. A connector
    that is new says here what its profiles hold."""
    house, seen = cast.house, cast.house.sandbox.world
    happened = {account.account_id: kind for (_, kind), account in cast.parts.items()}
    told = set()
    for name, connector in discover().items():
        paths = connector.profile_paths
        assert set(paths) == PATHS[name]
        rows = house.rows(
            f"select account_id, payload from raw.{name}_profiles where scan_on = %s",
            settings.today(),
        )
        assert len(rows) > BYSTANDERS or not paths
        # of an account in other hands nothing is stored any more
        hands = {a.account_id for (_, kind), a in cast.parts.items() if kind == "hijacked"}
        assert not hands & {account_id for account_id, _ in rows}
        for account_id, payload in rows:
            account = house.world.account(account_id)
            now = seen.find(name, account.user_id) or seen.find(name, account.handle)
            kind, said = happened.get(account_id), {}
            for what, path in paths.items():
                value = payload
                for key in path.split("."):
                    value = (value or {}).get(key)
                said[what] = value if value is None or what == "is_protected" else str(value)
            expected = {
                "followers": str(seen.followers(account, settings.now())),
                "user_id": shown_id(now),
                "handle": shown_handle(now),
                "is_protected": kind == "protected",
                "moved_to": f"{account.handle.replace('@', '@nieuw.')}"
                if kind == "moved"
                else None,
            }
            assert said == {what: expected[what] for what in paths}, account_id
            told.add((kind, account.platform))
    assert {("renamed", "facebook"), ("moved", "mastodon"), ("protected", "x")} <= told
    assert ("follower_jump", "youtube") in told


def test_what_is_over_is_an_alarm_no_more(cast):
    """The day after, without the events: only what happened on a day is still to be looked at."""
    cast.house.sandbox.events.clear()
    left = cast.day(3)
    over = {kind for kind, _ in cast.found[2]} - {kind for kind, _ in left}
    assert over == {*SECOND_DAY, *THIRD_DAY} - EVENTS
