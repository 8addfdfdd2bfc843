"""What the crisis clock rests on: of a body in an incident the messages that were considered (M34,
M35), of an incident on a platform its partners (M36), of a quarter its cases (M34 of a type)."""

import math
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from klankbord.explain import arithmetic, reading
from klankbord.explain.figure_ids import FigureId

Row = dict[str, Any]
SHOWN = ("value", "unit", "n", "n_cases", "n_all", "median_delay_minutes", "is_within_norm",
         "confidence", "match_level", "coverage", "access_tier", "status", "missing_reason",
         "definition_version", "is_synthetic")  # fmt: skip
_VALUE = {"M34": "delay_minutes", "M35": "median_update_gap_minutes"}


def read(cursor: Any, wanted: FigureId) -> Row:
    """The body's row of the incident, the platform's of its amplification, or the quarter's."""
    if wanted.kind == "incidents":
        key: Row = {"group_id": wanted.subject,
                    "period_start": reading.start_of(wanted.period)}  # fmt: skip
        if row := reading.row(cursor, wanted, "group_incident", key):
            return row | {"unit": "within the norm"}
        raise reading.absent(wanted, "the incidents of a type are told by quarter")
    source, _, incident = wanted.of.partition("/")
    key = {"incident_id": incident, "source": source}
    if wanted.metric_id == "M36":
        part, key = "incident_amplification", key | {"platform": wanted.subject}
    else:
        part, key = "incident_organisation", key | {"organisation_id": wanted.subject}
    row = reading.row(cursor, wanted, part, key)
    if row is None:
        raise reading.absent(
            wanted, "`klankbord incident show` has the incident's bodies and platforms"
        )
    if wanted.metric_id == "M36":
        return row | {"value": row["amplification_share"], "unit": "of its partners"}
    value = row[_VALUE[wanted.metric_id]]
    reason = row["missing_reason"] or ("one_message_or_open" if value is None else None)
    return row | {"value": value, "unit": "minutes", "missing_reason": reason}


def explained(cursor: Any, wanted: FigureId, metric: Row, row: Row) -> Row:
    if wanted.kind == "incidents":
        return _quarter(cursor, wanted, row)
    if wanted.metric_id == "M36":
        return _amplification(cursor, wanted, row)
    return _body(cursor, wanted, row)


def _body(cursor: Any, wanted: FigureId, row: Row) -> Row:
    source, _, incident = wanted.of.partition("/")
    cursor.execute(
        "select platform, account_id, post_id, message_kind, created_at, is_counted, confidence,"
        " match_level, evidence from published.rpt_incident_message where source = %s"
        " and incident_id = %s and organisation_id = %s order by created_at, post_id",
        [source, incident, wanted.subject],
    )
    messages = [dict(found) for found in cursor.fetchall()]
    cursor.execute(
        "select platform, account_id, observed_until_at, followed_until_at, is_posts_refused"
        " from intermediate.int_incident_accounts where source = %s and incident_id = %s"
        " and organisation_id = %s order by platform",
        [source, incident, wanted.subject],
    )
    channels = [dict(found) for found in cursor.fetchall()]
    # what somebody else wrote and a body repeated is amplification, and no message of its own
    own = [m for m in messages if m["is_counted"] and m["message_kind"] == "own"]
    first = [m for m in own if m["platform"] == row["first_platform"]]
    said = {"delay_minutes": None, "median_update_gap_minutes": None}
    if first:
        said["delay_minutes"] = _minutes(first[0]["created_at"] - row["alarmed_at"])
        if row["median_update_gap_minutes"] is not None:
            said["median_update_gap_minutes"] = arithmetic.quantile(gaps(first), 0.5)
    different = [
        f"{name} is published as {row[name]} and its messages give {mine}"
        for name, mine in said.items()
        if not arithmetic.is_same(row[name], mine)
    ]
    earlier = [
        m for m in own if row["first_message_at"] and m["created_at"] < row["first_message_at"]
    ]
    if earlier:
        different.append(f"{earlier[0]['post_id']} on {earlier[0]['platform']} came earlier")
    cursor.execute(
        "select e.extraction_id::text, e.platform, e.run_id, e.started_at, e.request_count"
        " from raw.extractions as e where e.extraction_id in (select extraction_id"
        " from raw.outcomes where account_id = any(%s) and stream = 'posts' and scan_on >= %s"
        " and scan_on <= %s) order by e.platform, e.started_at",
        [[c["account_id"] for c in channels], row["alarmed_at"].date(),
         row["alarmed_at"].date() + timedelta(days=2)],
    )  # fmt: skip
    return {
        "notes": [f"Alarm at {row['alarmed_at']:%Y-%m-%d %H:%M:%S} UTC, from {source}"],
        "branches": [
            {"title": "Own messages that were considered", "rows": messages},
            {"title": "Channels, and until when they were watched", "rows": channels},
            {"title": "API answers (extractions of these days)",
             "rows": [dict(found) for found in cursor.fetchall()]},
        ],
        "recomputed": said | {"value": said[_VALUE[wanted.metric_id]]},
        "recomputed_from": "the messages",
        "different": different,
        "missing": [row["missing_reason"]] if row["missing_reason"] else [],
    }  # fmt: skip


