"""From sheets of text to rows that keep the contract; whatever does not is refused with a reason.

Set-based: each sheet goes through one SQL query that types every column and says what is wrong with it. The reasons
are the texts `reject.<reason>` of locales/.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from functools import cache

import duckdb
import pyarrow as pa
from babel import Locale
from babel.numbers import list_currencies

from loaders.batch import Batch, Fields, Part, Reject
from loaders.contract import NO_STATUS_DATE, ORIGIN, Column, Table, contract
from loaders.mapping import ColumnRule, FileRule, TableRule
from loaders.readers.base import ROW, Sheet
from loaders.store import scratch
from locales import NUMBER_LOCALES, languages, translator

MISSING = (
    "n/a",
    "n.a.",
    "na",
    "n/d",
    "n.d.",
    "nd",
    "-",
    "–",
    "—",
    "null",
    "none",
    "nan",
    "#n/a",
    "tbc",
    "tbd",
)
"""What people write for unknown, in any case, where a date, a number or a listed value is due."""
ANY = "*"
"""In a mapping's `values`: whatever is not listed."""
EARLIEST, LATEST = date(1970, 1, 1), date(2100, 12, 31)
LONGEST_TEXT = 20_000
SHOWN = 80
"""Characters of a refused value that a reject keeps."""
PLAUSIBLE_PER_USD: Mapping[str, tuple[float, float]] = {
    "MXN": (4, 100), "COP": (400, 20_000), "BRL": (0.8, 30), "PEN": (0.8, 20), "CLP": (100, 5_000),
    "GTQ": (2, 40), "CRC": (100, 3_000), "ARS": (1, 10_000), "EUR": (0.4, 2.5), "GBP": (0.3, 2.0),
}  # fmt: skip
"""Units for one US dollar that can be true; what lies outside is usually quoted the other way round."""

_TRUE = ("true", "yes", "y", "1", "x", "sí", "si", "sim", "verdadero", "verdadeiro", "t", "s")
_FALSE = ("false", "no", "n", "0", "não", "nao", "falso", "f")
_PART, _DATED = "__part", "__dated"
_DELIVERY_DATE = Column("status_date", "date")


@dataclass(frozen=True)
class _Origin:
    """Where a column's text comes from in a sheet: a heading or a constant."""

    heading: str | None
    rule: ColumnRule


@dataclass(frozen=True)
class Delivered:
    """A sheet and the SHA-256 of the file that it came in."""

    sheet: Sheet
    sha256: str


def check_sheets(delivered: Sequence[Delivered], rule: TableRule, file_rule: FileRule) -> Batch:
    """Sheets with the same headings as rows of one table. Never raises on data: what is wrong is in `rejects`."""
    make = _Checker(delivered, contract()[rule.table], rule, file_rule)
    with scratch() as con:
        return make.batch(con)


