"""A website's feed over several days, through extraction and landing into PostgreSQL."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from tests.platforms.test_website import NOW, Web, feed, item, rss, server  # noqa: F401

from klankbord import database, extraction

DAY = timedelta(days=1)


@pytest.fixture
def town(warehouse: database.Access, server: Web, monkeypatch) -> Iterator[database.Access]:  # noqa: F811
    """A register with one website, whose feed the scripted server mirrors."""
    monkeypatch.setenv("KLANKBORD_WEBSITE_URL", server.url)
    server.script, server.asked = {}, []
    with warehouse.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into register.accounts values ('gent-website', 'be-municipality-44021',"
            " 'website', 'https://gent.example/feed', null, 'official', 'T1', null, null, false,"
            " 'declared', 't', 'f', 1, now(), null)"
        )
    yield warehouse


def rows(access: database.Access, query: str) -> list[tuple]:
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_a_feed_over_four_days(town: database.Access, server: Web, monkeypatch) -> None:  # noqa: F811
    def scan(day: int, *entries: str, etag: str) -> extraction.Extraction:
        monkeypatch.setenv("KLANKBORD_NOW", (NOW + day * DAY).isoformat())
        server.asked.clear()

        def answer(request):
            if request.headers.get("if-none-match") == etag:
                return feed("", 304)
            return feed(rss(*entries), etag=etag)

        server.script["/feed"] = answer
        return extraction.extract(town, "website")

    def entry(number: int, guid: str = "") -> str:
        at = NOW - number * DAY - timedelta(hours=5)
        return item(f"n{number}", at, guid or f"g{number}", f"https://gent.example/{number}")

    def asked() -> str | None:
        return server.asked[-1].headers.get("if-none-match")

    def outcome() -> tuple[datetime, int]:
        return rows(
            town,
            "select observed_since, row_count from raw.outcomes where stream = 'posts'"
            " and status = 'ok' order by scan_on desc limit 1",
        )[0]

    first = [entry(n) for n in range(10)]
    assert scan(0, *first, etag='"a"').landed.rows == {"profiles": 1, "posts": 10}
    since = datetime.fromisoformat("2026-09-22T00:00:00+02:00")
    assert outcome() == (since, 10) and asked() is None
    # the day after nothing changed: no rows of posts, and nobody was deleted
    done = scan(1, *first, etag='"a"')
    assert done.landed.rows.get("posts", 0) == 0 and asked() == '"a"'
    assert outcome() == (since, 10)
    assert rows(town, "select * from raw.tombstones") == []
    # a rerun asks nothing
    assert scan(1, *first, etag='"a"').request_count == 0
    # one item was taken away, one has a new guid, the oldest left the feed, one is new
    changed = [entry(-2), *first[:4], entry(4, "https://gent.example/guid/4"), *first[6:9]]
    scan(2, *changed, etag='"b"')
    assert asked() == '"a"' and outcome() == (since + DAY, 9)
    known = rows(town, "select count(distinct item_id) from raw.website_posts")
    assert known == [(11,)]
    gone = rows(
        town,
        "select created_at from raw.tombstones inner join raw.website_posts using"
        " (account_id, item_id)",
    )
    assert gone == [(NOW - 5 * DAY - timedelta(hours=5),)]
    # a 304 after that asks with the new validators
    scan(3, *changed, etag='"b"')
    assert asked() == '"b"' and outcome() == (since + DAY, 9 + 1)
