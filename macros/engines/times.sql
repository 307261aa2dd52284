{#- How each engine reads days and times from text. -#}

{% macro parse_timestamp(text, order, time_zone) %}
{{ return(adapter.dispatch('parse_timestamp', 'patronage')(text, order, time_zone)) }}
{% endmacro %}

{% macro duckdb__parse_timestamp(text, order, time_zone) -%}
{%- set trimmed = trim_blanks(text) -%}
{%- if order == 'iso' -%}
{{ duckdb__parse_iso(trimmed) }}
{%- elif order == 'iso_with_offset' -%}
{{ duckdb__parse_iso_with_offset(trimmed, time_zone) }}
{%- elif order == 'month_name' -%}
{{ duckdb__parse_month_name(trimmed) }}
{%- elif order == 'spreadsheet_day' -%}
case
    when {{ matches(trimmed, '[0-9]{5}(?:[.,][0-9]+)?') }}
        then timestamp '1899-12-30' + to_seconds(cast(round(try_cast(replace({{ trimmed }}, ',', '.') as double) * 86400) as bigint))
end
{%- else -%}
{%- set days = {'month_first': '%m/%d/YEAR', 'day_first': '%d/%m/YEAR', 'year_first': '%y/%m/%d'}[order] -%}
{#- The pattern spares most texts the trial of each format. -#}
case
    when {{ matches(trimmed, '[0-9]{1,2}[-/.][0-9].*') }}
        then try_strptime(replace(replace({{ trimmed }}, '.', '/'), '-', '/'), {{ duckdb__formats([days], '/') }})
end
{%- endif -%}
{%- endmacro %}

{% macro duckdb__parse_iso(text) -%}
case
    when {{ matches(text, '[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:[ T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?)?') }}
        then try_cast(replace(regexp_replace({{ text }}, '^(....)[/.](.+?)[/.]', '\1-\2-'), ',', '.') as timestamp)
    when {{ matches(text, '[0-9]{8}') }} then try_strptime({{ text }}, '%Y%m%d')
    when {{ matches(text, '[0-9]{8}[ T]?[0-9]{6}') }} then try_strptime(replace(replace({{ text }}, 'T', ''), ' ', ''), '%Y%m%d%H%M%S')
    when {{ matches(text, '[0-9]{12}') }} then try_strptime({{ text }}, '%Y%m%d%H%M')
    when {{ matches(text, '[0-9]{4}[-/.].*(?i:[ap]m)') }}
        then try_strptime(regexp_replace({{ text }}, '^(....)[/.](.+?)[/.]', '\1-\2-'), ['%Y-%m-%d %I:%M:%S %p', '%Y-%m-%d %I:%M %p'])
end
{%- endmacro %}

{% macro duckdb__parse_iso_with_offset(text, time_zone) -%}
{#- By hand: a cast to a timestamp leaves the offset out, and one with a time zone needs seconds. -#}
{%- set clock = '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?' -%}
{%- set local_time = "try_cast(replace(regexp_extract(" ~ text ~ ", '" ~ clock ~ "'), ',', '.') as timestamp)" -%}
{%- set offset = "regexp_extract(" ~ text ~ ", '([-+])([0-9]{2}):?([0-9]{2})?$'" -%}
case
    when {{ matches(text, clock ~ ' ?(?:[Zz]|UTC|GMT)') }}
        then timezone('{{ time_zone }}', timezone('UTC', {{ local_time }}))
    when {{ matches(text, clock ~ ' ?[-+][0-9]{2}(?::?[0-9]{2})?') }}
        then timezone('{{ time_zone }}', timezone('UTC', {{ local_time }} - to_minutes(
            cast(concat({{ offset }}, 1), '1') as integer)
            * (60 * cast({{ offset }}, 2) as integer) + coalesce(try_cast({{ offset }}, 3) as integer), 0))
        )))
end
{%- endmacro %}

{% macro duckdb__parse_month_name(text) -%}
{#- Without weekdays, ordinal endings and separators: Wed, 1st Dec. 2010 is 1 Dec 2010. -#}
{%- set weekday = '^(?i:mon|tue|tues|wed|wednes|thu|thurs|fri|sat|satur|sun)(?i:day)?[ ,]+' -%}
{%- set bare = "regexp_replace(regexp_replace(regexp_replace(" ~ text ~ ", '" ~ weekday ~ "', ''), '([0-9])(?:st|nd|rd|th)', '\\1'), '[-/., ]+', ' ', 'g')" -%}
case
    when {{ matches(text, '.*(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec).*') }}
        then try_strptime(replace(lower({{ bare }}), 'sept ', 'sep '), {{ duckdb__formats(
            ['%d %b YEAR', '%d %B YEAR', '%b %d YEAR', '%B %d YEAR', 'YEAR %b %d', 'YEAR %B %d'], ' '
        ) }})
end
{%- endmacro %}

{% macro duckdb__formats(days, separator) -%}
{#- Two digits of a year come first: four would read the year 12. -#}
{%- set formats = [] -%}
{%- for year in ['%y', '%Y'] -%}
{%- for day in days if year == '%y' or 'YEAR' in day -%}
{%- for time in [' %H:%M', ' %H:%M:%S', '', ' %I:%M %p', ' %I:%M:%S %p', ' %I:%M%p', ' %I:%M:%S%p', ' %H:%M:%S' ~ separator ~ '%f'] -%}
{%- do formats.append("'" ~ day | replace('YEAR', year) ~ time ~ "'") -%}
{%- endfor -%}
{%- endfor -%}
{%- endfor -%}
[{{ formats | join(', ') }}]
{%- endmacro %}


{% macro plain_date_formats(order) %}
{{ return(adapter.dispatch('plain_date_formats', 'patronage')(order)) }}
{% endmacro %}

{% macro duckdb__plain_date_formats(order) %}
{{ return({
    'iso': ['cast'],
    'month_first': ['%m/%d/%Y %H:%M', '%m/%d/%Y %H:%M:%S', '%m/%d/%Y'],
    'day_first': ['%d/%m/%Y %H:%M', '%d/%m/%Y %H:%M:%S', '%d/%m/%Y'],
}.get(order, [])) }}
{% endmacro %}


{% macro parse_plain_timestamp(text, format) %}
{{ return(adapter.dispatch('parse_plain_timestamp', 'patronage')(text, format)) }}
{% endmacro %}

{% macro duckdb__parse_plain_timestamp(text, format) -%}
{%- if format == 'cast' -%}
try_cast({{ text }} as timestamp)
{%- else -%}
try_strptime({{ text }}, '{{ format }}')
{%- endif -%}
{%- endmacro %}
