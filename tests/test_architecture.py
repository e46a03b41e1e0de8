"""The rules of the layout: one direction of imports, no circle, nothing heavy too early."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = sorted((ROOT / "core").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.Module) -> set[str]:
    """Every imported module, inside functions too, but not under ``if TYPE_CHECKING``."""
    found: set[str] = set()

    class Visitor(ast.NodeVisitor):
        def visit_If(self, node: ast.If) -> None:
            if not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
                self.generic_visit(node)

        def visit_Import(self, node: ast.Import) -> None:
            found.update(alias.name for alias in node.names)

        def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)

    Visitor().visit(tree)
    return found


def _graph(paths: list[Path]) -> dict[str, set[str]]:
    modules = {_module(path) for path in paths}
    return {
        _module(path): _imports(ast.parse(path.read_text())) & modules - {_module(path)} for path in paths
    }


@pytest.mark.parametrize("path", CORE, ids=_module)
def test_core_never_imports_streamlit_or_pages(path: Path) -> None:
    roots = {name.split(".")[0] for name in _imports(ast.parse(path.read_text()))}
    assert not roots & {"streamlit", "pages", "app"}


def test_plotting_stays_in_its_rooms() -> None:
    allowed = ("core.figures", "core.export", "core.render")
    for path in CORE:
        roots = {name.split(".")[0] for name in _imports(ast.parse(path.read_text()))}
        assert not roots & {"plotly", "matplotlib"} or _module(path).startswith(allowed), path


@pytest.mark.parametrize("paths", [CORE, PAGES], ids=["core", "pages"])
def test_no_import_circle(paths: list[Path]) -> None:
    try:
        list(TopologicalSorter(_graph(paths)).static_order())
    except CycleError as error:
        pytest.fail(f"import circle: {' -> '.join(error.args[1])}")


def test_the_circle_test_can_fail() -> None:
    with pytest.raises(CycleError):
        list(TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order())


@pytest.mark.parametrize(
    "module", ["core", "core.scenario", "core.checkpoints", "core.units", "core.commands"]
)
def test_torch_is_loaded_only_when_needed(module: str) -> None:
    heavy = {"torch", "streamlit", "pandas", "matplotlib"}
    code = f"import sys, {module}; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


@pytest.mark.parametrize(
    "module", ["pages.widgets.results_data", "core.tables.thesis", "core.figures.tradeoff"]
)
def test_pages_of_stored_results_do_without_torch(module: str) -> None:
    subprocess.run([sys.executable, "-c", f"import sys, {module}; assert 'torch' not in sys.modules"],
                   check=True, cwd=ROOT)  # fmt: skip


def test_no_pickle_is_ever_loaded() -> None:
    for path in (*CORE, *PAGES):
        source = path.read_text()
        assert "torch.load(" not in source, path
        assert "import pickle" not in source, path


def test_no_address_is_the_name_of_a_page_file() -> None:
    """Asked for it first, a fresh server would run that file alone, without navigation and theme."""
    addresses = set(re.findall(r'url_path="([^"]+)"', (ROOT / "app.py").read_text()))
    assert addresses
    assert not addresses & {path.stem for path in (ROOT / "pages").glob("*.py")}
