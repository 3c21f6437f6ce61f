-- mart_rollup_status: the portfolio and its parts at every month end.
-- grain  level (portfolio, country, programme, customer, business_line) × level_id × month_end × basis (plan, average, closing)
-- units  money in US dollars at the basis's rate of the month end, DECIMAL(18,4); indices and *_pct, value_* unrounded;
--        margin_erosion_pp percentage points; slips in calendar days
-- source mart_project_status as of the month end, fx_intervals. Running projects only (no bids, closed or cancelled ones).
--        Sums first, then indices, each over the projects that have all it needs: <measure>_projects of `projects`. EAC is
--        the sum of the projects' own. SPI(t) does not add up: it is given for one project alone. A green older than
--        stale_after_days is grey, by the setting of the newest report of all by then. value_*: the colour's share of the current contract value. fx_missing: projects without
--        a rate, whose money is unknown.

create or replace table work.month_status as
with span as (
    select last_day(min(status_date)) as first_end, last_day(max(status_date)) as last_end from mart_project_status
), month as (
    select unnest(list_transform(
        generate_series(0, datediff('month', first_end, last_end)), lambda n: last_day(first_end + to_months(n::int))
    )) as month_end
    from span
    where first_end is not null
), wanted as (
    select
        month_end,
        setting_at('stale_after_days', (select max(status_date) from mart_project_status where status_date <= month_end))::int
            as stale_after
    from month
    where month_end >= coalesce((select last_day(min(since)) from work.due), month_end)
), project as (
    select distinct project_id from mart_project_status
)
select m.month_end, m.stale_after, s.*
from (from project cross join wanted) m
asof join mart_project_status s on s.project_id = m.project_id and m.month_end >= s.status_date
where coalesce(s.phase, '') not in ('bid', 'closed', 'cancelled');

