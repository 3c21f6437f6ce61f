"""From sheets of text to rows that keep the contract; whatever does not is refused with a reason.

Set-based: sheets that are laid out alike go through one SQL query together, which types every column and says
what is wrong with it. The reasons are the texts `reject.<reason>` of locales/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from loaders.refusals import MOST_ALIKE, Found, refused_cell, refused_sheet
from loaders.store import scratch

NOT_YET = ("earned_value", "actual_cost", "hours_actual")
"""What a curve does not know of its later periods."""

Key = tuple[str, ...]
"""A table, then the key of a row as text."""

_NUMERIC = frozenset({"money", "number", "fraction", "integer"})
_WORDS: Mapping[str, Callable[[], Mapping[str, str]]] = {
    "boolean": booleans,
    "currency": currencies,
    "country": countries,
    "enum": dict,
}
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


@contextmanager
def checking() -> Iterator[duckdb.DuckDBPyConnection]:
    """A scratch database in which any number of sheets can be checked, one call after the other."""
    with scratch() as con:
        con.execute(parsing.macros())
        yield con


def check_sheets(
    con: duckdb.DuckDBPyConnection,
    delivered: Sequence[Delivered],
    rule: TableRule,
    file_rule: FileRule,
    source: str,
    taken: set[Key] | None = None,
) -> list[Batch]:
    """Sheets laid out alike as rows of one table: a batch for each moment of delivery, one for what is refused whole.

    `taken` are the keys that a rule with `first` leaves out; those of this call are added. Never raises on
    data: what is wrong is in `rejects`.
    """
    whole = [d for d in delivered if d.is_whole]
    lost = [d for d in delivered if not d.is_whole]
    checked = _Check(con, whole, rule, file_rule, source, taken if taken is not None else set())
    return [*(checked.batches() if whole else []), *([_nothing(con, lost, rule, source)] if lost else [])]


class _Check:
    """Sheets on their way into one table.

    Tables on the way: sheet (what names say), raw (text as found), stated (text once the mapping had its say),
    convention (sheet, with what its cells prove of its formats), checked (typed, with problems), repeated
    (rows whose key an earlier row has).
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        sheets: Sequence[Delivered],
        rule: TableRule,
        file_rule: FileRule,
        source: str,
        taken: set[Key],
    ) -> None:
        self.con = con
        self.sheets = sheets
        self.rule = rule
        self.file_rule = file_rule
        self.source = source
        self.taken = taken
        self.table: Table = contract()[rule.table]
        self.marked = sorted({name for s in sheets for name in s.bound.native} & {*self.given})

    def batches(self) -> list[Batch]:
        """The checked rows, one batch for each moment of delivery."""
        self._stack()
        self._state()
        self._weigh_evidence()
        self._judge()
        self._find_repeated()
        rejects, counts = self._rejects(), self._counts()
        moments = sorted({moment for _, moment in counts}, key=lambda m: (m is not None, m)) or [None]
        unseen = {*range(len(self.sheets))} - {nth for nth, _ in counts}
        found = [
            Batch(
                table=self.table.name,
                source=self.source,
                delivered_at=moment,
                parts=tuple(
                    self._part(nth, *counts.get((nth, moment), (0, 0, 0)))
                    for nth in range(len(self.sheets))
                    if (nth, moment) in counts or (nth in unseen and moment == moments[0])
                ),
                rows=self._rows(self._kept(), moment),
                rejects=tuple(reject for when, reject in rejects if when == moment),
                damaged=self._rows(self._damaged(), moment),
            )
            for moment in moments
        ]
        for table in ("raw", "stated", "checked", "repeated"):
            self.con.execute(f"drop table {table}")
        return found

    def _rows(self, sql: str, moment: datetime | None) -> pa.Table:
        return self.con.sql(sql, params={"moment": moment}).to_arrow_table()

    # -- from sheets to one table of text --------------------------------------------------------------------

    @cached_property
    def given(self) -> list[str]:
        """The columns that a sheet or the mapping gives, in the contract's order."""
        found = {name for s in self.sheets for name in s.bound.columns} | {*self.rule.columns}
        if any(s.status_date for s in self.sheets) or self.rule.each_period:
            found.add(DELIVERY_DATE)
        if self.file_rule.project_id:
            found.add("project_id")
        if self.table.name == "projects" and self.file_rule.currency:
            found.add("currency")
        return [name for name in (*self.table.accepted, DELIVERED) if name in found]

    def _stack(self) -> None:
        """All sheets below each other; `n_…` says where a cell was no text in its file."""
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
            columns = {
                "nth": pa.array([nth] * count, pa.int32()),
                ROW: bound.rows,
                "beyond": empty if bound.overflow is None else bound.overflow,
                **{f"r_{name}": bound.columns.get(name, empty) for name in self.given},
                **{f"n_{name}": bound.native.get(name, no) for name in self.marked},
            }
            parts.append(pa.table(columns))
        self._hold("raw", pa.concat_tables(parts, promote_options="permissive"))

    def _hold(self, name: str, rows: pa.Table) -> None:
        self.con.register("given", rows)
        self.con.execute(f"create or replace table {name} as select * from given")
        self.con.unregister("given")

    def _column(self, name: str) -> Column:
        return self.table.accepted.get(name) or Column(name, "text")

    def _rule(self, name: str) -> ColumnRule:
        return rule_of(name, self.rule, self.file_rule)

    def _state(self) -> None:
        """The text once the mapping has had its say, constants and dates of deliveries filled in."""
        steps = {name: parsing.steps(self._column(name), self._rule(name)) for name in self.given}
        for name in self.given:
            steps[name] += self._filled_in(name)
        marks = [f"n_{name}" for name in self.marked]
        found = ", ".join(f"r_{name} as {_x(name)}" for name in self.given)
        levels = [f"select *, {found} from raw join sheet using (nth)"]
        for level in range(max(map(len, steps.values()), default=0)):
            texts = [
                f"{steps[name][level].format(x=_x(name))} as {_x(name)}"
                for name in self.given
                if level < len(steps[name])
            ]
            levels.append(f"select * replace ({', '.join(texts)}) from s{level}")
        ctes = ", ".join(f"s{nth} as ({sql})" for nth, sql in enumerate(levels))
        columns = ", ".join(["nth", ROW, "beyond", *map(_x, self.given), *marks])
        self.con.execute(
            f"create or replace table stated as with {ctes} select {columns} from s{len(levels) - 1}"
        )
        for name in self.rule.only_with:
            self.con.execute(f"delete from stated where {_x(name) if name in self.given else 'null'} is null")
        if self.rule.distinct or self.rule.first:
            self._leave_out_repeated()
        if self.rule.each_period:
            self._repeat_for_each_period()

    def _filled_in(self, name: str) -> list[str]:
        """What names and the mapping say where a cell says nothing; a schedule's date the mapping knows better."""
        if name == DELIVERY_DATE:
            is_schedule = any(s.bound.sheet.target for s in self.sheets)
            return ["coalesce(said_date, {x})" if is_schedule else "coalesce({x}, said_date)"]
        if name == "project_id" and self.file_rule.project_id:
            return [f"coalesce({{x}}, {q(self.file_rule.project_id)})"]
        if name == "currency" and self.table.name == "projects" and self.file_rule.currency:
            return [f"coalesce({{x}}, {q(self.file_rule.currency)})"]
        return []

    def _leave_out_repeated(self) -> None:
        """Of rows with one key keep the first of each file; with `first`, of all files, earlier ones included."""
        parts = [f"coalesce({_x(k)}, '')" if k in self.given else "''" for k in self.table.key]
        key = f"[{', '.join([q(self.table.name), *parts])}]"
        within = key if self.rule.first else f"nth, {key}"
        self.con.execute(f"""
            create or replace table stated as
            select * from stated qualify row_number() over (partition by {within} order by nth, {ROW}) = 1""")
        if self.rule.first:
            said = self.con.execute(f"select rowid, {key} from stated").fetchall()
            out = [row for row, found in said if tuple(found) in self.taken]
            self.con.execute("delete from stated where rowid in (select unnest($out))", {"out": out})
            self.taken.update(tuple(found) for _, found in said)

    def _repeat_for_each_period(self) -> None:
        """Each row of a curve as a status date of its own: the rows below it were not yet earned or spent."""
        known = f"r.{ROW} <= s.{ROW}"
        texts = [
            f"case when {known} then r.{_x(n)} end as {_x(n)}" if n in NOT_YET else f"r.{_x(n)}"
            for n in self.given
            if n != DELIVERY_DATE
        ]
        marks = "".join(f", r.n_{name}" for name in self.marked)
        curve = [f"r.{_x(k)} is not distinct from s.{_x(k)}" for k in self.table.slice if k in self.given]
        self.con.execute(f"""
            create or replace table stated as
            select r.nth, r.{ROW}, r.beyond, {", ".join(texts)}, s.{_x("period_end")} as {_x(DELIVERY_DATE)}
                   {marks}
            from stated r join stated s on {" and ".join(["r.nth = s.nth", *curve])}""")

    # -- from text to types ----------------------------------------------------------------------------------

    def _weigh_evidence(self) -> None:
        """What each sheet's own cells prove about its decimal mark and the order of day and month."""
        undecided = [n for n in self.given if n not in self.simple]
        numbers = [
            n for n in undecided if self._column(n).type in _NUMERIC and not self._rule(n).reading.decimal
        ]
        days = [
            n for n in undecided if self._column(n).type == "date" and not self._rule(n).reading.date_format
        ]
        marks = self._testimony(numbers, "closed(bare({}))", "proves_point(b)", "proves_comma(b)")
        orders = self._testimony(days, "{}", "proves_day_first(b)", "proves_month_first(b)")
        self.con.execute(f"""
            create or replace table convention as
            select s.*,
                   case when m.one and not m.other then '.'
                        when m.other and not m.one then ','
                        when not coalesce(m.one or m.other, false) and has_points then '.'
                   end as decimal_mark,
                   coalesce(m.one <> m.other, false) as is_proven,
                   case when d.one and not d.other then 'day'
                        when d.other and not d.one then 'month' end as date_order
            from sheet s left join ({marks}) m using (nth) left join ({orders}) d using (nth)""")

    def _testimony(self, names: Sequence[str], text: str, one: str, other: str) -> str:
        if not names:
            return "select null::integer as nth, false as one, false as other where false"
        cells = " union all ".join(
            f"select nth, {text.format(_x(n))} as b from stated"
            f" where {_x(n)} is not null and not {self._native(n)}"
            for n in names
        )
        return f"select nth, bool_or({one}) as one, bool_or({other}) as other from ({cells}) group by nth"

    @cached_property
    def simple(self) -> frozenset[str]:
        """Columns all of whose cells can be cast as they stand."""
        tests: dict[str, str] = {}
        for name in self.given:
            kind, x = self._column(name).type, _x(name)
            if kind in _NUMERIC:
                mark = self._rule(name).reading.decimal
                points = "has_points" if mark is None else "true" if mark == "." else "false"
                unmarked = f"{self._native(name)} or not regexp_matches({x}, '[.,]')"
                tests[name] = f"is_plain_number({x}) and ({points} or {unmarked})"
            elif kind == "date":
                tests[name] = f"iso_day({x}) is not null"
        if not tests:
            return frozenset()
        asked = ", ".join(
            f"bool_and({_x(n)} is null or coalesce({test}, false))" for n, test in tests.items()
        )
        answers = self.con.execute(f"select {asked} from stated join sheet using (nth)").fetchall()[0]
        return frozenset(name for name, answer in zip(tests, answers, strict=True) if answer is not False)

    def _native(self, name: str) -> str:
        return f"n_{name}" if name in self.marked else "false"

    def _judge(self) -> None:
        """Every column typed, and `problems`, a list of column and reason for what is wrong."""
        parsed = {name: self._parsed(name) for name in self.given}
        accepted = self.table.accepted
        bare = [f'{p.bare} as "b_{name}"' for name, p in parsed.items() if p.bare]
        texts = [f'{p.text} as "t_{name}"' for name, p in parsed.items() if p.text]
        values = [f'{p.value} as "{name}"' for name, p in parsed.items()]
        absent = [f'null::{c.sql_type} as "{name}"' for name, c in accepted.items() if name not in parsed]
        problems = ["case when beyond is not null then {'column': null::varchar, 'reason': 'ragged'} end"]
        problems += [_problem(name, p.reasons) for name, p in parsed.items()]
        said = f'"{DELIVERED}"' if DELIVERED in parsed else "null::timestamp"
        self.con.execute(f"""
            create or replace table checked as
            with barer as (select {", ".join(["*", *bare])} from stated join convention using (nth)),
            texts as (select {", ".join(["*", *texts])} from barer),
            typed as (select {", ".join(["*", *values, *absent])} from texts)
            select nth, {ROW}, file, sheet, beyond, {", ".join(map(_x, parsed))},
                   {", ".join(f'"{name}"' for name in accepted)},
                   coalesce({said}, said_moment::timestamp) as moment, {self._slice_date()} as slice_date,
                   list_filter([{", ".join(problems)}], lambda p: p is not null) as problems,
                   row_number() over (order by nth, {ROW}) as id
            from typed""")

    def _slice_date(self) -> str:
        said = DELIVERY_DATE if DELIVERY_DATE in self.table.accepted else "null::date"
        dated = self.table.dated_by
        return said if dated in (None, DELIVERY_DATE) else f'coalesce("{dated}", {said})'

    def _parsed(self, name: str) -> Parsed:
        if name == DELIVERED:
            return parsing.moment(name)
        column = self._column(name)
        lookup = self._lookup(name, column) if column.type in _WORDS else {}
        cell = Cell(column, self._rule(name), self._native(name), name in self.simple, lookup)
        parsed = parsing.parsed(cell)
        if (self.table.name, name) == ("fx_rates", "per_usd"):
            impossible = parsing.impossible_rate('"currency"', cell.v)
            return replace(parsed, reasons=[*parsed.reasons, *impossible])
        return parsed

    def _lookup(self, name: str, column: Column) -> dict[str, str]:
        """Every text of a column that means one of its values → the value."""
        known = listed(column.values) if column.type == "enum" else _WORDS[column.type]()
        sql = f"select distinct {_x(name)} from stated where {_x(name)} is not null"
        found = [text for (text,) in self.con.execute(sql).fetchall()]
        return {text: known[plain(text)] for text in found if plain(text) in known}

    # -- what comes out --------------------------------------------------------------------------------------

    def _find_repeated(self) -> None:
        """Rows whose key an earlier row has; `is_same` where another file says them word for word."""
        keys = ["moment", *(f'"{k}"' for k in self.table.key if k != self.table.dated_by), "slice_date"]
        own = ", ".join(f'"{name}"' for name in self.table.columns)
        self.con.execute(f"""
            create or replace table repeated as
            select id, nth, {ROW}, moment, first_value(file) over same as first_file,
                   first_value(sheet) over same as first_sheet, first_value({ROW}) over same as first_row,
                   first_value(nth) over same as first_nth,
                   file <> first_value(file) over same
                       and hash({own}) = first_value(hash({own})) over same as is_same
            from checked
            where {"len(problems) = 0" if self.table.key else "false"}
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
        """(sheet, delivery) → rows seen, rows kept, and rows of another file again, counted in neither."""
        found = self.con.execute("""
            select c.nth, c.moment, count(*) filter (where not coalesce(r.is_same, false)),
                   count(*) filter (where len(problems) = 0 and r.id is null),
                   count(*) filter (where r.is_same)
            from checked c left join repeated r using (id) group by all""").fetchall()
        return {(nth, moment): (seen, kept, same) for nth, moment, seen, kept, same in found}

    @cached_property
    def _serials(self) -> dict[int, int]:
        """Sheet → cells that held the number of a day instead of a date."""
        days = [n for n in self.marked if self._column(n).type == "date" and n not in self.simple]
        if not days:
            return {}
        held = " + ".join(f"""({_x(n)} not like '%-%' and "{n}" is not null)::integer""" for n in days)
        found = self.con.execute(f"select nth, sum({held})::integer from checked group by nth").fetchall()
        return {nth: count for nth, count in found if count}

    def _part(self, nth: int, seen: int, kept: int, same: int) -> Part:
        notes = [f"{same} rows are word for word in another file of this load"] if same else []
        if nth in self._serials:
            count = self._serials[nth]
            notes.append(f"{count} cells without a date format were read as days (45900 is 2025-08-31)")
        return self.sheets[nth].part(seen, kept, *notes)

    def _rejects(self) -> list[tuple[datetime | None, Reject]]:
        """Everything refused, with the moment of its delivery; of what is wrong alike the first cells only."""
        value_of = " ".join(f"when {q(name)} then {_x(name)}" for name in self.given)
        currency = '"currency"' if "currency" in self.table.accepted else "null::varchar"
        found = self.con.execute(f"""
            with refused as (
                select nth, moment, {ROW} as "row", p.column as name, p.reason as reason,
                       case p.column {value_of} else beyond end as value, {currency} as money,
                       null::varchar as first_file, null::varchar as first_sheet, null::bigint as first_row
                from (select *, unnest(problems) as p from checked where len(problems) > 0)
                union all
                select nth, moment, {ROW}, null,
                       case when nth = first_nth then 'duplicate' else 'duplicate_elsewhere' end,
                       null, null, first_file, first_sheet, first_row
                from repeated where not is_same
            )
            select *, row_number() over alike as no,
                   count(*) over (partition by nth, moment, name, reason) as many
            from refused
            window alike as (partition by nth, moment, name, reason order by "row")
            qualify no <= {MOST_ALIKE + 1}
            order by nth, "row", name""").fetchall()
        return [
            (moment, refused_cell(self.sheets[nth].bound, self.table, self.source, Found(*rest)))
            for nth, moment, *rest in found
        ]


def _x(name: str) -> str:
    return f'"x_{name}"'


def _problem(name: str, reasons: Sequence[tuple[str, str]]) -> str:
    """A column's problem, or NULL."""
    any_holds = " or ".join(f"({condition})" for _, condition in reasons)
    cases = " ".join(f"when {condition} then {q(reason)}" for reason, condition in reasons)
    return f"case when {any_holds} then {{'column': {q(name)}, 'reason': case {cases} end}} end"


def _nothing(
    con: duckdb.DuckDBPyConnection, lost: Sequence[Delivered], rule: TableRule, source: str
) -> Batch:
    """Sheets that are refused whole: no row, and any slice of theirs is not whole."""
    table = contract()[rule.table]
    keys = {name: table.columns[name].sql_type for name in table.slice}
    return Batch(
        table=table.name,
        source=source,
        delivered_at=None,
        parts=tuple(d.part(d.bound.count, 0) for d in lost),
        rows=con.sql(f"{_nulls({**table.shape, 'slice_date': 'DATE'})} where false").to_arrow_table(),
        rejects=tuple(r for d in lost for r in refused_sheet(d.bound, rule, source)),
        damaged=con.sql(_nulls({**keys, "slice_date": "DATE"})).to_arrow_table(),
    )


def _nulls(shape: Mapping[str, str]) -> str:
    return "select " + ", ".join(f'null::{kind} as "{name}"' for name, kind in shape.items())
