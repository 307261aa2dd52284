"""Look at a shop's customers before they are segmented: what is counted, and how it is spread."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Exploration before segmentation",
    sql_output="pandas",
)

with app.setup:
    import altair as alt
    import marimo as mo
    import pandas as pd

    from patronage.published import connect_published, default_paths, sql_text

    WORDS = {
        "recency_days": "recency (days)",
        "frequency": "frequency (orders)",
        "monetary": "monetary (net revenue)",
        "return_rate_pct": "return rate (%)",
    }
    """What the charts call the four measures, in the order in which they stand."""

    BLUE, ORANGE = "#0072B2", "#D55E00"


@app.function
def money(amount: float, currency: str) -> str:
    """Write an amount with its currency, where the shop names one."""
    return f"{amount:,.0f} {currency}".rstrip()


@app.cell(hide_code=True)
def _():
    mo.md("""
    # Exploration before segmentation

    What the customers of a shop are like before anybody groups them. Every figure comes from
    the published file, and every sentence is made from the figures: choose another shop, or
    publish another build and run the notebook again, and it says what is true then.
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
        select shop, currency, customers, purchasing_customers, as_of_date
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
    return (asked_shop,)


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
        f" {_row['purchasing_customers']:,} of them with a purchase,"
        f" as of {_row['as_of_date']:%Y-%m-%d}."
    )
    mo.md(told_shop)
    return currency, shop, told_shop


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What was not counted
    """)
    return


@app.cell
def _(connection, shop):
    quality = mo.sql(
        f"""
        select line_status, lines, lines_pct, orders, amount
        from marts.data_quality
        where shop = {shop} and lines > 0
        order by line_status <> 'accepted', lines desc, line_status
        """,
        engine=connection,
    )
    return (quality,)


@app.cell
def _(currency, quality):
    _left_out = quality[quality["line_status"] != "accepted"]
    _counted = quality["lines"].sum() - _left_out["lines"].sum()
    told_quality = f"{_counted:,} of {quality['lines'].sum():,} raw rows count."
    if len(_left_out):
        _most = _left_out.iloc[0]
        told_quality += (
            f" The most frequent reason why others do not is {_most['line_status']}:"
            f" {_most['lines']:,} rows ({_most['lines_pct']:.2f} %). All that was left out amounts"
            f" to {money(_left_out['amount'].sum(), currency)}."
        )
    _chart = (
        alt.Chart(_left_out, title="Raw rows that do not count")
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X("lines_pct", title="share of raw rows (%)"),
            y=alt.Y("line_status", sort=None, title=None),
            tooltip=["line_status", "lines", "orders", "amount"],
        )
        .properties(width=500)
    )
    mo.vstack([mo.md(told_quality), _chart if len(_left_out) else mo.md("")])
    return (told_quality,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Distributions

    Recency, frequency, net revenue and return rate of the customers that a fit uses: those with a
    purchase and positive net revenue. The log is ln(1 + x), as a fit takes it.
    """)
    return


@app.cell
def _(connection, shop):
    population = mo.sql(
        f"""
        select
            count(*) as customers,
            count(*) filter (where frequency > 0 and monetary > 0) as fitted,
            count(*) filter (where frequency = 0) as without_purchase,
            count(*) filter (where frequency > 0 and monetary <= 0) as without_revenue
        from marts.customers
        where shop = {shop}
        """,
        output=False,
        engine=connection,
    )
    return (population,)


@app.cell
def _(connection, shop):
    # One row per customer and measure, for the queries of distributions and outliers.
    connection.execute(
        f"""
        create or replace temp view measured as
        select
            customer_id,
            monetary as revenue,
            unnest([
                {{place: 1, measure: 'recency_days', value: recency_days::double}},
                {{place: 2, measure: 'frequency', value: frequency::double}},
                {{place: 3, measure: 'monetary', value: monetary::double}},
                {{place: 4, measure: 'return_rate_pct', value: return_rate_pct::double}}
            ], recursive := true)
        from marts.customers
        where shop = {shop} and frequency > 0 and monetary > 0
        """
    )
    measured = connection.table("measured")
    return (measured,)


