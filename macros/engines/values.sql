{#- How each engine casts, hashes and picks values. -#}

{% macro row_fingerprint(columns) %}
{{ return(adapter.dispatch('row_fingerprint', 'patronage')(columns)) }}
{% endmacro %}

{% macro duckdb__row_fingerprint(columns) -%}
hash({{ columns | join(', ') }})
{%- endmacro %}


{% macro bit_xor(column) %}
{{ return(adapter.dispatch('bit_xor', 'patronage')(column)) }}
{% endmacro %}

{% macro default__bit_xor(column) -%}
bit_xor({{ column }})
{%- endmacro %}


{% macro latest(column, ordered_at, tie_breaker) %}
{{ return(adapter.dispatch('latest', 'patronage')(column, ordered_at, tie_breaker)) }}
{% endmacro %}

{% macro duckdb__latest(column, ordered_at, tie_breaker) -%}
arg_max({{ column }}, struct_pack(t := {{ ordered_at }}, o := {{ tie_breaker }}))
{%- endmacro %}


{% macro sorted_list(column) %}
{{ return(adapter.dispatch('sorted_list', 'patronage')(column)) }}
{% endmacro %}

{% macro duckdb__sorted_list(column) -%}
list_sort(list({{ column }}))
{%- endmacro %}


{% macro days_between(days) %}
{{ return(adapter.dispatch('days_between', 'patronage')(days)) }}
{% endmacro %}

{% macro duckdb__days_between(days) -%}
list_filter(
            list_transform({{ days }}[2:], lambda day, place: day - {{ days }}[place]),
            lambda gap: gap > 0
        )
{%- endmacro %}


{% macro median_of_several(numbers) %}
{{ return(adapter.dispatch('median_of_several', 'patronage')(numbers)) }}
{% endmacro %}

{% macro duckdb__median_of_several(numbers) -%}
case when len({{ numbers }}) >= 2 then list_median({{ numbers }}) end
{%- endmacro %}


{% macro hash_share(column) %}
{{ return(adapter.dispatch('hash_share', 'patronage')(column)) }}
{% endmacro %}

{% macro duckdb__hash_share(column) -%}
md5_number_lower({{ column }}) / 18446744073709551616.0
{%- endmacro %}


{% macro read_as(column, type) %}
{{ return(adapter.dispatch('read_as', 'patronage')(column, type)) }}
{% endmacro %}

{% macro default__read_as(column, type) -%}
try_cast({{ column }} as {{ type }})
{%- endmacro %}
