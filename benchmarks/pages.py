"""A rerun of each page against an empty Streamlit rerun, and at 10,000 projects against 100.

The first table is of the demonstration. The second multiplies its projects in the marts: 100 and 10,000
projects × their months, the same pages. Each figure is the median of several reruns with an interaction
that changes nothing, cached answers cleared before each, so that the queries are in it.
"""

from __future__ import annotations

import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import streamlit as st
from rich.console import Console
from rich.table import Table
from streamlit.testing.v1 import AppTest

from benchmarks.multiply import multiplied
from loaders.demo_store import ensure_demo
from ui.navigation import available

ROOT = Path(__file__).parents[1]
RUNS = 7
OVERVIEW_AT_MOST, ANY_AT_MOST, GROWTH_AT_MOST = 10.0, 15.0, 1.5
FEW, MANY = 100, 10_000


def run(*, small: bool = False) -> None:
    """Measure and print."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="atalaya-bench-") as aside:
        demo = Path(aside) / "demo"
        ensure_demo(demo, lambda done, step: None)
        floor = _median(_blank().run)
        first = Table(title="A rerun, times an empty Streamlit rerun", title_justify="left")
        for heading in ("page", "cached", "queries included", "target"):
            first.add_column(heading, justify="left" if heading == "page" else "right")
        for name in (s.name for s in available()):
            warm, cold = _page(demo, name, clear=False) / floor, _page(demo, name, clear=True) / floor
            target = OVERVIEW_AT_MOST if name == "overview" else ANY_AT_MOST
            first.add_row(name, f"{warm:.1f}", f"{cold:.1f}", f"≤ {target:g}")
        Console().print(first)
        few, many = FEW, MANY // 10 if small else MANY
        stores = {n: multiplied(demo, Path(aside) / str(n), n) for n in (few, many)}
        second = Table(title=f"{many:,} projects, times the same at {few}", title_justify="left")
        for heading in ("page", "ratio", "target"):
            second.add_column(heading, justify="left" if heading == "page" else "right")
        for name in (s.name for s in available()):
            small_one, large = (_page(stores[n], name, clear=True) for n in (few, many))
            second.add_row(name, f"{large / small_one:.2f}", f"≤ {GROWTH_AT_MOST:g}")
        Console().print(second)


def _blank() -> AppTest:
    at = AppTest.from_string("import streamlit as st\nst.write('empty')", default_timeout=120)
    return at.run()


def _page(store: Path, name: str, *, clear: bool) -> float:
    os.environ["ATALAYA_STORE"] = str(store)
    at = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=600)
    screen = next(s for s in available() if s.name == name)
    at.run()
    at.switch_page(screen.file).run()
    if at.exception:
        raise SystemExit(f"{name} fails: {at.exception[0].value}")

    def once() -> None:
        if clear:
            st.cache_data.clear()
        at.run()

    return _median(once)


def _median(once: Callable[[], object]) -> float:
    once()
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        once()
        times.append(time.perf_counter() - began)
    return statistics.median(times)
