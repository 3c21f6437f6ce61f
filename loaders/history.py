"""The tables of the two-axis history: every row ever delivered, and the slices that it was delivered in.

    history.<table>   the rows of every delivery, with slice_id, slice_date, from_load and to_load
    history.slices    one row per slice and delivery: which one, when, and whether it was whole
    loads, rejects    what came in each load, and what was refused
Rows are only ever added; `to_load` is set when a later delivery of the same slice takes over.
loaders/arrivals.py writes them, loaders/timeline.py says which of them hold; docs/store.md explains both.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import duckdb

from loaders.contract import ORIGIN, Table, contract

FORMAT = 1
"""Of the history tables; a file with a newer one is not written to."""
UNDATED = "date '1900-01-01'"
"""The slice date of a delivery that has none: a register without a status date."""
REGISTERS = ("programmes", "projects", "baselines", "satisfaction", "fx_rates")
"""Tables whose slices are no status dates."""
STUBBED = ("programmes", "projects")
"""Tables in which what nobody knows becomes a row."""
DEMONSTRATION = "demonstration"
"""The mark of a store that holds the demonstration portfolio."""

SLICES = """
    slice_id bigint, table_name varchar, slice_owner varchar, slice_part varchar, source varchar,
    slice_date date, from_load integer, to_load integer, delivered_at timestamp, ordered_at timestamp,
    is_whole boolean, row_count bigint
"""
LOADS = """
    load_id integer, loaded_at timestamp, source varchar, file varchar, sha256 varchar,
    delivered_at timestamp, rows_in bigint, rows_kept bigint, rows_rejected bigint, notes varchar
"""
REJECTS = """
    load_id integer, source varchar, file varchar, sheet varchar, "row" bigint, "column" varchar,
    table_name varchar, value varchar, reason varchar, params varchar, sentence varchar
"""


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create what the history needs and is not there; columns that the contract gained are added, empty."""
    con.execute("create schema if not exists history")
    con.execute(f"create table if not exists history.slices ({SLICES})")
    con.execute(f"create table if not exists main.loads ({LOADS})")
    con.execute(f"create table if not exists main.rejects ({REJECTS})")
    con.execute("create table if not exists history.marks (mark varchar)")
    con.execute("create table if not exists history.format (version integer)")
    con.execute(f"insert into history.format select {FORMAT} where not exists (from history.format)")
    found: dict[str, set[str]] = {}
    for name, column in con.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'history'"
    ).fetchall():
        found.setdefault(name, set()).add(column)
    for table in contract().values():
        shape = columns_of(table)
        if table.name not in found:
            con.execute(f"create table {in_history(table)} ({declared(shape)})")
            continue
        for column in [c for c in shape if c not in found[table.name]]:
            con.execute(f"alter table {in_history(table)} add column {quoted(column)} {shape[column]}")


def format_of(con: duckdb.DuckDBPyConnection) -> int:
    """The format of the history in an open file, 0 where there is none yet."""
    sql = "select 1 from duckdb_tables() where schema_name = 'history' and table_name = 'format'"
    if not con.execute(sql).fetchall():
        return 0
    return int(con.execute("select max(version) from history.format").fetchall()[0][0])


