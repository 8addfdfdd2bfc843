"""What a day of a platform costs: measured where it was read already, else its connector's word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from klankbord import settings
from klankbord.budget import Cost, Purpose
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
) -> Forecast:
    """A day of that many accounts. With `access`, by what earlier days cost on the average."""
    measured, account_days = _measured(access, cls.name) if access else ({}, 0)
    if account_days:
        costs = {name: cost * (accounts / account_days) for name, cost in measured.items()}
        return Forecast(cls.name, accounts, costs, account_days)
    return Forecast(cls.name, accounts, cls.forecast(accounts, posts_per_day, threads_per_day))


def budget_of(access: Access, cls: type[Connector], token: str) -> Budget:
    """The budget of a platform's client; where it has limits, with what each purpose will need of
    it today."""
    limits = limits_of(cls.name)
    needs: Mapping[Purpose, Cost] = {}
    if limits:
        needs = of_platform(access, cls, registered(access).get(cls.name, 0)).costs
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
) -> list[Forecast]:
    """Every platform as the register is today, with `add` more accounts on some."""
    known = registered(access)
    return [
        of_platform(access, cls, accounts, posts_per_day, threads_per_day)
        for name, cls in discover().items()
        if (accounts := known.get(name, 0) + add.get(name, 0))
    ]


def registered(access: Access) -> dict[str, int]:
    """How many accounts the register has today, by platform."""
    today = settings.today()
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select platform, count(*) from register.accounts where superseded_at is null"
            " and (valid_from is null or valid_from <= %s) and (valid_to is null or %s < valid_to)"
            " and is_synthetic = %s group by platform",
            [today, today, settings.is_sandbox()],
        )
        return dict(cursor.fetchall())


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
