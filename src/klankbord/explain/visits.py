"""What visits to a website (M39, M39g) rest on: the days that were measured, by network."""

from typing import Any

from klankbord.explain import arithmetic, reading
from klankbord.explain.figure_ids import FigureId

Row = dict[str, Any]
SHOWN = ("value", "unit", "numerator", "denominator", "n_cases", "coverage", "access_tier",
         "status", "missing_reason", "definition_version", "parameters",
         "is_synthetic")  # fmt: skip
GROWTH = "M39g"


def read(cursor: Any, wanted: FigureId) -> Row:
    """The visits of a body's period from a network; `platform` of the name is the network."""
    key = {
        "organisation_id": wanted.subject, "metric_id": wanted.metric_id,
        "network": wanted.platform, "period": wanted.period,
    }  # fmt: skip
    if row := reading.row(cursor, wanted, "web_visits", key):
        return row
    raise reading.absent(wanted, "visits are told of websites that are measured; all networks: all")


def explained(cursor: Any, wanted: FigureId, metric: Row, row: Row) -> Row:
    cursor.execute(
        "select network, visits, visits_compared, visits_before, measured_days, compared_days,"
        " period_days, last_on from marts.fct_web_period where organisation_id = %s"
        " and period_kind = %s and period_start = %s order by network",
        [wanted.subject, reading.kind_of(wanted.period), reading.start_of(wanted.period)],
    )
    networks = [dict(found) for found in cursor.fetchall()]
    cursor.execute(
        "select visited_on, network, visits, is_final from marts.fct_web_visits"
        " where organisation_id = %s and visited_on >= %s and visited_on <= %s"
        " and (%s = 'all' or network = %s) order by visited_on, network",
        [wanted.subject, reading.start_of(wanted.period),
         max((n["last_on"] for n in networks), default=reading.start_of(wanted.period)),
         wanted.platform, wanted.platform],
    )  # fmt: skip
    days = [dict(found) for found in cursor.fetchall()]
    mine = [n for n in networks if n["network"] == wanted.platform]
    value, source = None, "the reason"
    if row["value"] is not None and wanted.metric_id != GROWTH:
        value, source = float(sum(day["visits"] for day in days)), "the days"
    elif row["value"] is not None and mine and mine[0]["visits_before"]:
        before = mine[0]["visits_before"]
        value, source = 100 * (mine[0]["visits_compared"] - before) / before, "days of both years"
    return {
        "branches": [{"title": "By network", "rows": networks}, {"title": "Days", "rows": days}],
        "recomputed": {"value": value},
        "recomputed_from": source,
        "different": [] if arithmetic.is_same(row["value"], value)
        else [f"value is published as {row['value']} and {source} give {value}"],
        "missing": [f"no figure: {row['missing_reason']}"] if row["missing_reason"] else [],
    }  # fmt: skip
