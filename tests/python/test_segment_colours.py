"""Colours of segments can be told apart by people who see no red, no green or no blue."""

import csv
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from warehouse import PROJECT

SEEDS = PROJECT / "seeds/reference"

DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": np.array([
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]),
    "deuteranopia": np.array([
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]),
    "tritanopia": np.array([
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]),
}  # fmt: skip
"""What is seen of linear red, green and blue (Machado, Oliveira and Fernandes 2009, severity 1)."""

LEAST_DISTANCE = 20
"""In CIELAB, of two colours of one segmentation; 2.3 is just noticeable."""


def rows(seed: str) -> list[dict[str, str]]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


COLOURS = {row["segment_order"]: row["segment_colour"] for row in rows("segment_colours")}

ORDERS: dict[str, set[str]] = {}
for row in rows("segment_meanings"):
    ORDERS.setdefault(row["segmentation"], set()).add(row["segment_order"])


def seen(colour: str, deficiency: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the CIELAB coordinates (CIE 1976, D65) of a colour such as #0072B2 as it is seen."""
    srgb = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([
        [0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505],
    ])  # fmt: skip
    xyz = to_xyz @ np.clip(deficiency @ linear, 0, 1) / np.array([0.9505, 1, 1.089])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("segmentation", [name for name in ORDERS if name != "(any)"])
def test_segments_can_be_told_apart(segmentation: str, deficiency: str) -> None:
    colours = [seen(COLOURS[order], DEFICIENCIES[deficiency]) for order in ORDERS[segmentation]]
    for one, other in combinations(colours, 2):
        assert np.linalg.norm(one - other) >= LEAST_DISTANCE


def test_names_of_one_segmentation_have_places_of_their_own() -> None:
    listed = [(row["segmentation"], row["segment_order"]) for row in rows("segment_meanings")]
    assert len(listed) == len(set(listed))
    for segmentation, orders in ORDERS.items():
        assert segmentation == "(any)" or not orders & ORDERS["(any)"]
