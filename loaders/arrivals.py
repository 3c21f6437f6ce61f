"""What one load brings: gathered, compared slice by slice with the history, and written where it is new.

A slice is table × project × source × slice date (financials also × scenario). Of several deliveries of one
slice the latest wins: by `delivered_at`, and where that is not given by the time of the load.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from loaders.batch import Batch, FileReport, Reject
from loaders.contract import ORIGIN, Table, contract
from loaders.history import UNDATED, declared, in_history, next_load, owner_of, part_of, quoted
from locales import SOURCE_LANGUAGE, Translator, translator

Progress = Callable[[str, int, int], None]
FLUSH_ROWS = 400_000
"""Rows of a table that wait in memory before they are staged."""

_BATCH = "__batch"
_KEY = "source, slice_owner, slice_part, slice_date"
_FRESH = "table_name varchar, slice_owner varchar, source varchar, file varchar"
_SHARED = "('programmes', 'fx_rates')"
"""Tables whose rows concern every project."""


@dataclass(frozen=True)
class FileResult:
    """What became of one file in a load; `is_new` is false when nothing in it differs from what was there."""

    source: str
    file: str
    sha256: str | None
    rows_in: int
    rows_kept: int
    rows_rejected: int
    is_new: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableChange:
    """What a load did to one table, in slices and, where it replaced slices, in rows.

    `outdated` slices were delivered before what is in force: kept as history, they change nothing today.
    `rows` counts the rows of all that is new; the others compare with the slices that were replaced.
    """

    table: str
    new: int = 0
    replaced: int = 0
    unchanged: int = 0
    outdated: int = 0
    rows: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0


@dataclass(frozen=True)
class Outcome:
    """What a load brought. `projects` are those that it touched; None means all of them."""

    load_id: int
    files: tuple[FileResult, ...]
    rejects: tuple[Reject, ...]
    changes: tuple[TableChange, ...]
    projects: frozenset[str] | None

    @property
    def is_new(self) -> bool:
        """Whether anything differs from what the store held."""
        return any(file.is_new for file in self.files)

    @property
    def rows_kept(self) -> int:
        """Rows accepted, those that were there already included."""
        return sum(file.rows_kept for file in self.files)


class Arrivals:
    """The batches of one load. `add` every item that intake yields, then `apply` once."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.reports: dict[tuple[str, str], FileReport] = {}
        self.rejects: list[Reject] = []
        self.batches: list[Batch] = []
        self._waiting: dict[str, list[pa.Table]] = {}
        self._staged: set[str] = set()

    def add(self, item: Batch | FileReport) -> None:
        """Take in one file report or one batch."""
        self.rejects += item.rejects
        if isinstance(item, FileReport):
            self.reports[item.source, item.file] = item
            return
        rows = item.rows
        number = pa.array([len(self.batches)] * rows.num_rows, pa.int32())
        self.batches.append(replace(item, rows=rows.slice(0, 0)))
        waiting = self._waiting.setdefault(item.table, [])
        waiting.append(rows.append_column(_BATCH, number))
        if sum(r.num_rows for r in waiting) > FLUSH_ROWS:
            self._flush(item.table)

    def apply(self, loaded_at: datetime, progress: Progress | None = None) -> Outcome:
        """Write what is new to the history, close what it supersedes, and say what happened.

        `loaded_at` is naive UTC, later than that of any load before. Nothing is written when nothing is new.
        """
        for name in list(self._waiting):
            self._flush(name)
        load_id = next_load(self.con)
        self._describe_batches()
        self.con.execute(f"create or replace temp table fresh ({_FRESH})")
        changes: list[TableChange] = []
        tables = [table for table in contract().values() if table.name in self._staged]
        for done, table in enumerate(tables):
            if progress:
                progress(table.name, done, len(tables))
            self.rejects += self._refuse_repeated(table)
            changes.append(self._bring_in(table, load_id, loaded_at))
        outcome = Outcome(load_id, self._file_results(), tuple(self.rejects), tuple(changes), self._touched())
        if outcome.is_new:
            self._record(outcome, loaded_at)
        for table in tables:
            self.con.execute(f"drop table {_staging(table)}")
        return outcome

    def _flush(self, name: str) -> None:
        """Stage the rows of a table that wait in memory."""
        table = contract()[name]
        own = {column: spec.sql_type for column, spec in table.columns.items()}
        if name not in self._staged:
            shape = {**own, **ORIGIN, "slice_date": "DATE", _BATCH: "INTEGER"}
            self.con.execute(f"create or replace temp table {_staging(table)} ({declared(shape)})")
            self._staged.add(name)
        columns = ", ".join(quoted(c) for c in (*own, *ORIGIN))
        self.con.register("given", pa.concat_tables(self._waiting.pop(name), promote_options="default"))
        self.con.execute(f"""
            insert into {_staging(table)} by name
            select {columns}, coalesce(slice_date, {UNDATED}) as slice_date, {_BATCH} from given""")
        self.con.unregister("given")

    def _describe_batches(self) -> None:
        """Temp tables of the batches, and of the slices of which they refused rows."""
        told = [
            {"batch": n, "table_name": b.table, "source": b.source, "delivered_at": _utc(b.delivered_at)}
            for n, b in enumerate(self.batches)
        ]
        _hold(self.con, "arriving_batch", told, _BATCH_SHAPE)
        damaged: list[dict[str, object]] = []
        for n, b in enumerate(self.batches):
            files = {reject.file for reject in b.rejects}
            for told_key in b.damaged.to_pylist():
                key = _damage_key(contract()[b.table], told_key)
                damaged += [{"batch": n, "file": f, **key} for f in (files if None in key.values() else {""})]
        _hold(self.con, "arriving_damage", damaged, _DAMAGE_SHAPE)

    def _refuse_repeated(self, table: Table) -> list[Reject]:
        """Refuse rows whose key another batch of this load has delivered for the same slice."""
        if not table.key or sum(batch.table == table.name for batch in self.batches) < 2:
            return []
        staging = _staging(table)
        key = ("slice_date" if column == table.dated_by else quoted(column) for column in table.key)
        self.con.execute(f"""
            create or replace temp table repeated as
            select r.rowid as line_id, b.source, r.file, r.sheet, r."row",
                   first_value(r.file) over same as first_file, first_value(r.sheet) over same as first_sheet,
                   first_value(r."row") over same as first_row
            from {staging} r
            join arriving_batch b on b.batch = r.{_BATCH}
            window same as (
                partition by b.source, b.delivered_at, {", ".join(f"r.{column}" for column in key)}
                order by r.{_BATCH}, r.rowid
            )
            qualify row_number() over same > 1""")
        found = self.con.execute("select * exclude (line_id) from repeated order by line_id").fetchall()
        if found:
            self.con.execute(f"""
                insert into arriving_damage by name
                select distinct r.{_BATCH} as batch, '' as file, {owner_of(table, "r")} as slice_owner,
                       {part_of(table, "r")} as slice_part, r.slice_date
                from {staging} r where r.rowid in (select line_id from repeated)""")
            self.con.execute(f"delete from {staging} where rowid in (select line_id from repeated)")
        return [
            Reject(
                reason="duplicate_elsewhere", file=file, sheet=sheet, row=row,
                table=table.name, source=source,
                params={"table": table.name, "first": ", ".join(str(p) for p in first if p is not None)},
            )
            for source, file, sheet, row, *first in found
        ]  # fmt: skip

    def _bring_in(self, table: Table, load_id: int, loaded_at: datetime) -> TableChange:
        """Compare the slices that arrive for one table with those that are there, and write what is new."""
        self.con.execute(_arriving_slices(table), {"table": table.name, "loaded_at": loaded_at})
        self.con.execute(_standing_slices(table), {"table": table.name})
        self.con.execute(_JUDGED)
        counted = self.con.execute(_COUNTED).fetchall()[0]
        change = TableChange(table.name, *(int(n) for n in counted))
        if change.new + change.replaced + change.outdated:
            self._write(table, load_id, replaces=change.replaced > 0)
        if change.replaced:
            added, changed, removed = self.con.execute(_row_changes(table), {"load": load_id}).fetchall()[0]
            return replace(change, added=added, changed=changed, removed=removed)
        return change

    def _write(self, table: Table, load_id: int, *, replaces: bool) -> None:
        told = {"table": table.name, "load": load_id}
        if replaces:
            self.con.execute(_CLOSE_SLICES, told)
            self.con.execute(
                f"""
                update {in_history(table)} set to_load = $load
                where to_load is null and slice_id in (
                    select slice_id from history.slices
                    where table_name = $table and to_load = $load and from_load < $load
                )""",
                told,
            )
        self.con.execute(_ADD_SLICES, told)
        self.con.execute(_add_rows(table), {"load": load_id})
        self.con.execute(
            f"""
            insert into fresh by name
            select distinct $table as table_name, a.slice_owner, a.source, r.file
            from {_staging(table)} r {_joined_to_slice(table)}
            where a.is_new""",
            {"table": table.name},
        )

    def _file_results(self) -> tuple[FileResult, ...]:
        rows_in = dict.fromkeys(self.reports, 0)
        sha256 = {key: report.sha256 for key, report in self.reports.items()}
        notes = {key: dict.fromkeys(report.notes) for key, report in self.reports.items()}
        for batch in self.batches:
            for part in batch.parts:
                key = (batch.source, part.file)
                rows_in[key] = rows_in.get(key, 0) + part.rows_in
                sha256.setdefault(key, part.sha256)
                said = (f"{part.sheet}: {note}" if part.sheet else note for note in part.notes)
                notes.setdefault(key, {}).update(dict.fromkeys(said))
        kept, before = self._rows_kept(), self._recorded()
        fresh = set(self.con.execute("select distinct source, file from fresh").fetchall())
        fresh |= self._otherwise_refused()
        return tuple(
            FileResult(
                *key, sha256[key], rows_in[key], kept.get(key, 0), max(rows_in[key] - kept.get(key, 0), 0),
                is_new=key in fresh or before.get(key) != _told(rows_in[key], kept.get(key, 0), sha256[key]),
                notes=tuple(notes[key]),
            )
            for key in sorted(rows_in)
        )  # fmt: skip

    def _rows_kept(self) -> dict[tuple[str, str], int]:
        kept: dict[tuple[str, str], int] = {}
        for name in self._staged:
            for source, file, count in self.con.execute(f"""
                select b.source, r.file, count(*)
                from {_staging(contract()[name])} r join arriving_batch b on b.batch = r.{_BATCH}
                group by all""").fetchall():
                kept[source, file] = kept.get((source, file), 0) + count
        return kept

    def _recorded(self) -> dict[tuple[str, str], tuple[int, int, str | None]]:
        """What the newest load that had a file says of it."""
        found = self.con.execute("""
            select source, file, rows_in, rows_kept, sha256 from main.loads
            qualify row_number() over (partition by source, file order by load_id desc) = 1""").fetchall()
        return {(source, file): _told(*told) for source, file, *told in found}

    def _otherwise_refused(self) -> set[tuple[str, str]]:
        """Files of which other cells were refused than in the newest load that had them."""
        _hold(self.con, "told_rejects", reject_rows(self.rejects, translator(SOURCE_LANGUAGE)), _REJECT_SHAPE)
        return set(self.con.execute(_OTHERWISE_REFUSED).fetchall())

    def _touched(self) -> frozenset[str] | None:
        if self.con.execute(f"select 1 from fresh where table_name in {_SHARED} limit 1").fetchall():
            return None
        return frozenset(p for (p,) in self.con.execute("select distinct slice_owner from fresh").fetchall())

    def _record(self, outcome: Outcome, loaded_at: datetime) -> None:
        delivered = {(b.source, part.file): _utc(b.delivered_at) for b in self.batches for part in b.parts}
        rows = [
            {
                "loaded_at": loaded_at, "source": f.source, "file": f.file, "sha256": f.sha256,
                "delivered_at": delivered.get((f.source, f.file)), "rows_in": f.rows_in,
                "rows_kept": f.rows_kept, "rows_rejected": f.rows_rejected,
                "notes": "; ".join((*f.notes, *(() if f.is_new else ("unchanged",)))) or None,
            }
            for f in outcome.files
        ]  # fmt: skip
        _hold(self.con, "told_loads", rows, _LOAD_SHAPE)
        for table in ("loads", "rejects"):
            self.con.execute(
                f"insert into main.{table} by name select $load as load_id, * from told_{table}",
                {"load": outcome.load_id},
            )


