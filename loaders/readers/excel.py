"""Workbooks of any age, read with python-calamine, as sheets of text.

Dates come as ISO text, numbers with every digit they have, errors of formulas as they show (#REF!). Rows are
numbered as in the workbook. Hidden sheets are read only where a mapping names them.
"""

from __future__ import annotations

import io
import os
import pickle
import re
import struct
import subprocess
import sys
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pyarrow as pa
from python_calamine import CalamineError

from loaders.readers.base import ROW, SEARCHED, Heading, Refused, Sheet, Wanted, anywhere
from loaders.readers.raw import Range, Raw, raw_sheets

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
SILENT = frozenset({".xls", ".xlsb"})
"""Kinds in which a formula with an error can't be told from an empty cell."""
LARGEST = 300_000_000
"""Bytes of a workbook that are still read."""
LARGEST_UNPACKED = 1_500_000_000
"""Bytes a workbook may hold once unpacked: a small file that claims more is no workbook."""
MOST_CELLS = 60_000_000
"""Cells between the first and the last one filled, of one sheet."""
NEVER_CALCULATED = "#CALC!"
"""Shown for a formula whose result the file does not hold."""

LONGEST_READ = 300
"""Seconds after which a workbook is given up."""

_ROOT = Path(__file__).parents[2]
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<(?:v|f|is)\b')
_ERROR = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*\bt="e"[^>]*>(?:(?!</c>).)*?<v>([^<]*)</v>', re.DOTALL
)
_EMPTY_FORMULA = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"(?![^>]*\bt="str")[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>(?:(?!</f>).)*</f>)'
    rb"\s*(?:<v\s*/>|<v></v>)?\s*</c>",
    re.DOTALL,
)
_SUSPECT_COLUMN = re.compile(rb'<c r="[A-Z]{3}\d')
_LAST_ROW = re.compile(rb'<row r="(\d{1,7})"')

_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, ElementTree.ParseError),
    *(KeyError, NotImplementedError, RuntimeError, EOFError, OSError, struct.error),
)
"""What a damaged package raises."""

Place = tuple[int, int]
_quiet = threading.Lock()
"""One workbook at a time: the standard error that a panic would write to belongs to the whole process."""


class Book(NamedTuple):
    """The sheets of a workbook that have a heading, the names of all, and those of hidden ones left out."""

    sheets: list[Sheet]
    names: list[str]
    hidden: list[str]


def read_workbook(
    path: Path, file: str, wanted: Wanted = anywhere, is_named: Callable[[str], bool] | None = None
) -> Book:
    """What is in a workbook. Raises UnreadableFile.

    With `is_named` only the sheets that it says, hidden or not.
    """
    content = _content(path, file)
    package = _Package(content, file)

    def is_wanted(name: str, is_visible: bool) -> bool:
        return is_named(name) if is_named else is_visible

    raws = _raw(content, path, package, is_wanted)
    chosen = [raw for raw in raws if is_wanted(raw.name, raw.is_visible)]
    sheets = [sheet for raw in chosen for sheet in _sheet(raw, package, wanted(raw.name))]
    hidden = [raw.name for raw in raws if not raw.is_visible and raw not in chosen]
    return Book(sheets, [raw.name for raw in raws], hidden)


def unpacked_size(content: bytes, file: str) -> int:
    """Bytes of all parts of a package, once unpacked. Raises UnreadableFile, as for reading it."""
    if not _Package(content, file).parts:
        raise Refused(_kind(content), file=file)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return sum(entry.file_size for entry in packed.infolist())


def _raw(content: bytes, path: Path, package: _Package, is_wanted: Callable[[str, bool], bool]) -> list[Raw]:
    """The cells of a workbook; kinds whose damage can take the process down are read in another one."""
    is_package = zipfile.is_zipfile(io.BytesIO(content))
    if (not is_package and not content.startswith(_OLD_OFFICE)) or _ENCRYPTED in content:
        raise Refused(_kind(content), file=package.file)
    try:
        if package.parts:
            with _panics_as_errors():
                return raw_sheets(io.BytesIO(content), is_wanted)
        done = subprocess.run(
            [sys.executable, "-m", "loaders.readers.raw", str(path.absolute())],
            cwd=_ROOT, capture_output=True, check=True, timeout=LONGEST_READ,
        )  # fmt: skip
        return [Raw(*found) for found in pickle.loads(done.stdout)]
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile, subprocess.SubprocessError) as error:
        raise Refused(_kind(content), file=package.file) from error


@contextmanager
def _panics_as_errors() -> Iterator[None]:
    """Raise CalamineError where the library, written in Rust, gives up on damage, and keep it from printing."""
    with _quiet:
        shown = os.dup(2)
        try:
            with Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), 2)
            yield
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            raise CalamineError(str(error)) from None
        finally:
            os.dup2(shown, 2)
            os.close(shown)


def _content(path: Path, file: str) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise Refused("too_large", file=file, limit=f"{LARGEST // 10**6} MB")
        content = path.read_bytes()
    except OSError as error:
        raise Refused("cannot_open", file=file, why=str(error.strerror)) from error
    if not content.strip():
        raise Refused("empty", file=file)
    return content


