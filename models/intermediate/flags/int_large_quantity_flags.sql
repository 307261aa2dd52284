with

large_lines as (

    select * from {{ ref('int_traced_lines') }}
    where is_large

),

usual_quantities as (

    select * from {{ ref('int_usual_quantities') }}

),

compared as (

    select
        large_lines.*,
        usual_quantities.usual_of,
        usual_quantities.usual_quantity,
        cast(1.0e0 * abs(large_lines.quantity) / usual_quantities.usual_quantity as decimal(18, 1))
            as ratio_to_usual,
        abs(large_lines.quantity) as units
    from large_lines
    inner join usual_quantities
        on
            large_lines.shop = usual_quantities.shop
            and large_lines.product_id = usual_quantities.product_id

),

-- the line furthest from the usual speaks for the order
ranked as (

    select
        *,
        sum(lines) over (partition by shop, order_id) as large_lines,
        row_number() over (
            partition by shop, order_id
            order by ratio_to_usual desc, units desc, product_id asc, quantity asc, ordered_at asc
        ) as line_rank
    from compared

),

worded as (

    select
        shop,
        order_id,
        concat(
            {{ number_words('units') }}, ' units of ', product_id,
            case when quantity < 0 then ' returned, ' else ', ' end,
            {{ number_words('ratio_to_usual', 1) }}, ' times the ', usual_of, '''s usual ',
            {{ number_words('usual_quantity') }},
            case
                when large_lines > 1
                    then concat(
                        ' (and ', {{ count_words('large_lines - 1', 'more such line') }}, ')'
                    )
                else ''
            end
        ) as reason
    from ranked
    where line_rank = 1

)

select * from worded
