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


{% macro welch_margin(variance, customers, other_variance, other_customers) -%}
{#- Welch (1947) for the degrees of freedom, Abramowitz and Stegun (1964), 26.7.5, for the quantile of t at 0.975. -#}
{%- set z = 1.959963984540054 -%}
{%- set sum -%}
({{ variance }} + {{ other_variance }})
{%- endset -%}
{%- set per_freedom -%}
(
                                    (
                                        power({{ variance }}, 2) / ({{ customers }} - 1)
                                        + power({{ other_variance }}, 2) / ({{ other_customers }} - 1)
                                    ) / nullif(power({{ sum }}, 2), 0)
                                )
{%- endset -%}
sqrt({{ sum }}) * (
                                {{ z }}e0
                                + coalesce({{ per_freedom }}, 0) * {{ (z ** 3 + z) / 4 }}e0
                                + power(coalesce({{ per_freedom }}, 0), 2)
                                * {{ (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96 }}e0
                            )
{%- endmacro %}


{% macro difference_bound_pct(these, others, figure, side) -%}
{#- By the logarithm of the ratio; ten customers are the least that make an interval. -#}
{%- set margin = welch_margin(
    these ~ '.' ~ figure ~ '_variance', these ~ '.customers', others ~ '.' ~ figure ~ '_variance', others ~ '.customers',
) -%}
{%- set bound -%}
100 * (
                        {{ these }}.{{ figure }} / {{ others }}.{{ figure }}
                        * exp({{ '-' if side == 'lower' }}{{ margin }}) - 1
                    )
{%- endset -%}
case
            when
                {{ these }}.customers >= 10 and {{ others }}.customers >= 10
                and {{ these }}.{{ figure }} > 0 and {{ others }}.{{ figure }} > 0
                then {{ rounded(bound, 2) }}
        end
{%- endmacro %}
