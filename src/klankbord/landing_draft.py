"""What an account has yielded so far, until it is complete and a group of accounts is written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from klankbord.landing_rows import Rows
from klankbord.platforms.events import Outcome, Stream


@dataclass(slots=True)
class Draft:
    """What an account has yielded so far."""

    rows: dict[Stream, Rows] = field(default_factory=dict)
    outcomes: dict[Stream, Outcome] = field(default_factory=dict)
    threads: list[str] = field(default_factory=list)
    deleted: list[tuple[Stream, str]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def count(self, stream: Stream) -> int:
        """Its rows of a stream."""
        return self.rows[stream].count if stream in self.rows else 0

    def absent(self, account_id: str, stream: Stream) -> Iterator[tuple[Any, ...]]:
        """Where the answers were complete: what is known there and did not come is gone."""
        since = self.outcomes[stream].complete_since
        if since:
            yield account_id, stream, since, None, None
        for of, item_id in self.deleted:
            if of == stream:
                yield account_id, stream, None, None, item_id
        if stream == "messages":
            for thread_id in self.threads:
                yield account_id, stream, None, thread_id, None


Group = Sequence[tuple[str, Draft]]
