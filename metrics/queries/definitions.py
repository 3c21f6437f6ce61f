"""The thresholds in force, as the store was built with them, and one project's own numbers as worked examples."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from duckdb import DuckDBPyConnection

from metrics.definitions import Definition, definitions, in_force
from metrics.queries.asking import ask
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


def settings_in_force(con: DuckDBPyConnection, scope: Scope) -> dict[str, str]:
    """The settings that the marts took on the scope's day, by name; of a store that kept them for all days, those."""
    by_time = con.execute("select 1 from duckdb_views() where view_name = 'rule_periods'").fetchone()
    if not by_time:
        sql = "select name, value from metric_settings where value is not null"
        return dict(con.execute(sql).fetchall())
    sql = """
        select settings from rule_periods
        where valid_from <= $as_of::date and (valid_to is null or $as_of::date < valid_to)
    """
    found = ask(con, scope, sql).fetchone()
    stated = json.loads(found[0]) if found and found[0] else {}
    return {name: value for name, value in stated.items() if value is not None}


@dataclass(frozen=True)
class Example:
    """A metric of a project as the mart holds it, and worked out anew.

    `computed` is what the worked example comes to, None for a metric without one; `terms` are what it names: (mart,
    column, value). `summed` is how many rows of `example_over` it is the sum of. `currency` is the row's, if it says.
    """

    stated: Any
    computed: Any
    terms: tuple[tuple[str, str, Any], ...]
    summed: int | None
    currency: str | None


@dataclass(frozen=True)
class Worked:
    """A project with its currency, and what is known of it by metric."""

    name: str
    currency: str | None
    examples: Mapping[str, Example]


def examples(
    con: DuckDBPyConnection, scope: Scope, project_id: str, metrics: tuple[str, ...]
) -> Worked | None:
    """The `metrics` of a project on its newest date up to the scope's; None where it has none by then.

    Of a mart with several rows a date (milestones, risks …) the row that knows most is taken, for what it does not
    know the row that knows most of the rest. Where an example holds for none of its rows the value stands alone.
    """
    sql = """
        select any_value(name), any_value(currency), any_value(status_date) from (
            select name, currency, status_date from mart_project_status
            where project_id = $project_id and status_date <= $as_of::date
            order by status_date desc limit 1
        )
    """
    name, currency, status_date = ask(con, scope, sql, project_id=project_id).fetchone() or (None, None, None)
    if name is None:
        return None
    # the numbers stand as the settings were when the project last reported
    there, settings = marts(con), settings_in_force(con, replace(scope, as_of=status_date))
    asked: dict[tuple[str, str | None], list[Definition]] = {}
    for metric in definitions():
        if metric.id in metrics and _is_there(metric, there):
            asked.setdefault((metric.mart, metric.example_row), []).append(in_force(metric, settings))
    found: dict[str, Example] = {}
    for (mart, row), members in asked.items():
        rest = members
        while rest and (known := _row(con, scope, project_id, mart, row, rest, there)):
            found |= known
            rest = [metric for metric in rest if metric.id not in known]
        if rest and row:
            plain = [replace(metric, example=None, example_with=(), example_over=None) for metric in rest]
            found |= _row(con, scope, project_id, mart, None, plain, there)
    return Worked(name, currency, found)


def _is_there(metric: Definition, there: Mapping[str, set[str]]) -> bool:
    """Whether the store holds the metric by project and date, and all that its example reads."""
    wanted = {metric.mart, *metric.example_with, *filter(None, [metric.example_over])}
    return wanted <= there.keys() and {"project_id", "status_date", metric.column} <= there[metric.mart]


