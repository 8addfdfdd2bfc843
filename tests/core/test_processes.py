"""Programs that we start: waited for, or stopped with everything that they started."""

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from tests.conftest import free_port

from klankbord import processes
from klankbord.processes import ProcessError

#: a program with a child that would outlive it
FAMILY = (
    "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time;"
    " time.sleep(60)']); print('started', flush=True); time.sleep(60)"
)


@pytest.fixture
def family(tmp_path: Path) -> Iterator[processes.Process]:
    process = processes.start("A family", [sys.executable, "-c", FAMILY], log=tmp_path / "log")
    process.wait_until(lambda: "started" in process.log.read_text(), 20)
    yield process
    process.stop()


def lives(process: processes.Process) -> bool:
    return processes._group_lives(process.popen.pid)


def test_a_stopped_program_takes_its_children_along(family: processes.Process) -> None:
    assert lives(family)
    family.stop()
    assert not lives(family)


def test_an_interrupted_wait_leaves_nothing_behind(family: processes.Process) -> None:
    def interrupt() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        family.wait_until(interrupt, 20)
    assert not lives(family)


def test_a_program_that_is_too_slow_is_stopped(family: processes.Process) -> None:
    with pytest.raises(ProcessError, match=r"^A family did not answer in time: started \(see "):
        family.wait_until(lambda: False, 0)
    assert not lives(family)


def test_a_program_that_ends_at_once_is_quoted(tmp_path: Path) -> None:
    process = processes.start(
        "It", [sys.executable, "-c", "raise SystemExit('no such thing')"], log=tmp_path / "log"
    )
    with pytest.raises(ProcessError, match=r"^It ended at once: no such thing \(see "):
        process.wait_until(lambda: False, 20)


def test_every_address_must_answer() -> None:
    class Half(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/good" else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Half) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        assert processes.answers(f"{url}/good")()
        assert not processes.answers(f"{url}/good", f"{url}/bad")()
        server.shutdown()
    assert not processes.answers(f"http://127.0.0.1:{free_port()}/good")()
