"""The fits of a build: what a new fit starts from, and which fits are used again as they were."""

import logging
from typing import Any

import numpy as np
import pandas as pd
import pytest

from patronage.fitting.kmeans import FEATURES
from patronage.fitting.segment_fits import COLUMNS, fit_all_centroids

RFM_R: dict[str, Any] = {
    "method": "kmeans",
    "features": list(FEATURES),
    "transform": "log",
    "clusters": 3,
}


@pytest.fixture
def customers() -> pd.DataFrame:
    """Three groups of 100 customers, far apart, as of 1 May."""
    random = np.random.default_rng(7)
    groups = [(200, 1, 50, 0.0), (20, 4, 900, 0.0), (5, 30, 20_000, 30.0)]
    rows = np.vstack([np.array(group) * random.lognormal(0, 0.1, (100, 4)) for group in groups])
    table = pd.DataFrame(rows, columns=list(FEATURES))
    ids = [f"{number:03}" for number in range(300)]
    return table.assign(
        shop="s", customer_id=ids, sample_share=0.5, as_of_date=pd.Timestamp("2024-05-01")
    )


def fit(customers: pd.DataFrame, *fits: pd.DataFrame, **others: Any) -> pd.DataFrame:
    """Fit rfm_r with the given fits as the history, in the order in which they were added."""
    config = RFM_R | others.pop("config", {})
    numbered = [table.assign(fit_number=number) for number, table in enumerate(fits)]
    history = pd.concat(numbered[::-1]) if fits else None
    return fit_all_centroids(
        customers, {"rfm_r": config}, others.pop("minimum", 100), history, **others
    )


def on(day: str, customers: pd.DataFrame) -> pd.DataFrame:
    """The customers on another day, their figures a little different."""
    noise = np.random.default_rng(int(day[-2:])).lognormal(0, 0.02, len(customers))
    return customers.assign(as_of_date=pd.Timestamp(day), monetary=customers["monetary"] * noise)


def test_a_fit_carries_day_and_id(customers: pd.DataFrame) -> None:
    table = fit(customers)
    assert list(table.columns) == list(COLUMNS)
    assert table["cluster_id"].tolist() == [1, 2, 3]
    assert {str(day) for day in table["fitted_on"]} == {"2024-05-01"}
    assert table["fit_id"].str.fullmatch(r"s\.rfm_r\.2024-05-01\.[0-9a-f]{8}").all()
    assert table["fit_id"].nunique() == 1
    assert table["last_fit_id"].isna().all()
    assert fit(on("2024-05-02", customers))["fit_id"].iloc[0][-8:] != table["fit_id"].iloc[0][-8:]


