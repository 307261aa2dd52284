"""What docs/bi.md says of readers that are at hand: pandas, and the filter that every tool needs."""

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from patronage.publishing.files import publish
from warehouse import PROJECT, query

PAGE = (PROJECT / "docs" / "bi.md").read_text(encoding="utf-8")

KINDS = {
    "BIGINT": "if",
    "BOOLEAN": "b",
    "DATE": "M",
    "DECIMAL": "f",
    "DOUBLE": "f",
    "INTEGER": "if",
}
"""What NumPy calls the types that pandas may have made; those of whole numbers depend on gaps."""


@pytest.fixture(scope="module")
def published(demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bi") / "warehouse" / "published.duckdb"
    path.parent.mkdir()
    publish(demo_warehouse, path)
    return path


def test_pandas_reads_money_as_numbers_by_the_lines_of_the_page(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(published.parents[1])
    lines = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.M | re.S)
    assert len(lines) == 2
    as_they_are = pd.read_parquet("warehouse/published/customers.parquet")
    assert as_they_are["monetary"].dtype == object
    expected = query(
        published, "select count(*), sum(monetary), max(as_of_date) from marts.customers"
    )
    types = query(
        published,
        "select column_name, data_type from duckdb_columns()"
        " where schema_name = 'marts' and table_name = 'customers' and data_type <> 'VARCHAR'",
    )
    for block in lines:
        names: dict[str, pd.DataFrame] = {}
        exec(block, names)  # noqa: S102 - the page's own lines
        customers = names["customers"]
        ((rows, money, day),) = expected
        assert len(customers) == rows
        assert customers["monetary"].sum() == pytest.approx(float(money))
        assert customers["as_of_date"].max().date() == day
        for column, kind in types:
            assert customers[column].dtype.kind in KINDS[kind.partition("(")[0]], column


def test_the_page_names_every_mart_that_needs_the_filter() -> None:
    marts = set()
    for path in sorted((PROJECT / "models" / "marts").glob("*.yml")):
        (model,) = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        if any(column["name"] == "is_primary" for column in model["columns"]):
            marts.add(model["name"])
    (listed,) = re.findall(r"whatever has that column: (.*?)\.\s", PAGE, flags=re.S)
    assert set(re.findall(r"`(\w+)`", listed)) == marts
