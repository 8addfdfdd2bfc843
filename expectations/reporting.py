"""Gate 2: what we are about to publish, against what is possible and against what is published.

dbt's tests guard keys, relations and accepted values of these tables; the rules here guard volume,
completeness and drift. `subject` is the organisation or the peer group that a rule refuses. These
rules are about the figures; of surveys and of the index are those of reporting_surveys.py and
reporting_indexes.py.
"""

from klankbord.gates import Rule

ORGANISATIONS = "reporting.rpt_organisation_metric"
GROUPS = "reporting.rpt_group_metric"

#: vendors wait for an answer without our window of a week; nothing is followed over 400 days
MOST = "case when unit = 'hours' and definition_id <> 'klankbord' then 9600 else units.most end"


def _where(table: str, subject: str, name: str, description: str, condition: str) -> Rule:
    """A rule over single rows: those that meet the condition are refused."""
    return Rule(
        name,
        description,
        table,
        f"select {subject} as subject, platform || ' ' || metric_id || ' '"
        " || period || ' ' || coalesce(value::text, 'no value') as detail"
        # a query that joins names its batch itself; the catalogue says what a unit allows
        " from {batch} as batch left join staging.metric_units as units using (unit)"
        f" where {condition}",
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
            "Every value lies between the least and the most that its unit allows",
            f"value < units.least or value > {MOST} or value = 'NaN' or units.most is null",
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
            "No statistic of a hidden count, or of fewer than five, leaves the house (contract 12)",
            "(n is null or n < 5) and coalesce(value, lower, upper, mean, weighted_mean, median,"
            " p10, q1, q3, p90, pooled) is not null",
        ),
        Rule(
            "nobody_is_the_group",
            "No figure is shown of fewer than five, or of a group in which one has most of a sum",
            GROUPS,
            _dominated(),
        ),
        Rule(
            "no_few_follow_from_a_total",
            "No type less its shown regions, provinces or size classes leaves fewer than five",
            GROUPS,
            _remainders(),
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
            "No platform and metric lost more than a tenth of its published figures of a month,"
            " but for what was withdrawn",
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
            f" where metric_id = 'M05' and before.{_OPEN}"
            " and before.status = 'final' and before.numerator >= 50"
            " and (now.value > 3 * before.value or before.value > 3 * now.value)",
            compares=True,
        ),
        *_statistics(),
    ]


def _statistics() -> list[Rule]:
    """What stands beside a figure: its interval, the edges of its group, its place (M41 to M45)."""
    mine = "case comparison_basis when 'interval' then {} else value end"
    theirs = "case comparison_basis when 'interval' then {} when 'funnel' then {} else {} end"
    low = theirs.format("group_lower", "funnel_lower", "group_q1")
    high = theirs.format("group_upper", "funnel_upper", "group_q3")
    medians = "select metric_id from marts.dim_metric where group_interval_kind = 'order_statistic'"
    return [
        *_both(
            "intervals_hold_their_figure",
            "A figure lies within its interval",
            "lower > value + 1e-9 * abs(value) or upper < value - 1e-9 * abs(value)",
        ),
        _where(
            GROUPS,
            "group_id",
            "edges_are_of_more_than_a_few",
            "p10 and p90 lie outside the quartiles; five lie beyond each, and beyond an interval",
            "p10 > q1 or q3 > p90 or (n > 40) is not true and num_nonnulls(p10, p90) > 0"
            f" or (n >= 20) is not true and lower is not null and metric_id in ({medians})",
        ),
        _where(
            GROUPS,
            "group_id",
            "no_second_sum_of_owners_figures",
            "No mean weighted by inhabitants of what only owners see",
            "weighted_mean is not null and access_tier > 'T2'",
        ),
        _where(
            ORGANISATIONS,
            "organisation_id",
            "places_are_possible",
            "A place is one of a figure in a shown group, and either compared or says why not",
            "percentile < 0 or percentile > 100 or funnel_lower < 0 or funnel_upper > 1"
            " or percentile is not null and group_median is null"
            " or (percentile is null) <> (colour_class = 'grey')"
            " or (comparison is null) <> (comparison_basis is null)"
            " or (comparison is null) = (comparison_reason is null)",
        ),
        _where(
            ORGANISATIONS,
            "organisation_id",
            "verdicts_follow_from_their_yardstick",
            "Lower and higher is only what lies wholly beside what it is compared with",
            f"comparison <> case when {mine.format('upper')} < {low} then 'lower'"
            f" when {mine.format('lower')} > {high} then 'higher' else 'not_distinguishable' end",
        ),
    ]


