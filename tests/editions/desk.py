"""A warehouse with a few figures in it, written by the test: the published tables as their
contracts promise them, and of the marts what an edition reads. No dbt runs."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import psycopg2
import yaml
from psycopg2 import sql
from psycopg2.extras import Json

from klankbord import settings
from klankbord.database import Access
from klankbord.database.cluster import ADMIN

PROJECT = settings.PROJECT_ROOT / "dbt_project"
START, PERIOD = date(2026, 7, 1), "2026-Q3"
CLOSED = datetime(2026, 10, 8, 20, tzinfo=UTC)
MARTS = (
    "fct_contribution",
    "fct_hidden_group",
    "fct_rare_place",
    "fct_coincident_cell",
    "dim_metric",
)
BODIES = [f"be-municipality-{n}" for n in range(11001, 11013)]


def contract(folder: str) -> dict[str, list[tuple[str, str]]]:
    """Columns and types of each model of a layer, from its contract."""
    found = {}
    for path in (PROJECT / "models" / folder).rglob("*.yml"):
        for model in (yaml.safe_load(path.read_text()) or {}).get("models", []):
            columns = [(c["name"], c["data_type"]) for c in model.get("columns", [])
                       if "data_type" in c]  # fmt: skip
            if columns:
                found[model["name"]] = columns
    return found


@dataclass
class Desk:
    """What is published: `values` of M05 on facebook by body, in the quarter."""

    access: Access
    values: dict[str, float]
    published_at: datetime = CLOSED
    status: str = "final"
    version: str = "1"
    n_members: int = 12
    hidden: Sequence[str] = ()
    extra: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def publish(self) -> None:
        """Write the figures into published, reporting and marts, as a build would."""
        with _admin(self.access) as cursor:
            tables = {
                "published.rpt_group_metric": [self._group()],
                "published.rpt_organisation_metric": list(self._bodies()),
                "published.rpt_definition": [self._definition()],
                "marts.fct_contribution": list(self._contributions()),
                "marts.fct_hidden_group": [
                    {"group_id": g, "type_group_id": "be-municipality", "platform": "facebook",
                     "family": "M05", "quarter_start": START, "is_sensitive": True}
                    for g in self.hidden
                ],
                "marts.fct_rare_place": [],
                "intermediate.int_group_members": [
                    {"group_id": "be-municipality", "group_kind": "type", "organisation_id": body,
                     "as_of_on": date(2026, 9, 30)}
                    for body in BODIES
                ],
            }  # fmt: skip
            for table in {*tables, *(f"published.{name}" for name in contract("reporting"))}:
                _fill(cursor, table, [*tables.get(table, []), *self.extra.get(table, [])])
            for name in ("rpt_group_metric", "rpt_organisation_metric"):
                cursor.execute(f"delete from reporting.{name}")
                cursor.execute(f"insert into reporting.{name} select * from published.{name}")
            cursor.execute(
                "update published.publication set published_at = %s", [self.published_at]
            )

    def admin(self, statement: str, *values: Any) -> None:
        """What somebody with the administrator's password does."""
        with _admin(self.access) as cursor:
            cursor.execute(statement, values)

    def rows(self, query: str, *values: Any, role: str = ADMIN) -> list[tuple]:
        with self.access.connect(role) as connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    def _figure(self) -> dict[str, Any]:
        return {
            "platform": "facebook", "metric_id": "M05", "metric_name_nl": "volgers",
            "metric_name_en": "followers", "unit": "per 100", "direction": "higher",
            "period_kind": "quarter", "period_start": START, "period": PERIOD, "coverage": 1.0,
            "access_tier": "T0", "status": self.status, "definition_id": "klankbord",
            "definition_version": self.version, "parameters": Json({"aggregation": "ratio"}),
            "is_synthetic": True, "country": "BE", "organisation_type": "municipality",
        }  # fmt: skip

    def _definition(self) -> dict[str, Any]:
        names = ("metric_id", "definition_id", "definition_version", "metric_name_nl",
                 "metric_name_en", "unit", "direction", "access_tier", "parameters")  # fmt: skip
        figure = self._figure()
        return {name: figure[name] for name in names}

    def _group(self) -> dict[str, Any]:
        mean = sum(self.values.values()) / len(self.values)
        hidden = "be-municipality" in self.hidden
        return self._figure() | {
            "group_id": "be-municipality", "group_kind": "type", "group_name_nl": "Gemeenten",
            "group_name_en": "Municipalities", "value": None if hidden else mean,
            "mean": None if hidden else mean, "n": None if hidden else len(self.values),
            "n_members": self.n_members, "missing_reason": "suppressed" if hidden else None,
        }  # fmt: skip

    def _bodies(self) -> Iterator[dict[str, Any]]:
        for body, value in self.values.items():
            yield self._figure() | {
                "organisation_id": body, "organisation_name_nl": f'Stad "{body}", groot',
                "region_code": "02000", "inhabitants": 1000, "value": value, "numerator": value,
                "denominator": 1.0, "n_cases": 1, "group_id": "be-municipality/size-under_20k",
                "position": "above",
            }  # fmt: skip

    def _contributions(self) -> Iterator[dict[str, Any]]:
        for body, value in self.values.items():
            yield {
                "organisation_id": body, "platform": "facebook", "family": "M05",
                "is_public": False, "quarter_start": START, "metric_id": "M05",
                "definition_id": "klankbord", "period_kind": "quarter", "period_start": START,
                "as_of_on": date(2026, 9, 30), "measure": "value", "is_bounded": False,
                "amount": value,
            }  # fmt: skip


