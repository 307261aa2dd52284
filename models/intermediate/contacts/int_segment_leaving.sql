with

figures as (

    select * from {{ ref('int_cutoff_segment_figures') }}
    where segmentation = '{{ var("primary_segmentation") }}'

),

-- each cutoff is a start of its own: a customer counts once for every one in the segment
summed as (

    select
        shop,
        segment,
        1 - sum(next_buyers) / cast(sum(customers) as double) as stayed_away
    from figures
    group by shop, segment

)

select * from summed
