"""What the One project screen asks: the whole of one project, whatever the filters.

Amounts of marts are in the scope's currency at the rate of its date, on both dates of a comparison, so that a
change is never the exchange rate's; amounts of registers stay in the row's own currency. Every list is as of
the scope's date; an id that the store does not have gives empty answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

import pandas as pd
from duckdb import DuckDBPyConnection

from metrics.queries.asking import ask
from metrics.queries.evidence import SOURCE_ROWS, Ref, as_loaded, colours, evidence, refs_of
from metrics.queries.money import fx
from metrics.queries.quality import COLUMNS, WORST_FIRST
from metrics.queries.rag import place
from metrics.queries.standing import in_force
from metrics.scope import Scope

REPORTS = 12
TREND_LINES = 10
"""Milestones in the trend chart: those that moved most."""
GANTT_ROWS = 40
"""Tasks of the Gantt at a time."""
EVENTS = 30
LISTED = 200

Register = Literal[
    "changes", "actions", "delays", "handovers", "opportunities", "subcontracts", "safety", "satisfaction",
]  # fmt: skip
REGISTERS: tuple[Register, ...] = get_args(Register)

EXPECTED = (
    "status_reports", "milestones", "earned_value", "financials", "tasks", "risks", "quality", "acceptances",
    "invoices", "resources",
)  # fmt: skip
"""What a full picture of a project needs; the screen names those that were never delivered."""

_ORDER: Mapping[str, str] = {
    "changes": "status in ('approved', 'rejected', 'implemented'), raised_on desc nulls last, change_id",
    "actions": "closed_on is not null, kind <> 'decision', due_on nulls last, item_id",
    "delays": "delay_id",
    "handovers": "gate desc, done_on is not null, due_on nulls last, check_id",
    "opportunities": "expected_close nulls last, opportunity_id",
    "subcontracts": "forecast - committed desc nulls last, supplier_id",
    "safety": "status_date desc, supplier_id",
    "satisfaction": "surveyed_on desc",
}
_KEY: Mapping[str, str] = {
    "changes": "change_id", "actions": "item_id", "delays": "delay_id", "handovers": "gate, check_id",
    "resources": "role, period_end", "opportunities": "opportunity_id", "subcontracts": "supplier_id",
}  # fmt: skip
_IN_FORCE = "slice_date <= $as_of::date and (valid_to is null or valid_to > $as_of::date)"
_EVER = "project_id = $project_id and status_date <= $as_of::date"


@dataclass(frozen=True)
class Standpoint:
    """Where a project stands on the scope's date: the dates that marts are asked for, and the rate of its money.

    `point` is its newest status, `before` the one held on the comparison date, `curve_of` the date of the curve that the
    status uses; all None before its first report. `rate` is units of `money_in` for one of its own, None where unknown.
    """

    point: date | None
    before: date | None
    curve_of: date | None
    rate: float | None
    money_in: str | None


def standpoint(con: DuckDBPyConnection, scope: Scope, project_id: str) -> Standpoint:
    """The project's, looked for once: what is asked with its dates reads those of a long history alone."""
    sql = f"""
        with {fx("select $as_of::date")}, told as (
            select
                max(status_date) as point,
                max(status_date) filter (
                    status_date <= $compared_with::date
                    and (next_status_date is null or next_status_date > $compared_with::date)
                ) as before,
                arg_max({{'v': currency}}, status_date).v as currency
            from mart_project_status
            where {_EVER}
        )
        select
            t.point,
            t.before,
            (select ev_status_date from mart_earned_value where project_id = $project_id and status_date = t.point),
            fx.rate,
            case when $currency = 'project' then t.currency else $currency end
        from told t
        left join fx on fx.currency is not distinct from t.currency
    """
    row = ask(con, scope, sql, project_id=project_id).fetchone()
    assert row is not None
    return Standpoint(*row) if row[0] else Standpoint(None, None, None, None, None)


def _asked(
    con: DuckDBPyConnection,
    scope: Scope,
    sql: str,
    project_id: str,
    at: Standpoint | None,
    **more: Any,
) -> DuckDBPyConnection:
    """Execute a query that may name what the standpoint holds: `$point`, `$before`, `$curve_of`, `$rate`, `$money_in`."""
    found = at or standpoint(con, scope, project_id)
    return ask(con, scope, sql, project_id=project_id, **vars(found), **more)


