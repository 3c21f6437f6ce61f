"""The thresholds in force, as the store was built with them, and one project's own numbers as an example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from metrics.scope import Scope


@dataclass(frozen=True)
class Rule:
    """One RAG rule; bounds in `unit`, None is open. `exclusive`: the upper bound has the worse colour."""

    id: str
    dimension: str
    metric: str
    unit: str
    green_from: float | None
    green_to: float | None
    amber_from: float | None
    amber_to: float | None
    exclusive: bool
    from_percent_complete: float | None
    source: str | None


def rules_in_force(con: DuckDBPyConnection) -> tuple[Rule, ...]:
    """Every rule, in the order of the rules file."""
    rows = con.execute(
        "select id, dimension, metric, unit, green_from, green_to, amber_from, amber_to,"
        " coalesce(upper, 'inclusive') = 'exclusive', from_percent_complete, source from rules"
    ).fetchall()
    return tuple(Rule(*(_plain(value) for value in row)) for row in rows)


def settings_in_force(con: DuckDBPyConnection) -> dict[str, str]:
    """The settings that the store was built with, by name."""
    return dict(con.execute("select name, value from metric_settings where value is not null").fetchall())


def example_values(
    con: DuckDBPyConnection, scope: Scope, project_id: str, columns: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    """A project's value of each (mart, column) on its newest date up to the scope's; unknown ones are left out.

    Money is in the project's currency, under the key "currency". Of a mart with several rows a date (milestones,
    risks …) all values are of one row, the one that knows most.
    """
    found: dict[str, Any] = {}
    by_mart: dict[str, list[str]] = {"mart_project_status": ["currency", "status_date", "name"]}
    for mart, column in columns:
        by_mart.setdefault(mart, []).append(column)
    there: dict[str, set[str]] = {}
    for mart, column in con.execute("select table_name, column_name from duckdb_columns()").fetchall():
        there.setdefault(mart, set()).add(column)
    for mart, wanted in by_mart.items():
        known = [column for column in wanted if column in there.get(mart, ())]
        if not known or not {"project_id", "status_date"} <= there[mart]:
            continue
        shown = ", ".join(f'"{column}"' for column in known)
        unknown = " + ".join(f'("{column}" is null)::int' for column in known)
        sql = f"""
            select {shown} from "{mart}"
            where project_id = $project_id and status_date = (
                select max(status_date) from "{mart}"
                where project_id = $project_id and status_date <= $as_of::date)
            order by {unknown}, {shown}
            limit 1
        """
        answer = con.execute(sql, scope.bind(sql, project_id=project_id))
        names = [entry[0] for entry in answer.description or []]
        found |= {n: v for n, v in zip(names, answer.fetchone() or (), strict=False) if v is not None}
    return found


def _plain(value: Any) -> Any:
    return float(value) if value is not None and not isinstance(value, (bool, str)) else value
