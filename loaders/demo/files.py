"""Writing deliveries: workbooks, CSV as finance exports it, Parquet. The same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from loaders.demo.dress import SHEETS, Column, workbook_columns
from loaders.demo.portfolio import LAST_STATUS
from loaders.demo.reports import Row, Tables

EXCEL_EPOCH = date(1899, 12, 30)
CREATED = datetime(LAST_STATUS.year, LAST_STATUS.month, LAST_STATUS.day, 18)
WIDTHS = {"date": 12, "money": 17, "text": 30, "id": 13}
MONEY_FORMAT, DATE_FORMAT = "#,##0.00", "yyyy-mm-dd"
ARROW_TYPES = {"date": pa.date32(), "number": pa.float64(), "money": pa.float64()}


def _shown(column: Column, value: Any) -> Any:
    """A value as its office writes it: translated, as a percentage, or as a date in text."""
    if column.values:
        return column.values[str(value).lower() if isinstance(value, bool) else value]
    if column.percent:
        return round(value * 100, 4)
    if column.text_date:
        return value.strftime("%d/%m/%Y")
    return value


def write_workbook(path: Path, tables: Tables, *, spanish: bool) -> None:
    """One project's workbook: a sheet per table, empty tables with their headers only."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_urls": False}) as workbook:
        workbook.set_properties({"created": CREATED, "title": path.stem})
        header = workbook.add_format({"bold": True, "bottom": 1})
        formats = {
            "date": workbook.add_format({"num_format": DATE_FORMAT}),
            "money": workbook.add_format({"num_format": MONEY_FORMAT}),
        }
        for table, names in SHEETS.items():
            sheet = workbook.add_worksheet(names[0 if spanish else 1])
            columns = workbook_columns(table, spanish)
            sheet.freeze_panes(1, 0)
            for index, column in enumerate(columns):
                sheet.set_column(index, index, WIDTHS.get(column.type, 12))
                sheet.write_string(0, index, column.header, header)
            for number, row in enumerate(tables.get(table, ()), start=1):
                _write_row(sheet, number, columns, row, formats)


def _write_row(sheet: Any, number: int, columns: Sequence[Column], row: Row, formats: dict[str, Any]) -> None:
    for index, column in enumerate(columns):
        value = row.get(column.name)
        if value is None or value == "":
            continue
        value = _shown(column, value)
        if isinstance(value, date):
            sheet.write_number(number, index, (value - EXCEL_EPOCH).days, formats["date"])
        elif isinstance(value, bool):
            sheet.write_boolean(number, index, value)
        elif isinstance(value, str):
            sheet.write_string(number, index, value)
        else:
            sheet.write_number(number, index, value, formats.get(column.type))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _latin(value: Any) -> str:
    """Dates dd/mm/yyyy, decimal commas."""
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return f"{value:.2f}".replace(".", ",") if isinstance(value, float) else str(value)


def _latin_grouped(value: Any) -> str:
    """As `_latin`, with points between thousands."""
    if isinstance(value, float):
        return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
    return _latin(value)


CSV_STYLES: dict[str, tuple[str, str, Callable[[Any], str]]] = {
    "plain": (",", "utf-8", _plain),
    "erp": (";", "latin-1", _latin),
    "billing": (";", "utf-8", _latin_grouped),
}


def write_csv(path: Path, columns: Sequence[Column], rows: Iterable[Row], style: str = "plain") -> None:
    """A CSV file; texts hold neither quotes nor line ends, and are quoted where they hold the delimiter."""
    delimiter, encoding, show = CSV_STYLES[style]

    def cell(column: Column, row: Row) -> str:
        value = row.get(column.name)
        if value is None:
            return ""
        text = show(_shown(column, value))
        return f'"{text}"' if delimiter in text else text

    with path.open("w", encoding=encoding, newline="") as handle:
        handle.write(delimiter.join(column.header for column in columns) + "\n")
        handle.writelines(delimiter.join(cell(column, row) for column in columns) + "\n" for row in rows)


def write_parquet(path: Path, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """A Parquet file with typed columns."""
    pq.write_table(
        pa.table(
            {
                column.header: pa.array(
                    [row.get(column.name) for row in rows], ARROW_TYPES.get(column.type, pa.string())
                )
                for column in columns
            }
        ),
        path,
        compression="zstd",
    )
