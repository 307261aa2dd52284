{% macro words_of_counts(counts, noun) %}
{% set words, total = [], counts.values() | sum %}
{% for status, number in counts.items() if number > 0 %}{% do words.append('{:,}'.format(number) ~ ' ' ~ status) %}{% endfor %}
{{ return('{:,}'.format(total) ~ ' ' ~ noun ~ ('' if total == 1 else 's') ~ (', of which ' ~ words | join(', ') if words else '')) }}
{% endmacro %}


{% macro advice_on_nothing(shop, grain, counts) %}
{#- A shop's own words for an order's status: none of them is a purchase. -#}
{% set own = counts.keys() | reject('in', ['unreadable', 'after_as_of_date', 'repeated']) | list if grain == 'orders' else [] %}
{% if own %}
    {{ return('var accepted_order_statuses.' ~ shop ~ ' names ' ~ var('accepted_order_statuses')[shop] | join(', ')
        ~ ', and the orders have ' ~ own | join(', ')) }}
{% elif counts.get('after_as_of_date', 0) > 0 %}
    {{ return('var as_of_date is ' ~ var('as_of_date') ~ ', and the first order is of ' ~ first_day(shop, grain)) }}
{% elif counts.get('unreadable', 0) > 0 %}
    {{ return(advice_on_unreadable(shop, grain)) }}
{% endif %}
{{ return('docs/definitions.md says what each status means, and staging.' ~ entry_model(shop) ~ ' has the rows') }}
{% endmacro %}


{% macro advice_on_unreadable(shop, grain) %}
{% set tables, settings = [], [] %}
{% for name in (raw_tables() + mapped_tables()) | unique if name.startswith(shop ~ '_') %}{% do tables.append(raw_schema() ~ '.' ~ name) %}{% endfor %}
{% for name in var_rules() if name.startswith('extract_') %}{% do settings.append(name) %}{% endfor %}
{{ return(
    'what could not be read is null in staging.' ~ entry_model(shop)
    ~ (': compare it with ' ~ tables | join(', ') ~ ', and look at vars ' ~ settings | join(', ') if tables)
) }}
{% endmacro %}


{% macro first_day(shop, grain) %}
{% set time = {'order_lines': 'ordered_at', 'orders': 'ordered_at', 'customers': 'last_ordered_on'}[grain] %}
{% set is_later = 'after_as_of_date_lines > 0' if grain == 'order_lines' else "row_status = 'after_as_of_date'" %}
{% set first_query %}
select min(cast({{ time }} as date)) from {{ this }} where shop = {{ sql_text(shop) }} and {{ is_later }}
{% endset %}
{{ return(run_query(first_query).rows[0][0]) }}
{% endmacro %}
