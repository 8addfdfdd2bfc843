"""What an own text says of incidents: a labelled list, and texts that nobody expects."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klankbord.incidents import words
from klankbord.platforms.base import FieldRules
from klankbord.platforms.events import Item
from klankbord.privacy import minimise
from klankbord.sandbox import texts

LABELLED = list(
    csv.DictReader(
        (Path(__file__).parent / "labelled.csv").read_text(encoding="utf-8").splitlines()
    )
)


@pytest.mark.parametrize("row", LABELLED, ids=[row["text"][:30] for row in LABELLED])
def test_labelled_texts(row: dict[str, str]) -> None:
    found = words.mentions(row["text"])
    if not (row["kinds"] or row["is_alert"]):
        assert found is None
        return
    assert found is not None
    assert " ".join(found["kinds"]) == row["kinds"]
    assert found["places"] == [row["places"]] if row["places"] else found["places"] == []
    assert found["is_alert"] == bool(row["is_alert"])
    assert found["is_contrary"] == bool(row["is_contrary"])
    assert found["rules_version"] == "i1"


def test_a_tag_counts_apart() -> None:
    found = words.mentions("Meer nieuws volgt #brandgent #gent")
    assert found is not None
    assert (found["tag_kinds"], found["tag_places"]) == (["fire"], ["Gent"])
    assert words.mentions("Brand in Gent")["tag_kinds"] == []  # type: ignore[index]


def test_no_usual_sentence_of_the_world_speaks_of_an_incident() -> None:
    """Or every account would have candidates every day."""
    spoken = (texts.POSTS, texts.CONTINUATIONS, texts.MENTIONING)
    found = [said for one in spoken for said in one.values()]
    said = [s for one in found for s in ([one] if isinstance(one, str) else one)]
    assert [s for s in said if words.mentions(s)] == []


@pytest.mark.parametrize(
    ("is_own", "is_reply", "is_there"),
    [(True, False, True), (True, True, False), (False, False, False)],
)
def test_only_what_a_body_says_by_itself_is_judged(is_own, is_reply, is_there) -> None:
    """A citizen's text, and an answer to one, leave no trace of what they were about."""
    rules = FieldRules(own=frozenset({"id"}), citizen=frozenset({"id"}))
    item = Item("a", "posts", "1", {"id": "1"}, "7", is_own, "Brand in Gent", is_reply)
    _, payload = minimise(item, rules, "x", "key")
    assert ("incident" in payload["klankbord"]) is is_there
    usual = Item("a", "posts", "1", {"id": "1"}, "7", True, "Het loket is open")
    assert "incident" not in minimise(usual, rules, "x", "key")[1]["klankbord"]


@settings(max_examples=200)
@given(st.text(max_size=200), st.sampled_from(["", "brand #", "Brand in ", "#brand"]))
def test_any_text_can_be_judged(text: str, before: str) -> None:
    found = words.mentions(before + text)
    if found is not None:
        assert set(found["tag_kinds"]) <= set(found["kinds"])
        assert set(found["tag_places"]) <= set(found["places"])
        assert found["kinds"] or found["is_alert"]
