"""From the seeds to a Catalogue. Form is checked here, sense in klankbord.catalogue.rules."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from klankbord.catalogue.model import LANGUAGES, Catalogue, CatalogueError, Metric, Texts, Unit
from klankbord.settings import PROJECT_ROOT

PROJECT = PROJECT_ROOT / "dbt_project"
#: the columns of each seed; a star is the four languages
FILES = {
    "metrics": (
        "metric_id theme name_* description_* caveat_* formula numerator denominator cases unit"
        " direction tier basis needs stream grain aggregation headline interval_kind"
        " group_interval_kind base_metric_id scale closing_days parameter_set definition_version"
        " is_group_only needs_followers is_computed model source"
    ),
    "metric_terms": "kind code name_*",
    "metric_units": "unit factor digits least most suffix_* name_*",
    "reasons": "reason_code reason_*",
    "platform_gaps": "platform need reason_code",
    "metric_definitions": "definition_id metric_id vendor parameters name_* source",
    "platforms": (
        "platform title has_reactions has_comments has_shares has_quotes is_quotes_optional"
        " replies_stream has_followers has_messages"
    ),
}


def read(project: Path = PROJECT) -> Catalogue:
    """The catalogue of a dbt project; CatalogueError with every fault of form at once."""
    faults: list[str] = []
    table = {name: _rows(project / "seeds" / f"{name}.csv", faults) for name in FILES}
    metrics = [m for row in table["metrics"] if (m := _made(_metric, row, faults))]
    units = [u for row in table["metric_units"] if (u := _made(_unit, row, faults))]
    catalogue = Catalogue(
        metrics=tuple(metrics),
        units={unit.unit: unit for unit in units},
        terms=_unique("metric_terms.csv", table["metric_terms"], ("kind", "code"), faults),
        reasons={
            key[0]: texts
            for key, texts in _unique(
                "reasons.csv", table["reasons"], ("reason_code",), faults
            ).items()
        },
        gaps=_gaps(table["platform_gaps"], faults),
        platforms={row["platform"]: row for row in table["platforms"]},
        definitions=tuple(
            (row["metric_id"], _texts(row, "name")) for row in table["metric_definitions"]
        ),
        parameters=_parameters(project / "dbt_project.yml"),
    )
    _say_twice("metrics.csv", [(m.metric_id, m.line) for m in metrics], faults)
    _say_twice("metric_units.csv", [(u.unit, u.line) for u in units], faults)
    if faults:
        raise CatalogueError("\n".join(faults))
    return catalogue


def _columns(name: str) -> list[str]:
    found: list[str] = []
    for column in FILES[name].split():
        stem = column.removesuffix("*")
        found += [stem + language for language in LANGUAGES] if stem != column else [column]
    return found


def _rows(path: Path, faults: list[str]) -> list[dict[str, str]]:
    """The rows of a seed with their line numbers under `line`."""
    wanted = _columns(path.stem)
    rows: list[dict[str, str]] = []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            if header != wanted:
                faults.append(f"{path.name}, line 1: the columns must be {','.join(wanted)}.")
                return []
            for cells in reader:
                where = f"{path.name}, line {reader.line_num}"
                if len(cells) != len(wanted):
                    faults.append(f"{where}: {len(cells)} cells instead of {len(wanted)}.")
                    continue
                if any(cell != cell.strip() for name, cell in zip(wanted, cells, strict=True)
                       if not name.startswith("suffix_")):  # fmt: skip
                    faults.append(f"{where}: a cell begins or ends with a blank.")
                row = dict(zip(wanted, cells, strict=True))
                rows.append({**row, "line": str(reader.line_num), "file": path.name})
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CatalogueError(f"{path.name} cannot be read: {error}.") from error
    return rows


def _made(make: Any, row: dict[str, str], faults: list[str]) -> Any:
    try:
        return make(row)
    except ValueError as error:
        faults.append(f"{row['file']}, line {row['line']}: {error}.")
        return None


def _metric(row: dict[str, str]) -> Metric:
    plain = {f.name: row[f.name] for f in fields(Metric) if f.type is str}
    return Metric(
        **plain,
        name=_texts(row, "name"),
        description=_texts(row, "description"),
        caveat=_texts(row, "caveat"),
        needs=tuple(row["needs"].split()),
        source=tuple(row["source"].split()),
        scale=_whole(row, "scale"),
        closing_days=_whole(row, "closing_days"),
        is_group_only=_flag(row, "is_group_only"),
        needs_followers=_flag(row, "needs_followers"),
        is_computed=_flag(row, "is_computed"),
        line=int(row["line"]),
    )


def _unit(row: dict[str, str]) -> Unit:
    return Unit(
        unit=row["unit"],
        factor=_whole(row, "factor"),
        digits=_whole(row, "digits"),
        least=float(row["least"]) if row["least"] else None,
        most=float(row["most"]) if row["most"] else None,
        suffix=_texts(row, "suffix"),
        name=_texts(row, "name"),
        line=int(row["line"]),
    )


def _texts(row: Mapping[str, str], stem: str) -> Texts:
    return {language: row[f"{stem}_{language}"] for language in LANGUAGES}


def _whole(row: Mapping[str, str], name: str) -> int:
    if not row[name].isascii() or not row[name].isdigit():
        raise ValueError(f"{name} is {row[name]!r}: give a whole number")
    return int(row[name])


def _flag(row: Mapping[str, str], name: str) -> bool:
    if row[name] not in ("true", "false"):
        raise ValueError(f"{name} is {row[name]!r}: give true or false")
    return row[name] == "true"


def _unique(
    file: str, rows: Iterable[dict[str, str]], names: tuple[str, ...], faults: list[str]
) -> dict[Any, Texts]:
    """The four texts of each row by its key."""
    found: dict[Any, Texts] = {}
    for row in rows:
        key = tuple(row[name] for name in names)
        if key in found:
            faults.append(f"{file}, line {row['line']}: {' '.join(key)} stands there twice.")
        found[key] = _texts(row, "reason" if "reason_code" in names else "name")
    return found


def _gaps(rows: Iterable[dict[str, str]], faults: list[str]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        key = row["platform"], row["need"]
        if key in found:
            faults.append(f"platform_gaps.csv, line {row['line']}: {' '.join(key)} twice.")
        found[key] = row["reason_code"]
    return found


def _parameters(path: Path) -> dict[str, dict[str, Any]]:
    """What dbt knows as vars: the sets, and the value of each parameter."""
    try:
        known = yaml.safe_load(path.read_text(encoding="utf-8"))["vars"]
        return {
            name: {parameter: known[variable] for parameter, variable in parameters.items()}
            for name, parameters in known["parameter_sets"].items()
        }
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise CatalogueError(
            f"{path.name}: the parameters cannot be read ({error!r}): vars must hold parameter_sets"
            " and each variable that a set names."
        ) from error


def _say_twice(file: str, keys: Iterable[tuple[str, int]], faults: list[str]) -> None:
    seen: dict[str, int] = {}
    for key, line in keys:
        if key in seen:
            faults.append(f"{file}, line {line}: {key} stands on line {seen[key]} too.")
        seen.setdefault(key, line)
