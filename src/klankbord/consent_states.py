"""What is known of consents on a day, from the register's file and from the command line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import get_args

from klankbord.database import Access
from klankbord.errors import KlankbordError
from klankbord.register.vocabulary import ConsentScope

SCOPES: tuple[str, ...] = get_args(ConsentScope)
#: Each scope of each account on a day: in force, or withdrawn, with the latest word of both the
#: register and the command line. `%(on)s` is the day.
STATES = """
consent_rows as (
    select c.account_id, c.scope, c.granted_on, c.token_expires_on,
        least(c.withdrawn_on, min(w.withdrawn_on)) as withdrawn_on
    from register.consents as c
    left join register.withdrawals as w
        on c.account_id = w.account_id and c.scope = w.scope and w.withdrawn_on >= c.granted_on
        and w.withdrawn_on <= %(on)s
    where c.superseded_at is null
    group by c.account_id, c.scope, c.granted_on, c.withdrawn_on, c.token_expires_on
),
consent_states as (
    select account_id, scope,
        bool_or(granted_on <= %(on)s and (withdrawn_on is null or withdrawn_on > %(on)s))
            as is_in_force,
        bool_or(withdrawn_on <= %(on)s) as was_withdrawn,
        max(withdrawn_on) filter (where withdrawn_on <= %(on)s) as withdrawn_on,
        max(token_expires_on) filter (
            where granted_on <= %(on)s and (withdrawn_on is null or withdrawn_on > %(on)s)
        ) as token_expires_on
    from (
        select * from consent_rows
        -- a withdrawal without a line in the file holds all the same
        union all
        select account_id, scope, withdrawn_on, null, withdrawn_on from register.withdrawals
        where withdrawn_on <= %(on)s
    ) as words
    group by account_id, scope
)"""

#: Nobody is there to consent to the reading of an invented account, but all can be withdrawn.
#: The tier of `a` (register.accounts) that holds on the day: joins `consent_caps as c`.
CAPS = f"""{STATES},
consent_caps as (
    select account_id,
        bool_or(scope = 'insights' and is_in_force) as has_insights,
        min(case when was_withdrawn and not is_in_force then
            case scope when 'insights' then 'T2' when 'messages' then 'T1' else 'T0' end
        end) as most
    from consent_states group by account_id
)"""  # noqa: S608
EFFECTIVE_TIER = """least(
    case when a.access_tier = 'T3' and not a.is_synthetic and not coalesce(c.has_insights, false)
        then 'T2' else a.access_tier end,
    coalesce(c.most, 'T3'))"""


class ConsentError(KlankbordError):
    """A consent that is not there, or a scope that does not exist."""


@dataclass(frozen=True, slots=True)
class State:
    """One scope of an account on a day."""

    account_id: str
    platform: str
    scope: str
    is_in_force: bool
    withdrawn_on: date | None
    token_expires_on: date | None


def states(access: Access, on: date, account_id: str | None = None) -> list[State]:
    """Every scope of every account that anybody spoke of, as it is on a day."""
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            f"with {STATES} select s.account_id, coalesce((select min(a.platform)"  # noqa: S608
            " from register.accounts as a where a.account_id = s.account_id), ''), s.scope,"
            " s.is_in_force, case when not s.is_in_force then s.withdrawn_on end,"
            " s.token_expires_on from consent_states as s"
            " where %(account)s is null or s.account_id = %(account)s order by 1, 3",
            {"on": on, "account": account_id},
        )
        return [State(*row) for row in cursor.fetchall()]


def tokens(access: Access, on: date) -> Iterator[tuple[str, str, date | None]]:
    """(account_id, platform, the day on which its token expires) of accounts with a consent in
    force."""
    soonest: dict[tuple[str, str], date | None] = {}
    for state in states(access, on):
        if state.is_in_force and state.platform:
            key = (state.account_id, state.platform)
            days = [d for d in (soonest.get(key), state.token_expires_on) if d]
            soonest[key] = min(days) if days else None
    yield from ((*key, day) for key, day in soonest.items())


def effective_tier(access: Access, account_id: str, on: date) -> str:
    """What may be read of an account on a day; raises ConsentError for an unknown account."""
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            f"with {CAPS} select {EFFECTIVE_TIER} from register.accounts as a"  # noqa: S608
            " left join consent_caps as c on a.account_id = c.account_id"
            " where a.account_id = %(account)s and a.superseded_at is null"
            " and (a.valid_from is null or a.valid_from <= %(on)s)"
            " and (a.valid_to is null or %(on)s < a.valid_to)",
            {"on": on, "account": account_id},
        )
        row = cursor.fetchone()
    if row is None:
        raise ConsentError(f"The register has no account {account_id!r} valid on {on}.")
    return row[0]
