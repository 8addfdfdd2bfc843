"""What a connector is: accounts in, items and outcomes out. Nothing here knows Airflow or SQL."""

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from klankbord.budget import Charge, Cost, Purpose
from klankbord.errors import KlankbordError
from klankbord.http import Client
from klankbord.platforms import prices, recognition
from klankbord.platforms.events import Event, Outcome, Status, Stream
from klankbord.platforms.ledger import EMPTY_LEDGER, Ledger
from klankbord.settings import LOCAL_ZONE
from klankbord.verdicts import Classify, Refused

WINDOW_DAYS = 30
#: The least access tier that a stream needs: what of an account may be read at all.
TIER_OF_STREAM: Mapping[Stream, str] = {
    "profiles": "T0",
    "posts": "T1",
    "messages": "T2",
    "insights": "T3",
}
#: A follower count is only observable now; what has a date of its own can be asked for later.
SNAPSHOT_STREAMS: frozenset[Stream] = frozenset({"profiles"})
HISTORICAL_STREAMS: frozenset[Stream] = frozenset({"posts", "messages", "insights"})


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the register. `handle` is what people type, without a leading @. `seen_id`: the
    platform's id in its last stored profile, for where the register has none
    (klankbord.identity)."""

    account_id: str
    organisation_id: str
    platform: str
    handle: str
    platform_user_id: str | None = None
    access_tier: str = "T2"
    ledger: Ledger = EMPTY_LEDGER
    seen_id: str | None = None

    @property
    def known_id(self) -> str | None:
        """The platform's id that has to answer; None while nobody knows it."""
        return self.platform_user_id or self.seen_id


@dataclass(frozen=True, slots=True)
class Window:
    """What a scan reads: items created in [since, until); both aware. `scan_on` is the local day
    on which it happens; `streams` are those that it reads."""

    scan_on: date
    since: datetime
    until: datetime
    streams: frozenset[Stream] = SNAPSHOT_STREAMS | HISTORICAL_STREAMS

    @property
    def is_backfill(self) -> bool:
        """Whether it reads the past only, of which no snapshot can be had."""
        return (
            not self.streams & SNAPSHOT_STREAMS
            and self.until.astimezone(LOCAL_ZONE).date() < self.scan_on
        )

    @classmethod
    def between(cls, first: date, last: date, scan_on: date) -> "Window":
        """The historical streams of the local days `first` to `last`, both included."""
        since, until = (
            datetime.combine(day, time.min, LOCAL_ZONE) for day in (first, last + timedelta(days=1))
        )
        return cls(scan_on, since, until, HISTORICAL_STREAMS)

    @classmethod
    def ending(cls, moment: datetime) -> "Window":
        """The window of a scan at `moment`: the 30 local calendar days that end with its day."""
        scan_on = moment.astimezone(LOCAL_ZONE).date()
        first = scan_on - timedelta(days=WINDOW_DAYS - 1)
        return cls(scan_on, datetime.combine(first, time.min, LOCAL_ZONE), moment)


@dataclass(frozen=True, slots=True)
class FieldRules:
    """The allow-list of a stream: JSON paths that may be stored.

    `a.b` descends, `a[].b` maps a list, a path to an object keeps all of it. Everything else never
    reaches the database.

    `text`: paths among them that hold own text (kept only for own, non-reply items, with mentions
    blanked). `person_ids`: paths that hold a person's platform id; replaced by a pseudonym unless
    it is the account's own id. `person_uris`: paths that hold a string with such an id inside
    (Bluesky's at:// URIs); every foreign id inside it is replaced.
    """

    own: frozenset[str]
    citizen: frozenset[str]
    text: frozenset[str] = frozenset()
    person_ids: frozenset[str] = frozenset()
    person_uris: frozenset[str] = frozenset()


#: (platform, account_id) -> the owner's token, from the environment or an Airflow connection
OwnerToken = Callable[[str, str], str | None]


def no_token(_platform: str, _account_id: str) -> None:
    """Nobody gave us a token."""


