"""Rows on their way into PostgreSQL: every text arrives as it was, and memory stays flat."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from msgspec import structs
from tests.databases import new_warehouse

from klankbord import landing_rows
from klankbord.landing import Landing
from klankbord.landing_rows import Lines, Pieces, Rows, field, to_json
from klankbord.landing_writer import Writer
from klankbord.picking import pick, plan_of
from klankbord.platforms.base import FieldRules, Window
from klankbord.platforms.events import Item, Outcome
from klankbord.privacy_keys import Keyring

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
STREAMS = ("profiles", "posts", "messages")
FIELDS = {s: FieldRules(own=frozenset({"n"}), citizen=frozenset({"n"})) for s in STREAMS}


@pytest.fixture(scope="module")
def house(postgres):
    with new_warehouse(postgres) as access:
        yield access


@pytest.fixture
def raw(house):
    with house.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("truncate raw.x_profiles, raw.x_posts, raw.x_messages, raw.outcomes")
    return house


def make(connection, accounts, moment=NOW, key="k"):
    return Landing(
        connection, "x", Window.ending(moment), streams=dict.fromkeys(accounts, STREAMS),
        fields=FIELDS, key=key, run_id="t", now=moment,
    )  # fmt: skip


def post(account, item_id, n=1, age=2, answers=0):
    created_at = NOW - timedelta(days=age)
    return Item(
        account, "posts", item_id, {"n": n}, "1", True, created_at=created_at, answers=answers
    )


def end(landing, account):
    for stream in STREAMS:
        landing.add(Outcome(account, stream, "ok"))


def posts(house):
    with house.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select account_id, item_id, scan_on::text, (payload ->> 'n')::int from raw.x_posts"
            " order by 1, 2, 3"
        )
        return cursor.fetchall()


# -- one row

words = st.text(max_size=12)
keys = st.text(max_size=4).map(lambda text: text.replace("\0", ""))
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(keys, v, max_size=3),
    max_leaves=6,
)


def storable(value):
    """What PostgreSQL can keep of a value: no NUL, no half of a surrogate pair."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "")
    if isinstance(value, list):
        return [storable(v) for v in value]
    if isinstance(value, dict):
        return {storable(k): storable(v) for k, v in value.items()}
    return value


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(item_id=words, thread=st.none() | words, payload=st.dictionaries(keys, trees, max_size=4))
def test_whatever_a_row_holds_arrives_as_it_was(house, item_id, thread, payload):
    lines = Lines(NOW.date(), NOW, "00000000-0000-0000-0000-000000000001")
    item = Item("a\\b", "posts", "", {}, "1", True, created_at=NOW, answers=3, thread_id=thread)
    rows = Rows()
    rows.add(lines.line(item, item_id, payload))
    with house.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("create temporary table one (like raw.x_posts) on commit drop")
        cursor.copy_expert(
            f"copy one ({', '.join(landing_rows.COLUMNS)}) from stdin", Pieces(rows.pieces())
        )
        cursor.execute(
            "select account_id, item_id, thread_id, created_at, answers, payload from one"
        )
        [found] = cursor.fetchall()
    expected = (storable(item_id), None if thread is None else storable(thread))
    assert found[:5] == ("a\\b", *expected, NOW, 3)
    assert found[5] == storable(payload)


def test_absent_is_null_and_not_a_word():
    assert [field(v) for v in (None, "\\N", "a\tb\nc", 5, NOW)] == [
        "\\N", "\\\\N", "a\\tb\\nc", "5", "2026-09-30T20:00:00+00:00",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [2**70, "\ud83d", float("inf"), {1: 2}])
def test_json_that_the_fast_encoder_refuses_is_made_by_the_other(value):
    text = to_json({"v": value})
    assert text.startswith(b'{"v":')
    text.decode()


# -- many rows


def test_a_large_account_waits_in_a_file_and_lands_whole(raw, monkeypatch):
    monkeypatch.setattr(landing_rows, "BYTES_IN_MEMORY", 3_000)
    with closing(raw.open("klankbord_loader")) as connection:
        landing = make(connection, "ab")
        for number in range(500):
            landing.add(post("a", f"p{number:04}", number))
        rows = landing._drafts["a"].rows["posts"]
        assert rows.count == 500
        assert sum(map(len, rows._lines)) <= 3_000
        end(landing, "a")
        landing.add(post("b", "p0000"))
        end(landing, "b")
        landing.close(1)
    found = posts(raw)
    assert [row[3] for row in found] == [*range(500), 1]
    assert landing.summary.rows["posts"] == 501


def test_pieces_can_be_read_twice(monkeypatch):
    monkeypatch.setattr(landing_rows, "BYTES_IN_MEMORY", 10)
    rows = Rows()
    for number in range(9):
        rows.add(b"row %d\n" % number)
        once = b"".join(rows.pieces())
        assert once == b"".join(rows.pieces())
        assert once.count(b"\n") == number + 1


