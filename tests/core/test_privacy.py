"""The line that citizens never pass: allow-lists, pseudonyms, text features."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klankbord import privacy
from klankbord.platforms.base import FieldRules, Window, discover
from klankbord.platforms.events import Item

RULES = FieldRules(
    own=frozenset({"id", "text", "parent.uri", "to_user", "counts", "parts[].id"}),
    citizen=frozenset({"id", "text", "parent.uri", "to_user"}),
    text=frozenset({"text"}),
    person_ids=frozenset({"to_user"}),
    person_uris=frozenset({"parent.uri"}),
)
KEY = "a key"


def item(**changes) -> Item:
    fields = {
        "account_id": "be-municipality-1-x",
        "stream": "posts",
        "item_id": "7",
        "payload": {
            "id": "7",
            "text": "Dag @Jan.Peeters, kijk op https://gent.be/?a=b #gent",
            "parent": {"uri": "at://did:plc:citizen123/app.bsky.feed.post/3k", "name": "Jan"},
            "to_user": "55",
            "counts": {"likes": 3},
            "parts": [{"id": 1, "name": "Jan"}],
            "author": {"name": "Jan Peeters"},
        },
        "author_id": "own1",
        "is_own": True,
        "text": "Dag @Jan.Peeters, kijk #gent",
    }
    return Item(**(fields | changes))


def test_only_the_allow_list_survives_in_its_own_shape():
    _, payload = privacy.minimise(item(), RULES, "x", KEY)
    assert payload.keys() == {"id", "text", "parent", "to_user", "counts", "parts", "klankbord"}
    assert payload["parent"].keys() == {"uri"}
    assert payload["parts"] == [{"id": 1}]
    assert payload["counts"] == {"likes": 3}
    assert "Jan" not in json.dumps(payload)


def test_own_text_keeps_its_words_and_loses_its_people():
    _, payload = privacy.minimise(item(), RULES, "x", KEY)
    assert payload["text"] == "Dag @_ kijk op https://gent.be/?a=b #gent".replace("@_ ", "@_, ")


@pytest.mark.parametrize("changes", [{"is_reply": True}, {"is_own": False, "author_id": "55"}])
def test_the_text_of_replies_and_of_citizens_is_left_behind(changes):
    _, payload = privacy.minimise(item(**changes), RULES, "x", KEY)
    assert "text" not in payload
    assert payload["klankbord"]["text_length"] == len("Dag @Jan.Peeters, kijk #gent")


def test_people_become_pseudonyms_everywhere_and_the_account_does_not():
    item_id, payload = privacy.minimise(
        item(
            item_id="at://did:plc:citizen123/app.bsky.feed.post/3k",
            is_own=False,
            author_id="did:plc:citizen123",
        ),
        RULES,
        "bluesky",
        KEY,
    )
    name = privacy.pseudonym(KEY, "bluesky", "did:plc:citizen123")
    assert item_id == f"at://{name}/app.bsky.feed.post/3k" == payload["parent"]["uri"]
    assert payload["klankbord"]["author"] == name
    assert payload["to_user"] == privacy.pseudonym(KEY, "bluesky", "55")
    _, own = privacy.minimise(item(author_id="55"), RULES, "x", KEY)
    assert own["to_user"] == "55"


def test_a_pseudonym_depends_on_key_platform_and_person():
    names = {
        privacy.pseudonym(*parts)
        for parts in (("k1", "x", "1"), ("k2", "x", "1"), ("k1", "facebook", "1"), ("k1", "x", "2"))
    }
    assert len(names) == 4
    assert all(len(name) == 32 for name in names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wanneer is het containerpark open?", True),
        ("Bedankt voor de info", False),
        ("Zie https://gent.be/zoek?q=afval", False),
        ("@gent ?", False),
        ("#gent #afval ?", False),
        ("@gent wanneer dan?", True),
        ("Mooi! https://gent.be/?x Of toch niet?", True),
        ("???", False),
        ("À quelle heure？", True),
        ("", False),
    ],
)
def test_question_rules_q1(text, expected):
    assert privacy.is_question(text, "q1") is expected


def test_mentions_in_html_are_blanked():
    html = '<p>Dag <a href="https://m.be/@roos">@<span>roos</span></a></p><p>@jan@m.be</p>'
    assert "roos" not in privacy.blank_mentions(html)
    assert "jan" not in privacy.blank_mentions(html)


@given(st.text(), st.text())
def test_no_payload_value_outside_the_list_survives(secret, other):
    marker = f"§{secret}§"
    wild = item(
        payload={
            "id": "1",
            "name": marker,
            "author": {"deep": [marker]},
            "parent": {"name": marker, "uri": other},
            "parts": [marker],
        }
    )
    _, payload = privacy.minimise(wild, RULES, "x", KEY)
    assert marker not in json.dumps(payload, ensure_ascii=False)


@given(st.text())
def test_text_features_never_fail_and_hold_no_mention(text):
    assert isinstance(privacy.is_question(text), bool)
    assert all(not tag.startswith("@") for tag in privacy.hashtags(text))
    assert "@jan_peeters88" not in privacy.blank_mentions(f"{text} @jan_peeters88")


def test_every_connector_declares_a_list_for_every_stream():
    found = discover()
    assert set(found) == {
        "bluesky",
        "facebook",
        "instagram",
        "linkedin",
        "mastodon",
        "tiktok",
        "threads",
        "website",
        "x",
        "youtube",
    }
    for cls in found.values():
        assert set(cls.fields) == set(cls.streams)
        for rules in cls.fields.values():
            assert rules.text <= rules.own
            assert not rules.text & rules.citizen, "a citizen's text is on an allow-list"


def test_a_window_is_thirty_local_days():
    window = Window.ending(datetime(2026, 9, 30, 20, tzinfo=UTC))
    assert window.since == datetime(2026, 8, 31, 22, tzinfo=UTC)
    assert str(window.scan_on) == "2026-09-30"
    autumn = Window.ending(datetime(2026, 10, 30, 23, 30, tzinfo=UTC))
    assert str(autumn.scan_on) == "2026-10-31"
    assert autumn.since == datetime(2026, 10, 1, 22, tzinfo=UTC)
