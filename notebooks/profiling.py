"""Look at a shop's segments once they are made: who is in them, what they did, what is at stake."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Profiling after segmentation",
    sql_output="pandas",
)

with app.setup:
    import altair as alt
    import marimo as mo
    import pandas as pd

    from patronage.published import connect_published, default_paths, sql_text

    GREY = "#888888"


@app.function
def colours(frame: pd.DataFrame, name: str = "segment", title: str | None = None) -> alt.Color:
    """Give each segment its colour of the marts, in the order of the marts."""
    ordered = frame.sort_values(f"{name}_order").drop_duplicates(name)
    return alt.Color(
        f"{name}:N",
        title=title,
        scale=alt.Scale(
            domain=list(ordered[name]), range=list(ordered[f"{name}_colour"].fillna(GREY))
        ),
    )


@app.function
def money(amount: float, currency: str) -> str:
    """Write an amount with its currency, where the shop names one."""
    return f"{amount:,.0f} {currency}".rstrip()


@app.cell(hide_code=True)
def _():
    mo.md("""
    # Profiling after segmentation

    Who is in each segment, what sets it apart, what its customers did next, and how much is at
    stake. Every figure comes from the published file, and every sentence is made from the figures:
    choose another shop or segmentation, or publish another build and run the notebook again, and
    it says what is true then.
    """)
    return


@app.cell
def _():
    connection = connect_published(default_paths()[1])
    _ = connection.execute("use published")
    return (connection,)


@app.cell
def _(connection):
    shops = mo.sql(
        """
        select shop, currency, customers, as_of_date
        from marts.shops
        order by customers desc, shop
        """,
        output=False,
        engine=connection,
    )
    return (shops,)


@app.cell
def _():
    asked_shop = mo.cli_args().get("shop")
    asked_segmentation = mo.cli_args().get("segmentation")
    return asked_segmentation, asked_shop


@app.cell
def _(asked_shop, shops):
    shop_choice = mo.ui.dropdown(
        options=list(shops["shop"]),
        value=str(asked_shop or shops["shop"].iloc[0]),
        allow_select_none=False,
        label="Shop",
    )
    shop_choice
    return (shop_choice,)


@app.cell
def _(shop_choice, shops):
    shop = sql_text(shop_choice.value)
    _row = shops.set_index("shop").loc[shop_choice.value]
    currency = _row["currency"] if pd.notna(_row["currency"]) else ""
    told_shop = (
        f"{shop_choice.value} has {_row['customers']:,} known customers,"
        f" as of {_row['as_of_date']:%Y-%m-%d}."
    )
    return currency, shop, told_shop


@app.cell
def _(connection, shop):
    segmentations = mo.sql(
        f"""
        select segmentation
        from marts.segments
        where shop = {shop}
        group by segmentation
        order by bool_or(is_primary) desc, segmentation
        """,
        output=False,
        engine=connection,
    )
    return (segmentations,)


@app.cell
def _(asked_segmentation, segmentations):
    segmentation_choice = mo.ui.dropdown(
        options=list(segmentations["segmentation"]),
        value=str(asked_segmentation or segmentations["segmentation"].iloc[0]),
        allow_select_none=False,
        label="Segmentation",
    )
    segmentation_choice
    return (segmentation_choice,)


@app.cell
def _(segmentation_choice, shop):
    # What the queries below ask of a mart with segments.
    chosen = f"shop = {shop} and segmentation = {sql_text(segmentation_choice.value)}"
    return (chosen,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Sizes and revenue
    """)
    return


@app.cell
def _(chosen, connection):
    profiles = mo.sql(
        f"""
        select
            segment, customers, customers_pct, revenue, revenue_pct, median_recency_days,
            median_frequency, median_monetary, average_order_value, mean_return_rate_pct,
            key_traits, recommended_actions, segment_order, segment_colour
        from marts.segments
        where {chosen}
        order by segment_order, segment
        """,
        engine=connection,
    )
    return (profiles,)


