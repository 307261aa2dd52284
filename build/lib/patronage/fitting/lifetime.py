"""How often and for how much customers will buy: MBG/NBD and Gamma-Gamma, by maximum likelihood.

MBG/NBD (Batislam, Denizel and Filiztekin 2007) is BG/NBD (Fader, Hardie and Lee 2005) in which
customers may leave after the first purchase, too; BG/NBD is there by ``leaves_after_first=False``.

All times of one call are in one unit, and so is the scale parameter alpha. Purchases are counted
from the first one on: ``repeats`` is the number of purchases after it, ``last_time`` the time from
the first purchase to the last, ``age`` the time from the first purchase to the end of observation:
x (frequency), t_x (recency) and T of the literature.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import minimize
from scipy.special import digamma, expit, gammaln

from patronage.fitting.numbers import FloatArray, IntArray

PARAMETER_BOUNDS = (-10.0, 10.0)
"""Logarithms between which parameters are sought, time in units of the mean age."""
QUADRATURE_NODES = 32
"""Enough for ten digits of the expected purchases, see the tests."""
NEEDED_GAIN = 2.0
"""Two more parameters have to raise the log-likelihood by more than this (Akaike 1974)."""


@dataclass(frozen=True)
class PurchaseParameters:
    """A fitted MBG/NBD model, or its limit without dropout (NBD), in which a is 0 and b infinite.

    While alive a customer buys at a rate drawn from a gamma distribution of shape ``r`` and rate
    ``alpha``; after each purchase they leave with a probability from a beta distribution (``a``,
    ``b``). In BG/NBD not after the first one.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    leaves_after_first: bool = True

    @property
    def has_dropout(self) -> bool:
        """Whether the data show that customers leave at all."""
        return self.a > 0


@dataclass(frozen=True)
class ValueParameters:
    """A fitted Gamma-Gamma model of the value of one purchase."""

    p: float
    q: float
    v: float
    log_likelihood: float


def _check_arrays(**arrays: IntArray | FloatArray) -> None:
    """Raise a ValueError unless the arrays are of one length, and finite and 0 or more."""
    shapes = {name: np.shape(array) for name, array in arrays.items()}
    if len(set(shapes.values())) > 1 or any(len(shape) != 1 for shape in shapes.values()):
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"arrays must have one dimension and the same length, not {listed}")
    for name, array in arrays.items():
        if not np.all(np.isfinite(array)):
            raise ValueError(f"{name} must be finite; it holds nan or an infinite number")
        if np.any(array < 0):
            raise ValueError(f"{name} must be 0 or more; its lowest value is {array.min()}")


def _check_times(repeats: IntArray, last_time: FloatArray, age: FloatArray) -> None:
    """Raise a ValueError unless these can be histories of customers."""
    _check_arrays(repeats=repeats, last_time=last_time, age=age)
    if np.any(repeats != np.floor(repeats)):
        raise ValueError("repeats must be whole numbers of purchases")
    late = np.flatnonzero(last_time > age)
    if len(late):
        raise ValueError(
            f"last_time must not lie after age; in row {late[0]} it is {last_time[late[0]]} of "
            f"{age[late[0]]}"
        )


def _check_fit(parameters: PurchaseParameters) -> None:
    """Raise a ValueError unless these are parameters of a model."""
    positive = [parameters.r, parameters.alpha]
    positive += [parameters.a, parameters.b] if parameters.has_dropout else []
    if not all(np.isfinite(number) and number > 0 for number in positive):
        raise ValueError(f"parameters must be finite and above 0, not {positive}")


def _sums_below(terms: FloatArray) -> FloatArray:
    """Sum the first 0, 1, 2, … of some terms."""
    return np.concatenate([[0.0], np.cumsum(terms)])


