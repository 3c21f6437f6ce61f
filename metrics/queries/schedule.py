"""What the Schedule screen asks: who is late, against what, since when, and what it costs.

Slip is in calendar days, positive is late. Amounts are in the scope's currency; sums of several projects in
the one that `money.summing` finds. Lists are ranked and limited here, and say of how many they are a part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
from duckdb import DuckDBPyConnection

from metrics.queries.asking import ask
from metrics.queries.money import fx, summing
from metrics.queries.standing import RATED, in_force, standing
from metrics.scope import UNASSIGNED, Scope

Against = Literal["original", "current", "contract"]

RANKED = 100
"""Projects in the ranking's table; the figure shows the first of them."""
LISTED = 100
"""Rows of any other list."""
MOVERS = 12
TREND_LINES = 40
AHEAD_DAYS = 90
DOTS = 60
"""Contractual dates on the calendar strip: the dearest, then the nearest."""
OFFENDERS = 50
"""Offending tasks listed per check."""

BANDS = ("early", "on_time", "to_29", "to_89", "to_179", "from_180")
"""Slip in calendar days: below 0, 0, 1-29, 30-89, 90-179, 180 on; 30 and 90 are the default colours'."""

UNKNOWN = "unknown"

# Against the contract: the worst of its open milestones and of the finish; a finish that is reached is past.
_SLIP = {
    "original": "slip_days_original",
    "current": "slip_days",
    "contract": """case
        when forecast_finish <= status_date then contract_days_late
        else greatest(contract_days_late, slip_days_contract)
    end""",
}
_AS_OF = "select $as_of::date"
_QUALITY = """
    checked as (
        select q.*
        from mart_schedule_quality q
        join (
            select project_id, max(status_date) as status_date
            from mart_schedule_quality
            where status_date <= $as_of::date and project_id in (select project_id from status)
            group by project_id
        ) newest using (project_id, status_date)
    ), quality as (
        select
            project_id,
            count(*) filter (applicable and pass) as passed,
            count(*) filter (applicable and pass is not null) as applicable,
            max(status_date) as checked_on
        from checked
        group by project_id
    )"""


@dataclass(frozen=True)
class Headline:
    """How many miss their contract date and what it costs; None is unknown. Slips are in days.

    `contract_known` counts the projects whose lateness against the contract is known; `damages_known` those
    among the late ones whose damages are. `late_before` is at the comparison date, None without one.
    """

    running: int
    contract_known: int
    late: int
    late_before: int | None
    damages_known: int
    ld_probable: float | None
    ld_maximum: float | None
    ld_booked: float | None
    currency: str
    slip_known: int
    median_current: float | None
    median_original: float | None
    worst_days: float | None
    worst_name: str | None


def headline(con: DuckDBPyConnection, scope: Scope) -> Headline:
    """The figures of the sentence and the tiles, over the running projects in scope."""
    scope = summing(con, scope)
    sql = f"""
        with {standing()}, {standing("compared_with", "before")}, {fx(_AS_OF)}, {RATED},
        judged as (select *, {_SLIP["contract"]} as days_late from rated)
        select
            count(*),
            count(days_late),
            count(*) filter (days_late > 0),
            case when $compared_with::date is not null
                then (select count(*) filter ({_SLIP["contract"]} > 0) from before) end,
            count(ld_probable * rate) filter (days_late > 0),
            sum(ld_probable * rate) filter (days_late > 0),
            sum(ld_maximum * rate) filter (days_late > 0),
            sum(ld_booked * rate),
            $currency,
            count(slip_days_original),
            median(slip_days),
            median(slip_days_original),
            max(slip_days_original),
            arg_max(name, slip_days_original)
        from judged
    """
    row = ask(con, scope, sql).fetchone()
    assert row is not None
    values: list[Any] = list(row)
    return Headline(*values)


