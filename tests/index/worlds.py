"""Made-up bodies with their figures of a quarter, for the truth and for dbt's models alike."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from klankbord.sandbox.truth_index import Body, Seen

QUARTER, END, SCANNED = date(2026, 7, 1), date(2026, 9, 30), date(2026, 10, 9)
#: platform -> what of it there is
PLATFORMS = {
    "facebook": ("M02", "M03", "M05", "M11", "M26"),
    "x": ("M02", "M03", "M05", "M11", "M26"),
    "youtube": ("M02", "M03", "M05", "M11", "M26"),
    "tiktok": ("M02", "M03", "M05", "M11"),
    "website": ("M02", "M03"),
}
WITH_CONVERSATIONS = ("facebook", "x", "youtube")


@dataclass(frozen=True)
class Account:
    """One body's: its tier, and metric -> (value, cases); quick: of the closed questions."""

    platform: str
    tier: str
    figures: dict[str, tuple[float | None, int]]
    quick: int = 0


@dataclass(frozen=True)
class Town:
    name: str
    group: str
    accounts: tuple[Account, ...] = ()


def account(
    platform: str, posts: float = 1, followers: float = 1, likes: float = 1,
    answers: tuple[int, int, int] = (5, 5, 10), tier: str = "T2", is_active: bool = True,
) -> Account:  # fmt: skip
    """By hand. answers: within a day, within a week, all closed questions."""
    quick, answered, closed = answers
    figures = {
        "M02": (float(is_active), 3), "M03": (posts, 9), "M05": (followers, 1), "M11": (likes, 4),
        "M26": (answered / closed if closed else None, closed),
    }  # fmt: skip
    kept = {m: f for m, f in figures.items() if m in PLATFORMS[platform]}
    return Account(platform, tier, kept, quick)


def random_towns(seed: int, n: int, *, steps: int = 6, groups: int = 2) -> list[Town]:
    """Values on a coarse grid, so that many are equal; accounts, tiers and figures are missing."""
    draw = random.Random(seed)
    towns = []
    for number in range(n):
        accounts = []
        for platform, metrics in PLATFORMS.items():
            if draw.random() > (0.85 if platform == "facebook" else 0.4):
                continue
            figures: dict[str, tuple[float | None, int]] = {}
            for metric in metrics:
                value = None if draw.random() < 0.08 else draw.randint(0, steps) / steps
                if metric == "M02" and value is not None:
                    value = float(value > 0.3)
                figures[metric] = (value, draw.randint(1, 12))
            quick = 0
            if figures.get("M26", (None,))[0] is not None:
                closed = figures["M26"][1]
                answered = draw.randint(0, closed)
                quick = draw.randint(0, answered)
                figures["M26"] = (answered / closed, closed)
            tier = draw.choice(("T0", "T1", "T2", "T2", "T2", "T3"))
            accounts.append(Account(platform, tier, figures, quick))
        towns.append(Town(f"town-{number:03}", f"be-municipality/size-{draw.randrange(groups)}",
                          tuple(accounts)))  # fmt: skip
    return towns


def bodies(towns: Iterable[Town]) -> list[Body]:
    """As the truth takes them: an absence is a zero of presence, on the platforms that are read."""
    towns = list(towns)
    read = sorted({a.platform for t in towns for a in t.accounts})
    found = []
    for town in towns:
        there = {a.platform: a for a in town.accounts}
        seen = [Seen(p, "M02", 0.0, 0) for p in read if p not in there]
        for a in town.accounts:
            seen += [Seen(a.platform, m, value, n) for m, (value, n) in a.figures.items()]
            value, closed = a.figures.get("M26", (None, 0))
            if value is not None:
                seen.append(Seen(a.platform, "M32", a.quick / closed, closed))
        tiers = [a.tier for a in town.accounts if a.platform in WITH_CONVERSATIONS]
        found.append(Body(town.name, town.group, max(tiers, default=None), frozenset(there),
                          tuple(seen)))  # fmt: skip
    return found