def mark(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Put a mark on the store, for good."""
    con.execute(
        "insert into history.marks select ? where ? not in (select mark from history.marks)", [name, name]
    )


def marked(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether the store carries a mark."""
    return bool(con.execute("select 1 from history.marks where mark = ?", [name]).fetchall())


def next_load(con: duckdb.DuckDBPyConnection) -> int:
    """The number of the load that comes now."""
    return int(con.execute("select coalesce(max(load_id), 0) + 1 from main.loads").fetchall()[0][0])


def last_load_before(
    con: duckdb.DuckDBPyConnection, when: datetime
) -> tuple[int | None, int | None, datetime | None]:
    """The last load before a time (naive UTC), the newest load of all, and when the first one was."""
    found = con.execute(
        "select max(load_id) filter (where loaded_at < $when), max(load_id), min(loaded_at) from main.loads",
        {"when": when},
    ).fetchall()
    return found[0][0], found[0][1], found[0][2]


def forget_after(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Take out of the history whatever came after a load, as if it had never come. For copies only."""
    for place in ("history.slices", *(in_history(table) for table in contract().values())):
        con.execute(f"delete from {place} where from_load > ?", [load_id])
        con.execute(f"update {place} set to_load = null where to_load > ?", [load_id])
    for place in ("main.loads", "main.rejects"):
        con.execute(f"delete from {place} where load_id > ?", [load_id])


class Amount(NamedTuple):
    """An amount and where it came from."""

    value: Decimal
    column: str
    file: str
    sheet: str | None
    row: int


def largest_amount(con: duckdb.DuckDBPyConnection, load_id: int | None = None) -> Amount | None:
    """The largest amount of money, whatever its sign, that a load brought, or any; None where there is none."""
    amounts = " union all ".join(
        f"""select {quoted(name)} as "value", '{name}' as "column", file, sheet, "row"
            from {in_history(table)} where from_load = $load or $load is null"""
        for table in contract().values()
        for name, column in table.columns.items()
        if column.type == "money"
    )
    first = 'order by abs("value") desc, file, "row", "column" limit 1'
    sql = f'from ({amounts}) where "value" is not null {first}'
    found = con.execute(sql, {"load": load_id}).fetchall()
    return Amount(*found[0]) if found else None


def faults(con: duckdb.DuckDBPyConnection) -> list[str]:
    """What is wrong in a file about to be published, as parts of a sentence; nothing, if all is well."""
    found = []
    counted = " union all ".join(
        f"""select '{name}' as table_name, (select count(*) from {in_history(table)}) as rows,
                   (select count(*) from timeline.{quoted(name)} where valid_to <= slice_date) as backwards"""
        for name, table in contract().items()
    )
    for name, rows, told, backwards in con.execute(f"""
        select c.table_name, c.rows, coalesce(s.rows, 0), c.backwards
        from ({counted}) c
        left join (
            select table_name, sum(row_count)::bigint as rows from history.slices group by table_name
        ) s using (table_name)""").fetchall():
        if rows != told:
            found.append(f"{name} has {rows} rows and its slices {told}")
        if backwards:
            found.append(f"{name} has {backwards} rows that end before they begin")
    if con.execute("select 1 from duckdb_tables() where table_name = 'mart_project_status'").fetchall():
        twice = con.execute(
            "select count(*) - count(distinct (project_id, status_date)) from main.mart_project_status"
        ).fetchall()[0][0]
        if twice:
            found.append(f"mart_project_status has {twice} status dates twice")
    return found


def columns_of(table: Table) -> dict[str, str]:
    """The columns of a history table and their types."""
    return {
        **{name: column.sql_type for name, column in table.columns.items()},
        **{"source": "VARCHAR", **ORIGIN, "slice_id": "BIGINT", "slice_date": "DATE"},
        **{"from_load": "INTEGER", "to_load": "INTEGER"},
    }


def in_history(table: Table) -> str:
    """The name of a history table as SQL."""
    return f"history.{quoted(table.name)}"


def declared(shape: Mapping[str, str]) -> str:
    """Columns and types as SQL declares them."""
    return ", ".join(f"{quoted(name)} {kind}" for name, kind in shape.items())


def part_of(table: Table, rows: str) -> str:
    """SQL for the slice columns after the first, as one text, of the relation `rows`."""
    columns = ", ".join(f"{rows}.{quoted(c)}" for c in table.slice[1:])
    return f"concat_ws('|', {columns})" if columns else "''"


def owner_of(table: Table, rows: str) -> str:
    """SQL for the first slice column: whose slice it is."""
    return f"{rows}.{quoted(table.slice[0])}"


def quoted(name: str) -> str:
    """An identifier as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'
