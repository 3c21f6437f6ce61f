"""What the shared filters offer, and what the scope's answers rest on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from duckdb import DuckDBPyConnection

from metrics.queries.asking import ask
from metrics.queries.standing import SILENT
from metrics.scope import IN_SCOPE, UNASSIGNED, Scope
from metrics.settings import STALE_AFTER_DAYS

LONG_AGO_DAYS = 92
_BY_TIME = """
select valid_from, try_cast(settings ->> 'stale_after_days' as integer) as days
from rule_periods where days is not null order by valid_from
"""
_IN_FORCE = """
select date '1900-01-01', try_cast(value as integer) as days
from metric_settings where name = 'stale_after_days' and days is not null
"""


@dataclass(frozen=True)
class FilterOptions:
    """The values each filter can take, sorted for display, dates newest first; and the store's own setting.

    `stale_after`: since when a status may be how many days old, the earliest first.
    """

    status_dates: tuple[date, ...]
    countries: tuple[str, ...]
    programmes: tuple[tuple[str, str], ...]
    customers: tuple[str, ...]
    phases: tuple[str, ...]
    business_lines: tuple[str, ...]
    stale_after: tuple[tuple[date, int], ...] = ()

    def stale_after_days(self, as_of: date) -> int:
        """How old a status may be on a day, by the rules of that day."""
        return next((days for since, days in reversed(self.stale_after) if since <= as_of), STALE_AFTER_DAYS)


@dataclass(frozen=True)
class Basis:
    """How complete and how fresh the data in scope are as of its date."""

    reported: int
    expected: int
    data_to: date | None

    def newest_is_old(self, today: date) -> bool:
        """Whether even the newest status is so long ago that the page should say it."""
        return self.data_to is not None and (today - self.data_to).days > LONG_AGO_DAYS


def filter_options(con: DuckDBPyConnection) -> FilterOptions:
    """Every filter's values over the whole history in the store."""

    def values(sql: str) -> tuple[str, ...]:
        return tuple(row[0] for row in con.execute(sql).fetchall())

    return FilterOptions(
        status_dates=tuple(
            row[0]
            for row in con.execute(
                "select distinct status_date from mart_project_status order by status_date desc"
            ).fetchall()
        ),
        countries=values(_distinct("country")),
        programmes=tuple(
            con.execute(
                "select coalesce(programme_id, $unassigned) as id,"
                " coalesce(max_by(programme_name, status_date), id) as name"
                " from mart_project_status group by id order by name, id",
                {"unassigned": UNASSIGNED},
            ).fetchall()
        ),
        customers=values(_distinct("customer")),
        phases=values(_distinct("phase")),
        business_lines=values(_distinct("business_line")),
        stale_after=_stale_after(con),
    )


def data_basis(con: DuckDBPyConnection, scope: Scope) -> Basis:
    """Running projects in scope, how many of them reported within the scope's days, and the newest date.

    A project that is registered and has never reported is expected all the same.
    """
    sql = f"""
        with {SILENT}
        select
            count(*) filter (status_date >= $as_of::date - $stale_after_days::integer),
            count(*) + (select count(*) from silent),
            max(status_date)
        from mart_project_status
        where status_date <= $as_of::date and (next_status_date is null or next_status_date > $as_of::date)
          and {IN_SCOPE} and coalesce(phase, '') not in ('bid', 'closed', 'cancelled')
    """
    row = ask(con, scope, sql).fetchone()
    assert row is not None
    return Basis(*row)


def _stale_after(con: DuckDBPyConnection) -> tuple[tuple[date, int], ...]:
    """The setting by its time; a store that kept only the one in force has that for all of it."""
    by_time = con.execute("select 1 from duckdb_views() where view_name = 'rule_periods'").fetchone()
    found = con.execute(_BY_TIME if by_time else _IN_FORCE).fetchall()
    return tuple((since, int(days)) for since, days in found)


def _distinct(column: str) -> str:
    return f"select distinct {column} from mart_project_status where {column} is not null order by 1"
