"""Set up and serve Superset from its own environment (.venv-superset).

Everything it writes is under one folder (normally `settings.home() / "superset"`), mode 0700. It
listens on 127.0.0.1 and sends nothing anywhere. `superset_assets/superset_config.py` is its
configuration; secrets reach it through a file of mode 0600, never a command line.
"""

import contextlib
import hashlib
import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from klankbord import processes, settings
from klankbord.errors import KlankbordError

ENVIRONMENT = settings.PROJECT_ROOT / ".venv-superset"
ASSETS = settings.PROJECT_ROOT / "superset_assets"
ADMIN = "admin"
READY_SECONDS = 180
#: Variables of the caller that would change what Superset or Python does.
_FOREIGN = ("PYTHON", "FLASK_", "SUPERSET_", "AIRFLOW_", "DBT_", "GUNICORN_", "VIRTUAL_ENV")


class SupersetError(KlankbordError):
    """Superset cannot be set up or served."""


@dataclass(frozen=True, slots=True)
class Superset:
    """One Superset: its folder, its port and its secrets (never printed).

    metadata_dsn: `postgresql[+psycopg2]://…` URI of a database of its own; None: SQLite.
    """

    folder: Path
    port: int
    secret_key: str = field(repr=False)
    admin_password: str = field(repr=False)
    metadata_dsn: str | None = field(default=None, repr=False)

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> bool:
        """Metadata, roles and administrator; False when all of it was there already."""
        if not (ENVIRONMENT / "bin" / "gunicorn").exists():
            raise SupersetError(f"{ENVIRONMENT.name} has no Superset: run `make setup` first.")
        self._write_configuration()
        if self._is_prepared():
            return False
        answer = subprocess.run(
            [str(ENVIRONMENT / "bin" / "python"), str(ASSETS / "prepare_superset.py")],
            input=json.dumps({"username": ADMIN, "password": self.admin_password}),
            cwd=self.folder, env=self._environment(), check=False, capture_output=True, text=True,
        )  # fmt: skip
        log = self.folder / "prepare.log"
        log.write_text(answer.stdout + answer.stderr, encoding="utf-8")
        if answer.returncode:
            raise SupersetError(
                f"Superset's metadata could not be made ({processes.tail(log, 1)}): see {log}."
            )
        self._stamp.write_text(json.dumps(self._state()), encoding="utf-8")
        return True

    def start(self) -> processes.Process:
        """Serve, and come back once both /health and /login/ answer 200 (/health alone lies)."""
        processes.refuse_busy_port(self.port, "KLANKBORD_SUPERSET_PORT", "Superset")
        process = processes.start(
            "Superset",
            [
                str(ENVIRONMENT / "bin" / "gunicorn"), "--bind", f"127.0.0.1:{self.port}",
                "--workers", "1", "--worker-class", "gthread", "--threads", "8",
                "--timeout", "120", "--graceful-timeout", "5",
                "--worker-tmp-dir", str(self.folder), "--no-control-socket",
                "superset.app:create_app()",
            ],
            log=self.folder / "gunicorn.log", env=self._environment(), cwd=self.folder,
        )  # fmt: skip
        process.wait_until(
            processes.answers(f"{self.base_url}/health", f"{self.base_url}/login/", seconds=20),
            READY_SECONDS,
        )
        return process

    @property
    def _stamp(self) -> Path:
        return self.folder / "prepared.json"

    def _state(self) -> dict[str, object]:
        """What must still be so for the preparation to hold."""
        administrator = f"{self.secret_key}/{self.admin_password}".encode()
        return {
            "administrator": hashlib.sha256(administrator).hexdigest(),
            "superset": next(ENVIRONMENT.glob("lib/*/site-packages/apache_superset-*")).name,
            "metadata": self._read_metadata(),
        }

    def _is_prepared(self) -> bool:
        if not self._stamp.exists():
            return False
        state = self._state()
        recorded = json.loads(self._stamp.read_text(encoding="utf-8"))
        return state["metadata"] is not None and state == recorded

    def _read_metadata(self) -> list[object] | None:
        """Alembic's version and the administrator's id; None when there is none yet."""
        query = "select version_num, u.id from alembic_version, ab_user u"
        if self.metadata_dsn is None:
            import sqlite3

            with contextlib.closing(sqlite3.connect(self.folder / "superset.db")) as connection:
                try:
                    row = connection.execute(f"{query} where username = ?", [ADMIN]).fetchone()
                except sqlite3.OperationalError:
                    return None
            return list(row) if row else None
        with contextlib.closing(self._connect()) as connection:
            try:
                with connection.cursor() as cursor:
                    cursor.execute(f"{query} where username = %s", [ADMIN])
                    row = cursor.fetchone()
            except psycopg2.errors.UndefinedTable:
                return None
        return list(row) if row else None

    def _connect(self) -> "psycopg2.extensions.connection":
        # libpq does not know SQLAlchemy's name of the driver
        dsn = (self.metadata_dsn or "").replace("postgresql+psycopg2://", "postgresql://", 1)
        try:
            return psycopg2.connect(dsn, connect_timeout=10)
        except psycopg2.OperationalError:  # its text may repeat parts of the DSN
            raise SupersetError(
                "The database for Superset's metadata does not answer: start PostgreSQL first."
            ) from None

    def _write_configuration(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        given = {
            "metadata_uri": self.metadata_dsn or f"sqlite:///{self.folder / 'superset.db'}",
            "secret_key": self.secret_key,
        }
        target = self.folder / "klankbord.json"
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(given, file)

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)}
        return kept | {
            "SUPERSET_HOME": str(self.folder),
            "SUPERSET_CONFIG_PATH": str(ASSETS / "superset_config.py"),
            "FLASK_APP": "superset.app:create_app()",
            "PATH": f"{ENVIRONMENT / 'bin'}:{os.environ.get('PATH', os.defpath)}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "ignore",
        }
