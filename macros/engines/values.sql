{#- How each engine reads, hashes and picks values. -#}

{% macro read_timestamp(column, date_order) %}
{#- A date and time from text in the given order (iso, month_first, day_first); what cannot be read is null. -#}
{{ return(adapter.dispatch('read_timestamp', 'clientele')(column, date_order)) }}
{% endmacro %}

{% macro duckdb__read_timestamp(column, date_order) %}
{% if date_order == 'iso' %}
    {#- A two-digit year would read as the year 12: no shop is that old. -#}
    {{ return(
        "case when try_cast(" ~ column ~ " as timestamp) >= timestamp '1900-01-01' then try_cast(" ~ column ~ " as timestamp) end"
    ) }}
{% endif %}
{% set day = '%m/%d/' if date_order == 'month_first' else '%d/%m/' %}
{% set formats = [] %}
{% for year in ['%y', '%Y'] %}
    {% for time in [' %H:%M', ' %H:%M:%S', ''] %}
        {% do formats.append("'" ~ day ~ year ~ time ~ "'") %}
    {% endfor %}
{% endfor %}
{{ return(
    "try_strptime(replace(replace(trim(cast(" ~ column ~ " as varchar)), '.', '/'), '-', '/'), [" ~ formats | join(', ') ~ "])"
) }}
{% endmacro %}


{% macro row_fingerprint(columns) %}
{#- A 64-bit hash of some columns of a row; null is a value of its own. -#}
{{ return(adapter.dispatch('row_fingerprint', 'clientele')(columns)) }}
{% endmacro %}

{% macro duckdb__row_fingerprint(columns) %}
{{ return('hash(' ~ columns | join(', ') ~ ')') }}
{% endmacro %}


{% macro bit_xor(column) %}
{#- Exclusive or over a group: zero where each distinct value occurs an even number of times. -#}
{{ return(adapter.dispatch('bit_xor', 'clientele')(column)) }}
{% endmacro %}

{% macro default__bit_xor(column) %}
{{ return('bit_xor(' ~ column ~ ')') }}
{% endmacro %}


{% macro latest(column, ordered_at, tie_breaker) %}
{#- The value of a column in the group's latest row that has one; the tie-breaker decides between equal times. -#}
{{ return(adapter.dispatch('latest', 'clientele')(column, ordered_at, tie_breaker)) }}
{% endmacro %}

{% macro duckdb__latest(column, ordered_at, tie_breaker) %}
{{ return('arg_max(' ~ column ~ ', struct_pack(t := ' ~ ordered_at ~ ', o := ' ~ tie_breaker ~ '))') }}
{% endmacro %}


{% macro hash_share(column) %}
{#- A number from 0 to 1 that depends on a text alone and is spread evenly: for samples that do not depend on row order. -#}
{{ return(adapter.dispatch('hash_share', 'clientele')(column)) }}
{% endmacro %}

{% macro duckdb__hash_share(column) %}
{{ return('md5_number_lower(' ~ column ~ ') / 18446744073709551616.0') }}
{% endmacro %}


{% macro read_as(column, type) %}
{#- A value cast to a type, null where it cannot be (dbt.safe_cast is a plain cast on DuckDB). -#}
{{ return(adapter.dispatch('read_as', 'clientele')(column, type)) }}
{% endmacro %}

{% macro default__read_as(column, type) %}
{{ return('try_cast(' ~ column ~ ' as ' ~ type ~ ')') }}
{% endmacro %}
