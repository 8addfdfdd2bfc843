"""Gate 2, surveys: what organisations say of themselves is never mixed with what was counted of
them (M50), and no share of a few answers leaves the house. `subject` is the survey.
"""

from klankbord.gates import Rule

SHARES = "reporting.rpt_survey_share"


def rules() -> list[Rule]:
    """The rules of shares of a survey's answers."""
    return [
        Rule(
            "surveys_stand_apart",
            "No survey's figure has a metric of the census, and none stands among its figures",
            SHARES,
            "with census as (select metric_id, organisation_id as who"
            " from reporting.rpt_organisation_metric"
            " union all select metric_id, group_id from reporting.rpt_group_metric)"
            " select survey_id as subject, metric_id || ' ' || basis as detail from {batch}"
            " where basis <> 'survey' or metric_id <> 'M50'"
            " or metric_id in (select metric_id from census)"
            " union all select who, metric_id || ' stands in the census' from census"
            " where metric_id = 'M50'",
        ),
        Rule(
            "small_surveys_are_suppressed",
            "No share of fewer than five answers leaves the house (contract 12)",
            SHARES,
            "select survey_id as subject, question_code || ' ' || group_id || ' ' || n as detail"
            " from {batch} where n < 5"
            " and coalesce(share, lower, upper, unweighted_share, n_effective) is not null",
        ),
    ]
