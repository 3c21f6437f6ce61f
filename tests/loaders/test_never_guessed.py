"""Whatever way a sheet writes its numbers and dates: a cell is understood or refused, never misread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.batch import Batch
from loaders.mapping import TableRule
from tests.loaders.sheets import checked, sheet

EXAMPLES = settings(max_examples=3, deadline=None, derandomize=True)
SWAPPED = str.maketrans(",.", ".,")

NUMBER_STYLES: dict[str, Callable[[Decimal], str]] = {
    "1,234.5": lambda n: f"{n:,f}",
    "1.234,5": lambda n: f"{n:,f}".translate(SWAPPED),
    "1234.5": lambda n: f"{n:f}",
    "1234,5": lambda n: f"{n:f}".translate(SWAPPED),
    "1 234,5": lambda n: f"{n:,f}".translate(SWAPPED).replace(".", " "),
    "(1,234.5)": lambda n: f"({-n:,f})" if n < 0 else f"{n:,f}",
    "$1,234.5-": lambda n: f"${-n:,f}-" if n < 0 else f"${n:,f}",
}
DATE_STYLES = ("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%Y%m%d", "%d %b %Y")

amounts = st.decimals(-10_000_000, 10_000_000, places=3, allow_nan=False).map(lambda n: n.normalize() + 0)
days = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def sheets_of(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[list[Any]]]:
    """Many sheets of a few cells each, checked together."""
    return st.lists(st.lists(values, min_size=1, max_size=4), min_size=12, max_size=20)


def misread(batch: Batch, column: str, expected: list[list[Any]]) -> list[tuple[Any, Any]]:
    """Cells that became something else than what was written."""
    found = [(row[column], expected[int(row["file"])][row["row"] - 2]) for row in batch.rows.to_pylist()]
    assert len(found) + len(batch.rejects) == sum(map(len, expected))
    return [(read, written) for read, written in found if read != written]


@pytest.mark.parametrize("style", NUMBER_STYLES)
@EXAMPLES
@given(values=sheets_of(amounts))
def test_numbers(style: str, values: list[list[Decimal]]) -> None:
    written = NUMBER_STYLES[style]
    sheets = [
        sheet(
            [{"project_id": f"P{s}", "status_date": "2025-08-31", "order_id": str(n), "amount": written(value)}
             for n, value in enumerate(cells)],
            file=str(s), has_points=False,
        )
        for s, cells in enumerate(values)
    ]  # fmt: skip
    (batch,) = checked(sheets, TableRule("orders"))
    assert misread(batch, "amount", values) == []
    assert {reject.reason for reject in batch.rejects} <= {"ambiguous_number"}


@pytest.mark.parametrize("style", DATE_STYLES)
@EXAMPLES
@given(values=sheets_of(days))
def test_dates(style: str, values: list[list[date]]) -> None:
    fixed = {"status_date": "2025-08-31", "kind": "action", "title": "t"}
    sheets = [
        sheet(
            [{**fixed, "project_id": f"P{s}", "item_id": str(n), "due_on": value.strftime(style)}
             for n, value in enumerate(cells)],
            file=str(s),
        )
        for s, cells in enumerate(values)
    ]  # fmt: skip
    (batch,) = checked(sheets, TableRule("actions"))
    assert misread(batch, "due_on", values) == []
    assert {reject.reason for reject in batch.rejects} <= {"ambiguous_date"}