@app.cell
def _(currency, profiles, segmentation_choice, told_shop):
    if list(profiles["segment"]) == ["Unsegmented"]:
        told_sizes = (
            f"{told_shop} They are too few for a fit: {segmentation_choice.value} puts all of them"
            " into Unsegmented."
        )
    else:
        _by_money = profiles.sort_values("revenue", ascending=False)
        _first = _by_money.iloc[0]
        _largest = profiles.loc[profiles["customers"].idxmax()]
        told_sizes = (
            f"{told_shop} {segmentation_choice.value} has {len(profiles)} segments."
            f" {_first['segment']} bring most: {money(_first['revenue'], currency)},"
            f" {_first['revenue_pct']:.1f} % of the net revenue, by {_first['customers_pct']:.1f} %"
            f" of the customers. The largest segment is {_largest['segment']}:"
            f" {_largest['customers']:,} customers ({_largest['customers_pct']:.1f} %),"
            f" {_largest['revenue_pct']:.1f} % of the revenue."
        )
    _long = profiles.melt(
        ["segment", "segment_colour"], ["customers_pct", "revenue_pct"], "share", "percent"
    ).replace({"share": {"customers_pct": "of customers", "revenue_pct": "of revenue"}})
    _chart = (
        alt.Chart(_long.fillna({"segment_colour": GREY}), title="Share of customers and of revenue")
        .mark_bar()
        .encode(
            x=alt.X("percent", title="share (%)"),
            y=alt.Y("share", title=None),
            row=alt.Row(
                "segment",
                sort=list(profiles["segment"]),
                title=None,
                header=alt.Header(labelAngle=0, labelAlign="left"),
            ),
            color=alt.Color("segment_colour", scale=None),
            opacity=alt.Opacity("share:O", scale=alt.Scale(range=[0.5, 1]), legend=None),
            tooltip=["segment", "share", "percent"],
        )
        .properties(width=430, height=36, spacing=6)
    )
    mo.vstack([mo.md(told_sizes), _chart])
    return (told_sizes,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Profiles against the average

    An index of 100 is the whole shop: its median (recency, frequency, monetary), or its mean (order
    value, return rate).
    """)
    return


@app.cell
def _(chosen, connection):
    indices = mo.sql(
        f"""
        with measured as (
            select
                segment,
                segment_order,
                unnest([
                    {{place: 1, measure: 'recency', change: median_recency_days_difference_pct}},
                    {{place: 2, measure: 'frequency', change: median_frequency_difference_pct}},
                    {{place: 3, measure: 'monetary', change: median_monetary_difference_pct}},
                    {{place: 4, measure: 'order value',
                      change: average_order_value_difference_pct}},
                    {{place: 5, measure: 'return rate',
                      change: mean_return_rate_pct_difference_pct}}
                ], recursive := true)
            from marts.segments
            where {chosen}
        )

        select segment, segment_order, place, measure, 100 + change::double as index
        from measured
        where change is not null
        order by segment_order, segment, place
        """,
        output=False,
        engine=connection,
    )
    return (indices,)


@app.cell
def _(indices):
    if indices["segment"].nunique() > 1:
        _high, _low = indices.loc[indices["index"].idxmax()], indices.loc[indices["index"].idxmin()]
        told_indices = (
            f"Furthest above the shop: {_high['segment']} by {_high['measure']}, with an index of"
            f" {_high['index']:,.0f}. Furthest below: {_low['segment']} by {_low['measure']}, with"
            f" {_low['index']:,.0f}."
        )
        _base = alt.Chart(indices, title="Index: 100 = the whole shop").encode(
            x=alt.X(
                "measure", sort=alt.SortField("place"), title=None, axis=alt.Axis(labelAngle=0)
            ),
            y=alt.Y("segment", sort=alt.SortField("segment_order"), title=None),
        )
        _cells = _base.mark_rect().encode(
            color=alt.Color(
                "index:Q",
                title="index",
                scale=alt.Scale(
                    domain=[0, 100, 300], range=["#E69F00", "#F7F7F7", "#56B4E9"], clamp=True
                ),
            )
        )
        _texts = _base.mark_text(color="black").encode(text=alt.Text("index:Q", format=",.0f"))
        _chart = (_cells + _texts).properties(width=480, height=34 * indices["segment"].nunique())
    else:
        told_indices = "One segment is the whole shop: its index is 100 throughout."
        _chart = mo.md("")
    mo.vstack([mo.md(told_indices), _chart])
    return (told_indices,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Snake plot

    Means of the logs of the four measures, ln(1 + x), in standard deviations from the mean of all
    customers with a purchase and positive net revenue. Where the lines lie apart, a measure
    separates the segments.
    """)
    return


