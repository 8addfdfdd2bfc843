{#- Each question of a period on both clocks: hours to its answer when it was answered inside the window
    (is_answered), else hours for which it was followed; whether its whole window passed without an
    answer (is_left). Open questions count for as long as they
    were followed; one that nobody could follow, or that lies outside the calendar, is left out. -#}
{% macro response_cases() -%}
    select
        periods.account_id,
        periods.period_kind,
        periods.period_start,
        clocks.clock,
        clocks.hours,
        clocks.followed_hours,
        questions.is_answered_in_time as is_answered,
        questions.is_closed and not questions.is_answered_in_time as is_left
    from {{ ref('int_account_periods') }} as periods
    inner join {{ ref('fct_question') }} as questions
        on
            periods.account_id = questions.account_id
            and questions.created_on between periods.period_start and periods.period_end
    cross join lateral (
        values
        (
            'calendar',
            case when questions.is_answered_in_time then questions.response_hours end,
            questions.follow_up_hours
        ),
        (
            'opening_hours',
            case when questions.is_answered_in_time then questions.open_response_hours end,
            questions.open_follow_up_hours
        )
    ) as clocks (clock, hours, followed_hours)
    where
        clocks.followed_hours is not null
        and {{ open('account', 'periods.period_start', 'periods') }}
        and {{ open('account', 'questions.created_on', 'questions') }}
        and (clocks.hours is not null or not questions.is_answered_in_time)
{%- endmacro %}
