"""What rows must be to each other: unique, referring to what exists, not overlapping."""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain

from klankbord.register.cells import shown
from klankbord.register.model import AccountRow, Membership, Organisation, Register, Row

_DOMAIN = r"(?=.{4,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"
#: platform -> (form of a handle, the form in words).
_HANDLES: dict[str, tuple[str, str]] = {
    "facebook": (
        r"[0-9]+|[A-Za-z0-9.]{5,50}",
        "the page's name of 5 or more letters, digits and dots, or its numeric id",
    ),
    "x": (r"[A-Za-z0-9_]{1,15}", "1 to 15 letters, digits and underscores, without @"),
    "mastodon": (rf"[A-Za-z0-9_]+([.-]+[A-Za-z0-9_]+)*@{_DOMAIN}", "name@server, without a first @"),
    "bluesky": (rf"{_DOMAIN}|did:(plc|web):[A-Za-z0-9._:%-]+", "a domain name or a did:"),
}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Where and what; line 0 stands for a whole file or folder."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what.removesuffix('.')}."


def check(register: Register, *, references: bool = True) -> list[Fault]:
    """Every fault between rows. `references` False leaves out whether organisations exist: half of
    a file that could not be read would make all others look wrong."""
    r = register
    periods: tuple[tuple[Iterable, Callable[..., Hashable], str], ...] = (
        (r.organisations, lambda o: o.organisation_id, "organisation {0}"),
        (r.memberships, lambda m: (m.organisation_id, m.member_id), "member {1} of {0}"),
        (r.accounts, lambda a: a.account_id, "account {0}"),
    )
    return list(
        chain(
            _references(r) if references else (),
            _reversed_periods(chain(r.organisations, r.memberships, r.accounts)),
            *(_overlaps(rows, key, words) for rows, key, words in periods),
            _second_officials(r.accounts),
            _duplicates(r.populations, lambda p: (p.organisation_id, p.reference_date)),
            _duplicates(
                r.mergers, lambda m: (m.effective_date, m.predecessor_id, m.successor_id)
            ),
            _handles(r.accounts),
        )
    )


def _fault(row: Row, what: str) -> Fault:
    return Fault(row.source_file, row.source_line, what)
