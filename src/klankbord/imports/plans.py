"""What a file would load, before anything is loaded: the preview's and the loader's one source."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from klankbord.imports import archive, files, recognition
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
    names no days; observed_on: the day of the export."""

    observed_on: date | None = None
    since: date | None = None
    formats: Sequence[Format] = ()


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
        if archive.COLUMNS in [_first_row(sheets) for _, sheets in document.ways]:
            made.archived = archive.read(path, owners.account_ids, today)
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
    _observe(made, options, today)
    if not made.faults:
        _assign(made, owners, options)
    made.decisions = list(dict.fromkeys(made.decisions))
    return made


def _first_row(sheets: tuple[files.Sheet, ...]) -> list[files.Cell]:
    return list(sheets[0].rows[0].cells) if sheets and sheets[0].rows else []


def _observe(made: Plan, options: Options, today: date) -> None:
    """The day of the export: what the user says, else the last day that the file names."""
    place = Place(made.name, 1)
    days = set().union(*(u.days for u in made.understood))
    last = max(days, default=None)
    is_open = any(
        f.period == "range" and f.end_on is None for u in made.understood for f in u.figures
    )
    if options.observed_on:
        if options.observed_on > today or (last and options.observed_on < last):
            made.faults.append(
                said(
                    place,
                    f"--observed-on {options.observed_on} lies outside {last or 'the past'} to "
                    f"{today}: give the day of the export",
                )
            )
        made.observed_on = options.observed_on
    elif is_open:
        made.faults.append(
            said(
                place,
                "the file does not say which days it covers: give their last one with "
                "--observed-on, and the first with --since",
            )
        )
    elif last:
        made.observed_on = last
        made.decisions.append(
            f"observed on {last}, the last day in the file; --observed-on says another"
        )
    elif not made.faults:
        made.faults.append(
            said(place, "no day stands in the file: give the day of the export: --observed-on")
        )
    if options.since and made.observed_on and options.since > made.observed_on:
        made.faults.append(said(place, f"--since {options.since} lies after the file's last day"))


def _assign(made: Plan, owners: Owners, options: Options) -> None:
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
    if made.faults or made.observed_on is None:
        return
    seen: dict[tuple, tuple[Reading, Figure]] = {}
    twice = 0
    for figure in figures:
        reading = _reading(figure, *accounts[figure.owner], made.observed_on, options)
        if reading.key not in seen:
            seen[reading.key] = (reading, figure)
            continue
        first, where = seen[reading.key]
        twice += 1
        if first.value != reading.value:
            made.faults.append(
                said(
                    figure.place,
                    f"{reading.metric_name} is {reading.value} here and {first.value} on line "
                    f"{where.place.line}, of the same {'post' if figure.post_id else 'account'} "
                    "and days: remove one of the rows",
                )
            )
    if twice:
        made.decisions.append(f"{twice} figures stand in the file twice, and count once")
    made.readings = [reading for reading, _ in seen.values()]


def _reading(
    figure: Figure, account_id: str, platform: str, observed_on: date, options: Options
) -> Reading:
    start = figure.start_on
    if figure.period == "range" and start is None:
        start = options.since
    return Reading(
        account_id=account_id,
        platform=platform,
        post_id=figure.post_id,
        metric_name=figure.metric,
        metric_basis=METRICS[figure.metric].basis,
        period=figure.period,
        start_on=start or UNKNOWN,
        end_on=figure.end_on or observed_on,
        observed_on=observed_on,
        value=figure.value,
        file_line=figure.place.line,
        file_column=figure.place.column,
    )
