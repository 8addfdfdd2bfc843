"""Who is compared with whom, and who became whom, computed from the register in plain Python by the
definitions of docs/design.md. Nothing here is shared with dbt or with klankbord.peers.
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from klankbord.register import Organisation, Register, is_valid

#: our own scheme for both countries: (name, fewest inhabitants), largest first
COMMON = (
    ("over_100k", 100_000), ("50k_100k", 50_000), ("20k_50k", 20_000), ("10k_20k", 10_000),
    ("under_10k", 0),
)  # fmt: skip
REGIONS = frozenset({"02000", "03000", "04000"})
WEIGHTS = {"inhabitants": 2.0, "members": 1.0, "region": 1.0}
LOGARITHMIC = frozenset({"inhabitants", "members"})
EARTH_KM = 6371.0

Place = tuple[float, float]


def common_groups(register: Register, on: date) -> dict[str, set[str]]:
    """group_id -> members, of the classes that both countries share, of types that both have."""
    bodies = [b for b in register.organisations if is_valid(b, on)]
    countries = defaultdict(set)
    for body in bodies:
        countries[body.organisation_type].add(body.country.lower())
    found: dict[str, set[str]] = defaultdict(set)
    for body in bodies:
        inhabitants = register.inhabitants(body.organisation_id, on)
        both = sorted(countries[body.organisation_type])
        if inhabitants is None or len(both) < 2:
            continue
        size = next(name for name, fewest in COMMON if inhabitants >= fewest)
        bases = [f"{'+'.join(both)}-{body.organisation_type}"]
        bases.append(f"{body.country.lower()}-{body.organisation_type}")
        if body.region_code in REGIONS:
            bases.append(f"{bases[1]}/region-{body.region_code}")
        for base in bases:
            found[f"{base}/common-{size}"].add(body.organisation_id)
    return dict(found)


def selections(register: Register, on: date) -> dict[str, set[str]]:
    """group_id -> members, of the selections that people declared."""
    valid = {b.organisation_id for b in register.organisations if is_valid(b, on)}
    found: dict[str, set[str]] = defaultdict(set)
    for row in register.peer_groups:
        if is_valid(row, on) and row.organisation_id in valid:
            found[f"selection/{row.group_id}"].add(row.organisation_id)
    return dict(found)


def centres(register: Register, on: date) -> dict[str, Place]:
    """Where each body's centre is: its own, else the mean of its members'."""
    own = {
        b.organisation_id: (b.latitude, b.longitude)
        for b in register.organisations
        if is_valid(b, on) and b.latitude is not None and b.longitude is not None
    }
    of_members = defaultdict(list)
    for row in register.memberships:
        if is_valid(row, on) and row.member_id in own:
            of_members[row.organisation_id].append(own[row.member_id])
    middles = {
        zone: (statistics.fmean(p[0] for p in places), statistics.fmean(p[1] for p in places))
        for zone, places in of_members.items()
    }
    valid = {b.organisation_id for b in register.organisations if is_valid(b, on)}
    return {name: place for name, place in (middles | own).items() if name in valid}


def kilometres(a: Place, b: Place) -> float:
    """Along the surface, by the angle between the two directions from the earth's middle."""

    def direction(place: Place) -> tuple[float, float, float]:
        latitude, longitude = map(math.radians, place)
        flat = math.cos(latitude)
        return flat * math.cos(longitude), flat * math.sin(longitude), math.sin(latitude)

    chord = math.dist(direction(a), direction(b))
    return round(2 * EARTH_KM * math.asin(min(1.0, chord / 2)), 3)


def neighbours(
    register: Register, on: date, *, across: bool = False, count: int = 8
) -> dict[str, list[str]]:
    """organisation_id -> its neighbours: the declared ones, nearest first, else the nearest."""
    bodies = {b.organisation_id: b for b in register.organisations if is_valid(b, on)}
    places = centres(register, on)
    declared = defaultdict(set)
    for row in register.adjacency:
        if is_valid(row, on) and {row.organisation_id, row.neighbour_id} <= bodies.keys():
            declared[row.organisation_id].add(row.neighbour_id)
            declared[row.neighbour_id].add(row.organisation_id)

    def distance(name: str, other: str) -> tuple[float, str]:
        known = name in places and other in places
        return (kilometres(places[name], places[other]) if known else math.inf), other

    found = {}
    for name, body in bodies.items():
        border = [o for o in declared[name] if across or bodies[o].country == body.country]
        others = border or [
            o for o in places
            if name in places and o != name and _alike(bodies[o], body, across)
        ]  # fmt: skip
        ordered = sorted(others, key=lambda other: distance(name, other))
        if ordered:
            found[name] = ordered if border else ordered[:count]
    return found


