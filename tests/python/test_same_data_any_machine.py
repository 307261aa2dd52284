"""Same data, same answer: in whatever files the extract comes, and whatever the machine is set to."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import ONLINE_RETAIL
from processes import finish, started_build
from test_same_data_same_answer import DEMO_LINES

from warehouse import assert_same, build

pytestmark = pytest.mark.dbt

RAW = "online_retail_order_lines"
TYPED = """
select
    InvoiceNo,
    StockCode,
    Description,
    try_cast(Quantity as integer) as Quantity,
    try_strptime(trim(InvoiceDate), '%m/%d/%Y %H:%M') as InvoiceDate,
    try_cast(UnitPrice as double) as UnitPrice,
    try_cast(CustomerID as double) as CustomerID,
    Country
from extract
"""
WRITTEN = {
    "*.csv.gz": "from extract",
    "text.parquet": "from extract",
    "typed.parquet": TYPED,
    "zoned.parquet": f"select * replace (InvoiceDate at time zone 'UTC' as InvoiceDate) from ({TYPED})",
}
"""Forms of one extract, and what of it is written."""
NEW_YORK = {"TZ": "America/New_York", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONHASHSEED": "1"}
TOKYO = {"TZ": "Asia/Tokyo", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "2"}


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with each form of a fifth of the demo's customers and guests."""
    folder = tmp_path_factory.mktemp("forms")
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(
            f"create table extract as from read_csv('{DEMO_LINES}', all_varchar = true)"
            " where hash(coalesce(CustomerID, InvoiceNo)) % 5 = 0"
        )
        connection.execute(f"copy extract to '{folder}/extract.csv'")
        for part in range(3):
            (folder / "parts").mkdir(exist_ok=True)
            connection.execute(
                f"copy (from extract where hash(InvoiceNo) % 3 = {part}) to '{folder}/parts/{part}.csv'"
            )
        for name, rows in WRITTEN.items():
            connection.execute(f"copy ({rows}) to '{folder}/{name.replace('*', 'packed')}'")
    return folder


@pytest.fixture(scope="module")
def plain(extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of the one CSV file."""
    variables = ONLINE_RETAIL | {RAW: str(extract / "extract.csv")}
    return build(tmp_path_factory.mktemp("plain") / "warehouse.duckdb", variables)


@pytest.mark.parametrize(
    "form", ["parts/*.csv", pytest.param("text.parquet", marks=pytest.mark.exhaustive)]
)
def test_the_form_of_the_files_changes_nothing(
    extract: Path, plain: Path, tmp_path: Path, form: str
) -> None:
    variables = ONLINE_RETAIL | {RAW: str(extract / form)}
    assert_same(plain, build(tmp_path / "form/warehouse.duckdb", variables))


@pytest.mark.parametrize(
    ("form", "settings", "machine"),
    [
        pytest.param("*.csv.gz", {}, NEW_YORK, marks=pytest.mark.exhaustive),
        pytest.param("typed.parquet", {}, TOKYO, marks=pytest.mark.exhaustive),
        ("zoned.parquet", {"extract_time_zones": {RAW: "UTC"}}, NEW_YORK),
    ],
    ids=["csv.gz in New York", "Parquet in Tokyo", "Parquet with zone in New York"],
)
def test_the_settings_of_the_machine_change_nothing(
    extract: Path,
    plain: Path,
    tmp_path: Path,
    form: str,
    settings: dict[str, Any],
    machine: dict[str, str],
) -> None:
    """Zone, locale, default encoding and hash seed, in a process that starts with them."""
    warehouse = tmp_path / "machine/warehouse.duckdb"
    warehouse.parent.mkdir()
    variables = ONLINE_RETAIL | {RAW: str(extract / form)} | settings
    with started_build(warehouse, variables, machine) as process:
        code, said = finish(process)
    assert code == 0, said
    assert_same(plain, warehouse)
