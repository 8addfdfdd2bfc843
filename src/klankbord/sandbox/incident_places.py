"""Who is around a place of the world: the zones that it lies in, and its neighbours."""

import math
from collections import defaultdict
from datetime import date, datetime

from klankbord.register import Organisation, Register, is_valid
from klankbord.settings import LOCAL_ZONE

NEIGHBOURS, NEIGHBOUR_KM = 5, 15.0
ZONES = frozenset({"police_zone", "police_unit", "emergency_zone", "safety_region"})


class Around:
    """Who is around a place on a day."""

    def __init__(self, register: Register) -> None:
        self._bodies: dict[str, list[Organisation]] = defaultdict(list)
        for body in register.organisations:
            self._bodies[body.organisation_id].append(body)
        self._zones: dict[str, list] = defaultdict(list)
        for member in register.memberships:
            self._zones[member.member_id].append(member)
        self._towns = [o for o in register.organisations if o.organisation_type == "municipality"]

    def body(self, organisation_id: str) -> Organisation:
        return self._bodies[organisation_id][-1]

    def municipalities(self, on: date) -> list[Organisation]:
        """Those with a code and a place, in the order of their ids."""
        found = [o for o in self._towns if is_valid(o, on) and o.official_code and o.latitude]
        return sorted(found, key=lambda o: o.organisation_id)

    def of(
        self, town: Organisation, at: datetime, *, with_province: bool = False
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(the bodies concerned, the neighbouring municipalities) of a moment."""
        on = at.astimezone(LOCAL_ZONE).date()
        wanted = ZONES | {"province"} if with_province else ZONES
        zones = sorted(
            {
                m.organisation_id
                for m in self._zones[town.organisation_id]
                if is_valid(m, on)
                and any(
                    b.organisation_type in wanted and is_valid(b, on)
                    for b in self._bodies[m.organisation_id]
                )
            }
        )
        near = [
            (km, o.organisation_id)
            for o in self._same_country(town, on)
            if o.organisation_id != town.organisation_id
            and (km := _km(town.latitude, town.longitude, o)) <= NEIGHBOUR_KM
        ]
        return (town.organisation_id, *zones), tuple(name for _, name in sorted(near)[:NEIGHBOURS])

    def is_nearest(self, town: Organisation, at: datetime) -> bool:
        """Whether the town's own coordinates, as a log has them, lead back to it."""
        on = at.astimezone(LOCAL_ZONE).date()
        here = round(town.latitude or 0, 2), round(town.longitude or 0, 2)
        towns = self._same_country(town, on)
        best = min(towns, key=lambda o: (_km(*here, o), o.organisation_id))
        return best.organisation_id == town.organisation_id

    def _same_country(self, town: Organisation, on: date) -> list[Organisation]:
        return [
            o for o in self._towns if o.country == town.country and o.latitude and is_valid(o, on)
        ]


def _km(latitude: float | None, longitude: float | None, there: Organisation) -> float:
    """Along the great circle."""
    a, b, c, d = map(math.radians, (latitude, longitude, there.latitude, there.longitude))  # type: ignore[arg-type]
    h = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(min(1.0, h)))
