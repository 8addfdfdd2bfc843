"""What must hold in the catalogue; each rule gives sentences that say where and what to do."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from klankbord.catalogue import applicability, texts, wording
from klankbord.catalogue.model import Catalogue
from klankbord.catalogue.reading import PROJECT

#: the lowest access under which each stream is read (klankbord.platforms.base.TIER_OF_STREAM)
TIER_OF_STREAM = {
    "register": {"T0", "T1"},  # presence is declared, activity under it is read
    "profiles": {"T0"},
    "posts": {"T1"},
    "outgoing": {"T2"},
    "messages": {"T2"},
    "insights": {"T3"},
    "web": {"T3"},
    "survey": {"T0"},
    "targets": {"T0"},
    "figures": {"T0", "T1", "T2", "T3"},
}
STREAMS_OF_NEEDS = {
    "messages": {"messages", "figures", "insights"},
    "replies": {"outgoing"},
    "reach": {"insights"},
    "link_clicks": {"insights"},
    "clicks": {"insights"},
    "local_followers": {"insights"},
    "own_reactions": {"insights"},
}
#: what a platform may lack, and the column of platforms.csv that says the same
NEEDS = {
    "followers": "has_followers",
    "reactions": "has_reactions",
    "comments": "has_comments",
    "shares": "has_shares",
    "messages": "has_messages",
    "interactions": None,
    "posts": None,
    "replies": None,
    "reach": None,
    "views": None,
    "impressions": None,
    "clicks": None,
    "link_clicks": None,
    "local_followers": None,
    "own_reactions": None,
    "referrals": None,
    applicability.READING: None,
}
#: what a reader finds under a theme and is counted apart from it: M27, of owners' accounts alone
OTHER_FIGURES = {"response": "fct_service_figure"}
NUMBERS = range(1, 51)
Rule = Callable[[Catalogue, Path], Iterator[str]]
RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Register a rule."""
    RULES.append(function)
    return function


def check(catalogue: Catalogue, project: Path = PROJECT) -> list[str]:
    """Every fault, in the order of the rules."""
    found = [fault for one in RULES for fault in one(catalogue, project)]
    return found + [fault for one in texts.RULES for fault in one(catalogue)]


_at = texts.where


@rule
def every_number_is_there(catalogue: Catalogue, project: Path) -> Iterator[str]:
    ids = [metric.metric_id for metric in catalogue.metrics]
    for metric in catalogue.metrics:
        if not re.fullmatch(r"M\d\d[a-z]?", metric.metric_id):
            yield f"{_at(metric)}: an id is M, two digits and at most one small letter."
    for number in NUMBERS:
        if not any(one.startswith(f"M{number:02}") for one in ids):
            yield f"metrics.csv: M{number:02} has no row."
    if ids != sorted(ids):
        yield "metrics.csv: the rows must stand in the order of their ids."


@rule
def codes_are_known(catalogue: Catalogue, project: Path) -> Iterator[str]:
    for m in catalogue.metrics:
        used = [("theme", m.theme), ("direction", m.direction), ("tier", m.tier)]
        used += [("basis", m.basis), ("grain", m.grain), ("headline", m.headline)]
        used += [("interval", m.interval_kind), ("interval", m.group_interval_kind)]
        used += [("value", m.aggregation), ("quantity", m.cases)]
        used += [("quantity", code) for code in (m.numerator, m.denominator) if code]
        used += [("quantity", code) for code in wording.terms_of(m.formula)]
        used += [("source", code) for code in m.source]
        for kind, code in used:
            if (kind, code) not in catalogue.terms:
                yield f"{_at(m)}: metric_terms.csv has no {kind} {code!r}."
        if m.unit not in catalogue.units:
            yield f"{_at(m)}: metric_units.csv has no unit {m.unit!r}."
        if not m.formula or not m.source:
            yield f"{_at(m)}: give a formula and a source."


@rule
def tier_follows_from_the_stream(catalogue: Catalogue, project: Path) -> Iterator[str]:
    for m in catalogue.metrics:
        if m.stream not in TIER_OF_STREAM:
            yield f"{_at(m)}: stream {m.stream!r} is unknown."
        elif m.tier not in TIER_OF_STREAM[m.stream]:
            yield f"{_at(m)}: stream {m.stream} is not read under tier {m.tier}."
        for need in m.needs:
            if need not in NEEDS:
                yield f"{_at(m)}: needs {need!r}, which no platform is asked for."
            elif m.stream not in STREAMS_OF_NEEDS.get(need, {m.stream}):
                yield f"{_at(m)}: {need} does not come with stream {m.stream}."
        if m.needs_followers != ("followers" in m.needs):
            yield f"{_at(m)}: needs_followers and needs disagree."


