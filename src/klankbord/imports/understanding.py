"""A recognised table as figures: what each cell measures, of whom, of which days.

Nothing is dropped in silence: a row is figures, a total, or a fault with its line and column. Texts
of posts, titles and names of authors are never read into a figure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from klankbord.imports import dates, ids, numbers
from klankbord.imports.conventions import DAYS, is_count, is_empty, place, settle
from klankbord.imports.faults import Place, said, shown
from klankbord.imports.files import Cell, Row
from klankbord.imports.formats import Column, normal
from klankbord.imports.metrics import METRICS
from klankbord.imports.recognition import Table

LANGUAGES = {"nl": "Dutch", "fr": "French", "en": "English", "de": "German"}


@dataclass(frozen=True, slots=True)
class Owner:
    """What a row says of the account that it is of; all empty where the file says nothing."""

    platform: str | None
    account_ref: str = ""
    handle: str = ""
    page_name: str = ""

    def __str__(self) -> str:
        ref, name = self.account_ref, self.handle or self.page_name
        return f"{ref} ({name})" if ref and name else ref or name


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell. end_on None: known when the file's last day is. post_id "": of the account.
    choices: platform -> metric, where it depends on the account's platform what the title means.
    row: the whole row, to tell a row that stands there twice from a table that is broken down."""

    place: Place
    owner: Owner
    post_id: str
    metric: str
    period: str
    start_on: date | None
    end_on: date | None
    value: Decimal
    choices: Mapping[str | None, str] = field(default_factory=dict)
    row: tuple[Cell, ...] = ()


@dataclass(slots=True)
class Understood:
    """A table as figures. days: every day that it names; totals: lines that were left out."""

    table: Table
    figures: list[Figure] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    days: set[date] = field(default_factory=set)
    totals: list[int] = field(default_factory=list)
    rows: int = 0


def understand(file: str, table: Table, today: date) -> Understood:
    """What a table says; its faults stand in it, sentence by sentence."""
    return _Reader(file, table, today).read()


