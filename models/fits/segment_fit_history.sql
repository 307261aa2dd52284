{{ config(
    materialized='incremental',
    incremental_strategy='append',
    unique_key=['fit_id', 'cluster_id'],
    full_refresh=false,
    post_hook="{{ log_fits(ref('segment_centroids')) }}",
) }}
with

centroids as (

    select * from {{ ref('segment_centroids') }}

),

-- what is there already: ids of fits, and how many there are per shop and segmentation
known_fits as (

    {% if is_incremental() %}
    select distinct
        shop,
        segmentation,
        fit_id,
        fit_number
    from {{ this }}
    {% else %}
    select
        shop,
        segmentation,
        fit_id,
        0 as fit_number
    from centroids
    where false
    {% endif %}

),

counted as (

    select
        shop,
        segmentation,
        max(fit_number) as fits
    from known_fits
    group by shop, segmentation

),

added as (

    select
        centroids.shop,
        centroids.segmentation,
        cast(centroids.cluster_id as integer) as cluster_id,
        centroids.fit_id,
        cast(centroids.last_fit_id as {{ dbt.type_string() }}) as last_fit_id,
        centroids.transform,
        cast(coalesce(counted.fits, 0) + 1 as integer) as fit_number,
        centroids.customers,
        centroids.changed_customers,
        centroids.inertia,
        {% for feature in ['recency_days', 'frequency', 'monetary', 'return_rate_pct'] %}
        centroids.{{ feature }}_centre,
        centroids.{{ feature }}_scale,
        {% endfor %}
        cast(centroids.fitted_on as date) as fitted_on
    from centroids
    left join counted
        on
            centroids.shop = counted.shop
            and centroids.segmentation = counted.segmentation
    where centroids.fit_id not in (select known_fits.fit_id from known_fits)

)

select * from added