@app.cell
def _(connection, measured):
    spread = mo.sql(
        """
        with described as (
            select
                measure,
                place,
                avg(value) as mean,
                min(value) as lowest,
                quantile_cont(value, 0.25) as quarter,
                median(value) as median,
                quantile_cont(value, 0.75) as three_quarters,
                quantile_cont(value, 0.99) as highest_of_99_pct,
                max(value) as highest,
                100.0 * count(*) filter (where value = 0) / count(*) as zero_pct,
                skewness(value) as skewness,
                skewness(ln(1 + value)) as log_skewness
            from measured
            group by measure, place
        )

        -- where all customers are alike, there is no skewness (a NaN)
        select
            measure,
            round(mean, 2) as mean,
            round(lowest, 2) as lowest,
            round(quarter, 2) as quarter,
            round(median, 2) as median,
            round(three_quarters, 2) as three_quarters,
            round(highest_of_99_pct, 2) as highest_of_99_pct,
            round(highest, 2) as highest,
            round(zero_pct, 2) as zero_pct,
            case when not isnan(skewness) then round(skewness, 4) end as skewness,
            case when not isnan(log_skewness) then round(log_skewness, 4) end as log_skewness
        from described
        order by place
        """,
        engine=connection,
    )
    return (spread,)


@app.cell
def _(population, spread):
    _row = population.iloc[0]
    told_spread = (
        f"A fit uses {_row['fitted']:,} of {_row['customers']:,} customers:"
        f" {_row['without_purchase']:,} have no purchase, and {_row['without_revenue']:,} more kept"
        " nothing of what they bought."
    )
    _known = spread.dropna(subset=["skewness", "log_skewness"])
    if len(_known):
        _most = _known.loc[_known["skewness"].abs().idxmax()]
        _nearer = _known[_known["log_skewness"].abs() < _known["skewness"].abs()]
        told_spread += (
            f" The most skewed measure is {WORDS[_most['measure']]}, by {_most['skewness']:.1f};"
            f" its log by {_most['log_skewness']:.1f} (0 = symmetric). The log brings"
            f" {len(_nearer)} of {len(_known)} measures nearer to symmetric."
        )
    _constant = spread[spread["lowest"] == spread["highest"]]
    if len(_constant):
        _names = " and ".join(WORDS[measure] for measure in _constant["measure"])
        told_spread += f" All customers have the same {_names}: that cannot set them apart."
    mo.md(told_spread)
    return (told_spread,)


@app.cell
def _(connection, measured):
    histograms = mo.sql(
        """
        with scaled as (
            select measure, 'plain' as scale, value from measured
            union all
            select measure, 'log' as scale, ln(1 + value) as value from measured
        ),

        limits as (
            select measure, scale, min(value) as lowest, (max(value) - min(value)) / 30 as width
            from scaled
            group by measure, scale
        ),

        placed as (
            select
                measure, scale, lowest, width,
                case
                    when width = 0 then 0
                    else least(floor((value - lowest) / width), 29)
                end as bin
            from scaled
            inner join limits using (measure, scale)
        )

        select
            measure,
            scale,
            lowest + bin * width as from_value,
            lowest + (bin + 1) * width as to_value,
            count(*) as customers
        from placed
        group by measure, scale, lowest, width, bin
        order by measure, scale, bin
        """,
        output=False,
        engine=connection,
    )
    return (histograms,)


