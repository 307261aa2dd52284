"""What the check of vars accepts is what ``dbt_project.yml`` says beside each var."""

import ast
import re
from typing import Any

import pytest
import yaml

from warehouse import PROJECT

PROJECT_FILE = (PROJECT / "dbt_project.yml").read_text()
VARS: dict[str, Any] = yaml.safe_load(PROJECT_FILE)["vars"]
MACRO = (PROJECT / "macros/checks/check_vars.sql").read_text()
RULES: dict[str, list[Any]] = ast.literal_eval(MACRO.split("return(")[1].split(") }}")[0])
NO_LIMIT = 10**9


def comment_above(name: str) -> str:
    """The comment above a var, or above the vars that it stands among."""
    above, _, _ = PROJECT_FILE.partition(f"\n  {name}:")
    lines: list[str] = []
    for line in reversed(above.splitlines()):
        if line.startswith("  #"):
            lines.insert(0, line.removeprefix("  # "))
        elif lines:
            break
    return " ".join(lines)


def test_every_number_has_a_rule() -> None:
    numbers = {name for name, value in VARS.items() if isinstance(value, int | float)}
    assert numbers <= RULES.keys() <= VARS.keys()


@pytest.mark.parametrize("name", RULES)
def test_the_comment_says_what_is_accepted(name: str) -> None:
    kind, *limits = RULES[name]
    comment = comment_above(name)
    if "number" in kind and limits[1] == NO_LIMIT:
        assert f"at least {limits[0]})" in comment
    elif "number" in kind:
        assert re.search(rf"\({limits[0]} to {limits[1]}[ )]", comment)
    elif kind == "choices":
        assert all(choice in comment for choice in limits)


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if "number" in rule[0]])
def test_the_default_is_accepted(name: str) -> None:
    _, lowest, highest = RULES[name]
    if VARS[name] is None:
        assert RULES[name][0].endswith("or null")
    else:
        assert lowest <= VARS[name] <= highest


def test_every_var_is_known_by_name() -> None:
    names = (PROJECT / "macros/checks/check_names.sql").read_text()
    listed = set(re.findall(r"'([a-z_]+)'", names))
    assert VARS.keys() <= RULES.keys() | listed
