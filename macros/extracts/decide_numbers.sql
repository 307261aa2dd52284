{% macro decide_numbers(problems, name, styles) %}
{% set whole, amounts = columns_of(name, 'whole_numbers', ['text']), columns_of(name, 'amounts', ['text']) %}
{% if whole or amounts %}
    {% set set_sign = var('extract_decimal_signs').get(name) %}
    {% set counts = count_signs(name, whole + amounts) %}
    {% if not set_sign %}{% do refuse_unclear_signs(problems, name, whole + amounts, counts) %}{% endif %}
    {% if amounts %}{% do refuse_two_currencies(problems, name, amounts) %}{% endif %}
    {% set found = 'point' if counts['point_only'] > counts['comma_only'] else 'comma' if counts['comma_only'] else none %}
    {% set sign = set_sign or found %}
    {% do styles.update({
        'decimal_sign': sign,
        'has_plain_numbers': has_plain_numbers(name, whole, amounts, sign, set_sign is not none),
    }) %}
{% endif %}
{% endmacro %}


{% macro count_signs(name, columns) %}
{% set by_point, by_comma = matches('value', number_pattern('point')), matches('value', number_pattern('comma')) %}
{% set counts_query %}
select
    count(case when {{ by_point }} and not {{ by_comma }} then 1 end) as point_only,
    count(case when {{ by_comma }} and not {{ by_point }} then 1 end) as comma_only,
    count(case when {{ by_point }} and {{ by_comma }} and {{ matches('value', '.*[.,].*') }} then 1 end) as either
from ({{ distinct_values(name, columns) }}) as numbers
{% endset %}
{{ return(run_query(counts_query).rows[0]) }}
{% endmacro %}


{% macro refuse_unclear_signs(problems, name, columns, counts) %}
{% set by_point, by_comma = matches('value', number_pattern('point')), matches('value', number_pattern('comma')) %}
{% set accepted = 'accepted: var extract_decimal_signs: {' ~ name ~ ': point} or comma, and what is not written so is unreadable then.' %}
{% if counts['point_only'] == 0 and counts['comma_only'] == 0 and counts['either'] %}
    {% do problems.append(
        'var ' ~ name ~ ': the number ' ~ first_place(name, columns, by_point ~ ' and ' ~ by_comma ~ " and " ~ matches('value', '.*[.,].*'))
        ~ ', is either a thousand and more or has three decimals, and no other number tells; ' ~ accepted
    ) %}
{% elif counts['point_only'] and counts['comma_only'] and (counts['either'] or counts['point_only'] == counts['comma_only']) %}
    {% do problems.append(
        'var ' ~ name ~ ': the number ' ~ first_place(name, columns, by_point ~ ' and not ' ~ by_comma) ~ ', has a decimal point and '
        ~ first_place(name, columns, by_comma ~ ' and not ' ~ by_point) ~ ', a decimal comma; ' ~ accepted
    ) %}
{% endif %}
{% endmacro %}


{% macro refuse_two_currencies(problems, name, columns) %}
{% set currencies_query %}
select distinct currency
from (select {{ currency_of('value') }} as currency from ({{ distinct_values(name, columns) }}) as amounts) as currencies
where currency <> ''
order by currency
{% endset %}
{% set currencies = run_query(currencies_query).columns[0].values() | list %}
{% if currencies | length > 1 %}
    {% do problems.append(
        'var ' ~ name ~ ': its amounts are in ' ~ currencies | join(' and ') ~ ', the second for example in '
        ~ first_place(name, columns, currency_of('value') ~ ' = ' ~ sql_text(currencies[1])) ~ '; accepted: one currency per extract.'
    ) %}
{% endif %}
{% endmacro %}


{% macro has_plain_numbers(name, whole, amounts, sign, is_sign_set) %}
{#- Whether a cast reads each number as the sign does: it is several times faster. -#}
{% set differences_query %}
select
    {%- if whole %}
    (
        select count(*) from ({{ distinct_values(name, whole) }}) as numbers
        where {{ parse_whole_number('value', sign, is_sign_set) }} is distinct from {{ read_as('value', 'integer') }}
    ) +
    {%- endif %}
    {%- if amounts %}
    (
        select count(*) from ({{ distinct_values(name, amounts) }}) as numbers
        where {{ parse_number('value', sign, true) }} is distinct from {{ read_as('value', money_type()) }}
    ) +
    {%- endif %}
    0 as differences
{% endset %}
{{ return(run_query(differences_query).rows[0]['differences'] == 0) }}
{% endmacro %}