@app.cell
def _(histograms):
    def _draw(measure, scale):
        _bars = histograms[(histograms["measure"] == measure) & (histograms["scale"] == scale)]
        _name = WORDS[measure] if scale == "plain" else f"ln(1 + {WORDS[measure]})"
        return (
            alt.Chart(_bars)
            .mark_bar(color=BLUE if scale == "plain" else ORANGE)
            .encode(
                x=alt.X("from_value:Q", bin="binned", title=_name),
                x2="to_value:Q",
                y=alt.Y("customers:Q", title="customers"),
                tooltip=["from_value", "to_value", "customers"],
            )
            .properties(width=330, height=150)
        )

    alt.vconcat(*(_draw(_measure, "plain") | _draw(_measure, "log") for _measure in WORDS))
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What goes with what

    Correlations of the logs, in which distances between customers are measured, and of the ranks,
    which no outlier moves.
    """)
    return


@app.cell
def _(connection, shop):
    correlations = mo.sql(
        f"""
        with fitted as (
            select
                ln(1 + recency_days) as r,
                ln(1 + frequency) as f,
                ln(1 + monetary) as m,
                ln(1 + return_rate_pct) as b
            from marts.customers
            where shop = {shop} and frequency > 0 and monetary > 0
        ),

        ranked as (
            select
                r, f, m, b,
                rank() over (order by r) + count(*) over (partition by r) / 2 as r_rank,
                rank() over (order by f) + count(*) over (partition by f) / 2 as f_rank,
                rank() over (order by m) + count(*) over (partition by m) / 2 as m_rank,
                rank() over (order by b) + count(*) over (partition by b) / 2 as b_rank
            from fitted
        ),

        pairs as (
            select unnest([
                {{pair: 'recency and frequency', logs: corr(r, f), ranks: corr(r_rank, f_rank)}},
                {{pair: 'recency and monetary', logs: corr(r, m), ranks: corr(r_rank, m_rank)}},
                {{pair: 'recency and returns', logs: corr(r, b), ranks: corr(r_rank, b_rank)}},
                {{pair: 'frequency and monetary', logs: corr(f, m), ranks: corr(f_rank, m_rank)}},
                {{pair: 'frequency and returns', logs: corr(f, b), ranks: corr(f_rank, b_rank)}},
                {{pair: 'monetary and returns', logs: corr(m, b), ranks: corr(m_rank, b_rank)}}
            ], recursive := true)
            from ranked
        )

        select pair, round(logs, 4) as logs, round(ranks, 4) as ranks
        from pairs
        where not isnan(logs) and not isnan(ranks)
        order by abs(logs) desc, pair
        """,
        engine=connection,
    )
    return (correlations,)


@app.cell
def _(correlations):
    if len(correlations):
        _first, _last = correlations.iloc[0], correlations.iloc[-1]
        told_correlations = (
            f"{_first['pair'].capitalize()} go together most ({_first['logs']:+.2f}): the one"
            f" explains {100 * _first['logs'] ** 2:.0f} % of the variance of the other's log."
            f" {_last['pair'].capitalize()} do so least ({round(_last['logs'], 2) + 0:+.2f})."
        )
        _long = correlations.melt("pair", ["logs", "ranks"], "of", "correlation")
        _chart = (
            alt.Chart(_long, title="Correlation of each pair of measures")
            .mark_point(filled=True, size=90)
            .encode(
                x=alt.X("correlation", scale=alt.Scale(domain=[-1, 1])),
                y=alt.Y("pair", sort=list(correlations["pair"]), title=None),
                color=alt.Color("of", scale=alt.Scale(range=[BLUE, ORANGE]), title="of"),
                shape=alt.Shape("of", title="of"),
                tooltip=["pair", "of", "correlation"],
            )
            .properties(width=500, height=180)
        )
    else:
        told_correlations = "There are too few different customers for a correlation."
        _chart = mo.md("")
    mo.vstack([mo.md(told_correlations), _chart])
    return (told_correlations,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Concentration
    """)
    return


@app.cell
def _(connection, shop):
    tenths = mo.sql(
        f"""
        select decile, customers, revenue, revenue_pct, cumulative_revenue_pct, gini
        from marts.revenue_concentration
        where shop = {shop}
        order by decile
        """,
        engine=connection,
    )
    return (tenths,)


@app.cell
def _(connection, shop):
    whale_curve = mo.sql(
        f"""
        with ranked as (
            select
                row_number() over best as place,
                count(*) over () as customers,
                sum(monetary) over () as revenue,
                sum(monetary) over (best rows unbounded preceding) as revenue_so_far,
                monetary
            from marts.customers
            where shop = {shop}
            window best as (order by monetary desc, customer_id)
        )

        select
            place,
            100.0 * place / customers as customers_pct,
            100.0 * revenue_so_far / nullif(revenue, 0) as revenue_pct,
            -- the last customer who adds to the revenue: behind him the curve falls
            monetary > 0 and lead(monetary, 1, -1) over (order by place) <= 0 as is_peak
        from ranked
        qualify is_peak or place = customers or place % greatest(1, customers // 200) = 0
        order by place
        """,
        output=False,
        engine=connection,
    )
    return (whale_curve,)


