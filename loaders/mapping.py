"""Mappings: how a source that does not follow the contract reads. The format: docs/mappings.md."""

from __future__ import annotations

import re
import tomllib
from calendar import monthrange
from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from loaders.contract import DELIVERY_DATE, NO_STATUS_DATE, Table, contract
from loaders.errors import MappingError
from loaders.names import closest, currencies, months, plain

DEFAULT_SOURCE = "default"
SCHEDULE_SOURCE = "schedule"
"""The source of schedule files that no mapping names: a planner's word never replaces the office's."""
FILE_NAME = "mapping.toml"
"""A mapping of this name in a source folder is used without being asked for."""

_NUMERIC = frozenset({"money", "number", "fraction", "integer"})
_FORMATS = ("decimal", "thousands", "date_format", "empty")
_SHARED = (
    "source",
    "currency",
    "encoding",
    "delimiter",
    "header_row",
    "project_id",
    "baseline",
    "status_date",
    "delivered_at",
)
_KINDS = {
    str: "text in quotes",
    bool: "true or false",
    list: "a list",
    dict: "a table of its own",
    int: "a whole number",
    float: "a number",
}


@dataclass(frozen=True, eq=False)
class Reading:
    """How numbers and dates are written, and which words mean that nothing is known; None is found out.

    `empty` is not for texts and ids, unless a column says so itself: "No change" may be what somebody wrote.
    """

    decimal: str | None = None
    thousands: str | None = None
    date_format: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class ColumnRule:
    """Where one contract column comes from: headings (the first that has a value), or a constant `value`."""

    headings: tuple[str, ...] = ()
    value: str | None = None
    default: str | None = None
    join: str | None = None
    slug: bool = False
    pattern: str | None = None
    values: MappingType[str, str] = field(default_factory=dict)
    empty: tuple[str, ...] = ()
    percent: bool = False
    scale: float | None = None
    reading: Reading = field(default_factory=Reading)


@dataclass(frozen=True, eq=False)
class Stamp:
    """The day of a delivery: said outright, or found in the file's or sheet's name or a `column` read by `rule`.

    Patterns have the groups year, month, day (and hour, minute); without a day the month's last one is meant.
    """

    constant: datetime | None = None
    file_name: str | None = None
    sheet_name: str | None = None
    column: str | None = None
    rule: ColumnRule = field(default_factory=ColumnRule)

    @property
    def is_given(self) -> bool:
        """Whether the mapping says anything of it."""
        return any((self.constant, self.file_name, self.sheet_name, self.column))

    def of(self, file: str, sheet: str | None) -> datetime | None:
        """The day that the names give; None where they give none that exists."""
        for pattern, text in ((self.file_name, file), (self.sheet_name, sheet or "")):
            found = re.search(pattern, text) if pattern else None
            if found:
                return _moment({key: value for key, value in found.groupdict().items() if value})
        return self.constant


@dataclass(frozen=True, eq=False)
class Unpivot:
    """Period columns on their side: headings that match `columns` become rows of `name_to` and `value_to`."""

    columns: str
    name_to: str
    value_to: str


@dataclass(frozen=True, eq=False)
class TableRule:
    """One table out of some sheets. Without `columns` headings are the contract's names or labels.

    `where` keeps the rows whose cell is listed, `where_not` leaves them out, `only_with` keeps those in which
    some contract columns have a value; `distinct` keeps the first row of each key in a sheet, `first` the first in
    all files of a load; `each_period` makes every row of a curve a status date of its own, at which the rows after
    it were not yet earned or spent.
    """

    table: str
    sheets: tuple[str, ...] = ()
    header_rows: tuple[int, ...] = ()
    columns: MappingType[str, ColumnRule] = field(default_factory=dict)
    unpivot: tuple[Unpivot, ...] = ()
    where: MappingType[str, tuple[str, ...]] = field(default_factory=dict)
    where_not: MappingType[str, tuple[str, ...]] = field(default_factory=dict)
    fill_down: tuple[str, ...] = ()
    only_with: tuple[str, ...] = ()
    distinct: bool = False
    first: bool = False
    each_period: bool = False
    optional: bool = False
    reading: Reading = field(default_factory=Reading)

    @property
    def headings(self) -> frozenset[str]:
        """Every heading that the rule names, as compared."""
        named = [h for rule in self.columns.values() for h in rule.headings]
        return frozenset(map(plain, [*named, *self.where, *self.where_not, *self.fill_down]))


