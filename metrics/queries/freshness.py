"""What Freshness & rejects asks: what arrived, what was refused and why, and which project owes a report.

A refusal stands until its file is loaded again: only the newest load of each file counts. Loads and refusals
are of files, so no filter restricts them; projects are those running in scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from duckdb import DuckDBPyConnection

from metrics.queries.asking import ask
from metrics.queries.standing import SILENT, standing
from metrics.scope import Scope
from metrics.settings import STALE_AFTER_DAYS

LISTED = 200
EXPECTED_WITHIN_DAYS = 365
"""A project is expected of a source that delivered it within so many days before the scope's date."""
MONTHS = 12
SOURCES = 25
TOLD, FILES, CELLS = 12, 8, 6
"""Causes told, files of each, refused cells of each of those."""
CAUSES: Mapping[str, tuple[str, ...]] = {
    "unreadable": (
        *("file", "cannot_open", "empty", "too_large", "unpacks_too_large", "too_far_apart", "password"),
        *("no_workbook", "text_as_workbook", "web_page", "no_text", "no_parquet", "encoding", "open_quote"),
        *("unknown_kind", "no_schedule", "no_schedule_at_all", "no_tasks", "not_english_mpx"),
        *("damaged_schedule", "file_name", "no_encoding"),
    ),
    "no_table": ("no_table", "no_rows", "hidden_sheet"),
    "layout": ("no_heading", "too_many_columns", "ragged", "repeated_heading"),
    "missing_column": ("missing_column", "missing_status_date", "empty_column", "missing_sheet"),
    "required": ("required",),
    "formula": ("formula",),
    "duplicate": ("duplicate", "duplicate_elsewhere"),
    "date": ("date", "ambiguous_date", "date_impossible", "date_serial", "date_range", "moment"),
    "number": ("number", "ambiguous_number", "number_size", "percent_sign", "integer"),
    "fraction": ("fraction", "percent"),
    "value": ("boolean", "enum", "text_size", "control_characters"),
    "code": ("currency", "country"),
    "range": ("min", "max"),
    "rate": ("inverse_rate", "far_rate", "zero_rate", "dollar_rate"),
    "more": ("more",),
}
"""Reasons of refusal that are repaired the same way; a reason that is not here is a cause of its own."""
MOST_DOWNLOADED = 100_000
_SEVERITIES = ("error", "warning", "info")

_CAUSE = "case {} else reason end".format(
    " ".join(
        "when reason in ({}) then '{}'".format(", ".join(f"'{reason}'" for reason in reasons), cause)
        for cause, reasons in CAUSES.items()
    )
)
_NEWEST = """
    newest as (
        from loads qualify row_number() over (partition by source, file order by load_id desc) = 1
    )"""
_REFUSED = f"""
    {_NEWEST}, refused as (
        select r.*, {_CAUSE} as cause
        from rejects r
        join newest n on n.load_id = r.load_id and n.file = r.file and n.source is not distinct from r.source
    )"""


@dataclass(frozen=True)
class Headline:
    """How fresh the data are: projects that owe a report of the running ones, and what stands refused.

    A project owes a report when it has sent none for `within_days`.
    """

    running: int
    owing: int
    refused: int
    refused_rows: int
    refused_files: int
    files: int
    rows_kept: int
    loaded_at: datetime | None
    loads: int
    within_days: int = STALE_AFTER_DAYS


def headline(con: DuckDBPyConnection, scope: Scope) -> Headline:
    """The figures of the sentence and the tiles."""
    sql = f"""
        with {standing()}, {SILENT}, {_REFUSED}
        select
            (select count(*) from status) + (select count(*) from silent),
            (select count(*) from status where is_stale)
                + (select count(*) from silent),
            (select count(*) from refused),
            (select coalesce(sum(rows_rejected), 0)::bigint from newest),
            (select count(distinct {{'source': source, 'file': file}}) from refused),
            (select count(*) from newest),
            (select coalesce(sum(rows_kept), 0)::bigint from newest),
            (select max(loaded_at) from loads),
            (select count(distinct load_id) from loads),
            $stale_after_days::integer
    """
    row = ask(con, scope, sql).fetchone()
    assert row is not None
    return Headline(*row)


