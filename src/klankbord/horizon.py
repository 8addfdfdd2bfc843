"""What a build rebuilds: every row from a day on (the horizon), and some accounts whole.

A quarter is settled when nothing that it rests on can have changed since the last publication. What
changed is not told by those who write raw: it is looked up. `look` compares raw, register, code and
seeds with what the last publication rested on; `widen` does so with what dbt derives first (states
of accounts, periods). Whatever it cannot place opens everything. A horizon stands until a
publication: a build that failed half-way is repeated by the next one, with what came since.
docs/design.md, "What a build rebuilds", says what is compared and why that is enough.
"""

from datetime import date, datetime, timedelta

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord import horizon_changes, settings
from klankbord import horizon_sql as asked
from klankbord.database import Access

ROLE = "klankbord_publisher"
#: what dbt derives before the horizon is final
FIRST_MODELS = (
    "int_outcome_months",
    "int_account_states",
    "int_platform_periods",
    "int_metric_periods",
    "int_peer_days",
)
#: a thread and a question are closed after seven days, a clock may run a day fast
REACH_DAYS = 8
#: an extraction that began so long before the last look may still have landed after it
RUNNING_DAYS = 3
REMEMBERED_DAYS = 40
#: more accounts than this share are not worth being told apart
MOST_REOPENED = 0.1
EVERYTHING = date.min
#: table of `published` -> (kind, day) of its open rows; all other tables are replaced whole
PUBLISHED = {
    "rpt_change": ("platform", "period_start"),
    "rpt_data_quality": ("platform", "scan_on"),
    "rpt_follower_trend": ("block", "period_start"),
    "rpt_group_metric": ("block", "period_start"),
    "rpt_organisation_metric": ("block", "period_start"),
    "rpt_peer_metric": ("block", "period_start"),
    "rpt_response_curve": ("platform", "period_start"),
    "rpt_response_time": ("platform", "period_start"),
}
#: of its other rows those that are told no more: changes of past periods (macros/change.sql)
FORGOTTEN = {
    "rpt_change": "(platform, period_kind, period_start) not in"
    " (select distinct platform, period_kind, period_start from marts.fct_change)"
}


def look(access: Access) -> date:
    """Set the horizon by what changed in raw, register, code and seeds; returns its first day."""
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        cursor.execute("select is_published from builds.horizon")
        if (row := cursor.fetchone()) and row[0]:
            cursor.execute(
                "delete from builds.horizon; delete from builds.reopened; delete from builds.blocks"
            )
        before = _facts(cursor, "input")
        cursor.execute("delete from builds.facts where is_next")
        for key, value in horizon_changes.inputs(cursor):
            _note(cursor, "input", key, value)
        cursor.execute(asked.NOTE_EXTRACTIONS, {"days": REMEMBERED_DAYS})
        cursor.execute(asked.NOTE_QUARANTINE)
        now = _facts(cursor, "input", is_next=True)
        reasons = [
            f"{key} changed" if before else "the first build"
            for key in sorted(now)
            if before.get(key) != now[key]
        ]
        if not settings.settled_stands():
            reasons.append("KLANKBORD_SETTLED_STANDS is not 1")
        if reasons:
            return _open(cursor, EVERYTHING, sorted(set(reasons)))
        cursor.execute(asked.NEW_EXTRACTIONS, {"days": RUNNING_DAYS, "known": REMEMBERED_DAYS})
        since = horizon_changes.oldest(cursor)
        if since is None:
            return _open(cursor, EVERYTHING, ["an item without a day came"])
        since = _quarter(since - timedelta(days=REACH_DAYS))
        _reopen(cursor, "quarantined", asked.QUARANTINED, {})
        found = _open(cursor, since, [f"new rows since {since}"])
        if found > EVERYTHING:
            _late_answers(cursor, found)
            found = _open(cursor, found, [])
        return found


