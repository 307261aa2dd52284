{#- Which raw files a model by file holds already, read from them as they are now. -#}

{% macro is_line_to_read() -%}
{%- set conditions = [] -%}
{%- if execute and is_incremental() -%}
    {%- for shop, files in files_that_stand().items() -%}
        {%- do conditions.append('not coalesce(shop = ' ~ sql_text(shop) ~ ' and raw_file in (' ~ files | join(', ') ~ '), false)') -%}
    {%- endfor -%}
{%- endif -%}
{{ conditions | join('\n        and ') or 'true' }}
{%- endmacro %}


{% macro files_that_stand() %}
{% set stand, reading = {}, reading_of_lines() %}
{% if reading is not none and relation_exists(files_held().render()) %}
    {% set standing_query %}
select shop, raw_file
from {{ files_held() }}
inner join ({{ files_landed() }}) as landed using (shop, raw_file, fingerprint)
where
    reading = {{ sql_text(reading) }}
    and latest_read_at < least(counted_until, {{ last_time_that_counts() }})
order by shop, raw_file
    {% endset %}
    {% for row in run_query(standing_query).rows %}{% do stand.setdefault(row[0], []).append(sql_text(row[1])) %}{% endfor %}
{% endif %}
{{ return(stand) }}
{% endmacro %}


{% macro files_held() %}
{{ return(api.Relation.create(database=this.database, schema=this.schema, identifier=this.identifier ~ '_files')) }}
{% endmacro %}


{% macro files_landed() -%}
select
    shop,
    file as raw_file,
    {{ dbt.hash(dbt.concat([
        'fingerprint', "right(stamp, 8)", "coalesce(encoding, '')", "coalesce(delimiter, '')", "coalesce(quote_escape, '')",
    ])) }} as fingerprint
from {{ extracts_relation() }}
where
    fingerprint is not null
    and extract in (
        {%- for extract in extracts_read_alone() %}{{ sql_text(extract) }}, {% endfor %}'')
{%- endmacro %}


{% macro keep_files() %}
{#- In the transaction that writes the model: what it holds is known exactly when it holds it. -#}
{% set reading = reading_of_lines() if execute and not flags.EMPTY else none %}
{% if reading is not none %}
    {% set held_query %}
create or replace table {{ files_held() }} as
select
    shop,
    raw_file,
    fingerprint,
    latest_read_at,
    {{ sql_text(reading) }} as reading,
    {{ last_time_that_counts() }} as counted_until
from (
    select shop, raw_file, max(latest_read_at) as latest_read_at
    from {{ this }}
    group by shop, raw_file
) as read_files
inner join ({{ files_landed() }}) as landed using (shop, raw_file)
    {% endset %}
    {% do run_query(held_query) %}
{% endif %}
{% endmacro %}


{% macro last_time_that_counts() -%}
{%- set end = end_of_believable_time() -%}
{%- if var('as_of_date') is none -%}{{ end }}{%- else -%}least({{ end }}, cast('{{ var("as_of_date") }}' as timestamp)){%- endif -%}
{%- endmacro %}


{% macro extracts_read_alone() %}
{#- Raw extracts of lines that come from one extract only: then a line's file says all that it was read from. -#}
{% set alone = [] %}
{% for shop in shops_of_grain('order_lines') %}
    {% set behind = nodes_behind(entry_model(shop)) | map(attribute='config.meta.extract') | select | list %}
    {% set extracts = [shop ~ '_order_lines'] if shop in mapped_shops() else behind %}
    {% if extracts | length == 1 %}{% do alone.append(extracts[0]) %}{% endif %}
{% endfor %}
{{ return(alone) }}
{% endmacro %}


{% macro nodes_behind(name) %}
{#- The node of this name, and all that it is made from, in the order of their names. -#}
{% set found, waiting = {}, graph.nodes.values() | selectattr('name', 'equalto', name) | list %}
{% for _ in graph.nodes if waiting %}
    {% set node = waiting.pop() %}
    {% do found.update({node.unique_id: node}) %}
    {% for parent in node.depends_on.nodes if parent in graph.nodes and parent not in found %}{% do waiting.append(graph.nodes[parent]) %}{% endfor %}
{% endfor %}
{{ return(found.values() | sort(attribute='unique_id') | list) }}
{% endmacro %}


{% macro relation_of(node) %}
{{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) }}
{% endmacro %}