@dataclass(frozen=True)
class Status:
    """The project as it stands on the scope's date, and as it stood on the comparison date (None: not yet).

    Both hold every column of mart_project_status and `days_since_status` and `is_stale`; money is in `money_in`, unknown
    where a rate is. `contract_finish` and `damages_from` are the register's.
    """

    now: Mapping[str, Any]
    before: Mapping[str, Any] | None
    money_in: str | None


def status(
    con: DuckDBPyConnection, scope: Scope, project_id: str, at: Standpoint | None = None
) -> Status | None:
    """The project's status; None for an id that had not reported by the scope's date."""
    at = at or standpoint(con, scope, project_id)
    money = [row[0] for row in con.execute(_MONEY).fetchall()]
    amounts = ", ".join(f"({name}::double * $rate::double) as {name}" for name in money)
    sql = f"""
        select
            * replace ({amounts}),
            $as_of::date - status_date as days_since_status,
            $as_of::date - status_date > $stale_after_days::integer as is_stale
        from mart_project_status
        where project_id = $project_id and status_date in ($point::date, $before::date)
        order by status_date desc
    """
    cursor = _asked(con, scope, sql, project_id, at)
    names = [column[0] for column in cursor.description or ()]
    found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if not found:
        return None
    before = next((row for row in found if row["status_date"] == at.before), None)
    return Status(found[0], before, at.money_in)


_MONEY = """
    select column_name from duckdb_columns()
    where schema_name = 'main' and table_name = 'mart_project_status' and data_type like 'DECIMAL%'
"""


@dataclass(frozen=True)
class Outlook:
    """Where the S-curve goes from here: finish dates and costs at completion by every variant that is known.

    `eac` and `finish` are the ones the project status uses. Empty where earned value is not known.
    """

    bac: float | None
    eac: float | None
    eac_variant: str | None
    finish: date | None
    costs: Mapping[str, float]
    finishes: Mapping[str, date]
    cpi: float | None
    spi: float | None
    spi_t: float | None
    tcpi_bac: float | None
    p_factor: float | None
    ev_method: str | None
    ev_status_date: date | None


COSTS = ("eac_budget_rate", "eac_cpi", "eac_composite", "eac_bottom_up")
FINISHES = ("es_forecast_finish_pf1", "es_forecast_finish", "es_forecast_finish_sci")


def outlook(
    con: DuckDBPyConnection, scope: Scope, project_id: str, at: Standpoint | None = None
) -> Outlook | None:
    """The forecasts of mart_earned_value on the scope's date; None for a project without a status."""
    sql = f"""
        select
            bac::double * $rate::double, eac::double * $rate::double, eac_variant, es_forecast_finish,
            cpi, spi, spi_t, tcpi_bac, p_factor, ev_method, ev_status_date,
            {", ".join(f"{name}::double * $rate::double" for name in COSTS)}, {", ".join(FINISHES)}
        from mart_earned_value
        where project_id = $project_id and status_date = $point::date
    """
    row = _asked(con, scope, sql, project_id, at).fetchone()
    if row is None:
        return None
    told = dict(zip((*_PLAIN, *COSTS, *FINISHES), row, strict=True))
    return Outlook(
        **{name: told[name] for name in _PLAIN},
        costs={name: told[name] for name in COSTS if told[name] is not None},
        finishes={name: told[name] for name in FINISHES if told[name] is not None},
    )


_PLAIN = (
    "bac", "eac", "eac_variant", "finish", "cpi", "spi", "spi_t", "tcpi_bac", "p_factor", "ev_method",
    "ev_status_date",
)  # fmt: skip


def curve(
    con: DuckDBPyConnection, scope: Scope, project_id: str, at: Standpoint | None = None
) -> pd.DataFrame:
    """The S-curve: period_end, planned_value, planned_value_original, earned_value, actual_cost, `percent_*`.

    Cumulative, in `money_in`; shares of the budget where the money is not known.
    """
    sql = """
        select
            period_no, period_end,
            planned_value::double * $rate::double as planned_value,
            planned_value_original::double * $rate::double as planned_value_original,
            earned_value::double * $rate::double as earned_value,
            actual_cost::double * $rate::double as actual_cost,
            percent_planned, percent_complete, ev_method, $money_in::varchar as money_in
        from mart_period_value
        where project_id = $project_id and status_date = $curve_of::date
        order by period_end
    """
    return _asked(con, scope, sql, project_id, at).df()


