"""What the Margin screen asks: from the margin as sold to the forecast, whose that is, and the quarter.

Margins in percent are fractions, changes (`pp`) percentage points: a loss is negative. Sums come first, then
the percentage; amounts are in the scope's currency, sums of several projects in the one that `money.summing`
finds. Lists are ranked and limited here, and say of how many they are a part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, get_args

import pandas as pd
from duckdb import DuckDBPyConnection

from metrics.queries.asking import ask
from metrics.queries.money import fx, summing
from metrics.queries.standing import MONTH_ENDS, RATED, standing
from metrics.scope import UNASSIGNED, Scope

Group = Literal["programme", "customer", "country", "business_line"]
GROUPS: tuple[Group, ...] = get_args(Group)
Measure = Literal["revenue", "margin"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

LISTED = 100
WORST = 12
BEST = 5
GROUPS_SHOWN = 15
FALLS = 3
"""A forecast only falls when it fell at this many of its reports in the last REPORTING_MONTHS and rose at none."""
STEADY_PP = 0.05
"""A change of less than this, in percentage points, is none."""

_AS_OF = "select $as_of::date"
_KNOWN = """(revenue_as_sold is not null and margin_as_sold is not null
    and revenue_forecast > 0 and margin_forecast is not null)"""
_POINTS = f"""100 * sum(margin_forecast * rate) filter ({_KNOWN})
    / nullif(sum(revenue_forecast * rate) filter ({_KNOWN}), 0)"""
_EXACT = "({} * r.rate)::decimal(28, 4)"
"""An amount in the money asked for, to the precision of the marts: what is added up from here on is exact."""
_GROUP_ID = {
    "programme": f"coalesce(programme_id, '{UNASSIGNED}')",
    "customer": "customer",
    "country": "country",
    "business_line": "business_line",
}
_GROUP_NAME = _GROUP_ID | {"programme": f"coalesce(max(programme_name), max(programme_id), '{UNASSIGNED}')"}


def bridge(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """The walk from the margin as sold to the forecast, over all projects whose whole bridge is known.

    Rows in order: `as_sold`; what is ours; the customer's; `constant`, the forecast at the rates of the sale;
    the exchange rate; `forecast`. `pp` is each step's change of the margin in points (the ends hold the
    margin itself), `amount` its money in `currency`, `margin_after` and `revenue_after` where the walk then
    stands. `projects` of `running` are in it. Each project's amounts are converted once, then added as
    decimals: the steps from `as_sold` to `forecast` sum exactly, to four places.
    """
    scope = summing(con, scope)
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}, walked as (
            select
                b.project_id, b.step_no, b.step, b.owner,
                {_EXACT.format("b.amount")} as amount,
                {_EXACT.format("b.revenue_after")} as revenue_after
            from mart_margin_bridge b
            join rated r using (project_id, status_date)
            where b.status_date >= $oldest::date
        ), whole as (
            -- every project has every step: what a step adds is what stands after it less what stood after the one before
            select
                step_no, step, owner, sum(amount) as amount, count(*) as projects,
                sum(revenue_after) - coalesce(lag(sum(revenue_after)) over (order by step_no), 0) as revenue
            from walked
            where project_id not in (
                select project_id from walked where amount is null or revenue_after is null
            )
            group by step_no, step, owner
        ), summed as (
            select
                case
                    when step = 'as_sold' then 0 when owner = 'exchange_rate' then 4000
                    when owner = 'customer' then 2000 else 1000
                end + step_no as place,
                step, owner, amount, revenue
            from whole
            where step <> 'forecast'
            union all
            select 3000, 'constant', null, 0, 0
            union all
            select 5000, 'forecast', null, 0, 0
        ), run as (
            select
                *,
                sum(amount) over (order by place) as margin_after,
                sum(revenue) over (order by place) as revenue_after
            from summed
        ), measured as (
            select *, 100 * margin_after::double / nullif(revenue_after, 0)::double as points from run
        )
        select
            step, owner,
            case when step in ('as_sold', 'constant', 'forecast') then points
                else points - lag(points) over (order by place) end as pp,
            case when step in ('constant', 'forecast') then margin_after else amount end as amount,
            margin_after, revenue_after, points as points_after,
            (select max(projects) from whole) as projects,
            (select count(*) from status) as running,
            $currency as currency
        from measured
        where exists (from whole)
        order by place
    """
    return ask(con, scope, sql).df()


