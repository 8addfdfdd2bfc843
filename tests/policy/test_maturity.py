"""M47: phases and their evidence, by hand."""

from datetime import date
from typing import Any

import pytest

from klankbord.sandbox.truth_policy import RULES, Seen
from klankbord.sandbox.truth_survey import wilson
from tests.policy.warehouse import Bench

MODELS = (
    "marts.fct_maturity_measure",
    "marts.fct_maturity_evidence",
    "marts.fct_maturity",
    "reporting.rpt_maturity",
    "reporting.rpt_maturity_organisation",
    "reporting.rpt_maturity_evidence",
)
QUARTER, END = date(2026, 7, 1), date(2026, 9, 30)
BEFORE = date(2026, 4, 1)
MONTHS = (date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1))
#: rule -> platform -> months, or of P2-growth the two readings
Facts = dict[str, dict[str, Any]]


def compute(desk: Bench, bodies: dict[str, Facts], answers: dict[str, dict[str, bool]]) -> None:
    """Fill what the models read, and run them."""
    metrics, periods, audience = [], [], []
    for body, facts in bodies.items():
        for rule, platforms in facts.items():
            if rule == "P2-growth":
                for platform, readings in platforms.items():
                    for start, count in zip((BEFORE, QUARTER), readings, strict=True):
                        key = {"account_id": f"{body}-{platform}", "period_kind": "quarter",
                               "period_start": start}  # fmt: skip
                        periods.append(key | {
                            "organisation_id": body, "platform": platform,
                            "is_profiles_refused": False, "is_synthetic": True})  # fmt: skip
                        if count is not None:
                            audience.append(key | {"followers": count})
                continue
            for platform, months in platforms.items():
                for start, seen in zip(MONTHS, months, strict=True):
                    value = seen.top / seen.bottom if seen.top is not None and seen.bottom else None
                    metrics.append({
                        "organisation_id": body, "platform": platform,
                        "metric_id": RULES[rule][1], "definition_id": "klankbord",
                        "period_kind": "month", "period_start": start, "value": value,
                        "numerator": seen.top, "denominator": seen.bottom, "n_cases": seen.cases,
                        "missing_reason": "not_observed" if value is None else None,
                        "status": "final", "is_synthetic": True})  # fmt: skip
    desk.fill("marts.fct_metric", metrics)
    desk.fill("intermediate.int_account_periods", periods)
    desk.fill("marts.fct_audience_period", audience)
    desk.fill("intermediate.int_platform_periods", [
        {"platform": "facebook", "period_kind": "quarter", "period_start": QUARTER, "last_on": END}
    ])  # fmt: skip
    desk.fill("marts.dim_organisation", [
        {"organisation_id": body, "as_of_on": END, "country": "BE", "name_nl": body,
         "name_en": body, "organisation_type": "municipality"} for body in bodies
    ])  # fmt: skip
    desk.fill("marts.dim_group_member", [
        {"group_id": "all", "organisation_id": body, "as_of_on": END} for body in bodies
    ])  # fmt: skip
    desk.fill("marts.dim_peer_group", [{"group_id": "all", "group_kind": "type"}])
    desk.fill("raw.surveys", [{
        "survey_id": "s", "title": "S", "year": 2025, "digest": "d", "responses": 1,
        "incomplete": 0, "repeated": 0, "without_organisation": 0, "file_name": "f",
        "imported_at": "2026-01-01"}])  # fmt: skip
    desk.fill("staging.maturity_survey", [
        {"rule_id": rule, "survey_id": "s", "question_code": "q", "subquestion_code": rule,
         "answer_code": None, "is_named_agreed": True} for rule in RULES
    ])  # fmt: skip
    desk.fill("intermediate.int_survey_choices", [
        {"survey_id": "s", "organisation_id": body, "question_code": "q", "subquestion_code": rule,
         "answer_code": "", "is_chosen": said}
        for body, given in answers.items() for rule, said in given.items()
    ])  # fmt: skip
    desk.run(*MODELS)


def ratio(*pairs: tuple[float | None, float | None, int]) -> list[Seen]:
    return [Seen(*pair) for pair in pairs]


YES = {
    "P1-account": {"x": ratio((0, 1, 1), (1, 1, 1), (1, 1, 1))},
    "P2-posts": {"x": ratio((None, None, 0), (None, None, 0), (5, 30, 5))},
    "P2-growth": {"x": (1000, 1001)},
    "P3-replies": {"x": ratio((1, 10, 10), (None, None, 0), (1, 10, 10))},
    "P3-answers": {"x": ratio((13, 20, 20), (None, None, 0), (None, None, 0))},
}


def said(desk: Bench) -> dict[str, tuple]:
    return {
        body: tuple(rest)
        for body, *rest in desk.rows(
            "select organisation_id, phase, phase_at_least, phase_at_most"
            " from reporting.rpt_maturity_organisation"
        )
    }


