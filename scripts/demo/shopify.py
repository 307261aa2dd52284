"""The demo's Shopify shop: the order export of its admin, one row per item."""

from typing import Final, NamedTuple

import numpy as np
from numpy.random import Generator

from .flaws import count, share
from .tables import DAYS, FIRST_DAY, Table, day_weights, money, pick_days

HEADER: Final = (
    "Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Accepts Marketing",
    "Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code", "Discount Amount",
    "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku",
    "Billing Country", "Shipping Province", "Shipping Country", "Cancelled at", "Refunded Amount",
    "Id",
)  # fmt: skip
FIRST_NAME: Final = 1_001
FIRST_ID: Final = 5_550_000_001
PEOPLE: Final = 360
MOST_ORDERS: Final = 14
PROVINCES: Final = ("NY", "CA", "TX", "WA", "IL", "MA", "")
PRODUCTS: Final = (
    ("Linen Apron", "APR-LIN", 3_400), ('Plate, 8"', "PLT-8", 1_650), ("Oat Mug", "MUG-OAT", 1_400),
    ("Tea Towel, Set of 2", "TWL-2", 1_950), ("Beeswax Candle", "CND-BEE", 2_200),
    ("Salt Cellar", "SLT-1", 1_200), ("Serving Board", "BRD-L", 5_600), ("Gift Wrap", "", 450),
)  # fmt: skip


class Order(NamedTuple):
    """An order; money in cents, and seconds after the calendar's first midnight."""

    name: str
    email: str
    at: int
    items: tuple[tuple[int, int], ...]  # number of the product, and its quantity
    discount: int
    status: str
    is_cancelled: bool
    refunded_share: float
    province: str


def shopify_tables(rng: Generator) -> list[Table]:
    """Draw the orders and write their rows, the latest order first, as the admin does."""
    orders = draw_orders(rng)
    odd = {int(place) for place in rng.permutation(len(orders))[: count("odd_emails") * 2]}
    orders = spell_oddly(orders, odd)
    twice = rng.permutation(len(orders))[: count("orders_exported_twice")]
    rows = [row for order in reversed(orders) for row in order_rows(order)]
    rows += [row for place in sorted(twice) for row in order_rows(orders[int(place)])]
    return [Table("shopify/demo_shopify_orders.csv", HEADER, rows)]


def spell_oddly(orders: list[Order], places: set[int]) -> list[Order]:
    """Write a number of e-mail addresses with capitals and spaces around."""
    left, spelt = count("odd_emails"), []
    for place, order in enumerate(orders):
        if place in places and order.email and left:
            left -= 1
            spelt.append(order._replace(email=f" {order.email.title()} "))
        else:
            spelt.append(order)
    return spelt


def draw_orders(rng: Generator) -> list[Order]:
    """Draw who orders when and what becomes of it, by time."""
    numbers = np.minimum(rng.geometric(0.42, PEOPLE), MOST_ORDERS)
    weights, times = day_weights(), []
    for person, number in enumerate(numbers):
        first = pick_days(rng, weights, 0, DAYS - 1, 1)[0]
        last = min(first + 60 * int(number), DAYS - 1)
        days = [first, *pick_days(rng, weights, first, last, int(number) - 1)]
        times += [(day * 86_400 + int(rng.integers(28_800, 79_200)), person) for day in days]
    return [
        draw_order(rng, f"#{FIRST_NAME + place}", person, at)
        for place, (at, person) in enumerate(sorted(times))
    ]


def draw_order(rng: Generator, name: str, person: int, at: int) -> Order:
    """Draw an order of a person."""
    chosen = rng.choice(len(PRODUCTS), int(rng.integers(1, 4)), replace=False)
    items = tuple((int(product), 1 + int(rng.geometric(0.7) - 1)) for product in chosen)
    chance = rng.random()
    is_cancelled = chance < share("cancelled_orders")
    is_unpaid = 0 <= chance - share("cancelled_orders") < share("unpaid_orders")
    refunded = 0.0
    if not is_unpaid and rng.random() < share("refunded_orders"):
        refunded = float(rng.choice([0.25, 0.5, 1.0]))
    status = "partially_refunded" if 0 < refunded < 1 else "refunded" if refunded else "paid"
    if is_unpaid:
        status = str(rng.choice(["pending", "voided"]))
    email = f"customer{person + 1}@example.com" if rng.random() >= share("till_orders") else ""
    discount = 500 if rng.random() < 0.1 else 0
    province = PROVINCES[person % len(PROVINCES)]
    return Order(name, email, at, items, discount, status, is_cancelled, refunded, province)


def order_rows(order: Order) -> list[tuple[str, ...]]:
    """Write an order: what belongs to all of it stands on its first row only."""
    subtotal = sum(PRODUCTS[product][2] * number for product, number in order.items)
    subtotal -= min(order.discount, subtotal)
    shipping = 0 if subtotal >= 5_000 else 600
    total = subtotal + shipping
    paid_at = timestamp(order.at + 60) if order.status not in {"pending", "voided"} else ""
    cancelled_at = timestamp(order.at + 7_200) if order.is_cancelled else ""
    country = "US" if order.province else "CA"
    rows = []
    for place, (product, number) in enumerate(order.items):
        name, sku, price = PRODUCTS[product]
        item = (str(number), name, money(price), sku)
        if place:
            rows.append(
                (order.name, order.email, *[""] * 11, timestamp(order.at), *item, *[""] * 6)
            )
            continue
        rows.append((
            order.name, order.email, order.status, paid_at, "fulfilled", "no", "USD",
            money(subtotal), money(shipping), "0.00", money(total),
            "WELCOME" if order.discount else "", money(order.discount), timestamp(order.at), *item,
            country, order.province, country, cancelled_at,
            money(round(total * order.refunded_share)),
            str(FIRST_ID + int(order.name.removeprefix("#"))),
        ))  # fmt: skip
    return rows


def timestamp(seconds: int) -> str:
    """Write seconds after the calendar's first midnight as ``2024-03-01 10:15:00 -0500``."""
    return str(FIRST_DAY + np.timedelta64(seconds, "s")).replace("T", " ") + " -0500"
