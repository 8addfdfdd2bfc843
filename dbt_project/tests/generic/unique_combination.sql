{#- The key of a model: no two rows agree on all of these columns, and none of them is NULL, unless
    `nullable` names it (NULL means something there, and then two NULLs are the same). -#}
{% test unique_combination(model, columns, nullable=[]) %}
    select {{ columns | join(", ") }}
    from {{ model }}
    group by {{ columns | join(", ") }}
    having
        count(*) > 1
        {% for column in columns if column not in nullable %}or {{ column }} is null {% endfor %}
{% endtest %}
