"""What a file would load, before anything is loaded: the preview's and the loader's one source."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from klankbord.imports import archive, files, moments, recognition
from klankbord.imports.faults import FileRefusedError, Place, said
from klankbord.imports.formats import Format
from klankbord.imports.metrics import METRICS
from klankbord.imports.owners import OwnerError, Owners
from klankbord.imports.understanding import Figure, Understood, understand

#: the first day of a figure that has none
UNKNOWN = date.min


@dataclass(frozen=True, slots=True)
class Options:
    """What the user said beside the files. since: first day of a file that covers a period and
    names no days; observed_on: the day of the export. saved_on: the day on which the file was
    saved; named: the days in its name or its folder's (klankbord.imports.moments)."""

    observed_on: date | None = None
    since: date | None = None
    formats: Sequence[Format] = ()
    saved_on: date | None = None
    named: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A row of raw.import_insights, without its file."""

    account_id: str
    platform: str
    post_id: str
    metric_name: str
    metric_basis: str
    period: str
    start_on: date
    end_on: date
    observed_on: date
    value: Decimal
    file_line: int
    file_column: str

    @property
    def key(self) -> tuple:
        """What the figure measures, however often it is read."""
        return (
            self.account_id, self.post_id, self.metric_name, self.period, self.start_on, self.end_on
        )  # fmt: skip


@dataclass(slots=True)
class Plan:
    """A file as it would be loaded; with faults, it is not. archived: its rows, when it holds the
    follower counts of an earlier study instead."""

    name: str
    digest: str = ""
    way: str = ""
    understood: list[Understood] = field(default_factory=list)
    other_sheets: list[str] = field(default_factory=list)
    observed_on: date | None = None
    readings: list[Reading] = field(default_factory=list)
    archived: list[archive.Row] | None = None
    decisions: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def account_ids(self) -> list[str]:
        return sorted(
            {r.account_id for r in self.readings} | {row[0] for _, row in self.archived or ()}
        )

    @property
    def rows(self) -> int:
        return sum(u.rows for u in self.understood) + len(self.archived or ())


def plan(path: Path, owners: Owners, options: Options, today: date) -> Plan:
    """Everything that a file says; never raises for what stands in it."""
    made = Plan(path.name)
    try:
        document = files.read(path)
        made.digest = document.digest
        if counts := archive.table(document):
            made.archived = archive.understood(path.name, counts, owners.account_ids, today)
            return made
        found = recognition.recognise(document, options.formats)
    except FileRefusedError as error:
        made.faults += error.faults
        return made
    made.way, made.other_sheets = found.way, found.other_sheets
    if "Windows" in found.way:
        made.decisions.append("read as Windows-1252: its bytes are no UTF-8")
    for table in found.tables:
        made.understood.append(understand(path.name, table, today))
        made.faults += made.understood[-1].faults
        made.decisions += made.understood[-1].decisions
        if totals := made.understood[-1].totals:
            lines = ", ".join(map(str, totals))
            made.decisions.append(f"left out as a total: line {lines}")
    days = _observe(made, options, today)
    if days and not made.faults:
        _assign(made, owners, days)
    made.decisions = list(dict.fromkeys(made.decisions))
    return made


def _observe(made: Plan, options: Options, today: date) -> moments.Days | None:
    """The day of the export, and the days that the rows leave unsaid; None with the fault told."""
    days = set().union(*(u.days for u in made.understood))
    is_open = any(
        f.period == "range" and f.end_on is None for u in made.understood for f in u.figures
    )
    if not days and not is_open and made.faults:
        return None  # the rows that could not be read would have named them
    try:
        found = moments.tell(
            sorted(days),
            is_open=is_open,
            stated=(options.observed_on, options.since),
            saved=options.saved_on,
            in_name=options.named,
            today=today,
        )
    except moments.DaysError as error:
        made.faults.append(said(Place(made.name, 1), str(error)))
        return None
    made.observed_on = found.observed_on
    made.decisions += found.decisions
    return found


def _assign(made: Plan, owners: Owners, days: moments.Days) -> None:
    """Figures to readings of accounts; an unknown account and a contradiction are faults."""
    figures = [f for u in made.understood for f in u.figures]
    everyone = {f.owner for f in figures}
    only_owner = len({str(o) for o in everyone}) == 1
    accounts: dict = {}
    for figure in figures:
        if figure.owner not in accounts:
            try:
                accounts[figure.owner] = owners.of(figure.owner, only_owner=only_owner)
            except OwnerError as error:
                accounts[figure.owner] = None
                line = Place(made.name, figure.place.line, figure.place.sheet)
                made.faults.append(said(line, str(error)))
    if not made.faults and not figures:
        made.faults.append(said(Place(made.name, 1), "every figure in it is absent"))
    if made.faults:
        return
    seen: dict[tuple, tuple[Reading, Figure]] = {}
    differing: dict[Place, str] = {}  # rows of one figure that are not the same row
    contradicted: set[Place] = set()
    twice = 0
    for figure in figures:
        account_id, platform = accounts[figure.owner]
        row = Place(made.name, figure.place.line, figure.place.sheet)
        if figure.choices and platform not in figure.choices:
            may = " or ".join(sorted(filter(None, figure.choices)))
            what = f"its title is one of {may}, and {account_id} is on {platform}"
            made.faults.append(said(row, what))
        reading = _reading(figure, account_id, platform, days)
        if reading.start_on > reading.end_on:
            what = f"--since {reading.start_on} lies after the row's last day"
            made.faults.append(said(row, what))
        if reading.key not in seen:
            seen[reading.key] = (reading, figure)
            continue
        first, where = seen[reading.key]
        twice += 1
        of = f"the same {'post' if figure.post_id else 'account'} and days"
        if first.value != reading.value:
            what = (
                f"{reading.metric_name} is {reading.value} here and {first.value} on line "
                f"{where.place.line}, of {of}: remove one of the rows"
            )
            made.faults.append(said(figure.place, what))
            contradicted.add(row)
        elif figure.row != where.row and figure.place.sheet == where.place.sheet:
            what = (
                f"line {where.place.line} is of {of}, and other cells differ: export without a "
                "breakdown, or remove one of the rows"
            )
            differing[row] = what
    made.faults += [said(row, what) for row, what in differing.items() if row not in contradicted]
    if twice:
        made.decisions.append(f"{twice} figures stand in the file twice, and count once")
    made.faults = list(dict.fromkeys(made.faults))
    made.readings = [] if made.faults else [reading for reading, _ in seen.values()]


def _reading(figure: Figure, account_id: str, platform: str, days: moments.Days) -> Reading:
    start, end = figure.start_on, figure.end_on
    if figure.period == "range":
        start, end = start or days.since, end or days.until
    metric = figure.choices.get(platform, figure.metric)
    return Reading(
        account_id=account_id,
        platform=platform,
        post_id=figure.post_id,
        metric_name=metric,
        metric_basis=METRICS[metric].basis,
        period=figure.period,
        start_on=start or UNKNOWN,
        end_on=end or days.observed_on,
        observed_on=days.observed_on,
        value=figure.value,
        file_line=figure.place.line,
        file_column=figure.place.column,
    )
