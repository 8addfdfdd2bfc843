"""Erasing a person: every trace, once, for good, and nobody else's."""

import os
from collections import Counter
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from klankbord import database, erasure, settings
from klankbord.cli.main import app
from klankbord.erasure_ids import ErasureError, check_ids, read_ids
from klankbord.quarantine import move_aside
from tests.pipeline.house import NOW
from tests.privacy.conftest import hashes, holding

DERIVED = ("raw", "quarantine", "staging", "intermediate", "marts", "reporting", "published")
PLATFORMS = ("bluesky", "facebook", "mastodon", "x")


def person(house, platform: str) -> tuple[str, str, set[str]]:
    """(platform id, pseudonym, ids of their messages) of somebody whom an organisation answered."""
    posts = str(house.rows(f"select payload from raw.{platform}_posts"))
    own = str(
        house.rows(
            f"select payload from raw.{platform}_messages"
            " where payload #>> '{klankbord,is_own}' = 'true'"
        )
    )
    said: dict[str, set[str]] = {}
    for name, item in house.rows(
        f"select distinct payload #>> '{{klankbord,author}}', item_id from raw.{platform}_messages"
    ):
        said.setdefault(name, set()).add(item)
    for name, items in sorted(said.items()):
        if (platform, name) in house.names and any(f"'{i}'" in posts + own for i in items):
            return house.names[platform, name], name, items
    raise AssertionError(f"nobody was answered on {platform}")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_trace_goes_and_nothing_else(house, platform):
    one, name, items = person(house, platform)
    words = {one, name, *items}
    before = hashes(house, DERIVED)
    traces = holding(house, words, DERIVED)
    assert traces.keys() >= {f"raw.{platform}_messages", "intermediate.int_messages"}
    assert not [table for table in traces if table.startswith("published.")]
    own = (
        f"select count(*) from raw.{platform}_posts union all"
        f" select count(*) from raw.{platform}_messages"
        " where payload #>> '{klankbord,is_own}' = 'true'"
    )
    counted = house.rows(own)
    planned = erasure.erase(house.access, platform, [one], settings.now(), dry_run=True)
    assert hashes(house, DERIVED) == before
    done = erasure.erase(house.access, platform, [one], settings.now(), asked_by="person")
    assert done.rows == planned.rows and done.rows[f"raw.{platform}_messages"] >= len(items)
    assert holding(house, words, DERIVED) == {}
    assert house.rows(own) == counted, "an own message went"
    after = hashes(house, DERIVED)
    changed = {table for table in after if after[table] != before[table]}
    assert changed == done.rows.keys() | {"raw.erased", "raw.privacy_actions"}
    [(kind, asked_by, counts)] = house.rows(
        "select kind, asked_by, row_counts from raw.privacy_actions"
    )
    assert (kind, asked_by) == ("erasure", "person")
    assert counts[f"raw.{platform}_messages"] == done.rows[f"raw.{platform}_messages"]
    again = erasure.erase(house.access, platform, [one], settings.now(), asked_by="person")
    assert (again.rows, again.is_new) == ({}, False)
    assert hashes(house, DERIVED) == after


@pytest.mark.parametrize("platform", PLATFORMS)
def test_they_do_not_come_back_and_replies_stay_replies(house, platform):
    one, name, items = person(house, platform)
    view = f"select distinct post_id, message_kind, created_at from staging.stg_{platform}__posts"
    before = house.rows(view, role="klankbord_transformer")
    erasure.erase(house.access, platform, [one], settings.now())
    after = house.rows(view, role="klankbord_transformer")
    assert Counter(row[1:] for row in after) == Counter(row[1:] for row in before)
    house.at(NOW + timedelta(hours=12))  # the next local day: everything is read again
    house.scan(platform)
    assert holding(house, {one, name, *items}, ("raw", "quarantine")) == {}
    # what is read again is the row that was there: no repost of theirs under a second id
    later = Counter(row[1:] for row in house.rows(view, role="klankbord_transformer"))
    assert {row: later[row] for row in Counter(row[1:] for row in before)} == Counter(
        row[1:] for row in before
    )


