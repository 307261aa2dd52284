"""How DuckDB goes about the models: no work that grows with the square of the customers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import ONLINE_RETAIL

from warehouse import run_dbt

FEW_ROWS = 100
"""Segments, days and settings: a join of everything with these grows as everything does."""


def joins_by_pairs(plan: list[dict[str, Any]]) -> Iterator[tuple[str, list[int]]]:
    """Each join that looks at every pair of rows, with the rows expected on either side."""
    for operator in plan:
        children = operator["children"]
        if operator["name"] in {"CROSS_PRODUCT", "NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN"}:
            expected = [child["extra_info"].get("Estimated Cardinality", 0) for child in children]
            yield operator["name"], [int(rows) for rows in expected]
        yield from joins_by_pairs(children)


@pytest.mark.dbt
def test_no_model_compares_each_customer_with_each_other(demo_warehouse: Path) -> None:
    models = run_dbt("compile", demo_warehouse, ONLINE_RETAIL).compiled
    assert {"customers", "int_lifetime_outcomes", "int_checked_lines"} <= set(models)
    with duckdb.connect(str(demo_warehouse), read_only=True) as connection:
        for name, sql in models.items():
            row = connection.execute(f"explain (format json) {sql}").fetchone()
            assert row is not None
            for join, rows in joins_by_pairs(json.loads(row[1])):
                assert min(rows) <= FEW_ROWS, (name, join, rows)
