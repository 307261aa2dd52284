{% macro package_version() %}{{ return('0.1.0') }}{% endmacro %}


{% macro check_versions(problems) %}
{#- dbt deps brings the models and pip the fits: one without the other, or of another day, fails late and oddly. -#}
{% set accepted = "the same of both: pip install 'patronage[warehouse]' of the revision that packages.yml names, then dbt deps" %}
{% set found = python_package_version() %}
{% if found is none %}
    {% do problems.append(
        "profiles.yml, target " ~ target.name ~ ": the plugin of patronage is missing; accepted: plugins: [{module: patronage.landing}]"
        ~ ", of the Python package patronage " ~ package_version() ~ " (pip install 'patronage[warehouse]')."
    ) %}
{% elif found != package_version() %}
    {% do problems.append(
        'patronage: the Python package has version ' ~ found ~ ' and the dbt package ' ~ package_version() ~ '; accepted: ' ~ accepted ~ '.'
    ) %}
{% endif %}
{% endmacro %}


{% macro check_refs(problems) %}
{#- dbt looks for the models of tests in the project that installs this one first, unless a flag says otherwise. -#}
{% set taken = [] %}
{% for node in graph.nodes.values() if project_name != 'patronage' and node.package_name == 'patronage' %}
    {% for parent in node.depends_on.nodes %}
        {% set kind, package, name = parent.split('.')[:3] %}
        {% if package == project_name and kind ~ '.patronage.' ~ name in graph.nodes %}{% do taken.append(name) %}{% endif %}
    {% endfor %}
{% endfor %}
{% if taken %}
    {% do problems.append(
        'dbt_project.yml of ' ~ project_name ~ ': nodes of patronage are given models of ' ~ project_name ~ ' that have the same names ('
        ~ taken | unique | sort | join(', ') ~ '); accepted: flags: {require_ref_searches_node_package_before_root: true}.'
    ) %}
{% endif %}
{% endmacro %}
