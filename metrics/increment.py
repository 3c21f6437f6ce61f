"""Renews the marts of some projects: all others keep their rows, and the roll-ups are made anew.

No number of a project depends on another project, and none on a later day (tests/metrics/test_identities.py).
So the mart files run as they are in a database in memory whose timeline holds those projects alone, and what
comes out takes the place of their rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
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
"""The share of the projects above which building everything is as quick."""

_RATE_FILES = ("00_macros.sql", "02_fx_intervals.sql")
_RULE_TABLES = ("metric_settings", "rule_bounds", "rule_sets", "rules")
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
select table_name from duckdb_columns()
where schema_name = 'main' and database_name = 'increment' and column_name = 'project_id'
  and table_name in (select table_name from duckdb_tables() where database_name = 'increment')
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
insert into touched_project
select project_id from {home}.timeline.slices where project_id is not null and slice_date >= $since
union
select project_id from {home}.timeline.projects where as_sold_rate_date >= $since
"""
_SHARE = """
select count(distinct project_id) filter (project_id in (from touched_project)) / nullif(count(distinct project_id), 0)
from {home}.timeline.slices
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
    projects: Collection[str],
    run: Callable[[Traversable], None],
) -> bool:
    """Make the marts of `projects`, and of those that new exchange rates touch, anew, and all roll-ups.

    `run` executes a mart file on `con`. False, and nothing done, when too many projects are touched for that.
    """
    with _database_beside(con) as name:
        home = _quoted(name)
        for script in scripts:
            if script.name in _RATE_FILES:
                con.execute(script.read_text(encoding="utf-8"))
        _find_touched(con, home, projects)
        if (_value(con, _SHARE.format(home=home)) or 0) > AT_MOST:
            return False
        _take_timeline(con, name)
        write_calendars(con)
        for script in scripts:
            if script.name not in ROLL_UPS:
                run(script)
        for (mart,) in con.execute(_MARTS).fetchall():
            con.execute(f'delete from {home}.main."{mart}" where project_id in (from touched_project)')
            con.execute(f'insert into {home}.main."{mart}" by name from increment.main."{mart}"')
        con.execute(f"create or replace table {home}.main.fx_intervals as from increment.main.fx_intervals")
    con.execute("create schema if not exists work")
    for script in scripts:
        if script.name in ROLL_UPS:
            run(script)
    return True


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
        con.execute("drop table if exists touched_project")


def _find_touched(con: duckdb.DuckDBPyConnection, home: str, projects: Collection[str]) -> None:
    """The temporary table `touched_project`."""
    con.register("given", pa.table({"project_id": pa.array(sorted(projects), pa.string())}))
    con.execute("create or replace temp table touched_project as from given")
    con.unregister("given")
    since = _value(con, _RATES_DIFFER_FROM.format(home=home))
    if since is not None:
        con.execute(_TOUCHED_BY_RATES.format(home=home), {"since": since})


def _take_timeline(con: duckdb.DuckDBPyConnection, home: str) -> None:
    """The rows of the touched projects, and the tables that belong to all projects as they are."""
    for name, is_by_project in con.execute(_TIMELINE, {"home": home}).fetchall():
        source = f'{_quoted(home)}.timeline."{name}"'
        if is_by_project:
            con.execute(
                f'create table timeline."{name}" as from {source} '
                "where project_id is null or project_id in (from touched_project)"
            )
        elif name != "fx_rates":
            con.execute(f'create view timeline."{name}" as from {source}')


def _value(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = con.execute(sql).fetchone()
    return row[0] if row else None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
