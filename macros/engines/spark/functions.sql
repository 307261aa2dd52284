{#- How Spark creates the functions of functions/: permanent SQL functions, from Spark 4 on. -#}

{% macro spark__scoring_function_sql(target_relation) %}
create or replace function {{ target_relation }}(
    {%- for argument in model.arguments -%}
    {{ argument.name }} {{ spark__type_of(argument.data_type) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
)
returns {{ spark__type_of(model.returns.data_type) }}
return {{ model.compiled_code }}
{% endmacro %}


{% macro spark__type_of(type) -%}
{{ type | replace('varchar', 'string') | replace('struct(', 'struct<') | replace(')', '>') }}
{%- endmacro %}


{% macro spark__score_answer(answer, cluster_id, segment, confidence, second_nearest_segment) -%}
{%- if answer == 'segment' -%}
{{ segment }}
{%- else -%}
named_struct(
    'cluster_id', cast({{ cluster_id }} as integer),
    'segment', cast({{ segment }} as string)
    {%- if answer == 'score' %},
    'confidence', cast({{ confidence }} as double),
    'second_nearest_segment', cast({{ second_nearest_segment }} as string)
    {%- endif %}
)
{%- endif -%}
{%- endmacro %}


{% macro spark__nearest_cluster(fit, answer) -%}
{#- As on DuckDB, lambdas over arrays of one give values names; x[0] takes them out again. -#}
{%- set names -%}
array(
    {%- for centre in fit.centres -%}
    {{ sql_text(fit.names[loop.index | string]) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
)
{%- endset -%}
{%- set measured -%}
transform(
    array(array({{ fit.z_scores | join(', ') }})),
    z -> array(
        {%- for centre in fit.centres %}
        sqrt({% for place in centre %}power(z[{{ loop.index0 }}] - {{ place }}, 2){{ ' + ' if not loop.last }}{% endfor %})
        {{- ',' if not loop.last }}
        {%- endfor %}
    )
)
{%- endset -%}
{%- set nearest = 'cast(array_position(d, array_min(d)) as int)' -%}
{%- set number -%}
transform(
    {{ measured }},
    d -> {{ nearest }}
)
{%- endset -%}
{%- if answer == 'segment' -%}
element_at({{ names }}, {{ number }}[0])
{%- elif answer == 'cluster' -%}
transform({{ number }}, n -> {{ score_answer(answer, 'n', 'element_at(' ~ names ~ ', n)', none, none) }})[0]
{%- else -%}
transform(
    transform(
        {{ measured }},
        d -> named_struct(
            'd', d, 'i', {{ nearest }}, 'nearest', array_min(d),
            'second', least(
                array_min(slice(d, 1, {{ nearest }} - 1)),
                array_min(slice(d, {{ nearest }} + 1, size(d) - {{ nearest }}))
            )
        )
    ),
    c -> {{ score_answer(
        answer, 'c.i', 'element_at(' ~ names ~ ', c.i)', 'case when c.second > 0 then 1 - c.nearest / c.second else 0 end',
        'element_at(' ~ names ~ ', cast(coalesce(nullif(array_position(c.d, c.second), c.i),'
        ~ ' array_position(slice(c.d, c.i + 1, size(c.d) - c.i), c.second) + c.i) as int))'
    ) }}
)[0]
{%- endif -%}
{%- endmacro %}


{% macro spark__value_at(values, position) -%}
element_at(array({{ values | join(', ') }}), {{ position }})
{%- endmacro %}


{% macro spark__text_of_double(column) -%}
concat('cast(''', cast({{ column }} as string), ''' as double)')
{%- endmacro %}
