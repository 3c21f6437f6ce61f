"""Two projects, or one on two dates, side by side: the same measures in the same order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import pandas as pd
from duckdb import DuckDBPyConnection

from metrics.queries.asking import ask
from metrics.queries.money import fx, summing
from metrics.queries.standing import standing
from metrics.scope import Scope

MOST = 500
"""Projects offered to choose from: the worst of the scope first."""

Better = Literal["higher", "lower"]

MEASURES: tuple[tuple[str, str, Better | None], ...] = (
    ("percent_complete", "fraction", None),
    ("cpi", "ratio", "higher"),
    ("spi_t", "ratio", "higher"),
    ("eac", "money", None),
    ("vac", "money", "higher"),
    ("forecast_finish", "date", None),
    ("slip_days", "days", "lower"),
    ("slip_days_original", "days", "lower"),
    ("milestone_hit_rate", "fraction", "higher"),
    ("margin_pct_as_sold", "fraction", None),
    ("margin_pct_forecast", "fraction", "higher"),
    ("margin_erosion_pp", "pp", "higher"),
    ("contingency_left", "money", "higher"),
    ("risk_exposure", "money", "lower"),
    ("ld_probable", "money", "lower"),
    ("unbilled", "money", "lower"),
    ("overdue_receivables", "money", "lower"),
    ("cost_without_order", "money", "lower"),
    ("defects_critical", "count", "lower"),
    ("tests_passed_pct", "fraction", "higher"),
    ("satisfaction", "score", "higher"),
    ("completeness", "fraction", "higher"),
)
"""Column of mart_project_status, its unit, and which way is better (None: neither)."""

COLOURS = ("overall", "cost", "scope", "schedule", "quality")


@dataclass(frozen=True)
class Side:
    """One project on one date; `values` by measure, money in `currency`. Unknown is None."""

    project_id: str
    name: str
    customer: str | None
    status_date: date
    currency: str | None
    values: dict[str, Any]
    computed: dict[str, str | None]
    reported: dict[str, str | None]


@dataclass(frozen=True)
class Line:
    """One measure on both sides; `difference` is right minus left (days for dates)."""

    measure: str
    unit: str
    left: Any
    right: Any
    difference: float | None
    better: Literal["left", "right"] | None


def choices(con: DuckDBPyConnection, scope: Scope) -> list[tuple[str, str]]:
    """Projects in scope as (id, name), worst first, at most MOST."""
    sql = f"""
        with {standing()}
        select project_id, name from status
        order by
            list_position(['red', 'amber', 'green', 'grey'], coalesce(rag_overall, 'grey')), name, project_id
        limit {MOST}
    """
    return [(str(row[0]), str(row[1])) for row in ask(con, scope, sql).fetchall()]


def dates_of(con: DuckDBPyConnection, scope: Scope, project_id: str) -> list[date]:
    """The project's status dates up to the scope's, newest first."""
    sql = """
        select distinct status_date from mart_project_status
        where project_id = $project_id and status_date <= $as_of order by 1 desc
    """
    return [row[0] for row in ask(con, scope, sql, project_id=project_id).fetchall()]


def side(con: DuckDBPyConnection, scope: Scope, project_id: str, day: date) -> Side | None:
    """A project as it stood on a day; None when it had not reported by then."""
    scope = replace(summing(con, scope), as_of=min(day, scope.as_of))
    values = ", ".join(
        f"(p.{column} * fx.rate)::double as {column}" if unit == "money" else f"p.{column}"
        for column, unit, _ in MEASURES
    )
    colours = ", ".join(f"p.rag_{name}, p.reported_{name}" for name in COLOURS)
    sql = f"""
        with {fx("select $as_of::date")}
        select p.project_id, p.name, p.customer, p.status_date, $currency, {colours}, {values}
        from mart_project_status p
        left join fx on fx.currency is not distinct from p.currency
        where p.project_id = $project_id and p.status_date <= $as_of::date
          and (p.next_status_date is null or p.next_status_date > $as_of::date)
    """
    row = ask(con, scope, sql, project_id=project_id).fetchone()
    if row is None:
        return None
    pairs, found = row[5 : 5 + 2 * len(COLOURS)], row[5 + 2 * len(COLOURS) :]
    identity: tuple[Any, ...] = row[:5]
    return Side(
        project_id=identity[0],
        name=identity[1],
        customer=identity[2],
        status_date=identity[3],
        currency=identity[4],
        values={column: value for (column, _, _), value in zip(MEASURES, found, strict=True)},
        computed=dict(zip(COLOURS, pairs[::2], strict=True)),
        reported=dict(zip(COLOURS, pairs[1::2], strict=True)),
    )


def curve(con: DuckDBPyConnection, scope: Scope, project_id: str, day: date) -> pd.DataFrame:
    """How far a project had come as known on a day, by period: period_end, percent_planned, percent_complete.

    Shares of the work, unknown ones NULL; `months` since its first period ended.
    """
    scope = replace(scope, as_of=min(day, scope.as_of))
    sql = """
        select
            period_end,
            date_diff('day', min(period_end) over (), period_end) * 12 / 365.25 as months,
            percent_planned::double as percent_planned,
            percent_complete::double as percent_complete
        from mart_period_value
        where project_id = $project_id and status_date = (
            select arg_max({'v': ev_status_date}, status_date).v
            from mart_earned_value
            where project_id = $project_id and status_date <= $as_of::date
        )
        order by period_end
    """
    return ask(con, scope, sql, project_id=project_id).df()


def lines(left: Side, right: Side) -> list[Line]:
    """The measures that at least one side knows."""
    made = (_line(*measure, left, right) for measure in MEASURES)
    return [line for line in made if line.left is not None or line.right is not None]


def _line(column: str, unit: str, better: Better | None, left: Side, right: Side) -> Line:
    a, b = left.values[column], right.values[column]
    if a is None or b is None:
        return Line(column, unit, a, b, None, None)
    difference = float((b - a).days if unit == "date" else b - a)
    if better is None or not difference:
        return Line(column, unit, a, b, difference, None)
    return Line(
        column, unit, a, b, difference, "right" if (difference > 0) == (better == "higher") else "left"
    )
