"""One warehouse for this folder with the seeds that the index reads; dbt's own SQL, model by model,
over tables that a test fills."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import pytest

from klankbord import database, warehouse
from klankbord.database.cluster import ADMIN
from tests.databases import new_warehouse
from tests.index.worlds import END, PLATFORMS, QUARTER, SCANNED, Town
from tests.response.bench import Bench, Run

SEEDS = ("index_weights", "index_parts", "index_weightings", "index_reasons", "platforms",
         "response_bands", "metrics", "metric_definitions")  # fmt: skip
MODELS = ("dim_metric", "dim_definition", "int_index_bodies", "fct_index_part",
          "fct_index_component", "fct_index_weighting", "fct_index", "rpt_index",
          "rpt_index_component")  # fmt: skip
#: what stands for the parents: name -> column types in the order of a row
PARENTS = {
    "int_platform_periods": "platform text, period_kind text, period_start date, last_on date,"
    " period_end date, latest_scan_on date, has_synthetic_accounts boolean",
    "int_group_members": "group_id text, organisation_id text, as_of_on date, group_kind text",
    "int_account_periods": "account_id text, organisation_id text, platform text, period_kind text,"
    " period_start date, access_tier text, is_synthetic boolean",
    "fct_metric": "organisation_id text, platform text, metric_id text, definition_id text,"
    " period_kind text, period_start date, as_of_on date, value double precision, n_cases integer,"
    " missing_reason text, status text",
    "fct_response_band_period": "account_id text, organisation_id text, platform text,"
    " period_kind text, period_start date, clock text, band text, questions bigint",
    "dim_organisation": "organisation_id text, as_of_on date, name_nl text, name_en text,"
    " country text, organisation_type text",
    "dim_peer_group": "group_id text, name_nl text, name_en text",
}
Rows = Sequence[Sequence[Any]]


class Desk:
    """Towns and what dbt makes of them, in a transaction that is thrown away."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._run: Run | None = None

    def open(self) -> Run:
        """A new transaction."""
        self.close()
        self._run = self._bench.open()
        return self._run

    def close(self) -> None:
        if self._run is not None:
            self._run.__exit__()
            self._run = None

    def declare(
        self, towns: Iterable[Town], *, scanned: date = SCANNED, shuffled: int | None = None
    ) -> None:
        """Make these the only towns, their rows in any order, and compute their indexes."""
        run = self.open()
        for name, rows in _rows(list(towns), scanned).items():
            if shuffled is not None:
                rows = random.Random(shuffled).sample(rows, len(rows))
            run.table(name, PARENTS[name], rows)
        for model in MODELS:
            run.model(model)

    def rows(self, query: str) -> list[tuple]:
        return self._run.rows(query)

    def execute(self, statement: str) -> None:
        self._run._cursor.execute(statement)

    @property
    def connection(self) -> Any:
        return self._run._connection


def _rows(towns: list[Town], scanned: date) -> dict[str, list[tuple]]:
    read = sorted({a.platform for t in towns for a in t.accounts}) or ["facebook"]
    quarter = ("quarter", QUARTER)
    accounts = [(t, a, f"{t.name}-{a.platform}") for t in towns for a in t.accounts]
    return {
        "int_platform_periods": [(p, *quarter, END, END, scanned, True) for p in read],
        "int_group_members": [
            row
            for t in towns
            for row in ((t.group, t.name, END, "size_class"), ("be-town", t.name, END, "type"))
        ],
        "int_account_periods": [
            (name, t.name, a.platform, *quarter, a.tier, True) for t, a, name in accounts
        ],
        "fct_metric": list(_figures(towns, read)),
        "fct_response_band_period": [
            (name, t.name, a.platform, *quarter, clock, band, n if clock == "calendar" else 9)
            for t, a, name in accounts
            if a.figures.get("M26", (None,))[0] is not None
            for clock in ("calendar", "opening_hours")
            for band, n in (("0-1 h", a.quick // 2), ("8-24 h", a.quick - a.quick // 2),
                            ("24-48 h", a.figures["M26"][1] - a.quick))
        ],
        "dim_organisation": [(t.name, END, t.name, t.name, "BE", "municipality") for t in towns],
        "dim_peer_group": [(g, g, g) for g in sorted({t.group for t in towns})],
    }  # fmt: skip


def _figures(towns: list[Town], read: list[str]) -> Iterator[tuple]:
    for town in towns:
        for a in town.accounts:
            for metric, (value, n) in a.figures.items():
                reason = None if value is not None else "not_observed"
                yield _figure(town, a.platform, metric, value, n, reason)
                # other periods and definitions are none of the index's
                yield _figure(town, a.platform, metric, 0.5, n, None, kind="month")
                yield _figure(town, a.platform, metric, 0.5, n, None, definition="quintly")
            for metric in sorted({"M05", "M11", "M26"} - set(PLATFORMS[a.platform])):
                yield _figure(town, a.platform, metric, None, None, "not_applicable")
        for platform in sorted(set(read) - {a.platform for a in town.accounts}):
            yield _figure(town, platform, "M02", 0.0, 0, None)


def _figure(
    town: Town, platform: str, metric: str, value: float | None, n: int | None,
    reason: str | None, *, kind: str = "quarter", definition: str = "klankbord",
) -> tuple:  # fmt: skip
    return (town.name, platform, metric, definition, kind, QUARTER, END, value, n, reason, "final")


@pytest.fixture(scope="package")
def bench(postgres: database.Access) -> Iterator[Bench]:
    with new_warehouse(postgres) as access:
        warehouse.run(access, ["seed", "--select", *SEEDS])
        with access.connect(ADMIN) as connection, connection.cursor() as cursor:
            # for what is read where it is published
            for schema in ("published", "marts", "reporting"):
                cursor.execute(f"create schema if not exists {schema}")
                cursor.execute(f"grant create, usage on schema {schema} to {warehouse.ROLE}")
        yield Bench(access, (*MODELS, "fct_post_share"))


@pytest.fixture
def desk(bench: Bench) -> Iterator[Desk]:
    opened = Desk(bench)
    yield opened
    opened.close()
