"""What the DAGs share: the assets that tie them together, and what is worth a second try."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn

from airflow.sdk import (
    Asset,
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
)
from airflow.sdk.exceptions import AirflowRescheduleException

from klankbord import settings
from klankbord.errors import KlankbordError
from klankbord.platforms.base import Window, discover
from klankbord.verdicts import Throttled

REGISTER = Asset("klankbord_register")
RAW = {name: Asset(f"klankbord_raw_{name}") for name in discover()}
IMPORTED = Asset("klankbord_imported")
WEB = Asset("klankbord_raw_web")
PUBLISHED = Asset("klankbord_published")

#: A faulty register, a gate that says no or a date in the past are no better a minute later.
RETRIES = ExceptionRetryPolicy(
    rules=[
        RetryRule("klankbord.errors.DatabaseError", RetryAction.RETRY),
        RetryRule("klankbord.errors.KlankbordError", RetryAction.FAIL),
    ]
)


SCAN_PARAMS = {
    "wait_for_quota": Param(True, type="boolean", description="false: fail at once"),
    "since": Param(None, type=["null", "string"], format="date", description="of a backfill"),
    "until": Param(None, type=["null", "string"], format="date", description="its last day"),
    "streams": Param(None, type=["null", "array"], description="all of them by default"),
}


def by_the_clock(cron: str) -> CronTriggerTimetable:
    """At these times in Brussels, from the next one on. Airflow 3.3 takes False, which should mean
    that, for a tenth of the interval: a DAG unpaused two hours after its time would run at once."""
    return CronTriggerTimetable(cron, timezone="Europe/Brussels", run_immediately=timedelta(0))


def read_window(params: Mapping[str, Any], scan_on: str | None = None) -> Window:
    """The window of a run by its parameters; `scan_on` is the day for which it was planned."""
    from klankbord.windows import window_of

    since, until, planned = (
        date.fromisoformat(day) if day else None
        for day in (params["since"], params["until"], scan_on)
    )
    return window_of(planned, since=since, until=until, streams=params["streams"])


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
