"""What a group's figure rests on: its members, those with a figure and those without, and why."""

from typing import Any

from psycopg2 import sql

from klankbord.editions import rounding
from klankbord.explain import arithmetic
from klankbord.explain.figure_ids import ExplainError, FigureId

Row = dict[str, Any]
#: what is compared, and shown only where it is published
COMPARED = ("value", "n", "n_members", "mean", "median", "q1", "q3", "pooled")


#: where members stand, of a published group and of a set of peers
_MEMBERS = {
    False: sql.Identifier("marts", "dim_group_member"),
    True: sql.Identifier("intermediate", "int_peer_members"),
}


def members(
    cursor: Any, wanted: FigureId, metric: Row, period_start: Any, is_peer_set: bool = False
) -> list[Row]:
    """Every member on the group's day: value, numerator, denominator, cases; or why not."""
    kind = "quarter" if "Q" in wanted.period else "month"
    cursor.execute(
        "select last_on from intermediate.int_metric_periods where metric_id = %s"
        " and platform = %s and period_kind = %s and period_start = %s",
        [wanted.metric_id, wanted.platform, kind, period_start],
    )
    if (row := cursor.fetchone()) is None:
        raise ExplainError(
            f"The warehouse has no {wanted.period} of {wanted.platform} any more: rebuild the"
            f" edition (`klankbord edition rebuild {wanted.edition or '2026-Q3.1'}`)."
        )
    query = sql.SQL(
        "select m.organisation_id, o.name_nl as name, f.value, f.numerator, f.denominator,"
        " g.n_cases, g.coverage, g.missing_reason, g.value is not null as is_late"
        " from {} as m"
        " inner join marts.dim_organisation as o using (organisation_id, as_of_on)"
        " left join marts.fct_member_figure as f on f.organisation_id = m.organisation_id"
        " and f.platform = %(platform)s and f.metric_id = %(metric)s"
        " and f.definition_id = %(definition)s and f.period_kind = %(kind)s"
        " and f.period_start = %(start)s"
        " left join marts.fct_metric as g on g.organisation_id = m.organisation_id"
        " and g.platform = %(platform)s and g.metric_id = %(metric)s"
        " and g.definition_id = %(definition)s and g.period_kind = %(kind)s"
        " and g.period_start = %(start)s"
        " where m.group_id = %(group)s and m.as_of_on = %(day)s order by m.organisation_id"
    )
    cursor.execute(
        query.format(_MEMBERS[is_peer_set]),
        {
            "platform": wanted.platform, "metric": metric["base_metric_id"],
            "definition": wanted.definition_id, "kind": kind, "start": period_start,
            "group": wanted.subject, "day": row["last_on"],
        },
    )  # fmt: skip
    return [_member(dict(found)) for found in cursor.fetchall()]


def _member(row: Row) -> Row:
    is_late = row.pop("is_late")
    if row["value"] is not None:
        row["missing_reason"] = None
    elif is_late:
        row["missing_reason"] = "not_seen_in_last_month"
    elif row["missing_reason"] is None:
        row["missing_reason"] = "no_account"
    return row


def check(
    figure: Row, metric: Row, found: list[Row], is_frozen: bool = False
) -> tuple[Row, list[str]]:
    """The figure from its members, and a sentence for each number that is not the same. is_frozen:
    of an edition, which rounds."""
    computed = arithmetic.of_group(found, metric["scale"], metric["headline"])
    if is_frozen:
        computed = rounding.rounded(computed, figure["unit"])
    different = []
    for name in COMPARED:
        if name not in figure or (figure[name] is None and name != "value"):
            continue  # an empty statistic is not published: too few members, or a difference
        if not arithmetic.is_same(figure[name], computed[name]):
            different.append(
                f"{name} is published as {figure[name]} and its members give {computed[name]}"
            )
    return dict(computed), different
