with

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

first_days as (

    select
        shop,
        min(ordered_on) as first_day
    from {{ ref('int_orders') }}
    where accepted_lines > 0
    group by shop

),

dated as (

    {% for periods_ago in range(var('prediction_cutoffs') + 1) %}
    select
        shop,
        {{ periods_ago }} as periods_ago,
        {{ add_days(-periods_ago * var('prediction_horizon_days'), 'as_of_date') }} as cutoff_on
    from as_of_dates
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

-- features look back two horizons: a cutoff before that would take the start of the data for calm
listed as (

    select
        dated.shop,
        dated.periods_ago,
        dated.cutoff_on
    from dated
    left join first_days
        on dated.shop = first_days.shop
    where
        dated.periods_ago = 0
        or first_days.first_day
        <= {{ add_days(-2 * var('prediction_horizon_days'), 'dated.cutoff_on') }}

)

select * from listed
