"""`klankbord edition diff A B`: any two editions of a quarter, as an audience sees them."""

from collections.abc import Iterator
from typing import Any

from klankbord.editions import changes, store
from klankbord.editions.model import EditionError
from klankbord.editions.store import Change


def differences(cursor: Any, before: str, after: str, audience: str) -> Iterator[Change]:
    """The rows that differ; the causes as far as the rows themselves tell them. Read them while
    the cursor's transaction lasts."""
    first, second = store.edition(cursor, before), store.edition(cursor, after)
    if first.period != second.period:
        raise EditionError(
            f"{before} is of {first.period} and {after} of {second.period}: compare two editions of"
            " one quarter."
        )
    old, new = (store.whole(cursor, one.edition_id, audience) for one in (first, second))
    return changes.moved(old, new, changes.Known(definitions=changes.moved_definitions(old, new)))
