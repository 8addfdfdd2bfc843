"""The most memory that any process of a measurement held at once (PSS, MiB)."""

import os
import threading
from pathlib import Path

from klankbord.database import Access

EVERY_SECONDS = 0.5


class Watch:
    """While the block runs: this process, its children, and the server's processes."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._peaks: dict[str, int] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        self._server = postmaster(self._access)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def peaks(self) -> dict[str, int]:
        """MiB of the largest process of each kind: `postgres`, `python`."""
        return {kind: size // 1024 for kind, size in self._peaks.items()}

    def _look(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            pids = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()]
            parents = {pid: _parent(pid) for pid in pids}
            for pid in parents:
                kind = self._kind(pid, parents)
                if kind:
                    self._peaks[kind] = max(self._peaks.get(kind, 0), _pss(pid))

    def _kind(self, pid: int, parents: dict[int, int | None]) -> str | None:
        if pid == self._server or parents[pid] == self._server:
            return "postgres"
        while pid and pid != os.getpid():
            pid = parents.get(pid) or 0
        return "python" if pid else None


def postmaster(access: Access) -> int:
    """The process id of the server's first process."""
    with access.connect("klankbord_loader") as connection:
        backend = connection.info.backend_pid
        return _parent(backend) or backend


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return None


def _pss(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
