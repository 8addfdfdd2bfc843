"""Retention and rotation over a filled house: persons go, every figure stays."""

import hashlib
import os
from dataclasses import asdict
from datetime import datetime, timedelta

import psycopg2
import pytest

from klankbord import privacy_keys, retention, retention_files, rotation, secrets, settings
from klankbord.errors import SettingsError
from klankbord.imports import drop
from klankbord.settings import LOCAL_ZONE
from tests.pipeline.house import NOW
from tests.privacy.conftest import everything, pseudonyms, published, rebuild

PLATFORMS = ("bluesky", "facebook", "mastodon", "x")
CITIZENS = "payload #>> '{klankbord,is_own}' = 'false'"


def at(days: int) -> datetime:
    """The clock, so many days after the last scan."""
    moment = NOW + timedelta(days=days)
    os.environ["KLANKBORD_NOW"] = moment.isoformat()
    return moment


def test_every_figure_survives_rotation_and_both_ages(house):
    """The whole promise at once: a key, an author and an id go, and no published figure moves."""
    before, names = published(house), {name for _, name in house.names}
    assert before["rpt_organisation_metric"][0] > 1000
    assert len(pseudonyms(everything(house)) & names) > 100
    rotation.rotate(house.access, settings.now())
    renamed = pseudonyms(everything(house))
    assert len(renamed) > 100 and not renamed & names
    retention.purge(house.access, at(500))
    for name in PLATFORMS:
        [(left, stripped)] = house.rows(
            "select count(payload #>> '{klankbord,author}'),"
            " count(payload #>> '{klankbord,stripped}')"
            f" from raw.{name}_messages where {CITIZENS}"
        )
        assert left == 0 and stripped > 0, name
    assert not pseudonyms(everything(house))
    retention.purge(house.access, at(1200))
    for name in PLATFORMS:
        ids = house.rows(f"select item_id from raw.{name}_messages where {CITIZENS}")
        assert ids and all(i.startswith("forgotten:") for (i,) in ids), name
    rebuild(house)
    assert published(house) == before


def test_what_is_young_is_left_alone_and_twice_is_once(house):
    before = everything(house)
    assert retention.purge(house.access, at(60)) == {}
    assert everything(house) == before
    planned = retention.purge(house.access, at(500), dry_run=True)
    assert planned and everything(house) == before
    assert retention.purge(house.access, at(500)) == planned
    after = everything(house)
    assert retention.purge(house.access, at(500)) == {}
    assert everything(house) == after


def test_threads_still_join_when_only_the_question_is_old(house):
    """A message that was read again later keeps its id, also where an older row refers to it."""
    links = (
        "select count(*) from raw.x_posts as own inner join raw.x_messages as theirs"
        " using (account_id) where own.payload @> jsonb_build_object('referenced_posts',"
        " jsonb_build_array(jsonb_build_object('id', theirs.item_id)))"
    )
    before = house.rows(links)
    assert before[0][0] > 50
    house.rows(
        "update raw.x_messages set scan_on = scan_on + 400 where hashtext(item_id) & 1 = 0"
        " returning 1"
    )
    retention.purge(house.access, at(900))
    assert house.rows(links) == before
    kept = house.rows(
        "select count(*) filter (where starts_with(item_id, 'forgotten:')), count(*)"
        f" from raw.x_messages where {CITIZENS}"
    )
    assert 0 < kept[0][0] < kept[0][1]


def test_a_message_is_as_young_as_its_last_reading(house):
    [(account, item)] = house.rows(
        f"select account_id, min(item_id) from raw.x_messages where {CITIZENS} group by 1 limit 1"
    )
    house.rows(
        "insert into raw.x_messages (account_id, item_id, scan_on, observed_at, payload,"
        " extraction_id) select account_id, item_id, scan_on + 890, observed_at, payload,"
        " extraction_id from raw.x_messages where account_id = %s and item_id = %s returning 1",
        account,
        item,
    )
    retention.purge(house.access, at(900))
    [(rows, authors)] = house.rows(
        "select count(*), count(payload #>> '{klankbord,author}') from raw.x_messages"
        " where account_id = %s and item_id = %s",
        account,
        item,
    )
    assert rows == authors == 2


def test_a_tombstone_follows_its_message(house):
    [(account, item)] = house.rows(
        f"select account_id, min(item_id) from raw.x_messages where {CITIZENS} group by 1 limit 1"
    )
    house.rows(
        "insert into raw.tombstones select %s, 'x', 'messages', %s, current_date, now(),"
        " gen_random_uuid() returning 1",
        account,
        item,
    )
    retention.purge(house.access, at(900))
    [(later,)] = house.rows("select item_id from raw.tombstones where account_id = %s", account)
    assert later.startswith("forgotten:")
    assert house.rows("select 1 from raw.x_messages where item_id = %s", later)


