"""MBG/NBD and Gamma-Gamma: published figures of CDNOW, closed forms, and data that have no maximum."""

import re
from importlib.metadata import files
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln, hyp2f1, roots_jacobi
from scipy.stats import beta

from patronage.fitting.lifetime import (
    PurchaseParameters,
    alive_probability,
    beta_quadrature,
    expected_purchases,
    fit_purchases,
    fit_values,
    purchase_log_likelihood,
)
from patronage.fitting.lifetime_tables import (
    BOOTSTRAPS,
    bootstrap_segments,
    expect_lifetimes,
    fit_lifetimes,
)
from patronage.fitting.numbers import RANDOM_SEED

CDNOW = PurchaseParameters(0.2426, 4.4136, 0.7929, 2.4259, -9582.429, leaves_after_first=False)


def cdnow(name: str) -> pd.DataFrame:
    """One of the summaries of the CDNOW sample that the package lifetimes carries."""
    (path,) = [file for file in files("lifetimes") or [] if file.name == name]
    return pd.read_csv(path.locate())


def test_cdnow_has_its_published_parameters() -> None:
    sample = cdnow("cdnow_customers_summary.csv")
    assert len(sample) == 2_357
    fit = fit_purchases(
        sample["frequency" if "frequency" in sample else sample.columns[1]].to_numpy(np.int64),
        sample.iloc[:, 2].to_numpy(float),
        sample.iloc[:, 3].to_numpy(float),
        np.ones(len(sample)),
        leaves_after_first=False,
    )
    assert (fit.r, fit.alpha, fit.a, fit.b) == (
        pytest.approx(0.2426, abs=5e-5),
        pytest.approx(4.4136, abs=2e-4),
        pytest.approx(0.7929, abs=5e-5),
        pytest.approx(2.4259, abs=2e-4),
    )
    assert fit.log_likelihood == pytest.approx(-9582.429, abs=0.005)


def test_cdnow_has_the_parameters_of_mbg_nbd_that_others_find() -> None:
    sample = cdnow("cdnow_customers_summary.csv")
    repeats = sample.iloc[:, 1].to_numpy(np.int64)
    fit = fit_purchases(
        repeats, sample.iloc[:, 2].to_numpy(float), sample.iloc[:, 3].to_numpy(float),
        np.ones(len(sample)),
    )  # fmt: skip
    assert (fit.r, fit.alpha, fit.a, fit.b) == pytest.approx((0.525, 6.183, 0.891, 1.614), abs=5e-4)
    once = alive_probability(fit, np.zeros(2, np.int64), np.zeros(2), np.array([1.0, 38.86]))
    assert once[0] > once[1]
    assert np.all((once > 0.3) & (once < 0.7))


def test_grouping_customers_changes_nothing() -> None:
    sample = cdnow("cdnow_customers_summary.csv")
    columns = list(sample.columns[1:])
    groups = sample.groupby(columns).size().reset_index(name="customers")
    assert len(groups) < len(sample)
    one, other = (
        fit_purchases(
            table[columns[0]].to_numpy(np.int64),
            table[columns[1]].to_numpy(float),
            table[columns[2]].to_numpy(float),
            weights,
        )
        for table, weights in (
            (sample, np.ones(len(sample))),
            (groups, groups["customers"].to_numpy(float)),
        )
    )
    assert one.r == pytest.approx(other.r, rel=1e-5)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-6)


def test_the_unit_of_time_changes_only_alpha() -> None:
    sample = cdnow("cdnow_customers_summary.csv")
    repeats = sample.iloc[:, 1].to_numpy(np.int64)
    last_time, age = (sample.iloc[:, column].to_numpy(float) for column in (2, 3))
    weeks = fit_purchases(repeats, last_time, age, np.ones(len(sample)))
    days = fit_purchases(repeats, 7 * last_time, 7 * age, np.ones(len(sample)))
    assert days.r == pytest.approx(weeks.r, rel=1e-5)
    assert days.alpha == pytest.approx(7 * weeks.alpha, rel=1e-5)


def test_published_customers_have_their_expectations() -> None:
    two = np.array([2]), np.array([30.43]), np.array([38.86])
    assert expected_purchases(CDNOW, *two, 39) == pytest.approx([1.226], abs=5e-4)
    known = np.array([26]), np.array([30.857]), np.array([31.0])
    assert expected_purchases(CDNOW, *known, 52) == pytest.approx([25.757], abs=2e-2)
    assert alive_probability(CDNOW, *known) == pytest.approx([0.96885], abs=5e-5)


