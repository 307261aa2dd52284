"""The demo's marketplace: orders, items, payments and customers in four tables."""

from typing import Final, NamedTuple

import numpy as np
from numpy.random import Generator

from .flaws import count, share
from .tables import DAYS, FIRST_DAY, Table, money

PEOPLE: Final = 1_040
EXTRA_ORDERS: Final = (0.75, 0.2, 0.05)  # of those with several: one more, two more, three more
PRODUCTS: Final = 160
SELLERS: Final = 45
ITEMS_PER_ORDER: Final = (0.9, 0.075, 0.025)  # one, two, three
STATUSES: Final = {
    "shipped": 0.36, "canceled": 0.21, "unavailable": 0.21, "invoiced": 0.1, "processing": 0.1,
    "approved": 0.02,
}  # fmt: skip
PAYMENT_TYPES: Final = {"credit_card": 0.78, "boleto": 0.2, "debit_card": 0.02}
MOST_INSTALMENTS: Final = 10
YEARLY_GROWTH: Final = 0.8
ORDER_DAYS: Final = DAYS - 30  # the extract was taken when the last orders had arrived

HOUR: Final = 3600
DAY: Final = 24 * HOUR


class City(NamedTuple):
    """A city: its share of customers in per mille, and where its postal codes start."""

    name: str
    state: str
    share: int
    first_zip: int


CITIES: Final = (
    City("sao paulo", "SP", 260, 1_000), City("campinas", "SP", 80, 13_010),
    City("santos", "SP", 70, 11_010), City("rio de janeiro", "RJ", 100, 20_010),
    City("niteroi", "RJ", 30, 24_020), City("belo horizonte", "MG", 80, 30_110),
    City("juiz de fora", "MG", 37, 36_010), City("porto alegre", "RS", 55, 90_010),
    City("curitiba", "PR", 51, 80_010), City("florianopolis", "SC", 37, 88_010),
    City("salvador", "BA", 34, 40_010), City("brasilia", "DF", 22, 70_040),
    City("vitoria", "ES", 20, 29_010), City("goiania", "GO", 20, 74_010),
    City("recife", "PE", 17, 50_010), City("fortaleza", "CE", 14, 60_010),
    City("belem", "PA", 10, 66_010), City("cuiaba", "MT", 9, 78_005),
    City("manaus", "AM", 2, 69_005),
)  # fmt: skip


class Item(NamedTuple):
    """One piece in an order; amounts in cents."""

    product_id: str
    seller_id: str
    price: int
    freight: int


class Order(NamedTuple):
    """One order; ``bought_at`` in seconds after the calendar's first midnight."""

    order_id: str
    customer_id: str
    bought_at: int
    status: str
    items: tuple[Item, ...]


def olist_tables(rng: Generator) -> list[Table]:
    """Draw the marketplace's four tables: orders, items, payments and customers."""
    catalogue = draw_catalogue(rng)
    people = draw_people(rng)
    orders: list[Order] = []
    customers: list[tuple[str, ...]] = []
    for person, bought_at in draw_order_times(rng):
        customer_id = hex_id(rng)
        orders.append(draw_order(rng, customer_id, bought_at, catalogue))
        customers.append((customer_id, *people[person]))
    delivered = [i for i, order in enumerate(orders) if order.status == "delivered"]
    unpaid = rng.permutation(delivered)[: count("delivered_orders_without_payment")]
    payments = [
        row for i, order in enumerate(orders) if i not in unpaid for row in payment_rows(rng, order)
    ]
    return [
        Table(
            "olist/demo_olist_orders.csv",
            ("order_id", "customer_id", "order_status", "order_purchase_timestamp",
             "order_approved_at", "order_delivered_carrier_date", "order_delivered_customer_date",
             "order_estimated_delivery_date"),
            [order_row(rng, order) for order in orders],
        ),
        Table(
            "olist/demo_olist_order_items.csv",
            ("order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price",
             "freight_value"),
            [row for order in orders for row in item_rows(order)],
        ),
        Table(
            "olist/demo_olist_order_payments.csv",
            ("order_id", "payment_sequential", "payment_type", "payment_installments",
             "payment_value"),
            payments,
        ),
        Table(
            "olist/demo_olist_customers.csv",
            ("customer_id", "customer_unique_id", "customer_zip_code_prefix", "customer_city",
             "customer_state"),
            customers,
        ),
    ]  # fmt: skip


def hex_id(rng: Generator) -> str:
    """Draw an id of 32 hexadecimal digits."""
    return rng.bytes(16).hex()


def timestamp(seconds: int) -> str:
    """Write seconds after the calendar's first midnight as ``2023-12-01 10:56:33``."""
    return str(FIRST_DAY + np.timedelta64(seconds, "s")).replace("T", " ")


def pick(rng: Generator, shares: dict[str, float]) -> str:
    """Draw a key by its share."""
    return [*shares][int(rng.choice(len(shares), p=[*shares.values()]))]


