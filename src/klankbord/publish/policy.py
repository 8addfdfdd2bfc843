"""Reading published targets (M48) and maturity (M47) of an organisation, with the reader's role."""

from collections.abc import Sequence
from typing import Any

from psycopg2 import sql
from psycopg2.errors import UndefinedTable
from psycopg2.extras import RealDictCursor

from klankbord.database import Access
from klankbord.errors import KlankbordError

ROLE = "klankbord_reader"
Row = dict[str, Any]


class NotPublishedError(KlankbordError):
    """Nothing of what was asked is published; says what is."""


def targets(access: Access, organisation: str = "") -> list[Row]:
    """The targets of an organisation (its id or its name), or all of them."""
    table, order = "rpt_target_progress", ("organisation_id", "due_on", "target_id")
    if not organisation:
        return _read(access, table, order)
    chosen = _of(access, table, order, organisation)
    if not chosen:
        raise NotPublishedError(
            f"No target of {organisation!r} is published; targets are there of "
            f"{_listed(_read(access, table, order)) or 'nobody'}: write them into targets.csv of "
            "the register, then build."
        )
    return chosen


def maturity(access: Access, organisation: str, quarter: str = "") -> tuple[Row, list[Row]]:
    """An organisation's phase in a quarter (2026-Q3; the latest by default) and its evidence."""
    of_body = _of(access, "rpt_maturity_organisation", ("period_start",), organisation)
    bodies = {row["organisation_id"] for row in of_body}
    if not bodies:
        raise NotPublishedError(
            f"No phase of {organisation!r} is published: name an organisation by its name or id, "
            "such as be-municipality-11002."
        )
    if len(bodies) > 1:
        raise NotPublishedError(
            f"{organisation!r} is the name of {_listed(of_body)}: use one of these ids."
        )
    known = {_quarter(row): row for row in of_body}
    if quarter and quarter not in known:
        raise NotPublishedError(
            f"No phase is published for {quarter!r}: there is {', '.join(known)}."
        )
    chosen = known[quarter] if quarter else of_body[-1]
    key = {name: chosen[name] for name in ("organisation_id", "period_start")}
    evidence = _read(access, "rpt_maturity_evidence", ("phase", "rule_id"), key)
    return chosen | {"quarter": _quarter(chosen)}, evidence


def _quarter(row: Row) -> str:
    start = row["period_start"]
    return f"{start:%Y}-Q{(start.month + 2) // 3}"


def _of(access: Access, table: str, order: Sequence[str], organisation: str) -> list[Row]:
    """The rows of an organisation: by its id, which is an index's, else by its name."""
    return _read(access, table, order, {"organisation_id": organisation}) or _read(
        access, table, order, {"lower(organisation_name_nl)": organisation.lower()}
    )


def _listed(rows: Sequence[Row]) -> str:
    names = sorted({row["organisation_id"] for row in rows})
    return ", ".join(names[:10]) + (" …" if len(names) > 10 else "")


def _read(
    access: Access, table: str, order: Sequence[str], equal: dict[str, Any] | None = None
) -> list[Row]:
    equal = equal or {}
    # the keys are this module's own words
    conditions = [sql.SQL(f"{name} = %s") for name in equal]
    query = sql.SQL("select * from {} where {} order by {}").format(
        sql.Identifier("published", table),
        sql.SQL(" and ").join([sql.SQL("true"), *conditions]),
        sql.SQL(", ").join(map(sql.Identifier, order)),
    )
    with (
        access.connect(ROLE) as connection,
        connection.cursor(cursor_factory=RealDictCursor) as cursor,
    ):
        try:
            cursor.execute(query, list(equal.values()))
        except UndefinedTable as error:
            raise NotPublishedError(
                "Nothing is published yet: run `make demo`, or extract and `klankbord build`."
            ) from error
        return [dict(row) for row in cursor.fetchall()]
