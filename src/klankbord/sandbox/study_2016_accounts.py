"""Who of the study's bodies has an account, and how it lives: by quota, not by chance."""

import math
import random
from collections.abc import Collection, Iterator, Mapping, Sequence

from klankbord.register import Organisation, Register
from klankbord.sandbox import calibration as cal
from klankbord.sandbox import study_2016_counts as counts
from klankbord.sandbox import texts
from klankbord.sandbox.model import WorldAccount
from klankbord.sandbox.population import Traits, size_class
from klankbord.sandbox.study_2016_bodies import COUNTED_ON

PLATFORMS = ("facebook", "x")
#: leanings that are tried: 0 takes from all sizes alike, the more the larger
_LEANINGS = [step / 20 for step in range(100)]


def population(
    register: Register, seed: int, median_hours: float
) -> Iterator[tuple[WorldAccount, Traits]]:
    """Every account with its traits; `median_hours`: of the time in which it answers."""
    slot = 0
    for platform in PLATFORMS:
        bodies = _having(register, platform)
        followers = _followers(register, bodies, platform, seed)
        answering = _interacting(register, bodies, platform)
        for body in bodies:
            slot += 1
            name = body.organisation_id
            is_flemish_town = name in answering
            yield _account(body, platform, slot, followers[name]), _traits(
                seed, body, platform, slot, median_hours,
                answering[name] if is_flemish_town else slot % 2 == 0,
            )  # fmt: skip


def by_hand(register: Register, platform: str) -> list[Organisation]:
    """The municipalities that are on a channel which is registered by hand."""
    towns = _towns(register, "BE")
    return [towns[place] for place in evenly(len(towns), counts.BY_HAND[platform])]


def evenly(count: int, wanted: int, phase: int = 0) -> list[int]:
    """`wanted` of `count` places, as far from each other as can be."""
    return [n for n in range(count) if (n * wanted + phase) % count < wanted]


def _having(register: Register, platform: str) -> list[Organisation]:
    """All bodies with an account on a platform."""
    without = _without(register, platform)
    found = [t for t in _towns(register, "BE") if t.organisation_id not in without]
    dutch = _towns(register, "NL")
    found += [dutch[n] for n in evenly(len(dutch), counts.DUTCH_WITH_ACCOUNT[platform])]
    for kind, shares in counts.OF_TYPE.items():
        bodies = [o for o in register.organisations if o.organisation_type == kind]
        found += [bodies[n] for n in evenly(len(bodies), shares[platform])]
    return found


def _without(register: Register, platform: str) -> Collection[str]:
    """Flemish municipalities without an account: as many of each class as there were, leaning to
    the larger ones of their class until those with an account have the mean that is wanted."""
    classes = _classes(register, _towns(register, "BE"))
    having = counts.WITH_ACCOUNT[platform]
    missing = [len(c) - n for c, n in zip(classes, having, strict=True)]
    target = counts.MEAN_INHABITANTS * sum(map(len, classes)) - (
        counts.MEAN_INHABITANTS_WITH[platform] * sum(having)
    )

    def chosen(leaning: float) -> list[Organisation]:
        return [
            bodies[place]
            for bodies, wanted in zip(classes, missing, strict=True)
            for place in _leaning(len(bodies), wanted, leaning)
        ]

    def distance(leaning: float) -> float:
        return abs(sum(_people(register, body) for body in chosen(leaning)) - target)

    return {body.organisation_id for body in chosen(min(_LEANINGS, key=distance))}


def _leaning(count: int, wanted: int, leaning: float) -> list[int]:
    """`wanted` of `count` places, the later the likelier; evenly where leaning is 0."""
    weights = [((n + 1) / count) ** leaning for n in range(count)]
    chances = [0.0] * count
    left, rest = float(wanted), sum(weights)
    for place in reversed(range(count)):  # what cannot be had twice is left to the smaller ones
        chances[place] = min(1.0, left * weights[place] / rest) if left > 0 else 0.0
        left, rest = left - chances[place], rest - weights[place]
    found, sum_before = [], 0.0
    for place, chance in enumerate(chances):
        if math.floor(sum_before + chance + 1e-9) > math.floor(sum_before + 1e-9):
            found.append(place)
        sum_before += chance
    return found


