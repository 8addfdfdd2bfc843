-- M40: a body's own posts of those that were seen of its size class on the platform. Whoever has a share
-- and its numerator has the group's sum, and less the own posts that of all others: for members, who
-- see each other's posts, and never in a public edition.
{%- set period = "figures.period_kind, figures.period_start" %}
{%- set peers = "partition by members.group_id, figures.platform, " ~ period %}
with sizes as (
    select
        group_id,
        as_of_on,
        count(*) as n_members
    from {{ ref('int_group_members') }}
    where group_kind = 'size_class'
    group by group_id, as_of_on
),

counted as (
    select
        figures.organisation_id,
        figures.platform,
        figures.period_kind,
        figures.period_start,
        figures.as_of_on,
        members.group_id,
        figures.numerator as posts,
        figures.value is not null as is_known,
        figures.coverage,
        figures.access_tier,
        figures.status,
        figures.missing_reason,
        figures.is_synthetic,
        sizes.n_members,
        sum(figures.numerator) filter (where figures.value is not null) over ({{ peers }})
            as group_posts,
        count(figures.value) over ({{ peers }}) as n,
        -- in one order: the last digit of a sum depends on it
        avg(figures.coverage) over (
            {{ peers }} order by figures.organisation_id
            rows between unbounded preceding and unbounded following
        ) as group_coverage
    from {{ ref('fct_metric') }} as figures
    inner join {{ ref('int_group_members') }} as members
        on
            figures.organisation_id = members.organisation_id
            and figures.as_of_on = members.as_of_on
            and members.group_kind = 'size_class'
    inner join sizes
        on members.group_id = sizes.group_id and members.as_of_on = sizes.as_of_on
    where figures.metric_id = 'M03' and figures.definition_id = 'klankbord'
),

judged as (
    select
        *,
        n >= {{ var("minimum_group_size") }} as is_shown
    from counted
)

select
    organisation_id,
    platform,
    period_kind,
    period_start,
    as_of_on,
    group_id,
    case when is_shown and is_known then posts / nullif(group_posts, 0) end as value,
    case when is_known then posts end as numerator,
    case when is_shown and is_known then group_posts end as denominator,
    n::integer as n,
    n_members::integer as n_members,
    coverage,
    group_coverage,
    access_tier,
    status,
    case
        when not is_known then missing_reason
        when not is_shown then 'suppressed'
        when group_posts = 0 then 'not_applicable'
    end as missing_reason,
    is_synthetic
from judged