def reject_rows(rejects: Iterable[Reject], t: Translator) -> list[dict[str, object]]:
    """Rejects as rows of the table `rejects`, their load aside, with sentences in one language."""
    return [
        {
            "source": r.source, "file": r.file, "sheet": r.sheet, "row": r.row, "column": r.column,
            "table_name": r.table, "value": r.value, "reason": r.reason,
            "params": json.dumps(dict(r.params), ensure_ascii=False), "sentence": r.sentence(t),
        }
        for r in rejects
    ]  # fmt: skip


def _arriving_slices(table: Table) -> str:
    """The slices that arrive: one row per slice and delivery, with a print of its rows."""
    return f"""
        create or replace temp table arriving as
        with seen as (
            select b.source, b.delivered_at, r.{_BATCH} as batch, r.file,
                   {owner_of(table, "r")} as slice_owner, {part_of(table, "r")} as slice_part, r.slice_date,
                   count(*) as row_count, sum({_print_of(table, "r")}) as print
            from {_staging(table)} r
            join arriving_batch b on b.batch = r.{_BATCH}
            group by all
        ), wild as (
            -- a refused row whose key is not known may belong to any slice that its file delivers
            select s.source, s.delivered_at, s.slice_owner, s.slice_part, s.slice_date
            from seen s
            join arriving_damage d on d.batch = s.batch and d.file = s.file
            where (d.slice_owner is null or d.slice_owner = s.slice_owner)
              and (d.slice_part is null or d.slice_part = s.slice_part)
              and (d.slice_date is null or d.slice_date = s.slice_date)
        ), known as (
            select distinct b.source, b.delivered_at, d.slice_owner, d.slice_part, d.slice_date
            from arriving_damage d
            join arriving_batch b using (batch)
            where d.file = '' and b.table_name = $table
        ), slice as (
            select source, delivered_at, slice_owner, slice_part, slice_date,
                   sum(row_count)::bigint as row_count, sum(print) as print
            from seen
            group by all
            union all
            -- all of its rows were refused: the slice is there, and whatever came before it stays
            select k.*, 0, 0
            from known k
            anti join seen s
              on s.source = k.source and s.slice_owner = k.slice_owner and s.slice_part = k.slice_part
             and s.slice_date = k.slice_date and s.delivered_at is not distinct from k.delivered_at
            where exists (
                from history.slices h
                where h.table_name = $table and h.source = k.source and h.slice_owner = k.slice_owner
                  and h.slice_part = k.slice_part
            )
        ), damage as (
            select * from wild union select * from known
        )
        select s.*, coalesce(s.delivered_at, $loaded_at) as ordered_at, d.source is null as is_whole
        from slice s
        left join damage d
          on d.source = s.source and d.slice_owner = s.slice_owner and d.slice_part = s.slice_part
         and d.slice_date = s.slice_date and d.delivered_at is not distinct from s.delivered_at"""