def purchase_log_likelihood(
    logarithms: FloatArray,
    repeats: IntArray,
    last_time: FloatArray,
    age: FloatArray,
    customers: FloatArray,
    *,
    leaves_after_first: bool = True,
) -> tuple[float, FloatArray]:
    """Compute the log-likelihood of MBG/NBD or BG/NBD, and its gradient.

    Fader, Hardie and Lee (2005), eq. 6, with one more chance to leave in MBG/NBD: every purchase
    but the last has been survived, and after the last the customer has left or not.

    Ratios of gamma functions are written as sums over the purchases, because the difference of two
    large logarithms would cancel where a → 0 and b → ∞.

    Parameters
    ----------
    logarithms
        Shape (4,) or (2,): of r, alpha, and of a, b; without the last two nobody drops out (NBD).
    repeats, last_time, age
        Shape (groups,), see the module.
    customers
        Shape (groups,): how many customers are alike in all three.
    leaves_after_first
        Whether customers may leave after the first purchase (MBG/NBD).

    Returns
    -------
    log_likelihood
        Of all customers.
    gradient
        Shape of ``logarithms``.
    """
    r, alpha = np.exp(logarithms[:2])
    chances = repeats + leaves_after_first
    steps = np.arange(chances.max(initial=0))
    log_rates = _sums_below(np.log(r + steps))[repeats]
    rate_slopes = _sums_below(1 / (r + steps))[repeats]
    value = log_rates - r * np.log1p(age / alpha) - repeats * np.log(alpha + age)
    by_r = rate_slopes - np.log1p(age / alpha)
    by_alpha = r / alpha - (r + repeats) / (alpha + age)
    if len(logarithms) == 2:
        gradient = [r * by_r, alpha * by_alpha]
        return float(customers @ value), np.array([customers @ slope for slope in gradient])
    a, b = np.exp(logarithms[2:])
    value += _sums_below(np.log1p(-a / (a + b + steps)))[chances]
    by_a = -_sums_below(1 / (a + b + steps))[chances]
    by_b = _sums_below(a / ((b + steps) * (a + b + steps)))[chances]
    # the customer may have left right after the last purchase
    survived = b + np.maximum(chances, 1) - 1
    spread = np.log((alpha + age) / (alpha + last_time))
    odds = np.where(chances > 0, np.log(a / survived), -np.inf)
    odds = odds + (r + repeats) * spread
    value += np.logaddexp(0, odds)
    left = expit(odds)
    by_r += left * spread
    by_alpha += left * (r + repeats) * (1 / (alpha + age) - 1 / (alpha + last_time))
    by_a += left / a
    by_b -= left / survived
    gradient = [r * by_r, alpha * by_alpha, a * by_a, b * by_b]
    return float(customers @ value), np.array([customers @ slope for slope in gradient])


def fit_purchases(
    repeats: IntArray,
    last_time: FloatArray,
    age: FloatArray,
    customers: FloatArray,
    start: PurchaseParameters | None = None,
    *,
    leaves_after_first: bool = True,
) -> PurchaseParameters:
    """Fit MBG/NBD by maximum likelihood; fall back on NBD where nobody can be seen to leave.

    Parameters
    ----------
    repeats, last_time, age, customers
        Shape (groups,), see ``purchase_log_likelihood``.
    start
        Parameters of similar data, to start from.
    leaves_after_first
        Whether customers may leave after the first purchase; BG/NBD where not.

    Returns
    -------
    The maximum. Without an interior maximum (a → 0, b → ∞), or where dropout raises the
    log-likelihood by less than ``NEEDED_GAIN``, that of NBD.

    Raises
    ------
    ValueError
        If there are no repeated purchases: the rate cannot be told from the dropout. If the arrays
        are not of one length, hold other than finite numbers of 0 or more, or a last purchase
        after the end of observation.
    """
    _check_times(repeats, last_time, age)
    _check_arrays(repeats=repeats, customers=customers)
    if repeats.max(initial=0) < 1:
        raise ValueError("no customer has bought again; at least one is needed to fit MBG/NBD")
    unit = float(customers @ age / customers.sum())
    last_time, age = last_time / unit, age / unit

    def maximum(first: FloatArray) -> tuple[FloatArray, float]:
        total = customers.sum()

        def loss(logarithms: FloatArray) -> tuple[float, FloatArray]:
            value, gradient = purchase_log_likelihood(
                logarithms,
                repeats,
                last_time,
                age,
                customers,
                leaves_after_first=leaves_after_first,
            )
            return -value / total, -gradient / total

        found = minimize(
            loss,
            first,
            jac=True,
            method="L-BFGS-B",
            bounds=[PARAMETER_BOUNDS] * len(first),
            options={"ftol": 1e-13, "gtol": 1e-8, "maxiter": 500},
        )
        return np.asarray(found.x, dtype=np.float64), -float(found.fun) * total

    known = None
    if start is not None and start.has_dropout:
        known = np.log([start.r, start.alpha / unit, start.a, start.b])
    without, log_likelihood_without = maximum(np.log([1.0, 1.0]) if known is None else known[:2])
    full, log_likelihood = maximum(
        np.concatenate([without, np.log([1.0, 2.0])]) if known is None else known
    )
    scale = -float(customers @ repeats) * np.log(unit)  # the density of a time depends on its unit
    inside = np.all(np.abs(full) < PARAMETER_BOUNDS[1] - 1e-6)
    if inside and log_likelihood - log_likelihood_without > NEEDED_GAIN:
        r, alpha, a, b = np.exp(full).tolist()
        return PurchaseParameters(r, alpha * unit, a, b, log_likelihood + scale, leaves_after_first)
    r, alpha = np.exp(without).tolist()
    return PurchaseParameters(
        r, alpha * unit, 0.0, np.inf, log_likelihood_without + scale, leaves_after_first
    )