def test_too_few_customers_give_no_centroids_and_a_warning(
    customers: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        table = fit(customers.head(99))
    assert table.empty
    assert "s: no rfm_r centroids, because 99 customers" in caplog.text
    assert table.dtypes.to_dict() == fit(customers).dtypes.to_dict()


def test_customers_all_alike_give_no_centroids(customers: pd.DataFrame) -> None:
    alike = customers.assign(recency_days=1.0, frequency=1.0, monetary=5.0, return_rate_pct=0.0)
    assert fit(alike).empty
    assert fit(alike, config={"clusters": "auto"}).empty


def test_auto_finds_the_planted_number(customers: pd.DataFrame) -> None:
    assert len(fit(customers, config={"clusters": "auto"})) == 3


def test_auto_stays_with_the_last_number_while_it_is_as_good(customers: pd.DataFrame) -> None:
    random = np.random.default_rng(1)
    shapeless = customers.assign(**{feature: random.lognormal(3, 1, 300) for feature in FEATURES})
    refits = [
        len(
            fit(
                on("2024-05-02", shapeless),
                fit(shapeless, config={"clusters": k}),
                config={"clusters": "auto"},
            )
        )
        for k in (4, 5)
    ]
    assert refits == [4, 5]


def test_a_refit_starts_from_the_last_fit_of_an_earlier_day(customers: pd.DataFrame) -> None:
    first, second, third = (fit(on(f"2024-05-0{day}", customers)) for day in (1, 2, 3))
    assert set(fit(on("2024-05-03", customers), second, first, third)["last_fit_id"]) == set(
        second["fit_id"]
    )
    # two of one day: the one that was added later
    assert set(
        fit(on("2024-05-03", customers), second, first.assign(fitted_on=second["fitted_on"]))[
            "last_fit_id"
        ]
    ) == {first["fit_id"].iloc[0]}
    assert fit(on("2024-05-01", customers), second, first)["last_fit_id"].isna().all()


@pytest.mark.parametrize(
    "config",
    [
        {"clusters": 4},
        {"transform": "none"},
        {"features": ["recency_days", "frequency", "monetary"]},
    ],
)
def test_a_fit_of_another_kind_is_no_start(customers: pd.DataFrame, config: dict[str, Any]) -> None:
    other = fit(on("2024-05-01", customers), config=config)
    assert len(other) >= 3
    assert fit(on("2024-05-02", customers), other)["last_fit_id"].isna().all()


def test_what_a_day_starts_from_is_settled_once_it_was_built(customers: pd.DataFrame) -> None:
    """Older days built afterwards look back: they, in any order, are the start of no fit."""
    may = {day: on(f"2024-05-{day:02}", customers) for day in (1, 3, 5, 7, 9)}
    line = [fit(may[1])]
    for day in (5, 7):
        line.append(fit(may[day], *line))
    first, fifth, seventh = line
    third = fit(may[3], *line)
    assert set(third["last_fit_id"]) == set(first["fit_id"])
    corrected = on("2024-05-06", customers).assign(as_of_date=pd.Timestamp("2024-05-05"))
    again = fit(corrected, *line, third)
    for history in ([*line, third], [*line, again], [*line, third, again], [*line, again, third]):
        for day, before in ((1, first), (3, third), (5, fifth), (7, seventh)):
            pd.testing.assert_frame_equal(fit(may[day], *history), before, check_exact=True)
        assert set(fit(may[9], *history)["last_fit_id"]) == set(seventh["fit_id"])


def test_a_day_before_all_others_starts_from_nothing_and_nothing_from_it(
    customers: pd.DataFrame,
) -> None:
    later = fit(on("2024-05-09", customers))
    earlier = fit(on("2024-05-01", customers), later)
    assert earlier["last_fit_id"].isna().all()
    pd.testing.assert_frame_equal(
        fit(on("2024-05-09", customers), later, earlier), later, check_exact=True
    )


def test_fits_of_another_kind_are_passed_over(customers: pd.DataFrame) -> None:
    """Trying another number of clusters for a day breaks neither line of history."""
    first = fit(on("2024-05-01", customers))
    other = fit(on("2024-05-08", customers), first, config={"clusters": 4})
    second = fit(on("2024-05-05", customers), first, other)
    assert set(second["last_fit_id"]) == set(first["fit_id"])
    third = fit(on("2024-05-09", customers), first, other, second)
    assert set(third["last_fit_id"]) == set(second["fit_id"])


def test_fitting_again_on_one_day_gives_the_same_fit(customers: pd.DataFrame) -> None:
    first, later = fit(customers), on("2024-05-09", customers)
    second = fit(later, first)
    pd.testing.assert_frame_equal(
        fit(later.sample(frac=1, random_state=2), first, second), second, check_exact=True
    )


def test_an_earlier_fit_is_used_as_it_was(customers: pd.DataFrame) -> None:
    first, later = fit(customers), on("2024-05-09", customers)
    second = fit(later, first)
    assert set(second["fit_id"]) != set(first["fit_id"])
    again = fit(later, first, second, score_with_fits=[first["fit_id"].iloc[0]])
    pd.testing.assert_frame_equal(again, first, check_exact=True)
