"""The thresholds in force, as the store was built with them, and one project's own numbers as worked examples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from duckdb import DuckDBPyConnection

from metrics.definitions import Definition, Rows, definitions, in_force, variant
from metrics.queries.asking import ask
from metrics.queries.examples import (
    ROLL_UP,
    Columns,
    columns,
    day_of,
    is_plain,
    is_there,
    named,
    newest,
    parameters,
    rolled_up,
    together,
    worked,
)
from metrics.scope import UNASSIGNED, Scope

EXACT = ("colour", "label", "date", "count")
"""Units of which a worked example comes to the very same; others to a cent, or a millionth."""


AT_ONCE = 8
"""Examples that one statement works out: DuckDB plans longer over more than it saves."""


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


def rules_in_force(con: DuckDBPyConnection, scope: Scope) -> tuple[Rule, ...]:
    """Every rule as it holds in general on the scope's day, in the order of the rules file.

    Of a rule that judged nothing on that day nothing is said. A store that kept one set of rules has them for all days.
    """
    by_time = keeps_rules(con)
    sql = """
        select
            b.rule_id, b.dimension, b.metric, b.unit, b.green_from, b.green_to, b.amber_from, b.amber_to,
            coalesce(b.upper, 'inclusive') = 'exclusive', b.from_percent_complete, r.source
        from rule_periods p
        join rule_bounds b using (set_no)
        left join rules r on r.id = b.rule_id
        where p.valid_from <= $as_of::date and (p.valid_to is null or $as_of::date < p.valid_to)
          and b.programme_id is null and b.contract_type is null
          -- a rule that is off in general may be on for some
          and exists (select 1 from rule_bounds o where o.set_no = b.set_no and o.rule_id = b.rule_id and not o.is_off)
        order by r.place nulls last, b.rule_id
    """
    if not by_time:
        sql = """
            select id, dimension, metric, unit, green_from, green_to, amber_from, amber_to,
                coalesce(upper, 'inclusive') = 'exclusive', from_percent_complete, source
            from rules
        """
    return tuple(Rule(*(_plain(value) for value in row)) for row in ask(con, scope, sql).fetchall())


def settings_in_force(con: DuckDBPyConnection, scope: Scope) -> dict[str, str]:
    """The settings that the marts took on the scope's day, by name; of a store that kept them for all days, those."""
    if not keeps_rules(con):
        sql = "select name, value from metric_settings where value is not null"
        return dict(con.execute(sql).fetchall())
    sql = """
        select settings from rule_periods
        where valid_from <= $as_of::date and (valid_to is null or $as_of::date < valid_to)
    """
    found = ask(con, scope, sql).fetchone()
    stated = json.loads(found[0]) if found and found[0] else {}
    return {name: value for name, value in stated.items() if value is not None}


def keeps_rules(con: DuckDBPyConnection) -> bool:
    """Whether the store kept which rules and settings held when."""
    found = con.execute("select 1 from duckdb_views() where view_name = 'rule_periods'").fetchone()
    return found is not None


@dataclass(frozen=True)
class Read:
    """The rows that a number was made of: how many of which table, of how many files, and where one of them stands.

    A row of a mart has no file, one of a text file no sheet.
    """

    table: str
    count: int
    files: int = 0
    file: str | None = None
    sheet: str | None = None
    row: int | None = None


@dataclass(frozen=True)
class Term:
    """A value that an example names: a column of `mart`, or what rows come to, in `unit` if it is no metric's."""

    name: str
    value: Any
    mart: str | None = None
    unit: str | None = None
    read: Read | None = None


@dataclass(frozen=True)
class Example:
    """A metric of a project as the mart holds it, and worked out anew from `terms`.

    `read` are the rows where the metric is what one term comes to. Without either the value stands alone: its formula
    is of other rows, or what it comes to is not what the mart holds. `item` is which of several rows of a date it is,
    `variants` which of the metric's variants hold, `currency` the row's, if it says.
    """

    stated: Any
    terms: tuple[Term, ...] = ()
    read: Read | None = None
    currency: str | None = None
    item: Any = None
    variants: tuple[str, ...] = ()


