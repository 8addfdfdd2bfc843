"""What rows must be to each other: unique, referring to what exists, not overlapping."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from klankbord.register import opening_hours, peer_groups, targets
from klankbord.register.cells import shown
from klankbord.register.handles import impossible_handle
from klankbord.register.model import Register
from klankbord.register.rows import (
    AccountRow,
    Adjacency,
    Membership,
    OpeningHours,
    Organisation,
    PeerGroup,
    Row,
    WebSite,
)

R = TypeVar("R", bound=Row)
Dated = Organisation | Membership | AccountRow | OpeningHours | WebSite | PeerGroup | Adjacency
D = TypeVar("D", Organisation, Membership, AccountRow, WebSite, PeerGroup, Adjacency)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Where and what; line 0 stands for a whole file or folder."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what.removesuffix('.')}."


def check(register: Register, declared: Collection[str] | None) -> list[Fault]:
    """Every fault between rows. `declared` holds the ids of all organisations, also of those whose
    rows are faulty; None when they cannot be known, and nothing is then called unknown."""
    r = register
    return [
        *([] if declared is None else _unknown(r, declared)),
        *_nameless(r.organisations),
        *_memberships(r),
        *_handles(r.accounts),
        *_empty_periods(
            [*r.organisations, *r.memberships, *r.accounts, *r.opening_hours, *r.web_sites]
        ),
        *_empty_periods([*r.peer_groups, *r.adjacency]),
        *_overlaps(r.organisations, lambda o: o.organisation_id, "organisation {}"),
        *_overlaps(
            r.memberships, lambda m: (m.member_id, m.organisation_id), "membership of {} in {}"
        ),
        *_overlaps(r.accounts, lambda a: a.account_id, "account {}"),
        *_overlaps(r.web_sites, lambda w: (w.site_id, w.address), "site {} of {}"),
        *_second_officials(r.accounts),
        *_duplicates(
            r.populations, lambda p: (p.organisation_id, p.reference_date), "population of {} on {}"
        ),
        *_duplicates(
            r.mergers,
            lambda m: (m.predecessor_id, m.successor_id, m.effective_date),
            "merger of {} into {} on {}",
        ),
        *_consents(r),
        *_duplicates(r.targets, lambda t: t.target_id, "target {}"),
        *(_fault(row, what) for row in r.targets for what in targets.faults(row)),
        *(_fault(row, what) for row, what in opening_hours.faults(r.opening_hours)),
        *_overlaps(
            r.peer_groups, lambda p: (p.organisation_id, p.group_id), "member {} of selection {}"
        ),
        *_overlaps(
            r.adjacency,
            lambda a: tuple(sorted((a.organisation_id, a.neighbour_id))),
            "border of {} and {}",
        ),
        *(_fault(row, what) for row, what in peer_groups.faults(r)),
    ]


def _fault(row: Row, what: str) -> Fault:
    return Fault(row.source_file, row.source_line, what)


def _place(row: Row) -> str:
    return f"{row.source_file}:{row.source_line}"


def _unknown(register: Register, declared: Collection[str]) -> Iterator[Fault]:
    r = register
    of_bodies = [*r.memberships, *r.populations, *r.accounts, *r.targets, *r.opening_hours]
    references = (
        ("organisation_id", [*of_bodies, *r.web_sites, *r.peer_groups, *r.adjacency]),
        ("neighbour_id", r.adjacency),
        ("member_id", register.memberships),
        ("predecessor_id", register.mergers),
        ("successor_id", register.mergers),
    )
    for column, rows in references:
        for row in rows:
            if (identifier := getattr(row, column)) not in declared:
                what = f"{column} {shown(identifier)} is in no organisations.csv"
                yield _fault(row, f"{what}; correct it or add the organisation")


def _nameless(organisations: Iterable[Organisation]) -> Iterator[Fault]:
    for row in organisations:
        if not (row.name_nl or row.name_fr or row.name_de):
            yield _fault(row, "the organisation has no name; fill in name_nl, name_fr or name_de")


def _memberships(register: Register) -> Iterator[Fault]:
    """After a merger it is easy to forget the predecessor's memberships, and a zone would count
    the same inhabitants twice."""
    ends: dict[str, date] = {}
    for body in register.organisations:
        ends[body.organisation_id] = max(_period(body)[1], ends.get(body.organisation_id, date.min))
    for row in register.memberships:
        if row.organisation_id == row.member_id:
            yield _fault(row, f"{row.member_id} is a member of itself; remove the line")
        for identifier in (row.organisation_id, row.member_id):
            end = ends.get(identifier, date.max)
            if _period(row)[1] > end:
                what = f"{identifier} ends on {end} and its membership later"
                yield _fault(row, f"{what}; write {end} or an earlier day as valid_to")


def _handles(accounts: Iterable[AccountRow]) -> Iterator[Fault]:
    for row in accounts:
        if what := impossible_handle(row.platform, row.handle):
            yield _fault(row, what)


def _consents(register: Register) -> Iterator[Fault]:
    """A consent for an account that nobody registered would be believed to be in force."""
    accounts = {a.account_id for a in register.accounts}
    for row in register.consents:
        if row.account_id not in accounts:
            what = f"account_id {shown(row.account_id)} is in no accounts.csv"
            yield _fault(row, f"{what}; correct it or add the account")
        if row.withdrawn_on and row.withdrawn_on < row.granted_on:
            what = f"withdrawn_on {row.withdrawn_on} lies before granted_on {row.granted_on}"
            yield _fault(row, f"{what}; correct one of them")
    yield from _duplicates(
        register.consents,
        lambda c: (c.account_id, c.scope, c.granted_on),
        "consent of {} for {} of {}",
    )


def _empty_periods(rows: Iterable[Dated]) -> Iterator[Fault]:
    for row in rows:
        start, end = _period(row)
        if end <= start:
            what = f"valid_to {row.valid_to} is not after valid_from {row.valid_from}"
            yield _fault(row, f"{what}; valid_to is the first day on which the row no longer holds")


def _period(row: Dated) -> tuple[date, date]:
    return row.valid_from or date.min, row.valid_to or date.max


def _grouped(rows: Iterable[R], key: Callable[[R], Hashable]) -> Iterator[tuple[tuple, list[R]]]:
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    for name, group in groups.items():
        if len(group) > 1:
            yield name if isinstance(name, tuple) else (name,), group


def _overlapping(rows: list[D]) -> Iterator[tuple[D, D]]:
    """(row, an earlier row that holds on a day on which it holds too). Empty periods have their own
    fault and hold on no day."""
    last: D | None = None
    for row in sorted(rows, key=lambda row: (*_period(row), row.source_file, row.source_line)):
        start, end = _period(row)
        if end <= start:
            continue
        if last is not None and start < _period(last)[1]:
            yield row, last
        if last is None or end > _period(last)[1]:
            last = row


def _overlaps(rows: Iterable[D], key: Callable[[D], Hashable], words: str) -> Iterator[Fault]:
    for name, group in _grouped(rows, key):
        for row, other in _overlapping(group):
            what = words.format(*name)
            if _period(row) == _period(other):
                yield _fault(row, f"{what} is a duplicate of {_place(other)}; remove one of them")
            else:
                advice = "end the one on the day on which the other begins"
                yield _fault(row, f"{what} overlaps in time with {_place(other)}; {advice}")


def _second_officials(accounts: Iterable[AccountRow]) -> Iterator[Fault]:
    officials = [a for a in accounts if a.role == "official"]
    for (organisation, platform), group in _grouped(
        officials, lambda a: (a.organisation_id, a.platform)
    ):
        for row, other in _overlapping(group):
            if row.account_id != other.account_id:  # else a fault of its own: overlapping validity
                what = f"{organisation} already has an official {platform} account then"
                advice = "give one the role sub, or end it"
                yield _fault(row, f"{what}, at {_place(other)}; {advice}")


def _duplicates(rows: Iterable[R], key: Callable[[R], Hashable], words: str) -> Iterator[Fault]:
    for name, (first, *others) in _grouped(rows, key):
        for row in others:
            what = f"{words.format(*name)} is a duplicate of {_place(first)}"
            yield _fault(row, f"{what}; remove one of them")
