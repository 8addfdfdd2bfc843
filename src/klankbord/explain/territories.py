"""What a figure on another year's map rests on: the figures of the bodies that the map has as one,
by the rule of its metric (territory_rules)."""

import math
from typing import Any

from klankbord.explain import arithmetic, reading
from klankbord.explain.figure_ids import FigureId

Row = dict[str, Any]
SHOWN = reading.SHOWN


def read(cursor: Any, wanted: FigureId) -> Row:
    """The territory's figure on the map of wanted.of (a day)."""
    key = {
        "territory_id": wanted.subject, "territory_on": reading.day(wanted.of),
        "platform": wanted.platform, "metric_id": wanted.metric_id,
        "definition_id": wanted.definition_id, "period": wanted.period,
    }  # fmt: skip
    if row := reading.row(cursor, wanted, "territory_metric", key):
        return row
    raise reading.absent(
        wanted, "maps have figures of bodies that merged, others keep theirs: `klankbord territory`"
    )


def explained(cursor: Any, wanted: FigureId, metric: Row, row: Row) -> Row:
    cursor.execute(
        "select f.organisation_id, f.value, f.numerator, f.denominator, f.n_cases, f.missing_reason"
        " from intermediate.int_territory as t inner join marts.fct_metric as f"
        " on t.organisation_id = f.organisation_id and t.as_of_on = f.as_of_on"
        " where t.territory_on = %s and t.territory_id = %s and f.platform = %s"
        " and f.metric_id = %s and f.definition_id = %s and f.period_kind = %s"
        " and f.period_start = %s order by f.organisation_id",
        [reading.day(wanted.of), wanted.subject, wanted.platform, wanted.metric_id,
         wanted.definition_id, reading.kind_of(wanted.period), reading.start_of(wanted.period)],
    )  # fmt: skip
    bodies = [dict(found) for found in cursor.fetchall()]
    cursor.execute(
        "select rule from staging.territory_rules where metric_id = %s", [wanted.metric_id]
    )
    rule = found["rule"] if (found := cursor.fetchone()) else "none"
    computed = together(rule, bodies, metric["scale"], row.get("inhabitants"))
    if wanted.metric_id == "M05" and row["numerator"] is not None:
        # followers of a part without inhabitants count: they stand in no figure of that part
        computed, source = row["value"], ""
        if all(body["numerator"] is not None for body in bodies):
            total = math.fsum(body["numerator"] for body in bodies)
            people = row["inhabitants"]
            computed, source = 100 * total / people if people else None, "its bodies"
    else:
        source = "its bodies"
    return {
        "notes": [f"Rule of {wanted.metric_id}: {rule}"],
        "branches": [{"title": "Bodies that the map has as one", "rows": [
            body | {"figure": str(FigureId(wanted.metric_id, wanted.platform,
                                           body["organisation_id"], wanted.period,
                                           wanted.definition_id))}
            for body in bodies
        ]}],
        "recomputed": {"value": computed} if source else None,
        "recomputed_from": source,
        "different": [] if arithmetic.is_same(row["value"], computed)
        else [f"value is published as {row['value']} and its bodies give {computed}"],
        "missing": [
            f"{body['organisation_id']}: {body['missing_reason']}" for body in bodies
            if body["value"] is None
        ],
    }  # fmt: skip


def together(rule: str, bodies: list[Row], scale: float, inhabitants: float | None) -> float | None:
    """One figure of all: any of them, a sum of rates or of counts, or a ratio of sums."""
    if rule == "any" and any(body["value"] == 1 for body in bodies):
        return 1.0
    silent = ("not_applicable", None)
    if rule == "none" or any(body["missing_reason"] not in silent for body in bodies):
        return None
    known = [body for body in bodies if body["value"] is not None]
    if rule in ("any", "count"):
        values = [body["value"] for body in known]
        return (max if rule == "any" else math.fsum)(values) if values else None
    top = math.fsum(body["numerator"] for body in bodies if body["numerator"] is not None)
    if rule == "rate":
        rates = [b["numerator"] / b["denominator"] for b in bodies if b["denominator"]]
        return math.fsum(rates) if rates else None
    bottom = (
        inhabitants if rule == "per_inhabitant"
        else math.fsum(b["denominator"] for b in bodies if b["denominator"] is not None)
    )  # fmt: skip
    has_any = any(body["numerator"] is not None for body in bodies)
    return scale * top / bottom if bottom and has_any else None
