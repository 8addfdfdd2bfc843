"""The sandbox as a process (`python -m klankbord.sandbox.server`) or as a thread of a test."""

import argparse
import contextlib
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import uvicorn

from klankbord import register, settings
from klankbord.errors import KlankbordError
from klankbord.sandbox.core import Sandbox, create_app
from klankbord.sandbox.world import World

START_SECONDS = 10.0


class PortError(KlankbordError):
    """The port cannot be had."""


def listen(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 takes a free one. PortError when it is busy."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortError(
            f"Port {port} of 127.0.0.1 cannot be used ({error.strerror}): stop what uses it, or "
            "give another with --port or KLANKBORD_SANDBOX_PORT."
        ) from error
    return listener


def uvicorn_server(sandbox: Sandbox) -> uvicorn.Server:
    config = uvicorn.Config(
        create_app(sandbox),
        log_level="warning",
        access_log=False,  # addresses carry tokens
        timeout_graceful_shutdown=2,
        lifespan="off",
    )
    return uvicorn.Server(config)


@contextlib.contextmanager
def run_in_thread(sandbox: Sandbox) -> Iterator[str]:
    """Serve on a free port while the block runs; yields http://127.0.0.1:<port>."""
    listener = listen(0)
    server = uvicorn_server(sandbox)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True
    )
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.005)
    try:
        if not server.started:
            raise KlankbordError(f"The sandbox did not start within {START_SECONDS:g} seconds.")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
        listener.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until TERM or Ctrl-C. Returns 1 with one sentence when it cannot."""
    options = _options().parse_args(arguments)
    try:
        port = settings.port("KLANKBORD_SANDBOX_PORT") if options.port is None else options.port
        listener = listen(port)
        rows = register.read(options.register or settings.register_folders())
        seed = settings.get("KLANKBORD_SANDBOX_SEED") if options.seed is None else options.seed
        world = World(rows, int(seed))
        sandbox = Sandbox(world, options.now or settings.now())
    except KlankbordError as error:
        print(error, file=sys.stderr)
        return 1
    address, count = f"http://127.0.0.1:{listener.getsockname()[1]}", len(world.accounts)
    print(f"sandbox: {count} accounts at {address}, {sandbox.now():%Y-%m-%d %H:%M} UTC", flush=True)
    uvicorn_server(sandbox).run(sockets=[listener])
    return 0


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no offset: add one, such as +00:00")
    return moment


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m klankbord.sandbox.server", description="The platforms on localhost."
    )
    parser.add_argument("--port", type=int, help="0 takes a free port")
    parser.add_argument("--seed", type=int, help="seed of the world")
    parser.add_argument("--now", type=_moment, help="ISO 8601 moment of the sandbox's clock")
    parser.add_argument("--register", type=Path, nargs="+", help="folders of the register")
    return parser


if __name__ == "__main__":
    sys.exit(main())
