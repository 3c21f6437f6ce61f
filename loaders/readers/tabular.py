"""CSV and Parquet files, read by DuckDB, as sheets of text.

Encoding, delimiter, heading and ragged rows are found out, not assumed: a file from finance in Latin-1 with
semicolons reads like one in UTF-8 with commas. Values stay text; what they mean is decided later, by the mapping
and the checks.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.errors import MappingError
from loaders.readers.base import OVERFLOW, ROW, SEARCHED, Cells, Heading, Refused, Sheet, unique_headings
from loaders.store import scratch

CSV_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
PARQUET_SUFFIXES = frozenset({".parquet", ".pq"})
DELIMITERS = (",", ";", "\t", "|")
LARGEST = 1_000_000_000
"""Bytes of a text file that are still read."""
LARGEST_PARQUET_CELLS = 500_000_000
LONGEST_LINE = 32 * 2**20
MOST_COLUMNS = 2_000

_SAMPLE = 200_000
_END = "\x01"
"""Put after the last line, it is a row of its own unless a quotation mark is still open."""
_SPARE = 16
"""Cells beyond the heading that a row may have and still be read by DuckDB."""
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WINDOWS = {
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
"""What a byte that Latin-1 leaves to control characters means where it came from Windows."""
_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""A letter in UTF-8 that needs more than one byte."""
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"PAR1")
_LATIN = frozenset({"latin-1", "iso-8859-1", "cp1252", "windows-1252"})


@dataclass(frozen=True)
class CsvOptions:
    """What a mapping may say of a text file; None is found out. Transposed, each column of it is a row."""

    encoding: str | None = None
    delimiter: str | None = None
    transposed: bool = False


def read_csv(
    path: Path, file: str, options: CsvOptions | None = None, heading: Heading | None = None
) -> Sheet:
    """A text file as one sheet; a note says what was found out. Raises UnreadableFile, MappingError."""
    options, heading = options or CsvOptions(), heading or Heading()
    text, encoding = _decoded(path, file, options.encoding)
    if not text.strip("\ufeff \t\r\n;,|"):
        raise Refused("empty", file=file)
    is_plain = encoding == "utf-8" and text.count("\r") == text.count("\r\n") in (0, text.count("\n"))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    is_plain = is_plain and "\n\n" not in text and not text.startswith("\n")
    delimiter, skipped, text = _separated(text)
    notes = [] if encoding in ("utf-8", "utf-8-sig") else [f"read as {encoding}"]
    delimiter = options.delimiter or delimiter or _delimiter(text)
    if options.transposed:
        return _transposed(text, delimiter, file, heading, notes)
    first = list(itertools.islice(_records(text[:_SAMPLE], delimiter), max(SEARCHED, *heading.rows, 1) + 1))
    at = heading.find(first)
    if not at:
        raise Refused("no_heading", file=file, row=max(heading.rows, default=1))
    names = heading.names([first[index] for index in at])
    if len(names) > MOST_COLUMNS:
        raise Refused("too_many_columns", file=file, count=len(names), delimiter=delimiter)
    table = _read(path if is_plain and not skipped else None, text, delimiter, len(names), file)
    numbers = pa.array(range(1 + skipped, table.num_rows + 1 + skipped), pa.int64())
    body = table.rename_columns([*names, OVERFLOW]).append_column(ROW, numbers).slice(max(at) + 1)
    return Sheet(file, None, _without_overflow(body), notes=tuple(notes), has_points=delimiter != ";")


def read_parquet(path: Path, file: str) -> Sheet:
    """A Parquet file as one sheet of text, dates ISO. Raises UnreadableFile."""
    try:
        described = pq.ParquetFile(path)
        schema = described.schema_arrow
        if described.metadata.num_rows * max(len(schema), 1) > LARGEST_PARQUET_CELLS:
            raise Refused("too_large", file=file, limit=f"{LARGEST_PARQUET_CELLS:,} cells")
        headings = unique_headings(schema.names)
        given = [(f"c{n}", name, field) for n, (name, field) in enumerate(zip(headings, schema, strict=True))]
        columns = ", ".join(column for column, _, _ in given)
        shown = ", ".join(
            f"{_as_text(column, field.type)} as {_q(name)}" for column, name, field in given if name != ROW
        )
        with scratch() as con:
            table = con.sql(
                f"""select {shown}, (row_number() over ())::bigint + 1 as {ROW}
                    from read_parquet(?) as given({columns})""",
                params=[str(path)],
            ).to_arrow_table()
    except FileNotFoundError as error:
        raise Refused("cannot_open", file=file, why=str(error.strerror)) from error
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, duckdb.Error) as error:
        raise Refused("no_parquet", file=file) from error
    typed = {
        name
        for _, name, field in given
        if not (pa.types.is_string(field.type) or pa.types.is_large_string(field.type))
    }
    native = {name: pa.array([True] * table.num_rows, pa.bool_()) for name in typed if name != ROW}
    return Sheet(file=file, sheet=None, table=table, native=native)


