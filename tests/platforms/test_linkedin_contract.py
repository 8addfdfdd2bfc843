"""The three lints, against what the documentation says (tests/platforms/linkedin_contract.py)."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import httpx
import jsonschema
import pytest
from tests.page_world import NOW, OPEN, SHY, WINDOW, connector, serving
from tests.platforms.linkedin_contract import REQUESTS, RESPONSES

from klankbord.platforms.linkedin import LinkedIn
from klankbord.platforms.linkedin_answers import METRICS

CLOCK = itertools.count(1)  # a minute passes whenever somebody looks
OURS = {"followers", "counted_by", "post_id"}  # keys of ours in what is kept
ADDED = {
    "socialMetadata": "/rest/socialMetadata",
    "shareStatistics": "/rest/organizationalEntityShareStatistics",
}


@pytest.fixture(scope="module")
def running() -> Iterator[SimpleNamespace]:
    with serving("linkedin") as house:
        yield house


def template(path: str) -> str:
    """The path with {urn} in the place of a urn."""
    return re.sub(r"/urn%3Ali[^/]*", "/{urn}", path.removeprefix("/linkedin"))


def conversation(
    house: SimpleNamespace, route: str, monkeypatch: pytest.MonkeyPatch, home: Path
) -> list[tuple[str, httpx.URL, Any]]:
    """(path, address, answer) of every call of a scan by a route."""
    monkeypatch.setenv("KLANKBORD_LINKEDIN_ROUTE", route)
    monkeypatch.setenv("KLANKBORD_NOW", NOW.isoformat())
    monkeypatch.setenv("KLANKBORD_HOME", str(home))
    house.sandbox.linkedin_clock = lambda: 60.0 * next(CLOCK)
    house.world.accounts.clear()
    house.world.said.clear()
    account = house.world.page(1, posts=6, every=timedelta(days=3))
    for post in house.world.own(house.world.accounts[1_001], WINDOW.since, NOW):
        question = house.world.say(1_001, post.created_at + timedelta(hours=1), post, OPEN)
        house.world.say(1_001, post.created_at + timedelta(hours=2), question)
        house.world.say(1_001, post.created_at + timedelta(hours=3), post, SHY)
    house.world.say(1_001, NOW - timedelta(days=4), kind="repost", text="")
    found: list[tuple[str, httpx.URL, Any]] = []
    source = connector(house, LinkedIn)

    def note(*args: Any, **more: Any) -> httpx.Response:
        response = send(*args, **more)
        path = template(response.request.url.raw_path.decode().partition("?")[0])
        found.append((path, response.request.url, response.json()))
        return response

    send, source.client._http.send = source.client._http.send, note
    list(source.extract([replace(account, platform_user_id=None)], WINDOW))
    return found


@pytest.mark.parametrize("route", ["community", "dma"])
def test_requests_and_responses(
    running: SimpleNamespace, route: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = conversation(running, route, monkeypatch, tmp_path)
    paths = {path for path, _, _ in said}
    assert paths == {path for path in REQUESTS if ("/dma" in path) == (route == "dma")}
    for path, address, answer in said:
        names = [part.partition("=")[0] for part in address.query.decode().split("&")]
        required, others = REQUESTS[path]
        assert required <= set(names) <= required | others, path
        assert len(names) == len(set(names))
        assert "%25" not in str(address)  # nothing is encoded twice
        jsonschema.validate(answer, RESPONSES[path])


def test_what_the_schemas_are_worth(
    running: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each schema refuses a key too many and one too few."""
    for route in ("community", "dma"):
        for path, _, answer in conversation(running, route, monkeypatch, tmp_path / route):
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate({**answer, "surplus": 1}, RESPONSES[path])
            rows = answer.get("elements") or list(answer.get("results", {}).values())
            for row in rows[:1]:
                row["surplus"] = 1
                with pytest.raises(jsonschema.ValidationError):
                    jsonschema.validate(answer, RESPONSES[path])


def properties(schema: dict[str, Any], path: str) -> dict[str, Any]:
    """The schema of what a path of an allow-list names; KeyError when there is none."""
    for part in path.split("."):
        if "additionalProperties" in schema and "properties" not in schema:
            schema = schema["additionalProperties"]
        schema = schema["properties"][part]
    return schema


def test_every_kept_field_is_documented() -> None:
    posts = RESPONSES["/rest/posts"]["properties"]["elements"]["items"]
    comments = RESPONSES["/rest/socialActions/{urn}/comments"]["properties"]["elements"]["items"]
    metadata = RESPONSES["/rest/socialMetadata"]["properties"]["results"]["additionalProperties"]
    shares = RESPONSES["/rest/organizationalEntityShareStatistics"]["properties"]["elements"]
    shares = shares["items"]["properties"]["totalShareStatistics"]
    for path in LinkedIn.fields["posts"].own:
        first, _, rest = path.partition(".")
        if first == "contentAnalytics":
            assert rest in METRICS
        elif first in ADDED:
            properties(metadata if first == "socialMetadata" else shares, rest)
        else:
            properties(posts, path)
    for path in LinkedIn.fields["messages"].citizen - OURS:
        properties(comments, path)
    with pytest.raises(KeyError):
        properties(comments, "created.author")


def test_the_ids_of_a_batch_are_encoded_one_by_one(
    running: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = conversation(running, "dma", monkeypatch, tmp_path)
    asked = next(address for path, address, _ in said if path == "/rest/dmaComments")
    value = asked.query.decode().partition("=")[2]
    assert value.startswith("List(urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A")
    assert "," in value and unquote(value).count("urn:li:comment:") == value.count(",") + 1