class _Checker:
    """One sheet on its way into one table."""

    def __init__(
        self, delivered: Sequence[Delivered], table: Table, rule: TableRule, file_rule: FileRule
    ) -> None:
        self.delivered = delivered
        self.table = table
        self.rule = rule
        self.file_rule = file_rule
        self.notes: list[str] = []
        names = delivered[0].sheet.table.column_names
        self.headings = {plain(name): name for name in names if name != ROW}
        self.columns = dict(table.columns)
        if "status_date" not in self.columns and table.name not in NO_STATUS_DATE:
            self.columns["status_date"] = _DELIVERY_DATE
        self.origins = self._origins()

    def batch(self, con: duckdb.DuckDBPyConnection) -> Batch:
        """The checked rows."""
        con.register("sheet", pa.concat_tables([self._labelled(n) for n in range(len(self.delivered))]))
        absent = [name for name in self.table.required if name not in self.origins]
        if absent:
            con.execute("create table raw as select * from sheet")
            return Batch(
                table=self.table.name, source=self.file_rule.source, delivered_at=self.file_rule.delivered_at,
                parts=self._parts(con), rows=empty_rows(self.table), damaged=empty_rows(self.table).select([]),
                rejects=tuple(self._absent(d.sheet, name) for d in self.delivered for name in absent),
            )  # fmt: skip
        used = [f'"{_q(o.heading)}"' for o in self.origins.values() if o.heading not in (None, _DATED)]
        blank = f"coalesce({', '.join(used)}) is not null" if used else "false"
        con.execute(f"create table raw as select * from sheet where {blank} {self._where()}")
        con.execute(f"create table checked as {self._query(con)}")
        self._refuse_duplicates(con)
        return Batch(
            table=self.table.name, source=self.file_rule.source, delivered_at=self.file_rule.delivered_at,
            parts=self._parts(con), rows=con.sql(self._kept()).to_arrow_table(), rejects=self._rejects(con),
            damaged=con.sql(self._damaged()).to_arrow_table(),
        )  # fmt: skip

    def _labelled(self, number: int) -> pa.Table:
        sheet = self.delivered[number].sheet
        dated = self.file_rule.dated(sheet.file)
        count = sheet.table.num_rows
        return sheet.table.append_column(_PART, pa.array([number] * count, pa.int32())).append_column(
            _DATED, pa.array([dated] * count, pa.date32())
        )

    def _parts(self, con: duckdb.DuckDBPyConnection) -> tuple[Part, ...]:
        counted = dict(con.execute(f"select {_PART}, count(*) from raw group by all").fetchall())
        return tuple(
            Part(d.sheet.file, d.sheet.sheet, d.sha256, counted.get(n, 0), (*d.sheet.notes, *self.notes))
            for n, d in enumerate(self.delivered)
        )

    def _origins(self) -> dict[str, _Origin]:
        found: dict[str, _Origin] = {}
        used: set[str] = set()
        for name in self.columns:
            rule = self.rule.columns.get(name)
            if rule is None and not self.rule.columns:
                heading = next((self.headings[w] for w in _names(name) if w in self.headings), None)
                if heading:
                    found[name] = _Origin(heading, ColumnRule())
            elif rule is not None:
                heading = next(
                    (self.headings[w] for h in rule.headers if (w := plain(h)) in self.headings), None
                )
                if heading or rule.constant is not None:
                    found[name] = _Origin(heading, rule)
                elif rule.headers:
                    self.notes.append(f"no heading {' or '.join(rule.headers)} for {name}")
            if name in found and found[name].heading:
                used.add(str(found[name].heading))
        if "project_id" in self.columns and self.file_rule.project_id and "project_id" not in found:
            found["project_id"] = _Origin(None, ColumnRule(constant=self.file_rule.project_id))
        dated = self.file_rule.status_date or self.file_rule.status_date_from_name
        if dated and "status_date" not in found and "status_date" in self.columns:
            found["status_date"] = _Origin(_DATED, ColumnRule())
        currency = self.file_rule.currency
        if self.table.name == "projects" and currency and "currency" not in found:
            found["currency"] = _Origin(None, ColumnRule(constant=currency))
        if not self.rule.columns:
            self._note_unknown(used)
        return found

    def _note_unknown(self, used: set[str]) -> None:
        for heading in self.delivered[0].sheet.table.column_names:
            if heading in (ROW, *used) or heading.startswith("column "):
                continue
            near = get_close_matches(plain(heading), [w for c in self.columns for w in _names(c)], 1, 0.75)
            hint = f"; did you mean {near[0]}?" if near else ""
            self.notes.append(f"heading {heading!r} is no column of {self.table.name} and was left out{hint}")

    def _where(self) -> str:
        parts = []
        for heading, values in self.rule.where.items():
            name = self.headings.get(plain(heading))
            if name:
                listed = ", ".join(_text(v.casefold()) for v in values)
                parts.append(f'and lower(trim("{_q(name)}")) in ({listed})')
        for heading in self.rule.present:
            name = self.headings.get(plain(heading))
            if name:
                text = f"nullif(trim(\"{_q(name)}\"), '')"
                missing = (
                    f" and not regexp_matches({text}, {_text(self.file_rule.missing)})"
                    if self.file_rule.missing
                    else ""
                )
                parts.append(f"and {text} is not null{missing}")
        return " ".join(parts)

    def _query(self, con: duckdb.DuckDBPyConnection) -> str:
        texts, typed, problems = [ROW, _PART], [], []
        for name, column in self.columns.items():
            texts.append(f'{self._text_of(name, column)} as "x_{name}"')
        con.execute(f"create table stated as select {', '.join(texts)} from raw")
        for name, column in self.columns.items():
            value, reasons = self._typed(con, name, column)
            typed.append(f'{value} as "{name}"')
            problems += [
                f"case when {condition} then {{'column': {_text(name)}, 'reason': {_text(reason)}}} end"
                for reason, condition in reasons
            ]
        known = ", ".join(typed)
        listed = f"list_filter([{', '.join(problems)}], lambda p: p is not null)" if problems else "[]"
        distinct = ""
        if self.rule.distinct:
            keys = ", ".join(f'"x_{k}"' for k in self.table.key)
            distinct = f"qualify row_number() over (partition by {keys} order by {ROW}) = 1"
        return f"""
            with typed as (select *, {known} from stated {distinct})
            select * exclude (problems), problems, {self._slice_date()} as slice_date
            from (select *, {listed} as problems from typed)"""

    def _slice_date(self) -> str:
        dated = self.table.dated_by
        fallback = "status_date" if "status_date" in self.columns else "null::date"
        if dated == "status_date" or dated is None:
            return fallback
        return f'coalesce("{dated}", {fallback})'

    def _text_of(self, name: str, column: Column) -> str:
        origin = self.origins.get(name)
        if origin is None:
            return "null::varchar"
        text = f"nullif(trim(\"{_q(origin.heading)}\"::varchar), '')" if origin.heading else "null::varchar"
        rule = origin.rule
        if rule.pattern:
            text = f"nullif(regexp_extract({text}, {_text(rule.pattern)}, 1), '')"
        for missing in (rule.missing, None if origin.heading == _DATED else self.file_rule.missing):
            if missing and column.type not in ("text", "id"):
                text = f"case when regexp_matches({text}, {_text(missing)}) then null else {text} end"
        if rule.slug:
            text = (
                f"nullif(trim(regexp_replace(lower(strip_accents({text})), '[^a-z0-9]+', '-', 'g'), '-'), '')"
            )
        if rule.values:
            cases = " ".join(
                f"when {_text(k)} then nullif({_text(v)}, '')" for k, v in rule.values.items() if k != ANY
            )
            rest = f"nullif({_text(rule.values[ANY])}, '')" if ANY in rule.values else text
            text = f"case lower({text}) {cases or 'when null then null'} else {rest} end"
        if column.type not in ("text", "id"):
            text = f"case when lower({text}) in ({', '.join(map(_text, MISSING))}) then null else {text} end"
        if rule.constant is not None:
            text = f"coalesce({text}, {_text(rule.constant)})"
        return text

    def _typed(
        self, con: duckdb.DuckDBPyConnection, name: str, column: Column
    ) -> tuple[str, list[tuple[str, str]]]:
        """The SQL of a column's value, and reason → condition of what refuses its row."""
        x = f'"x_{name}"'
        origin = self.origins.get(name)
        if origin is None:
            return f"null::{column.sql_type}", []
        rule = origin.rule
        value, reasons = _TYPES[column.type](self, con, x, column, rule)
        if column.required:
            reasons = [("required", f"{x} is null"), *reasons]
        if column.min is not None:
            reasons.append(("min", f"{value} < {column.min}"))
        if column.max is not None:
            reasons.append(("max", f"{value} > {column.max}"))
        if self.table.name == "fx_rates" and name == "per_usd":
            reasons += _implausible(value)
        return value, reasons

    def _date(
        self, _con: duckdb.DuckDBPyConnection, x: str, _column: Column, rule: ColumnRule
    ) -> tuple[str, list[tuple[str, str]]]:
        formats = rule.date_format or self.file_rule.date_format
        iso = f"try_cast(case when regexp_matches({x}, '^\\d{{4}}-\\d{{1,2}}-\\d{{1,2}}([ T].*)?$') then split_part(replace({x}, 'T', ' '), ' ', 1) end as date)"
        ways = [iso, *(f"try_strptime({x}, {_text(f)})::date" for f in formats)]
        serial = f"case when regexp_matches({x}, '^[2-6]\\d{{4}}(\\.\\d+)?$') then date '1899-12-30' + floor({x}::double)::integer end"
        ways.append(serial)
        ambiguous = "false"
        if not formats:
            slashed = f"regexp_matches({x}, '^\\d{{1,2}}[/.-]\\d{{1,2}}[/.-]\\d{{4}}$')"
            same = f"regexp_replace({x}, '[/.-]', '/', 'g')"
            day_first, month_first = (
                f"try_strptime({same}, '{way}')::date" for way in ("%d/%m/%Y", "%m/%d/%Y")
            )
            ways.append(
                f"case when {slashed} and ({day_first} is null or {month_first} is null or {day_first} = {month_first})"
                f" then coalesce({day_first}, {month_first}) end"
            )
            ambiguous = f"{slashed} and {day_first} <> {month_first}"
        value = f"coalesce({', '.join(ways)})"
        return value, [
            ("ambiguous_date", ambiguous),
            ("date", f"{x} is not null and {value} is null and not coalesce({ambiguous}, false)"),
            ("date_range", f"{value} not between date '{EARLIEST}' and date '{LATEST}'"),
        ]

    def _plain_number(self, con: duckdb.DuckDBPyConnection, x: str, rule: ColumnRule) -> tuple[str, str]:
        """The text of a number with a decimal point, and the condition under which it can be read in two ways."""
        bare = (
            f"replace(regexp_replace(regexp_replace({x}, '^[A-Z]{{3}}\\s*|\\s*[A-Z]{{3}}$|[\\s\\x{{00A0}}\\x{{202F}}$€£%'']', '', 'g'),"
            " '^\\((.*)\\)$', '-\\1'), '−', '-')"
        )
        decimal = rule.decimal or self.file_rule.decimal
        thousands = rule.thousands or self.file_rule.thousands
        ambiguous = "false"
        if decimal is None:
            with_commas = con.execute(
                f"""select bool_or(regexp_matches(n, ',\\d{{1,2}}$|,\\d{{4,}}$|\\.\\d{{3}},|^0,')),
                           bool_or(regexp_matches(n, '\\.\\d{{1,2}}$|\\.\\d{{4,}}$|,\\d{{3}}\\.|^0\\.|(,\\d{{3}}){{2,}}'))
                    from (select {bare} as n from stated where contains({x}, ','))"""
            ).fetchone()
            comma, point = (bool(v) for v in with_commas or (False, False))
            if not point:
                point = bool(
                    (
                        con.execute(
                            f"select bool_or(regexp_matches({bare}, '\\.\\d{{1,2}}$')) from stated"
                        ).fetchone()
                        or (0,)
                    )[0]
                )
            if comma and not point:
                decimal, thousands = ",", thousands or "."
            else:
                decimal, thousands = ".", thousands or ","
                if not point:
                    ambiguous = f"regexp_matches({bare}, '^-?\\d{{1,3}},\\d{{3}}$')"
        thousands = thousands or ("," if decimal == "." else ".")
        text = f"replace(replace({bare}, {_text(thousands)}, ''), {_text(decimal)}, '.')"
        return text, ambiguous

    def _number(
        self, con: duckdb.DuckDBPyConnection, x: str, column: Column, rule: ColumnRule
    ) -> tuple[str, list[tuple[str, str]]]:
        text, ambiguous = self._plain_number(con, x, rule)
        valid = f"case when regexp_matches({text}, '^[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?$') then {text} end"
        number = f"try_cast({valid} as double)"
        reasons = [
            ("ambiguous_number", ambiguous),
            ("number", f"{x} is not null and {number} is null"),
        ]
        if column.type == "money":
            scaled = f"try_cast({valid} as decimal(28,8)) * {rule.scale}" if rule.scale else valid
            value = f"coalesce(try_cast({scaled} as decimal(18,4)), try_cast(try_cast({scaled} as double) as decimal(18,4)))"
            reasons.append(("number_size", f"{number} is not null and {value} is null"))
        elif column.type == "integer":
            value = f"try_cast(case when {number} = floor({number}) then {number} end as bigint)"
            reasons.append(("integer", f"{number} is not null and {value} is null"))
        elif column.type == "fraction":
            share = f"contains({x}, '%')"
            per = (
                f"{number} / 100"
                if rule.percent
                else f"case when {share} then {number} / 100 else {number} end"
            )
            value = f"round({per}, 12)"
            reasons.append(("percent" if rule.percent else "fraction", f"{value} not between 0 and 1"))
        else:
            value = f"({number} * {rule.scale})" if rule.scale else number
        return value, reasons

    def _listed(
        self, _con: duckdb.DuckDBPyConnection, x: str, column: Column, _rule: ColumnRule
    ) -> tuple[str, list[tuple[str, str]]]:
        known = _listed_values(column)
        keys = ", ".join(_text(k) for k in known)
        values = ", ".join(_text(v) for v in known.values())
        value = f"map([{keys}], [{values}])[lower({x})]"
        if column.type == "boolean":
            value = f"({value})::boolean"
        return value, [(column.type, f"{x} is not null and {value} is null")]

    def _words(
        self, _con: duckdb.DuckDBPyConnection, x: str, _column: Column, _rule: ColumnRule
    ) -> tuple[str, list[tuple[str, str]]]:
        return f"replace({x}, chr(0), '')", [("text_size", f"length({x}) > {LONGEST_TEXT}")]

    def _refuse_duplicates(self, con: duckdb.DuckDBPyConnection) -> None:
        if not self.table.key:
            con.execute(
                f"create table repeated as select {_PART}, {ROW}, 0 as first_part, 0 as first_row from checked where false"
            )
            return
        keys = ", ".join("slice_date" if k == self.table.dated_by else f'"{k}"' for k in self.table.key)
        con.execute(f"""
            create table repeated as
            select {_PART}, {ROW}, first_value({_PART}) over same as first_part, first_value({ROW}) over same as first_row
            from checked where len(problems) = 0
            window same as (partition by {keys} order by {_PART}, {ROW})
            qualify row_number() over same > 1""")

    def _rejects(self, con: duckdb.DuckDBPyConnection) -> tuple[Reject, ...]:
        value_of = " ".join(f'when {_text(n)} then "x_{n}"' for n in self.columns)
        refused = con.execute(f"""
            select {_PART}, {ROW}, p.column, p.reason, case p.column {value_of} end
            from (select *, unnest(problems) as p from checked where len(problems) > 0)
            order by all""").fetchall()
        repeated = con.execute(
            f"select {_PART}, {ROW}, first_part, first_row from repeated order by all"
        ).fetchall()
        return (*(self._reject(*row) for row in refused), *(self._repeat(*row) for row in repeated))

    def _reject(self, part: int, row: int, column: str, reason: str, value: str | None) -> Reject:
        origin = self.origins.get(column)
        return replace(
            self._refused(self.delivered[part].sheet, reason),
            row=row,
            column=origin.heading if origin and origin.heading not in (None, _DATED) else column,
            value=value[:SHOWN] if value else value,
            params={"table": self.table.name, **_limits(self.columns[column]), **_advice(reason, value)},
        )

    def _repeat(self, part: int, row: int, first_part: int, first_row: int) -> Reject:
        sheet, first = self.delivered[part].sheet, self.delivered[first_part].sheet
        if part == first_part:
            key = ", ".join(self.table.key)
            params: Fields = {"table": self.table.name, "first": first_row, "key": key}
            return replace(self._refused(sheet, "duplicate"), row=row, params=params)
        place = ", ".join(str(p) for p in (first.file, first.sheet, first_row) if p is not None)
        params = {"table": self.table.name, "first": place}
        return replace(self._refused(sheet, "duplicate_elsewhere"), row=row, params=params)

    def _refused(self, sheet: Sheet, reason: str) -> Reject:
        return Reject(
            file=sheet.file,
            sheet=sheet.sheet,
            reason=reason,
            table=self.table.name,
            source=self.file_rule.source,
        )

    def _absent(self, sheet: Sheet, name: str) -> Reject:
        rule = self.rule.columns.get(name)
        expected = " / ".join(rule.headers) if rule and rule.headers else name
        return replace(
            self._refused(sheet, "missing_column"), column=expected, params={"table": self.table.name}
        )

    def _kept(self) -> str:
        own = [
            'c.slice_date as "valid_from"' if name == "valid_from" == self.table.dated_by else f'c."{name}"'
            for name in self.table.columns
        ]
        places = ", ".join(
            f"({n}, {_text(d.sheet.file)}, {_text(d.sheet.sheet)})" for n, d in enumerate(self.delivered)
        )
        return f"""
            select {", ".join(own)}, p.file::varchar as file, p.sheet::varchar as sheet, c.{ROW} as "row", c.slice_date
            from checked c
            join (values {places}) p(part, file, sheet) on p.part = c.{_PART}
            anti join repeated r on r.{_PART} = c.{_PART} and r.{ROW} = c.{ROW}
            where len(c.problems) = 0
            order by c.{_PART}, c.{ROW}"""

    def _damaged(self) -> str:
        keys = ", ".join(f'c."{name}"' for name in self.table.slice)
        return f"""
            select distinct {keys}, c.slice_date from checked c
            where len(c.problems) > 0
               or exists (from repeated r where r.{_PART} = c.{_PART} and r.{ROW} = c.{ROW})"""


