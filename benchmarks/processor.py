"""The processor's seconds that a piece of work costs: a neighbour on the machine hardly moves them,
while the clock on the wall goes on for both."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from benchmarks.memory import postmaster
from klankbord.database import Access


@contextmanager
def measured(access: Access) -> Iterator[dict[str, float]]:
    """Fills a dict at the end of the block: seconds (user and system) of `python`, this process and
    its children, and of `postgres`, the server with those of its processes that ended meanwhile."""
    server = psutil.Process(postmaster(access))
    spent: dict[str, float] = {}
    before = {"python": _own(), "postgres": _of(server)}
    yield spent
    spent |= {"python": _own() - before["python"], "postgres": _of(server) - before["postgres"]}


def _own() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _of(server: psutil.Process) -> float:
    """A process that ended is in its parent's account, one that lives in its own."""
    times = server.cpu_times()
    seconds = times.user + times.system + times.children_user + times.children_system
    for child in server.children():
        try:
            alive = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        seconds += alive.user + alive.system
    return seconds
