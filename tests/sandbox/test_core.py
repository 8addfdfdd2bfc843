"""The sandbox's core: faults strike as often as ordered and no more, the clock, the counts."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from klankbord.register import Membership, Organisation, Population, Register
from klankbord.sandbox import core, server
from klankbord.sandbox.core import Sandbox
from klankbord.sandbox.faults import BENT, FaultError, Faults
from klankbord.sandbox.server import listen, main, run_in_thread
from klankbord.sandbox.world import World

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
GENT = "be-municipality-44021"


def small_register() -> Register:
    """Ghent, which is large enough to be on Facebook and X for certain."""
    ghent = Organisation(
        GENT, "BE", "municipality", "44021", "Gent", "Gand", None, "40000", "02000", None, None,
        None, None, None, None, None, "source", "test",
    )  # fmt: skip
    zone: list[Membership] = []
    people = [Population(GENT, NOW.date().replace(year=2020), 263_927, "source", "test")]
    return Register([ghent], zone, people)


def routes(sandbox: Any) -> list[Route]:
    """A platform that says what it was asked and how it was bent."""

    def item(request: Request) -> Response:
        fault = request.state.fault
        return JSONResponse({"item": request.path_params["item"], "fault": fault})

    return [Route("/items/{item}", item)]


def error_response(kind: str, sandbox: Any, request: Request) -> Response:
    return JSONResponse({"error": kind, "path": request.url.path}, 429)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(World(small_register()), NOW)


@pytest.fixture
def client(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A client of a sandbox with the one platform of this file, called echo."""
    echo = SimpleNamespace(routes=routes, error_response=error_response)
    monkeypatch.setattr(core, "platforms", lambda: {"echo": echo})
    with run_in_thread(sandbox) as url, httpx.Client(base_url=url, trust_env=False) as http:
        yield http


def test_every_platform_is_found_and_has_its_two_functions() -> None:
    found = core.platforms()
    assert {"facebook", "x", "mastodon", "bluesky"} <= set(found)
    assert all(callable(m.routes) and callable(m.error_response) for m in found.values())


def test_without_faults_all_is_well(client: httpx.Client) -> None:
    assert client.get("/echo/items/7").json() == {"item": "7", "fault": None}
    assert client.get("/elsewhere/items/7").status_code == 404


@pytest.mark.parametrize("times", [1, 3])
def test_a_fault_strikes_as_often_as_ordered(
    client: httpx.Client, sandbox: Sandbox, times: int
) -> None:
    sandbox.faults.add("echo", "server_error", times=times)
    statuses = [client.get("/echo/items/7").status_code for _ in range(times + 2)]
    assert statuses == [503] * times + [200, 200]
    assert sandbox.faults.waiting() == []


