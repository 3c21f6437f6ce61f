-- mart_period_sales: sales and margin month by month: actual, forecast, budget and the forecast of the report before.
-- grain  project × status date × month (its last day) for which any of the four is known
-- units  project currency, DECIMAL(18,4), of that month alone: actual and both forecasts at the rate of the status date, so
--        that a changed forecast is no change of rate; budget at the as-sold rate. growth_* fractions, in US dollars
-- source financials. Actual: the months that the newest delivery states; an older month is the difference of the amounts to
--        date of two months' last deliveries (the first month of a project is its amount to date). Margin is revenue less
--        every cost line of the month; unknown where the scenario has no cost by month at all.
--        growth_constant_currency: actual revenue over that of the month a year before, in the project's currency;
--        growth_exchange_rate: the same money in dollars at the two months' average rates; they multiply to growth_reported.

create or replace table work.actual_to_date as
with point as (
    select
        project_id,
        point,
        last_day(point) as month,
        row_number() over (partition by project_id, last_day(point) order by point desc) = 1 as is_last
    from (select distinct project_id, point from work.financial_point where scenario = 'actual')
), paired as (
    select
        p.project_id,
        p.point,
        p.month,
        p.is_last,
        b.point as point_before,
        s.baseline_start >= date_trunc('month', p.month) as is_first_month
    from point p
    join work.spine s on s.project_id = p.project_id and s.status_date = p.point
    left join point b
      on b.project_id = p.project_id and b.is_last and b.month = last_day((p.month - interval 1 month)::date)
), signed as (
    select p.project_id, p.point, p.month, p.is_last, f.line = 'revenue' as is_revenue, f.currency, f.native
    from paired p
    join work.financial_point f
      on f.project_id = p.project_id and f.point = p.point and f.scenario = 'actual'
    where p.point_before is not null or p.is_first_month
    union all
    select p.project_id, p.point, p.month, p.is_last, f.line = 'revenue', f.currency, -f.native
    from paired p
    join work.financial_point f
      on f.project_id = p.project_id and f.point = p.point_before and f.scenario = 'actual'
)
select project_id, point, month, is_last, is_revenue, currency, money(sum(native)) as native
from signed
group by all;

create or replace table work.sales_month as
with wanted as (
    select c.*
    from work.scenario_point c
    left join work.due d using (project_id)
    where d.project_id is null or c.status_date >= d.since
), forecast_point as (
    select project_id, point, lag(point) over (partition by project_id order by point) as point_before
    from (select distinct project_id, point from work.financial_point where scenario = 'forecast')
), stated as (
    select c.project_id, c.status_date, c.scenario as kind, m.month, m.is_revenue, m.currency, m.native
    from wanted c
    join work.financial_month m on m.project_id = c.project_id and m.scenario = c.scenario and m.point = c.point
    where c.scenario in ('actual', 'forecast', 'budget')
    union all
    select c.project_id, c.status_date, 'previous', m.month, m.is_revenue, m.currency, m.native
    from wanted c
    join forecast_point p on p.project_id = c.project_id and p.point = c.point
    join work.financial_month m
      on m.project_id = c.project_id and m.scenario = 'forecast' and m.point = p.point_before
    where c.scenario = 'forecast'
), derived as (
    select c.project_id, c.status_date, 'actual' as kind, t.month, t.is_revenue, t.currency, t.native
    from wanted c
    join work.actual_to_date t
      on t.project_id = c.project_id and (t.point = c.point or (t.is_last and t.month < last_day(c.point)))
    where c.scenario = 'actual'
)
select * from stated
union all
select d.*
from derived d
anti join (select distinct project_id, status_date, month from stated where kind = 'actual') s
  using (project_id, status_date, month);

create or replace table mart_period_sales as
with local as (
    select
        m.project_id,
        m.status_date,
        m.kind,
        m.month,
        m.is_revenue,
        case when x.project_id is null then converted(
            m.native, m.currency, s.currency, case when m.kind = 'budget' then r.as_sold else r.closing end
        ) end as amount
    from work.sales_month m
    join work.spine s on s.project_id = m.project_id and s.status_date = m.status_date
    left join work.rate r
      on r.project_id = m.project_id and r.status_date = m.status_date and r.currency = m.currency
    left join work.mixed_money x on x.project_id = m.project_id and x.status_date = m.status_date
), side as (
    -- a month without rows has nothing of what other months of the scenario do state
    select
        project_id, status_date, kind, month,
        case when bool_or(bool_or(is_revenue)) over scenario then sum_or_none(amount, is_revenue) end as revenue,
        case when bool_or(bool_or(not is_revenue)) over scenario then sum_or_none(amount, not is_revenue) end as cost
    from local
    group by project_id, status_date, kind, month
    window scenario as (partition by project_id, status_date, kind)
), wide as (
    select
        project_id,
        status_date,
        month,
        any_value(revenue) filter (kind = 'actual') as revenue_actual,
        any_value(revenue) filter (kind = 'forecast') as revenue_forecast,
        any_value(revenue) filter (kind = 'budget') as revenue_budget,
        any_value(revenue) filter (kind = 'previous') as revenue_previous,
        any_value(revenue - cost) filter (kind = 'actual') as margin_actual,
        any_value(revenue - cost) filter (kind = 'forecast') as margin_forecast,
        any_value(revenue - cost) filter (kind = 'budget') as margin_budget,
        any_value(revenue - cost) filter (kind = 'previous') as margin_previous
    from side
    group by project_id, status_date, month
), grown as (
    select
        w.*,
        b.revenue_actual as revenue_year_before,
        s.currency,
        least(w.month, w.status_date) as "on",
        b.month as "on_before"
    from wide w
    join work.spine s using (project_id, status_date)
    left join wide b
      on b.project_id = w.project_id and b.status_date = w.status_date
     and b.month = last_day((w.month - interval 12 month)::date) and w.revenue_actual is not null
), day as (
    select distinct currency, "on" from grown where revenue_year_before is not null
    union
    select distinct currency, "on_before" from grown where revenue_year_before is not null
), quote as (
    select d.currency, d."on", i.per_usd
    from day d
    join fx_intervals i
      on i.currency = d.currency and i.basis = 'average'
     and i.valid_from <= d."on" and (i.valid_to is null or d."on" < i.valid_to)
)
select
    g.project_id,
    g.status_date,
    g.month,
    g.revenue_actual,
    g.revenue_forecast,
    g.revenue_budget,
    g.revenue_previous,
    money(g.margin_actual) as margin_actual,
    money(g.margin_forecast) as margin_forecast,
    money(g.margin_budget) as margin_budget,
    money(g.margin_previous) as margin_previous,
    g.revenue_year_before,
    ratio(g.revenue_actual, g.revenue_year_before) - 1 as growth_constant_currency,
    ratio(g.revenue_actual, g.revenue_year_before) * ratio(f.per_usd, t.per_usd) - 1 as growth_reported,
    ratio(f.per_usd, t.per_usd) - 1 as growth_exchange_rate
from grown g
left join quote t on t.currency = g.currency and t."on" = g."on"
left join quote f on f.currency = g.currency and f."on" = g."on_before";
