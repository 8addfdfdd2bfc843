"""Own selections and borders: what the rows of peer_groups.csv and adjacency.csv must be.

A selection is a group of one's own choice; the names stand in each of its rows. Its figures are
suppressed under five members, so one that never has five on any day would only ever be silent.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from klankbord.register.model import Register
from klankbord.register.rows import Adjacency, PeerGroup, is_valid

MINIMUM_MEMBERS = 5
NAMES = ("name_nl", "name_fr", "name_en", "name_de")


def faults(register: Register) -> Iterator[tuple[PeerGroup | Adjacency, str]]:
    """(row, what is wrong with it as the end of a sentence that starts with its place)."""
    groups = defaultdict(list)
    for row in register.peer_groups:
        groups[row.group_id].append(row)
    for rows in groups.values():
        yield from _of_group(rows)
    types = {o.organisation_id: o.organisation_type for o in register.organisations}
    for row in register.adjacency:
        yield from _of_border(row, types)


def _of_group(rows: list[PeerGroup]) -> Iterator[tuple[PeerGroup, str]]:
    first = rows[0]
    if None in (names := _names(first)):
        missing = ", ".join(n for n, text in zip(NAMES, names, strict=True) if text is None)
        yield first, f"selection {first.group_id} has no {missing}; a reader may use any language"
    for row in rows[1:]:
        if _names(row) != names:
            where = f"{first.source_file}:{first.source_line}"
            yield row, f"selection {row.group_id} is called otherwise at {where}; repeat its names"
    # members come and go only on these days
    starts = {row.valid_from or date.min for row in rows}
    most = max(len({r.organisation_id for r in rows if is_valid(r, on)}) for on in starts)
    if most < MINIMUM_MEMBERS:
        yield (
            first,
            f"selection {first.group_id} has {most} members on its fullest day; name at least "
            f"{MINIMUM_MEMBERS}, under that no figure is shown",
        )


def _names(row: PeerGroup) -> list[str | None]:
    return [getattr(row, name) for name in NAMES]


def _of_border(row: Adjacency, types: dict[str, str]) -> Iterator[tuple[Adjacency, str]]:
    if row.organisation_id == row.neighbour_id:
        yield row, f"{row.organisation_id} is its own neighbour; remove the line"
    ours, theirs = types.get(row.organisation_id), types.get(row.neighbour_id)
    if ours and theirs and ours != theirs:
        what = f"{row.organisation_id} is a {ours} and {row.neighbour_id} a {theirs}"
        yield row, f"{what}; only bodies of one type are neighbours"