create or replace table mart_rollup_status as
with basis as (
    select unnest(['plan', 'average', 'closing']) as basis
), rate as (
    select m.month_end, i.currency, i.basis, i.per_usd
    from (select distinct month_end from work.month_status) m
    join fx_intervals i on i.valid_from <= m.month_end and (i.valid_to is null or m.month_end < i.valid_to)
), converted as (
    select
        s.month_end,
        b.basis,
        s.project_id,
        s.country,
        coalesce(s.programme_id, '(unassigned)') as programme_id,
        s.programme_name,
        s.customer,
        s.business_line,
        r.per_usd is null as is_rate_missing,
        s.month_end - s.status_date <= s.stale_after as is_fresh,
        case
            when s.rag_overall = 'green' and s.month_end - s.status_date > s.stale_after then 'grey'
            else s.rag_overall
        end as colour,
        s.watermelon,
        s.slip_days,
        s.spi_t as own_spi_t,
        coalesce(s.current_contract_value, s.contract_value) / r.per_usd as usd_contract_value,
        s.bac / r.per_usd as usd_bac,
        s.pv / r.per_usd as usd_pv,
        s.ev / r.per_usd as usd_ev,
        s.ac / r.per_usd as usd_ac,
        s.eac / r.per_usd as usd_eac,
        s.revenue_as_sold / r.per_usd as usd_revenue_as_sold,
        s.cost_as_sold / r.per_usd as usd_cost_as_sold,
        s.margin_as_sold / r.per_usd as usd_margin_as_sold,
        s.revenue_baseline / r.per_usd as usd_revenue_baseline,
        s.cost_baseline / r.per_usd as usd_cost_baseline,
        s.margin_baseline / r.per_usd as usd_margin_baseline,
        s.revenue_forecast / r.per_usd as usd_revenue_forecast,
        s.cost_forecast / r.per_usd as usd_cost_forecast,
        s.margin_forecast / r.per_usd as usd_margin_forecast,
        s.contingency_left / r.per_usd as usd_contingency_left,
        s.ld_booked / r.per_usd as usd_ld_booked,
        s.ld_probable / r.per_usd as usd_ld_probable,
        s.ld_maximum / r.per_usd as usd_ld_maximum,
        s.risk_exposure / r.per_usd as usd_risk_exposure,
        s.opportunity_exposure / r.per_usd as usd_opportunity_exposure,
        s.unbilled / r.per_usd as usd_unbilled,
        s.overdue_receivables / r.per_usd as usd_overdue_receivables,
        s.cost_without_order / r.per_usd as usd_cost_without_order,
        s.open_changes_value / r.per_usd as usd_open_changes_value,
        s.upsell_pipeline / r.per_usd as usd_upsell_pipeline,
        s.upsell_weighted / r.per_usd as usd_upsell_weighted
    from work.month_status s
    cross join basis b
    left join rate r on r.month_end = s.month_end and r.currency = s.currency and r.basis = b.basis
), eroding as (
    -- added as decimals, so that no sum hangs on the order of its parts
    select
        columns(lambda c: not starts_with(c, 'usd_')),
        columns('(usd_.*)')::decimal(28, 10) as '\1',
        usd_margin_forecast is not null and usd_revenue_forecast is not null
            and usd_margin_as_sold is not null and usd_revenue_as_sold is not null as has_erosion
    from converted
), summed as (
    select
        month_end,
        basis,
        case grouping(country, programme_id, customer, business_line)
            when 7 then 'country' when 11 then 'programme' when 13 then 'customer' when 14 then 'business_line'
            else 'portfolio'
        end as level,
        case grouping(country, programme_id, customer, business_line)
            when 7 then coalesce(country, '(unassigned)') when 11 then programme_id
            when 13 then coalesce(customer, '(unassigned)') when 14 then coalesce(business_line, '(unassigned)')
            else 'portfolio'
        end as level_id,
        case when grouping(programme_id) = 0 then max(programme_name) end as programme_name,
        count(*) as projects,
        count(*) filter (is_fresh) as projects_reported,
        count(*) filter (is_rate_missing) as fx_missing,
        sum(columns('usd_(.*)'))::decimal(18, 4) as '\1',
        count(columns('usd_(.*)')) as '\1_projects',
        ratio(sum(usd_ev) filter (where usd_ev is not null and usd_ac is not null), positive(sum(usd_ac) filter (where usd_ev is not null and usd_ac is not null))) as cpi,
        count(*) filter (where usd_ev is not null and usd_ac is not null) as cpi_projects,
        ratio(sum(usd_ev) filter (where usd_ev is not null and usd_pv is not null), positive(sum(usd_pv) filter (where usd_ev is not null and usd_pv is not null))) as spi,
        count(*) filter (where usd_ev is not null and usd_pv is not null) as spi_projects,
        ratio(sum(usd_ev) filter (where usd_ev is not null and usd_bac is not null), positive(sum(usd_bac) filter (where usd_ev is not null and usd_bac is not null))) as percent_complete,
        count(*) filter (where usd_ev is not null and usd_bac is not null) as percent_complete_projects,
        case when count(*) = 1 then any_value(own_spi_t) end as spi_t,
        count(own_spi_t) as spi_t_projects,
        ratio(sum(usd_margin_as_sold) filter (where usd_margin_as_sold is not null and usd_revenue_as_sold is not null), positive(sum(usd_revenue_as_sold) filter (where usd_margin_as_sold is not null and usd_revenue_as_sold is not null))) as margin_pct_as_sold,
        count(*) filter (where usd_margin_as_sold is not null and usd_revenue_as_sold is not null) as margin_pct_as_sold_projects,
        ratio(sum(usd_margin_baseline) filter (where usd_margin_baseline is not null and usd_revenue_baseline is not null), positive(sum(usd_revenue_baseline) filter (where usd_margin_baseline is not null and usd_revenue_baseline is not null))) as margin_pct_baseline,
        count(*) filter (where usd_margin_baseline is not null and usd_revenue_baseline is not null) as margin_pct_baseline_projects,
        ratio(sum(usd_margin_forecast) filter (where usd_margin_forecast is not null and usd_revenue_forecast is not null), positive(sum(usd_revenue_forecast) filter (where usd_margin_forecast is not null and usd_revenue_forecast is not null))) as margin_pct_forecast,
        count(*) filter (where usd_margin_forecast is not null and usd_revenue_forecast is not null) as margin_pct_forecast_projects,
        100 * (
            ratio(sum(usd_margin_forecast) filter (has_erosion), positive(sum(usd_revenue_forecast) filter (has_erosion)))
            - ratio(sum(usd_margin_as_sold) filter (has_erosion), positive(sum(usd_revenue_as_sold) filter (has_erosion)))
        ) as margin_erosion_pp,
        count(*) filter (has_erosion) as margin_erosion_pp_projects,
        count(*) filter (colour = 'green') as green,
        count(*) filter (colour = 'amber') as amber,
        count(*) filter (colour = 'red') as red,
        count(*) filter (colour = 'grey') as grey,
        ratio(coalesce(sum(usd_contract_value) filter (colour = 'green'), 0), sum(usd_contract_value)) as value_green,
        ratio(coalesce(sum(usd_contract_value) filter (colour = 'amber'), 0), sum(usd_contract_value)) as value_amber,
        ratio(coalesce(sum(usd_contract_value) filter (colour = 'red'), 0), sum(usd_contract_value)) as value_red,
        ratio(coalesce(sum(usd_contract_value) filter (colour = 'grey'), 0), sum(usd_contract_value)) as value_grey,
        count(*) filter (watermelon) as watermelons,
        median(slip_days) as slip_days_median,
        max(slip_days) as slip_days_worst,
        count(slip_days) as slip_days_projects
    from eroding
    group by grouping sets (
        (month_end, basis), (month_end, basis, country), (month_end, basis, programme_id), (month_end, basis, customer),
        (month_end, basis, business_line)
    )
)
select
    level,
    level_id,
    case level when 'programme' then coalesce(programme_name, level_id) when 'portfolio' then null else level_id end as level_name,
    month_end,
    basis,
    'USD' as currency,
    * exclude (level, level_id, programme_name, month_end, basis)
from summed
order by level, level_id, month_end, basis;
