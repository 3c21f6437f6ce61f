"""From sheets of text to rows that keep the contract; whatever does not is refused with a reason.

Set-based: sheets that are laid out alike go through one SQL query together, which types every column and says what is
wrong with it. The reasons are the texts `reject.<reason>` of locales/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import duckdb
import pyarrow as pa

from loaders import parsing
from loaders.batch import Batch, Part, Reject
from loaders.binding import DELIVERED, Bound, rule_of
from loaders.contract import DELIVERY_DATE, Column, Table, contract
from loaders.mapping import ColumnRule, FileRule, TableRule
from loaders.names import booleans, countries, currencies, listed, plain
from loaders.parsing import Cell, Parsed, q
from loaders.readers.base import ROW
from loaders.store import scratch

SHOWN = 120
"""Characters of a refused value that a reject keeps."""
MOST_ALIKE = 500
"""Cells of one column of one sheet refused for one reason that are listed; the rest is counted."""
NOT_YET = ("earned_value", "actual_cost", "hours_actual")
"""What a curve does not know of its later periods."""

_NUMERIC = frozenset({"money", "number", "fraction", "integer"})
_WORDS: Mapping[str, Callable[[], Mapping[str, str]]] = {
    "boolean": booleans,
    "currency": currencies,
    "country": countries,
    "enum": dict,
}

Fields = dict[str, str | int]
Key = tuple[str, ...]
"""A table, then the key of a row as text."""


@dataclass(frozen=True)
class Delivered:
    """One bound sheet, the print of its file, and what names say of its dates."""

    bound: Bound
    sha256: str
    status_date: datetime | None = None
    delivered_at: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the sheet has what its rows need, each once."""
        return not self.bound.lacking and not self.bound.repeated

    def part(self, rows_in: int, rows_kept: int, *notes: str) -> Part:
        """The sheet as a part of a batch."""
        sheet = self.bound.sheet
        return Part(sheet.file, sheet.sheet, self.sha256, rows_in, (*self.bound.notes, *notes), rows_kept)


def check_sheets(
    delivered: Sequence[Delivered],
    rule: TableRule,
    file_rule: FileRule,
    source: str,
    taken: set[Key] | None = None,
) -> list[Batch]:
    """Sheets laid out alike as rows of one table, a batch for each moment of delivery and one for sheets refused whole.

    `taken` are the keys that a rule with `first` leaves out; those of this call are added. Never raises on data: what
    is wrong is in `rejects`.
    """
    taken = set() if taken is None else taken
    whole = [d for d in delivered if d.is_whole]
    refused = [d for d in delivered if not d.is_whole]
    with scratch() as con:
        batches = _Checker(con, whole, rule, file_rule, source, taken).batches() if whole else []
        return [*batches, *([_nothing(con, refused, rule, source)] if refused else [])]