@dataclass(frozen=True)
class Cover:
    """What may still eat the margin, and what is kept for it; None is unknown. Amounts in `currency`."""

    running: int
    contingency_left: float | None
    contingency_known: int
    risk_exposure: float | None
    risk_known: int
    ld_probable: float | None
    ld_known: int
    forecast_points: float | None
    forecast_points_before: float | None
    forecast_points_at_closing: float | None
    currency: str


def cover(con: DuckDBPyConnection, scope: Scope) -> Cover:
    """Contingency, risk and damages of the running projects, and the forecast margin in points.

    `forecast_points_before` is at the comparison date, `forecast_points_at_closing` with every amount at the
    closing rate of the as-of date; both at the forecast's own rates for foreign lines.
    """
    scope = summing(con, scope)
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}
        select
            count(*),
            sum(contingency_left * rate), count(contingency_left * rate),
            sum(risk_exposure * rate), count(risk_exposure * rate),
            sum(ld_probable * rate), count(ld_probable * rate),
            {_POINTS}
        from rated
    """
    row = ask(con, scope, sql).fetchone()
    assert row is not None
    earlier = replace(scope, as_of=scope.compared_with) if scope.compared_with else None
    figures: list[Any] = [
        *row,
        _points(con, earlier) if earlier else None,
        _points(con, replace(scope, basis="closing")),
        scope.currency,
    ]
    return Cover(*figures)


def _points(con: DuckDBPyConnection, scope: Scope) -> float | None:
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}
        select {_POINTS} from rated
    """
    row = ask(con, scope, sql).fetchone()
    return row[0] if row else None


