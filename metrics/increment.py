"""Renews the marts of some projects from a day on: all other rows stay, and the roll-ups are made anew.

No number of a project depends on another project, and none on a later day (tests/metrics/test_identities.py).
So the mart files run as they are in a database in memory whose timeline holds those projects alone. work.due says
from which status date on each is wanted, and what comes out takes the place of those rows. Where a file looks back
on earlier status dates, it finds what the marts there say of them (`KEPT`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import duckdb
import pyarrow as pa

from metrics.calendars import write_calendars

ROLL_UPS = ("50_rollup_status.sql",)
"""Mart files whose rows are made of many projects; all others are kept and renewed project by project."""
AT_MOST = 0.5
"""The share of the status dates above which building everything is as quick."""
_GOES_ON = """
    (m.status_date_to is null or m.status_date_to >= (
        select max(s.status_date) from {home}.main.mart_project_status s
        where s.project_id = m.project_id and s.status_date < d.since
    ))"""
"""An interval of the evidence that held on the day before: it goes on, or ends."""
KEPT: Mapping[str, tuple[str, str]] = {
    "finish_stated": ("mart_project_status", "true"),
    "contract_priced": ("mart_contract_position", "true"),
    "contract": ("mart_contract_position", "true"),
    "contract_book": ("mart_contract_position", "true"),
    "status": ("mart_project_status", "true"),
    "overdue_milestone": ("mart_project_status", "list_contains(watermelon_tests, 'overdue_milestone')"),
    "evidence_ref": ("mart_rag_evidence", _GOES_ON),
}
"""Tables of `work` that later statements look back on: the mart that knows their earlier rows, and which of them."""
NEXT_REPORT: Mapping[str, str] = {
    "mart_project_status": "select project_id, status_date as point from work.spine",
    "mart_milestone_slip": "select * from work.every_point where \"key\" in ('milestones', 'financials:actual')",
    "mart_schedule_quality": "select * from work.every_point where \"key\" = 'tasks'",
    "mart_site_count": "select * from work.every_point where \"key\" = 'sites'",
    "mart_site_place": "select * from work.every_point where \"key\" = 'sites'",
    **dict.fromkeys(
        ("mart_site_progress", "mart_site_count", "mart_site_place"),
        "select * from work.every_point where \"key\" = 'sites'",
    ),
}
"""Marts whose rows say until when they hold: the days on which a newer one takes over."""

Touched = Mapping[str, date]
"""Projects that have other rows than before, with the first day of which that is so."""
Run = Callable[[Traversable, Callable[[str], None]], None]
"""Executes a mart file, and calls back with each statement that it has executed."""

_RATE_FILES = ("00_macros.sql", "02_fx_intervals.sql")
_RULE_TABLES = ("metric_inputs", "metric_settings", "rule_bounds", "rule_periods", "rule_sets", "rules")
_MADE = "create table if not exists marts_made (fingerprint varchar)"
_SHAPE = """
select table_name, column_name, data_type from duckdb_columns()
where schema_name = 'timeline' and database_name = current_database()
order by table_name, column_index
"""
_TIMELINE = """
select table_name, bool_or(column_name = 'project_id') from duckdb_columns()
where schema_name = 'timeline' and database_name = $home
group by table_name
"""
_MARTS = """
select table_name, bool_or(column_name = 'status_date') from duckdb_columns()
where schema_name = 'main' and database_name = 'increment'
  and table_name in (select table_name from duckdb_tables() where database_name = 'increment')
