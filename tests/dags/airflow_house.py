"""A warehouse, a sandbox and real Airflow around them; Airflow itself runs in other processes.

Airflow reads its settings when it is imported, so nothing here imports it: each run is a program
with `airflow_home.environment` around it, as the demo starts it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

import psycopg2
from psycopg2 import sql

from klankbord import airflow_home, database, settings
from klankbord.database.cluster import ADMIN
from klankbord.sandbox.core import Sandbox
from klankbord.sandbox.world import World

#: generous: a slow machine is no fault, a run that hangs is one
DEADLINE_SECONDS = 600


@dataclass(frozen=True)
class Run:
    """A finished `orchestration.run_dags`: exit code, its JSON lines, everything it printed."""

    code: int
    events: list[dict]
    output: str

    @property
    def states(self) -> dict[str, str]:
        """The state of each DAG that ended."""
        return {e["dag"]: e["state"] for e in self.events if e["event"] == "dag"}

    @property
    def errors(self) -> list[str]:
        """What the failed tasks said."""
        return [e["text"] for e in self.events if e["event"] == "error"]


@dataclass(frozen=True)
class AirflowHouse:
    """A warehouse and an Airflow of a test's own, over a sandbox that tests share.

    metadata: the database of Airflow's own tables. variables: settings, which come before those of
    this process.
    """

    access: database.Access
    metadata: str
    world: World
    sandbox: Sandbox
    variables: Mapping[str, str] = field(default_factory=dict)

    def having(self, **variables: str) -> "AirflowHouse":
        """The same house with other settings."""
        return replace(self, variables={**self.variables, **variables})

    def environment(self) -> dict[str, str]:
        """The environment of every process of Airflow."""
        p = self.access.parameters(ADMIN)
        dsn = f"postgresql://{p['user']}:{p['password']}@{p['host']}:{p['port']}/{p['dbname']}"
        with _set({"KLANKBORD_DSN": dsn, **self.variables}):
            return {
                **airflow_home.environment(self.access),
                "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self.access.url("airflow", self.metadata),
            }

    def at(self, moment: datetime) -> "AirflowHouse":
        """The same house at another moment; the sandbox's clock goes along."""
        self.sandbox.set_clock(moment)
        return self.having(KLANKBORD_NOW=moment.isoformat())

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A Python program with Airflow's environment, to its end."""
        return subprocess.run(
            [sys.executable, *arguments],
            env=self.environment(),
            cwd=settings.PROJECT_ROOT,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=False,
        )

    def run(self, *dags: str) -> Run:
        """Run DAGs one after the other, as the demo does."""
        done = self.python("-m", "orchestration.run_dags", *dags)
        lines = [x for x in done.stdout.splitlines() if x.startswith("KLANKBORD ")]
        events = [json.loads(line.removeprefix("KLANKBORD ")) for line in lines]
        return Run(done.returncode, events, done.stdout + done.stderr)

    def rows(self, query: str, *parameters: object) -> list[tuple]:
        """Rows of the warehouse, read by the administrator."""
        return _rows(self.access, self.access.dbname, query, parameters)

    def airflow_rows(self, query: str, *parameters: object) -> list[tuple]:
        """Rows of Airflow's own tables."""
        return _rows(self.access, self.metadata, query, parameters)

    def checksums(self, *schemas: str) -> dict[str, tuple[int, str | None]]:
        """Row count and checksum of every table of these schemas."""
        tables = self.rows(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema = any(%s) and table_type = 'BASE TABLE' order by 1, 2",
            list(schemas),
        )
        return {
            f"{schema}.{table}": self.rows(
                sql.SQL(
                    "select count(*), md5(string_agg(t::text, '|' order by t::text)) from {} as t"
                ).format(sql.Identifier(schema, table))
            )[0]
            for schema, table in tables
        }


def _rows(
    access: database.Access, dbname: str, query: object, parameters: Sequence[object]
) -> list[tuple]:
    with access.connect(ADMIN, dbname) as connection, connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return cursor.fetchall()


@contextmanager
def database_of_its_own(access: database.Access, template: str, owner: str) -> Iterator[str]:
    """A copy of a database at rest, dropped afterwards; yields its name."""
    name = f"{template.partition('_')[0]}_{os.urandom(4).hex()}"
    names = {
        "name": sql.Identifier(name),
        "template": sql.Identifier(template),
        "owner": sql.Identifier(owner),
    }
    create = "create database {name} template {template} owner {owner}"
    _administer(access, sql.SQL(create).format(**names))
    try:
        yield name
    finally:
        _administer(access, sql.SQL("drop database if exists {name} with (force)").format(**names))


def _administer(access: database.Access, statement: sql.Composed) -> None:
    """One statement on a connection of its own: tests of failures restart the server meanwhile."""
    with closing(psycopg2.connect(**access.parameters(ADMIN, "postgres"))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


@contextmanager
def copied(house: AirflowHouse) -> Iterator[AirflowHouse]:
    """A copy of a house at rest, its warehouse and its Airflow; leaves the sandbox as it was."""
    access, moment = house.access, house.sandbox.now()
    with (
        database_of_its_own(access, house.metadata, "airflow") as metadata,
        database_of_its_own(access, access.dbname, ADMIN) as dbname,
    ):
        own = replace(access, dbname=dbname)
        database.prepare(own)  # the rights on a database itself are not copied
        try:
            yield replace(house, access=own, metadata=metadata)
        finally:
            house.sandbox.faults.clear()
            house.sandbox.set_clock(moment)


@contextmanager
def _set(variables: Mapping[str, str]) -> Iterator[None]:
    saved = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)
