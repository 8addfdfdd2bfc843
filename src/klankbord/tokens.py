"""Tokens of account owners: where they come from, and that they go nowhere.

They live in the environment (`KLANKBORD_TOKEN__<PLATFORM>__<ACCOUNT>`), in a file of the runtime
folder (`tokens/<platform>/<account_id>`, mode 0600), or in Airflow's connections (a source that
dags/ passes in); never in the warehouse. A `Token` cannot be printed, pickled or put into
JSON: a token in a log, an error or an XCom would have to be taken out by `reveal()` first.
"""

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NoReturn, Protocol

from klankbord import settings
from klankbord.database import Access
from klankbord.errors import KlankbordError

WARN_DAYS = 14


class TokenError(KlankbordError):
    """A token's file or connection cannot be used; the token itself is not quoted."""


class Token:
    """A token of an owner. `expires_at`: aware, None when nobody said."""

    __slots__ = ("__value", "expires_at")

    def __init__(self, value: str, expires_at: datetime | None = None) -> None:
        self.__value = value.strip()
        self.expires_at = expires_at

    def reveal(self) -> str:
        """The token, to be put into a request's header and nowhere else."""
        return self.__value

    def __repr__(self) -> str:
        return "Token(...)"

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return repr(self)

    def __reduce_ex__(self, _: Any) -> NoReturn:
        raise TypeError("a token is not to be copied, pickled or sent")


class TokenSource(Protocol):
    """Gives the token of an account's owner, None when there is none."""

    def __call__(self, platform: str, account_id: str) -> Token | None: ...


def owner_token(platform: str, account_id: str) -> Token | None:
    """The TokenSource of the command line: the environment, then the tokens' folder, in which the
    second line of a file may say when the token expires."""
    if value := settings.owner_token(platform, account_id):
        return Token(value)
    path = settings.home() / "tokens" / platform / account_id
    if not path.is_file():
        return None
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise TokenError(
            f"The token of {account_id} lies open to other users: chmod 600 {path}, and get a new "
            "one if somebody may have read it."
        )
    value, _, expiry = path.read_text(encoding="utf-8").strip().partition("\n")
    return Token(value, read_expiry(expiry.strip(), f"{path}, line 2")) if value else None


def read_expiry(text: str, where: str) -> datetime | None:
    """A moment or a day (its end, UTC) in ISO 8601; None for nothing. Raises TokenError."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        # the text may be a token that stands in the wrong place
        raise TokenError(
            f"{where} is no moment: write when the token expires as 2026-12-31."
        ) from error
    if len(text) == len("2026-12-31"):
        moment += timedelta(days=1)
    return moment if moment.tzinfo else moment.replace(tzinfo=settings.LOCAL_ZONE)


def first_of(*sources: TokenSource) -> TokenSource:
    """A source that asks others in turn."""

    def source(platform: str, account_id: str) -> Token | None:
        found = (source(platform, account_id) for source in sources)
        return next((token for token in found if token is not None), None)

    return source


def for_connectors(*sources: TokenSource) -> Callable[[str, str], str | None]:
    """What connectors take (`klankbord.platforms.base.OwnerToken`): the token itself, fetched at
    the moment at which it goes into a request. Of several sources the first that has one."""
    source = first_of(*(sources or (owner_token,)))

    def text(platform: str, account_id: str) -> str | None:
        token = source(platform, account_id)
        return token.reveal() if token else None

    return text


@dataclass(frozen=True, slots=True)
class Expiring:
    """A token that expires within `WARN_DAYS`, or has expired (`days_left` below 0)."""

    account_id: str
    platform: str
    expires_on: date
    days_left: int

    def __str__(self) -> str:
        when = (
            f"expires in {self.days_left} days, on {self.expires_on}"
            if self.days_left >= 0
            else f"expired on {self.expires_on}"
        )
        return (
            f"The token of {self.account_id} {when}: ask its owner for a new one and write the new "
            "token_expires_on into consents.csv."
        )


def expiring(
    access: Access, today: date, source: Callable[..., Token | None] | None = None
) -> Iterator[Expiring]:
    """Tokens of consents in force that end soon, the soonest first: the earlier of what the
    register says and, with a source, what the token itself says."""
    from klankbord import consent

    found = []
    for account_id, platform, on in consent.tokens(access, today):
        token = source(platform, account_id) if source else None
        own = token.expires_at if token else None
        own_on = own.astimezone(settings.LOCAL_ZONE).date() if own else None
        days = [day for day in (on, own_on) if day]
        if days and (left := (min(days) - today).days) <= WARN_DAYS:
            found.append(Expiring(account_id, platform, min(days), left))
    yield from sorted(found, key=lambda e: (e.expires_on, e.account_id))
