"""Plausible rows about incidents and a survey; one incident is met with silence."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tests.superset.published_benchmark import QUARTER, Row


def _incident_groups() -> Iterator[Row]:
    for group, share, n in (("be-municipality", 0.42, 19), ("be-police_zone", 0.68, 12),
                            ("be-emergency_zone", None, 3)):  # fmt: skip
        yield {
            "group_id": group, "period_kind": "quarter", "period_start": QUARTER, "value": share,
            "lower": share and share - 0.2, "upper": share and share + 0.2, "n": n,
            "median_delay_minutes": share and 7.0, "n_cases": n + 4, "n_all": n + 9,
            "status": "provisional", "missing_reason": None if share else "suppressed",
        }  # fmt: skip


def _incidents() -> Iterator[Row]:
    for i in range(1, 7):
        silent = i == 3
        yield {
            "source": "brandweer", "incident_id": f"2026-{i:03}", "municipality_name_nl": "Geel",
            "country": "BE", "municipality_name_en": "Geel",
            "incident_kind_nl": "Brand", "incident_kind_en": "Fire",
            "has_large_impact": i % 2 == 0, "bodies": 5, "observed_bodies": 4,
            "bodies_within_norm": 0 if silent else 2, "norm_minutes": 5,
            "first_delay_minutes": None if silent else 3.0 + i,
            "first_organisation_name_nl": None if silent else "Politiezone Neteland",
            "first_organisation_name_en": None if silent else "Politiezone Neteland",
            "first_platform": None if silent else "x", "partners": 6,
            "amplifying_partners": 0 if silent else 2, "status": "final", "is_synthetic": True,
            "alarmed_at": datetime(2026, 9, 3, 14, 12, tzinfo=UTC) + timedelta(days=3 * i),
        }  # fmt: skip


def _incident_bodies() -> Iterator[Row]:
    for incident in _incidents():
        if incident["first_platform"] is None:
            continue
        for i, (name, role) in enumerate((("Politiezone Neteland", "police_zone"),
                                          ("Gemeente Geel", "municipality"),
                                          ("Brandweerzone Kempen", "emergency_zone"),
                                          ("Gemeente Mol", "neighbour"))):  # fmt: skip
            delay = (4.0, 11.0, None, None)[i]
            yield {
                "source": "brandweer", "incident_id": incident["incident_id"],
                "organisation_id": f"b-{i}", "organisation_name_nl": name, "body_role": role,
                "organisation_name_en": name, "first_platform": "x" if delay else None,
                "delay_minutes": delay, "is_within_norm": (True, False, False, None)[i],
                "updates_6h": (4, 1, 0, None)[i],
                "median_update_gap_minutes": (55.0, None, None, None)[i],
                "missing_reason": (None, None, "no_message", "not_observed")[i],
            }  # fmt: skip


def _incident_messages() -> Iterator[Row]:
    for body in _incident_bodies():
        if body["delay_minutes"]:
            for k in range(2):
                yield {
                    "source": "brandweer", "incident_id": body["incident_id"],
                    "post_id": f"{body['organisation_id']}-{k}", "platform": "x",
                    "organisation_name_nl": body["organisation_name_nl"], "is_counted": k == 0,
                    "organisation_name_en": body["organisation_name_en"], "message_kind": "own",
                    "minute": body["delay_minutes"] + 35 * k,
                    "match_level": ("certain", "unlikely")[k],
                }  # fmt: skip


def _survey_shares() -> Iterator[Row]:
    for code, question, share in (("V1", "Beantwoordt u vragen van inwoners?", 0.78),
                                  ("V2", "Laat u inwoners deelnemen?", 0.15)):  # fmt: skip
        for group, nl, en, n in (("all", "alle gevraagde besturen", "all that were asked", 193),
                                 ("be-municipality", "gemeenten in België",
                                  "municipalities in Belgium", 119),
                                 ("be-province", "provincies in België",
                                  "provinces in Belgium", 3)):  # fmt: skip
            few = n < 5
            yield {
                "survey_id": "s2016", "survey_title": "Sociale media", "survey_year": 2016,
                "question_code": code, "question": question, "subquestion_code": "",
                "subquestion": "", "answer_code": "Y", "answer_label": "Ja", "group_id": group,
                "population_nl": nl, "population_en": en, "share": None if few else share,
                "lower": None if few else share - 0.06, "upper": None if few else share + 0.06,
                "unweighted_share": None if few else share + 0.02, "n": n, "n_population": n * 2,
                "missing_reason": "suppressed" if few else None,
            }  # fmt: skip


def _survey_responses() -> Iterator[Row]:
    for group, nl, en, asked, answered in (
        ("be-municipality", "gemeenten in België", "municipalities in Belgium", 241, 119),
        ("be-ocmw", "OCMW's in België", "public centres in Belgium", 181, 44),
        ("be-police_zone", "politiezones in België", "police zones in Belgium", 117, 30),
    ):
        yield {
            "survey_id": "s2016", "survey_title": "Sociale media", "survey_year": 2016,
            "group_id": group, "population_nl": nl, "population_en": en, "addressed": asked,
            "responses": answered, "response_rate": answered / asked, "is_represented": True,
        }  # fmt: skip


ROWS = {
    "rpt_incident_group": _incident_groups, "rpt_incident": _incidents,
    "rpt_incident_organisation": _incident_bodies, "rpt_incident_message": _incident_messages,
    "rpt_survey_share": _survey_shares, "rpt_survey_response": _survey_responses,
}  # fmt: skip
