"""The mutants of ``make mutants`` change what the project says today."""

import runpy
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MUTANTS: tuple[Any, ...] = runpy.run_path(str(ROOT / "scripts" / "mutants.py"))["MUTANTS"]


def test_each_mutant_finds_its_text() -> None:
    stale = [mutant for mutant in MUTANTS if mutant.old not in (ROOT / mutant.file).read_text()]
    assert stale == []
