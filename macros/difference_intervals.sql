{% macro relative_variance(total, squares, whole='customers', whole_squares='customers', products=none) -%}
{#- Cochran (1977), Sampling Techniques, 3rd ed., eq. 6.4, over the square of the ratio: the variance of total / whole. -#}
{#- Where the whole is the number of customers, each of them adds 1 to it, and the products are the total. -#}
case
            when customers > 1 and {{ total }} > 0
                then greatest(
                    cast(customers as double) / (customers - 1) * (
                        cast({{ squares }} as double) / power(cast({{ total }} as double), 2)
                        - 2 * cast({{ products or total }} as double)
                        / (cast({{ total }} as double) * nullif({{ whole }}, 0))
                        + cast({{ whole_squares }} as double)
                        / power(cast(nullif({{ whole }}, 0) as double), 2)
                    ),
                    0
                )
        end
{%- endmacro %}


{% macro difference_bound_pct(these, others, figure, side) -%}
{#- By the logarithm of the ratio, z the 0.975 quantile of the normal distribution; ten customers are the least that make one. -#}
case
            when
                {{ these }}.customers >= 10 and {{ others }}.customers >= 10
                and {{ these }}.{{ figure }} > 0 and {{ others }}.{{ figure }} > 0
                then cast(round(
                    100 * (
                        exp(
                            ln({{ these }}.{{ figure }} / {{ others }}.{{ figure }})
                            {{ '-' if side == 'lower' else '+' }} 1.959963984540054e0
                            * sqrt(
                                {{ these }}.{{ figure }}_variance
                                + {{ others }}.{{ figure }}_variance
                            )
                        ) - 1
                    ),
                    2
                ) as decimal(18, 2))
        end
{%- endmacro %}