@dataclass(frozen=True)
class Worked:
    """A project with its currency, and what is known of it by metric; of its programme the same, in US dollars."""

    name: str
    currency: str | None
    examples: Mapping[str, Example]
    programme: str | None = None
    rolled: Mapping[str, Example] = field(default_factory=dict)


def examples(
    con: DuckDBPyConnection, scope: Scope, project_id: str, metrics: tuple[str, ...]
) -> Worked | None:
    """The `metrics` of a project on its newest date up to the scope's; None where it has none by then.

    Of a mart with several rows a date (milestones, risks …) the row that knows most is taken, for what it does not
    know the row that knows most of the rest. Of the roll-up it is the row of the project's programme.
    """
    sql = f"""
        select any_value(name), any_value(currency), any_value(status_date), any_value(programme_id),
            any_value(coalesce(programme_name, programme_id))
        from (
            select name, currency, status_date, coalesce(programme_id, '{UNASSIGNED}') as programme_id, programme_name
            from mart_project_status
            where project_id = $project_id and status_date <= $as_of::date
            order by status_date desc limit 1
        )
    """
    name, currency, status_date, programme_id, programme = (
        ask(con, scope, sql, project_id=project_id).fetchone() or (None,) * 5
    )
    if name is None:
        return None
    # the numbers stand as the settings were when the project last reported
    there, settings = columns(con), settings_in_force(con, replace(scope, as_of=status_date))
    wanted = [in_force(metric, settings) for metric in definitions() if metric.id in metrics]
    found: dict[str, Example] = {}
    of = {"project_id": project_id, "programme_id": programme_id, "status_date": status_date}
    for row in _rows(con, scope, wanted, of, there):
        found |= dict(_examples(con, row, there))
    sums = [replace(rolled, id=metric.id) for metric in wanted for rolled in rolled_up(metric)]
    rolled: dict[str, Example] = {}
    for row in _rows(con, scope, sums, of, there):
        rolled |= dict(_examples(con, row, there))
    return Worked(name, currency, found, programme, rolled)


@dataclass(frozen=True)
class _Row:
    """A row of a mart, with what it knows of the metrics asked for, and the variants that hold by metric."""

    rowid: int
    known: tuple[Definition, ...]
    variants: Mapping[str, tuple[str, ...]]


def _rows(
    con: DuckDBPyConnection,
    scope: Scope,
    metrics: Sequence[Definition],
    of: Mapping[str, Any],
    there: Columns,
) -> Iterator[_Row]:
    """The rows of the project's newest date that know all of the metrics which any of them knows."""
    asked: dict[tuple[str, str | None], list[Definition]] = {}
    for metric in metrics:
        if metric.column in there.get(metric.mart, ()):
            asked.setdefault((metric.mart, metric.example_row), []).append(metric)
    for (mart, condition), members in asked.items():
        rest = members
        for where in dict.fromkeys((condition, None)):
            while rest and (row := _row(con, scope, mart, where, rest, of)):
                yield row if where == condition else replace(row, known=tuple(map(_bare, row.known)))
                rest = [metric for metric in rest if metric.id not in {known.id for known in row.known}]


