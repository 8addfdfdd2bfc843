"""What decides a figure travels with it: a variable that a model reads is a parameter of a
metric, or stands here with the reason why it is none."""

import re
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
#: what decides what is shown and to whom, and nothing of what a figure is
OF_DISCLOSURE = {
    "minimum_group_size", "minimum_quartile_size", "minimum_tail_size", "dominance_share",
    "protection_share",
}  # fmt: skip
#: what a platform can tell: a metric that it cannot is not applicable, with its reason
OF_PLATFORMS = {
    "platforms_with_posts", "platforms_with_insights", "platforms_with_own_likes",
    "platforms_with_references", "platforms_with_viewed_posts", "platforms_with_",
}  # fmt: skip
#: how much is drawn or told, of figures that are what they are
OF_TABLES = {
    "curve_hours", "minimum_curve_questions", "peer_periods", "change_days", "metric_themes",
    "parameter_sets", "web_year_days",
}  # fmt: skip
#: said by the name and the members of a peer set or of an incident, which are published themselves
OF_MEMBERS = {"neighbour_count", "similar_count", "crisis_neighbours", "crisis_neighbour_km"}
#: days are those of Brussels (docs/design.md); rpt_target_progress says the months of a forecast
SAID_ELSEWHERE = {"local_zone", "forecast_months"}
REASONED = OF_DISCLOSURE | OF_PLATFORMS | OF_TABLES | OF_MEMBERS | SAID_ELSEWHERE


def _read() -> set[str]:
    """The names of the variables that models and macros read."""
    files = [*(PROJECT / "models").rglob("*.sql"), *(PROJECT / "macros").rglob("*.sql")]
    text = "\n".join(path.read_text() for path in files)
    return set(re.findall(r"""var\(\s*["'](\w+)["']""", text))


def _parameters() -> set[str]:
    sets = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]["parameter_sets"]
    return {variable for parameters in sets.values() for variable in parameters.values()}


def test_every_variable_that_decides_a_figure_is_told_with_it() -> None:
    assert _read() - _parameters() - REASONED == set()


def test_no_reason_is_left_over() -> None:
    assert REASONED - _read() == set()
    assert REASONED & _parameters() == set()
