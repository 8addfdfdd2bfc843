"""A metric in the words of one language, as every page needs them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from klankbord.catalogue import applicability
from klankbord.catalogue.model import Catalogue, Metric

_TERM = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a metric's table: `key` is stable, `name` and `text` are of one language."""

    key: str
    name: str
    text: str


def terms_of(formula: str) -> list[str]:
    """The codes in braces."""
    return _TERM.findall(formula)


def formula(catalogue: Catalogue, metric: Metric, language: str) -> str:
    """The formula with its quantities in words."""
    return _TERM.sub(lambda m: catalogue.term("quantity", m[1], language), metric.formula)


def parameters(catalogue: Catalogue, metric: Metric, language: str) -> str:
    """ "window in hours: 168 · …", the aggregation first; what travels with each figure."""
    chosen = catalogue.parameters[metric.parameter_set] if metric.parameter_set else {}
    known = {"aggregation": metric.aggregation, **chosen}
    return " · ".join(
        f"{catalogue.term('parameter', name, language)}: {_value(catalogue, value, language)}"
        for name, value in known.items()
    )


def _value(catalogue: Catalogue, value: object, language: str) -> str:
    """A word of the language where there is one; else as it stands (168, q1)."""
    texts = catalogue.terms.get(("value", str(value)))
    text = texts[language] if texts else str(value)
    return text if language == "en" or not isinstance(value, float) else text.replace(".", ",")


def platforms(catalogue: Catalogue, metric: Metric, language: str) -> list[tuple[str, str]]:
    """("Instagram, YouTube", why the platforms cannot give it).

    Channels of which nothing can be read are told once, for all metrics.
    """
    return [
        (
            ", ".join(catalogue.platforms[name]["title"] for name in names),
            catalogue.reasons[code][language],
        )
        for code, names in applicability.not_applicable(catalogue, metric)
        if code != applicability.NO_INTERFACE
    ]


def facts(catalogue: Catalogue, metric: Metric, language: str) -> Iterator[Fact]:
    """Everything about a metric that fits on a line, in the order of reading."""

    def word(code: str) -> str:
        return catalogue.term("word", code, language)

    def term(kind: str, code: str) -> str:
        return catalogue.term(kind, code, language)

    yield Fact("unit", word("unit"), catalogue.units[metric.unit].name[language])
    yield Fact("cases", word("cases"), term("quantity", metric.cases))
    yield Fact("direction", word("direction"), term("direction", metric.direction))
    yield Fact("grain", word("grain"), term("grain", metric.grain))
    if metric.grain == "organisation":
        yield Fact("headline", word("headline"), term("headline", metric.headline))
    if metric.interval_kind != "none":
        yield Fact("interval", word("interval"), term("interval", metric.interval_kind))
    if metric.group_interval_kind != "none":
        text = term("interval", metric.group_interval_kind)
        yield Fact("group_interval", word("group_interval"), text)
    yield Fact("tier", word("tier"), f"{metric.tier}: {term('tier', metric.tier)}")
    yield Fact("basis", word("basis"), term("basis", metric.basis))
    yield Fact("parameters", word("parameters"), parameters(catalogue, metric, language))
    if metric.closing_days:
        text = f"{metric.closing_days} {word('days_after')}"
        yield Fact("closing", word("closing"), text)
    yield Fact("version", word("version"), metric.definition_version)
    others = [texts[language] for one, texts in catalogue.definitions if one == metric.metric_id]
    if others:
        yield Fact("definitions", word("definitions"), ", ".join(others))
    yield Fact("source", word("source"), ", ".join(term("source", s) for s in metric.source))
    state = word("computed" if metric.is_computed else "not_computed")
    yield Fact("state", word("state"), state)
    if metric.model:
        yield Fact("model", word("model"), metric.model)