def _as_text(column: str, kind: pa.DataType) -> str:
    """A column as text; a moment in the time of the zone that the file names, whatever the zone here."""
    if pa.types.is_floating(kind):
        return f"case when isfinite({column}) then cast({column} as varchar) when {column} is not null then 'NaN' end"
    if pa.types.is_timestamp(kind) and kind.tz:
        return f"cast({_here(column, kind.tz)} as varchar)"
    return f"cast({column} as varchar)"


def _here(column: str, zone: str) -> str:
    """A moment as the clocks of a zone show it; the zone has a name, or is so many hours from universal time."""
    hours = re.fullmatch(r"([+-])(\d\d):(\d\d)", zone)
    if hours is None:
        name = zone.replace("'", "''")
        return f"timezone('{name}', {column})"
    minutes = int(hours[2]) * 60 + int(hours[3])
    return f"timezone('UTC', {column}) {hours[1]} interval '{minutes} minutes'"


def _decoded(path: Path, file: str, encoding: str | None) -> tuple[str, str]:
    """A file's text and its encoding; UTF-8 unless it can't be, then what Windows writes in the West."""
    try:
        if path.stat().st_size > LARGEST:
            raise Refused("too_large", file=file, limit=f"{LARGEST // 10**6} MB")
        content = path.read_bytes()
    except OSError as error:
        raise Refused("cannot_open", file=file, why=str(error.strerror)) from error
    if content.startswith(_BINARY) or (_is_binary(content[:_SAMPLE]) and not _sixteen(content)):
        raise Refused("no_text", file=file)
    name = (
        encoding
        or next((name for mark, name in _MARKS if content.startswith(mark)), None)
        or _sixteen(content)
    )
    try:
        if name is None or name.lower() in _LATIN:
            text, name = _western(content, file, is_known=name is not None)
        else:
            text = content.decode(name)
    except LookupError:
        raise MappingError(f"{file}: there is no encoding {name!r}; write utf-8 or latin-1.") from None
    except UnicodeDecodeError:
        raise Refused("encoding", file=file, encoding=str(name)) from None
    if _is_binary(text[:_SAMPLE].encode("utf-8", "replace")):
        raise Refused("no_text", file=file)
    return text.removeprefix("\ufeff"), name.lower().replace("_", "-")


def _is_binary(sample: bytes) -> bool:
    """Whether there are more of the zeros that no text has than a slip could put there."""
    return sample.count(0) > len(sample) // 100


def _western(content: bytes, file: str, *, is_known: bool) -> tuple[str, str]:
    if not is_known:
        try:
            return content.decode("utf-8"), "utf-8"
        except UnicodeDecodeError as error:
            if _is_doubtful(content):
                row = content.count(b"\n", 0, error.start) + 1
                raise Refused("no_encoding", file=file, row=row) from None
    return content.decode("latin-1").translate(_WINDOWS), "windows-1252"


def _is_doubtful(content: bytes) -> bool:
    """Whether what is not all UTF-8 is nearly so: cut off, damaged or pasted together, and no text of Windows."""
    whole = sum(1 for _ in _LETTER.finditer(content))
    return whole > content.decode("utf-8", "replace").count("\ufffd")


def _sixteen(content: bytes) -> str | None:
    """UTF-16 without a mark shows as a zero byte beside every letter."""
    sample = content[:2000]
    for offset, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = sample[offset::2]
        if len(half) > 1 and half.count(0) > 0.8 * len(half):
            return name
    return None


def _separated(text: str) -> tuple[str | None, int, str]:
    """The delimiter that a spreadsheet's first line "sep=;" says, how many lines that takes, and the rest."""
    said = re.match(r'"?sep=(.)"?\n', text)
    return (said[1], 1, text[said.end() :]) if said else (None, 0, text)