def _kind(content: bytes) -> str:
    """The reason that says what a file is which is no workbook."""
    if _ENCRYPTED in content or _is_locked(content):
        return "password"
    start = content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        return "web_page"
    if b"\x00" not in start and not content.startswith((b"PK", _OLD_OFFICE)):
        return "text_as_workbook"
    return "no_workbook"


def _is_locked(content: bytes) -> bool:
    """Whether an OpenDocument says that its parts are encrypted."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return b"encryption-data" in packed.read("META-INF/manifest.xml")
    except _DAMAGE:
        return False


class _Package:
    """What calamine does not say of an .xlsx: its true size, formulas with errors or without a result."""

    def __init__(self, content: bytes, file: str) -> None:
        self.file = file
        self.content = content
        self.parts: dict[str, str] = {}
        if not zipfile.is_zipfile(io.BytesIO(content)):
            return
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                if sum(entry.file_size for entry in packed.infolist()) > LARGEST_UNPACKED:
                    raise Refused("unpacks_too_large", file=file)
                self.parts = _parts(packed)
                for part in self.parts.values():
                    self._measure(packed.read(part))
        except _DAMAGE:
            self.parts = {}
        except MemoryError as error:
            raise Refused("unpacks_too_large", file=file) from error

    def _measure(self, xml: bytes) -> None:
        """Refuse a sheet whose filled cells lie so far apart that what is between them fills the memory."""
        last = _LAST_ROW.search(xml, max(xml.rfind(b"<row "), 0))
        if not last or int(last[1]) * (16_384 if _SUSPECT_COLUMN.search(xml) else 702) <= MOST_CELLS:
            return
        places = [_place(found[1], found[2]) for found in _CELL.finditer(xml)]
        rows, columns = [row for row, _ in places], [column for _, column in places]
        if places and (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1) > MOST_CELLS:
            raise Refused("too_far_apart", file=self.file)

    def odd_cells(self, sheet: str) -> dict[Place, str]:
        """Cells that are empty to calamine and to nobody else: (row, column) from 0 → what stands there."""
        part = self.parts.get(sheet)
        if part is None:
            return {}
        with zipfile.ZipFile(io.BytesIO(self.content)) as packed:
            xml = packed.read(part)
        odd: dict[Place, str] = {}
        if b"<f" in xml:
            odd |= {_place(f[1], f[2]): NEVER_CALCULATED for f in _EMPTY_FORMULA.finditer(xml)}
        if b't="e"' in xml:
            odd |= {_place(f[1], f[2]): f[3].decode("utf-8", "replace") for f in _ERROR.finditer(xml)}
        return odd


def _parts(packed: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → its part of an Office Open XML package, of the transitional kind or the strict one."""
    names = set(packed.namelist())
    if "xl/workbook.xml" not in names or "xl/_rels/workbook.xml.rels" not in names:
        return {}
    relations = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    parts: dict[str, str] = {}
    for element in ElementTree.fromstring(packed.read("xl/workbook.xml")).iter():
        if element.tag.endswith("}sheet"):
            relation_id = next((value for name, value in element.items() if name.endswith("}id")), None)
            target = targets.get(relation_id, "")
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            if part in names and part.endswith(".xml"):
                parts[element.get("name", "")] = part
    return parts


def _place(letters: bytes, row: bytes) -> Place:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return int(row) - 1, column - 1


def _sheet(raw: Raw, package: _Package, heading: Heading) -> Iterator[Sheet]:
    """The sheet, if it has a heading."""
    rows = raw.rows
    for (row, column), shown in package.odd_cells(raw.name).items():
        rows += [[] for _ in range(row + 1 - len(rows))]
        rows[row] += [""] * (column + 1 - len(rows[row]))
        rows[row][column] = shown
    _spread(rows, raw.merged)
    searched = max(SEARCHED, *heading.rows, 0)
    first = [[_text(value) for value in row] for row in rows[:searched]]
    at = heading.find(first)
    if not at:
        return
    names = heading.names([first[index] for index in at])
    yield _table(package.file, raw.name, names, rows[max(at) + 1 :], max(at) + 2)


def _spread(rows: list[list[Any]], merged: Sequence[Range]) -> None:
    """A text or a day in merged cells holds for each of their rows; an amount stands once, or sums would grow."""
    for (top, left), (bottom, _right) in merged:
        for row in range(top + 1, min(bottom + 1, len(rows))):
            if (
                left < len(rows[row])
                and rows[row][left] == ""
                and not isinstance(rows[top][left], (int, float))
            ):
                rows[row][left] = rows[top][left]


def _table(file: str, sheet: str, names: Sequence[str], body: Sequence[Sequence[Any]], first: int) -> Sheet:
    columns: dict[str, pa.Array] = {}
    native: dict[str, pa.Array] = {}
    for index, name in enumerate(names):
        values = [row[index] if index < len(row) else "" for row in body]
        columns[name] = pa.array(map(_text, values), pa.string(), size=len(values))
        typed = [not isinstance(value, str) for value in values]
        if any(typed):
            native[name] = pa.array(typed, pa.bool_())
    numbers = pa.array(range(first, first + len(body)), pa.int64())
    return Sheet(file, sheet, pa.table({**columns, ROW: numbers}), native=native, has_points=False)


def _text(value: Any) -> str | None:  # noqa: PLR0911
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
        return repr(value.total_seconds() / 86400)
    return str(value)