def alive_probability(
    parameters: PurchaseParameters,
    repeats: IntArray,
    last_time: FloatArray,
    age: FloatArray,
) -> FloatArray:
    """Compute P(alive): that a customer has not left by the end of observation.

    Fader, Hardie and Lee (2005), as in their note "Computing P(alive)". In BG/NBD who never bought
    again has had no purchase to leave after, and counts as alive.

    Parameters
    ----------
    parameters
        A fit.
    repeats, last_time, age
        Shape (groups,), see the module.

    Returns
    -------
    Shape (groups,), 0 to 1.

    Raises
    ------
    ValueError
        If the parameters or the histories cannot be, as in ``fit_purchases``.
    """
    _check_fit(parameters)
    _check_times(repeats, last_time, age)
    if not parameters.has_dropout:
        return np.ones(len(repeats))
    r, alpha, a, b = parameters.r, parameters.alpha, parameters.a, parameters.b
    chances = repeats + parameters.leaves_after_first
    odds = np.log(a / (b + np.maximum(chances, 1) - 1))
    odds = odds + (r + repeats) * np.log((alpha + age) / (alpha + last_time))
    return np.asarray(np.where(chances > 0, expit(-odds), 1.0), dtype=np.float64)


def beta_quadrature(first: float, second: float) -> tuple[FloatArray, FloatArray]:
    """Find points and weights whose weighted sums are means over a beta distribution.

    Gauss-Jacobi quadrature by the eigenvalues of the recurrence (Golub and Welsch 1969), shifted to
    0 to 1. The weights are those of a distribution, so that the beta function, which overflows for
    shapes above a thousand, is never computed.

    Parameters
    ----------
    first, second
        Shapes of the distribution, above 0 and finite.

    Returns
    -------
    points
        Shape (``QUADRATURE_NODES``,), above 0 and below 1, ascending.
    weights
        Same shape; they sum to 1.

    Raises
    ------
    ValueError
        If a shape is not finite and above 0.
    """
    if not (0 < first < np.inf and 0 < second < np.inf):
        raise ValueError(f"shapes must be finite and above 0, not {first} and {second}")
    total = first + second - 2
    step = np.arange(1, QUADRATURE_NODES, dtype=np.float64)
    twice = 2 * step + total
    middle = np.empty(QUADRATURE_NODES)
    middle[0] = first / (first + second)
    middle[1:] = (1 + (first - second) * total / (twice * (twice + 2))) / 2
    # the first is written apart: at first + second = 1 the general form divides by zero
    square = np.empty(QUADRATURE_NODES - 1)
    square[0] = first * second / ((first + second) ** 2 * (first + second + 1))
    step, twice = step[1:], twice[1:]
    square[1:] = step * (step + first - 1) * (step + second - 1) * (step + total)
    square[1:] /= twice**2 * (twice + 1) * (twice - 1)
    points, vectors = eigh_tridiagonal(middle, np.sqrt(square))
    # an eigenvalue next to 0 may come out as 0
    return np.maximum(points, 1e-200), vectors[0] ** 2


