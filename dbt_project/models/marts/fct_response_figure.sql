{{ config(materialized='view', meta={'distributed_by': 'account_id', 'view_of': 'fct_response_period'}) }}
{#- how many asked is a count, however few they are -#}
{%- set is_count = "figure.metric_id in ('M24', 'M25', 'M25f')" %}
{%- set is_many = "figure.n_cases >= " ~ var("minimum_questions") %}
{%- set enough = "(" ~ is_count ~ " or figure.n_cases = 0 or " ~ is_many ~ ")" %}
{%- set known = "coalesce(figure.own_value, figure.denominator) is not null" %}
select
    periods.account_id,
    periods.period_kind,
    periods.period_start,
    figure.metric_id,
    figure.definition_id,
    periods.messages_days > 0
    and case figure.metric_id
        when 'M25' then coalesce(inhabitants_at.inhabitants > 0, false)
        when 'M25f' then audience.followers is not null
        else true
    end as is_observed,
    periods.is_messages_refused as is_refused,
    periods.messages_days as observed_days,
    case when {{ enough }} then figure.numerator end as numerator,
    case when {{ enough }} then figure.denominator end as denominator,
    figure.n_cases,
    case when {{ enough }} then figure.own_value end as own_value,
    case when {{ enough }} and {{ known }} then figure.own_lower end as own_lower,
    case when {{ enough }} and {{ known }} then figure.own_upper end as own_upper
from {{ ref('int_account_periods') }} as periods
inner join {{ ref('fct_response_period') }} as facts
    on
        periods.account_id = facts.account_id
        and periods.period_kind = facts.period_kind
        and periods.period_start = facts.period_start
left join {{ ref('fct_audience_period') }} as audience
    on
        periods.account_id = audience.account_id
        and periods.period_kind = audience.period_kind
        and periods.period_start = audience.period_start
left join {{ ref('int_inhabitants_at') }} as inhabitants_at
    on
        periods.organisation_id = inhabitants_at.organisation_id
        and periods.last_on = inhabitants_at.as_of_on
cross join
    lateral (
        values
        (
            'M24', 'klankbord', facts.questions::double precision, 1::double precision,
            facts.questions, null::double precision, null::double precision, null::double precision
        ),
        (
            'M25', 'klankbord', facts.questions, inhabitants_at.inhabitants, facts.questions, null,
            null, null
        ),
        (
            'M25f', 'klankbord', facts.questions, audience.followers, facts.questions, null, null,
            null
        ),
        (
            'M26', 'klankbord', facts.answered_questions, facts.closed_questions,
            facts.closed_questions, null,
            {{ share_bound('facts.answered_questions', 'facts.closed_questions', 'lower') }},
            {{ share_bound('facts.answered_questions', 'facts.closed_questions', 'upper') }}
        ),
        (
            'M29', 'klankbord', null, null, facts.answered_questions, facts.response_hours_median,
            facts.response_hours_median_lower, facts.response_hours_median_upper
        ),
        (
            'M29k', 'klankbord', null, null, facts.followed_questions, facts.censored_median,
            facts.censored_median_lower, facts.censored_median_upper
        ),
        (
            'M30', 'klankbord', facts.response_hours_sum, facts.answered_questions,
            facts.answered_questions, null, null, null
        ),
        (
            'M31', 'klankbord', facts.fastest_hours_sum, facts.fastest_questions,
            facts.answered_questions, null, null, null
        ),
        (
            'M33', 'klankbord', null, null, facts.open_answered_questions, facts.open_hours_median,
            facts.open_hours_median_lower, facts.open_hours_median_upper
        ),
        (
            'M33k', 'klankbord', null, null, facts.open_followed_questions,
            facts.open_censored_median, facts.open_censored_median_lower,
            facts.open_censored_median_upper
        ),
        (
            'M33m', 'klankbord', facts.open_hours_sum, facts.open_answered_questions,
            facts.open_answered_questions, null, null, null
        ),
        -- as others define them: metric_definitions.csv
        (
            'M26', 'quintly', facts.answered_questions, facts.closed_questions,
            facts.closed_questions, null,
            {{ share_bound('facts.answered_questions', 'facts.closed_questions', 'lower') }},
            {{ share_bound('facts.answered_questions', 'facts.closed_questions', 'upper') }}
        ),
        (
            'M26', 'socialbakers', facts.any_answered_questions, facts.questions, facts.questions,
            null, {{ share_bound('facts.any_answered_questions', 'facts.questions', 'lower') }},
            {{ share_bound('facts.any_answered_questions', 'facts.questions', 'upper') }}
        ),
        (
            'M29', 'fanpage_karma', null, null, facts.any_answered_questions,
            facts.any_hours_median, null, null
        ),
        (
            'M30', 'fanpage_karma', facts.any_hours_sum, facts.any_answered_questions,
            facts.any_answered_questions, null, null, null
        ),
        (
            'M30', 'study_2016', facts.any_hours_sum, facts.any_answered_questions,
            facts.any_answered_questions, null, null, null
        ),
        (
            'M31', 'facebook_badge', facts.any_fastest_hours_sum, facts.any_fastest_questions,
            facts.any_answered_questions, null, null, null
        )
    ) as figure (
        metric_id, definition_id, numerator, denominator, n_cases,
        own_value, own_lower, own_upper
    )
-- of silence nobody needs six definitions
where figure.definition_id = 'klankbord' or facts.questions > 0