def milestones(
    con: DuckDBPyConnection, scope: Scope, project_id: str, at: Standpoint | None = None
) -> pd.DataFrame:
    """The milestones by expected date: dates, slips in days, when they first slipped, damages in `money_in`.

    `moved_days` is the move since the comparison date (None without one, or for a new milestone).
    """
    sql = f"""
        with now as (
            from {in_force("mart_milestone_slip")} where project_id = $project_id
        ), before as (
            select milestone_id, expected_date
            from {in_force("mart_milestone_slip", "compared_with")}
            where project_id = $project_id
        )
        select
            n.milestone_id, coalesce(n.name, n.milestone_id) as name, n.kind,
            n.original_date, n.baseline_date, n.contract_date, n.expected_date, n.actual_date,
            n.slip_days, n.slip_days_original, n.slip_days_contract,
            n.expected_date - b.expected_date as moved_days,
            n.first_slipped_on, n.days_claimed, n.days_excusable,
            n.ld_probable::double * $rate::double as ld_probable,
            n.ld_maximum::double * $rate::double as ld_maximum,
            n.revenue_amount::double * $rate::double as revenue_amount,
            $money_in::varchar as money_in, n.source_refs
        from now n
        left join before b using (milestone_id)
        order by n.expected_date nulls last, n.milestone_id
    """
    return _with_refs(_asked(con, scope, sql, project_id, at).df())


def milestone_trend(con: DuckDBPyConnection, scope: Scope, project_id: str) -> pd.DataFrame:
    """The date that each milestone had at the last REPORTS reports, as the portfolio's trend has them.

    The TREND_LINES that moved most; `moved_days` from the first to the last, `rank` 1 moved most, `of` how
    many have a date at two reports or more. A date that is reached ends its line.
    """
    sql = f"""
        with reported as (
            select
                project_id, coalesce(name, milestone_id) as name, milestone_id, status_date,
                expected_date as forecast_finish
            from mart_milestone_slip
            where project_id = $project_id and status_date <= $as_of::date and expected_date is not null
            qualify {REPORTS} >= row_number() over (partition by milestone_id order by status_date desc)
        ), moving as (
            select
                milestone_id,
                date_diff('day', arg_min(forecast_finish, status_date), arg_max(forecast_finish, status_date))
                    as moved_days,
                arg_max(name, status_date) as name,
                count(*) over () as "of",
                row_number() over (order by abs(moved_days) desc, moved_days desc, milestone_id) as rank
            from reported
            group by milestone_id
            having count(*) > 1
            qualify rank <= {TREND_LINES}
        ), stepped as (
            select
                * exclude (name),
                lag(forecast_finish <= status_date, 1, false) over (
                    partition by milestone_id order by status_date
                ) as was_reached
            from reported
        )
        select
            project_id, name, milestone_id, status_date, forecast_finish,
            forecast_finish <= status_date as is_reached, moved_days, rank, "of"
        from stepped
        join moving using (milestone_id)
        where not was_reached
        order by rank, status_date
    """
    return ask(con, scope, sql, project_id=project_id).df()


def bridge(
    con: DuckDBPyConnection, scope: Scope, project_id: str, at: Standpoint | None = None
) -> pd.DataFrame:
    """The walk from the margin as sold to the forecast, as the portfolio's: see queries.margin.bridge.

    Empty where any step is unknown.
    """
    sql = """
        with walked as (
            select
                step_no, step, owner, pp,
                amount::double * $rate::double as amount,
                margin_after::double * $rate::double as margin_after,
                revenue_after::double * $rate::double as revenue_after,
                $money_in::varchar as currency
            from mart_margin_bridge
            where project_id = $project_id and status_date = $point::date
        )
        select *, 100 * margin_after / nullif(revenue_after, 0) as points_after
        from walked
        where not exists (from walked where amount is null or pp is null or revenue_after is null)
        order by step_no
    """
    return _asked(con, scope, sql, project_id, at).df()


OriginalBy = Literal["saved", "number", "delivered"]


@dataclass(frozen=True)
class Plan:
    """The schedule in force: as of when, how many tasks, with a baseline, critical and open, late; how deep.

    `late` end after the current baseline, `late_original` after the original one, which for most tasks is found as
    `original_by` says: the baseline of the file that was saved first, its number 0, or what was first delivered.
    """

    status_date: date
    tasks: int
    baselined: int
    critical: int
    late: int
    late_original: int
    levels: tuple[tuple[int, int], ...]
    """Outline levels with how many rows there are down to each; empty where the file has no outline."""
    original_by: OriginalBy | None = None

    @property
    def fits(self) -> str:
        """What to show first: the deepest level within GANTT_ROWS, else the top one; "all" without levels."""
        if not self.levels:
            return "all"
        fitting = [level for level, rows in self.levels if rows <= GANTT_ROWS]
        return str(max(fitting, default=self.levels[0][0]))


