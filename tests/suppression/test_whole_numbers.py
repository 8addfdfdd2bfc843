"""Counts are whole and inhabitants are known: what an edition tells of a group must fit five."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klankbord import register, settings
from klankbord.editions import rounding
from klankbord.sandbox.world import World

MOMENT = datetime(2026, 9, 30, 20, tzinfo=UTC)
Member = tuple[str, int, int]


@pytest.fixture(scope="module")
def groups() -> dict[str, list[Member]]:
    """Municipalities of seed 2016 by country, province and platform: id, followers, inhabitants."""
    known = register.read([settings.PROJECT_ROOT / "register"])
    bodies = {o.organisation_id: o for o in known.organisations if o.valid_to is None}
    world = World(known, 2016)
    found = defaultdict(list)
    for account in world.accounts:
        body = bodies.get(account.organisation_id)
        if body is None or body.organisation_type != "municipality":
            continue
        inhabitants = known.inhabitants(body.organisation_id, MOMENT.date())
        if inhabitants:
            member = (body.organisation_id, world.followers(account, MOMENT), inhabitants)
            for area in ("all", body.province_code):
                found[f"{body.country} {area} {account.platform}"].append(member)
    return {name: members for name, members in found.items() if len(members) >= 5}


def who(value: float, members: list[Member], told) -> set[str]:
    """The members of whom some whole number of followers would be told as `value`."""
    fitting = set()
    for name, _, inhabitants in members:
        near = round(value * inhabitants / 100)
        if any(told(100 * n / inhabitants) == value for n in range(max(0, near - 2), near + 3)):
            fitting.add(name)
    return fitting


def on_one_member(members: list[Member]) -> Iterator[float]:
    """The quantiles of followers per 100 inhabitants that an edition tells and that lie on a
    member's own figure, not between two."""
    ordered = sorted(100 * n / inhabitants for _, n, inhabitants in members)
    for tenths in (1, 2.5, 5, 7.5, 9):
        place = (len(ordered) - 1) * tenths / 10
        if place == int(place):
            yield ordered[int(place)]


def test_a_quantile_of_followers_by_inhabitants_fits_five_bodies(groups) -> None:
    named, hidden = 0, []
    for name, members in groups.items():
        for value in on_one_member(members):
            named += len(who(value, members, lambda number: number)) == 1
            told = rounding.quantile(value, "per 100")
            fit = who(told, members, lambda number: rounding.quantile(number, "per 100"))
            if len(fit) < 5:
                hidden.append((name, value, told, fit))
    assert named > 50, "to its last bit, a quantile names somebody"
    assert hidden == []


@given(st.floats(0.001, 1e6), st.integers(1, 6))
def test_significant_digits(number: float, digits: int) -> None:
    found = rounding.significant(number, digits)
    assert abs(found - number) <= number * 0.5 * 10 ** (1 - digits) * (1 + 1e-9)
    assert len(f"{found:.12e}".split("e")[0].rstrip("0").replace(".", "")) <= digits


def test_a_value_is_rounded_as_the_statistic_that_it_repeats() -> None:
    figure = {"value": 10.123456, "median": 10.123456, "mean": 12.345678, "lower": None, "n": 7}
    assert rounding.rounded(figure, "per 100") == {
        "value": 10.1, "median": 10.1, "mean": 12.346, "lower": None, "n": 7,
    }  # fmt: skip
    figure |= {"value": 12.345678}
    assert rounding.rounded(figure, "per 100")["value"] == 12.346
    assert rounding.rounded({"value": 0.0123456}, "share")["value"] == 0.0123
    assert rounding.rounded({"value": None, "median": None}, "share")["value"] is None
