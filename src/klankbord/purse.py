"""A platform's budget as one process keeps it: each request is priced before it is sent, and
settled by what came. The books that all processes share are `klankbord.spending`.
"""

import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import psycopg2

from klankbord import secrets, settings
from klankbord.budget import (
    MAIN_BUCKET,
    PURPOSES,
    USAGE_CEILING,
    Charge,
    Cost,
    Limit,
    Purpose,
    parse_limits,
    usage_percent,
)
from klankbord.database import Access
from klankbord.errors import DatabaseError
from klankbord.platforms import prices
from klankbord.spending import Books, Grant, Refusal
from klankbord.verdicts import BudgetShort, RequestError, Throttled, parse_reset

log = logging.getLogger(__name__)
#: when others may have given back what they reserved
SOON = timedelta(minutes=15)
#: a refusal is believed for so long before the books are opened again
BELIEVED_SECONDS = 30.0


def fingerprint(token: str) -> str:
    """Eight hex digits that tell tokens apart and nothing else about them; 'none' without one."""
    if not token:
        return "none"
    key = secrets.secret("fingerprint_key")
    return hmac.new(key.encode(), token.encode(), hashlib.sha256).hexdigest()[:8]


def configured() -> list[Limit]:
    """The limits of KLANKBORD_BUDGETS."""
    zones = {name: tariff.zone for name, tariff in prices.TARIFFS.items()}
    return parse_limits(settings.get("KLANKBORD_BUDGETS"), zones)


def limits_of(platform: str) -> list[Limit]:
    """The limits of a platform: those of the settings, and its own quota where they do not name
    the same bucket, measure and window. The sandbox plays the platforms' quotas itself."""
    given = [limit for limit in configured() if limit.platform == platform]
    replaced = {(x.bucket, x.measure, x.window) for x in given}
    own = () if settings.is_sandbox() else prices.tariff(platform).quota
    return given + [x for x in own if (x.bucket, x.measure, x.window) not in replaced]


