"""The orders of the demo's online shop: purchases, returns, guests, fees and write-offs."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.random import Generator

from .flaws import count, share
from .online_retail_customers import ABROAD, END, HOME, KINDS, Customer, Kind
from .products import Product
from .tables import Weights, open_day_from, pick_days

DAY: Final = 24 * 60  # minutes
OPENING_MINUTES: Final = (8 * 60, 12 * 60 + 30, 18 * 60)  # opens, busiest, closes
PACKS: Final = np.array(
    [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 30, 36, 48, 60, 72, 96, 120, 144, 200, 240, 300]
)
DISCOUNT: Final = 0.9

GUEST_ORDERS: Final = 575
GUEST: Final = Kind(0, 0.0, (0, 0), (0, 0), 0.0, 5.0, 8, 0.01, (0.3, 1.0))
GUESTS_ABROAD: Final = 0.05  # share

FREE_GIFTS: Final = 8  # of the zero-price lines; the others are write-offs and finds
WRITE_OFFS: Final = ("damaged", "?", "check", "found", "", "wet boxes", "Damaged", "lost, see note")
UNITS_RETURNED_UNSEEN: Final = (2_000, 4_000)
BAD_DEBT: Final = (2_000_000, 4_000_000)


class Line(NamedTuple):
    """One order line; the price in thousandths."""

    code: str
    name: str
    quantity: int
    price: int


class Buyer(NamedTuple):
    """Who orders; a guest's id is empty."""

    kind: str
    customer_id: str = ""
    country: str = HOME


class Order(NamedTuple):
    """One invoice; ``minute`` counts from the calendar's first midnight."""

    minute: int
    prefix: str  # "", "C" for cancellations, "A" for adjustments
    buyer: Buyer
    lines: tuple[Line, ...]


class Service(NamedTuple):
    """A code that is no merchandise; prices in thousandths."""

    code: str
    name: str
    prices: tuple[int, int]


class Shop(NamedTuple):
    """What can be bought, and how busy each day is."""

    catalogue: Sequence[Product]
    weights: Weights


# Invoices that carry nothing else: who is charged, the invoice's prefix, how many.
FEES: Final = (
    (Service("AMAZONFEE", "AMAZON FEE", (60_000, 240_000)), "guest", "C", 8),
    (Service("BANK CHARGES", "Bank Charges", (4_000, 30_000)), "guest", "C", 14),
    (Service("S", "SAMPLES", (3_000, 60_000)), "guest", "C", 10),
    (Service("D", "Discount", (4_000, 40_000)), "customer", "C", 16),
    (Service("M", "Manual", (1_000, 25_000)), "customer", "C", 14),
    (Service("gift_0001_20", "Gift Voucher 20.00", (16_670, 16_670)), "guest", "", 6),
    (Service("TEST001", "Test product, do not ship", (4_500, 4_500)), "guest", "", 2),
)
# Lines that join a purchase, and how often they do.
EXTRAS: Final = {
    "abroad": (Service("POST", "POSTAGE", (18_000, 18_000)), 0.3),
    "EIRE": (Service("C2", "CARRIAGE", (50_000, 50_000)), 0.8),
    "guest": (Service("DOT", "DOTCOM POSTAGE", (3_000, 40_000)), 0.09),
    "home": (Service("M", "Manual", (500, 15_000)), 0.006),
}
SERVICES: Final = (*(fee[0] for fee in FEES), *(extra[0] for extra in EXTRAS.values()))


def draw_orders(rng: Generator, customers: Sequence[Customer], shop: Shop) -> list[Order]:
    """Draw every order of the shop, by time."""
    orders: list[Order] = []
    for customer in customers:
        orders += orders_of(rng, customer, shop)
    orders += guest_orders(rng, shop)
    orders += fee_orders(rng, [c for c in customers if c.kind in ("steady", "whale")], shop)
    orders += write_offs(rng, shop)
    orders += adjustments(rng, shop)
    return sorted(orders, key=lambda order: order.minute)