class _Checker:
    """Sheets on their way into one table.

    Tables on the way: raw (text as found), stated (text once the mapping had its say), convention (what each sheet
    proves of its formats), checked (typed, with problems), repeated (rows whose key another row has).
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, sheets: Sequence[Delivered], rule: TableRule, file_rule: FileRule,
        source: str, taken: set[Key],
    ) -> None:  # fmt: skip
        self.con = con
        self.taken = taken
        self.sheets = sheets
        self.rule = rule
        self.file_rule = file_rule
        self.source = source
        self.table: Table = contract()[rule.table]
        self.marked = {name for s in sheets for name in s.bound.native} & {*self.given}

    def batches(self) -> list[Batch]:
        """The checked rows, one batch for each moment of delivery."""
        self._stack()
        self._state()
        self._weigh_evidence()
        self._judge()
        self._find_repeated()
        rejects = self._rejects()
        counts = self._counts()
        moments = sorted({moment for _, moment in counts}, key=lambda m: (m is not None, m)) or [None]
        unseen = {nth for nth, _ in enumerate(self.sheets)} - {nth for nth, _ in counts}
        batches = []
        for moment in moments:
            there = [
                nth
                for nth, _ in enumerate(self.sheets)
                if (nth, moment) in counts or (nth in unseen and moment == moments[0])
            ]
            batches.append(
                Batch(
                    table=self.table.name,
                    source=self.source,
                    delivered_at=moment,
                    parts=tuple(self._part(nth, *counts.get((nth, moment), (0, 0, 0))) for nth in there),
                    rows=self.con.sql(self._kept(), params={"moment": moment}).to_arrow_table(),
                    rejects=tuple(reject for when, reject in rejects if when == moment),
                    damaged=self.con.sql(self._damaged(), params={"moment": moment}).to_arrow_table(),
                )
            )
        return batches

    # -- from sheets to one table of text ------------------------------------------------------------------------------

    @cached_property
    def given(self) -> list[str]:
        """The columns that a sheet or the mapping gives, in the contract's order."""
        accepted = self.table.accepted
        found = {name for s in self.sheets for name in s.bound.columns} | {*self.rule.columns}
        if any(s.status_date for s in self.sheets) or self.rule.each_period:
            found.add(DELIVERY_DATE)
        if self.file_rule.project_id:
            found.add("project_id")
        if self.table.name == "projects" and self.file_rule.currency:
            found.add("currency")
        return [name for name in (*accepted, DELIVERED) if name in found]

    def _stack(self) -> None:
        """Tables `sheet` (what names say) and `raw`: all sheets below each other, `n_…` where a cell was no text."""
        described = [
            {
                "nth": nth,
                "file": s.bound.sheet.file,
                "sheet": s.bound.sheet.sheet,
                "said_date": s.status_date.date().isoformat() if s.status_date else None,
                "said_moment": s.delivered_at.isoformat() if s.delivered_at else None,
                "has_points": s.bound.sheet.has_points,
            }
            for nth, s in enumerate(self.sheets)
        ]
        self._hold("sheet", pa.Table.from_pylist(described, _SHEET))
        parts = []
        for nth, s in enumerate(self.sheets):
            bound, count = s.bound, s.bound.count
            empty, no = pa.nulls(count, pa.string()), pa.array([False] * count, pa.bool_())
            parts.append(
                pa.table(
                    {
                        "nth": pa.array([nth] * count, pa.int32()),
                        ROW: bound.rows,
                        "beyond": empty if bound.overflow is None else bound.overflow,
                        **{f"r_{name}": bound.columns.get(name, empty) for name in self.given},
                        **{f"n_{name}": bound.native.get(name, no) for name in sorted(self.marked)},
                    }
                )
            )
        self._hold("raw", pa.concat_tables(parts, promote_options="permissive"))

    def _hold(self, name: str, rows: pa.Table) -> None:
        self.con.register("given", rows)
        self.con.execute(f"create table {name} as select * from given")
        self.con.unregister("given")

    def _column(self, name: str) -> Column:
        return self.table.accepted.get(name) or Column(name, "text")

    def _rule(self, name: str) -> ColumnRule:
        return rule_of(name, self.rule, self.file_rule)

    def _state(self) -> None:
        """Table `stated`: the text once the mapping has had its say, constants and dates of deliveries filled in."""
        columns = ["nth", ROW, "beyond", *(f'{self._stated(name)} as "x_{name}"' for name in self.given)]
        distinct = ""
        if self.rule.distinct:
            keys = ", ".join(f'"x_{k}"' for k in self.table.key if k in self.given)
            distinct = f"qualify row_number() over (partition by {keys or 'nth'} order by nth, {ROW}) = 1"
        marks = [f"n_{name}" for name in sorted(self.marked)]
        self.con.execute(
            f"create table stated as select {', '.join([*columns, *marks])} from raw join sheet using (nth) {distinct}"
        )
        lacking = " or ".join(
            f"{_x(name)} is null" if name in self.given else "true" for name in self.rule.only_with
        )
        if lacking:
            self.con.execute(f"delete from stated where {lacking}")
        if self.rule.first:
            self._leave_out_taken()
        if self.rule.each_period:
            self._repeat_for_each_period(marks)

    def _leave_out_taken(self) -> None:
        """Of rows with one key keep the first, unless an earlier call has taken the key already."""
        parts = [f"coalesce({_x(k)}, '')" if k in self.given else "''" for k in self.table.key]
        key = f"[{', '.join([q(self.table.name), *parts])}]"
        self.con.execute(f"""
            create or replace table stated as
            select * from stated qualify row_number() over (partition by {key} order by nth, {ROW}) = 1""")
        said = self.con.execute(f"select rowid, {key} from stated").fetchall()
        out = [row for row, found in said if tuple(found) in self.taken]
        self.con.execute("delete from stated where rowid in (select unnest($out))", {"out": out})
        self.taken.update(tuple(found) for _, found in said)

    def _stated(self, name: str) -> str:
        """The text of a column; in a schedule file what the mapping says of its date comes before what the file says."""
        text = parsing.text_of(f'"r_{name}"', self._column(name), self._rule(name))
        if name == DELIVERY_DATE:
            is_schedule = any(s.bound.sheet.target for s in self.sheets)
            return f"coalesce(said_date, {text})" if is_schedule else f"coalesce({text}, said_date)"
        if name == "project_id" and self.file_rule.project_id:
            return f"coalesce({text}, {q(self.file_rule.project_id)})"
        if name == "currency" and self.table.name == "projects":
            return f"coalesce({text}, {q(self.file_rule.currency)})"
        return text

    def _repeat_for_each_period(self, marks: Sequence[str]) -> None:
        """Each row of a curve as a status date, at which the rows below it had neither earned nor spent anything yet."""
        columns = [
            f'case when r.{ROW} <= s.{ROW} then r."x_{name}" end as "x_{name}"'
            if name in NOT_YET
            else f'r."x_{name}"'
            for name in self.given
            if name != DELIVERY_DATE
        ]
        curve = [k for k in self.table.slice if k in self.given]
        same = " and ".join(["r.nth = s.nth", *(f'r."x_{k}" is not distinct from s."x_{k}"' for k in curve)])
        self.con.execute(f"""
            create or replace table stated as
            select r.nth, r.{ROW}, r.beyond, {", ".join(columns)}, s."x_period_end" as "x_{DELIVERY_DATE}"
                   {"".join(f", r.{mark}" for mark in marks)}
            from stated r join stated s on {same}""")

    # -- from text to types --------------------------------------------------------------------------------------------

    def _weigh_evidence(self) -> None:
        """Table `convention`: what each sheet's own cells prove about decimal marks and the order of day and month."""
        undecided = [n for n in self.given if n not in self.simple]
        numbers = [
            n for n in undecided if self._column(n).type in _NUMERIC and not self._rule(n).reading.decimal
        ]
        days = [
            n for n in undecided if self._column(n).type == "date" and not self._rule(n).reading.date_format
        ]
        marks = self._testimony(numbers, parsing.bare, parsing.proves_point, parsing.proves_comma)
        orders = self._testimony(days, str, parsing.proves_day_first, parsing.proves_month_first)
        self.con.execute(f"""
            create table convention as
            select s.*,
                   case when m.one and not m.other then '.' when m.other and not m.one then ','
                        when not coalesce(m.one or m.other, false) and has_points then '.' end as decimal_mark,
                   coalesce(m.one <> m.other, false) as is_proven,
                   case when d.one and not d.other then 'day' when d.other and not d.one then 'month' end as date_order
            from sheet s left join ({marks}) m using (nth) left join ({orders}) d using (nth)""")

    def _testimony(
        self,
        names: Sequence[str],
        text: Callable[[str], str],
        one: Callable[[str], str],
        other: Callable[[str], str],
    ) -> str:
        if not names:
            return "select null::integer as nth, false as one, false as other where false"
        cells = " union all ".join(
            f"select nth, {text(_x(n))} as b from stated where {_x(n)} is not null and not {self._native(n)}"
            for n in names
        )
        return f"select nth, bool_or({one('b')}) as one, bool_or({other('b')}) as other from ({cells}) group by nth"

    @cached_property
    def simple(self) -> frozenset[str]:
        """Columns all of whose cells can be cast as they stand."""
        tests: dict[str, str] = {}
        for name in self.given:
            kind, decimal, x = self._column(name).type, self._rule(name).reading.decimal, _x(name)
            if kind in _NUMERIC:
                unmarked = f"({self._native(name)} or not regexp_matches({x}, '[.,]'))"
                points = "has_points" if decimal is None else "true" if decimal == "." else "false"
                tests[name] = f"{parsing.is_plain_number(x)} and ({points} or {unmarked})"
            elif kind == "date":
                tests[name] = parsing.is_iso_date(x)
        if not tests:
            return frozenset()
        asked = ", ".join(
            f"bool_and({_x(name)} is null or coalesce({test}, false))" for name, test in tests.items()
        )
        answers = self.con.execute(f"select {asked} from stated join sheet using (nth)").fetchall()[0]
        return frozenset(name for name, answer in zip(tests, answers, strict=True) if answer is not False)

    def _native(self, name: str) -> str:
        return f"n_{name}" if name in self.marked else "false"

    def _judge(self) -> None:
        """Table `checked`: every column typed, and `problems`, a list of column and reason for what is wrong."""
        parsed = {name: self._parsed(name) for name in self.given}
        bare = [f'{p.bare} as "b_{name}"' for name, p in parsed.items() if p.bare]
        texts = [f'{p.text} as "t_{name}"' for name, p in parsed.items() if p.text]
        values = [f'{p.value} as "{name}"' for name, p in parsed.items()]
        absent = [
            f'null::{c.sql_type} as "{name}"' for name, c in self.table.accepted.items() if name not in parsed
        ]
        problems = ["case when beyond is not null then {'column': null::varchar, 'reason': 'ragged'} end"]
        for name, p in parsed.items():
            any_holds = " or ".join(f"({condition})" for _, condition in p.reasons)
            cases = " ".join(f"when {condition} then {q(reason)}" for reason, condition in p.reasons)
            problems.append(
                f"case when {any_holds} then {{'column': {q(name)}, 'reason': case {cases} end}} end"
            )
        said = f'"{DELIVERED}"' if DELIVERED in parsed else "null::timestamp"
        self.con.execute(f"""
            create table checked as
            with barer as (select {", ".join(["*", *bare])} from stated join convention using (nth)),
            texts as (select {", ".join(["*", *texts])} from barer),
            typed as (select {", ".join(["*", *values, *absent])} from texts)
            select nth, {ROW}, file, sheet, beyond, {", ".join([_x(name) for name in parsed])},
                   {", ".join(f'"{name}"' for name in self.table.accepted)},
                   coalesce({said}, said_moment::timestamp) as moment, {self._slice_date()} as slice_date,
                   list_filter([{", ".join(problems)}], lambda p: p is not null) as problems,
                   row_number() over (order by nth, {ROW}) as id
            from typed""")

    def _slice_date(self) -> str:
        said = DELIVERY_DATE if DELIVERY_DATE in self.table.accepted else "null::date"
        dated = self.table.dated_by
        return said if dated in (None, DELIVERY_DATE) else f'coalesce("{dated}", {said})'

    def _parsed(self, name: str) -> Parsed:
        column = self._column(name)
        if name == DELIVERED:
            return parsing.moment(name)
        lookup = self._lookup(name, column) if column.type in _WORDS else {}
        parsed = parsing.parsed(
            Cell(column, self._rule(name), self._native(name), name in self.simple, lookup)
        )
        if (self.table.name, name) == ("fx_rates", "per_usd"):
            inverted = parsing.inverted_rate('"currency"', f'"{name}"')
            return replace(parsed, reasons=[*parsed.reasons, *inverted])
        return parsed

    def _lookup(self, name: str, column: Column) -> dict[str, str]:
        """Every text of a column that means one of its values → the value."""
        known = listed(column.values) if column.type == "enum" else _WORDS[column.type]()
        found = self.con.execute(
            f"select distinct {_x(name)} from stated where {_x(name)} is not null"
        ).fetchall()
        return {text: known[plain(text)] for (text,) in found if plain(text) in known}

    # -- what comes out ------------------------------------------------------------------------------------------------

    def _find_repeated(self) -> None:
        """Table `repeated`: rows whose key an earlier row has. Word for word in another file: `is_same`, no reject."""
        keys = ["moment", *(f'"{k}"' for k in self.table.key if k != self.table.dated_by), "slice_date"]
        own = ", ".join(f'"{name}"' for name in self.table.columns)
        condition = "len(problems) = 0" if self.table.key else "false"
        self.con.execute(f"""
            create table repeated as
            select id, nth, {ROW}, moment, first_value(file) over same as first_file, first_value(sheet) over same as first_sheet,
                   first_value({ROW}) over same as first_row, first_value(nth) over same as first_at,
                   file <> first_value(file) over same and hash({own}) = first_value(hash({own})) over same as is_same
            from checked where {condition}
            window same as (partition by {", ".join(keys)} order by id)
            qualify row_number() over same > 1""")

    def _kept(self) -> str:
        own = [
            f'slice_date as "{name}"' if name == "valid_from" == self.table.dated_by else f'"{name}"'
            for name in self.table.columns
        ]
        return f"""
            select {", ".join(own)}, file, sheet, {ROW} as "row", slice_date
            from checked anti join repeated using (id)
            where len(problems) = 0 and moment is not distinct from $moment::timestamp
            order by id"""

    def _damaged(self) -> str:
        keys = ", ".join(f'"{name}"' for name in self.table.slice)
        return f"""
            select distinct {keys}, slice_date from checked
            where moment is not distinct from $moment::timestamp
              and (len(problems) > 0 or id in (select id from repeated where not is_same))"""

    def _counts(self) -> dict[tuple[int, datetime | None], tuple[int, int, int]]:
        """(sheet, delivery) → rows seen, rows kept, rows that another file says word for word (counted in neither)."""
        found = self.con.execute("""
            select c.nth, c.moment, count(*) filter (where not coalesce(r.is_same, false)),
                   count(*) filter (where len(problems) = 0 and r.id is null), count(*) filter (where r.is_same)
            from checked c left join repeated r using (id) group by all""").fetchall()
        return {(nth, moment): (seen, kept, same) for nth, moment, seen, kept, same in found}

    @cached_property
    def _serials(self) -> dict[int, int]:
        """Sheet → cells that held the number of a day instead of a date."""
        days = [
            n
            for n in self.given
            if self._column(n).type == "date" and n in self.marked and n not in self.simple
        ]
        if not days:
            return {}
        held = " + ".join(f"({_x(n)} not like '%-%' and \"{n}\" is not null)::integer" for n in days)
        found = self.con.execute(f"select nth, sum({held})::integer from checked group by nth").fetchall()
        return {nth: count for nth, count in found if count}

    def _part(self, nth: int, seen: int, kept: int, same: int) -> Part:
        notes = [f"{same} rows are word for word in another file of this load"] if same else []
        if nth in self._serials:
            notes.append(
                f"{self._serials[nth]} cells without a date format were read as days (45900 is 2025-08-31)"
            )
        return self.sheets[nth].part(seen, kept, *notes)

    def _rejects(self) -> list[tuple[datetime | None, Reject]]:
        """Everything refused, with the moment of its delivery; of what is wrong in the same way the first cells only."""
        value_of = " ".join(f"when {q(name)} then {_x(name)}" for name in self.given)
        found = self.con.execute(f"""
            with refused as (
                select nth, {ROW} as "row", moment, p.column as name, p.reason as reason,
                       case p.column {value_of} else beyond end as value,
                       null::varchar as first_file, null::varchar as first_sheet, null::bigint as first_row
                from (select *, unnest(problems) as p from checked where len(problems) > 0)
                union all
                select nth, {ROW}, moment, null, case when nth = first_at then 'duplicate' else 'duplicate_elsewhere' end,
                       null, first_file, first_sheet, first_row
                from repeated where not is_same
            )
            select *, row_number() over alike as no, count(*) over (partition by nth, moment, name, reason) as many
            from refused
            window alike as (partition by nth, moment, name, reason order by "row")
            qualify no <= {MOST_ALIKE + 1}
            order by nth, "row", name""").fetchall()
        return [
            (moment, self._reject(self.sheets[nth], moment, *rest))
            for nth, row, moment, *others in found
            for rest in [(row, *others)]
        ]

    def _reject(
        self, sheet: Delivered, _moment: datetime | None, row: int, name: str | None, reason: str, value: str | None,
        first_file: str | None, first_sheet: str | None, first_row: int | None, no: int, many: int,
    ) -> Reject:  # fmt: skip
        if no > MOST_ALIKE:
            return _refusal(
                sheet, self.table.name, self.source, "more", name, params={"count": many - MOST_ALIKE}
            )
        params: Fields = {}
        if first_row is not None:
            elsewhere = ", ".join(part for part in (first_file, first_sheet, str(first_row)) if part)
            params = {
                "first": first_row if reason == "duplicate" else elsewhere,
                "key": ", ".join(self.table.key),
            }
        elif name:
            params = {**_limits(self._column(name)), **_advice(reason, value)}
        return _refusal(sheet, self.table.name, self.source, reason, name, row, value, params)


