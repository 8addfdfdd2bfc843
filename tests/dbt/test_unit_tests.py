"""dbt's unit tests: the logic of the models, over rows made for it."""

import re
from pathlib import Path

import pytest
import yaml

from klankbord import settings, warehouse
from tests.databases import new_warehouse

MODELS = Path(settings.PROJECT_ROOT) / "dbt_project" / "models"


@pytest.fixture(scope="module")
def built(postgres):
    """An empty house, built once."""
    with new_warehouse(postgres) as access:
        warehouse.build(access)
        yield access


def names() -> list[str]:
    """Every unit test that a file of the project declares."""
    found = []
    for file in sorted(MODELS.rglob("*.yml")):
        found += [test["name"] for test in yaml.safe_load(file.read_text()).get("unit_tests", [])]
    return found


def test_the_models_do_what_their_unit_tests_say(built) -> None:
    assert len(names()) > 40
    assert warehouse.check_logic(built).statuses == {"pass": len(names())}


def test_a_unit_test_that_fails_is_named_with_its_difference(built, monkeypatch) -> None:
    """The suite above can fail: one number is changed on its way to the database."""
    from dbt.cli.main import dbtRunner

    before = dbtRunner.invoke

    def less(self, arguments, **rest):
        return before(self, [*arguments, "--vars", "{reaction_weight: 7}"], **rest)

    monkeypatch.setattr(dbtRunner, "invoke", less)
    with pytest.raises(warehouse.BuildError) as refused:
        warehouse.check_logic(built)
    said = str(refused.value)
    assert re.search(r"engagement_of_a_period_counts_what_is_known", said)
    assert "actual differs from expected" in said
