"""What the Risks & changes screen asks: what may still happen, what is kept for it, and where changes stand.

Exposure is the expected cost of open risks, positive; opportunities' is their expected gain. Amounts are in
the scope's currency, sums of several projects in the one that `money.summing` finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import pandas as pd
from duckdb import DuckDBPyConnection

from metrics.queries.asking import ask
from metrics.queries.money import fx, summing
from metrics.queries.standing import MONTH_ENDS, RATED, standing
from metrics.scope import Scope

Kind = Literal["risk", "opportunity"]
KINDS: tuple[Kind, ...] = get_args(Kind)
STATES = ("draft", "submitted", "approved", "implemented", "rejected")
OPEN_STATES = ("draft", "submitted")

LISTED = 100
HIGH_CELL = 0.18
"""A cell of the grid from here on is high: the darkest of the PMBOK Guide's probability and impact matrix."""

_AS_OF = "select $as_of::date"
_OPEN = """
    open_risk as (
        select
            m.*, r.name, r.customer, r.project_manager, r.rate, r.money_in,
            (m.exposure * r.rate)::double as exposure_now,
            (m.impact * r.rate)::double as impact_now,
            coalesce(m.due_on < $as_of::date, false) as is_overdue
        from mart_risk_exposure m
        join rated r using (project_id, status_date)
        where m.is_open and m.status_date >= $oldest::date
    )"""
_CHANGE = """
    held as (
        select
            c.*, s.name, s.customer, s.project_manager, s.contract_value,
            coalesce(c.currency, s.currency) as row_currency, s.currency as project_currency
        from timeline.changes c
        join status s using (project_id)
        where c.slice_date <= $as_of::date and (c.valid_to is null or c.valid_to > $as_of::date)
        qualify row_number() over (
            partition by c.project_id, c.change_id order by c.slice_date desc, c.from_load desc, c.source
        ) = 1
    ), change as (
        select
            h.*,
            case when $currency = 'project' then h.row_currency else $currency end as money_in,
            (h.revenue_impact * fx.rate)::double as revenue,
            (h.cost_impact * fx.rate)::double as cost,
            coalesce(revenue, cost) as value,
            h.status in ('draft', 'submitted') as is_open,
            $as_of::date - h.raised_on as age_days,
            h.status not in ('approved', 'implemented')
                and coalesce(h.work_started_on <= $as_of::date or h.cost_to_date > 0, false)
                as is_unapproved_work,
            h.notice_due_on is not null and (
                coalesce(h.raised_on > h.notice_due_on, false)
                or (h.status = 'draft' and $as_of::date > h.notice_due_on)
            ) as is_notice_missed
        from held h
        left join fx on fx.currency is not distinct from h.row_currency and fx."on" = $as_of::date
    )"""


@dataclass(frozen=True)
class Headline:
    """What may still happen and what is kept for it; None is unknown. Amounts in `currency`.

    `uncovered` projects expect more from their open risks than they have contingency left. `overdue` risks
    are open past the day they were due. `changes_known` counts the projects
    that ever delivered changes, `unapproved_work` the changes worked on without approval, worth
    `unapproved_value`.
    """

    running: int
    threats: int
    overdue: int
    exposure: float | None
    exposure_before: float | None
    exposure_known: int
    contingency: float | None
    contingency_known: int
    uncovered: int
    opportunities: int
    opportunity: float | None
    changes_open: int
    changes_value: float | None
    changes_days: float | None
    changes_known: int
    unapproved_work: int
    unapproved_value: float | None
    notices_missed: int | None
    currency: str


