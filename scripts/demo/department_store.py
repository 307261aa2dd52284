"""The demo's department store: one row per customer, and ids that are not unique."""

from collections import Counter
from typing import Final, NamedTuple

from numpy.random import Generator

from .flaws import count, share
from .tables import DAYS, FIRST_DAY, Table, money

HEADER: Final = (
    "customer_id", "age", "gender", "country", "total_spend", "average_order_value",
    "number_of_orders", "first_purchase_date", "last_purchase_date", "subscription_status",
)  # fmt: skip
FIRST_CUSTOMER_ID: Final = 4_001
COUNTRIES: Final = (
    "Canada", "France", "Germany", "Ireland", "Italy", "Netherlands", "Spain", "United Kingdom",
    "United States",
)  # fmt: skip
GENDERS: Final = ("Female", "Male", "Other")
GENDER_SHARES: Final = (0.51, 0.46, 0.03)
AGES: Final = (18, 82)
PREMIUM_UPLIFT: Final = 1.12  # what Premium customers spend per order, within their kind
TRIPLES: Final = 9  # numbers that three customers share; the others are shared by two
SHARE_STANDARD: Final = 0.65  # of those who are not Premium; the others have none


class Kind(NamedTuple):
    """How one kind of customer behaves; money in cents."""

    customers: int
    orders: tuple[int, int]
    order_value: tuple[int, int]
    recency_days: tuple[int, int]
    tenure_days: tuple[int, int]
    premium: float


KINDS: Final = (
    Kind(120, (4, 12), (22_000, 46_000), (2, 160), (200, 700), 0.4),  # high tickets
    Kind(170, (18, 40), (4_500, 9_500), (1, 90), (300, 700), 0.4),  # repeat buyers
    Kind(210, (1, 8), (2_500, 8_000), (1, 150), (20, 400), 0.25),  # recent, low value
    Kind(200, (1, 6), (2_500, 8_000), (260, 620), (10, 300), 0.2),  # dormant, low value
)


class Customer(NamedTuple):
    """One person; days count from the calendar's first day (or back), money in cents."""

    age: int
    gender: str
    country: str
    order_value: int
    orders: int
    first_day: int
    last_day: int
    subscription: str


def department_store_tables(rng: Generator) -> list[Table]:
    """Draw the store's one table: one row per customer, in random order."""
    drawn = [draw_customer(rng, kind) for kind in KINDS for _ in range(kind.customers)]
    customers = [drawn[int(i)] for i in rng.permutation(len(drawn))]
    for i in rng.permutation(len(customers))[: count("rows_without_subscription")]:
        customers[int(i)] = customers[int(i)]._replace(subscription="")
    numbered = share_first_days(share_ids(rng, customers))
    rows = [written(FIRST_CUSTOMER_ID + id_, customer) for id_, customer in numbered]
    return [Table("department_store/demo_department_store_customers.csv", HEADER, rows)]


def draw_customer(rng: Generator, kind: Kind) -> Customer:
    """Draw one person; who ordered once has equal first and last days."""
    orders = int(rng.integers(kind.orders[0], kind.orders[1] + 1))
    value = int(rng.integers(*kind.order_value))
    last_day = DAYS - int(rng.integers(*kind.recency_days))
    first_day = last_day - int(rng.integers(*kind.tenure_days)) if orders > 1 else last_day
    subscription = "Standard" if rng.random() < SHARE_STANDARD else "None"
    if rng.random() < kind.premium:
        subscription = "Premium"
        value = round(value * PREMIUM_UPLIFT)
    return Customer(
        age=int(rng.integers(AGES[0], AGES[1] + 1)),
        gender=GENDERS[int(rng.choice(len(GENDERS), p=GENDER_SHARES))],
        country=COUNTRIES[int(rng.integers(len(COUNTRIES)))],
        order_value=value,
        orders=orders,
        first_day=first_day,
        last_day=last_day,
        subscription=subscription,
    )


def share_ids(rng: Generator, customers: list[Customer]) -> list[tuple[int, Customer]]:
    """Give every customer a number, some of them shared by two or three different persons.

    Parameters
    ----------
    rng : numpy.random.Generator
    customers : list of Customer

    Returns
    -------
    list of tuple
        Number and customer, in the order of ``customers``. Those who share a number differ in
        age, gender and country.
    """
    sharing = round(share("rows_with_shared_id") * len(customers))
    places = [int(i) for i in rng.permutation(len(customers))]
    sizes = [3] * TRIPLES + [2] * ((sharing - 3 * TRIPLES) // 2)
    sizes += [1] * (len(customers) - sum(sizes))
    numbered: dict[int, tuple[int, Customer]] = {}
    for number, size in zip(rng.permutation(len(sizes)), sizes, strict=True):
        group, places = places[:size], places[size:]
        first = customers[group[0]]
        for nth, place in enumerate(group):
            gender = GENDERS.index(first.gender)
            other = customers[place]._replace(
                age=AGES[0] + (first.age - AGES[0] + 19 * nth) % (AGES[1] - AGES[0] + 1),
                gender=GENDERS[(gender + nth) % size] if nth else first.gender,
                country=COUNTRIES[(COUNTRIES.index(first.country) + nth) % len(COUNTRIES)],
            )
            numbered[place] = (int(number), other)
    return [numbered[place] for place in range(len(customers))]


def share_first_days(numbered: list[tuple[int, Customer]]) -> list[tuple[int, Customer]]:
    """Let a few of the pairs who share a number have the same first purchase date, too."""
    shared = list(numbered)
    sizes = Counter(number for number, _ in numbered)
    left = count("pairs_with_same_id_and_first_date")
    seen: dict[int, Customer] = {}
    for i, (number, customer) in enumerate(numbered):
        twin = seen.setdefault(number, customer)
        fits = customer.orders > 1 and twin.first_day < customer.last_day and sizes[number] == 2
        if twin is not customer and fits and left > 0:
            shared[i] = (number, customer._replace(first_day=twin.first_day))
            left -= 1
    return shared


def written(customer_id: int, customer: Customer) -> tuple[str, ...]:
    """Write a customer in the columns of ``HEADER``."""
    return (
        str(customer_id), str(customer.age), customer.gender, customer.country,
        money(customer.order_value * customer.orders), money(customer.order_value),
        str(customer.orders), str(FIRST_DAY + customer.first_day),
        str(FIRST_DAY + customer.last_day), customer.subscription,
    )  # fmt: skip
