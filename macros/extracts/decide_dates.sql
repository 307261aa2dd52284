{% macro date_orders() %}
{{ return(['iso', 'iso_with_offset', 'month_name', 'month_first', 'day_first', 'year_first', 'spreadsheet_day']) }}
{% endmacro %}


{#- Those that read one text as different days: 10/12/11 is a day of 2010 or 2011, in October, November or December. -#}
{% macro rival_date_orders() %}
{{ return(['month_first', 'day_first', 'year_first']) }}
{% endmacro %}


{% macro decide_dates(problems, name, styles) %}
{% set columns = columns_of(name, 'dates', ['text', 'number']) %}
{% if columns %}
    {% set counts = count_readable_dates(name, columns, styles.time_zone) %}
    {% set set_order = var('extract_date_orders').get(name) %}
    {% set best = namespace(order=set_order) %}
    {% if not set_order %}
        {% for order in date_orders() if best.order is none or counts[order] > counts[best.order] %}{% set best.order = order %}{% endfor %}
        {% if best.order in rival_date_orders() %}
            {% for rival in rival_date_orders() if rival != best.order %}
                {% do refuse_rival_dates(problems, name, columns, counts, best.order, rival) %}
            {% endfor %}
        {% endif %}
    {% endif %}
    {% do styles.update({
        'date_order': best.order,
        'date_format': plain_date_format(name, columns, best.order, styles.time_zone),
        'losing_dates_pct': 100 * (counts['any_order'] - counts[best.order]) / [counts['dates'], 1] | max if set_order else none,
    }) %}
{% endif %}
{% endmacro %}


{% macro count_readable_dates(name, columns, time_zone) %}
{% set rivals = rival_date_orders() %}
{% set counts_query %}
with

dates as ({{ distinct_values(name, columns) }}),

parsed as (

    select
        value,
        {%- for order in date_orders() %}
        {{ parse_timestamp('value', order, time_zone) }} as {{ order }}{{ ',' if not loop.last }}
        {%- endfor %}
    from dates

),

read_dates as (

    select
        value,
        {%- for order in date_orders() %}
        {{ believable(order) }} as {{ order }}{{ ',' if not loop.last }}
        {%- endfor %}
    from parsed

)

select
    count(*) as dates,
    count(coalesce({{ date_orders() | join(', ') }})) as any_order,
    {%- for order in date_orders() %}
    count({{ order }}) as {{ order }},
    {%- endfor %}
    {%- for order in rivals %}{% for rival in rivals if rival != order %}
    count(case when {{ order }} is null and {{ rival }} is not null then 1 end) as {{ rival }}_not_{{ order }},
    count(case when {{ order }} <> {{ rival }} then 1 end) as {{ order }}_unlike_{{ rival }},
    {%- endfor %}{% endfor %}
    1 as place
from read_dates
{% endset %}
{{ return(run_query(counts_query).rows[0]) }}
{% endmacro %}


{% macro refuse_rival_dates(problems, name, columns, counts, order, rival) %}
{% set zone = 'UTC' %}
{% set by_order, by_rival = believable(parse_timestamp('value', order, zone)), believable(parse_timestamp('value', rival, zone)) %}
{% if counts[rival ~ '_not_' ~ order] %}
    {% do problems.append(
        'var ' ~ name ~ ': the date ' ~ first_place(name, columns, by_order ~ ' is null and ' ~ by_rival ~ ' is not null')
        ~ ', is read ' ~ rival | replace('_', ' ') ~ ' only, and most dates ' ~ order | replace('_', ' ')
        ~ ' only; accepted: one order in all files, or var extract_date_orders, and what is not in its order is unreadable then.'
    ) %}
{% elif counts[order ~ '_not_' ~ rival] == 0 and counts[order ~ '_unlike_' ~ rival] %}
    {% do problems.append(
        'var ' ~ name ~ ': its dates read ' ~ order | replace('_', ' ') ~ ' and ' ~ rival | replace('_', ' ') ~ ' alike, such as '
        ~ first_place(name, columns, by_order ~ ' <> ' ~ by_rival) ~ '; accepted: var extract_date_orders: {' ~ name ~ ': ' ~ order
        ~ '} or ' ~ rival ~ '.'
    ) %}
{% endif %}
{% endmacro %}


{% macro plain_date_format(name, columns, order, time_zone) %}
{#- The cheapest way to read all dates of the extract as its order does: a cast, or one format; none where there is none. -#}
{% set formats = plain_date_formats(order) %}
{% if not formats %}{{ return(none) }}{% endif %}
{% set formats_query %}
select
    {%- for format in formats %}
    count(case when {{ parse_plain_timestamp('value', format) }} is distinct from parsed then 1 end)
        as format_{{ loop.index }}{{ ',' if not loop.last }}
    {%- endfor %}
from (
    select value, {{ parse_timestamp('value', order, time_zone) }} as parsed
    from ({{ distinct_values(name, columns) }}) as dates
) as parsed_dates
{% endset %}
{% set differences = run_query(formats_query).rows[0] %}
{% for format in formats %}
    {% if differences['format_' ~ loop.index] == 0 %}{{ return(format) }}{% endif %}
{% endfor %}
{{ return(none) }}
{% endmacro %}
