"""The thresholds in force, as the store was built with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection


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


def _plain(value: Any) -> Any:
    return float(value) if value is not None and not isinstance(value, (bool, str)) else value
