"""Mappings: how a source that does not follow the contract reads. The format: docs/mappings.md."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from loaders.contract import NO_STATUS_DATE, Table, contract
from loaders.errors import MappingError

DEFAULT_SOURCE = "default"
FILE_NAME = "mapping.toml"
"""A mapping of this name in a source folder is used without being asked for."""


@dataclass(frozen=True, eq=False)
class ColumnRule:
    """Where one contract column comes from: a heading, the first of several that is there, or a constant."""

    headers: tuple[str, ...] = ()
    constant: str | None = None
    values: MappingType[str, str] = field(default_factory=dict)
    percent: bool = False
    date_format: tuple[str, ...] = ()
    decimal: str | None = None
    thousands: str | None = None
    pattern: str | None = None
    scale: float | None = None
    slug: bool = False
    missing: str | None = None


@dataclass(frozen=True)
class Unpivot:
    """Period columns on their side: each heading that matches `columns` becomes rows of `name_to` and `value_to`."""

    columns: str
    name_to: str
    value_to: str


@dataclass(frozen=True, eq=False)
class TableRule:
    """One table out of one sheet. Without `columns` headings are the contract's names or labels."""

    table: str
    sheet: str | None = None
    header_row: int | None = None
    columns: MappingType[str, ColumnRule] = field(default_factory=dict)
    unpivot: tuple[Unpivot, ...] = ()
    where: MappingType[str, tuple[str, ...]] = field(default_factory=dict)
    distinct: bool = False
    present: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class FileRule:
    """How the files that match a pattern read."""

    match: str = "*"
    source: str = DEFAULT_SOURCE
    currency: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    date_format: tuple[str, ...] = ()
    header_row: int | None = None
    transpose: bool = False
    missing: str | None = None
    project_id: str | None = None
    status_date: date | None = None
    status_date_from_name: str | None = None
    delivered_at: datetime | None = None
    skip: bool = False
    tables: tuple[TableRule, ...] = ()

    def dated(self, file: str) -> date | None:
        """The delivery's status date, from the mapping or the file's name. Raises MappingError."""
        if not self.status_date_from_name:
            return self.status_date
        found = re.search(self.status_date_from_name, file)
        if not found:
            return self.status_date
        parts = {key: int(value) for key, value in found.groupdict().items() if value}
        try:
            return date(parts["year"], parts.get("month", 12), parts.get("day", 31))
        except (KeyError, ValueError) as error:
            raise MappingError(
                f"status_date_from_name finds no date in {file}: it needs the groups year, month and day ({error})."
            ) from error


@dataclass(frozen=True)
class Mapping:
    """A whole mapping; `files` in the order written, the first that matches a file counts."""

    files: tuple[FileRule, ...] = ()
    fallback: FileRule = field(default_factory=FileRule)

    def rule_for(self, file: str) -> FileRule:
        """The rule of a file by its path relative to the source; the fallback where none matches."""
        return next((rule for rule in self.files if fnmatch(file, rule.match)), self.fallback)


