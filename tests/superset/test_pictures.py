"""Pictures of a Superset that forgets log-ins or has pages without charts: never a silent one.

The Superset here is a few pages of our own; `test_real_superset.py` photographs the real one.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from klankbord.dashboards import pictures
from klankbord.dashboards.pictures import BrowserError, Picture

PASSWORD = "correct-horse"
LOGIN = """<form method="post" action="/login/"><input id="username" name="username">
<input id="password" name="password" type="password"><button type="submit">in</button></form>"""
DASHBOARD = """<div class="dashboard-component dashboard-component-chart-holder">
<span data-test="editable-title">Bars</span><div class="chart-container"><table></table></div>
</div><div class="dashboard-component dashboard-component-chart-holder">
<span data-test="editable-title">Cards</span><div class="chart-container"
style="height: 40px; overflow: auto"><div class="kb-cards"><p class="kb-card">One</p>
<p class="kb-card">Two</p></div></div></div>"""


@dataclass
class FakeSuperset:
    """Forgets the first `forgets` log-ins; counts them all."""

    forgets: int = 0
    logins: int = 0
    url: str = ""


@pytest.fixture
def fake() -> Iterator[FakeSuperset]:
    superset = FakeSuperset()

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = "session=known" in self.headers.get("Cookie", "")
            path = self.path.partition("?")[0]
            if path == "/api/v1/me/":
                self.answer(200 if known else 401)
            elif path == "/superset/dashboard/drawn/":
                self.answer(200, DASHBOARD)
            elif path == "/superset/dashboard/forbidden/":
                self.answer(302, Location="/login/")
            elif path == "/superset/dashboard/absent/":
                self.answer(404, "<p>not found</p>")
            elif path == "/superset/dashboard/broken/":
                self.answer(500)
            else:
                self.answer(200, LOGIN if path == "/login/" else "<p>empty</p>")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            superset.logins += 1
            remembered = {"Set-Cookie": "session=known; Path=/"}
            self.answer(
                302, Location="/", **(remembered if superset.logins > superset.forgets else {})
            )

        def answer(self, status: int, body: str = "", **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "text/html", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        superset.url = f"http://127.0.0.1:{server.server_port}"
        yield superset
        server.shutdown()


@pytest.fixture
def take(
    fake: FakeSuperset, needs: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Picture]:
    """take(slug): the picture of one dashboard of the fake, in Dutch."""
    needs("chromium")
    monkeypatch.setattr(pictures, "SETTLE_MS", 0)
    return lambda slug: pictures.take_pictures(fake.url, "admin", PASSWORD, tmp_path, {slug: "nl"})[
        0
    ]


def test_a_forgotten_log_in_is_repeated(fake: FakeSuperset, take: Callable[[str], Picture]) -> None:
    fake.forgets = 1
    picture = take("drawn")
    assert fake.logins == 2
    assert [(chart.title, chart.is_drawn, chart.is_cut) for chart in picture.charts] == [
        ("Bars", True, False), ("Cards", True, True),
    ]  # fmt: skip
    assert picture.path.stat().st_size > 0


def test_a_log_in_that_never_holds_is_one_sentence(
    fake: FakeSuperset, take: Callable[[str], Picture]
) -> None:
    fake.forgets = 99
    with pytest.raises(BrowserError, match=r"'admin' in, 3 times over .*answers 401") as error:
        take("drawn")
    assert fake.logins == 3
    assert PASSWORD not in str(error.value)


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        ("absent", "shows no dashboard 'absent'"),
        ("forbidden", "shows no dashboard 'forbidden'"),
        ("broken", "Dashboard 'broken' cannot be opened"),
        ("empty", "The page of dashboard 'empty' has no chart"),
    ],
)
def test_a_page_without_charts_is_no_picture(
    take: Callable[[str], Picture], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    slug: str, sentence: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(pictures, "WAIT_MS", 3_000)
    with pytest.raises(BrowserError, match=sentence):
        take(slug)
    assert list(tmp_path.iterdir()) == []
