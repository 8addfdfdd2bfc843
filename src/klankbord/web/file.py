"""Visits from a file, where there is no Matomo: `klankbord import web FILE --organisation ID`.

A table with a day, a source and a number of visits (Google Analytics, Plausible, Siteimprove, a
spreadsheet of one's own), with or without lines above its header. Sources that are no social
network are left out; a source that is empty or says "total" is the day's whole. All or nothing;
loading a file twice changes nothing, and a day that is loaded again is replaced.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from klankbord.database import Access
from klankbord.imports import dates, files, numbers
from klankbord.imports.faults import FileRefusedError, Place, said, shown
from klankbord.settings import LOCAL_ZONE
from klankbord.web import landing
from klankbord.web.landing import Place as WebPlace
from klankbord.web.landing import Reading
from klankbord.web.networks import OTHER, network_of

HEADERS: Mapping[str, tuple[str, ...]] = {
    "day": ("date", "day", "datum", "dag", "jour", "tag", "visited_on"),
    "source": (
        "network", "source", "session source", "session source / medium", "social network",
        "referrer", "netwerk", "bron", "sociaal netwerk", "sessiebron", "verwijzer", "réseau",
        "reseau social", "réseau social", "quelle", "netzwerk",
    ),
    "visits": (
        "visits", "sessions", "bezoeken", "sessies", "aantal bezoeken", "visites", "besuche",
        "sitzungen",
    ),
}  # fmt: skip
TOTALS = frozenset({"", "total", "totaal", "grand total", "all", "alle", "gesamt", "tous"})
HEADER_WITHIN = 20


@dataclass(frozen=True, slots=True)
class Understood:
    """What a file holds: its days, and how many lines were no social network's."""

    readings: Sequence[Reading]
    left_out: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did."""

    days: int
    changed: int
    left_out: int


def load(access: Access, path: Path, organisation_id: str, site: str, now: datetime) -> Loaded:
    """Check the whole file and load it in one transaction."""
    found = read(path, now.astimezone(LOCAL_ZONE).date())
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select 1 from register.organisations where organisation_id = %s"
            " and superseded_at is null limit 1",
            [organisation_id],
        )
        if cursor.fetchone() is None:
            raise FileRefusedError(
                [f"{path.name}: the register has no organisation {organisation_id!r}."]
            )
        place = WebPlace(organisation_id, "file", site)
        changed = landing.store(cursor, place, found.readings, now)
    return Loaded(len(found.readings), changed, found.left_out)


def read(path: Path, today: date) -> Understood:
    """All that a file says of days before `today`; every fault of it in one error."""
    document = files.read(path)
    for _, sheets in document.ways:
        for sheet in sheets:
            for place, row in enumerate(sheet.rows[:HEADER_WITHIN]):
                if columns := _columns(row):
                    header = Place(document.name, row.line, sheet.name)
                    return _understand(header, row, sheet.rows[place + 1 :], columns, today)
    wanted = "a day, a source and a number of visits (such as date,source,visits)"
    raise FileRefusedError([said(Place(document.name, 1), f"no header names {wanted}")])


def _columns(row: files.Row) -> dict[str, int]:
    """Where the three columns stand; nothing where one is missing or stands twice."""
    names = [" ".join(str(cell or "").casefold().split()) for cell in row.cells]
    found = {
        column: [i for i, name in enumerate(names) if name in known]
        for column, known in HEADERS.items()
    }
    return {c: at[0] for c, at in found.items()} if all(len(a) == 1 for a in found.values()) else {}


def _understand(
    header: Place,
    names: files.Row,
    rows: Sequence[files.Row],
    columns: Mapping[str, int],
    today: date,
) -> Understood:
    faults: list[str] = []
    cells = [
        (row, {c: row.cells[i] if i < len(row.cells) else None for c, i in columns.items()})
        for row in rows
        if row.filled
    ]
    days = [cell["day"] for _, cell in cells if isinstance(cell["day"], str | date)]
    order = dates.decide(days, None, "dmy", today=today)
    mark = numbers.decide(
        ((str(cell["visits"] or ""), True) for _, cell in cells), None, "comma"
    ).decimal
    counted: dict[date, dict[str, int]] = {}
    seen: dict[tuple[date, str], int] = {}
    left_out = 0
    for row, cell in cells:
        source = str(cell["source"] or "").partition(" / ")[0].strip()
        label = source.casefold()
        if label in TOTALS and not cell["day"]:
            continue  # the total row of the whole table
        try:
            day = _day(cell["day"], order.order, today)
            visits = _visits(cell["visits"], mark)
        except _CellError as error:
            i = columns[error.column]
            at = Place(header.file, row.line, header.sheet, str(names.cells[i]), i + 1)
            faults.append(said(at, str(error)))
            continue
        if (day, label) in seen:
            at = Place(header.file, row.line, header.sheet)
            faults.append(said(at, f"its day and source stand on line {seen[day, label]} too"))
            continue
        seen[day, label] = row.line
        networks = counted.setdefault(day, {})
        name = "" if label in TOTALS else network_of(source)
        if visits is None:
            continue
        if name == OTHER:
            left_out += 1
        else:
            networks[name] = networks.get(name, 0) + visits
    if not faults and not counted:
        faults.append(said(header, "below its header stands nothing"))
    if faults:
        raise FileRefusedError(faults)
    readings = [
        Reading(day, networks.pop("", None), sorted((n, v) for n, v in networks.items() if v))
        for day, networks in sorted(counted.items())
    ]
    return Understood(readings, left_out)


class _CellError(ValueError):
    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column = column


def _day(cell: files.Cell, order: dates.Order | None, today: date) -> date:
    if not cell or not isinstance(cell, str | date):
        raise _CellError("day", "the day is missing")
    compact = cell.strip() if isinstance(cell, str) else ""
    try:
        if len(compact) == 8 and compact.isascii() and compact.isdigit():
            day = date.fromisoformat(compact)  # Google's 20260901
        else:
            day = dates.parse(cell, order)
    except ValueError as error:
        why = str(error) if isinstance(error, dates.DateError) else "is no date"
        raise _CellError("day", f"{shown(cell)} {why}") from error
    if day >= today:
        raise _CellError("day", f"{day} is not over yet: export the days before {today}")
    return day


def _visits(cell: files.Cell, mark: numbers.Mark) -> int | None:
    """A count; None for a cell that says that there is no figure."""
    text = str(cell if cell is not None else "")
    if numbers.is_absent(text):
        return None
    try:
        number = numbers.parse(text, mark)
    except numbers.NumberError as error:
        raise _CellError("visits", f"{shown(text)} {error}") from error
    if number < 0 or number != int(number):
        raise _CellError("visits", f"{shown(text)} is no number of visits")
    return int(number)
