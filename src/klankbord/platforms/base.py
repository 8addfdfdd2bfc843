"""What a connector is: accounts in, items and outcomes out. Nothing here knows Airflow or SQL."""

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Literal

from klankbord.budget import Charge, Cost, Purpose
from klankbord.errors import KlankbordError
from klankbord.http import Client
from klankbord.platforms import prices
from klankbord.platforms.ledger import EMPTY_LEDGER, Ledger
from klankbord.settings import LOCAL_ZONE
from klankbord.verdicts import Classify

Stream = Literal["profiles", "posts", "messages", "insights"]
Status = Literal["ok", "failed", "refused", "gone"]
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
#: what every `insights` item holds, whatever the platform
INSIGHT_KEYS = frozenset({"object", "object_id", "metric", "period", "end_time", "value"})


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the register. `handle` is what people type, without a leading @."""

    account_id: str
    organisation_id: str
    platform: str
    handle: str
    platform_user_id: str | None = None
    access_tier: str = "T2"
    ledger: Ledger = EMPTY_LEDGER


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
class Item:
    """One object of a platform's answer, verbatim, with what privacy needs to judge it.

    `author_id` is the platform's stable id of the author; `is_own` says that it is the account
    itself. `text` is the message as plain text (None where there is none). `is_reply` says that
    the item answers somebody else: the text of an own reply is not kept, it addresses a citizen.
    `own_id`: the account's id, on a foreign item whose URIs may hold it (Bluesky).

    `created_at` (aware) is needed for posts and messages. `answers`: the platform's own counter of
    answers to a post at this reading. `thread_id`: the item_id of the own post in whose thread a
    message was read; None when it came from a listing (mentions). Ids are those before privacy.
    """

    account_id: str
    stream: Stream
    item_id: str
    payload: Mapping[str, Any]
    author_id: str | None
    is_own: bool
    text: str | None = None
    is_reply: bool = False
    own_id: str | None = None
    created_at: datetime | None = None
    answers: int | None = None
    thread_id: str | None = None


@dataclass(frozen=True, slots=True)
class ThreadRead:
    """Every message of the thread under the own post `thread_id` that still exists was yielded."""

    account_id: str
    thread_id: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a stream of an account ended. Nothing of an account lands before all its outcomes came.

    status: ok | failed (our side or theirs, may work tomorrow) | refused (permission, token) |
    gone (deleted, suspended, unknown). reason: a snake_case word (`token_expired`, `throttled`,
    `server_error`, `timeout`, `malformed_answer`, `account_not_found`, `protected`, ...).
    detail: one sentence, without secrets or personal data. complete_since: every item of the
    stream created since then that still exists was yielded, so that what is missing was deleted.
    observed_since: where a platform shows less than the window (a feed holds its last so many
    items), from when on what was created could be seen; None: the whole window. observed_until:
    until when, where a platform shows what happened later than it happens (LinkedIn's portability,
    48 hours). row_count: how many items there are where they were not yielded again; None: as many
    as were yielded.
    """

    account_id: str
    stream: Stream
    status: Status
    reason: str = ""
    detail: str = ""
    complete_since: datetime | None = None
    observed_since: datetime | None = None
    observed_until: datetime | None = None
    row_count: int | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """The platform says that a post or message that was read before exists no more."""

    account_id: str
    stream: Stream
    item_id: str


@dataclass(frozen=True, slots=True)
class MetricRefused:
    """The platform refused one metric of an account's insights; the others were read.

    `metric`: its name in `dbt_project/seeds/platform_metrics.csv`. `detail`: the platform's code,
    without secrets or personal data. Comes before the account's outcome of `insights`.
    """

    account_id: str
    metric: str
    detail: str = ""


Event = Item | Outcome | ThreadRead | Deleted | MetricRefused


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
    classify: ClassVar[Classify]  # how this platform says no
    #: what the alarms look at -> its path in the stored profile: followers, handle, user_id,
    #: moved_to, is_protected
    profile_paths: ClassVar[Mapping[str, str]] = {}

    def __init__(self, client: Client, owner_token: OwnerToken = no_token) -> None:
        self.client = client
        self._owner_token = owner_token

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
        cls, accounts: int, posts_per_day: float, threads_per_day: float
    ) -> Mapping[Purpose, Cost]:
        """What a day of that many accounts costs, by purpose, where it was not measured yet."""
        volumes: dict[Purpose, tuple[float, float]] = {
            "profiles": (-(-accounts // cls.accounts_per_call), accounts)
        }
        if "posts" in cls.streams:
            volumes["posts"] = (accounts, accounts * posts_per_day)
        if "messages" in cls.streams:
            volumes["open_threads"] = (accounts * threads_per_day,) * 2
        return prices.forecast(cls.name, volumes)

    @abstractmethod
    def extract(self, accounts: Sequence[Account], window: Window) -> Iterator[Event]:
        """Yield the items and exactly one outcome for each of an account's `streams_of`.

        A failure of one account becomes its outcomes and never stops the others. A spent quota
        (`klankbord.verdicts.Throttled`) is raised after what is complete was yielded: the caller
        commits that and comes back at the time the platform named.
        """

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