@dataclass(frozen=True, eq=False)
class FileRule:
    """How the files that match a pattern read. `section` says where the mapping says so."""

    match: tuple[str, ...] = ("*",)
    source: str | None = None
    currency: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_rows: tuple[int, ...] = ()
    project_id: str | None = None
    baseline: int | None = None
    status_date: Stamp = field(default_factory=Stamp)
    delivered_at: Stamp = field(default_factory=Stamp)
    transposed: bool = False
    tables: tuple[TableRule, ...] = ()
    reading: Reading = field(default_factory=Reading)
    section: str = ""

    def source_of(self, *, is_schedule: bool) -> str:
        """The name of the source that the file is a delivery of."""
        return self.source or (SCHEDULE_SOURCE if is_schedule else DEFAULT_SOURCE)


@dataclass(frozen=True, eq=False)
class Mapping:
    """A whole mapping: `fallback` is for files that no section names; `ignore` lists those that are no data."""

    files: tuple[FileRule, ...] = ()
    fallback: FileRule = field(default_factory=FileRule)
    ignore: tuple[str, ...] = ()
    name: str = ""

    def ignores(self, file: str) -> bool:
        """Whether the mapping says to leave a file out."""
        return _matches(file, self.ignore)

    def rule_for(self, file: str) -> FileRule:
        """The rule of a file by its path within the source. Raises MappingError when two sections claim it."""
        found = [rule for rule in self.files if _matches(file, rule.match)]
        if len(found) > 1:
            raise MappingError(
                f"{self.name}: {file} matches both {found[0].section} and {found[1].section}:"
                " make one of the two patterns narrower."
            )
        return found[0] if found else self.fallback


