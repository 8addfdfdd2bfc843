"""The chain dashboard -> chart -> dataset -> published column, checked from files alone.

`validate` returns every fault, each with its file; an empty list is what `deploy` wants. The
contracts are dbt's: dbt_project/models/reporting/*.yml.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from klankbord import settings
from klankbord.dashboards.bundle import ASSETS, Address, AssetError, Bundle, read_yaml, render
from klankbord.dashboards.sql_names import find_names, find_tables

CONTRACTS = settings.PROJECT_ROOT / "dbt_project" / "models" / "reporting"
PASSWORD_MASK = "XXXXXXXXXX"  # noqa: S105 (Superset's own mask, not a password)
#: keys that only make sense in one Superset
ENVIRONMENT_KEYS = {
    "id", "chartId", "chart_id", "slice_id", "datasetId", "datasource", "datasource_id",
    "database_id", "table_id", "chartsInScope", "owners", "changed_on", "created_on",
}  # fmt: skip
SECRET_KEYS = {"password", "encrypted_extra", "masked_encrypted_extra", "token", "secret"}


def validate(folder: Path = ASSETS, contracts: Path = CONTRACTS) -> list[str]:
    """Every fault of the assets in `folder`; empty when there is none."""
    faults: list[str] = []
    try:
        faults += [*_check_texts(folder), *_check_sources(folder)]
        bundle = render(Address(), folder)
    except AssetError as error:
        return [*faults, str(error)]
    faults += _check_uuids(bundle)
    faults += _check_databases(bundle)
    columns = read_contracts(contracts)
    for path, asset in bundle.of("datasets").items():
        faults += _check_dataset(path, asset, columns)
    datasets = {asset["uuid"]: asset for asset in bundle.of("datasets").values()}
    for path, asset in bundle.of("charts").items():
        faults += _check_chart(path, asset, datasets[asset["dataset_uuid"]])
    charts = {asset["uuid"]: asset for asset in bundle.of("charts").values()}
    shown: set[str] = set()
    for path, asset in bundle.of("dashboards").items():
        faults += _check_dashboard(path, asset, charts, datasets)
        shown |= {box["uuid"] for box in _boxes(asset)}
    for path, asset in bundle.of("charts").items():
        if asset["uuid"] not in shown:
            faults.append(f"{path}: no dashboard shows this chart.")
    return faults


def read_contracts(folder: Path = CONTRACTS) -> dict[str, set[str]]:
    """Published table -> its columns, from dbt's YAML."""
    contents = [read_yaml(path) for path in sorted(folder.glob("*.yml"))]
    models = [model for content in contents for model in content.get("models", [])]
    if not models:
        raise AssetError(f"no model contract was found in {folder.name}/: is dbt_project there?")
    return {model["name"]: {column["name"] for column in model["columns"]} for model in models}


def _check_texts(folder: Path) -> Iterator[str]:
    """Every language has every text, and no text is empty."""
    texts = read_yaml(folder / "texts.yaml")
    languages = read_yaml(folder / "bundle.yaml")["languages"]
    keys = {language: dict(_leaves(texts.get(language) or {})) for language in languages}
    everything = {key for found in keys.values() for key in found}
    for language, found in keys.items():
        for key in sorted(everything - found.keys()):
            yield f"texts.yaml: {language} has no text for {key}."
        for key, text in found.items():
            if not isinstance(text, str) or not text:
                yield f"texts.yaml: {language} {key} is {text!r}: write a text."


def _check_sources(folder: Path) -> Iterator[str]:
    """No id of an environment, no secret, no slug twice."""
    slugs: Counter[tuple[str, str]] = Counter()
    for path in sorted(folder.rglob("*.yaml")):
        where = str(path.relative_to(folder))
        content = read_yaml(path)
        if path.name == "texts.yaml":
            continue
        for key, _ in _leaves(content):
            last = key.rpartition(".")[2]
            if last in ENVIRONMENT_KEYS:
                yield f"{where}: {key} is an id of one environment: leave it out."
            if last in SECRET_KEYS:
                yield f"{where}: {key} may hold a secret: give it on deployment instead."
        if isinstance(content, dict) and "slug" in content:
            slugs[where.partition("/")[0], content["slug"]] += 1
    for (kind, slug), count in slugs.items():
        if count > 1:
            yield f"{kind}/: slug {slug} is used {count} times."


