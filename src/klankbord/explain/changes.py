"""What a change since the year before rests on: both figures, by name; of a group also its members,
who came and who went, and the steps that the change is made of."""

import math
from typing import Any

from klankbord.explain import arithmetic, reading
from klankbord.explain.figure_ids import ExplainError, FigureId

Row = dict[str, Any]
SHOWN = ("value", "n", "n_members", "before_n", "verdict", "coverage", "access_tier",
         "status", "missing_reason", "definition_version", "is_synthetic")  # fmt: skip
#: the parts that a group's change is the sum of
PARTS = ("real_change", "composition_change", "merger_change", "definition_change")


def read(cursor: Any, wanted: FigureId) -> Row:
    """The change as `value`; the figure of the period itself as `now`."""
    before, now = reading.start_of(wanted.of), reading.start_of(wanted.period)
    if before != now.replace(year=now.year - 1) or (
        reading.kind_of(wanted.of) != reading.kind_of(wanted.period)
    ):
        raise ExplainError(
            f"{wanted}: a change is told since the same period of the year before, and"
            f" {wanted.of} is not that of {wanted.period}."
        )
    key = {
        "metric_id": wanted.metric_id, "platform": wanted.platform, "period": wanted.period,
    }  # fmt: skip
    for part, subject in (("change", "organisation_id"), ("owner_change", "organisation_id"),
                          ("group_change", "group_id")):  # fmt: skip
        if row := reading.row(cursor, wanted, part, {subject: wanted.subject} | key):
            return row | {
                "now": row["value"], "value": row["change"], "subject_kind": f"change, {subject}",
                "missing_reason": row.get("change_kind") if row["change"] is None else None,
            }  # fmt: skip
    raise reading.absent(
        wanted, "a change is told where a figure was there a year ago, and of groups of five"
    )


def explained(cursor: Any, wanted: FigureId, metric: Row, row: Row) -> Row:
    explain = _group if "group_id" in row else _body
    return explain(cursor, wanted, metric, row)


def _name(wanted: FigureId, subject: str, period: str) -> str:
    return str(FigureId(wanted.metric_id, wanted.platform, subject, period, edition=wanted.edition))


def _body(cursor: Any, wanted: FigureId, metric: Row, row: Row) -> Row:
    cursor.execute(
        "select value, lower, upper, numerator, denominator, n_cases, missing_reason, before_value,"
        " before_lower, before_upper, before_numerator, before_denominator, before_n_cases,"
        " before_missing_reason, is_merged, change_kind from marts.fct_change"
        " where organisation_id = %s and platform = %s and metric_id = %s and period_kind = %s"
        " and period_start = %s",
        [wanted.subject, wanted.platform, wanted.metric_id, reading.kind_of(wanted.period),
         reading.start_of(wanted.period)],
    )  # fmt: skip
    if (found := cursor.fetchone()) is None:
        raise reading.absent(wanted, "the warehouse has this change no more: rebuild the edition")
    sides = [
        {"period": wanted.of} | {k.removeprefix("before_"): v for k, v in found.items()
                                 if k.startswith("before_")},
        {"period": wanted.period} | {k: v for k, v in found.items() if not k.startswith("before_")
                                     and k not in ("is_merged", "change_kind")},
    ]  # fmt: skip
    before = _before_name(wanted, found["is_merged"])
    sides[0]["figure"], sides[1]["figure"] = before, _name(wanted, wanted.subject, wanted.period)
    computed, low, high = difference(sides[1], sides[0])
    if found["change_kind"] not in ("real", "merger"):
        computed = low = high = None
    different = []
    for name, said, mine in (("change", row["value"], computed),
                             ("now", row["now"], sides[1]["value"]),
                             ("before", row["before_value"], sides[0]["value"])):  # fmt: skip
        if not arithmetic.is_same(said, mine):
            different.append(f"{name} is published as {said} and both figures give {mine}")
    for name, said, mine in (("lower", row["change_lower"], low),
                             ("upper", row["change_upper"], high)):  # fmt: skip
        if said is not None and not arithmetic.is_same(said, mine):
            different.append(f"{name} is published as {said} and both intervals give {mine}")
    return {
        "notes": [row["reason_en"]],
        "branches": [{"title": "Both figures", "rows": sides}],
        "recomputed": {"value": computed, "lower": low, "upper": high},
        "recomputed_from": "both figures",
        "different": different,
        "missing": [
            f"{side['period']}: {side['missing_reason']}" for side in sides if side["value"] is None
        ],
    }


