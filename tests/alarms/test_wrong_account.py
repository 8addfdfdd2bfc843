"""A name that another account answers to: nothing of the stranger lands, on no platform, whatever
is read; the alarm says what to do, and a corrected register ends it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from klankbord import alarms, database, extraction, identity, settings
from klankbord.platforms.base import (
    SNAPSHOT_STREAMS,
    Account,
    Connector,
    FieldRules,
    Window,
    discover,
)
from klankbord.platforms.events import Item, Outcome
from klankbord.sandbox.events import KINDS, OTHER_HANDS
from klankbord.sandbox.model import WorldAccount
from klankbord.windows import window_of
from tests.alarms.rows import NOW, Raw
from tests.alarms.test_house import shown_id
from tests.databases import new_warehouse
from tests.pipeline.days import STREAMS
from tests.pipeline.house import House, open_house

#: asked for by the register's id where it has one: whoever has the name then does not answer
ASKED_BY_ID = {"facebook", "x", "youtube", "linkedin", "bluesky"}
#: an account of our own on Instagram is asked for by its id; all of LinkedIn is of owners
TIERS = {"instagram": "T1", "linkedin": "T3"}
PLATFORMS = sorted(KINDS["hijacked"])
WRONG = ("refused", "wrong_account")
START = NOW - timedelta(days=2)


@dataclass
class Scene:
    """Two accounts of each platform; of the first the register knows the id, of the second not."""

    house: House
    known: dict[str, WorldAccount] = field(default_factory=dict)
    unknown: dict[str, WorldAccount] = field(default_factory=dict)

    def accounts(self) -> list[WorldAccount]:
        return [*self.known.values(), *self.unknown.values()]

    def register(self, ids: dict[str, str | None] | None = None) -> None:
        """Write the register; `ids`: the platform ids that it now gives, by account_id."""
        rows = {row.account_id: row for row in self.house.world.account_rows()}
        listed = []
        for account in self.accounts():
            row = rows[account.account_id]
            is_known = account in self.known.values()
            own = shown_id(account) if is_known else None
            user_id = (ids or {}).get(row.account_id, own)
            tier = TIERS.get(account.platform, "T2")
            listed.append(replace(row, access_tier=tier, platform_user_id=user_id))
        self.house.register = replace(self.house.register, accounts=listed)
        self.house.sync_register()

    def scan(self, window: Window | None = None) -> dict[str, int]:
        """Requests by account."""
        return {
            a.account_id: extraction.extract(
                self.house.access, a.platform, only=[a.account_id], window=window
            ).request_count
            for a in self.accounts()
        }

    def endings(self, window: Window) -> dict[str, set[tuple[str, str]]]:
        """The ways in which an account's streams ended."""
        found: dict[str, set[tuple[str, str]]] = {a.account_id: set() for a in self.accounts()}
        for account_id, *ending in self.house.rows(
            "select account_id, status, reason from raw.outcomes where scan_on = %s"
            " and window_since = %s and stream = any(%s)",
            *(window.scan_on, window.since, list(window.streams)),
        ):
            found[account_id].add(tuple(ending))
        return found

    def rows(self) -> dict[str, int]:
        """Rows of each account in raw, of all days."""
        count = {a.account_id: 0 for a in self.accounts()}
        for platform in PLATFORMS:
            for stream in STREAMS:
                for account_id, n in self.house.rows(
                    f"select account_id, count(*) from raw.{platform}_{stream} group by account_id"
                ):
                    count[account_id] += n
        return count


@pytest.fixture(scope="module")
def scene(postgres: database.Access) -> Iterator[Scene]:
    """The morning after: names in other hands, after a day on which all was well."""
    with (
        new_warehouse(postgres) as access,
        open_house(access, now=START) as house,
    ):
        found = Scene(house)
        parts = (found.known, found.unknown)
        for account in house.world.accounts:
            talks = house.world.own(account, START - timedelta(days=5), START)
            part = next((p for p in parts if account.platform not in p), None)
            if account.platform in PLATFORMS and talks and part is not None:
                part[account.platform] = account
            if sum(map(len, parts)) == 2 * len(PLATFORMS):
                break
        found.register()
        found.scan()
        assert all(how == {("ok", "")} for how in found.endings(window_of()).values())
        house.at(START + timedelta(days=1))
        for account in found.accounts():
            house.sandbox.events.add(account.account_id, "hijacked")
        yield found


def windows() -> dict[str, Window]:
    today = window_of()
    first = (START - timedelta(days=20)).date()
    return {
        "snapshot": replace(today, streams=SNAPSHOT_STREAMS),
        "backfill": window_of(since=first, until=first + timedelta(days=9)),
        "scan": today,
    }


@pytest.mark.parametrize("what", ["snapshot", "backfill", "scan"])
def test_nothing_of_a_stranger_lands(scene, what):
    window, before = windows()[what], scene.rows()
    asked = scene.scan(window)
    endings = scene.endings(window)
    for platform, account in scene.unknown.items():
        assert endings[account.account_id] == {WRONG}, platform
        # and no more was asked than who answers (on Instagram first by whom it is asked)
        assert asked[account.account_id] <= 1 + (platform == "instagram"), platform
    for platform, account in scene.known.items():
        by_id = platform in ASKED_BY_ID or (platform, what) == ("mastodon", "backfill")
        statuses = {status for status, _ in endings[account.account_id]}
        assert statuses == ({"gone"} if by_id else {"refused"}), platform
    assert scene.rows() == before


