"""The world's incidents as the logs that `klankbord import incidents` reads: a Belgian one with a
mapping (semicolons, local words, days before months) and a Dutch one with our own headings."""

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from klankbord.database import Access
from klankbord.imports import incident_mapping, incidents
from klankbord.sandbox.model import WorldIncident
from klankbord.sandbox.threads import month_of
from klankbord.sandbox.world import World
from klankbord.settings import LOCAL_ZONE

BELGIAN, MAPPING, DUTCH = "incidents-be.csv", "incidents-be.yaml", "incidents-nl.csv"
DAYS = 30
_YAML = """source: sandbox be
country: BE
columns:
  incident_id: Nummer
  date: Datum
  time: Uur
  offset: UTC
  municipality: Gemeente
  latitude: Breedte
  longitude: Lengte
  kind: Type
  scale: Fase
  large_impact: Grote impact
"""
_WORDS = {
    "fire": "brand", "accident": "ongeval", "hazardous_substance": "gaslek",
    "weather": "wateroverlast", "utility": "stroomuitval", "rescue": "instorting",
    "violence": "schietpartij",
}  # fmt: skip
_PHASES = {"municipal": "gemeentelijke fase", "provincial": "provinciale fase"}


def of(world: World, since: datetime, until: datetime) -> Iterator[WorldIncident]:
    """The incidents whose alarm was in [since, until), oldest first."""
    for month in range(month_of(since), month_of(until) + 1):
        for incident in world.incidents.of_month(month):
            if since <= incident.alarmed_at < until:
                yield incident


def write(world: World, folder: Path, now: datetime) -> list[Path]:
    """Write the logs of the last 30 days; returns those that hold an incident."""
    found = list(of(world, now - timedelta(days=DAYS), now))
    written = []
    for country, name in (("BE", BELGIAN), ("NL", DUTCH)):
        rows = [i for i in found if i.municipality.country == country]
        if not rows:
            continue
        header = _BELGIAN if country == "BE" else _DUTCH
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(
                file, delimiter=";" if country == "BE" else ",", lineterminator="\n"
            )
            writer.writerow(header)
            writer.writerows(map(_belgian if country == "BE" else _dutch, rows))
        written.append(folder / name)
    (folder / MAPPING).write_text(_YAML, encoding="utf-8")
    return written


def mapping_of(file: Path) -> incident_mapping.IncidentMapping:
    """How a log of `write` is to be read."""
    if file.name == DUTCH:
        return incident_mapping.own("sandbox nl", "NL")
    return incident_mapping.read(file.with_name(MAPPING))


def load(access: Access, folder: Path, now: datetime) -> int:
    """Import the logs that lie in a folder, as the command does; returns how many incidents."""
    count = 0
    for name in (BELGIAN, DUTCH):
        if (folder / name).exists():
            done = incidents.load(access, folder / name, mapping_of(folder / name), now)
            count += done.incidents
    return count


_BELGIAN = (
    "Nummer", "Datum", "Uur", "UTC", "Gemeente", "Breedte", "Lengte", "Type", "Fase",
    "Grote impact",
)  # fmt: skip
_DUTCH = (
    "incident_id", "alarmed_at", "municipality", "latitude", "longitude", "kind", "scale",
    "large_impact",
)  # fmt: skip


def _belgian(incident: WorldIncident) -> tuple[str, ...]:
    local = incident.alarmed_at.astimezone(LOCAL_ZONE)
    town = incident.municipality
    return (
        incident.key,
        f"{local:%d/%m/%Y}",
        f"{local:%H:%M}",
        f"{local:%z}"[:3] + ":00",
        str(town.official_code) if incident.has_municipality else "",
        f"{town.latitude:.4f}".replace(".", ","),
        f"{town.longitude:.4f}".replace(".", ","),
        _WORDS[incident.kind],
        _PHASES.get(incident.scale, "-"),
        "ja" if incident.is_large else "nee",
    )


def _dutch(incident: WorldIncident) -> tuple[str, ...]:
    town = incident.municipality
    return (
        incident.key,
        incident.alarmed_at.astimezone(LOCAL_ZONE).isoformat(),
        str(town.official_code) if incident.has_municipality else "",
        f"{town.latitude:.4f}",
        f"{town.longitude:.4f}",
        incident.kind,
        incident.scale,
        "yes" if incident.is_large else "no",
    )
