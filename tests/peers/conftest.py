"""One warehouse for this folder, without a row of data: the models of peers and territories, and of
what they read of the marts only the tables that the contracts promise."""

from collections.abc import Iterator
from functools import cache

import pytest
import yaml
from psycopg2 import sql

from klankbord import database, settings, warehouse
from klankbord.register.model import Register
from klankbord.register.rows import TABLES, columns
from tests.databases import new_warehouse
from tests.policy.warehouse import Bench, bench

PROMISED = (
    ("marts", "fct_metric"),
    ("marts", "fct_audience_period"),
    ("reporting", "rpt_organisation_metric"),
)
MODELS = (
    "int_peer_days", "int_inhabitants_at", "int_organisations_at", "int_peer_places",
    "int_peer_neighbours", "int_peer_variables", "int_peer_similar", "int_peer_members",
    "int_territory",
)  # fmt: skip


class Desk(Bench):
    """A bench that knows the whole register and the days on which figures were made."""

    def declare(self, register: Register) -> None:
        """Make this the register, all tables of it."""
        for table, row_type in TABLES.items():
            names = columns(row_type)
            self.fill(
                f"register.{table}",
                [
                    {name: getattr(row, name) for name in names}
                    | {"source_file": "f", "source_line": n, "recorded_at": "2026-01-01"}
                    for n, row in enumerate(register.rows(table))
                ],
            )

    def periods(self, *rows: tuple[str, str, str, str]) -> None:
        """(platform, kind, first day, last day looked at)."""
        self.fill(
            "intermediate.int_platform_periods",
            [
                {"platform": p, "period_kind": kind, "period_start": start, "period_end": last,
                 "last_on": last, "latest_scan_on": last, "has_synthetic_accounts": True}
                for p, kind, start, last in rows
            ],
        )  # fmt: skip

    def groups(self) -> None:
        """Who is in which set, and which body became which."""
        self.run(*(f"intermediate.{name}" for name in MODELS))


@pytest.fixture(scope="package")
def built(postgres: database.Access) -> Iterator[database.Access]:
    with new_warehouse(postgres) as access:
        with access.connect(warehouse.ROLE) as connection, connection.cursor() as cursor:
            for schema, name in PROMISED:
                cursor.execute(
                    sql.SQL("create schema if not exists {}").format(sql.Identifier(schema))
                )
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
        upstream = ["+int_peer_members", "+int_territory", "+int_account_periods"]
        own = [
            "int_metric_periods", "int_group_members", "dim_metric", "dim_definition",
            "dim_peer_set", "dim_peer_group", "dim_territory", "fct_member_figure",
            "fct_peer_metric", "fct_territory_metric", "rpt_peer*", "rpt_territory*",
        ]  # fmt: skip
        warehouse.run(access, ["run", "--select", *upstream, *own])
        yield access


@cache
def promised(layer: str) -> dict[str, dict]:
    """The contracts of a layer, by model."""
    folder = settings.PROJECT_ROOT / "dbt_project/models" / layer
    files = [yaml.safe_load(path.read_text()) for path in folder.glob("*__models.yml")]
    return {model["name"]: model for file in files for model in file.get("models", [])}


@pytest.fixture
def desk(built: database.Access) -> Iterator[Desk]:
    with bench(built) as opened:
        yield Desk(opened._cursor)
