"""Any period on any year's map: a merger of three, a split, by hand and in random worlds."""

import random
from collections import defaultdict
from datetime import date

import pytest

from klankbord.register import Register
from klankbord.sandbox import truth_peers
from tests.peers.registers import body, count, merger

BEFORE, AFTER = date(2024, 12, 31), date(2025, 3, 31)
MAPS = (date(2019, 1, 1), date(2025, 1, 1))
SPLIT_ON = date(2022, 1, 1)


def small() -> Register:
    """a, b, c -> whole in 2025; long -> left and right in 2022; kept + gone -> kept in 2025."""
    end, start = date(2025, 1, 1), date(2025, 1, 1)
    return Register(
        organisations=[
            body("a", end=end), body("b", end=end), body("c", end=end), body("whole", start=start),
            body("long", end=SPLIT_ON), body("left", start=SPLIT_ON), body("right", start=SPLIT_ON),
            body("kept", end=end), body("kept", start=start), body("gone", end=end), body("still"),
        ],
        populations=[count("a", 100), count("b", 200), count("c", 300), count("whole", 610),
                     count("long", 50), count("left", 30), count("right", 25), count("still", 7),
                     count("kept", 1000)],
        mergers=[merger(end, "a", "whole"), merger(end, "b", "whole"), merger(end, "c", "whole"),
                 merger(SPLIT_ON, "long", "left"), merger(SPLIT_ON, "long", "right"),
                 merger(end, "kept", "kept"), merger(end, "gone", "kept")],
    )  # fmt: skip


def figure(name, metric, value, top=None, bottom=None, reason=None, n=1, on=BEFORE) -> dict:
    return {
        "organisation_id": name, "platform": "facebook", "metric_id": metric,
        "definition_id": "klankbord", "period_kind": "month", "period_start": on.replace(day=1),
        "as_of_on": on, "value": value, "numerator": top, "denominator": bottom, "n_cases": n,
        "coverage": 1.0, "access_tier": "T2", "status": "final", "missing_reason": reason,
        "is_synthetic": True,
    }  # fmt: skip


def compute(desk, register, figures, followers=(), days=(BEFORE,)) -> dict:
    desk.declare(register)
    desk.periods(*(("facebook", "month", str(day.replace(day=1)), str(day)) for day in days))
    desk.fill("marts.fct_metric", figures)
    desk.fill("intermediate.int_account_periods", [
        {"account_id": name, "organisation_id": name, "platform": "facebook",
         "period_kind": "month", "period_start": day.replace(day=1), "last_on": day}
        for name, day, _ in followers
    ])  # fmt: skip
    desk.fill("marts.fct_audience_period", [
        {"account_id": name, "period_kind": "month", "period_start": day.replace(day=1),
         "followers": n}
        for name, day, n in followers
    ])  # fmt: skip
    desk.groups()
    desk.run("marts.dim_territory", "marts.fct_territory_metric")
    rows = desk.rows(
        "select territory_on, territory_id, metric_id, period_start, value, numerator, denominator,"
        " missing_reason, reason_code, inhabitants, n_bodies from marts.fct_territory_metric"
    )
    return {row[:4]: row[4:] for row in rows}


def test_lineage_by_hand(desk) -> None:
    compute(desk, small(), [], days=(date(2019, 6, 30), BEFORE, AFTER))
    found = defaultdict(dict)
    for on, day, name, territory, bodies in desk.rows("select * from intermediate.int_territory"):
        found[on, day][name] = territory
        assert bodies == territory.count("+") + 1
    old, new = MAPS
    assert found[new, BEFORE] == {
        "a": "whole",
        "b": "whole",
        "c": "whole",
        "kept": "kept",
        "gone": "kept",
    }
    # a whole cannot be taken apart again: its parts are told together
    assert found[old, AFTER] == {
        "whole": "a+b+c",
        "left": "long",
        "right": "long",
        "kept": "gone+kept",
    }
    assert found[new, date(2019, 6, 30)] == found[new, BEFORE] | {"long": "left+right"}
    assert found[old, BEFORE] == {"left": "long", "right": "long"}
    assert (new, AFTER) not in found and (old, date(2019, 6, 30)) not in found
    names = {
        row[:2]: row[2:]
        for row in desk.rows(
            "select territory_on, territory_id, name_nl, organisation_id from marts.dim_territory"
        )
    }
    assert names[new, "whole"] == ("Whole", "whole")
    assert names[old, "a+b+c"] == ("A + B + C", None)


def test_three_become_one(desk) -> None:
    """Followers 10, 20 and none of c; inhabitants 600; questions 1/2, none of b, 3/4."""
    figures = [
        figure("a", "M05", 10.0, 10, 100), figure("b", "M05", 10.0, 20, 200),
        figure("a", "M26", 0.5, 1, 2), figure("b", "M26", None, 0, 0, "not_applicable", 0),
        figure("c", "M26", 0.75, 3, 4),
        figure("a", "M01", 1.0, 1, 1), figure("b", "M01", 1.0, 1, 1), figure("c", "M01", 0.0, 0, 1),
        figure("a", "M02", None, None, None, "not_observed"), figure("b", "M02", 0.0, 0, 1),
        figure("a", "M22", None, None, None, "not_observed"), figure("c", "M22", 1.0, 1, 1),
        figure("a", "M03", 0.5, 15, 30), figure("b", "M03", 1.0, 30, 30),
        figure("a", "M30", 4.0, 8, 2), figure("b", "M30", None, None, None, "refused"),
        figure("a", "M29", 3.0), figure("b", "M29", 5.0), figure("a", "M08n", 4.0, 4, 1),
        figure("b", "M08n", -1.0, -1, 1), figure("a", "M08", 50.0, 5, 10),
        figure("b", "M08", 10.0, 3, 30),
    ]  # fmt: skip
    followers = [("a", BEFORE, 10), ("b", BEFORE, 20)]
    said = compute(desk, small(), figures, followers)
    of = {key[2]: value for key, value in said.items() if key[:2] == (MAPS[1], "whole")}
    assert of["M05"] == (5.0, 30.0, 600.0, None, None, 600.0, 3)
    assert of["M26"][:4] == (pytest.approx(4 / 6), 4.0, 6.0, None)
    assert of["M01"][:4] == (1.0, 1.0, 1.0, None)
    assert of["M02"][:4] == (None, None, None, "not_observed")
    assert of["M22"][:4] == (1.0, 1.0, 1.0, None)
    assert of["M03"][:4] == (1.5, 45.0, 30.0, None)
    assert of["M30"][:4] == (None, None, None, "not_observed")
    assert of["M29"][:5] == (None, None, None, "not_applicable", "median")
    assert of["M08n"][:3] == (3.0, 3.0, 1.0)
    assert of["M08"][:3] == (20.0, 8.0, 40.0)


