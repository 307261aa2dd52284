"""What goes wrong in the online shop's extract. No order carries more than one dealt flaw."""

from collections.abc import Mapping, Sequence
from typing import Final

from numpy.random import Generator

from .flaws import count
from .online_retail_customers import HOME, USUAL_KINDS
from .online_retail_orders import DAY, FREE_GIFTS, SERVICES, Order

HEADER: Final = (
    "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID",
    "Country",
)  # fmt: skip
UNREADABLE: Final = (
    ("Quantity", "six"), ("Quantity", "1O"), ("Quantity", "n/a"),
    ("InvoiceDate", "13/45/2024"), ("InvoiceDate", "2/30/2025 10:15"), ("InvoiceDate", "soon"),
    ("InvoiceDate", ""), ("InvoiceDate", ""), ("InvoiceNo", ""), ("InvoiceNo", ""),
    ("UnitPrice", "n/a"), ("UnitPrice", "ask"),
)  # fmt: skip
REPEATED_GUEST_ORDERS: Final = 2  # of the repeated orders
MOVING_DAY: Final = 500
NEW_COUNTRY: Final = "Belgium"

Row = tuple[str, ...]
Dealt = Mapping[str, Sequence[int]]


def deal_flaws(rng: Generator, orders: Sequence[Order]) -> Dealt:
    """Deal flaws to purchases of three or more lines, by guests or customers of the usual kinds.

    Parameters
    ----------
    rng : numpy.random.Generator
    orders : sequence of Order

    Returns
    -------
    mapping of str to sequence of int
        The positions of the orders that carry each flaw; no order appears twice.
    """
    buys = [i for i, order in enumerate(orders) if not order.prefix and len(order.lines) >= 3]
    known = [i for i in buys if orders[i].buyer.kind in USUAL_KINDS]
    guests = [i for i in buys if orders[i].buyer.kind == "guest"]
    names = (
        "orders_with_decimal_id", "orders_with_spaced_id", "repeated_lines", "unreadable_lines",
    )  # fmt: skip
    repeated = count("repeated_orders") - REPEATED_GUEST_ORDERS
    sizes = {name: count(name) for name in names} | {"gifts": FREE_GIFTS, "repeated": repeated}
    sizes["mistyped_quantities"] = count("mistyped_quantities")
    dealt = deal(rng, known, sizes)
    zeros = count("guest_orders_with_id_0")
    to_guests = deal(rng, guests, {"zeros": zeros, "repeated": REPEATED_GUEST_ORDERS})
    return {
        **dealt,
        "guest_orders_with_id_0": to_guests["zeros"],
        "repeated": [*dealt["repeated"], *to_guests["repeated"]],
    }


def deal(rng: Generator, pool: Sequence[int], sizes: Mapping[str, int]) -> Dealt:
    """Draw named samples of some sizes from a pool, without overlap."""
    cards = [pool[int(i)] for i in rng.permutation(len(pool))]
    dealt = {}
    for name, size in sizes.items():
        dealt[name], cards = cards[:size], cards[size:]
    return dealt


def spoil_orders(rng: Generator, orders: Sequence[Order], dealt: Dealt) -> list[Order]:
    """Plant the flaws of whole orders: customers who moved, odd ids, free gifts."""
    spoilt = move_customers(rng, orders)
    for i in dealt["orders_with_decimal_id"]:
        spoilt[i] = with_id(spoilt[i], f"{spoilt[i].buyer.customer_id}.0")
    for nth, i in enumerate(dealt["orders_with_spaced_id"]):
        before, after = (" ", "") if nth % 2 else ("", " ")
        spoilt[i] = with_id(spoilt[i], f"{before}{spoilt[i].buyer.customer_id}{after}")
    for i in dealt["guest_orders_with_id_0"]:
        spoilt[i] = with_id(spoilt[i], "0")
    for i in dealt["gifts"]:
        gift = spoilt[i].lines[0]._replace(quantity=1, price=0)
        spoilt[i] = spoilt[i]._replace(lines=(*spoilt[i].lines, gift))
    return spoilt


def with_id(order: Order, customer_id: str) -> Order:
    """Return an order with another text for the customer's id."""
    return order._replace(buyer=order.buyer._replace(customer_id=customer_id))


def move_customers(rng: Generator, orders: Sequence[Order]) -> list[Order]:
    """Let a few frequent customers order from another country from some day on."""
    settled = sorted(
        {
            order.buyer.customer_id
            for order in orders
            if order.buyer.kind == "whale"
            and order.buyer.country == HOME
            and order.minute < MOVING_DAY * DAY
        }
    )
    size = count("customers_in_two_countries")
    movers = [settled[int(i)] for i in rng.permutation(len(settled))[:size]]
    return [
        order._replace(buyer=order.buyer._replace(country=NEW_COUNTRY))
        if order.buyer.customer_id in movers and order.minute >= MOVING_DAY * DAY
        else order
        for order in orders
    ]


def spoil_invoices(rng: Generator, invoices: Sequence[list[Row]], dealt: Dealt) -> list[list[Row]]:
    """Plant the flaws of written lines: odd codes, unreadable values, repetitions.

    Parameters
    ----------
    rng : numpy.random.Generator
    invoices : sequence of list of Row
        The rows of each order.
    dealt : mapping of str to sequence of int
        The positions of the orders that carry each flaw.

    Returns
    -------
    list of list of Row
        The rows of each order.
    """
    spoilt = [*invoices]
    code = HEADER.index("StockCode")
    codes = [service.code for service in SERVICES if service.code.isupper()]
    flawed = [i for positions in dealt.values() for i in positions]
    services = [i for i, rows in enumerate(invoices) if rows[-1][code] in codes and i not in flawed]
    hand = deal(rng, services, {"odd_service_codes": count("odd_service_codes")})
    for nth, i in enumerate(hand["odd_service_codes"]):
        text = spoilt[i][-1][code]
        odd = (text.lower(), f"{text} ", f" {text}")[nth % 3]
        spoilt[i] = [*spoilt[i][:-1], replaced(spoilt[i][-1], "StockCode", odd)]
    for (column, value), i in zip(UNREADABLE, dealt["unreadable_lines"], strict=True):
        spoilt[i] = [replaced(spoilt[i][0], column, value), *spoilt[i][1:]]
    for i in dealt["mistyped_quantities"]:
        spoilt[i] = with_mistyped_quantity(spoilt[i])
    for i in dealt["repeated_lines"]:
        spoilt[i] = [*spoilt[i], spoilt[i][int(rng.integers(len(spoilt[i])))]]
    for i in dealt["repeated"]:
        spoilt[i] = spoilt[i] * 2
    return spoilt


def with_mistyped_quantity(rows: list[Row]) -> list[Row]:
    """Return an order's rows with two zeros too many in the largest quantity."""
    quantities = [int(row[HEADER.index("Quantity")]) for row in rows]
    at = quantities.index(max(quantities))
    return [*rows[:at], replaced(rows[at], "Quantity", f"{max(quantities)}00"), *rows[at + 1 :]]


def replaced(row: Row, column: str, value: str) -> Row:
    """Return a row with the value of one column replaced."""
    at = HEADER.index(column)
    return (*row[:at], value, *row[at + 1 :])
