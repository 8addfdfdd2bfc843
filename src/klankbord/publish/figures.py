"""Reading what is published, and how fresh it is."""

from dataclasses import dataclass, field
from datetime import date, datetime

from psycopg2 import sql
from psycopg2.errors import UndefinedTable
from psycopg2.extras import RealDictCursor

from klankbord import settings
from klankbord.database import Access
from klankbord.errors import KlankbordError
from klankbord.platforms.base import discover

COLUMNS = [
    "metric_id",
    "metric_name_en",
    "unit",
    "platform",
    "group_id",
    "group_kind",
    "period",
    "period_start",
    "value",
    "mean",
    "median",
    "q1",
    "q3",
    "pooled",
    "n",
    "n_members",
    "coverage",
    "access_tier",
    "status",
    "missing_reason",
    "definition_id",
    "definition_version",
    "parameters",
    "is_synthetic",
]


def read(
    access: Access,
    *,
    metrics: str = "",
    platform: str = "",
    group: str = "",
    period: str = "",
    definition: str = "klankbord",
) -> list[dict]:
    """Group figures that match; a filter that matches nothing at all is an error that lists what
    there is, and so are filters that nothing matches together. `metrics` may be several with
    commas; `group` matches an id or the ids below it; `period` is a month (2026-09) or a quarter
    (2026-Q3), the latest month by default. Figures under our own definitions; a vendor's with
    `definition`.
    """
    table = sql.Identifier("published", "rpt_group_metric")
    conditions, values = [sql.SQL("true")], []
    with (
        access.connect("klankbord_reader") as connection,
        connection.cursor(cursor_factory=RealDictCursor) as cursor,
    ):
        for column, wanted in (
            ("metric_id", metrics),
            ("platform", platform),
            ("group_id", group),
            ("period", period),
            ("definition_id", definition),
        ):
            known = _known(cursor, table, column)
            chosen = _choose(column, wanted, known)
            if chosen is not None:
                conditions.append(sql.SQL("{} = any(%s)").format(sql.Identifier(column)))
                values.append(chosen)
        cursor.execute(
            sql.SQL(
                "select {} from {} where {}"
                " order by metric_id, platform, group_id, period, definition_id"
            ).format(
                sql.SQL(", ").join(map(sql.Identifier, COLUMNS)),
                table,
                sql.SQL(" and ").join(conditions),
            ),
            values,
        )
        found = [dict(row) for row in cursor.fetchall()]
    if not found:
        filters = {
            "metric": metrics, "platform": platform, "group": group,
            "period": period or "the latest month", "definition": definition,
        }  # fmt: skip
        asked = ", ".join(f"{name} {value}" for name, value in filters.items() if value)
        raise KlankbordError(
            f"Each of these is published, but no figure has them all: {asked}. Leave one out to see"
            " what there is."
        )
    return found


def _known(cursor, table: sql.Identifier, column: str) -> list[str]:
    try:
        cursor.execute(
            sql.SQL("select distinct {} as v from {} order by 1").format(
                sql.Identifier(column), table
            )
        )
    except UndefinedTable as error:
        raise KlankbordError(
            "Nothing is published yet: run `make demo`, or extract and `klankbord build`."
        ) from error
    return [row["v"] for row in cursor.fetchall() if row["v"] is not None]


def _choose(column: str, wanted: str, known: list[str]) -> list[str] | None:
    """The values that a filter means; None when it does not restrict."""
    if not wanted:
        # quarters sort behind the months of their year
        return [p for p in known if "Q" not in p][-1:] if column == "period" else None
    label = column.removesuffix("_id")
    parts = [part.strip() for part in wanted.split(",")]
    if label == "group":
        chosen = [g for g in known if any(g == p or g.startswith(f"{p}/") for p in parts)]
    else:
        chosen = [p for p in parts if p in known]
    if not chosen or (label != "group" and len(chosen) < len(parts)):
        raise KlankbordError(
            f"No figure is published for {label} {wanted!r}: there is {', '.join(known[:40])}"
            f"{' …' if len(known) > 40 else ''}."
        )
    return chosen


@dataclass(slots=True)
class PlatformStatus:
    """A platform's collection: its last scan, and its accounts by how they ended."""

    platform: str
    registered: int
    scan_on: date | None = None
    complete: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    state: str = "late"


@dataclass(frozen=True, slots=True)
class Status:
    """What `klankbord status` shows."""

    platforms: list[PlatformStatus]
    published_at: datetime | None
    quarantined: int


def status(access: Access, today: date) -> Status:
    """Freshness of every platform with accounts: fresh (today, all complete), failing (today, some
    not), late (not scanned today), by hand (registered, and never asked)."""
    read = list(discover())
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select platform, count(*) from register.accounts where superseded_at is null"
            " and (valid_from is null or valid_from <= %s) and (valid_to is null or valid_to > %s)"
            # sandbox and real accounts never mix; what nobody asks is in both
            " and (is_synthetic = %s or platform <> all(%s)) group by 1 order by 1",
            [today, today, settings.is_sandbox(), read],
        )
        found = {name: PlatformStatus(name, n) for name, n in cursor.fetchall()}
        cursor.execute(
            "with last as (select platform, max(scan_on) as scan_on from raw.outcomes group by 1),"
            " streams as (select o.platform, o.scan_on, account_id, stream,"
            " bool_or(status = 'ok') as is_ok, (array_agg(reason order by attempted_at desc))[1]"
            " as reason from raw.outcomes as o inner join last using (platform, scan_on)"
            " group by 1, 2, 3, 4), accounts as (select platform, scan_on, account_id,"
            " min(reason) filter (where not is_ok) as reason from streams group by 1, 2, 3)"
            " select platform, scan_on, reason, count(*) from accounts group by 1, 2, 3 order by 3"
        )
        for name, scan_on, reason, count in cursor.fetchall():
            line = found.setdefault(name, PlatformStatus(name, 0))
            line.scan_on = scan_on
            if reason is None:
                line.complete = count
            else:
                line.reasons[reason] = count
        cursor.execute("select count(*) from quarantine.rows")
        quarantined = cursor.fetchone()[0]
    for line in found.values():
        if line.platform not in read:
            line.state = "by hand"
        elif line.scan_on == today:
            line.state = "fresh" if line.complete >= line.registered else "failing"
    return Status(list(found.values()), _published_at(access), quarantined)


def _published_at(access: Access) -> datetime | None:
    with access.connect("klankbord_reader") as connection, connection.cursor() as cursor:
        try:
            cursor.execute("select published_at from published.publication")
        except UndefinedTable:
            return None
        return cursor.fetchone()[0]