@pytest.mark.parametrize("leaves_after_first", [False, True])
@pytest.mark.parametrize("a", [0.2, 0.7929, 3.0])
def test_the_integral_is_the_closed_form(a: float, leaves_after_first: bool) -> None:
    fit = PurchaseParameters(0.6, 60.0, a, 2.4, 0.0, leaves_after_first)
    survived = fit.b + leaves_after_first
    repeats = np.repeat([0, 1, 2, 7, 30], 3)
    age = np.tile([30.0, 300.0, 700.0], 5)
    last_time = np.where(repeats > 0, 0.8 * age, 0.0)
    closed = (a + survived + repeats - 1) / (a - 1)
    closed *= 1 - ((fit.alpha + age) / (fit.alpha + age + 365)) ** (fit.r + repeats) * hyp2f1(
        fit.r + repeats,
        survived + repeats,
        a + survived + repeats - 1,
        365 / (fit.alpha + age + 365),
    )
    closed *= alive_probability(fit, repeats, last_time, age)
    np.testing.assert_allclose(
        expected_purchases(fit, repeats, last_time, age, 365), closed, rtol=1e-8
    )


SHAPES = st.floats(-10, 10).map(lambda logarithm: float(np.exp(logarithm)))


@given(SHAPES, SHAPES, st.integers(0, 5_000))
def test_quadrature_gives_the_moments_of_a_beta_distribution(
    first: float, second: float, purchases: int
) -> None:
    points, weights = beta_quadrature(first, second + purchases)
    assert np.all((points > 0) & (points < 1 + 1e-12))
    assert weights.sum() == pytest.approx(1, abs=1e-10)
    known = beta(first, second + purchases)
    assert points @ weights == pytest.approx(known.mean(), rel=1e-9, abs=1e-14)
    assert (points - known.mean()) ** 2 @ weights == pytest.approx(known.var(), rel=1e-6, abs=1e-14)


@given(st.floats(0.01, 100), st.floats(0.01, 400))
def test_quadrature_is_that_of_scipy_where_scipy_does_not_overflow(
    first: float, second: float
) -> None:
    points, weights = beta_quadrature(first, second)
    roots, jacobi_weights = roots_jacobi(len(points), second - 1, first - 1)
    function, expected = (np.log1p(3 * place) for place in (points, (roots + 1) / 2))
    assert function @ weights == pytest.approx(
        expected @ jacobi_weights / jacobi_weights.sum(), rel=2e-10, abs=1e-12
    )


def test_customers_of_a_thousand_purchase_days_have_finite_expectations() -> None:
    fit = PurchaseParameters(0.6635, 63.4, 0.11, 2.428, 0.0, leaves_after_first=False)
    daily = np.array([1_020, 1_021, 1_300, 5_000]), np.full(4, 1_500.0), np.full(4, 1_501.0)
    assert expected_purchases(fit, *daily, 365) == pytest.approx(
        [235.27, 235.50, 299.82, 1152.30], abs=0.005
    )
    weak = PurchaseParameters(0.87, 72.0, 0.265, 5_000.0, 0.0)
    once = np.array([0]), np.array([0.0]), np.array([100.0])
    without = PurchaseParameters(0.87, 72.0, 0.0, np.inf, 0.0)
    assert expected_purchases(weak, *once, 365) == pytest.approx(
        expected_purchases(without, *once, 365), rel=3e-4
    )


@pytest.mark.parametrize("leaves_after_first", [False, True])
def test_the_likelihood_is_that_of_the_paper_and_its_gradient_is_right(
    leaves_after_first: bool,
) -> None:
    r, alpha, a, b = 0.3, 5.0, 0.8, 2.5
    x, t, age = np.array([0, 1, 4]), np.array([0.0, 3.0, 20.0]), np.array([10.0, 12.0, 30.0])
    first = gammaln(r + x) + r * np.log(alpha) - gammaln(r)
    chances = x + leaves_after_first
    second = gammaln(a + b) + gammaln(b + chances) - gammaln(b) - gammaln(a + b + chances)
    alive = (alpha + age) ** -(r + x)
    left = a / (b + np.maximum(chances, 1) - 1) * (alpha + t) ** -(r + x)
    left = np.where(chances > 0, left, 0)
    expected = np.sum(first + second + np.log(alive + left))
    logarithms = np.log([r, alpha, a, b])
    value, gradient = purchase_log_likelihood(
        logarithms, x, t, age, np.ones(3), leaves_after_first=leaves_after_first
    )
    assert value == pytest.approx(expected, abs=1e-12)
    for place in range(4):
        step = 1e-6 * np.eye(4)[place]
        up, down = (
            purchase_log_likelihood(
                logarithms + sign * step,
                x,
                t,
                age,
                np.ones(3),
                leaves_after_first=leaves_after_first,
            )[0]
            for sign in (1, -1)
        )
        assert gradient[place] == pytest.approx((up - down) / 2e-6, rel=1e-5)


