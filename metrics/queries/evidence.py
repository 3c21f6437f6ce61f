"""What stands behind a colour: the rules, the value on its scale, since when, and the source rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple, get_args

import pandas as pd
from duckdb import DuckDBPyConnection

from metrics.queries.asking import ask
from metrics.queries.definitions import keeps_rules
from metrics.queries.standing import fresh
from metrics.scope import Scope

Dimension = Literal["cost", "scope", "schedule", "quality", "overall"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
REPORTS = 12
SOURCE_ROWS = 60
"""Source rows fetched per table."""

_BACKGROUND = ("baselines", "projects", "programmes")
"""What a number is held against, more than where it comes from: shown last."""
_OWN = ("from_load", "slice_date", "valid_to", "is_kept", "is_stub")
_SEVERITY = "case {0} when 'red' then 0 when 'amber' then 1 when 'green' then 2 else 3 end"


class Ref(NamedTuple):
    """Where a row was read: a row of a sheet (None in a text file) of a file of a source."""

    table: str
    source: str | None
    file: str
    sheet: str | None
    row: int | None


@dataclass(frozen=True)
class SourceTable:
    """Source rows of one canonical table as loaded: file, sheet and row first, empty columns left out."""

    table: str
    rows: pd.DataFrame


@dataclass(frozen=True)
class Colour:
    """A dimension of a project on a date. `since`: from which report on it has had the computed colour.

    `computed` is grey when the status is stale, `was` what it then was. Histories hold the last REPORTS
    reports, oldest first. `rule_id` decided, with `value` in `unit`; `metric` is its column.
    `reported_on` is the date of the status that says so.
    """

    dimension: Dimension
    computed: str | None
    was: str | None
    reported: str | None
    since: date | None
    before: str | None
    computed_history: tuple[str | None, ...]
    reported_history: tuple[str | None, ...]
    rule_id: str | None
    metric: str | None
    unit: str | None
    value: float | None
    reported_on: date


def severity(colour: str) -> str:
    """SQL that sorts a colour's column worst first, unknown last."""
    return _SEVERITY.format(colour)


def name_of(con: DuckDBPyConnection, scope: Scope, project_id: str) -> str | None:
    """The project's name on the scope's date; None for one that had not reported, or that there is not."""
    sql = """
        select name from mart_project_status
        where project_id = $project_id and status_date <= $as_of::date
        order by status_date desc limit 1
    """
    row = ask(con, scope, sql, project_id=project_id).fetchone()
    return None if row is None else str(row[0])


def colours(con: DuckDBPyConnection, scope: Scope, project_id: str) -> tuple[Colour, ...]:
    """The project's four dimensions and its overall colour; empty before its first report."""
    each = ", ".join(
        f"{{'dimension': '{d}', 'computed': rag_{d}, 'reported': reported_{d}}}" for d in DIMENSIONS
    )
    sql = f"""
        with told as (
            select status_date, unnest([{each}], recursive := true)
            from mart_project_status
            where project_id = $project_id and status_date <= $as_of::date
        ), stepped as (
            select
                *,
                row_number() over earlier = 1
                    or computed is distinct from lag(computed) over earlier as is_turn
            from told
            window earlier as (partition by dimension order by status_date)
        ), summed as (
            select
                dimension,
                arg_max({{'v': computed}}, status_date).v as was,
                arg_max({{'v': reported}}, status_date).v as reported,
                max(status_date) as status_date,
                max(status_date) filter (is_turn) as since,
                list(computed order by status_date)[-{REPORTS}:] as computed_history,
                list(reported order by status_date)[-{REPORTS}:] as reported_history
            from stepped
            group by dimension
        ), decided as (
            select dimension, rule_id, metric, unit, value, rule_id = deciding_rule as is_first
            from ({_evidence(con)})
            where decided
            qualify row_number() over (
                partition by dimension
                order by rule_id = deciding_rule desc, {severity("colour")},
                    distance_to_next desc nulls last, rule_id
            ) = 1
        ), overall as (
            select 'overall' as dimension, * exclude (dimension) from decided where is_first
        )
        select
            s.dimension,
            {fresh("s.was", "s.status_date")} as computed,
            s.was,
            s.reported,
            s.since,
            (select arg_max(computed, status_date) from told t
             where t.dimension = s.dimension and t.status_date < s.since) as before,
            s.computed_history,
            s.reported_history,
            d.rule_id, d.metric, d.unit, d.value::double as value,
            s.status_date
        from summed s
        left join (from decided union all from overall) d on d.dimension = s.dimension
        order by list_position($dimensions, s.dimension)
    """
    found = ask(con, scope, sql, project_id=project_id, dimensions=list(DIMENSIONS)).fetchall()
    values: list[list[Any]] = [[tuple(v) if isinstance(v, list) else v for v in row] for row in found]
    return tuple(Colour(*row) for row in values)


