"""What a target's progress (M48) rests on: its figure, month by month, and the start."""

from datetime import timedelta
from typing import Any

from klankbord.explain import arithmetic, reading
from klankbord.explain.figure_ids import FigureId

Row = dict[str, Any]
SHOWN = ("value", "unit", "target_value", "direction", "progress", "expected_progress", "n_cases",
         "access_tier", "status", "missing_reason", "definition_version",
         "is_synthetic")  # fmt: skip


def read(cursor: Any, wanted: FigureId) -> Row:
    """The target as it stands; a target has no period: it stands where its last figure stands."""
    key = {"target_id": wanted.subject}
    if row := reading.row(cursor, wanted, "target_progress", key):
        return row
    cursor.execute("select target_id from published.rpt_target_progress order by 1 limit 4")
    known = ", ".join(found["target_id"] for found in cursor.fetchall()) or "none"
    raise reading.absent(wanted, f"targets are named by their id, as {known}")


def explained(cursor: Any, wanted: FigureId, metric: Row, row: Row) -> Row:
    cursor.execute(
        "select to_char(period_start, 'YYYY-MM') as period, as_of_on, figure, baseline_figure,"
        " value, n_months, n_cases, missing_reason, figure_status from marts.fct_target_value"
        " where target_id = %s order by period_start",
        [wanted.subject],
    )
    points = [dict(found) for found in cursor.fetchall()]
    latest = [p for p in points if p["as_of_on"] <= row["due_on"]][-1:]
    last = latest[0] if latest else None
    figure = last["figure"] if last else None
    value = figure if row["kind"] != "growth" else _growth(figure, row["baseline_figure"])
    computed = {
        "value": value if row["missing_reason"] is None else None,
        **_progress(row, last),
    }
    different = [
        f"{name} is published as {row[name]} and its points give {computed[name]}"
        for name in ("value", "progress", "expected_progress")
        if not arithmetic.is_same(row[name], computed[name])
    ]
    said = status(row)
    if said != row["status"]:
        different.append(f"{row['status']} is published and its numbers say {said}")
    return {
        "notes": [
            f"{row['direction']} {row['target_value']:g} {row['unit']} from {row['baseline_on']}"
            f" to {row['due_on']}, {row['segment']} by {row['denominator']}"
        ],
        "branches": [{"title": "Its figure, month by month", "rows": [
            p | {"figures": _names(row, p["period"])} for p in points
        ]}],
        "recomputed": computed,
        "recomputed_from": "its points",
        "different": different,
        "missing": [
            f"{name.removesuffix('_missing_reason').replace('missing_reason', 'value')}:"
            f" {row[name]}"
            for name in ("missing_reason", "progress_missing_reason", "forecast_missing_reason")
            if row[name]
        ],
    }  # fmt: skip


def _growth(figure: float | None, baseline: float | None) -> float | None:
    return None if figure is None or not baseline else 100 * (figure - baseline) / baseline


def _progress(row: Row, last: Row | None) -> Row:
    """How far along it is, and how far a straight line would be."""
    value, start, target = row["value"], row["baseline_value"], row["target_value"]
    sign = 1 if row["direction"] == "at_least" else -1
    has_way = value is not None and start is not None and sign * (target - start) > 0
    days: timedelta = row["due_on"] - row["baseline_on"]
    gone = (row["as_of_on"] - row["baseline_on"]) / days if value is not None and last else None
    return {
        "progress": (value - start) / (target - start) if has_way else None,
        "expected_progress": None if gone is None else min(1.0, max(0.0, gone)),
    }


def status(row: Row) -> str:
    """What the published numbers say of the target."""
    if row["value"] is None:
        return "no_value"
    sign = 1 if row["direction"] == "at_least" else -1
    if sign * (row["value"] - row["target_value"]) >= 0:
        return "reached"
    if row["forecast_missing_reason"] == "due":
        return "missed"
    if row["baseline_value"] is None:
        return "not_judged"
    if row["progress"] is not None and row["progress"] >= row["expected_progress"]:
        return "on_track"
    return "behind"


def _names(row: Row, period: str) -> str:
    """The month's figure, where the metric is one of a month and a platform."""
    if not row["platform"] or row["metric_id"] in ("M34", "M39"):
        return ""
    return str(FigureId(row["metric_id"], row["platform"], row["organisation_id"], period))
