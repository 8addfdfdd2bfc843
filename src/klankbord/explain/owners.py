"""What an owner's figure rests on: the posts of which the owner was told something, one by one."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = dict[str, Any]
KIND = "owner posts"
#: metric -> the metric whose parts it is made of
PARTS_OF = {"M37l": "M37"}
_SCALE = {"M13": 100, "M14": 1000, "M14i": 1000, "M37": 1, "M38": 100, "M38a": 100, "M38v": 100}


def posts(cursor: Any, account: Row, metric_id: str, start: Any) -> list[Row]:
    """The period's posts with their numerator and denominator; is_other_count: told by the count
    from the other side of a break only, so that the period has no figure."""
    cursor.execute(
        "select post_id, created_on, metric_basis, numerator, denominator, is_other_count,"
        " reading_source, observed_at from marts.fct_post_insight where account_id = %s"
        " and metric_id = %s and created_on between %s and %s order by created_on, post_id",
        [account["account_id"], PARTS_OF.get(metric_id, metric_id), start, account["period_end"]],
    )
    return [dict(row) for row in cursor.fetchall()]


def figure(metric_id: str) -> Callable[[Sequence[Mapping], Mapping], float | None]:
    """How a metric follows from such posts."""

    def compute(parts: Sequence[Mapping], facts: Mapping) -> float | None:
        if not parts or any(part["is_other_count"] for part in parts):
            return None
        if metric_id == "M37l":
            return min(part["numerator"] for part in parts)
        bottom = math.fsum(part["denominator"] for part in parts)
        top = math.fsum(part["numerator"] for part in parts)
        return _SCALE[metric_id] * top / bottom if bottom else None

    return compute


FIGURES = {name: (KIND, figure(name)) for name in (*_SCALE, *PARTS_OF)}
