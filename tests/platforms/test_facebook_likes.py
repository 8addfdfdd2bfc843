"""What a page itself likes of what citizens say: asked with its own token, or not at all."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from tests.meta_world import TOKEN, Meta, running, small_world
from tests.pipeline.house import NOW

from klankbord.platforms import facebook_insights
from klankbord.platforms.base import Window
from klankbord.platforms.events import Outcome
from klankbord.platforms.facebook import Facebook
from klankbord.platforms.facebook_answers import OWN_LIKE, comment_fields
from klankbord.platforms.facebook_calls import Calls
from klankbord.privacy import minimise
from klankbord.sandbox.model import WorldAccount
from klankbord.verdicts import BadRequest, Gone, Refused, RequestError, ServerError

WINDOW = Window.ending(NOW)
OK = ("ok", "")


@pytest.fixture(scope="module")
def served() -> Iterator[Meta]:
    with running(Facebook, small_world("facebook")) as meta:
        yield meta


@pytest.fixture
def meta(served: Meta) -> Iterator[Meta]:
    served.sandbox.set_clock(NOW)
    served.tokens.clear()
    yield served
    served.sandbox.faults.clear()


def liking(meta: Meta) -> WorldAccount:
    """The account that likes most of what is said to it in the window."""

    def likes(one: WorldAccount) -> int:
        said = meta.world.incoming(one, WINDOW.since, NOW)
        return sum(meta.world.liked_at(one, m) is not None for m in said)

    return max(meta.world.accounts, key=likes)


def own_token(one: WorldAccount) -> Any:
    return lambda *_: f"{TOKEN}.{one.user_id}"


def citizens(found: Any) -> list[Any]:
    return [item for item in found.messages if not item.is_own]


def test_the_pages_own_token_tells_what_the_page_likes(meta: Meta) -> None:
    one = liking(meta)
    found = meta.scan(meta.account(one), source=meta.connector(own_token(one)))
    assert meta.tokens == [f"Bearer {TOKEN}.{one.user_id}"] * 2, "no call more than without"
    assert set(found.ends.values()) == {OK}
    told = {item.item_id: item.payload[OWN_LIKE] for item in citizens(found)}
    true = {}
    for said in meta.world.incoming(one, WINDOW.since, NOW):
        liked_at = meta.world.liked_at(one, said)
        name = f"{said.root_id}_{said.message_id}"
        true[name] = liked_at is not None and liked_at < NOW
    assert told == true and {True, False} <= set(true.values())


@pytest.mark.parametrize("tier", ["T2", "T3"])
def test_it_is_not_asked_with_any_other_token(meta: Meta, tier: str) -> None:
    """Not below T3, whatever token there is; not of T3 without one: absent, and never false."""
    one = liking(meta)
    source = meta.connector(own_token(one) if tier == "T2" else None)
    found = meta.scan(meta.account(one, tier), source=source)
    assert meta.tokens[0] == f"Bearer {TOKEN}"
    assert all(OWN_LIKE not in params["fields"] for _, params in found.asked)
    assert citizens(found) and all(OWN_LIKE not in item.payload for item in found.messages)


def test_a_run_without_insights_or_messages_leaves_the_pages_token_alone(meta: Meta) -> None:
    one = liking(meta)
    for streams in ({"profiles", "posts", "messages"}, {"profiles", "posts", "insights"}):
        window = Window(WINDOW.scan_on, WINDOW.since, WINDOW.until, frozenset(streams))
        meta.tokens.clear()
        source = meta.connector(own_token(one))
        found = meta.scan(meta.account(one), window=window, source=source)
        assert meta.tokens[0] == f"Bearer {TOKEN}"
        assert all(OWN_LIKE not in params["fields"] for _, params in found.asked)


def test_a_dead_token_or_somebody_elses_costs_the_likes_and_no_more(meta: Meta) -> None:
    one = liking(meta)
    other = next(a for a in meta.world.accounts if a is not one)
    for token, reason in (("dead", "token_expired"), (f"{TOKEN}.{other.user_id}", "permission")):
        source = meta.connector(lambda *_, token=token: token)
        found = meta.scan(meta.account(one), source=source)
        who = one.account_id
        assert found.ends.pop((who, "insights")) == ("refused", reason)
        assert set(found.ends.values()) == {OK}
        assert citizens(found) and all(OWN_LIKE not in i.payload for i in found.messages)


def test_likes_of_a_token_that_is_refused_the_insights_are_not_the_pages(
    meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An administrator's own token reads comments and says what that person likes; were it kept,
    the page's token that came later that day would vouch for it. A fault of Graph's is no proof."""
    one = liking(meta)
    for status, is_kept in (("refused", False), ("failed", True)):
        ending = Outcome(one.account_id, "insights", status, "token_expired")
        monkeypatch.setattr(facebook_insights, "read", lambda *_, ending=ending: iter([ending]))
        found = meta.scan(meta.account(one), source=meta.connector(own_token(one)))
        assert all(OWN_LIKE in params["fields"] for _, params in found.asked if params)
        assert found.ends[one.account_id, "messages"] == OK
        assert citizens(found)
        assert all((OWN_LIKE in item.payload) == is_kept for item in citizens(found))


