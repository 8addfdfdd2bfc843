"""A cursor of the publisher for commands that only read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from klankbord import database
from klankbord.editions.model import ROLE


@contextmanager
def cursor() -> Iterator[Any]:
    """On the running or embedded PostgreSQL, prepared; read only."""
    with database.running() as access:
        database.prepare(access)
        with access.connect(ROLE) as connection:
            connection.set_session(readonly=True)
            with connection.cursor() as opened:
                yield opened
