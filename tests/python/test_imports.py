"""Arrows between the modules of the package go one way, and the fits stand alone."""

import ast
import re
import sys
from graphlib import TopologicalSorter
from pathlib import Path

from warehouse import PROJECT

SOURCE = PROJECT / "src"
# what each part of the package may import from the others; the command line may import all
ARROWS = {
    "checking": {"landing"},
    "dashboard": {"published"},
    "engines": set(),
    "export": {"published", "query"},
    "fitting": set(),
    "landing": {"published", "s3"},
    "published": set(),
    "publishing": {"published", "s3"},
    "api": {"published"},
    "query": {"published"},
    "s3": {"published"},
    "summary": {"published", "query"},
    "take_over": {"published"},
}
NUMERIC = {"numpy", "pandas", "scipy", "sklearn", "joblib"}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in sorted((SOURCE / "patronage").rglob("*.py"))}


def imports_of(path: Path) -> set[str]:
    """All that a file imports, inside functions too; of a package, the module that is meant."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports by a relative name"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else str(node.module) for name in names}
    return found


IMPORTS = {name: imports_of(path) for name, path in MODULES.items()}


def part_of(module: str) -> str:
    """The part of the package that a module belongs to; the package itself is none."""
    return module.split(".")[1] if "." in module else ""


def test_no_module_imports_itself_in_a_circle() -> None:
    ours = {name: imported & set(MODULES) for name, imported in IMPORTS.items()}
    order = list(TopologicalSorter(ours).static_order())  # raises CycleError, and names the circle
    assert set(order) == set(MODULES)


def test_arrows_between_the_parts_go_one_way() -> None:
    found: dict[str, set[str]] = {part_of(name): set() for name in MODULES}
    for name, imported in IMPORTS.items():
        parts = {part_of(other) for other in imported & set(MODULES)}
        found[part_of(name)] |= parts - {part_of(name)}
    assert found.pop("cli") <= set(ARROWS)
    assert found.pop("") == set()
    assert found == ARROWS


def test_the_fits_know_numbers_only() -> None:
    fits = {name: path for name, path in MODULES.items() if part_of(name) == "fitting"}
    assert len(fits) > 5
    for name in fits:
        others = {module.split(".")[0] for module in IMPORTS[name]} - {"patronage"}
        assert others <= NUMERIC | set(sys.stdlib_module_names), name


def test_python_models_only_call_a_fit() -> None:
    for path in sorted((PROJECT / "python_models").glob("*.py")):
        parts = {part_of(module) for module in imports_of(path)}
        assert parts - {"engines"} == {"fitting"}, path


def test_python_models_name_fits_that_exist() -> None:
    """A worker imports the fit by its name, which neither mypy nor dbt looks at before it runs."""
    for path in sorted((PROJECT / "python_models").glob("*.py")):
        (name,) = re.findall(r'run_in_worker\(\s*"([\w.]+)"', path.read_text(encoding="utf-8"))
        module, function = name.split(".")
        source = MODULES[f"patronage.fitting.{module}"].read_text(encoding="utf-8")
        defined = {
            node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)
        }
        assert function in defined, path
