"""A store with many projects and months, made from one with few: the marts' rows again under other ids and dates."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from loaders import store
from metrics.build import order_by_date

OPEN_ENDS = ("valid_to", "next_status_date")
"""Columns where NULL means "still": an earlier copy of a row ends where the next one begins."""


@dataclass(frozen=True)
class _Table:
    """A table with a row or more per project."""

    name: str
    dates: tuple[str, ...]
    known_from: str | None
    """The date by which a row became known; None where rows have none (only project_timeline's)."""


def multiplied(source: Path, folder: Path, projects: int, months: int | None = None) -> Path:
    """A store folder whose marts and timeline hold about `projects` projects, copied from `source`'s.

    With `months` each project's history is repeated before itself, all dates earlier by as many months as it is long,
    until the statuses reach that far back; what lies before is left out. Tables without a project (rates, roll-ups,
    deliveries) stay as they are.
    """

    def grow(con: DuckDBPyConnection) -> bool:
        tables = _tables(con)
        if months is not None:
            _lengthen(con, tables, months)
        _multiply(con, tables, projects)
        _order_as_loaded(con, tables)
        order_by_date(con)
        return True

    folder.mkdir()
    for file in source.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    with store.writing(folder):
        store.publish(folder, grow)
    for older in sorted(folder.glob("*.duckdb"))[:-1]:
        older.unlink()
    return folder


def _tables(con: DuckDBPyConnection) -> list[_Table]:
    columns: dict[str, dict[str, str]] = {}
    for schema, table, column, kind in con.execute("""
        select schema_name, table_name, column_name, data_type from duckdb_columns()
        where (schema_name = 'timeline' or table_name like 'mart_%' or table_name = 'project_timeline')
          and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables())
    """).fetchall():
        columns.setdefault(f'"{schema}"."{table}"', {})[column] = kind
    found = []
    for name, kinds in sorted(columns.items()):
        if "project_id" in kinds:
            known = next((c for c in ("slice_date", "status_date", "valid_from") if c in kinds), None)
            found.append(_Table(name, tuple(c for c, kind in kinds.items() if kind == "DATE"), known))
    return found


def _lengthen(con: DuckDBPyConnection, tables: list[_Table], months: int) -> None:
    first, last = _row(con, "select min(status_date), max(status_date) from mart_project_status")
    span = _months_between(first, last) + 1
    start = _row(con, f"select last_day(date '{last}' - interval {months - 1} month)")[0]
    for table in tables:
        if not table.known_from:
            continue
        con.execute(f"create or replace temp table base as from {table.name}")
        for lap in range(1, -(-months // span)):
            earlier = {column: _earlier(column, lap * span) for column in table.dates}
            begins = _earlier(f"date '{first}'", (lap - 1) * span)
            earlier |= {c: f"coalesce({earlier[c]}, {begins})" for c in OPEN_ENDS if c in earlier}
            replaced = ", ".join(f'{how} as "{column}"' for column, how in earlier.items())
            con.execute(f"insert into {table.name} select * replace ({replaced}) from base")
        con.execute(f"delete from {table.name} where \"{table.known_from}\" < date '{start}'")
    con.execute("drop table base")


def _multiply(con: DuckDBPyConnection, tables: list[_Table], projects: int) -> None:
    there = int(_row(con, "select count(distinct project_id) from mart_project_status")[0])
    for table in tables:
        con.execute(f"""
            insert into {table.name}
            select t.* replace (t.project_id || '-' || lap as project_id)
            from {table.name} t, range(1, {-(-projects // there)}) r(lap)
            where t.project_id is not null
        """)
    kept = f"select distinct project_id from mart_project_status order by project_id limit {projects}"
    con.execute(f"create or replace temp table kept as {kept}")
    for table in tables:
        con.execute(f"delete from {table.name} where project_id not in (from kept)")
    con.execute("drop table kept")


def _order_as_loaded(con: DuckDBPyConnection, tables: list[_Table]) -> None:
    """The timeline as loads of one month after another leave it: the oldest first."""
    for table in tables:
        if table.known_from and table.name.startswith('"timeline"'):
            con.execute(
                f'create or replace table {table.name} as from {table.name} order by "{table.known_from}", rowid'
            )


def _earlier(value: str, months: int) -> str:
    """A date that many months earlier; the last day of a month stays one."""
    back = f"({value} - interval {months} month)"
    return f"(case when {value} = last_day({value}) then last_day{back} else {back} end)::date"


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _row(con: DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row = con.execute(sql).fetchone()
    assert row is not None
    return row