def ranking(con: DuckDBPyConnection, scope: Scope, against: Against) -> pd.DataFrame:
    """The RANKED projects that slip most against a date, most first; `of` is how many have a known slip.

    One row per project: its dates, its slips, damages in `money_in`, and the DCMA checks `passed` of
    `applicable` (empty without a schedule file).
    """
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}, {_QUALITY}
        select
            project_id, r.name, customer, programme_name, project_manager, phase,
            original_baseline_finish, baseline_finish, contract_finish,
            forecast_finish, forecast_finish_source,
            slip_days_original, slip_days, {_SLIP["contract"]} as days_late_contract,
            {_SLIP[against]} as ranked_days,
            rebaseline_count, percent_complete, rag_schedule, days_since_status, is_stale,
            (ld_probable * rate)::double as ld_probable,
            (ld_maximum * rate)::double as ld_maximum,
            money_in,
            q.passed, q.applicable,
            count(*) over () as "of"
        from rated r
        left join quality q using (project_id)
        where ranked_days is not null
        order by ranked_days desc, slip_days_original desc nulls last, r.name, project_id
        limit {RANKED}
    """
    return ask(con, scope, sql).df()


def distribution(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """How many projects slip how much, by band of BANDS: counts against `original`, `current`, `contract`.

    The last row, UNKNOWN, counts the projects whose slip is not known.
    """
    cases = ",\n".join(
        f"list_value('{against}', {_band(_SLIP[against])})" for against in ("original", "current", "contract")
    )
    sql = f"""
        with {standing()}, banded as (select unnest([{cases}]) as pair from status)
        select
            coalesce(pair[2], '{UNKNOWN}') as band,
            count(*) filter (pair[1] = 'original') as original,
            count(*) filter (pair[1] = 'current') as "current",
            count(*) filter (pair[1] = 'contract') as contract
        from banded
        group by band
    """
    found = ask(con, scope, sql).df()
    return found.set_index("band").reindex([*BANDS, UNKNOWN], fill_value=0).reset_index()


def in_band(con: DuckDBPyConnection, scope: Scope, against: Against, band: str) -> pd.DataFrame:
    """The projects of one bar of the distribution, most slip first, at most LISTED; `of` is how many."""
    sql = f"""
        with {standing()}
        select
            project_id, name, customer, {_SLIP[against]} as slip, forecast_finish, project_manager,
            count(*) over () as "of"
        from status
        where {_band(_SLIP[against])} = $band
        order by slip desc, name, project_id
        limit {LISTED}
    """
    return ask(con, scope, sql, band=band).df()


def programmes(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """The programmes in scope, by name: programme_id (UNASSIGNED for projects without) and name."""
    sql = f"""
        with {standing()}
        select coalesce(programme_id, '{UNASSIGNED}') as programme_id,
               coalesce(max(programme_name), max(programme_id), '{UNASSIGNED}') as name
        from status
        group by all
        order by name, programme_id
    """
    return ask(con, scope, sql).df()


def finish_trend(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """The forecast finish that each project had in the last REPORTING_MONTHS months with reports.

    The TREND_LINES projects whose date moved most in them: `moved_days` from the first report to the last,
    `rank` 1 moved most, `of` how many projects have a forecast at two reports or more. A date that is reached
    (on or before its report) ends its line: later reports of it are left out.
    """
    sql = f"""
        with {standing()}, reported as (
            select project_id, status_date, forecast_finish
            from mart_project_status
            semi join status using (project_id)
            where status_date between $since::date and $as_of::date and forecast_finish is not null
        )
        {_trend("project_id, s.name", "project_id", "join status s using (project_id)")}
    """
    return ask(con, scope, sql).df()


def milestone_trend(con: DuckDBPyConnection, scope: Scope, programme_id: str) -> pd.DataFrame:
    """As `finish_trend`, a line per contractual milestone of one programme's projects."""
    sql = f"""
        with {standing()}, reported as (
            select
                m.project_id, s.name, m.milestone_id, m.name as milestone,
                m.status_date, m.expected_date as forecast_finish
            from mart_milestone_slip m
            join status s using (project_id)
            where coalesce(s.programme_id, '{UNASSIGNED}') = $programme_id
              and m.status_date between $since::date and $as_of::date and m.expected_date is not null
              and (m.contract_date is not null or m.kind = 'contractual')
        )
        {_trend("project_id, name, milestone_id, milestone", "project_id, milestone_id")}
    """
    return ask(con, scope, sql, programme_id=programme_id).df()