_TASK = f"""
    held as (
        select *
        from timeline.tasks
        where project_id = $project_id and {_IN_FORCE}
        qualify slice_date = max(slice_date) over ()
    ), numbered as (
        select
            source, task_uid, saved_on, baseline_start, baseline_finish, baseline_no, slice_date,
            saved_on is null as is_undated
        from timeline.task_baselines
        where project_id = $project_id and slice_date <= $as_of::date and baseline_finish is not null
    ), stated as (
        select
            source, task_uid, baseline_start, baseline_finish, slice_date,
            if(is_undated, 'number', 'saved') as found_by,
            (is_undated::int, coalesce(saved_on, slice_date), baseline_no) as place
        from numbered
        where not is_undated or baseline_no = 0
        qualify row_number() over (partition by source, task_uid order by place, slice_date) = 1
    ), delivered as (
        select
            source, task_uid,
            arg_min(baseline_start, slice_date) as baseline_start,
            arg_min(baseline_finish, slice_date) as baseline_finish,
            min(slice_date) filter (baseline_finish is not null) as first_on
        from timeline.tasks
        where project_id = $project_id and slice_date <= $as_of::date
        group by source, task_uid
    ), original as (
        select
            d.source, d.task_uid,
            if(s.found_by is null, d.baseline_start, s.baseline_start) as original_start,
            if(s.found_by is null, d.baseline_finish, s.baseline_finish) as original_finish,
            coalesce(s.found_by, if(d.baseline_finish is null, null, 'delivered')) as original_by
        from delivered d
        left join stated s
          on s.source is not distinct from d.source and s.task_uid = d.task_uid
         and (s.found_by = 'saved' or d.first_on is null or s.slice_date <= d.first_on)
    ), task as (
        select
            h.*,
            coalesce(h.task_kind, 'discrete') = 'summary' as is_summary,
            coalesce(h.actual_start, h.start) as start_on,
            coalesce(h.actual_finish, h.finish) as finish_on,
            coalesce(h.actual_finish is not null or h.percent_complete >= 1, false) as is_done,
            o.original_start,
            o.original_finish,
            o.original_by
        from held h
        left join original o
          on o.source is not distinct from h.source and o.task_uid = h.task_uid
        qualify row_number() over (partition by h.source, h.task_uid order by h.from_load desc) = 1
    )"""


def plan(con: DuckDBPyConnection, scope: Scope, project_id: str) -> Plan | None:
    """What the project's schedule holds; None without one."""
    sql = f"""
        with {_TASK}, level as (
            select outline_level, count(*) as tasks from task where outline_level is not null group by 1
        )
        select
            max(slice_date),
            count(*) filter (not is_summary),
            count(baseline_finish) filter (not is_summary),
            count(*) filter (not is_summary and is_critical and not is_done),
            count(*) filter (not is_summary and finish_on > baseline_finish),
            count(*) filter (not is_summary and finish_on > original_finish),
            (
                select list((outline_level, rows) order by outline_level) from (
                    select outline_level, sum(tasks) over (order by outline_level)::bigint as rows from level
                )
            ),
            mode(original_by) filter (not is_summary)
        from task
    """
    row = ask(con, scope, sql, project_id=project_id).fetchone()
    if row is None or row[0] is None:
        return None
    *plain, levels, original_by = row
    return Plan(**dict(zip(_PLAN, plain, strict=True)), levels=tuple(levels or ()), original_by=original_by)


_PLAN = ("status_date", "tasks", "baselined", "critical", "late", "late_original")


