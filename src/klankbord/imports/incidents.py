"""`klankbord import incidents FILE`: logs of fire brigades and police.

When, which municipality, what kind, which scale. Addresses, reports and persons are not read, and
coordinates are kept to two decimals. All or nothing; a log that is loaded again changes nothing,
and an incident that the log now tells otherwise is corrected.
"""

import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from psycopg2.extras import execute_values

from klankbord.database import Access
from klankbord.imports import files, incident_places, incident_scales
from klankbord.imports.bodies import Bodies
from klankbord.imports.faults import FileRefusedError, Place, listed, said, shown
from klankbord.imports.incident_mapping import ROLES, IncidentMapping
from klankbord.imports.incident_times import TimeError, moment
from klankbord.imports.survey_answers import NO, YES
from klankbord.imports.survey_columns import as_wide
from klankbord.imports.survey_mapping import plain
from klankbord.settings import LOCAL_ZONE

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{0,49}", re.ASCII)
_COMPARED = (
    "alarmed_at", "country", "organisation_id", "latitude", "longitude", "kind", "scale_system",
    "scale", "scale_level", "has_large_impact",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Incident:
    """One row of raw.incidents, in the order of its columns; `line` is its place in the file.
    organisation_id is "" where the log gives a point and no municipality."""

    source: str
    incident_id: str
    alarmed_at: datetime
    country: str
    organisation_id: str
    latitude: Decimal | None
    longitude: Decimal | None
    kind: str
    scale_system: str | None
    scale: str | None
    scale_level: int | None
    has_large_impact: bool | None
    line: int


@dataclass(frozen=True, slots=True)
class IncidentLoad:
    """What a load did. unread: the headings of columns that are not stored."""

    incidents: int
    inserted: int
    changed: int
    unread: tuple[str, ...]


def load(access: Access, file: Path, mapping: IncidentMapping, now: datetime) -> IncidentLoad:
    """Check the whole log and store it in one transaction; FileRefusedError with every fault."""
    document = files.read(file)
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        found, unread = read(document, mapping, Bodies.of(cursor, mapping), now)
        differs = " or ".join(f"known.{c} is distinct from excluded.{c}" for c in _COMPARED)
        sets = ", ".join(
            f"{c} = excluded.{c}" for c in (*_COMPARED, "file_name", "file_line", "imported_at")
        )
        is_new = execute_values(
            cursor,
            "insert into raw.incidents as known values %s on conflict (source, incident_id)"  # noqa: S608
            f" do update set {sets} where {differs} returning (xmax = 0)",
            [(*astuple(i)[:-1], file.name, i.line, now) for i in found],
            page_size=5_000,
            fetch=True,
        )
    inserted = sum(flag for (flag,) in is_new)
    return IncidentLoad(len(found), inserted, len(is_new) - inserted, unread)


def read(
    document: files.Document, mapping: IncidentMapping, bodies: Bodies, now: datetime
) -> tuple[list[Incident], tuple[str, ...]]:
    """(incidents, headings that are not stored); FileRefusedError with every fault."""
    header, places, rows = _columns(document, mapping)
    found: list[Incident] = []
    faults: list[str] = []
    seen: dict[str, int] = {}
    for row in rows:
        if not row.filled:
            continue
        if len(row.cells) != len(header):
            what = f"the line has {len(row.cells)} cells and the header {len(header)}"
            faults.append(said(Place(document.name, row.line), what))
            continue
        reader = _Row(document.name, row, header, places, faults)
        incident = reader.incident(mapping, bodies, now)
        if incident is None:
            continue
        if incident.incident_id in seen:
            what = f"the incident stands on line {seen[incident.incident_id]} too: keep its alarm"
            faults.append(said(reader.place("incident_id"), what))
        seen.setdefault(incident.incident_id, row.line)
        found.append(incident)
    if not found and not faults:
        faults.append(said(Place(document.name, 1), "it holds no incident"))
    if faults:
        raise FileRefusedError(faults)
    used = set(places.values())
    return found, tuple(h for n, h in enumerate(header) if n not in used and h)


def _columns(
    document: files.Document, mapping: IncidentMapping
) -> tuple[Sequence[str], dict[str, int], Sequence[files.Row]]:
    best: list[str] = ["everything"] * 99
    for _, sheets in document.ways:
        rows = [row for row in sheets[0].rows if row.filled]
        if not rows:
            continue
        header = [str(cell or "") for cell in rows[0].cells]
        names = [plain(name) for name in header]
        places = {r: names.index(h) for r, h in mapping.columns.items() if h in names}
        twice = [h for r, h in mapping.columns.items() if names.count(h) > 1]
        parts = {"alarmed_at"} if {"date", "time"} <= set(places) else set()
        missing = [
            mapping.columns[r] for r, must in ROLES.items() if must and r not in {*places, *parts}
        ]
        if not missing and not twice:
            return header, places, as_wide(sheets[0], rows[1:], len(header))
        best = min(best, missing + twice, key=len)
    what = f"the header misses or repeats {listed([f'“{name}”' for name in best[:12]])}"
    lacks = said(Place(document.name, 1), f"{what}: correct it or the mapping")
    raise FileRefusedError([lacks, *document.problems])


class _Row:
    """One line; what is wrong with it goes to `faults`."""

    def __init__(
        self,
        file: str,
        row: files.Row,
        header: Sequence[str],
        places: dict[str, int],
        faults: list[str],
    ) -> None:
        self._file, self._row, self._header = file, row, header
        self._places, self._faults = places, faults

    def place(self, role: str) -> Place:
        number = self._places[role]
        return Place(self._file, self._row.line, column=self._header[number], number=number + 1)

    def _cell(self, role: str) -> files.Cell:
        number = self._places.get(role)
        has_cell = number is not None and number < len(self._row.cells)
        return self._row.cells[number] if has_cell else None

    def _text(self, role: str) -> str:
        value = self._cell(role)
        return "" if value is None else str(value).strip()

    def _wrong(self, role: str, what: str) -> None:
        self._faults.append(said(self.place(role), what))

    def incident(self, mapping: IncidentMapping, bodies: Bodies, now: datetime) -> Incident | None:
        before = len(self._faults)
        number = self._text("incident_id")
        if not _ID.fullmatch(number):
            self._wrong("incident_id", f"{shown(number)} is no number of an incident")
        alarmed_at = self._moment(mapping, now)
        kind = scale = body = None
        try:
            kind = incident_scales.kind(self._text("kind"), dict(mapping.kinds))
        except incident_scales.ScaleError as error:
            self._wrong("kind", f"{shown(self._text('kind'))} {error}")
        try:
            scale = incident_scales.scale(
                self._text("scale"), mapping.country, dict(mapping.scales)
            )
        except incident_scales.ScaleError as error:
            self._wrong("scale", f"{shown(self._text('scale'))} {error}")
        latitude, longitude = self._point(mapping.country)
        is_a_point = not self._text("municipality") and latitude is not None
        if alarmed_at and not is_a_point:
            day = alarmed_at.astimezone(LOCAL_ZONE).date()
            body, problem = bodies.find(self._text("municipality"), "", day)
            if problem:
                self._wrong("municipality", problem)
        impact = plain(self._text("large_impact"))
        if impact and impact not in YES | NO:
            self._wrong("large_impact", "it is neither yes nor no")
        if is_a_point:
            body = ""  # the nearest municipality is found by the warehouse
        if len(self._faults) > before or not alarmed_at or not kind or body is None:
            return None
        return Incident(
            source=mapping.source,
            incident_id=number,
            alarmed_at=alarmed_at,
            country=mapping.country,
            organisation_id=body,
            latitude=latitude,
            longitude=longitude,
            kind=kind,
            scale_system=scale.system if scale else None,
            scale=scale.name if scale else None,
            scale_level=scale.level if scale else None,
            has_large_impact=impact in YES if impact else None,
            line=self._row.line,
        )

    def _moment(self, mapping: IncidentMapping, now: datetime) -> datetime | None:
        role = "alarmed_at" if "alarmed_at" in self._places else "date"
        cell = self._cell(role)
        if role == "date":
            cell = f"{self._text('date').split(' ')[0]} {self._text('time')}"
        try:
            return moment(
                cell if cell is not None and not isinstance(cell, Decimal) else str(cell or ""),
                self._text("offset"),
                clock=mapping.clock,
                order=mapping.order,
                now=now,
            )
        except TimeError as error:
            self._wrong(role, f"{shown(cell or '')} {error}")
            return None

    def _point(self, country: str) -> tuple[Decimal | None, Decimal | None]:
        texts = self._text("latitude"), self._text("longitude")
        try:
            return incident_places.point(*texts, country) or (None, None)
        except incident_places.PlaceError as error:
            role = "longitude" if error.is_longitude and "longitude" in self._places else "latitude"
            self._wrong(role if role in self._places else "longitude", str(error))
            return None, None
