"""dbt's benchmark index over made-up towns equals plain Python, and what is worked out by hand."""

import math
from dataclasses import replace

import pytest

from klankbord.sandbox import truth_index
from tests.index.worlds import END, Town, account, bodies, random_towns

GROUP = "be-municipality/size-under_20k"


def said(desk) -> dict[str, tuple]:
    """town -> value, best and worst rank, reason, n."""
    return {
        name: tuple(rest)
        for name, *rest in desk.rows(
            "select organisation_id, value, rank_best, rank_worst, missing_reason, n from rpt_index"
        )
    }


def scores(desk) -> dict[tuple[str, str], float]:
    return {
        (name, component): score
        for name, component, score in desk.rows(
            "select organisation_id, component, score from fct_index_component"
            " where score is not null"
        )
    }


def differences(desk, towns: list[Town]) -> list[tuple]:
    """Where dbt and the truth part."""
    expected, found, places = truth_index.indexes(bodies(towns)), said(desk), scores(desk)
    assert found.keys() == expected.keys()
    wrong = []
    for name, one in expected.items():
        value, best, worst, reason, n = found[name]
        band = None if best is None else (best, worst)
        same = value is one.value or math.isclose(value or -1, one.value or -1, rel_tol=1e-9)
        if not same or band != one.band or reason != one.reason or n != one.n:
            wrong.append((name, found[name], one))
        mine = {c: s for (who, c), s in places.items() if who == name}
        if mine.keys() != one.scores.keys() or any(
            not math.isclose(mine[c], one.scores[c], rel_tol=1e-9) for c in mine
        ):
            wrong.append((name, mine, one.scores))
    return wrong