@app.cell
def _(chosen, connection, shop):
    snakes = mo.sql(
        f"""
        with measured as (
            select
                customer_id,
                unnest([
                    {{place: 1, measure: 'recency', value: ln(1 + recency_days)}},
                    {{place: 2, measure: 'frequency', value: ln(1 + frequency)}},
                    {{place: 3, measure: 'monetary', value: ln(1 + monetary)}},
                    {{place: 4, measure: 'return rate', value: ln(1 + return_rate_pct)}}
                ], recursive := true)
            from marts.customers
            where shop = {shop} and frequency > 0 and monetary > 0
        ),

        standardized as (
            select
                customer_id,
                place,
                measure,
                (value - avg(value) over of_measure)
                / nullif(stddev_pop(value) over of_measure, 0) as value
            from measured
            window of_measure as (partition by measure)
        ),

        segmented as (
            select customer_id, segment, segment_order, segment_colour
            from marts.customer_segments
            where {chosen} and segment is not null
        ),

        means as (
            select
                segment, segment_order, segment_colour, place, measure,
                count(*) as customers,
                avg(value) as value
            from standardized
            inner join segmented using (customer_id)
            where value is not null
            group by all
        )

        -- between_pct: how much of a measure's variance lies between the segments (eta squared)
        select
            *,
            100 * sum(customers * value * value) over of_measure
            / sum(customers) over of_measure as between_pct
        from means
        window of_measure as (partition by measure)
        order by segment_order, segment, place
        """,
        output=False,
        engine=connection,
    )
    return (snakes,)


