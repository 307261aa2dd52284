"""What the tests themselves rely on."""

import re

from warehouse import PARSE_TIME_VARS, PROJECT


def test_the_parsed_project_is_reused_only_where_it_is_the_same() -> None:
    """A var that a property file reads is part of the parsed project."""
    folders = ("models", "python_models", "functions", "seeds")
    files = [path for folder in folders for path in (PROJECT / folder).rglob("*.yml")]
    read = {name for path in files for name in re.findall(r"var\('(\w+)'", path.read_text())}
    assert read <= set(PARSE_TIME_VARS)
