"""dbt's unit tests of the clocks and of the response models, and their seeds."""

import pytest

from klankbord import database, warehouse
from tests.databases import new_warehouse

MODELS = (
    "int_organisation_calendars",
    "int_calendar_days",
    "int_open_hours",
    "int_question_clocks",
    "fct_question",
    "fct_response_period",
    "fct_response_band_period",
    "fct_response_median_period",
    "fct_response_bin_period",
    "fct_response_badge_period",
    "fct_response_figure",
    "rpt_response_time",
    "rpt_response_curve",
)


@pytest.mark.timeout(300)
def test_an_empty_house_builds(postgres: database.Access) -> None:
    """Every model, contract, data test and unit test, over nothing at all."""
    with new_warehouse(postgres) as access:
        warehouse.run(access, ["seed"])
        warehouse.run(access, ["run", "--select", *[f"+{name}" for name in MODELS]])
        built = warehouse.run(access, ["test", "--select", *MODELS])
    assert built.statuses["pass"] > 40
    assert set(built.statuses) == {"pass"}
