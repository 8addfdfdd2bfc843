{#- A condition that every row meets. A condition that comes out NULL is a failure, not a pass. -#}
{% test holds(model, condition) %}
    select *
    from {{ model }}
    where ({{ condition }}) is not true
{% endtest %}