def empty_rows(table: Table) -> pa.Table:
    """No rows of a table, typed as in a batch."""
    shape = {name: column.sql_type for name, column in table.columns.items()} | dict(ORIGIN)
    columns = ", ".join(f'null::{kind} as "{name}"' for name, kind in shape.items())
    with scratch() as con:
        return con.sql(f"select {columns}, null::date as slice_date where false").to_arrow_table()


def plain(text: str) -> str:
    """A heading as it is compared: lower case, no accents, underscores and repeated blanks as one blank."""
    decomposed = unicodedata.normalize("NFKD", text.replace("_", " ").casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


@cache
def _names(column: str) -> tuple[str, ...]:
    """The headings that mean a column: its name, and its label in every language."""
    return tuple(
        {plain(column): None}
        | {plain(translator(code).label("column", column)): None for code in languages()}
    )


def _listed_values(column: Column) -> dict[str, str]:
    if column.type == "enum":
        return _labels(column.values)
    if column.type == "boolean":
        return {**dict.fromkeys(_TRUE, "true"), **dict.fromkeys(_FALSE, "false")}
    return _currencies() if column.type == "currency" else _countries()


@cache
def _labels(values: tuple[str, ...]) -> dict[str, str]:
    known = {value.casefold(): value for value in values}
    for value in values:
        known |= {translator(code).label("value", value).casefold(): value for code in languages()}
    return known


@cache
def _currencies() -> dict[str, str]:
    return {code.lower(): code for code in list_currencies()}


@cache
def _countries() -> dict[str, str]:
    known: dict[str, str] = {}
    for language in languages():
        for code, name in Locale.parse(NUMBER_LOCALES.get(language, language)).territories.items():
            if re.fullmatch(r"[A-Z]{2}", code) and code != "ZZ":
                known |= {name.casefold(): code, code.casefold(): code}
    return known


def _implausible(value: str) -> list[tuple[str, str]]:
    cases = " or ".join(
        f"(upper(\"x_currency\") = '{code}' and {value} not between {low} and {high})"
        for code, (low, high) in PLAUSIBLE_PER_USD.items()
    )
    return [("inverse_rate", f"({value} > 0) and ({cases})"), ("zero_rate", f"{value} = 0")]


def _limits(column: Column) -> dict[str, str | int]:
    return {
        "min": f"{column.min:g}" if column.min is not None else "",
        "max": f"{column.max:g}" if column.max is not None else "",
        "values": ", ".join(column.values),
    }


def _advice(reason: str, value: str | None) -> dict[str, str | int]:
    try:
        number = float(str(value).replace(",", ".").strip("% "))
    except ValueError:
        number = 0.0
    if reason == "inverse_rate":
        return {"inverse": f"{1 / number:.4g}" if number else ""}
    if reason == "fraction":
        return {"fraction": f"{number / 100:g}"}
    return {}


def _q(name: str | None) -> str:
    return (name or "").replace('"', '""')


def _text(value: str | None) -> str:
    return "null" if value is None else "'" + value.replace("'", "''") + "'"


_Type = Callable[
    [_Checker, duckdb.DuckDBPyConnection, str, Column, ColumnRule], tuple[str, list[tuple[str, str]]]
]
_TYPES: Mapping[str, _Type] = {
    "date": _Checker._date,
    **dict.fromkeys(("money", "number", "fraction", "integer"), _Checker._number),
    **dict.fromkeys(("enum", "boolean", "currency", "country"), _Checker._listed),
    **dict.fromkeys(("text", "id"), _Checker._words),
}