def test_a_fault_strikes_only_what_it_names(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.add("echo", "server_error", path="/items/8", account="handle=gent")
    sandbox.faults.add("other", "server_error")
    assert client.get("/echo/items/8").status_code == 200
    assert client.get("/echo/items/7?handle=gent").status_code == 200
    assert client.get("/echo/items/8?handle=gent").status_code == 503
    assert client.get("/echo/items/8?handle=gent").status_code == 200
    assert [fault["platform"] for fault in sandbox.faults.waiting()] == ["other"]


def test_an_account_is_found_in_an_encoded_address(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.add("echo", "server_error", account="gent@overheid.example")
    answer = client.get("/echo/items/7", params={"acct": "gent@overheid.example"})
    assert answer.status_code == 503


def test_platforms_answer_their_own_faults(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.add("echo", "token_expired")
    answer = client.get("/echo/items/7")
    assert answer.status_code == 429
    assert answer.json() == {"error": "token_expired", "path": "/echo/items/7"}


@pytest.mark.parametrize("kind", sorted(BENT))
def test_routes_see_the_faults_that_bend_an_answer(
    client: httpx.Client, sandbox: Sandbox, kind: str
) -> None:
    sandbox.faults.add("echo", kind)
    assert client.get("/echo/items/7").json()["fault"] == kind
    assert client.get("/echo/items/7").json()["fault"] is None


def test_a_cut_answer_is_half_of_it(client: httpx.Client, sandbox: Sandbox) -> None:
    whole = client.get("/echo/items/7").content
    sandbox.faults.add("echo", "cut_json")
    cut = client.get("/echo/items/7")
    assert cut.status_code == 200 and cut.content == whole[: len(whole) // 2]
    with pytest.raises(ValueError):
        cut.json()


def test_a_timeout_is_silent_longer_than_the_client_waits(
    client: httpx.Client, sandbox: Sandbox
) -> None:
    sandbox.timeout_seconds = 0.5
    sandbox.faults.add("echo", "timeout")
    with pytest.raises(httpx.ReadTimeout):
        client.get("/echo/items/7", timeout=0.1)
    assert client.get("/echo/items/7").status_code == 200


def test_threads_share_the_times_of_a_fault() -> None:
    faults, struck = Faults(), []
    faults.add("echo", "server_error", times=100)

    def take() -> None:
        struck.extend(filter(None, (faults.take("echo", "/", "/") for _ in range(50))))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(struck) == 100 and faults.waiting() == []


def test_faults_are_ordered_listed_and_forgotten_over_http(client: httpx.Client) -> None:
    order = {"platform": "echo", "kind": "server_error", "times": 2}
    assert client.post("/_sandbox/faults", json=order).status_code == 200
    assert client.get("/echo/items/7").status_code == 503
    (waiting,) = client.get("/_sandbox/faults").json()
    assert waiting == {**order, "path": "", "account": "", "times": 1}
    assert client.delete("/_sandbox/faults").json() == []
    assert client.get("/echo/items/7").status_code == 200


@pytest.mark.parametrize(
    "order",
    [
        {"platform": "echo", "kind": "earthquake"},
        {"platform": "echo"},
        {"platform": "echo", "kind": "throttle", "times": 0},
        {"platform": "echo", "kind": "throttle", "often": 1},
        ["echo"],
    ],
)
def test_an_impossible_fault_is_refused(client: httpx.Client, order: Any) -> None:
    answer = client.post("/_sandbox/faults", json=order)
    assert answer.status_code == 400 and answer.json()["error"].endswith(".")
    assert client.get("/_sandbox/faults").json() == []


def test_no_fault_is_called_that() -> None:
    with pytest.raises(FaultError, match="earthquake"):
        Faults().add("echo", "earthquake")


def test_the_clock_is_set_over_http(client: httpx.Client, sandbox: Sandbox) -> None:
    assert client.get("/_sandbox/clock").json() == {"now": "2026-09-30T20:00:00+00:00"}
    moved = client.post("/_sandbox/clock", json={"now": "2026-10-07T22:00:00+02:00"})
    assert moved.json() == {"now": "2026-10-07T20:00:00+00:00"}
    assert sandbox.now() == datetime(2026, 10, 7, 20, tzinfo=UTC)
    for wrong in ({"now": "2026-10-07T20:00:00"}, {"now": "noon"}, {}, []):
        assert client.post("/_sandbox/clock", json=wrong).status_code == 400
    assert sandbox.now() == datetime(2026, 10, 7, 20, tzinfo=UTC)


def test_requests_are_counted_by_platform_and_path(client: httpx.Client) -> None:
    for item in (7, 8, 8):
        client.get(f"/echo/items/{item}", params={"secret": "no"})
    counted = client.get("/_sandbox/requests").json()
    assert counted == {"echo": 3, "echo GET /items/{item}": 3}
    assert client.delete("/_sandbox/requests").json() == {}


def test_truth_of_a_body_over_http(client: httpx.Client) -> None:
    figures = client.get("/_sandbox/truth", params={"organisation_id": GENT}).json()
    presence = {f["platform"]: f["value"] for f in figures if f["metric_id"] == "M01"}
    assert presence["facebook"] == presence["x"] == 1
    assert client.get("/_sandbox/truth").status_code == 400


def test_a_busy_port_is_one_clear_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with listen(0) as taken:
        host, port = taken.getsockname()
        assert host == "127.0.0.1"
        assert main(["--port", str(port)]) == 1
    said = capsys.readouterr().err
    assert str(port) in said and "--port" in said and "Traceback" not in said


def test_the_server_listens_on_loopback_only_and_stops() -> None:
    before = set(threading.enumerate())  # another module's sandbox may still be up
    with run_in_thread(Sandbox(World(small_register()), NOW)) as url:
        assert url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{url}/_sandbox/clock", trust_env=False).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/_sandbox/clock", trust_env=False)
    left = set(threading.enumerate()) - before
    assert "sandbox" not in {thread.name for thread in left}
    assert len(left) <= 1  # a worker thread may linger


def test_a_clock_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        Sandbox(World(small_register()), datetime(2026, 9, 30))  # noqa: DTZ001  (the fault itself)
    with pytest.raises(SystemExit):
        server.main(["--now", "2026-09-30T20:00:00"])