@rule
def groups_are_made_of_what_exists(catalogue: Catalogue, project: Path) -> Iterator[str]:
    known = {m.metric_id: m for m in catalogue.metrics}
    for m in catalogue.metrics:
        base = known.get(m.base_metric_id)
        if base is None:
            yield f"{_at(m)}: base_metric_id {m.base_metric_id!r} is no metric."
        elif m.is_group_only == (base is m) or base.is_group_only:
            yield f"{_at(m)}: only a group's metric has another's figures as its base."
        elif base.unit != m.unit or base.scale != m.scale:
            yield f"{_at(m)}: has another unit or scale than its base {base.metric_id}."
        wanted = {"median": "order_statistic", "pooled": "none", "mean": "none"}[m.headline]
        if m.headline == "mean" and m.aggregation == "share":
            wanted = "wilson"
        if m.grain == "organisation" and m.group_interval_kind != wanted:
            yield f"{_at(m)}: the interval of a group's {m.headline} is {wanted}."
        if m.interval_kind == "wilson" and m.unit != "share":
            yield f"{_at(m)}: a Wilson interval is one of a share."


@rule
def parameters_are_known(catalogue: Catalogue, project: Path) -> Iterator[str]:
    for m in catalogue.metrics:
        if m.parameter_set and m.parameter_set not in catalogue.parameters:
            yield f"{_at(m)}: dbt_project.yml has no parameter set {m.parameter_set!r}."
    for name, parameters in catalogue.parameters.items():
        for parameter in parameters:
            if ("parameter", parameter) not in catalogue.terms:
                yield f"dbt_project.yml, {name}: metric_terms.csv has no parameter {parameter}."


@rule
def what_is_computed_has_its_model(catalogue: Catalogue, project: Path) -> Iterator[str]:
    models = {path.stem: path for path in (project / "models").rglob("*.sql")}
    for m in catalogue.metrics:
        if m.is_computed != bool(m.model):
            yield f"{_at(m)}: is_computed and model must say the same."
        elif m.model and m.model not in models:
            yield f"{_at(m)}: there is no dbt model {m.model}."
        elif m.model and m.grain == "organisation" and not m.is_group_only:
            wanted = f"fct_{m.theme}_figure"
            if m.model not in (wanted, OTHER_FIGURES.get(m.theme)):
                yield f"{_at(m)}: a figure of theme {m.theme} comes from {wanted}."
            elif f"'{m.metric_id}'" not in models[m.model].read_text(encoding="utf-8"):
                yield f"{_at(m)}: {m.model} has no select for '{m.metric_id}'."


@rule
def every_figure_of_a_theme_is_a_metric(catalogue: Catalogue, project: Path) -> Iterator[str]:
    """The other way round: what a theme's model gives must be in the catalogue, as computed."""
    computed = {m.metric_id for m in catalogue.metrics if m.is_computed}
    for path in sorted((project / "models").rglob("fct_*_figure.sql")):
        for found in sorted(set(re.findall(r"'(M\d\d[a-z]?)'", path.read_text(encoding="utf-8")))):
            if found not in computed:
                yield f"{path.name}: gives {found}, which metrics.csv does not say is computed."


@rule
def gaps_are_those_of_the_platforms(catalogue: Catalogue, project: Path) -> Iterator[str]:
    for (platform, need), code in catalogue.gaps.items():
        where = f"platform_gaps.csv, {platform} {need}"
        if platform not in catalogue.platforms:
            yield f"{where}: platforms.csv has no such platform."
        if need not in NEEDS:
            yield f"{where}: no metric needs that."
        if code not in catalogue.reasons:
            yield f"{where}: reasons.csv has no {code!r}."
    for platform, row in catalogue.platforms.items():
        if (platform, applicability.READING) in catalogue.gaps:
            continue
        for need, column in NEEDS.items():
            if column and (row[column] == "true") == ((platform, need) in catalogue.gaps):
                yield f"platforms.csv, {platform}: {column} and platform_gaps.csv disagree."


@rule
def limits_are_possible(catalogue: Catalogue, project: Path) -> Iterator[str]:
    for unit in catalogue.units.values():
        if (unit.least is None) != (unit.most is None) or (
            unit.least is not None and unit.most is not None and unit.least >= unit.most
        ):
            yield f"metric_units.csv, line {unit.line}: least must be less than most."
