"""How a website answers: its refusals by HTTP status, its news as RSS, Atom, RDF or JSON Feed."""

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import httpx

from klankbord.platforms.mastodon_answers import plain_text
from klankbord.platforms.website_dates import moment
from klankbord.verdicts import BadRequest, Kind, ServerError, Verdict, parse_reset

JSON_FEED = "https://jsonfeed.org/version/"
NOT_MODIFIED = 304
#: a declared entity may be one character or a word: more serves to blow a document up
_ENTITY = re.compile(
    rb"<!ENTITY\s+(?:[\w.:-]+\s+\"(?:&#\w{1,6};|[^\"&%<]{0,32})\"\s*>)?", re.IGNORECASE
)
_END = re.compile(
    rb"</(?:[\w-]+:)?(?:rss|feed|rdf|channel)\s*>\s*(?:<!--.*?-->\s*)*\Z", re.I | re.S
)
_TRACKING = re.compile(r"(?:^|&)(?:utm_[a-z]+|fbclid|gclid)=[^&]*", re.IGNORECASE)
_HALF = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of news. `guid`, `link`: 16 hex digits of what identifies it, empty where it has
    none or shares it; `published` None where it says no date that can be believed."""

    guid: str
    link: str
    published: datetime | None
    title: str

    @property
    def post_id(self) -> str:
        """Both halves, so that the post is found again when one of them changes."""
        return f"{self.guid or '-'}.{self.link or '-'}"


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as it stands. `version`: rss20, atom10, rss10, json11, ..."""

    version: str
    entries: Sequence[Entry]

    @property
    def complete_since(self) -> datetime | None:
        """Since when nothing can be missing: a feed holds its last so many items.

        That is the date of its last item, as far as the dates fall towards it. What stands before
        them out of order is pinned and says nothing. None: an empty feed, or one without an order.
        """
        dates = [entry.published for entry in self.entries if entry.published]
        # some begin with the oldest; the longer run towards an end tells
        run, edge = max(
            (_falling(dates), dates[-1:]),
            (_falling(dates[::-1]), dates[:1]),
            key=lambda pair: pair[0],
        )
        return edge[0] if edge and 2 * run >= len(dates) else None


def _falling(dates: Sequence[datetime]) -> int:
    """How many of the last dates fall, or stay, one after the other."""
    run = min(1, len(dates))
    while run < len(dates) and dates[-run - 1] >= dates[-run]:
        run += 1
    return run


def classify(response: httpx.Response) -> Verdict:
    """By HTTP status. 304 and the redirects are answers too: the connector reads them."""
    status = response.status_code
    if response.is_success or response.has_redirect_location or status == NOT_MODIFIED:
        return Verdict(Kind.OK)
    if status == 429:
        retry_at = parse_reset(response.headers.get("retry-after"))
        return Verdict(Kind.THROTTLED, "throttled", retry_at=retry_at)
    if status in (401, 403, 407, 451):
        return Verdict(Kind.REFUSED, "permission", "the website does not let us read its feed")
    if status in (404, 410):
        return Verdict(Kind.GONE, "account_not_found", "the website has no feed at this address")
    if response.is_server_error or status in (408, 425):
        return Verdict(Kind.RETRY, "server_error")
    return Verdict(Kind.BAD_REQUEST, "bad_request")


def same_site(url: str, other: str) -> bool:
    """Whether both are web addresses of one host, with or without www."""
    ours, theirs = urlsplit(url), urlsplit(other)
    hosts = {(part.hostname or "").lower().removeprefix("www.") for part in (ours, theirs)}
    return len(hosts) == 1 and {ours.scheme, theirs.scheme} <= {"http", "https"}


def check_whole(body: bytes) -> None:
    """ServerError for a document that ends before its end: asked again, it may be whole."""
    text = body.replace(b"\0", b"").strip()
    if text[:1] == b"{" or text[:4] == b"\xef\xbb\xbf{":
        is_whole = text[-1:] == b"}"
    else:
        looks_like_feed = re.search(rb"<(?:[\w-]+:)?(?:rss|feed|rdf)\b", text[:4096], re.IGNORECASE)
        is_whole = bool(_END.search(text[-4096:])) if looks_like_feed else text[-1:] in b">"
    if not is_whole:
        raise ServerError("The feed is cut off before its end.", "malformed_answer")


