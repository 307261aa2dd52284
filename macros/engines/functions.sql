{#- How each engine creates the functions of functions/. dbt's own template writes RETURNS, which DuckDB does not know. -#}

{% macro duckdb__scalar_function_sql(target_relation) %}
create or replace macro {{ target_relation }}(
    {{- model.arguments | map(attribute='name') | join(', ') -}}
) as (
    {{ model.compiled_code }}
)
{% endmacro %}


{% macro score_struct(cluster_id, segment, confidence) %}
{{ return(adapter.dispatch('score_struct', 'patronage')(cluster_id, segment, confidence)) }}
{% endmacro %}

{% macro duckdb__score_struct(cluster_id, segment, confidence) %}
{{ return(
    '{cluster_id: cast(' ~ cluster_id ~ ' as integer), segment: cast(' ~ segment ~ ' as varchar), '
    ~ 'confidence: cast(' ~ confidence ~ ' as double)}'
) }}
{% endmacro %}


{% macro nearest_cluster(fit, segment_only) %}
{{ return(adapter.dispatch('nearest_cluster', 'patronage')(fit, segment_only)) }}
{% endmacro %}

{% macro duckdb__nearest_cluster(fit, segment_only) %}
{#- DuckDB has no let, and computes an expression as often as it is written: lambdas over lists of one give values names. -#}
{% set distances, names = [], [] %}
{% for centre in fit.centres %}
    {% do distances.append('list_distance(z, [' ~ centre | join(', ') ~ '])') %}
    {% do names.append(sql_text(fit.names[loop.index | string])) %}
{% endfor %}
{% set measured = 'list_transform([[' ~ fit.z_scores | join(', ') ~ ']], lambda z: [\n' ~ distances | join(',\n') ~ '\n])' %}
{% set names = '[' ~ names | join(', ') ~ ']' %}
{% if segment_only %}
    {{ return('list_transform(' ~ measured ~ ', lambda d: ' ~ names ~ '[list_position(d, list_min(d))])[1]') }}
{% endif %}
{#- The second nearest is looked for on both sides of the nearest: half the time of sorting the distances. -#}
{% set placed = 'list_transform(' ~ measured ~ ', lambda d: struct_pack(d := d, i := list_position(d, list_min(d))))' %}
{% set compared = 'list_transform(' ~ placed ~ ', lambda p: struct_pack(\ni := p.i, nearest := p.d[p.i], '
    ~ 'second := least(list_min(p.d[:p.i - 1]), list_min(p.d[p.i + 1:]))\n))' %}
{{ return(
    'list_transform(' ~ compared ~ ', lambda c: '
    ~ score_struct('c.i', names ~ '[c.i]', 'case when c.second > 0 then 1 - c.nearest / c.second else 0 end')
    ~ ')[1]'
) }}
{% endmacro %}


{% macro first_fitting_segment(rules, edges, segment_only) %}
{{ return(adapter.dispatch('first_fitting_segment', 'patronage')(rules, edges, segment_only)) }}
{% endmacro %}

{% macro duckdb__first_fitting_segment(rules, edges, segment_only) %}
{% set scores = [] %}
{% for measure, score in {'recency_days': 'recency', 'frequency': 'frequency', 'monetary': 'monetary'}.items() %}
    {% do scores.append(score ~ '_score := ' ~ score_by_edges(measure, edges[measure])) %}
{% endfor %}
{% set segment = rules_case(rules, 'x.') %}
{{ return(
    'list_transform([struct_pack(' ~ scores | join(', ') ~ ')], lambda x: '
    ~ (segment if segment_only else score_struct('null', segment, 'null')) ~ ')[1]'
) }}
{% endmacro %}


{% macro text_of_double(column) %}
{{ return(adapter.dispatch('text_of_double', 'patronage')(column)) }}
{% endmacro %}

{% macro duckdb__text_of_double(column) %}
{#- From a text, because DuckDB gives the definition of a function back without the exponent that makes a double of a number. -#}
{{ return("'cast(''' || cast(" ~ column ~ " as varchar) || ''' as double)'") }}
{% endmacro %}
