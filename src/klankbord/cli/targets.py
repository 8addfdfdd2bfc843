"""`klankbord targets`: how far an organisation is with what it wants to reach."""

import json
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from klankbord.cli.main import app, console
from klankbord.errors import KlankbordError

WORDS = {
    "nl": {
        "columns": ("doel", "kanaal", "berichten", "start", "nu", "streefcijfer", "voortgang",
                    "verwacht", "stand", "vooruitzicht", "tegen"),
        "at_least": "≥", "at_most": "≤", "all": "alle kanalen", "until": "cijfers tot",
        "percent": "%", "persons": "personen", "visits": "bezoeken", "minutes": "min",
        "hours": "uur", "posts": "berichten/dag", "synthetic": "Verzonnen cijfers van de sandbox.",
        "forecast": "Vooruitzicht: als het zo doorgaat; tussen haakjes 95 % van de trends.",
        "segments": {
            "all": "alle", "organic_posts": "onbetaalde",
            "organic_posts_with_link": "onbetaalde met een link", "vacancy_posts": "vacatures",
            "corporate_posts": "gewone", "crisis_posts": "bij een crisis",
            "risk_posts": "over risico's", "large_impact_incidents": "incidenten met grote impact",
        },
    },
    "en": {
        "columns": ("target", "channel", "posts", "start", "now", "aim", "progress", "expected",
                    "state", "outlook", "by"),
        "at_least": "≥", "at_most": "≤", "all": "all channels", "until": "figures up to",
        "percent": "%", "persons": "people", "visits": "visits", "minutes": "min",
        "hours": "h", "posts": "posts/day", "synthetic": "Invented figures of the sandbox.",
        "forecast": "Outlook: if it goes on like this; in brackets 95 % of the trends.",
        "segments": {},
    },
}  # fmt: skip
STYLES = {"reached": "green", "on_track": "green", "behind": "yellow", "missed": "red"}


@app.command()
def targets(
    organisation: Annotated[
        str, typer.Argument(help="organisation_id or name; all that have targets by default")
    ] = "",
    language: Annotated[str, typer.Option(help="nl or en")] = "en",
    format: Annotated[str, typer.Option(help="table or json")] = "table",
) -> None:
    """Published targets: start, now, progress against the calendar, outlook on the due date."""
    from klankbord import database
    from klankbord.publish import policy

    check(language, format)
    with database.running() as access:
        rows = policy.targets(access, organisation)
    if format == "json":
        print(json.dumps(rows, indent=2, ensure_ascii=False, default=str))
        return
    for body in dict.fromkeys(row["organisation_id"] for row in rows):
        console.print(table([row for row in rows if row["organisation_id"] == body], language))


def check(language: str, format: str) -> None:
    """Refuse what is no language or format, before anything is started."""
    if language not in WORDS:
        raise KlankbordError(f"{language!r} is no language here: choose nl or en.")
    if format not in ("table", "json"):
        raise KlankbordError(f"{format!r} is no format: choose table or json.")


def table(rows: list[dict[str, Any]], language: str) -> Table:
    """The targets of one organisation; what has no figure says why instead."""
    words = WORDS[language]
    latest = max((row["as_of_on"] for row in rows if row["as_of_on"]), default=None)
    notes = [f"{words['until']} {latest}"] if latest else []
    notes += [words["forecast"]]
    if any(row["is_synthetic"] for row in rows):
        notes.append(words["synthetic"])
    shown = Table(
        *words["columns"], title=rows[0]["organisation_name_nl"], box=box.SIMPLE_HEAD,
        caption="\n".join(notes), caption_justify="left", title_justify="left",
    )  # fmt: skip
    for row in rows:
        unit = words[row["unit"]]
        name = row[f"metric_name_{language}"]
        state = Text(row[f"status_{language}"], style=STYLES.get(row["status"], "dim"))
        if row["missing_reason"]:
            state.append(f": {row[f'missing_reason_{language}']}")
        shown.add_row(
            f"{row['metric_id']} {name}" if name else row["metric_id"],
            row["platform"] or words["all"],
            words["segments"].get(row["segment"], row["segment"].replace("_", " ")),
            number(row["baseline_value"], unit, language),
            number(row["value"], unit, language),
            f"{words[row['direction']]} {number(row['target_value'], unit, language)}",
            "" if row["progress"] is None else f"{bar(row['progress'])} {row['progress']:.0%}",
            "" if row["expected_progress"] is None else f"{row['expected_progress']:.0%}",
            state,
            outlook(row, unit, language),
            str(row["due_on"]),
        )
    return shown


def number(value: float | None, unit: str, language: str) -> str:
    """Three digits and the unit, as readers of the language write them; nothing of nothing."""
    if value is None:
        return ""
    size = abs(value)
    text = f"{value:,.{0 if size >= 100 else 1 if size >= 10 else 2}f}"
    if language == "nl":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"{text} {unit}"


def outlook(row: dict[str, Any], unit: str, language: str) -> str:
    """The forecast with its interval, where it has one."""
    if row["forecast"] is None:
        return ""
    text = number(row["forecast"], unit, language)
    if row["forecast_lower"] is None:
        return text
    lower, upper = (
        number(row[f"forecast_{end}"], "", language).strip() for end in ("lower", "upper")
    )
    return f"{text} ({lower} – {upper})"


def bar(progress: float, width: int = 10) -> str:
    """Ten squares; what is under nothing or over the whole fills none or all."""
    filled = round(width * min(1.0, max(0.0, progress)))
    return "█" * filled + "░" * (width - filled)
