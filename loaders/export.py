"""Everything in the store as files: the canonical tables as they stand, and the marts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import xlsxwriter

from loaders import store
from loaders.contract import contract
from loaders.errors import LoadError
from loaders.history import quoted

FORMATS = ("parquet", "csv", "xlsx")
BATCH_ROWS = 50_000
EXCEL_ROWS = 1_048_575
"""Rows below the heading that a worksheet holds."""
EXCEL_TEXT = 32_767
"""Characters that a cell holds; longer text ends in an ellipsis there."""
LISTS = ("loads", "rejects", "stubs", "rules")
"""Tables beside the marts that go out with them."""

Progress = Callable[[str, int, int], None]


def export(folder: Path, out: Path, kind: str, progress: Progress | None = None) -> list[Path]:
    """Write the canonical tables (their current rows) and the marts of the store in `folder`, a file each.

    `kind` is one of FORMATS. Lists and structs are JSON text in CSV and Excel; decimals keep their digits in
    Parquet and CSV. Returns the files written. Raises StoreError when there is no store, LoadError when a
    file can't be written.
    """
    opened = store.open_current(folder)
    con = opened.cursor()
    try:
        names = _names(con)
        written = []
        for done, name in enumerate(names):
            if progress:
                progress(name, done, len(names))
            path = out / f"{name}.{kind}"
            try:
                out.mkdir(parents=True, exist_ok=True)
                _WRITERS[kind](con, name, path)
            except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                raise LoadError.of("error.write_folder", path=str(path), why=reason) from error
            written.append(path)
    finally:
        con.close()
        opened.close()
    return written


def _names(con: duckdb.DuckDBPyConnection) -> list[str]:
    there = {
        name
        for (name,) in con.execute(
            "select table_name from duckdb_tables() where schema_name = 'main' "
            "union select view_name from duckdb_views() where schema_name = 'main' and not internal"
        ).fetchall()
    }
    marts = sorted(name for name in there if name.startswith("mart_"))
    return [name for name in (*contract(), *marts, *LISTS) if name in there]


def _to_parquet(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    reader = con.sql(f"select * from main.{quoted(name)}").to_arrow_reader(BATCH_ROWS)
    with pq.ParquetWriter(path, reader.schema) as writer:
        for rows in reader:
            writer.write_batch(rows)


def _to_csv(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    columns = [
        f"{_guarded(column)} as {quoted(column)}" if kind == "VARCHAR" else _flat(column, kind)
        for column, kind in _columns(con, name)
    ]
    reader = con.sql(f"select {', '.join(columns)} from main.{quoted(name)}").to_arrow_reader(BATCH_ROWS)
    with pa_csv.CSVWriter(path, reader.schema) as writer:
        for rows in reader:
            writer.write_batch(rows)


def _to_excel(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    count = con.execute(f"select count(*) from main.{quoted(name)}").fetchall()[0][0]
    if count > EXCEL_ROWS:
        raise LoadError.of("error.too_many_rows", name=name, count=f"{count:,}")
    columns = _columns(con, name)
    options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(str(path), {**options, "nan_inf_to_errors": True}) as workbook:
        formats = {
            date: workbook.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        bold = workbook.add_format({"bold": True})
        sheet = workbook.add_worksheet(name[:31])
        for place, (column, kind) in enumerate(columns):
            sheet.write_string(0, place, column, bold)
            sheet.set_column(place, place, 12 if kind in ("DATE", "BOOLEAN") else 18)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
        for number, row in enumerate(_rows(con, name, columns), start=1):
            for place, value in enumerate(row):
                _cell(sheet, number, place, value, formats)


def _cell(sheet: Any, row: int, place: int, value: Any, formats: dict[type[date], Any]) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(row, place, value)
    elif isinstance(value, (date, datetime)):
        sheet.write_datetime(row, place, value, formats[type(value)])
    else:
        text = str(value)
        sheet.write_string(row, place, text if len(text) <= EXCEL_TEXT else f"{text[: EXCEL_TEXT - 1]}…")


def _rows(
    con: duckdb.DuckDBPyConnection, name: str, columns: list[tuple[str, str]]
) -> Iterator[tuple[Any, ...]]:
    cursor = con.execute(
        f"select {', '.join(_flat(column, kind) for column, kind in columns)} from main.{quoted(name)}"
    )
    while rows := cursor.fetchmany(BATCH_ROWS):
        yield from rows


def _columns(con: duckdb.DuckDBPyConnection, name: str) -> list[tuple[str, str]]:
    return [(column, kind) for column, kind, *_ in con.execute(f"describe main.{quoted(name)}").fetchall()]


def _flat(column: str, kind: str) -> str:
    """A column as a plain value: lists and structs are JSON text."""
    nested = kind.endswith("]") or kind.startswith(("STRUCT", "MAP"))
    return f"to_json({quoted(column)})::varchar as {quoted(column)}" if nested else quoted(column)


def _guarded(column: str) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    name = quoted(column)
    return (
        f"case when regexp_matches({name}, '^([=@\\t\\r]|[+-]\\S)') and try_cast({name} as double) is null "
        f"then '''' || {name} else {name} end"
    )


_WRITERS: dict[str, Callable[[duckdb.DuckDBPyConnection, str, Path], None]] = {
    "parquet": _to_parquet,
    "csv": _to_csv,
    "xlsx": _to_excel,
}