def _check_uuids(bundle: Bundle) -> Iterator[str]:
    paths: dict[str, list[str]] = {}
    for path, asset in bundle.files.items():
        paths.setdefault(asset["uuid"], []).append(path)
    for uuid, found in paths.items():
        if len(found) > 1:
            yield f"{found[0]}: UUID {uuid} is that of {found[1]} too."


def _check_databases(bundle: Bundle) -> Iterator[str]:
    for path, asset in bundle.of("databases").items():
        match = re.match(r"[\w+]+://([^:@/]+)(?::([^@]*))?@", asset["sqlalchemy_uri"])
        if match is None or match[1] != "klankbord_reader":
            yield f"{path}: the connection must use role klankbord_reader."
        elif match[2] != PASSWORD_MASK:
            yield f"{path}: sqlalchemy_uri must have {PASSWORD_MASK} at the place of the password."


def _check_dataset(path: str, asset: dict[str, Any], contracts: dict[str, set[str]]) -> list[str]:
    faults = []
    tables = find_tables(asset["sql"])
    for table in sorted(tables):
        schema, _, name = table.rpartition(".")
        if schema != "published" or name not in contracts:
            faults.append(f"{path}: reads {table}, which is not a published table of dbt.")
    known = {c for t in tables for c in contracts.get(t.rpartition(".")[2], set())}
    names = find_names(asset["sql"])
    for name in sorted(names.used - known - names.made):
        faults.append(f"{path}: {name} is no column of {', '.join(sorted(tables))}.")
    declared = [column["column_name"] for column in asset["columns"]]
    for name in declared:
        if name not in names.made | (known & names.used):
            faults.append(f"{path}: column {name} is not among what the SQL gives.")
    for metric in asset["metrics"]:
        for name in sorted(find_names(metric["expression"]).used - set(declared)):
            faults.append(f"{path}: metric {metric['metric_name']} uses {name}, no column of it.")
    return faults


def _check_chart(path: str, asset: dict[str, Any], dataset: dict[str, Any]) -> Iterator[str]:
    if not asset["query_context"]:
        yield f"{path}: has no query_context (its source has no `query`), so its data answer 400."
        return
    columns = {column["column_name"] for column in dataset["columns"]}
    metrics = {metric["metric_name"] for metric in dataset["metrics"]}
    params = asset["params"]
    used = [f["subject"] for f in params["adhoc_filters"]]
    used += params.get("all_columns", []) + params.get("groupby", [])
    used += [params["x_axis"]] if "x_axis" in params else []
    used += [name for name, _ in _orderings(asset)]
    for name in sorted(set(used) - columns - metrics):
        yield f"{path}: {name} is no column of dataset {dataset['table_name']}."
    for name in sorted(set(params.get("metrics", [])) - metrics):
        yield f"{path}: {name} is no metric of dataset {dataset['table_name']}."


def _orderings(asset: dict[str, Any]) -> list[list[Any]]:
    return json.loads(asset["query_context"])["queries"][0]["orderby"]


def _check_dashboard(
    path: str, asset: dict[str, Any], charts: dict[str, Any], datasets: dict[str, Any]
) -> Iterator[str]:
    filters = asset["metadata"]["native_filter_configuration"]
    known = {native["id"] for native in filters}
    for native in filters:
        target = native["targets"][0]
        column, dataset = target["column"]["name"], datasets[target["datasetUuid"]]
        if column not in _columns(dataset):
            yield f"{path}: filter {native['name']}: {column} is no column of its dataset."
        if native["sortMetric"] not in [None, *(m["metric_name"] for m in dataset["metrics"])]:
            yield f"{path}: filter {native['name']}: {native['sortMetric']} is no metric."
        for parent in native["cascadeParentIds"]:
            if parent not in known:
                yield f"{path}: filter {native['name']} follows {parent}, which is not there."
        for box in _boxes(asset):
            chart = charts[box["uuid"]]
            excluded = box["chartId"] in native["scope"]["excluded"]
            if not excluded and column not in _columns(datasets[chart["dataset_uuid"]]):
                yield (
                    f"{path}: filter {native['name']}: chart {chart['slice_name']!r} has no column"
                    f" {column}: exclude it or give it one."
                )


def _columns(dataset: dict[str, Any]) -> set[str]:
    return {column["column_name"] for column in dataset["columns"]}


def _boxes(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """The chart boxes of a layout: chartId, uuid."""
    return [
        box["meta"]
        for box in dashboard["position"].values()
        if isinstance(box, dict) and box["type"] == "CHART"
    ]


def _leaves(value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted path and value of every leaf."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list) and value:
        for item in value:
            yield from _leaves(item, where)
    else:
        yield where, value
