"""What every reader yields: a sheet of text with row numbers, before anybody interprets it."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

ROW = "__row"


@dataclass(frozen=True)
class Sheet:
    """One rectangular piece of a source file, every value still text (None where empty).

    `table` has string columns under the headers as found, plus `__row` (int64): the row as a person
    sees it in the file, the header being row 1.
    """

    file: str
    sheet: str | None
    table: pa.Table
    target: str | None = None
    notes: tuple[str, ...] = ()