def _alike(one: Organisation, other: Organisation, across: bool) -> bool:
    is_same_type = one.organisation_type == other.organisation_type
    return is_same_type and (across or one.country == other.country)


def similar(
    register: Register, on: date, weights: Mapping[str, float] = WEIGHTS, count: int = 12
) -> dict[str, list[tuple[str, float]]]:
    """organisation_id -> (peer, distance), nearest first, by standardised variables."""
    kinds = defaultdict(list)
    for body in register.organisations:
        if is_valid(body, on):
            kinds[body.country, body.organisation_type].append(body)
    found = {}
    for bodies in kinds.values():
        known = {b.organisation_id: _variables(register, b, on) for b in bodies}
        used = [v for v in weights if weights[v] > 0 and any(v in k for k in known.values())]
        whole = {name: k for name, k in known.items() if all(v in k for v in used)}
        scales = {v: _scale([k[v] for k in known.values() if v in k]) for v in used}
        total = sum(weights[v] for v in used)
        for name, ours in whole.items():
            ordered = sorted(
                (
                    round(math.sqrt(sum(
                        weights[v] * _square(ours[v], theirs[v], scales[v]) for v in used
                    ) / total), 9),
                    other,
                )
                for other, theirs in whole.items() if other != name
            )  # fmt: skip
            if ordered:
                found[name] = [(other, distance) for distance, other in ordered[:count]]
    return found


def _variables(register: Register, body: Organisation, on: date) -> dict[str, float | str]:
    name = body.organisation_id
    members = sum(is_valid(m, on) for m in register.memberships if m.organisation_id == name)
    place = centres(register, on).get(name) if _has_place(body, members) else None
    accounts = [a for a in register.accounts if a.organisation_id == name and a.role == "official"]
    raw = {
        "inhabitants": register.inhabitants(name, on) or None,
        "members": members or None,
        "region": body.region_code,
        "province": body.province_code,
        "latitude": place and place[0],
        "longitude": place and place[1],
        "platforms": len({a.platform for a in accounts if is_valid(a, on)}),
    }
    known = {key: value for key, value in raw.items() if value is not None}
    return {k: math.log(v) if k in LOGARITHMIC else v for k, v in known.items()}


def _has_place(body: Organisation, members: int) -> bool:
    return body.latitude is not None or members > 0


def _scale(values: Iterable[float | str]) -> float:
    values = list(values)
    return 0.0 if isinstance(values[0], str) else statistics.pstdev(values)


def _square(ours: float | str, theirs: float | str, scale: float) -> float:
    if isinstance(ours, str):
        return float(ours != theirs)
    return ((ours - theirs) / scale) ** 2 if scale else 0.0


def of_set(
    values: Iterable[float], *, is_public: bool = False, is_share: bool = False
) -> dict[str, float | int | None]:
    """What is told of a set of members with these values: nothing under five, quartiles from ten,
    a mean only of what everybody may count; `value` is the mean of shares, else the median."""
    known = sorted(values)
    n = len(known)
    told: dict[str, float | int | None] = dict.fromkeys(
        ("value", "n", "mean", "median", "q1", "q3")
    )
    if n < 5:
        return told
    quarters = statistics.quantiles(known, n=4, method="inclusive")
    told |= {"n": n, "median": statistics.median(known)}
    if is_public:
        told["mean"] = statistics.fmean(known)
    if n >= 10:
        told |= {"q1": quarters[0], "q3": quarters[2]}
    return told | {"value": statistics.fmean(known) if is_share else told["median"]}


def territories(register: Register, territory_on: date, on: date) -> dict[str, frozenset[str]]:
    """Body of the day `on` -> the bodies of the map of `territory_on` that it is part of, together
    with all that can only be told with them; only bodies that changed between the two days."""
    early, late = sorted((territory_on, on))
    became: dict[str, set[str]] = {}
    for body in {b.organisation_id for b in register.organisations if is_valid(b, early)}:
        now = {body}
        is_touched = False
        for day in sorted({m.effective_date for m in register.mergers}):
            if early < day <= late:
                steps = [m for m in register.mergers if m.effective_date == day]
                gone = {m.predecessor_id for m in steps} & now
                is_touched |= bool(gone)
                now = (now - gone) | {m.successor_id for m in steps if m.predecessor_id in gone}
        if is_touched:
            became[body] = now
    links = [(a, b) for a, later in became.items() for b in later]
    if on != early:
        links = [(b, a) for a, b in links]
    units: list[tuple[set[str], set[str]]] = []
    for body, place in links:
        joined = [u for u in units if body in u[0] or place in u[1]]
        units = [u for u in units if u not in joined]
        units.append(
            ({body}.union(*(u[0] for u in joined)), {place}.union(*(u[1] for u in joined)))
        )
    return {body: frozenset(places) for bodies, places in units for body in bodies}
