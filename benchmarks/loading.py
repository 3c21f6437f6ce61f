"""Rebuilding every mart against loading the files, and a month's increment against the whole.

The portfolio is the demonstration's, 500 projects × 36 months. Reading, checking and history are "loading";
"marts" is build_marts over all of it. Times are of one process, one after the other.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from loaders.demo import write_demo
from loaders.pipeline import load
from metrics.build import Progress, build_marts

PROJECTS, MONTHS = 500, 36
TARGET = 2.0
"""Marts may take at most this many times the loading."""


class _Timed:
    """build_marts, and how long it and each of its files took."""

    def __init__(self) -> None:
        self.total = 0.0
        self.steps: dict[str, float] = {}

    def __call__(self, con: duckdb.DuckDBPyConnection, progress: Progress | None) -> None:
        running: list[tuple[str, float]] = []

        def told(step: str, done: int, total: int) -> None:
            now = time.perf_counter()
            if running:
                name, began = running.pop()
                self.steps[name] = self.steps.get(name, 0.0) + now - began
            running.append((step, now))
            if progress:
                progress(step, done, total)

        began = time.perf_counter()
        build_marts(con, told)
        self.total = time.perf_counter() - began


def run(*, small: bool = False) -> None:
    """Measure and print."""
    projects = PROJECTS // 10 if small else PROJECTS
    with tempfile.TemporaryDirectory(prefix="atalaya-bench-") as aside:
        folder = Path(aside)
        write_demo(folder / "whole", projects=projects, months=MONTHS)
        whole, loading = _load(folder / "whole", folder / "store")
        again, increment = _increment(folder, projects)
    table = Table(title=f"{projects} projects × {MONTHS} months", title_justify="left")
    for heading in ("what", "ratio", "target"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    table.add_row("every mart / loading the files", f"{whole.total / loading:.2f}", f"≤ {TARGET:g}")
    table.add_row("a month's increment / the whole load", f"{increment / (loading + whole.total):.2f}", "")
    table.add_row("marts after the increment / all marts", f"{again.total / whole.total:.2f}", "")
    slowest = sorted(whole.steps.items(), key=lambda step: -step[1])[:5]
    for name, seconds in slowest:
        table.add_row(f"  of all marts: {name}", f"{seconds / whole.total:.2f}", "")
    console = Console()
    console.print(table)
    console.print(f"Slowest step: {slowest[0][0]}")


def _load(sources: Path, store: Path) -> tuple[_Timed, float]:
    """The timed marts, and the seconds that everything else took."""
    timed = _Timed()
    began = time.perf_counter()
    load([sources], store, build=timed)
    return timed, time.perf_counter() - began - timed.total


def _increment(folder: Path, projects: int) -> tuple[_Timed, float]:
    """The same store after one more monthly report of a tenth of the projects."""
    newest = folder / "increment"
    write_demo(newest, projects=max(projects // 10, 1), months=1)
    timed, rest = _load(newest, folder / "store")
    return timed, rest + timed.total
