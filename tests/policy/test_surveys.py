"""M50: weighted shares of surveys, against a computation that shares nothing with dbt."""

import math
from datetime import date
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klankbord.register import Register
from klankbord.sandbox import truth_survey
from klankbord.sandbox.truth_survey import Asked
from tests.policy.bodies import body, member, population, register
from tests.policy.warehouse import Bench, bench

MODELS = (
    "intermediate.int_survey_inhabitants",
    "intermediate.int_survey_population",
    "intermediate.int_survey_cells",
    "intermediate.int_survey_weights",
    "intermediate.int_survey_choices",
    "intermediate.int_survey_groups",
    "marts.fct_survey_share",
    "marts.fct_survey_response",
    "reporting.rpt_survey_share",
    "reporting.rpt_survey_response",
)
MUNICIPALITY, OCMW = ("BE", "municipality"), ("BE", "ocmw")


def compute(desk: Bench, bodies: Register, asked: Asked, addressed: dict | None = None) -> None:
    """Put a register and a survey in, and dbt's tables out."""
    desk.register(bodies)
    of = {"imported_at": "2026-01-01", "file_name": "f"}
    survey = {"survey_id": "s"}
    desk.fill("raw.surveys", [survey | {
        "title": "A survey", "year": asked.year, "digest": "d", "responses": len(asked.answers),
        "incomplete": 0, "repeated": 0, "without_organisation": 0} | of])  # fmt: skip
    desk.fill("raw.survey_addressed", [
        survey | {"country": country, "organisation_type": kind,
                  "addressed": (addressed or {}).get((country, kind), 500),
                  "region_codes": list(regions) or None}
        for (country, kind), regions in asked.regions.items()
    ])  # fmt: skip
    desk.fill("raw.survey_responses", [
        survey | {"organisation_id": one, "file_line": 1} | of for one in asked.answers
    ])  # fmt: skip
    desk.fill("raw.survey_answers", [
        survey | _answer(one, place, said) | {"file_line": 1} | of
        for one, answers in asked.answers.items() for place, said in answers.items()
    ])  # fmt: skip
    desk.run(*MODELS)


def _answer(one: str, place: tuple[str, str], said: str | bool) -> dict[str, Any]:
    is_box = isinstance(said, bool)
    return {
        "organisation_id": one, "question_code": place[0], "subquestion_code": place[1],
        "kind": "multiple" if is_box else "single", "question": place[0], "subquestion": place[1],
        "answer_code": None if is_box else said, "label": None if is_box else said.upper(),
        "value": int(said) if is_box else None,
    }  # fmt: skip


def found(desk: Bench) -> dict[tuple, tuple]:
    """As the truth has it: (option, group) -> figures."""
    return {
        ((question, part, answer), group): tuple(figures)
        for question, part, answer, group, *figures in desk.rows(
            "select question_code, subquestion_code, answer_code, group_id, n, share, lower, upper,"
            " unweighted_share, n_population, n_effective from reporting.rpt_survey_share"
        )
    }


def same(said: tuple, true: tuple) -> bool:
    return all(
        a is b if a is None or b is None else math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
        for a, b in zip(said, true, strict=True)
    )


def differences(desk: Bench, bodies: Register, asked: Asked) -> list[str]:
    true = {
        key: (s.n, s.share, s.lower, s.upper, s.unweighted, s.n_population, s.n_effective)
        for key, s in truth_survey.shares(bodies, asked).items()
    }
    said = found(desk)
    lines = [f"only one has {key}" for key in true.keys() ^ said.keys()]
    return lines + [
        f"{key}: {said[key]}, and the truth is {true[key]}"
        for key in true.keys() & said.keys()
        if not same(said[key], true[key])
    ]


@st.composite
def surveys(draw: st.DrawFn) -> tuple[Register, Asked]:
    """A register of towns with their OCMWs and zones, of which any may have answered anything. The
    shape is hypothesis's, the many answers are of a generator that it seeds."""
    year = draw(st.integers(2018, 2022))
    towns = draw(st.integers(1, 60))
    kinds_of_size = draw(st.sets(
        st.sampled_from([None, 900, 19_999, 20_000, 50_000, 50_001]), min_size=1))  # fmt: skip
    rates = draw(st.tuples(*[st.sampled_from([0.05, 0.3, 0.9])] * 3))
    regions = draw(st.sampled_from([(), ("02000",), ("02000", "03000")]))
    rng = Random(draw(st.integers(0, 2**32)))
    organisations, memberships, populations, answers = [], [], [], {}
    for number in range(towns):
        town, size = f"t{number}", rng.choice(sorted(kinds_of_size, key=str))
        region = rng.choice(["02000", "02000", "03000"])
        ends = rng.choice([None, None, None, date(2020, 1, 1)])
        organisations.append(body(town, region=region, valid_to=ends))
        if size is not None:
            populations.append(population(town, size, date(2020, 1, 1)))
            if rng.random() < 0.5:
                populations.append(population(town, 2 * size, date(2021, 2, 1)))
        if rng.random() < 0.5:
            organisations.append(body(f"o{number}", "ocmw", region=region))
            memberships.append(member(f"o{number}", town, rng.choice([None, ends])))
        organisations.append(body(f"z{number // 4}", "police_zone", region=None))
        memberships.append(member(f"z{number // 4}", town))
    unique = {one.organisation_id: one for one in organisations}
    for place, one in enumerate(unique):
        if rng.random() < rates[place % 3 if one[0] == "t" else 1]:
            said = {("q1", ""): rng.choice("abc"), ("q2", "x"): rng.random() < 0.3,
                    ("q2", "y"): rng.random() < 0.9}  # fmt: skip
            answers[one] = {key: value for key, value in said.items() if rng.random() < 0.8}
    kinds = {MUNICIPALITY: regions, OCMW: regions, ("BE", "police_zone"): ()}
    return register(list(unique.values()), memberships, populations), Asked(year, kinds, answers)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(survey=surveys())
def test_any_survey_is_what_plain_python_makes_of_it(built, survey) -> None:
    with bench(built) as desk:
        compute(desk, *survey)
        assert differences(desk, *survey) == []