def calendar(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Contractual milestones not reached whose date, with the days granted, is past or within AHEAD_DAYS.

    One row per milestone: `due_on` (contract date plus granted days), `days_late` (expected after due; None
    unknown), `is_overdue`, damages probable and at most, in `money_in`. The DOTS with most at stake, in
    order of date; `of`, `late_of`, `overdue_of`, `probable_of`, `maximum_of` speak of all of them.
    """
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}, due as (
            select
                m.project_id, r.name, r.customer, r.project_manager, m.milestone_id, m.name as milestone,
                m.contract_date, m.days_excusable, m.expected_date, m.revenue_amount,
                (m.contract_date + floor(coalesce(m.days_excusable, 0))::integer)::date as due_on,
                m.slip_days_contract as days_late,
                due_on < $as_of::date as is_overdue,
                (m.ld_probable * r.rate)::double as ld_probable,
                (m.ld_maximum * r.rate)::double as ld_maximum,
                r.money_in
            from {in_force("mart_milestone_slip")} m
            join rated r using (project_id)
            where m.actual_date is null
              and m.contract_date is not null
              and due_on <= $as_of::date + {AHEAD_DAYS}
        ), ranked as (
            select
                *,
                count(*) over () as "of",
                count(*) filter (days_late > 0) over () as late_of,
                count(*) filter (is_overdue) over () as overdue_of,
                sum(ld_probable) over () as probable_of,
                sum(ld_maximum) over () as maximum_of,
                count(distinct money_in) over () as currencies
            from due
            qualify row_number() over (
                order by ld_probable desc nulls last, ld_maximum desc nulls last, due_on,
                    project_id, milestone_id
            ) <= {DOTS}
        )
        from ranked order by due_on, project_id, milestone_id
    """
    return ask(con, scope, sql).df()


def movers(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Forecast finishes that moved since the comparison date: the MOVERS that moved most, latest first.

    `moved_days` positive is later; `baseline_moved_days` tells a new baseline; `of`, `later_of` and
    `earlier_of` count all that moved. Empty without a comparison date.
    """
    sql = f"""
        with {standing()}, {standing("compared_with", "before")}, moved as (
            select
                project_id, s.name, s.customer, s.project_manager,
                b.forecast_finish as finish_was, s.forecast_finish as finish_now,
                s.forecast_finish - b.forecast_finish as moved_days,
                s.baseline_finish - b.baseline_finish as baseline_moved_days,
                s.forecast_finish_source, b.forecast_finish_source as source_was,
                s.slip_days_original
            from status s
            join before b using (project_id)
            where s.forecast_finish <> b.forecast_finish
        ), ranked as (
            select
                *,
                count(*) over () as "of",
                count(*) filter (moved_days > 0) over () as later_of,
                count(*) filter (moved_days < 0) over () as earlier_of
            from moved
            qualify {MOVERS} >= row_number() over (
                order by abs(moved_days) desc, moved_days desc, name, project_id
            )
        )
        from ranked order by moved_days desc, name, project_id
    """
    return ask(con, scope, sql).df()


def rebaselined(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Projects with a new baseline, most hidden slip first, at most LISTED; `of` is how many there are.

    `hidden_days` is what the current baseline no longer shows: slip against the original baseline minus slip
    against the current one. `hidden_of` counts those that hide at least a day.
    """
    sql = f"""
        with {standing()}
        select
            project_id, name, customer, rebaseline_count,
            original_baseline_finish, baseline_finish, forecast_finish,
            slip_days, slip_days_original,
            slip_days_original - slip_days as hidden_days,
            count(*) over () as "of",
            count(*) filter (slip_days_original - slip_days > 0) over () as hidden_of
        from status
        where rebaseline_count > 0
        order by hidden_days desc nulls last, name, project_id
        limit {LISTED}
    """
    return ask(con, scope, sql).df()


def rebaselines(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Every new baseline approved by the as-of date, newest first, at most LISTED; `of` is how many.

    `moved_days` is how far it moved the finish of the one before; `slip_before` the slip against that one at
    the last status before the approval, so what the new baseline took off the books that day.
    """
    sql = f"""
        with {standing()}, stated as (
            select
                b.project_id, s.name, b.baseline_no, b.approved_on, b.baseline_finish, b.reason
            from mart_baseline b
            join status s using (project_id)
            where b.valid_from <= $as_of::date and (b.valid_to is null or b.valid_to > $as_of::date)
              and (b.approved_on <= $as_of::date or b.baseline_no = 0)
        ), stepped as (
            select
                *,
                lag(baseline_finish ignore nulls) over (
                    partition by project_id order by baseline_no
                ) as finish_before
            from stated
        ), listed as (
            select *, count(*) over () as "of"
            from stepped
            where baseline_no > 0
            order by approved_on desc, name, project_id, baseline_no desc
            limit {LISTED}
        ), before as (
            select l.project_id, l.baseline_no, arg_max(p.slip_days, p.status_date) as slip_before
            from listed l
            join mart_project_status p on p.project_id = l.project_id and p.status_date < l.approved_on
            group by all
        )
        select
            project_id, name, baseline_no, approved_on, reason, finish_before, baseline_finish,
            baseline_finish - finish_before as moved_days, slip_before, "of"
        from listed
        left join before using (project_id, baseline_no)
        order by approved_on desc, name, project_id, baseline_no desc
    """
    return ask(con, scope, sql).df()


def quality(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """How far each forecast can be believed: the checks its schedule passed, fewest first, at most LISTED.

    One row per project with a checked schedule: `passed` of `applicable`, `failed` (check ids in the order
    of the standard), `checked_on`, beside the forecast finish and where it comes from. `of` is how many have
    one.
    """
    sql = f"""
        with {standing()}, {_QUALITY}, failing as (
            select project_id, list(check_id order by "no") as failed
            from checked
            where applicable and not pass
            group by project_id
        )
        select
            project_id, s.name, s.customer, s.forecast_finish, s.forecast_finish_source,
            s.slip_days, s.slip_days_original,
            q.passed, q.applicable, q.checked_on,
            coalesce(f.failed, []) as failed,
            count(*) over () as "of"
        from quality q
        join status s using (project_id)
        left join failing f using (project_id)
        order by q.passed / nullif(q.applicable, 0) nulls last, s.slip_days_original desc nulls last, s.name
        limit {LISTED}
    """
    return ask(con, scope, sql).df()


def checks(con: DuckDBPyConnection, scope: Scope, project_id: str) -> pd.DataFrame:
    """The DCMA checks of one project's newest schedule, in the order of the standard.

    `offenders` holds the names of the first OFFENDERS tasks of a failed check, `counted` how many there are.
    """
    sql = f"""
        with {standing()}, {_QUALITY}
        select
            check_id, "no", value, threshold, unit, pass, applicable, reason_key, counted, total,
            list_transform(offenders[:{OFFENDERS}], lambda o: coalesce(o.name, o.task_uid)) as offenders
        from checked
        where project_id = $project_id
        order by "no"
    """
    return ask(con, scope, sql, project_id=project_id).df()


def _band(days: str) -> str:
    return f"""case
        when {days} < 0 then 'early' when {days} = 0 then 'on_time' when {days} < 30 then 'to_29'
        when {days} < 90 then 'to_89' when {days} < 180 then 'to_179' when {days} >= 180 then 'from_180'
    end"""


def _trend(names: str, key: str, named: str = "") -> str:
    """The rest of a trend query over the CTE `reported`, a line per `key`; the join `named` knows its name."""
    return f"""
        , moving as (
            select
                {key},
                arg_max(forecast_finish, status_date) - arg_min(forecast_finish, status_date) as moved_days,
                count(*) over () as "of",
                row_number() over (order by abs(moved_days) desc, moved_days desc, {key}) as rank
            from reported
            group by {key}
            having count(*) > 1
            qualify rank <= {TREND_LINES}
        ), stepped as (
            select
                *,
                forecast_finish <= status_date as is_reached,
                lag(forecast_finish <= status_date, 1, false) over (partition by {key} order by status_date)
                    as was_reached
            from reported
            join moving using ({key})
        )
        select {names}, t.status_date, t.forecast_finish, is_reached, moved_days, rank, "of"
        from stepped t {named}
        where not was_reached
        order by rank, t.status_date
    """
