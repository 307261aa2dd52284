{#- How Spark knows time zones; its session is in UTC. -#}

{% macro spark__timestamp_of_type(column, type, time_zone) -%}
{#- What has no zone in a Parquet file has none here; a TIMESTAMP of Spark is a moment. -#}
{%- if type == 'TIMESTAMP' -%}
from_utc_timestamp({{ column }}, '{{ time_zone }}')
{%- else -%}
cast({{ column }} as timestamp)
{%- endif -%}
{%- endmacro %}


{% macro spark__time_zones() %}
{{ return(modules.pytz.all_timezones) }}
{% endmacro %}
