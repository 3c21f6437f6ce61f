"""Rebuilding every mart against loading the files, and what an increment takes, as ratios of one run.

The portfolio is the demonstration's, 500 projects × 36 months. "Loading" is reading, checking and putting in
order; "marts" is build_marts. An increment is a load of files that hold one month more: of every project (a
month end), or of one (a workbook that somebody drops in). Times are of one process, one after the other.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
from rich.console import Console
from rich.table import Table

from loaders import store
from loaders.demo import LAST_STATUS, write_demo
from loaders.pipeline import load
from metrics.build import Progress, build_marts, mart_scripts
from metrics.calendars import write_calendars
from metrics.increment import Touched

PROJECTS, MONTHS = 500, 36
TARGET = 2.0
"""Marts may take at most this many times the loading."""
SLOWEST = 5
"""Mart files that the table lists."""
MONTH_BEFORE = date(LAST_STATUS.year, LAST_STATUS.month, 1) - timedelta(days=1)

_CREATES = re.compile(r"^create or replace table (\S+) as", re.MULTILINE)


@dataclass
class _Timed:
    """build_marts, and how long it and each of its files took."""

    total: float = 0.0
    steps: dict[str, float] = field(default_factory=dict)

    def __call__(
        self,
        con: duckdb.DuckDBPyConnection,
        progress: Progress | None,
        touched: Touched | None = None,
    ) -> None:
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
        build_marts(con, told, touched)
        self.total = time.perf_counter() - began


@dataclass(frozen=True)
class _Load:
    """One load: seconds of everything, and of the marts."""

    total: float
    marts: _Timed


def run(*, small: bool = False) -> None:
    """Measure and print."""
    projects = PROJECTS // 10 if small else PROJECTS
    console = Console()
    with tempfile.TemporaryDirectory(prefix="atalaya-bench-") as aside:
        folder = Path(aside)
        with _reports_until(MONTH_BEFORE):
            write_demo(folder / "whole", projects=projects, months=MONTHS)
        write_demo(folder / "month", projects=projects, months=1)
        one = _of_one_project(folder / "month", folder / "one")
        whole = _load(folder / "whole", folder / "store")
        shutil.copytree(folder / "store", folder / "copy")
        single, month = _load(one, folder / "copy"), _load(folder / "month", folder / "store")
        shutil.rmtree(folder / "copy")
        slowest = max(whole.marts.steps, key=lambda name: whole.marts.steps[name])
        said = _slowest_operator(folder / "store", slowest)
    table = Table(title=f"{projects} projects × {MONTHS} months", title_justify="left")
    for heading in ("what", "ratio", "target"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    ratio = whole.marts.total / (whole.total - whole.marts.total)
    table.add_row("every mart / loading the files", f"{ratio:.2f}", f"≤ {TARGET:g}")
    for name, load_ in (("every project", month), ("one project", single)):
        table.add_row(f"a month more of {name} / the whole load", f"{load_.total / whole.total:.3f}", "")
        table.add_row("  its marts / every mart", f"{load_.marts.total / whole.marts.total:.3f}", "")
    for name in sorted(whole.marts.steps, key=lambda name: -whole.marts.steps[name])[:SLOWEST]:
        table.add_row(f"  {name} / every mart", f"{whole.marts.steps[name] / whole.marts.total:.2f}", "")
    console.print(table)
    console.print(said)


@contextmanager
def _reports_until(day: date) -> Iterator[None]:
    """The demonstration as it was on an earlier day: without the reports since."""
    with mock.patch("loaders.demo.reports.LAST_STATUS", day):
        yield


def _of_one_project(month: Path, folder: Path) -> Path:
    """One project's workbook out of a month's delivery, with the mapping that reads it."""
    workbook = min((month / "projects").glob("*.xlsx"))
    (folder / "projects").mkdir(parents=True)
    shutil.copy(workbook, folder / "projects")
    shutil.copy(month / "mapping.toml", folder)
    return folder


def _load(sources: Path, folder: Path) -> _Load:
    timed = _Timed()
    began = time.perf_counter()
    result = load([sources], folder, build=timed)
    if result.version is None:
        raise SystemExit(f"{sources.name} brought nothing new: there is nothing to measure.")
    return _Load(time.perf_counter() - began, timed)


def _slowest_operator(folder: Path, slowest: str) -> str:
    """What takes longest in the slowest mart file: its statement, and the operator of that statement's plan."""
    with store.copy(folder) as con:
        con.execute("create schema if not exists work")
        write_calendars(con)
        for script in mart_scripts():
            text = script.read_text(encoding="utf-8")
            if script.name == slowest:
                return f"Slowest file: {slowest}. {_explained(con, text)}"
            con.execute(text)
    raise SystemExit(f"There is no mart file {slowest}.")


def _explained(con: duckdb.DuckDBPyConnection, text: str) -> str:
    """Run the statements of a mart file under EXPLAIN ANALYZE and say which was slowest, and what in it."""
    found: list[tuple[float, str, dict[str, Any]]] = []
    for statement in duckdb.extract_statements(text):
        made = _CREATES.search(statement.query)
        if not made:
            con.execute(statement.query)
            continue
        began = time.perf_counter()
        plan = con.execute(f"explain (analyze, format json) {statement.query}").fetchall()[0][1]
        found.append((time.perf_counter() - began, made[1], json.loads(plan)))
    seconds, name, plan = max(found, key=lambda entry: entry[0])
    operators = list(_operators(plan["operator"]))
    worst = max(operators, key=lambda operator: operator["timing"])
    share = worst["timing"] / sum(operator["timing"] for operator in operators)
    details = {k: v for k, v in worst["extra_info"].items() if k != "Estimated Cardinality"}
    return (
        f"In it {name} takes {seconds / sum(entry[0] for entry in found):.0%} of the time; the slowest operator of its "
        f"plan is {worst['name']} with {share:.0%} ({json.dumps(details)[:300]})."
    )


def _operators(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        yield node
        yield from _operators(node.get("children", []))
