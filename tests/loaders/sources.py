"""Source folders for tests: CSV files named after the contract's tables, and marts too small to wait for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import duckdb

from metrics.build import mart_scripts
from metrics.increment import fingerprint, remember
from metrics.rules import write_default_settings

RISKS = "project_id,risk_id,status_date,kind,title,probability"
PROJECTS = "project_id,name,valid_from"


def folder(place: Path, **files: str) -> Path:
    """A folder with a CSV file for each table; lines are separated by blanks between the quotes of a text."""
    place.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (place / f"{name}.csv").write_text(text, encoding="utf-8")
    return place


def risks(*titles: str, day: str = "2025-07-31", project: str = "P1") -> str:
    """A file of risks, one for each title."""
    rows = [f"{project},R{n},{day},risk,{title},0.5" for n, title in enumerate(titles, start=1)]
    return "\n".join([RISKS, *rows, ""])


def few_marts(
    con: duckdb.DuckDBPyConnection,
    progress: Callable[[str, int, int], None] | None = None,
    projects: Collection[str] | None = None,
) -> None:
    """Marts in the place of metrics.build.build_marts: one table, so that a load takes no time, marked as made today."""
    write_default_settings(con)
    remember(con, fingerprint(con, mart_scripts()))
    con.execute("""
        create or replace table main.mart_project_status as
        select distinct project_id, slice_date as status_date
        from timeline.slices where slice_date > date '1900-01-01'""")
    if progress:
        progress("", 1, 1)
