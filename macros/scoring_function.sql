{% materialization scoring_function, default, supported_languages=['sql'] %}
{#- dbt's own materialization asks dbt's namespace for the statement, where a project that installs this
    package would need a dispatch entry; and its template writes RETURNS, which DuckDB does not know. -#}
{% set target_relation = this.incorporate(type=this.Function) %}
{{ run_hooks(pre_hooks) }}
{{ function_execute_build_sql(scoring_function_sql(target_relation), load_cached_relation(this), target_relation) }}
{{ run_hooks(post_hooks) }}
{{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