def _before_name(wanted: FigureId, is_merged: bool) -> str:
    """Of parts that merged since, the year before is told on the map in force now."""
    if is_merged:
        return f"{wanted.subject} did not exist then: its parts, told as one"
    return _name(wanted, wanted.subject, wanted.of)


def difference(now: Row, before: Row) -> tuple[float | None, float | None, float | None]:
    """The difference and its interval from both intervals (MOVER): each side errs by itself."""
    if now["value"] is None or before["value"] is None:
        return None, None, None
    change = now["value"] - before["value"]
    low = high = None
    if now["lower"] is not None and before["upper"] is not None:
        low = change - math.hypot(now["value"] - now["lower"], before["upper"] - before["value"])
    if now["upper"] is not None and before["lower"] is not None:
        high = change + math.hypot(now["upper"] - now["value"], before["value"] - before["lower"])
    return change, low, high


def _group(cursor: Any, wanted: FigureId, metric: Row, row: Row) -> Row:
    cursor.execute(
        "select m.organisation_id, m.was_in, m.is_in, c.change_kind, c.before_value as before,"
        " c.value as now, c.change, c.numerator, c.denominator, c.before_numerator,"
        " c.before_denominator from marts.fct_change_member as m"
        " inner join marts.fct_change as c using (organisation_id, platform, metric_id,"
        " period_kind, period_start) where m.group_id = %s and m.platform = %s"
        " and m.metric_id = %s and m.period_kind = %s and m.period_start = %s"
        " order by m.organisation_id",
        [wanted.subject, wanted.platform, metric["base_metric_id"],
         reading.kind_of(wanted.period), reading.start_of(wanted.period)],
    )  # fmt: skip
    members = [dict(found) for found in cursor.fetchall()]
    steps = scenarios(members, metric)
    real = _minus(steps["now_compared"], steps["before_compared"])
    computed = {"now": steps["now"], "real_change": real, "value": row["value"]}
    different = [
        f"{name} is published as {row[name]} and its members give {computed[name]}"
        for name in ("now", "real_change")
        if not arithmetic.is_same(row[name], computed[name])
    ]
    total = math.fsum(row[name] or 0.0 for name in PARTS)
    if row["value"] is not None and not math.isclose(total, row["value"], abs_tol=1e-9):
        different.append(f"the four parts add up to {total} and {row['value']} is published")
    if not arithmetic.is_same(row["value"], _minus(row["now"], row["before_value"])):
        different.append(f"{row['now']} less {row['before_value']} is not {row['value']}")
    return {
        "branches": [
            {"title": "Its parts", "rows": [{name: row[name] for name in PARTS}]},
            {"title": "Members", "rows": [
                {k: v for k, v in m.items() if not k.endswith("nominator")
                 and not k.endswith("numerator")}
                | {"figure": str(FigureId(metric["base_metric_id"], wanted.platform,
                                          m["organisation_id"], wanted.period, of=wanted.of,
                                          kind="change"))}
                for m in members
            ]},
        ],
        "recomputed": computed,
        "recomputed_from": "its members",
        "different": different,
        "missing": [],
    }  # fmt: skip


def _minus(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before


def scenarios(members: list[Row], metric: Row) -> dict[str, float | None]:
    """The group's figure of now, and of those that can be compared, now and before."""
    both = [m for m in members if m["is_in"] and m["was_in"] and m["change"] is not None]
    sides = {"now": ([m for m in members if m["is_in"]], ""), "now_compared": (both, ""),
             "before_compared": (both, "before_")}  # fmt: skip
    found = {}
    for name, (chosen, side) in sides.items():
        parts = [
            {"value": m["before" if side else "now"], "numerator": m[f"{side}numerator"],
             "denominator": m[f"{side}denominator"]}
            for m in chosen
        ]  # fmt: skip
        found[name] = arithmetic.of_group(parts, metric["scale"], metric["headline"])["value"]
    return found
