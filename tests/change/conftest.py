"""One warehouse for this folder, without a row of data: the models of changes, and of what they
read only the tables that the contracts promise."""

from collections.abc import Iterator

import pytest
from psycopg2 import sql

from klankbord import database, warehouse
from tests.databases import new_warehouse
from tests.peers.conftest import promised
from tests.policy.warehouse import Bench, bench

PROMISED = (
    ("marts", "fct_metric"), ("marts", "fct_territory_metric"), ("marts", "fct_question"),
    ("marts", "dim_group_member"), ("marts", "dim_territory"), ("marts", "dim_organisation"),
    ("marts", "dim_peer_group"), ("marts", "fct_group_metric"),
)  # fmt: skip
#: without a contract
BARE = {
    "int_platform_periods": "platform text, period_kind text, period_start date, period_end date,"
    " last_on date, latest_scan_on date",
    "int_account_periods": "account_id text, organisation_id text, platform text, period_kind text,"
    " period_start date, period_end date",
    "int_metric_periods": "metric_id text, platform text, period_kind text, period_start date,"
    " status text",
    "int_territory": "territory_on date, as_of_on date, organisation_id text, territory_id text,"
    " map_bodies integer",
}


@pytest.fixture(scope="package")
def built(postgres: database.Access) -> Iterator[database.Access]:
    with new_warehouse(postgres) as access:
        with access.connect(warehouse.ROLE) as connection, connection.cursor() as cursor:
            for schema in ("marts", "intermediate"):
                cursor.execute(f"create schema if not exists {schema}")
            for name, columns in BARE.items():
                cursor.execute(f"create table intermediate.{name} ({columns})")
            for schema, name in PROMISED:
                listed = [
                    sql.SQL("{} " + column["data_type"]).format(sql.Identifier(column["name"]))
                    for column in promised(schema)[name]["columns"]
                ]
                cursor.execute(
                    sql.SQL("create table {} ({})").format(
                        sql.Identifier(schema, name), sql.SQL(", ").join(listed)
                    )
                )
        warehouse.run(access, ["seed"])
        own = [
            "dim_metric",
            "dim_definition",
            "fct_definition_break",
            "fct_year_ago",
            "fct_change*",
        ]
        own += ["fct_change*", "fct_group_change", "rpt_change", "rpt_group_change"]
        warehouse.run(access, ["run", "--select", *own])
        yield access


@pytest.fixture
def desk(built: database.Access) -> Iterator[Bench]:
    with bench(built) as opened:
        yield opened
