{% macro rules_case(rules, prefix='') -%}
{#- While dbt parses, nobody has checked yet that the rules are rules. -#}
case
{%- for rule in (rules if execute else []) %}
            when
                {{ rule_conditions(rule, prefix) }}
                then {{ sql_text(rule.name) }}
{%- endfor %}
        end
{%- endmacro %}


{% macro rule_conditions(rule, prefix='') -%}
{%- for score in ['recency', 'frequency', 'monetary'] if score in rule -%}
    {{ prefix }}{{ score }}_score between {{ rule[score][0] }} and {{ rule[score][1] }}
    {{- '\n                and ' if not loop.last }}
{%- else -%}
    true
{%- endfor -%}
{%- endmacro %}
