"""What a body's benchmark index (M46) rests on: its components, the figures that each is made of
with their places among the peers, and its rank under each weighting.

Everything is computed again in Python: places from the peers' figures, the mean of the places, the
place of the mean, the geometric mean, the band. Each figure is named as `explain` takes it.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from klankbord.explain import arithmetic, reading
from klankbord.explain.figure_ids import BY_NAME, ExplainError, FigureId

Row = dict[str, Any]
#: the index has no platform; its name says so
PLATFORM = "all"
EXAMPLE = BY_NAME["index"].example
SHOWN = ("value", "rank_best", "rank_worst", "n", "n_members", "n_components", "access_tier",
         "status", "missing_reason", "is_synthetic")  # fmt: skip


def read(cursor: Any, wanted: FigureId) -> Row:
    """The index as it is published or as an edition has it; ExplainError when there is none."""
    if wanted.platform != PLATFORM:
        raise ExplainError(f"An index is over all platforms: write it as {EXAMPLE}.")
    key = {"organisation_id": wanted.subject, "period": wanted.period}
    if row := reading.row(cursor, wanted, "index", key):
        return row
    if wanted.edition:
        raise ExplainError(f"{wanted.edition} has no figure {wanted}.")
    raise ExplainError(
        f"No index of {wanted.subject} in {wanted.period} is published: it is made by quarter, of"
        " bodies that have a size class."
    )


def explained(cursor: Any, wanted: FigureId, metric: Row, row: Row) -> Row:
    """Components, figures and weightings of an index, and what does not follow from them."""
    cursor.execute(
        "select organisation_id, component, score, weight, mean_percentile, n_peers, platforms,"
        " missing_reason from marts.fct_index_component where group_id = %s and period_start = %s"
        " order by component_order, organisation_id",
        [row["group_id"], row["period_start"]],
    )
    peers = [dict(found) for found in cursor.fetchall()]
    cursor.execute(
        "select p.organisation_id, p.component, p.platform, p.metric_id, p.value, p.n_cases,"
        " p.percentile, p.n_peers, p.missing_reason, i.direction from marts.fct_index_part as p"
        " inner join staging.index_parts as i using (component, metric_id)"
        " where p.group_id = %s and p.period_start = %s order by p.component, p.metric_id,"
        " p.platform, p.organisation_id",
        [row["group_id"], row["period_start"]],
    )
    parts = [dict(found) for found in cursor.fetchall()]
    cursor.execute(
        "select weighting_id, value, rank_best, rank_worst, n from marts.fct_index_weighting"
        " where organisation_id = %s and period_start = %s order by rank_best, weighting_id",
        [wanted.subject, row["period_start"]],
    )
    weightings = [dict(found) for found in cursor.fetchall()]
    own = [c for c in peers if c["organisation_id"] == wanted.subject]
    mine = [p for p in parts if p["organisation_id"] == wanted.subject]
    if row["value"] is None:
        # of few, or of one that is no peer, a place is not told to anybody
        return {"branches": [], "recomputed": {"value": None}, "recomputed_from": "the reason",
                "different": [], "missing": [f"no index: {row['missing_reason']}"]}  # fmt: skip
    different = [*_places(mine, parts, own), *_scores(own, peers), *_band(row, weightings)]
    value = combined(own)
    if not arithmetic.is_same(row["value"], value):
        different.insert(0, f"value is published as {row['value']} and its components give {value}")
    return {
        "notes": [
            f"Between place {row['rank_best']} and place {row['rank_worst']} of {row['n']}, by the"
            " weights: a place among peers, and no judgement"
        ],
        "branches": [
            {"title": "Components", "rows": [_without(c, "organisation_id") for c in own]},
            {"title": "Figures, with their places", "rows": [
                _without(p, "organisation_id", "direction") | {"figure": _name(p, wanted)}
                for p in mine
            ]},
            {"title": "Under each weighting", "rows": weightings},
        ],
        "recomputed": {"value": value},
        "recomputed_from": "components",
        "different": different,
        "missing": [
            f"{c['component']}: {c['missing_reason']}" for c in own if c["score"] is None
        ],
    }  # fmt: skip


def combined(components: Sequence[Mapping[str, Any]]) -> float | None:
    """The weighted geometric mean of the components that have a score."""
    known = [c for c in components if c["score"] is not None and c["weight"] is not None]
    if not known:
        return None
    return 100 * math.exp(math.fsum(c["weight"] * math.log(c["score"] / 100) for c in known))


def _places(mine: list[Row], parts: list[Row], own: list[Row]) -> list[str]:
    """What the peers' figures say otherwise."""
    said = []
    columns: dict[tuple, list[Row]] = {}
    for part in parts:
        columns.setdefault((part["platform"], part["metric_id"]), []).append(part)
    for part in mine:
        if part["percentile"] is not None:
            column = columns[part["platform"], part["metric_id"]]
            sign = -1 if part["direction"] == "lower" else 1
            place = arithmetic.percentile(
                [sign * p["value"] for p in column if p["percentile"] is not None],
                sign * part["value"],
            )
            if not arithmetic.is_same(part["percentile"], place):
                said.append(
                    f"{part['platform']} {part['metric_id']}: the peers' figures give {place}"
                )
    for component in own:
        of = [p["percentile"] for p in mine if p["component"] == component["component"]]
        found = arithmetic.mean([place for place in of if place is not None])
        if not _is_near(component["mean_percentile"], found):
            said.append(f"{component['component']}: the mean of its places is {found}")
    return said


def _scores(own: list[Row], peers: list[Row]) -> list[str]:
    said = []
    for one in own:
        if one["score"] is not None:
            means = [p["mean_percentile"] for p in peers if p["component"] == one["component"]
                     and p["mean_percentile"] is not None]  # fmt: skip
            place = arithmetic.percentile(means, one["mean_percentile"])
            if not arithmetic.is_same(one["score"], place):
                said.append(f"{one['component']}: the peers' means give {place}")
    return said


def _band(row: Row, weightings: list[Row]) -> list[str]:
    if not weightings:
        return ["the warehouse has no weighting of this index any more"]
    best = min(w["rank_best"] for w in weightings)
    worst = max(w["rank_worst"] for w in weightings)
    if (best, worst) == (row["rank_best"], row["rank_worst"]):
        return []
    return [f"the band is published as {row['rank_best']} to {row['rank_worst']} and the"
            f" weightings give {best} to {worst}"]  # fmt: skip


def _is_near(said: float | None, found: float | None) -> bool:
    """A mean of places is kept to nine decimals."""
    if said is None or found is None:
        return said is found
    return math.isclose(said, found, abs_tol=1e-8)


def _name(part: Row, wanted: FigureId) -> str:
    """The figure to explain next; M32 is of the questions of M26."""
    metric = "M26" if part["metric_id"] == "M32" else part["metric_id"]
    return str(FigureId(metric, part["platform"], wanted.subject, wanted.period))


def _without(row: Row, *names: str) -> Row:
    return {name: cell for name, cell in row.items() if name not in names}
