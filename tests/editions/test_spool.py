"""Rows on disk come back as they went in; two sorted files are told apart line by line."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klankbord.editions import canonical, changes, store, writing
from klankbord.editions.model import Edition, EditionError
from klankbord.editions.spool import Spool
from klankbord.editions.store import Change
from tests.editions.desk import CLOSED, START

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
ROWS = st.lists(st.tuples(TEXTS, st.integers(0, 1), st.none() | TEXTS))


@given(ROWS)
def test_rows_come_back_in_the_order_of_their_bytes(rows) -> None:
    spool = Spool(iter(rows), 3)

    def order(row: tuple) -> tuple:
        text, number, other = row
        return text.encode(), number, other is not None, (other or "").encode()

    assert list(spool) == list(spool) == sorted(rows, key=order)
    assert len(spool) == len(rows)
    assert spool.distinct(0) == len({text for text, *_ in rows})
    cells = spool.column(0)
    assert list(cells) == list(cells) == [row[0] for row in sorted(rows, key=order)]


@given(ROWS)
def test_or_as_they_came(rows) -> None:
    assert list(Spool(iter(rows), 3, ordered=False)) == rows


@pytest.mark.parametrize("ordered", [True, False])
def test_a_full_disk_says_what_to_do(monkeypatch, ordered: bool) -> None:
    class Small(sqlite3.Connection):
        def executemany(self, *arguments):
            self.execute("pragma max_page_count = 4")
            return super().executemany(*arguments)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda name: connect(name, factory=Small))
    with pytest.raises(EditionError, match=r"disk is full\): make room .* SQLITE_TMPDIR"):
        Spool((("x" * 1000,) for _ in range(100)), 1, ordered)


@given(st.sets(TEXTS), st.sets(TEXTS))
def test_what_only_one_side_has(old, new) -> None:
    sides = [canonical.lines([text] for text in side).column(0) for side in (old, new)]
    before, after = ({canonical.line([text]) for text in side} for side in (old, new))
    found = list(changes.unlike(*sides))
    assert len(found) == len(set(found))
    assert {text for side, text in found if side == 0} == before - after
    assert {text for side, text in found if side == 1} == after - before


@given(st.lists(st.tuples(*[TEXTS] * 3, st.none() | TEXTS, st.none() | TEXTS, TEXTS, TEXTS)))
def test_a_content_hash_is_that_of_the_whole_as_json(rows) -> None:
    one = Edition(
        "2026-Q3.2", "2026-Q3", START, 2, "2026-Q3.1", CLOSED, CLOSED, "", "code", "{}", "q2", "h",
        "o", "digest", "CC-BY-4.0", True, "provisional", None, None, None,
    )  # fmt: skip
    moved = writing.spooled(Change(*row) for row in rows)
    said = {
        "edition": store.header_of(one),
        "tables": [],
        "documents": [["public", "a", "b"]],
        "changes": [list(row) for row in rows],
    }
    expected = canonical.sha256(canonical.dumps(said))
    assert store.content_hash(one, [], [("public", "a", "b")], moved) == expected
