"""The invented catalogue of the demo's online shop."""

from typing import Final, NamedTuple

import numpy as np
from numpy.random import Generator

PRODUCTS: Final = 400
FIRST_CODE: Final = 52_001
MEDIAN_PRICE: Final = 2.3
PRICE_RANGE: Final = (0.12, 34.95)
SHARE_WITH_LETTER: Final = 0.2  # codes like 52017B
SHARE_WITH_THREE_DECIMALS: Final = 0.06

# Quotes, commas, inch marks and letters beyond ASCII are here on purpose.
LOOKS: Final = (
    "ALMOND", "AMBER", "BRAMBLE", "BRASS", "CHESTNUT", "COBALT", "CORAL REEF", "CRÈME", "DUSKY",
    "ECRU", "FJORD BLUE", "GINGHAM", "HAZEL", "INDIGO", "JUNIPER", "LINEN LOOK", "MARMALADE",
    "MEADOW", "MOSS", "NOËL", "OAT", "PLUM", "QUILL", "ROSÉ", "RUST", "SAFFRON", "SEASHELL",
    "SLATE", "TARTAN", "THYME", "UMBER", "VERDIGRIS", '"GOOD DAY"', '"OUR NEST"', "WILLOWBANK",
)  # fmt: skip
THINGS: Final = (
    "APRON", "BAUBLE", "BISCUIT BARREL", "BOOKENDS", "BREAD BIN", "BUNTING, 5 METRES", "BUTTER BOX",
    "CAFÉ BOARD", "CANDLE, SCENTED", "CARAFE", "CASSEROLE", "CHEESE DOME", "COAT PEG", "COLANDER",
    "CREAM JUG", "CUSHION, 40CM", "DOOR WEDGE", "EGG COSY", "FOLDING STOOL", "FRUIT CRATE",
    'FRAME 7"', "GARDEN TWINE", "HANGING POT", "HONEY POT", "INKWELL", "JEWEL TRAY", "KEY RACK",
    "LAMPSHADE", "LETTER RACK", "MIXING BOWL", "NAPKINS, PACK OF 20", "NUTCRACKER", "OVEN GLOVE",
    "PEN POT", "PICNIC RUG", "PLATTER", "RIBBON REEL", "SERVING SPOON", "SNOW DOME", "SOAP TRAY",
    "SUGAR TONGS", "TABLE RUNNER", "TEA CADDY", "TOAST STAND", "TRINKET TIN", 'TRAY 12" X 8"',
    "UMBRELLA POT", "WALL HOOK", "WATER JUG", "WREATH",
)  # fmt: skip


class Product(NamedTuple):
    """One product; the price in thousandths, because a few prices have three decimals."""

    code: str
    name: str
    price: int
    popularity: float


def draw_catalogue(rng: Generator) -> list[Product]:
    """Draw the catalogue: distinct names, skewed prices, a few products that everyone buys.

    Returns
    -------
    list of Product
        ``PRODUCTS`` products by rising code; their popularities sum to 1.
    """
    pairs = rng.choice(len(LOOKS) * len(THINGS), PRODUCTS, replace=False)
    steps = rng.integers(1, 12, PRODUCTS).cumsum()
    letters = np.where(
        rng.random(PRODUCTS) < SHARE_WITH_LETTER, rng.choice([*"ABCDEN"], PRODUCTS), ""
    )
    amounts = np.clip(MEDIAN_PRICE * np.exp(0.9 * rng.standard_normal(PRODUCTS)), *PRICE_RANGE)
    fine = rng.random(PRODUCTS) < SHARE_WITH_THREE_DECIMALS
    prices = np.where(fine, np.rint(amounts * 1000), np.rint(amounts * 100) * 10).astype(int)
    popularity = rng.permutation((10 + np.arange(PRODUCTS)) ** -0.7)
    popularity /= popularity.sum()
    return [
        Product(
            code=f"{FIRST_CODE + steps[i]}{letters[i]}",
            name=f"{LOOKS[pairs[i] // len(THINGS)]} {THINGS[pairs[i] % len(THINGS)]}",
            price=int(prices[i]),
            popularity=float(popularity[i]),
        )
        for i in range(PRODUCTS)
    ]
