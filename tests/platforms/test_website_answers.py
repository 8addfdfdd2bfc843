"""Feeds and dates as they come: formats, encodings, bombs, and what only calls itself a feed."""

import json
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klankbord.platforms.website_answers import Feed, check_whole, read_feed, same_site
from klankbord.platforms.website_dates import EARLIEST, moment
from klankbord.verdicts import BadRequest, ServerError

URL = "https://www.gent.example/feed"
AT = datetime(2026, 9, 1, 8, tzinfo=UTC)
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>T</title></channel>'
    '<item rdf:about="https://gent.example/1"><title>Markt &amp; kermis</title>'
    "<link>https://gent.example/1</link><dc:date>2026-09-01T10:00:00+02:00</dc:date></item></rdf:RDF>"
)
RSS091 = (
    '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"'
    ' "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel>'
    "<title>T</title><item><title>Markt &amp; kermis</title><link>https://gent.example/1</link>"
    "{date}</item></channel></rss>"
)
RSS20 = (
    '<rss version="2.0" xmlns:n="urn:none" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
    "<channel><title>T</title><n:item><title>not ours</title></n:item><item>"
    "<title><![CDATA[Markt & kermis]]></title><content:encoded>body</content:encoded>"
    '<guid isPermaLink="false">1 at https://gent.example</guid><link>/1</link>'
    "<pubDate>{date}</pubDate></item></channel></rss>"
)
ATOM10 = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id><title>T</title><entry><id>tag:1</id>'
    '<title type="html">Markt &lt;b&gt;&amp;amp;&lt;/b&gt; kermis</title><link href="/1"/>'
    "<updated>2026-09-09T10:00:00Z</updated>{date}</entry></feed>"
)
ATOM03 = (
    '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>T</title><entry><id>tag:1</id>'
    "<title>Markt &amp; kermis</title><issued>2026-09-01T08:00:00Z</issued>"
    "<modified>2026-09-09T08:00:00Z</modified></entry></feed>"
)
JSON1 = {
    "version": "https://jsonfeed.org/version/1",
    "title": "T",
    "items": [{"id": 1, "title": "Markt & kermis", "date_published": "2026-09-01T10:00:00+02:00"}],
}


def read(text: str | bytes, content_type: str = "application/xml") -> Feed:
    return read_feed(text if isinstance(text, bytes) else text.encode(), content_type, URL)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (RSS091.format(date="<pubDate>Tue, 01 Sep 2026 08:00:00 GMT</pubDate>"), "rss091u"),
        (RSS20.format(date="Tue, 01 Sep 2026 10:00:00 +0200"), "rss20"),
        (RDF, "rss10"),
        (ATOM03, "atom03"),
        (ATOM10.format(date="<published>2026-09-01T08:00:00Z</published>"), "atom10"),
        (json.dumps(JSON1), "json1"),
        ("\ufeff" + json.dumps(JSON1).replace("version/1", "version/1.1"), "json11"),
    ],
)
def test_each_format(text: str, version: str) -> None:
    check_whole(text.encode())
    feed = read(text)
    assert feed.version == version
    (entry,) = feed.entries
    assert (entry.published, entry.title) == (AT, "Markt & kermis")
    assert entry.guid or entry.link


def test_what_stands_in_for_a_date() -> None:
    assert read(RSS091.format(date="")).entries[0].published is None
    assert read(RSS20.format(date="soon")).entries[0].published is None
    assert read(ATOM10.format(date="")).entries[0].published == datetime(2026, 9, 9, 10, tzinfo=UTC)
    # what we cannot read, feedparser may
    assert read(RSS20.format(date="Tue Sep  1 08:00:00 2026")).entries[0].published == AT
    assert read(RSS20.format(date="Τρι, 01 Σεπ 2026 08:00:00 GMT")).entries[0].published == AT


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "utf-8", "application/xml"),
        ("utf-8", "utf-8", "text/xml"),  # us-ascii, by the letter of the standard
        ("utf-8", None, "text/html; charset=iso-8859-1"),
        ("iso-8859-1", "iso-8859-1", "application/rss+xml"),
        ("windows-1252", "utf-8", "application/rss+xml; charset=utf-8"),  # a lie, twice
        ("utf-16", "utf-16", "application/xml"),
        ("utf-8-sig", "utf-8", "application/xml"),
    ],
)
def test_encodings_that_are_declared_and_those_that_lie(
    encoding: str, declared: str | None, content_type: str
) -> None:
    text = RSS20.format(date="Tue, 01 Sep 2026 08:00:00 GMT").replace("Markt", "Café")
    if declared:
        text = f'<?xml version="1.0" encoding="{declared}"?>{text}'
    body = text.encode(encoding)
    check_whole(body)
    (entry,) = read_feed(body, content_type, URL).entries
    assert entry.published == AT
    if content_type != "text/html; charset=iso-8859-1":
        assert entry.title == "Café & kermis"


