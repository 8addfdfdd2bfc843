"""Whether a figure of an earlier public edition, told again of another group, says whose it is.

A median or quartile lies on one member's figure or between two. Told of two groups that share one
to four bodies it names them. Within one edition the models hide such pairs
(`marts.fct_coincident_cell`); here what was told before is laid beside what would be told now.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from klankbord.database import streamed

if TYPE_CHECKING:
    from klankbord.publish.revisions import Snapshot

#: dbt_project.yml: minimum_group_size
MINIMUM = 5
#: as fct_coincident_cell: the last digits differ with the order of adding
DECIMALS = 9

#: what is told (a row of fct_rare_place whose place is not hidden): fewer than five bodies have it
QUERY = """
select split_part(rare.group_id, '/', 1), rare.platform,
    coalesce(families.family, rare.metric_id), rare.quarter_start::text, rare.group_id,
    rare.metric_id, rare.definition_id, rare.period_kind, rare.period_start::text, rare.unit,
    rare.figure, rare.below, rare.above,
    array_to_string(rare.below_bodies, ' '), array_to_string(rare.above_bodies, ' ')
from marts.fct_rare_place as rare
left join marts.fct_coincident_cell as hidden
    using (group_id, platform, metric_id, definition_id, period_kind, period_start)
left join staging.disclosure_families as families on rare.metric_id = families.metric_id
where rare.quarter_start = %(quarter)s and not coalesce(
    case rare.part
        when 'middle' then hidden.is_middle_coincident
        when 'spread' then hidden.is_spread_coincident
        when 'tail' then hidden.is_tail_coincident
        -- a median goes with its interval
        when 'interval' then hidden.is_middle_coincident or hidden.is_interval_coincident
    end, false)
"""


class ToldFigure(NamedTuple):
    """A figure that is told of a group, and whose it is: below and above are the members' figures
    that it lies on or between, and names of those who have them stand with blanks between them."""

    type_group_id: str
    platform: str
    family: str
    quarter_start: str
    group_id: str
    metric_id: str
    definition_id: str
    layer_kind: str
    layer_start: str
    unit: str
    figure: float
    below: float
    above: float
    below_bodies: str
    above_bodies: str

    @property
    def block(self) -> tuple[str, str, str, str]:
        """The figures that are told or repeated together: klankbord.publish.revisions."""
        return self[:4]

    @property
    def layer(self) -> tuple[str, str, str, str, str]:
        """What the group's members add to the figure."""
        return self.metric_id, self.definition_id, self.layer_kind, self.layer_start, "value"

    @property
    def look(self) -> tuple:
        """What a reader compares, and what must be alike for the figure to be the same one's."""
        numbers = (round(n, DECIMALS) for n in (self.figure, self.below, self.above))
        return self.platform, self.unit, self.quarter_start, *numbers


def told(cursor: Any, quarter: date) -> Iterator[ToldFigure]:
    """What the warehouse would tell now of the quarter that begins on a day (role
    klankbord_publisher)."""
    for row in streamed(cursor, QUERY, {"quarter": quarter}):
        yield ToldFigure(*row)


def repeated(before: "Snapshot", after: "Snapshot") -> dict[tuple[str, str, str, str], str]:
    """The blocks of `after` with a figure that names somebody beside one of `before`, each with the
    reason."""
    known: dict[tuple, list[ToldFigure]] = defaultdict(list)
    for place in before.places:
        known[place.look].append(place)
    return {
        place.block: "a figure that was told of another group would say whose it is"
        for place in after.places
        if any(_names(other, before, place, after) for other in known.get(place.look, ()))
    }


def _names(one: ToldFigure, before: "Snapshot", other: ToldFigure, after: "Snapshot") -> bool:
    """Whether those whose figure it is on either side are among the few who are in both groups."""
    sides = ((one.below_bodies, other.below_bodies), (one.above_bodies, other.above_bodies))
    if not all(set(here.split()) & set(there.split()) for here, there in sides):
        return False
    return len(_members(one, before) & _members(other, after)) < MINIMUM


def _members(place: ToldFigure, snapshot: "Snapshot") -> set[str]:
    """Who of the group has a figure."""
    bodies = snapshot.amounts.get(place.block, {}).get(place.layer, {})
    return {
        name
        for name, (groups, _) in bodies.items()
        if place.group_id in (place.type_group_id, *groups)
    }
