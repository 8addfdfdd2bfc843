"""A figure that is told of two groups with few members in common says whose it is: worlds in which
that would happen, and some in which it says nothing and stays told."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from klankbord import database
from klankbord.sandbox import truth_coincidence
from klankbord.sandbox.truth_statistics import Member, Metric, of_group
from tests.databases import new_warehouse
from tests.suppression import worlds
from tests.suppression.coincidences import coincidences
from tests.suppression.editions import counted
from tests.suppression.worlds import MONTHS, PERIODS, QUARTER, SIZES, Body, Figure

SMALL, MIDDLE, _ = SIZES
JULY, WHOLE = ("month", MONTHS[0]), ("quarter", QUARTER)
#: province (EAST has most small ones) and size of each part: EAST and the middle ones share `both`
PARTS = {"east": ("10000", SMALL), "both": ("10000", MIDDLE), "middle": ("20001", MIDDLE),
         "rest": ("20001", SMALL)}  # fmt: skip
EAST, MIDDLES = "province-10000", f"size-{MIDDLE}"
Values = dict[str, list[float]]
_serial = itertools.count()


def low(count: int) -> list[float]:
    """So many figures under 9, no two alike."""
    return [8 + next(_serial) / 1000 for _ in range(count)]


def high(count: int) -> list[float]:
    """So many figures over 11."""
    return [12 + next(_serial) / 1000 for _ in range(count)]


def edge(count: int) -> list[float]:
    """Half of them far under and half far over, where no place of a group lies."""
    far = [next(_serial) / 1000 for _ in range(count)]
    return [value + (1 if i % 2 else 20) for i, value in enumerate(far)]


@dataclass(frozen=True)
class Case:
    """A type of bodies: what they have in a period, and which places must not be told."""

    kind: str
    values: Values
    hidden: frozenset[tuple[str, str]] = frozenset()
    metrics: tuple[str, ...] = ("M29",)
    #: (metric, period) -> other values of the parts
    otherwise: dict[tuple[str, tuple], Values] = field(default_factory=dict)

    def bodies(self) -> list[Body]:
        return [
            Body(f"{self.kind}-{part}-{i:02}", "BE", self.kind, None, *PARTS[part], 100)
            for part, values in self.values.items()
            for i in range(len(values))
        ]

    def figures(self) -> Iterator[Figure]:
        for metric, (i, period) in itertools.product(self.metrics, enumerate(PERIODS)):
            shift = 1 + i / 100 + (metric == "M30") / 10
            if self.otherwise:
                shift = 1
            values = self.otherwise.get((metric, period))
            if self.otherwise and values is None:
                continue
            for part, found in (values or self.values).items():
                for j, value in enumerate(found):
                    pair = (value * shift, 100.0) if metric == "M05" else (None, None)
                    yield Figure(
                        f"{self.kind}-{part}-{j:02}", "facebook", metric, period, value * shift,
                        *pair,
                    )  # fmt: skip


def both_sides(*parts: str) -> frozenset[tuple[str, str]]:
    return frozenset(itertools.product((EAST, MIDDLES), parts))


def split() -> dict[tuple[str, tuple], Values]:
    """In July the one is the middle of EAST, in the quarter of the middle ones."""
    east = {"east": [*low(5), *high(6)], "both": [10, *low(1)], "middle": low(9), "rest": edge(4)}
    middle = {"east": low(11), "both": [10, *low(1)], "middle": [*low(4), *high(5)],
              "rest": edge(4)}  # fmt: skip
    return {("M29", JULY): east, ("M29", WHOLE): middle}


def unlike() -> dict[tuple[str, tuple], Values]:
    """The same of two metrics."""
    return {(m, JULY): v for m, v in zip(("M29", "M30"), split().values(), strict=True)}


MEDIANS = {"east": [*low(5), *high(6)], "both": [10, *low(1)], "middle": [*low(4), *high(5)],
           "rest": edge(4)}  # fmt: skip
CASES = [
    Case("municipality", MEDIANS, both_sides("median", "value"), ("M05",)),
    # the first quarter of EAST (13) is the median of the middle ones (11)
    Case(
        "ocmw",
        {"east": [*low(2), *high(9)], "both": [10, *low(1)], "middle": [*low(4), *high(5)],
         "rest": edge(4)},
        frozenset({(EAST, "q1"), (EAST, "q3"), (MIDDLES, "median"), (MIDDLES, "value")}),
    ),
    # half of two: what two have together
    Case(
        "police_zone",
        {"east": [*low(5), *high(5)], "both": [10, 10.5], "middle": [*low(4), *high(4)],
         "rest": edge(4)},
        both_sides("median", "value"),
    ),
    # 30: the lower end lies between the ninth and the tenth, a quarter before
    Case(
        "emergency_zone",
        {"east": [*low(8), *high(20)], "both": [10, 10.5], "middle": [*low(8), *high(20)],
         "rest": edge(4)},
        both_sides("lower", "upper"),
    ),
    # 41: the fifth is p10
    Case(
        "province",
        {"east": [*low(4), *high(36)], "both": [10], "middle": [*low(4), *high(36)],
         "rest": edge(6)},
        both_sides("p10", "p90"),
    ),
    Case("police_unit", MEDIANS, frozenset({(EAST, "median"), (MIDDLES, "median")}),
         otherwise=split()),
    Case("safety_region", MEDIANS, frozenset({(EAST, "median"), (MIDDLES, "median")}),
         ("M29", "M30"), unlike()),
]  # fmt: skip
HARMLESS = {
    "nobody_in_both_has_it": {
        "east": [10, *low(5), *high(5)], "both": low(1) + high(1),
        "middle": [10, *low(4), *high(4)], "rest": edge(4),
    },
    "five_have_it": {
        "east": [*[10] * 4, *low(3), *high(4)], "both": [10, *low(1)],
        "middle": [*low(4), *high(5)], "rest": edge(4),
    },
    "five_are_in_both": {
        "east": [*low(4), *high(4)], "both": [10, *low(2), *high(2)],
        "middle": [*low(3), *high(3)], "rest": edge(6),
    },
}  # fmt: skip


@dataclass
class World:
    members: list[Body]
    known: list[Figure]
    shown: list[dict]
    #: without the rule
    blind: list[dict]

    def of(self, rows: list[dict], kind: str) -> list[dict]:
        return [r for r in rows if r["group_id"].split("/")[0] == f"be-{kind}"]


def world(postgres: database.Access, cases: list[Case]) -> World:
    members = [body for case in cases for body in case.bodies()]
    known = [figure for case in cases for figure in case.figures()]
    query = "select * from marts.fct_group_metric"
    with new_warehouse(postgres) as access:
        worlds.prepare(access)
        worlds.build(access, members, known)
        shown = worlds.rows(access, query)
        with access.connect("klankbord_transformer") as connection, connection.cursor() as cursor:
            cursor.execute("truncate marts.fct_coincident_cell")
        worlds.warehouse.run(access, ["run", "--select", "fct_group_metric"])
        return World(members, known, shown, worlds.rows(access, query))


@pytest.fixture(scope="module")
def named(postgres: database.Access) -> World:
    return world(postgres, CASES)


@pytest.fixture(scope="module")
def harmless(postgres: database.Access) -> World:
    kinds = ("ocmw", "police_zone", "emergency_zone")
    cases = [Case(k, v) for k, v in zip(kinds, HARMLESS.values(), strict=True)]
    return world(postgres, cases)


def lost(world: World, rows: Callable[[World], list[dict]] = lambda w: w.shown) -> set[tuple]:
    """(group, column) of what is told without the rule and not with it."""
    key = ("group_id", "platform", "metric_id", "definition_id", "period_kind", "period_start")
    without = {tuple(r[k] for k in key): r for r in world.blind}
    return {
        (r["group_id"], name)
        for r in rows(world)
        for name, said in without[tuple(r[k] for k in key)].items()
        if r[name] is None and said is not None
    }


def test_nothing_is_named(named):
    assert coincidences(named.shown, named.members, named.known) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_without_the_rule_the_attacker_names_somebody(named, case):
    found = coincidences(named.of(named.blind, case.kind), named.members, named.known)
    assert {frozenset(side.group_id.split("/")[1] for side in (f.one, f.other)) for f in found} == {
        frozenset({EAST, MIDDLES})
    }
    assert {body.split("-")[-2] for f in found for body in f.bodies} == {"both"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_both_sides_are_hidden_and_nothing_else(named, case):
    mine = {(g, name) for g, name in lost(named) if g.startswith(f"be-{case.kind}/")}
    expected = {(f"be-{case.kind}/{group}", name) for group, name in case.hidden}
    expected |= {(g, "value") for g, name in expected if name == "median"}
    assert mine == expected


@pytest.mark.parametrize("which", ["named", "harmless"])
def test_the_truth_hides_the_same(request, which):
    """In plain Python, of the metrics that bodies have."""
    found = request.getfixturevalue(which)
    said = truth_coincidence.coincident(truth_rows(found))
    expected = {(row.group_id, name) for row, names in said.items() for name in names}
    metrics = ("M05", "M29", "M30")
    rows = [r for r in found.shown if r["metric_id"] in metrics]
    assert {(g, name) for g, name in lost(found, lambda w: rows) if name != "value"} == {
        (g, name) for g, name in expected if any(r["group_id"] == g and r[name] is None
                                                 for r in rows)
        and any(r["group_id"] == g and r[name] is not None for r in found.blind)
    }  # fmt: skip
    assert bool(expected) == (which == "named")


def truth_rows(found: World) -> Iterator[truth_coincidence.Row]:
    groups = {g for body in found.members for g in body.groups().values()}
    inside = {g: {b.organisation_id for b in found.members if g in b.groups().values()}
              for g in groups}  # fmt: skip
    values: dict[tuple, dict[str, float]] = {}
    for f in counted(found.known):
        values.setdefault((f.metric_id, f.period), {})[f.organisation_id] = f.value
    for (metric_id, _), of_layer in sorted(values.items(), key=str):
        for group_id in sorted(groups):
            known = {n: v for n, v in sorted(of_layer.items()) if n in inside[group_id]}
            if known:
                metric = Metric()
                yield truth_coincidence.Row(
                    group_id, (metric_id == "M05",), metric, known,
                    of_group([Member(n, v) for n, v in known.items()], metric),
                )  # fmt: skip


def test_what_is_hidden_is_suppressed_and_its_row_stands(named):
    rows = [r for r in named.of(named.shown, "municipality") if r["n"] and r["median"] is None]
    hidden = {(r["group_id"], r["metric_id"]) for r in rows}
    assert {metric for _, metric in hidden} == {"M05", "M06a"}
    for row in rows:
        is_sum = row["metric_id"] == "M06a"
        assert row["missing_reason"] == (None if is_sum else "suppressed")
        assert (row["value"] is not None) == is_sum
        assert None not in (row["n"], row["mean"], row["pooled"], row["q1"], row["coverage"])


def test_what_names_nobody_stays_told(harmless):
    assert coincidences(harmless.blind, harmless.members, harmless.known) == []
    assert lost(harmless) == set()
    for kind in ("ocmw", "police_zone", "emergency_zone"):
        medians = {
            r["group_id"].split("/")[1]: r["median"]
            for r in harmless.of(harmless.shown, kind)
            if r["metric_id"] == "M29" and "/" in r["group_id"]
            and (r["period_kind"], r["period_start"]) == JULY
        }  # fmt: skip
        assert medians[EAST] == medians[MIDDLES] == 10, kind
