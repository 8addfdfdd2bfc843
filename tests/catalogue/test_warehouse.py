"""The catalogue in a real PostgreSQL: seeds with their tests, dim_metric, dim_metric_platform."""

from collections.abc import Iterator

import pytest

from klankbord import catalogue, database, warehouse
from tests.databases import new_warehouse

FOUND = catalogue.read()


@pytest.fixture(scope="module")
def built(postgres: database.Access) -> Iterator[database.Access]:
    with new_warehouse(postgres) as access:
        seeds = ["platforms", "metric_terms", "metric_units", "platform_gaps", "reasons"]
        warehouse.run(access, ["build", "--select", "+dim_metric", "+dim_metric_platform", *seeds])
        yield access


def _rows(access: database.Access, query: str) -> list[tuple]:
    with access.connect("klankbord_publisher") as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_every_metric_has_its_words_and_parameters(built: database.Access) -> None:
    rows = _rows(
        built,
        "select metric_id, name_nl, name_fr, name_en, name_de, description_de, caveat_fr, unit,"
        " is_computed, parameters from marts.dim_metric",
    )
    told = {row[0]: row[1:] for row in rows}
    assert told.keys() == {m.metric_id for m in FOUND.metrics}
    for m in FOUND.metrics:
        chosen = FOUND.parameters[m.parameter_set] if m.parameter_set else {}
        assert told[m.metric_id] == (
            m.name["nl"], m.name["fr"], m.name["en"], m.name["de"], m.description["de"],
            m.caveat["fr"], m.unit, m.is_computed, {"aggregation": m.aggregation, **chosen},
        )  # fmt: skip
    assert told["M26"][-1]["window_hours"] == 168
    assert told["M33"][-1]["clock"] == "opening_hours"


def test_every_pair_is_answered_with_a_reason_where_it_is_not_given(built) -> None:
    rows = _rows(
        built,
        "select metric_id, platform, is_applicable, reason_code, reason_nl, reason_fr, reason_en,"
        " reason_de from marts.dim_metric_platform",
    )
    assert len(rows) == len(FOUND.metrics) * len(FOUND.platforms)
    told = {row[:2]: row[2:] for row in rows}
    assert told["M05", "facebook"] == (True, None, None, None, None, None)
    assert told["M17", "instagram"] == (
        False,
        "owner_only_counter",
        *(FOUND.reasons["owner_only_counter"][code] for code in ("nl", "fr", "en", "de")),
    )
    assert told["M24", "tiktok"][:2] == (False, "comments_closed")
    assert told["M13", "mastodon"][:2] == (False, "not_counted")
    assert told["M01", "hoplr"][0] and told["M05", "hoplr"][:2] == (False, "no_interface")
