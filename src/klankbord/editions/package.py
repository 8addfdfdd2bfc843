"""`datapackage.json` of an edition (Frictionless Data Package), written once and frozen.

It names every file with its columns and digest, every metric with what it means in four languages,
the licence, the method's version and whether the figures are invented.
"""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

from klankbord import catalogue
from klankbord.editions import canonical
from klankbord.editions.contents import BY_NAME
from klankbord.editions.model import AUDIENCES, Edition, wider
from klankbord.editions.store import Table

NAME = "datapackage.json"
LICENCES = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
}
_TYPES = {
    "bool": "boolean", "int2": "integer", "int4": "integer", "int8": "integer",
    "float4": "number", "float8": "number", "numeric": "number", "date": "date",
    "timestamptz": "datetime", "jsonb": "object",
}  # fmt: skip


def documents(one: Edition, frozen: list[Table]) -> list[tuple[str, str, str]]:
    """(audience, path, content) of the package of each audience."""
    return [
        (audience, NAME, _render(one, audience, [t for t in frozen if t.audience in seen]))
        for audience in AUDIENCES
        for seen in (wider(audience),)
    ]


def _render(one: Edition, audience: str, frozen: list[Table]) -> str:
    used = {
        row["metric_id"]
        for table in frozen
        if table.table_name == "definition"
        for row in canonical.rows(table.header, table.lines)
    }
    licence: dict[str, str] = {"name": one.licence}
    if one.licence in LICENCES:
        licence["path"] = LICENCES[one.licence]
    package = {
        "profile": "tabular-data-package",
        "name": f"klankbord-{one.edition_id.lower()}-{audience}",
        "title": f"Klankbord {one.edition_id}",
        "version": one.edition_id,
        "licenses": [licence],
        "audience": audience,
        "period": one.period,
        "revision": one.revision,
        "previous": one.previous_id,
        "known_at": canonical.value(one.known_at),
        "is_synthetic": one.is_synthetic,
        "methodology": {
            "code_version": one.code_version,
            "definitions": json.loads(one.definitions),
            "question_rules": one.question_rules,
            "holiday_calendar": one.holiday_calendar,
            "opening_hours": one.opening_hours_version,
            "register_digest": one.register_digest,
        },
        "metrics": [_metric(metric) for metric in catalogue.read().metrics
                    if metric.metric_id in used],
        "resources": [_resource(table) for table in sorted(frozen, key=lambda t: t.table_name)],
    }  # fmt: skip
    return json.dumps(package, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _metric(metric: catalogue.Metric) -> dict[str, Any]:
    return {
        "metric_id": metric.metric_id,
        "name": dict(metric.name),
        "description": dict(metric.description),
        "caveat": dict(metric.caveat),
        "formula": metric.formula,
        "unit": metric.unit,
        "direction": metric.direction,
        "tier": metric.tier,
        "basis": metric.basis,
        "definition_version": metric.definition_version,
        "source": list(metric.source),
    }


def _resource(table: Table) -> dict[str, Any]:
    names, types = next(csv.reader([table.header])), table.types.split(",")
    fields = []
    for name, kind in zip(names, types, strict=True):
        field = {"name": name, "type": _TYPES.get(kind, "string")}
        if text := _descriptions().get(name):
            field["description"] = text
        fields.append(field)
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if part := BY_NAME.get(table.table_name):
        schema["primaryKey"] = list(part.key)
    return {
        "name": table.table_name,
        "path": f"{table.table_name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "hash": f"sha256:{table.sha256}",
        "rows": table.row_count,
        "schema": schema,
    }


@cache
def _descriptions() -> dict[str, str]:
    with (Path(__file__).parent / "columns.csv").open(newline="", encoding="utf-8") as file:
        return {row["column"]: row["description"] for row in csv.DictReader(file)}