def orders_of(rng: Generator, customer: Customer, shop: Shop) -> list[Order]:
    """Draw a customer's purchases and returns, with those whose purchase lies before the data."""
    kind = KINDS[customer.kind]
    buyer = Buyer(customer.kind, customer.customer_id, customer.country)
    if customer.kind == "only_returns":
        some = int(rng.integers(1, 4))
        return [
            return_unseen(rng, day, buyer, shop.catalogue, some, (1, 12))
            for day in customer.order_days
        ]
    orders: list[Order] = []
    if customer.kind == "returns_thousands":
        day = pick_days(rng, shop.weights, 0, customer.order_days[0] - 1, 1)[0]
        cheap = sorted(shop.catalogue, key=lambda product: product.price)[:12]
        orders.append(return_unseen(rng, day, buyer, cheap, 1, UNITS_RETURNED_UNSEEN))
    for day in customer.order_days:
        bought = purchase(rng, day, buyer, kind, kind.line_value * customer.spend, shop)
        orders += [bought, *returns_of(rng, bought, kind, shop)]
    return orders


def time_on(rng: Generator, day: int) -> int:
    """Draw a minute within a day's opening hours."""
    return day * DAY + int(rng.triangular(*OPENING_MINUTES))


def charge(rng: Generator, service: Service, quantity: int) -> Line:
    """Draw the line of a service, its price a multiple of 0.01."""
    price = int(rng.integers(*service.prices, endpoint=True)) // 10 * 10
    return Line(service.code, service.name, quantity, price)


def purchase(
    rng: Generator, day: int, buyer: Buyer, kind: Kind, line_value: float, shop: Shop
) -> Order:
    """Draw one purchase: distinct products in packs, sometimes at a discount or with postage.

    Parameters
    ----------
    rng : numpy.random.Generator
    day : int
        Days after the calendar's first day.
    buyer : Buyer
    kind : Kind
        How the buyer behaves.
    line_value : float
        The median money on a line, in whole units of currency.
    shop : Shop

    Returns
    -------
    Order
        One to 30 lines, and perhaps a service.
    """
    size = min(int(rng.geometric(1 / kind.lines)), 30)
    popularity = [product.popularity for product in shop.catalogue]
    picks = rng.choice(len(shop.catalogue), size, replace=False, p=popularity)
    values = line_value * np.exp(0.6 * rng.standard_normal(size))
    discounted = rng.random() < share("discounted_lines")
    lines = []
    for pick, value in zip(picks, values, strict=True):
        product = shop.catalogue[int(pick)]
        quantity = int(PACKS[np.abs(PACKS - 1000 * value / product.price).argmin()])
        price = round(product.price * DISCOUNT / 10) * 10 if discounted else product.price
        lines.append(Line(product.code, product.name, quantity, price))
    extra, chance = EXTRAS[extra_for(buyer)]
    if rng.random() < chance:
        lines.append(charge(rng, extra, 1))
    return Order(time_on(rng, day), "", buyer, tuple(lines))


def extra_for(buyer: Buyer) -> str:
    """Say which of the ``EXTRAS`` may join a buyer's purchase."""
    if buyer.kind == "guest":
        return "guest"
    if buyer.country == "EIRE":
        return "EIRE"
    return "home" if buyer.country == HOME else "abroad"