def read_feed(body: bytes, content_type: str, url: str) -> Feed:
    """The feed in an answer; BadRequest (`not_a_feed`) for anything else."""
    text = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] == b"{":
        version, entries = _json_feed(text, url)
    else:
        if any(m[0][-1:] != b">" for m in _ENTITY.finditer(body.replace(b"\0", b""))):
            raise BadRequest("The feed declares entities of its own.", "not_a_feed")
        found = feedparser.parse(
            io.BytesIO(body),
            response_headers={"content-type": content_type, "content-location": url},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
        version = dict.get(found, "version") or ""  # none at all for an empty body
        entries = [_xml_entry(one, url) for one in found.entries]
    if not version:
        raise BadRequest(
            "The address gives no RSS, Atom or JSON feed: correct it in the register.", "not_a_feed"
        )
    return Feed(version, _identified(entries))


def _xml_entry(one: Mapping[str, Any], url: str) -> Entry:
    # dict.get, because feedparser's own answers `updated` with `published`, and warns
    title = dict.get(one, "title") or ""
    if dict.get(one, "title_detail", {}).get("type") != "text/plain":
        title = plain_text(title)
    names = ("published", "created", "updated")
    stated = [(dict.get(one, name), dict.get(one, f"{name}_parsed")) for name in names]
    return Entry(
        _hash(_plain_id(dict.get(one, "id"))),
        _hash(_plain_link(dict.get(one, "link"), url)),
        next((found for found in (_stated(*pair) for pair in stated) if found), None),
        " ".join(title.split()),
    )


def _stated(text: str | None, parsed: Any) -> datetime | None:
    """A stated date: as we read it, or as feedparser does (Greek, Hungarian, Korean, asctime)."""
    found = moment(text)
    if found or not text or not parsed:
        return found
    return moment(datetime(*parsed[:6], tzinfo=UTC).isoformat())


def _json_feed(text: bytes, url: str) -> tuple[str, list[Entry]]:
    try:
        feed = json.loads(text)
        version = feed["version"]
        if not version.startswith(JSON_FEED):
            return "", []
        entries = [
            Entry(
                _hash(_plain_id(_text(one.get("id")))),
                _hash(_plain_link(_text(one.get("url") or one.get("external_url")), url)),
                moment(_text(one.get("date_published"))) or moment(_text(one.get("date_modified"))),
                " ".join(_text(one.get("title")).split()),
            )
            for one in feed["items"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "", []
    return f"json{version.removeprefix(JSON_FEED).replace('.', '')}", entries


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def _plain_id(identifier: str | None) -> str:
    """A guid without what changes when a site moves to https or drops its www."""
    return re.sub(r"\bhttps?://(?:www\.)?", "", (identifier or "").strip(), flags=re.IGNORECASE)


def _plain_link(link: str | None, url: str) -> str:
    """A link without scheme, www, fragment, tracking and last slash; empty for no link."""
    if not (link or "").strip():
        return ""
    try:
        parts = urlsplit(urljoin(url, link.strip()))
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    query = _TRACKING.sub("", parts.query).strip("&")
    return f"{host}{parts.path.rstrip('/')}{'?' + query if query else ''}"


def _hash(identifier: str) -> str:
    """16 hex digits: an address may spell a citizen's name, and a guid may be a page long."""
    return hashlib.sha256(identifier.encode()).hexdigest()[:_HALF] if identifier else ""


def _identified(entries: Sequence[Entry]) -> list[Entry]:
    """Each once, and without a guid or link that several of them share: it identifies nothing."""
    entries = list(dict.fromkeys(entries))
    guids = Counter(entry.guid for entry in entries)
    links = Counter(entry.link for entry in entries)
    found = []
    for entry in entries:
        guid = entry.guid if guids[entry.guid] == 1 else ""
        link = entry.link if links[entry.link] == 1 else ""
        if not guid and not link:
            guid = _hash(f"{entry.published}|{entry.title}|{entry.guid}|{entry.link}")
        found.append(replace(entry, guid=guid, link=link))
    return list({entry.post_id: entry for entry in found}.values())
