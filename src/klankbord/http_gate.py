"""What a request must pass before it goes out: the sandbox, the budget, the pace."""

import time
from collections.abc import Mapping
from typing import Any, Protocol

import httpx

from klankbord.budget import Charge, Purpose
from klankbord.verdicts import RequestError

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Purse(Protocol):
    """What pays for requests (`klankbord.purse.Budget`)."""

    def before(self, url: httpx.URL, params: Mapping[str, Any], purpose: Purpose | None) -> Charge:
        """Take what a request can cost, or raise Throttled or BudgetShort."""

    def after(self, charge: Charge, url: httpx.URL, body: Any, headers: Mapping[str, str]) -> None:
        """Settle it by what came (None: nothing)."""

    def close(self) -> None:
        """Give back what was not spent."""


class Gate:
    """`spacing_seconds`: least time between two requests. only_loopback: the sandbox is on."""

    def __init__(self, purse: Purse | None, spacing_seconds: float, only_loopback: bool) -> None:
        self._purse = purse
        self._spacing = spacing_seconds
        self._only_loopback = only_loopback
        self._next = 0.0

    def check(self, url: httpx.URL, where: str) -> None:
        """RequestError when the address is not to be asked at all."""
        if self._only_loopback and url.host not in LOOPBACK:
            raise RequestError(f"{where}: the sandbox is on, and {url.host} is not it.")

    def pay(
        self,
        url: httpx.URL,
        asked: dict[str, Any],
        purpose: Purpose | None,
        page: tuple[str, int] | None,
    ) -> Charge | None:
        """Take the price of a request from the budget; changes the page size in `asked`."""
        while self._purse:
            try:
                return self._purse.before(url, asked, purpose)
            except RequestError:
                if page is None or asked[page[0]] <= page[1]:
                    raise
                asked[page[0]] = max(page[1], asked[page[0]] // 2)
        return None

    def settle(
        self, charge: Charge | None, url: httpx.URL, body: Any, headers: Mapping[str, str]
    ) -> None:
        """What the request has cost, by its answer; `body` None: it brought none."""
        if self._purse and charge:
            self._purse.after(charge, url, body, headers)

    def pace(self) -> None:
        """Wait for the request's turn."""
        wait = self._next - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self._next = time.monotonic() + self._spacing

    def close(self) -> None:
        """Give back what is left of the budget."""
        if self._purse:
            self._purse.close()
