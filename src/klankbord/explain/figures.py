"""What a metric's figure rests on: of a group its members, of an organisation its account and what
was read of it."""

from collections import Counter
from typing import Any

from klankbord.explain import arithmetic, body, group, owners, reading, trail
from klankbord.explain.figure_ids import FigureId

Row = dict[str, Any]
SHOWN = reading.SHOWN


def read(cursor: Any, wanted: FigureId) -> Row:
    """The figure's row, `subject_kind` (group or organisation) included."""
    return reading.figure(cursor, wanted)


def explained(cursor: Any, wanted: FigureId, metric: Row, row: Row) -> Row:
    """`members` of a group; `account`, `parts`, `outcomes`, `raw` of an organisation."""
    below = _group if row["subject_kind"] == "group" else _organisation
    return below(cursor, wanted, metric, row, row["period_start"])


def _group(cursor: Any, wanted: FigureId, metric: Row, row: Row, start: Any) -> Row:
    is_set = row["is_peer_set"]
    members = group.members(cursor, wanted, metric, start, is_set)
    # of peer sets nothing is rounded: they are for members, who see the bodies
    computed, different = group.check(row, metric, members, bool(wanted.edition) and not is_set)
    reasons = Counter(m["missing_reason"] for m in members if m["value"] is None)
    return {
        "members": members,
        "recomputed": computed,
        "recomputed_from": "members",
        "different": different,
        "missing": [f"{n} members: {reason}" for reason, n in sorted(reasons.items())],
    }


def _organisation(cursor: Any, wanted: FigureId, metric: Row, row: Row, start: Any) -> Row:
    accounts = body.accounts(cursor, wanted, start)
    if not accounts:
        # of such a body the register says all there is to say
        known = 0.0 if metric["metric_id"] in ("M01", "M02") else None
        return _checked(row, known, "the register") | {
            "account": None,
            "missing": ["no official account on this platform on the last day of the period"],
        }
    account = accounts[0]
    name = body.needed(metric["base_metric_id"], metric["theme"])
    listed = _parts(cursor, name, account, wanted, start)
    followers = body.readings(cursor, account, wanted, start)
    said = body.facts(cursor, account, wanted, followers, start)
    figures = body.counted(cursor, account, metric, wanted, start)
    if metric["metric_id"] == "M01":
        computed, source = 1.0, "the register"
    elif row["value"] is None:
        # not observed, refused or not applicable: the reason is the figure
        computed, source = None, "the reason"
    else:
        computed, source = body.recomputed(
            metric["base_metric_id"], wanted.definition_id, {name: listed}, said, figures,
            metric["scale"],
        )  # fmt: skip
    streams = trail.STREAMS.get(name, ("profiles",))
    outcomes = trail.outcomes(cursor, account, streams, start)
    return _checked(row, computed, source) | {
        "account": account | {"inhabitants": said["inhabitants"]},
        "counted": figures,
        "parts": {"kind": name, "count": len(listed), "rows": _shown(name, listed)},
        "outcomes": outcomes,
        "raw": trail.raw_rows(cursor, wanted.platform, account, name, listed, start),
        "archive": trail.archive(cursor, account, listed) if name == "readings" else [],
        "missing": _missing(cursor, wanted, account, outcomes, row, source),
    }


def _parts(cursor: Any, name: str, account: Row, wanted: FigureId, start: Any) -> list[Row]:
    if name == "posts":
        return body.posts(cursor, account, start)
    if name == "questions":
        return body.questions(cursor, account, start)
    if name == "messages":
        return body.messages(cursor, account, start)
    if name == owners.KIND:
        return owners.posts(cursor, account, wanted.metric_id, start)
    return body.readings(cursor, account, wanted, start) if name == "readings" else []


def _shown(name: str, listed: list[Row]) -> list[Row]:
    """Own posts and readings one by one; questions as counts by what became of them."""
    if name != "questions":
        return listed
    counts = Counter(
        "answered" if q["is_answered"] else "not answered" if q["is_closed"] else "still open"
        for q in listed
    )
    rules = sorted({q["question_rules"] for q in listed if q["question_rules"]})
    return [{"state": s, "questions": n, "question_rules": rules} for s, n in counts.items()]


def _checked(row: Row, computed: float | None, source: str) -> Row:
    same = arithmetic.is_same(row["value"], computed)
    if not source:
        return {"recomputed": None, "recomputed_from": "", "different": []}
    said = f"value is published as {row['value']} and {source} give {computed}"
    return {
        "recomputed": {"value": computed},
        "recomputed_from": source,
        "different": [] if same else [said],
    }


def _missing(
    cursor: Any, wanted: FigureId, account: Row, outcomes: list[Row], row: Row, source: str
) -> list[str]:
    """What one would like to have and has not: sentences."""
    found = []
    if row.get("missing_reason"):
        found.append(f"no figure: {row['missing_reason']}")
    days = account["period_days"]
    for stream in sorted({o["stream"] for o in outcomes} & {"posts", "messages"}):
        unseen = days - account[f"{stream}_days"]
        if unseen:
            found.append(f"{unseen} of {days} days of {stream} were not observed")
    found += [
        f"{o['scans']} scans of {o['stream']} ended {o['status']}: {o['reason']}"
        for o in outcomes
        if o["status"] != "ok"
    ]
    if row.get("status") == "provisional":
        found.append("provisional: windows of the period were still open")
    if source == "":
        found.append("this figure is not computed a second time here: see its model and its tests")
    since = reading.moment(cursor, wanted).get("known_at")
    if since and (count := trail.erased(cursor, since)):
        found.append(f"{count} erasures, withdrawals or purges since the edition")
    return found
