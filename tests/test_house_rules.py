"""The rules that hold the house up, read off the code itself."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCT = ("dashboard.py", "pages", "ui", "loaders", "metrics", "reports", "locales")
FRAMEWORK_FREE = ("loaders", "metrics", "reports", "locales")
OPENS_DUCKDB = "loaders/store.py"
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
SQL = re.compile(r"\b(select|insert|update|delete)\b[\s\S]*\b(from|into|set)\b", re.IGNORECASE)
WORDS = re.compile(r"^[A-ZÁÉÍÓÚÑ]|[A-Za-zÀ-ÿ]\s+[A-Za-zÀ-ÿ]")
OF_A_MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home|Users|tmp)/[\w.]")
TEXT_SUFFIXES = {".py", ".toml", ".sql", ".md", ".po", ".css", ".csv", ".yml", ".cfg", ".txt", ""}


def product_files(*places: str) -> list[Path]:
    found: list[Path] = []
    for place in places:
        path = ROOT / place
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return found


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def texts(path: Path) -> Iterator[ast.Constant]:
    """String constants other than docstrings."""
    documented = (ast.Module, ast.FunctionDef, ast.ClassDef)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree(path))
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node


PAGES = product_files("pages")


def test_there_is_something_to_check() -> None:
    assert len(PAGES) >= 7


@pytest.mark.parametrize("path", product_files(*FRAMEWORK_FREE), ids=name_of)
def test_what_loads_and_computes_knows_no_screen(path: Path) -> None:
    assert [m for m in imported(path) if m.split(".")[0] in {"streamlit", "ui", "pages", "plotly"}] == []


@pytest.mark.parametrize("path", product_files("metrics"), ids=name_of)
def test_metrics_know_no_loader(path: Path) -> None:
    assert [m for m in imported(path) if m.split(".")[0] == "loaders"] == []


@pytest.mark.parametrize("path", product_files(*PRODUCT), ids=name_of)
def test_only_the_store_opens_duckdb(path: Path) -> None:
    opened = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"duckdb.connect", "connect"}
    ]
    assert name_of(path) == OPENS_DUCKDB or opened == []


@pytest.mark.parametrize("path", product_files(*PRODUCT), ids=name_of)
def test_figures_are_graph_objects(path: Path) -> None:
    assert "plotly.express" not in set(imported(path))


def test_no_page_lies_directly_in_pages() -> None:
    """Streamlit would serve it without dashboard.py, so without the guard and the filters."""
    assert list((ROOT / "pages").glob("*.py")) == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_pages_hold_no_arithmetic(path: Path) -> None:
    found = [
        ast.unparse(node)
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ARITHMETIC)
    ]
    assert found == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_pages_hold_no_sql(path: Path) -> None:
    assert [node.value for node in texts(path) if SQL.search(str(node.value))] == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_pages_hold_no_visible_text(path: Path) -> None:
    assert [node.value for node in texts(path) if WORDS.search(str(node.value))] == []


@pytest.mark.parametrize(
    "path", [p for p in product_files(*PRODUCT) if p not in {*PAGES, ROOT / "dashboard.py"}], ids=name_of
)
def test_nothing_happens_at_import(path: Path) -> None:
    """Module level holds definitions and constants; a call on its own is work."""
    calls = [
        ast.unparse(node)
        for node in tree(path).body
        if isinstance(node, (ast.Expr, ast.With, ast.For, ast.While, ast.Try))
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    assert calls == []


def test_nothing_names_a_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    found = {
        name
        for name in listed
        if name != name_of(Path(__file__)) and Path(name).suffix in TEXT_SUFFIXES and (ROOT / name).is_file()
        and OF_A_MACHINE.search((ROOT / name).read_text(encoding="utf-8", errors="replace"))
    }  # fmt: skip
    assert found == set()