_SHEET = pa.schema(
    {
        "nth": pa.int32(),
        "file": pa.string(),
        "sheet": pa.string(),
        "said_date": pa.string(),
        "said_moment": pa.string(),
        "has_points": pa.bool_(),
    }
)


def _x(name: str) -> str:
    return f'"x_{name}"'


def _nothing(
    con: duckdb.DuckDBPyConnection, refused: Sequence[Delivered], rule: TableRule, source: str
) -> Batch:
    """Sheets that are refused whole: no row, and any slice of theirs is not whole."""
    table = contract()[rule.table]
    shape = {**table.shape, "slice_date": "DATE"}
    rows = con.sql(f"select {_nulls(shape)} where false").to_arrow_table()
    damaged = con.sql(
        f"select {_nulls({**{n: table.columns[n].sql_type for n in table.slice}, 'slice_date': 'DATE'})}"
    )
    return Batch(
        table=table.name,
        source=source,
        delivered_at=None,
        parts=tuple(d.part(d.bound.count, 0) for d in refused),
        rows=rows,
        rejects=tuple(reject for d in refused for reject in _absent(d, table.name, source, rule)),
        damaged=damaged.to_arrow_table(),
    )


def _nulls(shape: Mapping[str, str]) -> str:
    return ", ".join(f'null::{kind} as "{name}"' for name, kind in shape.items())


