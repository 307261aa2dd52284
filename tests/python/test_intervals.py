"""Intervals of 95 % hold the truth about 95 times in a hundred, on data whose truth is known."""

from pathlib import Path

import duckdb
import jinja2
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom
from sklearn.metrics import roc_auc_score

from patronage.fitting.logistic import fit_one
from warehouse import PROJECT, build, copy_of

SHOPS = 500
CUSTOMERS = 200
CUTOFFS = 2


def test_odds_ratios_of_customers_seen_twice() -> None:
    """Who is seen twice is one observation: intervals from rows would hold the truth in 83 % of cases."""
    random = np.random.default_rng(1)
    truth = np.array([0.8, -0.4, 0.0, 0.2])
    features = [f"feature_{number}" for number in range(4)]
    held = []
    for _ in range(40):
        figures = random.normal(size=(250, 4))
        labels = random.random(250) < 1 / (1 + np.exp(0.3 - figures @ truth))
        rows = pd.DataFrame(figures, columns=features).assign(
            customer_id=range(250), is_positive=labels
        )
        fit = fit_one(pd.concat([rows, rows]), features, intervals=True)
        assert fit is not None
        table = fit.set_index("feature").loc[features]
        expected = truth * table["scale"]  # the published figures are per standard deviation
        held += [*((table["coefficient_low"] < expected) & (expected < table["coefficient_high"]))]
    assert len(held) == 160
    assert 0.93 < np.mean(held) < 0.98


def test_wilson_bounds_of_each_share() -> None:
    """The exact probability that the interval holds the share, for every share and several sizes."""
    macros = "".join(
        (PROJECT / "macros" / f"{name}.sql").read_text(encoding="utf-8")
        for name in ("money", "wilson_bound_pct")
    )
    bounds = [
        jinja2.Template(macros + f"{{{{ wilson_bound_pct('part', 'whole', '{side}') }}}}").render()
        for side in ("lower", "upper")
    ]
    shares = np.linspace(0.01, 0.99, 197)
    for size in (10, 50, 400):
        low, high = np.array(
            duckdb.sql(
                f"select {bounds[0]}::double, {bounds[1]}::double"
                f" from (select range as part, {size} as whole from range({size + 1})) order by part"
            ).fetchall()
        ).T  # fmt: skip
        chances = binom.pmf(np.arange(size + 1)[:, None], size, shares)
        held = (chances * ((low[:, None] <= 100 * shares) & (100 * shares <= high[:, None]))).sum(0)
        assert held.mean() == pytest.approx(0.95, abs=0.01)
        assert held.min() > 0.83  # Brown, Cai and DasGupta (2001): low only where nearly nobody is


def simulated(random: np.random.Generator, customers: int, cutoffs: int) -> pd.DataFrame:
    """Customers whose labels and scores at several cutoffs have much in common."""
    lasting = random.normal(size=(4, customers))
    tables = []
    for periods_ago in range(1, cutoffs + 1):
        liking, *others = 0.8 * lasting + 0.6 * random.normal(size=(4, customers))
        tables.append(
            pd.DataFrame(
                {
                    "periods_ago": periods_ago,
                    "customer_id": np.arange(customers).astype(str),
                    "is_positive": liking + random.normal(size=customers) > 0.6,
                    "predicted": (liking + others[0]).round(6),
                    # as good as the model, worse by much with ties, a little worse, and worthless
                    "order_rate": (liking + others[1]).round(6),
                    "rfm_sum": np.clip((2 * liking + 6 * others[1] + 9).round(), 3, 15).astype(int),
                    "monetary": (liking + 0.2 * others[2] + others[0]).round(4),
                    "recency_days": random.integers(1, 90, customers),
                }
            )
        )
    return pd.concat(tables)


@pytest.mark.dbt
def test_gains_of_simulated_models(demo_warehouse: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    shops = pd.concat(
        simulated(random, CUSTOMERS, CUTOFFS).assign(shop=f"s{number}") for number in range(SHOPS)
    ).assign(model="high_value")
    warehouse = copy_of(demo_warehouse, tmp_path / "simulated")
    with duckdb.connect(str(warehouse)) as connection:
        connection.register("shops", shops)
        connection.execute(
            "create or replace table intermediate.int_backtest_predictions as select * from shops"
        )
    build(
        warehouse,
        {},
        "--select",
        "int_backtest_curves",
        "int_customer_influences",
        "int_model_gains",
    )
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        gains = connection.sql("select * from intermediate.int_model_gains").df()
    many = simulated(random, 400_000, 1)
    for baseline, sign in {"recency": -1, "rfm_sum": 1, "monetary": 1, "order_rate": 1}.items():
        column = "recency_days" if baseline == "recency" else baseline
        truth = roc_auc_score(many["is_positive"], many["predicted"])
        truth -= roc_auc_score(many["is_positive"], sign * many[column])
        of_baseline = gains[gains["baseline"] == baseline]
        assert len(of_baseline) == SHOPS
        low, high = of_baseline["auc_gain_low"], of_baseline["auc_gain_high"]
        assert 0.92 < ((low <= truth) & (truth <= high)).mean() < 0.975
        if baseline == "order_rate":  # as good as the model: published by chance once in 40
            assert truth == pytest.approx(0, abs=0.002)
            assert (low > 0).mean() < 0.05
