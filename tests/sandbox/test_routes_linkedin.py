"""The sandbox's LinkedIn refuses what LinkedIn refuses, in its words."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount
from tests.page_world import NOW, PageWorld

from klankbord.sandbox import linkedin_objects as objects
from klankbord.sandbox import routes_linkedin

PAGE = "urn%3Ali%3Aorganization%3A1001"
HEADERS = {
    "Authorization": "Bearer t",
    "X-Restli-Protocol-Version": "2.0.0",
    "LinkedIn-Version": "202607",
}


class House:
    """The routes over a page with three posts, a day apart."""

    def __init__(self) -> None:
        self.world = PageWorld("linkedin")
        self.world.page(1, posts=3, every=timedelta(days=1))
        self.seconds = 0.0
        self.now = NOW
        sandbox = SimpleNamespace(
            world=self.world,
            now=lambda: self.now,
            token="t",
            linkedin_clock=lambda: self.seconds,
        )
        self.app = Starlette(routes=[Mount("/linkedin", routes=routes_linkedin.routes(sandbox))])

    def ask(self, address: str, **headers: str) -> httpx.Response:
        async def get() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://li") as client:
                sent = {**HEADERS, **{k.replace("_", "-"): v for k, v in headers.items()}}
                sent = {name: value for name, value in sent.items() if value}
                return await client.get(
                    httpx.URL(f"http://li/linkedin/rest/{address}"), headers=sent
                )

        return asyncio.run(get())


@pytest.fixture
def house() -> House:
    return House()


def codes(response: httpx.Response) -> tuple[int, str]:
    body = response.json()
    assert body["status"] == response.status_code
    return response.status_code, body["code"]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": ""}, 401, "INVALID_ACCESS_TOKEN"),
        ({"Authorization": "Bearer other"}, 401, "INVALID_ACCESS_TOKEN"),
        ({"X_Restli_Protocol_Version": ""}, 400, "ILLEGAL_ARGUMENT"),
        ({"LinkedIn_Version": ""}, 400, "VERSION_MISSING"),
        ({"LinkedIn_Version": "202508"}, 426, "NONEXISTENT_VERSION"),
        ({"LinkedIn_Version": "summer"}, 426, "NONEXISTENT_VERSION"),
    ],
)
def test_headers(house: House, headers: dict[str, str], status: int, code: str) -> None:
    asked = f"networkSizes/{PAGE}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
    assert codes(house.ask(asked, **headers)) == (status, code)
    assert house.ask(asked).json() == {"firstDegreeSize": 5_000}


def test_a_version_lives_a_year(house: House) -> None:
    asked = f"networkSizes/{PAGE}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
    house.now = datetime(2027, 7, 31, tzinfo=UTC)
    assert house.ask(asked).status_code == 200
    house.now = datetime(2027, 8, 1, tzinfo=UTC)
    assert house.ask(asked).status_code == 426


@pytest.mark.parametrize(
    "address",
    [
        "networkSizes/urn:li:organization:1001?edgeType=COMPANY_FOLLOWED_BY_MEMBER",
        f"networkSizes/{PAGE}?edgeType=CompanyFollowedByMember",
        "posts?q=author&author=urn:li:organization:1001",
        f"posts?q=owner&author={PAGE}",
        f"posts?q=author&author={PAGE}&count=101",
        f"posts?q=author&author={PAGE}&sortBy=RANDOM",
        "socialMetadata?ids=List%28urn%3Ali%3Ashare%3A1%29",
        "socialMetadata?ids=List(urn:li:share:1)",
        "socialMetadata?ids=urn%3Ali%3Ashare%3A1",
        f"organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity={PAGE}"
        "&timeIntervals=%28timeRange%3A%28start%3A1%2Cend%3A2%29%29",
        "dmaFeedContentsExternal?q=postsByOwner",
        "dmaOrganizationalPageProfiles?q=pageEntity&pageEntity=1001",
    ],
)
def test_what_is_not_encoded_or_not_known_is_refused(house: House, address: str) -> None:
    assert codes(house.ask(address)) == (400, "ILLEGAL_ARGUMENT")


def test_what_does_not_exist(house: House) -> None:
    nobody = "urn%3Ali%3Aorganization%3A999"
    assert codes(house.ask(f"networkSizes/{nobody}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"))[0] == 404
    batch = house.ask("socialMetadata?ids=List(urn%3Ali%3Ashare%3A32)").json()
    assert (batch["results"], set(batch["errors"])) == ({}, {"urn:li:share:32"})
    empty = house.ask("organizations?q=vanityName&vanityName=niemand").json()
    assert empty["elements"] == []


def test_posts_and_their_paging(house: House) -> None:
    first = house.ask(f"posts?q=author&author={PAGE}&count=2&sortBy=CREATED").json()
    assert [link["rel"] for link in first["paging"]["links"]] == ["next"]
    second = house.ask(f"posts?q=author&author={PAGE}&count=2&start=2&sortBy=CREATED").json()
    assert second["paging"]["links"] == []
    rows = first["elements"] + second["elements"]
    hidden = [r["distribution"]["feedDistribution"] for r in rows]
    assert hidden == ["MAIN_FEED", "NONE", "MAIN_FEED", "MAIN_FEED"]


def test_the_finders_of_the_dma_are_behind_and_answer_once_a_minute(house: House) -> None:
    asked = f"dmaFeedContentsExternal?q=postsByAuthor&author={PAGE}&maxPaginationCount=10"
    found = house.ask(asked).json()
    assert len(found["elements"]) == 1  # of three, two are younger than 48 hours (or as old)
    house.seconds = 59.0
    refused = house.ask(asked)
    assert codes(refused) == (429, "TOO_MANY_REQUESTS")
    assert "MINUTE" in refused.json()["message"]
    follows = f"dmaOrganizationalPageFollows?q=followee&followee={PAGE}&maxPaginationCount=1"
    assert house.ask(follows).json()["paging"]["total"] == 4_998  # a limit of its own
    house.seconds = 60.0
    assert house.ask(asked).status_code == 200


@pytest.mark.parametrize(
    ("kind", "status", "code", "word"),
    [
        ("throttle", 429, "TOO_MANY_REQUESTS", "MINUTE"),
        ("quota_spent", 429, "TOO_MANY_REQUESTS", "DAY"),
        ("token_expired", 401, "EXPIRED_ACCESS_TOKEN", ""),
        ("permission", 403, "ACCESS_DENIED", "permissions"),
        ("not_found", 404, "RESOURCE_NOT_FOUND", ""),
    ],
)
def test_faults(kind: str, status: int, code: str, word: str) -> None:
    scope = {
        "type": "http", "method": "GET", "path": "/linkedin/rest/posts", "headers": [],
        "query_string": b"", "server": ("li", 80), "scheme": "http",
    }  # fmt: skip
    response = routes_linkedin.error_response(kind, None, Request(scope))
    body = httpx.Response(response.status_code, content=response.body)
    assert codes(body) == (status, code)
    assert word in body.json()["message"]


def test_numbers_of_statistics_go_together() -> None:
    numbers: dict[str, Any] = objects.statistics(10, 2, 1, "post")
    assert numbers["uniqueImpressionsCount"] <= numbers["impressionCount"]
    acted = sum(numbers[n] for n in ("clickCount", "likeCount", "commentCount", "shareCount"))
    assert numbers["engagement"] == pytest.approx(acted / numbers["impressionCount"])


def test_days_of_statistics_are_whole_and_of_the_last_year() -> None:
    day = objects.DAY_MS
    today = objects.milliseconds(datetime(2026, 9, 30, tzinfo=UTC))
    found = objects.days(today - 3 * day, today + 3 * day, NOW)
    assert found == [(today - n * day, today - (n - 1) * day) for n in (3, 2, 1)]
    oldest = objects.days(0, today, NOW)[0][0]
    assert NOW - timedelta(days=365) <= datetime.fromtimestamp(oldest / 1000, UTC)