@app.cell
def _(tenths, whale_curve):
    _first, _peak = tenths.iloc[0], whale_curve[whale_curve["is_peak"]]
    told_concentration = (
        f"The best tenth of the customers brings {_first['revenue_pct']:.1f} % of the net revenue"
        f" (Gini {_first['gini']:.2f}; 0 = all bring the same)."
        if pd.notna(_first["gini"])
        else "The customers have brought nothing, and so no share of it."
    )
    if len(_peak) and round(_peak["revenue_pct"].iloc[0], 1) > 100:
        _best = _peak.iloc[0]
        told_concentration += (
            f" The best {_best['customers_pct']:.1f} % bring {_best['revenue_pct']:.1f} % of it;"
            f" what the others sent back takes {_best['revenue_pct'] - 100:.1f} % away."
        )
    _axes = {
        "x": alt.X("customers_pct", title="customers, those who bring most first (%)"),
        "y": alt.Y("revenue_pct", title="share of net revenue so far (%)"),
        "tooltip": ["customers_pct", "revenue_pct"],
    }
    _curve = alt.Chart(whale_curve, title="Whale curve").mark_line(color=BLUE).encode(**_axes)
    _even = (
        alt.Chart(pd.DataFrame({"customers_pct": [0, 100], "revenue_pct": [0, 100]}))
        .mark_line(color="#888888", strokeDash=[4, 4])
        .encode(**_axes)
    )
    mo.vstack([mo.md(told_concentration), (_even + _curve).properties(width=500, height=300)])
    return (told_concentration,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Outliers

    An outlier lies more than 3.5 robust standard deviations (1.4826 times the median distance from
    the median) away from the median. Where more than half of the customers have the same value,
    that distance is 0 and nobody can be called an outlier.
    """)
    return


@app.cell
def _(connection, measured):
    outliers = mo.sql(
        """
        with middles as (
            select
                measure,
                median(value) as middle,
                1.4826 * nullif(mad(value), 0) as width,
                median(ln(1 + value)) as log_middle,
                1.4826 * nullif(mad(ln(1 + value)), 0) as log_width
            from measured
            group by measure
        ),

        judged as (
            select
                measure,
                place,
                revenue,
                abs(value - middle) / width > 3.5 as is_outlier,
                abs(ln(1 + value) - log_middle) / log_width > 3.5 as is_log_outlier
            from measured
            inner join middles using (measure)
        )

        select
            measure,
            case when count(is_outlier) > 0
                then count(*) filter (where is_outlier) end as outliers,
            case when count(is_outlier) > 0
                then round(
                    100 * coalesce(sum(revenue) filter (where is_outlier), 0) / sum(revenue), 2
                )
            end as revenue_pct,
            case when count(is_log_outlier) > 0
                then count(*) filter (where is_log_outlier) end as log_outliers,
            case when count(is_log_outlier) > 0
                then round(
                    100 * coalesce(sum(revenue) filter (where is_log_outlier), 0) / sum(revenue), 2
                )
            end as log_revenue_pct
        from judged
        group by measure, place
        order by place
        """,
        engine=connection,
    )
    return (outliers,)


@app.cell
def _(connection, shop):
    largest = mo.sql(
        f"""
        select customer_id, monetary, frequency, recency_days, return_rate_pct, segment_reason
        from marts.customers
        where shop = {shop}
        order by monetary desc, customer_id
        limit 10
        """,
        engine=connection,
    )
    return (largest,)


@app.cell
def _(outliers):
    _known = outliers.dropna(subset=["outliers"])
    if len(_known):
        _most = _known.loc[_known["revenue_pct"].idxmax()]
        told_outliers = (
            f"The outliers of {WORDS[_most['measure']]} bring most: {_most['outliers']:,.0f}"
            f" customers, {_most['revenue_pct']:.1f} % of the net revenue, which a fit without them"
            " would not see."
        )
        if pd.notna(_most["log_outliers"]):
            told_outliers += f" By the log there are {_most['log_outliers']:,.0f}."
    else:
        told_outliers = "No measure is spread enough to call a customer an outlier."
    _same = [
        WORDS[_measure]
        for _measure in outliers["measure"]
        if _measure not in set(_known["measure"])
    ]
    if _same:
        told_outliers += f" More than half of the customers have the same {' and '.join(_same)}."
    mo.md(told_outliers)
    return (told_outliers,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Are there clusters?

    Fits of 2 to 10 clusters on the same customers. An elbow or a high silhouette speaks for a
    number; stability says whether another sample of customers would give the same clusters.
    """)
    return


