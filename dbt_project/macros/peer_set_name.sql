{#- What a peer set is called in a language (dim_peer_set). Neighbours are said to be such by distance:
    the register knows no borders, unless somebody declared them. -#}
{% macro peer_set_name(language) -%}
    {%- set words = {
        "nearest": {
            "nl": "met het middelpunt het dichtstbij (afstand tussen middelpunten, geen grens)",
            "fr": "au centre le plus proche (distance entre les centres, sans regard aux frontières)",
            "en": "whose centres are nearest (by distance between centres, not by border)",
            "de": "mit dem nächstgelegenen Mittelpunkt (nach Entfernung, nicht nach Grenzen)",
        },
        "bordering": {
            "nl": "met een gemeenschappelijke grens",
            "fr": "ayant une frontière commune",
            "en": "that share a border",
            "de": "mit gemeinsamer Grenze",
        },
        "across": {
            "nl": ", ook in het buurland",
            "fr": ", pays voisin compris",
            "en": ", the other country included",
            "de": ", Nachbarland eingeschlossen",
        },
        "similar": {
            "nl": "die er het meest op lijken",
            "fr": "qui lui ressemblent le plus",
            "en": "that are most like it",
            "de": "mit der größten Ähnlichkeit",
        },
    } -%}
    {%- set own = "nl" if language == "nl" else "en" -%}
    case latest.group_kind
        when 'selection' then selections.name_{{ language }}
        when 'common_size'
            then concat(
                upper(left(types.name_{{ language }}, 1)), substr(types.name_{{ language }}, 2), ' ',
                places.name_{{ language }}, ' ', classes.name_{{ language }}
            )
        when 'similar'
            then concat(
                owners.name_{{ own }}, ': ', counted.n, ' ', types.name_{{ language }},
                ' {{ words["similar"][language] }}'
            )
        else concat(
            owners.name_{{ own }}, ': ', counted.n, ' ', types.name_{{ language }},
            case latest.basis
                when 'border' then ' {{ words["bordering"][language] }}'
                else ' {{ words["nearest"][language] }}'
            end,
            case latest.group_kind
                when 'neighbours_across' then '{{ words["across"][language] }}'
            end
        )
    end
{%- endmacro %}
