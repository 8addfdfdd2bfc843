"""How a table writes its dates and numbers, decided from whole columns before any row is read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from klankbord.imports import dates, numbers
from klankbord.imports.faults import Place, said, shown
from klankbord.imports.files import Cell, Row
from klankbord.imports.formats import Column, normal
from klankbord.imports.metrics import METRICS
from klankbord.imports.recognition import Table

DAYS = ("date", "first_day", "last_day", "published", "period")


@dataclass(slots=True)
class Conventions:
    """orders: of each column of dates; undecided: those whose fault is told already. lifetime:
    whether the column of periods holds one word. title: platform (None: any) -> the metric that
    the title line names."""

    metrics: dict[int, tuple[str, Column]]
    orders: dict[str, dates.Order | None] = field(default_factory=dict)
    undecided: set[str] = field(default_factory=set)
    decimal: numbers.Mark = "point"
    lifetime: bool = False
    title: Mapping[str | None, str] | None = None
    decisions: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def place(file: str, table: Table, row: Row, index: int | None = None) -> Place:
    """Where a row or one of its cells stands."""
    if index is None:
        return Place(file, row.line, table.sheet.name)
    return Place(file, row.line, table.sheet.name, str(table.header.cells[index]), index + 1)


def is_empty(cell: Cell) -> bool:
    """Whether there is nothing in a cell."""
    return cell is None or cell == ""


def is_count(metric: str, column: Column) -> bool:
    """Whether a column's cells are whole numbers as they stand in the file."""
    return METRICS[metric].whole and column.multiply_by == column.divide_by == 1


def settle(file: str, table: Table, rows: Sequence[Row], today: date) -> Conventions:
    """The conventions of a table's rows (without totals)."""
    found = Conventions({i: (c.target, c) for i, c in table.columns.items() if c.target in METRICS})
    for index, column in table.columns.items():
        cells = list(_cells(rows, index))
        if column.target == "titled":
            _title(found, file, table, index)
        elif column.target in DAYS:
            _days(found, file, table, index, cells, today)
    decided = numbers.decide(
        (
            (cell, is_count(metric, column))
            for index, (metric, column) in found.metrics.items()
            for _, cell in _cells(rows, index)
            if isinstance(cell, str)
        ),
        table.format.decimals,
        table.language.decimals,
    )
    found.decimal = decided.decimal
    if decided.reason:
        found.decisions.append(f"numbers have {decided.reason}")
    return found


def _cells(rows: Sequence[Row], index: int) -> Iterator[tuple[Row, Cell]]:
    for row in rows:
        if index < len(row.cells) and not is_empty(row.cells[index]):
            yield row, row.cells[index]


def _title(found: Conventions, file: str, table: Table, index: int) -> None:
    """The metric that the title names."""
    found.title = table.language.titles.get(normal(table.title))
    if found.title:
        found.metrics[index] = (next(iter(found.title.values())), table.columns[index])
        return
    known = ", ".join(sorted(table.language.titles))
    found.faults.append(
        said(
            place(file, table, table.header),
            f"the line above this header names no figure that is known ({known}): describe the "
            "file in a mapping file, with `titles`",
        )
    )


def _days(
    found: Conventions, file: str, table: Table, index: int, cells: list, today: date
) -> None:
    """How a column of dates is read; one that fits no order is a fault at two cells."""
    target, header = table.columns[index].target, table.header.cells[index]
    if target == "period":
        words = {normal(cell) for _, cell in cells}
        if len(words) <= 1 and not any(c.isdigit() for word in words for c in word):
            found.lifetime = True
            found.decisions.append(f"“{header}” names no day: the figures are lifetime ones")
            return
    decided = dates.decide(
        [cell if isinstance(cell, str | date) else str(cell) for _, cell in cells],
        table.format.dates,
        None if table.format.is_own else table.language.dates,
        today=today,
        is_daily=target == "date",
    )
    found.orders[target] = decided.order
    if decided.reason:
        found.decisions.append(f"“{header}” is {decided.reason}")
    for position in decided.contradiction or ():
        found.undecided.add(target)
        row, cell = cells[position]
        other = cells[sum(decided.contradiction or ()) - position][0]
        found.faults.append(
            said(
                place(file, table, row, index),
                f"{shown(cell)} contradicts line {other.line}: one is day/month, the other "
                "month/day; give the file as it was exported, not as Excel saved it",
            )
        )
