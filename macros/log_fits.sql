{% macro log_fits(centroids) %}
{% if execute %}
    {% set fits_query %}
    select
        fit_id,
        last_fit_id,
        sum(customers) as customers,
        sum(changed_customers) as changed_customers
    from {{ centroids }}
    group by fit_id, last_fit_id
    order by fit_id
    {% endset %}
    {% for fit in run_query(fits_query).rows %}
        {{ log(
            "Fit " ~ fit['fit_id'] ~ " of " ~ fit['customers'] | int ~ " customers started from "
            ~ ("fit " ~ fit['last_fit_id'] ~ ", which puts " ~ fit['changed_customers'] | int ~ " of them elsewhere."
            if fit['last_fit_id'] else "no earlier fit."), info=true
        ) }}
    {% endfor %}
{% endif %}
{% endmacro %}