def test_the_alarm_says_what_to_do_and_not_who_it_is(scene):
    scene.scan()
    found = alarms.check(scene.house.access, "hijacked", settings.now())
    assert {a.account_id for a in found} >= {a.account_id for a in scene.unknown.values()}
    by_id = {a.account_id: a.detail for a in found}
    for account in scene.unknown.values():
        detail = by_id[account.account_id]
        assert "Correct its handle and platform_user_id in accounts.csv" in detail
        assert f"read before (platform id {shown_id(account)})" in detail
        taken = replace(account, user_id=account.user_id + OTHER_HANDS)
        assert shown_id(taken) not in detail
    mastodon = scene.known["mastodon"]
    assert f"register names (platform id {mastodon.user_id})" in by_id[mastodon.account_id]


def test_a_corrected_register_ends_it(scene):
    """The last of this module: the organisation made a new account under the old name."""
    scene.house.at(START + timedelta(days=2))
    new = {
        a.account_id: shown_id(replace(a, user_id=a.user_id + OTHER_HANDS))
        for a in scene.accounts()
    }
    scene.register(new)
    before = scene.rows()
    scene.scan()
    assert all(how == {("ok", "")} for how in scene.endings(window_of()).values())
    assert all(n > before[name] for name, n in scene.rows().items())
    assert alarms.check(scene.house.access, "hijacked", settings.now()) == []


# --- what was seen before ------------------------------------------------------------------------


def remembered(raw: Raw, handle: str = "GentStad", user_id: str | None = None) -> str | None:
    account = Account("a", "o", "x", handle, user_id)
    with raw.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        (found,) = identity.remember(cursor, discover()["x"], [account])
    return found.known_id


def test_what_is_known_of_an_account_without_an_id(raw):
    raw.account(user_id=None)
    assert remembered(raw) is None
    raw.profile(3, {"id": "12"})
    assert remembered(raw) == "12"
    raw.profile(2, {"public_metrics": {}})  # which says nothing
    assert remembered(raw) == "12"
    assert remembered(raw, user_id="77") == "77"
    raw.profile(4, {"id": "11"})  # of the time when the register had that id
    assert remembered(raw) == "12", "the last one counts"


def test_a_new_handle_is_a_new_question(raw):
    """What was read under the handle that a person corrected is no evidence."""
    raw.account(user_id=None, handle="AalstStad")
    raw.profile(3, {"id": "12"})
    raw.run("update register.accounts set superseded_at = %s", NOW)
    raw.account(user_id=None)
    assert remembered(raw) is None
    raw.run("update raw.x_profiles set observed_at = %s", NOW + timedelta(minutes=1))
    assert remembered(raw) == "12"


def test_another_tier_is_no_new_handle(raw):
    raw.account(user_id=None)
    raw.profile(3, {"id": "12"})
    raw.run("update register.accounts set superseded_at = %s, access_tier = 'T0'", NOW)
    raw.account(user_id=None)
    assert remembered(raw) == "12"


# --- a connector that forgets ---------------------------------------------------------------------


class Fake(Connector):
    """Answers with a profile of `says`, about which it asked (or not) whether it is the account."""

    name, title, evidence, batch_size = "x", "Fake", "none", 10
    streams = ("profiles", "posts")
    fields = dict.fromkeys(streams, FieldRules(own=frozenset({"id"}), citizen=frozenset()))
    profile_paths = {"user_id": "who.id"}  # noqa: RUF012
    asks: str | None = None
    says: object = "12"

    def extract(self, accounts, window):
        for account in accounts:
            if self.asks:
                self.recognise(account, self.asks)
            who = account.account_id
            yield Item(who, "profiles", "1", {"who": self.says}, "12", True)
            yield Outcome(who, "profiles", "ok")
            yield Item(who, "posts", "2", {"id": "2"}, "12", True, created_at=NOW)
            yield Outcome(who, "posts", "ok")


@pytest.mark.parametrize(
    ("asks", "says", "is_kept"),
    [
        ("12", {"id": "12"}, True),
        ("12", {"id": 12}, True),
        (None, {"id": "12"}, False),
        ("12", {"id": "13"}, False),
        ("12", {}, False),
        ("12", None, False),
    ],
)
def test_what_was_not_compared_does_not_pass(asks, says, is_kept):
    fake, forgotten = Fake(None), []
    fake.asks, fake.says = asks, says
    accounts = [Account("a", "o", "x", "GentStad", "12")]
    events = list(identity.guarded(fake, accounts, Window.ending(NOW), forgotten.append))
    if is_kept:
        assert len(events) == 4 and forgotten == []
        return
    assert forgotten == ["a"]
    assert [(e.stream, e.status, e.reason) for e in events] == [
        ("profiles", "failed", "not_recognised"),
        ("posts", "failed", "not_recognised"),
    ]


@pytest.mark.parametrize(
    ("account", "user_id", "name", "is_stranger"),
    [
        (Account("a", "o", "x", "gent", "12"), 12, None, False),
        (Account("a", "o", "x", "gent", "12"), "13", "gent", True),
        (Account("a", "o", "x", "gent", "12"), "12", "stadgent", False),  # renamed
        (Account("a", "o", "x", "gent", "12", seen_id="13"), "13", None, True),
        (Account("a", "o", "x", "gent", seen_id="13"), "13", "stadgent", False),
        (Account("a", "o", "x", "gent", seen_id="13"), "12", "gent", True),
        (Account("a", "o", "x", "gent"), "12", None, False),
        (Account("a", "o", "x", "gent"), "12", "Gent", False),
        (Account("a", "o", "x", "gent"), "12", "jan_peeters", True),
    ],
)
def test_who_is_a_stranger(account, user_id, name, is_stranger):
    error = Fake(None).stranger(account, user_id, name)
    assert (error is not None) == is_stranger
    if error:
        assert (error.status, error.reason) == WRONG
        assert "13" not in str(error).replace("(platform id 13)", "")
        assert "jan_peeters" not in str(error)
