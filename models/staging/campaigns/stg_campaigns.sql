with

raw_rows as (

    {% if var('campaigns') is none %}
    select
        cast(null as {{ dbt.type_string() }}) as shop,
        cast(null as {{ dbt.type_string() }}) as campaign,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        cast(null as {{ dbt.type_string() }}) as sent_on,
        cast(null as {{ dbt.type_string() }}) as is_held_out
    where false
    {% else %}
    {{ raw_extract('campaigns') }}
    {% endif %}

),

read_values as (

    select
        {{ read_text('shop') }} as shop,
        {{ read_text('campaign') }} as campaign,
        {{ missing_customer_to_null(read_id('customer_id')) }} as customer_id,
        {% if var('campaigns') is none %}
        cast(sent_on as date) as sent_on,
        {% else %}
        cast({{ read_timestamp('sent_on', 'campaigns') }} as date) as sent_on,
        {% endif %}
        case
            when lower({{ read_text('is_held_out') }}) in ('true', 't', 'yes', 'y', '1') then true
            when lower({{ read_text('is_held_out') }}) in ('false', 'f', 'no', 'n', '0') then false
        end as is_held_out
    from raw_rows

)

select * from read_values
