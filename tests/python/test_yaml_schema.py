"""YAML says only what dbt knows, and texts that many columns share only once.

dbt passes over a misspelt key without a word: ``desciption:`` is then no description, and
``data_test:`` no test. The JSON schemas in dbt's own wheel know the keys.
"""

import json
import re
from collections import Counter
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.contracts.project import ProjectFlags
from jsonschema import Draft7Validator

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("functions", "macros", "models", "python_models", "seeds", "snapshots", "tests")
PROPERTIES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.yml"))


def newest_schema(kind: str) -> Draft7Validator:
    """Load the newest schema of a kind: ``latest.json``, or the highest version number."""

    def age(path: Any) -> tuple[bool, list[int]]:
        return path.name == "latest.json", [int(number) for number in re.findall(r"\d+", path.name)]

    folder = files("dbt") / "jsonschemas" / kind
    return Draft7Validator(json.loads(max(folder.iterdir(), key=age).read_text()))


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a file; dates become text, which is what the schemas expect."""
    content: dict[str, Any] = json.loads(json.dumps(yaml.safe_load(path.read_text()), default=str))
    return content


def drop_jinja_switches(content: dict[str, Any]) -> None:
    """Take out ``enabled`` where it is one Jinja expression; the schemas know only true, false."""
    resources = [item for items in content.values() if isinstance(items, list) for item in items]
    for config in (resource.get("config", {}) for resource in resources):
        if re.fullmatch(r"\{\{.*\}\}", str(config.get("enabled"))):
            del config["enabled"]


def schema_errors(validator: Draft7Validator, content: dict[str, Any]) -> list[str]:
    """List where a file departs from the schema, and how."""
    return [
        f"{'.'.join(str(part) for part in error.absolute_path)}: "
        + "; ".join(cause.message for cause in error.context or [error])
        for error in validator.iter_errors(content)
    ]


def test_project_file_has_no_unknown_key() -> None:
    """``dbt_project.yml`` holds only keys that dbt reads; the schema leaves the flags open."""
    content = read_yaml(ROOT / "dbt_project.yml")
    assert schema_errors(newest_schema("project"), content) == []
    assert content["flags"].keys() <= {field.name for field in fields(ProjectFlags)}


@pytest.mark.parametrize("path", PROPERTIES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_property_file_has_no_unknown_key(path: Path) -> None:
    """A property file holds only keys that dbt reads."""
    content = read_yaml(path)
    drop_jinja_switches(content)
    assert schema_errors(newest_schema("resources"), content) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("description: Says", "desciption: Says"),
        ("columns:", "colums:"),
        ("data_tests:", "data_test:"),
        ("arguments:", "argument:"),
        ("materialized:", "materialised:"),
        ("enforced:", "enforce:"),
        ("unit_tests:", "unittests:"),
    ],
)
def test_misspelt_key_is_refused(right: str, wrong: str) -> None:
    """The schema lets a correct file pass, and refuses the same with one key misspelt."""
    text = """
        models:
          - name: orders
            description: Says what it is.
            config: {materialized: table, contract: {enforced: true}}
            columns:
              - name: order_id
                data_tests:
                  - accepted_values: {arguments: {values: [1]}}
        unit_tests:
          - {name: adds_up, model: orders, given: [], expect: {rows: []}}
        """
    assert text.count(right) == 1
    validator = newest_schema("resources")
    assert schema_errors(validator, yaml.safe_load(text)) == []
    assert schema_errors(validator, yaml.safe_load(text.replace(right, wrong))) != []


def test_misspelt_key_of_the_project_file_is_refused() -> None:
    """The schema of ``dbt_project.yml`` can fail, too."""
    content = read_yaml(ROOT / "dbt_project.yml")
    content["models"]["patronage"]["marts"]["+materialised"] = "view"
    assert schema_errors(newest_schema("project"), content) != []


def test_a_shared_text_of_columns_is_referred_to_and_not_copied() -> None:
    """Each text in ``models/columns.md`` has two columns or more, and none has a copy of it."""
    text = (ROOT / "models" / "columns.md").read_text()
    blocks = dict(re.findall(r"{% docs (\w+) %}\n(.*?)\n{% enddocs %}", text, flags=re.DOTALL))
    described = [
        " ".join(column.get("description", "").split())
        for path in PROPERTIES
        for kind in ("models", "seeds")
        for resource in read_yaml(path).get(kind, [])
        for column in resource.get("columns", [])
    ]
    references = Counter(re.findall(r"doc\('(\w+)'\)", "\n".join(described)))
    assert {name for name in blocks if references[name] < 2} == set()
    assert {" ".join(block.split()) for block in blocks.values()} & set(described) == set()