def draw_catalogue(rng: Generator) -> list[Item]:
    """Draw products with their seller, skewed prices around 75, and freight."""
    sellers = [hex_id(rng) for _ in range(SELLERS)]
    prices = np.clip(75 * np.exp(0.85 * rng.standard_normal(PRODUCTS)), 6, 1800)
    freights = np.clip(16 * np.exp(0.4 * rng.standard_normal(PRODUCTS)), 7, 90)
    return [
        Item(
            hex_id(rng),
            sellers[int(rng.integers(SELLERS))],
            int(price) * 100 + 90,
            round(float(freight) * 100),
        )
        for price, freight in zip(prices, freights, strict=True)
    ]


def draw_people(rng: Generator) -> list[tuple[str, str, str, str]]:
    """Draw the persons.

    Returns
    -------
    list of tuple of str
        customer_unique_id, postal code of five digits, city and state.
    """
    shares = np.array([city.share for city in CITIES])
    people = []
    for at in rng.choice(len(CITIES), PEOPLE, p=shares / shares.sum()):
        city = CITIES[int(at)]
        code = city.first_zip + int(rng.integers(900))
        people.append((hex_id(rng), f"{code:05d}", city.name, city.state))
    return people


def draw_order_times(rng: Generator) -> list[tuple[int, int]]:
    """Draw who orders when; a few persons order more than once.

    Returns
    -------
    list of tuple of int
        Person and seconds after the calendar's first midnight, by time.
    """
    again = rng.permutation(PEOPLE)[: round(share("people_with_several_orders") * PEOPLE)]
    extra = 1 + rng.choice(len(EXTRA_ORDERS), again.size, p=EXTRA_ORDERS)
    buyers = [*range(PEOPLE), *(int(i) for i in np.repeat(again, extra))]
    busy = 1 + YEARLY_GROWTH * np.arange(ORDER_DAYS) / 365
    days = rng.choice(ORDER_DAYS, len(buyers), p=busy / busy.sum())
    seconds = np.clip(15 * HOUR + 4 * HOUR * rng.standard_normal(len(buyers)), 0, DAY - 1)
    times = days * DAY + seconds.astype(int)
    return sorted(zip(buyers, (int(time) for time in times), strict=True), key=lambda pair: pair[1])


def draw_order(rng: Generator, customer_id: str, bought_at: int, catalogue: list[Item]) -> Order:
    """Draw an order: its status, and one to three pieces of a product unless unavailable."""
    late = rng.random() < share("orders_not_delivered")
    status = pick(rng, STATUSES) if late else "delivered"
    pieces = 1 + int(rng.choice(len(ITEMS_PER_ORDER), p=ITEMS_PER_ORDER))
    item = catalogue[int(rng.integers(len(catalogue)))]
    items = () if status == "unavailable" else (item,) * pieces
    return Order(hex_id(rng), customer_id, bought_at, status, items)


def order_row(rng: Generator, order: Order) -> tuple[str, ...]:
    """Write an order; steps that its status has not reached stay empty."""
    approved = order.bought_at + int(rng.exponential(10 * HOUR)) + 600
    carried = approved + int(rng.gamma(2.0, 1.3 * DAY))
    delivered = carried + int(rng.gamma(2.5, 3.6 * DAY))
    expected = (order.bought_at // DAY + int(rng.integers(14, 35))) * DAY
    reached = {"delivered": 3, "shipped": 2}.get(order.status, 1)
    steps = [timestamp(step) for step in (approved, carried, delivered)][:reached]
    steps += [""] * (3 - reached)
    return (
        order.order_id, order.customer_id, order.status, timestamp(order.bought_at), *steps,
        timestamp(expected),
    )  # fmt: skip


def item_rows(order: Order) -> list[tuple[str, ...]]:
    """Write an order's items, one row per piece."""
    limit = timestamp(order.bought_at + 6 * DAY)
    return [
        (
            order.order_id, str(number), item.product_id, item.seller_id, limit, money(item.price),
            money(item.freight),
        )
        for number, item in enumerate(order.items, start=1)
    ]  # fmt: skip


def payment_rows(rng: Generator, order: Order) -> list[tuple[str, ...]]:
    """Write an order's payments, which sum to its price and freight.

    Parameters
    ----------
    rng : numpy.random.Generator
    order : Order
        An order without items was paid nevertheless.

    Returns
    -------
    list of tuple of str
        One payment, or vouchers beside it.
    """
    total = sum(item.price + item.freight for item in order.items) or int(
        rng.integers(3_000, 20_000)
    )
    kind = pick(rng, PAYMENT_TYPES)
    vouchers: list[int] = []
    if rng.random() < share("orders_with_several_payments"):
        vouchers = [int(total * rng.uniform(0.1, 0.3)) for _ in range(int(rng.integers(1, 4)))]
    instalments = min(int(rng.geometric(0.3)), MOST_INSTALMENTS) if kind == "credit_card" else 1
    payments = [(kind, instalments, total - sum(vouchers)), *(("voucher", 1, v) for v in vouchers)]
    return [
        (order.order_id, str(number), name, str(parts), money(value))
        for number, (name, parts, value) in enumerate(payments, start=1)
    ]
