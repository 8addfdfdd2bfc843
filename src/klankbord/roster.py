"""Whom a run reads: a platform's accounts in batches, and how the run ended for them."""

from datetime import date

from psycopg2 import sql

from klankbord import consent, settings
from klankbord.database import Access
from klankbord.errors import KlankbordError
from klankbord.platforms.base import SNAPSHOT_STREAMS, Account, Window

#: of one run of the DAG, whatever the number of accounts
MOST_BATCHES = 190
SNAPSHOT_BATCH = 500
#: a platform's accounts that are valid on a day; the sandbox's do not exist outside it, and real
#: ones do not exist inside
_VALID = sql.SQL(
    "from register.accounts where platform = %(platform)s and superseded_at is null"
    " and coalesce(valid_from, '-infinity') <= %(on)s and coalesce(valid_to, 'infinity') > %(on)s"
    " and is_synthetic = %(is_sandbox)s"
)


def accounts(
    access: Access, platform: str, scan_on: date, between: tuple[str, str] | None = None
) -> list[Account]:
    """The register's accounts of a platform that are valid on a day, by account_id; `between`: only
    those from the first id to the last."""
    first, last = between or ("", "\uffff")
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                # the tier that holds on that day: owner data only with the owner's consent
                "with {caps} select a.account_id, a.organisation_id, a.platform, a.handle,"
                " a.platform_user_id, {tier} from (select * {valid}) as a"
                " left join consent_caps as c on a.account_id = c.account_id"
                ' where a.account_id collate "C" between %(first)s and %(last)s'
                ' order by a.account_id collate "C"'
            ).format(
                caps=sql.SQL(consent.CAPS), tier=sql.SQL(consent.EFFECTIVE_TIER), valid=_VALID
            ),
            _asked(platform, scan_on) | {"first": first, "last": last},
        )
        return [Account(*row) for row in cursor.fetchall()]


def count_accounts(access: Access, platform: str, scan_on: date) -> int:
    """How many `accounts` there are."""
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("select count(*) {}").format(_VALID), _asked(platform, scan_on))
        return cursor.fetchone()[0]


def _asked(platform: str, scan_on: date) -> dict[str, object]:
    return {"platform": platform, "on": scan_on, "is_sandbox": settings.is_sandbox()}


def plan(access: Access, platform: str, batch_size: int, window: Window) -> list[tuple[str, str]]:
    """Batches for all accounts of the platform: the first and the last account_id of each.

    A batch is a multiple of what one call takes (`batch_size`), and there are at most MOST_BATCHES.
    Of a snapshot, which costs next to nothing an account, a batch holds SNAPSHOT_BATCH at least.
    """
    count = count_accounts(access, platform, window.scan_on)
    least = SNAPSHOT_BATCH if window.streams <= SNAPSHOT_STREAMS else 1
    calls = max(-(-count // (MOST_BATCHES * batch_size)), -(-least // batch_size))
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "select min(account_id), max(account_id) from (select account_id collate"
                ' "C" as account_id, (row_number() over (order by account_id collate "C") - 1)'
                " / %(size)s as batch {}) as placed group by batch order by batch"
            ).format(_VALID),
            _asked(platform, window.scan_on) | {"size": calls * batch_size},
        )
        return cursor.fetchall()


def close_scan(access: Access, platform: str, window: Window) -> dict[str, int]:
    """Accounts by how the run went; an error when not one of them answered.

    Without an answer there is nothing new to build, and the failed task is what people see.
    """
    expected = count_accounts(access, platform, window.scan_on)
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "with streams as (select account_id, stream, bool_or(status = 'ok') as is_ok,"
            " (array_agg(reason order by attempted_at desc))[1] as reason from raw.outcomes"
            " where platform = %s and scan_on = %s and window_since = %s and stream = any(%s)"
            " group by account_id, stream),"
            " accounts as (select account_id, case when bool_and(is_ok) then 'ok' else"
            " min(reason) filter (where not is_ok) end as ending from streams group by account_id)"
            " select ending, count(*) from accounts group by ending",
            [platform, window.scan_on, window.since, sorted(window.streams)],
        )
        found = dict(cursor.fetchall())
    found["no_answer_yet"] = expected - sum(found.values())
    if expected and not found.get("ok"):
        reasons = ", ".join(f"{n} {reason}" for reason, n in sorted(found.items()) if n)
        raise KlankbordError(
            f"Not one of {expected} {platform} accounts answered on {window.scan_on} ({reasons}): "
            "see `klankbord status`, then run this DAG again."
        )
    return found
