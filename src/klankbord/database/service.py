"""The server that the settings name: start it when it is ours, reach it when it is not."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2 import ProgrammingError
from psycopg2.extensions import parse_dsn

from klankbord import secrets, settings
from klankbord.database.access import WAREHOUSE, Access, prepare
from klankbord.database.cluster import ADMIN, Cluster
from klankbord.errors import DatabaseError


def cluster() -> Cluster | None:
    """The embedded server; None when KLANKBORD_DSN names one of your own."""
    if settings.get("KLANKBORD_DSN"):
        return None
    return Cluster(
        settings.home() / "postgres",
        settings.port("KLANKBORD_POSTGRES_PORT"),
        secrets.secret("postgres_admin"),
    )


def access() -> Access:
    """How to reach the warehouse; starts nothing."""
    dsn = settings.get("KLANKBORD_DSN")
    if not dsn:
        return Access(
            "127.0.0.1",
            settings.port("KLANKBORD_POSTGRES_PORT"),
            ADMIN,
            secrets.secret("postgres_admin"),
        )
    parts = _parts(dsn)
    if parts is None:
        raise DatabaseError(
            "KLANKBORD_DSN cannot be read: give postgresql://user:password@host:port/database."
        )
    return Access(
        parts.get("host", "127.0.0.1"),
        int(parts.get("port", 5432)),
        parts.get("user", "postgres"),
        parts.get("password", ""),
        parts.get("dbname", WAREHOUSE),
    )


def _parts(dsn: str) -> dict[str, str] | None:
    """The DSN in parts; None when it is none. The parser's error quotes it, password and all, so
    the caller raises its own outside the handler."""
    try:
        parts = parse_dsn(dsn)
    except ProgrammingError:
        return None
    return parts if parts.get("port", "5432").isdigit() else None


@contextmanager
def running() -> Iterator[Access]:
    """The server, started when it is ours and was not running, and then stopped at the end.

    One that has never been used is prepared first, so that whoever comes first reads that it is
    empty and not that a password is wrong.
    """
    server = cluster()
    started = server.start() if server else False
    try:
        reached = access()
        if reached.is_new():
            prepare(reached)
        yield reached
    finally:
        if started and server:
            server.stop()
