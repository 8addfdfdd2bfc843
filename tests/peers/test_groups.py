"""Who is compared with whom: dbt's sets against an independent computation over many registers."""

from datetime import date

import pytest

from klankbord.register import Register
from klankbord.sandbox import truth_peers
from tests.peers.registers import ON, body, border, count, member, pick, plain


def declare(desk, register: Register) -> None:
    desk.declare(register)
    desk.periods(("facebook", "month", "2026-09-01", "2026-09-30"))
    desk.groups()


def sets(desk, kinds: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for group_id, member_id in desk.rows(
        "select group_id, organisation_id from intermediate.int_peer_members"
        f" where group_kind in ({kinds})"
    ):
        found.setdefault(group_id, set()).add(member_id)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_every_set_equals_the_truth(desk, seed) -> None:
    register = plain(seed)
    declare(desk, register)
    assert sets(desk, "'common_size'") == truth_peers.common_groups(register, ON)
    assert sets(desk, "'selection'") == truth_peers.selections(register, ON)
    ordered: dict = {}
    for kind, name, peer in desk.rows(
        "select group_kind, organisation_id, peer_id from intermediate.int_peer_neighbours"
        " order by group_kind, organisation_id, place"
    ):
        ordered.setdefault(kind, {}).setdefault(name, []).append(peer)
    assert ordered["neighbours"] == truth_peers.neighbours(register, ON)
    assert ordered["neighbours_across"] == truth_peers.neighbours(register, ON, across=True)
    alike: dict = {}
    for name, peer, distance in desk.rows(
        "select organisation_id, peer_id, distance from intermediate.int_peer_similar"
        " order by organisation_id, place"
    ):
        alike.setdefault(name, []).append((peer, pytest.approx(distance, abs=2e-9)))
    assert truth_peers.similar(register, ON) == alike


def test_neighbours_by_hand(desk) -> None:
    """A row of towns 0.1 degree apart: the two ends see inwards; the border outvotes distance and a
    town without a place has no neighbours; the other country counts only in the other set."""
    towns = [body(f"t{n}", place=(51, 4 + n / 10)) for n in range(10)]
    dutch = body("dutch", "NL", region="NL", place=(51, 4.05))
    lost = body("lost")
    zone = body("zone", kind="police_zone")
    other = body("other-zone", kind="police_zone")
    declare(desk, Register(
        organisations=[*towns, dutch, lost, zone, other],
        memberships=[member("zone", "t0"), member("zone", "t2"), member("other-zone", "t9")],
        adjacency=[border("t5", "t0"), border("lost", "t9"), border("t4", "dutch"),
                   border("t3", "t1", end=ON)],
    ))  # fmt: skip
    peers = sets(desk, "'neighbours', 'neighbours_across'")
    assert peers["t0/neighbours"] == {"t5"} == peers["t0/neighbours-across"]
    assert peers["t1/neighbours"] == {"t0", *(f"t{n}" for n in range(2, 9))}
    assert peers["t1/neighbours-across"] == {"t0", "dutch", *(f"t{n}" for n in range(2, 8))}
    assert peers["t4/neighbours-across"] == {"dutch"}
    assert len(peers["t4/neighbours"]) == len(peers["t3/neighbours"]) == 8
    assert peers["lost/neighbours"] == {"t9"} and peers["t9/neighbours"] == {"lost"}
    assert peers["zone/neighbours"] == {"other-zone"}
    assert "dutch/neighbours" not in peers and len(peers["dutch/neighbours-across"]) == 1
    said = {
        (name, peer): (basis, km)
        for name, peer, basis, km in desk.rows(
            "select organisation_id, peer_id, basis, distance_km from"
            " intermediate.int_peer_neighbours where group_kind = 'neighbours'"
        )
    }
    # the zone's centre is the middle of its two towns, at 4.1; 0.1 degree is 6.998 km at 51 north
    assert said["zone", "other-zone"][1] == pytest.approx(8 * 6.998, abs=0.02)
    assert said["t1", "t2"] == ("distance", pytest.approx(6.998, abs=0.002))
    assert said["t0", "t5"][0] == "border" and said["lost", "t9"] == ("border", None)


def test_similar_by_hand(desk) -> None:
    """Inhabitants 1,000 2,000 4,000 8,000: in logarithms evenly spaced, so of two in the middle the
    nearest is decided by the region, and a tie by the id."""
    towns = [
        body("a"),
        body("b"),
        body("c", region="03000"),
        body("d"),
        body("empty"),
        body("nobody"),
    ]
    counts = [
        count(n, i) for n, i in (("a", 1000), ("b", 2000), ("c", 4000), ("d", 8000), ("empty", 0))
    ]
    declare(desk, Register(organisations=towns, populations=counts))
    peers = desk.rows(
        "select organisation_id, string_agg(peer_id, '' order by place) from"
        " intermediate.int_peer_similar group by 1 order by 1"
    )
    # steps of ln 2 in standard deviations of 1.118 ln 2: squares 2 x 0.8 a step, 1 for the region
    assert peers == [("a", "bcd"), ("b", "acd"), ("c", "bda"), ("d", "cba")]
    ((near,),) = desk.rows(
        "select distance from intermediate.int_peer_similar where organisation_id = 'a'"
        " and peer_id = 'b'"
    )
    assert near == pytest.approx((2 * 0.8 / 3) ** 0.5, abs=1e-8)


def test_a_selection_keeps_its_days_and_names_are_in_four_languages(desk) -> None:
    towns = [body(f"t{n}", place=(51, 4 + n / 10)) for n in range(6)]
    towns.append(body("dutch", "NL", region="NL"))
    counts = [count(b.organisation_id, 25_000) for b in towns]
    picks = [pick("mine", f"t{n}") for n in range(5)] + [pick("mine", "t5", end=date(2026, 9, 30))]
    desk.declare(Register(organisations=towns, populations=counts, peer_groups=picks))
    desk.periods(
        ("facebook", "month", "2026-08-01", "2026-08-31"),
        ("facebook", "month", "2026-09-01", "2026-09-30"),
    )
    desk.groups()
    sizes = desk.rows(
        "select as_of_on, count(*) from intermediate.int_peer_members"
        " where group_id = 'selection/mine' group by 1 order by 1"
    )
    assert sizes == [(date(2026, 8, 31), 6), (date(2026, 9, 30), 5)]
    desk.run("marts.dim_peer_set")
    names = dict(desk.rows("select group_id, array[name_nl, name_fr, name_en, name_de] from"
                           " marts.dim_peer_set"))  # fmt: skip
    assert names["selection/mine"] == ["Keuze", "Choix", "Choice", "Wahl"]
    assert names["be+nl-municipality/common-20k_50k"] == [
        "Gemeenten in België en Nederland met 20.000 tot 50.000 inwoners",
        "Communes en Belgique et aux Pays-Bas de 20 000 à 50 000 habitants",
        "Municipalities in Belgium and the Netherlands with 20,000 to 50,000 inhabitants",
        "Gemeinden in Belgien und den Niederlanden mit 20.000 bis 50.000 Einwohnern",
    ]
    assert "be-municipality/region-02000/common-20k_50k" in names
    assert names["t0/neighbours"][2] == (
        "T0: 5 municipalities whose centres are nearest"
        " (by distance between centres, not by border)"
    )
    assert names["t0/neighbours-across"][0].endswith(", ook in het buurland")
