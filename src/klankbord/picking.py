"""The parts of an object that an allow-list of paths names, picked by a plan made once.

Paths are those of `FieldRules`: `a`, `a.b`, `a[].b`. What no path names is not looked at.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Plan:
    """The keys of one level: those kept as they are, those that are `judged` (with their path),
    and those below which only some parts are kept, of an object or of each object of a list."""

    plain: tuple[str, ...]
    judged: tuple[tuple[str, str], ...]
    nested: tuple[tuple[str, bool, "Plan"], ...]


def plan_of(paths: frozenset[str], judged: frozenset[str]) -> Plan:
    """The plan of an allow-list; `judged` are the paths whose values must be looked at."""
    tree: dict[str, Any] = {}
    for path in sorted(paths):
        node = tree
        for part in path.split("."):
            node = node.setdefault(part, {})
    return _plan(tree, "", judged)


def _plan(tree: Mapping[str, Any], prefix: str, judged: frozenset[str]) -> Plan:
    leaves = [part for part, below in tree.items() if not below]
    return Plan(
        tuple(p.removesuffix("[]") for p in leaves if prefix + p not in judged),
        tuple((p.removesuffix("[]"), prefix + p) for p in leaves if prefix + p in judged),
        tuple(
            (p.removesuffix("[]"), p.endswith("[]"), _plan(below, f"{prefix}{p}.", judged))
            for p, below in tree.items()
            if below
        ),
    )


def pick(source: Mapping[str, Any], plan: Plan, judge: Callable[[str, Any], Any]) -> dict[str, Any]:
    """The planned parts of `source` in their own shape; `judge(path, value)` decides what is stored
    of the judged ones."""
    kept = {key: source[key] for key in plan.plain if key in source}
    for key, path in plan.judged:
        if key in source:
            kept[key] = judge(path, source[key])
    for key, is_list, below in plan.nested:
        value = source.get(key)
        if is_list and isinstance(value, list):
            kept[key] = [pick(v, below, judge) for v in value if isinstance(v, dict)]
        elif isinstance(value, dict):
            kept[key] = pick(value, below, judge)
    return kept