def owing(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """The running projects without a status within the scope's days, longest silent first, at most LISTED.

    Those that have never reported come first, their date and colour unknown.
    `was` is the colour at the last status; `of` how many there are, `managers_of` how many managers owe them.
    """
    sql = f"""
        with {standing()}, {SILENT}, late as (
            select
                project_id, name, customer, programme_name, project_manager, status_date as last_on,
                days_since_status, rag_overall as was
            from status
            where is_stale
            union all
            select project_id, name, customer, programme_name, project_manager, null, null, null from silent
        )
        select *, count(*) over () as "of", (select count(distinct project_manager) from late) as managers_of
        from late
        order by days_since_status desc nulls first, name, project_id
        limit {LISTED}
    """
    return ask(con, scope, sql).df()


def sources(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """What each source owes and brought, the one that owes most first, at most SOURCES.

    `expected` are running projects in scope that it delivered within EXPECTED_WITHIN_DAYS, `arrived` those of
    them that it delivered within the scope's days; `owed_by` lists up to three managers of the others. Rows,
    files and what is `refused` (cells, rows and files) are of the newest load of each file. `of` counts all.
    """
    sql = f"""
        with {standing()}, {_REFUSED}, delivered as (
            select source, project_id, max(status_date) as newest_on
            from mart_arrival
            where status_date <= $as_of::date and status_date >= $as_of::date - {EXPECTED_WITHIN_DAYS}
            group by source, project_id
        ), due as (
            select
                d.source,
                count(*) as expected,
                count(*) filter (d.newest_on >= $as_of::date - $stale_after_days::integer) as arrived,
                max(d.newest_on) as newest_on,
                list(distinct s.project_manager order by s.project_manager) filter (
                    d.newest_on < $as_of::date - $stale_after_days::integer and s.project_manager is not null
                ) as owed_by
            from delivered d
            join status s using (project_id)
            group by d.source
        ), brought as (
            select
                source,
                count(*) as files,
                sum(rows_in)::bigint as rows_in,
                sum(rows_kept)::bigint as rows_kept,
                sum(rows_rejected)::bigint as rows_rejected,
                max(loaded_at) as loaded_at,
                max(delivered_at) as delivered_at
            from newest
            group by source
        )
        select
            b.source, b.files, b.rows_in, b.rows_kept, b.rows_rejected,
            (select count(*) from refused r where r.source is not distinct from b.source) as refused,
            b.loaded_at, b.delivered_at,
            d.newest_on, d.expected, d.arrived, d.owed_by[:3] as owed_by,
            coalesce(len(d.owed_by), 0) as managers,
            count(*) over () as "of"
        from brought b
        left join due d on d.source is not distinct from b.source
        order by d.expected - d.arrived desc nulls last, refused desc, b.source
        limit {SOURCES}
    """
    return ask(con, scope, sql).df()


def arrivals(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Projects in scope that each source delivered, by month: the last MONTHS, oldest first.

    A row per source and month; `most` is the source's best month. Sources in the order of their names.
    """
    sql = f"""
        with {standing()}, "month" as (
            select last_day(($as_of::date - to_months(n::integer))::date) as "month" from range({MONTHS}) r(n)
        ), counted as (
            select a.source, last_day(a.status_date) as "month", count(distinct a.project_id) as projects
            from mart_arrival a
            join status s using (project_id)
            where a.status_date <= $as_of::date
              and a.status_date > last_day(($as_of::date - interval {MONTHS} month)::date)
            group by all
        )
        select
            s.source, m."month", coalesce(c.projects, 0) as projects,
            max(c.projects) over (partition by s.source) as most
        from (select distinct source from counted order by source limit {SOURCES}) s
        cross join "month" m
        left join counted c on c.source is not distinct from s.source and c."month" = m."month"
        order by s.source, m."month"
    """
    return ask(con, scope, sql).df()


def files(con: DuckDBPyConnection) -> pd.DataFrame:
    """The newest load of each file, those with refusals first, then the newest; at most LISTED; `of` all."""
    return con.execute(f"""
        with {_NEWEST}
        select
            source, file, rows_in, rows_kept, rows_rejected, delivered_at, loaded_at, load_id, sha256, notes,
            count(*) over () as "of"
        from newest
        order by rows_rejected desc, loaded_at desc, source, file
        limit {LISTED}
    """).df()


def refused(con: DuckDBPyConnection) -> pd.DataFrame:
    """What stands refused, by cause, then file: the first CELLS of the first FILES of the first TOLD causes.

    The cause and the file with most come first. `of_cause`, `of_file`, `files_of_cause` and `causes_of` count
    everything. `row` is empty where the file as a whole was refused; `params` is JSON.
    """
    return con.execute(f"""
        with {_REFUSED}, counted as (
            select
                cause, source, file,
                count(*) as of_file,
                sum(count(*)) over (partition by cause)::bigint as of_cause,
                count(*) over (partition by cause) as files_of_cause,
                row_number() over (partition by cause order by count(*) desc, file, source) as file_no
            from refused
            group by cause, source, file
        ), ranked as (
            select
                *,
                dense_rank() over (order by of_cause desc, cause) as cause_no,
                (select count(distinct cause) from refused) as causes_of
            from counted
        )
        select r.* exclude (load_id), k.of_file, k.of_cause, k.files_of_cause, k.causes_of
        from refused r
        join ranked k on k.cause = r.cause and k.file = r.file and k.source is not distinct from r.source
        where k.cause_no <= {TOLD} and k.file_no <= {FILES}
        qualify row_number() over (
            partition by r.cause, r.source, r.file order by r.sheet, r."row", r."column"
        ) <= {CELLS}
        order by k.cause_no, k.file_no, r.sheet, r."row", r."column"
    """).df()


def all_refused(con: DuckDBPyConnection) -> pd.DataFrame:
    """Everything that stands refused, by file, sheet and row, for repairing; at most MOST_DOWNLOADED."""
    return con.execute(f"""
        with {_REFUSED}
        select * exclude (load_id, cause)
        from refused
        order by source, file, sheet, "row", "column"
        limit {MOST_DOWNLOADED}
    """).df()


def findings(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Data-quality findings at each project's status in force, worst severity first, at most LISTED.

    Each with the first of the source rows behind it. `of` and `projects_of` count all and their projects.
    """
    sql = f"""
        with {standing()}, found as (
            select
                s.project_id, s.name, s.customer, s.project_manager, s.currency, s.status_date,
                q.check_id, q.severity, q.value, q.unit, q.detail, q.sentence_key,
                q.source_refs[1].file as file, q.source_refs[1].sheet as sheet, q.source_refs[1].row as "row"
            from mart_data_quality q
            join status s using (project_id, status_date)
        )
        select *, count(*) over () as "of", (select count(distinct project_id) from found) as projects_of
        from found
        order by list_position($severities, severity) nulls last, check_id, name, project_id
        limit {LISTED}
    """
    return ask(con, scope, sql, severities=list(_SEVERITIES)).df()


def checks(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Data-quality checks that find something: severity, check_id and in how many projects; most first."""
    sql = f"""
        with {standing()}
        select q.severity, q.check_id, count(distinct s.project_id) as projects
        from mart_data_quality q
        join status s using (project_id, status_date)
        group by q.severity, q.check_id
        order by list_position($severities, q.severity) nulls last, projects desc, q.check_id
    """
    return ask(con, scope, sql, severities=list(_SEVERITIES)).df()


def stubs(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """What rows name and no register knows as of the scope's date, with the row that first named it.

    At most LISTED, projects and programmes first. `kind` is the table that should know it; `of` counts all.
    """
    sql = f"""
        select table_name as kind, project_id, id, named_by, slice_date as since, source, file, sheet, "row",
            count(*) over () as "of"
        from stubs
        where slice_date <= $as_of::date and (known_from is null or known_from > $as_of::date)
        order by list_position(['projects', 'programmes'], table_name) nulls last, table_name, project_id, id
        limit {LISTED}
    """
    return ask(con, scope, sql).df()


def nothing_but_a_name(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Running projects of which no colour is known: their data lack what every rule needs; at most LISTED."""
    sql = f"""
        with {standing()}
        select project_id, name, customer, project_manager, status_date as last_on, completeness,
            count(*) over () as "of"
        from status
        where coalesce(rag_overall, 'grey') = 'grey'
        order by name, project_id
        limit {LISTED}
    """
    return ask(con, scope, sql).df()
