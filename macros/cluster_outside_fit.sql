{#- Who paid nothing and sent nothing back returned nothing: a free or an unpaid order. -#}
{% macro cluster_outside_fit(prefix='') -%}
case
    when {{ prefix }}monetary = 0 and coalesce({{ prefix }}return_rate_pct, 0) = 0 then -1 else 0
end
{%- endmacro %}
