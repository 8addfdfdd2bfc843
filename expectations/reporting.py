"""Gate 2: what we are about to publish, against what is possible and against what is published.

dbt's tests guard keys, relations and accepted values of these tables; the rules here guard volume,
completeness and drift. `subject` is the organisation or the peer group that a rule refuses.
"""

from klankbord.gates import Rule

ORGANISATIONS = "reporting.rpt_organisation_metric"
GROUPS = "reporting.rpt_group_metric"

#: the largest value that a unit can have; followers of a small body may outnumber it many times
MOST = """
case unit when 'share' then 1 when 'hours' then 168 when 'per 100' then 20000 when '%' then 10000
    when 'posts/day' then 500 end"""


def _where(table: str, subject: str, name: str, description: str, condition: str) -> Rule:
    """A rule over single rows: those that meet the condition are refused."""
    return Rule(
        name,
        description,
        table,
        f"select {subject} as subject, platform || ' ' || metric_id || ' '"
        " || period || ' ' || coalesce(value::text, 'no value') as detail"
        f" from {{batch}} where {condition}",
    )


def _both(name: str, description: str, condition: str) -> list[Rule]:
    return [
        _where(ORGANISATIONS, "organisation_id", f"organisation_{name}", description, condition),
        _where(GROUPS, "group_id", f"group_{name}", description, condition),
    ]


def rules() -> list[Rule]:
    """The rules; those that compare with what is published hold when nothing is yet."""
    return [
        *_both(
            "values_are_possible",
            "Every value lies between zero and the most that its unit allows",
            f"value < 0 or value > {MOST} or value = 'NaN' or {MOST} is null",
        ),
        *_both(
            "absence_has_a_reason",
            "A figure without a value says why, and one with a value does not",
            "(value is null) <> (missing_reason is not null)",
        ),
        *_both(
            "figures_say_how_they_were_made",
            "Every figure carries its definition's version, parameters, tier and status",
            "definition_version is null or parameters is null or status is null"
            " or (value is not null and (coverage is null or access_tier is null))",
        ),
        _where(
            GROUPS,
            "group_id",
            "small_groups_are_suppressed",
            "No statistic of fewer than five organisations leaves the house (contract 12)",
            "n < 5 and coalesce(value, mean, median, q1, q3, pooled) is not null",
        ),
        _where(
            GROUPS,
            "group_id",
            "n_is_within_n_members",
            "No group has more organisations with a value than members",
            "n > n_members or n < 0",
        ),
        _where(
            GROUPS,
            "group_id",
            "quartiles_are_in_order",
            "The median lies between the quartiles",
            "q1 > median or median > q3",
        ),
        Rule(
            "nothing_disappeared",
            "No platform and metric lost more than a tenth of its published figures of a month",
            ORGANISATIONS,
            _lost(),
            compares=True,
        ),
        Rule(
            "followers_did_not_jump",
            "No final month's followers per 100 inhabitants changed to a third or the triple",
            ORGANISATIONS,
            "select now.organisation_id as subject, now.platform || ' ' || now.metric_id || ' '"
            " || round(before.value::numeric, 1) || ' -> '"
            " || round(now.value::numeric, 1) as detail"
            " from {batch} as now inner join published.rpt_organisation_metric as before"
            " using (organisation_id, platform, metric_id, definition_id, period)"
            # of a month that still runs, gate 1 judges each count and believes what it sees twice
            " where metric_id = 'M05' and before.status = 'final' and before.numerator >= 50"
            " and (now.value > 3 * before.value or before.value > 3 * now.value)",
            compares=True,
        ),
    ]


def _lost() -> str:
    """Platforms and metrics whose number of values fell by more than a tenth in a month."""
    counted = (
        "select platform, metric_id, definition_id, period, count(value) as n from {table}"
        " group by 1, 2, 3, 4"
    )
    before = counted.replace("{table}", "published.rpt_organisation_metric")
    now = counted.replace("{table}", "{batch}")
    return (
        "select before.platform as subject, before.metric_id || ' ' ||"
        " before.period || ' ' || before.n || ' -> ' ||"
        f" coalesce(now.n, 0) || ' figures' as detail from ({before}) as before"
        f" left join ({now}) as now using (platform, metric_id, definition_id, period)"
        " where before.n >= 10 and coalesce(now.n, 0) < 0.9 * before.n"
    )
