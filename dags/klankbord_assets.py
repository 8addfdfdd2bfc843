"""What the DAGs share: the assets that tie them together, and what is worth a second try."""

from datetime import UTC, datetime
from typing import NoReturn

from airflow.sdk import Asset, ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.exceptions import AirflowRescheduleException

from klankbord import settings
from klankbord.errors import KlankbordError
from klankbord.http import Throttled
from klankbord.platforms.base import discover

REGISTER = Asset("klankbord_register")
RAW = {name: Asset(f"klankbord_raw_{name}") for name in discover()}
PUBLISHED = Asset("klankbord_published")

#: A faulty register, a gate that says no or a date in the past are no better a minute later.
RETRIES = ExceptionRetryPolicy(
    rules=[
        RetryRule("klankbord.errors.DatabaseError", RetryAction.RETRY),
        RetryRule("klankbord.errors.KlankbordError", RetryAction.FAIL),
    ]
)


def come_back(platform: str, throttled: Throttled, *, waits: bool) -> NoReturn:
    """Give the worker slot back until the platform's quota is there again.

    A quota that comes back after today (X counts some by the month) is a failure: the batch asks
    for today's followers, and a run that waits would hold up tomorrow's. So is any wait when nobody
    is there to come back (`waits` false).
    """
    # the platform counts by the real clock, the scan by ours, which may stand still
    back = settings.now() + (throttled.retry_at - datetime.now(UTC))
    if waits and back.astimezone(settings.LOCAL_ZONE).date() == settings.today():
        raise AirflowRescheduleException(throttled.retry_at)
    raise KlankbordError(
        f"{platform} asks for patience until {throttled.retry_at:%Y-%m-%d %H:%M:%S} UTC: what was "
        f"complete is stored; run extract_{platform} again after that."
    )
