{#- Kilometres between two points given in degrees, along the earth's surface (haversine). -#}
{% macro distance_km(lat_a, lon_a, lat_b, lon_b) -%}
    (2 * 6371.0 * asin(sqrt(least(1,
        power(sin(radians(({{ lat_b }}) - ({{ lat_a }})) / 2), 2)
        + cos(radians({{ lat_a }})) * cos(radians({{ lat_b }}))
        * power(sin(radians(({{ lon_b }}) - ({{ lon_a }})) / 2), 2)
    ))))
{%- endmacro %}

{#- The same between two rows with latitude and longitude, to the metre: what is as far is as far on
    every machine. Not as a numeric, which is made by way of a text and takes twice the time. -#}
{% macro distance_to_the_metre(ours, theirs) -%}
    round({{ distance_km(
        ours ~ ".latitude", ours ~ ".longitude", theirs ~ ".latitude", theirs ~ ".longitude"
    ) }} * 1000) / 1000
{%- endmacro %}
