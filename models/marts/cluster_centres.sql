{% set features = ['recency_days', 'frequency', 'monetary', 'return_rate_pct'] -%}

with

centroids as (

    select * from {{ ref('segment_centroids') }}

),

names as (

    select * from {{ ref('int_segment_parameters') }}

),

meanings as (

    select * from {{ ref('int_segment_meanings') }}

),

-- a centre of logarithms is read back as what it is the logarithm of: 1 more than the feature
unfolded as (

    {% for feature in features %}
    select
        shop,
        segmentation,
        cluster_id,
        '{{ feature }}' as feature,
        case
            when transform = 'log' then exp({{ feature }}_centre) - 1
            else {{ feature }}_centre
        end as centre,
        {{ feature }}_centre as transformed_centre,
        {{ feature }}_scale as scale,
        customers
    from centroids
    where {{ feature }}_centre is not null
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

-- how far from the middle of the centres, in standard deviations of the fit
measured as (

    select
        *,
        (
            transformed_centre
            - sum(transformed_centre * customers) over clusters
            / sum(customers) over clusters
        ) / scale as distance
    from unfolded
    window clusters as (partition by shop, segmentation, feature)

),

joined as (

    select
        measured.shop,
        measured.segmentation,
        measured.feature,
        names.segment,
        cast(measured.cluster_id as integer) as cluster_id,
        measured.customers,
        {{ rounded('measured.centre', 4) }} as centre,
        {{ rounded('measured.distance', 4) }} as standardized_centre,
        meanings.segment_order,
        meanings.segment_colour,
        measured.segmentation = '{{ var("primary_segmentation") }}' as is_primary
    from measured
    inner join names
        on
            measured.shop = names.shop
            and measured.segmentation = names.segmentation
            and measured.cluster_id = names.cluster_id
    left join meanings
        on
            names.segmentation = meanings.segmentation
            and names.segment = meanings.segment

)

select * from joined
