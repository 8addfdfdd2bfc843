"""The world of the study of 2016: the second quarter of that year, so that the pipeline finds what
the study printed.

Bodies (`study_2016_bodies`) and accounts (`study_2016_accounts`) are set by quotas; what they post,
what citizens ask and how they answer is the sandbox's usual life, answers made as much faster or
slower as the study's mean wants. Served by the same routes as every other world:
`klankbord.sandbox.core.Sandbox(StudyWorld())`. docs/study-2016.md has the printed table.
"""

import statistics
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time
from functools import cache

from klankbord.register import AccountRow
from klankbord.sandbox import study_2016_bodies as bodies
from klankbord.sandbox import study_2016_counts as counts
from klankbord.sandbox.model import WorldAccount
from klankbord.sandbox.population import Traits
from klankbord.sandbox.readings import Known
from klankbord.sandbox.study_2016_accounts import by_hand, population
from klankbord.sandbox.world import World
from klankbord.settings import LOCAL_ZONE

SEED = 2016
QUARTER = "2016-Q2"
FIRST, LAST = date(2016, 4, 1), date(2016, 6, 30)
#: 22:00 on the quarter's last day: followers are observable then only
COUNTED_AT = datetime(2016, 6, 30, 20, tzinfo=UTC)
#: when all its windows are closed: conversations and posts of the quarter are read by then
READ_AT = datetime(2016, 7, 16, 20, tzinfo=UTC)
HANDLES = {"snapchat": "studie-{:03d}", "whatsapp_group": "Buurtgroep {:03d}"}


class StudyWorld(World):
    """The world; `median_hours`: of the time to an answer, by default what gives the study's mean.
    `only`: the organisations whose accounts exist."""

    def __init__(
        self, median_hours: float | None = None, *, only: Collection[str] | None = None
    ) -> None:
        self.median_hours = fitting_median_hours() if median_hours is None else median_hours
        super().__init__(bodies.register(), SEED, only=only, incident_share=0.0)

    def population(self) -> Iterator[tuple[WorldAccount, Traits]]:
        return population(self.register, self.seed, self.median_hours)

    def account_rows(self) -> list[AccountRow]:
        """The accounts as rows of the register: in Flanders conversations are read, of the Dutch
        followers alone; and the channels that nothing can be asked of."""
        rows = [
            _row(a.account_id, a.organisation_id, a.platform, a.handle, str(a.user_id))
            for a in self.accounts
        ]
        for platform in counts.BY_HAND:
            for body in by_hand(self.register, platform):
                name = body.organisation_id
                handle = HANDLES[platform].format(int(name[-3:]))
                slug = platform.replace("_", "-")
                rows.append(_row(f"{name}-{slug}", name, platform, handle, None))
        return rows


def _row(
    account_id: str, organisation_id: str, platform: str, handle: str, user_id: str | None
) -> AccountRow:
    is_read = user_id is not None and organisation_id.startswith("be-")
    return AccountRow(
        account_id=account_id,
        organisation_id=organisation_id,
        platform=platform,
        handle=handle,
        platform_user_id=user_id,
        role="official",
        access_tier="T2" if is_read else "T0",
        valid_from=bodies.SINCE,
        valid_to=None,
        is_synthetic=True,
        basis="synthetic",
        source=bodies.SOURCE,
    )


def mean_response_hours(world: World, first: date = FIRST, last: date = LAST) -> float:
    """Of the questions to Flemish municipalities on X on the days `first` to `last`, those that
    were answered: mean hours to the first answer, by the calendar. From the world, not from dbt."""
    since = datetime.combine(first, time.min, LOCAL_ZONE)
    until = datetime.combine(last, time.max, LOCAL_ZONE)
    rows = {row.account_id: row for row in world.account_rows()}
    hours = []
    for account in world.accounts:
        if account.platform != "x" or "be-municipality" not in account.organisation_id:
            continue
        known = Known(rows[account.account_id], last_moment=READ_AT)
        known.own = {m.message_id: m for m in world.own(account, since, READ_AT)}
        known.incoming = {m.message_id: m for m in world.incoming(account, since, READ_AT)}
        hours += [
            question.response_hours
            for question in known.questions()
            if question.asked_at <= until and question.response_hours is not None
        ]
    return statistics.fmean(hours)


@cache
def fitting_median_hours() -> float:
    """The median time to an answer with which the mean of all answers is the study's, by halving
    the interval: whatever else becomes of the sandbox's life, this follows."""
    everyone = StudyWorld(1.0)
    talking = {
        a.organisation_id
        for a in everyone.accounts
        if a.platform == "x"
        and "be-municipality" in a.organisation_id
        and everyone.traits(a).is_interactive
    }
    low, high = 0.1, 30.0
    for _ in range(12):
        middle = (low + high) / 2
        is_slow = mean_response_hours(StudyWorld(middle, only=talking)) > counts.MEAN_RESPONSE_HOURS
        low, high = (low, middle) if is_slow else (middle, high)
    return (low + high) / 2
