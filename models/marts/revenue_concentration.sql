with

-- the order among equal customers decides only who of them stands on which side of a border: the
-- figures of the deciles are the same whoever it is
ranked as (

    select
        shop,
        customer_id,
        monetary,
        as_of_date,
        row_number() over (
            partition by shop
            order by monetary desc, customer_id asc
        ) as customer_rank,
        count(*) over (partition by shop) as customers,
        count(case when monetary >= 0 then 1 end) over (partition by shop) as earners
    from {{ ref('int_customer_rfm') }}

),

sized as (

    select
        *,
        floor(customers / 10.0) as smaller_decile,
        customers - 10 * floor(customers / 10.0) as larger_deciles
    from ranked

),

-- ten groups as even as can be, the ones with one customer more first
divided as (

    select
        *,
        cast(case
            when customer_rank <= larger_deciles * (smaller_decile + 1)
                then ceil(customer_rank / (smaller_decile + 1))
            else
                larger_deciles
                + ceil(
                    (customer_rank - larger_deciles * (smaller_decile + 1))
                    / nullif(smaller_decile, 0)
                )
        end as integer) as decile
    from sized

),

-- Gini's coefficient as Sen writes it for descending incomes (On Economic Inequality, 1973, ch. 2):
-- 1 + 1/n - 2 (1 x1 + 2 x2 + ... + n xn) / (n (x1 + ... + xn)). It is defined for customers who did
-- not cost more than they brought; these come first, so customer_rank is their rank
inequality as (

    select
        shop,
        max(earners) as earners,
        sum(monetary) as earned,
        sum(cast(customer_rank as decimal(18, 0)) * monetary) as weighted
    from divided
    where monetary >= 0
    group by shop

),

summed as (

    select
        shop,
        decile,
        count(*) as customers,
        sum(monetary) as revenue,
        max(as_of_date) as as_of_date
    from divided
    group by shop, decile

),

shared as (

    select
        summed.shop,
        summed.decile,
        summed.customers,
        cast(summed.revenue as {{ money_type() }}) as revenue,
        {{ share_pct('summed.revenue', 'sum(summed.revenue) over (partition by summed.shop)') }}
            as revenue_pct,
        {{ share_pct(
            'sum(summed.revenue) over (partition by summed.shop order by summed.decile)',
            'sum(summed.revenue) over (partition by summed.shop)',
        ) }} as cumulative_revenue_pct,
        {{ rounded(
            '(inequality.earners + 1'
            ' - 2 * cast(inequality.weighted as double) / nullif(inequality.earned, 0))'
            ' / inequality.earners', 6
        ) }} as gini,
        summed.as_of_date
    from summed
    left join inequality
        on summed.shop = inequality.shop

)

select * from shared
