"""Whose logic is tested: a model that decides something has a unit test of dbt's, or its bench in
Python is named here (against a truth of its own, which says more than a row or two).
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.dbt.manifest_rules import Manifest, code, models, rule

TESTS = Path(__file__).resolve().parents[1]
#: what makes a choice or a number, unlike a join, a name or a cast
LOGIC = re.compile(r"\bcase\b|\bfilter\s*\(|\bover\s*\(|\bgroup\s+by\b", re.I)
#: model -> the bench that knows its answers
BENCHES = {
    "int_calendar_days": "response/bench.py",
    "int_survey_groups": "policy/test_surveys.py",
    "dim_metric": "catalogue/test_warehouse.py",
    "dim_territory": "peers/test_territory.py",
    "fct_change": "change/test_change.py",
    "fct_change_member": "change/test_change.py",
    "fct_change_move": "change/test_change.py",
    "fct_change_scenario": "change/test_change.py",
    "fct_group_change": "change/test_change.py",
    "fct_contribution": "suppression/worlds.py",
    "fct_group_part": "suppression/worlds.py",
    "fct_hidden_group": "suppression/worlds.py",
    "fct_sensitive_cell": "suppression/worlds.py",
    "fct_suppressed_cell": "suppression/worlds.py",
    "fct_member_figure": "statistics/worlds.py",
    "fct_response_band": "response/test_design_effect.py",
    "fct_response_bin": "response/test_survival.py",
    "fct_response_effect": "response/test_survival.py",
    "fct_response_step": "response/test_survival.py",
    "rpt_response_curve": "response/test_survival.py",
    "rpt_incident": "incidents/test_known_answers.py",
    "rpt_incident_message": "incidents/test_known_answers.py",
    "rpt_incident_organisation": "incidents/test_known_answers.py",
    "rpt_maturity_evidence": "policy/test_maturity.py",
    "rpt_target_progress": "policy/test_targets.py",
}


@rule
def logic_is_tested_by_itself(manifest: Manifest) -> Iterator[str]:
    tested = {test["model"] for test in manifest["unit_tests"].values()}
    for node in models(manifest):
        name = node["name"]
        bench = BENCHES.get(name)
        if bench and name in tested:
            yield f"{name} has a unit test and need not stand among the benches"
        elif bench and not re.search(rf"\b{name}\b", (TESTS / bench).read_text()):
            yield f"{name} is said to be tested by {bench}, which does not name it"
        elif not bench and name not in tested and LOGIC.search(code(node)):
            yield f"{name} decides something, and has neither a unit test nor a bench"