def prepare(access: Access) -> None:
    """The empty tables, and the two seeds that an edition reads."""
    reporting, marts = contract("reporting"), contract("marts")
    wanted = {f"published.{name}": columns for name, columns in reporting.items()}
    wanted |= {f"marts.{name}": marts[name] for name in MARTS}
    for name in ("rpt_group_metric", "rpt_organisation_metric"):
        wanted[f"reporting.{name}"] = reporting[name]
    wanted["intermediate.int_group_members"] = [
        ("group_id", "text"), ("group_kind", "text"), ("organisation_id", "text"),
        ("as_of_on", "date"),
    ]  # fmt: skip
    wanted["published.publication"] = [("published_at", "timestamptz")]
    wanted["staging.metrics"] = [
        ("metric_id", "text"), ("closing_days", "integer"), ("is_computed", "boolean"),
    ]  # fmt: skip
    wanted["staging.disclosure_families"] = [
        ("metric_id", "text"), ("family", "text"), ("is_public", "boolean"),
    ]  # fmt: skip
    with _admin(access) as cursor:
        for table, columns in wanted.items():
            schema, name = table.split(".")
            listed = [sql.SQL("{} " + kind).format(sql.Identifier(c)) for c, kind in columns]
            cursor.execute(
                sql.SQL("create table {} ({})").format(
                    sql.Identifier(schema, name), sql.SQL(", ").join(listed)
                )
            )
            cursor.execute(
                sql.SQL("grant select on {} to klankbord_publisher").format(
                    sql.Identifier(schema, name)
                )
            )
        for table in ("metrics", "disclosure_families"):
            columns = [c for c, _ in wanted[f"staging.{table}"]]
            with (PROJECT / "seeds" / f"{table}.csv").open(newline="") as file:
                rows = [{c: row[c] for c in columns} for row in csv.DictReader(file)]
            _fill(cursor, f"staging.{table}", rows)
        cursor.execute(
            "insert into marts.dim_metric (metric_id, base_metric_id, tier) values"
            " ('M01', 'M01', 'T0'), ('M05', 'M05', 'T0'), ('M26', 'M26', 'T2'),"
            " ('M37', 'M37', 'T3')"
        )
        cursor.execute("insert into published.publication values (now())")


def _fill(cursor: Any, table: str, rows: Sequence[dict[str, Any]]) -> None:
    name = sql.Identifier(*table.split("."))
    cursor.execute(sql.SQL("delete from {}").format(name))
    for row in rows:
        cursor.execute(
            sql.SQL("insert into {} ({}) values ({})").format(
                name,
                sql.SQL(", ").join(map(sql.Identifier, row)),
                sql.SQL(", ").join([sql.Placeholder()] * len(row)),
            ),
            list(row.values()),
        )


@contextmanager
def _admin(access: Access) -> Iterator[Any]:
    connection = psycopg2.connect(**access.parameters(ADMIN))
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