def test_xml_that_is_none_is_still_read() -> None:
    text = (
        RSS20.format(date="Tue, 01 Sep 2026 08:00:00 GMT")
        .replace("<![CDATA[", "")
        .replace("]]>", "")
    )
    (entry,) = read(text).entries  # a bare & is no XML
    assert (entry.title, entry.published) == ("Markt & kermis", AT)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "declarations",
    [
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">',
        f'<!ENTITY a "{"a" * 5000}">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        '<!ENTITY % p "x"> %p;',
        "<!ENTITY a '&#60;x'>",
    ],
)
def test_entities_of_its_own_are_refused(declarations: str, encoding: str) -> None:
    bomb = f'<?xml version="1.0"?><!DOCTYPE rss [{declarations}]>' + RSS20.format(date="&a;" * 1000)
    with pytest.raises(BadRequest, match="entities"):
        read_feed(bomb.encode(encoding), "application/xml", URL)


def test_a_short_entity_does_no_harm() -> None:
    text = RSS20.format(date="Tue, 01 Sep 2026 08:00:00 GMT")
    (entry,) = read(f'<!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>{text}').entries
    assert entry.published == AT


@pytest.mark.parametrize("text", [RDF, RSS20, ATOM10, ATOM03, RSS091, json.dumps(JSON1)])
def test_half_a_feed_is_seen(text: str) -> None:
    check_whole(
        f"{text}\n<!-- made by software -->\n".encode() if text[0] == "<" else text.encode()
    )
    for end in (len(text) // 2, len(text) - 1):
        with pytest.raises(ServerError):
            check_whole(text[:end].encode())


def days(*numbers: int | None) -> Feed:
    dates = [
        f"{AT + timedelta(days=n):%Y-%m-%dT%H:%M:%SZ}" if n is not None else "" for n in numbers
    ]
    items = "".join(
        f"<item><title>{n}</title><pubDate>{d}</pubDate></item>" for n, d in enumerate(dates)
    )
    return read(f'<rss version="2.0"><channel>{items}</channel></rss>')


@pytest.mark.parametrize(
    ("numbers", "edge"),
    [
        ((9, 8, 3), 3),
        ((3, 8, 9), 3),  # the oldest first
        ((0, 9, 8, 3), 3),  # pinned on top
        ((0, 1, 9, 8, 7, 3), 3),
        ((9, None, 3), 3),
        ((5,), 5),
        ((5, 5, 5), 5),
        ((9, 2, 8, 1, 7, 3), None),  # no order: events by place, say
        ((), None),
        ((None,), None),
    ],
)
def test_how_far_a_feed_reaches(numbers: tuple[int | None, ...], edge: int | None) -> None:
    assert days(*numbers).complete_since == (None if edge is None else AT + timedelta(days=edge))


def test_one_site() -> None:
    assert same_site("http://gent.example/a", "https://www.gent.example:8080/b")
    assert same_site("https://WWW.gent.example", "http://gent.example/")
    for other in ("https://brugge.example", "ftp://gent.example", "//gent.example", "", "/feed"):
        assert not same_site("http://gent.example/a", other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 01 Sep 2026 10:00:00 +0200", "2026-09-01 08:00"),
        ("Tue, 1 Sep 26 10:00 CEST", "2026-09-01 08:00"),
        ("Mon, 05 Jan 2026 10:00:00 CET", "2026-01-05 09:00"),
        ("Tue, 01 Sep 2026 04:00:00 EDT", "2026-09-01 08:00"),
        ("Tue, 01 Sep 2026 08:00:00 GMT", "2026-09-01 08:00"),
        ("Tue, 01 Sep 2026 10:00:00 GMT+2", "2026-09-01 08:00"),
        ("Tue, 01 Sep 2026 10:00:00 +02:00 (CEST)", "2026-09-01 08:00"),
        ("Tue, 01 Sep 2026 10:00:00", "2026-09-01 08:00"),
        ("Tue, 01 Sep 2026 10:00:00 XYZ", "2026-09-01 08:00"),
        ("Tue, 01 Sep 2026 10:00:00 Europe/Brussels", "2026-09-01 08:00"),
        ("Mon, 31 Aug 2026 24:00:00 GMT", "2026-09-01 00:00"),
        ("Tue, 30 Jun 2026 23:59:60 GMT", "2026-06-30 23:59:59"),
        ("di, 01 september 2026 - 10:00", None),
        ("di 1 september 2026, 10.00 uur", "2026-09-01 08:00"),
        ("1er févr. 2026 8h30", "2026-02-01 07:30"),
        ("5 mrt. 2026", "2026-03-04 23:00"),
        ("05 mei 2026 10:00 +0200", "2026-05-05 08:00"),
        ("5. Mai 2026", "2026-05-04 22:00"),
        ("September 1, 2026 10:05 PM", "2026-09-01 20:05"),
        ("12:00 AM", None),
        ("Sep 1, 2026 12:30 am", "2026-08-31 22:30"),
        ("01/09/2026 10:00", "2026-09-01 08:00"),
        ("09/25/2026", None),
        ("1.9.2026", "2026-08-31 22:00"),
        ("2026-09-01T08:00:00Z", "2026-09-01 08:00"),
        ("2026-09-01T10:00:00.123+02:00", "2026-09-01 08:00"),
        ("2026-09-01 10:00", "2026-09-01 08:00"),
        ("2026-09-01", "2026-08-31 22:00"),
        ("20260901", "2026-08-31 22:00"),
        ("2026-10-25T02:30:00", "2026-10-25 00:30"),
        ("1788249600", "2026-09-01 08:00"),
        ("1788249600000", "2026-09-01 08:00"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("0001-01-01T00:00:00", None),
        ("Tue, 31 Feb 2026 10:00:00 GMT", None),
        ("9999-12-31T24:00:00Z", None),
        ("2026-09-01T10:00:00+99:99", None),
        ("2026-09-01T10:75:00", None),
        ("morgen", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_in_the_wild(text: str | None, expected: str | None) -> None:
    assert moment(text) == (expected and datetime.fromisoformat(f"{expected}+00:00"))


moments = st.datetimes(
    datetime(1996, 1, 1), datetime(2099, 1, 1), timezones=st.builds(  # noqa: DTZ001
        timezone, st.integers(-14 * 60, 14 * 60).map(lambda m: timedelta(minutes=m))
    ),
).map(lambda m: m.replace(microsecond=0))  # fmt: skip


@given(moments)
def test_a_date_written_by_the_book_is_read(at: datetime) -> None:
    assert moment(format_datetime(at)) == moment(at.isoformat()) == at
    assert moment(f"{at.astimezone(UTC):%d %B %Y %H:%M:%S} GMT") == at


@given(st.text("0123456789 :/-.,+TZamptjanfebuur()GMTCES", max_size=40) | st.text(max_size=40))
def test_any_text_is_a_moment_or_none(text: str) -> None:
    found = moment(text)
    assert found is None or (found.tzinfo is UTC and found >= EARLIEST)


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.text(max_size=20), st.text(max_size=8), st.text(max_size=8), moments),
        max_size=5,
    )
)
def test_any_feed_that_is_written_well_is_read(rows: list) -> None:
    clean = [tuple("".join(c for c in t if c.isprintable()) for t in r[:3]) + r[3:] for r in rows]
    items = "".join(
        f"<item><title>{escape(t)}</title><guid>{escape(g)}</guid><link>{escape(k)}</link>"
        f"<pubDate>{format_datetime(at)}</pubDate></item>"
        for t, g, k, at in clean
    )
    body = f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()
    check_whole(body)
    feed = read_feed(body, "application/rss+xml; charset=utf-8", URL)
    names = [entry.post_id for entry in feed.entries]
    assert len(names) == len(set(names)) <= len(clean)
    assert {entry.published for entry in feed.entries} == {at for *_, at in clean}


@settings(max_examples=150)
@given(
    st.binary(max_size=200)
    | st.builds(
        lambda text, cut, junk: text.encode()[:cut] + junk + text.encode()[cut:],
        st.sampled_from([RDF, RSS20, ATOM10, json.dumps(JSON1), "{}", '{"version": 1}']),
        st.integers(0, 600),
        st.binary(max_size=12),
    ),
    st.sampled_from(["", "text/xml", "application/json", "text/html; charset=nonsense", "\x00"]),
)
def test_any_bytes_are_a_feed_or_refused(body: bytes, content_type: str) -> None:
    try:
        feed = read_feed(body, content_type, URL)
    except BadRequest as error:
        assert error.reason == "not_a_feed"
    else:
        assert feed.version and all(entry.post_id for entry in feed.entries)
