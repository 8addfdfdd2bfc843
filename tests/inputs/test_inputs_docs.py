"""docs/inputs.md names every example, and its tables say what the code knows."""

import re
from typing import get_args

import yaml

from klankbord.imports import incident_mapping, incident_scales, survey_mapping
from klankbord.register import vocabulary
from klankbord.register.population_layouts import NL_OBSERVED
from klankbord.register.proposals import HEADER
from klankbord.register.targets import KINDS
from tests.inputs.conftest import EXAMPLES, ROOT

PAGE = (ROOT / "docs" / "inputs.md").read_text()


def test_every_example_is_named() -> None:
    files = [p for p in EXAMPLES.rglob("*.*") if p.is_file() and p.parent.name != "register"]
    assert len(files) >= 13
    assert [p.name for p in files if f"`{p.relative_to(ROOT)}`" not in PAGE] == [
        name for name in ("incidents-own-headings.csv",) if f"docs/examples/{name}" in PAGE
    ]


def test_the_tables_know_what_the_code_knows() -> None:
    words = set(re.findall(r"[A-Za-z_]\w*", PAGE))
    targets = {
        *get_args(vocabulary.Segment),
        *get_args(vocabulary.Direction),
        *get_args(vocabulary.TargetUnit),
    }
    targets |= {*get_args(vocabulary.Denominator), *KINDS}
    logs = {*incident_mapping.ROLES, *incident_scales.KINDS}
    surveys = {*survey_mapping.KINDS, *survey_mapping.BY}
    assert (targets | logs | surveys | NL_OBSERVED) - words == set()
    assert {"decision", "status", "evidence", "found_on", "remark"} <= words & set(HEADER)


def test_the_mapping_on_the_page_is_one(tmp_path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    assert yaml.safe_load(text)["survey"] == "digital-communication-2026"
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    mapping = survey_mapping.read(path)
    assert mapping.addressed == {("BE", "municipality"): 241}
    assert mapping.questions[0].subquestions["other"] == "Other"
