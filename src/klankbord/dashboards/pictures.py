"""Open every dashboard in headless Chromium: is each chart drawn, and how does it look?

Needs the development requirement playwright and a Chromium of the system; nothing is downloaded.
"""

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from klankbord.dashboards.browser import FLAGS, BrowserError, confine, log_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

WIDTH, TALL = 1440, 7200
WAIT_MS = 60_000
#: settle after the last chart: lines and bars are animated
SETTLE_MS = 1_500
_HOLDER = ".dashboard-component-chart-holder"
#: what a drawn chart consists of: ECharts' canvas, a table, one of our tiles
_DRAWN = "canvas, table, .kb-banner, .kb-card, .kb-places, .kb-note, .kb-grow"
_TILE = ".kb-banner, .kb-cards, .kb-places, .kb-note, .kb-grow"
_PROBLEM = '[role="alert"], .ant-alert-error, [data-test="chart-error"]'
_BUSY = '.loading, [data-test="loading-indicator"]'
_READ_CHARTS = """([holder, drawn, problem, tile]) =>
[...document.querySelectorAll(holder)].map(h => ({
  title: (h.querySelector('[data-test="editable-title"]') || {}).textContent || '',
  error: (h.querySelector(problem) || {}).textContent || '',
  drawn: !!h.querySelector('.chart-container') && [...h.querySelectorAll('.chart-container')]
    .some(c => c.querySelector(drawn)),
  empty: !!h.querySelector('.ant-empty'),
  cut: [...h.querySelectorAll(tile)].some(t =>
    t.parentElement.scrollHeight > t.parentElement.clientHeight + 1
    || t.getBoundingClientRect().bottom > h.getBoundingClientRect().bottom),
}))"""
_IS_QUIET = """([holder, drawn, problem, busy, count]) => {
  const holders = [...document.querySelectorAll(holder)];
  return holders.length >= count && !document.querySelector(busy)
    && holders.every(h => h.querySelector(`${drawn}, ${problem}, .ant-empty`));
}"""


@dataclass(frozen=True, slots=True)
class ChartState:
    """One chart as a reader sees it; good when drawn and neither error nor empty nor cut.

    is_cut: one of our tiles is higher than its box, so its end is out of sight.
    """

    title: str
    error: str
    is_drawn: bool
    is_empty: bool
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """One dashboard as a reader sees it. `blocked`: hosts that the page asked for in vain."""

    path: Path
    charts: list[ChartState]
    blocked: list[str]
    text: str


def take_pictures(
    base_url: str, user: str, password: str, folder: Path, slugs: dict[str, str] | None = None
) -> list[Picture]:
    """One PNG (folder/<slug>.png) and the state of every chart for each dashboard.

    slugs: dashboard's slug -> language of the pages; by default all of superset_assets.
    """
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise BrowserError("Chromium is not installed: install Debian's package chromium.")
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            context = browser.new_context(
                viewport={"width": WIDTH, "height": TALL}, timezone_id="Europe/Brussels",
                reduced_motion="reduce",
            )  # fmt: skip
            page = context.new_page()
            blocked: list[str] = []
            confine(page, base_url, blocked)
            log_in(page, base_url, user, password)
            for slug, language in (slugs or default_slugs()).items():
                blocked.clear()
                page.goto(f"{base_url}/lang/{language}", wait_until="domcontentloaded")
                pictures.append(_take(page, base_url, slug, folder, blocked))
        finally:
            browser.close()
    return pictures


def default_slugs() -> dict[str, str]:
    """slug -> language of every dashboard in superset_assets."""
    from klankbord.dashboards.bundle import ASSETS, read_yaml

    texts = read_yaml(ASSETS / "texts.yaml")
    kinds = [path.stem for path in sorted((ASSETS / "dashboards").glob("*.yaml"))]
    return {words[kind]["slug"]: language for kind in kinds for language, words in texts.items()}


def _open(page: "Page", base_url: str, slug: str) -> None:
    """Come back once every chart is there, or has had its time; BrowserError when there is none."""
    from playwright.sync_api import Error as PlaywrightError
    from playwright.sync_api import TimeoutError as PlaywrightTimeout

    url = f"{base_url}/superset/dashboard/{slug}/?standalone=1"
    try:
        answer = page.goto(url, wait_until="domcontentloaded")
    except PlaywrightError as error:
        reason = error.message.partition("\n")[0]
        raise BrowserError(f"Dashboard {slug!r} cannot be opened ({reason}).") from error
    if answer is None or not answer.ok or urlsplit(page.url).path.startswith("/login"):
        raise BrowserError(
            f"Superset at {base_url} shows no dashboard {slug!r}: deploy the dashboards first."
        )
    try:
        page.wait_for_selector(_HOLDER, timeout=WAIT_MS)
    except PlaywrightTimeout as error:
        raise BrowserError(
            f"The page of dashboard {slug!r} has no chart: look at it in a browser."
        ) from error
    # a chart that never arrives is reported as not drawn, with the picture to look at
    with contextlib.suppress(PlaywrightTimeout):
        count = page.locator(_HOLDER).count()
        page.wait_for_function(
            _IS_QUIET, arg=[_HOLDER, _DRAWN, _PROBLEM, _BUSY, count], timeout=WAIT_MS
        )


def _take(page: "Page", base_url: str, slug: str, folder: Path, blocked: list[str]) -> Picture:
    page.set_viewport_size({"width": WIDTH, "height": TALL})
    _open(page, base_url, slug)
    page.wait_for_timeout(SETTLE_MS)
    states = page.evaluate(_READ_CHARTS, [_HOLDER, _DRAWN, _PROBLEM, _TILE])
    height = page.evaluate(
        "() => Math.ceil(Math.max(...[...document.querySelectorAll('.dashboard-component')]"
        ".map(e => e.getBoundingClientRect().bottom + window.scrollY), 400)) + 24"
    )
    path = folder / f"{slug}.png"
    page.screenshot(path=path, clip={"x": 0, "y": 0, "width": WIDTH, "height": min(height, TALL)})
    return Picture(
        path,
        [
            ChartState(s["title"].strip(), s["error"], s["drawn"], s["empty"], s["cut"])
            for s in states
        ],
        sorted(set(blocked)),
        page.inner_text("body"),
    )