class Budget:
    """The budget of one platform and token. Not for several threads at once.

    needs: what each purpose will need today, of all accounts (see `Connector.forecast`).
    price, settled: the platform's prices (see `klankbord.platforms.prices`).
    """

    def __init__(
        self,
        access: Access,
        platform: str,
        token: str = "",
        *,
        limits: Sequence[Limit] | None = None,
        needs: Mapping[Purpose, Cost] | None = None,
        price: Callable[[str, Mapping[str, Any]], Charge] | None = None,
        settled: Callable[[str, Any], Cost] | None = None,
        now: Callable[[], datetime] = settings.now,
    ) -> None:
        self._books = Books(access, platform, fingerprint(token))
        self._limits = limits_of(platform) if limits is None else list(limits)
        self._needs = needs or {}
        self._price = price or partial(prices.charge, platform)
        self._settled = settled or partial(prices.settled, platform)
        self._now = now
        self._grants: dict[tuple[str, Purpose], Grant] = {}
        self._refused: dict[tuple[str, Purpose], tuple[float, Cost, RequestError]] = {}
        self._usage = 0, 0  # what the last answer told: percent, minutes to wait
        self._silent: dict[str, datetime] = {}  # host -> when it has requests left again

    def before(self, url: httpx.URL, params: Mapping[str, Any], purpose: Purpose | None) -> Charge:
        """Take what a request can cost before it is sent.

        Throttled when it does not fit any more: `retry_at` is when the budget is filled again.
        BudgetShort when it would fit, but greater purposes need what is left (or when the day of a
        bucket beside the main one is spent, which stops no other request). Nobody waits here.
        """
        charge = self._price(url.path, params)
        if purpose:
            charge = replace(charge, purpose=purpose)
        until = self._silent.get(url.host)
        if until and until > datetime.now(UTC):
            raise Throttled(f"GET {url.path}: no requests left until {until:%H:%M:%S} UTC.", until)
        percent, minutes = self._usage
        if percent >= USAGE_CEILING[charge.purpose]:
            detail = f"The platform counts {percent} % of the quota as used"
            if charge.purpose != PURPOSES[0]:
                raise BudgetShort(f"{detail}: the rest is kept for what comes before.")
            wait = timedelta(minutes=minutes) if minutes else timedelta(hours=1)
            raise Throttled(f"{detail}.", datetime.now(UTC) + wait, "budget_spent")
        self._take(charge)
        return charge

    def after(self, charge: Charge, url: httpx.URL, body: Any, headers: Mapping[str, str]) -> None:
        """Settle a request by its answer; `body` None: it brought none."""
        real = self._settled(url.path, body)
        grant = self._grants[charge.bucket, charge.purpose]
        for name in grant.left:
            grant.left[name] += charge.cost.measure(name) - real.measure(name)
        grant.pending -= charge.cost
        grant.spent += real
        if "x-app-usage" in headers or "x-business-use-case-usage" in headers:
            self._usage = usage_percent(headers)
        for name in ("ratelimit", "x-ratelimit"):  # Bluesky and Mastodon: the address' own quota
            if headers.get(f"{name}-remaining", "").strip() == "0":
                reset = parse_reset(headers.get(f"{name}-reset"))
                if reset:
                    self._silent[url.host] = reset

    def close(self) -> None:
        """Write down what was spent and give back what was not.

        A database that went away is no reason to hide what the caller is about to say: what was
        reserved then stays counted as spent.
        """
        try:
            if self._grants:
                self._books.settle(self._grants)
        except (psycopg2.OperationalError, psycopg2.InterfaceError, DatabaseError) as error:
            log.warning("what was spent could not be written down (%s)", type(error).__name__)
        self._grants.clear()
        self._books.close()

    def _take(self, charge: Charge) -> None:
        key, cost = (charge.bucket, charge.purpose), charge.cost
        grant = self._grants.get(key)
        if grant is None or self._moment(charge.bucket) >= grant.until or not grant.pays(cost):
            grant = self._reserve(charge)
        for name in grant.left:
            grant.left[name] -= cost.measure(name)
        grant.pending += cost
        grant.requests += 1

    def _reserve(self, charge: Charge) -> Grant:
        """A grant that can pay the request, from the books."""
        key = (charge.bucket, charge.purpose)
        if key in self._refused:
            until, cost, error = self._refused[key]
            dearer = all(charge.cost.measure(x) >= cost.measure(x) for x in ("calls", "usd"))
            if dearer and time.monotonic() < until:
                raise error
        limits = [x for x in self._limits if x.bucket == charge.bucket]
        now = self._moment(charge.bucket)
        found = self._books.reserve(charge, self._grants.pop(key, None), limits, self._needs, now)
        if isinstance(found, Grant):
            self._grants[key] = found
            return found
        end = found.limit.window_at(now)[1]
        error = _error(charge, found, min(end, now + SOON) if found.returnable else end)
        believed = min(BELIEVED_SECONDS, (end - now).total_seconds())
        self._refused[key] = (time.monotonic() + believed, charge.cost, error)
        raise error

    def _moment(self, bucket: str) -> datetime:
        """Short windows are kept by the machine's clock, by which requests are sent."""
        short = any(isinstance(x.window, int) for x in self._limits if x.bucket == bucket)
        return datetime.now(UTC) if short else self._now()


def _error(charge: Charge, refusal: Refusal, retry_at: datetime) -> RequestError:
    if refusal.kept:
        return BudgetShort(
            f"What is left of the budget {refusal.limit} is kept for what comes before "
            f"{charge.purpose}."
        )
    detail = f"The budget {refusal.limit} is spent (again at {retry_at:%Y-%m-%d %H:%M} UTC)."
    if charge.bucket != MAIN_BUCKET and not isinstance(refusal.limit.window, int):
        return BudgetShort(detail)
    return Throttled(detail, retry_at, "budget_spent")
