{% macro read_mapped_shops(grain) -%}
{#- When dbt only parses, nothing has looked at the var yet. -#}
{%- for shop, entry in mapped_shops(grain).items() if execute %}
    select
        {{ sql_text(shop) }} as shop,
        {%- for column, type in canonical_columns(grain).items() if column != 'file' %}
        {{ read_mapped_column(column, type, shop ~ '_' ~ grain) }} as {{ column }},
        {%- endfor %}
        file,
        line
    from (
        {{ raw_extract(shop ~ '_' ~ grain) }}
    ) as raw_rows
    {{- '\n    union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}


{% macro read_mapped_column(column, type, extract) -%}
{%- set config = extract_config(extract) -%}
{%- if column == 'is_unreadable' -%}
{{ has_unreadable_number(extract) }}
{%- elif column in config.get('ids', []) -%}
{{ read_id(column) }}
{%- elif column in config.get('texts', []) -%}
{{ read_text(column) }}
{%- elif column in config.get('words', []) -%}
lower({{ read_text(column) }}) in ('true', 't', 'yes', 'y', '1', 'active', 'subscribed', 'premium')
{%- elif column in config.get('whole_numbers', []) -%}
cast({{ read_whole_number(column, extract) }} as {{ type }})
{%- elif column in config.get('amounts', []) -%}
{{ read_money(column, extract) }}
{%- elif column in config.get('dates', []) -%}
cast({{ read_timestamp(column, extract) }} as {{ type }})
{%- else -%}
cast(null as {{ type }})
{%- endif -%}
{%- endmacro %}


{% macro has_unreadable_number(extract) -%}
{#- An amount that is there and cannot be read is another thing than an order that nobody paid. -#}
{%- set config = extract_config(extract) -%}
(
            {%- for column in config.get('amounts', []) + config.get('whole_numbers', []) %}
            {{ 'or ' if not loop.first }}(
                {{ read_text(column) }} is not null
                and {{ read_money(column, extract) if column in config.amounts else read_whole_number(column, extract) }} is null
            )
            {%- endfor %}
        )
{%- endmacro %}