def test_what_a_citizen_said_before_authors_are_kept_does_not_land(raw):
    keyring = Keyring(("k",), authors_since=NOW - timedelta(days=3))
    with closing(raw.open("klankbord_loader")) as connection:
        landing = make(connection, "a", key=keyring)
        for item_id, age, is_own in (("own", 9, True), ("old", 4, False), ("new", 2, False)):
            landing.add(structs.replace(post("a", item_id, age=age), is_own=is_own))
        end(landing, "a")
        landing.close(1)
    assert [row[1] for row in posts(raw)] == ["new", "own"]


def test_an_item_that_came_twice_lands_once(raw):
    """A platform that repeats a post must not cost the account."""
    with closing(raw.open("klankbord_loader")) as connection:
        landing = make(connection, "ab")
        for n in (1, 2):
            landing.add(post("a", "same", n))
        landing.add(post("a", "other"))
        end(landing, "a")
        landing.add(post("b", "same"))
        end(landing, "b")
        landing.close(1)
    assert [row[:2] for row in posts(raw)] == [("a", "other"), ("a", "same"), ("b", "same")]
    assert landing.summary.rows["posts"] == 3


def test_old_and_new_accounts_in_one_group(raw):
    """Of a known account only what the ledger wants is stored; of a new one everything."""
    for day, accounts in ((0, "a"), (1, "ab")):
        moment = NOW + timedelta(hours=day)
        with closing(raw.open("klankbord_loader")) as connection:
            landing = make(connection, accounts, moment + timedelta(days=day))
            for account in accounts:
                landing.add(post(account, "quiet", age=4))
                landing.add(post(account, "moved", age=4, answers=day))
                end(landing, account)
            landing.close(1)
        expected = {"profiles": 0, "posts": 2 if day == 0 else 3, "messages": 0}
        assert {k: v for k, v in landing.summary.rows.items() if v} == {"posts": expected["posts"]}
    assert [row[:3] for row in posts(raw)] == [
        ("a", "moved", "2026-09-30"), ("a", "moved", "2026-10-01"), ("a", "quiet", "2026-09-30"),
        ("b", "moved", "2026-10-01"), ("b", "quiet", "2026-10-01"),
    ]  # fmt: skip


def test_an_error_of_the_writing_thread_is_raised_where_it_is_seen(raw, monkeypatch):
    monkeypatch.setattr("klankbord.landing.ACCOUNTS_PER_COMMIT", 1)

    def broken(*_):
        raise psycopg2.OperationalError("the server went away")

    with closing(raw.open("klankbord_loader")) as connection:
        landing = make(connection, "ab")
        monkeypatch.setattr(Writer, "_write_rows", broken)
        landing.add(post("a", "1"))
        end(landing, "a")
        landing.add(post("b", "1"))
        with pytest.raises(psycopg2.OperationalError):
            end(landing, "b")
    assert posts(raw) == []


# -- picking


def reference(source, paths, judge):
    """The allow-list read slowly: path by path."""
    tree = {}
    for path in paths:
        node = tree
        for part in path.split("."):
            node = node.setdefault(part, {})

    def walk(node, below, prefix):
        kept = {}
        for part, deeper in below.items():
            key, path = part.removesuffix("[]"), f"{prefix}{part}"
            if key not in node:
                continue
            value = node[key]
            if not deeper:
                kept[key] = judge(path, value)
            elif part.endswith("[]") and isinstance(value, list):
                kept[key] = [walk(v, deeper, f"{path}.") for v in value if isinstance(v, dict)]
            elif isinstance(value, dict):
                kept[key] = walk(value, deeper, f"{path}.")
        return kept

    return walk(source, tree, "")


names = st.sampled_from(["a", "b", "c"])
paths = st.lists(
    st.lists(st.sampled_from(["a", "b", "c[]"]), min_size=1, max_size=3).map(".".join),
    max_size=5,
).map(frozenset)
sources = st.dictionaries(
    names,
    st.recursive(
        st.none() | st.integers(0, 3) | st.text(max_size=2),
        lambda v: st.lists(v, max_size=2) | st.dictionaries(names, v, max_size=3),
        max_leaves=8,
    ),
)


@given(sources, paths, paths)
def test_a_plan_picks_what_the_paths_say(source, allowed, judged):
    def judge(path, value):
        return ("judged", path, value, "own") if path in judged else value

    def judge_of(path):
        return lambda value, own_id: ("judged", path, value, own_id)

    picked = pick(source, plan_of(allowed, {path: judge_of(path) for path in judged}), "own")
    assert picked == reference(source, sorted(allowed), judge)
