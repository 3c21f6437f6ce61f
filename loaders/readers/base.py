"""What every reader yields: a sheet of text with row numbers, before anybody interprets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from loaders.errors import UnreadableFile
from loaders.names import plain
from locales import SOURCE_LANGUAGE, translator

ROW = "__row"
OVERFLOW = "__overflow"
"""A column that holds whatever a row of text has beyond its headings; there only where a row has any."""
SEARCHED = 30
"""Rows from the top in which a heading is looked for."""

Cells = Sequence[str | None]


@dataclass(frozen=True)
class Sheet:
    """One rectangular piece of a source file, every value still text (None where empty).

    `table` has string columns under the headings as found, plus `__row` (int64): the row as a person sees it in
    the file, the first being 1. `native` says which cells of a column were numbers, dates or booleans in the file:
    their text is canonical (1234.5, 2026-02-28, true) whatever the mapping says of numbers and dates.
    `has_points` says that the point of 1.234 can only be a decimal one here.
    """

    file: str
    sheet: str | None
    table: pa.Table
    target: str | None = None
    notes: tuple[str, ...] = ()
    native: Mapping[str, pa.Array] = field(default_factory=dict)
    has_points: bool = True

    @property
    def headings(self) -> list[str]:
        """The headings, in the order of the file."""
        return [name for name in self.table.column_names if name not in (ROW, OVERFLOW)]


class Refused(UnreadableFile):
    """A file that is refused as a whole: `reason` names the text `reject.<reason>`, filled with `params`."""

    def __init__(self, reason: str, **params: str | int) -> None:
        self.reason = reason
        self.key, self.params = f"reject.{reason}", params
        super().__init__(translator(SOURCE_LANGUAGE).t(self.key, **params))


@dataclass(frozen=True)
class Heading:
    """Where a sheet's heading is: in `rows` (from 1; several are joined), else where most of `wanted` are."""

    wanted: frozenset[str] = frozenset()
    rows: tuple[int, ...] = ()

    def find(self, rows: Sequence[Cells]) -> list[int]:
        """Indexes of the heading's rows among a sheet's first rows; empty where all of them are blank."""
        if self.rows:
            return [row - 1 for row in self.rows if row <= len(rows)]
        filled = [(index, cells) for index, cells in enumerate(rows[:SEARCHED]) if any(cells)]
        hits = {index: len({plain(c) for c in cells if c} & self.wanted) for index, cells in filled}
        best = max(hits, key=lambda index: (hits[index], -index), default=None)
        if best is None or hits[best] > 1:
            return [] if best is None else [best]
        return [next((index for index, cells in filled if sum(map(bool, cells)) > 1), filled[0][0])]

    def names(self, rows: Sequence[Cells]) -> list[str]:
        """Headings as column names out of the heading's rows, blank ones at the end left out."""
        width = max((index + 1 for cells in rows for index, cell in enumerate(cells) if cell), default=0)
        levels = [_across(cells, width) for cells in rows[:-1]] + [[*rows[-1], *[None] * width][:width]]
        return unique_headings(
            [" ".join(part for part in parts if part) or None for parts in zip(*levels, strict=True)]
        )


Wanted = Callable[[str | None], Heading]
"""Sheet's name → where its heading is."""


def anywhere(_sheet: str | None) -> Heading:
    """The heading is the first row with more than one cell."""
    return Heading()


def unique_headings(heading: Cells) -> list[str]:
    """Headings as column names: blank ones are "column 3", of repeated ones the first is "Name (1)"."""
    names = [" ".join((raw or "").split()) or f"column {index}" for index, raw in enumerate(heading, start=1)]
    seen: dict[str, int] = {}
    for name in names:
        seen[plain(name)] = seen.get(plain(name), 0) + 1
    count: dict[str, int] = {}
    unique: list[str] = []
    for name in names:
        key = plain(name)
        count[key] = count.get(key, 0) + 1
        unique.append(name if seen[key] == 1 else f"{name} ({count[key]})")
    return unique


def _across(cells: Cells, width: int) -> list[str | None]:
    """An upper row of a heading: a name stands over the blank cells to its right."""
    filled: list[str | None] = []
    for index in range(width):
        cell = cells[index] if index < len(cells) else None
        filled.append(cell or (filled[-1] if filled else None))
    return filled
