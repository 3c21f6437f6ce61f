"""Workbooks of any age, read with python-calamine, as sheets of text.

Dates come as ISO text, numbers in full precision, errors of formulas as they show (#REF!). Rows are numbered as in
the workbook; the heading is the first row that is not blank unless the mapping says otherwise.
"""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from loaders.errors import UnreadableFile
from loaders.readers.base import ROW, Sheet
from loaders.readers.tabular import unique_headers

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
LARGEST = 200_000_000
"""Bytes of a workbook that are still read."""
LARGEST_UNPACKED = 4_000_000_000
"""Bytes a workbook may hold once unpacked: a small file that claims more is no workbook."""


def read_workbook(
    path: Path, file: str, header_row: int | None = None, sheets: set[str] | None = None
) -> list[Sheet]:
    """The sheets that have a heading, only `sheets` where given. Raises UnreadableFile."""
    content = _content(path, file)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            read
            for name in workbook.sheet_names
            if sheets is None or name in sheets
            if (read := _sheet(workbook, name, file, header_row))
        ]
    except PasswordError as error:
        raise UnreadableFile(
            f"{file} is protected by a password: save it without a password and load it again."
        ) from error
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise UnreadableFile(
            f"{file} is damaged or no workbook, whatever its name says: save it again as .xlsx and load the new file."
        ) from error


def sheet_names(path: Path, file: str) -> list[str]:
    """The names of a workbook's sheets. Raises UnreadableFile."""
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(_content(path, file))).sheet_names
    except PasswordError as error:
        raise UnreadableFile(
            f"{file} is protected by a password: save it without a password and load it again."
        ) from error
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(
            f"{file} is damaged or no workbook, whatever its name says: save it again as .xlsx and load the new file."
        ) from error


def _content(path: Path, file: str) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise UnreadableFile(f"{file} is larger than {LARGEST // 10**6} MB: split it and load the parts.")
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            f"{file} cannot be opened ({error.strerror}): check that it exists and that you may read it."
        ) from error
    if not content.strip():
        raise UnreadableFile(f"{file} is empty: save it again and load the new file.")
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > LARGEST_UNPACKED:
                raise UnreadableFile(f"{file} unpacks to more than a workbook can hold: it was not opened.")
    return content


def _sheet(workbook: CalamineWorkbook, name: str, file: str, header_row: int | None) -> Sheet | None:
    rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    at = (
        header_row - 1
        if header_row
        else next((i for i, row in enumerate(rows) if any(_text(v) for v in row)), None)
    )
    if at is None or at >= len(rows):
        return None
    header = [_text(value) for value in rows[at]]
    width = max((index for index, value in enumerate(header) if value), default=-1) + 1
    if not width:
        return None
    body = rows[at + 1 :]
    names = unique_headers(header[:width])
    columns = {
        heading: pa.array([_text(row[index]) if index < len(row) else None for row in body], pa.string())
        for index, heading in enumerate(names)
    }
    numbers = pa.array(range(at + 2, at + 2 + len(body)), pa.int64())
    return Sheet(file=file, sheet=name, table=pa.table({**columns, ROW: numbers}))


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds() / 86400)
    return str(value)
