"""The bodies of the study's world: as many as there were in 2016, and none of them real.

The register's facts begin in 2019, after the first mergers: names, borders and inhabitants of the
308 Flemish municipalities of 2016 are not among them. So these have numbers for names, and
inhabitants by a rule, with the study's mean (`klankbord.sandbox.study_2016_counts`).
"""

from collections.abc import Iterator, Sequence
from datetime import date

from klankbord.register import Membership, Organisation, Population, Register
from klankbord.sandbox import study_2016_counts as counts

COUNTED_ON = date(2016, 1, 1)
SINCE = date(2013, 1, 1)
SOURCE = "sandbox: the study of 2016, invented"


def register() -> Register:
    """Bodies, memberships and inhabitants, without accounts; the same at every call."""
    towns = [_town("BE", n) for n in range(sum(counts.BODIES_OF_CLASS))]
    dutch = [_town("NL", n) for n in range(counts.DUTCH_MUNICIPALITIES)]
    zones: list[Organisation] = []
    memberships: list[Membership] = []
    for kind, members in _areas(towns):
        number = sum(zone.organisation_type == kind for zone in zones)
        zone = _body(kind, number, members[0].province_code or "")
        zones.append(zone)
        memberships += [_membership(zone, member) for member in members]
    people = [*zip(towns, flemish_inhabitants(), strict=True),
              *zip(dutch, dutch_inhabitants(), strict=True)]  # fmt: skip
    return Register(
        organisations=[*towns, *dutch, *zones],
        memberships=memberships,
        populations=[
            Population(
                organisation_id=body.organisation_id, reference_date=COUNTED_ON,
                inhabitants=count, basis="synthetic", source=SOURCE,
            )
            for body, count in people
        ],
    )  # fmt: skip


def flemish_inhabitants() -> list[int]:
    """Of each municipality by its number: every class on a curve of its own, spread over the
    numbers; the largest has what the mean still wants."""
    sizes = [
        round(low + (high - low) * (place / (count - 1)) ** bend)
        for count, (low, high, bend) in zip(counts.BODIES_OF_CLASS, counts.SIZES, strict=True)
        for place in range(count)
    ]
    sizes[-1] = counts.MEAN_INHABITANTS * len(sizes) - sum(sizes[:-1])
    return _scattered(sizes)


def dutch_inhabitants() -> list[int]:
    low, high, bend = counts.DUTCH_SIZES
    last = counts.DUTCH_MUNICIPALITIES - 1
    return _scattered([round(low + (high - low) * (n / last) ** bend) for n in range(last + 1)])


def _scattered(sizes: Sequence[int]) -> list[int]:
    """So that neighbours by number are not neighbours by size (89 divides neither count)."""
    return [sizes[n * 89 % len(sizes)] for n in range(len(sizes))]


def _areas(towns: Sequence[Organisation]) -> Iterator[tuple[str, list[Organisation]]]:
    """(type, members) of every other body: each municipality has one of each."""
    for town in towns:
        yield "ocmw", [town]
    for number in range(counts.EMERGENCY_ZONES):
        yield "emergency_zone", list(towns[number :: counts.EMERGENCY_ZONES])
    for place, zones in enumerate(counts.POLICE_ZONES_OF_PROVINCE.values()):
        inside = towns[place :: len(counts.POLICE_ZONES_OF_PROVINCE)]
        yield "province", list(inside)
        for number in range(zones):
            yield "police_zone", list(inside[number::zones])


def _town(country: str, number: int) -> Organisation:
    if country == "NL":
        return _body("municipality", number, None, country)
    provinces = tuple(counts.POLICE_ZONES_OF_PROVINCE)
    return _body("municipality", number, provinces[number % len(provinces)])


_NAMES = {
    "municipality": "Studiegemeente",
    "ocmw": "Studie-OCMW",
    "police_zone": "Studiezone politie",
    "emergency_zone": "Studiezone brandweer",
    "province": "Studieprovincie",
}


def _body(kind: str, number: int, province: str | None, country: str = "BE") -> Organisation:
    slug = kind.replace("_", "-")
    return Organisation(
        organisation_id=f"{country.lower()}-{slug}-study-{number + 1:03d}",
        country=country,
        organisation_type=kind,
        official_code=None,
        name_nl=f"{_NAMES[kind]} {country} {number + 1:03d}",
        name_fr=None,
        name_de=None,
        province_code=province,
        region_code="02000" if country == "BE" else None,
        website=None,
        kbo=None,
        wikidata=None,
        latitude=None,
        longitude=None,
        valid_from=SINCE,
        valid_to=None,
        basis="synthetic",
        source=SOURCE,
    )  # fmt: skip


def _membership(zone: Organisation, member: Organisation) -> Membership:
    return Membership(
        organisation_id=zone.organisation_id, member_id=member.organisation_id, valid_from=SINCE,
        valid_to=None, basis="synthetic", source=SOURCE,
    )  # fmt: skip