def widen(access: Access) -> date:
    """Open also what the states of accounts and the periods of platforms moved."""
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        cursor.execute(
            "delete from builds.facts where is_next and kind = any (%s)",
            [["state", "period", "latest"]],
        )
        cursor.execute(asked.NOTE_STATES)
        cursor.execute(asked.NOTE_PERIODS)
        cursor.execute(asked.NOTE_LATEST)
        cursor.execute("select open_since from builds.horizon")
        (since,) = cursor.fetchone()
        if _is_everything(since):
            return EVERYTHING
        # what is told of the days before it (macros/change.sql) may have to be told again
        cursor.execute(asked.GONE_BACK)
        if gone_back := [f"{platform}'s last scan is gone" for (platform,) in cursor.fetchall()]:
            return _open(cursor, EVERYTHING, gone_back)
        cursor.execute(asked.OLDEST_MOVED_PERIOD)
        (moved,) = cursor.fetchone()
        reasons = []
        if moved and _quarter(moved) < since:
            since = _quarter(moved)
            reasons = [f"a period of {moved} moved"]
        _reopen(cursor, "state", asked.MOVED_STATES, {"since": since, "reach": REACH_DAYS})
        return _open(cursor, since, reasons)


def close(cursor: Cursor) -> None:
    """What is being published is what the next horizon is measured by; part of its transaction.

    The horizon itself stays: intermediate and reporting tables hold what is open by it, and a model
    or a publication that is made again must know so.
    """
    cursor.execute("update builds.horizon set is_published = true where not is_published")
    if cursor.rowcount:
        cursor.execute(
            "delete from builds.facts where not is_next; update builds.facts set is_next = false"
        )


def forget(access: Access) -> None:
    """Let the next build rebuild everything."""
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        cursor.execute("delete from builds.facts")


def open_rows(cursor: Cursor, table: str) -> str | None:
    """The condition on the rows of a published table that go: those that are open, and those that
    are told no more; None: all of it."""
    if table not in PUBLISHED or _state(cursor) is None:
        return None
    kind, day = PUBLISHED[table]
    cursor.execute(
        "select predicate, open_since from builds.predicates cross join builds.horizon"
        " where kind = %s",
        [kind],
    )
    predicate, since = cursor.fetchone()
    if predicate == "true":
        return None
    opened = (
        predicate.replace("{date}", day)
        .replace("{since}", f"date '{since}'")
        .replace("{row}.", f"{table}.")
    )
    return f"({opened} or {FORGOTTEN[table]})" if table in FORGOTTEN else opened


def _state(cursor: Cursor) -> date | None:
    cursor.execute("select open_since from builds.horizon")
    row = cursor.fetchone()
    return row[0] if row else None


def _is_everything(since: object) -> bool:
    """psycopg2 gives -infinity as date.min."""
    return since == EVERYTHING


def _facts(cursor: Cursor, kind: str, *, is_next: bool = False) -> dict[str, str]:
    cursor.execute(
        "select key, value from builds.facts where kind = %s and is_next = %s", [kind, is_next]
    )
    return dict(cursor.fetchall())


def _note(cursor: Cursor, kind: str, key: str, value: str) -> None:
    cursor.execute("insert into builds.facts values (true, %s, %s, %s)", [kind, key, value])


def _late_answers(cursor: Cursor, since: date) -> None:
    """A question from before the horizon that is answered now: its account is open whole."""
    if horizon_changes.list_fresh(cursor):
        _reopen(cursor, "late answer", asked.LATE_ANSWERS, {"since": since})


def _quarter(day: date) -> date:
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def _reopen(cursor: Cursor, reason: str, query: str, values: dict[str, object]) -> None:
    cursor.execute(
        f"insert into builds.reopened select account_id, %(reason)s from ({query}) as found"  # noqa: S608
        " on conflict do nothing",
        {"reason": reason, **values},
    )


def _open(cursor: Cursor, since: date, reasons: list[str]) -> date:
    """Move the horizon back to `since`, never forth, and write what that means to each kind."""
    cursor.execute(
        "select (select count(*) from builds.reopened),"
        " (select count(distinct account_id) from register.accounts where superseded_at is null)"
    )
    reopened, accounts = cursor.fetchone()
    if reopened > max(10, MOST_REOPENED * accounts):
        since, reasons = EVERYTHING, [*reasons, f"{reopened} accounts are open whole"]
    moment: datetime = settings.now()
    cursor.execute(
        "insert into builds.horizon as h"
        " values (true, false, %(since)s::date, %(reasons)s, %(now)s)"
        " on conflict (is_only) do update set"
        " open_since = least(h.open_since, excluded.open_since),"
        " reasons = h.reasons || excluded.reasons, looked_at = excluded.looked_at"
        " returning open_since",
        {
            "since": "-infinity" if since == EVERYTHING else since,
            "reasons": reasons,
            "now": moment,
        },
    )
    (since,) = cursor.fetchone()
    cursor.execute("delete from builds.predicates")
    cursor.execute(asked.PREDICATES, {"everything": _is_everything(since)})
    return since
