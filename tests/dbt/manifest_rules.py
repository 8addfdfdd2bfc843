"""The rules of the dbt project, each a function from dbt's manifest to the faults that it finds.

What they guard: docs/design.md (layers, names, contracts) and the rules under which the same SQL
runs on Citus: a table of accounts is distributed by account_id, in its key, joins and windows.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

Manifest = dict[str, Any]
Rule = Callable[[Manifest], Iterator[str]]

LAYERS = {
    "staging": r"stg_[a-z]+__[a-z_]+",
    "intermediate": r"int_[a-z_]+",
    "marts": r"(dim|fct)_[a-z_]+",
    "reporting": r"rpt_[a-z_]+",
}
#: contract 11: what every published figure carries, and what says of how many it is
CARRIED = frozenset({"access_tier", "definition_version", "status", "is_synthetic"})
OF_HOW_MANY = frozenset({"n_members", "coverage", "n_all", "n_population", "addressed", "rules",
                         "n_months", "n_peers", "channels", "partners", "bodies"})  # fmt: skip
OF_FIGURES = frozenset({"metric_id", "value", "share", "status", "missing_reason"})
OF_ONE = frozenset({"rpt_incident_channel"})
#: table -> what it need not carry, and why
NOT_CARRIED = {
    "rpt_survey_share": {"access_tier", "status"},  # no account is read, and no window is open
    "rpt_survey_response": {"access_tier", "status"},
    "rpt_incident": {"access_tier", "definition_version"},  # a count of rpt_incident_organisation
    "rpt_incident_amplification": {"status"},  # rpt_incident has it
    "rpt_index_component": {"access_tier", "definition_version", "status"},  # rpt_index has them
}
TYPES = {"_at": "timestamp with time zone", "_on": "date", "is_": "boolean", "has_": "boolean"}
JOIN = re.compile(
    r"\bjoin\s+(\{\{\s*ref\('(?P<ref>\w+)'\)\s*\}\}|(?P<cte>\w+))(?:\s+as\s+\w+)?"
    r"\s+(?P<condition>(?:on|using)\b.*?)(?=\b(?:left|inner|full|cross|where|group|order|union)\b|\Z)",
    re.S,
)
RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Register a rule."""
    RULES.append(function)
    return function


def models(manifest: Manifest, *layers: str) -> list[dict]:
    """The project's models, of some layers or of all."""
    found = [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]
    return [n for n in found if not layers or layer(n) in layers]


def layer(node: dict) -> str:
    return node["fqn"][1]


def code(node: dict) -> str:
    """A model's SQL without its comments."""
    return re.sub(r"--[^\n]*|\{#.*?#\}", "", node["raw_code"], flags=re.S)


def keys(manifest: Manifest, node: dict) -> list[list[str]]:
    """The columns of each key test of a model."""
    found = []
    for test in manifest["nodes"].values():
        if test.get("attached_node") != node["unique_id"] or test["resource_type"] != "test":
            continue
        meta = test["test_metadata"] or {}
        if meta.get("name") == "unique_combination":
            found.append(meta["kwargs"]["columns"])
        elif meta.get("name") == "unique":
            found.append([meta["kwargs"]["column_name"]])
    return found


def is_distributed(node: dict) -> bool:
    return node["config"]["meta"].get("distributed_by") == "account_id"


@rule
def only_staging_reads_sources(manifest: Manifest) -> Iterator[str]:
    for node in models(manifest, "intermediate", "marts", "reporting"):
        if any(parent.startswith("source.") for parent in node["depends_on"]["nodes"]):
            yield f"{node['name']} reads a source"


@rule
def nothing_reads_a_later_layer(manifest: Manifest) -> Iterator[str]:
    order = list(LAYERS)
    for node in models(manifest):
        for parent in node["depends_on"]["nodes"]:
            if parent.startswith("model.") and order.index(layer(node)) < order.index(
                layer(manifest["nodes"][parent])
            ):
                yield f"{node['name']} reads {parent}"


@rule
def names_tell_layer_and_type(manifest: Manifest) -> Iterator[str]:
    for node in models(manifest):
        if not re.fullmatch(LAYERS[layer(node)], node["name"]) or node["schema"] != layer(node):
            yield f"{node['schema']}.{node['name']} in {layer(node)}"
        for name, column in node["columns"].items():
            for affix, wanted in TYPES.items():
                has = name.startswith(affix) if affix.endswith("_") else name.endswith(affix)
                if has and column["data_type"] not in (None, wanted):
                    yield f"{node['name']}.{name} is {column['data_type']}, not {wanted}"


@rule
def everything_is_described(manifest: Manifest) -> Iterator[str]:
    seeds = [n for n in manifest["nodes"].values() if n["resource_type"] == "seed"]
    for node in [*models(manifest), *seeds, *manifest["sources"].values()]:
        if not node["description"]:
            yield f"{node['name']} has no description"


@rule
def every_model_has_a_key(manifest: Manifest) -> Iterator[str]:
    for node in models(manifest):
        if not keys(manifest, node):
            yield f"{node['name']} has no key test"


@rule
def marts_and_reporting_keep_a_contract(manifest: Manifest) -> Iterator[str]:
    """An ephemeral model has no table that dbt could hold to one: it is SQL of who reads it."""
    for node in models(manifest, "marts", "reporting"):
        if node["config"]["materialized"] == "ephemeral" and layer(node) == "marts":
            continue
        if not node["config"]["contract"]["enforced"] or not node["columns"]:
            yield f"{node['name']} has no enforced contract"


@rule
def reporting_is_exposed(manifest: Manifest) -> Iterator[str]:
    exposed = {n for e in manifest["exposures"].values() for n in e["depends_on"]["nodes"]}
    for node in models(manifest, "reporting"):
        if node["unique_id"] not in exposed:
            yield f"nobody is said to read {node['name']}"


