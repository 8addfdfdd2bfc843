"""The truth of M10, M24, M25 and M25f over a handful of literal messages."""

from datetime import date

import pytest
from tiny_world import TinyWorld, row, scan, town_register

from klankbord.sandbox.model import Counters
from klankbord.sandbox.truth import Truth

END = scan("09-30 20:00")
GENT = "gent-x"


def figures(world: TinyWorld, **more) -> dict[str, tuple]:
    truth = Truth(world, town_register(world.rows, "gent"), [END], **more)
    return {
        f.metric_id: (f.value, f.numerator, f.denominator, f.n_cases)
        for f in truth.figures()
        if (f.organisation_id, f.period_kind, f.period_start) == ("gent", "month", date(2026, 9, 1))
    }


@pytest.fixture
def world() -> TinyWorld:
    return TinyWorld([row("gent")])


def test_the_middle_post_of_those_that_are_old_enough(world) -> None:
    assert figures(world)["M10"] == (None, None, None, None)
    day = date(2026, 9, 30)
    for kind, moment, likes in (
        ("original", "09-02 10:00", 2), ("original", "09-03 10:00", 90),
        ("original", "09-23 20:00", 5), ("original", "09-23 20:01", 999),
        ("repost", "09-04 10:00", 999), ("original", "08-31 21:00", 999),
    ):  # fmt: skip
        post = world.say(GENT, kind, moment)
        world.counted[post.message_id, day] = Counters(likes, 0, 1, 1, 777)
    assert figures(world)["M10"] == (7, None, None, 3)
    more = world.say(GENT, "original", "09-05 10:00")
    world.counted[more.message_id, day] = Counters(8, 0, 0, 0, 0)
    assert figures(world)["M10"] == (7.5, None, None, 4)


def test_questions_are_counted_whatever_became_of_them(world) -> None:
    world.follower_counts = {(GENT, date(2026, 9, 30)): 500}
    silence = figures(world)
    assert (silence["M24"], silence["M25"]) == ((0, 0, 1, 0), (0, 0, 20_000, 0))
    world.say(GENT, "incoming", "09-10 10:00", asks=True)
    world.say(GENT, "incoming", "09-29 10:00", asks=True)  # not closed
    world.say(GENT, "incoming", "09-11 10:00")
    world.say(GENT, "incoming", "08-31 21:59", asks=True)  # August in Brussels
    found = figures(world)
    assert found["M24"] == (2, 2, 1, 2)
    assert found["M25"] == (0.1, 2, 20_000, 2)
    assert found["M25f"] == (4, 2, 500, 2)
    world.follower_counts = {(GENT, date(2026, 9, 30)): 0}
    assert figures(world)["M25f"] == (None, 2, 0, 2)
    unread = figures(world, failed={(GENT, date(2026, 9, 30))})
    assert {unread[m] for m in ("M24", "M25", "M25f")} == {(None, None, None, None)}
