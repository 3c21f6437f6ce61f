"""The one way in which a query over the portfolio is executed.

Answers are of a few thousand rows, and DuckDB plans a statement anew each time: of a small store's answer most of
the time goes into the plan. What a plan costs is the columns that it carries from step to step, needed or not, and
the conditions that restrict nothing; so both are left out of the statement before DuckDB sees it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from duckdb import DuckDBPyConnection

from metrics.scope import IN_SCOPE, RUNNING, Scope

NAMED = "mart_project_status.*"
"""In a query: those columns of mart_project_status that the rest of the statement names."""

REPORTING_MONTHS = 12

_BOUNDS = {
    "oldest": f"""
        select min(status_date)
        from mart_project_status
        where status_date <= $as_of::date and (next_status_date is null or next_status_date > $as_of::date)
          and {IN_SCOPE} and {RUNNING}""",
    "since": f"""
        select min("month")
        from (
            select distinct date_trunc('month', status_date) as "month"
            from mart_project_status
            where status_date <= $as_of::date
            order by "month" desc
            limit {REPORTING_MONTHS}
        )""",
}

_WORD = re.compile(r"[a-z_][a-z0-9_]*")


def ask(con: DuckDBPyConnection, scope: Scope, sql: str, **more: Any) -> DuckDBPyConnection:
    """Execute `sql` with the scope's parameters, and `more`, that it names.

    It may also name `$oldest`, the oldest date of a status in force in scope, and `$since`, the first day of the last
    REPORTING_MONTHS months in which anybody reported: bounds on dates that DuckDB knows before it reads a long history,
    so that it skips what is older.
    """
    sql = _of_named_columns(scope.shortened(sql))
    for name, bound in _BOUNDS.items():
        if f"${name}" in sql:
            more[name] = _value(con, scope, bound)
    return con.execute(sql, scope.bind(sql, **more))


def _value(con: DuckDBPyConnection, scope: Scope, sql: str) -> Any:
    sql = scope.shortened(sql)
    row = con.execute(sql, scope.bind(sql)).fetchone()
    return row[0] if row else None


@lru_cache(maxsize=1024)
def _of_named_columns(sql: str) -> str:
    if NAMED not in sql:
        return sql
    words = "|".join(sorted(set(_WORD.findall(sql))))
    return sql.replace(NAMED, f"columns('^({words})$')")