def test_a_code_that_was_used_again_is_another_body(desk) -> None:
    """again became new in 2020; another body got its code in 2022 and became other in 2025."""
    first, second, third = date(2020, 1, 1), date(2022, 1, 1), date(2025, 1, 1)
    register = Register(
        organisations=[body("again", end=first), body("again", start=second, end=third),
                       body("new", start=first), body("other", start=third)],
        mergers=[merger(first, "again", "new"), merger(third, "again", "other")],
    )  # fmt: skip
    early = date(2019, 6, 30)
    compute(desk, register, [], days=(early,))
    found = desk.rows("select territory_on, organisation_id, territory_id from"
                      " intermediate.int_territory")  # fmt: skip
    assert found == [(MAPS[1], "again", "new")]
    assert truth_peers.territories(register, MAPS[1], early) == {"again": {"new"}}


def test_inhabitants_of_the_map_where_the_parts_have_none(desk) -> None:
    """gone has no count: the successor's own, which was counted on its boundaries, is used."""
    figures = [figure("kept", "M05", 1.0, 10, 1000),
               figure("gone", "M05", None, None, None, "not_observed")]  # fmt: skip
    said = compute(desk, small(), figures, [("kept", BEFORE, 10), ("gone", BEFORE, 5)])
    key = (MAPS[1], "kept", "M05", date(2024, 12, 1))
    assert said[key][:3] == (1.5, 15.0, 1000.0)
    assert said[key][5] == 1000.0


def test_a_split_is_told_together_before_and_added_up_after(desk) -> None:
    early = date(2019, 6, 30)
    figures = [figure("long", "M26", 0.5, 5, 10, on=early),
               figure("left", "M26", 0.5, 1, 2), figure("right", "M26", 1.0, 2, 2)]  # fmt: skip
    said = compute(desk, small(), figures, days=(early, BEFORE))
    assert said[MAPS[1], "left+right", "M26", date(2019, 6, 1)][:3] == (0.5, 5.0, 10.0)
    assert said[MAPS[0], "long", "M26", date(2024, 12, 1)][:3] == (0.75, 3.0, 4.0)


def wild(seed: int) -> Register:
    """Bodies of 2018, and mergers, splits and renamings on six days until 2026."""
    draw = random.Random(seed)
    lives = {f"b{n:02}": [date(2018, 1, 1), None] for n in range(12)}
    mergers = []
    days = ((2019, 1, 1), (2020, 7, 1), (2022, 1, 1), (2024, 12, 2), (2025, 1, 1), (2025, 2, 1))
    for number, day in enumerate(date(*ymd) for ymd in days):
        living = sorted(n for n, life in lives.items() if life[1] is None)
        old = draw.sample(living, draw.choice([1, 2, 3]))
        keeps = draw.random() < 0.3
        new = [old[0]] if keeps else [f"n{number}{c}" for c in "xyz"[: draw.choice([1, 1, 2, 3])]]
        for name in old:
            if name not in new:
                lives[name][1] = day
        lives |= {name: [day, None] for name in new if name not in lives}
        mergers += [merger(day, o, n) for o in old for n in new]
    return Register(
        organisations=[body(name, start=start, end=end) for name, (start, end) in lives.items()],
        mergers=mergers,
    )


@pytest.mark.parametrize("seed", range(12))
def test_the_whole_is_the_same_on_every_map(desk, seed) -> None:
    """What is added up over all bodies does not depend on the map; lineage equals the truth."""
    register, draw = wild(seed), random.Random(seed)
    days = (date(2018, 12, 31), date(2020, 9, 30), BEFORE, AFTER)
    figures = []
    for day in days:
        for one in register.organisations:
            if truth_peers.is_valid(one, day):
                top = draw.randrange(20)
                figures.append(figure(one.organisation_id, "M26", top / 20, top, 20, on=day))
    said = compute(desk, register, figures, days=days)
    lineage = defaultdict(dict)
    for on, day, name, territory, _ in desk.rows("select * from intermediate.int_territory"):
        lineage[on, day][name] = frozenset(territory.split("+"))
    for on in MAPS:
        for day in days:
            truth = truth_peers.territories(register, on, day)
            assert lineage[on, day] == truth
            start = day.replace(day=1)
            own = {f["organisation_id"]: f for f in figures if f["as_of_on"] == day}
            untouched = sum(f["numerator"] for n, f in own.items() if n not in truth)
            on_map = sum(v[1] for k, v in said.items() if (k[0], k[3]) == (on, start))
            assert untouched + on_map == sum(f["numerator"] for f in own.values())
