{#- Two columns of a message: what the rule set of var question_rules says of it, and the rule set
    that said it. A newer row holds what older sets said otherwise (klankbord.questions), so every
    set up to its rules_version is known. An older row was judged by older rules only, and its text
    is gone: their verdict stands, and question_rules names them. -#}
{% macro question_verdict() -%}
{%- set rules = var("question_rules") -%}
    coalesce(
        payload #>> '{klankbord,questions,{{ rules }}}', payload #>> '{klankbord,is_question}'
    )::boolean as is_question,
    case
        when substr(payload #>> '{klankbord,rules_version}', 2)::integer >= {{ rules[1:] | int }}
            then '{{ rules }}'
        else payload #>> '{klankbord,rules_version}'
    end as question_rules
{%- endmacro %}
