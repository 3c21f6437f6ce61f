"""A rerun of each page against an empty Streamlit rerun, and at 10,000 projects × 60 months against 100.

The first table is of the demonstration, the second of its projects multiplied in the marts (benchmarks/multiply.py).
Each page runs again with an interaction that changes nothing, in turn with an empty page; of each the quickest run
counts, for other work on the machine only ever adds. "Queries included": with every remembered answer cleared before.
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st
from rich.console import Console
from rich.table import Table
from streamlit.testing.v1 import AppTest

from benchmarks.multiply import multiplied
from loaders.demo_store import ensure_demo
from ui import project_parts, tables
from ui.navigation import available

ROOT = Path(__file__).parents[1]
RUNS, RUNS_WITH_QUERIES = 15, 5
OVERVIEW_AT_MOST, ANY_AT_MOST, GROWTH_AT_MOST = 10.0, 15.0, 1.5
FEW, MANY, MONTHS = 100, 10_000, 60


def run(*, small: bool = False) -> None:
    """Measure and print."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="atalaya-bench-") as aside:
        demo = Path(aside) / "demo"
        ensure_demo(demo, lambda done, step: None)
        _of_the_demonstration(demo)
        few, many = FEW, MANY // 10 if small else MANY
        stores = {n: multiplied(demo, Path(aside) / str(n), n, MONTHS) for n in (few, many)}
        _growth(stores[few], stores[many], f"{many:,} projects × {MONTHS} months, times {few} × {MONTHS}")


def _of_the_demonstration(demo: Path) -> None:
    table = _table("A rerun, times an empty Streamlit rerun")
    for name in (s.name for s in available()):
        page = _opened(demo, name)
        cached, floor = _quickest(page.run, RUNS)
        included, _ = _quickest(partial(_asked_anew, page), RUNS_WITH_QUERIES)
        target = OVERVIEW_AT_MOST if name == "overview" else ANY_AT_MOST
        table.add_row(name, f"{cached / floor:.1f}", f"{included / floor:.1f}", f"≤ {target:g}")
    Console().print(table)


def _growth(few: Path, many: Path, title: str) -> None:
    table = _table(title)
    for name in (s.name for s in available()):
        cached, included = [], []
        for store in (few, many):
            page = _opened(store, name)
            cached.append(_quickest(page.run, RUNS)[0])
            included.append(_quickest(partial(_asked_anew, page), RUNS_WITH_QUERIES)[0])
        table.add_row(
            name, f"{cached[1] / cached[0]:.2f}", f"{included[1] / included[0]:.2f}", f"≤ {GROWTH_AT_MOST:g}"
        )
    Console().print(table)


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("page", "cached", "queries included", "target"):
        table.add_column(heading, justify="left" if heading == "page" else "right")
    return table


def _blank() -> AppTest:
    at = AppTest.from_string("import streamlit as st\nst.write('empty')", default_timeout=120)
    return at.run()


def _opened(store: Path, name: str) -> AppTest:
    """The page, run once on that store. What fails is not measured: a sentence that says so is quickly drawn."""
    os.environ["ATALAYA_STORE"] = str(store)
    at = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=600)
    screen = next(s for s in available() if s.name == name)
    at.run()
    at.switch_page(screen.file).run()
    failed = [error.value for error in at.exception]
    failed += [html.value for html in at.html if 'role="alert"' in html.value]
    if failed:
        raise SystemExit(f"{name} fails: {failed[0]}")
    return at


def _asked_anew(page: AppTest) -> None:
    """A run that has to ask everything and word it; figures once drawn stay."""
    st.cache_data.clear()
    project_parts.forget()
    tables.forget()
    page.run()


def _quickest(once: Callable[[], object], runs: int) -> tuple[float, float]:
    """Seconds of the quickest of some runs, and of an empty page's that took turns with them."""
    blank = _blank()
    once()
    times = [(_seconds(once), _seconds(blank.run)) for _ in range(runs)]
    return min(page for page, _ in times), min(empty for _, empty in times)


def _seconds(once: Callable[[], object]) -> float:
    began = time.perf_counter()
    once()
    return time.perf_counter() - began
