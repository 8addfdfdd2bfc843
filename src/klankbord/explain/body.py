"""What one organisation's figure rests on: its account, the days that were observed, and the posts,
readings or questions of the period. Questions are counted and timed; whose they are, and their ids,
are not read."""

from typing import Any

from klankbord.explain import arithmetic
from klankbord.explain.figure_ids import FigureId

Row = dict[str, Any]
#: metrics of which the period's parts are neither listed nor timed: what the theme counted is shown
COUNTED_ONLY = "numerator and denominator"


def accounts(cursor: Any, wanted: FigureId, start: Any) -> list[Row]:
    """The official account of the period with its observed days; none: an empty list."""
    cursor.execute(
        "select p.account_id, p.access_tier, p.is_synthetic, a.handle, p.last_on, p.period_end,"
        " p.active_since_on, p.period_days, p.posts_days, p.outgoing_days, p.messages_days,"
        " p.active_days, p.is_posts_refused, p.is_messages_refused, p.is_profiles_refused"
        " from intermediate.int_account_periods as p"
        " left join lateral (select r.handle from staging.stg_register__accounts as r"
        " where r.account_id = p.account_id order by r.valid_from desc nulls last limit 1) as a"
        " on true"
        " where p.organisation_id = %s and p.platform = %s and p.period_kind = %s"
        " and p.period_start = %s order by p.account_id",
        [wanted.subject, wanted.platform, kind(wanted), start],
    )
    return [dict(row) for row in cursor.fetchall()]


def kind(wanted: FigureId) -> str:
    return "quarter" if "Q" in wanted.period else "month"


def counted(cursor: Any, account: Row, metric: Row, wanted: FigureId, start: Any) -> Row | None:
    """What fct_account_metric has: value, numerator, denominator, cases, coverage."""
    cursor.execute(
        "select value, numerator, denominator, n_cases, coverage, missing_reason"
        " from marts.fct_account_metric where account_id = %s and metric_id = %s"
        " and definition_id = %s and period_kind = %s and period_start = %s",
        [account["account_id"], metric["base_metric_id"], wanted.definition_id, kind(wanted),
         start],
    )  # fmt: skip
    return dict(row) if (row := cursor.fetchone()) else None


def posts(cursor: Any, account: Row, start: Any) -> list[Row]:
    """The account's own messages of the period and of its active days."""
    cursor.execute(
        "select post_id, message_kind, created_on, is_on_observed_day, reactions, comments, shares,"
        " interactions, followers, counters_observed_at,"
        " created_on >= %(start)s as is_in_period,"
        " created_on between %(active)s and %(last)s as is_in_active_days"
        " from marts.fct_post where account_id = %(account)s"
        " and created_on between least(%(active)s, %(start)s) and %(end)s"
        " order by created_at, post_id",
        {
            "account": account["account_id"], "start": start, "end": account["period_end"],
            "active": account["active_since_on"], "last": account["last_on"],
        },
    )  # fmt: skip
    return [dict(row) for row in cursor.fetchall()]


def questions(cursor: Any, account: Row, start: Any) -> list[Row]:
    """The period's questions, each a pair of clocks and what became of it; no ids, no authors."""
    cursor.execute(
        "select created_on, is_closed, is_answered, is_answered_in_time, response_hours,"
        " follow_up_hours, open_response_hours, open_follow_up_hours, question_rules"
        " from marts.fct_question where account_id = %s and created_on between %s and %s"
        " order by created_at, response_hours",
        [account["account_id"], start, account["period_end"]],
    )
    return [dict(row) for row in cursor.fetchall()]


def messages(cursor: Any, account: Row, start: Any) -> list[Row]:
    """What citizens said and was judged, and what became of it; no ids, no authors."""
    cursor.execute(
        "select created_on, judged_on, is_answered, is_liked, is_removed, is_handled"
        " from marts.fct_message_handling where account_id = %s and created_on between %s and %s"
        " order by created_on, judged_on, is_answered, is_liked, is_removed",
        [account["account_id"], start, account["period_end"]],
    )
    return [dict(row) for row in cursor.fetchall()]


def readings(cursor: Any, account: Row, wanted: FigureId, start: Any) -> list[Row]:
    """The follower counts of the period: the last one inside it, and the one before it."""
    cursor.execute(
        "select observed_on, reading_source, followers from marts.fct_follower_reading"
        " where account_id = %(account)s and (observed_on between %(start)s and %(end)s"
        " or %(start)s between observed_on and carried_to_on) order by observed_on",
        {"account": account["account_id"], "start": start, "end": account["period_end"]},
    )
    return [dict(row) for row in cursor.fetchall()]


def facts(cursor: Any, account: Row, wanted: FigureId, found: list[Row], start: Any) -> Row:
    """What the arithmetic needs beside the parts: days, inhabitants, followers now and before."""
    cursor.execute(
        "select inhabitants from intermediate.int_inhabitants_at where organisation_id = %s"
        " and as_of_on = %s",
        [wanted.subject, account["last_on"]],
    )
    row = cursor.fetchone()
    said: Row = {
        "posts_days": account["posts_days"],
        "inhabitants": row["inhabitants"] if row else None,
        "followers": None,
        "followers_before": None,
    }
    inside = [r for r in found if "followers" in r and r.get("observed_on") and
              r["observed_on"] >= start]  # fmt: skip
    before = [r for r in found if r.get("observed_on") and r["observed_on"] <= start]
    if inside:
        said["followers"] = inside[-1]["followers"]
        if before and before[-1]["observed_on"] < inside[-1]["observed_on"]:
            said["followers_before"] = before[-1]["followers"]
    return said


def recomputed(
    metric_id: str, definition_id: str, parts: dict[str, list[Row]], said: Row, figures: Row | None,
    scale: float,
) -> tuple[float | None, str]:  # fmt: skip
    """The figure from its parts, and what it was made of."""
    if definition_id == "klankbord" and metric_id in arithmetic.OF_BODY:
        name, compute = arithmetic.OF_BODY[metric_id]
        return compute(parts.get(name, []), said), name
    if figures is None or not figures["denominator"] or figures["numerator"] is None:
        return None, ""
    return scale * figures["numerator"] / figures["denominator"], COUNTED_ONLY


def needed(metric_id: str, theme: str) -> str:
    """Which parts a metric is explained by: posts, questions, readings, or none."""
    if metric_id in arithmetic.OF_BODY:
        return arithmetic.OF_BODY[metric_id][0]
    return {"audience": "readings", "response": "questions"}.get(
        theme, "posts" if theme in ("activity", "engagement", "conversation") else ""
    )
