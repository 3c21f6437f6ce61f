"""CSV and Parquet files, read by DuckDB, as sheets of text.

Encoding, delimiter and ragged rows are found out, not assumed: a file from finance in Latin-1 with semicolons reads
like one in UTF-8 with commas. Values stay text; what they mean is decided later, by the mapping and the checks.
"""

from __future__ import annotations

import codecs
import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loaders.errors import UnreadableFile
from loaders.readers.base import ROW, Sheet
from loaders.store import scratch

CSV_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
PARQUET_SUFFIXES = frozenset({".parquet", ".pq"})
DELIMITERS = (",", ";", "\t", "|")
LARGEST = 2_000_000_000
"""Bytes of a text file that are still read."""
MOST_COLUMNS = 2_000

_OVERFLOW = "__overflow"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SNIFF = 65_536


@dataclass(frozen=True)
class CsvOptions:
    """What a mapping may say of a text file; None is found out. `header_row` counts from 1."""

    encoding: str | None = None
    delimiter: str | None = None
    header_row: int = 1


def read_csv(path: Path, file: str, options: CsvOptions | None = None) -> Sheet:
    """A text file as one sheet; a note says what was found out. Raises UnreadableFile."""
    options = options or CsvOptions()
    text, encoding = _decoded(path, file, options.encoding)
    if not text.strip("\ufeff \t\r\n"):
        raise UnreadableFile(f"{file} is empty: export it again and load the new file.")
    if "\x00" in text[:_SNIFF]:
        raise UnreadableFile(
            f"{file} is not a text file, whatever its name says: export it again as CSV and load the new file."
        )
    original, text = text, _one_line_end(text)
    delimiter = options.delimiter or _delimiter(text, options.header_row)
    with tempfile.TemporaryDirectory() as folder:
        plain = path
        if encoding.lower().replace("_", "-") not in {"utf-8", "ascii"} or text is not original:
            plain = Path(folder) / "utf8.csv"
            plain.write_text(text, encoding="utf-8", newline="")
        header = _header(text, delimiter, options.header_row, file)
        table = _rows(plain, delimiter, len(header), file)
    numbers = _row_numbers(text, delimiter, table.num_rows)
    table = table.append_column(ROW, numbers).slice(_position(numbers, options.header_row) + 1)
    notes = [] if encoding.startswith("utf-8") else [f"read as {encoding}"]
    long_rows = table.filter(pc.is_valid(table[_OVERFLOW]))[ROW].to_pylist()
    if long_rows:
        notes.append(f"{len(long_rows)} rows have more cells than headings, first row {long_rows[0]}")
    names = unique_headers(header)
    columns = {name: table[f"c{index}"] for index, name in enumerate(names)}
    return Sheet(file=file, sheet=None, table=pa.table({**columns, ROW: table[ROW]}), notes=tuple(notes))


def read_parquet(path: Path, file: str) -> Sheet:
    """A Parquet file as one sheet of text, dates ISO. Raises UnreadableFile."""
    try:
        names = [name for name in pq.read_schema(path).names if name != ROW]
        with scratch() as con:
            shown = ", ".join(f'cast("{_quoted(name)}" as varchar) as "{_quoted(name)}"' for name in names)
            table = con.sql(
                f"select {shown}, (row_number() over ())::bigint + 1 as {ROW} from read_parquet(?)",
                params=[str(path)],
            ).to_arrow_table()
    except (pa.ArrowInvalid, OSError, duckdb.Error) as error:
        raise UnreadableFile(
            f"{file} is damaged or no Parquet file, whatever its name says: export it again and load the new file."
        ) from error
    return Sheet(file=file, sheet=None, table=table)


def unique_headers(header: Sequence[str | None]) -> list[str]:
    """Headings as column names: blank ones are "column 3", a repeated one is "Name (2)"."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for index, raw in enumerate(header, start=1):
        name = " ".join((raw or "").split()) or f"column {index}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _decoded(path: Path, file: str, encoding: str | None) -> tuple[str, str]:
    try:
        if path.stat().st_size > LARGEST:
            raise UnreadableFile(f"{file} is larger than {LARGEST // 10**9} GB: split it and load the parts.")
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            f"{file} cannot be opened ({error.strerror}): check that it exists and that you may read it."
        ) from error
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    for candidate in [encoding] if encoding else [marked or "utf-8", "cp1252", "latin-1"]:
        try:
            return content.decode(candidate), candidate
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise UnreadableFile(
                f"The mapping says that {file} is encoded in {candidate!r}, which is no encoding:"
                " write utf-8 or latin-1."
            ) from None
    raise UnreadableFile(f"{file} is not encoded in {encoding}, as its mapping says: change the mapping.")


def _one_line_end(text: str) -> str:
    """The same text where a lone carriage return ends lines too, as old spreadsheets write some of them."""
    if "\r" not in text or text.count("\r") == text.count("\r\n"):
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _delimiter(text: str, header_row: int) -> str:
    """The delimiter that the heading has most of, quoted parts aside."""
    lines = text[:_SNIFF].splitlines()
    heading = lines[header_row - 1] if header_row <= len(lines) else lines[0]
    bare = "".join(part for index, part in enumerate(heading.split('"')) if index % 2 == 0)
    return max(DELIMITERS, key=lambda delimiter: (bare.count(delimiter), -DELIMITERS.index(delimiter)))


def _header(text: str, delimiter: str, header_row: int, file: str) -> list[str | None]:
    csv.field_size_limit(2**31 - 1)
    for index, record in enumerate(
        csv.reader(text.lstrip("\ufeff").splitlines(), delimiter=delimiter), start=1
    ):
        if index == header_row:
            if len(record) > MOST_COLUMNS:
                raise UnreadableFile(
                    f"{file} has {len(record)} columns: is the delimiter {delimiter!r} right?"
                )
            return list(record)
    raise UnreadableFile(f"{file} has no row {header_row}, where its heading should be: change the mapping.")


def _rows(path: Path, delimiter: str, width: int, file: str) -> pa.Table:
    columns = {**{f"c{index}": "VARCHAR" for index in range(width)}, _OVERFLOW: "VARCHAR"}
    with scratch() as con:
        try:
            return con.sql(
                """select * from read_csv(?, delim = ?, columns = ?, header = false, auto_detect = false, quote = '"',
                   escape = '"', null_padding = true, strict_mode = false, parallel = false, nullstr = '',
                   max_line_size = 33554432)""",
                params=[str(path), delimiter, columns],
            ).to_arrow_table()
        except duckdb.Error as error:
            raise UnreadableFile(
                f"{file} cannot be read as CSV ({str(error).splitlines()[0]}): export it again and load the new file."
            ) from error


def _row_numbers(text: str, delimiter: str, rows: int) -> pa.Array:
    """The number of each record as a spreadsheet shows it: DuckDB leaves blank lines out, people count them."""
    numbers = range(1, rows + 1)
    if "\n\n" in text or "\r\n\r\n" in text or text.startswith(("\n", "\r")):
        found = [
            index
            for index, record in enumerate(
                csv.reader(text.splitlines(keepends=True), delimiter=delimiter), start=1
            )
            if record
        ]
        if len(found) == rows:
            return pa.array(found, pa.int64())
    return pa.array(numbers, pa.int64())


def _position(numbers: pa.Array, header_row: int) -> int:
    before: list[int] = numbers[: header_row + 1].to_pylist()
    return max(sum(number <= header_row for number in before) - 1, 0)


def _quoted(name: str) -> str:
    return name.replace('"', '""')
