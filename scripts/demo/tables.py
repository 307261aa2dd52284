"""What the demo shops have in common: random streams, the calendar, csv files."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.random import PCG64, Generator

SEED: Final = 20_251_201
STREAMS: Final = {"online_retail": 1, "olist": 2, "department_store": 3, "shopify": 4}

FIRST_DAY: Final = np.datetime64("2023-12-01", "D")
DAYS: Final = 731  # up to and including 2025-11-30; 2024 is a leap year

# How busy a day is. Shops close on Saturdays and between Christmas and New Year.
MONTH_WEIGHTS: Final = (0.75, 0.75, 0.9, 0.85, 0.95, 0.9, 0.85, 0.85, 1.1, 1.5, 1.9, 1.5)
WEEKDAY_WEIGHTS: Final = (1.0, 1.12, 1.15, 1.3, 1.0, 0.0, 0.55)  # Monday to Sunday
CLOSED: Final = ("12-24", "12-25", "12-26", "12-27", "12-28", "12-29", "12-30", "12-31", "01-01")
YEARLY_GROWTH: Final = 0.1

Weights = npt.NDArray[np.float64]


class Table(NamedTuple):
    """One csv file: where it goes below the output folder, its header and its rows."""

    path: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[str]]


def random_stream(shop: str) -> Generator:
    """Return a shop's own random stream, so that one shop's changes leave the others alone."""
    return Generator(PCG64([SEED, STREAMS[shop]]))


def write_table(table: Table, output: Path) -> Path:
    r"""Write a table as UTF-8 csv with ``\n`` line ends, quoting only what needs it.

    Parameters
    ----------
    table : Table
        What to write.
    output : Path
        The folder that ``table.path`` is relative to.

    Returns
    -------
    Path
        The file that was written.
    """
    path = output / table.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
        writer.writerow(table.header)
        writer.writerows(table.rows)
    return path


def day_weights() -> Weights:
    """Return how busy each day is: month, weekday, closed days and growth.

    Returns
    -------
    ndarray of float, shape (DAYS,)
        Weights relative to an ordinary day; 0 on closed days.
    """
    days = FIRST_DAY + np.arange(DAYS)
    months = days.astype("datetime64[M]").astype(np.int64) % 12
    weekdays = (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    closed = [str(day)[5:] in CLOSED for day in days]
    weights = np.array(MONTH_WEIGHTS)[months] * np.array(WEEKDAY_WEIGHTS)[weekdays]
    growth = 1 + YEARLY_GROWTH * np.arange(DAYS) / 365
    return np.where(closed, 0.0, weights * growth)


def pick_days(rng: Generator, weights: Weights, first: int, last: int, size: int) -> list[int]:
    """Draw days between two days, busy ones more often.

    Parameters
    ----------
    rng : numpy.random.Generator
    weights : ndarray of float, shape (DAYS,)
        How busy each day is.
    first, last : int
        Days after ``FIRST_DAY``, both included; at least one of them is an open day.
    size : int
        How many days to draw.

    Returns
    -------
    list of int
        Days after ``FIRST_DAY``, unsorted, possibly equal.
    """
    span = weights[first : last + 1]
    return [first + int(day) for day in rng.choice(span.size, size, p=span / span.sum())]


def open_day_from(weights: Weights, day: int) -> int | None:
    """Return the first open day at or after a day, or None if the calendar ends before."""
    return next((later for later in range(day, DAYS) if weights[later] > 0), None)


def money(cents: int) -> str:
    """Format an amount of cents, for example ``12.05``."""
    return f"{cents // 100}.{cents % 100:02d}"
