{% macro rules_case(rules, prefix='') -%}
case
{%- for rule in rules %}
            when
                {{ rule_conditions(rule, prefix) }}
                then {{ sql_text(rule.name) }}
{%- endfor %}
        end
{%- endmacro %}


{% macro rule_conditions(rule, prefix='') -%}
{%- set conditions = [] -%}
{%- for score in ['recency', 'frequency', 'monetary'] if score in rule -%}
    {%- do conditions.append(prefix ~ score ~ '_score between ' ~ rule[score][0] ~ ' and ' ~ rule[score][1]) -%}
{%- endfor -%}
{{ conditions | join('\n                and ') or 'true' }}
{%- endmacro %}


{% macro check_rules(where, rules) %}
{% set names = [] %}
{% if rules is not sequence or rules is string or not rules %}
    {% do refuse_var(where, rules, 'a list of rules, each with a name and conditions on scores') %}
{% endif %}
{% for rule in rules %}
    {% do check_rule(where, rule) %}
    {% if rule.name in names %}
        {% do refuse_var(where, 'two rules named ' ~ rule.name, 'names that differ') %}
    {% endif %}
    {% do names.append(rule.name) %}
{% endfor %}
{% set reached = {} %}
{% for recency in range(1, 6) %}{% for frequency in range(1, 6) %}{% for monetary in range(1, 6) %}
    {% set scores = {'recency': recency, 'frequency': frequency, 'monetary': monetary} %}
    {% set fitting = first_fitting_rule(rules, scores) %}
    {% if not fitting %}
        {% do refuse_var(
            where, 'no rule for recency ' ~ recency ~ ', frequency ' ~ frequency ~ ', monetary ' ~ monetary,
            'rules that give each of the 125 combinations of scores a name'
        ) %}
    {% endif %}
    {% do reached.update({fitting[0]: true}) %}
{% endfor %}{% endfor %}{% endfor %}
{% for rule in rules if rule.name not in reached %}
    {% set example = [(rule.recency or [1])[0], (rule.frequency or [1])[0], (rule.monetary or [1])[0]] %}
    {% set scores = {'recency': example[0], 'frequency': example[1], 'monetary': example[2]} %}
    {% do refuse_var(
        where, 'rule ' ~ rule.name ~ ' hidden by earlier ones (recency ' ~ example[0] ~ ', frequency ' ~ example[1]
        ~ ', monetary ' ~ example[2] ~ ' is ' ~ first_fitting_rule(rules, scores)[0] ~ ')',
        'rules each of which is the first that fits some combination'
    ) %}
{% endfor %}
{% endmacro %}


{% macro check_rule(where, rule) %}
{% set keys = ['name', 'recency', 'frequency', 'monetary', 'recommended_actions', 'watchouts'] %}
{% if rule is not mapping or not rule.name %}
    {% do refuse_var(where, rule, 'a rule with a name and conditions on recency, frequency, monetary') %}
{% endif %}
{% for key in rule if key not in keys %}
    {% do refuse_var(where ~ ', rule ' ~ rule.name, key, keys | join(', ')) %}
{% endfor %}
{% for key in ['recommended_actions', 'watchouts'] if not rule[key] %}
    {% do refuse_var(where ~ ', rule ' ~ rule.name, 'no ' ~ key, 'rules that say what to do and what to look out for') %}
{% endfor %}
{% for score in keys[1:4] if score in rule %}
    {% set range = rule[score] %}
    {% set is_range = range is sequence and range is not string and range | length == 2 %}
    {% if not is_range or range[0] not in [1, 2, 3, 4, 5] or range[1] not in [1, 2, 3, 4, 5] or range[0] > range[1] %}
        {% do refuse_var(where ~ ', rule ' ~ rule.name ~ ', ' ~ score, range, '[lowest, highest] score, each from 1 to 5') %}
    {% endif %}
{% endfor %}
{% endmacro %}


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
