"""What the catalogue is made of, once it is read (klankbord.catalogue.reading)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from klankbord.errors import KlankbordError

LANGUAGES = ("nl", "fr", "en", "de")
#: one text in each of LANGUAGES
Texts = Mapping[str, str]


class CatalogueError(KlankbordError):
    """The catalogue's seeds are faulty; names every fault with its file and line."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A row of metrics.csv; the columns are told in dbt_project/seeds/_seeds.yml."""

    metric_id: str
    theme: str
    name: Texts
    description: Texts
    caveat: Texts
    formula: str
    numerator: str
    denominator: str
    cases: str
    unit: str
    direction: str
    tier: str
    basis: str
    needs: tuple[str, ...]
    stream: str
    grain: str
    aggregation: str
    headline: str
    interval_kind: str
    group_interval_kind: str
    base_metric_id: str
    scale: int
    closing_days: int
    parameter_set: str
    definition_version: str
    is_group_only: bool
    needs_followers: bool
    is_computed: bool
    model: str
    source: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Unit:
    """How a value is written: value x factor, that many digits, then the suffix; what is possible.

    least, most: None where the unit is that of another figure.
    """

    unit: str
    factor: int
    digits: int
    least: float | None
    most: float | None
    suffix: Texts
    name: Texts
    line: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that the seeds say; `gaps` is (platform, need) -> reason_code."""

    metrics: tuple[Metric, ...]
    units: Mapping[str, Unit]
    terms: Mapping[tuple[str, str], Texts]
    reasons: Mapping[str, Texts]
    gaps: Mapping[tuple[str, str], str]
    platforms: Mapping[str, Mapping[str, str]]
    #: (metric_id, a vendor's definition that it is also computed under)
    definitions: tuple[tuple[str, Texts], ...]
    #: the parameters of each parameter_set with their values (vars of dbt_project.yml)
    parameters: Mapping[str, Mapping[str, Any]]

    def __getitem__(self, metric_id: str) -> Metric:
        for metric in self.metrics:
            if metric.metric_id == metric_id:
                return metric
        raise KeyError(metric_id)

    def term(self, kind: str, code: str, language: str) -> str:
        """The word of a code, or CatalogueError naming the row that is missing."""
        try:
            return self.terms[kind, code][language]
        except KeyError:
            raise CatalogueError(
                f"metric_terms.csv has no {kind} {code}: add a row with four names."
            ) from None

    def themes(self) -> list[str]:
        """The themes in the order in which the terms name them."""
        return [code for kind, code in self.terms if kind == "theme"]

    def of(self, theme: str) -> list[Metric]:
        """The metrics of a theme in the order of their rows."""
        return [metric for metric in self.metrics if metric.theme == theme]
