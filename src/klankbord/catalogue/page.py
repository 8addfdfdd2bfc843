"""The methodology page of one language: one HTML file that needs nothing else, for any website."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from klankbord.catalogue import wording
from klankbord.catalogue.model import LANGUAGES, Catalogue, Metric

#: said in the table already, or of no use to those who read a figure
_NOT_SHOWN = {"state", "model"}


def file_name(language: str) -> str:
    """The name under which the pages link to each other."""
    return f"methodology.{language}.html"


def render(catalogue: Catalogue, language: str) -> str:
    """The page; the same text for the same seeds."""
    css = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
    word = _Words(catalogue, language)
    lines = [
        "<!doctype html>",
        f'<html lang="{language}">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{word('title')}</title>",
        f'<meta name="description" content="{word("subtitle")}">',
        *(
            f'<link rel="alternate" hreflang="{code}" href="{file_name(code)}">'
            for code in LANGUAGES
        ),
        "<style>",
        css.rstrip(),
        "</style>",
        "</head>",
        "<body>",
        "<header>",
        '<nav class="languages">',
        *_languages(catalogue, language),
        "</nav>",
        f"<h1>{word('title')}</h1>",
        f"<p>{word('subtitle')}.</p>",
        "</header>",
        '<div class="columns">',
        *_contents(catalogue, word, language),
        "<main>",
        *_reading(catalogue, word, language),
        *_summary(catalogue, word, language),
        *_themes(catalogue, word, language),
        f"<footer>{word('made_of')}</footer>",
        "</main>",
        "</div>",
        "</body>",
        "</html>",
    ]
    return _unbroken("\n".join(lines) + "\n")


def _unbroken(text: str) -> str:
    """No line breaks inside 95 % and 1 000, nor before the marks that French sets apart."""
    return re.sub(r"(?<=\d) (?=%|\d{3}\b)| (?=[:;?!]\s)", "\u00a0", text)


class _Words:
    """The page's own words, escaped."""

    def __init__(self, catalogue: Catalogue, language: str) -> None:
        self._catalogue = catalogue
        self._language = language

    def __call__(self, code: str) -> str:
        return escape(self._catalogue.term("word", code, self._language))


def _languages(catalogue: Catalogue, language: str) -> Iterator[str]:
    for code in LANGUAGES:
        name = escape(catalogue.term("language", code, code))
        here = ' aria-current="page"' if code == language else ""
        yield f'<a href="{file_name(code)}" hreflang="{code}" lang="{code}"{here}>{name}</a>'


def _contents(catalogue: Catalogue, word: _Words, language: str) -> Iterator[str]:
    yield f'<nav class="contents" aria-label="{word("contents")}">'
    yield f"<h2>{word('contents')}</h2>"
    yield f'<p><a href="#reading">{word("reading")}</a></p>'
    yield f'<p><a href="#summary">{word("summary")}</a></p>'
    for theme in catalogue.themes():
        name = escape(catalogue.term("theme", theme, language))
        yield f'<p><a href="#{theme}">{name}</a></p>'
        yield "<ul>"
        for metric in catalogue.of(theme):
            text = escape(metric.name[language])
            yield f'<li><a href="#{metric.metric_id}"><b>{metric.metric_id}</b> {text}</a></li>'
        yield "</ul>"
    yield "</nav>"


def _reading(catalogue: Catalogue, word: _Words, language: str) -> Iterator[str]:
    yield f'<section id="reading"><h2>{word("reading")}</h2>'
    yield "<ul>"
    for kind, code in catalogue.terms:
        if kind != "reading":
            continue
        text = escape(catalogue.term(kind, code, language))
        if code == "tiers":
            steps = "".join(
                f"<li><b>{tier}</b> {escape(catalogue.term('tier', tier, language))}</li>"
                for tier in ("T0", "T1", "T2", "T3")
            )
            text += f"<ul>{steps}</ul>"
        yield f"<li>{text}</li>"
    yield "</ul></section>"


def _summary(catalogue: Catalogue, word: _Words, language: str) -> Iterator[str]:
    yield f'<section id="summary"><h2>{word("summary")}</h2>'
    yield "<table><thead><tr>"
    for code in ("metric", "unit", "tier", "state"):
        yield f"<th>{word(code)}</th>"
    yield "</tr></thead><tbody>"
    for metric in catalogue.metrics:
        name, unit = escape(metric.name[language]), catalogue.units[metric.unit]
        state = word("computed" if metric.is_computed else "not_computed")
        yield (
            f'<tr><td><a href="#{metric.metric_id}"><b>{metric.metric_id}</b> {name}</a></td>'
            f"<td>{escape(unit.name[language])}</td><td>{metric.tier}</td>"
            f'<td class="{_state(metric)}">{state}</td></tr>'
        )
    yield "</tbody></table></section>"


def _themes(catalogue: Catalogue, word: _Words, language: str) -> Iterator[str]:
    for theme in catalogue.themes():
        yield f'<section id="{theme}" class="theme">'
        yield f"<h2>{escape(catalogue.term('theme', theme, language))}</h2>"
        for metric in catalogue.of(theme):
            yield from _metric(catalogue, metric, word, language)
        yield "</section>"


def _metric(catalogue: Catalogue, metric: Metric, word: _Words, language: str) -> Iterator[str]:
    name = escape(metric.name[language])
    state = word("computed" if metric.is_computed else "not_computed")
    yield f'<article id="{metric.metric_id}">'
    yield f'<h3><a href="#{metric.metric_id}">{metric.metric_id}</a> {name}</h3>'
    if not metric.is_computed:
        yield f'<p class="badge">{state}</p>'
    yield f"<p>{_linked(escape(metric.description[language]))}</p>"
    yield f'<p class="caveat">{_linked(escape(metric.caveat[language]))}</p>'
    formula = escape(wording.formula(catalogue, metric, language))
    yield f'<p class="formula"><span>{word("formula")}</span> {_linked(formula)}</p>'
    yield "<dl>"
    for fact in wording.facts(catalogue, metric, language):
        if fact.key not in _NOT_SHOWN:
            yield f"<dt>{escape(fact.name)}</dt><dd>{escape(fact.text)}</dd>"
    lacking = wording.platforms(catalogue, metric, language)
    if lacking:
        yield f"<dt>{word('not_applicable')}</dt><dd><ul>"
        for names, reason in lacking:
            yield f"<li><b>{escape(names)}</b>: {_linked(escape(reason))}</li>"
        yield "</ul></dd>"
    yield "</dl>"
    yield "</article>"


def _state(metric: Metric) -> str:
    return "computed" if metric.is_computed else "pending"


def _linked(text: str) -> str:
    """Ids of other metrics lead to them."""
    return re.sub(r"\b(M\d\d[a-z]?)\b", r'<a href="#\1">\1</a>', text)
