"""The project's register, or a part of it that is large enough to compare with and small enough to
be built often: most of a build's time goes by the bodies that are compared, with accounts or not.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cache

from klankbord import register, settings

#: of each country and type, beside the bodies that a test asks for: groups that may be told
OTHERS = 12
ZONES = ("police_zone", "emergency_zone", "safety_region")


@cache
def bodies() -> register.Register:
    """The project's own register, without accounts."""
    return register.read([settings.PROJECT_ROOT / "register"])


def some_bodies(per_type: int) -> set[str]:
    """The first bodies of each country and type."""
    chosen: set[str] = set()
    counts: dict[tuple[str, str], int] = {}
    for body in bodies().organisations:
        key = (body.country, body.organisation_type)
        if body.valid_to is None and counts.get(key, 0) < per_type:
            counts[key] = counts.get(key, 0) + 1
            chosen.add(body.organisation_id)
    return chosen


@cache
def part(names: frozenset[str]) -> register.Register:
    """The register of these bodies, the members of the zones among them and some others. A body
    whose members are not all there has none, and so no inhabitants: a part of a sum is no sum."""
    whole = bodies()
    zones = {
        body.organisation_id
        for body in whole.organisations
        if body.organisation_id in names and body.organisation_type in ZONES
    }
    kept = names | some_bodies(OTHERS)
    kept |= {m.member_id for m in whole.memberships if m.organisation_id in zones}
    kept |= {m.predecessor_id for m in whole.mergers if m.successor_id in kept}
    torn = {m.organisation_id for m in whole.memberships if m.member_id not in kept}
    return replace(
        whole,
        organisations=_of(kept, whole.organisations),
        populations=_of(kept, whole.populations),
        memberships=_of(kept - torn, whole.memberships),
        mergers=[m for m in whole.mergers if {m.predecessor_id, m.successor_id} <= kept],
        adjacency=[a for a in _of(kept, whole.adjacency) if a.neighbour_id in kept],
        opening_hours=_of(kept, whole.opening_hours),
        peer_groups=_of(kept, whole.peer_groups),
        targets=_of(kept, whole.targets),
        web_sites=_of(kept, whole.web_sites),
    )


def _of(kept: AbstractSet[str], rows: list) -> list:
    return [row for row in rows if row.organisation_id in kept]
