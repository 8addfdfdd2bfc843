"""What holds of the index whatever the world, and its seeds; in plain Python."""

import csv
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from klankbord.catalogue import language
from klankbord.sandbox import truth_index
from klankbord.sandbox.truth_index import COMPONENTS, Body, indexes
from klankbord.settings import PROJECT_ROOT
from tests.index.worlds import bodies, random_towns

TRIES = settings(max_examples=120, suppress_health_check=[HealthCheck.filter_too_much])


@st.composite
def worlds(draw) -> list[Body]:
    seed, n = draw(st.integers(0, 10**6)), draw(st.integers(0, 45))
    steps, groups = draw(st.sampled_from([1, 3, 50])), draw(st.sampled_from([1, 2]))
    return bodies(random_towns(seed, n, steps=steps, groups=groups))


@TRIES
@given(worlds(), st.randoms(use_true_random=False), st.floats(0, 2))
def test_the_index_does_not_fall_when_a_component_rises(world, draw, much) -> None:
    before = indexes(world)
    told = [body for body in world if before[body.name].value is not None]
    assume(told)
    lucky = draw.choice(told)
    place = draw.randrange(len(lucky.seen))
    old = lucky.seen[place]
    # an absence stays one: an account more would change which platforms count
    assume(old.value is not None and old.platform in lucky.platforms)
    seen = list(lucky.seen)
    seen[place] = replace(old, value=old.value + much)
    after = indexes([replace(b, seen=tuple(seen)) if b is lucky else b for b in world])
    assert after[lucky.name].value >= before[lucky.name].value - 1e-9


@TRIES
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_bodies_changes_nothing(world, draw) -> None:
    shuffled = draw.sample(world, len(world))
    names = {body.name: f"renamed-{n}" for n, body in enumerate(shuffled)}
    before = indexes(world)
    after = indexes([replace(b, name=names[b.name]) for b in shuffled])
    assert {names[name]: one for name, one in before.items()} == after


@TRIES
@given(worlds())
def test_the_band_holds_the_rank_and_all_that_is_told_is_possible(world) -> None:
    found = indexes(world)
    groups = defaultdict(list)
    for body in world:
        one = found[body.name]
        assert (one.value is None) == (one.reason is not None) == (one.band is None)
        if one.value is not None:
            groups[body.group].append(one)
            assert 0 < one.value < 100
            assert all(0 < score < 100 for score in one.scores.values())
            assert len(one.scores) >= 4
    for told in groups.values():
        assert len(told) == told[0].n >= 10
        for one in told:
            rank = 1 + sum(other.value > one.value + 1e-9 for other in told)
            best, worst = one.band
            assert 1 <= best <= rank <= worst <= one.n


def test_places_are_never_at_the_ends() -> None:
    assert truth_index.places(dict.fromkeys("abcd", 1)) == {}
    assert set(truth_index.places(dict.fromkeys("abcde", 1)).values()) == {50}
    assert truth_index.places({n: n for n in range(5)}) == {0: 10, 1: 30, 2: 50, 3: 70, 4: 90}
    # numpy would say the same of its ranks: (average rank - 1/2) / n
    values = {n: random.Random(n).randrange(4) for n in range(50)}
    order = sorted(values.values())
    for name, place in truth_index.places(values).items():
        ranks = [i + 1 for i, v in enumerate(order) if v == values[name]]
        assert place == 100 * (Fraction(sum(ranks), len(ranks)) - Fraction(1, 2)) / 50


def seed(name: str) -> list[dict[str, str]]:
    path = PROJECT_ROOT / "dbt_project/seeds" / f"{name}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_weights_are_those_of_the_truth() -> None:
    ours = {row["component"]: Fraction(row["weight"]) for row in seed("index_weights")}
    assert ours == truth_index.WEIGHTS
    assert sum(ours.values()) == 1
    others = {
        row["weighting_id"]: {name: Fraction(row[name]) for name in COMPONENTS}
        for row in seed("index_weightings")
    }
    assert {"published": ours} | others == truth_index.weightings()
    parts = {
        row["metric_id"]: (row["component"], int(row["min_cases"])) for row in seed("index_parts")
    }
    assert parts == truth_index.PARTS


@pytest.mark.parametrize(
    "name", ["index_weights", "index_parts", "index_weightings", "index_reasons"]
)
def test_texts_are_in_four_languages(name) -> None:
    rows = seed(name)
    stems = {column[:-3] for column in rows[0] if column.endswith("_nl")}
    assert stems
    for row in rows:
        for stem in stems:
            texts = {code: row[f"{stem}_{code}"] for code in ("nl", "fr", "en", "de")}
            assert list(faulty(texts, stem)) == []


def faulty(texts: dict[str, str], stem: str) -> Iterable[tuple[str, str]]:
    return language.faults(texts, is_sentence=stem == "reason")
