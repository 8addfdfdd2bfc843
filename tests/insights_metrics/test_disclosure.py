"""Owners' figures hide together, and no sum of them is shown."""

import csv

from klankbord import settings

SEEDS = settings.PROJECT_ROOT / "dbt_project" / "seeds"


def rows(name: str) -> dict[str, dict[str, str]]:
    with (SEEDS / name).open(newline="", encoding="utf-8") as file:
        return {row["metric_id"]: row for row in csv.DictReader(file)}


def test_every_owners_figure_is_in_the_family_and_tells_no_sum() -> None:
    """Interactions I and posts n of a body are public. With the sum of reaches R, the means of I/R
    and of R/n, and one's own R, a group of five is four unknowns and as many equations."""
    families = rows("disclosure_families.csv")
    computed = {
        m for m, row in rows("metrics.csv").items() if row["model"] == "fct_insights_figure"
    }
    assert len(computed) == 8
    for metric_id in computed:
        said = families[metric_id]
        assert (said["family"], said["is_change"], said["is_public"]) == ("M13", "true", "false")
