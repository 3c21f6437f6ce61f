"""Sheets made by hand, and what becomes of them; many in one check, each a file of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from loaders.batch import Batch, FileReport, Reject
from loaders.binding import bind
from loaders.checks import Delivered, check_sheets, checking
from loaders.intake import read_sources
from loaders.mapping import FileRule, TableRule
from loaders.readers.base import ROW, Sheet

_OPEN = ExitStack()

Cell = str | int | float | bool | None


def sheet(
    rows: Sequence[Mapping[str, Cell]],
    file: str = "given.csv",
    name: str | None = None,
    *,
    has_points: bool = True,
) -> Sheet:
    """A sheet of rows by heading; cells that are no text were none in their file either."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    columns = {
        h: pa.array([None if row.get(h) is None else str(row.get(h)) for row in rows], pa.string())
        for h in headings
    }
    native = {h: pa.array([not isinstance(row.get(h), (str, type(None))) for row in rows]) for h in headings}
    table = pa.table({**columns, ROW: pa.array(range(2, len(rows) + 2), pa.int64())})
    return Sheet(file, name, table, native=native, has_points=has_points)


def checked(
    sheets: Sequence[Sheet],
    rule: TableRule,
    file_rule: FileRule | None = None,
    *,
    delivered_at: datetime | None = None,
) -> list[Batch]:
    """The batches of some sheets under one rule."""
    of = file_rule or FileRule()
    delivered = [
        Delivered(bind(s, rule, of), "sha", of.status_date.of(s.file, s.sheet), delivered_at) for s in sheets
    ]
    return check_sheets(_database(), delivered, rule, of, "pmo")


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for all tests of a process; a check leaves nothing behind."""
    return _OPEN.enter_context(checking())


def taken_in(
    folder: Path, mapping: Path | None = None
) -> tuple[dict[str, list[dict[str, Any]]], list[Reject], list[str]]:
    """Rows kept by table, everything refused, and all notes, of a folder."""
    kept: dict[str, list[dict[str, Any]]] = {}
    refused: list[Reject] = []
    notes: list[str] = []
    for found in read_sources([folder], mapping):
        refused += found.rejects
        if isinstance(found, FileReport):
            notes += found.notes
        else:
            kept.setdefault(found.table, []).extend(found.rows.to_pylist())
            notes += [note for part in found.parts for note in part.notes]
    return kept, refused, notes