class Connector(ABC):
    """One platform. Subclasses set the class attributes and write `extract`."""

    name: ClassVar[str]  # facebook
    title: ClassVar[str]  # Facebook Pages
    evidence: ClassVar[str]  # real server | independent emulator | official contract | ...
    streams: ClassVar[tuple[Stream, ...]] = ("profiles", "posts", "messages")
    batch_size: ClassVar[int]  # accounts per mapped task: a multiple of what one call takes
    fields: ClassVar[Mapping[Stream, FieldRules]]
    accounts_per_call: ClassVar[int] = 1  # whose profiles one call brings
    max_concurrency: ClassVar[int] = 2  # size of the Airflow pool
    is_owners_only: ClassVar[bool] = False  # nothing is read without the owner's token
    classify: ClassVar[Classify]  # how this platform says no
    #: what the alarms look at -> its path in the stored profile: followers, handle, user_id,
    #: moved_to, is_protected
    profile_paths: ClassVar[Mapping[str, str]] = {}

    def __init__(self, client: Client, owner_token: OwnerToken = no_token) -> None:
        self.client = client
        self._owner_token = owner_token
        self.answered: dict[str, str] = {}  # account_id -> the id that `stranger` was asked about

    def token_of(self, account: Account) -> str | None:
        """The token that the account's owner gave us; None when there is none. Never store it."""
        return self._owner_token(self.name, account.account_id)

    @classmethod
    def streams_of(cls, account: Account, window: Window) -> tuple[Stream, ...]:
        """The streams that a scan reads of an account: what its tier allows and the run wants."""
        return tuple(
            stream
            for stream in cls.streams
            if stream in window.streams and TIER_OF_STREAM[stream] <= account.access_tier
        )

    @classmethod
    def price(cls, path: str, params: Mapping[str, Any]) -> Charge:
        """The most that a request can cost, before it is sent."""
        return prices.charge(cls.name, path, params)

    @classmethod
    def settled(cls, path: str, body: Any) -> Cost:
        """What a request has cost, by its answer; None: it brought none."""
        return prices.settled(cls.name, path, body)

    @classmethod
    def forecast(
        cls, accounts: int, posts_per_day: float, threads_per_day: float, owners: int = 0
    ) -> Mapping[Purpose, Cost]:
        """What a day of that many accounts costs, by purpose, where it was not measured yet.
        `owners`: how many of them gave a token, so that their insights are read too (T3)."""
        volumes: dict[Purpose, tuple[float, float]] = {
            "profiles": (-(-accounts // cls.accounts_per_call), accounts)
        }
        if "posts" in cls.streams:
            volumes["posts"] = (accounts, accounts * posts_per_day)
        if "messages" in cls.streams:
            volumes["open_threads"] = (accounts * threads_per_day,) * 2
        if "insights" in cls.streams and owners:
            volumes["insights"] = (owners, owners)
        return prices.forecast(cls.name, volumes)

    @abstractmethod
    def extract(self, accounts: Sequence[Account], window: Window) -> Iterator[Event]:
        """Yield the items and exactly one outcome for each of an account's `streams_of`.

        A failure of one account becomes its outcomes and never stops the others. A spent quota
        (`klankbord.verdicts.Throttled`) is raised after what is complete was yielded: the caller
        commits that and comes back at the time the platform named.
        """

    def stranger(
        self, account: Account, user_id: object, name: str | None = None
    ) -> Refused | None:
        """Why who answered is not the account; None: it is. To be asked of every account before
        anything of it is yielded (klankbord.identity), and before anything more is asked.

        A name may belong to a citizen by now, a token to somebody else: the platform's id tells.
        `name`: who answered, where the request names nobody because a token says whose account is
        read; it tells where no id is known. The error does not say who answered.
        """
        self.answered[account.account_id] = str(user_id)
        known, is_registered = account.known_id, account.platform_user_id is not None
        return recognition.refusal(
            self.title, account.handle, known, is_registered, str(user_id), name
        )

    def recognise(self, account: Account, user_id: object, name: str | None = None) -> None:
        """Raise what `stranger` finds."""
        if error := self.stranger(account, user_id, name):
            raise error

    def outcomes(
        self,
        account: Account,
        window: Window,
        status: Status = "ok",
        reason: str = "",
        detail: str = "",
    ) -> Iterator[Outcome]:
        """The same outcome for every stream that is read of an account."""
        for stream in self.streams_of(account, window):
            yield Outcome(account.account_id, stream, status, reason, detail)


def discover() -> dict[str, type[Connector]]:
    """Every connector found in klankbord.platforms, by name. A new file is enough to add one."""
    import klankbord.platforms as package

    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    found = [c for c in Connector.__subclasses__() if c.__module__.startswith(package.__name__)]
    return {c.name: c for c in sorted(found, key=lambda c: c.name)}


def connector(name: str) -> type[Connector]:
    """One connector by name; a clear error lists the others."""
    found = discover()
    if name not in found:
        raise KlankbordError(f"No platform is called {name!r}: choose from {', '.join(found)}.")
    return found[name]
