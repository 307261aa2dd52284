-- An order is in flagged_orders exactly where a rule has flagged it.
with

{% set rules = [
    'unusual_amount', 'large_quantity', 'unmatched_return', 'repeated_order', 'high_returner',
] %}
flagged as (

    {% for rule in rules %}
    select
        shop,
        order_id
    from {{ ref('int_' ~ rule ~ '_flags') }}
    {{- '\n    union' if not loop.last }}
    {% endfor %}

),

reported as (

    select
        shop,
        order_id
    from {{ ref('patronage', 'flagged_orders') }}

),

differing as (

    select * from flagged
    except all
    select * from reported

),

differing_back as (

    select * from reported
    except all
    select * from flagged

)

select
    shop,
    order_id
from differing
union all
select
    shop,
    order_id
from differing_back
