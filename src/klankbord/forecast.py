"""What a day of a platform costs: measured where it was read already, else its connector's word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from klankbord import settings
from klankbord.budget import Cost, Purpose
from klankbord.consent_states import CAPS, EFFECTIVE_TIER
from klankbord.database import Access
from klankbord.platforms.base import Connector, discover
from klankbord.platforms.prices import POSTS_PER_DAY, THREADS_PER_DAY
from klankbord.purse import Budget, limits_of

#: days whose average is believed: what lies longer ago was another register
MEASURED_DAYS = 14


@dataclass(frozen=True, slots=True)
class Forecast:
    """A day of `accounts` accounts, by purpose. `basis`: measured over so many account-days, or
    the connector's estimate (0)."""

    platform: str
    accounts: int
    costs: Mapping[Purpose, Cost]
    account_days: int = 0

    @property
    def total(self) -> Cost:
        """All purposes together."""
        return sum(self.costs.values(), Cost())


def of_platform(
    access: Access | None,
    cls: type[Connector],
    accounts: int,
    posts_per_day: float = POSTS_PER_DAY,
    threads_per_day: float = THREADS_PER_DAY,
    owners: int = 0,
) -> Forecast:
    """A day of that many accounts. With `access`, by what earlier days cost on the average.
    `owners`: those of T3; of a platform that is read with owners' tokens only all are."""
    measured, account_days = _measured(access, cls.name) if access else ({}, 0)
    if account_days:
        costs = {name: cost * (accounts / account_days) for name, cost in measured.items()}
        return Forecast(cls.name, accounts, costs, account_days)
    owners = accounts if cls.is_owners_only else owners
    costs = cls.forecast(accounts, posts_per_day, threads_per_day, owners)
    return Forecast(cls.name, accounts, {name: cost for name, cost in costs.items() if cost.calls})


def budget_of(access: Access, cls: type[Connector], token: str) -> Budget:
    """The budget of a platform's client; where it has limits, with what each purpose will need of
    it today."""
    limits = limits_of(cls.name)
    needs: Mapping[Purpose, Cost] = {}
    if limits:
        accounts, owners = registered(access).get(cls.name, (0, 0))
        needs = of_platform(access, cls, accounts, owners=owners).costs
    return Budget(
        access,
        cls.name,
        token,
        limits=limits,
        needs=needs,
        price=cls.price,
        settled=cls.settled,
    )


def of_register(
    access: Access,
    add: Mapping[str, int],
    posts_per_day: float = POSTS_PER_DAY,
    threads_per_day: float = THREADS_PER_DAY,
    owners: Mapping[str, int] | None = None,
) -> list[Forecast]:
    """Every platform as the register is today, with `add` more accounts on some, of which `owners`
    give a token."""
    known, found = registered(access), []
    for name, cls in discover().items():
        accounts, of_owners = known.get(name, (0, 0))
        accounts += add.get(name, 0)
        of_owners += (owners or {}).get(name, 0)
        if accounts:
            each = (posts_per_day, threads_per_day, of_owners)
            found.append(of_platform(access, cls, accounts, *each))
    return found


def registered(access: Access) -> dict[str, tuple[int, int]]:
    """How many accounts the register has today, and of how many owners' data may be read, by
    platform."""
    today = settings.today()
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            f"with {CAPS} select a.platform, count(*),"  # noqa: S608
            f" count(*) filter (where {EFFECTIVE_TIER} = 'T3') from register.accounts as a"
            " left join consent_caps as c on a.account_id = c.account_id"
            " where a.superseded_at is null"
            " and (a.valid_from is null or a.valid_from <= %(on)s)"
            " and (a.valid_to is null or %(on)s < a.valid_to)"
            " and a.is_synthetic = %(is_sandbox)s group by a.platform",
            {"on": today, "is_sandbox": settings.is_sandbox()},
        )
        return {platform: (count, owners) for platform, count, owners in cursor.fetchall()}


def _measured(access: Access, platform: str) -> tuple[dict[Purpose, Cost], int]:
    """(cost by purpose, account-days) of the last days before today, without a day on which most
    was read for the first time: that costs more than any day after it."""
    today = settings.today()
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "with scans as (select account_id, scan_on, min(scan_on) over (partition by account_id)"
            " as first_on from raw.outcomes where platform = %(platform)s and status = 'ok'),"
            " days as (select scan_on, count(distinct account_id) as accounts from scans"
            " where scan_on between %(since)s and %(today)s group by scan_on"
            " having count(distinct account_id) > 2 * count(distinct account_id)"
            " filter (where scan_on = first_on)),"
            " spent as (select s.purpose, sum(s.calls) as calls, sum(s.units) as units,"
            " sum(s.usd) as usd from raw.spending as s inner join days as d"
            " on (s.slot_at at time zone %(zone)s)::date = d.scan_on"
            " where s.platform = %(platform)s group by s.purpose)"
            " select purpose, calls, units, usd, (select sum(accounts) from days) from spent",
            {
                "platform": platform,
                "since": today - timedelta(days=MEASURED_DAYS),
                "today": today,
                "zone": str(settings.LOCAL_ZONE),
            },
        )
        rows: Sequence[tuple] = cursor.fetchall()
    return {purpose: Cost(*amounts) for purpose, *amounts, _ in rows}, int(
        rows[0][-1] if rows else 0
    )
