{#- No value of a column stands in another model's column of that name: two kinds of figures that must
    never be mixed have no name in common. -#}
{% test apart_from(model, other, column) %}
    select distinct ours.{{ column }}
    from {{ model }} as ours
    inner join {{ other }} as theirs on ours.{{ column }} = theirs.{{ column }}
{% endtest %}
