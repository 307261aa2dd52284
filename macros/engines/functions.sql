{#- How each engine creates the functions of functions/. -#}

{% macro scoring_function_sql(target_relation) %}
{{ return(adapter.dispatch('scoring_function_sql', 'patronage')(target_relation)) }}
{% endmacro %}

{% macro duckdb__scoring_function_sql(target_relation) %}
create or replace macro {{ target_relation }}(
    {{- model.arguments | map(attribute='name') | join(', ') -}}
) as (
    {{ model.compiled_code }}
)
{% endmacro %}


{% macro score_answer(answer, cluster_id, segment, confidence, second_nearest_segment) %}
{{ return(adapter.dispatch('score_answer', 'patronage')(answer, cluster_id, segment, confidence, second_nearest_segment)) }}
{% endmacro %}

{% macro duckdb__score_answer(answer, cluster_id, segment, confidence, second_nearest_segment) -%}
{%- if answer == 'segment' -%}
{{ segment }}
{%- else -%}
{
    cluster_id: cast({{ cluster_id }} as integer),
    segment: cast({{ segment }} as varchar)
    {%- if answer == 'score' %},
    confidence: cast({{ confidence }} as double),
    second_nearest_segment: cast({{ second_nearest_segment }} as varchar)
    {%- endif %}
}
{%- endif -%}
{%- endmacro %}


{% macro nearest_cluster(fit, answer) %}
{{ return(adapter.dispatch('nearest_cluster', 'patronage')(fit, answer)) }}
{% endmacro %}

{% macro duckdb__nearest_cluster(fit, answer) -%}
{#- DuckDB has no let, and computes an expression as often as it is written: lambdas over lists of one give values names. -#}
{%- set names -%}
[
    {%- for centre in fit.centres -%}
    {{ sql_text(fit.names[loop.index | string]) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
]
{%- endset -%}
{%- set measured -%}
list_transform(
    [[{{ fit.z_scores | join(', ') }}]],
    lambda z: [
        {%- for centre in fit.centres %}
        list_distance(z, [{{ centre | join(', ') }}]){{ ',' if not loop.last }}
        {%- endfor %}
    ]
)
{%- endset -%}
{#- A lambda more costs more than a position that is looked for twice. -#}
{%- set nearest = 'list_position(d, list_min(d))' -%}
{%- set number -%}
list_transform(
    {{ measured }},
    lambda d: {{ nearest }}
)
{%- endset -%}
{%- if answer == 'segment' -%}
{#- Inside a lambda DuckDB would make the list of names anew for each row. -#}
{{ names }}[{{ number }}[1]]
{%- elif answer == 'cluster' -%}
list_transform({{ number }}, lambda n: {{ score_answer(answer, 'n', names ~ '[n]', none, none) }})[1]
{%- else -%}
{#- The second nearest is looked for on both sides of the nearest: half the time of sorting the distances. -#}
list_transform(
    list_transform(
        {{ measured }},
        lambda d: struct_pack(
            d := d, i := {{ nearest }}, nearest := list_min(d),
            second := least(list_min(d[:{{ nearest }} - 1]), list_min(d[{{ nearest }} + 1:]))
        )
    ),
    lambda c: {{ score_answer(
        answer, 'c.i', names ~ '[c.i]', 'case when c.second > 0 then 1 - c.nearest / c.second else 0 end',
        names ~ '[coalesce(nullif(list_position(c.d, c.second), c.i), list_position(c.d[c.i + 1:], c.second) + c.i)]'
    ) }}
)[1]
{%- endif -%}
{%- endmacro %}


{% macro value_at(values, position) %}
{{ return(adapter.dispatch('value_at', 'patronage')(values, position)) }}
{% endmacro %}

{% macro duckdb__value_at(values, position) -%}
[{{ values | join(', ') }}][{{ position }}]
{%- endmacro %}


{% macro text_of_double(column) %}
{{ return(adapter.dispatch('text_of_double', 'patronage')(column)) }}
{% endmacro %}

{% macro duckdb__text_of_double(column) -%}
{#- From a text, because DuckDB gives the definition of a function back without the exponent that makes a double of a number. -#}
'cast(''' || cast({{ column }} as varchar) || ''' as double)'
{%- endmacro %}
