{% macro kmeans_segmentations() -%}
{%- set names = [] -%}
{%- for segmentation, config in var('segmentations').items() if config.method == 'kmeans' -%}
    {%- do names.append(segmentation) -%}
{%- endfor -%}
{{ return(names) }}
{%- endmacro %}