def erosion(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Each project's own bridge in three parts, most lost first: the LISTED worst and the BEST that gained.

    `as_sold` and `forecast` are margins in points; `ours`, `customer` and `exchange_rate` the points between
    them; `lost` the money between them in `money_in`. `of` is how many have a bridge, `lost_of` and
    `gained_of` how many lost or gained STEADY_PP or more.
    """
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}, walked as (
            select
                b.project_id,
                any_value(b.pp) filter (b.step = 'as_sold') as as_sold,
                any_value(b.pp) filter (b.step = 'forecast') as forecast,
                coalesce(sum(b.pp) filter (b.owner = 'ours'), 0) as ours,
                coalesce(sum(b.pp) filter (b.owner = 'customer'), 0) as customer,
                coalesce(sum(b.pp) filter (b.owner = 'exchange_rate'), 0) as exchange_rate,
                sum(b.amount) filter (b.owner is not null) as change
            from mart_margin_bridge b
            join status s using (project_id, status_date)
            where b.status_date >= $oldest::date
            group by b.project_id
            having bool_and(b.pp is not null)
        ), ranked as (
            select
                project_id, r.name, r.customer as customer_name, r.programme_name, r.project_manager,
                w.as_sold, w.forecast, w.ours, w.customer, w.exchange_rate,
                w.forecast - w.as_sold as erosion_pp,
                (w.change * r.rate)::double as change,
                r.money_in, r.days_since_status
            from walked w
            join rated r using (project_id)
        ), placed as (
            select
                project_id,
                row_number() over (order by erosion_pp, name, project_id) as worst,
                row_number() over (order by erosion_pp desc, name, project_id) as best
            from ranked
        ), total as (
            select
                count(*) as "of",
                count(*) filter (erosion_pp <= -{STEADY_PP}) as lost_of,
                count(*) filter (erosion_pp >= {STEADY_PP}) as gained_of
            from ranked
        )
        select ranked.*, total.*, worst, best
        from ranked
        join placed using (project_id)
        cross join total
        where worst <= {LISTED} or best <= {BEST}
        order by worst
    """
    return ask(con, scope, sql).df()


def only_falls(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Projects whose margin forecast only falls: FALLS times or more in the last REPORTING_MONTHS, never up.

    `points` lists the forecast margins, oldest first; `fell_pp` from the first to the last; `since` the
    report before it first fell. Most fallen first, at most LISTED; `of` is how many.
    """
    sql = f"""
        with {standing()}, reported as (
            select m.project_id, m.status_date, 100 * m.margin_pct_forecast as points
            from mart_project_status m
            join status s using (project_id)
            where m.status_date between $since::date and $as_of::date and m.margin_pct_forecast is not null
        ), listed as (
            select
                project_id,
                list(points order by status_date) as points,
                list(status_date order by status_date) as dates
            from reported
            group by project_id
            having count(*) > {FALLS}
        ), stepped as (
            select
                *,
                list_transform(range(2, len(points) + 1), lambda n: points[n] - points[n - 1]) as steps,
                list_transform(steps, lambda step: step <= -{STEADY_PP}) as is_fall
            from listed
        ), judged as (
            select
                project_id,
                points,
                len(list_filter(is_fall, lambda fell: fell)) as falls,
                len(points) as reports,
                points[-1] - points[1] as fell_pp,
                dates[list_position(is_fall, true)] as since
            from stepped
            where falls >= {FALLS} and list_max(steps) < {STEADY_PP}
        )
        select project_id, s.name, s.customer, j.* exclude (project_id), count(*) over () as "of"
        from judged j
        join status s using (project_id)
        order by fell_pp, s.name, project_id
        limit {LISTED}
    """
    return ask(con, scope, sql).df()


def trend(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """The portfolio's margin in points at the as-of date and the MONTHS - 1 month ends before, oldest first.

    `as_sold`, `constant` (the forecast at the rates of the sale) and `forecast` (with the exchange rate) over
    the projects then running with all three, `projects` of `running`. Every day is converted at the
    as-of date's rate, so that only the margins move; the last row is where `bridge` ends.
    """
    scope = summing(con, scope)
    sql = f"""
        with {fx(_AS_OF)}, {MONTH_ENDS}, stood as (
            select
                d."day", m.currency, m.margin_as_sold, m.revenue_as_sold, m.margin_forecast, m.revenue_forecast,
                m.margin_forecast - m.fx_effect as margin_constant,
                100 * m.margin_pct_forecast - m.fx_effect_pp as points_constant,
                coalesce(100 * margin_constant / nullif(points_constant, 0), m.revenue_forecast)
                    as revenue_constant,
                {_KNOWN} and m.fx_effect is not null as is_known
            from recent m
            join "day" d
              on m.status_date <= d."day" and coalesce(m.next_status_date, date '9999-12-31') > d."day"
        )
        select
            d."day",
            100 * sum(margin_as_sold * rate) filter (is_known)
                / nullif(sum(revenue_as_sold * rate) filter (is_known), 0) as as_sold,
            100 * sum(margin_constant * rate) filter (is_known)
                / nullif(sum(revenue_constant * rate) filter (is_known), 0) as constant,
            100 * sum(margin_forecast * rate) filter (is_known)
                / nullif(sum(revenue_forecast * rate) filter (is_known), 0) as forecast,
            count(rate) filter (is_known) as projects,
            count(s."day") as running
        from "day" d
        left join stood s using ("day")
        left join fx on fx.currency is not distinct from s.currency
        group by d."day"
        order by d."day"
    """
    return ask(con, scope, sql).df()


@dataclass(frozen=True)
class Quarter:
    """The calendar quarter of the as-of date: what is recognised, what is still forecast, what was budgeted.

    Amounts in `currency`, None is unknown. `actual` + `to_come` = `outlook`. The gaps compare like with like:
    only projects (for the previous
    forecast: their months) with both figures. `known` of `running` projects have sales by month.
    """

    start: date
    end: date
    measure: Measure
    actual: float | None
    to_come: float | None
    outlook: float | None
    budget: float | None
    budget_gap: float | None
    budget_known: int
    previous_gap: float | None
    previous_known: int
    known: int
    running: int
    currency: str
    months: pd.DataFrame


def quarters(con: DuckDBPyConnection, scope: Scope) -> dict[Measure, Quarter]:
    """Do we make the quarter: by month from the quarter before to the one after, and the quarter's sums, of each measure.

    `months` has a row per month: `actual`, `forecast`, `budget`, `outlook` (actual where a project has
    it, else its forecast), `previous` (the forecast of the report before; the outlook stands in for projects
    without one, and it is unknown where fewer than half have one), `in_quarter`.
    """
    scope = summing(con, scope)
    amounts = ",".join(
        f"""
            (p.{measure}_actual * r.rate)::double as {measure}_actual,
            (p.{measure}_forecast * r.rate)::double as {measure}_forecast,
            (p.{measure}_budget * r.rate)::double as {measure}_budget,
            (p.{measure}_previous * r.rate)::double as {measure}_previous"""
        for measure in MEASURES
    )
    sold = f"""
        create or replace temp table sold as
        with {standing()}, {fx(_AS_OF)}, {RATED}
        select r.project_id, last_day(p."month"::date) as "month", {amounts}
        from mart_period_sales p
        join rated r using (project_id, status_date)
        where p.status_date >= $oldest::date
          and p."month" >= {_QUARTER} - interval 3 month and p."month" < {_QUARTER} + interval 6 month
    """
    ask(con, scope, sold)
    try:
        months = _months(con, scope)
        start, end, running, *sums = _sums(con, scope)
    finally:
        con.execute("drop table sold")
    each = len(sums) // len(MEASURES)
    told: dict[Measure, Quarter] = {}
    for place, measure in enumerate(MEASURES):
        own = months.rename(columns={f"{measure}_{name}": name for name in _BY_MONTH})
        figures: list[Any] = [
            *(start, end, measure, *sums[place * each : (place + 1) * each], running, scope.currency),
            own[["month", *_BY_MONTH, "in_quarter", "has_passed"]],
        ]
        told[measure] = Quarter(*figures)
    return told


_QUARTER = "date_trunc('quarter', $as_of::date)::date"
_BY_MONTH = ("actual", "forecast", "budget", "previous", "outlook")


def _outlook(measure: Measure) -> str:
    return f"coalesce({measure}_actual, {measure}_forecast)"


def _months(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """The sales of the table `sold` by month, of each measure."""
    each = ",".join(
        f"""
            sum({m}_actual) as {m}_actual,
            sum({m}_forecast) filter ({m}_actual is null) as {m}_forecast,
            sum({m}_budget) as {m}_budget,
            case when 2 * count({m}_previous) >= count({_outlook(m)}) and count({m}_previous) > 0
                then sum(coalesce({m}_previous, {_outlook(m)})) end as {m}_previous,
            sum({_outlook(m)}) as {m}_outlook"""
        for m in MEASURES
    )
    sql = f"""
        with every_month as (
            select last_day(({_QUARTER} + to_months(n::integer))::date) as "month" from range(-3, 6) r(n)
        )
        select
            m."month", {each},
            m."month" >= {_QUARTER} and m."month" < {_QUARTER} + interval 3 month as in_quarter,
            m."month" <= last_day($as_of::date) as has_passed
        from every_month m
        left join sold using ("month")
        group by m."month"
        order by m."month"
    """
    return ask(con, scope, sql).df()


def _sums(con: DuckDBPyConnection, scope: Scope) -> tuple[Any, ...]:
    """The quarter's first and last day, the running projects, and of each measure what Quarter holds in its order."""
    own = ",".join(
        f"""
                sum({m}_actual) as {m}_actual,
                sum({m}_forecast) filter ({m}_actual is null) as {m}_to_come,
                sum({_outlook(m)}) as {m}_outlook,
                sum({m}_budget) as {m}_budget,
                sum({_outlook(m)} - {m}_previous) as {m}_moved"""
        for m in MEASURES
    )
    each = ",".join(
        f"""
            sum({m}_actual), sum({m}_to_come), sum({m}_outlook), sum({m}_budget),
            sum({m}_outlook - {m}_budget), count({m}_outlook - {m}_budget),
            sum({m}_moved), count({m}_moved),
            count({m}_outlook)"""
        for m in MEASURES
    )
    sql = f"""
        with {standing()}, own as (
            select project_id, {own}
            from sold
            where "month" >= {_QUARTER} and "month" < {_QUARTER} + interval 3 month
            group by project_id
        )
        select
            {_QUARTER}, last_day(({_QUARTER} + interval 2 month)::date), (select count(*) from status), {each}
        from own
    """
    row = ask(con, scope, sql).fetchone()
    assert row is not None
    return tuple(row)


def profitability(con: DuckDBPyConnection, scope: Scope, by: Group) -> pd.DataFrame:
    """Margin as sold and forecast by group, the GROUPS_SHOWN with most revenue, in that order.

    `as_sold` and `forecast` in points, `erosion_pp`, `revenue` and `margin` (forecast) in `currency`;
    `computed` of `projects` have all figures; `of` is how many groups there are. Group None: not stated.
    """
    scope = summing(con, scope)
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}, known as (
            select *, {_KNOWN} and rate is not null as is_known from rated
        ), grouped as (
            select
                {_GROUP_ID[by]} as group_id,
                {_GROUP_NAME[by]} as group_name,
                count(*) as projects,
                count(*) filter (is_known) as computed,
                sum(revenue_forecast * rate) filter (is_known) as revenue,
                sum(margin_forecast * rate) filter (is_known) as margin,
                100 * sum(margin_as_sold * rate) filter (is_known)
                    / nullif(sum(revenue_as_sold * rate) filter (is_known), 0) as as_sold,
                100 * margin / nullif(revenue, 0) as forecast,
                forecast - as_sold as erosion_pp
            from known
            group by {_GROUP_ID[by]}
        )
        select *, $currency as currency, count(*) over () as "of"
        from grouped
        order by revenue desc nulls last, group_name
        limit {GROUPS_SHOWN}
    """
    return ask(con, scope, sql).df()


def in_group(con: DuckDBPyConnection, scope: Scope, by: Group, group_id: str | None) -> pd.DataFrame:
    """The projects of one group, most lost first, at most LISTED; `of` is how many."""
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}
        select
            project_id, name, customer, project_manager,
            100 * margin_pct_as_sold as as_sold, 100 * margin_pct_forecast as forecast, margin_erosion_pp,
            (revenue_forecast * rate)::double as revenue, money_in,
            count(*) over () as "of"
        from rated
        where {_GROUP_ID[by]} is not distinct from $group_id
        order by margin_erosion_pp nulls last, name, project_id
        limit {LISTED}
    """
    return ask(con, scope, sql, group_id=group_id).df()


def currencies(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """What the portfolio's margin gains or loses, in points, when a currency gains 10 %; most exposed first.

    `points` after hedging, `points_before` without it: the projects' own, weighted by their forecast revenue,
    over all projects whose margin is known. `unhedged` is their net amount in `money_in` (negative: cost),
    `projects` how many have lines in it.
    """
    scope = summing(con, scope)
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}, known as (
            select * from rated where {_KNOWN} and rate is not null
        ), whole as (
            select sum(revenue_forecast * rate) as revenue from known
        )
        select
            e.currency,
            count(*) as projects,
            sum(e.points_per_10_pct * k.revenue_forecast * k.rate) / any_value(w.revenue) as points,
            sum(e.points_before_hedging * k.revenue_forecast * k.rate)
                / any_value(w.revenue) as points_before,
            sum(e.unhedged_amount * k.rate)::double as unhedged,
            $currency as money_in
        from mart_currency_exposure e
        join known k using (project_id, status_date)
        cross join whole w
        group by e.currency
        order by abs(points) desc nulls last, e.currency
    """
    return ask(con, scope, sql).df()


def exposed(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """The projects whose own margin hangs most on a foreign currency, after hedging; at most LISTED.

    `points` of the project's margin when `foreign_currency` gains 10 %; `unhedged` in `money_in`; `of` is how
    many project × currency pairs there are.
    """
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}
        select
            project_id, r.name, r.customer, e.currency as foreign_currency, e.hedged_share,
            e.points_per_10_pct as points, e.points_before_hedging as points_before,
            (e.unhedged_amount * r.rate)::double as unhedged, r.money_in,
            count(*) over () as "of"
        from mart_currency_exposure e
        join rated r using (project_id, status_date)
        where e.points_per_10_pct <> 0
        order by abs(points) desc, r.name, project_id
        limit {LISTED}
    """
    return ask(con, scope, sql).df()