def _standing_slices(table: Table) -> str:
    """The deliveries that are there of the slices that arrive, each with a print of its rows."""
    return f"""
        create or replace temp table standing as
        with slice as (
            select h.* from history.slices h semi join arriving a using ({_KEY}) where h.table_name = $table
        ), printed as (
            select r.slice_id, sum({_print_of(table, "r")}) as print
            from {in_history(table)} r
            semi join slice using (slice_id)
            group by r.slice_id
        )
        select s.*, coalesce(p.print, 0) as print from slice s left join printed p using (slice_id)"""


# Not new: what is in force already, unless delivered again and later; and what was there and outdated before.
_JUDGED = f"""
create or replace temp table arriving as
with same as (
    select a.rowid as line_id, s.to_load is null as in_force, s.delivered_at, s.ordered_at
    from arriving a
    join standing s using ({_KEY})
    where s.row_count = a.row_count and s.print = a.print and s.is_whole = a.is_whole
), held as (
    select {_KEY}, ordered_at as held_at from standing where to_load is null
), judged as (
    select
        a.*,
        h.held_at is not null as was_there,
        h.held_at is null or a.ordered_at >= h.held_at as beats_held,
        not exists (
            from same s
            where s.line_id = a.rowid and (
                (s.in_force and (a.delivered_at is null or a.delivered_at <= s.ordered_at))
                or (a.ordered_at < h.held_at and s.delivered_at is not distinct from a.delivered_at)
            )
        ) as is_new
    from arriving a
    left join held h using ({_KEY})
)
select
    *,
    is_new and beats_held and row_number() over (
        partition by {_KEY}, is_new order by ordered_at desc, delivered_at desc nulls last
    ) = 1 as wins,
    (select coalesce(max(slice_id), 0) from history.slices)
        + row_number() over (order by slice_owner, slice_part, slice_date, source, ordered_at) as slice_id
from judged
"""
_COUNTED = """
select count(*) filter (where wins and not was_there), count(*) filter (where wins and was_there),
       count(*) filter (where not is_new), count(*) filter (where is_new and not wins),
       coalesce(sum(row_count) filter (where is_new), 0)
from arriving
"""
_CLOSE_SLICES = """
update history.slices h set to_load = $load
from arriving a
where h.table_name = $table and h.to_load is null and a.wins and h.source = a.source
  and h.slice_owner = a.slice_owner and h.slice_part = a.slice_part and h.slice_date = a.slice_date
"""
_ADD_SLICES = """
insert into history.slices by name
select slice_id, $table as table_name, slice_owner, slice_part, source, slice_date, $load as from_load,
       case when not wins then $load end as to_load, delivered_at, ordered_at, is_whole, row_count
from arriving
where is_new
"""

