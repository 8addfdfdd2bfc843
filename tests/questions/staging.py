"""The SQL of a message's verdict, for tests that read a staging model without dbt."""

import jinja2

from klankbord import questions, settings

_MACRO = settings.PROJECT_ROOT / "dbt_project" / "macros" / "question_verdict.sql"


def verdict(rules: str = questions.CURRENT) -> str:
    """The two columns, under a rule set."""
    text = _MACRO.read_text(encoding="utf-8") + "{{ question_verdict() }}"
    template = jinja2.Environment(autoescape=False).from_string(text)
    return template.render(var={"question_rules": rules}.__getitem__)


def with_verdict(model: str) -> str:
    """A staging model's text with the macro in it written out."""
    return model.replace("{{ question_verdict() }}", verdict())