@app.cell
def _(snakes):
    if snakes["segment"].nunique() > 1:
        _measures = snakes.drop_duplicates("measure").sort_values("between_pct")
        _least, _most = _measures.iloc[0], _measures.iloc[-1]
        told_snakes = (
            f"{_most['measure'].capitalize()} separates the segments most:"
            f" {_most['between_pct']:.0f} % of the variance of its log lies between them;"
            f" {_least['measure']} separates them least ({_least['between_pct']:.0f} %)."
        )
        _chart = (
            alt.Chart(snakes)
            .mark_line(point=True, strokeWidth=2.5)
            .encode(
                x=alt.X(
                    "measure", sort=alt.SortField("place"), title=None, axis=alt.Axis(labelAngle=0)
                ),
                y=alt.Y("value", title="mean in standard deviations"),
                color=colours(snakes),
                tooltip=["segment", "measure", "value", "customers"],
            )
            .properties(width=480, height=300)
        )
    else:
        told_snakes = "There are no segments to lay beside each other."
        _chart = mo.md("")
    mo.vstack([mo.md(told_snakes), _chart])
    return (told_snakes,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What they did next

    Customers by their segment at past cutoffs, and what they did in the horizon after it. The
    segments are those of fits that knew nothing of what came; intervals are 95 % Wilson intervals.
    Most goes by the lower end of the interval and fewest by the upper, so that a few customers do
    not decide.
    """)
    return


@app.cell
def _(chosen, connection):
    outlook = mo.sql(
        f"""
        select
            segment, cutoffs, customers, bought_again_pct, bought_again_lower_pct,
            bought_again_upper_pct, next_revenue_pct, next_revenue_per_customer, next_return_pct,
            segment_order, segment_colour
        from marts.segment_outlook
        where {chosen}
        order by segment_order, segment
        """,
        engine=connection,
    )
    return (outlook,)


@app.cell
def _(connection, shop):
    rankings = mo.sql(
        f"""
        select ranking, kind, cutoffs, gini, lowest_gini, highest_gini, top_20_revenue_pct
        from marts.segmentation_outlook
        where shop = {shop}
        order by gini desc, ranking
        """,
        engine=connection,
    )
    return (rankings,)


@app.cell
def _(currency, outlook, rankings, segmentation_choice):
    if len(outlook):
        _high = outlook.loc[outlook["bought_again_lower_pct"].idxmax()]
        _low = outlook.loc[outlook["bought_again_upper_pct"].idxmin()]
        told_outlook = (
            f"Most bought again of {_high['segment']}: {_high['bought_again_pct']:.0f} %"
            f" ({_high['bought_again_lower_pct']:.0f} to {_high['bought_again_upper_pct']:.0f} %),"
            f" who brought {_high['next_revenue_per_customer']:,.2f} {currency}".rstrip()
            + f" each; fewest of {_low['segment']}: {_low['bought_again_pct']:.0f} %"
            f" ({_low['bought_again_lower_pct']:.0f} to {_low['bought_again_upper_pct']:.0f} %)."
        )
        _own = rankings[rankings["ranking"] == segmentation_choice.value]
        _plain = rankings[rankings["ranking"] == "monetary"]
        if len(_own) and len(_plain):
            told_outlook += (
                f" As a ranking of who will spend, {segmentation_choice.value} has a Gini of"
                f" {_own['gini'].iloc[0]:.2f}; net revenue so far alone has"
                f" {_plain['gini'].iloc[0]:.2f}."
            )
        _base = alt.Chart(outlook.fillna({"segment_colour": GREY})).encode(
            y=alt.Y("segment", sort=alt.SortField("segment_order"), title=None),
            color=alt.Color("segment_colour", scale=None),
        )
        _size = {"width": 300, "height": 34 * len(outlook)}
        _again = _base.mark_point(filled=True, size=80).encode(
            x=alt.X("bought_again_pct", title="bought again (%)", scale=alt.Scale(zero=True)),
            tooltip=["segment", "bought_again_pct", "customers", "cutoffs"],
        ) + _base.mark_rule(strokeWidth=3).encode(
            x="bought_again_lower_pct", x2="bought_again_upper_pct"
        )
        _money = _base.mark_bar().encode(
            x=alt.X("next_revenue_per_customer", title=f"net revenue each ({currency})"),
            tooltip=["segment", "next_revenue_per_customer", "next_revenue_pct"],
        )
        _chart = _again.properties(**_size) | _money.properties(**_size)
    else:
        told_outlook = (
            "What segments did next is not known: the shop has no orders, or too short a history."
        )
        _chart = mo.md("")
    mo.vstack([mo.md(told_outlook), _chart])
    return (told_outlook,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Movement

    Every month is scored by the fit in use, so that a move is behaviour and not another fit. Down
    means to a segment that stands further back in the order of the marts.
    """)
    return


@app.cell
def _(chosen, connection):
    moves = mo.sql(
        f"""
        select
            month, from_segment, to_segment, customers, revenue_before,
            from_segment_order, to_segment_order,
            case
                when from_segment = to_segment then 'stayed'
                when to_segment_order > from_segment_order then 'down'
                else 'up'
            end as direction
        from marts.segment_migrations
        where
            {chosen}
            and from_segment <> '(new)'
            and month = (select max(month) from marts.segment_migrations where {chosen})
        order by from_segment_order, to_segment_order
        """,
        output=False,
        engine=connection,
    )
    return (moves,)


