"""The register that the project carries: its own facts, counted and added up."""

from collections import Counter
from datetime import date

import pytest

from klankbord.register import Register, is_valid, read
from klankbord.settings import PROJECT_ROOT

MERGER = date(2025, 1, 1)
TODAY = date(2026, 9, 30)


@pytest.fixture(scope="module")
def register() -> Register:
    return read([PROJECT_ROOT / "register"])


def test_bodies_by_type(register: Register) -> None:
    expected = {
        ("BE", "municipality"): 565,
        ("BE", "ocmw"): 285,
        ("BE", "police_zone"): 176,
        ("BE", "emergency_zone"): 35,
        ("BE", "province"): 10,
        ("NL", "municipality"): 342,
        ("NL", "safety_region"): 25,
        ("NL", "police_unit"): 10,
        ("NL", "province"): 12,
    }
    assert register.summary(MERGER) == expected
    assert sum(expected.values()) == 1460
    assert len({o.organisation_id for o in register.organisations if is_valid(o, TODAY)}) == 1460


def test_bodies_before_the_mergers(register: Register) -> None:
    before = register.summary(date(2024, 6, 1))
    assert before["BE", "municipality"] == 581
    assert before["BE", "ocmw"] == 300
    assert register.summary(date(2024, 12, 2))["BE", "municipality"] == 580  # Bastenaken merged


def test_inhabitants_add_up(register: Register) -> None:
    municipalities = [
        o
        for o in register.organisations
        if o.organisation_type == "municipality" and is_valid(o, TODAY)
    ]
    for country, total in (("BE", 11_492_641), ("NL", 17_590_672)):
        mine = [o for o in municipalities if o.country == country]
        assert sum(register.inhabitants(o.organisation_id, TODAY) for o in mine) == total


def test_every_body_has_inhabitants(register: Register) -> None:
    without = [
        o.organisation_id
        for o in register.organisations
        if is_valid(o, TODAY) and register.inhabitants(o.organisation_id, TODAY) is None
    ]
    assert without == []


@pytest.mark.parametrize(
    ("country", "kinds"),
    [
        ("BE", {"police_zone", "emergency_zone"}),
        ("NL", {"police_unit", "safety_region", "province"}),
    ],
)
def test_each_municipality_lies_in_one_zone_of_each_kind(
    register: Register, country: str, kinds: set[str]
) -> None:
    kind = {o.organisation_id: o.organisation_type for o in register.organisations}
    zones = Counter(
        (m.member_id, kind[m.organisation_id]) for m in register.memberships if is_valid(m, TODAY)
    )
    municipalities = [
        o.organisation_id
        for o in register.organisations
        if o.country == country and o.organisation_type == "municipality" and is_valid(o, TODAY)
    ]
    assert len(municipalities) in (565, 342)
    assert {(m, k): zones[m, k] for m in municipalities for k in kinds if zones[m, k] != 1} == {}


def test_zones_add_up_to_the_country(register: Register) -> None:
    for country, kind, total in (
        ("BE", "police_zone", 11_492_641),
        ("BE", "emergency_zone", 11_492_641),
        ("NL", "safety_region", 17_590_672),
    ):
        zones = {
            o.organisation_id
            for o in register.organisations
            if (o.country, o.organisation_type) == (country, kind)
        }
        assert sum(register.inhabitants(zone, TODAY) for zone in zones) == total


def test_predecessors_end_where_successors_begin(register: Register) -> None:
    assert len(register.mergers) == 58  # 30 of municipalities, 28 of the OCMWs with them
    for merger in register.mergers:
        old = [o for o in register.organisations if o.organisation_id == merger.predecessor_id]
        new = [o for o in register.organisations if o.organisation_id == merger.successor_id]
        assert merger.effective_date in [o.valid_to for o in old], merger
        assert merger.effective_date in [o.valid_from for o in new], merger


def test_antwerp_kept_its_code(register: Register) -> None:
    antwerp = [o for o in register.organisations if o.organisation_id == "be-municipality-11002"]
    assert [(o.valid_from, o.valid_to) for o in antwerp] == [
        (date(2019, 1, 1), MERGER),
        (MERGER, None),
    ]


def test_zwijndrecht_changed_province(register: Register) -> None:
    province = {
        (o.organisation_id, o.province_code)
        for o in register.organisations
        if o.organisation_id in ("be-municipality-11056", "be-municipality-46030")
    }
    assert province == {("be-municipality-11056", "10000"), ("be-municipality-46030", "40000")}


def test_every_row_names_its_source(register: Register) -> None:
    for table in ("organisations", "memberships", "populations"):
        bases = {row.basis for row in register.rows(table)}
        assert bases <= {"source", "secondary", "unconfirmed"}
        assert all(row.source for row in register.rows(table))
    assert sum(m.basis == "unconfirmed" for m in register.memberships) == 119
    assert register.accounts == []