def read_mapping(path: Path) -> Mapping:
    """A mapping file. Raises MappingError with the file's name and what to change."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise MappingError(
            f"The mapping {path.name} cannot be opened ({error.strerror}): check its path."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"The mapping {path.name} is not valid TOML: {error}.") from error
    return parse_mapping(content, path.name)


def parse_mapping(content: dict[str, Any], name: str = "mapping") -> Mapping:
    """A mapping from its parsed TOML. Raises MappingError."""
    try:
        top = _Section(content, "the top of the file")
        entries = top.sections("file")
        ignore = top.texts("ignore")
        shared = {key: content[key] for key in (*_SHARED, *_FORMATS) if key in content}
        fallback = _file_rule(_Section(shared, "the top of the file"), ("*",))
        top.skip(*_SHARED, *_FORMATS)
        top.close()
        files = tuple(_file_rule(entry.over(shared), None) for entry in entries)
    except MappingError as error:
        raise MappingError(f"{name}: {error}") from error
    return Mapping(files, fallback, ignore, name)


class _Section:
    """One table of a mapping: values are taken out by name and kind, and what is left over is an error."""

    def __init__(self, content: dict[str, Any], where: str) -> None:
        self.content = content
        self.where = where
        self.known: set[str] = set()

    def fail(self, message: str) -> MappingError:
        return MappingError(f"in {self.where}: {message}")

    def take(self, key: str, *kinds: type) -> Any:
        self.known.add(key)
        value = self.content.get(key)
        if value is None or (
            isinstance(value, kinds) and not (isinstance(value, bool) and bool not in kinds)
        ):
            return value
        wanted = " or ".join(_KINDS.get(kind, kind.__name__) for kind in kinds)
        raise self.fail(f"{key} is {value!r}, and has to be {wanted}.")

    def text(self, key: str) -> str | None:
        value: str | None = self.take(key, str)
        if value is not None and not value.strip():
            raise self.fail(f"{key} is empty: give it a value or leave it out.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.take(key, str, list)
        listed = [value] if isinstance(value, str) else value or []
        if not all(isinstance(v, str) for v in listed):
            raise self.fail(f"{key} holds {listed!r}, and has to hold texts in quotes.")
        return tuple(listed)

    def flag(self, key: str) -> bool:
        return bool(self.take(key, bool))

    def rows(self, key: str) -> tuple[int, ...]:
        value = self.take(key, int, list)
        listed = [value] if isinstance(value, int) else value or []
        if not all(isinstance(v, int) and not isinstance(v, bool) and v > 0 for v in listed):
            raise self.fail(f"{key} is {value!r}: rows are counted from 1.")
        return tuple(listed)

    def pattern(self, key: str) -> str | None:
        value = self.text(key)
        try:
            re.compile(value or "")
        except re.error as error:
            raise self.fail(f"{key} = {value!r} is no regular expression: {error}.") from error
        return value

    def section(self, key: str, where: str) -> _Section:
        return _Section(self.take(key, dict) or {}, where)

    def sections(self, key: str) -> list[_Section]:
        value = self.take(key, list, dict)
        if isinstance(value, dict) or not all(isinstance(entry, dict) for entry in value or []):
            raise self.fail(f"write [[{key}]] in double brackets, one for each.")
        return [
            _Section(entry, f"[[{key}]] {_title(entry, number)}")
            for number, entry in enumerate(value or [], 1)
        ]

    def over(self, shared: dict[str, Any]) -> _Section:
        """The section with what is said for all of them; words for nothing are added up."""
        empty = [*_as_list(shared.get("empty")), *_as_list(self.content.get("empty"))]
        return _Section({**shared, **self.content, **({"empty": empty} if empty else {})}, self.where)

    def skip(self, *keys: str) -> None:
        self.known.update(keys)

    def close(self) -> None:
        """Raises MappingError for a key that nobody asked for."""
        for key in self.content:
            if key not in self.known:
                near = closest(key, self.known)
                hint = f"did you mean {near!r}?" if near else f"there may be {', '.join(sorted(self.known))}."
                raise self.fail(f"there is no key {key!r}; {hint}")


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _title(entry: dict[str, Any], number: int) -> str:
    said = entry.get("match") or entry.get("sheet") or entry.get("table")
    return repr(said) if said else f"no. {number}"


def _file_rule(section: _Section, match: tuple[str, ...] | None) -> FileRule:
    matched = match or section.texts("match")
    if not matched:
        raise section.fail('match is missing: say which files are meant, such as match = "finance/*.csv".')
    reading = _reading(section, Reading())
    status_date, delivered_at = _stamp(section, "status_date"), _stamp(section, "delivered_at")
    rule = FileRule(
        match=matched,
        source=section.text("source"),
        currency=_currency(section),
        encoding=section.text("encoding"),
        delimiter=_delimiter(section),
        header_rows=section.rows("header_row"),
        project_id=section.text("project_id"),
        baseline=_baseline(section),
        status_date=status_date,
        delivered_at=delivered_at,
        transposed=section.flag("transposed") if match is None else False,
        reading=reading,
        section=section.where,
    )
    tables = section.sections("table") if match is None else []
    section.close()
    return replace(rule, tables=tuple(_table_rule(table, rule) for table in tables))


def _currency(section: _Section) -> str | None:
    code = section.text("currency")
    if code is not None and code not in currencies().values():
        raise section.fail(
            f"currency = {code!r} is no ISO 4217 code in use; write one such as MXN, COP or USD."
        )
    return code


def _baseline(section: _Section) -> int | None:
    """The baseline of a schedule file that counts, by the program's own number."""
    number: int | None = section.take("baseline", int)
    known = contract()["task_baselines"].columns["baseline_no"]
    if number is not None and not (known.min or 0) <= number <= (known.max or 0):
        raise section.fail(
            f"baseline is {number}, and has to be from {known.min} (the plain one) to {known.max}."
        )
    return number


def _delimiter(section: _Section) -> str | None:
    value = (
        section.text("delimiter")
        if section.content.get("delimiter") != "\t"
        else section.take("delimiter", str)
    )
    if value is not None and len(value) != 1:
        raise section.fail(f"delimiter is {value!r}, and has to be one character.")
    return value


