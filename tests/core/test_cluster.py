"""Our launcher of PostgreSQL: passwords, loopback, restarts, and clear words when it cannot."""

import os
import socket
from pathlib import Path

import psycopg2
import pytest
from tests.conftest import free_port
from typer.testing import CliRunner

from klankbord import database, secrets, settings
from klankbord.cli.main import app
from klankbord.database import service
from klankbord.database.cluster import Cluster
from klankbord.errors import DatabaseError, SettingsError


def test_it_listens_on_this_machine_only_and_wants_a_password(postgres):
    with (
        postgres.connect(postgres.admin, "postgres") as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "select setting from pg_settings where name in"
            " ('listen_addresses', 'unix_socket_directories') order by name"
        )
        assert cursor.fetchall() == [("127.0.0.1",), ("",)]
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(
            host="127.0.0.1",
            port=postgres.port,
            user="klankbord_admin",
            password="wrong",
            dbname="postgres",
        )


def test_starting_twice_is_starting_once_and_data_survive_a_restart(home, tmp_path):
    cluster = Cluster(home / "second" / "postgres", free_port(), "a password")
    try:
        assert cluster.start() is True
        assert cluster.start() is False
        parameters = {
            "host": "127.0.0.1",
            "port": cluster.port,
            "user": "klankbord_admin",
            "password": "a password",
            "dbname": "postgres",
        }
        with psycopg2.connect(**parameters) as connection, connection.cursor() as cursor:
            cursor.execute("create table kept as select 1 as n")
        cluster.restart()
        with psycopg2.connect(**parameters) as connection, connection.cursor() as cursor:
            cursor.execute("select n from kept")
            assert cursor.fetchone() == (1,)
    finally:
        cluster.drop()
    assert not (cluster._home() / "data").exists()


def test_a_busy_port_is_one_sentence(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DatabaseError, match=f"Port {port} is in use by another program"):
            Cluster(home / "third" / "postgres", port, "p").start()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DatabaseError, match="cannot be made"):
        Cluster(tmp_path / "file" / "postgres", free_port(), "p").start()


def test_a_faulty_dsn_is_not_repeated(monkeypatch):
    monkeypatch.setitem(os.environ, "KLANKBORD_DSN", "postgresql://u:s3cret@host:port/x=y z")
    with pytest.raises(DatabaseError) as caught:
        service.access()
    assert "s3cret" not in str(caught.value) + repr(caught.value.__context__)
    assert service.cluster() is None


def test_whoever_comes_first_reads_that_nothing_is_there_yet(home, monkeypatch):
    """A command that only reads, on a house in which nobody has been."""
    monkeypatch.setitem(os.environ, "KLANKBORD_HOME", str(home / "unused"))
    monkeypatch.setitem(os.environ, "KLANKBORD_POSTGRES_PORT", str(free_port()))
    server = service.cluster()
    try:
        for command in ("figures", "targets"):
            result = CliRunner().invoke(app, [command])
            assert str(result.exception).startswith("Nothing is published yet: "), command
        result = CliRunner().invoke(app, ["edition", "verify"])
        assert result.output.startswith("There is no edition yet: ")
    finally:
        server.drop()


def test_nothing_shows_the_password(postgres):
    assert postgres.admin_password not in repr(postgres)


def test_secrets_are_made_once_and_for_their_owner_alone(home):
    first = secrets.secret("a_test")
    assert first == secrets.secret("a_test") != secrets.secret("another_test")
    assert Path(home, "secrets", "a_test").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("KLANKBORD_POSTGRES_PORT", "http", lambda: settings.port("KLANKBORD_POSTGRES_PORT")),
        ("KLANKBORD_POSTGRES_PORT", "70000", lambda: settings.port("KLANKBORD_POSTGRES_PORT")),
        ("KLANKBORD_NOW", "tomorrow", settings.now),
        ("KLANKBORD_NOW", "2026-09-30T20:00:00", settings.now),
    ],
)
def test_an_impossible_setting_is_named(monkeypatch, name, value, read):
    monkeypatch.setitem(os.environ, name, value)
    with pytest.raises(SettingsError, match=f"{name} is '{value}'"):
        read()


def test_preparing_twice_changes_nothing(warehouse):
    def rights() -> list[tuple]:
        with warehouse.connect(warehouse.admin) as connection, connection.cursor() as cursor:
            cursor.execute("select nspname, nspacl::text from pg_namespace order by 1")
            return cursor.fetchall()

    before = rights()
    database.prepare(warehouse)
    assert rights() == before