#: of what is settled the batch has no rows: it stays published (klankbord.horizon)
#: months in an array, so that PostgreSQL goes by an index (expectations/raw.py, _scanned)
_OPEN = (
    "period_start = any (array (select month::date from generate_series("
    "greatest((select open_since from builds.horizon), date '2000-01-01')::timestamp,"
    " timestamp '2100-01-01', interval '1 month') as months (month)))"
)

#: who withdrew a consent: what rested on it is missing for a reason that everybody knows
_WITHDRAWN = (
    "select distinct account.organisation_id, account.platform from raw.outcomes as outcome"
    " inner join register.accounts as account using (account_id)"
    " where outcome.reason = 'consent_withdrawn'"
)


def _lost() -> str:
    """Platforms and metrics whose number of values fell by more than a tenth in a month, not
    counting the values that left with a consent: our own definition's row says so, those of other
    definitions are gone with them."""
    before = (
        "select figure.platform, figure.metric_id, figure.definition_id, figure.period,"
        " count(*) as n from published.rpt_organisation_metric as figure"
        " left join {batch} as kept on kept.definition_id = 'klankbord'"
        " and (kept.organisation_id, kept.platform, kept.metric_id, kept.period)"
        " = (figure.organisation_id, figure.platform, figure.metric_id, figure.period)"
        f" left join ({_WITHDRAWN}) as withdrawn on withdrawn.organisation_id"
        " = figure.organisation_id and withdrawn.platform = figure.platform"
        f" where figure.{_OPEN} and figure.value is not null and (withdrawn.organisation_id is null"
        " or kept.missing_reason is distinct from 'refused')"
        " group by 1, 2, 3, 4"
    )
    now = (
        "select platform, metric_id, definition_id, period, count(value) as n from {batch}"
        " group by 1, 2, 3, 4"
    )
    return (
        "select before.platform as subject, before.metric_id || ' ' ||"
        " before.period || ' ' || before.n || ' -> ' ||"
        f" coalesce(now.n, 0) || ' figures' as detail from ({before}) as before"
        f" left join ({now}) as now using (platform, metric_id, definition_id, period)"
        " where before.n >= 10 and coalesce(now.n, 0) < 0.9 * before.n"
    )


def _dominated() -> str:
    """Shown cells that their own members contradict: computed anew, not by what dbt decided."""
    key = "platform, metric_id, definition_id, period_kind, period_start"
    return (
        f"with contributed as (select group_id, {key}, measure, bool_and(is_bounded) as is_bounded,"
        " count(*) as n, sum(amount) as total, max(amount) as largest"
        " from marts.fct_contribution inner join marts.dim_group_member"
        f" using (organisation_id, as_of_on) where {_OPEN} group by group_id, {key}, measure)"
        " select group_id as subject, platform || ' ' || metric_id || ' ' || period || ' '"
        " || measure || ' of ' || contributed.n as detail from {batch} as shown"
        f" inner join contributed using (group_id, {key}) where shown.value is not null"
        " and (contributed.n < 5 or not is_bounded and largest > 0.5 * total * (1 + 1e-9))"
    )


def _remainders() -> str:
    """Types of which a subtraction leaves one to four organisations. The register tells M01."""
    key = "country, organisation_type, platform, metric_id, definition_id, period"
    return (
        f"with inside as (select {key}, group_kind, sum(n) as n from {{batch}}"
        f" where group_kind <> 'type' and value is not null group by {key}, group_kind)"
        " select whole.group_id as subject, platform || ' ' || metric_id || ' ' || period || ': '"
        " || whole.n || ' - ' || inside.n || ' by ' || inside.group_kind as detail"
        f" from {{batch}} as whole inner join inside using ({key})"
        " where whole.group_kind = 'type' and whole.value is not null and metric_id <> 'M01'"
        " and whole.n - inside.n between 1 and 4"
    )
