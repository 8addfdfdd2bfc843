"""The rules of the catalogue's words: there, in the right language, told apart, in use."""

from collections.abc import Iterator
from itertools import combinations

from klankbord.catalogue import language, wording
from klankbord.catalogue.model import LANGUAGES, Catalogue, Metric


def where(metric: Metric) -> str:
    """Where a metric stands, as every fault begins."""
    return f"metrics.csv, line {metric.line}, {metric.metric_id}"


def no_word_is_unused(catalogue: Catalogue) -> Iterator[str]:
    ms = catalogue.metrics
    used = {
        "theme": {m.theme for m in ms},
        "basis": {m.basis for m in ms},
        "interval": {m.interval_kind for m in ms} | {m.group_interval_kind for m in ms},
        "source": {code for m in ms for code in m.source},
        "quantity": {code for m in ms for code in (m.numerator, m.denominator, m.cases)}
        | {code for m in ms for code in wording.terms_of(m.formula)},
        "parameter": {"aggregation", *(p for s in catalogue.parameters.values() for p in s)},
    }
    for kind, code in catalogue.terms:
        if kind in used and code not in used[kind]:
            yield f"metric_terms.csv: {kind} {code} is used by no metric."
    for unit in catalogue.units.values():
        if unit.unit not in {m.unit for m in ms}:
            yield f"metric_units.csv, line {unit.line}: unit {unit.unit!r} is used by no metric."
    for code in catalogue.reasons.keys() - set(catalogue.gaps.values()):
        yield f"reasons.csv: {code} is given by no platform."


def texts_are_there_in_four_languages(catalogue: Catalogue) -> Iterator[str]:
    for m in catalogue.metrics:
        for stem, texts in (
            ("name", m.name),
            ("description", m.description),
            ("caveat", m.caveat),
        ):
            yield from (
                f"{where(m)}: {stem}_{code} {fault}"
                for code, fault in language.faults(texts, is_sentence=stem != "name")
            )
    for (kind, code), texts in catalogue.terms.items():
        if kind in ("language", "source"):  # names of products, and languages in their own words
            continue
        for key, fault in language.faults(texts):
            yield f"metric_terms.csv, {kind} {code}: name_{key} {fault}"
    for code, texts in catalogue.reasons.items():
        for key, fault in language.faults(texts, is_sentence=True):
            yield f"reasons.csv, {code}: reason_{key} {fault}"


def names_are_told_apart(catalogue: Catalogue) -> Iterator[str]:
    for one, other in combinations(catalogue.metrics, 2):
        for code in LANGUAGES:
            if one.name[code].casefold() == other.name[code].casefold():
                yield f"{where(other)}: name_{code} is that of {one.metric_id} too."


RULES = (no_word_is_unused, texts_are_there_in_four_languages, names_are_told_apart)