@rule
def published_figures_say_how_they_were_made(manifest: Manifest) -> Iterator[str]:
    """A table of figures has one of these columns; rpt_definition has metrics and no figures."""
    for node in models(manifest, "reporting"):
        columns = set(node["columns"])
        if not columns & OF_FIGURES or node["name"] == "rpt_definition":
            continue
        lacking = CARRIED - columns - NOT_CARRIED.get(node["name"], set())
        yield from (f"{node['name']} does not carry {name}" for name in sorted(lacking))
        if not columns & OF_HOW_MANY and node["name"] not in OF_ONE:
            yield f"{node['name']} does not say of how many it is"


@rule
def what_is_extracted_has_freshness(manifest: Manifest) -> Iterator[str]:
    for source in manifest["sources"].values():
        by_hand = source["source_name"] in ("register", "inputs")
        is_by_hand = by_hand or source["name"].startswith(("archive_", "import_"))
        # nothing was removed: that is no fault
        is_seldom = source["name"] == "tombstones"
        if (
            not is_by_hand
            and not is_seldom
            and not (source["freshness"] or {}).get("error_after", {}).get("count")
        ):
            yield f"{source['name']} has no freshness"


@rule
def absent_is_not_zero(manifest: Manifest) -> Iterator[str]:
    for node in models(manifest):
        for match in re.finditer(r"\bcoalesce\s*\(", code(node), re.I):
            if re.fullmatch(r"[+-]?0*\.?0+(::[\w ]+)?", _last_argument(code(node)[match.end() :])):
                yield f"{node['name']} turns what is absent into a zero"


@rule
def json_stops_at_staging(manifest: Manifest) -> Iterator[str]:
    for node in models(manifest, "intermediate", "marts", "reporting"):
        if re.search(r"\bpayload\b|->>|#>", code(node)):
            yield f"{node['name']} takes JSON apart"


@rule
def accounts_are_distributed(manifest: Manifest) -> Iterator[str]:
    """Dimensions are reference tables and reporting stays on the coordinator."""
    for node in models(manifest, "intermediate", "marts"):
        in_key = ["account_id" in key for key in keys(manifest, node)]
        has_accounts = any(in_key) or "account_id" in node["columns"]
        if has_accounts and not node["name"].startswith("dim_") and not is_distributed(node):
            yield f"{node['name']} has accounts and does not say distributed_by: account_id"
        if is_distributed(node) and not all(in_key):
            yield f"{node['name']} has a key without account_id"
    for node in models(manifest, "reporting"):
        if is_distributed(node):
            yield f"{node['name']} is for the coordinator alone"


@rule
def accounts_are_joined_and_windowed_as_they_are_distributed(manifest: Manifest) -> Iterator[str]:
    distributed = {n["name"] for n in models(manifest) if is_distributed(n)}
    for node in filter(is_distributed, models(manifest)):
        text = code(node)
        for window in re.findall(r"(?:partition by|distinct on \()([^)]*?)(?:order by|\))", text):
            if "account_id" not in window:
                yield f"{node['name']} looks across accounts: {' '.join(window.split())}"
        own = _ctes_of_accounts(text, distributed)
        for join in JOIN.finditer(text):
            target = join["ref"] or join["cte"]
            if target in distributed | own and "account_id" not in join["condition"]:
                yield f"{node['name']} joins {target} without account_id"


@rule
def incremental_means_delete_and_insert(manifest: Manifest) -> Iterator[str]:
    for node in models(manifest):
        config = node["config"]
        is_safe = config.get("incremental_strategy") == "delete+insert"
        if config["materialized"] == "incremental" and not is_safe:
            yield f"{node['name']} would use a merge, which Citus refuses"


@rule
def peers_are_compared_by_month(manifest: Manifest) -> Iterator[str]:
    """A percentile over accounts reads one row an account and month, never single events."""
    events = {
        n["unique_id"]
        for n in models(manifest)
        if is_distributed(n) and not any("period_start" in key for key in keys(manifest, n))
    }
    for node in models(manifest):
        if "percentile_cont" in code(node) and not is_distributed(node):
            for parent in events.intersection(node["depends_on"]["nodes"]):
                yield f"{node['name']} takes percentiles of {parent}"


@rule
def sql_is_what_citus_knows(manifest: Manifest) -> Iterator[str]:
    forbidden = r"\b(rollup|cube|grouping\s+sets|trigger|to_jsonb|row_to_json|exists)\s*\("
    for node in models(manifest):
        hooks = " ".join(h["sql"] for h in node["config"]["post-hook"] + node["config"]["pre-hook"])
        for word in re.findall(forbidden, f"{code(node)} {hooks}", re.I):
            yield f"{node['name']} uses {word}"
        if re.search(r"\bcreate\s+trigger\b", hooks, re.I):
            yield f"{node['name']} makes a trigger"


def _last_argument(text: str) -> str:
    """The last argument of a call whose opening bracket stands before `text`."""
    depth, start = 0, 0
    for place, character in enumerate(text):
        if character == ")" and depth == 0:
            return text[start:place].strip()
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            start = place + 1
    return ""


def _ctes_of_accounts(text: str, distributed: set[str]) -> set[str]:
    """The common table expressions that read a distributed table, directly or through another."""
    found: set[str] = set()
    for name, body in re.findall(r"(\w+) as (?:not materialized )?\((.*?)\n\)", text, re.S):
        reads = set(re.findall(r"ref\('(\w+)'\)", body)) & distributed
        if reads or any(re.search(rf"\b(?:from|join) {cte}\b", body) for cte in found):
            found.add(name)
    return found
