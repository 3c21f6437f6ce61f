"""Small projects for the money marts: many cases in one database, each a project of its own."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders import store
from loaders.pipeline import load
from tests.metrics.timeline import CONTRACT, marts_of

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]

VECTORS = Path(__file__).parents[3] / "shared" / "metrics" / "vectors"
STATUS = date(2025, 6, 30)
RATES: list[Row] = [
    {"currency": currency, "rate_date": day, "basis": basis, "per_usd": per_usd}
    for currency, basis, day, per_usd in (
        ("MXN", "plan", "2025-01-01", 20.0),
        ("MXN", "actual", "2025-01-31", 16.0),
        ("MXN", "actual", "2025-02-28", 18.0),
        ("MXN", "actual", "2025-03-31", 18.0),
        ("MXN", "actual", "2025-04-30", 20.0),
        ("MXN", "actual", "2025-05-31", 20.0),
        ("MXN", "actual", "2025-06-30", 25.0),
        ("COP", "actual", "2025-01-31", 4000.0),
        ("EUR", "plan", "2025-01-01", 0.9),
    )
]
"""Pesos for a dollar: 20 planned, 16 when sold in January, 25 at STATUS. COP: January only; EUR: planned."""


def project(**columns: Any) -> Row:
    """A row of `projects`, in dollars."""
    return {"currency": "USD", **columns}


def amounts(
    scenario: str, day: date | str = STATUS, currency: str | None = None, **lines: float
) -> list[Row]:
    """Rows of `financials` at completion (actual: to date), one per line."""
    return [
        {"status_date": day, "scenario": scenario, "line": line, "amount": amount, "currency": currency}
        for line, amount in lines.items()
    ]


def months(scenario: str, line: str, day: date | str = STATUS, **by_month: float) -> list[Row]:
    """Rows of `financials` by month: jan25=100 is January 2025 alone."""
    return [
        {"status_date": day, "scenario": scenario, "line": line, "amount": amount, "period_end": _month(name)}
        for name, amount in by_month.items()
    ]


def _month(name: str) -> date:
    number = "janfebmaraprmayjunjulaugsepoctnovdec".index(name[:3]) // 3 + 1
    return date(2000 + int(name[3:]), number, 28)


def tables_of(cases: Mapping[str, Tables], rates: Sequence[Row] = RATES) -> dict[str, list[Row]]:
    """The tables of all cases: a case's name is its project's id, its status date STATUS unless told."""
    tables: dict[str, list[Row]] = {"projects": [], "fx_rates": list(rates)}
    for name, case in cases.items():
        for table, rows in {"projects": [project()], **case}.items():
            dated = {"status_date": STATUS} if "status_date" in CONTRACT[table]["columns"] else {}
            named = {"name": name} if table == "projects" else {}
            tables.setdefault(table, []).extend({"project_id": name, **dated, **named, **row} for row in rows)
    return tables


def together(cases: Mapping[str, Tables]) -> duckdb.DuckDBPyConnection:
    """One database in memory with the money marts of all cases."""
    return marts_of(tables_of(cases), last=29)


def loaded(
    cases: Mapping[str, Tables], folder: Path, rates: Sequence[Row] = RATES
) -> duckdb.DuckDBPyConnection:
    """The same as everybody's data goes: CSV files named after the tables, load, published store."""
    source = folder / "source"
    source.mkdir()
    for table, rows in tables_of(cases, rates).items():
        columns = [c for c in CONTRACT[table]["columns"] if any(row.get(c) is not None for row in rows)]
        with (source / f"{table}.csv").open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    result = load([source], folder / "store")
    assert not result.rejects, result.rejects[:3]
    return store.open_current(folder / "store").cursor()


def value(con: duckdb.DuckDBPyConnection, mart: str, case: str, column: str, where: str = "true") -> Any:
    """One value of a case: at its newest status date, among the rows for which `where` holds."""
    found = con.execute(
        f"select {column} from (from {mart} where project_id = $case and {where}"
        " qualify dense_rank() over (order by status_date desc) = 1)",
        {"case": case},
    ).fetchall()
    assert len(found) == 1, (case, column, found)
    return found[0][0]


def is_close(got: Any, expected: Any, tolerance: float = 1e-9) -> bool:
    """Whether a value is what is expected; nothing is only nothing."""
    if got is None or expected is None or isinstance(expected, str | bool):
        return bool(got == expected)
    if isinstance(got, Decimal) and isinstance(expected, int):
        return got == expected
    return bool(float(got) == pytest.approx(float(expected), abs=tolerance, rel=1e-12))


def vectors(name: str) -> list[Row]:
    """The published and derived cases of a file, with their inputs; skips where the public data is absent."""
    path = VECTORS / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"{path} is not here: it lies beside the project, not in it")
    with path.open(encoding="utf-8", newline="") as handle:
        return [{**row, "inputs": json.loads(row["inputs_json"])} for row in csv.DictReader(handle)]
