"""Size classes of made-up bodies with made-up figures, as hostile as figures can be, and what dbt's
own SQL and the truth make of them. Each group is a size class; its name says its kind."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from klankbord.sandbox import truth_standing as standing
from klankbord.sandbox import truth_statistics as truth
from klankbord.sandbox.truth_statistics import Member, Metric
from tests.response.bench import Bench, Run

MODELS = (
    "fct_group_statistic",
    "fct_rare_place",
    "fct_coincident_cell",
    "fct_group_metric",
    "fct_standing",
    "fct_funnel",
    "fct_comparison",
)
START, DAY = date(2026, 9, 1), date(2026, 9, 30)
KEY = ("facebook", "klankbord", "month", START)
METRICS: dict[str, Metric] = {
    "M05": Metric(scale=100),
    "M08": Metric(unit="% change", is_change=True, scale=100),
    "M22": Metric(headline="mean", unit="share", group_interval="wilson", tier="T2"),
    "M26": Metric(unit="share", interval="wilson", tier="T2"),
    "M29": Metric(unit="hours", direction="lower", interval="order_statistic", tier="T2"),
    "M30": Metric(unit="hours", direction="lower", tier="T2"),
    "M37": Metric(unit="people", tier="T3"),
}
#: what a group only has: (base, its headline)
OF_GROUPS = {"M06a": ("M05", "pooled"), "M06b": ("M05", "mean")}


@dataclass(frozen=True)
class Group:
    """members: metric -> the members' figures. late: who has a figure that the group does not count
    (a stock's quarter); hidden: by suppression."""

    group_id: str
    members: Mapping[str, Sequence[Member]]
    late: frozenset[str] = frozenset()
    is_hidden: bool = False

    @property
    def is_class(self) -> bool:
        """Or bodies whose inhabitants nobody knows."""
        return not self.group_id.startswith("nowhere")

    def counted(self, metric_id: str) -> list[Member]:
        return [
            replace(m, value=None) if m.name in self.late else m for m in self.members[metric_id]
        ]


Draw = Callable[[random.Random], float]
#: how hostile values may be: none is NaN, which the database's gates refuse
KINDS: dict[str, Draw] = {
    "any": lambda d: d.lognormvariate(1, 1),
    "ties": lambda d: d.choice([1.0, 2.0, 2.0, 7.5]),
    "equal": lambda d: 3.25,
    "nothing": lambda d: 0.0,
    "negative": lambda d: d.gauss(-1, 4),
    "huge": lambda d: d.uniform(1e11, 1e12),
    "tiny": lambda d: d.uniform(0, 1e-6),
    "outlier": lambda d: 1e6 if d.random() < 0.1 else d.random(),
}
SIZES = (*range(13), 17, 19, 20, 23, 40, 41, 51)


def groups(seed: int) -> Iterator[Group]:
    """A group of each size, of a kind that moves on with the seed."""
    draw = random.Random(seed)
    kinds = list(KINDS)
    for i, n in enumerate(SIZES):
        kind = kinds[(i + seed) % len(kinds)]
        yield group(draw, f"{kind}-{n}", n, KINDS[kind], is_hidden=draw.random() < 0.15)
    yield group(draw, "nowhere-3", 3, KINDS["any"])


def group(draw: random.Random, name: str, n: int, kind: Draw, *, is_hidden: bool = False) -> Group:
    """So many bodies with a value of each metric, and some without."""
    names = [f"{name}/{i:02}" for i in range(n + draw.randrange(3))]
    people = {
        body: None if n % 7 == 3 and i == 0 else draw.randrange(0, 90_000)
        for i, body in enumerate(names)
    }
    members = {
        metric_id: [
            Member(body, **(_figure(draw, metric_id, kind) if i < n else {"value": None}),
                   inhabitants=people[body])
            for i, body in enumerate(draw.sample(names, len(names)))
        ]
        for metric_id in METRICS
    }  # fmt: skip
    late = frozenset(names[:2]) if n % 5 == 1 else frozenset()
    return Group(name, members, late, is_hidden)


def _figure(draw: random.Random, metric_id: str, kind: Draw) -> dict[str, float | None]:
    value = kind(draw)
    if metric_id == "M22":
        return {"value": float(value > 1), "numerator": float(value > 1), "denominator": 1.0}
    if metric_id == "M26":
        cases = 1 + int(draw.lognormvariate(2, 1.5))
        # from nobody answers to everybody does, and what lies between
        answered = sum(draw.random() < abs(value) / 5 for _ in range(cases))
        return {
            "value": answered / cases,
            "numerator": float(answered),
            "denominator": float(cases),
        }
    if metric_id == "M29":
        low, high = draw.choice([(0.5, 1.5), (0.9, 1.1), (0.5, None), (None, None)])
        return {
            "value": value,
            "lower": None if low is None else min(value * low, value * (high or 2)),
            "upper": None if high is None else max(value * low, value * high),
        }
    if metric_id == "M37":
        return {"value": value}
    bottom = draw.uniform(1, 1000)
    top = value * bottom / METRICS[metric_id].scale
    return {"value": value, "numerator": top, "denominator": bottom}


def build(bench: Bench, found: Sequence[Group]) -> Run:
    """The tables that the models read, and the models."""
    run = bench.open()
    for table, (columns, rows) in _tables(found).items():
        run.table(table, columns, rows)
    for name in MODELS:
        run.model(name)
    return run


def _tables(found: Sequence[Group]) -> dict[str, tuple[str, list[tuple]]]:
    bodies = [(g, m) for g in found for m in g.members["M05"]]
    figures = [(g, name, m) for g in found for name in METRICS for m in g.members[name]]
    names = [*METRICS, *OF_GROUPS]
    metrics = {name: (name, m) for name, m in METRICS.items()} | {
        name: (base, replace(METRICS[base], headline=head, group_interval="none"))
        for name, (base, head) in OF_GROUPS.items()
    }
    key = "platform text, definition_id text, period_kind text, period_start date"
    numbers = "value float8, lower float8, upper float8, numerator float8, denominator float8"
    columns = (
        f"organisation_id text, metric_id text, {key}, as_of_on date, {numbers}, coverage float8,"
        " is_synthetic boolean"
    )

    def figure(name: str, m: Member, value: float | None) -> tuple:
        ends = (value, m.lower, m.upper, m.numerator, m.denominator)
        return (m.name, name, *KEY, DAY, *ends, 1.0, True)

    return {
        "dim_group_member": (
            "group_id text, organisation_id text, as_of_on date",
            [(g.group_id, m.name, DAY) for g, m in bodies if g.is_class],
        ),
        "dim_organisation": (
            "organisation_id text, as_of_on date, size_group_id text",
            [(m.name, DAY, g.group_id if g.is_class else None) for g, m in bodies],
        ),
        "int_inhabitants_at": (
            "organisation_id text, as_of_on date, inhabitants bigint",
            [(m.name, DAY, m.inhabitants) for _, m in bodies if m.inhabitants is not None],
        ),
        # a pair that it does not name can be given
        "metric_platforms": ("metric_id text, platform text, is_applicable boolean", []),
        "dim_metric": (
            "metric_id text, base_metric_id text, headline text, direction text, unit text,"
            " interval_kind text, group_interval_kind text, tier text, scale float8",
            [
                (name, base, m.headline, m.direction, m.unit, m.interval, m.group_interval,
                 m.tier, m.scale)
                for name, (base, m) in metrics.items()
            ],
        ),
        "dim_definition": (
            "metric_id text, definition_id text",
            [(name, "klankbord") for name in names],
        ),
        "int_metric_periods": (
            "metric_id text, platform text, period_kind text, period_start date, last_on date,"
            " status text, has_synthetic_accounts boolean",
            [(name, "facebook", "month", START, DAY, "final", True) for name in names],
        ),
        "fct_suppressed_cell": (
            f"group_id text, metric_id text, {key}",
            [(g.group_id, name, *KEY) for g in found if g.is_hidden for name in names],
        ),
        "disclosure_families": (
            "metric_id text, is_change boolean, is_public boolean",
            [(name, m.is_change, False) for name, m in METRICS.items()],
        ),
        "fct_metric": (columns, [figure(name, m, m.value) for _, name, m in figures]),
        "fct_member_figure": (
            columns,
            [figure(name, m, None if m.name in g.late else m.value) for g, name, m in figures],
        ),
    }  # fmt: skip


def expected_statistics(found: Sequence[Group]) -> dict[tuple[str, str], dict]:
    """(group, metric) -> what the house knows."""
    return {
        (g.group_id, name): truth.of_group(g.counted(base), metric)
        for g in found
        for name, (base, metric) in _all_metrics().items()
        if g.is_class and g.members[base]
    }


def expected_told(found: Sequence[Group]) -> dict[tuple[str, str], dict]:
    """(group, metric) -> what may be seen."""
    metrics = _all_metrics()
    hidden = {g.group_id for g in found if g.is_hidden}
    return {
        (group_id, name): truth.told(known, metrics[name][1], is_hidden=group_id in hidden)
        for (group_id, name), known in expected_statistics(found).items()
    }


def _all_metrics() -> dict[str, tuple[str, Metric]]:
    of_groups = {
        name: (base, replace(METRICS[base], headline=head, group_interval="none"))
        for name, (base, head) in OF_GROUPS.items()
    }
    return {name: (name, metric) for name, metric in METRICS.items()} | of_groups


def expected_standings(found: Sequence[Group]) -> dict[tuple[str, str], standing.Standing]:
    """(body, metric) -> where it stands."""
    expected = {}
    for g in found:
        for name, metric in METRICS.items():
            peers = None
            if g.is_class:
                peers = standing.Peers(g.counted(name), metric, is_hidden=g.is_hidden)
            for m in g.members[name]:
                expected[m.name, name] = standing.standing(m, peers, metric)
    return expected
