with

raw_lines as (

    {{ raw_extract('online_retail_order_lines') }}

),

read_values as (

    select
        {{ read_id('order_id') }} as order_id,
        {{ read_id('customer_id') }} as customer_id,
        trim(cast(product_id as {{ dbt.type_string() }})) as product_id,
        trim(cast(product_name as {{ dbt.type_string() }})) as product_name,
        trim(cast(country as {{ dbt.type_string() }})) as country,
        {{ read_whole_number('quantity') }} as quantity,
        {{ read_as('unit_price', money_type()) }} as unit_price,
        {{ read_timestamp('ordered_at', extract_date_order('online_retail_order_lines')) }}
            as ordered_at
    from raw_lines

),

recognised as (

    select
        *,
        -- how the published extract books bad debt and its corrections: invoice A563185, code B
        coalesce({{ matches_whole('order_id', 'A[0-9]+') }} and upper(product_id) = 'B', false)
            as is_adjustment
    from read_values

)

select * from recognised
