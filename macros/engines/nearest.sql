{#- How each engine picks the nearest of a group. -#}

{% macro nearest(number, distance) %}
{{ return(adapter.dispatch('nearest', 'patronage')(number, distance)) }}
{% endmacro %}

{% macro duckdb__nearest(number, distance) -%}
min(struct_pack(d := {{ distance }}, n := {{ number }})).n
{%- endmacro %}
