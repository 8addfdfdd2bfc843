"""One warehouse for this folder, without a row of data: this theme's models are built in it, and of
what they read from the marts only the tables that the contracts promise."""

import json
from collections.abc import Iterator

import pytest
from psycopg2 import sql

from klankbord import database, settings, warehouse
from tests.databases import new_warehouse
from tests.policy.warehouse import Bench, bench

PROMISED = (
    "fct_metric", "fct_audience_period", "fct_web_day", "dim_metric", "dim_organisation",
    "dim_group_member", "dim_peer_group", "dim_definition", "fct_incident_organisation",
)  # fmt: skip
STAGING = [f"path:models/staging/{name}" for name in ("surveys", "register", "targets")]
THEMES = ("survey", "target", "maturity")


@pytest.fixture(scope="package")
def built(postgres: database.Access) -> Iterator[database.Access]:
    with new_warehouse(postgres) as access:
        warehouse.run(access, ["seed"])
        warehouse.run(
            access, ["run", "--select", "+int_account_periods", "+int_incident_places", *STAGING]
        )
        with access.connect(warehouse.ROLE) as connection, connection.cursor() as cursor:
            cursor.execute("create schema if not exists marts")
            warehouse.run(access, ["parse"])
            manifest = json.loads((settings.home() / "dbt/target/manifest.json").read_text())
            for name in PROMISED:
                columns = manifest["nodes"][f"model.klankbord.{name}"]["columns"].values()
                listed = [
                    sql.SQL("{} " + column["data_type"]).format(sql.Identifier(column["name"]))
                    for column in columns
                ]
                cursor.execute(
                    sql.SQL("create table marts.{} ({})").format(
                        sql.Identifier(name), sql.SQL(", ").join(listed)
                    )
                )
        own = [f"{kind}_{theme}*" for kind in ("int", "fct", "rpt") for theme in THEMES]
        warehouse.run(access, ["run", "--select", *own])
        yield access


@pytest.fixture
def desk(built: database.Access) -> Iterator[Bench]:
    with bench(built) as opened:
        yield opened
