"""The dbt project keeps its rules, and each rule is seen to fail when the project breaks it."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

from tests.dbt import manifest_rules as rules
from tests.dbt import tested_logic

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> rules.Manifest:
    """What `dbt parse` makes of the project; needs no database."""
    target = tmp_path_factory.mktemp("dbt")
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    output = ["--target-path", str(target), "--log-path", str(target), "--quiet"]
    result = dbtRunner().invoke(["parse", "--no-partial-parse", *folders, *output])
    assert result.success, result.exception
    return json.loads((target / "manifest.json").read_text())


def _model(manifest: rules.Manifest, name: str) -> dict:
    return manifest["nodes"][f"model.klankbord.{name}"]


def _read(child: str, parent: str) -> Callable[[rules.Manifest], None]:
    def break_it(m: rules.Manifest) -> None:
        _model(m, child)["depends_on"]["nodes"].append(parent)

    return break_it


def _sql(name: str, old: str, new: str) -> Callable[[rules.Manifest], None]:
    """Replace a piece of a model's SQL that must be there."""

    def break_it(m: rules.Manifest) -> None:
        node = _model(m, name)
        assert old in node["raw_code"], f"{name} no longer holds {old!r}"
        node["raw_code"] = node["raw_code"].replace(old, new)

    return break_it


def _set(name: str, *path: str, to: object) -> Callable[[rules.Manifest], None]:
    def break_it(m: rules.Manifest) -> None:
        place = _model(m, name)
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return break_it


def _without_column(name: str, *columns: str) -> Callable[[rules.Manifest], None]:
    def break_it(m: rules.Manifest) -> None:
        for column in columns:
            del _model(m, name)["columns"][column]

    return break_it


def _no_key(m: rules.Manifest) -> None:
    for node in m["nodes"].values():
        if node.get("attached_node") == "model.klankbord.dim_metric":
            node["attached_node"] = None


def _key_without_account(m: rules.Manifest) -> None:
    for node in m["nodes"].values():
        if node.get("attached_node") == "model.klankbord.int_posts" and "kwargs" in (
            node["test_metadata"] or {}
        ):
            node["test_metadata"]["kwargs"]["columns"] = ["post_id", "scan_on"]


def _ephemeral_report(m: rules.Manifest) -> None:
    config = m["nodes"]["model.klankbord.rpt_group_metric"]["config"]
    config["materialized"] = "ephemeral"
    config["contract"]["enforced"] = False


def _not_exposed(m: rules.Manifest) -> None:
    for exposure in m["exposures"].values():
        exposure["depends_on"]["nodes"] = []


def _no_freshness(m: rules.Manifest) -> None:
    m["sources"]["source.klankbord.raw.outcomes"]["freshness"] = None


def _untested(m: rules.Manifest) -> None:
    m["unit_tests"] = {k: t for k, t in m["unit_tests"].items() if t["model"] != "fct_post"}


def _tested_twice(m: rules.Manifest) -> None:
    next(iter(m["unit_tests"].values()))["model"] = "fct_change"


HOW_TO_BREAK = [
    (tested_logic.logic_is_tested_by_itself, _untested),
    (tested_logic.logic_is_tested_by_itself, _tested_twice),
    (rules.only_staging_reads_sources, _read("fct_scan", "source.klankbord.raw.outcomes")),
    (rules.nothing_reads_a_later_layer, _read("int_posts", "model.klankbord.fct_post")),
    (rules.names_tell_layer_and_type, _set("fct_post", "name", to="posts")),
    (rules.names_tell_layer_and_type, _set("fct_post", "schema", to="public_marts")),
    (
        rules.names_tell_layer_and_type,
        _set("fct_post", "columns", "created_on", "data_type", to="text"),
    ),
    (rules.everything_is_described, _set("fct_post", "description", to="")),
    (rules.every_model_has_a_key, _no_key),
    (
        rules.marts_and_reporting_keep_a_contract,
        _set("rpt_group_metric", "config", "contract", "enforced", to=False),
    ),
    (rules.marts_and_reporting_keep_a_contract, _ephemeral_report),
    (rules.reporting_is_exposed, _not_exposed),
    (
        rules.published_figures_say_how_they_were_made,
        _without_column("rpt_response_curve", "status"),
    ),
    (
        rules.published_figures_say_how_they_were_made,
        _without_column("rpt_group_metric", "n_members", "coverage"),
    ),
    (rules.what_is_extracted_has_freshness, _no_freshness),
    (
        rules.absent_is_not_zero,
        _sql(
            "int_aged_counters", "then posts.reactions end", "then coalesce(posts.reactions, 0) end"
        ),
    ),
    (
        rules.absent_is_not_zero,
        _sql("fct_metric", "known.coverage,", "Coalesce(max(known.coverage, 1), 0.0::float),"),
    ),
    (rules.json_stops_at_staging, _sql("int_posts", "union_platforms", "payload ->> ")),
    (
        rules.accounts_are_distributed,
        _set("int_posts", "config", "meta", to={}),
    ),
    (rules.accounts_are_distributed, _set("fct_post", "config", "meta", to={})),
    (rules.accounts_are_distributed, _key_without_account),
    (
        rules.accounts_are_distributed,
        _set("rpt_data_quality", "config", "meta", to={"distributed_by": "account_id"}),
    ),
    (
        rules.accounts_are_joined_and_windowed_as_they_are_distributed,
        _sql("fct_follower_reading", "partition by account_id", "partition by followers"),
    ),
    (
        rules.accounts_are_joined_and_windowed_as_they_are_distributed,
        _sql("int_messages", "distinct on (account_id, message_id)", "distinct on (message_id)"),
    ),
    (
        rules.accounts_are_joined_and_windowed_as_they_are_distributed,
        _sql("fct_post", "messages.account_id = counters.account_id and ", ""),
    ),
    (
        rules.accounts_are_joined_and_windowed_as_they_are_distributed,
        _sql("int_first_responses", "climb.account_id = messages.account_id and ", ""),
    ),
    (
        rules.incremental_means_delete_and_insert,
        _set("fct_post", "config", "materialized", to="incremental"),
    ),
    (rules.peers_are_compared_by_month, _read("fct_group_statistic", "model.klankbord.fct_post")),
    (rules.sql_is_what_citus_knows, _sql("fct_scan", "group by account_id", "group by rollup (")),
    (
        rules.sql_is_what_citus_knows,
        _set("fct_scan", "config", "post-hook", to=[{"sql": "create trigger t before insert"}]),
    ),
]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_project_keeps(rule: rules.Rule, manifest: rules.Manifest) -> None:
    assert list(rule(manifest)) == []


@pytest.mark.parametrize(
    ("rule", "break_it"), HOW_TO_BREAK, ids=[rule.__name__ for rule, _ in HOW_TO_BREAK]
)
def test_rule_fails_on_a_broken_project(
    rule: rules.Rule, break_it: Callable[[rules.Manifest], None], manifest: rules.Manifest
) -> None:
    broken = copy.deepcopy(manifest)
    break_it(broken)
    assert list(rule(broken)) != []


def test_every_rule_has_been_seen_to_fail() -> None:
    assert {rule for rule, _ in HOW_TO_BREAK} == set(rules.RULES)


def test_the_project_is_there(manifest: rules.Manifest) -> None:
    """No rule passes for want of models."""
    assert {rules.layer(node) for node in rules.models(manifest)} == set(rules.LAYERS)
    assert sum(map(rules.is_distributed, rules.models(manifest))) > 15
