"""How a log is written: a YAML file, or nothing for one with our own headings (docs/inputs.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from klankbord.imports import mapping_files
from klankbord.imports.faults import MappingError, listed
from klankbord.imports.incident_scales import KINDS
from klankbord.imports.incident_times import CLOCKS, Clock, Order
from klankbord.imports.survey_mapping import plain
from klankbord.register.vocabulary import Country

#: role -> whether a log must have it; `date` and `time` stand for alarmed_at
ROLES = {
    "incident_id": True,
    "alarmed_at": True,
    "date": False,
    "time": False,
    "offset": False,
    "municipality": True,
    "latitude": False,
    "longitude": False,
    "kind": True,
    "scale": False,
    "large_impact": False,
}
BY = ("any", "name", "official_code", "organisation_id")
_KEYS = {"source", "country", "columns", "clock", "dates", "municipality_by", "kinds", "scales"}


@dataclass(frozen=True, slots=True)
class IncidentMapping:
    """columns: role -> heading, plain. kinds, scales: the log's words, plain -> ours."""

    source: str
    country: str
    columns: Mapping[str, str]
    clock: Clock = "local"
    order: Order = "dmy"
    by: str = "any"
    kinds: Mapping[str, str] = field(default_factory=dict)
    scales: Mapping[str, str] = field(default_factory=dict)
    type_column: str | None = None
    types: Mapping[str, str] = field(default_factory=lambda: {"": "municipality"})
    values: Mapping[str, str] = field(default_factory=dict)


def own(source: str, country: str) -> IncidentMapping:
    """The mapping of a file with our own headings."""
    return IncidentMapping(source, country, {role: role for role in ROLES})


def read(path: Path) -> IncidentMapping:
    """The mapping of a file; MappingError with what is wrong in it."""
    said = mapping_files.parsed(mapping_files.content(path), path.name, as_text=True)

    def wrong(what: str) -> MappingError:
        return MappingError(f"{path.name}: {what}: see docs/inputs.md.")

    def words(key: str) -> dict[str, str]:
        value = said.get(key) or {}
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise wrong(f"`{key}` must map words to words")
        return {plain(k): v.strip() for k, v in value.items()}

    def choice(key: str, allowed: tuple[str, ...], default: str) -> str:
        if (value := said.get(key, default)) not in allowed:
            raise wrong(f"`{key}` is {value!r}; use {listed(allowed)}")
        return value

    if not isinstance(said, dict) or set(said) - _KEYS:
        raise wrong(f"it must hold keys among {listed(sorted(_KEYS))}")
    source = said.get("source")
    if not isinstance(source, str) or not 1 <= len(source.strip()) <= 100:
        raise wrong("`source` says whose log it is")
    columns = {role: plain(heading) for role, heading in words("columns").items()}
    if unknown := sorted(set(columns) - set(ROLES)):
        raise wrong(f"`columns` knows no {listed(unknown)}; use {listed(list(ROLES))}")
    kinds = words("kinds")
    if unknown := sorted(set(kinds.values()) - set(KINDS)):
        raise wrong(f"`kinds` knows no {listed(unknown)}; use {listed(list(KINDS))}")
    return IncidentMapping(
        source=source.strip(),
        country=choice("country", get_args(Country), ""),
        columns={role: columns.get(role, role) for role in ROLES},
        clock=choice("clock", CLOCKS, "local"),
        order=choice("dates", get_args(Order), "dmy"),
        by=choice("municipality_by", BY, "any"),
        kinds=kinds,
        scales={word: plain(ours) for word, ours in words("scales").items()},
    )