def _absent(d: Delivered, table: str, source: str, rule: TableRule) -> Iterator[Reject]:
    for heading in d.bound.repeated:
        yield _refusal(d, table, source, "repeated_heading", heading)
    for name, heading in d.bound.lacking.items():
        is_undated = name == DELIVERY_DATE and name not in rule.columns
        yield _refusal(d, table, source, "missing_status_date" if is_undated else "missing_column", heading)


def _refusal(
    d: Delivered, table: str, source: str, reason: str, name: str | None,
    row: int | None = None, value: str | None = None, params: Fields | None = None,
) -> Reject:  # fmt: skip
    sheet = d.bound.sheet
    return Reject(
        file=sheet.file,
        sheet=sheet.sheet,
        row=row,
        column=d.bound.shown.get(name, name) if name else None,
        value=value if value is None or len(value) <= SHOWN else f"{value[:SHOWN]}…",
        reason=reason,
        params={"table": table, **(params or {})},
        table=table,
        source=source,
    )


def _limits(column: Column) -> Fields:
    """The bounds of a column that its sentences name."""
    low = 0 if column.type == "fraction" and column.min is None else column.min
    bounds = {"min": low, "max": column.max}
    days: Fields = {"min": str(parsing.EARLIEST), "max": str(parsing.LATEST)} if column.type == "date" else {}
    return {
        **days,
        **{name: f"{bound:g}" for name, bound in bounds.items() if bound is not None},
        **({"values": ", ".join(column.values)} if column.values else {}),
    }


def _advice(reason: str, value: str | None) -> Fields:
    """What the sentence of a reason proposes."""
    try:
        number = float(str(value).replace(",", ".").strip("% "))
    except ValueError:
        number = 0.0
    if reason == "inverse_rate":
        return {"inverse": f"{1 / number:.6g}" if number else ""}
    if reason == "fraction":
        return {"fraction": f"{number / 100:g}"}
    return {}