_OTHERWISE_REFUSED = """
with newest as (
    select load_id, source, file from main.loads
    qualify row_number() over (partition by source, file order by load_id desc) = 1
), told as (
    select source, file, hash(sheet, "row", "column", value, reason)::hugeint as print, 1 as sign from told_rejects
    union all
    select r.source, r.file, hash(r.sheet, r."row", r."column", r.value, r.reason)::hugeint, -1
    from main.rejects r join newest n using (load_id, source, file)
)
select source, file from told
where file in (select file from newest)
group by source, file
having sum(print * sign) <> 0
"""


def _add_rows(table: Table) -> str:
    columns = ", ".join(f"r.{quoted(c)}" for c in (*table.columns, *ORIGIN))
    return f"""
        insert into {in_history(table)} by name
        select {columns}, b.source, a.slice_id, r.slice_date, $load as from_load,
               case when not a.wins then $load end as to_load
        from {_staging(table)} r {_joined_to_slice(table)}
        where a.is_new
        order by r.rowid"""


def _joined_to_slice(table: Table) -> str:
    """Joins of staged rows `r` to their batch `b` and the slice `a` that they arrive in."""
    return f"""
        join arriving_batch b on b.batch = r.{_BATCH}
        join arriving a
          on a.source = b.source and a.delivered_at is not distinct from b.delivered_at
         and a.slice_date = r.slice_date and a.slice_owner = {owner_of(table, "r")}
         and a.slice_part = {part_of(table, "r")}"""