def _row(
    con: DuckDBPyConnection,
    scope: Scope,
    project_id: str,
    mart: str,
    row: str | None,
    members: Sequence[Definition],
    there: Mapping[str, set[str]],
) -> dict[str, Example]:
    terms = {metric.id: named(metric, there) for metric in members}
    own = {metric.column for metric in members} | {"currency"} & there[mart]
    shown = sorted(own | {column for of in terms.values() for _, column in of})
    wheres = f"project_id = $project_id and status_date <= $as_of::date{f' and ({row})' if row else ''}"
    unknown = " + ".join(f'("{metric.column}" is null)::int' for metric in members)
    sql = f"""
        with own as (
            select * from {mart}
            where {wheres} and status_date = (select max(status_date) from {mart} where {wheres})
        )
        select
            {", ".join(f'"{column}"' for column in shown)},
            {", ".join(f"{part}" for metric in members for part in _worked(metric))}
        from {joined("own", members, there)}
        order by {unknown}, {", ".join(f'"{metric.column}"' for metric in members)}
        limit 1
    """
    answer = ask(con, scope, sql, project_id=project_id).fetchone()
    if answer is None:
        return {}
    values = dict(zip(shown, answer, strict=False))
    worked = iter(answer[len(shown) :])
    made = {}
    for metric in members:
        computed, summed = next(worked), next(worked)
        if values[metric.column] is not None:
            of = tuple((where, column, values[column]) for where, column in terms[metric.id])
            made[metric.id] = Example(values[metric.column], computed, of, summed, values.get("currency"))
    return made


def marts(con: DuckDBPyConnection) -> dict[str, set[str]]:
    """The columns of every mart."""
    found: dict[str, set[str]] = {}
    sql = "select table_name, column_name from duckdb_columns() where starts_with(table_name, 'mart_')"
    for mart, column in con.execute(sql).fetchall():
        found.setdefault(mart, set()).add(column)
    return found


def named(metric: Definition, there: Mapping[str, set[str]]) -> tuple[tuple[str, str], ...]:
    """The (mart, column) pairs of the metric's own row, and of `example_with`, that its example names, in its order."""
    said = _TEXT.sub("", metric.example or "")
    pattern = _OWN if metric.example_over else _WORD
    found: dict[tuple[str, str], None] = {}
    for word in pattern.findall(said):
        where = next((m for m in (metric.mart, *metric.example_with) if word in there.get(m, ())), None)
        if where:
            found[where, word] = None
    return tuple(found)


def worked(metric: Definition) -> str:
    """The worked example as a scalar of SQL over `own`, a row of the metric's mart."""
    if metric.example is None or metric.example_over is None:
        return metric.example or "null"
    return f"(select {metric.example} from {_summed(metric)})"


def joined(own: str, members: Sequence[Definition], there: Mapping[str, set[str]]) -> str:
    """`own` with the columns of other marts, of the same project and date, that the examples of `members` name."""
    wanted: dict[str, set[str]] = {}
    for metric in members:
        for mart, column in named(metric, there):
            if mart != metric.mart:
                wanted.setdefault(mart, set()).add(column)
    joins = (
        f"left join (select project_id, status_date, {', '.join(sorted(columns))} from {mart})"
        " using (project_id, status_date)"
        for mart, columns in wanted.items()
    )
    return " ".join([own, *joins])


def _worked(metric: Definition) -> tuple[str, str]:
    """What the example comes to, and of how many rows."""
    if metric.example_over is None:
        return worked(metric), "null"
    return worked(metric), f"(select count(*) from {_summed(metric)})"


def _summed(metric: Definition) -> str:
    """The rows of `example_over` at the date of `own`, or at the one before."""
    over, before = metric.example_over, "<" if metric.example_before else "<="
    return (
        f"{over} as summed where summed.project_id = own.project_id and summed.status_date = ("
        f"select max(known.status_date) from {over} as known"
        f" where known.project_id = own.project_id and known.status_date {before} own.status_date)"
    )


_TEXT = re.compile(r"'[^']*'")
_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_OWN = re.compile(r"own\.([a-z_][a-z0-9_]*)")


def _plain(value: Any) -> Any:
    return float(value) if value is not None and not isinstance(value, (bool, str)) else value
