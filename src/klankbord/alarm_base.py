"""What every way of finding alarms shares: a finding, a day's accounts, how far to look back."""

from dataclasses import dataclass
from datetime import date, timedelta

from klankbord import settings

LOOK_BACK_DAYS = 7

#: The accounts that are read on the day; sandbox and real accounts never mix.
LISTED = """listed as (
    select account_id, platform, handle, platform_user_id from register.accounts
    where superseded_at is null and is_synthetic = %(is_sandbox)s
        and coalesce(valid_from, '-infinity') <= %(on)s
        and coalesce(valid_to, 'infinity') > %(on)s
)"""


@dataclass(frozen=True, slots=True)
class Found:
    """`account_id` '' is the platform as a whole. `on`: the day of an event, the day of the look
    for a state."""

    platform: str
    account_id: str
    detail: str
    on: date


def about(on: date) -> dict[str, object]:
    """The parameters that the statements share."""
    since = on - timedelta(days=LOOK_BACK_DAYS)
    return {"on": on, "since": since, "is_sandbox": settings.is_sandbox()}