group by table_name
having bool_or(column_name = 'project_id')
order by table_name
"""
# Since when the rates of any day differ from those that the marts were built with: NULL if they do not.
_RATES_DIFFER_FROM = """
with day as (
    select currency, basis, valid_from as "day" from {home}.main.fx_intervals
    union select currency, basis, valid_to from {home}.main.fx_intervals where valid_to is not null
    union select currency, basis, valid_from from fx_intervals
    union select currency, basis, valid_to from fx_intervals where valid_to is not null
), said as (
    select
        d."day",
        case when was.valid_to is null or d."day" < was.valid_to then [was.per_usd, was.is_carried::int] end as was,
        case when now.valid_to is null or d."day" < now.valid_to then [now.per_usd, now.is_carried::int] end as now
    from day d
    asof left join {home}.main.fx_intervals was
      on was.currency = d.currency and was.basis = d.basis and d."day" >= was.valid_from
    asof left join fx_intervals now
      on now.currency = d.currency and now.basis = d.basis and d."day" >= now.valid_from
)
select min("day") from said where was is distinct from now
"""
_TOUCHED_BY_RATES = """
insert into work.touched
select project_id, $since::date from {home}.timeline.slices where project_id is not null and slice_date >= $since
union
select project_id, date '1900-01-01' from {home}.timeline.projects where as_sold_rate_date >= $since
"""
# Findings name rows of rates: they change when the same rate came in another row.
_TOUCHED_BY_RATE_ROWS = """
insert into work.touched
select f.project_id, min(f.status_date)
from {home}.main.mart_data_quality f, unnest(f.source_refs) u (ref)
where u.ref.table = 'fx_rates' and u.ref not in (
    select arg_max(origin('fx_rates', source, file, sheet, "row"), {{'load': from_load, 'source': source}})
    from timeline.fx_rates
    group by currency, basis, rate_date
)
group by f.project_id
"""
_SHARE = """
select count(*) filter (s.slice_date >= t.since) / nullif(count(*), 0)
from (
    select distinct project_id, slice_date
    from {home}.timeline.slices
    where project_id is not null and slice_date > date '1900-01-01'
      and table_name not in ('programmes', 'projects', 'baselines', 'satisfaction', 'fx_rates')
) s
left join work.due t using (project_id)
"""
_CREATED = re.compile(r"create or replace table work\.(\w+)")
_SHARED = """
select column_name from duckdb_columns()
where database_name = 'increment' and schema_name = 'work' and table_name = $table
intersect
select column_name from duckdb_columns() where database_name = $home and schema_name = 'main' and table_name = $mart
"""
_IS_NEW = {"mart_rag_evidence": f"m.status_date >= d.since or {_GOES_ON}"}
_NEXT = """
update {home}.main.{mart} m
set next_status_date = n.point
from (
    select d.project_id, d.since, min(p.point) as point
    from work.due d
    left join ({points}) p on p.project_id = d.project_id and p.point >= d.since
    group by all
) n
where m.project_id = n.project_id and m.status_date < n.since
  and (m.next_status_date is null or m.next_status_date >= n.since)
  and m.next_status_date is distinct from n.point
"""


def fingerprint(con: duckdb.DuckDBPyConnection, scripts: Sequence[Traversable]) -> str:
    """What all marts hang on besides the rows: mart files, calendars, rules, settings, the timeline's columns."""
    parts = [script.read_text(encoding="utf-8") for script in scripts]
    parts.append((files("metrics") / "calendars.py").read_text(encoding="utf-8"))
    parts += [version("holidays"), version("duckdb")]
    parts.append(repr(con.execute(_SHAPE).fetchall()))
    parts += [repr(con.execute(f"from main.{name} order by all").fetchall()) for name in _RULE_TABLES]
    return sha256("\0".join(parts).encode()).hexdigest()


def made_with(con: duckdb.DuckDBPyConnection) -> str | None:
    """The fingerprint that the marts there were built with; None where there are none or it is not known."""
    con.execute(_MADE)
    row = con.execute("select any_value(fingerprint) from marts_made").fetchone()
    return row[0] if row else None


def remember(con: duckdb.DuckDBPyConnection, mark: str | None) -> None:
    """Write down what the marts were built with; None: not to be relied on."""
    con.execute(_MADE)
    con.execute("delete from marts_made")
    if mark is not None:
        con.execute("insert into marts_made values (?)", [mark])


def renew(
    con: duckdb.DuckDBPyConnection,
    scripts: Sequence[Traversable],
    touched: Touched,
    run: Run,
) -> bool:
    """Make the marts of the projects `touched`, and of those that new exchange rates touch, anew, each from its day
    on, and all roll-ups.

    False, and nothing done, when so many status dates are touched that it does not help.
    """
    with _database_beside(con) as name:
        home = _quoted(name)
        for script in scripts:
            if script.name in _RATE_FILES:
                con.execute(script.read_text(encoding="utf-8"))
        first = _find_touched(con, home, touched)
        if (_value(con, _SHARE.format(home=home)) or 0) > AT_MOST:
            return False
        _take_timeline(con, name)
        write_calendars(con)

        def look_back(statement: str) -> None:
            found = _CREATED.search(statement)
            if found and found[1] in KEPT:
                _look_back(con, name, found[1])

        for script in scripts:
            if script.name not in ROLL_UPS:
                run(script, look_back)
        for mart, is_dated in con.execute(_MARTS).fetchall():
            _take_over(con, home, mart, is_dated=is_dated)
        for mart, points in NEXT_REPORT.items():
            con.execute(_NEXT.format(home=home, mart=mart, points=points))
        con.execute(f"create or replace table {home}.main.fx_intervals as from increment.main.fx_intervals")
    if first is not None:
        _roll_up(con, first, [script for script in scripts if script.name in ROLL_UPS], run)
    return True


