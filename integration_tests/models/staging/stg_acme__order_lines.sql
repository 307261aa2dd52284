with

sales as (

    select * from {{ ref('erp_sales') }}

),

renamed as (

    select
        sale_no as order_id,
        buyer as customer_id,
        article as product_id,
        article_text as product_name,
        land as country,
        pieces as quantity,
        cast(each as decimal(18, 4)) as unit_price,
        cast(sold_at as timestamp) as ordered_at
    from sales

)

select * from renamed
