{#- What each published figure carries (contract 11), of the figures of a metric: subject_id is a group or
    an organisation (of which n is NULL: it is one). For tables beside rpt_organisation_metric and
    rpt_group_metric that rest on the same cases (bands and curves of response times: M26). kind: how
    the table is opened. -#}
{% macro carried_by(metric_id, kind) -%}
    select
        organisation_id as subject_id,
        platform,
        period_kind,
        period_start,
        null::integer as n,
        null::integer as n_members,
        coverage,
        access_tier,
        status,
        is_synthetic
    from {{ ref('fct_metric') }}
    where
        metric_id = '{{ metric_id }}'
        and definition_id = 'klankbord'
        and {{ open(kind, 'period_start') }}
    union all
    select
        figures.group_id as subject_id,
        figures.platform,
        figures.period_kind,
        figures.period_start,
        figures.n,
        figures.n_members,
        figures.coverage,
        metrics.tier as access_tier,
        figures.status,
        figures.is_synthetic
    from {{ ref('fct_group_metric') }} as figures
    inner join {{ ref('dim_metric') }} as metrics on figures.metric_id = metrics.metric_id
    where
        figures.metric_id = '{{ metric_id }}'
        and figures.definition_id = 'klankbord'
        and {{ open(kind, 'figures.period_start', 'figures') }}
{%- endmacro %}

{#- A warehouse is the sandbox's or it is not; what rests on no account does not tell. -#}
{% macro invented() -%}
    select coalesce(bool_or(is_synthetic), false) as is_synthetic
    from {{ ref('stg_register__accounts') }}
{%- endmacro %}