def test_an_account_after_one_with_a_token_is_asked_with_ours(meta: Meta) -> None:
    one = liking(meta)
    other = next(a for a in meta.world.accounts if a is not one)
    source = meta.connector(own_token(one))
    meta.scan(meta.account(one), meta.account(other, "T2"), source=source)
    own, *ours = meta.tokens[1:]
    assert own == f"Bearer {TOKEN}.{one.user_id}" and set(ours) == {f"Bearer {TOKEN}"}


def test_what_is_stored_of_a_like(meta: Meta) -> None:
    one = liking(meta)
    found = meta.scan(meta.account(one), source=meta.connector(own_token(one)))
    for item in found.messages:
        stored = minimise(item, Facebook.fields["messages"], "facebook", "key")[1]
        assert (OWN_LIKE in stored) == (not item.is_own), "of its own words nobody counts it"
        assert isinstance(stored.get(OWN_LIKE, False), bool)


def test_graph_tells_anybody_else_that_he_likes_nothing(meta: Meta) -> None:
    """Which is why nobody else may ask: a false that is nobody's looks like the page's."""
    one = liking(meta)
    said = meta.world.incoming(one, WINDOW.since, NOW)
    liked = next(m for m in said if (at := meta.world.liked_at(one, m)) and at < NOW)
    found = {}
    for token in (TOKEN, f"{TOKEN}.{one.user_id}"):
        rows = httpx.get(
            f"{meta.url}/{one.user_id}_{liked.root_id}/comments",
            params={"fields": comment_fields(True), "filter": "stream", "limit": 100},
            headers={"Authorization": f"Bearer {token}"},
        ).json()["data"]
        name = f"{liked.root_id}_{liked.message_id}"
        found[token] = next(row[OWN_LIKE] for row in rows if row["id"] == name)
    assert found == {TOKEN: False, f"{TOKEN}.{one.user_id}": True}


@pytest.mark.parametrize(
    ("error", "is_asked_again"),
    [(Refused, True), (Gone, True), (BadRequest, True), (ServerError, False)],
)
def test_what_the_pages_token_is_refused_ours_asks(
    error: type[RequestError], is_asked_again: bool
) -> None:
    asked: list[Any] = []

    def get(*_: Any, headers: Any, **__: Any) -> dict[str, str]:
        asked.append(headers)
        if headers:
            raise error("no")
        return {"id": "1"}

    calls = Calls(SimpleNamespace(get=get))  # type: ignore[arg-type]
    calls.begin({"Authorization": "Bearer own"})
    if is_asked_again:
        assert calls.first("/1", dict) == {"id": "1"} and calls.headers is None
    else:
        with pytest.raises(error):
            calls.first("/1", dict)
    assert len(asked) == 1 + is_asked_again