def _row_changes(table: Table) -> str:
    """How many rows the slices that this load replaced gained, changed and lost."""
    key = [c for c in table.key if c != table.dated_by] or list(table.columns)
    same = ", ".join(f"r.{quoted(c)}" for c in dict.fromkeys((*table.slice, *key)))
    content = ", ".join(f"r.{quoted(c)}" for c in table.columns)
    return f"""
        with pair as (
            select old.slice_id as old_id, a.slice_id as new_id
            from arriving a
            join history.slices old using ({_KEY})
            where a.wins and old.table_name = '{table.name}' and old.to_load = $load and old.from_load < $load
        ), told as (
            select any_value(hash({content})) filter (r.slice_id = p.old_id) as before,
                   any_value(hash({content})) filter (r.slice_id = p.new_id) as after
            from {in_history(table)} r
            join pair p on r.slice_id in (p.old_id, p.new_id)
            group by r.source, r.slice_date, {same}
        )
        select count(*) filter (before is null), count(*) filter (before <> after),
               count(*) filter (after is null)
        from told"""


def _print_of(table: Table, rows: str) -> str:
    """A number that tells rows apart by content and place; the sum over a slice tells slices apart."""
    columns = ", ".join(f"{rows}.{quoted(c)}" for c in (*table.columns, *ORIGIN))
    return f"hash({columns})::hugeint"


