"""What a whole house tells of its groups, from its bodies' published figures and the register:
which places would name members and are not told (klankbord.sandbox.truth_coincidence), and
everything else as the statistics say."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from klankbord.sandbox import truth_groups, truth_statistics
from klankbord.sandbox.truth import Truth
from klankbord.sandbox.truth_coincidence import Row, coincident
from klankbord.sandbox.truth_statistics import Member, Metric
from klankbord.settings import PROJECT_ROOT
from tests.pipeline.house import House
from tests.statistics.test_worlds import same

TOLD = ("value", "mean", "median", "p10", "q1", "q3", "p90", "pooled", "lower", "upper")
#: metric, definition, platform, kind, first day
Layer = tuple[str, str, str, str, date]
Cell = tuple[str, *Layer]


def rows_of(house: House, truth: Truth, metrics: Mapping[str, Metric]) -> dict[Cell, Row]:
    """Every group's row that is not hidden as a whole."""
    figures = _figures(house)
    inside: dict[tuple, dict[str, set[str]]] = {}
    for platform in {layer[2] for layer in figures}:
        for kind, first, last in truth.periods(platform):
            inside[platform, kind, first] = truth_groups.members(truth.register, last)
    found = {}
    for cell in sorted(_open(house)):
        group_id, metric_id, *_, platform, kind, first = cell
        members = inside.get((platform, kind, first), {}).get(group_id, set())
        known = [m for n, m in sorted(figures.get(cell[1:], {}).items()) if n in members]
        if known:
            metric = metrics[metric_id]
            found[cell] = Row(
                group_id,
                (metric.unit, platform, first.year, (first.month - 1) // 3),
                metric,
                {m.name: m.value for m in known},
                truth_statistics.of_group(known, metric),
            )
    return found


def hidden_places(rows: Mapping[Cell, Row]) -> dict[Cell, frozenset[str]]:
    """What of a row is not told; presence may be counted by everybody."""
    found = coincident(row for cell, row in rows.items() if cell[1] not in PUBLIC)
    return {cell: found.get(row, frozenset()) for cell, row in rows.items()}


def told_differences(
    house: House, rows: Mapping[Cell, Row], hidden: Mapping[Cell, frozenset[str]]
) -> Iterator[str]:
    """What is published of groups otherwise than the statistics say."""
    said = {row[:6]: row[6:] for row in _published(house, ", ".join(TOLD))}
    for cell, row in rows.items():
        expected = truth_statistics.told(row.found, row.metric, coincident=hidden[cell])
        for name, published in zip(TOLD, said[cell], strict=True):
            if not same(published, expected[name]):
                yield f"{cell} {name}: {published} is told, and the truth is {expected[name]}"


def _public() -> frozenset[str]:
    path = PROJECT_ROOT / "dbt_project" / "seeds" / "disclosure_families.csv"
    with path.open(newline="") as file:
        return frozenset(r["metric_id"] for r in csv.DictReader(file) if r["is_public"] == "true")


PUBLIC = _public()


def _open(house: House) -> set[Cell]:
    """Whose count of members with a figure is told, of metrics that have figures of bodies."""
    return {
        row[:6] for row in _published(house, "n") if row[6] and row[1] not in truth_groups.AUDIENCE
    }


def _published(house: House, columns: str) -> list[tuple]:
    return house.rows(
        "select group_id, metric_id, definition_id, platform, period_kind, period_start,"
        f" {columns} from published.rpt_group_metric",
        role="klankbord_reader",
    )


def _figures(house: House) -> dict[Layer, dict[str, Member]]:
    found: dict[Layer, dict[str, Member]] = defaultdict(dict)
    rows = house.rows(
        "select metric_id, definition_id, platform, period_kind, period_start, organisation_id,"
        " value, numerator, denominator from published.rpt_organisation_metric"
        " where value is not null",
        role="klankbord_reader",
    )
    for *layer, name, value, numerator, denominator in rows:
        found[tuple(layer)][name] = Member(name, value, numerator, denominator)
    # a stock's quarter is of those who have it in the last month
    for metric_id, definition, platform, kind, first in list(found):
        if kind == "quarter" and metric_id in truth_groups.STOCKS:
            last = first.replace(month=first.month + 2)
            months = found.get((metric_id, definition, platform, "month", last), {})
            mine = found[metric_id, definition, platform, kind, first]
            for name in set(mine) - set(months):
                del mine[name]
    return found