def test_far_out_the_likelihood_is_that_of_nbd() -> None:
    x, t, age = np.array([0, 3, 90]), np.array([0.0, 100.0, 360.0]), np.array([200.0, 300.0, 365.0])
    customers = np.array([10.0, 5.0, 1.0])
    nbd, _ = purchase_log_likelihood(np.log([0.8, 69.0]), x, t, age, customers)
    far, _ = purchase_log_likelihood(np.log([0.8, 69.0, 1e-9, 1e9]), x, t, age, customers)
    assert far == pytest.approx(nbd, abs=1e-9)


def simulate(customers: int, *, leave: bool) -> pd.DataFrame:
    """Customers who buy, and leave, as MBG/NBD says."""
    random = np.random.default_rng(11)
    rows = []
    for _ in range(customers):
        age = float(random.uniform(200, 700))
        rate = random.gamma(0.8, 1 / 60)
        dropout = random.beta(1.0, 3.0) if leave else 0.0
        time, repeats, last = 0.0, 0, 0.0
        while random.random() >= dropout:
            time += random.exponential(1 / rate)
            if time > age:
                break
            repeats, last = repeats + 1, time
        rows.append((repeats, last, age))
    return pd.DataFrame(rows, columns=["repeats", "last_time", "age"])


def test_simulated_customers_give_their_parameters_back() -> None:
    people = simulate(6_000, leave=False)
    fit = fit_purchases(
        people["repeats"].to_numpy(), people["last_time"].to_numpy(), people["age"].to_numpy(),
        np.ones(len(people)),
    )  # fmt: skip
    assert not fit.has_dropout
    assert fit.r == pytest.approx(0.8, rel=0.1)
    assert fit.alpha == pytest.approx(60, rel=0.1)
    assert alive_probability(fit, np.array([3]), np.array([5.0]), np.array([500.0])) == [1.0]
    expected = expected_purchases(fit, np.array([3]), np.array([5.0]), np.array([500.0]), 10)
    assert expected == pytest.approx([(fit.r + 3) / (fit.alpha + 500) * 10])


def test_nobody_who_bought_again_is_refused_in_one_sentence() -> None:
    nobody = np.zeros(5, dtype=np.int64), np.zeros(5), np.full(5, 10.0), np.ones(5)
    with pytest.raises(ValueError, match="no customer has bought again; at least one is needed"):
        fit_purchases(*nobody)


@pytest.mark.parametrize(
    ("repeats", "last_time", "age", "sentence"),
    [
        ([1, 2], [5.0], [9.0, 9.0], "the same length, not repeats (2,), last_time (1,), age (2,)"),
        ([[1]], [[5.0]], [[9.0]], "arrays must have one dimension"),
        ([-1], [5.0], [9.0], "repeats must be 0 or more; its lowest value is -1"),
        ([1], [5.0], [np.nan], "age must be finite; it holds nan or an infinite number"),
        ([1], [np.inf], [9.0], "last_time must be finite"),
        ([0, 1], [0.0, 9.5], [9.0, 9.0], "in row 1 it is 9.5 of 9.0"),
        ([1.5], [5.0], [9.0], "repeats must be whole numbers"),
    ],
)
def test_histories_that_cannot_be_are_refused_in_one_sentence(
    repeats: list[float], last_time: list[float], age: list[float], sentence: str
) -> None:
    times = np.array(repeats), np.array(last_time), np.array(age)
    for refused in (
        lambda: fit_purchases(*times, np.ones(len(repeats))),
        lambda: alive_probability(CDNOW, *times),
        lambda: expected_purchases(CDNOW, *times, 365),
    ):
        with pytest.raises(ValueError, match=re.escape(sentence)):
            refused()


def test_parameters_that_cannot_be_are_refused_in_one_sentence() -> None:
    times = np.array([1]), np.array([5.0]), np.array([9.0])
    for fit in (
        PurchaseParameters(0.2, -4.0, 0.8, 2.4, 0.0),
        PurchaseParameters(0.2, 4, 0.8, np.inf, 0),
    ):
        with pytest.raises(ValueError, match="parameters must be finite and above 0"):
            alive_probability(fit, *times)
    with pytest.raises(ValueError, match="horizon must be finite and 0 or more, not -1"):
        expected_purchases(CDNOW, *times, -1)
    with pytest.raises(ValueError, match="customers must be 0 or more"):
        fit_purchases(*times, np.array([-1.0]))
    with pytest.raises(ValueError, match="shapes must be finite and above 0"):
        beta_quadrature(0.0, 1.0)
    with pytest.raises(ValueError, match="no customer has purchases of a positive value"):
        fit_values(np.array([], dtype=np.int64), np.array([]))
    with pytest.raises(ValueError, match="mean_value above 0"):
        fit_values(np.array([1]), np.array([0.0]))


