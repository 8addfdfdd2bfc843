"""The benchmark index (M46) in plain Python, from the figures of each body.

Shares nothing with dbt: definitions and weights are those of docs/design.md, written down again.
Places are exact fractions, where the warehouse divides floats.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

COMPONENTS = ("presence", "reach", "activity", "engagement", "responsiveness")
WEIGHTS = dict(zip(COMPONENTS, map(Fraction, ("0.15", "0.2", "0.15", "0.2", "0.3")), strict=True))
#: metric -> (its component, the fewest cases)
PARTS = {
    "M02": ("presence", 0), "M05": ("reach", 0), "M03": ("activity", 0),
    "M11": ("engagement", 1), "M26": ("responsiveness", 5), "M32": ("responsiveness", 5),
}  # fmt: skip
FEWEST_PEERS, FEWEST_INDEXES, FEWEST_COMPONENTS = 5, 10, 4
#: what is equal to so many decimals is equal
DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Seen:
    """A figure of a body on a platform: what it is worth, of how many cases."""

    platform: str
    metric_id: str
    value: float | None
    n_cases: int | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """A body of a size class. tier: the highest of its accounts where messages can be read, None
    without such an account; platforms: where it has an account."""

    name: str
    group: str
    tier: str | None
    platforms: frozenset[str]
    seen: tuple[Seen, ...]


@dataclass(slots=True)
class Index:
    """value None: there is none, for `reason`. band: the highest and the lowest rank among `n`.
    scores: of each component that is known, above 0 and under 100."""

    value: float | None = None
    band: tuple[int, int] | None = None
    reason: str | None = None
    n: int = 0
    scores: dict[str, Fraction] = field(default_factory=dict)


def weightings() -> dict[str, dict[str, Fraction]]:
    """Ours and all others."""
    found = {"published": WEIGHTS, "equal": dict.fromkeys(COMPONENTS, Fraction(1, 5))}
    for component in COMPONENTS:
        found[f"double_{component}"] = WEIGHTS | {component: 2 * WEIGHTS[component]}
        found[f"without_{component}"] = WEIGHTS | {component: Fraction(0)}
    return found


def rounded(value: float | Fraction) -> int:
    """In units of the last decimal, halves upwards."""
    return math.floor(Fraction(value) * 10**DECIMALS + Fraction(1, 2))


def places(values: Mapping[Hashable, int]) -> dict[Hashable, Fraction]:
    """100 x (those below + half of those equal) / all; a body is one of its own equals. Nothing
    among fewer than five."""
    if len(values) < FEWEST_PEERS:
        return {}
    every = list(values.values())
    return {
        name: 100 * (sum(v < mine for v in every) + Fraction(every.count(mine), 2)) / len(every)
        for name, mine in values.items()
    }


def indexes(bodies: Iterable[Body]) -> dict[str, Index]:
    """The index of every body of a quarter."""
    groups: dict[str, list[Body]] = defaultdict(list)
    for body in bodies:
        groups[body.group].append(body)
    return {name: one for group in groups.values() for name, one in _of_group(group).items()}


def _of_group(bodies: list[Body]) -> dict[str, Index]:
    found = {b.name: Index(reason=_why_no_peer(b)) for b in bodies}
    peers = [b for b in bodies if found[b.name].reason is None]
    for component in COMPONENTS:
        for name, score in places(_means(peers, component)).items():
            found[name].scores[component] = score
    known = {n: i.scores for n, i in found.items() if len(i.scores) >= FEWEST_COMPONENTS}
    bands: dict[str, list[int]] = defaultdict(list)
    for name, weights in weightings().items():
        values = {n: v for n, s in known.items() if (v := mean(s, weights)) is not None}
        order = [rounded(value) for value in values.values()]
        for body, value in values.items():
            mine = rounded(value)
            bands[body] += [1 + sum(o > mine for o in order), sum(o >= mine for o in order)]
            if name == "published":
                found[body].value = value
    for name, index in found.items():
        index.n = len(known)
        if index.reason is None and name not in known:
            index.reason = "too_few_components"
        elif index.reason is None and len(known) < FEWEST_INDEXES:
            index.value, index.reason = None, "too_few_peers"
        elif index.reason is None:
            index.band = min(bands[name]), max(bands[name])
    return found


def _why_no_peer(body: Body) -> str | None:
    if not body.platforms:
        return "no_account"
    return None if body.tier is not None and body.tier >= "T2" else "below_tier"


def _means(peers: list[Body], component: str) -> dict[Hashable, int]:
    """Of each body the mean of its places on platforms."""
    used = {platform for body in peers for platform in body.platforms}
    columns: dict[tuple[str, str], dict[Hashable, int]] = defaultdict(dict)
    for body in peers:
        for seen in body.seen:
            of, fewest = PARTS[seen.metric_id]
            is_enough = seen.value is not None and (seen.n_cases is None or seen.n_cases >= fewest)
            if of == component and is_enough and seen.platform in used:
                columns[seen.platform, seen.metric_id][body.name] = rounded(seen.value)
    mine: dict[Hashable, list[Fraction]] = defaultdict(list)
    for column in columns.values():
        for name, place in places(column).items():
            mine[name].append(place)
    return {name: rounded(sum(found) / len(found)) for name, found in mine.items()}


def mean(scores: Mapping[str, Fraction], weights: Mapping[str, Fraction]) -> float | None:
    """The weighted geometric mean of what is known, 0 to 100; None without any weight."""
    total = sum(weights[c] for c in scores)
    if not total:
        return None
    logs = (float(weights[c]) * math.log(scores[c] / 100) for c in scores)
    return 100 * math.exp(math.fsum(logs) / float(total))
