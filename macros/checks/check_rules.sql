{% macro check_rules(problems, where, rules) %}
{% set before = problems | length %}
{% if rules is not sequence or rules is string or rules is mapping or not rules %}
    {% do refuse_var(problems, where, rules, 'a list of rules, each with a name and conditions on scores') %}
{% else %}
    {% for rule in rules %}{% do check_rule(problems, where, rule) %}{% endfor %}
{% endif %}
{#- Whether they work together can be asked of rules that are rules. -#}
{% if problems | length == before %}
    {% set names = [] %}
    {% for rule in rules %}
        {% if rule.name in names %}{% do refuse_var(problems, where, 'two rules named ' ~ rule.name, 'names that differ') %}{% endif %}
        {% do names.append(rule.name) %}
    {% endfor %}
    {% do check_combinations(problems, where, rules) %}
{% endif %}
{% endmacro %}


{% macro check_rule(problems, where, rule) %}
{% set keys = ['name', 'recency', 'frequency', 'monetary', 'recommended_actions', 'watchouts'] %}
{% if rule is not mapping or not rule.name %}
    {% do refuse_var(problems, where, rule, 'a rule with a name and conditions on recency, frequency, monetary') %}
{% else %}
    {% for key in rule if key not in keys %}
        {% do refuse_var(problems, where ~ ', rule ' ~ rule.name, key, keys | join(', ')) %}
    {% endfor %}
    {% for key in ['recommended_actions', 'watchouts'] if not rule[key] %}
        {% do refuse_var(problems, where ~ ', rule ' ~ rule.name, 'no ' ~ key, 'rules that say what to do and what to look out for') %}
    {% endfor %}
    {% for score in keys[1:4] if score in rule %}
        {% set range = rule[score] %}
        {% set is_range = range is sequence and range is not string and range | length == 2 %}
        {% if not is_range or range[0] not in [1, 2, 3, 4, 5] or range[1] not in [1, 2, 3, 4, 5] or range[0] > range[1] %}
            {% do refuse_var(problems, where ~ ', rule ' ~ rule.name ~ ', ' ~ score, range, '[lowest, highest] score, each from 1 to 5') %}
        {% endif %}
    {% endfor %}
{% endif %}
{% endmacro %}


{% macro check_combinations(problems, where, rules) %}
{% set reached, unnamed = {}, [] %}
{% for recency in range(1, 6) %}{% for frequency in range(1, 6) %}{% for monetary in range(1, 6) %}
    {% set fitting = first_fitting_rule(rules, {'recency': recency, 'frequency': frequency, 'monetary': monetary}) %}
    {% if fitting %}
        {% do reached.update({fitting[0]: true}) %}
    {% else %}
        {% do unnamed.append('recency ' ~ recency ~ ', frequency ' ~ frequency ~ ', monetary ' ~ monetary) %}
    {% endif %}
{% endfor %}{% endfor %}{% endfor %}
{% if unnamed %}
    {% do refuse_var(
        problems, where, 'no rule for ' ~ unnamed[0], 'rules that give each of the 125 combinations of scores a name'
    ) %}
{% endif %}
{% for rule in rules if rule.name not in reached %}
    {% set example = [(rule.recency or [1])[0], (rule.frequency or [1])[0], (rule.monetary or [1])[0]] %}
    {% set scores = {'recency': example[0], 'frequency': example[1], 'monetary': example[2]} %}
    {% do refuse_var(
        problems, where, 'rule ' ~ rule.name ~ ' hidden by earlier ones (recency ' ~ example[0] ~ ', frequency ' ~ example[1]
        ~ ', monetary ' ~ example[2] ~ ' is ' ~ first_fitting_rule(rules, scores)[0] ~ ')',
        'rules each of which is the first that fits some combination'
    ) %}
{% endfor %}
{% endmacro %}
