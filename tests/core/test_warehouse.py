"""dbt in this process: what fails is named with the database's words, and nothing else is said.

A throw-away project stands in for ours, so that it can be broken.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from klankbord import settings, warehouse
from klankbord.warehouse import BuildError

PROJECT = """
name: klankbord
version: "1.0"
config-version: 2
profile: klankbord
models:
  klankbord:
    +materialized: table
    staging: {+schema: staging}
    marts: {+schema: marts}
"""
Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """write("marts/a.sql", text) adds a file to the models of an empty project."""
    project = tmp_path / "dbt_project"
    (project / "macros").mkdir(parents=True)
    for name in ("profiles.yml", "macros/generate_schema_name.sql"):
        shutil.copy(settings.PROJECT_ROOT / "dbt_project" / name, project / name)
    (project / "dbt_project.yml").write_text(PROJECT)
    monkeypatch.setattr(settings, "PROJECT_ROOT", tmp_path)

    def add(name: str, text: str) -> Path:
        file = project / "models" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return add


@pytest.fixture
def access(request: pytest.FixtureRequest):
    """The empty warehouse; the fixture's name is the module's here."""
    return request.getfixturevalue("warehouse")


def test_every_failed_node_is_named_with_what_the_database_said(access, write, capfd):
    write("marts/good.sql", "select 1 as n")
    write("marts/divides.sql", "select 1 / 0 as n")
    write("marts/misspelt.sql", "select folowers from (select 1 as followers) as t")
    with pytest.raises(BuildError) as caught:
        warehouse.build(access, "marts")
    said = str(caught.value)
    assert said.startswith("dbt build failed in 2 node(s): ")
    assert "model.klankbord.divides: " in said
    assert "division by zero" in said
    assert "model.klankbord.misspelt: " in said
    assert 'column "folowers" does not exist' in said
    assert "LINE " in said, "PostgreSQL's line tells where"
    assert "\x1b" not in said, "a colour is no word"
    assert "\n" not in said
    assert "compiled code at" not in said
    assert capfd.readouterr() == ("", ""), "dbt itself is silent"


def test_a_unit_test_that_fails_is_named_and_stops_no_build(access, write, capfd):
    write("marts/good.sql", "select 1 as n")
    unit_test = "{name: counts, model: good, given: [], expect: {rows: [{n: 3}]}}"
    write("marts/marts.yml", f"unit_tests:\n  - {unit_test}\n")
    assert warehouse.build(access, "marts").statuses == {"success": 1}
    with pytest.raises(BuildError) as caught:
        warehouse.check_logic(access)
    said = str(caught.value)
    assert said.startswith("dbt test failed in 1 node(s): unit_test.klankbord.good.counts: ")
    assert "+++,1 ---,3" in said, "what came and what was expected"
    assert capfd.readouterr() == ("", "")


def test_a_data_test_that_fails_is_named(access, write, capfd):
    write("marts/good.sql", "select 1 as n")
    test = "columns: [{name: n, data_tests: [{accepted_values: {arguments: {values: [2]}}}]}]"
    write("marts/marts.yml", f"models:\n  - name: good\n    {test}\n")
    with pytest.raises(BuildError, match=r"test\.klankbord\.accepted_values_good_n__2\S*: Got 1"):
        warehouse.build(access, "marts")
    assert capfd.readouterr() == ("", "")


def test_a_project_that_cannot_be_read_is_one_sentence(access, write, capfd):
    write("marts/orphan.sql", "select * from {{ ref('nobody') }}")
    with pytest.raises(BuildError) as caught:
        warehouse.build(access, "marts")
    assert "dbt build stopped: " in str(caught.value)
    assert "'nobody' which was not found" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_database_that_is_away_is_one_sentence_without_the_password(access, write, capfd):
    write("marts/good.sql", "select 1 as n")
    password = str(access.parameters(warehouse.ROLE)["password"])
    with pytest.raises(BuildError) as caught:
        warehouse.build(replace(access, port=9), "marts")
    assert "Connection refused" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert password not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_layer_is_built_alone_and_a_warning_stops_nothing(access, write, capfd):
    write("staging/stg_one.sql", "select 1 as n")
    write("marts/two.sql", "select n + 1 as n from {{ ref('stg_one') }}")
    write(
        "staging/staging.yml",
        "models:\n  - name: stg_one\n    columns:\n      - name: n\n        data_tests:\n"
        "          - accepted_values:\n"
        "              arguments: {values: [2]}\n              config: {severity: warn}\n",
    )
    built = warehouse.build(access, "staging")
    assert built.statuses == {"success": 1, "warn": 1}
    assert "accepted_values_stg_one_n__2" in "".join(built.warnings)
    assert warehouse.build(access, "marts").statuses == {"success": 1}
    with access.connect("klankbord_publisher") as connection, connection.cursor() as cursor:
        cursor.execute("select n from marts.two")
        assert cursor.fetchall() == [(2,)]
    assert capfd.readouterr() == ("", "")


def test_the_password_is_in_the_environment_only_while_dbt_runs(access, write, monkeypatch):
    seen = write("marts/good.sql", "select '{{ env_var(\"KLANKBORD_DBT_USER\") }}' as who")
    monkeypatch.setenv("KLANKBORD_DBT_USER", "somebody else")
    monkeypatch.delenv("DBT_ENV_SECRET_PASSWORD", raising=False)
    before = dict(os.environ)
    warehouse.build(access, "marts")
    assert dict(os.environ) == before, seen
    with access.connect("klankbord_publisher") as connection, connection.cursor() as cursor:
        cursor.execute("select who from marts.good")
        assert cursor.fetchall() == [(warehouse.ROLE,)]
