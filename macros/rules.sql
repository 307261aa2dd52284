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


{% macro first_fitting_segment(rules, edges, answer) -%}
{#- A score is then an expression that is written, and computed, once. -#}
{%- set segments = [] -%}
{%- for recency in range(1, 6) -%}
    {%- for frequency in range(1, 6) -%}
        {%- for monetary in range(1, 6) -%}
            {%- set scores = {'recency': recency, 'frequency': frequency, 'monetary': monetary} -%}
            {%- do segments.append(sql_text(first_fitting_rule(rules, scores)[0])) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endfor -%}
{%- set position -%}
25 * {{ score_by_edges('recency_days', edges['recency_days']) }}
    + 5 * {{ score_by_edges('frequency', edges['frequency']) }}
    + {{ score_by_edges('monetary', edges['monetary']) }} - 30
{%- endset -%}
{{ score_answer(answer, 'null', value_at(segments, position), 'null', 'null') }}
{%- endmacro %}


{% macro first_fitting_rule(rules, scores) %}
{% for rule in rules %}
    {% set misses = [] %}
    {% for score, value in scores.items() if score in rule and not rule[score][0] <= value <= rule[score][1] %}
        {% do misses.append(score) %}
    {% endfor %}
    {% if not misses %}{{ return([rule.name]) }}{% endif %}
{% endfor %}
{{ return([]) }}
{% endmacro %}
