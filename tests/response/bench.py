"""dbt's own SQL, model by model, over tables that a test fills: fast enough for hypothesis.

dbt compiles the models once; each of them then runs in one transaction over temporary tables that
stand for its parents.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from psycopg2.extras import execute_values

from klankbord import database, settings, warehouse

CLOCKS = (
    "int_organisation_calendars", "int_calendar_days", "int_open_hours", "int_question_clocks",
)  # fmt: skip


class Bench:
    """Runs compiled models. `tables`: SQL types of the temporary parents, by table."""

    def __init__(self, access: database.Access, models: Sequence[str]) -> None:
        self.access = access
        warehouse.run(access, ["compile", "--select", *models])
        root = settings.home() / "dbt" / "target" / "compiled" / "klankbord" / "models"
        # unit tests leave the rows that they make up under a parent's name, in a folder *.yml
        self.sql = {
            name: next(
                p for p in root.rglob(f"{name}.sql") if p.parent.suffix != ".yml"
            ).read_text()
            for name in models
        }

    def open(self) -> "Run":
        return Run(self)


class Run:
    """One transaction that is thrown away."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._made: set[str] = set()
        self._connection = bench.access.open("klankbord_transformer")
        self._cursor = self._connection.cursor()

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.rollback()
        self._connection.close()

    def table(self, name: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
        """A parent, made up by the test. columns: `a text, b date`."""
        self._cursor.execute(f"create temporary table {name} ({columns}) on commit drop")
        execute_values(self._cursor, f"insert into {name} values %s", list(rows))
        self._made.add(name)

    def model(self, name: str) -> None:
        """A model, built by its own SQL."""
        self._cursor.execute(f"create temporary table {name} on commit drop as {self._of(name)}")
        self._made.add(name)

    def rows(self, query: str) -> list[tuple]:
        self._cursor.execute(query)
        return self._cursor.fetchall()

    def _of(self, name: str) -> str:
        def named(match: re.Match) -> str:
            return f"pg_temp.{match[1]}" if match[1] in self._made else match[0]

        return re.sub(r'"[^"]+"\."[^"]+"\."([^"]+)"', named, self._bench.sql[name])


def carried(run: Run, groups: Iterable[tuple[str, str, date]]) -> None:
    """What bands and curves carry of the response rate: of groups (group, kind of period, start)
    on x it is shown, of bodies there is none here."""
    run.table(
        "fct_group_metric",
        "group_id text, platform text, metric_id text, definition_id text, period_kind text,"
        " period_start date, value double precision, n integer, n_members integer,"
        " coverage double precision, status text, is_synthetic boolean",
        [
            (group, "x", "M26", "klankbord", kind, start, 1.0, 5, 7, 0.5, "final", True)
            for group, kind, start in groups
        ],
    )
    run.table(
        "fct_metric",
        "organisation_id text, platform text, metric_id text, definition_id text, period_kind text,"
        " period_start date, coverage double precision, access_tier text, status text,"
        " is_synthetic boolean",
        [],
    )
    run.table("dim_metric", "metric_id text, tier text", [("M26", "T2")])
    run.table("dim_definition", "metric_id text, definition_id text, definition_version text",
              [(name, "klankbord", "1") for name in ("M29k", "M32", "M33k")])  # fmt: skip