def _roll_up(con: duckdb.DuckDBPyConnection, first: date, scripts: Sequence[Traversable], run: Run) -> None:
    """Make the roll-ups anew from the month of a day on."""
    con.execute("create schema if not exists work")
    con.execute(
        "create or replace table work.due as select null::varchar as project_id, $first::date as since",
        {"first": first},
    )
    con.execute(
        "create or replace temp table rolled_up as from mart_rollup_status where month_end < last_day($first::date)",
        {"first": first},
    )
    for script in scripts:
        run(script, lambda statement: None)
    con.execute("insert into mart_rollup_status by name from rolled_up")
    con.execute("drop table rolled_up")


def _look_back(con: duckdb.DuckDBPyConnection, name: str, table: str) -> None:
    """Put what the marts say of the status dates before those wanted in the place of what was made of them."""
    mart, wanted = KEPT[table]
    shared = con.execute(_SHARED, {"home": name, "table": table, "mart": mart}).fetchall()
    columns = ", ".join(f"m.{_quoted(column)}" for (column,) in shared)
    con.execute(
        f"delete from work.{table} t using work.due d where t.project_id = d.project_id and t.status_date < d.since"
    )
    con.execute(
        f"insert into work.{table} by name select {columns} from {_quoted(name)}.main.{mart} m "
        f"join work.due d on d.project_id = m.project_id "
        f"where m.status_date < d.since and {wanted.format(home=_quoted(name))}"
    )


def _take_over(con: duckdb.DuckDBPyConnection, home: str, mart: str, *, is_dated: bool) -> None:
    """Put the rows of a mart that were made anew in the place of those there."""
    is_new = _IS_NEW.get(mart, "m.status_date >= d.since").format(home=home) if is_dated else "true"
    con.execute(
        f'delete from {home}.main."{mart}" m using work.due d where m.project_id = d.project_id and ({is_new})'
    )
    con.execute(
        f'insert into {home}.main."{mart}" by name select m.* from increment.main."{mart}" m '
        f"join work.due d on d.project_id = m.project_id where {is_new}"
    )


@contextmanager
def _database_beside(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Statements go to an empty database in memory that sees the rules and rates; yields the other's name."""
    name = str(_value(con, "select current_database()"))
    home = _quoted(name)
    con.execute("attach ':memory:' as increment")
    con.execute("use increment")
    try:
        con.execute("create schema timeline")
        for table in _RULE_TABLES:
            con.execute(f"create view main.{table} as from {home}.main.{table}")
        con.execute(f"create view timeline.fx_rates as from {home}.timeline.fx_rates")
        yield name
    finally:
        con.execute(f"use {home}")
        con.execute("detach increment")


def _find_touched(con: duckdb.DuckDBPyConnection, home: str, touched: Touched) -> date | None:
    """Fill work.due with the projects that are touched, and since when; returns the first day of the roll-ups."""
    con.execute("create schema if not exists work")
    con.execute("create or replace table work.touched (project_id varchar, since date)")
    rows = {
        "project_id": pa.array(touched.keys(), pa.string()),
        "since": pa.array(touched.values(), pa.date32()),
    }
    con.register("given", pa.table(rows))
    con.execute("insert into work.touched from given")
    con.unregister("given")
    since = _value(con, _RATES_DIFFER_FROM.format(home=home))
    if since is not None:
        con.execute(_TOUCHED_BY_RATES.format(home=home), {"since": since})
    con.execute(_TOUCHED_BY_RATE_ROWS.format(home=home))
    con.execute(
        "create or replace table work.due as select project_id, min(since) as since from work.touched group by all"
    )
    # months after the newest report were no part of the roll-ups
    newest = _value(con, f"select max(status_date) from {home}.main.mart_project_status")
    days = (since, newest, _value(con, "select min(since) from work.due"))
    return min((day for day in days if day is not None), default=None)


def _take_timeline(con: duckdb.DuckDBPyConnection, home: str) -> None:
    """The rows of the touched projects, and the tables that belong to all projects as they are."""
    for name, is_by_project in con.execute(_TIMELINE, {"home": home}).fetchall():
        source = f'{_quoted(home)}.timeline."{name}"'
        if is_by_project:
            con.execute(
                f'create view timeline."{name}" as from {source} '
                "where project_id is null or project_id in (select project_id from work.due)"
            )
        elif name != "fx_rates":
            con.execute(f'create view timeline."{name}" as from {source}')


def _value(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = con.execute(sql).fetchone()
    return row[0] if row else None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
