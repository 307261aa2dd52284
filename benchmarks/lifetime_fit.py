"""How long MBG/NBD takes for a million customers: simulated, grouped in DuckDB, fitted."""

import time

import duckdb
import numpy as np
import pandas as pd

from patronage.fitting.lifetime import expected_purchases, fit_purchases

CUSTOMERS = 1_000_000


def simulate(customers: int) -> pd.DataFrame:
    """Draw customers who buy and leave as MBG/NBD says, over two years of days.

    Parameters
    ----------
    customers
        How many.

    Returns
    -------
    One row per customer: ``repeats``, ``last_time``, ``age`` in days.
    """
    random = np.random.default_rng(1)
    age = random.integers(1, 730, customers).astype(np.float64)
    rate = random.gamma(0.66, 1 / 63, customers)
    dropout = random.beta(0.8, 2.4, customers)
    repeats = np.zeros(customers, dtype=np.int64)
    last_time = np.zeros(customers)
    active = np.flatnonzero(random.random(customers) >= dropout)
    now = np.zeros(customers)
    while len(active):
        now[active] += random.exponential(1 / np.maximum(rate[active], 1e-12))
        active = active[now[active] < age[active]]
        repeats[active] += 1
        last_time[active] = now[active]
        active = active[random.random(len(active)) >= dropout[active]]
    return pd.DataFrame({"repeats": repeats, "last_time": np.floor(last_time), "age": age})


def main() -> None:
    """Print the seconds of each step."""
    people = simulate(CUSTOMERS)
    started = time.perf_counter()
    grouping = "select *, count(*) as customers from people group by all order by all"
    groups = duckdb.from_df(people).query("people", grouping).df()
    grouped = time.perf_counter()
    times = (
        groups["repeats"].to_numpy(dtype=np.int64),
        groups["last_time"].to_numpy(dtype=np.float64),
        groups["age"].to_numpy(dtype=np.float64),
    )
    fit = fit_purchases(*times, groups["customers"].to_numpy(dtype=np.float64))
    fitted = time.perf_counter()
    expected = expected_purchases(fit, *times, 365.0) @ groups["customers"].to_numpy(np.float64)
    done = time.perf_counter()
    print(
        f"{CUSTOMERS:,} customers are {len(groups):,} kinds: grouped {grouped - started:.1f} s,"
        f" fitted {fitted - grouped:.1f} s, expected purchases {done - fitted:.1f} s"
        f" ({expected:,.0f} in a year)"
    )
    print(
        f"drawn with r 0.66, alpha 63, a 0.8, b 2.4; found {fit.r:.3f}, {fit.alpha:.1f},"
        f" {fit.a:.3f}, {fit.b:.3f}"
    )


if __name__ == "__main__":
    main()
