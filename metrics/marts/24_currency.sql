-- mart_currency_exposure: how far the forecast margin hangs on each foreign currency, after hedging.
-- grain  project × status date × currency that the forecast has lines in and that is not the project's own
-- units  *_amount in project currency at today's rate, DECIMAL(18,4), negative = net cost; native_amount in `currency`;
--        hedged_share a fraction; points_*: percentage points of forecast margin when the currency gains 10 %
-- source financials (forecast; actual for what is still to come), projects. An unstated hedged_share counts as none. The
--        hedged part keeps its rate: revenue and cost of the rest move by 10 %.
--
-- mart_exchange_variance: what changed in the local currencies, and what only the exchange rate did.
-- grain  project × status date × comparison (as_sold_to_forecast, budget_to_actual) × measure (revenue, cost, margin)
--        × basis (average, closing: the rate set against the plan rate)
-- units  US dollars, DECIMAL(18,4); signs of the measure itself (more cost is positive)
-- source financials, fx_rates. Line by line in the line's own currency: amounts are divided by units per dollar.
--        operational_variance is at the plan rate, exchange_variance the amount at the actual less at the plan rate; they
--        add up to total_variance. Rates are those of the status date. budget_to_actual compares the budget's months up to
--        the status date with the actual to date: a budget at completion alone is not comparable.

create or replace table mart_currency_exposure as
with foreign_line as (
    select
        project_id,
        status_date,
        currency,
        sum_or_none(amount, scenario = 'forecast' and line = 'revenue') as revenue,
        sum_or_none(amount, scenario = 'forecast' and line <> 'revenue') as cost,
        sum_or_none(native, scenario = 'forecast' and line = 'revenue')
            - sum_or_none(native, scenario = 'forecast' and line <> 'revenue') as native_amount,
        sum_or_none(amount, scenario = 'actual' and line = 'revenue')
            - sum_or_none(amount, scenario = 'actual' and line <> 'revenue') as spent_amount
    from work.financial
    where scenario in ('forecast', 'actual') and currency <> project_currency
    group by project_id, status_date, currency
    having bool_or(scenario = 'forecast')
), open as (
    select
        f.*,
        money(f.revenue - f.cost) as exposed_amount,
        s.hedged_share,
        1 - coalesce(s.hedged_share, 0) as open_share,
        m.revenue_forecast,
        m.margin_forecast,
        m.margin_pct_forecast
    from foreign_line f
    join work.spine s using (project_id, status_date)
    join mart_margin m using (project_id, status_date)
)
select
    project_id,
    status_date,
    currency,
    money(native_amount) as native_amount,
    exposed_amount,
    money(exposed_amount - spent_amount) as remaining_amount,
    hedged_share,
    money(exposed_amount::double * open_share) as unhedged_amount,
    100 * (ratio(margin_forecast + 0.1 * exposed_amount, revenue_forecast + 0.1 * revenue) - margin_pct_forecast)
        as points_before_hedging,
    100 * (
        (margin_forecast::double + 0.1 * open_share * exposed_amount::double)
        / nullif(revenue_forecast::double + 0.1 * open_share * revenue::double, 0)
        - margin_pct_forecast
    ) as points_per_10_pct
from open;

create or replace table mart_exchange_variance as
with budget_to_date as (
    select
        c.project_id,
        c.status_date,
        m.is_revenue,
        coalesce(m.currency, s.currency) as currency,
        money(sum(m.native)) as native
    from work.scenario_point c
    join work.financial_month m
      on m.project_id = c.project_id and m.scenario = c.scenario and m.point = c.point
     and date_trunc('month', m.month) <= c.status_date
    join work.spine s on s.project_id = c.project_id and s.status_date = c.status_date
    where c.scenario = 'budget'
    group by all
), line as (
    select
        'as_sold_to_forecast' as comparison, project_id, status_date, line = 'revenue' as is_revenue, currency,
        scenario = 'as_sold' as is_base, native
    from work.financial
    where scenario in ('as_sold', 'forecast')
    union all
    select 'budget_to_actual', project_id, status_date, line = 'revenue', currency, false, native
    from work.financial
    where scenario = 'actual'
    union all
    select 'budget_to_actual', project_id, status_date, is_revenue, currency, true, native from budget_to_date
), local as (
    select
        comparison, project_id, status_date, currency, is_revenue,
        sum(native) filter (is_base) as base,
        sum(native) filter (not is_base) as amount
    from line
    group by all
), day as (
    select distinct status_date as "on", currency from local where currency is not null
), quote as (
    select d."on", d.currency, i.basis, i.per_usd
    from day d
    join fx_intervals i
      on i.currency = d.currency and i.valid_from <= d."on" and (i.valid_to is null or d."on" < i.valid_to)
), dollar as (
    select
        l.*,
        b.basis,
        money(l.base / plan.per_usd) as base_at_plan,
        money(l.amount / plan.per_usd) as amount_at_plan,
        money(l.amount / now.per_usd) as amount_at_rate
    from local l
    cross join (values ('average'), ('closing')) b (basis)
    left join quote plan on plan."on" = l.status_date and plan.currency = l.currency and plan.basis = 'plan'
    left join quote now on now."on" = l.status_date and now.currency = l.currency and now.basis = b.basis
), measured as (
    select
        d.project_id,
        d.status_date,
        d.comparison,
        m.measure,
        d.basis,
        sum_or_none(m.sign * d.base_at_plan, d.base <> 0) as base_at_plan,
        sum_or_none(m.sign * d.amount_at_plan, d.amount <> 0) as amount_at_plan,
        sum_or_none(m.sign * d.amount_at_rate, d.amount <> 0) as amount_at_rate,
        count(distinct d.is_revenue) filter (d.base is not null) as base_sides,
        count(distinct d.is_revenue) filter (d.amount is not null) as amount_sides
    from dollar d
    join (values ('revenue', true, 1), ('cost', false, 1), ('margin', true, 1), ('margin', false, -1))
        m (measure, is_revenue, sign) using (is_revenue)
    group by all
)
select
    project_id,
    status_date,
    comparison,
    measure,
    basis,
    base_at_plan,
    amount_at_plan,
    amount_at_rate,
    money(amount_at_plan - base_at_plan) as operational_variance,
    money(amount_at_rate - amount_at_plan) as exchange_variance,
    money(amount_at_rate - base_at_plan) as total_variance
from measured
-- both sides of the comparison know revenue, cost, or, for the margin, both
where least(base_sides, amount_sides) = case measure when 'margin' then 2 else 1 end;
