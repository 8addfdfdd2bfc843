"""Nothing hidden can be computed from what is published; with less suppression it would be found.

Worlds, a platform each: dense, sparse, one-sided (everybody has the same), a city that dominates.
Two registers: some hundred municipalities in three regions, and zones of which some provinces have
one, four, five and six.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from klankbord import database
from klankbord.publish import revisions
from tests.databases import new_warehouse
from tests.suppression import attack, editions, worlds
from tests.suppression.editions import Edition
from tests.suppression.worlds import MONTHS, QUARTER, Body, Figure

TOWNS = {
    ("02000", "10000"): 16, ("02000", "20001"): 14, ("02000", "30000"): 12, ("02000", "70000"): 9,
    ("03000", "50000"): 12, ("03000", "60000"): 10, ("03000", "80000"): 6, ("03000", "90000"): 4,
    ("04000", None): 7, (None, None): 3,
}  # fmt: skip
ZONES = {
    ("02000", "10000"): 6, ("02000", "20001"): 5, ("02000", "30000"): 4, ("02000", "40000"): 5,
    ("03000", "50000"): 6, ("03000", "60000"): 5, ("03000", "20002"): 1, ("04000", None): 1,
}  # fmt: skip
METRICS = ("M05", "M22", "M26", "M29")
PRIMARY = """
select statistic.*, suppressed.suppression_reason from marts.fct_group_statistic as statistic
left join marts.fct_suppressed_cell as suppressed
    using (group_id, platform, metric_id, definition_id, period_kind, period_start)
"""


@dataclass
class Published:
    """An edition as it is published, and as it would be with less suppression."""

    edition: Edition
    primary_only: Edition
    unsuppressed: Edition
    snapshot: revisions.Snapshot


def published(access: database.Access, members: list[Body], known: list[Figure]) -> Published:
    worlds.build(access, members, known)
    shown = worlds.rows(access, "select * from marts.fct_group_metric")
    everything = worlds.rows(access, PRIMARY)
    primary = [r for r in everything if r["suppression_reason"] in (None, "secondary")]
    with access.connect("klankbord_publisher") as connection, connection.cursor() as cursor:
        snapshot = revisions.snapshot(cursor, QUARTER)
    return Published(
        *(Edition(members, known, editions.cells(rows)) for rows in (shown, primary, everything)),
        snapshot,
    )


def world(towns: list[Body], zones: list[Body]) -> list[Figure]:
    found = []
    for metric_id, members in itertools.product(METRICS, (towns, zones)):
        found += worlds.figures(members, "facebook", metric_id, 1, presence=0.95)
        found += worlds.figures(members, "mastodon", metric_id, 1, presence=0.3)
        constant = 0.25 if metric_id == "M05" else 1.0
        found += worlds.figures(members, "x", metric_id, 1, presence=0.8, constant=constant)
        city = worlds.figures(members, "threads", metric_id, 1, presence=0.7, spread=0.3)
        found += worlds.scaled(city, city[0].organisation_id, 200) if metric_id == "M05" else city
    # in few bodies much follows from little: another draw of them
    for metric_id in METRICS:
        found += worlds.figures(zones, "bluesky", metric_id, 1, presence=0.6)
    return found


@pytest.fixture(scope="module")
def towns() -> list[Body]:
    return worlds.bodies("municipality", TOWNS, 1)


@pytest.fixture(scope="module")
def zones() -> list[Body]:
    return worlds.bodies("emergency_zone", ZONES, 1)


@pytest.fixture(scope="module")
def house(postgres: database.Access) -> Iterator[database.Access]:
    with new_warehouse(postgres) as access:
        worlds.prepare(access)
        yield access


@pytest.fixture(scope="module")
def first(house, towns, zones) -> Published:
    return published(house, towns + zones, world(towns, zones))


@pytest.fixture(scope="module")
def revised(house, towns, zones, first) -> Published:
    """A later edition: late data of few here and of many there, somebody joins, somebody leaves."""
    return published(house, towns + zones, later(first.edition.known, towns))


def later(known: list[Figure], towns: list[Body]) -> list[Figure]:
    draw = random.Random(3)
    names = [b.organisation_id for b in towns]
    few, many = draw.sample(names, 1), draw.sample(names, 60)
    left = draw.choice(names)
    found = []
    for f in known:
        if f.metric_id == "M05" and f.platform == "facebook" and f.organisation_id in few:
            f = replace(f, value=f.value * 1.5, numerator=f.numerator * 1.5)
        if f.metric_id == "M05" and f.platform == "threads" and f.organisation_id in many:
            factor = draw.uniform(0.9, 1.2)
            f = replace(f, value=f.value * factor, numerator=f.numerator * factor)
        if f.platform == "mastodon" and f.organisation_id == left:
            continue
        found.append(f)
    absent = sorted(set(names) - {f.organisation_id for f in known if f.platform == "mastodon"})[0]
    for period in [("month", month) for month in MONTHS] + [("quarter", QUARTER)]:
        found.append(Figure(absent, "mastodon", "M05", period, 10.0, 1000.0, 10_000.0))
    return found


def test_nothing_hidden_follows_by_subtraction(first):
    assert attack.subtractions([first.edition]) == []


def test_nothing_hidden_is_bounded_too_narrowly(first):
    # a body an unknown is too many for the towns, whose sums are judged all the same
    assert attack.programmes([first.edition], most=150) == []


def test_much_is_published_all_the_same(first):
    whole = {c.group_id for c in first.edition.published if c.platform == "facebook"}
    assert {"be-municipality", "be-municipality/size-under_20k"} <= whole
    assert len(first.edition.published) > 0.4 * len(first.primary_only.published)


@pytest.mark.parametrize("suppression", ["unsuppressed", "primary_only"])
def test_with_less_suppression_the_attacker_finds_it(first, suppression):
    """Without this the tests above would prove nothing."""
    found = attack.subtractions([getattr(first, suppression)])
    types = {f.what.split("/")[0] for f in found if "/" in f.what and f.what.endswith(" sum")}
    assert types == {"be-municipality", "be-emergency_zone"}
    assert {f.platform for f in found} >= {"facebook", "mastodon"}


def test_an_edition_that_repeats_what_it_must_tells_nothing(first, revised):
    held = revisions.held_back(first.snapshot, revised.snapshot)
    assert {block[1:3] for block in held} >= {("facebook", "M05"), ("mastodon", "M05")}
    assert attack.subtractions([first.edition, without(first, revised, held)]) == []


def test_an_edition_that_repeats_nothing_tells_who_changed(first, revised):
    found = attack.subtractions([first.edition, revised.edition])
    assert {(f.platform, f.metric_id) for f in found} >= {("facebook", "M05"), ("mastodon", "M05")}


def without(first: Published, revised: Published, held: dict) -> Edition:
    """The revised edition, in which a held block has the first one's cells, and so its figures."""
    blocks = {block[:3] for block in held}

    def is_held(group_or_type: str, platform: str, metric_id: str) -> bool:
        return (group_or_type.split("/")[0], platform, metric_id) in blocks

    base = {b.organisation_id: b.base for b in first.edition.members}
    known, shown = [], []
    for edition, wanted in ((first.edition, True), (revised.edition, False)):
        known += [
            f for f in edition.known
            if is_held(base[f.organisation_id], f.platform, f.metric_id) == wanted
        ]  # fmt: skip
        shown += [
            c for c in edition.published if is_held(c.group_id, c.platform, c.metric_id) == wanted
        ]
    return Edition(revised.edition.members, known, shown)
