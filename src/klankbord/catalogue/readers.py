"""The catalogue in one language, as templates of dashboards take it."""

from typing import Any

from klankbord.catalogue.model import Catalogue


def metrics(catalogue: Catalogue, language: str) -> dict[str, dict[str, Any]]:
    """metric_id -> name, description, caveat, and its place in the catalogue."""
    return {
        metric.metric_id: {
            "name": metric.name[language],
            "description": metric.description[language],
            "caveat": metric.caveat[language],
            "place": place,
        }
        for place, metric in enumerate(catalogue.metrics, 1)
    }


def formats(catalogue: Catalogue, language: str) -> list[dict[str, Any]]:
    """factor, digits and suffix of each unit with the ids of the metrics that are written so.

    Only metrics whose figures are published by organisation and platform.
    """
    found = []
    for unit in catalogue.units.values():
        ids = [
            m.metric_id
            for m in catalogue.metrics
            if m.is_computed and m.grain == "organisation" and m.unit == unit.unit
        ]
        if ids:
            suffix = unit.suffix[language]
            found.append(
                {"ids": ids, "factor": unit.factor, "digits": unit.digits, "suffix": suffix}
            )
    return found
