with

figures as (

    select
        *,
        1.0e0 * next_buyers / customers as bought_again,
        cast(next_revenue as double) / customers as revenue_per_customer
    from {{ ref('int_cutoff_segment_figures') }}

),

meanings as (

    select * from {{ ref('int_segment_meanings') }}

),

-- each cutoff is a start of its own: a customer counts once for every one in the segment
pooled as (

    select
        shop,
        segmentation,
        segment,
        count(*) as cutoffs,
        cast(sum(customers) as {{ dbt.type_bigint() }}) as customers,
        sum(next_buyers) as next_buyers,
        sum(next_returners) as next_returners,
        sum(next_units_purchased) as next_units_purchased,
        sum(next_units_returned) as next_units_returned,
        cast(sum(next_revenue) as {{ money_type() }}) as next_revenue,
        min(bought_again) as lowest_bought_again,
        max(bought_again) as highest_bought_again,
        {{ rounded('min(revenue_per_customer)', 2) }}
            as lowest_next_revenue_per_customer,
        {{ rounded('max(revenue_per_customer)', 2) }}
            as highest_next_revenue_per_customer
    from figures
    group by shop, segmentation, segment

),

shared as (

    select
        shop,
        segmentation,
        segment,
        cutoffs,
        customers,
        {{ share_pct('customers', 'sum(customers) over (partition by shop, segmentation)') }}
            as customers_pct,
        {{ share_pct('next_buyers', 'customers') }} as bought_again_pct,
        {{ wilson_bound_pct('next_buyers', 'customers', 'lower') }} as bought_again_lower_pct,
        {{ wilson_bound_pct('next_buyers', 'customers', 'upper') }} as bought_again_upper_pct,
        {{ share_pct('lowest_bought_again', '1') }} as lowest_bought_again_pct,
        {{ share_pct('highest_bought_again', '1') }} as highest_bought_again_pct,
        next_revenue,
        {{ share_pct(
            'next_revenue', 'sum(next_revenue) over (partition by shop, segmentation)',
        ) }} as next_revenue_pct,
        {{ money_ratio('next_revenue', 'customers') }} as next_revenue_per_customer,
        lowest_next_revenue_per_customer,
        highest_next_revenue_per_customer,
        -- of a shop where nobody returns anything, returns are not known
        case
            when sum(next_returners) over (partition by shop) > 0
                then {{ share_pct('next_returners', 'customers') }}
        end as next_return_pct,
        case
            when sum(next_returners) over (partition by shop) > 0
                then {{ share_pct('next_units_returned', 'next_units_purchased') }}
        end as next_return_rate_pct
    from pooled

),

placed as (

    select
        shared.*,
        meanings.segment_order,
        meanings.segment_colour,
        shared.segmentation = '{{ var("primary_segmentation") }}' as is_primary
    from shared
    left join meanings
        on
            shared.segmentation = meanings.segmentation
            and shared.segment = meanings.segment

)

select * from placed