def test_gamma_gamma_of_cdnow_has_its_published_parameters() -> None:
    sample = cdnow("cdnow_customers_summary_with_transactions.csv")
    repeated = sample[sample["x"] > 0]
    assert len(repeated) == 946
    fit = fit_values(repeated["x"].to_numpy(np.int64), repeated["zbar"].to_numpy(float))
    assert (fit.p, fit.q, fit.v) == (
        pytest.approx(6.25, abs=0.005),
        pytest.approx(3.74, abs=0.005),
        pytest.approx(15.44, abs=0.01),
    )


def lifetimes(warehouse: Path, until: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What MBG/NBD sees of real customers up to a day, and their days of purchase after it."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        table = connection.sql(
            "select customer_id, count(distinct ordered_on) - 1 as repeats,"
            " (max(ordered_on) - min(ordered_on))::double as last_time,"
            f" (date '{until}' - min(ordered_on))::double as age"
            " from intermediate.int_orders where customer_id is not null and purchase_lines > 0"
            f" and ordered_on <= '{until}' group by customer_id order by customer_id"
        ).df()
        after = connection.sql(
            "select customer_id, count(distinct ordered_on) as purchases from intermediate.int_orders"
            f" where customer_id is not null and purchase_lines > 0 and ordered_on > '{until}' group by customer_id"
        ).df()
    return table, after[after["customer_id"].isin(table["customer_id"])]


def test_one_year_of_online_retail_has_no_maximum(real_warehouse: Path) -> None:
    people, _ = lifetimes(real_warehouse, "2011-12-09")
    fit = fit_purchases(
        people["repeats"].to_numpy(), people["last_time"].to_numpy(), people["age"].to_numpy(),
        np.ones(len(people)),
    )  # fmt: skip
    assert not fit.has_dropout
    assert fit.r == pytest.approx(0.8276, abs=5e-5)
    assert fit.alpha == pytest.approx(69.09, abs=0.005)


def test_26_weeks_of_online_retail_ii_are_foretold(two_year_warehouse: Path) -> None:
    people, after = lifetimes(two_year_warehouse, "2011-06-09")
    times = people["repeats"].to_numpy(), people["last_time"].to_numpy(), people["age"].to_numpy()
    fit = fit_purchases(*times, np.ones(len(people)))
    assert after["purchases"].sum() == pytest.approx(7_797, rel=0.002)
    assert expected_purchases(fit, *times, 183).sum() == pytest.approx(7_716, rel=0.002)


def shop(people: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "shop": "s",
            "periods_ago": 0,
            "customer_id": [f"{number:05}" for number in range(len(people))],
            "repeats": people["repeats"],
            "last_time_days": people["last_time"].astype(int),
            "age_days": people["age"].astype(int),
            "mean_value": np.random.default_rng(3).gamma(4, 10, len(people)),
            "segment": np.where(np.arange(len(people)) % 3 == 0, "a", "b"),
            "customers": 1,
            "is_in_sample": True,
        }
    )


