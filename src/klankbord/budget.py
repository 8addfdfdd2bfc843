"""What a request costs, what may be spent, and what is given up first when that is not enough.

Pure: amounts, limits, the order of purposes. `klankbord.spending` keeps the books in PostgreSQL.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from zoneinfo import ZoneInfo

from klankbord.errors import KlankbordError

Purpose = Literal[
    "profiles", "posts", "open_threads", "counters_7_28", "counters_1_3", "threads", "insights"
]
#: From the last thing to be given up to the first. A follower count is only observable now; a post
#: that is never listed is never counted; a question is open for 7 days; M11 reads a post at 7 days;
#: what an older thread or an insight says can be asked again tomorrow.
PURPOSES: tuple[Purpose, ...] = (
    "profiles",
    "posts",
    "open_threads",
    "counters_7_28",
    "counters_1_3",
    "threads",
    "insights",
)
#: Of platforms that tell a percentage instead of a budget (Meta): where each purpose ends.
USAGE_CEILING: Mapping[Purpose, int] = {
    "profiles": 95,
    "posts": 92,
    "open_threads": 89,
    "counters_7_28": 86,
    "counters_1_3": 83,
    "threads": 80,
    "insights": 75,
}
#: A question is final 7 days after it was asked: a thread is open until every comment of the first
#: days under its post is.
OPEN_THREAD_AGE = timedelta(days=8)
MAIN_BUCKET = "calls"
Measure = Literal["calls", "units", "usd"]
MEASURES: tuple[Measure, ...] = ("calls", "units", "usd")


class BudgetError(KlankbordError):
    """KLANKBORD_BUDGETS cannot be read."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What requests take: their number, the platform's own units, US dollars."""

    calls: Decimal = Decimal(0)
    units: Decimal = Decimal(0)
    usd: Decimal = Decimal(0)

    @classmethod
    def of(cls, calls: float = 1, units: float = 0, usd: float | str | Decimal = 0) -> "Cost":
        """A cost of plain numbers; `of()` is one call."""
        return cls(*(Decimal(str(number)) for number in (calls, units, usd)))

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.calls + other.calls, self.units + other.units, self.usd + other.usd)

    def __sub__(self, other: "Cost") -> "Cost":
        return self + other * -1

    def __mul__(self, factor: float | Decimal) -> "Cost":
        number = Decimal(str(factor))
        return Cost(*(getattr(self, f.name) * number for f in fields(self)))

    def measure(self, name: Measure) -> Decimal:
        """One of its three amounts."""
        return getattr(self, name)


@dataclass(frozen=True, slots=True)
class Charge:
    """A priced request: what it takes from which bucket of the platform, and what it is for."""

    cost: Cost
    purpose: Purpose = "posts"
    bucket: str = MAIN_BUCKET


def thread_purpose(created_at: datetime, now: datetime) -> Purpose:
    """The purpose of reading the thread under a post of that age."""
    return "open_threads" if now < created_at + OPEN_THREAD_AGE else "threads"