def _delimiter(text: str) -> str:
    """The delimiter that splits most of the first rows into the same number of cells."""

    def fit(delimiter: str) -> tuple[float, int, int]:
        widths = [
            len(record) for record in itertools.islice(_records(text[:_SAMPLE], delimiter), 100) if record
        ]
        width, times = Counter(widths).most_common(1)[0] if widths else (1, 0)
        share = times / len(widths) if width > 1 else 0.0
        return round(share, 1), width, -DELIMITERS.index(delimiter)

    return max(DELIMITERS, key=fit)


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """Rows of text as Python reads them, the lenient way; a blank line is an empty row."""
    with _long_fields():
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


@contextmanager
def _long_fields() -> Iterator[None]:
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _read(path: Path | None, text: str, delimiter: str, width: int, file: str) -> pa.Table:
    """All rows with the heading, each line of the file one; from `path` where its text needs no mending."""
    if text.count('"') % 2:
        return _by_python(text, delimiter, width, file)
    with tempfile.TemporaryDirectory() as folder:
        if path is None:
            path = Path(folder) / "text.csv"
            path.write_text(_with_blank_rows(text, delimiter), encoding="utf-8", newline="")
        try:
            return _by_duckdb(path, delimiter, width)
        except duckdb.Error:
            return _by_python(text, delimiter, width, file)


def _with_blank_rows(text: str, delimiter: str) -> str:
    """DuckDB leaves blank lines out and people count them: each becomes a row of empty cells."""
    parts = text.split('"')
    for index in range(0, len(parts), 2):
        parts[index] = re.sub(r"\n(?=\n)", f"\n{delimiter}", parts[index])
    whole = '"'.join(parts)
    return f"{delimiter}{whole}" if whole.startswith("\n") else whole


def _by_duckdb(path: Path, delimiter: str, width: int) -> pa.Table:
    names = [f"c{index}" for index in range(width)]
    spare = [f"s{index}" for index in range(_SPARE)]
    with scratch() as con:
        return con.sql(
            f"""select {", ".join(names)}, nullif(concat_ws(' | ', {", ".join(spare)}), '') as {OVERFLOW}
                from read_csv(?, delim = ?, columns = ?, header = false, auto_detect = false, quote = '"',
                    escape = '"', null_padding = true, strict_mode = true, parallel = false, nullstr = '',
                    max_line_size = {LONGEST_LINE})""",
            params=[str(path), delimiter, dict.fromkeys([*names, *spare], "VARCHAR")],
        ).to_arrow_table()


def _by_python(text: str, delimiter: str, width: int, file: str) -> pa.Table:
    """What is not quoted by the book is read all the same, except a quotation mark that is never closed.

    DuckDB leaves out a row whose quotation mark stays open, and says nothing.
    """
    *records, last = _records(f"{text.rstrip()}\n{_END}", delimiter)
    if last != [_END]:
        raise Refused("open_quote", file=file, row=len(records) + 1)
    return _columns(records, width)


def _columns(records: Sequence[Cells], width: int) -> pa.Table:
    columns = {
        f"c{index}": pa.array(
            [(row[index] or None) if index < len(row) else None for row in records], pa.string()
        )
        for index in range(width)
    }
    beyond = [" | ".join(cell for cell in row[width:] if cell) or None for row in records]
    return pa.table({**columns, OVERFLOW: pa.array(beyond, pa.string())})


def _transposed(text: str, delimiter: str, file: str, heading: Heading, notes: list[str]) -> Sheet:
    """A file with a column for each record: turned on its side, a column's number is the row's."""
    records = list(_records(text, delimiter))
    width = max(map(len, records), default=0)
    if width > MOST_COLUMNS:
        raise Refused("too_many_columns", file=file, count=width, delimiter=delimiter)
    rows = [
        [(record[index] or None) if index < len(record) else None for record in records]
        for index in range(width)
    ]
    at = heading.find(rows)
    if not at:
        raise Refused("no_heading", file=file, row=max(heading.rows, default=1))
    names = heading.names([rows[index] for index in at])
    body = _columns(rows[max(at) + 1 :], len(names))
    numbers = pa.array(range(max(at) + 2, width + 1), pa.int64())
    table = body.rename_columns([*names, OVERFLOW]).append_column(ROW, numbers)
    return Sheet(file, None, _without_overflow(table), notes=tuple(notes), has_points=delimiter != ";")


def _without_overflow(table: pa.Table) -> pa.Table:
    return table.drop_columns([OVERFLOW]) if table[OVERFLOW].null_count == table.num_rows else table


def _q(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