def test_own_texts_go_and_old_rows_of_the_rest(house, tmp_path, monkeypatch):
    with house.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into quarantine.rows (quarantined_at, gate, expectation, subject, table_name,"
            " content) values (%s, 'raw', 'e', 's', 't', '{}'), (%s, 'raw', 'e', 's', 't', '{}')",
            [at(300), at(410)],
        )
        cursor.execute("update raw.outcomes set detail = 'a sentence'")
    texts = "select count(*) from raw.x_posts where payload ? 'text'"
    assert house.rows(texts)[0][0] > 100
    done = retention.purge(house.access, at(420))
    assert house.rows(texts) == [(0,)]
    assert house.rows("select count(*) from quarantine.rows") == [(1,)]
    assert done["texts of raw.x_posts"] > 100
    assert house.rows("select count(*) from raw.outcomes where detail = ''") == [(0,)]
    outcomes = house.rows("select count(*) from raw.outcomes")
    retention.purge(house.access, at(1110))
    assert house.rows("select count(*) from raw.outcomes where detail <> ''") == [(0,)]
    assert house.rows("select count(*) from raw.outcomes") == outcomes
    assert house.rows("select count(*) from raw.extractions") == [(0,)]


@pytest.fixture
def cursor(warehouse):
    with warehouse.connect("klankbord_loader") as connection, connection.cursor() as opened:
        yield opened


@pytest.fixture
def runtime(cursor, monkeypatch, tmp_path):
    """remove(age in days of a file's own time, by its name) -> the files that are left."""
    monkeypatch.setenv("KLANKBORD_HOME", str(tmp_path))
    first_days = asdict(retention.Limits.at(NOW.date()))

    def remove(files: dict[str, int], dry_run: bool = False) -> tuple[set[str], dict[str, int]]:
        for name, age in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{name}: what it says")
            moment = (NOW - timedelta(days=age)).timestamp()
            os.utime(file, (moment, moment))
        counts = dict(retention_files.old_files(cursor, first_days, NOW, dry_run))
        left = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
        return left, {name: count for name, count in counts.items() if count}

    return remove


def test_old_logs_go(runtime, tmp_path):
    files = {"logs/a.log": 100, "logs/b.log": 10, "dbt/logs/c.log": 91}
    left, counts = runtime(files, dry_run=True)
    assert left == set(files)
    assert counts == {"files in logs": 1, "files in dbt/logs": 1}
    (tmp_path / "logs/link").symlink_to(tmp_path / "logs/a.log")
    assert runtime(files) == ({"logs/b.log"}, counts)
    assert (tmp_path / "logs/link").is_symlink()


def stamp(age: int) -> str:
    return f"{NOW - timedelta(days=age):%Y%m%dT%H%M%S}"


def test_a_dropped_file_is_as_old_as_its_putting_aside(runtime):
    """Whatever its own time says: a move keeps that of the export, a copy begins anew."""
    kept = {f"drop/done/{stamp(89)}-export.csv": 1000, f"drop/refused/{stamp(1)}-2-x.csv.txt": 400}
    gone = {f"drop/done/{stamp(91)}-export.csv": 0, f"drop/refused/{stamp(91)}-x.csv.txt": 0}
    left, counts = runtime(kept | gone)
    assert left == set(kept)
    assert counts == {"files in drop/done": 1, "files in drop/refused": 1}


def test_a_dropped_file_that_was_renamed_is_known_by_its_content(runtime, cursor):
    files = {"drop/done/old.csv": 0, "drop/done/new.csv": 1000, "drop/done/2026-01-01-n.csv": 91}
    for name, age in (("drop/done/old.csv", 91), ("drop/done/new.csv", 89)):
        digest = hashlib.sha256(f"{name}: what it says".encode()).hexdigest()
        cursor.execute(
            "insert into raw.import_files (file_hash, file_name, formats, account_ids,"
            " observed_on, row_count, figure_count, decisions, imported_at)"
            " values (%s, 'n', '{}', '{}', %s, 1, 1, '{}', %s)",
            [digest, NOW.date(), NOW - timedelta(days=age)],
        )
    left, counts = runtime(files)
    assert left == {"drop/done/new.csv"}, "what no import knows goes by its own time"
    assert counts == {"files in drop/done": 2}


