"""What changed since a year before, and why, against an independent computation over random worlds:
bodies that come and go, move between groups, merge, or were judged by older rules."""

import random
from datetime import date

import pytest

from klankbord.sandbox import truth_change
from klankbord.sandbox.truth_change import Figure, Member

NOW, NOW_END = date(2025, 6, 1), date(2025, 6, 30)
AGO, AGO_END = date(2024, 6, 1), date(2024, 6, 30)
LATEST, MAP_ON = date(2025, 12, 31), date(2025, 1, 1)
#: metric -> (headline, scale, is it estimated), as the catalogue has them; M06 are told of M05
BASES = {"M02": False, "M05": False, "M26": True, "M30": True}
HEADLINES = {
    "M02": ("M02", "mean", 1), "M05": ("M05", "median", 100), "M06a": ("M05", "pooled", 100),
    "M06b": ("M05", "mean", 100), "M06c": ("M05", "median", 100), "M26": ("M26", "median", 1),
    "M30": ("M30", "median", 1),
}  # fmt: skip
FEWEST = 5
#: (seed, bodies); of 14 most were judged by older rules, so that too few can be compared
WORLDS = [(1, 60), (2, 60), (3, 200), (4, 9), (5, 3), (6, 0), (7, 14), (8, 14)]


def draw_figure(draw: random.Random, metric: str, has_bounds: bool = True) -> Figure:
    if draw.random() < 0.1:
        return Figure(None)
    value = float(draw.random() < 0.6) if metric == "M02" else draw.choice([0, 1, 2, 5, 9]) / 10
    lower = upper = None
    if metric == "M26" and has_bounds:
        lower, upper = value - draw.random() / 5, value + draw.random() / 5
    return Figure(value, lower, upper, float(draw.randrange(9)), float(draw.randrange(1, 9)))


