"""Where an asset in Superset differs from its file, field by field.

Superset adds ids of its environment, and its front end keeps notes in a dashboard when its owner
looks at it; neither is a difference.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

from klankbord.dashboards.bundle import Bundle
from klankbord.dashboards.client import Exported

#: what the front end writes into a dashboard's metadata by itself
FRONT_END_NOTES = {
    "chart_configuration", "global_chart_configuration", "map_label_colors", "shared_label_colors",
    "color_scheme_domain", "color_namespace", "chartsInScope", "tabsInScope",
}  # fmt: skip
#: ids of one environment, at any depth
ENVIRONMENT_IDS = {"chartId", "datasource", "datasetId", "datasetUuid", "slice_id", "dashboards"}
SHOWN_CHARACTERS = 60


def differences(bundle: Bundle, present: dict[str, Exported]) -> Iterator[str]:
    """`path: field: file has …, Superset has …`, for every file of the bundle."""
    for path, asset in bundle.files.items():
        found = present.get(asset["uuid"])
        if found is None:
            yield f"{path}: not in Superset"
            continue
        wanted, actual = _normal(asset), _normal(found.content)
        for where, ours, theirs in _walk(wanted, actual, ""):
            yield f"{path}: {where}: file has {_show(ours)}, Superset has {_show(theirs)}"


def _normal(asset: dict[str, Any]) -> dict[str, Any]:
    """An asset in one spelling: no environment, texts of JSON opened, lists of columns by name."""
    asset = copy.deepcopy({k: v for k, v in asset.items() if k not in ("version", "tags")})
    context = asset.pop("query_context", None)
    if context:
        asset["query_context"] = json.loads(context)
    for key, name in (("columns", "column_name"), ("metrics", "metric_name")):
        if key in asset:
            asset[key] = {item[name]: item for item in asset[key]}
    _name_excluded_charts(asset)
    return _clean(asset)


def _name_excluded_charts(dashboard: dict[str, Any]) -> None:
    """Filters exclude charts by an environment's ids: name the boxes of the layout instead."""
    names = {
        item["meta"]["chartId"]: item["id"]
        for item in dashboard.get("position", {}).values()
        if isinstance(item, dict) and item.get("type") == "CHART"
    }
    for native in dashboard.get("metadata", {}).get("native_filter_configuration", []):
        scope = native.get("scope", {})
        scope["excluded"] = sorted(str(names.get(n, n)) for n in scope.get("excluded", []))


def _clean(value: Any) -> Any:
    """Without environment ids, notes of the front end, nulls and empty containers."""
    if isinstance(value, dict):
        ignored = ENVIRONMENT_IDS | FRONT_END_NOTES
        cleaned = {key: _clean(item) for key, item in value.items() if key not in ignored}
        return {key: item for key, item in cleaned.items() if item not in (None, {}, [], "")}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def _walk(ours: Any, theirs: Any, where: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys(), key=str):
            below = f"{where}.{key}" if where else str(key)
            yield from _walk(ours.get(key), theirs.get(key), below)
    elif ours != theirs:
        yield where, ours, theirs


def _show(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
