{#- How Spark casts, hashes and picks values. -#}

{% macro spark__row_fingerprint(columns) -%}
{#- xxhash64 passes over nulls: with a text for them (null, 'a') is not ('a', null). -#}
xxhash64(
            {%- for column in columns %}
            coalesce(cast({{ column }} as string), '\u0001'){{ ',' if not loop.last }}
            {%- endfor %}
        )
{%- endmacro %}


{% macro spark__latest(column, ordered_at, tie_breaker) -%}
max_by({{ column }}, case when {{ column }} is not null then struct({{ ordered_at }}, {{ tie_breaker }}) end)
{%- endmacro %}


{% macro spark__sorted_list(column) -%}
sort_array(collect_list({{ column }}))
{%- endmacro %}


{% macro spark__median_gap_days(days) -%}
transform(
            array(array_sort(filter(
                transform(
                    slice({{ days }}, 2, greatest(size({{ days }}) - 1, 0)),
                    (day, place) -> datediff(day, {{ days }}[place])
                ),
                gap -> gap > 0
            ))),
            gaps -> case
                when size(gaps) >= 2
                    then (gaps[cast((size(gaps) - 1) div 2 as int)] + gaps[cast(size(gaps) div 2 as int)]) / 2
            end
        )[0]
{%- endmacro %}


{% macro spark__hash_share(column) -%}
{#- The last eight bytes of MD5, lowest first: the same share as DuckDB's md5_number_lower gives. -#}
cast(conv(
            regexp_replace(
                substr(md5({{ column }}), 17), '(..)(..)(..)(..)(..)(..)(..)(..)', '$8$7$6$5$4$3$2$1'
            ), 16, 10
        ) as double) / 18446744073709551616.0e0
{%- endmacro %}


{% macro spark__read_as(column, type) -%}
{%- if type == 'integer' -%}
{#- A cast from text would refuse 17.0, and one from a decimal cut 17.6 off. -#}
try_cast(round(try_cast({{ column }} as decimal(18, 4))) as integer)
{%- else -%}
try_cast({{ column }} as {{ type }})
{%- endif -%}
{%- endmacro %}


{% macro spark__nearest(number, distance) -%}
min(named_struct('d', {{ distance }}, 'n', {{ number }})).n
{%- endmacro %}


{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
listagg({{ measure }}, {{ delimiter_text }}){{ ' within group (' ~ order_by_clause ~ ')' if order_by_clause }}
{%- endmacro %}