def _interacting(
    register: Register, bodies: Sequence[Organisation], platform: str
) -> Mapping[str, bool]:
    """Of each Flemish municipality with an account whether it answers people."""
    towns = [b for b in bodies if (b.country, b.organisation_type) == ("BE", "municipality")]
    found: dict[str, bool] = {}
    for members, wanted in zip(
        _classes(register, towns), counts.INTERACTING[platform], strict=True
    ):
        places = set(evenly(len(members), wanted))
        found |= {body.organisation_id: n in places for n, body in enumerate(members)}
    return found


def _followers(
    register: Register, bodies: Sequence[Organisation], platform: str, seed: int
) -> Mapping[str, int]:
    """Followers; those of the Flemish municipalities have the study's mean, to the unit."""
    wished: dict[str, float] = {}
    for body in bodies:
        name = body.organisation_id
        rng = random.Random(f"{seed}|study followers|{name}|{platform}")
        people = _people(register, body)
        size_effect = (people / counts.MEAN_INHABITANTS) ** (cal.SIZE_ELASTICITY - 1)
        ratio = cal.FOLLOWERS_RATIO[platform] * cal.FOLLOWERS_OF_TYPE.get(body.organisation_type, 1)
        spread = math.exp(rng.gauss(0, counts.FOLLOWERS_SPREAD))
        wished[name] = people * size_effect * ratio * spread
    towns = [
        b.organisation_id
        for b in bodies
        if (b.country, b.organisation_type) == ("BE", "municipality")
    ]
    scale = counts.MEAN_FOLLOWERS[platform] * len(towns) / sum(wished[name] for name in towns)
    found = {name: int(count) for name, count in wished.items()}
    found |= {name: int(wished[name] * scale) for name in towns}
    missing = counts.MEAN_FOLLOWERS[platform] * len(towns) - sum(found[name] for name in towns)
    by_rest = sorted(towns, key=lambda name: wished[name] * scale % 1, reverse=True)
    for name in by_rest[:missing]:
        found[name] += 1
    return found


def _towns(register: Register, country: str) -> list[Organisation]:
    return [
        o
        for o in register.organisations
        if (o.country, o.organisation_type) == (country, "municipality")
    ]


def _classes(register: Register, towns: Sequence[Organisation]) -> list[list[Organisation]]:
    """By size class, each from small to large."""
    by_size = sorted(towns, key=lambda body: _people(register, body))
    return [
        [b for b in by_size if size_class(b.country, _people(register, b)) == n] for n in range(3)
    ]


def _people(register: Register, body: Organisation) -> int:
    return register.inhabitants(body.organisation_id, COUNTED_ON) or 0


def _account(body: Organisation, platform: str, slot: int, followers: int) -> WorldAccount:
    return WorldAccount(
        account_id=f"{body.organisation_id}-{platform}",
        organisation_id=body.organisation_id,
        platform=platform,
        handle=f"studie.{slot:05d}" if platform == "facebook" else f"studie_{slot:05d}",
        user_id=1_000_000_000_000_000 + slot,
        name=texts.display_name("nl", body.organisation_type, body.name_nl or ""),
        followers_start=followers,
    )


def _traits(
    seed: int, body: Organisation, platform: str, slot: int, hours: float, is_interactive: bool
) -> Traits:
    rng = random.Random(f"{seed}|study traits|{body.organisation_id}|{platform}")
    return Traits(
        slot=slot,
        language="nl",
        posts=counts.POSTS,
        incoming=counts.INCOMING_OF_ANSWERERS if is_interactive else counts.INCOMING,
        is_interactive=is_interactive,
        is_dormant=False,
        answer_share=counts.ANSWER_SHARE,
        median_hours=hours * math.exp(rng.gauss(0, 0.4)),
        growth=0.0,
        is_steady=True,
        reaction_rate=cal.HABITS[platform].reaction_rate,
    )