def headline(con: DuckDBPyConnection, scope: Scope) -> Headline:
    """The figures of the sentence and the tiles, over the running projects in scope."""
    scope = summing(con, scope)
    sql = f"""
        with {standing()}, {standing("compared_with", "before")}, {fx(_AS_OF)}, {RATED}, {_OPEN},
        {_CHANGE}, counted as (
            select
                count(*) filter (kind = 'risk') as threats,
                count(*) filter (kind = 'risk' and is_overdue) as overdue,
                count(*) filter (kind = 'opportunity') as opportunities
            from open_risk
        ), changed as (
            select
                count(*) filter (is_open) as changes_open,
                sum(abs(value)) filter (is_open) as changes_value,
                sum(schedule_impact_days) filter (is_open) as changes_days,
                count(*) filter (is_unapproved_work) as unapproved_work,
                sum(abs(value)) filter (is_unapproved_work) as unapproved_value
            from change
        ), earlier as (
            select sum(b.risk_exposure * fx.rate) as exposure_before
            from before b
            left join fx on fx.currency is not distinct from b.currency
        ), total as (
            select
                count(*) as running,
                sum(risk_exposure * rate) as exposure, count(risk_exposure * rate) as exposure_known,
                sum(contingency_left * rate) as contingency,
                count(contingency_left * rate) as contingency_known,
                count(*) filter (risk_exposure > contingency_left) as uncovered,
                sum(opportunity_exposure * rate) as opportunity,
                sum(notices_missed)::integer as notices_missed,
                count(unapproved_work) as changes_known
            from rated
        )
        select
            running, threats, overdue, exposure, exposure_before, exposure_known,
            contingency, contingency_known, uncovered, opportunities, opportunity,
            changes_open, changes_value, changes_days,
            changes_known, unapproved_work, unapproved_value, notices_missed, $currency
        from total, counted, changed, earlier
    """
    row = ask(con, scope, sql).fetchone()
    assert row is not None
    values: list[Any] = list(row)
    return Headline(*values)


def grid(con: DuckDBPyConnection, scope: Scope, kind: Kind) -> pd.DataFrame:
    """Open risks or opportunities by probability (1-5) and impact (1-5): count, exposure, the cell's score.

    Those that cannot be placed (no probability, or neither cost nor time) are in a row without indices.
    """
    scope = summing(con, scope)
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}, {_OPEN}
        select
            case when i_index is not null then p_index end as p_index,
            case when p_index is not null then i_index end as i_index,
            max(cell) as cell,
            count(*) as risks,
            sum(exposure_now) as exposure,
            $currency as currency
        from open_risk
        where kind = $kind
        group by 1, 2
        order by 1, 2
    """
    return ask(con, scope, sql, kind=kind).df()


def in_cell(
    con: DuckDBPyConnection, scope: Scope, kind: Kind, p_index: int | None = None, i_index: int | None = None
) -> pd.DataFrame:
    """The open risks of a cell, or of all cells; largest exposure first, at most LISTED. `of` is how many."""
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}, {_OPEN}
        select
            project_id, name, customer, risk_id, title, category, probability, impact_now, exposure_now,
            schedule_impact_days, response, owner, due_on, is_overdue, p_index, i_index, cell, money_in,
            count(*) over () as "of"
        from open_risk
        where kind = $kind
          and ($p_index::integer is null or (p_index = $p_index::integer and i_index = $i_index::integer))
        order by exposure_now desc nulls last, cell desc nulls last, name, project_id, risk_id
        limit {LISTED}
    """
    return ask(con, scope, sql, kind=kind, p_index=p_index, i_index=i_index).df()


