"""Programs that we start, each in its own process group, and end by that group."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from klankbord.errors import KlankbordError

STOP_SECONDS = 20


class ProcessError(KlankbordError):
    """A program of ours did not start or ended too early; quotes the end of its log."""


@dataclass(slots=True)
class Process:
    """A running program and its log."""

    name: str
    popen: subprocess.Popen
    log: Path

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `ready()`; ProcessError when the program ends or the time is over.

        A program that is not waited for to the end, for whatever reason, is stopped.
        """
        deadline = time.monotonic() + seconds
        try:
            while not ready():
                ended = self.popen.poll() is not None
                if ended or time.monotonic() > deadline:
                    what = "ended at once" if ended else "did not answer in time"
                    raise ProcessError(f"{self.name} {what}: {tail(self.log)} (see {self.log}).")
                time.sleep(0.1)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the whole group: politely, then not."""
        # the parent may be gone while its children live on, so the group is asked, not the parent
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.popen.pid, number)
            deadline = time.monotonic() + STOP_SECONDS
            while time.monotonic() < deadline:
                self.popen.poll()
                if not _group_lives(self.popen.pid):
                    return
                time.sleep(0.05)


def start(
    name: str,
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Process:
    """Start a program in a group of its own, its output in `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        popen = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
        )
    return Process(name, popen, log)


def answers(*urls: str, seconds: float = 2) -> Callable[[], bool]:
    """A test whether every one of these local addresses answers with 200, each in its time."""

    def ready() -> bool:
        try:
            return all(
                httpx.get(url, timeout=seconds, trust_env=False).status_code == httpx.codes.OK
                for url in urls
            )
        except httpx.HTTPError:
            return False

    return ready


def refuse_busy_port(port: int, setting: str, what: str) -> None:
    """A clear sentence when another program already uses the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ProcessError(
                f"Port {port}, meant for {what}, is in use by another program: stop it, or set "
                f"{setting} to a free port."
            ) from error


def tail(log: Path, lines: int = 3) -> str:
    """The last lines of a log in one line."""
    try:
        text = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        return "no log"
    return " / ".join(line.strip() for line in text[-lines:]) or "it said nothing"


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # a zombie that nobody has waited for still answers
    return any(_state(pid) not in ("Z", "") for pid in _members(group))


def _members(group: int) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[2]) == group:
                    found.append(entry.name)
    return found


def _state(pid: str) -> str:
    with contextlib.suppress(OSError, IndexError):
        return (Path("/proc") / pid / "stat").read_text().rpartition(")")[2].split()[0]
    return ""
