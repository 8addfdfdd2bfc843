"""What response bands (M32) and their curve rest on: the questions of the body, or of a group's
members, one time each; they are counted and timed anew, by both clocks."""

import math
from collections import defaultdict
from typing import Any

from klankbord.explain import arithmetic, reading
from klankbord.explain.figure_ids import FigureId

Row = dict[str, Any]
SHOWN = ("value", "unit", "n", "n_members", "coverage", "access_tier", "status", "missing_reason",
         "definition_version", "is_synthetic")  # fmt: skip
#: clock -> hours to the answer, hours followed (columns of fct_question)
CLOCKS = {
    "calendar": ("response_hours", "follow_up_hours"),
    "opening_hours": ("open_response_hours", "open_follow_up_hours"),
}


def read(cursor: Any, wanted: FigureId) -> Row:
    """The first band's row, with all `bands` and the points of the `curve`."""
    for who, part in (("group_id", "group"), ("organisation_id", "organisation")):
        key: Row = {who: wanted.subject, "platform": wanted.platform, "period": wanted.period}
        if part == "group":
            key["organisation_id"] = None
        bands = reading.rows(cursor, wanted, f"{part}_response_time", key)
        if bands:
            bands.sort(key=lambda row: (row["clock"], row["band_order"]))
            curve = reading.rows(cursor, wanted, f"{part}_response_curve", key)
            curve.sort(key=lambda row: (row["clock"], row["hours"]))
            questions = sum(row["questions"] for row in bands if row["clock"] == "calendar")
            return bands[0] | {
                "bands": bands, "curve": curve, "value": float(questions),
                "unit": "closed questions", "subject_kind": part,
            }  # fmt: skip
    raise reading.absent(
        wanted, "bands are told where questions are closed, and of groups whose M26 is shown"
    )


def explained(cursor: Any, wanted: FigureId, metric: Row, row: Row) -> Row:
    start = reading.start_of(wanted.period)
    questions = _questions(cursor, wanted, row["subject_kind"] == "group", start)
    cursor.execute("select band, over_hours, up_to_hours from staging.response_bands")
    limits = {found["band"]: found for found in cursor.fetchall()}
    different = []
    for band in row["bands"]:
        hours = _closed(questions, band["clock"])
        limit = limits[band["band"]]
        upto = math.inf if limit["up_to_hours"] is None else limit["up_to_hours"]
        mine = sum(limit["over_hours"] < hour <= upto for hour in hours)
        if mine != band["questions"] or not arithmetic.is_same(band["share"], mine / len(hours)):
            different.append(
                f"{band['questions']} of {band['clock']} {band['band']} are published and the"
                f" questions give {mine} of {len(hours)}"
            )
    for point in row["curve"]:
        mine = answered_by(_cases(questions, point["clock"]), point["hours"])
        if not math.isclose(point["share"], mine, abs_tol=1e-9):
            different.append(
                f"{point['share']} answered after {point['hours']} hours ({point['clock']}) is"
                f" published and the questions give {mine}"
            )
    by_body: dict[str, list[Row]] = defaultdict(list)
    for question in questions:
        by_body[question["organisation_id"]].append(question)
    return {
        "notes": ["Intervals are not computed a second time here: see fct_response_effect"],
        "branches": [
            {"title": "Bands", "rows": [_some(band, "clock", "band", "questions", "share", "lower",
                                              "upper") for band in row["bands"]]},
            {"title": "Curve", "rows": [_some(point, "clock", "hours", "share", "at_risk", "lower",
                                              "upper") for point in row["curve"]]},
            {"title": "Whose questions", "rows": [
                {"organisation_id": body, "questions": len(of),
                 "closed": sum(q["is_closed"] for q in of),
                 "answered": sum(bool(q["is_answered"]) for q in of),
                 "figure": str(FigureId("M26", wanted.platform, body, wanted.period))}
                for body, of in sorted(by_body.items())
            ]},
        ],
        "recomputed": {"value": float(len(_closed(questions, "calendar")))},
        "recomputed_from": "the questions",
        "different": different,
        "missing": ["provisional: questions were still open"]
        if row.get("status") == "provisional" else [],
    }  # fmt: skip


def _some(row: Row, *names: str) -> Row:
    return {name: row[name] for name in names}


def _questions(cursor: Any, wanted: FigureId, is_group: bool, start: Any) -> list[Row]:
    """Each question's moments: no id, no author. Of a group those of its members on its day."""
    cursor.execute(
        "select p.organisation_id, q.is_closed, q.is_answered, q.is_answered_in_time,"
        " q.response_hours, q.follow_up_hours, q.open_response_hours, q.open_follow_up_hours"
        " from intermediate.int_account_periods as p inner join marts.fct_question as q"
        " on p.account_id = q.account_id and q.created_on between p.period_start and p.period_end"
        " where p.platform = %(platform)s and p.period_kind = %(kind)s"
        " and p.period_start = %(start)s"
        " and ((not %(is_group)s and p.organisation_id = %(subject)s)"
        " or (%(is_group)s and p.organisation_id in (select m.organisation_id"
        " from marts.dim_group_member as m where m.group_id = %(subject)s"
        " and m.as_of_on = p.last_on)))",
        {"subject": wanted.subject, "platform": wanted.platform, "start": start,
         "kind": reading.kind_of(wanted.period), "is_group": is_group},
    )  # fmt: skip
    return [dict(found) for found in cursor.fetchall()]


def _closed(questions: list[Row], clock: str) -> list[float]:
    """Hours to the answer of closed questions; infinite without one in time."""
    hours, followed = CLOCKS[clock]
    found = []
    for question in questions:
        if question["is_closed"]:
            if question["is_answered"]:
                found.append(question[hours])
            elif clock == "calendar" or question[followed] is not None:
                found.append(math.inf)
    return [hour for hour in found if hour is not None]


def _cases(questions: list[Row], clock: str) -> list[tuple[float, bool]]:
    """(hours, was it answered then) of every question that could be followed, in whole quarters of
    an hour: a curve is drawn at their ends (fct_response_bin_period)."""
    hours, followed = CLOCKS[clock]
    found = []
    for question in questions:
        is_answered = question["is_answered_in_time"]
        if question[followed] is None or (is_answered and question[hours] is None):
            continue
        last = math.floor(question[followed] * 4)
        answered = math.ceil(question[hours] * 4) if is_answered else math.inf
        found.append((min(answered, last) / 4, answered <= last))
    return found


def answered_by(cases: list[tuple[float, bool]], hours: float) -> float:
    """Kaplan and Meier: the share that has an answer after so many hours."""
    left, survival = len(cases), 1.0
    counts: dict[float, list[int]] = defaultdict(lambda: [0, 0])
    for moment, is_answered in cases:
        counts[moment][0 if is_answered else 1] += 1
    for moment in sorted(counts):
        if moment > hours:
            break
        answered, followed = counts[moment]
        if answered:
            survival *= 1 - answered / left
        left -= answered + followed
    return 1 - survival
