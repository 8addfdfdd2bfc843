"""How the world's numbers and messages look on Bluesky: DIDs, TIDs, URIs and the views of posts."""

import hashlib
from base64 import b32decode, b32encode
from binascii import Error as BadBase32
from datetime import UTC, datetime, timedelta
from typing import Any

from klankbord.sandbox.model import Message, Person

Json = dict[str, Any]
POST, REPOST = "app.bsky.feed.post", "app.bsky.feed.repost"
PLC = "did:plc:"
#: 120 bits that a user's number is mixed with, so that DIDs do not all begin alike
_MASK = int.from_bytes(hashlib.sha256(b"klankbord sandbox").digest()[:15])
_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
TID_LENGTH = 13


def did(user_id: int) -> str:
    """did:plc: and 24 base32 characters; `user_id_of` turns it back."""
    return PLC + b32encode((user_id ^ _MASK).to_bytes(15)).decode().lower()


def user_id_of(text: str) -> int | None:
    """The number of a user from a DID of ours; None for any other text."""
    code = text.removeprefix(PLC)
    if not text.startswith(PLC) or len(code) != 24:
        return None
    try:
        number = int.from_bytes(b32decode(code.upper())) ^ _MASK
    except (BadBase32, ValueError):
        return None
    return number if number < 1 << 63 else None


def tid(message_id: int) -> str:
    """A 63-bit number as 13 base32-sortable characters: text sorts as the numbers do."""
    return "".join(_SORTABLE[message_id >> 5 * n & 31] for n in reversed(range(TID_LENGTH)))


def message_id_of(text: str) -> int | None:
    """The number of a TID; None for any other text."""
    if len(text) != TID_LENGTH or any(c not in _SORTABLE for c in text):
        return None
    number = 0
    for character in text:
        number = number << 5 | _SORTABLE.index(character)
    return number if number < 1 << 63 else None


def uri(user_id: int, message_id: int, collection: str = POST) -> str:
    """at://<DID>/<collection>/<TID>."""
    return f"at://{did(user_id)}/{collection}/{tid(message_id)}"


def cid(of: str) -> str:
    """A well-formed content hash (CIDv1, dag-cbor, SHA-256) that belongs to a URI."""
    digest = b"\x01\x71\x12\x20" + hashlib.sha256(of.encode()).digest()
    return "b" + b32encode(digest).decode().lower().rstrip("=")


def moment(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and a Z, like the AppView's."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def citizen_author(person: Person) -> Json:
    """A person as profileViewBasic. A name without a domain gets the platform's own."""
    handle = person.handle.lower().replace("_", "-").strip("-")
    handle = handle if "." in handle else f"{handle}.bsky.social"
    return author(person.user_id, handle, person.name, person.avatar_url)


def author(user_id: int, handle: str, name: str, avatar: str) -> Json:
    """profileViewBasic."""
    return {
        "did": did(user_id),
        "handle": handle,
        "displayName": name,
        "avatar": avatar,
        "labels": [],
    }


def post_view(uri_: str, whose: Json, record: Json, counts: Json, indexed_at: datetime) -> Json:
    """postView; `counts` holds replyCount, repostCount, likeCount and quoteCount."""
    return {
        "uri": uri_,
        "cid": cid(uri_),
        "author": whose,
        "record": record,
        "bookmarkCount": 0,
        **counts,
        "indexedAt": moment(indexed_at),
        "labels": [],
    }


def record(message: Message, reply: Json | None) -> Json:
    """The post's own record, with a facet for each person it names."""
    made: Json = {
        "$type": POST,
        "text": message.text,
        "langs": ["nl"],
        "createdAt": moment(message.created_at),
    }
    if reply:
        made["reply"] = reply
    if facets := [f for person in message.mentions if (f := _facet(message.text, person))]:
        made["facets"] = facets
    return made


def strong_ref(uri_: str) -> Json:
    """com.atproto.repo.strongRef."""
    return {"uri": uri_, "cid": cid(uri_)}


def reposted_view(message: Message) -> Json:
    """The foreign post that an own repost repeats: an hour older, by a citizen, uncounted."""
    person = message.reposted_author
    if person is None:
        raise ValueError(f"repost {message.message_id} of {message.account_id} names no author")
    written_at = message.created_at - timedelta(hours=1)
    text = message.reposted_text or message.text
    body = {"$type": POST, "text": text, "langs": ["nl"], "createdAt": moment(written_at)}
    counts = {"replyCount": 0, "repostCount": 1, "likeCount": 0, "quoteCount": 0}
    whose = citizen_author(person)
    reposted = uri(person.user_id, message.reposted_id or message.message_id)
    return post_view(reposted, whose, body, counts, written_at)


def _facet(text: str, person: Person) -> Json | None:
    """Where the text names a person, counted in bytes of UTF-8."""
    start = text.find(f"@{person.handle}")
    if start < 0:
        return None
    first = len(text[:start].encode())
    return {
        "index": {"byteStart": first, "byteEnd": first + len(f"@{person.handle}".encode())},
        "features": [{"$type": "app.bsky.richtext.facet#mention", "did": did(person.user_id)}],
    }
