"""News as feeds: RSS 2.0, Atom 1.0, RSS 1.0 (RDF) and JSON Feed 1.1."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from klankbord.sandbox.model import Message, WorldAccount

AUTHOR = "Webredactie Sandbox"
_BRUSSELS = ZoneInfo("Europe/Brussels")


def link(account: WorldAccount, message: Message) -> str:
    """Where a piece of news stands on the website."""
    site = urlsplit(account.handle)
    return f"{site.scheme}://{site.netloc}/nieuws/{message.message_id}"


def iso(moment: datetime) -> str:
    """2026-09-30T22:00:00+02:00."""
    return moment.astimezone(_BRUSSELS).isoformat(timespec="seconds")


def _title(message: Message) -> str:
    return escape(message.text)


def rss20(account: WorldAccount, news: Sequence[Message]) -> str:
    """As most software writes it, with an author in a namespace of its own."""
    items = "".join(
        f"<item><title>{_title(m)}</title><link>{link(account, m)}</link>"
        f'<guid isPermaLink="false">{m.message_id} at {link(account, m)}</guid>'
        f"<dc:creator>{AUTHOR}</dc:creator>"
        f"<pubDate>{format_datetime(m.created_at.astimezone(_BRUSSELS))}</pubDate></item>"
        for m in news
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>{escape(account.name)}</title><link>{escape(account.handle)}</link>"
        f"<description>Nieuws</description>{items}</channel></rss>\n"
    )


def atom10(account: WorldAccount, news: Sequence[Message]) -> str:
    """With `published` and a later `updated`."""
    entries = "".join(
        f"<entry><id>tag:sandbox.example,2026:{m.message_id}</id>"
        f'<title type="text">{_title(m)}</title><link href={quoteattr(link(account, m))}/>'
        f"<author><name>{AUTHOR}</name></author><published>{iso(m.created_at)}</published>"
        f"<updated>{iso(max(m.created_at, news[0].created_at))}</updated></entry>"
        for m in news
    )
    updated = iso(news[0].created_at) if news else "2026-01-01T00:00:00Z"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{escape(account.handle)}</id><title>{escape(account.name)}</title>"
        f"<updated>{updated}</updated>{entries}</feed>\n"
    )


def rss10(account: WorldAccount, news: Sequence[Message]) -> str:
    """RDF; the date is Dublin Core's."""
    items = "".join(
        f"<item rdf:about={quoteattr(link(account, m))}><title>{_title(m)}</title>"
        f"<link>{link(account, m)}</link><dc:date>{iso(m.created_at)}</dc:date></item>"
        for m in news
    )
    places = "".join(f"<rdf:li rdf:resource={quoteattr(link(account, m))}/>" for m in news)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel rdf:about={quoteattr(account.handle)}><title>{escape(account.name)}</title>"
        f"<link>{escape(account.handle)}</link><description>Nieuws</description>"
        f"<items><rdf:Seq>{places}</rdf:Seq></items></channel>{items}</rdf:RDF>\n"
    )


def json11(account: WorldAccount, news: Sequence[Message]) -> str:
    """JSON Feed."""
    items = [
        {
            "id": str(m.message_id),
            "url": link(account, m),
            "title": m.text,
            "content_text": m.text,
            "date_published": m.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "authors": [{"name": AUTHOR}],
        }
        for m in news
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": account.name,
        "feed_url": account.handle,
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False)


#: (media type, writer); which of them an account has follows from its number
FORMATS: tuple[tuple[str, Callable[[WorldAccount, Sequence[Message]], str]], ...] = (
    ("application/rss+xml; charset=utf-8", rss20),
    ("application/atom+xml", atom10),
    ("text/xml", rss10),
    ("application/feed+json", json11),
)