def read_mapping(path: Path) -> Mapping:
    """A mapping file. Raises MappingError with the file's name and what to change."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MappingError(f"The mapping {path.name} cannot be opened ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"The mapping {path.name} is not valid TOML: {error}.") from error
    try:
        return parse_mapping(content)
    except MappingError as error:
        raise MappingError(f"{path.name}: {error}") from error


def parse_mapping(content: dict[str, Any]) -> Mapping:
    """A mapping from its parsed TOML. Raises MappingError."""
    shared = {key: value for key, value in content.items() if key != "file"}
    fallback = _file_rule({**shared, "match": "*"})
    entries = content.get("file", [])
    if not isinstance(entries, list):
        raise MappingError("write [[file]] in double brackets, one section for each family of files.")
    return Mapping(tuple(_file_rule({**shared, **entry}) for entry in entries), fallback)


def _file_rule(entry: dict[str, Any]) -> FileRule:
    tables = tuple(_table_rule(table) for table in _listed(entry, "table"))
    plain = {key: value for key, value in entry.items() if key != "table"}
    _only(plain, FileRule, f"[[file]] {entry.get('match', '')}", besides=("tables",))
    for key in ("status_date", "delivered_at"):
        if isinstance(plain.get(key), str):
            plain[key] = _when(plain[key], key)
    plain["date_format"] = _tuple(plain.get("date_format", ()))
    _check_numbers(plain, "[[file]]")
    return FileRule(**plain, tables=tables)


def _table_rule(entry: dict[str, Any]) -> TableRule:
    name = str(entry.get("table", ""))
    table = contract().get(name)
    if table is None:
        raise MappingError(f"there is no table {name!r} in the contract; there are {', '.join(contract())}.")
    _only(entry, TableRule, f"[[file.table]] {name}")
    columns = {
        column: _column_rule(table, column, rule) for column, rule in dict(entry.get("columns", {})).items()
    }
    return TableRule(
        table=name,
        sheet=entry.get("sheet"),
        header_row=entry.get("header_row"),
        columns=columns,
        unpivot=tuple(Unpivot(**u) for u in _listed(entry, "unpivot")),
        where={key: _tuple(value) for key, value in dict(entry.get("where", {})).items()},
        distinct=bool(entry.get("distinct", False)),
        present=_tuple(entry.get("present", ())),
    )


def _column_rule(table: Table, column: str, rule: Any) -> ColumnRule:
    accepted = {*table.columns, *(() if table.name in NO_STATUS_DATE else ("status_date",))}
    if column not in accepted:
        raise MappingError(f"{table.name} has no column {column!r}; it has {', '.join(table.columns)}.")
    if isinstance(rule, str):
        return ColumnRule(headers=(rule,))
    if not isinstance(rule, dict):
        return ColumnRule(constant=_plain(rule))
    where = f"{table.name}.{column}"
    known = {
        "from",
        "value",
        "values",
        "percent",
        "date_format",
        "decimal",
        "thousands",
        "pattern",
        "scale",
        "slug",
        "missing",
    }
    unknown = set(rule) - known
    if unknown:
        raise MappingError(
            f"{where} has the unknown key {sorted(unknown)[0]!r}; it may have {', '.join(sorted(known))}."
        )
    if ("from" in rule) == ("value" in rule):
        raise MappingError(
            f"{where} needs either `from` (a heading) or `value` (a constant), one of the two."
        )
    _check_numbers(rule, where)
    return ColumnRule(
        headers=_tuple(rule.get("from", ())),
        constant=_plain(rule["value"]) if "value" in rule else None,
        values={str(k).casefold(): _plain(v) for k, v in dict(rule.get("values", {})).items()},
        percent=bool(rule.get("percent", False)),
        date_format=_tuple(rule.get("date_format", ())),
        decimal=rule.get("decimal"),
        thousands=rule.get("thousands"),
        pattern=rule.get("pattern"),
        scale=rule.get("scale"),
        slug=bool(rule.get("slug", False)),
        missing=rule.get("missing"),
    )


def _only(entry: dict[str, Any], kind: type, where: str, besides: tuple[str, ...] = ()) -> None:
    known = {f.name for f in fields(kind)} - set(besides)
    unknown = sorted(set(entry) - known)
    if unknown:
        raise MappingError(
            f"{where} has the unknown key {unknown[0]!r}; it may have {', '.join(sorted(known))}."
        )


def _check_numbers(rule: dict[str, Any], where: str) -> None:
    decimal, thousands = rule.get("decimal"), rule.get("thousands")
    if decimal not in (None, ".", ","):
        raise MappingError(f'{where}: decimal is "." or ",", not {decimal!r}.')
    if decimal is not None and decimal == thousands:
        raise MappingError(f"{where}: decimal and thousands are both {decimal!r}; they have to differ.")


def _listed(entry: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = entry.get(key, [])
    return [value] if isinstance(value, dict) else list(value)


def _tuple(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(str(v) for v in value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def _when(value: str, key: str) -> date | datetime:
    try:
        return date.fromisoformat(value) if key == "status_date" else datetime.fromisoformat(value)
    except ValueError as error:
        raise MappingError(f"{key} = {value!r} is no date: write it as 2025-08-31.") from error
