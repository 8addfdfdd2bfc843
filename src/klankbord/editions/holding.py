"""A revision repeats the figures whose change would give single organisations away.

klankbord.publish.revisions says which blocks; here their rows are put back as they were published,
and the log says so.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from klankbord.editions import canonical
from klankbord.editions.spool import Spool
from klankbord.editions.store import Change, Table, frozen
from klankbord.publish.revisions import Block

#: the tables of groups that follow a family: their rows are its cases in other words
_FAMILY_OF_TABLE = {"group_response_time": "M26", "group_response_curve": "M26"}


def families(cursor: Any) -> dict[str, str]:
    """The family of every metric: what stands or falls together with it."""
    cursor.execute(
        "select m.metric_id, coalesce(f.family, m.base_metric_id) from marts.dim_metric as m"
        " left join staging.disclosure_families as f on m.base_metric_id = f.metric_id"
    )
    return dict(cursor.fetchall())


def repeated(
    before: Mapping[str, Table],
    now: Sequence[Table],
    blocks: Iterable[Block],
    family_of: Mapping[str, str],
) -> list[Table]:
    """The tables of groups, with the rows of `blocks` as they were in `before`."""
    held = {(block[0], block[1], block[2]) for block in blocks}
    if not held:
        return list(now)
    found = []
    for table in now:
        if table.table_name != "group_metric" and table.table_name not in _FAMILY_OF_TABLE:
            found.append(table)
            continue
        was = before[table.table_name]
        if was.header != table.header:
            raise HeaderChangedError(table.table_name)
        kept = ((text,) for text, hit in _judged(table, held, family_of) if not hit)
        old = ((text,) for text, hit in _judged(was, held, family_of) if hit)
        lines = Spool(chain(kept, old), 1)
        found.append(frozen(table.table_name, table.audience, table.header, table.types, lines))
    return found


class HeaderChangedError(Exception):
    """A table of groups has other columns than when its figures were published."""


def _judged(table: Table, held: set, family_of: Mapping[str, str]):
    for text, row in zip(table.lines, canonical.rows(table.header, table.lines), strict=True):
        family = _FAMILY_OF_TABLE.get(table.table_name) or family_of.get(row.get("metric_id", ""))
        yield text, (row["group_id"].partition("/")[0], row["platform"], family) in held


def logged(blocks: Mapping[Block, str], previous_id: str, told: Collection[Block]) -> list[Change]:
    """A line of the log for each block that stays as it was, or, where it was not `told` before,
    is left out."""
    return [
        Change(
            "public",
            "group_metric",
            canonical.dumps({"group_id": block[0], "platform": block[1], "family": block[2]}),
            None,
            None,
            "suppression",
            f"all groups of the type {_what_they_do(block, previous_id, told)}: {reason}",
        )
        for block, reason in sorted(blocks.items())
    ]


def _what_they_do(block: Block, previous_id: str, told: Collection[Block]) -> str:
    return f"repeat {previous_id}" if block in told else "are left out"
