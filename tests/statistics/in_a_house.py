"""The statistics of a whole house, from the truth of its world: what tests/pipeline compares beside
the figures themselves. Whether a group is hidden as a whole, and a body's own interval, are taken
as published: tests/suppression and tests/response are about those."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date

from klankbord.sandbox import truth_groups, truth_standing, truth_statistics
from klankbord.sandbox.truth import Truth
from klankbord.sandbox.truth_figures import Figure
from klankbord.sandbox.truth_statistics import Member, Metric
from klankbord.settings import PROJECT_ROOT
from tests.pipeline.house import House
from tests.statistics import coincident_in_a_house
from tests.statistics.test_worlds import same

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
STATISTICS = ("n", "weighted_mean", "p10", "p90", "lower", "upper")
STOOD = tuple(field.name for field in fields(truth_standing.Standing))
Period = tuple[str, str, date]  # platform, kind, first day


def metrics() -> dict[str, Metric]:
    """As the catalogue says."""
    with (SEEDS / "disclosure_families.csv").open(newline="") as file:
        changes = {r["metric_id"] for r in csv.DictReader(file) if r["is_change"] == "true"}
    with (SEEDS / "metrics.csv").open(newline="") as file:
        return {
            r["metric_id"]: Metric(
                r["headline"], r["direction"], r["unit"], r["interval_kind"],
                r["group_interval_kind"], r["tier"], r["metric_id"] in changes, float(r["scale"]),
            )
            for r in csv.DictReader(file)
        }  # fmt: skip


def pairs() -> dict[tuple[str, str], bool]:
    """(metric, platform) -> whether the platform can give the metric."""
    with (SEEDS / "metric_platforms.csv").open(newline="") as file:
        return {
            (r["metric_id"], r["platform"]): r["is_applicable"] == "true"
            for r in csv.DictReader(file)
        }


def differences(house: House, truth: Truth, figures: Iterable[Figure]) -> list[str]:
    """What the warehouse says otherwise of groups' edges and intervals, and of bodies' places."""
    figures, known = list(figures), metrics()
    ends = _ends(house)
    monthly = _monthly(figures)
    expected_groups, expected_bodies = {}, {}
    hidden = _hidden(house)
    rows = coincident_in_a_house.rows_of(house, truth, known)
    places = coincident_in_a_house.hidden_places(rows)
    for period, on, found in _periods(truth, figures):
        inside = truth_groups.members(truth.register, on)
        size_of = {name: g for g, names in inside.items() if "/size-" in g for name in names}
        for metric_id, of_metric in found.items():
            counted = dict(_counted(truth, period, metric_id, of_metric, monthly))
            members = {
                name: Member(
                    name, f.value if name in counted else None, f.numerator, f.denominator,
                    truth.register.inhabitants(name, on), *ends.get((name, metric_id, *period),
                                                                     (None, None)),
                )
                for name, f in of_metric.items()
            }  # fmt: skip
            groups = {g: [members[n] for n in sorted(names & members.keys())]
                      for g, names in inside.items()}  # fmt: skip
            for group_id, of_group in groups.items():
                said = truth_statistics.of_group(of_group, known[metric_id])
                expected_groups[group_id, metric_id, *period] = [said[c] for c in STATISTICS]
            peers = {
                g: truth_standing.Peers(
                    of_group,
                    known[metric_id],
                    is_hidden=(g, metric_id, *period) in hidden,
                    coincident=places.get((g, metric_id, "klankbord", *period), frozenset()),
                )
                for g, of_group in groups.items() if "/size-" in g
            }  # fmt: skip
            for name, f in of_metric.items():
                own = (
                    members[name] if name in counted or f.value is None else _with(members[name], f)
                )
                stood = truth_standing.standing(own, peers.get(size_of.get(name)), known[metric_id])
                expected_bodies[name, metric_id, *period] = [getattr(stood, c) for c in STOOD]
    return [
        *_compare(house, "marts.fct_group_statistic", "group_id", STATISTICS, expected_groups),
        *_compare(house, "published.rpt_organisation_metric", "organisation_id", STOOD,
                  expected_bodies),
        *coincident_in_a_house.told_differences(house, rows, places),
    ]  # fmt: skip


def _with(member: Member, figure: Figure) -> Member:
    """Its own figure, which the group does not count."""
    return Member(member.name, figure.value, figure.numerator, figure.denominator)


def _periods(
    truth: Truth, figures: Iterable[Figure]
) -> Iterator[tuple[Period, date, dict[str, dict[str, Figure]]]]:
    found: dict = defaultdict(lambda: defaultdict(dict))
    for f in figures:
        found[f.platform, f.period_kind, f.period_start][f.metric_id][f.organisation_id] = f
    for platform in sorted({platform for platform, _, _ in found}):
        for kind, first, last in truth.periods(platform):
            yield (platform, kind, first), last, found[platform, kind, first]


def _monthly(figures: Iterable[Figure]) -> dict[tuple[str, str, date], set[str]]:
    """(platform, metric, month) -> who has a figure."""
    found: dict = defaultdict(set)
    for f in figures:
        if f.period_kind == "month" and f.value is not None:
            found[f.platform, f.metric_id, f.period_start].add(f.organisation_id)
    return found


def _counted(
    truth: Truth, period: Period, metric_id: str, of_metric: dict, monthly: dict
) -> Iterator[tuple[str, Figure]]:
    """Of a stock's quarter only who has the figure in its last month."""
    platform, kind, first = period
    is_late = kind == "quarter" and metric_id in truth_groups.STOCKS
    month: set[str] = set()
    if is_late:
        last = next(end for k, f, end in truth.periods(platform) if (k, f) == (kind, first))
        month = monthly[platform, metric_id, last.replace(day=1)]
    for name, f in of_metric.items():
        if f.value is not None and (not is_late or name in month):
            yield name, f


def _ends(house: House) -> dict[tuple, tuple[float | None, float | None]]:
    rows = house.rows(
        "select organisation_id, metric_id, platform, period_kind, period_start, lower, upper"
        " from published.rpt_organisation_metric where definition_id = 'klankbord'",
        role="klankbord_reader",
    )
    return {row[:5]: row[5:] for row in rows}


def _hidden(house: House) -> set[tuple]:
    return set(
        house.rows(
            "select group_id, metric_id, platform, period_kind, period_start"
            " from published.rpt_group_metric where definition_id = 'klankbord' and n is null",
            role="klankbord_reader",
        )
    )


def _compare(
    house: House, table: str, subject: str, names: tuple[str, ...], expected: dict
) -> Iterator[str]:
    rows = house.rows(
        f"select {subject}, metric_id, platform, period_kind, period_start, {', '.join(names)}"
        f" from {table} where definition_id = 'klankbord'",
        role="klankbord_publisher",
    )
    found = {row[:5]: row[5:] for row in rows}
    assert expected.keys() & found.keys(), "nothing would be compared"
    for key in sorted(expected.keys() & found.keys(), key=str):
        for name, said, true in zip(names, found[key], expected[key], strict=True):
            if not same(said, true):
                yield f"{key} {name}: {said}, and the truth is {true}"
