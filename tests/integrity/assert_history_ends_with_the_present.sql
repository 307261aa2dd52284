-- Two paths, one number: where the as-of date is the first of a month, the last month of history,
-- added up from months, is what the customers' figures and segments say, added up from orders.
with

present as (

    select
        customers.shop,
        customers.customer_id,
        segments.segmentation,
        coalesce(segments.segment, 'Unsegmented') as segment,
        customers.recency_days,
        customers.frequency,
        customers.monetary,
        customers.return_rate_pct
    from {{ ref('int_customer_rfm') }} as customers
    inner join {{ ref('int_customer_segments') }} as segments
        on
            customers.shop = segments.shop
            and customers.customer_id = segments.customer_id
    inner join {{ ref('int_month_ends') }} as month_ends
        on
            customers.shop = month_ends.shop
            and customers.as_of_date = month_ends.as_of_date

),

history as (

    select
        customers.shop,
        customers.customer_id,
        segmentations.segmentation,
        {{ column_of_segmentation('segment') }} as segment,
        customers.recency_days,
        customers.frequency,
        customers.monetary,
        customers.return_rate_pct
    from {{ ref('int_customer_history') }} as customers
    inner join {{ ref('int_segment_periods') }} as periods
        on
            customers.shop = periods.shop
            and customers.customer_id = periods.customer_id
            and customers.month between periods.first_month and periods.last_month
    inner join {{ ref('int_segmentations') }} as segmentations
        on customers.shop = segmentations.shop
    inner join {{ ref('int_month_ends') }} as month_ends
        on
            customers.shop = month_ends.shop
            and customers.month = month_ends.month
    inner join {{ ref('int_as_of_dates') }} as as_of_dates
        on
            month_ends.shop = as_of_dates.shop
            and month_ends.as_of_date = as_of_dates.as_of_date

),

missing as (

    select * from present
    except all
    select * from history

),

surplus as (

    select * from history
    except all
    select * from present

)

select
    shop,
    customer_id,
    segmentation,
    segment,
    recency_days,
    frequency,
    monetary,
    return_rate_pct
from missing
union all
select
    shop,
    customer_id,
    segmentation,
    segment,
    recency_days,
    frequency,
    monetary,
    return_rate_pct
from surplus
