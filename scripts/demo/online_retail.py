"""The demo's online shop: order lines with returns, guests and everything that goes wrong."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.random import Generator

from .online_retail_customers import draw_customers
from .online_retail_flaws import HEADER, Row, deal_flaws, spoil_invoices, spoil_orders
from .online_retail_orders import Order, Shop, draw_orders
from .products import draw_catalogue
from .tables import FIRST_DAY, Table, day_weights

FIRST_INVOICE: Final = 600_001


def online_retail_tables(rng: Generator) -> list[Table]:
    """Draw the shop's one table: one row per order line, by time."""
    shop = Shop(draw_catalogue(rng), day_weights())
    orders = draw_orders(rng, draw_customers(rng, shop.weights), shop)
    dealt = deal_flaws(rng, orders)
    orders = spoil_orders(rng, orders, dealt)
    invoices = spoil_invoices(rng, write_invoices(orders), dealt)
    rows = [row for invoice in invoices for row in invoice]
    return [Table("online_retail/demo_online_retail_order_lines.csv", HEADER, rows)]


def write_invoices(orders: Sequence[Order]) -> list[list[Row]]:
    """Give every order a number and write its lines as rows of text."""
    return [
        [
            (
                f"{order.prefix}{FIRST_INVOICE + i}",
                line.code,
                line.name,
                str(line.quantity),
                written_time(order.minute),
                written_price(line.price),
                order.buyer.customer_id,
                order.buyer.country,
            )
            for line in order.lines
        ]
        for i, order in enumerate(orders)
    ]


def written_time(minute: int) -> str:
    """Write a time without leading zeros, for example ``12/1/2023 8:26``."""
    date, time = str(FIRST_DAY + np.timedelta64(minute, "m")).split("T")
    year, month, day = date.split("-")
    return f"{int(month)}/{int(day)}/{year} {int(time[:2])}:{time[3:]}"


def written_price(thousandths: int) -> str:
    """Write a price with two decimals, or three where it has them: ``2.95``, ``-0.125``."""
    text = f"{abs(thousandths) // 1000}.{abs(thousandths) % 1000:03d}"
    return ("-" if thousandths < 0 else "") + text.removesuffix("0")
