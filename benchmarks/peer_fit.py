"""KMeans of RFM-R as studies do it, by scikit-learn: the same for every side but the project."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.metrics import pairwise_distances_argmin
from threadpoolctl import threadpool_limits

FEATURES = ("recency_days", "frequency", "monetary", "return_rate_pct")
CLUSTERS = 5
FIT_ROWS = 200_000
"""Above this number of customers, the project fits on a sample by the hash of their ids."""
START_ROWS = 10_000

Figures = npt.NDArray[np.float64]


class Fit(NamedTuple):
    """Centres, shape (clusters, features), and scales, shape (features,), in ln(1 + x)."""

    centres: Figures
    scales: Figures


def in_sample(ids: Iterable[str], customers: int) -> npt.NDArray[np.bool_]:
    """Tell which customers a fit takes: the last eight bytes of MD5, as a share, decide.

    Parameters
    ----------
    ids
        Ids of the customers who may be taken.
    customers
        How many they are.

    Returns
    -------
    Shape (customers,).
    """
    if customers <= FIT_ROWS:
        return np.ones(customers, dtype=bool)
    bound = FIT_ROWS / customers * 2**64
    shares = (
        int.from_bytes(hashlib.md5(name.encode(), usedforsecurity=False).digest()[8:], "little")
        for name in ids
    )
    return np.fromiter((share < bound for share in shares), dtype=bool, count=customers)


def logarithms(features: Figures) -> Figures:
    """Return ln(1 + x), negative values counting as 0."""
    return np.log1p(np.maximum(features, 0.0))


def fit(features: Figures) -> Fit:
    """Fit on customers in the order of their ids, on one thread.

    Fifty starts on every n-th customer; the best of them goes on with all, until no customer
    changes the cluster. Stopped earlier, or with ten starts, another library's last bit renames
    customers; with more threads, small fits take several times as long.

    Parameters
    ----------
    features
        Shape (customers, features), as ``FEATURES`` names them.

    Returns
    -------
    The fit; clusters are ordered by what their customers spend, the highest first.
    """
    values = logarithms(features)
    means, scales = values.mean(axis=0), values.std(axis=0)
    z_scores = (values - means) / scales
    some = z_scores[:: -(-len(z_scores) // START_ROWS)]
    with threadpool_limits(limits=1):
        best = KMeans(CLUSTERS, n_init=50, random_state=20).fit(some).cluster_centers_
        last = KMeans(CLUSTERS, init=best, n_init=1, tol=0, max_iter=1_000).fit(z_scores)
    centres = last.cluster_centers_ * scales + means
    return Fit(centres[np.argsort(-centres[:, FEATURES.index("monetary")])], scales)


def clusters_of(features: Figures, fitted: Fit) -> npt.NDArray[np.int64]:
    """Return the number of each customer's nearest centre, from 1.

    Parameters
    ----------
    features
        Shape (customers, features).
    fitted
        What ``fit`` has returned.

    Returns
    -------
    Shape (customers,).
    """
    return np.asarray(
        pairwise_distances_argmin(
            logarithms(features) / fitted.scales, fitted.centres / fitted.scales
        )
        + 1,
        dtype=np.int64,
    )
