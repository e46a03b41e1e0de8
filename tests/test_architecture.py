"""Rules of the layout beside those that ``make lint`` holds with import-linter: nothing heavy too early."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = sorted((ROOT / "core").rglob("*.py"))
PAGES = sorted(path for path in (ROOT / "pages").rglob("*.py") if "node_modules" not in path.parts)


@pytest.mark.parametrize(
    "module",
    [
        "core",
        "core.problems",
        "core.attacks.registry",
        "core.zoo.checkpoints",
        "core.pictures.units",
        "core.commands",
    ],
)
def test_torch_is_loaded_only_when_needed(module: str) -> None:
    heavy = {"torch", "streamlit", "pandas", "matplotlib"}
    code = f"import sys, {module}; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


@pytest.mark.parametrize(
    "module",
    ["pages.widgets.page.results_data", "core.reports.tables.thesis", "core.reports.figures.tradeoff"],
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


def test_a_public_method_is_described_where_it_is_first_declared() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in (*CORE, *PAGES)]
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    methods = [
        (f"{of.name}.{method.name}", method.name, ast.get_docstring(method))
        for of in classes
        if not of.name.startswith("_")
        for method in of.body
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_")
    ]
    described = {name for _, name, text in methods if text}
    attributes = "\n".join(ast.get_docstring(of) or "" for of in classes)
    described |= set(re.findall(r"^ +(\w+): ", attributes, re.MULTILINE))
    assert not [where for where, name, text in methods if not text and name not in described]
