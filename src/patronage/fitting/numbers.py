"""What the fits share: kinds of arrays, standard units, and typed tables."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

RANDOM_SEED = 20
DECIMALS = 9
"""Parameters are rounded to this, so that another processor's last bit does not change them."""


def standardise(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Subtract each column's mean and divide by its population standard deviation.

    Parameters
    ----------
    values
        Shape (customers, features).

    Returns
    -------
    z_scores
        Shape (customers, features).
    means, scales
        Shape (features,) each; the scale of a column without spread is 1.
    """
    means = values.mean(axis=0)
    scales = values.std(axis=0)
    scales = np.where(scales > 1e-12, scales, 1.0)
    return (values - means) / scales, means, scales


def empty_table(columns: Mapping[str, Any]) -> pd.DataFrame:
    """Make a table without rows.

    Parameters
    ----------
    columns
        Type by name of the column.
    """
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})


def stack_tables(tables: Iterable[pd.DataFrame], columns: Mapping[str, Any]) -> pd.DataFrame:
    """Put tables one below the other.

    Parameters
    ----------
    tables
        Any number of tables, none included; a column that one of them lacks is null there.
    columns
        Type by name of the result's columns; others are left out.

    Returns
    -------
    The rows of all tables, with these columns and types.
    """
    types = dict(columns)
    typed = [table.reindex(columns=list(types)).astype(types) for table in tables]
    return pd.concat([empty_table(types), *typed], ignore_index=True)


def round_floats(table: pd.DataFrame) -> pd.DataFrame:
    """Round the columns of floating-point numbers to ``DECIMALS``."""
    floats = table.select_dtypes("float64").columns
    return table.assign(**{str(name): table[name].round(DECIMALS) for name in floats})
