{#- An order whose lines lie in several files has a row for each of them; all others are whole in one row. -#}

{% macro is_split_until_marked() %}
{{ return(adapter.dispatch('is_split_until_marked', 'patronage')()) }}
{% endmacro %}

{% macro default__is_split_until_marked() -%}
{#- Where rows cannot be updated, every order is summed from its rows, be it one. -#}
true
{%- endmacro %}

{% macro duckdb__is_split_until_marked() -%}
false
{%- endmacro %}


{% macro mark_split_orders() %}
{{ return(adapter.dispatch('mark_split_orders', 'patronage')()) }}
{% endmacro %}

{% macro default__mark_split_orders() %}{% endmacro %}

{% macro duckdb__mark_split_orders() %}
{% set files_query %}
select shop
from (select shop, raw_file, {{ dbt.bool_or('is_split') }} as has_split from {{ this }} group by shop, raw_file) as read_files
group by shop
having count(*) > 1 or {{ dbt.bool_or('has_split') }}
{% endset %}
{% if execute and run_query(files_query).rows %}
update {{ this }}
set is_split = not is_split
where
    is_split <> (
        (shop, order_id) in (
            select shop, order_id
            from {{ this }}
            group by shop, order_id
            having count(*) > 1
        )
    )
{% endif %}
{% endmacro %}
