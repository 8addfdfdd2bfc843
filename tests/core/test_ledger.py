"""What is due of a post, what is stored of it, and what deletion leaves: on a real PostgreSQL."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klankbord.landing import Landing
from klankbord.ledgers import read_ledgers
from klankbord.platforms.base import FieldRules, Window
from klankbord.platforms.events import Deleted, Item, Outcome, ThreadRead
from klankbord.platforms.ledger import AGE_STEPS, Ledger, Reading, is_due

NOW = datetime(2026, 9, 1, 20, tzinfo=UTC)
STREAMS = ("posts", "messages")
FIELDS = {
    "posts": FieldRules(
        own=frozenset({"n", "text"}), citizen=frozenset(), text=frozenset({"text"})
    ),
    "messages": FieldRules(own=frozenset(), citizen=frozenset({"n"})),
}


class Account:
    """An account whose posts and threads a test writes by hand, day after day."""

    def __init__(self, access) -> None:
        self.access = access
        self.posts: dict[str, tuple[datetime, int]] = {}
        self.messages: dict[str, tuple[str, str]] = {}  # id -> (thread, what it says)

    def scan(self, moment: datetime, *, threads=(), deleted=(), ok=True) -> None:
        window = Window.ending(moment)
        with closing(self.access.open("klankbord_loader")) as connection:
            landing = Landing(
                connection,
                "x",
                window,
                streams={"a": STREAMS},
                fields=FIELDS,
                key="k",
                run_id="test",
                now=moment,
            )
            for name, (at, answers) in self.posts.items():
                payload = {"n": answers, "text": "Ons park gaat open."}
                landing.add(
                    Item("a", "posts", name, payload, "1", True, created_at=at, answers=answers)
                )
            for name, (thread, said) in self.messages.items():
                if thread in threads:
                    at = NOW - timedelta(hours=1)
                    landing.add(
                        Item(
                            "a",
                            "messages",
                            name,
                            {"n": said},
                            "2",
                            False,
                            created_at=at,
                            thread_id=thread,
                        )
                    )
            for thread in threads:
                landing.add(ThreadRead("a", thread))
            for name in deleted:
                landing.add(Deleted("a", "posts", name))
            since = window.since if ok else None
            landing.add(Outcome("a", "posts", "ok" if ok else "failed", complete_since=since))
            landing.add(Outcome("a", "messages", "ok"))
            landing.close(1)

    def ask(self, query: str) -> list[tuple]:
        with self.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def readings(self, name: str) -> list[int]:
        """Days of age at which the post was stored."""
        at = self.posts[name][0]
        found = self.ask(
            f"select observed_at from raw.x_posts where item_id = '{name}' order by observed_at"
        )
        return [(observed_at - at).days for (observed_at,) in found]

    def tombs(self) -> set[str]:
        return {name for (name,) in self.ask("select item_id from raw.tombstones")}

    def ledger(self, moment: datetime) -> Ledger:
        with self.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            return read_ledgers(cursor, "x", ["a"], Window.ending(moment))["a"]


@pytest.fixture
def account(warehouse) -> Account:
    return Account(warehouse)


def test_counters_are_stored_at_first_sight_and_at_1_3_7_and_28_days(account):
    account.posts["p"] = NOW - timedelta(hours=2), 0
    for day in range(30):
        account.scan(NOW + timedelta(days=day))
    assert account.readings("p") == [0, 1, 3, 7, 28]


def test_a_missed_day_is_made_good_by_the_next_scan(account):
    account.posts["p"] = NOW - timedelta(hours=2), 0
    for day in (0, 2, 5, 9):
        account.scan(NOW + timedelta(days=day))
    assert account.readings("p") == [0, 2, 5, 9]


def test_moved_answers_are_stored_at_once(account):
    account.posts["p"] = NOW - timedelta(hours=2), 0
    for day in range(10, 14):
        account.posts["p"] = account.posts["p"][0], int(day >= 12)
        account.scan(NOW + timedelta(days=day))
    assert account.readings("p") == [10, 12]


def test_the_ledger_says_what_is_due(account):
    account.posts["p"] = NOW - timedelta(hours=2), 2
    account.scan(NOW)
    later = NOW + timedelta(days=1)
    ledger = account.ledger(later)
    assert ledger.posts == {"p": Reading(account.posts["p"][0], NOW, 2)}
    assert ledger.posts_known_until == ledger.messages_known_until == NOW
    assert list(ledger.due(NOW - timedelta(days=1), later)) == ["p"]
    assert list(ledger.due(NOW, later)) == []
    assert list(account.ledger(NOW + timedelta(hours=5)).due(NOW - timedelta(days=1), NOW)) == []
    assert account.ledger(NOW).posts == {}, "a rerun of a scan sees what the scan saw"


def test_a_thread_is_read_until_it_was_seen_at_14_days():
    at = NOW - timedelta(days=20)
    posts = {"p": Reading(at, NOW - timedelta(days=1), 3)}

    def wants(days_known: float | None, answers: int | None) -> bool:
        known = None if days_known is None else at + timedelta(days=days_known)
        return Ledger(posts, NOW, known).wants_thread("p", at, answers)

    assert wants(None, 3) and wants(13.9, 3)
    assert not wants(14, 3), "nothing moved"
    assert wants(14, 4) and wants(14, 2), "the counter moved"
    assert not wants(None, 0), "a post without answers has no thread"
    assert Ledger({}, NOW, NOW).wants_thread("new", at, None)
    assert Ledger(posts).is_emptied("p", 0) and not Ledger(posts).is_emptied("p", 1)
    assert not Ledger().is_emptied("p", 0)


def test_deleted_posts_leave_a_tombstone_and_their_text_goes(account):
    account.posts |= {n: (NOW - timedelta(days=3), 0) for n in "pqr"}
    account.scan(NOW)
    del account.posts["p"]
    account.scan(NOW + timedelta(days=1), ok=False)
    assert account.tombs() == set(), "a failed listing says nothing about what is missing"
    account.scan(NOW + timedelta(days=1))
    assert account.tombs() == {"p"}
    texts = account.ask("select distinct item_id, payload ? 'text' from raw.x_posts order by 1")
    assert texts == [("p", False), ("q", True), ("r", True)]
    account.scan(NOW + timedelta(days=2), deleted=["zz"])
    assert account.tombs() == {"p"}, "what was never read leaves nothing"
    noticed = account.ask("select scan_on from raw.tombstones")
    account.scan(NOW + timedelta(days=5))
    assert account.ask("select scan_on from raw.tombstones") == noticed


def test_an_answer_that_shrank_buries_nobody(account):
    account.posts |= {f"p{n}": (NOW - timedelta(days=3), 0) for n in range(10)}
    account.scan(NOW)
    for n in range(6):
        del account.posts[f"p{n}"]
    account.scan(NOW + timedelta(days=1))
    assert account.tombs() == set()
    counts = "select known_count, missing_count from raw.outcomes where stream = 'posts'"
    assert account.ask(f"{counts} order by scan_on") == [(None, None), (10, 6)]
    account.posts["p0"] = NOW - timedelta(days=3), 0
    account.scan(NOW + timedelta(days=2))
    assert account.tombs() == {f"p{n}" for n in range(1, 6)}, "half of them may be gone"


def test_older_than_the_listing_is_not_deleted(account):
    account.posts["p"] = NOW - timedelta(days=20), 0
    account.scan(NOW)
    account.posts.clear()
    account.scan(NOW + timedelta(days=15))
    assert account.tombs() == set()


def test_a_lookup_that_finds_nothing_is_a_tombstone_too(account):
    account.posts["p"] = NOW - timedelta(days=20), 0
    account.scan(NOW)
    account.posts.clear()
    account.scan(NOW + timedelta(days=15), deleted=["p"])
    assert account.tombs() == {"p"}


def test_messages_missing_from_a_thread_that_was_read(account):
    account.posts["p"] = NOW - timedelta(days=1), 2
    account.messages = {"m": ("p", "1"), "n": ("p", "1"), "o": ("q", "1")}
    account.scan(NOW, threads=("p", "q"))
    del account.messages["m"], account.messages["o"]
    account.scan(NOW + timedelta(days=1), threads=("p",))
    assert account.tombs() == {"m"}, "thread q was not read"
    account.messages["m"] = "p", "1"
    account.scan(NOW + timedelta(days=2), threads=("p",))
    assert account.tombs() == set(), "it is there again"
    assert len(account.ask("select 1 from raw.x_messages")) == 3, "rows stay, unchanged ones once"


def test_what_is_older_than_the_window_is_not_missing_from_its_thread(account):
    account.posts["p"] = NOW - timedelta(days=1), 1
    account.messages = {"m": ("p", "1")}
    account.scan(NOW, threads=("p",))
    del account.messages["m"]
    account.scan(NOW + timedelta(days=31), threads=("p",))
    assert account.tombs() == set()


MOMENTS = st.integers(0, 45 * 24).map(lambda hours: NOW + timedelta(hours=hours))


@given(created=MOMENTS, scans=st.lists(MOMENTS, min_size=1, max_size=12, unique=True))
def test_whatever_the_scans_each_step_is_read_once_and_as_early_as_can_be(created, scans):
    """Replays the rule: the reading at an age step is the first scan at or after it."""
    stored: list[datetime] = []
    for moment in sorted(m for m in scans if m >= created):
        if not stored or is_due(created, stored[-1], moment):
            stored.append(moment)
    seen = [m for m in sorted(scans) if m >= created]
    firsts = {next((m for m in seen if m >= created + step), None) for step in AGE_STEPS}
    assert stored == sorted({*seen[:1], *(m for m in firsts if m)})