def gaps(messages: Sequence[Row]) -> list[float]:
    """Minutes between messages that follow each other."""
    return [
        _minutes(after["created_at"] - before["created_at"]) for before, after in pairwise(messages)
    ]


def _minutes(span: timedelta) -> float:
    return span.total_seconds() / 60


def _amplification(cursor: Any, wanted: FigureId, row: Row) -> Row:
    source, _, incident = wanted.of.partition("/")
    key = [source, incident, wanted.subject]
    cursor.execute(
        "select p.organisation_id, p.has_repeated, r.repeated_at, r.reference_kind, r.post_id"
        " from intermediate.int_incident_partners as p left join (select distinct on"
        " (organisation_id) * from intermediate.int_incident_repeats where source = %s"
        " and incident_id = %s and platform = %s order by organisation_id, repeated_at) as r"
        " using (organisation_id) where p.source = %s and p.incident_id = %s and p.platform = %s"
        " order by r.repeated_at nulls last, p.organisation_id",
        key + key,
    )
    partners = [dict(found) for found in cursor.fetchall()]
    repeated = sum(1 for p in partners if p["post_id"] is not None)
    computed = repeated / len(partners) if partners else None
    different = (
        [] if arithmetic.is_same(row["value"], computed)
        else [f"value is published as {row['value']} and its partners give {computed}"]
    )  # fmt: skip
    return {
        "notes": [f"First here: {row['first_organisation_id'] or 'nobody'}"],
        "branches": [{"title": "Partners who could be watched for an hour", "rows": partners}],
        "recomputed": {"value": computed},
        "recomputed_from": "the partners",
        "different": different,
        "missing": [row["missing_reason"]] if row["missing_reason"] else [],
    }


def _quarter(cursor: Any, wanted: FigureId, row: Row) -> Row:
    cursor.execute(
        "select f.source, f.incident_id, f.organisation_id, f.delay_minutes, f.is_within_norm,"
        " f.missing_reason, f.is_final from marts.fct_incident_organisation as f"
        " inner join intermediate.int_incident_places as p using (source, incident_id)"
        " inner join intermediate.int_incident_names as n using (source, incident_id,"
        " organisation_id) where p.has_large_impact and p.incident_kind <> 'exercise'"
        " and lower(n.country) || '-' || n.organisation_type = %s"
        " and date_trunc('quarter', p.alarmed_on::timestamp)::date = %s"
        " order by f.delay_minutes nulls last, f.source, f.incident_id, f.organisation_id",
        [wanted.subject, row["period_start"]],
    )
    cases = [dict(found) for found in cursor.fetchall()]
    known = [c for c in cases if c["is_within_norm"] is not None]
    within = sum(1 for c in known if c["is_within_norm"])
    delays = [math.inf if c["delay_minutes"] is None else c["delay_minutes"] for c in known]
    middle = _middle(delays)
    computed = {
        "value": within / len(known) if known else None, "n_cases": len(known),
        "n_all": len(cases), "n": len({c["organisation_id"] for c in known}),
        "median_delay_minutes": middle,
    }  # fmt: skip
    different = [
        f"{name} is published as {row[name]} and its cases give {mine}"
        for name, mine in computed.items()
        if not arithmetic.is_same(row[name], mine)
    ]
    return {
        "branches": [{"title": "Cases", "rows": [
            c | {"figure": str(FigureId("M34", "", c["organisation_id"], "", kind="incident",
                                        of=f"{c['source']}/{c['incident_id']}"))}
            for c in cases
        ]}],
        "recomputed": computed,
        "recomputed_from": "its cases",
        "different": different,
        "missing": [f"{len(cases) - len(known)} cases of which nothing is known"]
        if len(known) < len(cases) else [],
    }  # fmt: skip


def _middle(delays: list[float]) -> float | None:
    """The median; silence is later than any message, and none is told where half were silent."""
    ordered = sorted(delays)
    if not ordered:
        return None
    middle = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return None if math.inf in middle else sum(middle) / 2