class _Reader:
    """Reads one table row by row, by the conventions of its columns."""

    def __init__(self, file: str, table: Table, today: date) -> None:
        self.file, self.table, self.today = file, table, today
        self.out = Understood(table)
        self.by_target = {c.target: i for i, c in table.columns.items()}
        self.owners: list[tuple[Row, Owner]] = []
        self.rows = [row for row in table.rows if not self._is_total(row)]
        self.how = settle(file, table, self.rows, today)
        self.out.decisions = [*table.decisions, *self.how.decisions]
        self.out.faults = list(self.how.faults)
        if table.language.evidence == "translated":
            self.out.decisions.append(
                f"the {LANGUAGES.get(table.language.code, table.language.code)} headers of this "
                "format were translated, not seen in a real file: compare the columns and a figure"
            )

    def read(self) -> Understood:
        """Everything that the table says."""
        if not self.rows:
            self._fault(self.table.header, "there is no row below this header: nothing to load")
        for row in self.rows if self.how.metrics else ():
            self.out.rows += 1
            if self._is_whole(row):
                self._row(row)
        self._owned()
        return self.out

    def _owned(self) -> None:
        """Where some rows say whose they are and one does not, it is no row of theirs."""
        unsaid = [row for row, owner in self.owners if not str(owner)]
        if len(unsaid) < len(self.owners):
            for row in unsaid:
                self._fault(
                    row,
                    "the row does not say whose it is, and the others do: remove it if it is a "
                    "total, else fill in what was emptied",
                )

    def _fault(self, row: Row, fault: str, index: int | None = None) -> None:
        self.out.faults.append(said(place(self.file, self.table, row, index), fault))

    def _is_total(self, row: Row) -> bool:
        first = row.filled[0]
        is_total = isinstance(first, str) and normal(first) in self.table.format.totals
        if is_total:
            self.out.totals.append(row.line)
        return is_total

    def _is_whole(self, row: Row) -> bool:
        """Whether the row has the header's cells: neither cut off nor shifted."""
        wanted = len(self.table.header.cells)
        has_more = any(not is_empty(cell) for cell in row.cells[wanted:])
        if has_more or (self.table.sheet.is_text and len(row.cells) < wanted):
            self._fault(
                row,
                f"the row has {len(row.cells)} cells and the header {wanted}: was the file cut "
                "off, or edited?",
            )
            return False
        return True

    def _row(self, row: Row) -> None:
        days = {target: self._day(row, target) for target in DAYS if target in self.by_target}
        period, start_on, end_on = self._period(row, days)
        choices = self.how.title or {}
        owner = Owner(
            next(iter(choices)) if len(choices) == 1 else self.table.format.platform,
            self._id(row, "account_ref"),
            self._text(row, "handle").lstrip("@"),
            self._text(row, "page_name"),
        )
        self.owners.append((row, owner))
        post_id = self._post_id(row, owner) if self.table.format.level == "post" else ""
        for index, (metric, column) in self.how.metrics.items():
            value = self._value(row, index, metric, column)
            if value is not None:
                where = place(self.file, self.table, row, index)
                self.out.figures.append(
                    Figure(
                        where, owner, post_id, metric, period, start_on, end_on, value,
                        choices if len(choices) > 1 else {}, row.cells,
                    )
                )  # fmt: skip
        self.out.days.update(day for day in days.values() if day)

    def _period(
        self, row: Row, days: dict[str, date | None]
    ) -> tuple[str, date | None, date | None]:
        """(period, first day, last day) of the row's figures."""
        if days.get("period"):
            return "day", days["period"], days["period"]
        period = self.table.format.period
        if period == "day":
            return period, days.get("date"), days.get("date")
        if period == "range":
            first, last = days.get("first_day"), days.get("last_day")
            if first and last and first > last:
                self._fault(row, "its first day is after its last: correct the row")
            return period, first, last
        return period, None, None

    def _cell(self, row: Row, target: str) -> Cell:
        index = self.by_target.get(target)
        return row.cells[index] if index is not None and index < len(row.cells) else None

    def _day(self, row: Row, target: str) -> date | None:
        index, cell = self.by_target[target], self._cell(row, target)
        if target == "period" and self.how.lifetime:
            return None
        if is_empty(cell):
            if target != "published":
                self._fault(row, "the day is missing", index)
            return None
        try:
            if isinstance(cell, Decimal):
                raise dates.DateError("is no date: format the cell as one")
            day = dates.parse(cell, self.how.orders.get(target))
        except dates.UndecidedError as error:
            if target not in self.how.undecided:  # said once for the column
                self.how.undecided.add(target)
                self._fault(row, f"{shown(cell)} {error}", index)
            return None
        except dates.DateError as error:
            self._fault(row, f"{shown(cell)} {error}", index)
            return None
        if day > self.today:
            self._fault(row, f"{shown(cell)} is in the future: correct the date", index)
        return day

    def _text(self, row: Row, target: str) -> str:
        """The part of a cell that names an account or a post; "" where there is none."""
        cell = self._cell(row, target)
        if is_empty(cell):
            return ""
        pattern = self.table.columns[self.by_target[target]].pattern
        text = str(cell).strip()
        if pattern is None:
            return text
        found = pattern.search(text)
        return (found[1] if pattern.groups else found[0]) if found else ""

    def _id(self, row: Row, target: str, read: Callable[[Cell, str], str] = ids.unchanged) -> str:
        text = self._text(row, target)
        try:
            return read(self._cell(row, target), text)
        except ids.IdError as error:
            self._fault(row, str(error), self.by_target[target])
            return text

    def _post_id(self, row: Row, owner: Owner) -> str:
        text = self._id(row, "post_id", ids.of_post)
        page = owner.account_ref if self.table.format.post_ids == "joined" else ""
        return f"{page}_{text}" if page and not text.startswith(f"{page}_") else text

    def _value(self, row: Row, index: int, metric: str, column: Column) -> Decimal | None:
        cell = row.cells[index] if index < len(row.cells) else None
        if is_empty(cell) or (isinstance(cell, str) and numbers.is_absent(cell)):
            return None
        try:
            if isinstance(cell, date):
                raise numbers.NumberError("is a date, not a number")
            if was_text := not isinstance(cell, Decimal):
                cell = numbers.parse(str(cell), self.how.decimal)
            if is_count(metric, column) and cell != cell.to_integral_value():
                why = f" (the table has a decimal {self.how.decimal})" if was_text else ""
                raise numbers.NumberError(f"is no whole number{why}")
            if cell < 0 and not METRICS[metric].signed:
                raise numbers.NumberError(f"is below zero, which {metric} cannot be")
        except numbers.NumberError as error:
            self._fault(row, f"{shown(row.cells[index])} {error}", index)
            return None
        return cell * column.multiply_by / column.divide_by
