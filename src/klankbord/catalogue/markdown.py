"""docs/metrics.md and dbt's texts, in English, from the catalogue."""

from collections.abc import Iterator

from klankbord.catalogue import wording
from klankbord.catalogue.model import Catalogue, Metric

LANGUAGE = "en"
_HEAD = """\
# Metrics

Made by `klankbord metrics write` from `dbt_project/seeds/metrics.csv` and its sister seeds; edit \
those. `klankbord metrics check` says when this page is older than they are. The same in Dutch, \
French, English and German, for an association's site: `klankbord metrics page --language nl --out \
FILE`, and here: [Nederlands](methodology.nl.html), [Français](methodology.fr.html), \
[English](methodology.en.html), [Deutsch](methodology.de.html). dbt's own documentation, which \
holds these texts too, as one file: `make docs`, or `klankbord metrics dbt-docs --out FILE`.
"""


def page(catalogue: Catalogue) -> str:
    """The methodology page for the repository."""
    return "\n".join([_HEAD, *_reading(catalogue), *_table(catalogue), *_metrics(catalogue, "##")])


def dbt_blocks(catalogue: Catalogue) -> str:
    """dbt's start page, and the text that columns `metric_id` refer to."""
    parts = [
        "{% docs __overview__ %}",
        "# Klankbord's warehouse",
        "",
        "staging -> intermediate -> marts -> reporting; the metrics that it gives:",
        "",
        *_reading(catalogue),
        *_table(catalogue),
        *_metrics(catalogue, "##"),
        "{% enddocs %}",
        "",
        "{% docs metrics %}",
        "The metric's id in the catalogue:",
        "",
        *_table(catalogue),
        "{% enddocs %}",
    ]
    return "\n".join(parts) + "\n"


def _reading(catalogue: Catalogue) -> Iterator[str]:
    yield f"## {catalogue.term('word', 'reading', LANGUAGE)}"
    yield ""
    for kind, code in catalogue.terms:
        if kind != "reading":
            continue
        yield f"- {catalogue.term(kind, code, LANGUAGE)}"
        if code == "tiers":
            for tier in ("T0", "T1", "T2", "T3"):
                yield f"  - **{tier}** {catalogue.term('tier', tier, LANGUAGE)}"
    yield ""


def _table(catalogue: Catalogue) -> Iterator[str]:
    yield "| id | metric | unit | access | computed |"
    yield "|---|---|---|---|---|"
    for metric in catalogue.metrics:
        unit = catalogue.units[metric.unit].name[LANGUAGE]
        computed = "yes" if metric.is_computed else "not yet"
        yield f"| {metric.metric_id} | {metric.name['en']} | {unit} | {metric.tier} | {computed} |"
    yield ""


def _metrics(catalogue: Catalogue, level: str) -> Iterator[str]:
    for theme in catalogue.themes():
        yield f"{level} {catalogue.term('theme', theme, LANGUAGE)}"
        yield ""
        for metric in catalogue.of(theme):
            yield from _metric(catalogue, metric, level + "#")


def _metric(catalogue: Catalogue, metric: Metric, level: str) -> Iterator[str]:
    yield f"{level} {metric.metric_id} · {metric.name[LANGUAGE]}"
    yield ""
    yield f"{metric.description[LANGUAGE]} *{metric.caveat[LANGUAGE]}*"
    yield ""
    yield f"`{wording.formula(catalogue, metric, LANGUAGE)}`"
    yield ""
    for fact in wording.facts(catalogue, metric, LANGUAGE):
        yield f"- {fact.name}: {fact.text}"
    for names, reason in wording.platforms(catalogue, metric, LANGUAGE):
        yield f"- {catalogue.term('word', 'not_applicable', LANGUAGE)} {names}: {reason}"
    yield ""
