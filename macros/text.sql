{% macro count_words(number, noun) -%}
concat(
    {{ number_words(number) }},
    case when {{ number }} = 1 then ' {{ noun }}' else ' {{ noun }}s' end
)
{%- endmacro %}


{% macro returned_words(returned, purchased) -%}
case
    -- more came back than was bought: the purchases lie before the data
    when {{ returned }} > {{ purchased }}
        then concat(
            {{ count_words(returned, 'item') }}, ' returned, ', {{ number_words(purchased) }},
            ' bought in the data'
        )
    when {{ returned }} = 0
        then concat('none of ', {{ count_words(purchased, 'item') }}, ' returned')
    else concat(
        {{ number_words(returned) }}, ' of ', {{ count_words(purchased, 'item') }}, ' returned'
    )
end
{%- endmacro %}


{% macro decimal_text(number, decimals) -%}
cast({{ rounded(number, decimals) }} as {{ dbt.type_string() }})
{%- endmacro %}


{#- As many digits as people read: 25, 2.5, 0.25. -#}
{% macro short_words(number) -%}
case
    when {{ number }} >= 10 then {{ number_words(number) }}
    when {{ number }} >= 1 then {{ number_words(number, 1) }}
    else {{ number_words(number, 2) }}
end
{%- endmacro %}
