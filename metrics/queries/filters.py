"""What the shared filters offer, and what the scope's answers rest on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from duckdb import DuckDBPyConnection

from metrics.scope import IN_SCOPE, UNASSIGNED, Scope

STALE_AFTER_DAYS = 35
"""A status older than this cannot be green, and its project has not reported."""

LONG_AGO_DAYS = 92


@dataclass(frozen=True)
class FilterOptions:
    """The values each filter can take, sorted for display; dates newest first."""

    status_dates: tuple[date, ...]
    countries: tuple[str, ...]
    programmes: tuple[tuple[str, str], ...]
    customers: tuple[str, ...]
    phases: tuple[str, ...]
    business_lines: tuple[str, ...]


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
    )


def data_basis(con: DuckDBPyConnection, scope: Scope) -> Basis:
    """Running projects in scope, how many of them reported within STALE_AFTER_DAYS, and the newest date.

    A project that is registered and has never reported is expected all the same.
    """
    from metrics.queries.standing import SILENT  # noqa: PLC0415

    sql = f"""
        with {SILENT}, latest as (
            from mart_project_status
            where status_date <= $as_of and {IN_SCOPE}
            qualify row_number() over (partition by project_id order by status_date desc) = 1
        )
        select
            count(*) filter (status_date >= $as_of - $stale_after::integer),
            count(*) + (select count(*) from silent),
            max(status_date)
        from latest
        where coalesce(phase, '') not in ('bid', 'closed', 'cancelled')
    """
    row = con.execute(sql, scope.bind(sql, stale_after=STALE_AFTER_DAYS)).fetchone()
    assert row is not None
    return Basis(*row)


def _distinct(column: str) -> str:
    return f"select distinct {column} from mart_project_status where {column} is not null order by 1"
