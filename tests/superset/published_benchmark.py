"""Plausible rows about change, waiting, peers and the index.

A row is a dict; what it does not name is NULL. Some bodies have no year before, too few questions
or no index: what the pages must say in words.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.superset import published as small

Row = dict[str, Any]
MONTH, QUARTER = date(2026, 9, 1), date(2026, 7, 1)
HOURS = [0, 0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 36, 48, 72, 96, 120, 144, 168]


def bodies() -> Iterator[tuple[int, str, str, str]]:
    """Number, id, name, size group."""
    for i, name in enumerate(small.NAMES, 1):
        size = ("under_20k", "20k_50k", "over_50k")[(i > 12) + (i > 26)]
        yield i, f"be-municipality-{i:02}", name, f"be-municipality/size-{size}"


def _changes() -> Iterator[Row]:
    for row in small.organisation_rows():
        number, platform, metric, unit, value = int(row[0][-2:]), row[12], row[13], row[16], row[19]
        kind = {0: "new", 3: "definition", 5: "merger"}.get(number % 7, "real")
        if value is None or (metric == "M03" and number % 2):
            continue
        if kind == "definition" and metric not in ("M26", "M29", "M30"):
            kind = "real"
        wave = small.wave(row[0], metric, platform)
        before = None if kind == "new" else value * (1 - 0.25 * wave)
        change = value - before if kind in ("real", "merger") else None
        verdict = None
        if change is not None and metric != "M30":
            verdict = "higher" if change > 0 else "lower" if change < 0 else "same"
            if metric in ("M26", "M29") and abs(change) < 0.2 * value:
                verdict = "not_distinguishable"
        reasons = {
            "real": ("Beide jaren zijn op dezelfde manier gemeten.",
                     "Both years were measured in the same way."),
            "new": ("Een jaar geleden was er nog geen cijfer.",
                    "A year ago there was no figure yet."),
            "definition": ("Het jaar ervoor telde een vraag volgens oudere regels.",
                           "A year ago older rules decided what a question is."),
            "merger": ("Deze organisatie fuseerde: het jaar ervoor is dat van de delen samen.",
                       "This organisation merged: the year before is that of its parts together."),
        }  # fmt: skip
        yield {
            "organisation_id": row[0], "platform": platform, "metric_id": metric, "unit": unit,
            "period_kind": "month", "period_start": MONTH, "value": value, "before_value": before,
            "change": change, "verdict": verdict, "change_kind": kind,
            "reason_nl": reasons[kind][0], "reason_en": reasons[kind][1], "is_synthetic": True,
        }  # fmt: skip


def _group_changes() -> Iterator[Row]:
    for row in small.group_rows():
        group, platform, metric, unit, month, value, n = *row[0:1], *row[6:8], row[10], *row[12:15]
        if month != MONTH or value is None or platform in ("threads", "tiktok"):
            continue
        parts = [value * x * small.wave(group, platform, metric, x) for x in (0.09, 0.03, 0.01)]
        definition = 0.02 * value if metric in ("M26", "M29") else 0.0
        up = round(n * (0.5 + 0.45 * small.wave(group, platform, metric, 0.09)))
        far = abs(2 * up - n) - 1 > 1.96 * n**0.5
        yield {
            "group_id": group, "platform": platform, "metric_id": metric, "unit": unit,
            "period_kind": "month", "period_start": MONTH, "value": value,
            "before_value": value - sum(parts) - definition, "n": n, "compared_n": n,
            "entered_n": 2, "left_n": 1, "merged_away_n": 1, "n_up": up, "n_down": n - up,
            "change": sum(parts) + definition, "real_change": parts[0],
            "composition_change": parts[1], "merger_change": parts[2],
            "definition_change": definition, "is_synthetic": True,
            "verdict": ("higher" if 2 * up > n else "lower") if far else "not_distinguishable",
        }  # fmt: skip


def _curves() -> Iterator[Row]:
    lines = [(g[0], None) for g in small.GROUPS if g[6] >= 5]
    lines += [(group, body) for number, body, _, group in bodies() if number % 4]
    for group, body in lines:
        for platform in sorted(small.PLATFORMS.keys() - small.WITHOUT_QUESTIONS - {"threads"}):
            pace = 9 + 5 * small.wave(group, body, platform)
            most = 0.75 + 0.15 * small.wave(platform, group, body)
            half = pace * 0.5 / (most - 0.5) if most > 0.55 else None
            width = 0.14 if body else 0.03
            for hours in HOURS:
                share = most * hours / (hours + pace)
                yield {
                    "group_id": group, "organisation_id": body, "platform": platform,
                    "period_kind": "quarter", "period_start": QUARTER, "clock": "calendar",
                    "hours": hours, "share": share, "lower": max(0, share - width),
                    "upper": min(1, share + width), "questions": 34 if body else 1340,
                    "organisations": 1 if body else 30, "median_hours": half,
                }  # fmt: skip


def _peers() -> Iterator[Row]:
    everybody = list(bodies())
    for number, body, _, _ in everybody:
        others = [b for b in everybody if b[0] != number]
        for kind, count in (("similar", 12), ("neighbours", 8), ("neighbours_across", 8)):
            for place in range(1, count + 1):
                peer = others[(number * 3 + place * 5 + count) % len(others)]
                yield {
                    "organisation_id": body, "group_kind": kind, "place": place,
                    "peer_id": peer[1], "peer_name_nl": peer[2],
                    "peer_name_en": peer[2], "basis": "similar" if count == 12 else "distance",
                    "distance_km": None if count == 12 else 4.0 + 3 * place,
                    "distance": 0.03 * place if count == 12 else None,
                }  # fmt: skip


def _peer_metrics() -> Iterator[Row]:
    for row in small.organisation_rows():
        body, platform, metric, own, median = row[0], row[12], row[13], row[19], row[33]
        if metric not in ("M05", "M03", "M26", "M29") or own is None or median is None:
            continue
        for kind, n in (("similar", 12), ("neighbours", 8)):
            near = median * (1.1 if n == 8 else 0.95)
            q1, q3, place = None, None, None
            if n > 9 and metric != "M29":
                q1, q3 = near * 0.8, near * 1.25
                outside = "below" if own < q1 else "above" if own > q3 else "middle"
                # a share of cases has an interval
                is_near = metric == "M26" and outside == "above"
                place = "not_distinguishable" if is_near else outside
            yield {
                "group_id": f"{body}/{kind}", "group_kind": kind, "organisation_id": body,
                "platform": platform, "metric_id": metric, "period_kind": "month",
                "period_start": MONTH, "own_value": own, "median": near, "value": near,
                "q1": q1, "q3": q3, "n": n - 1, "n_members": n,
                "position": place,
            }  # fmt: skip


PARTS = [("presence", "Aanwezigheid", "Presence", 0.15), ("reach", "Volgers", "Followers", 0.2),
         ("activity", "Activiteit", "Activity", 0.15),
         ("engagement", "Betrokkenheid", "Engagement", 0.2),
         ("responsiveness", "Antwoorden", "Answers", 0.3)]  # fmt: skip


def _indexes() -> Iterator[Row]:
    for number, body, _, group in bodies():
        has = number % 6 != 5
        yield {
            "organisation_id": body, "group_id": group, "period_kind": "quarter",
            "period_start": QUARTER, "period": "2026-Q3", "status": "provisional",
            "group_name_nl": "Gemeenten in België, minder dan 20.000",
            "group_name_en": "Municipalities in Belgium, under 20,000", "n": 17, "n_members": 20,
            "value": 40.0 + number if has else None, "rank_best": 4 if has else None,
            "rank_worst": 9 if has else None, "n_weightings": 12 if has else None,
            "missing_reason_nl": None if has else "te weinig onderdelen zijn bekend",
            "missing_reason_en": None if has else "too few components are known",
        }  # fmt: skip


def _index_parts() -> Iterator[Row]:
    for body in _indexes():
        for order, (part, nl, en, weight) in enumerate(PARTS, 1):
            score = 50 + 45 * small.wave(body["organisation_id"], part)
            missing = part == "engagement"
            yield {
                "organisation_id": body["organisation_id"], "period_start": QUARTER,
                "component": part, "component_order": order, "component_nl": nl,
                "component_en": en, "published_weight": weight,
                "weight": None if missing else weight / 0.8, "score": None if missing else score,
                "weight_reason_nl": "Zonder dit onderdeel telt de rest minder; daarom dit gewicht.",
                "weight_reason_en": "Without this component the rest counts for less.",
                "missing_reason_nl": "te weinig gevallen" if missing else None,
                "missing_reason_en": "too few cases" if missing else None,
            }  # fmt: skip


ROWS = {
    "rpt_change": _changes, "rpt_group_change": _group_changes, "rpt_response_curve": _curves,
    "rpt_peer": _peers, "rpt_peer_metric": _peer_metrics, "rpt_index": _indexes,
    "rpt_index_component": _index_parts,
}  # fmt: skip