def counter_purpose(created_at: datetime, now: datetime) -> Purpose:
    """The purpose of reading the counters of a post of that age again."""
    return "counters_7_28" if now >= created_at + timedelta(days=7) else "counters_1_3"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` of a measure in each window: a number of seconds, a day or a month of `zone`
    (a day that no window of seconds could keep: clocks change)."""

    platform: str
    measure: Measure
    amount: Decimal
    window: Literal["day", "month"] | int
    bucket: str = MAIN_BUCKET
    zone: str = "UTC"

    def window_at(self, now: datetime) -> tuple[datetime, datetime]:
        """[start, end) of the window that `now` lies in, in UTC."""
        if isinstance(self.window, int):
            start = int(now.timestamp()) // self.window * self.window
            return (
                datetime.fromtimestamp(start, UTC),
                datetime.fromtimestamp(start + self.window, UTC),
            )
        local = now.astimezone(ZoneInfo(self.zone))
        first = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if self.window == "month":
            first = first.replace(day=1)
            following = (first + timedelta(days=32)).replace(day=1)
        else:
            following = first + timedelta(days=1)
        return first.astimezone(UTC), following.astimezone(UTC)

    def days_left(self, now: datetime) -> int:
        """Days whose needs this limit must still pay, today among them; 0 under a day."""
        if isinstance(self.window, int):
            return 0
        return -(-int((self.window_at(now)[1] - now).total_seconds()) // 86_400) or 1

    def __str__(self) -> str:
        window = str(self.window)
        if isinstance(self.window, int):  # as parse_limits reads it: five digits at most
            unit = next(
                unit
                for unit, seconds in _SECONDS.items()
                if self.window < 100_000 * seconds and self.window % seconds == 0
            )
            window = f"{self.window // _SECONDS[unit]}{unit}"
        bucket = "" if self.bucket == MAIN_BUCKET else f".{self.bucket}"
        return f"{self.platform}{bucket}={self.amount.normalize():f}{self.measure}/{window}"


_LIMIT = re.compile(
    r"(?P<platform>[a-z]+)(?:\.(?P<bucket>[a-z_]+))?=(?P<amount>[0-9]{1,12}(?:\.[0-9]{1,6})?)"
    r"(?P<measure>calls|units|usd)/(?P<count>[1-9][0-9]{0,4})?(?P<window>s|min|hour|day|month)"
)
_SECONDS = {"s": 1, "min": 60, "hour": 3600}


def parse_limits(text: str, zones: Mapping[str, str] | None = None) -> list[Limit]:
    """The limits of `x=4.00usd/day youtube=9000units/day youtube.search=90calls/day tiktok=500
    calls/1min`, separated by spaces. `zones`: in whose midnight a platform's day ends."""
    found = []
    for word in text.split():
        match = _LIMIT.fullmatch(word)
        count = int(match["count"] or 1) if match else 1
        if not match or (match["window"] in ("day", "month") and count != 1):
            raise BudgetError(
                f"KLANKBORD_BUDGETS holds {word!r}: write platform=amount and measure/window, such "
                "as x=4.00usd/day, youtube.search=90calls/day or mastodon=250calls/5min."
            )
        window = match["window"]
        seconds = _SECONDS.get(window)
        try:
            amount = Decimal(match["amount"])
        except InvalidOperation as error:  # the pattern lets none through
            raise BudgetError(f"KLANKBORD_BUDGETS holds {word!r}: no amount.") from error
        found.append(
            Limit(
                match["platform"],
                match["measure"],
                amount,
                seconds * count if seconds else window,
                match["bucket"] or MAIN_BUCKET,
                (zones or {}).get(match["platform"], "UTC"),
            )
        )
    return found


def usage_percent(headers: Mapping[str, str]) -> tuple[int, int]:
    """(the highest percentage that Meta's usage headers tell, minutes until access is regained);
    (0, 0) where they are absent or cannot be read."""
    rows = [_object(headers.get("x-app-usage"))]
    for found in _object(headers.get("x-business-use-case-usage")).values():
        rows += [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    names = ("call_count", "total_cputime", "total_time")
    percent = max((_whole(row.get(name)) for row in rows for name in names), default=0)
    wait = max((_whole(row.get("estimated_time_to_regain_access")) for row in rows), default=0)
    return percent, wait


def _object(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 <= value < 1e9 else 0


def kept_for_greater(
    purpose: Purpose,
    measure: Measure,
    needs: Mapping[Purpose, Cost],
    spent_today: Mapping[str, Cost],
    days_left: int,
) -> Decimal:
    """What a request for `purpose` must leave: the needs of all greater purposes of the days that
    are left, less what they have had today."""
    greater: Iterable[Purpose] = PURPOSES[: PURPOSES.index(purpose)]
    return sum(
        (
            max(
                Decimal(0),
                needs.get(name, Cost()).measure(measure) * days_left
                - spent_today.get(name, Cost()).measure(measure),
            )
            for name in greater
        ),
        Decimal(0),
    )
