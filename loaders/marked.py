"""The workbook as it was delivered, with what was refused marked where it stands: to repair and load again.

A refused cell is filled and carries the sentence as a comment; so does the first cell of a refused row, the
heading of a column, and the first cell of a sheet or file that was refused as a whole. Values and formulas stay;
results of formulas are calculated anew when the workbook is opened. Shapes that openpyxl does not know are lost.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from loaders.batch import Reject
from loaders.errors import NotMarkedError
from loaders.names import plain
from loaders.readers.base import SEARCHED
from loaders.readers.excel import unpacked_size
from locales import Translator

SUFFIXES = frozenset({".xlsx", ".xlsm"})
"""Kinds of workbook that can be marked."""
LARGEST_UNPACKED = 15_000_000
"""Bytes of a workbook's parts: of a larger one the list of what was refused has to do."""
MOST_SAID = 5
"""Sentences in one comment."""
FILL = PatternFill("solid", fgColor="FFFFC7CE")
WIDTH, LINE = 420, 20
"""Of a comment, in points; LINE holds about sixty characters."""

_NUMBERED = re.compile(r" \((\d+)\)$")

Place = tuple[int, int]


def is_markable(file: str) -> bool:
    """Whether a file is of a kind that can be marked."""
    return Path(file).suffix.lower() in SUFFIXES


def marked(content: bytes, file: str, rejects: Sequence[Reject], t: Translator) -> bytes:
    """A copy of the workbook `file` with its `rejects` marked, sentences in the language of `t`.

    Raises NotMarkedError for a kind that cannot be marked and a workbook too large or damaged, and
    UnreadableFile for what the reader would not open either.
    """
    if not is_markable(file):
        raise NotMarkedError.of("marked.kind", file=file, kinds=", ".join(sorted(SUFFIXES)))
    if unpacked_size(content, file) > LARGEST_UNPACKED:
        raise NotMarkedError.of("marked.too_large", file=file, limit=f"{LARGEST_UNPACKED // 10**6} MB")
    if _declares_entities(content):
        raise NotMarkedError.of("marked.damaged", file=file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of what it will not keep
        book = _opened(content, file)
        _mark(book, rejects, t)
        return _saved(book, file)


def _opened(content: bytes, file: str) -> Workbook:
    try:
        return openpyxl.load_workbook(
            io.BytesIO(content), keep_vba=file.lower().endswith(".xlsm"), rich_text=True
        )
    except Exception as error:  # whatever a damaged workbook makes the library raise
        raise NotMarkedError.of("marked.damaged", file=file) from error


def _saved(book: Workbook, file: str) -> bytes:
    out = io.BytesIO()
    try:
        book.save(out)
    except Exception as error:  # as above: some damage shows only here
        raise NotMarkedError.of("marked.damaged", file=file) from error
    return out.getvalue()


def _declares_entities(content: bytes) -> bool:
    """Whether a part of the package begins as no spreadsheet program writes it: to grow when it is read."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        names = [name for name in packed.namelist() if name.endswith((".xml", ".rels", ".vml"))]
        return any(b"<!ENTITY" in packed.read(name) for name in names)


def _mark(book: Workbook, rejects: Sequence[Reject], t: Translator) -> None:
    said: dict[tuple[str, Place], list[str]] = {}
    sheets: dict[str, Worksheet] = {sheet.title: sheet for sheet in book.worksheets}
    filled = {title: _filled(sheet) for title, sheet in sheets.items()}
    for reject in rejects:
        title = reject.sheet if reject.sheet in sheets else next(iter(sheets))
        where = _place(filled[title], reject) if reject.sheet in sheets else (1, 1)
        sentences = said.setdefault((title, where), [])
        if (sentence := reject.sentence(t)) not in sentences:
            sentences.append(sentence)
    for (title, (row, column)), sentences in said.items():
        _say(_anchor(sheets[title], row, column), sentences, t)


def _filled(sheet: Worksheet) -> dict[Place, str]:
    """The filled cells of a sheet by row and column, without making the empty ones between them."""
    cells = sheet._cells
    return {place: str(cell.value) for place, cell in sorted(cells.items()) if cell.value is not None}


def _place(filled: dict[Place, str], reject: Reject) -> Place:
    """Where a reject is marked: its cell; else the first one of its row, the heading of its column, the sheet's first."""
    heading = next(_headings(filled, reject), None) if reject.column else None
    if reject.row is None:
        return heading or (1, 1)
    if heading:
        return reject.row, heading[1]
    return reject.row, min((column for row, column in filled if row == reject.row), default=1)


def _headings(filled: dict[Place, str], reject: Reject) -> Iterator[Place]:
    """The cells near the top that hold the heading of a reject's column; of repeated ones, the one it counts."""
    name = reject.column or ""
    numbered = _NUMBERED.search(name)
    for wanted, number in ((name, 1), (_NUMBERED.sub("", name), int(numbered[1]) if numbered else 1)):
        found = [
            (row, column)
            for (row, column), text in filled.items()
            if row <= min(SEARCHED, (reject.row or SEARCHED + 1) - 1) and plain(text) == plain(wanted)
        ]
        in_row = [place for place in found if place[0] == found[0][0]]
        yield from in_row[number - 1 : number]


def _anchor(sheet: Worksheet, row: int, column: int) -> Cell:
    """The cell, or the one that holds what is merged there: the others can carry nothing."""
    for merged in sheet.merged_cells.ranges:
        if merged.min_row <= row <= merged.max_row and merged.min_col <= column <= merged.max_col:
            row, column = merged.min_row, merged.min_col
    return cast(Cell, sheet.cell(row, column))


def _say(cell: Cell, sentences: Sequence[str], t: Translator) -> None:
    """Fill a cell and put the sentences into its comment, below what somebody else wrote there."""
    shown = list(sentences[:MOST_SAID])
    if more := len(sentences) - len(shown):
        shown.append(t.n("marked.more", more))
    if cell.comment:
        shown.insert(0, cell.comment.text)
    text = "\n\n".join(shown)
    cell.fill = FILL
    lines = sum(1 + len(part) // 60 for part in text.split("\n"))
    cell.comment = Comment(text, t.t("app.name"), width=WIDTH, height=LINE * (lines + 1))
