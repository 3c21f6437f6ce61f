-- mart_margin: revenue, cost and margin of every scenario side by side, and what became of the margin as sold.
-- grain  project × status date (one row per row of work.spine)
-- units  money in project currency, DECIMAL(18,4); *_pct fractions; *_pp percentage points, a loss is negative
-- source financials. Cost is every line but revenue, contingency included; margin is revenue less cost. A scenario without
--        revenue, or without cost lines, has no margin; margin_pct is unknown without a revenue above 0. `actual` is to date, the
--        others at completion. handover_pp (as sold to baseline) and execution_pp (baseline to forecast) add up to
--        margin_erosion_pp; price_effect (revenue) and cost_effect (cost) add up to margin_change.

create or replace table work.scenario as
with summed as (
    select
        project_id,
        status_date,
        scenario,
        known_sum(amount, line = 'revenue') as revenue,
        known_sum(amount, line <> 'revenue') as cost,
        sum_or_none(amount, line = 'liquidated_damages') as damages,
        sum_or_none(amount, line = 'waste') as waste,
        sum_or_none(amount, line = 'uninstalled_material') as uninstalled,
        known_sum(amount, line = 'contingency') as contingency
    from work.financial
    group by project_id, status_date, scenario
)
select
    s.*,
    money(s.revenue - s.cost) as margin,
    ratio(s.revenue - s.cost, positive(s.revenue)) as margin_pct,
    r.refs,
    r.cost_refs
from summed s
join work.scenario_point p using (project_id, status_date, scenario)
left join work.scenario_refs r on r.project_id = p.project_id and r.scenario = p.scenario and r.point = p.point;

create or replace table mart_margin as
with wide as (
    select
        project_id,
        status_date,
        any_value(revenue) filter (scenario = 'as_sold') as revenue_as_sold,
        any_value(cost) filter (scenario = 'as_sold') as cost_as_sold,
        any_value(margin) filter (scenario = 'as_sold') as margin_as_sold,
        any_value(margin_pct) filter (scenario = 'as_sold') as margin_pct_as_sold,
        any_value(revenue) filter (scenario = 'budget') as revenue_budget,
        any_value(cost) filter (scenario = 'budget') as cost_budget,
        any_value(margin) filter (scenario = 'budget') as margin_budget,
        any_value(margin_pct) filter (scenario = 'budget') as margin_pct_budget,
        any_value(revenue) filter (scenario = 'baseline') as revenue_baseline,
        any_value(cost) filter (scenario = 'baseline') as cost_baseline,
        any_value(margin) filter (scenario = 'baseline') as margin_baseline,
        any_value(margin_pct) filter (scenario = 'baseline') as margin_pct_baseline,
        any_value(revenue) filter (scenario = 'forecast') as revenue_forecast,
        any_value(cost) filter (scenario = 'forecast') as cost_forecast,
        any_value(margin) filter (scenario = 'forecast') as margin_forecast,
        any_value(margin_pct) filter (scenario = 'forecast') as margin_pct_forecast,
        any_value(revenue) filter (scenario = 'actual') as revenue_actual,
        any_value(cost) filter (scenario = 'actual') as cost_actual,
        any_value(margin) filter (scenario = 'actual') as margin_actual,
        any_value(margin_pct) filter (scenario = 'actual') as margin_pct_actual
    from work.scenario
    group by project_id, status_date
)
select
    s.project_id,
    s.status_date,
    s.currency,
    w.* exclude (project_id, status_date),
    100 * w.margin_pct_forecast - 100 * w.margin_pct_as_sold as margin_erosion_pp,
    100 * w.margin_pct_baseline - 100 * w.margin_pct_as_sold as handover_pp,
    100 * w.margin_pct_forecast - 100 * w.margin_pct_baseline as execution_pp,
    money(w.margin_forecast - w.margin_as_sold) as margin_change,
    money(w.revenue_forecast - w.revenue_as_sold) as price_effect,
    money(w.cost_as_sold - w.cost_forecast) as cost_effect,
    100 * w.margin_pct_forecast - 100 * lag(w.margin_pct_forecast) over (
        partition by s.project_id order by s.status_date
    ) as margin_moved_pp
from work.spine s
left join wide w using (project_id, status_date);
