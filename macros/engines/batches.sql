{#- How the lines of many files are summed in batches of files. -#}

{% macro is_line_of_batch() %}
{{ return(adapter.dispatch('is_line_of_batch', 'patronage')()) }}
{% endmacro %}

{% macro default__is_line_of_batch() -%}
true
{%- endmacro %}

{% macro duckdb__is_line_of_batch() -%}
case
            when getvariable('files_to_read') is not null
                then coalesce(list_contains(cast(getvariable('files_to_read') as varchar[]), raw_file), false)
            else coalesce(not list_contains(flatten(cast(getvariable('batches_to_wait') as varchar[][])), raw_file), true)
        end
{%- endmacro %}


{% macro read_first_batch() %}
{{ return(adapter.dispatch('read_first_batch', 'patronage')()) }}
{% endmacro %}

{% macro default__read_first_batch() %}{% endmacro %}

{% macro duckdb__read_first_batch() %}
{#- The statement that makes the table reads all but the files that wait. -#}
set variable files_to_read = null;
set variable batches_to_wait = [
    {%- for files in files_in_batches() %}[{% for file in files %}{{ sql_text(file) }}, {% endfor %}], {% endfor -%}
]
{% endmacro %}


{% macro read_other_batches() %}
{{ return(adapter.dispatch('read_other_batches', 'patronage')()) }}
{% endmacro %}

{% macro default__read_other_batches() %}{% endmacro %}

{% macro duckdb__read_other_batches() %}
{#- The same statement once more for each batch, in the transaction that made the table. -#}
{% set waiting = run_query("select len(getvariable('batches_to_wait'))").rows[0][0] if execute else 0 %}
{% for number in range(1, waiting + 1) %}
set variable files_to_read = getvariable('batches_to_wait')[{{ number }}];
insert into {{ this }} by name {{ model.compiled_code }};
{% endfor %}
set variable files_to_read = null;
set variable batches_to_wait = null
{% endmacro %}


{% macro files_in_batches() %}
{#- Of the files to read, those that wait: lists of files with about lines_at_once lines each. -#}
{% set batches = {} %}
{% if execute and not flags.EMPTY %}
    {% set batches_query %}
select raw_file, min(cast(floor((lines - 1) / {{ var('lines_at_once') }}) as {{ dbt.type_bigint() }})) as batch
from (
    select file as raw_file, sum(coalesce(row_count, 0)) over (order by file rows unbounded preceding) as lines
    from {{ extracts_relation() }}
    where file in (select raw_file from ({{ files_landed() }}) as landed where {{ is_line_to_read() }})
) as counted
group by raw_file
order by batch, raw_file
    {% endset %}
    {% for row in run_query(batches_query).rows if row[1] > 0 %}{% do batches.setdefault(row[1], []).append(row[0]) %}{% endfor %}
{% endif %}
{{ return(batches.values() | list) }}
{% endmacro %}