@app.cell
def _(chosen, connection):
    sizes = mo.sql(
        f"""
        select segment, month, customers, customers_pct, segment_order, segment_colour
        from marts.segment_sizes
        where {chosen}
        order by month, segment_order, segment
        """,
        output=False,
        engine=connection,
    )
    return (sizes,)


@app.cell
def _(currency, moves, sizes):
    if len(moves):
        _moved = moves[moves["direction"] != "stayed"]
        told_moves = (
            f"In {moves['month'].iloc[0]:%Y-%m}, {_moved['customers'].sum():,} of"
            f" {moves['customers'].sum():,} customers changed their segment"
        )
        for _direction, _rows in _moved.groupby("direction"):
            told_moves += f"; {_rows['customers'].sum():,} went {_direction}"
            if _rows["revenue_before"].notna().all():
                told_moves += (
                    f", who had brought {money(_rows['revenue_before'].sum(), currency)} in the 90"
                    " days up to the month's end"
                )
        told_moves += "."
        _base = alt.Chart(moves, title="Customers by segment before and after the month").encode(
            x=alt.X(
                "to_segment",
                sort=alt.SortField("to_segment_order"),
                title="at its end",
                axis=alt.Axis(labelAngle=-30),
            ),
            y=alt.Y(
                "from_segment", sort=alt.SortField("from_segment_order"), title="at its beginning"
            ),
        )
        _cells = _base.mark_rect().encode(
            color=alt.Color(
                "direction",
                title=None,
                scale=alt.Scale(
                    domain=["up", "stayed", "down"], range=["#56B4E9", "#EEEEEE", "#E69F00"]
                ),
            ),
            tooltip=["from_segment", "to_segment", "customers", "revenue_before"],
        )
        _texts = _base.mark_text(color="black").encode(text=alt.Text("customers", format=","))
        _over_time = (
            alt.Chart(sizes, title="Customers by segment at each month's end")
            .mark_area()
            .encode(
                x=alt.X("month:T", title=None),
                y=alt.Y("customers", title="customers"),
                color=colours(sizes),
                order=alt.Order("segment_order", sort="descending"),
                tooltip=["segment", "month", "customers", "customers_pct"],
            )
            .properties(width=480, height=240)
        )
        _chart = mo.vstack([(_cells + _texts).properties(width=480, height=260), _over_time])
    else:
        told_moves = "Nobody is known to have moved: the shop has no orders, or one month of them."
        _chart = mo.md("")
    mo.vstack([mo.md(told_moves), _chart])
    return (told_moves,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Returns
    """)
    return


@app.cell
def _(chosen, connection):
    returned = mo.sql(
        f"""
        select
            segment,
            mean_return_rate_pct,
            units_purchased,
            units_returned,
            round(
                100 * units_returned / nullif(sum(units_returned) over (), 0), 2
            ) as units_returned_pct,
            revenue,
            revenue - revenue_after_return_costs as return_costs,
            segment_order,
            segment_colour
        from marts.segments
        where {chosen}
        order by segment_order, segment
        """,
        engine=connection,
    )
    return (returned,)


@app.cell
def _(currency, returned):
    _units, _costs = returned["units_returned"].sum(), returned["return_costs"].sum()
    if _units > 0:
        _most = returned.loc[returned["mean_return_rate_pct"].idxmax()]
        told_returns = (
            f"{_most['segment']} have the highest return rate: of their units,"
            f" {_most['mean_return_rate_pct']:.1f} % on average; of all units that came back, they"
            f" sent {_most['units_returned_pct']:.1f} %."
        )
        if _costs > 0:
            told_returns += f" Handling all returns costs {money(_costs, currency)}."
        _chart = (
            alt.Chart(returned.fillna({"segment_colour": GREY}), title="Mean return rate")
            .mark_bar()
            .encode(
                x=alt.X("mean_return_rate_pct", title="units returned, mean of the customers (%)"),
                y=alt.Y("segment", sort=alt.SortField("segment_order"), title=None),
                color=alt.Color("segment_colour", scale=None),
                tooltip=["segment", "mean_return_rate_pct", "units_returned", "return_costs"],
            )
            .properties(width=480)
        )
    else:
        told_returns = "The data of the shop have no returns."
        _chart = mo.md("")
    mo.vstack([mo.md(told_returns), _chart])
    return (told_returns,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Who is at stake

    Customers worth writing to now (`contact_queue`), by their segment. The money at stake is the
    chance of leaving times the revenue ahead.
    """)
    return


