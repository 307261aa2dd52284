"""The customers of the demo's online shop: five kinds of behaviour, and a few odd cases."""

from typing import Final, NamedTuple

import numpy as np
from numpy.random import Generator

from .flaws import count
from .tables import DAYS, Weights, pick_days

END: Final = DAYS - 1


class Kind(NamedTuple):
    """How one kind of customer behaves. Days count from the first day of the calendar."""

    customers: int
    established: float  # share who were customers before the calendar begins
    joins: tuple[int, int]  # the others place their first order between these days
    stays: tuple[int, int]  # days from the first order, or the calendar's start, to the last
    orders_per_year: float  # besides the first; varies between customers
    lines: float  # mean lines per order
    line_value: float  # median money on one line; varies between customers
    return_chance: float  # chance that a line comes back, at least in part
    return_share: tuple[float, float]  # the part of its units that comes back


KINDS: Final = {
    "new": Kind(256, 0.0, (585, END), (5, DAYS), 1.8, 2.8, 15, 0.01, (0.05, 0.3)),
    "steady": Kind(322, 0.6, (0, 480), (DAYS, DAYS), 3.0, 2.8, 16, 0.03, (0.05, 0.2)),
    "whale": Kind(144, 0.75, (0, 400), (DAYS, DAYS), 7.8, 3.4, 31, 0.03, (0.05, 0.2)),
    "churned": Kind(362, 0.5, (0, 430), (1, 200), 2.4, 2.5, 15, 0.01, (0.05, 0.3)),
    "returner": Kind(88, 0.3, (0, 600), (DAYS, DAYS), 4.0, 2.8, 17, 0.45, (0.4, 1.0)),
    "returns_everything": Kind(
        count("customers_returning_everything"), 0.0, (0, 600), (1, 90), 3.0, 2.0, 12, 1.0, (1, 1)
    ),
    "returns_thousands": Kind(
        count("customers_returning_thousands"), 0.0, (160, 600), (0, 0), 0.0, 1.0, 12, 0.0, (0, 0)
    ),
    "only_returns": Kind(
        count("customers_only_returning"), 0.0, (0, 120), (0, 0), 0.0, 2.0, 9, 0.0, (0, 0)
    ),
}
USUAL_KINDS: Final = ("new", "steady", "whale", "churned")

HOME: Final = "United Kingdom"
ABROAD: Final = {
    "Germany": 24, "France": 22, "Spain": 12, "Belgium": 10, "Switzerland": 9, "Italy": 8,
    "Netherlands": 8, "Norway": 6, "Finland": 5, "Austria": 5, "EIRE": 5, "Channel Islands": 4,
    "Australia": 4, "Denmark": 4, "Sweden": 3, "Cyprus": 3, "Japan": 2, "Unspecified": 2,
    "Malta": 1, "Iceland": 1, "Singapore": 1,
}  # fmt: skip
RETURNING_COUNTRY: Final = "Portugal"
RETURNERS_THERE: Final = 6
OTHERS_THERE: Final = 7

FIRST_CUSTOMER_ID: Final = 21_001


class Customer(NamedTuple):
    """One customer; ``spend`` scales every line, ``order_days`` are sorted."""

    customer_id: str
    kind: str
    country: str
    spend: float
    order_days: tuple[int, ...]


def draw_customers(rng: Generator, weights: Weights) -> list[Customer]:
    """Draw all customers, by kind; ids are shuffled, so that they tell nothing about the kind."""
    kinds = [name for name, kind in KINDS.items() for _ in range(kind.customers)]
    countries = draw_countries(rng, kinds)
    ids = FIRST_CUSTOMER_ID + rng.permutation(len(kinds))
    return [
        Customer(
            customer_id=str(ids[i]),
            kind=name,
            country=countries[i],
            spend=float(np.exp(0.45 * rng.standard_normal())),
            order_days=draw_order_days(rng, KINDS[name], weights),
        )
        for i, name in enumerate(kinds)
    ]


def draw_order_days(rng: Generator, kind: Kind, weights: Weights) -> tuple[int, ...]:
    """Draw the days on which a customer buys.

    Who is established buys a Poisson number of times, at least once; a newcomer buys on the day
    of joining, and a Poisson number of times after it.

    Parameters
    ----------
    rng : numpy.random.Generator
    kind : Kind
        How the customer behaves.
    weights : ndarray of float, shape (DAYS,)
        How busy each day is.

    Returns
    -------
    tuple of int
        Days after the calendar's first day, sorted; at least one.
    """
    established = rng.random() < kind.established
    joins = [] if established else pick_days(rng, weights, *kind.joins, 1)
    first = sum(joins)
    last = min(first + int(rng.integers(kind.stays[0], kind.stays[1] + 1)), END)
    rate = kind.orders_per_year * rng.gamma(8.0, 0.125)
    others = max(int(rng.poisson(rate * (last - first) / 365)), 1 - len(joins))
    return tuple(sorted([*joins, *pick_days(rng, weights, first, last, others)]))


def draw_countries(rng: Generator, kinds: list[str]) -> list[str]:
    """Give most customers the home country, and one country more than its share of returners."""
    returners = rng.permutation([i for i, kind in enumerate(kinds) if kind == "returner"])
    others = rng.permutation([i for i, kind in enumerate(kinds) if kind in USUAL_KINDS])
    abroad = [RETURNING_COUNTRY] * OTHERS_THERE
    abroad += [country for country, customers in ABROAD.items() for _ in range(customers)]
    countries = [HOME] * len(kinds)
    for i in returners[:RETURNERS_THERE]:
        countries[int(i)] = RETURNING_COUNTRY
    for i, country in zip(others, abroad, strict=False):
        countries[int(i)] = country
    return countries
