{#- Of each value of a column there is one value of another: grouping by the first never mixes two
    of the second. NULL counts as a value. -#}
{% test one_value_each(model, of, for_each) %}
    select {{ for_each }}
    from {{ model }}
    group by {{ for_each }}
    having
        count(distinct {{ of }}) > 1
        or (count({{ of }}) < count(*) and count({{ of }}) > 0)
{% endtest %}