def test_the_tables_do_not_depend_on_the_order_of_rows() -> None:
    customers = shop(simulate(3_000, leave=True))
    results = []
    for table in (customers, customers.sample(frac=1, random_state=4)):
        parameters = fit_lifetimes(table, 100)
        assert parameters["problem"].isna().all()
        results.append(
            (
                parameters,
                expect_lifetimes(
                    table.drop_duplicates(["repeats", "last_time_days", "age_days"]),
                    parameters,
                    365,
                    90,
                ),
                bootstrap_segments(table, parameters, 365),
            )
        )
    for one, other in zip(*results, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    intervals = results[0][2]
    assert intervals["customers"].tolist() == [1_000, 2_000]
    for figure in ("expected_purchase_days", "expected_revenue"):
        assert (intervals[f"{figure}_low"] < intervals[figure]).all()
        assert (intervals[figure] < intervals[f"{figure}_high"]).all()


def test_95_of_100_redrawn_shops_lie_inside_an_interval() -> None:
    customers = shop(simulate(600, leave=True)).assign(segment="all")
    parameters = fit_lifetimes(customers, 100)
    (interval,) = bootstrap_segments(customers, parameters, 365).itertuples()
    ordered = customers.sort_values("customer_id")
    times = (
        ordered["repeats"].to_numpy(dtype=np.int64),
        ordered["last_time_days"].to_numpy(dtype=float),
        ordered["age_days"].to_numpy(dtype=float),
    )
    random = np.random.default_rng(RANDOM_SEED)
    totals = []
    for _ in range(BOOTSTRAPS):
        drawn = np.bincount(random.integers(0, 600, 600), minlength=600).astype(float)
        totals.append(expected_purchases(fit_purchases(*times, drawn), *times, 365.0) @ drawn)
    inside = [
        interval.expected_purchase_days_low < total < interval.expected_purchase_days_high
        for total in totals
    ]
    assert 0.94 <= np.mean(inside) <= 0.96


def test_customers_outside_the_sample_are_in_the_totals_and_widen_the_intervals_in_proportion() -> (
    None
):
    everybody = shop(simulate(1_000, leave=True))
    parameters = fit_lifetimes(everybody, 100)
    is_in_sample = everybody["repeats"] < 2
    keys = ["shop", "segment", "repeats", "last_time_days", "age_days"]
    others = everybody[~is_in_sample].groupby(keys, as_index=False)
    grouped = others.agg(
        customer_id=("customer_id", "min"),
        customers=("customers", "sum"),
        mean_value=("mean_value", "mean"),
    ).assign(is_in_sample=False)
    sample = everybody[is_in_sample]
    whole, of_sample, found = (
        bootstrap_segments(customers, parameters, 365).set_index("segment")
        for customers in (everybody, sample, pd.concat([sample, grouped]))
    )
    assert found["customers"].tolist() == whole["customers"].tolist() == [334, 666]
    for figure in ("expected_purchase_days", "expected_revenue"):
        np.testing.assert_allclose(found[figure], whole[figure], rtol=1e-9)
        for bound in (f"{figure}_low", f"{figure}_high"):
            expected = of_sample[bound] / of_sample[figure] * whole[figure]
            np.testing.assert_allclose(found[bound], expected, rtol=1e-9)
    unseen = sample[sample["segment"] == "b"]
    (a, b) = bootstrap_segments(pd.concat([unseen, grouped]), parameters, 365).to_dict("records")
    assert np.isnan(a["expected_revenue_low"])
    assert a["expected_revenue"] > 0
    assert b["expected_revenue_low"] < b["expected_revenue"]


@pytest.mark.parametrize("amount", [None, 0.0, -5.0])
def test_a_shop_without_amounts_has_purchases_and_no_revenue(amount: float | None) -> None:
    customers = shop(simulate(1_000, leave=True))
    with_amounts = fit_lifetimes(customers, 100)
    without = customers.assign(mean_value=amount)
    parameters = fit_lifetimes(without, 100)
    names = ["r", "alpha_days", "a", "b", "problem"]
    pd.testing.assert_frame_equal(parameters[names], with_amounts[names])
    assert parameters[["p", "q", "v"]].isna().all(axis=None)
    intervals = bootstrap_segments(without, parameters, 365)
    assert intervals["expected_purchase_days_low"].gt(0).all()
    assert intervals["expected_revenue"].isna().all()


def test_one_customer_without_an_amount_leaves_the_others_theirs() -> None:
    customers = shop(simulate(1_000, leave=True))
    customers.loc[5, "mean_value"] = np.nan
    parameters = fit_lifetimes(customers, 100)
    assert bootstrap_segments(customers, parameters, 365)["expected_revenue"].gt(0).all()


def test_days_that_cannot_be_are_the_problem_of_their_shop() -> None:
    customers = shop(simulate(1_000, leave=True))
    customers.loc[5, "last_time_days"] = 9_999
    (problem,) = fit_lifetimes(customers, 100)["problem"]
    assert problem.startswith("customers' days of purchase cannot be: last_time must not lie after")


def test_too_little_data_says_so() -> None:
    customers = shop(simulate(99, leave=False))
    assert fit_lifetimes(customers, 100)["problem"].tolist() == [
        "too little data: fewer than 100 customers"
    ]
    once = customers.assign(repeats=0)
    assert fit_lifetimes(once, 10)["problem"].tolist() == [
        "too little data: nobody has bought on a second day"
    ]
    nothing = fit_lifetimes(customers.head(0), 100)
    assert nothing.empty
    assert expect_lifetimes(customers.head(0), nothing, 365, 90).empty
    assert bootstrap_segments(customers.head(0), nothing, 365).empty
