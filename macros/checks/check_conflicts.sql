{% macro check_conflicts(problems, shop, grain, found) %}
{% set limit_pct, conflicts, orders, example = var('order_conflicts_limit_pct'), found[0], found[1], found[2] %}
{% if 100 * conflicts > limit_pct * orders %}
    {% do problems.append(
        'shop ' ~ shop ~ ': found ' ~ '{:,}'.format(conflicts) ~ ' of ' ~ '{:,}'.format(orders) ~ ' orders with more than one '
        ~ ('customer or day' if grain == 'order_lines' else 'row, and the rows differ') ~ ' (order ' ~ example ~ ': '
        ~ words_of_conflict(shop, grain, example) ~ '); accepted: at most ' ~ limit_pct
        ~ ' % (var order_conflicts_limit_pct); ids that begin again are made unique in '
        ~ ('the files' if shop in mapped_shops() else 'the model ' ~ entry_model(shop)) ~ ', for example by the day or the till in front of the id (docs/add-a-shop.md).'
    ) %}
{% endif %}
{% endmacro %}


{% macro count_conflicts(shop, grain) %}
{% set accepted = 'accepted_lines > 0' if grain == 'order_lines' else "row_status in ('accepted', 'unpaid')" %}
{% set conflicts_query %}
select
    count(case when is_conflicting then 1 end) as conflicts,
    count(*) as orders,
    min(case when is_conflicting then order_id end) as example
from {{ this }}
where shop = {{ sql_text(shop) }} and {{ accepted }}
{% endset %}
{{ return(run_query(conflicts_query).rows[0]) }}
{% endmacro %}


{% macro words_of_conflict(shop, grain, order_id) %}
{% set rows = ref('int_checked_lines') if grain == 'order_lines' else this %}
{% set accepted = "line_status = 'accepted'" if grain == 'order_lines' else "row_status in ('accepted', 'unpaid', 'repeated')" %}
{% set range_query %}
select
    min(customer_id), max(customer_id), min(cast(ordered_at as date)), max(cast(ordered_at as date)), min(amount), max(amount)
from {{ rows }}
where shop = {{ sql_text(shop) }} and order_id = {{ sql_text(order_id) }} and {{ accepted }}
{% endset %}
{% set range, words = run_query(range_query).rows[0], [] %}
{% for noun in ['customer', 'day'] + (['amount'] if grain == 'orders' else []) %}
    {% set first, last = range[2 * loop.index0], range[2 * loop.index0 + 1] %}
    {% if first is not none and first != last %}{% do words.append(noun ~ 's ' ~ first ~ ' and ' ~ last) %}{% endif %}
{% endfor %}
{{ return(words | join(', ') or 'other values differ') }}
{% endmacro %}
