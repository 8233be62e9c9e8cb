"""Modules of the training room import each other one way only, inside functions as well."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[3]


def named(node):
    """The modules that an import statement may mean."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def test_imports_make_no_circle():
    files = list((ROOT / "training").rglob("*.py"))
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in files}
    graph = {
        module: {
            name
            for node in ast.walk(ast.parse(path.read_text()))
            for name in named(node)
            if name in modules
        }
        for module, path in modules.items()
    }
    assert graph["training.backend"] >= {"training.keras_step", "training.torch_step"}
    TopologicalSorter(graph).prepare()
