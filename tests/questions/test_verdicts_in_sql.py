"""Which verdict staging takes: the macro of every `stg_<p>__messages`, on a real PostgreSQL."""

import json
from pathlib import Path

import pytest

from klankbord import privacy, questions, settings
from klankbord.platforms.base import FieldRules, discover
from klankbord.platforms.events import Item
from tests.questions.staging import verdict

DBT = settings.PROJECT_ROOT / "dbt_project"
NOTHING = FieldRules(own=frozenset({"id"}), citizen=frozenset({"id"}))


def stored(text: str | None) -> dict:
    """What landing stores of a citizen's message today."""
    item = Item(
        account_id="a", stream="messages", item_id="1", payload={"id": "1"}, author_id="7",
        is_own=False, text=text,
    )  # fmt: skip
    return privacy.minimise(item, NOTHING, "x", "key")[1]


def before_q2(is_question: bool) -> dict:
    """A row that was stored when q1 was all there was."""
    return {"klankbord": {"is_own": False, "is_question": is_question, "rules_version": "q1"}}


def after_q2(is_question: bool, **others: bool) -> dict:
    """A row of a later set: numbers are compared, q10 is newer than q2."""
    facts = {"is_question": is_question, "rules_version": "q10", "questions": others}
    return {"klankbord": facts}


CASES = [  # payload, under q1, under q2
    (stored("Waar is dat?"), (True, "q1"), (True, "q2")),
    (stored("waar is dat"), (False, "q1"), (True, "q2")),
    (stored("Serieus?"), (True, "q1"), (False, "q2")),
    (stored("Bedankt."), (False, "q1"), (False, "q2")),
    (stored(None), (None, None), (None, None)),
    (before_q2(True), (True, "q1"), (True, "q1")),
    (before_q2(False), (False, "q1"), (False, "q1")),
    (after_q2(True, q1=False, q2=False), (False, "q1"), (False, "q2")),
    (after_q2(False, q1=True), (True, "q1"), (False, "q2")),
]


@pytest.mark.parametrize("rules", list(questions.RULE_SETS))
def test_the_verdict_of_the_wanted_rules(postgres, rules: str) -> None:
    query = verdict(rules)
    expected = [case[list(questions.RULE_SETS).index(rules) + 1] for case in CASES]
    with postgres.connect(postgres.admin) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"select {query} from jsonb_array_elements(%s::jsonb) with ordinality"
            " as messages (payload, place) order by place",
            [json.dumps([payload for payload, *_ in CASES])],
        )
        assert cursor.fetchall() == expected


def test_only_what_differs_is_stored() -> None:
    assert "questions" not in stored("Waar is dat?")["klankbord"]
    facts = stored("waar is dat")["klankbord"]
    assert (facts["is_question"], facts["questions"]) == (True, {"q1": False})
    assert facts["rules_version"] == questions.CURRENT == list(questions.RULE_SETS)[-1]


def test_every_platform_with_messages_takes_the_macro() -> None:
    models = sorted((DBT / "models" / "staging").glob("*/stg_*__messages.sql"))
    with_messages = [name for name, cls in discover().items() if "messages" in cls.fields]
    assert len(models) == len(with_messages) >= 8
    assert [m.name for m in models if "{{ question_verdict() }}," not in m.read_text()] == []
    project = (DBT / "dbt_project.yml").read_text()
    assert f"question_rules: {questions.CURRENT}\n" in project


def test_the_rules_are_in_the_package() -> None:
    folder = Path(questions.__file__).parent
    assert {"q2.toml", "labelled.csv", "intro.md"} <= {path.name for path in folder.iterdir()}
    data = (settings.PROJECT_ROOT / "pyproject.toml").read_text()
    assert '"**/*.toml"' in data and '"**/*.csv"' in data
