"""Plausible rows about maturity and targets; some bodies have no target or no certain phase."""

from collections.abc import Iterator
from datetime import date

from tests.superset import published as small
from tests.superset.published_benchmark import QUARTER, Row, bodies

PHASES = {0: ("nog niet begonnen", "not started"), 1: ("waarnemen", "observation"),
          2: ("activeren en laten deelnemen", "activation and participation"),
          3: ("in gesprek", "conversation")}  # fmt: skip
RULES = [
    ("P1-account", 1, "M01", "heeft een officieel account", "has an official account", 1.0),
    ("P2-posts", 2, "M03", "plaatst minstens één eigen bericht per week",
     "posts at least once a week", 0.6),
    ("P2-growth", 2, "M08", "heeft meer volgers dan een kwartaal eerder",
     "has more followers than a quarter before", 2.4),
    ("P3-replies", 3, "M21", "schrijft minstens één op tien berichten als antwoord",
     "writes at least one in ten messages as an answer", 0.14),
    ("P3-answers", 3, "M26", "beantwoordt minstens 65 % van de openbare vragen binnen zeven dagen",
     "answers at least 65 % of public questions within seven days", 0.59),
]  # fmt: skip
STATES = {"met": ("gehaald", "met"), "not_met": ("niet gehaald", "not met"),
          "unknown": ("niet te zeggen", "unknown")}  # fmt: skip


def _maturities() -> Iterator[Row]:
    for number, body, _, _ in bodies():
        if number == 9:
            continue
        known = number % 3 != 2
        yield {
            "organisation_id": body, "period_start": QUARTER, "phase": 2 if known else None,
            "phase_nl": PHASES[2][0] if known else "niet te zeggen",
            "phase_en": PHASES[2][1] if known else "unknown", "phase_at_least": 2,
            "phase_at_most": 2 if known else 3, "rules_met": 4, "rules_unknown": int(not known),
            "rules": 5, "status": "provisional", "is_synthetic": True,
        }  # fmt: skip


def _evidence() -> Iterator[Row]:
    for body in _maturities():
        for rule, phase, metric, nl, en, value in RULES:
            last = rule == "P3-answers"
            state = ("not_met" if body["phase"] else "unknown") if last else "met"
            unknown = state == "unknown"
            yield {
                "organisation_id": body["organisation_id"], "period_start": QUARTER,
                "rule_id": rule, "phase": phase, "rule_nl": nl, "rule_en": en, "metric_id": metric,
                "basis": "figure", "state": state, "state_nl": STATES[state][0],
                "state_en": STATES[state][1], "value": None if unknown else value,
                "why_nl": "Een beleidskeuze, met de reden erbij zodat ze te betwisten valt.",
                "why_en": "A policy choice, with its reason so that it can be disputed.",
                "missing_reason_nl": "te weinig gevallen" if unknown else None,
                "missing_reason_en": "too few cases" if unknown else None,
                "n_cases": 17 if metric in ("M21", "M26") else None, "is_synthetic": True,
                "threshold": 0.65, "lower": 0.36 if last and not unknown else None,
                "upper": 0.78 if last and not unknown else None,
            }  # fmt: skip


def _group_maturities() -> Iterator[Row]:
    for group, kind, *_, members, _ in small.GROUPS:
        shown = members > 9 and kind == "type"
        for phase, share in enumerate((0.08, 0.3, 0.5, 0.12)):
            yield {
                "group_id": group, "group_kind": kind, "period_start": QUARTER, "phase": phase,
                "share": share if shown else None, "n": members - 2, "n_members": members,
                "n_phase": round(share * (members - 2)) if shown else None,
                "missing_reason": None if shown else "suppressed", "status": "provisional",
            }  # fmt: skip


def _targets() -> Iterator[Row]:
    common = {"is_synthetic": True, "due_on": date(2026, 12, 31), "as_of_on": date(2026, 9, 30),
              "baseline_on": date(2025, 12, 31), "direction": "at_least",
              "segment": "all"}  # fmt: skip
    for number, body, name, _ in bodies():
        if number not in (1, 2, 13):
            continue
        names = {"organisation_id": body, "organisation_name_nl": name, **common}
        yield {
            **names, "target_id": f"{number}-a", "metric_id": "M08", "platform": "facebook",
            "metric_name_nl": "Groei van het aantal volgers", "metric_name_en": "Follower growth",
            "kind": "growth", "target_value": 10, "unit": "percent", "value": 8.2,
            "progress": 0.82, "expected_progress": 0.75, "status": "on_track",
            "status_nl": "op schema", "status_en": "on track", "forecast": 10.9,
            "forecast_lower": 9.7, "forecast_upper": 12.2, "figure_status": "final",
        }  # fmt: skip
        yield {
            **names, "target_id": f"{number}-b", "metric_id": "M26", "platform": "",
            "metric_name_nl": "Responsgraad", "metric_name_en": "Response rate", "kind": "share",
            "target_value": 65, "unit": "percent", "value": 41, "progress": 0.2,
            "expected_progress": 0.75, "status": "behind", "status_nl": "achter op schema",
            "status_en": "behind", "forecast_missing_reason": "too_few_months",
            "figure_status": "provisional",
        }  # fmt: skip
        yield {
            **names, "target_id": f"{number}-c", "metric_id": "M37", "platform": "facebook",
            "metric_name_nl": "Bereik per organisch bericht", "kind": "level", "unit": "persons",
            "metric_name_en": "Reach per organic post", "target_value": 3500,
            "segment": "organic_posts", "status": "no_value", "status_nl": "geen cijfer",
            "status_en": "no figure", "missing_reason_nl": "dit cijfer wordt hier nog niet gemeten",
            "missing_reason_en": "this figure is not measured here yet",
            "forecast_missing_reason": "no_value",
        }  # fmt: skip


ROWS = {
    "rpt_maturity_organisation": _maturities, "rpt_maturity_evidence": _evidence,
    "rpt_maturity": _group_maturities, "rpt_target_progress": _targets,
}  # fmt: skip
