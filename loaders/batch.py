"""What comes out of a source: rows that keep the contract, and what was refused, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from locales import Translator

Fields = Mapping[str, str | int]


@dataclass(frozen=True)
class Reject:
    """One refused cell, row or file (`row` None). `reason` names the text `reject.<reason>`."""

    file: str
    reason: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    params: Fields = field(default_factory=dict)
    table: str | None = None
    source: str | None = None

    def sentence(self, t: Translator) -> str:
        """What is wrong and what to do, in one sentence; the place is left to whoever shows it.

        Raises locales.MissingTextError.
        """
        known: dict[str, str | int] = {
            "file": self.file,
            "table": self.table or "",
            "row": self.row or 0,
            "column": self.column or "",
            "value": self.value or "",
        }
        return t.t(f"reject.{self.reason}", **{**known, **self.params})


@dataclass(frozen=True)
class Part:
    """One sheet of one file in a batch; `rows_in` counts its data rows, blank ones aside."""

    file: str
    sheet: str | None
    sha256: str
    rows_in: int
    notes: tuple[str, ...] = ()
    rows_kept: int = 0


@dataclass(frozen=True)
class Batch:
    """Rows of one contract table out of sheets of one source that are laid out alike, checked and typed.

    `rows` has the contract's columns in the contract's types, then file, sheet, row and slice_date (the day
    that dates the row's delivery, NULL where there is none). `damaged` holds the slice keys (slice columns and
    slice_date) of refused rows; a NULL in it stands for any value: those slices are not whole.
    """

    table: str
    source: str
    delivered_at: datetime | None
    parts: tuple[Part, ...]
    rows: pa.Table
    rejects: tuple[Reject, ...]
    damaged: pa.Table

    @property
    def rows_in(self) -> int:
        """Data rows seen in all parts."""
        return sum(part.rows_in for part in self.parts)


@dataclass(frozen=True)
class FileReport:
    """Every file seen, even one that yields nothing; rejects of the file as a whole."""

    file: str
    source: str
    sha256: str | None = None
    rejects: tuple[Reject, ...] = ()
    notes: tuple[str, ...] = ()
