"""Reading what is published, as an edition freezes it."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from psycopg2 import sql

from klankbord.database import streamed
from klankbord.editions import canonical, rounding
from klankbord.editions.contents import LEFT_OUT, PARTS, Part
from klankbord.editions.model import EditionError, Quarter
from klankbord.editions.spool import Spool
from klankbord.editions.store import Table, frozen


def closed_on(cursor: Any, quarter: Quarter):
    """The first day of a scan that sees every window of the quarter closed."""
    cursor.execute("select max(closing_days) from staging.metrics where is_computed")
    return quarter.end + timedelta(days=cursor.fetchone()[0] + 1)


def check(cursor: Any, quarter: Quarter) -> None:
    """The published figures are there, complete, and those of the last build."""
    cursor.execute(
        "select table_name from information_schema.tables where table_schema = 'published'"
    )
    found = {name for (name,) in cursor.fetchall()}
    if "publication" not in found:
        raise EditionError("Nothing is published yet: extract, then `klankbord build`.")
    wanted = {part.source for part in PARTS}
    if missing := sorted(wanted - found):
        raise EditionError(
            f"{', '.join(missing)} is not published: run `klankbord build` with this version."
        )
    if unknown := sorted(found - wanted - LEFT_OUT):
        raise EditionError(
            f"{', '.join(unknown)} is published and stands in no edition: say for whom it is in"
            " src/klankbord/editions/contents.py."
        )
    cursor.execute(
        "select distinct period from published.rpt_group_metric where period_kind = 'quarter'"
        " order by 1"
    )
    known = [name for (name,) in cursor.fetchall()]
    if quarter.name not in known:
        raise EditionError(
            f"No figure of {quarter.name} is published: there is {', '.join(known) or 'none'}."
        )
    for table in ("rpt_group_metric", "rpt_organisation_metric"):
        cursor.execute(
            sql.SQL(
                "with now as (select * from reporting.{0} where period_start between %(first)s"
                " and %(last)s), before as (select * from published.{0}"
                " where period_start between %(first)s and %(last)s)"
                # what is settled was not built again: reporting has no rows of it
                " select count(*) from ((table now except table before) union all"
                " (select * from before where (platform, period_start) in"
                " (select platform, period_start from now) except table now)) as d"
            ).format(sql.Identifier(table)),
            {"first": quarter.start, "last": quarter.end},
        )
        if cursor.fetchone()[0]:
            raise EditionError(
                f"{table} was built anew and not published: a build is under way, or gate 2 said"
                " no; publish, then make the edition."
            )


def freeze(cursor: Any, part: Part, quarter: Quarter, closed: Any) -> Table:
    """A part of an edition with its lines."""
    cursor.execute(
        "select column_name, udt_name from information_schema.columns"
        " where table_schema = 'published' and table_name = %s order by ordinal_position",
        [part.source],
    )
    columns = [
        (name, kind)
        for name, kind in cursor.fetchall()
        if (not part.only or name in part.only) and name not in part.without
    ]
    names = [name for name, _ in columns]
    rows = streamed(
        cursor,
        sql.SQL("select {distinct} {columns} from {table} as t where {where}").format(
            distinct=sql.SQL("distinct" if part.distinct else ""),
            columns=sql.SQL(", ").join(sql.Identifier("t", name) for name in names),
            table=sql.Identifier("published", part.source),
            where=sql.SQL(part.where),
        ),
        {"first": quarter.start, "last": quarter.end, "closed": closed},
    )
    if part.is_rounded:
        figures = (dict(zip(names, row, strict=True)) for row in rows)
        rows = (tuple(rounding.rounded(row, row["unit"]).values()) for row in figures)
    if part.distinct:
        # platforms scanned to different days may know a body differently: always the same one
        by_key = {}
        for row in sorted(rows, key=canonical.line):
            by_key.setdefault(tuple(row[names.index(column)] for column in part.key), row)
        rows = iter(by_key.values())
    return table_of(part, names, [kind for _, kind in columns], rows)


def table_of(
    part: Part, names: Sequence[str], types: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Table:
    """Rows as a frozen table; two rows of one key are refused."""
    places = [names.index(column) for column in part.key]
    spool = Spool(
        ((canonical.line(row), canonical.line(row[place] for place in places)) for row in rows), 2
    )
    if doubles := len(spool) - spool.distinct(1):
        raise EditionError(
            f"{part.source}: {doubles} rows of the edition's table {part.name} share"
            f" {', '.join(part.key)} with another: the build is wrong."
        )
    return frozen(part.name, part.audience, ",".join(names), ",".join(types), spool)
