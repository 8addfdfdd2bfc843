"""A browser that is logged in at Superset and kept from any other host."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from klankbord.errors import KlankbordError

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--no-first-run", "--force-color-profile=srgb",
]  # fmt: skip
LOGIN_ATTEMPTS = 3
LOGIN_MS = 60_000


class BrowserError(KlankbordError):
    """A dashboard could not be opened."""


def confine(page: "Page", base_url: str, blocked: list[str]) -> None:
    """Abort every request that is not for Superset, and note its host."""
    own = urlsplit(base_url).netloc

    def decide(route: "Route") -> None:
        host = urlsplit(route.request.url).netloc
        if host == own or route.request.url.startswith(("data:", "blob:")):
            route.continue_()
        else:
            blocked.append(host)
            route.abort()

    page.route("**/*", decide)


def log_in(page: "Page", base_url: str, user: str, password: str) -> None:
    """Log in and make sure of it; BrowserError after LOGIN_ATTEMPTS.

    A slow answer to a request of the log-in page itself may arrive after the log-in and bring the
    session of a stranger back; so those requests must be over first, and the result is verified.
    """
    from playwright.sync_api import Error as PlaywrightError

    reason = ""
    for _ in range(LOGIN_ATTEMPTS):
        try:
            page.goto(f"{base_url}/login/", wait_until="networkidle", timeout=LOGIN_MS)
            page.fill("#username", user, timeout=LOGIN_MS)
            page.fill("#password", password)
            with page.expect_navigation(wait_until="networkidle", timeout=LOGIN_MS):
                page.click("button[type=submit]")
            who = page.context.request.get(f"{base_url}/api/v1/me/")
        except PlaywrightError as error:
            reason = error.message.partition("\n")[0]
            continue
        if who.ok:
            return
        reason = f"/api/v1/me/ answers {who.status}"
    raise BrowserError(
        f"Superset at {base_url} did not let user {user!r} in, {LOGIN_ATTEMPTS} times over"
        f" ({reason}): check the password and Superset's log."
    )