def tasks(con: DuckDBPyConnection, scope: Scope, project_id: str, show: str, page: int) -> pd.DataFrame:
    """One page (from 1) of GANTT_ROWS rows of the schedule in its own order.

    `show`: "all", "critical" (what is critical and open), "late" (ends after its baseline), or an outline
    level as text: the rows down to it. A summary without dates of its own has those of the tasks under it,
    and is critical where one of them is; `under` counts them. The original baseline is the one that the
    file says was saved first, else its number 0, else the one the task was first delivered with. `slip_days` is
    against the current one; `of` is how many rows there are.
    """
    kept = {
        "all": "true",
        "critical": "is_critical and not is_done and not is_summary",
        "late": "finish_on > baseline_finish and not is_summary",
    }.get(show, "coalesce(outline_level, 0) <= $level")
    sql = f"""
        with {_TASK}, ranked as (
            select *, count(*) over () as "of", row_number() over (order by source, "row", task_uid) as place
            from task
            where {kept}
            qualify place > $skipped and place <= $skipped + {GANTT_ROWS}
        ), under as (
            select
                r.source, r.task_uid,
                count(*) as under,
                bool_or(u.is_critical and not u.is_done) as is_critical,
                min(u.start_on) as start_on, max(u.finish_on) as finish_on,
                min(u.baseline_start) as baseline_start, max(u.baseline_finish) as baseline_finish,
                min(u.original_start) as original_start, max(u.original_finish) as original_finish
            from ranked r
            join task u
              on u.source is not distinct from r.source
             and starts_with(u.wbs, r.wbs || '.') and not u.is_summary
            where r.is_summary
            group by r.source, r.task_uid
        )
        select
            r.task_uid, r.wbs, r.name, coalesce(r.outline_level, 1) as outline_level,
            r.is_summary, coalesce(r.task_kind, 'discrete') = 'milestone' as is_milestone,
            coalesce(if(r.is_summary, u.is_critical, r.is_critical), false) as is_critical,
            r.is_done, r.percent_complete, r.total_slack_days,
            coalesce(r.start_on, u.start_on) as start_on, coalesce(r.finish_on, u.finish_on) as finish_on,
            coalesce(r.baseline_start, u.baseline_start) as baseline_start,
            coalesce(r.baseline_finish, u.baseline_finish) as baseline_finish,
            coalesce(r.original_start, u.original_start) as original_start,
            coalesce(r.original_finish, u.original_finish) as original_finish,
            coalesce(r.finish_on, u.finish_on) - coalesce(r.baseline_finish, u.baseline_finish) as slip_days,
            coalesce(u.under, 0) as under,
            r.file, r.sheet, r."row", r."of"
        from ranked r
        left join under u on u.source is not distinct from r.source and u.task_uid = r.task_uid
        order by r.place
    """
    level = int(show) if show.isdigit() else None
    skipped = (page - 1) * GANTT_ROWS
    return ask(con, scope, sql, project_id=project_id, level=level, skipped=skipped).df()


