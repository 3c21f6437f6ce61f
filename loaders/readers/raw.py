"""What calamine finds in a workbook, as plain values. A program of its own, too, for old kinds of workbooks:

    python -m loaders.readers.raw FILE      writes the pickled sheets to standard output

A damaged .xls can make the library ask for all the memory there is; here that ends this process and no other.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MEMORY = 4 * 2**30
"""Bytes that the program may use."""

Range = tuple[tuple[int, int], tuple[int, int]]


class Raw(NamedTuple):
    """A sheet: its cells by row, from the first of the sheet on, and its merged ranges; no rows where not asked."""

    name: str
    is_visible: bool
    rows: list[list[Any]]
    merged: list[Range]


def raw_sheets(book: str | BinaryIO, is_wanted: Callable[[str, bool], bool]) -> list[Raw]:
    """The sheets of a workbook; cells only of those that `is_wanted` says by name and visibility.

    Raises CalamineError, OSError, ValueError, and on damage that the library did not foresee its PanicException.
    """
    with CalamineWorkbook.from_object(book) as workbook:
        found = []
        for described in workbook.sheets_metadata:
            if described.typ != SheetTypeEnum.WorkSheet:
                continue
            is_visible = described.visible == SheetVisibleEnum.Visible
            raw = Raw(described.name, is_visible, [], [])
            if is_wanted(described.name, is_visible):
                sheet = workbook.get_sheet_by_name(described.name)
                if sheet.start is not None:
                    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
                    raw = raw._replace(rows=rows, merged=list(sheet.merged_cell_ranges or ()))
            found.append(raw)
        return found


def main(path: str) -> int:
    """Write all sheets of a workbook; 1 where it can't be read."""
    try:
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):
        pass
    try:
        found = raw_sheets(path, lambda _name, _is_visible: True)
    except (CalamineError, OSError, ValueError, MemoryError):
        return 1
    sys.stdout.buffer.write(pickle.dumps([tuple(raw) for raw in found]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