def evidence(con: DuckDBPyConnection, scope: Scope, project_id: str, dimension: Dimension) -> pd.DataFrame:
    """The rules of a dimension (overall: those that decided the four), the deciding ones first, worst first.

    Beside the columns of mart_rag_evidence: `since`, from which report on the rule has had this colour, and
    `before`, the colour it had; the next better and worse colour, each with the bound at which it begins and
    how far that is in the rule's unit (`better`, `better_at`, `better_by`, `worse`, …). `colour` is grey when
    a green is stale; a dimension that `is_held` keeps its colour until it is better at `improve_after` reports.
    """
    which = "decided" if dimension == "overall" else "dimension = $dimension"
    sql = f"""
        with now as ({_evidence(con)}), chosen as (
            select * from now where {which}
        ), stepped as (
            select
                e.rule_id,
                e.status_date,
                e.colour,
                row_number() over earlier = 1
                    or e.colour is distinct from lag(e.colour) over earlier as is_turn
            from mart_rag_evidence e
            join chosen using (project_id, rule_id)
            where e.status_date <= chosen.point
            window earlier as (partition by e.rule_id order by e.status_date)
        ), turned as (
            select rule_id, max(status_date) filter (is_turn) as since
            from stepped
            group by rule_id
        ), before as (
            select s.rule_id, arg_max(s.colour, s.status_date) as before
            from stepped s
            join turned t using (rule_id)
            where s.status_date < t.since
            group by s.rule_id
        ), bounded as (
            select
                c.*,
                t.since,
                b.before,
                coalesce(c.amber_from, c.green_from) as low_red,
                coalesce(c.amber_to, c.green_to) as high_red
            from chosen c
            left join turned t using (rule_id)
            left join before b using (rule_id)
        ), placed as (
            select
                *,
                case
                    when colour = 'red' and value < low_red then {{'at': low_red, 'side': 'low'}}
                    when colour = 'red' then {{'at': high_red, 'side': 'high'}}
                    when colour = 'amber' and value < green_from then {{'at': green_from, 'side': 'low'}}
                    when colour = 'amber' then {{'at': green_to, 'side': 'high'}}
                end as up,
                case
                    when colour = 'amber' and value < green_from then {{'at': amber_from, 'side': 'low'}}
                    when colour = 'amber' then {{'at': amber_to, 'side': 'high'}}
                    when colour = 'green' and (green_to is null or value - green_from <= green_to - value)
                        then {{'at': green_from, 'side': 'low'}}
                    when colour = 'green' then {{'at': green_to, 'side': 'high'}}
                end as down
            from bounded
        )
        select
            * exclude (low_red, high_red, up, down),
            up.at as better_at,
            abs(value - up.at) as better_by,
            case
                when up.at is null then null
                when colour = 'amber' then 'green'
                when if(up.side = 'low', amber_from, amber_to) is null then 'green'
                else 'amber'
            end as better,
            down.at as worse_at,
            abs(value - down.at) as worse_by,
            case
                when down.at is null then null
                when colour = 'amber' then 'red'
                when if(down.side = 'low', amber_from, amber_to) is null then 'red'
                else 'amber'
            end as worse
        from placed
        order by decided desc, rule_id = coalesce(deciding_rule, '') desc, {severity("colour")},
            dimension <> coalesce(deciding_dimension, ''), distance_to_next desc nulls last, rule_id
    """
    frame = ask(con, scope, sql, project_id=project_id, dimension=dimension).df()
    refs = [refs_of(value) for value in frame.pop("source_refs")]
    return frame.assign(refs=pd.Series(refs, dtype="object"))


