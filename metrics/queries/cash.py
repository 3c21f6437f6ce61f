"""What the Contract & cash screen asks: where money waits on its way from order to payment, and with whom.

Amounts are net of tax in the money that `summing` finds; `net_due` is what the customer still has to pay
(tax added; withholding, retention and payments taken off). Days are calendar days.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from duckdb import DuckDBPyConnection

from metrics.queries.asking import ask
from metrics.queries.money import fx, summing
from metrics.queries.standing import RATED, standing
from metrics.scope import Scope

STAGES = ("ordered", "delivered", "submitted", "rejected", "accepted", "invoiced", "paid")
"""Where an item waits, in the order of its way; rejected stands beside submitted."""
BUCKETS = ("not_due", "1_30", "31_60", "61_90", "over_90")
"""Days past due of what was invoiced and is not paid."""
WORST = 10
LISTED = 50

_AS_OF = "select $as_of::date"


def _dated(mart: str) -> str:
    """The CTE `dated`: each project's newest status date in a mart, which has a row at every one, on the scope's date."""
    return f"""dated as (
        select project_id, max(status_date) as status_date
        from {mart}
        where status_date between $oldest::date and $as_of::date
        group by project_id
    )"""


_ITEM = f"""
    {standing()}, {fx(_AS_OF)}, {RATED},
    {_dated("mart_cash")}, item as (
        select c.* exclude (currency), r.name as project_name, r.project_manager, r.rate, r.money_in
        from mart_cash c
        join dated using (project_id, status_date)
        join rated r on r.project_id = c.project_id
    )"""


@dataclass(frozen=True)
class Headline:
    """Sums over the projects in scope, None where no project knows one. `computed_*` count those that do."""

    projects: int
    unbilled: float | None
    computed_unbilled: int
    overdue: float | None
    computed_overdue: int
    ld_booked: float | None
    ld_probable: float | None
    ld_maximum: float | None
    cost_without_order: float | None
    notices_missed: int | None
    currency: str


def headline(con: DuckDBPyConnection, scope: Scope) -> Headline:
    """The figures of the sentence and the tiles."""
    scope = summing(con, scope)
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}
        select
            count(*),
            sum(unbilled * rate),
            count(unbilled * rate),
            sum(overdue_receivables * rate),
            count(overdue_receivables * rate),
            sum(ld_booked * rate),
            sum(ld_probable * rate),
            sum(ld_maximum * rate),
            sum(cost_without_order * rate),
            sum(notices_missed)::bigint,
            $currency
        from rated
    """
    row = ask(con, scope, sql).fetchone()
    assert row is not None
    return Headline(*row)


def flow(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """What waits at each step: stage, with_whom, items, value, median_days; in the order of the way.

    Paid items are left out; `value` is NULL where none of the step's items has a value.
    """
    scope = summing(con, scope)
    sql = f"""
        with {_ITEM}
        select
            stage, with_whom, count(*) as items, sum(value * rate)::double as value,
            median(days_in_stage) as median_days
        from item
        where stage <> 'paid'
        group by stage, with_whom
        order by list_position($stages, stage), with_whom
    """
    return ask(con, scope, sql, stages=list(STAGES)).df()


def worst(
    con: DuckDBPyConnection, scope: Scope, step: str | None = None, bucket: str | None = None
) -> pd.DataFrame:
    """The WORST delivered items by value times days waiting, with their project, step and with whom.

    Of one step or of the unpaid invoices of one of BUCKETS, where given: then the LISTED, whatever they have waited.
    """
    scope = summing(con, scope)
    sql = f"""
        with {_ITEM}
        select
            project_id, project_name, project_manager, item_id, description, stage, with_whom, days_in_stage,
            (value * rate)::double as value, money_in as currency, delivered_on, submitted_on, accepted_on,
            invoiced_on, due_on
        from item
        where stage not in ('ordered', 'paid')
          and ({"true" if step or bucket else "days_in_stage > 0"})
          and ($step::varchar is null or stage = $step::varchar)
          and ($bucket::varchar is null or stage = 'invoiced' and ageing_bucket = $bucket::varchar)
        order by value * rate * days_in_stage desc nulls last, days_in_stage desc, project_id, item_id
        limit {LISTED if step or bucket else WORST}
    """
    return ask(con, scope, sql, step=step, bucket=bucket).df()


def ageing(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Invoiced and unpaid by days past due: bucket, invoices, net_due; every bucket, youngest first."""
    scope = summing(con, scope)
    sql = f"""
        with {_ITEM}
        select bucket, count(i.item_id) as invoices, coalesce(sum(i.net_due * i.rate), 0)::double as net_due
        from (select unnest($buckets) as bucket) b
        left join item i on i.ageing_bucket = b.bucket and i.stage = 'invoiced'
        group by bucket
        order by list_position($buckets, bucket)
    """
    return ask(con, scope, sql, buckets=list(BUCKETS)).df()


def damages(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Milestones with damages at stake: dates, days late against the contract, claimed and granted, amounts.

    The LISTED dearest. `slip_days_contract` is net of granted days, `ld_probable` too.
    """
    scope = summing(con, scope)
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}
        select
            m.project_id, r.name as project_name, m.milestone_id, m.name, m.contract_date, m.expected_date,
            m.actual_date is not null as is_done, m.slip_days_contract, m.days_claimed, m.days_excusable,
            (m.ld_booked * r.rate)::double as ld_booked,
            (m.ld_probable * r.rate)::double as ld_probable,
            (m.ld_maximum * r.rate)::double as ld_maximum,
            r.money_in as currency
        from mart_milestone_slip m
        join rated r using (project_id)
        where m.status_date <= $as_of::date
          and (m.next_status_date is null or m.next_status_date > $as_of::date)
          and (m.ld_probable > 0 or m.ld_booked > 0)
        order by m.ld_probable * r.rate desc nulls last, m.project_id, m.milestone_id
        limit {LISTED}
    """
    return ask(con, scope, sql).df()


def without_order(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Projects that spend without an order or missed a notice: cost and its share; dearest first."""
    scope = summing(con, scope)
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}
        select
            project_id, name, customer, project_manager, money_in as currency,
            (cost_without_order * rate)::double as cost_without_order, cost_without_order_share,
            unapproved_work, notices_missed
        from rated
        where cost_without_order > 0 or unapproved_work > 0 or notices_missed > 0
        order by cost_without_order * rate desc nulls last, notices_missed desc nulls last, project_id
        limit {LISTED}
    """
    return ask(con, scope, sql).df()


def positions(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Contract asset or liability per project: revenue recognised, billed, position, backlog, provision, DSO.

    The LISTED largest positions of either sign; contracts are not netted against each other (IFRS 15.105).
    """
    scope = summing(con, scope)
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED},
        {_dated("mart_contract_position")}, newest as (
            from mart_contract_position join dated using (project_id, status_date)
        )
        select
            r.project_id, r.name, r.customer, r.money_in as currency, n.progress,
            (n.revenue_recognised * r.rate)::double as revenue_recognised,
            (n.billed * r.rate)::double as billed,
            (n.contract_position * r.rate)::double as contract_position,
            (n.backlog * r.rate)::double as backlog,
            (n.provision_onerous * r.rate)::double as provision_onerous,
            n.dso_days
        from newest n
        join rated r using (project_id)
        where n.contract_position is not null
        order by abs(n.contract_position * r.rate) desc nulls last, r.project_id
        limit {LISTED}
    """
    return ask(con, scope, sql).df()