def _reading(section: _Section, above: Reading) -> Reading:
    decimal, thousands = section.text("decimal"), section.take("thousands", str)
    if decimal not in (None, ".", ","):
        raise section.fail(f'decimal is {decimal!r}, and has to be "." or ",".')
    if thousands not in (None, "", ".", ",", " ", "'"):
        raise section.fail(f"thousands is {thousands!r}, and has to be one of . , ' or a blank.")
    reading = Reading(
        decimal=decimal or above.decimal,
        thousands=thousands if thousands is not None else above.thousands,
        date_format=_date_formats(section) or above.date_format,
        empty=(*above.empty, *section.texts("empty")),
    )
    if reading.decimal is not None and reading.decimal == reading.thousands:
        raise section.fail(f"decimal and thousands are both {decimal!r}; they have to differ.")
    return reading


def _date_formats(section: _Section) -> tuple[str, ...]:
    formats = section.texts("date_format")
    for text in formats:
        if not ("%" in text and ("%y" in text.lower() or "%s" in text)):
            raise section.fail(f"date_format = {text!r} names no year; write it like %d/%m/%Y.")
    return formats


def _stamp(section: _Section, key: str) -> Stamp:
    value = section.content.get(key)
    if isinstance(value, dict):
        section.skip(key)
        inner = _Section(value, f"{section.where}, {key}")
        given = [name for name in ("file_name", "sheet_name", "column") if name in value]
        if len(given) != 1:
            raise inner.fail("give one of file_name, sheet_name and column.")
        rule = ColumnRule(values=_values(inner), reading=Reading(date_format=_date_formats(inner)))
        stamp = Stamp(
            None, inner.pattern("file_name"), inner.pattern("sheet_name"), inner.text("column"), rule
        )
        inner.close()
        for pattern in (stamp.file_name, stamp.sheet_name):
            if pattern and "year" not in re.compile(pattern).groupindex:
                raise inner.fail(
                    "the pattern has to name a group year, as (?P<year>\\d{4}), and may name month and day."
                )
        return stamp
    section.take(key, str, date, datetime)
    if value is None or isinstance(value, (date, datetime)):
        return Stamp(_at(value))
    try:
        return Stamp(_at(datetime.fromisoformat(value)))
    except ValueError as error:
        raise section.fail(f"{key} = {value!r} is no date: write it as 2025-08-31.") from error


def _at(value: date | datetime | None) -> datetime | None:
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _moment(parts: MappingType[str, str]) -> datetime | None:
    try:
        year = int(parts["year"])
        year += 2000 if year < 100 else 0
        named = parts.get("month", "12")
        month = int(named) if named.isdigit() else months()[plain(named)[:3]]
        day = int(parts.get("day", monthrange(year, month)[1]))
        return datetime(year, month, day, int(parts.get("hour", 0)), int(parts.get("minute", 0)))
    except (KeyError, ValueError, IndexError):
        return None


def _table_rule(section: _Section, file: FileRule) -> TableRule:
    name = section.text("table") or ""
    if name not in contract():
        near = closest(name, contract())
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(contract())}."
        raise section.fail(f"there is no table {name!r} in the contract; {hint}")
    table = contract()[name]
    section.where = f"{file.section}, table {name}"
    reading = _reading(section, file.reading)
    columns = section.section("columns", section.where)
    rules = {
        column: _column_rule(section, table, column, columns.content[column], reading)
        for column in columns.content
    }
    rule = TableRule(
        table=name,
        sheets=section.texts("sheet"),
        header_rows=section.rows("header_row") or file.header_rows,
        columns=rules,
        unpivot=tuple(_unpivot(u) for u in section.sections("unpivot")),
        where=_conditions(section, "where"),
        where_not=_conditions(section, "where_not"),
        fill_down=section.texts("fill_down"),
        only_with=section.texts("only_with"),
        distinct=section.flag("distinct"),
        first=section.flag("first"),
        each_period=section.flag("each_period"),
        optional=section.flag("optional"),
        reading=reading,
    )
    section.close()
    _complete(section, rule, table, file)
    return rule


