"""The intervals of premium_overlay hold what they say, measured apart from its SQL."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from warehouse import build, query

pytestmark = pytest.mark.dbt

FIGURES = ("revenue_per_customer", "average_order_value", "mean_frequency")
RESAMPLES = 4_000


def figures(customers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the three figures of groups of customers.

    Parameters
    ----------
    customers
        Shape (groups, customers, 3): purchase orders, net and gross revenue of each.

    Returns
    -------
    Shape (groups, 3): the figures in the order of ``FIGURES``.
    """
    orders, revenue, gross_revenue = np.moveaxis(customers.sum(axis=1), -1, 0)
    count = customers.shape[1]
    return np.stack([revenue / count, gross_revenue / orders, orders / count], axis=-1)


def customers_of(warehouse: Path, segment: str, is_premium: bool) -> NDArray[np.float64]:
    rows = query(
        warehouse,
        "select frequency, monetary, gross_revenue from marts.customers"
        f" where segment = '{segment}' and is_premium = {is_premium}"
        " order by customer_id",
    )
    return np.array(rows, dtype=np.float64)


def test_intervals_are_near_those_of_a_bootstrap(tmp_path: Path) -> None:
    """Resampling the customers (Efron 1979) needs no formula: no bound may be off by 5 %."""
    warehouse = build(
        tmp_path / "premium/warehouse.duckdb",
        {"shops": {"department_store": "customers"}},
        "--select",
        "+customers",
        "+premium_overlay",
    )
    random = np.random.default_rng(7)
    columns = ", ".join(
        f"{figure}_difference_{side}_pct" for figure in FIGURES for side in ("lower", "upper")
    )
    found = query(
        warehouse,
        f"select segment, {columns} from marts.premium_overlay where segmentation = 'rfm_r' and is_premium order by segment",
    )
    assert len(found) == 4
    for segment, *bounds in found:
        drawn = []
        for is_premium in (True, False):
            group = customers_of(warehouse, segment, is_premium)
            drawn.append(figures(group[random.integers(0, len(group), (RESAMPLES, len(group)))]))
        ratios = drawn[0] / drawn[1]
        expected = np.percentile(ratios, [2.5, 97.5], axis=0).T.ravel()
        assert np.array(bounds, dtype=float) / 100 + 1 == pytest.approx(expected, rel=0.05)
