"""Predictions: nothing of the future in a feature, scorecards against scikit-learn, scores only of models that earn it."""

from decimal import Decimal
from importlib.metadata import files
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LinearRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from patronage.fitting.logistic import MINIMUM_CLASS, fit_all, fit_logistic, fit_one
from warehouse import PROJECT, build, query, run_dbt

FEATURES = ["log_recency_days", "log_frequency"]


def labelled(rows: int, seed: int = 1) -> pd.DataFrame:
    """Customers at two past cutoffs whose label really depends on one feature."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame(random.normal(size=(rows, 2)) * [2, 0.5] + [3, 1], columns=FEATURES)
    odds = 0.5 - 1.5 * (table["log_recency_days"] - 3) / 2
    return table.assign(
        shop="s",
        model="churn",
        periods_ago=1 + np.arange(rows) % 2,
        customer_id=[f"{number // 2:05}" for number in range(rows)],
        is_positive=random.random(rows) < 1 / (1 + np.exp(-odds)),
    )


def test_the_fit_is_the_maximum_of_the_penalised_likelihood() -> None:
    random = np.random.default_rng(2)
    z_scores = random.normal(size=(400, 3))
    labels = random.random(400) < 1 / (1 + np.exp(-(0.3 + z_scores @ [1.0, 0, -0.5])))

    def loss(coefficients: np.ndarray) -> float:
        odds = coefficients[0] + z_scores @ coefficients[1:]
        return float(
            np.sum(np.logaddexp(0, odds) - labels * odds) + np.sum(coefficients[1:] ** 2) / 2
        )

    expected = minimize(loss, np.zeros(4), method="BFGS", options={"gtol": 1e-8}).x
    np.testing.assert_allclose(fit_logistic(z_scores, labels), expected, atol=1e-5)


def test_slopes_say_the_same_as_standard_units() -> None:
    rows = labelled(2_000)
    fit = fit_one(rows, FEATURES, intervals=True)
    assert fit is not None
    table = fit.set_index("feature")
    z_scores = (rows[FEATURES] - table.loc[FEATURES, "centre"]) / table.loc[FEATURES, "scale"]
    standard = table.loc["intercept", "coefficient"] + z_scores @ table.loc[FEATURES, "coefficient"]
    plain = table.loc["intercept", "slope"] + rows[FEATURES] @ table.loc[FEATURES, "slope"]
    np.testing.assert_allclose(plain, standard, atol=1e-9)
    assert table.loc["log_recency_days", "coefficient"] == pytest.approx(-1.5, abs=0.2)
    low, high = table["coefficient_low"], table["coefficient_high"]
    assert ((low < table["coefficient"]) & (table["coefficient"] < high)).all()
    assert (
        low["log_frequency"] < 0 < high["log_frequency"]
    )  # it means nothing, and the interval says so
    assert 0.1 < high["log_recency_days"] - low["log_recency_days"] < 0.5


def test_intervals_are_near_those_of_a_bootstrap_of_customers() -> None:
    rows = labelled(1_500)  # two rows of each customer
    fit = fit_one(rows, FEATURES, intervals=True)
    assert fit is not None
    table = fit.set_index("feature")
    z_scores = ((rows[FEATURES] - table.loc[FEATURES, "centre"]) / table.loc[FEATURES, "scale"]).to_numpy()  # fmt: skip
    labels = rows["is_positive"].to_numpy()
    by_customer = rows.reset_index().groupby("customer_id")["index"].apply(np.array).to_numpy()
    random = np.random.default_rng(4)
    fits = []
    for _ in range(400):
        drawn = np.concatenate(by_customer[random.integers(0, len(by_customer), len(by_customer))])
        fits.append(fit_logistic(z_scores[drawn], labels[drawn]))
    low, high = np.percentile(fits, [2.5, 97.5], axis=0)
    width = table["coefficient_high"] - table["coefficient_low"]
    np.testing.assert_allclose(width, high - low, rtol=0.15)
    np.testing.assert_allclose(table["coefficient_low"], low, atol=0.1 * width.max())


def test_a_feature_is_shown_alone_and_with_what_others_hold_of_it() -> None:
    random = np.random.default_rng(3)
    rows = labelled(2_000)
    rows["log_tenure_days"] = rows["log_recency_days"] + 0.4 * random.normal(size=2_000)
    rows["twice_tenure"] = rows["log_tenure_days"] * 2 + rows["log_frequency"]
    rows["nothing"] = 5.0
    features = [*FEATURES, "log_tenure_days", "nothing"]
    fit = fit_one(rows, features, intervals=True)
    assert fit is not None
    table = fit.set_index("feature")
    for feature in (*FEATURES, "log_tenure_days"):
        others = rows[[*FEATURES, "log_tenure_days"]].drop(columns=feature)
        share = LinearRegression().fit(others, rows[feature]).score(others, rows[feature])
        assert table.loc[feature, "variance_inflation"] == pytest.approx(1 / (1 - share))
        alone = fit_one(rows, [feature], intervals=False)
        assert alone is not None
        assert table.loc[feature, "coefficient_alone"] == pytest.approx(
            alone.set_index("feature").loc[feature, "coefficient"]
        )
    assert table.loc["log_recency_days", "variance_inflation"] > 10
    # what recency does alone, tenure seems to do alone, and does not do beside it
    assert table.loc["log_tenure_days", "coefficient_alone"] < -1
    assert abs(table.loc["log_tenure_days", "coefficient"]) < 0.5
    assert np.isnan(table.loc[["intercept", "nothing"], "variance_inflation"]).all()
    double = fit_one(rows, [*FEATURES, "log_tenure_days", "twice_tenure"], intervals=False)
    assert double is not None
    held = double.set_index("feature")["variance_inflation"]
    assert np.isnan(held[["log_tenure_days", "twice_tenure", "log_frequency"]]).all()


def test_a_feature_is_a_column_of_any_name() -> None:
    rows = labelled(1_000).assign(repeat_share=0.5)
    assert set(fit_all(rows)["feature"]) == {"intercept", *FEATURES, "repeat_share"}


def test_a_fit_sees_earlier_cutoffs_only() -> None:
    rows = labelled(1_000)
    changed = rows.assign(
        is_positive=np.where(rows["periods_ago"] == 1, ~rows["is_positive"], rows["is_positive"])
    )
    one, other = (fit_all(table) for table in (rows, changed))
    assert sorted(one["periods_ago"].unique()) == [0, 1]  # nothing lies before the earliest cutoff
    pd.testing.assert_frame_equal(one[one["periods_ago"] == 1], other[other["periods_ago"] == 1])
    assert not one[one["periods_ago"] == 0].equals(other[other["periods_ago"] == 0])


def test_the_order_of_rows_does_not_matter() -> None:
    rows = labelled(1_000)
    shuffled = rows.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(fit_all(rows), fit_all(shuffled), check_exact=True)


def test_too_few_of_a_label_give_no_fit() -> None:
    rows = labelled(500)
    few = rows.assign(is_positive=np.arange(500) < MINIMUM_CLASS - 1)
    assert fit_one(few, FEATURES, intervals=False) is None
    assert fit_one(few.assign(is_positive=~few["is_positive"]), FEATURES, intervals=False) is None
    assert (
        fit_one(few.assign(is_positive=np.arange(500) < MINIMUM_CLASS), FEATURES, intervals=False)
        is not None
    )
    assert fit_all(few.head(0)).empty


@pytest.mark.dbt
def test_what_comes_after_a_cutoff_changes_no_feature(tmp_path: Path) -> None:
    lines = pd.read_csv(
        PROJECT / "seeds/demo/online_retail/demo_online_retail_order_lines.csv", dtype=str
    )
    date = next(name for name in lines if "date" in name.lower())
    quantity = next(name for name in lines if name.lower() == "quantity")
    days = pd.to_datetime(lines[date], format="%m/%d/%Y %H:%M", errors="coerce")
    as_of = pd.Timestamp(days.max().date()) + pd.Timedelta(days=1)
    cutoff = as_of - pd.Timedelta(days=180)
    changed = lines.copy()
    future = days >= cutoff
    assert future.sum() > 1_000
    changed.loc[future, quantity] = "77"
    customer = next(name for name in lines if "customer" in name.lower())
    changed.loc[future, customer] = (
        lines.loc[future, customer].sample(frac=1, random_state=1).to_numpy()
    )
    warehouses = []
    for name, table in (("past", lines), ("changed", changed)):
        path = tmp_path / f"{name}.csv"
        table.to_csv(path, index=False)
        warehouse = tmp_path / f"{name}/warehouse.duckdb"
        result = run_dbt(
            "build", warehouse,
            {"shops": {"online_retail": "order_lines"}, "online_retail_order_lines": str(path), "as_of_date": f"{as_of:%Y-%m-%d}", "order_conflicts_limit_pct": 100},
            "--select", "+int_labelled_snapshots", "--exclude-resource-type", "test", "unit_test",
        )  # fmt: skip
        assert result.returncode == 0, result.stdout
        warehouses.append(warehouse)
    features = (
        "select shop, periods_ago, customer_id, cutoff_on, * like 'log_%', recency_days, rfm_sum"
    )
    features = features.replace("* like 'log_%'", "columns('log_.*')")
    past, other = (
        query(
            warehouse,
            f"{features} from intermediate.int_labelled_snapshots where periods_ago >= 2 order by all",
        )
        for warehouse in warehouses
    )
    assert len(past) > 1_000
    assert {row[3] for row in past} >= {cutoff.date()}
    assert past == other
    later, changed_later = (
        query(
            warehouse,
            f"{features} from intermediate.int_labelled_snapshots where periods_ago = 1 order by all",
        )
        for warehouse in warehouses
    )
    assert later != changed_later  # the change is one that features would show


def test_the_scorecard_is_that_of_scikit_learn(demo_warehouse: Path) -> None:
    with duckdb.connect(str(demo_warehouse), read_only=True) as connection:
        predictions = connection.sql("select * from intermediate.int_backtest_predictions").df()
        card = connection.sql(
            "select card.*, cutoffs.periods_ago from marts.model_scorecard as card"
            " inner join intermediate.int_prediction_cutoffs as cutoffs using (shop, cutoff_on)"
            " where card.auc is not null"
        ).df()
    assert set(card["model"]) == {"high_value", "churn", "lifetime_value"}
    for row in card.to_dict("records"):
        rows = predictions.merge(pd.DataFrame([row])[["shop", "model", "periods_ago"]])
        labels = rows["is_positive"].to_numpy(bool)
        sign = -1 if row["model"] == "churn" else 1
        scores = {
            "": rows["predicted"].to_numpy(float),
            "recency_": -sign * rows["recency_days"].to_numpy(float),
            "rfm_sum_": sign * rows["rfm_sum"].to_numpy(float),
            "monetary_": sign * rows["monetary"].to_numpy(float),
            "order_rate_": sign * rows["order_rate"].to_numpy(float),
        }
        assert (row["customers"], row["positives"]) == (len(rows), labels.sum())
        for scorer, score in scores.items():
            assert float(row[f"{scorer}auc"]) == pytest.approx(
                roc_auc_score(labels, score), abs=2e-6
            )
            assert float(row[f"{scorer}average_precision"]) == pytest.approx(
                average_precision_score(labels, score), abs=2e-6
            )
        order = np.argsort(-scores[""], kind="stable")
        tenth = labels[order][: round(0.1 * len(rows))].mean() / labels.mean()
        assert float(row["lift_at_10_pct"]) == pytest.approx(tenth, abs=0.35)
        assert float(row["predicted_total"]) == pytest.approx(scores[""].sum(), abs=1e-3)
        if row["model"] != "lifetime_value":
            assert float(row["brier_score"]) == pytest.approx(
                brier_score_loss(labels, scores[""]), abs=2e-6
            )
            bins = np.minimum(np.floor(10 * scores[""]), 9)
            error = sum(
                abs(scores[""][bins == part].sum() - labels[bins == part].sum())
                for part in np.unique(bins)
            ) / len(rows)
            assert float(row["expected_calibration_error"]) == pytest.approx(error, abs=2e-6)


def delong(warehouse: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compute gains and intervals a second time, by counting pairs, beside those of the warehouse.

    The covariance is that of Obuchowski (1997) for observations that come in clusters, which is that
    of DeLong, DeLong and Clarke-Pearson (1988) where every customer is seen at one cutoff.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        predictions = connection.sql("select * from intermediate.int_backtest_predictions").df()
        published = connection.sql("select * from intermediate.int_model_gains").df()
    found = []
    for (shop, model), rows in predictions.groupby(["shop", "model"]):
        sign = -1 if model == "churn" else 1
        scores = {
            "recency": -sign * rows["recency_days"].astype(float),
            "rfm_sum": sign * rows["rfm_sum"].astype(float),
            "monetary": sign * rows["monetary"].astype(float),
            "order_rate": sign * rows["order_rate"].astype(float),
        }
        cutoffs = sorted(rows["periods_ago"].unique())
        for baseline, score in scores.items():
            gain, moved = 0.0, pd.Series(0.0, index=sorted(rows["customer_id"].unique()))
            for periods_ago in cutoffs:
                here = (rows["periods_ago"] == periods_ago).to_numpy()
                labels = rows["is_positive"].to_numpy(bool)[here]
                customers = rows["customer_id"].to_numpy()[here]
                difference = np.zeros((labels.sum(), (~labels).sum()))
                for weight, all_scores in ((1, rows["predicted"].astype(float)), (-1, score)):
                    values = all_scores.to_numpy()[here]
                    distance = values[labels][:, None] - values[~labels][None, :]
                    difference += weight * (np.sign(distance) + 1) / 2
                gain += difference.mean() / len(cutoffs)
                for axis, of_label in ((1, labels), (0, ~labels)):
                    parts = difference.mean(axis=axis) - difference.mean()
                    number = of_label.sum()
                    moved[customers[of_label]] += parts / np.sqrt(number * (number - 1))
            margin = 1.959964 * np.sqrt((moved**2).sum()) / len(cutoffs)
            found.append((shop, model, baseline, gain, gain - margin, gain + margin))
    names = ["shop", "model", "baseline", "auc_gain", "auc_gain_low", "auc_gain_high"]
    keys = names[:3]
    expected = pd.DataFrame(found, columns=names).sort_values(keys).reset_index(drop=True)
    return expected, published[names].sort_values(keys).reset_index(drop=True)


def test_gains_of_the_demo_are_those_of_counted_pairs(demo_warehouse: Path) -> None:
    expected, published = delong(demo_warehouse)
    assert len(expected) == 12
    pd.testing.assert_frame_equal(published.astype(expected.dtypes), expected, rtol=0, atol=2e-6)


def test_gains_of_two_years_are_those_of_counted_pairs(two_year_warehouse: Path) -> None:
    expected, published = delong(two_year_warehouse)
    assert len(expected) == 12
    pd.testing.assert_frame_equal(published.astype(expected.dtypes), expected, rtol=0, atol=2e-6)


def test_totals_a_year_ahead_are_those_of_the_orders(demo_warehouse: Path) -> None:
    totals = query(
        demo_warehouse,
        "with card as (select * from marts.model_scorecard where tested_horizon_days is not null),"
        " known as (select card.*, customer_id from card inner join intermediate.int_orders as orders using (shop)"
        " where purchase_lines > 0 and ordered_on < cutoff_on and customer_id is not null group by all)"
        " select tested_horizon_days, actual_purchase_days,"
        " count(distinct case when purchase_lines > 0 then (customer_id, ordered_on) end),"
        " actual_revenue, sum(accepted_amount)"
        " from known inner join intermediate.int_orders as orders using (shop, customer_id)"
        " where accepted_lines > 0 and ordered_on >= cutoff_on and ordered_on < cutoff_on + tested_horizon_days::integer"
        " group by cutoff_on, tested_horizon_days, actual_purchase_days, actual_revenue order by cutoff_on",
    )
    assert [row[0] for row in totals] == [360, 360, 360, 270, 180, 90]
    for _, days, days_of_orders, revenue, revenue_of_orders in totals:
        assert (days, revenue) == (days_of_orders, revenue_of_orders)


def test_bounds_hold_95_percent_of_what_came(demo_warehouse: Path) -> None:
    for figure in ("purchase_days", "revenue"):
        ((held, outcomes),) = query(
            demo_warehouse,
            f"select count(*) filter (abs(ln((1 + greatest(actual_{figure}, 0)) / (1 + predicted_{figure}))) <= log_error + 1e-8),"
            " count(*) from intermediate.int_lifetime_outcomes"
            f" inner join intermediate.int_lifetime_errors using (shop) where figure = '{figure}'",
        )
        assert outcomes == 30
        assert held == 29
    ((narrow,),) = query(
        demo_warehouse,
        "select count(*) from marts.segment_lifetime_values inner join models.lifetime_intervals as sampled using (shop, segment)"
        " where not (segment_lifetime_values.expected_revenue_low < sampled.expected_revenue_low"
        " and segment_lifetime_values.expected_revenue_high > sampled.expected_revenue_high)",
    )
    assert narrow == 0


def test_an_analyst_can_ask_what_if(demo_warehouse: Path) -> None:
    asked = "select marts.churn_probability('online_retail', {recency}, 6, 2500, 0, 400, 2, 1)"
    near, far, away = (
        query(demo_warehouse, asked.format(recency=days))[0][0] for days in (5, 170, 181)
    )
    assert 0 < near < far < 1
    assert away is None
    assert query(
        demo_warehouse,
        "select marts.churn_probability('nowhere', 5, 6, 2500, 0, 400, 2, 1),"
        " marts.high_value_probability('online_retail', 5, 6, 2500, 0, 400, 2, 1)",  # not published
    ) == [(None, None)]


def test_the_scorecards_of_two_years_of_online_retail(two_year_warehouse: Path) -> None:
    figures = query(
        two_year_warehouse,
        "select model, count(*), avg(auc), avg(recency_auc), avg(rfm_sum_auc), avg(monetary_auc), avg(order_rate_auc),"
        " any_value(strongest_baseline), any_value(verdict), any_value(auc_gain_low), any_value(auc_gain_high)"
        " from marts.model_scorecard where auc is not null group by model order by model",
    )

    def near(*values: float) -> list[object]:
        return [pytest.approx(value, abs=0.002) for value in values]

    assert [[float(cell) if isinstance(cell, Decimal) else cell for cell in row] for row in figures] == [
        ["churn", 5, *near(0.759, 0.660, 0.751, 0.736, 0.696), "rfm_sum", "published", *near(0.0055, 0.0106)],
        ["high_value", 5, *near(0.898, 0.769, 0.858, 0.890, 0.811), "monetary", "published", *near(0.0057, 0.0107)],
        ["lifetime_value", 4, *near(0.800, 0.750, 0.793, 0.761, 0.763), "rfm_sum", "published", *near(0.0038, 0.0110)],
    ]  # fmt: skip
    assert all(row[-2] > 0 for row in figures)


def test_one_year_of_online_retail_shows_no_model_to_be_better(real_warehouse: Path) -> None:
    assert query(
        real_warehouse,
        "select model, verdict, strongest_baseline, auc_gain_low < 0 and auc_gain_high > 0, is_published"
        " from marts.model_scorecard where model <> 'descriptive' order by model",
    ) == [
        ("churn", "no_better", "rfm_sum", True, False),
        ("high_value", "no_better", "monetary", True, False),
        ("lifetime_value", "unusable_fit", None, None, False),
    ]
    assert query(
        real_warehouse,
        "select distinct reason like 'no customer can be seen to leave%' from marts.model_scorecard"
        " where model = 'lifetime_value'",
    ) == [(True,)]
    assert query(
        real_warehouse,
        "select count(alive_probability), count(expected_purchase_days), count(expected_revenue), count(churn_probability),"
        " count(high_value_probability), count(past_revenue) = count(*) and sum(past_revenue) > 0 from marts.customers",
    ) == [(0, 0, 0, 0, 0, True)]


@pytest.mark.dbt
def test_cdnow_publishes_lifetime_value(tmp_path: Path) -> None:
    """The sample that BG/NBD was published with, which the package lifetimes carries."""
    (sample,) = [file for file in files("lifetimes") or [] if file.name == "CDNOW_sample.txt"]
    lines = pd.read_csv(sample.locate(), sep=r"\s+", header=None, names=["customer", "sample", "day", "cds", "dollars"])  # fmt: skip
    lines = lines[lines["dollars"] > 0].reset_index(drop=True)
    pd.DataFrame(
        {
            "InvoiceNo": 100_000 + lines.index,
            "StockCode": "CD",
            "Description": "CDS",
            "Quantity": 1,
            "InvoiceDate": pd.to_datetime(lines["day"].astype(str)).dt.strftime("%m/%d/%Y 10:00"),
            "UnitPrice": lines["dollars"],
            "CustomerID": lines["customer"],
            "Country": "USA",
        }
    ).to_csv(tmp_path / "cdnow.csv", index=False)
    warehouse = build(
        tmp_path / "warehouse.duckdb",
        {"shops": {"online_retail": "order_lines"}, "online_retail_order_lines": str(tmp_path / "cdnow.csv")},
        "--select", "+model_scorecard",
    )  # fmt: skip
    assert query(
        warehouse,
        "select distinct model, verdict, strongest_baseline from marts.model_scorecard"
        " where model <> 'descriptive' order by model",
    ) == [
        ("churn", "published", "order_rate"),
        ("high_value", "published", "rfm_sum"),
        ("lifetime_value", "right_totals", "rfm_sum"),
    ]
