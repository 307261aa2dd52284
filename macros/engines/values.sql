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


{% macro median_gap_days(days) %}
{{ return(adapter.dispatch('median_gap_days', 'patronage')(days)) }}
{% endmacro %}

{% macro duckdb__median_gap_days(days) -%}
list_transform(
            [list_filter(
                list_transform(
                    list_zip({{ days }}[:-2], {{ days }}[2:]), lambda pair: pair[2] - pair[1]
                ),
                lambda gap: gap > 0
            )],
            lambda gaps: case when len(gaps) >= 2 then list_median(gaps) end
        )[1]
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
