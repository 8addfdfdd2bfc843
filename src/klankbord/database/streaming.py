"""Reading millions of rows a page at a time: psycopg2's own cursors fetch all of them at once."""

import os
from collections.abc import Iterator
from typing import Any

from klankbord.database.access import Cursor

PAGE = 5_000


def streamed(cursor: Cursor, query: Any, values: Any = None) -> Iterator[tuple]:
    """The rows of a query, as long as the cursor's transaction lasts."""
    with cursor.connection.cursor(name=f"klankbord_{os.urandom(8).hex()}") as reading:
        reading.itersize = PAGE
        reading.execute(query, values)
        yield from reading
