"""An edition told a figure of one group, and a revision would of another: it names nobody."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from klankbord import database
from klankbord.editions import memory
from klankbord.publish import revisions
from tests.databases import new_warehouse
from tests.suppression import worlds
from tests.suppression.coincidences import Named, coincidences_of
from tests.suppression.test_coincidences import EAST, MEDIANS, MIDDLES, Case, high, low
from tests.suppression.worlds import QUARTER, Body, Figure

BOTH, REST = MEDIANS["both"], MEDIANS["rest"]
#: the one that both have is the median of EAST at first, and that of the middle ones later; five or
#: more changed in each, and nobody most of all
FIRST = {"east": [*low(5), *high(6)], "both": BOTH, "middle": low(9), "rest": REST}
LATER = {"east": low(11), "both": BOTH, "middle": [*low(4), *high(5)], "rest": REST}
#: later it is the median of neither
GONE = {"east": low(11), "both": BOTH, "middle": low(9), "rest": REST}
#: the same, and of another metric, not told before, it is the median of the middle ones
METRICS = ({"M29": FIRST}, {"M29": GONE, "M30": LATER})


@dataclass
class Edition:
    """What is told, what it rests on, and what the house remembers of it."""

    rows: list[dict]
    known: list[Figure]
    snapshot: revisions.Snapshot


@dataclass
class Editions:
    """A first edition and a revision of it, of four types of bodies."""

    members: list[Body]
    first: Edition
    later: Edition

    def named(self, rows: list[dict], kind: str) -> list[Named]:
        sides = (self.first.rows, self.first.known), (rows, self.later.known)
        mine = [([r for r in told if of(r["group_id"]) == kind], known) for told, known in sides]
        return coincidences_of(mine, self.members)

    def repeated(self) -> list[dict]:
        """The later edition, with the blocks that it must repeat as they were."""
        held = {
            block[:3] for block in revisions.held_back(self.first.snapshot, self.later.snapshot)
        }

        def is_held(r: dict) -> bool:
            return (r["group_id"].split("/")[0], r["platform"], r["metric_id"]) in held

        return [r for r in self.later.rows if not is_held(r)] + [
            r for r in self.first.rows if is_held(r)
        ]


def of(group_id: str) -> str:
    return group_id.split("/")[0].removeprefix("be-")


def cases(moment: int) -> list[Case]:
    return [
        Case("municipality", (FIRST, LATER)[moment]),
        Case("ocmw", (FIRST, GONE)[moment]),
        Case("emergency_zone", FIRST),  # nothing changed
        Case("police_zone", FIRST, metrics=("M29", "M30"), otherwise={
            (metric, ("quarter", QUARTER)): values for metric, values in METRICS[moment].items()
        }),
    ]  # fmt: skip


def edition(access: database.Access, moment: int) -> Edition:
    known = [figure for case in cases(moment) for figure in case.figures()]
    worlds.build(access, [body for case in cases(0) for body in case.bodies()], known)
    with access.connect("klankbord_publisher") as connection, connection.cursor() as cursor:
        taken = revisions.snapshot(cursor, QUARTER)
    frozen = {table.table_name: table.lines for table in memory.tables(taken)}
    rows = worlds.rows(access, "select * from marts.fct_group_metric")
    return Edition(rows, known, memory.read(frozen))


@pytest.fixture(scope="module")
def editions(postgres: database.Access) -> Iterator[Editions]:
    members = [body for case in cases(0) for body in case.bodies()]
    with new_warehouse(postgres) as access:
        worlds.prepare(access)
        yield Editions(members, edition(access, 0), edition(access, 1))


@pytest.mark.parametrize("kind", ["municipality", "police_zone"])
def test_a_revision_that_repeats_nothing_names_somebody(editions, kind):
    found = editions.named(editions.later.rows, kind)
    assert found
    for one in found:
        assert {one.one.edition, one.other.edition} == {0, 1}
        assert {side.group_id.split("/")[1] for side in (one.one, one.other)} == {EAST, MIDDLES}
    assert {body.split("-")[-2] for one in found for body in one.bodies} == {"both"}


@pytest.mark.parametrize("kind", ["municipality", "ocmw", "emergency_zone", "police_zone"])
def test_one_that_repeats_what_it_must_names_nobody(editions, kind):
    assert editions.named(editions.repeated(), kind) == []


def test_only_what_would_name_somebody_is_repeated(editions):
    held = revisions.held_back(editions.first.snapshot, editions.later.snapshot)
    said = {(of(block[0]), block[2]): reason for block, reason in held.items()}
    assert set(said) == {("municipality", "M29"), ("police_zone", "M30")}
    assert set(said.values()) == {"a figure that was told of another group would say whose it is"}
