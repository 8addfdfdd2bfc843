"""What Bluesky's lexicons allow us to ask, what is kept of it, what staging makes of that."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.bluesky_world import (
    HOUR,
    NOW,
    ROOS,
    SAID,
    STREAMS,
    WINDOW,
    Server,
    items,
    lexicon,
    scan,
    talk_on,
)
from tests.questions.staging import with_verdict

from klankbord.database import Access
from klankbord.landing import Landing
from klankbord.platforms.bluesky import MESSAGE_KEPT, POST_KEPT, Bluesky
from klankbord.platforms.events import Item
from klankbord.privacy import minimise
from klankbord.sandbox import bluesky_objects as objects
from klankbord.settings import PROJECT_ROOT


@pytest.fixture
def server() -> Iterator[Server]:
    with Server().running() as running:
        yield running


@pytest.fixture
def talk(server: Server) -> dict[str, Any]:
    return talk_on(server)


def test_nothing_of_a_citizen_passes_the_line(server, talk):
    events = [e for e in scan(server) if isinstance(e, Item)]
    before = " ".join(str(e.payload) for e in events)
    kept = " ".join(str(minimise(e, Bluesky.fields[e.stream], "bluesky", "k")) for e in events)
    secrets = [talk["question"].text, talk["thanks"].text, "Mooie stad", talk["reply"].text]
    for person in (ROOS, SAID):
        handle = objects.citizen_author(person)["handle"]
        secrets += [person.name, handle, person.avatar_url, objects.did(person.user_id)]
    assert [s for s in secrets if s not in before] == []
    assert [s for s in secrets if s in kept] == []
    assert "Markt afgelast. #markt" in kept


def test_own_ids_stay_and_hold_the_thread_together(server, talk):
    def kept(stream: str) -> list[tuple[str, dict[str, Any]]]:
        rules = Bluesky.fields[stream]
        return [minimise(e, rules, "bluesky", "k") for e in items(scan(server), stream)]

    own = {item_id: p for item_id, p in kept("posts")}
    foreign = dict(kept("messages"))
    parents = {p["post"]["record"]["reply"]["parent"]["uri"] for p in foreign.values()}
    assert parents <= own.keys()
    answered = {
        p["post"]["record"]["reply"]["parent"]["uri"]
        for p in own.values()
        if "reply" in p["post"]["record"]
    }
    assert answered & foreign.keys()


def test_every_request_is_in_the_lexicon(server, talk):
    for n in range(130):
        server.world.say(talk["body"], NOW - n * HOUR)
    scan(server)
    questions = [
        {
            "kind": "params",
            "id": urlsplit(url).path.rsplit("/", 1)[-1],
            "value": parse_qs(urlsplit(url).query),
        }
        for url in server.asked
    ]
    questions.append(
        {"kind": "params", "id": "app.bsky.feed.getPosts", "value": {"nonsense": [""]}}
    )
    *real, nonsense = lexicon(questions)
    assert len({q["id"] for q in questions}) == 4
    assert real == [None] * len(real)
    assert "no parameter" in nonsense


def test_every_kept_field_is_in_the_lexicon():
    names = ("feed.defs#postView", "feed.post", "feed.defs#reasonRepost", "feed.post#replyRef")
    names += ("actor.defs#profileViewDetailed",)
    view, record, reason, reply, profile = (
        set(p) | {"$type"}
        for p in lexicon([{"kind": "properties", "id": f"app.bsky.{n}"} for n in names])
    )
    for path in POST_KEPT | MESSAGE_KEPT:
        first, second, *rest = path.split(".")
        assert second in (view if first == "post" else reason), path
        if second == "record":
            assert rest[0] in record, path
            assert rest[0] != "reply" or rest[1] in reply, path
    assert Bluesky.fields["profiles"].own <= profile


def test_staging_reads_what_landed(server, talk, warehouse: Access):
    connection, found = warehouse.open("klankbord_loader"), scan(server)
    streams = {event.account_id: STREAMS for event in found}
    landing = Landing(
        connection, "bluesky", WINDOW, streams=streams, fields=Bluesky.fields, key="k",
        run_id="test", now=NOW,
    )  # fmt: skip
    for event in found:
        landing.add(event)
    landing.close(1)

    def staged(entity: str) -> list[dict[str, Any]]:
        folder = PROJECT_ROOT / "dbt_project" / "models" / "staging" / "bluesky"
        text = with_verdict((folder / f"stg_bluesky__{entity}.sql").read_text())
        query = text.replace("{{ source('raw', 'bluesky_", "raw.bluesky_").replace("') }}", "")
        with connection.cursor() as cursor:
            cursor.execute(query)
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    [profile] = staged("profiles")
    posts = {row["created_at"]: row for row in staged("posts")}
    messages = {row["created_at"]: row for row in staged("messages")}
    connection.close()
    assert (profile["followers"], profile["scan_on"]) == (1234, WINDOW.scan_on)
    assert profile["platform_user_id"] == objects.did(talk["body"].user_id)
    kinds = {
        key: posts[talk[key].created_at]["message_kind"]
        for key in ("root", "more", "reply", "lonely", "repost")
    }
    assert kinds == {
        "root": "original", "more": "continuation", "reply": "reply", "lonely": "original",
        "repost": "repost",
    }  # fmt: skip
    counters = ("reactions", "comments", "shares", "quotes", "views", "text_length")
    root, repost = posts[talk["root"].created_at], posts[talk["repost"].created_at]
    assert [root[c] for c in counters] == [4, 1, 2, 1, None, len(talk["root"].text)]
    assert [repost[c] for c in counters] == [None] * 6
    question, thanks = (messages[talk[key].created_at] for key in ("question", "thanks"))
    reply, more = posts[talk["reply"].created_at], posts[talk["more"].created_at]
    assert (question["is_question"], thanks["is_question"]) == (True, False)
    assert (question["is_own"], question["text_length"]) == (False, len(talk["question"].text))
    assert reply["in_reply_to_id"] == question["message_id"]
    assert question["author_pseudonym"] in question["message_id"]
    assert question["in_reply_to_id"] == more["post_id"]
    assert thanks["in_reply_to_id"] == reply["post_id"]
    assert (root["in_reply_to_id"], repost["in_reply_to_id"]) == (None, None)
