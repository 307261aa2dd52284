{% macro warn_unreadable_lines(results) %}
{% if execute and flags.WHICH in ['build', 'run'] %}
    {% set accepted_pct = var('unreadable_lines_warning_pct') %}
    {% for result in results if result.node.unique_id == 'model.patronage.data_quality' and result.status == 'success' %}
        {% set shops_query %}
        select shop, lines_pct
        from {{ result.node.relation_name }}
        where line_status = 'unreadable' and lines_pct > {{ accepted_pct }}
        order by shop
        {% endset %}
        {% for row in run_query(shops_query).rows %}
            {{ print(
                "Warning: " ~ "%.1f" % row['lines_pct'] ~ " % of the raw lines of " ~ row['shop']
                ~ " are unreadable (var unreadable_lines_warning_pct: " ~ accepted_pct
                ~ "); " ~ result.node.schema ~ ".data_quality counts them, and what could not be read is null in staging."
                ~ entry_model(row['shop']) ~ "."
            ) }}
        {% endfor %}
    {% endfor %}
{% endif %}
{% endmacro %}
