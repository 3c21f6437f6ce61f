"""Builds the marts: runs metrics/marts/*.sql, in the order of their numbers, on an open connection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable

import duckdb

from metrics import increment, rules
from metrics.calendars import write_calendars

Progress = Callable[[str, int, int], None]

_NEWEST_BEFORE = "select max(status_date) from mart_project_status"
_NEWEST_NOW = """
select max(slice_date) from timeline.slices
where project_id is not null
  and table_name not in ('programmes', 'projects', 'baselines', 'satisfaction', 'fx_rates')
"""
_HOLDS_FROM = """
update rule_sets
set valid_from = case
    when $before is null then date '1900-01-01'
    when $now > $before then $before::date + 1
    else $before
end
where valid_from is null
"""

_DATED_MARTS = """
select table_name, any_value(column_name) filter (column_name in ('next_status_date', 'status_date_to'))
from duckdb_columns()
where schema_name = 'main' and database_name = current_database() and table_name like 'mart\\_%' escape '\\'
  and table_name in (select table_name from duckdb_tables() where schema_name = 'main')
group by table_name
having bool_or(column_name = 'status_date')
order by table_name
"""


def build_marts(
    con: duckdb.DuckDBPyConnection,
    progress: Progress | None = None,
    touched: increment.Touched | None = None,
    *,
    keep_work: bool = False,
) -> None:
    """Build every mart in the main schema from the `timeline` schema of the same database.

    With `touched`, the projects whose rows differ from when the marts there were built and since which day, only
    their marts from that day on and the roll-ups are made anew; what comes out is the same. Everything is where that
    does not help or not do: too many status dates, other rules, settings or mart files, no marts yet.

    Reads `timeline.*` (one table or view per canonical table, and `timeline.slices`) and the rules in force
    (metrics.rules.write_rules; without any, the default ones are written). New rules that do not say since
    when they hold do so for the status dates that this build adds, or for the newest one if it adds none.
    Intermediate results live in the schema `work`, dropped at the end unless `keep_work`.
    `progress` is called as (file name, files done, files in all) before each file and once at the end.

    Raises duckdb.Error if a timeline table or one of its columns is missing.
    """
    newest_before = _newest_before(con)
    if not _has_rules_of_its_own(con):
        rules.write_rules(con, rules.load_rules())
    rules.write_default_settings(con)
    _date_rules(con, newest_before)
    scripts = mart_scripts()
    mark = increment.fingerprint(con, scripts)
    is_known = touched is not None and increment.made_with(con) == mark
    done = 0

    def run(script: Traversable, executed: Callable[[str], None] | None = None) -> None:
        nonlocal done
        if progress:
            progress(script.name, done, len(scripts))
        for statement in con.extract_statements(script.read_text(encoding="utf-8")):
            con.execute(statement)
            if executed:
                executed(statement.query)
        done += 1

    increment.remember(con, None)
    if not (is_known and touched is not None and increment.renew(con, scripts, touched, run)):
        con.execute("create schema if not exists work")
        write_calendars(con)
        for script in scripts:
            run(script)
        order_by_date(con)
    increment.remember(con, mark)
    if not keep_work:
        con.execute("drop schema work cascade")
    if progress:
        progress("", len(scripts), len(scripts))


def is_current(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the marts there are those that `build_marts` makes today of the same rows and rules; only reads."""
    try:
        made = con.execute("select any_value(fingerprint) from marts_made").fetchall()[0][0]
        return made is not None and made == increment.fingerprint(con, mart_scripts())
    except duckdb.CatalogException:  # made before marts were marked, or before the rules had these tables
        return False


def order_by_date(con: duckdb.DuckDBPyConnection) -> None:
    """Put the rows of each mart in the order of their dates: a page asks for one day of a long history.

    Rows that say until when they hold stand in the order of that day, so that those that still do are together;
    all others in the order of their status dates. DuckDB skips the blocks of a table whose dates are all others.
    Rows of one date keep their order; those that an increment adds later stand at the end.
    """
    for mart, until in con.execute(_DATED_MARTS).fetchall():
        first = f"{until} nulls last, " if until else ""
        con.execute(f'create or replace table "{mart}" as from "{mart}" order by {first}status_date, rowid')


def mart_scripts() -> list[Traversable]:
    """The mart files in the order in which they run."""
    folder = files("metrics") / "marts"
    return sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)


def _newest_before(con: duckdb.DuckDBPyConnection) -> date | None:
    """The newest status date of the build before this one."""
    if not _has_table(con, "mart_project_status"):
        return None
    row = con.execute(_NEWEST_BEFORE).fetchone()
    return row[0] if row else None


def _has_rules_of_its_own(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether somebody put rules in force; those that came with the product follow the product."""
    if not _has_table(con, "rule_sets"):
        return False
    row = con.execute("select max_by(origin, set_no) from rule_sets").fetchone()
    return row is not None and row[0] not in (None, rules.DEFAULT)


def _date_rules(con: duckdb.DuckDBPyConnection, newest_before: date | None) -> None:
    row = con.execute(_NEWEST_NOW).fetchone()
    con.execute(_HOLDS_FROM, {"before": newest_before, "now": row[0] if row else None})


def _has_table(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    found = con.execute(
        "select 1 from duckdb_tables() where schema_name = 'main' and table_name = ? and not temporary",
        [name],
    ).fetchone()
    return found is not None
