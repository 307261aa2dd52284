with

extracts as (

    select * from {{ source('raw', 'extracts') }}

),

-- depends_on: {{ ref('data_quality') }}
-- which has read all raw tables, those of the demo included
named as (

    select
        shop,
        extract as raw_table,
        file,
        is_demo,
        format,
        records,
        rejected_records,
        previous_records,
        encoding,
        delimiter,
        date_order,
        decimal_sign,
        time_zone,
        warning,
        landed_at
    from extracts

)

select * from named
