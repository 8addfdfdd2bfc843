"""Who may do what: roles, databases, schemas and grants. Run as often as one likes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord import secrets
from klankbord.errors import DatabaseError
from klankbord.platforms.base import discover

WAREHOUSE = "klankbord"
#: role -> what it is for. The administrator makes them and is used for nothing else.
ROLES = {
    "klankbord_loader": "writes schemas register, raw and quarantine",
    "klankbord_transformer": "dbt: reads register and raw, owns what it computes",
    "klankbord_publisher": "the gates: reads everything computed, owns published",
    "klankbord_member": "an association's members: reads editions under embargo too",
    "klankbord_reader": "Superset and open data: reads published, nothing else",
    "airflow": "Airflow's metadata",
    "superset": "Superset's metadata",
}
OWNERS = {
    "register": "klankbord_loader",
    "raw": "klankbord_loader",
    "staging": "klankbord_transformer",
    "intermediate": "klankbord_transformer",
    "marts": "klankbord_transformer",
    "reporting": "klankbord_transformer",
    "published": "klankbord_publisher",
    "quarantine": "klankbord_loader",
    "editions": "klankbord_publisher",
    "builds": "klankbord_publisher",
}
#: whose tables a file of schema/ makes, where that is not the loader
MAKERS = {"editions": "klankbord_publisher", "builds": "klankbord_publisher"}
#: (reader, schema): the only rights beside ownership
READS = [
    ("klankbord_transformer", "register"),
    ("klankbord_transformer", "raw"),
    ("klankbord_transformer", "builds"),
    ("klankbord_publisher", "register"),
    ("klankbord_publisher", "raw"),
    ("klankbord_publisher", "staging"),
    ("klankbord_publisher", "intermediate"),
    ("klankbord_publisher", "marts"),
    ("klankbord_publisher", "reporting"),
    ("klankbord_publisher", "quarantine"),
    ("klankbord_reader", "published"),
]
PLATFORM_STREAMS = ("profiles", "posts", "messages", "insights")


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach the server: one superuser, and passwords for the roles."""

    host: str
    port: int
    admin: str
    admin_password: str = field(repr=False)
    dbname: str = WAREHOUSE

    def parameters(self, role: str, dbname: str | None = None) -> dict[str, str | int]:
        """psycopg2 keyword arguments for a role (never printed)."""
        password = self.admin_password if role == self.admin else secrets.secret(f"postgres_{role}")
        return {
            "host": self.host,
            "port": self.port,
            "user": role,
            "password": password,
            "dbname": dbname or self.dbname,
        }

    def url(self, role: str, dbname: str | None = None) -> str:
        """An SQLAlchemy address for programs that take nothing else (Airflow, Superset)."""
        p = self.parameters(role, dbname)
        return f"postgresql+psycopg2://{role}:{p['password']}@{self.host}:{self.port}/{p['dbname']}"

    def is_new(self) -> bool:
        """Whether the server has not been prepared: a role or the warehouse is not there."""
        with self.connect(self.admin, "postgres") as connection, connection.cursor() as cursor:
            cursor.execute(
                "select (select count(*) from pg_roles where rolname = any (%s)) < %s"
                " or not exists (select from pg_database where datname = %s)",
                [list(ROLES), len(ROLES), self.dbname],
            )
            return bool(cursor.fetchone()[0])  # type: ignore[index]

    @contextmanager
    def connect(self, role: str, dbname: str | None = None) -> Iterator[Connection]:
        """A connection in a transaction: committed at the end, rolled back on an error."""
        connection = self.open(role, dbname)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def open(self, role: str, dbname: str | None = None) -> Connection:
        """A connection that the caller closes."""
        try:
            return psycopg2.connect(
                **self.parameters(role, dbname), application_name="klankbord", connect_timeout=10
            )
        except psycopg2.OperationalError as error:
            raise DatabaseError(
                f"PostgreSQL on {self.host}:{self.port} does not answer as {role}: "
                f"{str(error).strip().splitlines()[-1]}; start it with `klankbord serve` or check "
                "KLANKBORD_DSN."
            ) from error


def prepare(access: Access) -> None:
    """Make roles, databases, schemas and grants that are missing; changes nothing otherwise."""
    with autocommit(access, "postgres") as lock:
        # two commands that prepare at the same moment would alter the same roles
        lock.execute("select pg_advisory_lock(hashtext('klankbord prepare'))")
        _prepare(access)


