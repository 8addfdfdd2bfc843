"""From accounts of the register to rows of raw, for one platform and one scan.

What Airflow's tasks, `klankbord extract` and the tests all call; it knows no orchestrator.
"""

import gc
import logging
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg2

from klankbord import identity, privacy_keys, settings, tokens
from klankbord.database import Access
from klankbord.errors import DatabaseError, KlankbordError
from klankbord.forecast import budget_of
from klankbord.http import Client
from klankbord.landing import Landed, Landing
from klankbord.ledgers import read_ledgers
from klankbord.platforms.base import (
    SNAPSHOT_STREAMS,
    Account,
    Connector,
    OwnerToken,
    Window,
    connector,
)
from klankbord.platforms.events import Outcome, Stream
from klankbord.roster import accounts
from klankbord.verdicts import Throttled
from klankbord.windows import window_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one call did. `throttled`: the platform wants us back at `throttled.retry_at`."""

    platform: str
    accounts: int
    skipped: int
    landed: Landed
    request_count: int
    throttled: Throttled | None = None


def client_for(cls: type[Connector], access: Access) -> Client:
    """The platform's client: its address and token from the settings, and its budget."""
    place = settings.platform(cls.name)
    return Client(
        place.base_url,
        cls.classify,
        only_loopback=settings.is_sandbox(),
        budget=budget_of(access, cls, place.token),
        **cls.client_options(place.token),
    )


def extract(
    access: Access,
    platform: str,
    *,
    only: Collection[str] | None = None,
    between: tuple[str, str] | None = None,
    window: Window | None = None,
    run_id: str = "command line",
    on_account: Callable[[str], None] | None = None,
    client: Client | None = None,
    owner_token: OwnerToken | None = None,
) -> Extraction:
    """Read the platform's accounts and land what came; what is `ok` already is not asked again.

    only, between: these account_ids, or those from the first to the last. window: what is read
    (`klankbord.windows.window_of`), today's scan by default. owner_token: where the owners' tokens
    come from, the environment by default. A throttling platform ends the call early: what is
    complete is landed, the rest gets an outcome `throttled`, and the result says when to come back.
    """
    cls = connector(platform)
    window = window or window_of()
    # before the register is asked: what changes after this moment is noticed when rows are stored
    keyring = privacy_keys.load_for(access, platform)
    wanted = [
        a
        for a in accounts(access, platform, window.scan_on, between)
        if only is None or a.account_id in only
    ]
    if only is not None and (unknown := set(only) - {a.account_id for a in wanted}):
        raise KlankbordError(
            f"The register has no {platform} account {', '.join(sorted(unknown)[:5])} valid on "
            f"{window.scan_on}: see `klankbord register check`."
        )
    client = client or client_for(cls, access)
    connection = access.open("klankbord_loader")
    try:
        pending = _pending(connection, cls, window, wanted)
        landing = Landing(
            connection,
            platform,
            window,
            streams={a.account_id: cls.streams_of(a, window) for a in pending},
            fields=cls.fields,
            key=keyring,
            run_id=run_id,
            now=settings.now(),
        )
        source = cls(client, owner_token or tokens.for_connectors())
        with _seldom_collected():
            throttled = _run(source, pending, window, landing, on_account)
            landing.close(client.request_count)
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        raise DatabaseError(
            f"PostgreSQL went away while {platform} was read ({type(error).__name__}): what was "
            "complete is stored; run the same again once it answers."
        ) from error
    finally:
        connection.close()
        client.close()
    return Extraction(
        platform,
        len(pending),
        len(wanted) - len(pending),
        landing.summary,
        client.request_count,
        throttled,
    )


#: new objects after which Python looks for cycles; its own 700 are two pages of a hundred posts
COLLECT_AFTER = 10_000


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for cycles of garbage less often: answers hold none, and looking at the objects of each
    page again and again took a tenth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(max(usual[0], COLLECT_AFTER) if usual[0] else 0, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _pending(
    connection, cls: type[Connector], window: Window, wanted: Sequence[Account]
) -> list[Account]:
    """The accounts of which a stream is still to be read, each with its ledger."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select account_id, array_agg(stream) from raw.outcomes where account_id = any(%s)"
            " and scan_on = %s and window_since = %s and status = 'ok' group by account_id",
            [[a.account_id for a in wanted], window.scan_on, window.since],
        )
        done: dict[str, list[Stream]] = dict(cursor.fetchall())
        pending = [
            a for a in wanted if set(cls.streams_of(a, window)) - set(done.get(a.account_id, ()))
        ]
        pending = identity.remember(cursor, cls, pending)
        if window.streams <= SNAPSHOT_STREAMS:
            return pending  # nothing of it depends on earlier scans
        ledgers = read_ledgers(cursor, cls.name, [a.account_id for a in pending], window)
    return [replace(a, ledger=ledgers[a.account_id]) for a in pending]


#: what Python raises over an answer of a shape that nobody foresaw
UNEXPECTED = (KeyError, TypeError, ValueError, AttributeError, IndexError)


def _run(
    source: Connector,
    pending: Sequence[Account],
    window: Window,
    landing: Landing,
    on_account: Callable[[str], None] | None,
) -> Throttled | None:
    """Feed the landing; every pending account ends with an outcome, whatever happens.

    An answer that the connector cannot read costs the account that it belongs to: the accounts of
    the batch that are still open are then read one by one.
    """
    left = {a.account_id: a for a in pending}
    wanted = {a.account_id: set(source.streams_of(a, window)) for a in pending}

    def read(batch: Sequence[Account]) -> None:
        known: dict[str, set[str]] = {}
        for event in identity.guarded(source, batch, window, landing.forget):
            landing.add(event)
            if isinstance(event, Outcome):
                streams = known.setdefault(event.account_id, set())
                streams.add(event.stream)
                if streams >= wanted[event.account_id]:
                    left.pop(event.account_id, None)
                    if on_account:
                        on_account(event.account_id)

    def end(account: Account, reason: str, detail: str) -> None:
        landing.forget(account.account_id)
        for outcome in source.outcomes(account, window, "failed", reason, detail):
            landing.add(outcome)

    throttled: Throttled | None = None
    batches: list[Sequence[Account]] = [pending] if pending else []
    while batches and throttled is None:
        batch = batches.pop(0)
        try:
            read(batch)
        except Throttled as error:
            throttled = error
        except UNEXPECTED as error:
            if len(batch) > 1:
                batches = [[account] for account in left.values()]
                for account in left.values():
                    landing.forget(account.account_id)
                continue
            # the place in the code, not the error's text: that may quote a citizen
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{type(error).__name__} in {where.name}, line {where.lineno}"
            log.warning(
                "%s: unreadable answer about %s: %s", source.name, batch[0].account_id, place
            )
            end(
                left.pop(batch[0].account_id),
                "unexpected_answer",
                f"{source.title} gave an answer that the connector cannot read "
                f"({type(error).__name__}); see the log, and repair the connector.",
            )
    for account in left.values():
        if throttled:
            end(account, throttled.reason, str(throttled))
        else:
            end(account, "no_outcome", "The connector ended without saying how this account went.")
    landing.flush()
    return throttled