class World:
    """Figures of both years, groups of both years, mergers and old rules."""

    def __init__(self, seed: int, n: int) -> None:
        draw = random.Random(seed)
        names = [f"b{i}" for i in range(n)]
        self.merged = {f"m{i}": [f"p{i}a", f"p{i}b"] for i in range(n // 10)}
        now = [b for b in names if draw.random() < 0.9] + list(self.merged)
        ago = [b for b in names if draw.random() < 0.9]
        parts = [p for both in self.merged.values() for p in both]
        self.now = {(b, m): draw_figure(draw, m) for b in now for m in BASES}
        self.ago = {(b, m): draw_figure(draw, m) for b in ago + parts for m in BASES}
        self.whole = {(b, m): draw_figure(draw, m, False) for b in self.merged for m in BASES}
        self.redefined = {b for b in now if draw.random() < (0.7 if n == 14 else 0.15)}
        self.was_redefined = {b for b in ago if draw.random() < 0.1}

        def groups(bodies):
            sizes = {b: draw.choice(["small", "large"]) for b in bodies}
            return {b: {"all", size} for b, size in sizes.items()}

        self.groups_ago = groups(ago + parts)
        stay = {b: self.groups_ago[b] for b in now if b in self.groups_ago and draw.random() < 0.8}
        self.groups_now = groups(now) | stay

    def before(self, body: str, metric: str) -> Figure | None:
        figures = self.whole if body in self.merged else self.ago
        return figures.get((body, metric))

    def changed(self, body: str, metric: str) -> truth_change.Changed | None:
        old_rules = body in self.redefined | self.was_redefined and metric in ("M26", "M30")
        return truth_change.of_body(
            self.now.get((body, metric)),
            self.before(body, metric),
            is_merged=body in self.merged,
            is_redefined=old_rules,
            is_estimated=BASES[metric],
        )


def load(desk, world: World) -> None:
    def period(start, end):
        return {"platform": "x", "period_kind": "month", "period_start": start, "period_end": end,
                "last_on": end, "latest_scan_on": LATEST}  # fmt: skip

    def row(body, metric, figure, start, end):
        return {"organisation_id": body, "platform": "x", "metric_id": metric,
                "definition_id": "klankbord", "period_kind": "month", "period_start": start,
                "as_of_on": end, "value": figure.value, "lower": figure.lower,
                "upper": figure.upper, "numerator": figure.numerator,
                "denominator": figure.denominator, "n_cases": 3, "is_synthetic": True,
                "missing_reason": None if figure.value is not None else "not_observed"}  # fmt: skip

    older = (date(2023, 6, 1), date(2023, 6, 30))
    desk.fill(
        "intermediate.int_platform_periods",
        [period(*p) for p in (older, (AGO, AGO_END), (NOW, NOW_END))],
    )
    told = [row(b, m, f, NOW, NOW_END) for (b, m), f in world.now.items()]
    told += [row(b, m, f, AGO, AGO_END) for (b, m), f in world.ago.items()]
    told += [row(b, m, f, *older) for (b, m), f in world.ago.items()]
    other = [row(b, m, Figure(0.5), NOW, NOW_END) for b, m in world.now if m == "M26"]
    other += [row(b, m, Figure(0.5), AGO, AGO_END) for b, m in world.ago if m == "M26"]
    told += [one | {"definition_id": "quintly"} for one in other]
    desk.fill("marts.fct_metric", told)
    whole = [row(b, m, f, AGO, AGO_END) for (b, m), f in world.whole.items()]
    for one in whole:
        del one["lower"], one["upper"]
        one["territory_id"], one["territory_on"] = one.pop("organisation_id"), MAP_ON
    desk.fill("marts.fct_territory_metric", whole)
    desk.fill(
        "intermediate.int_territory",
        [
            {"territory_on": MAP_ON, "as_of_on": AGO_END, "organisation_id": part,
             "territory_id": body, "map_bodies": 1}
            for body, parts in world.merged.items()
            for part in parts
        ],
    )  # fmt: skip
    desk.fill(
        "marts.dim_territory",
        [
            {"territory_on": MAP_ON, "territory_id": body, "map_bodies": 1, "organisation_id": body}
            for body in world.merged
        ],
    )
    desk.fill(
        "marts.dim_group_member",
        [
            {"group_id": group, "organisation_id": body, "as_of_on": day}
            for day, bodies in ((NOW_END, world.groups_now), (AGO_END, world.groups_ago))
            for body, groups in bodies.items()
            for group in groups
        ],
    )
    judged = [(b, NOW, NOW_END) for b in world.redefined]
    judged += [(b, AGO, AGO_END) for b in world.was_redefined]
    desk.fill(
        "intermediate.int_account_periods",
        [
            {"account_id": f"{body}-x", "organisation_id": body, "platform": "x",
             "period_kind": "month", "period_start": start, "period_end": end}
            for start, end in ((NOW, NOW_END), (AGO, AGO_END))
            for body in world.groups_now.keys() | world.groups_ago.keys()
        ],
    )  # fmt: skip
    desk.fill(
        "marts.fct_question",
        [
            {"account_id": f"{body}-x", "question_id": f"{rules}{n}", "platform": "x",
             "created_on": day, "question_rules": rules}
            for n, (body, start, end) in enumerate(judged)
            for day, rules in ((start, "q2"), (end, "q1"))
        ],
    )  # fmt: skip
    desk.run(
        "marts.fct_definition_break",
        "marts.fct_year_ago",
        "marts.fct_change",
        "marts.fct_change_member",
        "marts.fct_change_move",
        "marts.fct_change_scenario",
        "marts.fct_group_change",
    )


def close(value: object) -> object:
    return pytest.approx(value, abs=1e-9) if isinstance(value, float) else value


@pytest.mark.parametrize(("seed", "n"), WORLDS)
def test_every_change_equals_the_truth(desk, seed, n):
    world = World(seed, n)
    load(desk, world)
    found = {
        row[:2]: row[2:]
        for row in desk.rows(
            "select organisation_id, metric_id, change_kind, change, change_lower, change_upper,"
            " verdict from marts.fct_change_verdict"
        )
    }
    bodies = {b for b, _ in world.now} | {b for b, _ in world.ago} | world.merged.keys()
    bodies -= {p for parts in world.merged.values() for p in parts}
    expected = {
        (b, m): (c.kind, c.change, c.lower, c.upper, c.verdict)
        for b in bodies
        for m in BASES
        if (c := world.changed(b, m))
    }
    assert found.keys() == expected.keys()
    for key, said in found.items():
        assert said == tuple(map(close, expected[key])), key
    if n == 200:
        kinds = {kind for kind, *_ in found.values()}
        assert kinds == {"real", "merger", "definition", "new", "gone"}
        assert {said[-1] for said in found.values()} == {
            "higher", "lower", "same", "not_distinguishable", None
        }  # fmt: skip


@pytest.mark.parametrize(("seed", "n"), WORLDS)
def test_every_groups_change_and_its_parts_equal_the_truth(desk, seed, n):
    world = World(seed, n)
    load(desk, world)
    rows = desk.rows("select * from marts.fct_group_change")
    names = [name for (name,) in desk.rows(
        "select column_name::text from information_schema.columns where table_schema = 'marts'"
        " and table_name = 'fct_group_change' order by ordinal_position"
    )]  # fmt: skip
    found = {
        (row["group_id"], row["metric_id"]): row
        for row in (dict(zip(names, values, strict=True)) for values in rows)
    }

    def known(figure: Figure | None) -> Figure | None:
        return figure if figure and figure.value is not None else None

    expected = {}
    for group in ("all", "small", "large"):
        for metric, (base, headline, scale) in HEADLINES.items():
            members = []
            for body in world.groups_now.keys() | world.groups_ago.keys():
                is_in = group in world.groups_now.get(body, ())
                then = world.groups_now if body in world.merged else world.groups_ago
                was_in = group in then.get(body, ())
                if body.startswith("p"):
                    continue
                changed = world.changed(body, base)
                can_compare = changed is not None and changed.change is not None
                members.append(
                    Member(
                        known(world.now.get((body, base))) if is_in else None,
                        known(world.before(body, base)) if was_in else None,
                        can_compare,
                    )
                )
            before = [
                figure
                for body, groups in world.groups_ago.items()
                if group in groups and (figure := known(world.ago.get((body, base))))
            ]
            told = truth_change.of_group(members, before, headline, scale, FEWEST)
            if told:
                expected[group, metric] = told
    assert found.keys() == expected.keys()
    for key, row in found.items():
        said = {name: row[name] for name in expected[key]}
        assert said == {name: close(value) for name, value in expected[key].items()}, key
        parts = [row[f"{name}_change"] for name in ("real", "composition", "merger", "definition")]
        assert row["change"] == pytest.approx(sum(parts), abs=1e-9), "the parts are the whole"
    if n == 200:
        assert {row["verdict"] for row in found.values()} >= {"not_distinguishable"}
        assert any(abs(row["merger_change"]) > 1e-9 for row in found.values())
        assert any(abs(row["definition_change"]) > 1e-9 for row in found.values())
        assert any(row["merged_away_n"] > 0 for row in found.values())
    if n <= 3:
        assert found == {}
