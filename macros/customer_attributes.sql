{% macro customer_attributes() %}
{#- None where the var is no list of names: check_vars says so. -#}
{% set names = [] %}
{% for name in (var('customer_attributes') if is_list_of_texts(var('customer_attributes')) else []) %}
    {% if modules.re.fullmatch('[a-z][a-z0-9_]*', name) %}{% do names.append(name) %}{% endif %}
{% endfor %}
{{ return(names) }}
{% endmacro %}


{% macro describe_attributes() %}
{#- dbt knows columns by their yml, in which a var cannot add any: it is told before the table is made. -#}
{% for name in customer_attributes() %}
    {% do model.columns.update({name: {
        'name': name, 'data_type': dbt.type_string(), 'constraints': [], 'meta': {}, 'tags': [],
        'description': 'Latest ' ~ name ~ ' of the customer (var customer_attributes); null where none is known.',
    }}) %}
{% endfor %}
{% endmacro %}
