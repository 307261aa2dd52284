"""RFM-R computed a second time in pandas, from the raw file, sharing no code with the warehouse."""

from pathlib import Path

import numpy as np
import pandas as pd

from warehouse import PROJECT, query

SERVICES = set(pd.read_csv(PROJECT / "seeds/reference/service_codes.csv")["product_id"])


def rfm_r(lines: pd.DataFrame) -> pd.DataFrame:
    """RFM-R of each customer from lines of text with the headers of Online Retail."""
    lines = lines.copy()
    lines["customer_id"] = (
        lines["CustomerID"].str.strip().str.removesuffix(".0").replace({"": None, "0": None})
    )
    lines["quantity"] = pd.to_numeric(lines["Quantity"], errors="coerce")
    lines["price"] = pd.to_numeric(lines["UnitPrice"], errors="coerce").mul(10_000).round()
    lines["at"] = pd.to_datetime(lines["InvoiceDate"], format="%m/%d/%Y %H:%M", errors="coerce")
    lines = lines[
        lines["InvoiceNo"].fillna("").ne("")
        & lines[["quantity", "price", "at"]].notna().all(axis=1)
    ]
    columns = [
        "InvoiceNo",
        "StockCode",
        "Description",
        "quantity",
        "at",
        "price",
        "customer_id",
        "Country",
    ]
    copies = lines.groupby(columns, dropna=False)["price"].transform("size")
    number = lines.groupby(columns, dropna=False).cumcount()
    is_repeated = (copies % 2 == 0).groupby(lines["InvoiceNo"]).transform("all")
    kept = (
        ~lines["InvoiceNo"].str.startswith("A")
        & lines["price"].gt(0)
        & ~(is_repeated & (number * 2 >= copies))
    )
    lines = lines[kept].assign(money=lambda x: x["quantity"] * x["price"])
    goods = lines[~lines["StockCode"].str.strip().str.upper().isin(SERVICES)]
    as_of = lines["at"].max().normalize() + pd.Timedelta(days=1)
    known, bought = (
        lines.dropna(subset="customer_id"),
        lines[lines["quantity"] > 0].dropna(subset="customer_id"),
    )
    result = pd.DataFrame({"monetary": known.groupby("customer_id")["money"].sum() / 10_000})
    last = bought.groupby("customer_id")["at"].max().reindex(result.index)
    last = last.fillna(known.groupby("customer_id")["at"].max())
    result["recency_days"] = (as_of - last.dt.normalize()).dt.days
    result["frequency"] = (
        bought.groupby("customer_id")["InvoiceNo"].nunique().reindex(result.index, fill_value=0)
    )
    units = (
        goods.groupby([goods["customer_id"], goods["quantity"] > 0])["quantity"]
        .sum()
        .unstack(fill_value=0)
    )
    units = units.reindex(result.index, fill_value=0)
    result["return_rate_pct"] = 100 * -units[False] / np.maximum(units[True], 1)
    return result.sort_index()


def compare(warehouse: Path, expected: pd.DataFrame) -> None:
    """The customers mart has the same customers with the same four figures."""
    columns = ["customer_id", "monetary", "recency_days", "frequency", "return_rate_pct"]
    rows = query(
        warehouse, f"select {', '.join(columns)} from marts.customers order by customer_id"
    )
    found = pd.DataFrame(rows, columns=columns).set_index("customer_id").astype(float)
    pd.testing.assert_frame_equal(
        found,
        expected[found.columns].astype(float),
        check_names=False,
        check_index_type=False,
        rtol=0,
        atol=1e-6,
    )


def test_the_demo_agrees_with_pandas(demo_warehouse: Path) -> None:
    path = PROJECT / "seeds/demo/online_retail/demo_online_retail_order_lines.csv"
    compare(demo_warehouse, rfm_r(pd.read_csv(path, dtype=str, keep_default_na=False)))


def test_online_retail_agrees_with_pandas(real_warehouse: Path, real_data: Path) -> None:
    path = real_data / "OnlineRetail.csv.gz"
    compare(
        real_warehouse,
        rfm_r(pd.read_csv(path, dtype=str, keep_default_na=False, encoding="latin-1")),
    )
