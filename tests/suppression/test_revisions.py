"""Which blocks an edition repeats: known answers."""

from collections.abc import Callable

import pytest

from klankbord.publish.revisions import Snapshot, held_back

BLOCK = ("be-municipality", "facebook", "M05", "2026-07-01")
LAYER = ("M05", "klankbord", "quarter", "2026-07-01", "value")
EAST, WEST = ("flanders", "east", "small"), ("flanders", "west", "small")
BIG = ("flanders", "west", "big")
Bodies = dict[str, tuple[tuple, float]]


def bodies() -> Bodies:
    """Ten in the east; eight small and six big in the west."""
    places = {"e": (EAST, 10), "w": (WEST, 8), "b": (BIG, 6)}
    return {f"{k}{i}": (place, 10.0 + i) for k, (place, n) in places.items() for i in range(n)}


def change(names: str, by: float = 1.0) -> Callable[[Bodies], None]:
    def apply(found: Bodies) -> None:
        for name in names.split():
            place, amount = found[name]
            found[name] = (place, amount + by)

    return apply


def move(name: str) -> Callable[[Bodies], None]:
    def apply(found: Bodies) -> None:
        found[name] = (WEST, found[name][1])

    return apply


def is_held(*changes: Callable[[Bodies], None], hidden: tuple = (), now: tuple | None = None):
    before, after = bodies(), bodies()
    for apply in changes:
        apply(after)
    return BLOCK in held_back(
        Snapshot({BLOCK: {LAYER: before}}, {BLOCK: frozenset(hidden)}),
        Snapshot(
            {BLOCK: {LAYER: after}}, {BLOCK: frozenset(hidden if now is None else now)}
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ([], False),
        ([change("e1")], True),
        ([change("e1 e2 e3 e4")], True),
        ([change("e1 e2 e3 e4 e5")], False),
        # five changed, and one of them far more than the others together
        ([change("e1 e2 e3 e4 e5"), change("e1", 5.0)], True),
        # nobody has over half, but the rest without two is under a tenth of the first
        ([change("e1 e2", 50.0), change("e3 e4 e5")], True),
        # of the six that changed one is in the west
        ([change("e1 e2 e3 e4 e5 w1")], True),
        ([change("e1 e2 e3 e4 e5 w1 w2 w3 w4 w5")], False),
        # enough in the west, but of its sizes one has too few
        ([change("w1 w2 w3 w4 b1")], True),
        ([move("e1")], True),
        ([lambda found: found.pop("e1")], True),
        ([lambda found: found.update(new=(EAST, 9.0))], True),
    ],
)
def test_a_block_is_repeated_where_few_changed(changes, held):
    assert is_held(*changes) is held


def test_what_is_hidden_together_changes_together():
    """With both provinces hidden, five anywhere in the region are enough."""
    changes = change("e1 e2 e3 w1 w2")
    assert is_held(changes)
    assert not is_held(changes, hidden=("east", "west"))


def test_areas_and_sizes_together_single_nobody_out():
    """Five changed in the west, of which the two big ones and the three small of elsewhere."""
    hidden = ("small",)
    west = "w1 w2 w3 w4 w5"
    assert not is_held(change(west), hidden=hidden)
    # the big ones are all that changed but for one in the west
    assert is_held(change("b0 b1 b2 b3 b4 w1"), hidden=("east", "west", "flanders"))
    east = "e1 e2 e3 e4 e5"
    # east by area, and not big by size, are the same but for w1: that change is known
    assert is_held(change(f"{east} b1 b2 b3 b4 b5 w1"))


def test_other_groups_hidden_repeat_the_block():
    many = change(" ".join(f"e{i}" for i in range(10)))
    assert not is_held(many, hidden=("west", "east"))
    assert is_held(many, hidden=("west", "east"), now=("west", "east", "small"))
    assert is_held(hidden=("west",), now=("east",)), "of the same figures too"


def test_each_sum_counts_by_itself():
    """A layer in which one changed is not saved by another in which many did."""
    other = ("M05", "klankbord", "month", "2026-07-01", "value")
    before, many, one = bodies(), bodies(), bodies()
    change(" ".join(f"e{i}" for i in range(10)))(many)
    change("e1")(one)
    first = Snapshot({BLOCK: {LAYER: before, other: before}})
    assert not held_back(first, Snapshot({BLOCK: {LAYER: many, other: before}}))
    assert held_back(first, Snapshot({BLOCK: {LAYER: many, other: one}}))


def test_a_block_that_is_gone_or_new():
    whole = Snapshot({BLOCK: {LAYER: bodies()}})
    assert not held_back(Snapshot(), whole), "nothing was said before"
    assert not held_back(whole, Snapshot()), "everybody left"