def task_page(
    con: DuckDBPyConnection, scope: Scope, project_id: str, show: str, page: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A page of `tasks` and the `dependencies` between them, of collapsed levels those of the rows above."""
    found = tasks(con, scope, project_id, show, page)
    return found, dependencies(con, scope, project_id, tuple(found["task_uid"]), rolled=show.isdigit())


def dependencies(
    con: DuckDBPyConnection, scope: Scope, project_id: str, uids: tuple[str, ...], *, rolled: bool = False
) -> pd.DataFrame:
    """The links between these tasks in force: predecessor_uid, successor_uid, type, lag_days, links.

    `rolled`: a task that is not among them stands for the nearest summary above it that is, so that a collapsed
    outline keeps its links; `links` counts those that one stands for, and `lag_days` is their longest.
    """
    under = "or starts_with(t.wbs, s.wbs || '.')" if rolled else ""
    sql = f"""
        with {_TASK}, shown as (
            select source, task_uid, wbs from task where task_uid = any($uids)
        ), placed as (
            select
                t.source, t.task_uid,
                arg_max({{'uid': s.task_uid, 'wbs': s.wbs}}, (s.task_uid = t.task_uid, length(s.wbs))) as "row"
            from task t
            join shown s
              on s.source is not distinct from t.source and (s.task_uid = t.task_uid {under})
            group by t.source, t.task_uid
        )
        select
            a."row".uid as predecessor_uid, b."row".uid as successor_uid, coalesce(l.type, 'FS') as type,
            max(l.lag_days) as lag_days, count(*) as links
        from timeline.task_links l
        join placed a on a.source is not distinct from l.source and a.task_uid = l.predecessor_uid
        join placed b on b.source is not distinct from l.source and b.task_uid = l.successor_uid
        where l.project_id = $project_id and {_IN_FORCE}
          and a."row".uid <> b."row".uid
          and not coalesce(starts_with(a."row".wbs, b."row".wbs || '.'), false)
          and not coalesce(starts_with(b."row".wbs, a."row".wbs || '.'), false)
        group by all
        order by all
    """
    return ask(con, scope, sql, project_id=project_id, uids=list(uids)).df()


def risks(
    con: DuckDBPyConnection, scope: Scope, project_id: str, at: Standpoint | None = None
) -> pd.DataFrame:
    """Risks and opportunities, the open ones first, by expected value; money in `money_in`."""
    sql = f"""
        select
            risk_id, kind, title, status, is_open, probability, owner, response, due_on, p_index, i_index,
            impact::double * $rate::double as impact,
            emv_pre::double * $rate::double as emv_pre, emv_post::double * $rate::double as emv_post,
            $money_in::varchar as money_in
        from mart_risk_exposure
        where project_id = $project_id and status_date = $point::date
        order by not is_open, kind desc,
            abs(coalesce(emv_post, emv_pre)) desc nulls last, risk_id
        limit {LISTED}
    """
    return _asked(con, scope, sql, project_id, at).df()


def cash(
    con: DuckDBPyConnection, scope: Scope, project_id: str, at: Standpoint | None = None
) -> pd.DataFrame:
    """The acceptance chain: every item, its stage, how long, with whom; the unpaid first, dearest first."""
    sql = f"""
        select
            item_id, description, stage, days_in_stage, with_whom, ageing_bucket,
            value::double * $rate::double as value, net_due::double * $rate::double as net_due,
            ordered_on, delivered_on, submitted_on, rejected_on, accepted_on, invoiced_on, due_on, paid_on,
            $money_in::varchar as money_in,
            count(*) over () as "of"
        from mart_cash
        where project_id = $project_id and status_date = $point::date
        order by stage = 'paid', value * days_in_stage desc nulls last, item_id
        limit {LISTED}
    """
    return _asked(con, scope, sql, project_id, at).df()


def sites(con: DuckDBPyConnection, scope: Scope, project_id: str) -> pd.DataFrame:
    """The rollout's burn-up by week: planned, forecast, on_air, accepted; empty without sites."""
    sql = f"""
        select week_end, planned, forecast, on_air, accepted
        from {in_force("mart_site_progress")}
        where project_id = $project_id
        order by week_end
    """
    return ask(con, scope, sql, project_id=project_id).df()


def register(con: DuckDBPyConnection, scope: Scope, project_id: str, table: Register) -> pd.DataFrame:
    """The rows of a register in force as they were loaded, file, sheet and row first; at most LISTED."""
    if table not in REGISTERS:
        raise ValueError(table)
    if table in ("safety", "satisfaction"):
        held, day = "slice_date <= $as_of::date", "surveyed_on" if table == "satisfaction" else "status_date"
        held += f" and {day} <= $as_of::date"
        once = ""
        if table == "satisfaction":
            held += " and (valid_to is null or valid_to > $as_of::date)"
    else:
        held = _IN_FORCE
        once = f"""qualify row_number() over (
            partition by {_KEY[table]} order by slice_date desc, from_load desc, source, "row"
        ) = 1"""
    sql = f"""
        with held as (
            select * from timeline.{table} where project_id = $project_id and {held} {once}
        )
        select file, sheet, "row", * exclude (file, sheet, "row")
        from held
        order by {_ORDER[table]}
        limit {LISTED}
    """
    return ask(con, scope, sql, project_id=project_id).df()


def findings(
    con: DuckDBPyConnection, scope: Scope, project_id: str, at: Standpoint | None = None
) -> pd.DataFrame:
    """Data-quality findings on the project's status, the worst first."""
    sql = f"""
        select {COLUMNS}, q.source_refs
        from mart_data_quality q
        join mart_project_status p using (project_id, status_date)
        where q.project_id = $project_id and q.status_date = $point::date
        order by {WORST_FIRST}
    """
    return _with_refs(_asked(con, scope, sql, project_id, at).df())


def hours(con: DuckDBPyConnection, scope: Scope, project_id: str) -> pd.DataFrame:
    """People by month over all roles: period_end, hours_planned, hours_actual, hours_forecast, to date.

    Offices deliver a few months at a time: a month that newer deliveries no longer hold stays as last stated.
    `actual_to_date` and `planned_to_date` sum the months that have an actual, the same in every row.
    """
    sql = f"""
        with held as ({_STATED_HOURS}), month as (
            select
                period_end,
                sum(hours_planned) as hours_planned,
                sum(hours_actual) as hours_actual,
                sum(hours_forecast) as hours_forecast
            from held
            group by period_end
        )
        select
            *,
            sum(hours_actual) over () as actual_to_date,
            sum(hours_planned) filter (hours_actual is not null) over () as planned_to_date
        from month
        order by period_end
    """
    return ask(con, scope, sql, project_id=project_id).df()


_STATED_HOURS = """
    select * from timeline.resources
    where project_id = $project_id and slice_date <= $as_of::date
    qualify row_number() over (
        partition by role, period_end
        order by hours_actual is null, slice_date desc, from_load desc, source, "row"
    ) = 1"""


def roles(con: DuckDBPyConnection, scope: Scope, project_id: str) -> pd.DataFrame:
    """People by role: hours planned and actual to date (months with an actual), and forecast from then on."""
    sql = f"""
        select
            role,
            sum(hours_planned) filter (hours_actual is not null) as hours_planned,
            sum(hours_actual) as hours_actual,
            sum(hours_forecast) filter (hours_actual is null) as hours_forecast
        from ({_STATED_HOURS})
        group by role
        order by hours_actual desc nulls last, role
    """
    return ask(con, scope, sql, project_id=project_id).df()


@dataclass(frozen=True)
class Quality:
    """How far the schedule can be believed: DCMA checks `passed` of `applicable`, and which failed."""

    passed: int
    applicable: int
    checked_on: date
    failed: tuple[str, ...]


def quality(con: DuckDBPyConnection, scope: Scope, project_id: str) -> Quality | None:
    """The checks of the newest schedule; None without one."""
    sql = """
        with checked as (
            select * from mart_schedule_quality
            where project_id = $project_id and status_date <= $as_of::date
            qualify status_date = max(status_date) over ()
        )
        select
            count(*) filter (applicable and pass),
            count(*) filter (applicable and pass is not null),
            max(status_date),
            coalesce(list(check_id order by "no") filter (applicable and not pass), [])
        from checked
    """
    row = ask(con, scope, sql, project_id=project_id).fetchone()
    if row is None or row[2] is None:
        return None
    passed, applicable, checked_on, failed = row
    return Quality(passed, applicable, checked_on, tuple(failed))


def events(con: DuckDBPyConnection, scope: Scope, project_id: str) -> pd.DataFrame:
    """What happened between the comparison date and the scope's, in order: day, what, name, detail, days.

    `what` names a text; `days` is a move in days where there is one. At most EVENTS, `of` in all. Empty
    without a comparison date.
    """
    sql = f"""
        with now as (
            from {in_force("mart_milestone_slip")} where project_id = $project_id
        ), before as (
            from {in_force("mart_milestone_slip", "compared_with")} where project_id = $project_id
        ), changed as materialized ({_in_force("changes")}
        ), risk as materialized ({_in_force("risks")}
        ), accepted as materialized ({_in_force("acceptances")}
        ), happened as (
            select actual_date as day, 'milestone_reached' as what, name, kind as detail, slip_days as days
            from now where actual_date > $compared_with::date and actual_date <= $as_of::date
            union all
            select
                null, if(n.expected_date > b.expected_date, 'milestone_later', 'milestone_earlier'),
                n.name, n.kind, n.expected_date - b.expected_date
            from now n join before b using (milestone_id)
            where n.expected_date <> b.expected_date and n.actual_date is null
            union all
            select approved_on, 'rebaselined', reason, null, null
            from mart_baseline
            where project_id = $project_id and valid_from <= $as_of::date
              and (valid_to is null or valid_to > $as_of::date)
              and baseline_no > 0 and approved_on > $compared_with::date and approved_on <= $as_of::date
            union all
            select decided_on, 'change_' || status, title, change_id, null
            from changed
            where decided_on > $compared_with::date and decided_on <= $as_of::date
              and status in ('approved', 'rejected', 'implemented')
            union all
            select raised_on, 'change_raised', title, change_id, null
            from changed
            where raised_on > $compared_with::date and raised_on <= $as_of::date
            union all
            select opened_on, kind || '_opened', title, risk_id, null
            from risk
            where opened_on > $compared_with::date and opened_on <= $as_of::date
            union all
            select null, 'risk_occurred', r.title, r.risk_id, null
            from risk r
            where r.status = 'occurred' and exists (
                from ({_in_force("risks", "compared_with")}) b
                where b.risk_id = r.risk_id and b.status is distinct from 'occurred'
            )
            union all
            select closed_on, kind || '_closed', title, item_id, null
            from ({_in_force("actions")})
            where closed_on > $compared_with::date and closed_on <= $as_of::date
            union all
            select signed_on, 'acceptance_signed', acceptance_id, null, null
            from accepted
            where site_id is null and signed_on > $compared_with::date and signed_on <= $as_of::date
            union all
            select rejected_on, 'acceptance_rejected', acceptance_id, rejection_reason, null
            from accepted
            where site_id is null and rejected_on > $compared_with::date and rejected_on <= $as_of::date
        )
        select *, count(*) over () as "of"
        from happened
        where $compared_with::date is not null
        order by day nulls first, what, name
        limit {EVENTS}
    """
    return ask(con, scope, sql, project_id=project_id).df()


def sources(con: DuckDBPyConnection, scope: Scope, project_id: str) -> pd.DataFrame:
    """Where the project's rows in force come from: table, file, sheet, how many rows, of which status date.

    `loaded_at` is when the file was loaded; largest tables last.
    """
    tables = [row[0] for row in con.execute(_OWNED).fetchall()]
    if not tables:
        return pd.DataFrame()
    each = " union all ".join(
        f'select \'{name}\' as "table", source, file, sheet, "row", slice_date, from_load'
        f' from timeline."{name}" where project_id = $project_id and slice_date <= $as_of::date and {still}'
        for name in tables
        # in two parts, for of each DuckDB knows which blocks of a long history it can skip
        for still in ("valid_to is null", "valid_to > $as_of::date")
    )
    sql = f"""
        select
            s."table", s.source, s.file, s.sheet, count(*) as "rows",
            min(s."row") as first_row, max(s."row") as last_row,
            nullif(max(s.slice_date), date '1900-01-01') as status_date,
            max(l.loaded_at) as loaded_at
        from ({each}) s
        left join loads l on l.load_id = s.from_load and l.file = s.file and l.source = s.source
        group by s."table", s.source, s.file, s.sheet
        order by s."table", s.file, s.sheet
    """
    return ask(con, scope, sql, project_id=project_id).df()


_OWNED = """
    select table_name from duckdb_columns()
    where schema_name = 'timeline' and column_name = 'project_id' and table_name <> 'slices'
    order by table_name
"""


def rows_of(
    con: DuckDBPyConnection, scope: Scope, project_id: str, table: str, file: str, sheet: str | None
) -> pd.DataFrame:
    """The project's rows in force out of one sheet of a file, as they were loaded; the first SOURCE_ROWS."""
    if (table,) not in con.execute(_OWNED).fetchall():
        raise ValueError(table)
    sql = f"""
        select file, sheet, "row", * exclude (file, sheet, "row")
        from timeline."{table}"
        where project_id = $project_id and {_IN_FORCE}
          and file = $file and sheet is not distinct from $sheet::varchar
        order by "row"
        limit {SOURCE_ROWS}
    """
    return as_loaded(ask(con, scope, sql, project_id=project_id, file=file, sheet=sheet).df())


def everything(con: DuckDBPyConnection, scope: Scope, project_id: str) -> dict[str, Any] | None:
    """Every answer that the page needs whatever is opened on it, by query, registers by table: asked at once.

    `deciding` is the evidence of the dimension that decided the overall colour, `place` the project's in the
    order of the matrix. None for an id that had not reported by the scope's date.
    """
    at = standpoint(con, scope, project_id)
    found = status(con, scope, project_id, at)
    if found is None:
        return None
    there = (curve, outlook, milestones, bridge, risks, cash, findings)
    told: dict[str, Any] = {query.__name__: query(con, scope, project_id, at) for query in there}
    asked = (colours, place, milestone_trend, plan, quality, sites, hours, roles, events, sources)
    told |= {query.__name__: query(con, scope, project_id) for query in asked}
    told |= {table: register(con, scope, project_id, table) for table in REGISTERS}
    dimension = found.now["deciding_dimension"]
    deciding = None if dimension is None else evidence(con, scope, project_id, dimension)
    return told | {"status": found, "deciding": deciding}


def worst(con: DuckDBPyConnection, scope: Scope) -> str | None:
    """The project that needs attention first within the scope; None where the scope is empty."""
    first = place(con, scope, "").first
    return first[0] if first else None


def _in_force(table: str, at: str = "as_of") -> str:
    """The project's rows of a table on a date of the scope, one per key."""
    keys = {"risks": "risk_id", "acceptances": "acceptance_id"} | dict(_KEY)
    return f"""
        select * from timeline.{table}
        where project_id = $project_id and slice_date <= ${at}::date
          and (valid_to is null or valid_to > ${at}::date)
        qualify row_number() over (
            partition by {keys[table]} order by slice_date desc, from_load desc, source, "row"
        ) = 1"""


def _with_refs(frame: pd.DataFrame) -> pd.DataFrame:
    refs: list[tuple[Ref, ...]] = [refs_of(value) for value in frame.pop("source_refs")]
    return frame.assign(refs=pd.Series(refs, dtype="object"))
