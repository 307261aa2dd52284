"""Ids that two of the demo's shops have in common: a join that forgets the shop finds strangers."""

import re
from collections.abc import Sequence
from typing import Final

from .tables import Table

SHARED: Final = {
    "customer_unique_id": "CustomerID",
    "order_id": "InvoiceNo",
    "product_id": "StockCode",
}
"""By column of the marketplace, the column of the online retailer that it takes ids from."""


def share_ids(lines: Table, tables: Sequence[Table]) -> list[Table]:
    """Give every second customer, order and product of one shop an id of the other's.

    Parameters
    ----------
    lines
        The order lines of the shop that lends its ids.
    tables
        The tables of the shop that takes them.

    Returns
    -------
    The tables with the same rows in the same order.
    """
    borrowed: dict[str, dict[str, str]] = {}
    for column, lender in SHARED.items():
        ids = [value for value in distinct(lines, lender) if re.fullmatch(r"[1-9]\w*", value)]
        own = next(distinct(table, column) for table in tables if column in table.header)
        borrowed[column] = dict(zip(own[::2], ids, strict=False))
    return [exchanged(table, borrowed) for table in tables]


def distinct(table: Table, column: str) -> list[str]:
    """List the values of a column, each once, by first appearance."""
    place = table.header.index(column)
    return list(dict.fromkeys(row[place] for row in table.rows))


def exchanged(table: Table, borrowed: dict[str, dict[str, str]]) -> Table:
    """Put borrowed ids in the place of a table's own."""
    rows = [
        tuple(
            borrowed.get(column, {}).get(value, value)
            for column, value in zip(table.header, row, strict=True)
        )
        for row in table.rows
    ]
    return table._replace(rows=rows)
