"""What a share of posts (M40) rests on: the posts of each body of the same size class."""

import math
from typing import Any

from klankbord.explain import arithmetic, reading
from klankbord.explain.figure_ids import FigureId

Row = dict[str, Any]
SHOWN = ("value", "numerator", "denominator", "n", "n_members", "coverage", "access_tier",
         "status", "missing_reason", "definition_version", "is_synthetic")  # fmt: skip


def read(cursor: Any, wanted: FigureId) -> Row:
    """The body's share of its size class."""
    key = {"organisation_id": wanted.subject, "platform": wanted.platform, "period": wanted.period}
    if row := reading.row(cursor, wanted, "post_share", key):
        return row
    raise reading.absent(wanted, "a share is told of bodies with an account and a size class")


def explained(cursor: Any, wanted: FigureId, metric: Row, row: Row) -> Row:
    cursor.execute(
        "select f.organisation_id, f.value is not null as is_known, f.numerator as posts,"
        " f.missing_reason from marts.fct_metric as f"
        " inner join intermediate.int_group_members as m on f.organisation_id = m.organisation_id"
        " and f.as_of_on = m.as_of_on where m.group_id = %s and f.metric_id = 'M03'"
        " and f.definition_id = 'klankbord' and f.platform = %s and f.period_kind = %s"
        " and f.period_start = %s order by f.numerator desc nulls last, f.organisation_id",
        [row["group_id"], wanted.platform, reading.kind_of(wanted.period),
         reading.start_of(wanted.period)],
    )  # fmt: skip
    peers = [dict(found) for found in cursor.fetchall()]
    known = [peer for peer in peers if peer["is_known"]]
    total = math.fsum(peer["posts"] for peer in known)
    mine = [peer["posts"] for peer in known if peer["organisation_id"] == wanted.subject]
    computed = {
        "value": mine[0] / total if mine and total and row["missing_reason"] is None else None,
        "numerator": mine[0] if mine else None,
        "denominator": total if mine and row["denominator"] is not None else None,
        "n": len(known),
    }
    return {
        "notes": [f"Of {row['group_id']}"],
        "branches": [{"title": "Posts of its size class", "rows": [
            peer | {"figure": str(FigureId("M03", wanted.platform, peer["organisation_id"],
                                           wanted.period))}
            for peer in peers
        ]}],
        "recomputed": computed,
        "recomputed_from": "the posts of all",
        "different": [
            f"{name} is published as {row[name]} and the posts give {found}"
            for name, found in computed.items()
            if not arithmetic.is_same(row[name], found)
        ],
        "missing": [f"{len(peers) - len(known)} bodies with an account were not observed"]
        if len(known) < len(peers) else [],
    }  # fmt: skip
