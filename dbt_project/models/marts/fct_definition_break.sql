-- Whose questions of a period were judged by an older rule set, because their text was gone when the
-- present one came: figures of questions there are not those that today's rules would give.
select distinct
    accounts.organisation_id,
    accounts.platform,
    accounts.period_kind,
    accounts.period_start
from {{ ref('fct_question') }} as questions
inner join {{ ref('int_account_periods') }} as accounts
    on
        questions.account_id = accounts.account_id
        and questions.created_on between accounts.period_start and accounts.period_end
where questions.question_rules <> '{{ var("question_rules") }}'
