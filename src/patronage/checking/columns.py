"""Which column of a file is which, guessed by headers and values, each guess with its reason."""

from collections.abc import Sequence
from typing import NamedTuple

from patronage.landing.records import plain

MOST = 0.9
"""The share of values that are of a kind, from which a column is of this kind."""

NEEDED = {
    "order_lines": ("order_id", "customer_id", "ordered_at", "quantity"),
    "orders": ("order_id", "customer_id", "ordered_at", "amount"),
    "customers": (
        "customer_id", "first_ordered_on", "last_ordered_on", "frequency", "gross_revenue",
    ),
}  # fmt: skip
"""By grain, the columns that a shop needs; of a line ``unit_price`` or ``amount`` besides."""


class Column(NamedTuple):
    """A column of a file: how many of its values there are, and of which kinds."""

    header: str
    values: int
    distinct: int
    dates: int
    numbers: int
    emails: int

    def is_mostly(self, kind: str) -> bool:
        """Whether nearly all values are of a kind (``dates``, ``numbers``, ``emails``, ``any``)."""
        count = self.values if kind == "any" else int(getattr(self, kind))
        return self.values > 0 and count >= MOST * self.values


class Wanted(NamedTuple):
    """What is looked for: the kind of values, and headers in the order of preference.

    Headers are in lower case, without spaces and signs.
    """

    kind: str
    headers: str


class Guess(NamedTuple):
    """The header that a column was found under, and why."""

    header: str
    reason: str


ORDERS = {
    "order_id": Wanted(
        "any",
        "orderid orderno ordernumber order invoiceno invoiceid invoicenumber invoice receiptno"
        " receiptid receipt transactionid transaction",
    ),
    "customer_id": Wanted(
        "any",
        "customerid customerno customernumber customeruniqueid customer clientid client buyerid"
        " buyer userid memberid accountid cardno card customeremail emailaddress email",
    ),
    "ordered_at": Wanted(
        "dates",
        "orderdate orderedat ordertime orderpurchasetimestamp invoicedate purchasedate createdat"
        " transactiondate placedat datetime timestamp date time day",
    ),
    "country": Wanted("any", "country countrycode shippingcountry billingcountry"),
}
WANTED = {
    "order_lines": ORDERS
    | {
        "quantity": Wanted("numbers", "quantity qty pieces units"),
        "unit_price": Wanted("numbers", "unitprice itemprice priceeach price each"),
        "amount": Wanted("numbers", "linetotal lineamount"),
        "product_id": Wanted(
            "any",
            "productid productcode sku stockcode itemid itemcode articleno articleid article",
        ),
        "product_name": Wanted("any", "productname description itemname product item title"),
    },
    "orders": ORDERS
    | {
        "amount": Wanted(
            "numbers",
            "ordertotal grandtotal totalamount totalprice total amount paymentvalue revenue sales"
            " paid value subtotal",
        ),
        "returned_amount": Wanted("numbers", "refundedamount returnedamount refund refunded"),
        "units": Wanted("numbers", "units items quantity qty"),
        "order_status": Wanted("any", "orderstatus status financialstatus"),
        "state": Wanted("any", "state province region shippingprovince"),
    },
    "customers": {
        "customer_id": ORDERS["customer_id"],
        "first_ordered_on": Wanted(
            "dates", "firstorderedon firstorderdate firstpurchasedate firstpurchase firstorder"
        ),
        "last_ordered_on": Wanted(
            "dates", "lastorderedon lastorderdate lastpurchasedate lastpurchase lastorder"
        ),
        "frequency": Wanted(
            "numbers", "frequency numberoforders orders totalorders orderscount purchases"
        ),
        "gross_revenue": Wanted(
            "numbers", "grossrevenue totalspend totalspent lifetimevalue revenue spend total"
        ),
        "country": ORDERS["country"],
        "state": Wanted("any", "state province region"),
    },
}
"""By grain and column, what it is recognised by."""


def guess_columns(columns: Sequence[Column], grain: str) -> dict[str, Guess]:
    """Guess which column of a file is which of a shop's.

    Parameters
    ----------
    columns
        The columns of the file.
    grain
        A key of ``WANTED``.

    Returns
    -------
    By column of the shop: the header, and the reason. What is not found is left out.
    """
    guesses: dict[str, Guess] = {}
    for name, wanted in WANTED[grain].items():
        taken = {guess.header for guess in guesses.values()}
        free = [column for column in columns if column.header not in taken]
        if found := find_by_header(free, wanted) or find_by_values(free, name):
            guesses[name] = found
    if "unit_price" in guesses and "amount" in guesses:
        del guesses["unit_price"]  # a total holds discounts and weights, too
    return guesses


def find_by_header(columns: Sequence[Column], wanted: Wanted) -> Guess | None:
    """Find the column with the most preferred header whose values are of the kind."""
    fitting = {plain(column.header): column for column in columns if column.is_mostly(wanted.kind)}
    kind = "" if wanted.kind == "any" else f", and its values are {wanted.kind}"
    for header in wanted.headers.split():
        if header in fitting:
            return Guess(fitting[header].header, f"its header{kind}")
    for header in wanted.headers.split():
        for spelling, column in fitting.items():
            if len(header) > 3 and header in spelling:  # "day" is in "birthday"
                return Guess(column.header, f'"{header}" in its header{kind}')
    return None


def find_by_values(columns: Sequence[Column], name: str) -> Guess | None:
    """Find the column that alone has values of the kind that tells."""
    kind = {"ordered_at": "dates", "customer_id": "emails"}.get(name)
    fitting = [column for column in columns if kind and column.is_mostly(kind)]
    words = {"dates": "dates", "emails": "e-mail addresses"}.get(str(kind))
    return Guess(fitting[0].header, f"no other has {words}") if len(fitting) == 1 else None


def guess_grain(columns: Sequence[Column]) -> tuple[str, str]:
    """Guess what a row of the file is.

    Parameters
    ----------
    columns
        The columns of the file.

    Returns
    -------
    A key of ``WANTED``, and the reason.
    """
    found = {grain: guess_columns(columns, grain) for grain in WANTED}
    distinct = {column.header: column.values == column.distinct for column in columns}
    if set(NEEDED["customers"]) <= found["customers"].keys():
        return "customers", "it has first and last days, a number of orders and a revenue"
    lines = found["order_lines"]
    has_prices = "quantity" in lines and ("unit_price" in lines or "amount" in lines)
    is_repeated = "order_id" in lines and not distinct[lines["order_id"].header]
    if has_prices and (is_repeated or "amount" not in found["orders"]):
        repeated = f"{lines['order_id'].header} repeats, and " if is_repeated else ""
        return "order_lines", f"{repeated}it has quantities and prices"
    return "orders", "it has no quantities and prices" if not has_prices else "no order repeats"
