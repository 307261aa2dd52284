{#- How Spark reads days and times from text. -#}

{% macro spark__parse_timestamp(text, order, time_zone) -%}
{%- set trimmed = trim_blanks(text) -%}
{%- if order == 'iso' -%}
{{ spark__parse_iso(trimmed) }}
{%- elif order == 'iso_with_offset' -%}
{{ spark__parse_iso_with_offset(trimmed, time_zone) }}
{%- elif order == 'month_name' -%}
{{ spark__parse_month_name(trimmed) }}
{%- elif order == 'spreadsheet_day' -%}
case
    when {{ matches(trimmed, '[0-9]{5}(?:[.,][0-9]+)?') }}
        then timestamp_seconds(cast(round(try_cast(replace({{ trimmed }}, ',', '.') as double) * 86400) as bigint) - 2209161600)
end
{%- else -%}
{%- set pattern, places = {
    'month_first': ('([0-9]{1,2})/([0-9]{1,2})/([0-9]{1,4})', (3, 1, 2)),
    'day_first': ('([0-9]{1,2})/([0-9]{1,2})/([0-9]{1,4})', (3, 2, 1)),
    'year_first': ('([0-9]{1,2})/([0-9]{1,2})/([0-9]{1,2})', (1, 2, 3)),
}[order] -%}
{{ spark__moment("replace(replace(" ~ trimmed ~ ", '.', '/'), '-', '/')", pattern, places, '/') }}
{%- endif -%}
{%- endmacro %}

{% macro spark__parse_iso(text) -%}
{%- set dashed = "regexp_replace(" ~ text ~ ", '^(....)[/.](.+?)[/.]', '$1-$2-')" -%}
case
    when {{ matches(text, '[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:[ T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?)?') }}
        then try_cast(regexp_replace(replace({{ dashed }}, ',', '.'), '[ T]+', ' ') as timestamp)
    when {{ matches(text, '[0-9]{8}') }} then try_to_timestamp({{ text }}, 'yyyyMMdd')
    when {{ matches(text, '[0-9]{8}[ T]?[0-9]{6}') }}
        then try_to_timestamp(replace(replace({{ text }}, 'T', ''), ' ', ''), 'yyyyMMddHHmmss')
    when {{ matches(text, '[0-9]{12}') }} then try_to_timestamp({{ text }}, 'yyyyMMddHHmm')
    when {{ matches(text, '[0-9]{4}[-/.].*(?i:[ap]m)') }}
        then coalesce(try_to_timestamp({{ dashed }}, 'yyyy-M-d h:m:s a'), try_to_timestamp({{ dashed }}, 'yyyy-M-d h:m a'))
end
{%- endmacro %}

{% macro spark__parse_iso_with_offset(text, time_zone) -%}
{%- set clock = '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?' -%}
{%- set local_time = "try_cast(replace(regexp_extract(" ~ text ~ ", '" ~ clock ~ "', 0), ',', '.') as timestamp)" -%}
{%- set offset = "regexp_extract(" ~ text ~ ", '([-+])([0-9]{2}):?([0-9]{2})?$'" -%}
case
    when {{ matches(text, clock ~ ' ?(?:[Zz]|UTC|GMT)') }} then from_utc_timestamp({{ local_time }}, '{{ time_zone }}')
    when {{ matches(text, clock ~ ' ?[-+][0-9]{2}(?::?[0-9]{2})?') }}
        then from_utc_timestamp({{ local_time }} - make_dt_interval(
            0, 0, cast(concat({{ offset }}, 1), '1') as integer)
            * (60 * cast({{ offset }}, 2) as integer) + coalesce(try_cast({{ offset }}, 3) as integer), 0)), 0
        ), '{{ time_zone }}')
end
{%- endmacro %}

{% macro spark__parse_month_name(text) -%}
{#- Without weekdays, ordinal endings and separators: Wed, 1st Dec. 2010 is 1 dec 2010. -#}
{%- set weekday = '^(?i:mon|tue|tues|wed|wednes|thu|thurs|fri|sat|satur|sun)(?i:day)?[ ,]+' -%}
{%- set bare = "regexp_replace(regexp_replace(regexp_replace(" ~ text ~ ", '" ~ weekday ~ "', ''), '([0-9])(?:st|nd|rd|th)', '$1'), '[-/., ]+', ' ')" -%}
{%- set lowered = "replace(lower(" ~ bare ~ "), 'sept ', 'sep ')" -%}
{%- set month = '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)' -%}
coalesce(
    {{ spark__moment(lowered, '([0-9]{1,2}) ' ~ month ~ ' ([0-9]{1,4})', (3, 2, 1), ' ') }},
    {{ spark__moment(lowered, month ~ ' ([0-9]{1,2}) ([0-9]{1,4})', (3, 1, 2), ' ') }},
    {{ spark__moment(lowered, '([0-9]{1,4}) ' ~ month ~ ' ([0-9]{1,2})', (1, 2, 3), ' ') }}
)
{%- endmacro %}

{% macro spark__moment(text, day_pattern, places, separator) -%}
{#- Spark's own formats read 98 as 2098. The pattern is tried once: its groups, of which places names those of year, month and -#}
{#- day, become the parts p; what does not match has one part, and no time. -#}
{%- set clock = ' +([0-9]{1,2}):([0-9]{1,2})(?::([0-5]?[0-9])(?:' ~ separator ~ '([0-9]{1,6}))?)? ?((?i:[ap]m))?' -%}
{%- set pattern = sql_text('\\A' ~ day_pattern ~ '(?:' ~ clock ~ ')?\\z') -%}
transform(
    array(split(regexp_replace({{ text }}, {{ pattern }}, '${{ (places + (4, 5, 6, 7, 8)) | join('\\u0001$') }}'), '\u0001')),
    p -> try_make_timestamp(
        try_cast(p[0] as integer) + case when length(p[0]) > 2 then 0 when try_cast(p[0] as integer) < 69 then 2000 else 1900 end,
        coalesce(
            try_cast(p[1] as integer),
            cast((instr('jan feb mar apr may jun jul aug sep oct nov dec', substr(p[1], 1, 3)) + 3) / 4 as integer)
        ),
        try_cast(p[2] as integer),
        case
            when p[7] = '' then coalesce(try_cast(p[3] as integer), 0)
            when cast(p[3] as integer) between 1 and 12
                then cast(p[3] as integer) % 12 + if(lower(p[7]) = 'pm', 12, 0)
        end,
        coalesce(try_cast(p[4] as integer), 0),
        coalesce(try_cast(concat(p[5], '.', p[6]) as decimal(8, 6)), 0)
    )
)[0]
{%- endmacro %}


{% macro spark__plain_date_formats(order) %}
{{ return({
    'iso': ['cast'],
    'month_first': ['M/d/yyyy H:m', 'M/d/yyyy H:m:s', 'M/d/yyyy'],
    'day_first': ['d/M/yyyy H:m', 'd/M/yyyy H:m:s', 'd/M/yyyy'],
}.get(order, [])) }}
{% endmacro %}


{% macro spark__parse_plain_timestamp(text, format) -%}
{%- if format == 'cast' -%}
try_cast({{ text }} as timestamp)
{%- else -%}
try_to_timestamp({{ text }}, '{{ format }}')
{%- endif -%}
{%- endmacro %}
