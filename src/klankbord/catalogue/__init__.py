"""The catalogue of metrics: seeds of the warehouse, read by Python, and what is made of them.

One source, `dbt_project/seeds/`: metrics.csv (one row a metric), metric_terms.csv (the words of its
codes), metric_units.csv, platform_gaps.csv (what a platform cannot give) and reasons.csv. Pages and
dbt's texts are made of it by klankbord.catalogue.generated.
"""

from klankbord.catalogue.model import LANGUAGES, Catalogue, CatalogueError, Metric, Unit
from klankbord.catalogue.reading import read

__all__ = ["LANGUAGES", "Catalogue", "CatalogueError", "Metric", "Unit", "read"]
