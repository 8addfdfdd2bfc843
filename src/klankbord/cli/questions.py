"""`klankbord questions …`: how well the rules find questions, and what they say of a text."""

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from klankbord.cli.main import app, console
from klankbord.errors import KlankbordError

questions_app = typer.Typer(no_args_is_help=True, help="The rules that find questions.")
app.add_typer(questions_app, name="questions")


@questions_app.command()
def measure(
    file: Annotated[
        Path | None, typer.Option(help="your own labelled texts; the project's by default")
    ] = None,
) -> None:
    """Precision, recall and F1 of each rule set by language; writes nothing."""
    from klankbord.questions import labelled, measuring

    rows = labelled.read(file or labelled.SET)
    shown = Table(
        *("part", "language", "rules", "texts", "questions", "precision", "recall", "F1"),
        box=box.SIMPLE_HEAD,
    )
    for m in measuring.measure(rows):
        f1 = "-" if m.f1 is None else f"{m.f1:.3f}"
        shown.add_row(
            *(m.part, m.language, m.rules, str(m.texts), str(m.recall.whole)),
            *(str(m.precision), str(m.recall), f1),
        )
    console.print(shown)
    console.print("In brackets: Wilson's interval of 95 %.", highlight=False)


@questions_app.command()
def explain(text: Annotated[str, typer.Argument(help="a text, in quotation marks")]) -> None:
    """Say what each rule set makes of a text, and which rule decided; stores nothing."""
    from klankbord.questions import RULE_SETS, is_question, q2

    for rules in RULE_SETS:
        verdict = "question" if is_question(text, rules) else "no question"
        rule = f" ({q2.reason(text)[1]})" if rules == "q2" else ""
        console.print(f"{rules}: {verdict}{rule}", highlight=False, markup=False)


@questions_app.command()
def page(
    check: Annotated[bool, typer.Option("--check", help="say whether it is up to date")] = False,
) -> None:
    """Write docs/questions.md from the rules and the labelled set."""
    from klankbord.questions import pages

    text = pages.page()
    if not check:
        pages.PAGE.write_text(text, encoding="utf-8")
    elif pages.PAGE.read_text(encoding="utf-8") != text:
        raise KlankbordError(
            "docs/questions.md is behind the code: write it with `klankbord questions page`."
        )
    console.print("docs/questions.md says what the code says.")
