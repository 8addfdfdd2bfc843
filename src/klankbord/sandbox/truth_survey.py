"""What a survey's weighted shares must be (M50), in plain Python from the register and the answers.

Shares nothing with dbt: the definition is that of docs/design.md.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from klankbord.register import Register, is_valid
from klankbord.sandbox.truth_groups import MINIMUM_GROUP_SIZE as LEAST
from klankbord.sandbox.truth_groups import SIZE_CLASSES

Z = 1.959963984540054
Type = tuple[str, str]  # country, organisation type
Option = tuple[str, str, str]  # question, subquestion, answer ('' for a box)


@dataclass(frozen=True, slots=True)
class Asked:
    """A survey: its year, whom it asked (type -> regions, none for the whole country), and what
    each organisation said: (question, subquestion) -> a code, or whether a box was ticked."""

    year: int
    regions: Mapping[Type, Sequence[str]]
    answers: Mapping[str, Mapping[tuple[str, str], str | bool]]


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a group. All but n is None where it is suppressed."""

    n: int
    share: float | None = None
    lower: float | None = None
    upper: float | None = None
    unweighted: float | None = None
    n_population: int | None = None
    n_effective: float | None = None


def wilson(share: float, n: float) -> tuple[float, float]:
    """The score interval: where (share - p)^2 = Z^2 p (1 - p) / n, solved for p."""
    a, b, c = 1 + Z * Z / n, 2 * share + Z * Z / n, share * share
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    return max(0.0, (b - root) / (2 * a)), min(1.0, (b + root) / (2 * a))


def inhabitants(register: Register, organisation_id: str, on: date) -> int | None:
    """By the last count up to a day, else by the first after it; of a zone its members' sum."""
    members = {
        m.member_id
        for m in register.memberships
        if m.organisation_id == organisation_id and is_valid(m, on)
    }
    counts = []
    for body in members or {organisation_id}:
        own = {p.reference_date: p.inhabitants for p in register.populations
               if p.organisation_id == body}  # fmt: skip
        before = [day for day in own if day <= on]
        if not own:
            return None
        counts.append(own[max(before) if before else min(own)])
    return sum(counts)


def classes(register: Register, asked: Asked) -> dict[Type, dict[str, list[str]]]:
    """Type -> size class, largest first -> the bodies of the population in it."""
    on = date(asked.year, 1, 1)
    found: dict[Type, dict[str, list[str]]] = {}
    for kind, regions in asked.regions.items():
        by_class: dict[str, list[str]] = defaultdict(list)
        for body in register.organisations:
            is_of_kind = (body.country, body.organisation_type) == kind
            if is_of_kind and is_valid(body, on) and (not regions or body.region_code in regions):
                count = inhabitants(register, body.organisation_id, on)
                names = SIZE_CLASSES[kind[0]]
                name = "unknown" if count is None else next(n for n, most in names if count <= most)
                by_class[name].append(body.organisation_id)
        order = [*(name for name, _ in reversed(SIZE_CLASSES[kind[0]])), "unknown"]
        found[kind] = {name: by_class[name] for name in order if name in by_class}
    return found


def cells(by_class: Mapping[str, Sequence[str]], answered: set[str]) -> list[list[str]]:
    """The size classes of one type, largest first, taken together until five of each answered."""
    made: list[list[str]] = []
    open_cell: list[str] = []

    def count(names: Sequence[str]) -> int:
        return sum(body in answered for name in names for body in by_class[name])

    for name in by_class:
        open_cell.append(name)
        if count(open_cell) >= LEAST:
            made.append(open_cell)
            open_cell = []
    if open_cell and made:
        made[-1] += open_cell
    elif open_cell:
        made.append(open_cell)
    return made


def shares(register: Register, asked: Asked) -> dict[tuple[Option, str], Share]:
    """(option, group_id) -> the share; groups are the types, their cells, and `all`."""
    weight: dict[str, float] = {}
    groups: dict[str, tuple[set[str], int]] = {}  # bodies and how many
    siblings: dict[str, list[str]] = {}  # a cell -> the cells of its type
    types: list[str] = []
    for kind, by_class in classes(register, asked).items():
        type_id = f"{kind[0].lower()}-{kind[1]}"
        types.append(type_id)
        everybody = {body for bodies in by_class.values() for body in bodies}
        groups[type_id] = (everybody, len(everybody))
        made = cells(by_class, set(asked.answers))
        names = [f"{type_id}/size-{'+'.join(reversed(cell))}" for cell in made]
        for name, cell in zip(names, made, strict=True):
            bodies = {body for size in cell for body in by_class[size]}
            answered = bodies & set(asked.answers)
            weight |= {body: len(bodies) / len(answered) for body in answered}
            if len(made) > 1:
                groups[name] = (bodies, len(bodies))
                siblings[name] = names
    found: dict[tuple[Option, str], Share] = {}
    for option, chosen in options(asked).items():
        said = {body: yes for body, yes in chosen.items() if body in weight}

        def those(group: str, said: Mapping[str, bool] = said) -> set[str]:
            return groups[group][0] & set(said)

        speaking = [group for group in types if len(those(group)) >= LEAST]
        if said:
            whole = set().union(*map(those, speaking))
            total = sum(groups[group][1] for group in speaking)
            found[option, "all"] = _share(said, weight, whole, total, hide=not speaking)
        for group, (_, bodies) in groups.items():
            if members := those(group):
                near = [each for each in siblings.get(group, [group]) if those(each)]
                hide = any(len(those(each)) < LEAST for each in near)
                found[option, group] = _share(said, weight, members, bodies, hide=hide)
    return found


def options(asked: Asked) -> dict[Option, dict[str, bool]]:
    """What could be chosen -> who answered, and whether they chose it."""
    found: dict[Option, dict[str, bool]] = defaultdict(dict)
    codes: dict[tuple[str, str], set[str]] = defaultdict(set)
    for said in asked.answers.values():
        for place, answer in said.items():
            if isinstance(answer, str):
                codes[place].add(answer)
    for body, said in asked.answers.items():
        for place, answer in said.items():
            if isinstance(answer, str):
                for code in codes[place]:
                    found[*place, code][body] = answer == code
            else:
                found[*place, ""][body] = answer
    return found


def _share(
    said: Mapping[str, bool], weight: Mapping[str, float], who: set[str], bodies: int, *, hide: bool
) -> Share:
    n = len(who)
    if hide:
        return Share(n, n_population=bodies or None)
    total = math.fsum(weight[body] for body in who)
    share = math.fsum(weight[body] for body in who if said[body]) / total
    effective = total**2 / math.fsum(weight[body] ** 2 for body in who)
    lower, upper = wilson(share, effective)
    return Share(n, share, lower, upper, sum(said[b] for b in who) / n, bodies, effective)
