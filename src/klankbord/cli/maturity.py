"""`klankbord maturity ORGANISATION`: the phase that it is in, and the evidence of every rule."""

import json
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from klankbord.cli.main import app, console
from klankbord.cli.targets import check

WORDS = {
    "nl": {
        "columns": ("fase", "regel", "cijfer", "grens", "gehaald?", "rust op"),
        "phase": "Fase", "unknown": "Welke fase is niet te zeggen: minstens {0}, hoogstens {1}.",
        "months": "maanden", "cases": "gevallen", "survey": "enquête", "provisional": "voorlopig",
        "why": "Waarom deze grens", "synthetic": "Verzonnen cijfers van de sandbox.",
        "yes": "ja", "no": "nee",
    },
    "en": {
        "columns": ("phase", "rule", "figure", "limit", "met?", "rests on"),
        "phase": "Phase", "unknown": "Which phase cannot be said: at least {0}, at most {1}.",
        "months": "months", "cases": "cases", "survey": "survey", "provisional": "provisional",
        "why": "Why this limit", "synthetic": "Invented figures of the sandbox.",
        "yes": "yes", "no": "no",
    },
}  # fmt: skip
STYLES = {"met": "green", "not_met": "red", "unknown": "dim"}
#: how a metric's figures are read: factor, digits, unit
UNITS = {
    "M01": (100, 0, "%"), "M03": (7, 1, "/7 d"), "M08": (1, 2, "%"), "M21": (100, 0, "%"),
    "M26": (100, 0, "%"),
}  # fmt: skip


@app.command()
def maturity(
    organisation: Annotated[str, typer.Argument(help="organisation_id, or its name")],
    quarter: Annotated[str, typer.Option(help="2026-Q3; the latest by default")] = "",
    language: Annotated[str, typer.Option(help="nl or en")] = "en",
    format: Annotated[str, typer.Option(help="table or json")] = "table",
) -> None:
    """The published phase of an organisation, with each rule, its figure and its reason."""
    from klankbord import database
    from klankbord.publish import policy

    check(language, format)
    with database.running() as access:
        found, evidence = policy.maturity(access, organisation, quarter)
    if format == "json":
        both = found | {"evidence": evidence}
        print(json.dumps(both, indent=2, ensure_ascii=False, default=str))
        return
    console.print(headline(found, language), highlight=False)
    console.print(table(evidence, language))
    words = WORDS[language]
    for row in evidence:
        console.print(Text(f"  {row['rule_id']}: {row[f'why_{language}']}", style="dim"))
    if found["is_synthetic"]:
        console.print(words["synthetic"])


def headline(found: dict[str, Any], language: str) -> Text:
    """The organisation, the quarter and the phase in words."""
    words = WORDS[language]
    name = found[f"organisation_name_{language}"]
    text = Text(f"{name}, {found['quarter']}", style="bold")
    if found["status"] == "provisional":
        text.append(f" ({words['provisional']})", style="yellow")
    if found["phase"] is None:
        said = words["unknown"].format(found["phase_at_least"], found["phase_at_most"])
    else:
        said = f"{words['phase']} {found['phase']}: {found[f'phase_{language}']}."
    return text.append(f"\n{said}")


def table(evidence: list[dict[str, Any]], language: str) -> Table:
    """A rule a line."""
    words = WORDS[language]
    shown = Table(*words["columns"], box=box.SIMPLE_HEAD)
    for row in evidence:
        state = Text(row[f"state_{language}"], style=STYLES[row["state"]])
        if row["missing_reason"]:
            state.append(f": {row[f'missing_reason_{language}']}")
        shown.add_row(
            str(row["phase"]),
            row[f"rule_{language}"],
            _figure(row, row["value"], language),
            f"{row['comparison']} {_measure(row['metric_id'], row['threshold'])}",
            state,
            _basis(row, words),
        )
    return shown


def _figure(row: dict[str, Any], value: float | None, language: str) -> str:
    if value is None:
        return ""
    if row["basis"] == "survey":
        return WORDS[language]["yes" if value else "no"]
    return _measure(row["metric_id"], value)


def _measure(metric_id: str, value: float) -> str:
    factor, digits, unit = UNITS.get(metric_id, (1, 2, ""))
    return f"{factor * value:.{digits}f} {unit}".strip()


def _basis(row: dict[str, Any], words: dict[str, Any]) -> str:
    """The figure or the survey that a rule rests on."""
    if row["basis"] == "survey":
        return f"{words['survey']} {row['survey_id']}"
    if not row["platforms"]:
        return row["metric_id"]
    return (
        f"{row['metric_id']} {row['platforms']}, {row['n_months']} {words['months']}, "
        f"{row['n_cases']} {words['cases']}"
    )