def _prepare(access: Access) -> None:
    with autocommit(access, "postgres") as cursor:
        for role in ROLES:
            cursor.execute("select 1 from pg_roles where rolname = %s", [role])
            verb = "alter" if cursor.fetchone() else "create"
            cursor.execute(
                sql.SQL("{} role {} login password %s").format(sql.SQL(verb), sql.Identifier(role)),
                [secrets.secret(f"postgres_{role}")],
            )
        for dbname, owner in (
            (access.dbname, access.admin),
            ("airflow", "airflow"),
            ("superset", "superset"),
        ):
            cursor.execute("select 1 from pg_database where datname = %s", [dbname])
            if not cursor.fetchone():
                cursor.execute(
                    sql.SQL("create database {} owner {}").format(
                        sql.Identifier(dbname), sql.Identifier(owner)
                    )
                )
                cursor.execute(
                    sql.SQL("revoke all on database {} from public").format(sql.Identifier(dbname))
                )
    with autocommit(access, access.dbname) as cursor:
        _grant(cursor, access.dbname)
    for script in sorted((Path(__file__).parents[1] / "schema").glob("*.sql")):
        maker = MAKERS.get(script.stem, "klankbord_loader")
        with access.connect(maker) as connection, connection.cursor() as cursor:
            cursor.execute(script.read_text())

    ensure_raw_tables(access, list(discover()))


def ensure_raw_tables(access: Access, platforms: list[str]) -> None:
    """The raw tables of platforms: one for each stream, all of one shape."""
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        for platform in platforms:
            for stream in PLATFORM_STREAMS:
                cursor.execute(
                    sql.SQL(
                        "create table if not exists raw.{} (account_id text not null,"
                        " item_id text not null, scan_on date not null,"
                        " observed_at timestamptz not null, created_at timestamptz,"
                        " answers integer, thread_id text, payload jsonb not null,"
                        " extraction_id uuid not null, primary key (account_id, item_id, scan_on))"
                    ).format(sql.Identifier(f"{platform}_{stream}"))
                )
                # a build reads the scans of what is open (klankbord.horizon)
                cursor.execute(
                    sql.SQL("create index if not exists {} on raw.{} (scan_on)").format(
                        sql.Identifier(f"{platform}_{stream}_scan_on"),
                        sql.Identifier(f"{platform}_{stream}"),
                    )
                )
            # the ledger looks at an account's recent posts, a tombstone at the rest of a thread
            for stream, column in (("posts", "created_at"), ("messages", "thread_id")):
                cursor.execute(
                    sql.SQL("create index if not exists {} on raw.{} (account_id, {})").format(
                        sql.Identifier(f"{platform}_{stream}_{column}"),
                        sql.Identifier(f"{platform}_{stream}"),
                        sql.Identifier(column),
                    )
                )


def _grant(cursor: Cursor, dbname: str) -> None:
    cursor.execute("revoke all on schema public from public")
    for role in ROLES:
        if role.startswith("klankbord_"):
            cursor.execute(
                sql.SQL("grant connect on database {} to {}").format(
                    sql.Identifier(dbname), sql.Identifier(role)
                )
            )
    for role in ("klankbord_loader", "klankbord_transformer", "klankbord_publisher"):
        # COPY goes into a temporary table first, open rows and the search for them too
        cursor.execute(
            sql.SQL("grant temporary on database {} to {}").format(
                sql.Identifier(dbname), sql.Identifier(role)
            )
        )
    for role in ("klankbord_transformer", "klankbord_publisher"):
        # dbt makes schemas that are missing; the publisher swaps a whole schema
        cursor.execute(
            sql.SQL("grant create on database {} to {}").format(
                sql.Identifier(dbname), sql.Identifier(role)
            )
        )
    for schema, owner in OWNERS.items():
        cursor.execute(
            sql.SQL("create schema if not exists {} authorization {}").format(
                sql.Identifier(schema), sql.Identifier(owner)
            )
        )
    for reader, schema in READS:
        names = {
            "schema": sql.Identifier(schema),
            "reader": sql.Identifier(reader),
            "owner": sql.Identifier(OWNERS[schema]),
        }
        for statement in (
            "grant usage on schema {schema} to {reader}",
            "grant select on all tables in schema {schema} to {reader}",
            "alter default privileges for role {owner} in schema {schema} "
            "grant select on tables to {reader}",
        ):
            cursor.execute(sql.SQL(statement).format(**names))


@contextmanager
def autocommit(access: Access, dbname: str) -> Iterator[Cursor]:
    """A cursor outside any transaction: databases cannot be made inside one."""
    connection = access.open(access.admin, dbname)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
