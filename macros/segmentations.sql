{% macro segmentations() %}
{#- Those of var segmentations, as var own_segmentations adds, replaces and takes out. -#}
{#- None where a var is no mapping: check_segmentations says so. -#}
{% set all, changes = {}, var('own_segmentations') %}
{% if var('segmentations') is mapping %}{% do all.update(var('segmentations')) %}{% endif %}
{% for name, own in (changes if changes is mapping else {}).items() %}
    {% if own is none %}
        {% do all.pop(name, none) %}
    {% elif own is mapping and 'method' not in own and name in all %}
        {% do all.update({name: with_own_rules(all[name], own)}) %}
    {% else %}
        {% do all.update({name: own}) %}
    {% endif %}
{% endfor %}
{{ return(all) }}
{% endmacro %}


{% macro with_own_rules(config, own) %}
{#- A rule of a new name comes last, where no combination is left to it: check_rules says so. -#}
{% if config.method != 'rules' or own | list != ['rules'] or own.rules is not sequence %}{{ return(own) }}{% endif %}
{% set own_rules, rules = {}, [] %}
{% for rule in own.rules %}{% do own_rules.update({rule.name: rule}) %}{% endfor %}
{% for rule in config.rules %}{% do rules.append(own_rules.pop(rule.name, rule)) %}{% endfor %}
{{ return({'method': 'rules', 'rules': rules + own_rules.values() | list}) }}
{% endmacro %}


{% macro kmeans_segmentations() -%}
{%- set names = [] -%}
{%- for segmentation, config in segmentations().items() if config.method == 'kmeans' -%}
    {%- do names.append(segmentation) -%}
{%- endfor -%}
{{ return(names) }}
{%- endmacro %}


{% macro named_segmentations() %}
{#- KMeans segmentations whose var lists their segments; the others' are in the seed segment_meanings. -#}
{% set named = {} %}
{% for segmentation, config in segmentations().items() if config.method == 'kmeans' and config.segments %}
    {% do named.update({segmentation: config.segments}) %}
{% endfor %}
{{ return(named) }}
{% endmacro %}


{% macro segmentation_columns(column) %}
{% set columns = [] %}
{% for segmentation in segmentations() %}{% do columns.append(column ~ '_' ~ segmentation) %}{% endfor %}
{{ return(columns) }}
{% endmacro %}


{% macro column_of_segmentation(column) -%}
case segmentations.segmentation
            {%- for segmentation in segmentations() %}
            when '{{ segmentation }}' then {{ column }}_{{ segmentation }}
            {%- endfor %}
        end
{%- endmacro %}