@app.cell
def _(chosen, connection, shop):
    stakes = mo.sql(
        f"""
        with segmented as (
            select customer_id, segment, segment_order
            from marts.customer_segments
            where {chosen}
        )

        select
            coalesce(segmented.segment, 'Unsegmented') as segment,
            queue.reason_code,
            count(*) as customers,
            sum(queue.money_at_stake)::double as money_at_stake,
            max(segmented.segment_order) as segment_order
        from marts.contact_queue as queue
        inner join segmented using (customer_id)
        where queue.shop = {shop}
        group by segmented.segment, queue.reason_code
        order by segment_order, segment, queue.reason_code
        """,
        output=False,
        engine=connection,
    )
    return (stakes,)


@app.cell
def _(currency, stakes):
    if len(stakes):
        _money, _customers = stakes["money_at_stake"].sum(), stakes["customers"].sum()
        _segments = stakes.groupby("segment")["money_at_stake"].sum().sort_values()
        _reasons = stakes.groupby("reason_code")["customers"].sum().sort_values()
        told_stakes = (
            f"{_customers:,} customers are worth writing to now, with {money(_money, currency)} at"
            f" stake. Most of the money is with {_segments.index[-1]}"
            f" ({money(_segments.iloc[-1], currency)}), and the most frequent reason is"
            f" {_reasons.index[-1]} ({_reasons.iloc[-1]:,} customers)."
        )
        _chart = (
            alt.Chart(stakes, title="Money at stake, by segment and reason")
            .mark_bar()
            .encode(
                x=alt.X("money_at_stake", title=f"money at stake ({currency})"),
                y=alt.Y("segment", sort=alt.SortField("segment_order"), title=None),
                color=alt.Color(
                    "reason_code",
                    title="reason",
                    scale=alt.Scale(range=["#0072B2", "#E69F00", "#999999", "#CC79A7"]),
                ),
                tooltip=["segment", "reason_code", "customers", "money_at_stake"],
            )
            .properties(width=480)
        )
    else:
        told_stakes = "The contact queue of the shop is empty."
        _chart = mo.md("")
    mo.vstack([mo.md(told_stakes), _chart])
    return (told_stakes,)


@app.cell
def _(connection, shop):
    first_in_queue = mo.sql(
        f"""
        select contact_rank, customer_id, segment, reason, money_at_stake, recommended_actions
        from marts.contact_queue
        where shop = {shop}
        order by contact_rank
        limit 10
        """,
        engine=connection,
    )
    return (first_in_queue,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## In short
    """)
    return


@app.cell
def _(
    told_indices,
    told_moves,
    told_outlook,
    told_returns,
    told_sizes,
    told_snakes,
    told_stakes,
):
    findings = [
        told_sizes,
        told_indices,
        told_snakes,
        told_outlook,
        told_moves,
        told_returns,
        told_stakes,
    ]
    if mo.app_meta().mode == "script":
        print("\n\n".join(findings))
    mo.md("\n".join(f"- {_finding}" for _finding in findings))
    return (findings,)


if __name__ == "__main__":
    app.run()