def expected_purchases(
    parameters: PurchaseParameters,
    repeats: IntArray,
    last_time: FloatArray,
    age: FloatArray,
    horizon: float,
) -> FloatArray:
    """Compute the purchases to expect in the time after the end of observation.

    Fader, Hardie and Lee (2005), eq. 10, with the hypergeometric function as the integral that it
    stands for: over the dropout probability p of a customer alive, whose distribution is beta (a, b
    + chances to leave survived), of (1 - (1 + p · horizon / (alpha + age))^-(r + repeats)) / p. It
    is smooth, also at a = 1, where eq. 10 divides by zero; Gauss-Jacobi quadrature.

    Parameters
    ----------
    parameters
        A fit.
    repeats, last_time, age
        Shape (groups,), see the module.
    horizon
        Length of the time, in the unit of the ages.

    Returns
    -------
    Shape (groups,).

    Raises
    ------
    ValueError
        If the parameters or the histories cannot be, as in ``fit_purchases``, or the horizon is not
        finite and 0 or more.
    """
    _check_fit(parameters)
    _check_times(repeats, last_time, age)
    if not (np.isfinite(horizon) and horizon >= 0):
        raise ValueError(f"horizon must be finite and 0 or more, not {horizon}")
    r, alpha, a, b = parameters.r, parameters.alpha, parameters.a, parameters.b
    share = horizon / (alpha + age)
    if not parameters.has_dropout:
        return np.asarray((r + repeats) * share, dtype=np.float64)
    expected = np.empty(len(repeats))
    for number in np.unique(repeats):
        alike = repeats == number
        dropout, weights = beta_quadrature(a, b + number + parameters.leaves_after_first)
        powers = -np.expm1(-(r + number) * np.log1p(np.outer(share[alike], dropout)))
        expected[alike] = (powers / dropout) @ weights
    return np.asarray(
        expected * alive_probability(parameters, repeats, last_time, age), dtype=np.float64
    )


def fit_values(purchases: IntArray, mean_value: FloatArray) -> ValueParameters:
    """Fit Gamma-Gamma by maximum likelihood (Fader and Hardie 2013, eq. 1a).

    Parameters
    ----------
    purchases
        Shape (customers,): purchases that the mean is of, at least 1.
    mean_value
        Shape (customers,): mean value of a customer's purchases, above 0.

    Returns
    -------
    The maximum.

    Raises
    ------
    ValueError
        If there is no customer, the arrays are not of one length, or a mean is not above 0.
    """
    _check_arrays(purchases=purchases, mean_value=mean_value)
    if not len(purchases):
        raise ValueError("no customer has purchases of a positive value")
    if np.any(purchases < 1) or np.any(mean_value <= 0):
        raise ValueError("purchases must be 1 or more and mean_value above 0")
    unit = float(np.exp(np.mean(np.log(mean_value))))
    value = mean_value / unit
    numbers, places, counts = np.unique(purchases, return_inverse=True, return_counts=True)
    logs = float(np.log(value).sum())

    def loss(logarithms: FloatArray) -> tuple[float, FloatArray]:
        p, q, v = np.exp(logarithms)
        shape = p * numbers
        totals = purchases * value + v
        log_totals = np.bincount(places, weights=np.log(totals))
        inverse_totals = float(((shape + q)[places] / totals).sum())
        log_likelihood = (
            counts @ (gammaln(shape + q) - gammaln(shape) + shape * np.log(np.maximum(numbers, 1)))
            + len(value) * (q * np.log(v) - gammaln(q))
            + p * float(purchases @ np.log(value))
            - logs
            - (shape + q) @ log_totals
        )
        by_p = counts @ (
            numbers * (digamma(shape + q) - digamma(shape) + np.log(np.maximum(numbers, 1)))
        )
        by_p += float(purchases @ np.log(value)) - numbers @ log_totals
        by_q = counts @ digamma(shape + q) + len(value) * (np.log(v) - digamma(q))
        by_q -= log_totals.sum()
        by_v = len(value) * q / v - inverse_totals
        gradient = np.array([p * by_p, q * by_q, v * by_v])
        return -float(log_likelihood) / len(value), -gradient / len(value)

    found = minimize(
        loss,
        np.log([2.0, 2.0, 2.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[PARAMETER_BOUNDS] * 3,
        options={"ftol": 1e-13, "gtol": 1e-8, "maxiter": 500},
    )
    p, q, v = np.exp(found.x)
    log_likelihood = -float(found.fun) * len(value) - len(value) * np.log(unit)
    return ValueParameters(float(p), float(q), float(v * unit), log_likelihood)
