-- mart_margin_bridge: the walk from the margin as sold to the forecast margin, step by step.
-- grain  project × status date × step; rows only where both an as-sold and a forecast scenario are known by then
-- units  money in project currency, DECIMAL(18,4), positive = more margin: as_sold + every step = forecast, exactly.
--        pp: percentage points; the ends hold the margin in points, every step its change along the walk
-- source financials, changes. Every step but exchange_rate is at the as-sold rate. approved_changes: revenue less cost of
--        the approved changes; revenue and each cost line are net of them (a change's `line`, else other).
--        exchange_rate: the forecast's foreign lines at today's rate less the same at the as-sold rate. An unknown rate
--        leaves its step, and what follows, unknown.

create or replace table work.bridge_step as
select *
from (values
    (1, 'as_sold', null),
    (2, 'approved_changes', 'customer'),
    (3, 'revenue', 'customer'),
    (4, 'labour', 'ours'),
    (5, 'subcontract', 'ours'),
    (6, 'material', 'ours'),
    (7, 'uninstalled_material', 'ours'),
    (8, 'travel', 'ours'),
    (9, 'other', 'ours'),
    (10, 'waste', 'ours'),
    (11, 'warranty', 'ours'),
    (12, 'liquidated_damages', 'ours'),
    (13, 'contingency', 'ours'),
    (14, 'exchange_rate', 'exchange_rate'),
    (15, 'forecast', null)
) t (step_no, step, owner);

create or replace table mart_margin_bridge as
with walk as (
    select a.project_id, a.status_date, a.revenue, a.margin, f.revenue as forecast_revenue, f.margin as forecast_margin
    from (select * from work.scenario where scenario = 'as_sold') a
    join (select * from work.scenario where scenario = 'forecast') f using (project_id, status_date)
), line as (
    select
        project_id,
        status_date,
        line,
        sum_or_none(amount, scenario = 'as_sold') as sold,
        sum_or_none(at_sold, scenario = 'forecast') as forecast_at_sold,
        sum_or_none(amount, scenario = 'forecast') as forecast
    from work.financial
    where scenario in ('as_sold', 'forecast')
    group by project_id, status_date, line
), change as (
    select project_id, status_date, line, known_sum(cost_impact, true) as cost
    from work.change_status
    where is_approved
    group by project_id, status_date, line
), rate_effect as (
    select
        project_id,
        status_date,
        sum_or_none(forecast - forecast_at_sold, line = 'revenue') as revenue,
        sum_or_none(forecast - forecast_at_sold, line <> 'revenue') as cost
    from line
    group by project_id, status_date
), moved as (
    select
        w.project_id,
        w.status_date,
        s.step_no,
        s.step,
        s.owner,
        case s.step
            when 'as_sold' then w.revenue
            when 'approved_changes' then case when t.project_id is null then 0 else t.approved_revenue end
            when 'revenue' then
                case when l.line is null then 0 else l.forecast_at_sold - l.sold end
                - case when t.project_id is null then 0 else t.approved_revenue end
            when 'exchange_rate' then e.revenue
            else 0
        end as revenue,
        case s.step
            when 'as_sold' then w.revenue - w.margin
            when 'approved_changes' then case when t.project_id is null then 0 else t.approved_cost end
            when 'revenue' then 0
            when 'exchange_rate' then e.cost
            when 'forecast' then 0
            else
                case when l.line is null then 0 else l.forecast_at_sold - l.sold end
                - case when c.line is null then 0 else c.cost end
        end as cost,
        w.forecast_revenue,
        w.forecast_margin
    from walk w
    cross join work.bridge_step s
    left join line l on l.project_id = w.project_id and l.status_date = w.status_date and l.line = s.step
    left join change c on c.project_id = w.project_id and c.status_date = w.status_date and c.line = s.step
    left join work.change_total t on t.project_id = w.project_id and t.status_date = w.status_date
    left join rate_effect e on e.project_id = w.project_id and e.status_date = w.status_date
), walked as (
    select
        * exclude (revenue, cost, forecast_revenue, forecast_margin),
        money(case when step = 'forecast' then forecast_margin else revenue - cost end) as amount,
        money(case
            when step = 'forecast' then forecast_revenue
            when count(*) over so_far = count(revenue) over so_far then sum(revenue) over so_far
        end) as revenue_after,
        money(case
            when step = 'forecast' then forecast_margin
            when count(*) over so_far = count(revenue - cost) over so_far then sum(revenue - cost) over so_far
        end) as margin_after
    from moved
    window so_far as (partition by project_id, status_date order by step_no)
), measured as (
    select *, 100 * ratio(margin_after, revenue_after) as points from walked
)
select
    project_id,
    status_date,
    step_no,
    step,
    owner,
    amount,
    revenue_after,
    margin_after,
    case when owner is null then points
        else points - lag(points) over (partition by project_id, status_date order by step_no) end as pp
from measured;
