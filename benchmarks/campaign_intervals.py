"""How often intervals of a campaign without effect miss 0, by two ways to compute them.

The figures of docs/decisions/0101: ``python benchmarks/campaign_intervals.py``.
"""

import numpy as np
from numpy.typing import NDArray

CAMPAIGNS = 4000
Z = 1.959963984540054
CASES = (
    (900, 100, 0.3, 1.0),
    (900, 100, 0.3, 1.5),
    (1800, 200, 0.1, 1.0),
    (2700, 300, 0.1, 1.5),
    (500, 500, 0.3, 1.5),
)
"""Customers written to and held out, share who buy, standard deviation of the logarithm."""

Figures = NDArray[np.float64]


def draw(random: np.random.Generator, customers: int, share: float, deviation: float) -> Figures:
    """Draw revenue per customer, campaigns x customers: lognormal for those who buy, else 0."""
    size = (CAMPAIGNS, customers)
    return np.where(random.random(size) < share, random.lognormal(5, deviation, size), 0)


def margins(contacted: Figures, held_out: Figures) -> tuple[Figures, Figures]:
    """Half the width of the intervals, with a variance for each group and with one for both."""
    first, second = contacted.shape[1], held_out.shape[1]
    variances = contacted.var(axis=1, ddof=1), held_out.var(axis=1, ddof=1)
    own = variances[0] / first + variances[1] / second
    within = (variances[0] * (first - 1) + variances[1] * (second - 1)) / (first + second - 2)
    return Z * np.sqrt(own), Z * np.sqrt(within * (1 / first + 1 / second))


def main() -> None:
    """Print one line per case: how often 0 is held, and how often a campaign seems to pay."""
    random = np.random.default_rng(1)
    for first, second, share, deviation in CASES:
        contacted = draw(random, first, share, deviation)
        held_out = draw(random, second, share, deviation)
        difference = contacted.mean(axis=1) - held_out.mean(axis=1)
        print(f"{first:,} / {second:,}, {share:.0%} buy, deviation {deviation:g}")
        for name, margin in zip(
            ("Welch", "one variance"), margins(contacted, held_out), strict=True
        ):
            held, paid = np.mean(abs(difference) <= margin), np.mean(difference > margin)
            print(f"  {name:12}  holds 0: {held:.1%}  seems to pay: {paid:.1%}")


if __name__ == "__main__":
    main()