def test_the_phases_by_hand(desk: Bench) -> None:
    """Each town misses one thing of the third phase, or of those before it."""
    nothing = {"x": ratio((None, None, 0), (None, None, 0), (None, None, 0))}
    changed = {
        "all": {},
        "no account": {"P1-account": {"x": ratio((0, 1, 1), (0, 1, 1), (0, 1, 1))}},
        "few posts": {"P2-posts": {"x": ratio((4, 31, 4), (4, 31, 4), (4, 30, 4))}},
        "posts elsewhere": {"P2-posts": {"x": nothing["x"], "y": ratio(*[(5, 30, 5)] * 3)}},
        "posts unknown": {"P2-posts": nothing},
        "as many as before": {"P2-growth": {"x": (1000, 1000)}},
        "one channel lost more": {"P2-growth": {"x": (1000, 1010), "y": (500, 480)}},
        "a new channel": {"P2-growth": {"x": (1000, 995), "y": (0, 10)}},
        "only a new channel": {"P2-growth": {"y": (0, 10)}},
        "one channel was not read": {"P2-growth": {"x": (1000, 1010), "y": (None, 480)}},
        "growth unknown, few posts": {
            "P2-growth": {"x": (None, 5)}, "P2-posts": {"x": ratio(*[(1, 30, 1)] * 3)},
        },
        "few answers": {"P3-answers": {"x": ratio((12, 19, 19), *[(None, None, 0)] * 2)}},
        "four questions": {"P3-answers": {"x": ratio((4, 4, 4), *[(None, None, 0)] * 2)}},
        "no questions": {"P3-answers": nothing},
        "no replies, no questions": {"P3-replies": {"x": ratio(*[(0, 9, 9)] * 3)},
                                     "P3-answers": nothing},
    }  # fmt: skip
    compute(desk, {name: YES | facts for name, facts in changed.items()}, {})
    assert said(desk) == {
        "all": (3, 3, 3),
        "no account": (0, 0, 0),
        "few posts": (1, 1, 1),
        "posts elsewhere": (3, 3, 3),
        "posts unknown": (None, 1, 3),
        "as many as before": (1, 1, 1),
        "one channel lost more": (1, 1, 1),
        "a new channel": (3, 3, 3),
        "only a new channel": (None, 1, 3),
        "one channel was not read": (3, 3, 3),
        "growth unknown, few posts": (1, 1, 1),
        "few answers": (2, 2, 2),
        "four questions": (None, 2, 3),
        "no questions": (None, 2, 3),
        "no replies, no questions": (2, 2, 2),
    }
    evidence = desk.rows(
        "select rule_id, value, threshold, state, n_months, n_cases, platforms, basis"
        " from reporting.rpt_maturity_evidence where organisation_id = 'all' order by 1"
    )
    assert [(row[0], pytest.approx(row[1]), *row[2:]) for row in evidence] == [
        ("P1-account", pytest.approx(2 / 3), 0.0, "met", 3, 3, "x", "census"),
        ("P2-growth", pytest.approx(0.1), 0.0, "met", 1, 1, "x", "census"),
        ("P2-posts", pytest.approx(1 / 6), 0.142857, "met", 1, 5, "x", "census"),
        ("P3-answers", pytest.approx(0.65), 0.65, "met", 1, 20, "x", "census"),
        ("P3-replies", pytest.approx(0.1), 0.1, "met", 2, 20, "x", "census"),
    ]
    reasons = desk.rows(
        "select organisation_id, missing_reason_nl from reporting.rpt_maturity_evidence"
        " where missing_reason is not null order by 1"
    )
    assert dict(reasons) == {
        "only a new channel": "er was niets te beantwoorden of te tellen",
        "four questions": "te weinig gevallen", "no questions": "niet waargenomen",
        "posts unknown": "niet waargenomen", "no replies, no questions": "niet waargenomen",
        "growth unknown, few posts": "niet waargenomen",
    }  # fmt: skip
    # of eleven towns with a known phase four are in the third, and so on
    shares = desk.rows(
        "select phase, share, n_phase, n, n_members, lower, upper from reporting.rpt_maturity"
        " order by 1"
    )
    assert [row[0:1] + row[2:5] for row in shares] == [
        (0, 1, 11, 15), (1, 4, 11, 15), (2, 2, 11, 15), (3, 4, 11, 15)
    ]  # fmt: skip
    for _, share, n_phase, n, _, lower, upper in shares:
        assert share == pytest.approx(n_phase / n)
        assert (lower, upper) == pytest.approx(wilson(n_phase / n, n))


def test_a_survey_answers_what_the_census_does_not_know(desk: Bench) -> None:
    none = {"x": ratio((0, 1, 1), (0, 1, 1), (0, 1, 1))}
    unknown = {"x": ratio(*[(None, None, 0)] * 3)}
    bodies = {
        "listens": YES | {"P1-account": none},
        "does not": YES | {"P1-account": none},
        "answers": YES | {"P3-answers": unknown},
        "ignores": YES | {"P3-answers": unknown},
        "is counted": YES,
    }
    compute(desk, bodies, {
        "listens": {"P1-account": True}, "does not": {"P1-account": False},
        "answers": {"P3-answers": True}, "ignores": {"P3-answers": False},
        "is counted": {"P3-answers": False},
    })  # fmt: skip
    assert {body: one for body, (one, *_) in said(desk).items()} == {
        "listens": 3, "does not": 0, "answers": 3, "ignores": 2, "is counted": 3,
    }  # fmt: skip
    assert desk.rows(
        "select organisation_id, rule_id, value, survey_id from reporting.rpt_maturity_evidence"
        " where basis = 'survey' order by 1"
    ) == [("answers", "P3-answers", 1, "s"), ("ignores", "P3-answers", 0, "s"),
          ("listens", "P1-account", 1, "s")]  # fmt: skip
    desk.execute("update raw.surveys set year = 2024")
    desk.run(*MODELS)
    assert said(desk)["answers"] == (None, 2, 3)


def test_under_five_nothing_is_said_of_a_group(desk: Bench) -> None:
    unknown = YES | {"P3-answers": {}}
    compute(desk, {f"t{n}": YES if n < 4 else unknown for n in range(9)}, {})
    assert desk.rows(
        "select distinct share, lower, upper, n_phase, n, n_members, missing_reason"
        " from reporting.rpt_maturity"
    ) == [(None, None, None, None, 4, 9, "suppressed")]
