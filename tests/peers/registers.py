"""Made-up registers: bodies of two countries in a small plain, with mergers and a split."""

import random
from datetime import date

from klankbord.register import AccountRow, Register
from klankbord.register.rows import (
    Adjacency,
    Membership,
    Merger,
    Organisation,
    PeerGroup,
    Population,
)

ON = date(2026, 9, 30)


def body(name, country="BE", kind="municipality", region="02000", place=None, start=None, end=None,
         province=None):  # fmt: skip
    latitude, longitude = place or (None, None)
    return Organisation(
        organisation_id=name, country=country, organisation_type=kind, official_code=name,
        name_nl=name.capitalize(), name_fr=None, name_de=None, province_code=province,
        region_code=region, website=None, kbo=None, wikidata=None, latitude=latitude,
        longitude=longitude, valid_from=start, valid_to=end, basis="synthetic", source="test",
    )  # fmt: skip


def count(name, inhabitants, on=date(2020, 1, 1)):
    return Population(organisation_id=name, reference_date=on, inhabitants=inhabitants,
                      basis="synthetic", source="test")  # fmt: skip


def member(zone, name, start=None, end=None):
    return Membership(organisation_id=zone, member_id=name, valid_from=start, valid_to=end,
                      basis="synthetic", source="test")  # fmt: skip


def merger(on, predecessor, successor):
    return Merger(effective_date=on, predecessor_id=predecessor, successor_id=successor, source="t")


def pick(group, name, start=None, end=None):
    return PeerGroup(group_id=group, name_nl="Keuze", name_fr="Choix", name_en="Choice",
                     name_de="Wahl", organisation_id=name, valid_from=start, valid_to=end,
                     source="test")  # fmt: skip


def border(one, other, start=None, end=None):
    return Adjacency(organisation_id=one, neighbour_id=other, valid_from=start, valid_to=end,
                     source="test")  # fmt: skip


def account(name, platform):
    return AccountRow(
        account_id=f"{name}-{platform}", organisation_id=name, platform=platform, handle=name,
        platform_user_id=None, role="official", access_tier="T2", valid_from=None, valid_to=None,
        is_synthetic=True, basis="synthetic", source="test",
    )  # fmt: skip


def plain(seed: int, n: int = 40) -> Register:
    """Towns of both countries on a coarse grid (so that distances tie), zones, borders, picks."""
    draw = random.Random(seed)
    bodies, counts, members, accounts = [], [], [], []
    for number in range(n):
        country = draw.choice(["BE", "NL"])
        name = f"{country.lower()}-t{number:02}"
        region = draw.choice(["02000", "03000", "04000"]) if country == "BE" else "NL"
        place = None
        if draw.random() < 0.9:
            place = (51 + draw.randrange(8) / 10, 4 + draw.randrange(8) / 10)
        bodies.append(body(name, country, region=region, place=place, province=draw.choice("abc")))
        size = draw.choice(
            [9_999, 10_000, 19_999, 20_000, 49_999, 50_000, 50_001, 99_999, 100_000, 0]
        )
        if draw.random() < 0.9:
            counts.append(count(name, draw.choice([size, draw.randrange(500, 200_000)])))
        accounts += [account(name, p) for p in ("facebook", "x") if draw.random() < 0.6]
    towns = [b.organisation_id for b in bodies if b.country == "BE"]
    for number in range(8):
        zone = f"be-z{number}"
        bodies.append(body(zone, kind="police_zone"))
        members += [
            member(zone, town) for town in towns[number * 2 : number * 2 + draw.randrange(4)]
        ]
    names = [b.organisation_id for b in bodies[:n]]
    pairs = {tuple(sorted(draw.sample(names, 2))) for _ in range(6)}
    return Register(
        organisations=bodies, memberships=members, populations=counts, accounts=accounts,
        adjacency=[border(*pair) for pair in sorted(pairs)],
        peer_groups=[pick("first", name) for name in draw.sample(names, 6)]
        + [pick("second", name, end=ON) for name in draw.sample(names, 3)]
        + [pick("second", name, start=ON) for name in draw.sample(names, 4)],
    )  # fmt: skip