def test_the_sweep_gives_the_name_that_retention_reads(warehouse, tmp_path):
    (tmp_path / "a - 2026.csv").write_text("no export at all")
    local = NOW.astimezone(LOCAL_ZONE)
    for _ in range(2):  # a file is taken when it stands still
        swept = drop.sweep(warehouse, tmp_path, local)
    assert swept.refused
    names = sorted(p.name for p in (tmp_path / drop.REFUSED).iterdir())
    assert len(names) == 2
    assert [drop.put_aside_at(name) for name in names] == [NOW, NOW]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("AUTHOR", "30", "at least 60 days"),
        ("AUTHOR", "900", "at most"),
        ("MESSAGE", "0", "1 or more"),
        ("TEXT", "a year", "number of days"),
    ],
)
def test_impossible_ages_are_refused(monkeypatch, name, value, says):
    monkeypatch.setenv(f"KLANKBORD_RETENTION_{name}_DAYS", value)
    with pytest.raises(SettingsError, match=says):
        retention.Limits.at(NOW.date())


def test_a_kill_in_the_middle_of_a_rotation_leaves_the_old_names(house, monkeypatch):
    before = everything(house)

    def killed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(rotation, "record", killed)
    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(house.access, settings.now())
    assert everything(house) == before
    monkeypatch.undo()
    with house.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        assert privacy_keys.generation(cursor) == 1
        [first] = privacy_keys.keys(1)
    ready = secrets.secret("pseudonym_key_2")
    assert rotation.rotate(house.access, settings.now()).generation == 2
    with house.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        assert privacy_keys.load(cursor, "x").keys == (first, ready)


def test_after_a_rotation_a_scan_of_the_same_window_doubles_nothing(house):
    counted = "select count(*), count(distinct item_id) from raw.{}_messages"
    before = {p: house.rows(counted.format(p)) for p in PLATFORMS}
    rotation.rotate(house.access, settings.now())
    rotation.rotate(house.access, settings.now())
    house.at(NOW + timedelta(hours=12))  # another local day, nothing new worth a reading
    house.scan()
    for name in PLATFORMS:
        [(_, items)] = house.rows(counted.format(name))
        assert items < before[name][0][1] * 1.1, name
        [(doubled,)] = house.rows(
            "select count(*) from (select account_id, payload -> 'klankbord' -> 'author' as a,"
            " coalesce(payload #> '{post,record,createdAt}', payload -> 'created_at',"
            f" payload -> 'created_time') as t from raw.{name}_messages where {CITIZENS}"
            " group by 1, 2, 3, payload - 'klankbord' having count(distinct item_id) > 1) as d"
        )
        assert doubled == 0, name


def test_a_missing_key_is_named_and_not_made_anew(house):
    rotation.rotate(house.access, settings.now())
    lost = secrets.folder() / "pseudonym_key_2"
    kept = lost.read_text()
    lost.unlink()
    try:
        with (
            house.access.connect("klankbord_loader") as connection,
            connection.cursor() as cursor,
            pytest.raises(SettingsError, match="pseudonym_key_2 is not in"),
        ):
            privacy_keys.load(cursor, "x")
        assert not lost.exists()
    finally:
        lost.write_text(kept)


def test_a_rotation_does_not_touch_what_only_looks_like_a_pseudonym(house):
    news = "0123456789abcdef0123456789abcdef"
    house.rows(
        "update raw.x_posts set payload = jsonb_set(payload, '{conversation_id}',"
        " to_jsonb(%s::text)) returning 1",
        news,
    )
    rotation.rotate(house.access, settings.now())
    assert house.rows("select distinct payload ->> 'conversation_id' from raw.x_posts") == [(news,)]


def test_what_was_read_before_a_rotation_does_not_land_after_it(house):
    loader = house.access.open("klankbord_loader")
    try:
        with loader, loader.cursor() as cursor:
            keyring = privacy_keys.load(cursor, "x")
            other = privacy_keys.load(cursor, "bluesky")
            privacy_keys.hold(cursor, "x", keyring)
        rotation.rotate(house.access, settings.now())
        with loader, loader.cursor() as cursor:
            for name, held in (("x", keyring), ("bluesky", other)):
                with pytest.raises(privacy_keys.PrivacyChangedError, match="run the same again"):
                    privacy_keys.hold(cursor, name, held)
    finally:
        loader.close()


def test_a_rotation_waits_for_those_that_store(house):
    loader, second = (house.access.open("klankbord_loader") for _ in range(2))
    try:
        with loader.cursor() as storing, second.cursor() as rotating:
            privacy_keys.hold(storing, "x", privacy_keys.load(storing, "x"))
            rotating.execute("set lock_timeout = '200ms'")
            with pytest.raises(psycopg2.errors.LockNotAvailable):
                privacy_keys.alone(rotating)
    finally:
        loader.close()
        second.close()
