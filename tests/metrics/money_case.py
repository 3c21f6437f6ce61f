"""Small projects for the money marts: many cases in one database, each a project of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders import store
from loaders.pipeline import load
from tests.metrics.timeline import marts_of
from tools.validation.rows import STATUS, Row, Tables, amounts, project
from tools.validation.rows import by_month as months
from tools.validation.run import tables_of, write_sources

__all__ = [
    "RATES",
    "STATUS",
    "Row",
    "Tables",
    "amounts",
    "is_close",
    "loaded",
    "months",
    "project",
    "together",
    "value",
]
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


def together(cases: Mapping[str, Tables]) -> duckdb.DuckDBPyConnection:
    """One database in memory with the money marts of all cases."""
    return marts_of(tables_of(cases, RATES), last=29)


def loaded(
    cases: Mapping[str, Tables], folder: Path, rates: Sequence[Row] = RATES
) -> duckdb.DuckDBPyConnection:
    """The same as everybody's data goes: CSV files named after the tables, load, published store."""
    write_sources(tables_of(cases, rates), folder / "source")
    result = load([folder / "source"], folder / "store")
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
