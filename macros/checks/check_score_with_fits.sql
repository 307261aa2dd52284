{% macro check_score_with_fits(problems) %}
{% set history = graph.nodes['model.patronage.segment_fit_history'] %}
{% set location = history.schema ~ '.' ~ history.alias %}
{% set asked_for = var('score_with_fits') %}
{% if asked_for is string or asked_for is mapping or asked_for is not iterable %}
    {% do refuse_var(problems, 'score_with_fits', asked_for, 'a list of ids of ' ~ location) %}
{% elif asked_for %}
    {% set fits, scored = fits_in(location), [] %}
    {% for fit_id in asked_for %}
        {% if fit_id not in fits | list %}
            {% do refuse_var(problems, 'score_with_fits', fit_id, fits | join(', ') or 'nothing, because there are no fits yet') %}
        {% elif fits[fit_id] in scored %}
            {% do refuse_var(problems, 'score_with_fits', asked_for, 'one fit per shop and segmentation') %}
        {% endif %}
        {% do scored.append(fits[fit_id]) %}
    {% endfor %}
{% endif %}
{% endmacro %}


{% macro fits_in(location) %}
{% set fits = {} %}
{% if relation_exists(location) %}
    {% set fits_query %}
    select distinct fit_id, shop, segmentation
    from {{ location }}
    order by fit_id
    {% endset %}
    {% for row in run_query(fits_query).rows %}
        {% do fits.update({row[0]: row[1] ~ '.' ~ row[2]}) %}
    {% endfor %}
{% endif %}
{{ return(fits) }}
{% endmacro %}