def refs_of(value: Any) -> tuple[Ref, ...]:
    """The origins in a list of structs of a mart, in order and once each; none for a missing list."""
    if not isinstance(value, Iterable):
        return ()
    found = (
        Ref(r["table"], r["source"], r["file"], r["sheet"], None if pd.isna(r["row"]) else int(r["row"]))
        for r in value
        if r is not None and r["file"] is not None
    )
    return tuple(dict.fromkeys(found))


def source_rows(
    con: DuckDBPyConnection, scope: Scope, project_id: str, refs: tuple[Ref, ...]
) -> tuple[SourceTable, ...]:
    """The rows that `refs` name, as they were loaded: one table per canonical table, what a number is held
    against last.

    A file that is delivered again under its name has the row of the newest delivery by the scope's date. A
    table or row that the store does not hold is left out.
    """
    found = []
    named = dict.fromkeys(ref.table for ref in refs)
    for table in sorted(named, key=lambda name: name in _BACKGROUND):
        columns = [row[0] for row in con.execute(_COLUMNS, [table]).fetchall()]
        if not columns:
            continue
        owned = "and t.project_id is not distinct from $project_id" if "project_id" in columns else ""
        sql = f"""
            with wanted as (
                select unnest($files) as file, unnest($sheets) as sheet, unnest($rows) as "row",
                       unnest($sources) as source, unnest(range(len($files))) as place
            )
            select t.file, t.sheet, t."row", t.* exclude (file, sheet, "row")
            from timeline."{table}" t
            join wanted w
              on w.file = t.file and w.sheet is not distinct from t.sheet and w."row" = t."row"
             and w.source is not distinct from t.source
            where t.slice_date <= $as_of::date {owned}
            qualify row_number() over (partition by w.place order by t.slice_date desc, t.from_load desc) = 1
            order by w.place
            limit {SOURCE_ROWS}
        """
        mine = [ref for ref in refs if ref.table == table]
        bound = scope.bind(
            sql,
            project_id=project_id,
            files=[ref.file for ref in mine],
            sheets=[ref.sheet for ref in mine],
            rows=[ref.row for ref in mine],
            sources=[ref.source for ref in mine],
        )
        rows = con.execute(sql, bound).df()
        if not rows.empty:
            found.append(SourceTable(table, as_loaded(rows)))
    return tuple(found)


def as_loaded(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a timeline table without the store's own columns and those that are empty throughout."""
    kept = rows.drop(columns=[name for name in _OWN if name in rows])
    return kept.dropna(axis="columns", how="all")


_COLUMNS = "select column_name from duckdb_columns() where schema_name = 'timeline' and table_name = ?"


def _evidence(con: DuckDBPyConnection) -> str:
    """The project's evidence in force: at its newest status on or before the scope's date (`point`)."""
    improve_after = """
        try_cast(r.settings ->> 'improve_after_reports' as integer) from rule_periods r
        where r.valid_from <= p.status_date and (r.valid_to is null or p.status_date < r.valid_to)
    """
    if not keeps_rules(con):
        improve_after = "try_cast(value as integer) from metric_settings where name = 'improve_after_reports'"
    return f"""
        select
            e.* replace (
                e.value::double as value,
                e.green_from::double as green_from, e.green_to::double as green_to,
                e.amber_from::double as amber_from, e.amber_to::double as amber_to,
                e.bound::double as bound,
                e.distance_to_next::double as distance_to_next,
                {fresh("e.colour", "p.status_date")} as colour
            ),
            p.status_date as point,
            p.currency,
            p.deciding_dimension,
            p.deciding_rule,
            (select {improve_after}) as improve_after
        -- in two parts, for of each DuckDB knows which blocks of a long history it can skip
        from (
            from mart_rag_evidence where project_id = $project_id and status_date_to is null
            union all
            from mart_rag_evidence
            where project_id = $project_id and status_date_to >= (
                select max(status_date) from mart_project_status
                where project_id = $project_id and status_date <= $as_of::date
            )
        ) e
        join (
            select project_id, status_date, currency, deciding_dimension, deciding_rule
            from mart_project_status
            where project_id = $project_id and status_date <= $as_of::date
            order by status_date desc
            limit 1
        ) p using (project_id)
        where e.status_date <= p.status_date
          and (e.status_date_to is null or e.status_date_to >= p.status_date)"""