def _staging(table: Table) -> str:
    return f"temp.{quoted(f'arriving {table.name}')}"


def _told(rows_in: int, rows_kept: int, sha256: str | None) -> tuple[int, int, str | None]:
    """What makes a file different that brings no new slice; one that kept nothing is known by its content."""
    return rows_in, rows_kept, None if rows_kept else sha256


def _hold(
    con: duckdb.DuckDBPyConnection,
    name: str,
    rows: Sequence[Mapping[str, object]],
    shape: Mapping[str, pa.DataType],
) -> None:
    """Put Python rows into a temp table."""
    con.register("given", pa.Table.from_pylist(list(rows), schema=pa.schema(shape)))
    con.execute(f"create or replace temp table {name} as select * from given")
    con.unregister("given")


def _damage_key(table: Table, key: Mapping[str, object]) -> dict[str, object]:
    owner, *rest = (key.get(column) for column in table.slice)
    part = None if None in rest else "|".join(str(value) for value in rest)
    return {"slice_owner": owner, "slice_part": part, "slice_date": key.get("slice_date")}


def _utc(when: datetime | None) -> datetime | None:
    """A delivery's time as naive UTC; one without a zone is taken as it stands."""
    return when.astimezone(UTC).replace(tzinfo=None) if when and when.tzinfo else when


_BATCH_SHAPE = {
    **{"batch": pa.int32(), "table_name": pa.string(), "source": pa.string()},
    "delivered_at": pa.timestamp("us"),
}
_DAMAGE_SHAPE = {
    **{"batch": pa.int32(), "file": pa.string(), "slice_owner": pa.string(), "slice_part": pa.string()},
    "slice_date": pa.date32(),
}
_LOAD_SHAPE = {
    **{"loaded_at": pa.timestamp("us"), "source": pa.string(), "file": pa.string(), "sha256": pa.string()},
    **{"delivered_at": pa.timestamp("us"), "rows_in": pa.int64(), "rows_kept": pa.int64()},
    **{"rows_rejected": pa.int64(), "notes": pa.string()},
}
_REJECT_SHAPE = {
    name: pa.int64() if name == "row" else pa.string()
    for name in (
        *("source", "file", "sheet", "row", "column"),
        *("table_name", "value", "reason", "params", "sentence"),
    )
}
