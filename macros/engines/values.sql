{#- How each engine reads, hashes and picks values. -#}

{% macro read_timestamp(column, date_order) %}
{{ return(adapter.dispatch('read_timestamp', 'patronage')(column, date_order)) }}
{% endmacro %}

{% macro duckdb__read_timestamp(column, date_order) -%}
{%- if date_order == 'iso' -%}
{#- A two-digit year would read as the year 12: no shop is that old. -#}
case when try_cast({{ column }} as timestamp) >= timestamp '1900-01-01' then try_cast({{ column }} as timestamp) end
{%- else -%}
{%- set day = '%m/%d/' if date_order == 'month_first' else '%d/%m/' -%}
try_strptime(replace(replace(trim(cast({{ column }} as varchar)), '.', '/'), '-', '/'), [
    {%- for year in ['%y', '%Y'] -%}
    '{{ day }}{{ year }} %H:%M', '{{ day }}{{ year }} %H:%M:%S', '{{ day }}{{ year }}'{{ ', ' if not loop.last }}
    {%- endfor -%}
])
{%- endif -%}
{%- endmacro %}


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
