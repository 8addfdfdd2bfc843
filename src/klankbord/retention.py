"""`klankbord privacy purge`: what is kept too long loses its person, its words, or its row.

Figures are computed from rows at every build, closed months too, so a row that a figure rests on
never goes: it loses what leads to a person. A citizen's message loses its author first (and ids
that hold one), then every id; what stays is that a question was asked at that moment, how long it
was, and when it was answered. `docs/decisions.md` argues the ages.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord import settings
from klankbord.database import Access
from klankbord.errors import SettingsError
from klankbord.platforms.base import WINDOW_DAYS
from klankbord.privacy_rows import record, stream_tables
from klankbord.retention_files import old_files
from klankbord.retention_messages import strip_messages

#: an author is needed while a message may be read again, and its question is not closed
LEAST_AUTHOR_DAYS = 2 * WINDOW_DAYS


@dataclass(frozen=True, slots=True)
class Limits:
    """The first day of each kind that is kept."""

    author_on: date
    message_on: date
    text_on: date
    outcome_on: date
    quarantine_on: date
    file_on: date
    log_on: date

    @classmethod
    def at(cls, today: date) -> "Limits":
        """From the settings; raises SettingsError for ages that contradict each other."""
        ages = {
            name: settings.days(f"KLANKBORD_RETENTION_{name.upper()}_DAYS")
            for name in ("author", "message", "text", "outcome", "quarantine", "file", "log")
        }
        if not LEAST_AUTHOR_DAYS <= ages["author"] <= ages["message"]:
            raise SettingsError(
                f"KLANKBORD_RETENTION_AUTHOR_DAYS is {ages['author']}: give at least "
                f"{LEAST_AUTHOR_DAYS} days (messages are read again until then) and at most "
                f"KLANKBORD_RETENTION_MESSAGE_DAYS, which is {ages['message']}."
            )
        return cls(**{f"{name}_on": today - timedelta(days=age) for name, age in ages.items()})


def purge(access: Access, now: datetime, *, dry_run: bool = False) -> dict[str, int]:
    """Apply every age to the warehouse and the runtime folder; counts by what was done.

    Each step is a transaction of its own (messages: each account's) and leaves what any reader
    understands; a kill in between is mended by the next call. Twice changes nothing.
    """
    limits = Limits.at(now.astimezone(settings.LOCAL_ZONE).date())
    counts: dict[str, int] = {}
    connection = access.open("klankbord_loader")
    try:
        with connection, connection.cursor() as cursor:
            tables = list(stream_tables(cursor))
        for platform, stream, rules in tables:
            for path in sorted(rules.text):
                with connection.cursor() as cursor:
                    table = f"{platform}_{stream}"
                    _add(counts, f"texts of raw.{table}", _drop_text(cursor, table, path, limits))
                connection.rollback() if dry_run else connection.commit()
        for platform in sorted({platform for platform, _, _ in tables}):
            rules_of = {stream: rules for p, stream, rules in tables if p == platform}
            for what, count in strip_messages(
                connection, platform, rules_of, limits.author_on, limits.message_on, dry_run
            ):
                _add(counts, what, count)
        with connection.cursor() as cursor:
            for what, count in _old_rows(cursor, limits):
                _add(counts, what, count)
        connection.rollback() if dry_run else connection.commit()
        with connection.cursor() as cursor:
            for what, count in old_files(cursor, asdict(limits), now, dry_run):
                _add(counts, what, count)
        connection.rollback()  # it was asked, and wrote nothing
        if counts and not dry_run:
            with connection, connection.cursor() as cursor:
                record(cursor, "purge", now, counts, asked_by="retention")
    finally:
        connection.close()
    return counts


def _add(counts: dict[str, int], what: str, count: int) -> None:
    if count:
        counts[what] = counts.get(what, 0) + count


def _drop_text(cursor: Cursor, table: str, path: str, limits: Limits) -> int:
    """An own text under a plain path (`a.b`); connectors keep none inside lists."""
    cursor.execute(
        sql.SQL(
            "update {} set payload = payload #- %(path)s where scan_on < %(before)s"
            " and payload #> %(path)s is not null"
        ).format(sql.Identifier("raw", table)),
        {"path": path.split("."), "before": limits.text_on},
    )
    return cursor.rowcount


def _old_rows(cursor: Cursor, limits: Limits) -> Iterator[tuple[str, int]]:
    """Outcomes stay, because coverage is computed from them; what they say in words does not."""
    for what, statement, before in (
        (
            "details of raw.outcomes",
            "update raw.outcomes set detail = '' where scan_on < %s and detail <> ''",
            limits.outcome_on,
        ),
        (
            "names in raw.alarms",
            "update raw.alarms set acknowledged_by = null"
            " where acknowledged_at < %s and acknowledged_by is not null",
            limits.outcome_on,
        ),
        (
            "rows of raw.extractions",
            "delete from raw.extractions where scan_on < %s",
            limits.outcome_on,
        ),
        (
            "rows of quarantine.rows",
            "delete from quarantine.rows where quarantined_at < %s",
            limits.quarantine_on,
        ),
        (
            "rows of quarantine.verdicts",
            "delete from quarantine.verdicts where checked_at < %s",
            limits.outcome_on,
        ),
    ):
        cursor.execute(statement, [before])
        yield what, cursor.rowcount