def _row(
    con: DuckDBPyConnection,
    scope: Scope,
    mart: str,
    condition: str | None,
    members: Sequence[Definition],
    of: Mapping[str, Any],
) -> _Row | None:
    mine = "project_id = $project_id"
    if mart == ROLL_UP:
        mine = "level = 'programme' and level_id = $programme_id and basis = $basis"
    day = day_of(mart)
    wheres = f"{mine} and {day} <= $as_of::date{f' and ({condition})' if condition else ''}"
    unknown = " + ".join(f'("{metric.column}" is null)::int' for metric in members)
    sql = f"""
        select rowid, {", ".join(f'"{m.column}" is not null, ({m.by or "null"})' for m in members)}
        from {mart}
        where {wheres} and {newest(mart, wheres)}
        order by {unknown}, {", ".join(f'"{metric.column}"' for metric in members)}
        limit 1
    """
    answer = ask(con, scope, sql, **of).fetchone()
    if answer is None:
        return None
    known = tuple(metric for metric, is_known in zip(members, answer[1::2], strict=True) if is_known)
    variants = {
        metric.id: tuple(value) if isinstance(value, list) else (value,)
        for metric, value in zip(members, answer[2::2], strict=True)
        if value is not None
    }
    return _Row(answer[0], known, variants) if known else None


def _bare(metric: Definition) -> Definition:
    return replace(metric, example=None, examples={}, terms={})


def _examples(con: DuckDBPyConnection, row: _Row, there: Columns) -> Iterator[tuple[str, Example]]:
    """What the row says of the metrics that it knows, by their ids."""
    metrics = [
        variant(metric, next(iter(row.variants.get(metric.id, ())), "")) if metric.by else metric
        for metric in row.known
    ]
    metrics = [metric if is_there(metric, there) else _bare(metric) for metric in metrics]
    where = f"m.rowid = {row.rowid}"
    plain = [metric for metric in metrics if is_plain(metric)]
    for some in (plain[at : at + AT_ONCE] for at in range(0, len(plain), AT_ONCE)):
        values = _values(con, together(some, where, there))
        for metric in some:
            own = {name: values[f"{name} {metric.id}"] for name in ("stated", "computed")}
            for name in metric.terms:
                own[f"{name} of"] = of = values[f"{metric.id} {name} of"]
                own[name] = of["value"]
            yield metric.id, _example(metric, {**values, **own}, row.variants.get(metric.id, ()), there)
    for metric in metrics:
        if not is_plain(metric):
            values = _values(con, worked(metric, where, there))
            yield metric.id, _example(metric, values, row.variants.get(metric.id, ()), there)


def _values(con: DuckDBPyConnection, sql: str) -> dict[str, Any]:
    answer = con.execute(sql, parameters(con, sql))
    names = [column[0] for column in answer.description or ()]
    return dict(zip(names, answer.fetchone() or (), strict=True))


def _example(
    metric: Definition, values: Mapping[str, Any], variants: tuple[str, ...], there: Columns
) -> Example:
    stated, item, currency = values["stated"], values["item"], values["currency"]
    if not agree(stated, values["computed"], metric.unit):
        return Example(stated, item=item, currency=currency, variants=variants)
    reads = {name: _read(rows, values[f"{name} of"]) for name, rows in metric.terms.items()}
    whole = reads.pop(metric.example) if metric.example in reads else None
    terms = tuple(
        Term(name, values[name], unit=metric.terms[name].unit, read=reads[name])
        if name in reads
        else Term(name, values[name], mart=_mart_of(metric, name, there))
        for name in named(metric, there)
    )
    return Example(stated, terms, whole, currency, item, variants)


def _read(rows: Rows, answer: Mapping[str, Any]) -> Read:
    ref = answer["ref"]
    found = (ref["file"], ref["sheet"], ref["row"]) if isinstance(ref, Mapping) else (None, None, None)
    return Read(rows.over, answer["rows"], answer["files"], *found)


def _mart_of(metric: Definition, column: str, there: Columns) -> str | None:
    return next((mart for mart in (metric.mart, *metric.example_with) if column in there[mart]), None)


def agree(stated: Any, computed: Any, unit: str) -> bool:
    """Whether a worked example comes to what the mart holds."""
    if computed is None or unit in EXACT:
        return bool(stated == computed)
    error = 0.01 if unit == "money" else 1e-6
    return abs(float(stated) - float(computed)) <= error + 1e-6 * abs(float(stated))


def _plain(value: Any) -> Any:
    return float(value) if value is not None and not isinstance(value, (bool, str)) else value