def cover(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Exposure against contingency left by project, the least covered first, at most LISTED.

    `gap` is exposure minus contingency, `ratio` exposure per unit of contingency. `of` is how many projects
    know both, `uncovered_of` how many expect more than they have.
    """
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}
        select
            project_id, name, customer, project_manager,
            (risk_exposure * rate)::double as exposure,
            (contingency_left * rate)::double as contingency,
            exposure - contingency as gap,
            exposure / nullif(contingency, 0) as ratio,
            margin_pct_forecast, money_in,
            count(*) over () as "of",
            count(*) filter (risk_exposure > contingency_left) over () as uncovered_of
        from rated
        where exposure is not null and contingency is not null and greatest(exposure, contingency) > 0
        order by ratio desc nulls first, gap desc, name, project_id
        limit {LISTED}
    """
    return ask(con, scope, sql).df()


def trend(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Exposure, opportunities and contingency left at the as-of date and the MONTHS - 1 month ends before.

    Over the projects then running, `known` of `running` with both; every day at the as-of date's rate.
    """
    scope = summing(con, scope)
    sql = f"""
        with {fx(_AS_OF)}, {MONTH_ENDS}, stood as (
            select d."day", m.currency, m.risk_exposure, m.opportunity_exposure, m.contingency_left
            from recent m
            join "day" d
              on m.status_date <= d."day" and coalesce(m.next_status_date, date '9999-12-31') > d."day"
        )
        select
            d."day",
            sum(s.risk_exposure * rate) as exposure,
            sum(s.opportunity_exposure * rate) as opportunity,
            sum(s.contingency_left * rate) as contingency,
            count(s.risk_exposure + s.contingency_left) as known,
            count(s."day") as running,
            $currency as currency
        from "day" d
        left join stood s using ("day")
        left join fx on fx.currency is not distinct from s.currency
        group by d."day"
        order by d."day"
    """
    return ask(con, scope, sql).df()


def pipeline(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Changes by state, in the order of STATES: count, revenue, cost, age and effect on time.

    `median_age` is days since they were raised for open ones, until they were decided for the others;
    `days` their effect on the schedule; `started` how many are worked on without approval.
    """
    scope = summing(con, scope)
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {_CHANGE}
        select
            status,
            count(*) as changes,
            sum(revenue) as revenue,
            sum(cost) as cost,
            sum(value) as value,
            median(case when is_open then age_days else decided_on - raised_on end) as median_age,
            sum(schedule_impact_days) as days,
            count(*) filter (is_unapproved_work) as started,
            $currency as currency
        from change
        group by status
    """
    found = ask(con, scope, sql).df()
    order = {state: number for number, state in enumerate(STATES)}
    return found.sort_values("status", key=lambda states: states.map(order)).reset_index(drop=True)


def changes(con: DuckDBPyConnection, scope: Scope, state: str = "open") -> pd.DataFrame:
    """Changes of one state ("open": draft and submitted), at most LISTED; `of` is how many.

    Those worked on without approval come first, then the largest share of their contract, then value.
    """
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {_CHANGE}
        select
            project_id, name, customer, change_id, title, origin, status, raised_on, age_days, decided_on,
            work_started_on, is_unapproved_work, notice_due_on, is_notice_missed,
            revenue, cost, value, money_in, schedule_impact_days, order_id,
            case
                when row_currency = project_currency
                    then abs(coalesce(revenue_impact, cost_impact))::double / nullif(contract_value, 0)
            end as share_of_contract,
            count(*) over () as "of"
        from change
        where case when $state = 'open' then is_open else status = $state end
        order by is_unapproved_work desc, share_of_contract desc nulls last, abs(value) desc nulls last,
            name, project_id, change_id
        limit {LISTED}
    """
    return ask(con, scope, sql, state=state).df()


def delays(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Delay events in force: cause, days, what was claimed and granted, and whether notice was given in time.

    A notice is missed when its day passed without one, or when it came later. Missed ones first, then the
    most days not granted; at most LISTED, `of` is how many.
    """
    sql = f"""
        with {standing()}, held as (
            select d.*, s.name, s.customer
            from timeline.delays d
            join status s using (project_id)
            where d.slice_date <= $as_of::date and (d.valid_to is null or d.valid_to > $as_of::date)
            qualify row_number() over (
                partition by d.project_id, d.delay_id order by d.slice_date desc, d.from_load desc, d.source
            ) = 1
        )
        select
            project_id, name, customer, delay_id, title, cause, days, days_claimed, days_granted,
            days - coalesce(days_granted, 0) as days_open,
            notice_due_on, notified_on,
            coalesce(notified_on > notice_due_on, notice_due_on < $as_of::date, false) as is_notice_missed,
            count(*) over () as "of"
        from held
        order by is_notice_missed desc, days_open desc nulls last, name, project_id, delay_id
        limit {LISTED}
    """
    return ask(con, scope, sql).df()