@app.cell
def _(connection, shop):
    clustered = mo.sql(
        f"""
        select segmentation
        from marts.cluster_diagnostics
        where shop = {shop}
        group by segmentation
        order by segmentation not in (select segmentation from marts.segments where is_primary),
            segmentation
        """,
        output=False,
        engine=connection,
    )
    return (clustered,)


@app.cell
def _(clustered):
    _names = list(clustered["segmentation"])
    segmentation_choice = mo.ui.dropdown(
        options=_names,
        value=_names[0] if _names else None,
        allow_select_none=not _names,
        label="Segmentation",
    )
    segmentation_choice
    return (segmentation_choice,)


@app.cell
def _(connection, segmentation_choice, shop):
    diagnostics = mo.sql(
        f"""
        select
            clusters, inertia, silhouette, stability, smallest_cluster_pct, verdict,
            is_elbow, is_best_silhouette, is_in_use
        from marts.cluster_diagnostics
        where shop = {shop} and segmentation = {sql_text(segmentation_choice.value or "")}
        order by clusters
        """,
        engine=connection,
    )
    return (diagnostics,)


@app.cell
def _(diagnostics, segmentation_choice):
    _marks = {
        "in use": diagnostics[diagnostics["is_in_use"]],
        "at the elbow": diagnostics[diagnostics["is_elbow"]],
        "with the best silhouette": diagnostics[diagnostics["is_best_silhouette"]],
    }
    _used = _marks["in use"]
    if len(diagnostics):
        told_clusters = (
            f"{segmentation_choice.value}: "
            + ", ".join(
                f"{_rows['clusters'].iloc[0]} clusters {_name}"
                for _name, _rows in _marks.items()
                if len(_rows)
            )
            + "."
        )
        if len(_used):
            told_clusters += (
                f" Those in use have a silhouette of {_used['silhouette'].iloc[0]:.2f} and a"
                f" stability of {_used['stability'].iloc[0]:.2f}. Verdict:"
                f" {_used['verdict'].iloc[0]}."
            )
    else:
        told_clusters = "There are too few customers for clusters, or no segmentation makes them."
    mo.md(told_clusters)
    return (told_clusters,)


@app.cell
def _(diagnostics):
    def _draw(column, title):
        _line = (
            alt.Chart(diagnostics, title=title)
            .mark_line(color=BLUE, point={"color": BLUE})
            .encode(
                x=alt.X("clusters:O", axis=alt.Axis(labelAngle=0)),
                y=alt.Y(f"{column}:Q", title=None, scale=alt.Scale(zero=True)),
                tooltip=["clusters", column, "verdict"],
            )
        )
        _used = (
            alt.Chart(diagnostics[diagnostics["is_in_use"]])
            .mark_point(color=ORANGE, filled=True, size=120)
            .encode(x="clusters:O", y=f"{column}:Q")
        )
        return (_line + _used).properties(width=210, height=180)

    mo.md("") if diagnostics.empty else alt.hconcat(
        _draw("inertia", "Inertia (elbow)"),
        _draw("silhouette", "Silhouette"),
        _draw("stability", "Stability"),
        title="The number in use is orange",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## In short
    """)
    return


@app.cell
def _(
    told_clusters,
    told_concentration,
    told_correlations,
    told_outliers,
    told_quality,
    told_shop,
    told_spread,
):
    findings = [
        told_shop,
        told_quality,
        told_spread,
        told_correlations,
        told_concentration,
        told_outliers,
        told_clusters,
    ]
    if mo.app_meta().mode == "script":
        print("\n\n".join(findings))
    mo.md("\n".join(f"- {_finding}" for _finding in findings))
    return (findings,)


if __name__ == "__main__":
    app.run()
