"""The keyring without a database: chains, the erased, the age of authors."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from klankbord import privacy
from klankbord.platforms.base import FieldRules
from klankbord.platforms.events import Item
from klankbord.privacy_keys import NOBODY, Keyring, renamed
from klankbord.rotation import renaming

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
DID, OTHER = "did:plc:citizen123", "did:plc:other456"
RULES = FieldRules(
    own=frozenset({"id", "to", "uri", "answers", "text"}),
    citizen=frozenset({"id", "uri", "answers"}),
    text=frozenset({"text"}),
    person_ids=frozenset({"to"}),
    person_uris=frozenset({"uri"}),
)
KEYS = Keyring(("k1", "k2"), "e", authors_since=SINCE)
ERASED = replace(KEYS, erased=frozenset({KEYS.digest("p", DID), KEYS.digest("p", "m1")}))


def item(**changes) -> Item:
    payload = {
        "id": "m2",
        "to": DID,
        "uri": f"at://{DID}/post/1",
        "answers": "m1",
        "text": "m1",
        "at": 1,
    }
    fields = {
        "account_id": "a",
        "stream": "posts",
        "item_id": "m2",
        "payload": payload,
        "author_id": "own",
        "is_own": True,
        "created_at": SINCE + timedelta(days=1),
    }
    return Item(**(fields | changes))


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4), st.text(), st.text())
def test_a_new_name_follows_from_the_old_one_alone(keys, platform, person):
    names = Keyring(tuple(keys)).pseudonyms(platform, person)
    assert len(names) == len(keys)
    assert names[0] == privacy.pseudonym(keys[0], platform, person)
    for key, old, new in zip(keys[1:], names, names[1:], strict=False):
        assert new == renamed(key, old)
    assert Keyring(tuple(keys)).pseudonym(platform, person) == names[-1]


def test_stored_rows_that_are_renamed_are_those_that_come_anew():
    """Rotation and extraction agree, field by field."""
    _, before = privacy.minimise(item(), RULES, "p", Keyring(("k1",)))
    _, after = privacy.minimise(item(), RULES, "p", Keyring(("k1", "k2")))
    assert before != after
    assert renaming(before, RULES, lambda name: renamed("k2", name)) == after


def test_no_key_is_printed():
    assert "k1" not in repr(KEYS) and "'e'" not in repr(KEYS)
    assert not set(ERASED.erased) & set(repr(ERASED).split("'"))


def test_the_erased_and_their_messages_are_nobody():
    _, payload = privacy.minimise(item(), RULES, "p", ERASED)
    assert (payload["to"], payload["uri"], payload["answers"]) == (NOBODY, NOBODY, NOBODY)
    assert payload["text"] == "m1", "a text is no reference"
    _, other = privacy.minimise(item(), RULES, "q", ERASED)
    assert NOBODY not in other.values(), "somebody else, on another platform"


def test_an_own_repost_of_theirs_keeps_one_id_for_ever():
    ids = {
        privacy.minimise(item(item_id=f"repost:at://{who}/post/{n}"), RULES, "p", ERASED)[0]
        for who, n in ((DID, 1), (DID, 1), (DID, 2), (OTHER, 1))
    }
    assert len(ids) == 3
    assert sum(i.startswith(f"{NOBODY}:") for i in ids) == 2
    assert not any(DID in i for i in ids)


def test_what_is_unwanted():
    foreign = {"is_own": False, "author_id": DID}
    old = SINCE - timedelta(seconds=1)
    assert privacy.is_unwanted(item(**foreign), "p", ERASED)
    assert not privacy.is_unwanted(item(**foreign), "q", ERASED)
    assert not privacy.is_unwanted(item(**foreign), "p", KEYS)
    assert privacy.is_unwanted(item(**foreign, created_at=old), "p", KEYS)
    assert not privacy.is_unwanted(item(**foreign, created_at=SINCE), "p", KEYS)
    assert not privacy.is_unwanted(item(created_at=old), "p", ERASED), "own items are history"
    assert not privacy.is_unwanted(item(**foreign | {"author_id": None}), "p", ERASED)
    assert not privacy.is_unwanted(item(**foreign, created_at=old), "p", "a bare key")
