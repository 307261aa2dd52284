"""The flaws that are planted in the demo seeds, and how often.

A rate of 1 or more is a count, which the finished seeds meet exactly; a rate below 1 is a share,
which they meet within ``tolerance``, because chance decides.
"""

from typing import Final, NamedTuple


class Flaw(NamedTuple):
    """One kind of flaw: how often it is planted, and what it is."""

    rate: float
    meaning: str
    tolerance: float = 0.0


FLAWS: Final[dict[str, Flaw]] = {
    # online_retail: who bought
    "guest_lines": Flaw(0.15, "share of lines without a customer (empty or 0)", 0.02),
    "guest_orders_with_id_0": Flaw(5, "guest orders whose customer id is 0 instead of empty"),
    "orders_with_decimal_id": Flaw(60, "orders whose customer id ends in .0"),
    "orders_with_spaced_id": Flaw(30, "orders whose customer id has a space before or after"),
    "customers_in_two_countries": Flaw(3, "customers who moved: later orders, another country"),
    # online_retail: what came back
    "cancelled_lines": Flaw(0.06, "share of lines on invoices C..., with negative quantity", 0.01),
    "customers_returning_everything": Flaw(14, "customers who returned every unit they bought"),
    "customers_returning_thousands": Flaw(5, "customers whose return rate is over 5,000 %"),
    "customers_only_returning": Flaw(8, "customers with returns and no purchase in the data"),
    # online_retail: what the line says
    "service_lines": Flaw(0.019, "share of lines with a service code: postage, fees, ...", 0.004),
    "odd_service_codes": Flaw(10, "service codes in lower case or with spaces around"),
    "discounted_lines": Flaw(0.04, "share of merchandise lines below the usual price", 0.015),
    "zero_price_lines": Flaw(100, "lines that cost nothing: write-offs, finds, free gifts"),
    "adjustment_lines": Flaw(4, "invoices A... of a bad debt, and one other negative price"),
    "unreadable_lines": Flaw(12, "lines with one value missing or not readable"),
    "mistyped_quantities": Flaw(4, "orders with two zeros too many in their largest quantity"),
    # online_retail: what came twice
    "repeated_orders": Flaw(8, "orders in which every line occurs exactly twice"),
    "repeated_lines": Flaw(60, "lines that occur twice in an order that is not repeated"),
    # olist
    "people_with_several_orders": Flaw(0.045, "share of persons with more than one order", 0.005),
    "orders_not_delivered": Flaw(0.03, "share of orders with another status", 0.01),
    "orders_with_several_payments": Flaw(0.05, "share of orders paid in parts", 0.015),
    "delivered_orders_without_payment": Flaw(1, "delivered orders that nobody paid"),
    # department_store
    "rows_with_shared_id": Flaw(0.27, "share of rows whose customer_id another row has too", 0.005),
    "pairs_with_same_id_and_first_date": Flaw(4, "pairs alike in id and first purchase date only"),
    "rows_without_subscription": Flaw(9, "rows with an empty subscription_status"),
    # shopify
    "till_orders": Flaw(0.04, "share of orders without an e-mail address", 0.015),
    "odd_emails": Flaw(25, "orders whose e-mail address has capitals and spaces around"),
    "cancelled_orders": Flaw(0.03, "share of orders that were cancelled", 0.01),
    "unpaid_orders": Flaw(0.02, "share of orders that are pending or voided", 0.01),
    "refunded_orders": Flaw(0.08, "share of orders of which something was paid back", 0.02),
    "orders_exported_twice": Flaw(20, "orders whose rows are there twice, as exports overlap"),
}


def count(name: str) -> int:
    """Return the rate of a flaw that is planted as a count."""
    return int(FLAWS[name].rate)


def share(name: str) -> float:
    """Return the rate of a flaw that is planted as a share."""
    return FLAWS[name].rate