def _complete(section: _Section, rule: TableRule, table: Table, file: FileRule) -> None:
    if rule.each_period and not {"period_end", DELIVERY_DATE} <= set(table.columns):
        raise section.fail(f"each_period is for tables with periods, and {table.name} has none.")
    if unknown := [name for name in rule.only_with if name not in table.accepted]:
        raise section.fail(f"only_with names {unknown[0]!r}, which is no column of {table.name}.")
    if not rule.columns:
        return
    given = {*rule.columns}
    if file.project_id:
        given.add("project_id")
    if rule.each_period or file.status_date.is_given:
        given.add(DELIVERY_DATE)
    if lacking := [name for name in table.required if name not in given]:
        raise section.fail(
            f"{lacking[0]} is required and comes from nowhere: name its heading, or give it a value."
        )


def _unpivot(section: _Section) -> Unpivot:
    given = [section.pattern("columns"), section.text("name_to"), section.text("value_to")]
    section.close()
    if not all(given):
        raise section.fail("unpivot needs columns (a pattern of headings), name_to and value_to.")
    return Unpivot(*map(str, given))


def _conditions(section: _Section, key: str) -> dict[str, tuple[str, ...]]:
    inner = section.section(key, f"{section.where}, {key}")
    return {heading: inner.texts(heading) for heading in inner.content}


def _column_rule(above: _Section, table: Table, name: str, given: Any, reading: Reading) -> ColumnRule:
    if name not in table.accepted:
        if name == DELIVERY_DATE and table.name in NO_STATUS_DATE:
            raise above.fail(f"{table.name} has no status date; its rows are dated by {table.dated_by}.")
        near = closest(name, table.accepted)
        hint = f"did you mean {near!r}?" if near else f"it has {', '.join(table.accepted)}."
        raise above.fail(f"{table.name} has no column {name!r}; {hint}")
    kind = table.accepted[name].type
    if isinstance(given, (str, list)):
        given = {"from": given}
    elif not isinstance(given, dict):
        given = {"value": given}
    section = _Section(given, f"{above.where}, column {name}")
    if ("from" in given) == ("value" in given):
        raise section.fail("give either from (a heading) or value (the same in every row), one of the two.")
    rule = ColumnRule(
        headings=section.texts("from"),
        value=_scalar(section, "value"),
        default=_scalar(section, "default"),
        join=section.take("join", str),
        slug=section.flag("slug"),
        pattern=section.pattern("pattern"),
        values=_values(section),
        empty=section.texts("empty"),
        percent=section.flag("percent"),
        scale=section.take("scale", int, float),
        reading=_reading(section, reading),
    )
    section.close()
    _fits(section, rule, kind, given)
    return rule


def _values(section: _Section) -> dict[str, str]:
    inner = section.section("values", section.where)
    return {folded(key): str(_scalar(inner, key)) for key in inner.content}


def _fits(section: _Section, rule: ColumnRule, kind: str, given: dict[str, Any]) -> None:
    """Raises MappingError where a rule says what a column of this type can't have."""
    wrong = {
        "percent": rule.percent and kind != "fraction",
        "scale": rule.scale is not None and (kind not in _NUMERIC or kind == "fraction"),
        "date_format": "date_format" in given and kind != "date",
        "decimal": "decimal" in given and kind not in _NUMERIC,
        "thousands": "thousands" in given and kind not in _NUMERIC,
        "join": rule.join is not None and len(rule.headings) < 2,
    }
    for key, is_wrong in wrong.items():
        if is_wrong:
            raise section.fail(
                f"{key} does not go with a {kind} from {', '.join(rule.headings) or 'a constant'}."
            )
    if rule.scale == 0:
        raise section.fail("scale is 0, which leaves nothing: write what one unit of the file is worth.")
    if rule.pattern and re.compile(rule.pattern).groups > 1:
        raise section.fail("pattern has more than one group: put what is wanted in one pair of brackets.")


def _scalar(section: _Section, key: str) -> str | None:
    value = section.take(key, str, bool, int, float, date, datetime)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def folded(text: str) -> str:
    """A cell as `values`, `where` and `empty` compare it: lower case, blanks as one."""
    return " ".join(text.split()).lower()


def _matches(file: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(file, pattern) for pattern in patterns)
