{% macro stop_at_unusable_shops(grain) %}
{% if execute and not flags.EMPTY %}
    {% set problems = [] %}
    {% for shop in shops_of_grain(grain) %}{% do check_rows_of_shop(problems, shop, grain) %}{% endfor %}
    {% do stop_at(problems) %}
{% endif %}
{% endmacro %}


{% macro check_rows_of_shop(problems, shop, grain) %}
{#- The first that is wrong is the cause of the rest: one sentence for each shop. -#}
{% set noun = {'order_lines': 'line', 'orders': 'order', 'customers': 'customer'}[grain] %}
{% set counts = counts_by_status(shop, grain) %}
{% set total = counts.values() | sum %}
{% set unreadable = counts.get('unreadable', 0) %}
{% set found = 'shop ' ~ shop ~ ': found ' ~ words_of_counts(counts, noun) ~ '; accepted: ' %}
{% if counts.get('accepted', 0) + counts.get('unpaid', 0) == 0 %}
    {% do problems.append(found ~ 'at least one accepted ' ~ noun ~ '; ' ~ advice_on_nothing(shop, grain, counts) ~ '.') %}
{% elif 100 * unreadable > var('unreadable_lines_limit_pct') * total %}
    {% do problems.append(
        found ~ 'at most ' ~ var('unreadable_lines_limit_pct') ~ ' % unreadable (var unreadable_lines_limit_pct); '
        ~ advice_on_unreadable(shop, grain) ~ '.'
    ) %}
{% elif grain == 'customers' %}
    {% do check_repeated_customers(problems, shop) %}
{% elif count_conflicts(shop, grain)[0] > 0 %}
    {% do check_conflicts(problems, shop, grain, count_conflicts(shop, grain)) %}
{% endif %}
{% do check_sum_of_money(problems, shop, grain) %}
{% endmacro %}


{% macro counts_by_status(shop, grain) %}
{% set counts_query %}
{% if grain == 'order_lines' %}
{% set statuses = ['accepted', 'unreadable', 'adjustment', 'zero_price', 'repeated', 'after_as_of_date'] %}
with summed as (
    select
        {%- for status in statuses %}
        coalesce(sum({{ status }}_lines), 0) as {{ status }}_lines{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ this }}
    where shop = {{ sql_text(shop) }}
)
{% for status in statuses %}
select '{{ status }}' as row_status, {{ status }}_lines as row_count from summed
{{ 'union all' if not loop.last }}
{% endfor %}
{% else %}
select row_status, count(*) as row_count
from {{ this }}
where shop = {{ sql_text(shop) }}
group by row_status
order by row_count desc, row_status
{% endif %}
{% endset %}
{% set counts = {} %}
{% for row in run_query(counts_query).rows %}{% do counts.update({row[0]: row[1] | int}) %}{% endfor %}
{{ return(counts) }}
{% endmacro %}


{% macro check_sum_of_money(problems, shop, grain) %}
{#- An order's sum that does not fit is null. -#}
{% set amounts = {
    'order_lines': [
        'gross_amount', 'returned_amount', 'repeated_amount', 'unreadable_amount', 'adjustment_amount', 'after_as_of_date_amount',
    ],
    'orders': ['amount', 'returned_amount'],
    'customers': ["case when row_status = 'accepted' then gross_revenue else 0 end"],
}[grain] %}
{% set sum_query %}
select coalesce(sum({% for amount in amounts %}coalesce(abs({{ amount }}), 100000000000000){{ ' + ' if not loop.last }}{% endfor %}), 0)
from {{ this }}
where shop = {{ sql_text(shop) }}
{% endset %}
{% if run_query(sum_query).rows[0][0] >= 100000000000000 %}
    {% do problems.append(
        'shop ' ~ shop ~ ': found amounts that sum to 100,000,000,000,000 or more; accepted: sums that fit into ' ~ money_type()
        ~ '; look for a column that has slipped among the largest in staging.' ~ entry_model(shop) ~ '.'
    ) %}
{% endif %}
{% endmacro %}