def returns_of(rng: Generator, bought: Order, kind: Kind, shop: Shop) -> list[Order]:
    """Draw what comes back of a purchase up to four weeks later, at the price that was paid.

    Parameters
    ----------
    rng : numpy.random.Generator
    bought : Order
        A purchase.
    kind : Kind
        How the buyer behaves.
    shop : Shop

    Returns
    -------
    list of Order
        One cancellation; none if nothing comes back before the calendar ends.
    """
    lines = []
    for line in bought.lines:
        part = rng.uniform(*kind.return_share)
        if rng.random() < kind.return_chance:
            lines.append(line._replace(quantity=-max(1, round(part * line.quantity))))
    day = open_day_from(shop.weights, bought.minute // DAY + int(rng.integers(2, 29)))
    if not lines or day is None:
        return []
    return [Order(time_on(rng, day), "C", bought.buyer, tuple(lines))]


def return_unseen(
    rng: Generator,
    day: int,
    buyer: Buyer,
    products: Sequence[Product],
    size: int,
    units: tuple[int, int],
) -> Order:
    """Draw a return whose purchase lies before the data.

    Parameters
    ----------
    rng : numpy.random.Generator
    day : int
        Days after the calendar's first day.
    buyer : Buyer
    products : sequence of Product
        What may come back.
    size : int
        The number of lines.
    units : tuple of int
        The fewest and the most units on a line.

    Returns
    -------
    Order
        A cancellation.
    """
    picks = [products[int(i)] for i in rng.choice(len(products), size, replace=False)]
    lines = [
        Line(product.code, product.name, -int(rng.integers(*units, endpoint=True)), product.price)
        for product in picks
    ]
    return Order(time_on(rng, day), "C", buyer, tuple(lines))


def guest_orders(rng: Generator, shop: Shop) -> list[Order]:
    """Draw the orders of guests, a few of which come back."""
    orders = []
    for day in pick_days(rng, shop.weights, 0, END, GUEST_ORDERS):
        abroad = rng.random() < GUESTS_ABROAD
        buyer = Buyer("guest", country=[*ABROAD][int(rng.integers(6))] if abroad else HOME)
        bought = purchase(rng, day, buyer, GUEST, GUEST.line_value, shop)
        orders += [bought, *returns_of(rng, bought, GUEST, shop)]
    return orders


def fee_orders(rng: Generator, customers: Sequence[Customer], shop: Shop) -> list[Order]:
    """Draw the invoices of one service; customers are charged after their first purchase."""
    orders = []
    for service, charged, prefix, size in FEES:
        for _ in range(size):
            customer = customers[int(rng.integers(len(customers)))]
            buyer, first = Buyer("fee"), 0
            if charged == "customer":
                buyer = Buyer("fee", customer.customer_id, customer.country)
                first = customer.order_days[0] + 1
            day = pick_days(rng, shop.weights, first, END, 1)[0]
            line = charge(rng, service, -1 if prefix else 1)
            orders.append(Order(time_on(rng, day), prefix, buyer, (line,)))
    return orders


def write_offs(rng: Generator, shop: Shop) -> list[Order]:
    """Draw the free lines without a customer: stock that was damaged, lost or found."""
    orders = []
    for day in pick_days(rng, shop.weights, 0, END, count("zero_price_lines") - FREE_GIFTS):
        code = shop.catalogue[int(rng.integers(len(shop.catalogue)))].code
        quantity = int(rng.geometric(0.04)) * (-1 if rng.random() < 0.75 else 1)
        line = Line(code, WRITE_OFFS[int(rng.integers(len(WRITE_OFFS)))], quantity, 0)
        orders.append(Order(time_on(rng, day), "", Buyer("write-off"), (line,)))
    return orders


def adjustments(rng: Generator, shop: Shop) -> list[Order]:
    """Draw a bad debt that is booked once and taken back twice, and another negative price."""
    day = pick_days(rng, shop.weights, 300, 500, 1)[0]
    debt = charge(rng, Service("B", "Adjust bad debt", BAD_DEBT), 1)
    taken_back = debt._replace(price=-debt.price)
    written = [("A", debt), ("A", taken_back), ("A", taken_back)]
    written.append(("", Line("M", "Manual", 1, -charge(rng, EXTRAS["home"][0], 1).price)))
    minute = time_on(rng, day)
    return [
        Order(minute + i, prefix, Buyer("adjustment"), (line,))
        for i, (prefix, line) in enumerate(written)
    ]