def test_quarantine_is_searched_too(house):
    one, name, items = person(house, "x")
    [(account,)] = house.rows(
        "select distinct account_id from raw.x_messages where payload #>> '{klankbord,author}' = %s"
        " limit 1",
        name,
    )
    days = house.rows("select distinct scan_on from raw.x_messages where account_id = %s", account)
    loader = house.access.open("klankbord_loader")
    try:
        for (day,) in days:
            move_aside(
                loader, ["x"], [{"subject": account, "scan_on": day}], gate="raw", expectation="e"
            )
    finally:
        loader.close()
    with house.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into quarantine.rows (gate, expectation, subject, table_name, content) values"
            " ('raw', 'e', %s, 'raw.outcomes', %s)",
            [account, f'{{"detail": "{min(items)} carries text"}}'],
        )
    assert "quarantine.rows" in holding(house, {name}, ("quarantine",))
    done = erasure.erase(house.access, "x", [one], settings.now())
    assert done.rows["quarantine.rows"] > 0
    assert holding(house, {one, name, *items}, ("raw", "quarantine")) == {}
    assert holding(house, {"nobody"}, ("quarantine",)) != {}


def test_a_table_that_somebody_adds_tomorrow_is_searched(house):
    one, name, items = person(house, "bluesky")
    with house.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("create table raw.something (account_id text, notes text, post_id text)")
        cursor.execute(
            "insert into raw.something values ('a', %s, ''), ('b', '', %s), ('c', 'kept', '1')",
            [f"about {name}!", min(items)],
        )
    erasure.erase(house.access, "bluesky", [one], settings.now())
    assert house.rows("select account_id from raw.something") == [("c",)]


def test_a_kill_between_the_two_transactions_is_mended_by_a_second_call(house, monkeypatch):
    one, name, _ = person(house, "x")
    opened = database.Access.open

    def dying(access, role, dbname=None):
        connection = opened(access, role, dbname)
        return _Wrapped(connection) if role == "klankbord_loader" else connection

    monkeypatch.setattr(database.Access, "open", dying)
    with pytest.raises(KeyboardInterrupt):
        erasure.erase(house.access, "x", [one], settings.now())
    monkeypatch.undo()
    assert holding(house, {name}, ("raw",))
    done = erasure.erase(house.access, "x", [one], settings.now())
    assert done.rows["raw.x_messages"] > 0
    assert holding(house, {name}, DERIVED) == {}


class _Wrapped:
    """A connection that dies when it is to commit."""

    def __init__(self, connection) -> None:
        self._connection = connection

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def commit(self):
        self._connection.close()
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("platform", "ids", "says"),
    [
        ("x", ["JanPeeters"], "the numeric id"),
        ("x", ["12", "@jan"], "Id 2 of 2"),
        ("bluesky", ["jan.bsky.social"], "the DID"),
        ("youtube", ["@jan"], "UC and 22 signs"),
        ("x", [], "no id to erase"),
        ("linkedin", ["Jan Peeters"], "without blanks"),
    ],
)
def test_what_is_no_id_is_refused_and_not_quoted(platform, ids, says):
    with pytest.raises(ErasureError, match=says) as caught:
        check_ids(platform, ids)
    assert not [one for one in ids if len(one) > 2 and one in str(caught.value)]


def test_ids_come_from_a_file(tmp_path):
    file = tmp_path / "ids.txt"
    file.write_text("﻿12\r\n\n 34 \n", encoding="utf-8")
    assert read_ids(file) == ["12", "34"]
    file.write_bytes(b"\xff\xfe1")
    with pytest.raises(ErasureError, match="UTF-8"):
        read_ids(file)


def test_the_command_erases_and_leaves_no_id_in_what_it_says(house, tmp_path, monkeypatch):
    one, name, _ = person(house, "mastodon")
    file = tmp_path / "ids.txt"
    file.write_text(f"{one}\n")

    class Running:
        def __enter__(self):
            return house.access

        def __exit__(self, *_):
            return False

    monkeypatch.setattr(database, "running", Running)
    said = CliRunner().invoke(
        app, ["erase", "mastodon", "--file", str(file), "--no-build", "--asked-by", "authority"]
    )
    assert said.exit_code == 0, said.output
    assert "raw.mastodon_messages" in said.output
    assert one not in said.output and name not in said.output
    assert house.rows("select asked_by from raw.privacy_actions") == [("authority",)]
    again = CliRunner().invoke(app, ["erase", "mastodon", one, "--no-build"])
    assert "Erased before" in again.output
    assert CliRunner().invoke(app, ["erase", "mastodon"]).exit_code == 1
    assert os.environ["KLANKBORD_SANDBOX"] == "1"
