"""What an edition is called, whom it is for and what can go wrong."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from klankbord.errors import KlankbordError

ROLE = "klankbord_publisher"
#: in this order, never back
STATES = ("provisional", "embargo", "public")
#: each sees what those before it see, too
AUDIENCES = ("public", "members", "house")
CAUSES = ("late data", "composition", "merger", "definition", "suppression", "correction")
#: who may read an edition in a state
READERS = {
    "provisional": ("house",),
    "embargo": ("members", "house"),
    "public": ("public", "members", "house"),
}
_QUARTER = re.compile(r"(?P<year>20\d\d)-Q(?P<quarter>[1-4])", re.ASCII)
_ID = re.compile(r"(?P<period>20\d\d-Q[1-4])\.(?P<revision>[1-9]\d{0,3})", re.ASCII)


class EditionError(KlankbordError):
    """An edition cannot be made, moved, found or believed; says which and why."""


class SilenceError(EditionError):
    """An election silence is in force."""


@dataclass(frozen=True, slots=True)
class Quarter:
    """A period that editions are made of. `end` is its last day."""

    name: str
    start: date

    @property
    def end(self) -> date:
        following = (self.start.replace(day=28) + timedelta(days=66)).replace(day=1)
        return following - timedelta(days=1)


def quarter(text: str) -> Quarter:
    """2026-Q3, or an EditionError."""
    match = _QUARTER.fullmatch(text)
    if match is None:
        raise EditionError(f"{text!r} is no quarter: write 2026-Q3.")
    return Quarter(text, date(int(match["year"]), 3 * int(match["quarter"]) - 2, 1))


def quarter_before(day: date) -> Quarter:
    """The last quarter that is over on a day."""
    last = day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1) - timedelta(days=1)
    return quarter(f"{last.year}-Q{(last.month + 2) // 3}")


def parse_id(text: str) -> tuple[str, int]:
    """2026-Q3.1 as its period and revision, or an EditionError."""
    match = _ID.fullmatch(text)
    if match is None:
        raise EditionError(f"{text!r} is no edition: write 2026-Q3.1 (`klankbord edition list`).")
    return match["period"], int(match["revision"])


def wider(audience: str) -> tuple[str, ...]:
    """The audiences whose tables `audience` sees: public alone, or public and members, or all."""
    if audience not in AUDIENCES:
        raise EditionError(f"{audience!r} is no audience: choose {', '.join(AUDIENCES)}.")
    return AUDIENCES[: AUDIENCES.index(audience) + 1]


@dataclass(frozen=True, slots=True)
class Edition:
    """A row of editions.editions, with what the ledger says of it."""

    edition_id: str
    period: str
    period_start: date
    revision: int
    previous_id: str | None
    made_at: datetime
    known_at: datetime
    content_hash: str
    code_version: str
    definitions: str
    question_rules: str
    holiday_calendar: str
    opening_hours_version: str
    register_digest: str
    licence: str
    is_synthetic: bool
    state: str = "provisional"
    embargo_until: datetime | None = None
    published_at: datetime | None = None
    despite_silence: str | None = None

    @property
    def quarter(self) -> Quarter:
        return quarter(self.period)


#: one row of a frozen table, by column
Row = dict[str, Any]
