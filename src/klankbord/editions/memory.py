"""What a public edition rests on, kept with it for the house: klankbord.publish.revisions needs it
to tell which figures of a later revision would give single organisations away.

Frozen tables: `contribution` (what each body adds to what), `hidden_group`, and `rare_place` (what
is told that is fewer than five bodies' own).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from klankbord.editions import canonical
from klankbord.editions.store import Table, frozen
from klankbord.publish.recognition import ToldFigure
from klankbord.publish.revisions import Block, Snapshot

_BLOCK = ("type_group_id", "platform", "family", "quarter_start")
_LAYER = ("metric_id", "definition_id", "layer_kind", "layer_start", "measure")
_PLACE = ("organisation_id", "region_group_id", "province_group_id", "size_group_id", "amount")
HEADERS = {
    "contribution": ",".join((*_BLOCK, *_LAYER, *_PLACE)),
    "hidden_group": ",".join((*_BLOCK, "group_id")),
    "rare_place": ",".join(ToldFigure._fields),
}
_NUMBERS = frozenset({"amount", "figure", "below", "above"})


def tables(snapshot: Snapshot) -> list[Table]:
    """A snapshot as frozen tables."""
    amounts = (
        (*block, *layer, body, *place, amount)
        for block, layers in snapshot.amounts.items()
        for layer, bodies in layers.items()
        for body, (place, amount) in bodies.items()
    )
    hidden = ((*block, group) for block, groups in snapshot.hidden.items() for group in groups)
    return [
        _table("contribution", amounts),
        _table("hidden_group", hidden),
        _table("rare_place", snapshot.places),
    ]


def _table(name: str, rows: Iterable[Sequence[Any]]) -> Table:
    header = HEADERS[name]
    types = ",".join("float8" if c in _NUMBERS else "text" for c in header.split(","))
    return frozen(name, "house", header, types, canonical.lines(rows))


def read(lines: Mapping[str, Iterable[str]]) -> Snapshot:
    """A snapshot back from the lines of its tables."""
    found = Snapshot()
    for row in canonical.rows(HEADERS["contribution"], lines["contribution"]):
        block: Block = tuple(row[name] for name in _BLOCK)  # type: ignore[assignment]
        layer = tuple(row[name] for name in _LAYER)
        place = tuple(row[name] or None for name in _PLACE[1:4])
        found.add(block, layer, row["organisation_id"], place, float(row["amount"]))  # type: ignore[arg-type]
    groups: dict[Block, set[str]] = {}
    for row in canonical.rows(HEADERS["hidden_group"], lines["hidden_group"]):
        block = tuple(row[name] for name in _BLOCK)  # type: ignore[assignment]
        groups.setdefault(block, set()).add(row["group_id"])
    found.hidden = {block: frozenset(names) for block, names in groups.items()}
    found.places = [
        ToldFigure(**{name: float(t) if name in _NUMBERS else t for name, t in row.items()})
        for row in canonical.rows(HEADERS["rare_place"], lines["rare_place"])
    ]
    return found


def kept(now: Snapshot, before: Snapshot, blocks: Iterable[Block]) -> Snapshot:
    """`now`, with `blocks` as they were: what is repeated rests on what it rested on."""
    amounts, hidden, blocks = dict(now.amounts), dict(now.hidden), set(blocks)
    places = [place for place in now.places if place.block not in blocks]
    places += [place for place in before.places if place.block in blocks]
    for block in blocks:
        amounts.pop(block, None)
        hidden.pop(block, None)
        if block in before.amounts:
            amounts[block] = before.amounts[block]
        if block in before.hidden:
            hidden[block] = before.hidden[block]
    return Snapshot(amounts, hidden, places)
