"""Which revisions of public group figures would tell what single organisations changed.

Two editions of one figure can be subtracted, like two groups. So what a public edition said of a
block (a type's groups on a platform, a family of metrics, a quarter and its months) is said anew
only as a whole, with the same groups and figures hidden, and where in each sum that can be computed
nobody or at least five organisations changed and none of them dominates the change; and where no
figure was told before of another group with which it would name a body (`recognition`). Otherwise
the block stays as it was first published, and the log of revisions says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from sys import intern
from typing import Any

from klankbord.database import streamed
from klankbord.publish import recognition
from klankbord.publish.recognition import ToldFigure

#: dbt_project.yml: minimum_group_size, dominance_share, protection_share
MINIMUM, DOMINANCE, PROTECTION = 5, 0.5, 0.1

#: type_group_id, platform, family, quarter_start (ISO)
Block = tuple[str, str, str, str]
#: metric_id, definition_id, period_kind, period_start (ISO), measure
Layer = tuple[str, str, str, str, str]
#: region, province and size group of a body, each may be None
Place = tuple[str | None, str | None, str | None]

QUERY = """
with places as (
    select organisation_id, as_of_on,
        max(group_id) filter (where group_kind = 'type') as type_group,
        max(group_id) filter (where group_kind = 'region') as region_group,
        max(group_id) filter (where group_kind = 'province') as province_group,
        max(group_id) filter (where group_kind = 'size_class') as size_group
    from intermediate.int_group_members group by organisation_id, as_of_on
)
select type_group, platform, family, quarter_start::text, metric_id, definition_id, period_kind,
    period_start::text, measure, organisation_id, region_group, province_group, size_group, amount
from marts.fct_contribution inner join places using (organisation_id, as_of_on)
where not is_public and quarter_start = %(quarter)s
"""
#: what is not told of a group that is shown: places that would name members
PLACES = """
select cells.group_id, cells.platform, coalesce(families.family, cells.metric_id),
    date_trunc('quarter', cells.period_start)::date::text,
    concat_ws(' ', cells.group_id, cells.metric_id, cells.definition_id, cells.period_kind,
        cells.period_start, case when is_middle_coincident then 'middle' end,
        case when is_spread_coincident then 'spread' end,
        case when is_tail_coincident then 'tail' end,
        case when is_interval_coincident then 'interval' end)
from marts.fct_coincident_cell as cells
left join staging.disclosure_families as families using (metric_id)
where date_trunc('quarter', cells.period_start)::date = %(quarter)s
"""
HIDDEN = """
select distinct type_group_id, platform, family, quarter_start::text, group_id
from marts.fct_hidden_group where quarter_start = %(quarter)s
"""


@dataclass(slots=True)
class Snapshot:
    """What a public edition rests on: kept with it, never published.

    amounts: of each block's layers, each body's place and what it adds. hidden: the groups that a
    block hides, and what it does not tell of the others (a group, a figure's key and its parts).
    places: what it tells that is fewer than five bodies' own."""

    amounts: dict[Block, dict[Layer, dict[str, tuple[Place, float]]]] = field(default_factory=dict)
    hidden: dict[Block, frozenset[str]] = field(default_factory=dict)
    places: list[ToldFigure] = field(default_factory=list)
    _once: dict[Place, Place] = field(default_factory=dict, repr=False, compare=False)

    def add(self, block: Block, layer: Layer, body: str, place: Place, amount: float) -> None:
        """What a body adds to a layer. A quarter has hundreds of thousands of these and few names:
        each is kept once."""
        where = self._once.setdefault(place, place)
        bodies = self.amounts.setdefault(block, {}).setdefault(layer, {})
        bodies[intern(body)] = (where, amount)


def snapshot(cursor: Any, quarter: date) -> Snapshot:
    """What the warehouse would publish now of the quarter that begins on a day (role
    klankbord_publisher)."""
    taken, values = Snapshot(), {"quarter": quarter}
    for row in streamed(cursor, QUERY, values):
        taken.add(tuple(row[:4]), tuple(row[4:9]), row[9], tuple(row[10:13]), row[13])
    cursor.execute(HIDDEN, values)
    hidden = defaultdict(set)
    for *block, group_id in cursor:
        hidden[tuple(block)].add(group_id)
    cursor.execute(PLACES, values)
    for group_id, *block, place in cursor:
        hidden[group_id.partition("/")[0], *block].add(place)
    taken.hidden = {block: frozenset(groups) for block, groups in hidden.items()}
    taken.places = list(recognition.told(cursor, quarter))
    return taken


def held_back(before: Snapshot, after: Snapshot) -> dict[Block, str]:
    """The blocks that an edition must repeat as they were, each with the reason; one that was not
    there yet is not told."""
    return recognition.repeated(before, after) | {
        block: reason
        for block in sorted(before.amounts.keys())
        if (reason := _reason(block, before, after)) is not None
    }


def _reason(block: Block, before: Snapshot, after: Snapshot) -> str | None:
    hidden = before.hidden.get(block, frozenset())
    earlier, later = before.amounts[block], after.amounts.get(block, {})
    # also of the same figures, which another version of the rules might hide otherwise
    if after.hidden.get(block, frozenset()) != hidden:
        return "other groups or figures would be hidden than were"
    for layer in sorted(earlier.keys() | later.keys()):
        moved = list(_changes(earlier.get(layer, {}), later.get(layer, {})))
        nodes = [
            (_area(block, place, hidden), _size(block, place, hidden), c) for place, c in moved
        ]
        if any(map(_tells, _sums(nodes))) or _is_cut(nodes):
            return "fewer than five organisations changed, or one of them most of all"
    return None


def _changes(
    earlier: dict[str, tuple[Place, float]], later: dict[str, tuple[Place, float]]
) -> Iterator[tuple[Place, float]]:
    """Where how much was changed by one body each; one that moved leaves and joins."""
    for name in sorted(earlier.keys() | later.keys()):
        was, now = earlier.get(name), later.get(name)
        if was == now:
            continue
        if was and now and was[0] == now[0]:
            yield now[0], abs(now[1] - was[1])
        else:
            yield from ((place, abs(amount)) for place, amount in filter(None, (was, now)))


def _area(block: Block, place: Place, hidden: frozenset[str]) -> str:
    region, province, _ = place
    return next((g for g in (province, region) if g and g not in hidden), block[0])


def _size(block: Block, place: Place, hidden: frozenset[str]) -> str:
    size = place[2]
    return size if size and size not in hidden else block[0]


def _sums(nodes: Iterable[tuple[str, str, float]]) -> Iterable[list[float]]:
    """The changes in each sum that follows from the groups of a tree."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for area, size, change in nodes:
        found["area", area].append(change)
        found["size", size].append(change)
    return found.values()


def _tells(changes: list[float]) -> bool:
    if len(changes) < MINIMUM:
        return True
    first, second = sorted(changes, reverse=True)[:2]
    total = sum(changes)
    return first > DOMINANCE * total or total - first - second < PROTECTION * first


def _is_cut(nodes: list[tuple[str, str, float]]) -> bool:
    """Whether areas and sizes together single out fewer than five that changed."""
    sizes = sorted({size for _, size, _ in nodes})
    for mask in range(1, 2 ** len(sizes) - 1):
        chosen = {size for i, size in enumerate(sizes) if mask >> i & 1}
        sides: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for area, size, _ in nodes:
            sides[area][size in chosen] += 1
        if 0 < sum(map(min, sides.values())) < MINIMUM:
            return True
    return False
