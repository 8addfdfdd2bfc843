"""The parts of an object that an allow-list of paths names, picked by a plan made once.

Paths are those of `FieldRules`: `a`, `a.b`, `a[].b`. What no path names is not looked at.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

#: (value, the account's own id) -> what is stored of the value
Judge = Callable[[Any, str | None], Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """The keys of one level: those kept as they are, those that are `judged` (by whom), and those
    below which only some parts are kept, of an object or of each object of a list."""

    plain: tuple[str, ...]
    judged: tuple[tuple[str, Judge], ...]
    nested: tuple[tuple[str, bool, "Plan"], ...]


def plan_of(paths: Collection[str], judges: Mapping[str, Judge]) -> Plan:
    """The plan of an allow-list; `judges`: path -> what decides there what is stored."""
    tree: dict[str, Any] = {}
    for path in sorted(paths):
        node = tree
        for part in path.split("."):
            node = node.setdefault(part, {})
    return _plan(tree, "", judges)


def _plan(tree: Mapping[str, Any], prefix: str, judges: Mapping[str, Judge]) -> Plan:
    leaves = [part for part, below in tree.items() if not below]
    return Plan(
        tuple(p.removesuffix("[]") for p in leaves if prefix + p not in judges),
        tuple((p.removesuffix("[]"), judges[prefix + p]) for p in leaves if prefix + p in judges),
        tuple(
            (p.removesuffix("[]"), p.endswith("[]"), _plan(below, f"{prefix}{p}.", judges))
            for p, below in tree.items()
            if below
        ),
    )


def pick(source: Mapping[str, Any], plan: Plan, own_id: str | None) -> dict[str, Any]:
    """The planned parts of `source` in their own shape; of the judged ones what their judge says
    who knows the account by its `own_id`."""
    kept = {}
    for key in plan.plain:
        if key in source:
            kept[key] = source[key]
    for key, judge in plan.judged:
        if key in source:
            kept[key] = judge(source[key], own_id)
    for key, is_list, below in plan.nested:
        value = source.get(key)
        if is_list and isinstance(value, list):
            kept[key] = [pick(v, below, own_id) for v in value if isinstance(v, dict)]
        elif isinstance(value, dict):
            kept[key] = pick(value, below, own_id)
    return kept
