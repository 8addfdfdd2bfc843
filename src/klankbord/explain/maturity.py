"""What a phase (M47) rests on: of a body its rules, each with the figures that it looks at; of a
group the phases of its members."""

import operator
from collections import Counter
from typing import Any

from klankbord.explain import arithmetic, reading
from klankbord.explain.figure_ids import BY_NAME, FigureId

Row = dict[str, Any]
SHOWN = ("value", "unit", "n", "n_members", "phase_at_least", "phase_at_most", "access_tier",
         "status", "missing_reason", "definition_version", "is_synthetic")  # fmt: skip
_MEETS = {">": operator.gt, ">=": operator.ge}


def read(cursor: Any, wanted: FigureId) -> Row:
    """The body's phase, or of a group the row of its first phase with all phases in `phases`."""
    start = reading.start_of(wanted.period)
    body = {"organisation_id": wanted.subject, "period_start": start}
    if row := reading.row(cursor, wanted, "organisation_maturity", body):
        said = row["phase"] if row["phase"] is None else f"phase {row['phase']}"
        return row | {"value": said, "unit": "", "subject_kind": "phase of a body"}
    group = {"group_id": wanted.subject, "period_start": start}
    if phases := reading.rows(cursor, wanted, "group_maturity", group):
        phases.sort(key=lambda row: row["phase"])
        shares = ", ".join(f"{row['phase']}: {row['share']:.4g}" for row in phases
                           if row["share"] is not None)  # fmt: skip
        return phases[0] | {
            "value": shares or None, "unit": "of the members whose phase is known", "phase": None,
            "phases": phases, "subject_kind": "phases of a group",
        }  # fmt: skip
    raise reading.absent(wanted, f"phases are told by quarter: {BY_NAME['maturity'].example}")


def explained(cursor: Any, wanted: FigureId, metric: Row, row: Row) -> Row:
    return _group(cursor, wanted, row) if "phases" in row else _body(cursor, wanted, row)


def _body(cursor: Any, wanted: FigureId, row: Row) -> Row:
    key = {"organisation_id": wanted.subject, "period_start": reading.start_of(wanted.period)}
    rules = reading.rows(cursor, wanted, "maturity_evidence", key)
    rules.sort(key=lambda rule: (rule["phase"], rule["rule_id"]))
    cursor.execute("select rule_id, min_cases, min_months from staging.maturity_rules")
    limits = {limit["rule_id"]: limit for limit in cursor.fetchall()}
    for rule in rules:
        rule |= {k: v for k, v in limits.get(rule["rule_id"], {}).items() if k != "rule_id"}
    states = {rule["rule_id"]: _state(rule) for rule in rules}
    different = [
        f"{rule['rule_id']}: {rule['value']} {rule['comparison']} {rule['threshold']} is"
        f" {states[rule['rule_id']]} and {rule['state']} is published"
        for rule in rules
        if states[rule["rule_id"]] != rule["state"]
    ]
    at_least, at_most = ladder([(rule["phase"], states[rule["rule_id"]]) for rule in rules])
    computed = f"phase {at_least}" if at_least == at_most else None
    if (at_least, at_most) != (row["phase_at_least"], row["phase_at_most"]):
        different.insert(
            0,
            f"phase {row['phase_at_least']} to {row['phase_at_most']} is published and its rules"
            f" give {at_least} to {at_most}",
        )
    return {
        "branches": [{"title": "Rules, with what they look at", "rows": [
            {name: rule[name] for name in ("phase", "rule_id", "rule_en", "basis", "value",
             "comparison", "threshold", "state", "missing_reason", "n_cases", "min_cases",
             "survey_id")}
            | {"figures": _figures(rule, wanted)}
            for rule in rules
        ]}],
        "recomputed": {"value": computed, "at_least": at_least, "at_most": at_most},
        "recomputed_from": "its rules",
        "different": different,
        "missing": [
            f"{rule['rule_id']}: {rule['missing_reason']}" for rule in rules
            if rule["state"] == "unknown"
        ],
    }  # fmt: skip


def _state(rule: Row) -> str:
    """What the value says of the rule; a survey's answer is 1 or 0. Of too few cases or months
    nothing is said."""
    if rule["value"] is None or _is_under(rule, "n_cases") or _is_under(rule, "n_months"):
        return "unknown"
    if rule["basis"] == "survey":
        return "met" if rule["value"] else "not_met"
    return "met" if _MEETS[rule["comparison"]](rule["value"], rule["threshold"]) else "not_met"


def _is_under(rule: Row, count: str) -> bool:
    least = rule.get(count.replace("n_", "min_"))
    return rule["basis"] == "census" and bool(least) and (rule[count] or 0) < least


def ladder(rules: list[tuple[int, str]]) -> tuple[int, int]:
    """(least, most) of the phase that rules (phase, state) allow: a phase is reached when all of
    its rules and of those before it are met; one that is unknown leaves it open."""
    at_least, at_most, is_open = 0, 0, True
    for phase in sorted({phase for phase, _ in rules}):
        states = {state for one, state in rules if one == phase}
        if "not_met" in states:
            break
        at_most = phase
        is_open = is_open and states == {"met"}
        if is_open:
            at_least = phase
    return at_least, at_most


def _figures(rule: Row, wanted: FigureId) -> str:
    """The names of the figures that a rule looked at; a survey's answer has none."""
    if rule["basis"] == "survey" or not rule["platforms"]:
        return ""
    platforms = rule["platforms"].replace(",", " ").split()
    return " ".join(
        str(FigureId(rule["metric_id"], platform, wanted.subject, wanted.period))
        for platform in platforms
    )


def _group(cursor: Any, wanted: FigureId, row: Row) -> Row:
    cursor.execute(
        "select f.organisation_id, o.name_nl as name, f.phase, f.missing_reason"
        " from marts.fct_maturity as f"
        " inner join marts.dim_group_member as m on f.organisation_id = m.organisation_id"
        " and f.as_of_on = m.as_of_on inner join marts.dim_organisation as o"
        " on f.organisation_id = o.organisation_id and f.as_of_on = o.as_of_on"
        " where m.group_id = %s and f.period_start = %s order by f.phase, f.organisation_id",
        [wanted.subject, reading.start_of(wanted.period)],
    )
    members = [dict(found) for found in cursor.fetchall()]
    counts = Counter(m["phase"] for m in members if m["phase"] is not None)
    known = sum(counts.values())
    different = [
        f"{phase['share']} in phase {phase['phase']} is published and its members give"
        f" {counts[phase['phase']]} of {known}"
        for phase in row["phases"]
        if not arithmetic.is_same(phase["share"], counts[phase["phase"]] / known)
    ]
    if (row["n"], row["n_members"]) != (known, len(members)):
        different.append(f"{row['n']} of {row['n_members']} members are published and there are"
                         f" {known} of {len(members)}")  # fmt: skip
    return {
        "branches": [{"title": "Members, with their phases", "rows": [
            m | {"figure": f"M47:all:{m['organisation_id']}:{wanted.period}"} for m in members
        ]}],
        "recomputed": {"value": ", ".join(f"{phase}: {n / known:.4g}"
                                          for phase, n in sorted(counts.items()))},
        "recomputed_from": "its members",
        "different": different,
        "missing": [f"{len(members) - known} members have no phase that is known"]
        if known < len(members) else [],
    }  # fmt: skip