HUGE = replace(account("facebook", posts=1e15, followers=1e-12, likes=1e12), tier="T3")
WORLDS = {
    "many": random_towns(1, 120),
    "few of a group": random_towns(2, 40, groups=4),
    "fine grid": random_towns(3, 90, steps=997),
    "coarse grid": random_towns(4, 90, steps=1),
    "alone": random_towns(5, 1),
    "nine": random_towns(6, 9, groups=1),
    "nobody has an account": [Town(f"t{n}", GROUP) for n in range(20)],
    "all alike": [Town(f"t{n:02}", GROUP, (account("facebook"), account("x"))) for n in range(15)],
    "one is far off": [
        Town(f"t{n:02}", GROUP, (HUGE if n == 7 else account("facebook", posts=n / 3),))
        for n in range(15)
    ],
    "equal but for the last digits": [
        Town(f"t{n:02}", GROUP, (account("facebook", likes=0.1 + n * 1e-14, posts=n // 2 / 3),))
        for n in range(20)
    ],
    "mirrored": [
        Town(f"t{n:02}", GROUP, (account("facebook", followers=n, likes=60 - n),))
        for n in range(61)
    ],
    "nobody answers": [
        Town(f"t{n:02}", GROUP, (account("facebook", posts=n, answers=(0, 0, 5 + n)),))
        for n in range(12)
    ],
    "nobody asks": [
        Town(f"t{n:02}", GROUP, (account("facebook", posts=n, answers=(0, 0, n % 5)),))
        for n in range(12)
    ],
}


@pytest.mark.parametrize("name", WORLDS)
def test_every_index_equals_the_truth(desk, name) -> None:
    towns = WORLDS[name]
    desk.declare(towns)
    assert differences(desk, towns) == []
    if name in ("many", "fine grid", "coarse grid"):
        values = [row[0] for row in said(desk).values()]
        assert sum(v is not None for v in values) > 20, "the comparison would prove nothing"
        assert None in values


def test_no_town_at_all(desk) -> None:
    desk.declare([])
    assert said(desk) == {}


def test_the_order_of_rows_changes_nothing(desk) -> None:
    """Not even the last digit: an edition is rebuilt bit for bit."""
    towns = WORLDS["many"]
    desk.declare(towns)
    before, parts = said(desk), scores(desk)
    desk.declare(towns[::-1], shuffled=9)
    assert (said(desk), scores(desk)) == (before, parts)


def test_a_ladder_by_hand(desk) -> None:
    """Ten towns, each better in everything than the one before: places 5, 15 … 95, the index too,
    and no other weights make another order."""
    towns = [
        Town(f"t{n}", GROUP, (account("facebook", n, n, n, (n, n, 20), is_active=True),))
        for n in range(10)
    ]
    desk.declare(towns)
    found = said(desk)
    for n in range(10):
        value, best, worst, reason, of = found[f"t{n}"]
        # all are present: 50 with weight 0.15, whatever else
        expected = 100 * 0.5**0.15 * ((n + 0.5) / 10) ** 0.85
        assert value == pytest.approx(expected)
        assert (best, worst, reason, of) == (10 - n, 10 - n, None, 10)


def test_equals_share_the_ranks(desk) -> None:
    desk.declare(WORLDS["all alike"])
    assert list(said(desk).values()) == [(pytest.approx(50), 1, 15, None, 15)] * 15


def test_equal_is_equal_whatever_order_was_added_up_in(desk) -> None:
    """Followers and engagement weigh the same: who has one's places in the other is as high."""
    desk.declare(WORLDS["mirrored"])
    ranks = dict(
        desk.rows(
            "select organisation_id, array[rank_best, rank_worst] from fct_index_weighting"
            " where weighting_id = 'published'"
        )
    )
    for n in range(30):
        best, worst = ranks[f"t{n:02}"]
        assert ranks[f"t{60 - n:02}"] == [best, worst]
        assert worst == best + 1


def test_who_answers_quickly_and_who_answers_at_all(desk) -> None:
    """Half of it is who gets an answer, half how soon; under five questions there is neither."""
    rest = [Town(f"t{n}", GROUP, (account("facebook", answers=(2, 5, 10)),)) for n in range(8)]
    quick = Town("quick", GROUP, (account("facebook", answers=(5, 5, 10)),))
    slow = Town("slow", GROUP, (account("facebook", answers=(0, 10, 10)),))
    four = Town("four", GROUP, (account("facebook", answers=(4, 4, 4)),))
    desk.declare([*rest, quick, slow, four])
    places = scores(desk)
    parts = dict(
        desk.rows(
            "select organisation_id || metric_id, percentile from fct_index_part"
            " where component = 'responsiveness' and percentile is not null"
        )
    )
    assert (parts["quickM26"], parts["quickM32"]) == (45, 95)
    assert (parts["slowM26"], parts["slowM32"]) == (95, 5)
    assert places["quick", "responsiveness"] == 95  # 70 is the best of the means
    assert ("four", "responsiveness") not in places
    value, *_, n = said(desk)["four"]
    assert value is not None, "four components are enough"
    assert n == 11
    weights = dict(
        desk.rows(
            "select component, weight from rpt_index_component"
            " where organisation_id = 'four' and weight is not null"
        )
    )
    assert weights["presence"] == pytest.approx(0.15 / 0.7)
    assert sum(weights.values()) == pytest.approx(1)
    [(reason,)] = desk.rows(
        "select missing_reason from rpt_index_component where organisation_id = 'four'"
        " and component = 'responsiveness'"
    )
    assert reason == "too_few_cases"


def test_who_has_no_index_and_why(desk) -> None:
    rest = [Town(f"t{n}", GROUP, (account("facebook", n),)) for n in range(10)]
    silent = account("facebook")
    unread = replace(silent, figures={m: (None, 0) for m in silent.figures} | {"M02": (1.0, 1)})
    towns = [
        *rest,
        Town("nowhere", GROUP),
        Town("guarded", GROUP, (account("facebook", tier="T1"),)),
        Town("videos", GROUP, (account("tiktok", tier="T3"),)),
        Town("unread", GROUP, (unread,)),
        *[Town(f"u{n}", "be-municipality/size-over_50k", (account("x", n),)) for n in range(9)],
    ]
    desk.declare(towns)
    found = said(desk)
    why = {name: row[3] for name, row in found.items() if row[0] is None}
    assert why == {
        "nowhere": "no_account", "guarded": "below_tier", "videos": "below_tier",
        "unread": "too_few_components", **{f"u{n}": "too_few_peers" for n in range(9)},
    }  # fmt: skip
    # nine of nine have one, and nobody's is told, nor what it would be made of
    assert found["u0"][4] == 9
    assert desk.rows(
        "select count(*) from rpt_index_component where group_id like '%over_50k'"
    ) == [(0,)]
    # a rank's share is of those with an index, of which "first" and "last" are
    assert desk.rows(
        "select rank_best_share, rank_worst_share, n_members from rpt_index"
        " where organisation_id = 't9'"
    ) == [(0.1, 1.0, 14)]
    # those without are not among the peers of the others
    assert desk.rows("select distinct n_peers from fct_index_part where metric_id = 'M03'"
                     f" and group_id = '{GROUP}'") == [(10,)]  # fmt: skip


def test_an_absence_counts_for_presence_alone(desk) -> None:
    """Eleven are on Facebook; one of them not on X, where ten are. Of another class somebody is on
    YouTube, and so is one whose conversations are not read: no peer of theirs."""
    both = (account("facebook"), account("x"))
    towns = [Town(f"t{n:02}", GROUP, both) for n in range(10)]
    towns.append(Town("one", GROUP, (account("facebook"),)))
    towns.append(Town("guarded", GROUP, (account("youtube", tier="T1"),)))
    towns.append(Town("else", "be-municipality/size-over_50k", (account("youtube"),)))
    desk.declare(towns)
    places = scores(desk)
    assert places["one", "presence"] == pytest.approx(100 * 0.5 / 11)
    assert places["one", "reach"] == 50
    used = desk.rows(
        f"select distinct platform from fct_index_part where group_id = '{GROUP}' order by 1"
    )
    assert used == [("facebook",), ("x",)]


def test_provisional_until_the_windows_close(desk) -> None:
    towns = WORLDS["all alike"]
    states = []
    for day in (END.replace(day=29), END.replace(month=10, day=7), END.replace(month=10, day=8)):
        desk.declare(towns, scanned=day)
        states += desk.rows("select distinct status from rpt_index")
    assert states == [("provisional",), ("provisional",), ("final",)]
