-- mart_contract_position: how much of the contract is done, earned, billed and still to come (IFRS 15, IAS 37).
-- grain  project × status date (one row per row of work.spine); cumulative; *_period: since the previous status date
-- units  project currency, DECIMAL(18,4); progress and *_pct fractions; dso_*_days calendar days
-- source financials, projects, changes, milestones, invoices, orders, baselines.
--   transaction_price    contract value and approved changes (else the forecast revenue) less liquidated damages
--   eac_for_progress     forecast cost without damages (they reduce the price) and without waste
--   progress             cost_to_cost (assumed where no method is stated): cost to date without waste and uninstalled
--                        material over the same of the EAC; milestone: revenue amounts reached over the price, or over their
--                        sum where that is more (weights where no amounts are stated); straight_line: days from baseline
--                        start to the status date over days to the baseline finish, both ends included. Kept within 0–1,
--                        and flagged
--   material_expected    uninstalled material in the forecast; started_on and ends_on: the dates of straight_line
--   revenue_recognised   progress × price; with uninstalled material progress × (price - material) + material to date
--   catch_up             the part of revenue_period that comes of a changed price or estimate, at today's progress
--   cost_of_sales        actual cost to date, waste included, damages not; without the provision, like gross_margin
--   provision_onerous    where EAC, waste to come included, > price: (EAC - price) × (1 - progress), however progress is
--                        measured, and the waste still to come whole, which no progress takes into the result. Measured by
--                        cost, the result after the provision is the expected loss at once; by milestones or time, it is so
--                        where cost keeps step with progress
--   billed               invoices issued, net of tax, less credit notes; unknown before invoices were delivered
--   backlog              price less revenue, of firm orders: no more than the orders received, where orders are delivered;
--                        none for a bid or a cancelled project
--   backlog_added        what the backlog gained besides the revenue taken out of it: orders, changes, exchange rate
--   profit_fade          the part of the profit to date that the margin as sold would have overstated
--   book_to_bill         orders received in the last twelve months over the revenue of the same
--   dso_days             unpaid invoices over the last three months' invoicing × their days, both as they are to be
--                        collected (tax added; withholding and retention off). Also over one and twelve months, with the
--                        average of opening and closing receivables, with the contract asset added, and counted back

create or replace temp macro months_before(day, months) as
    case when is_month_end(day) then last_day((day - to_months(months))::date) else (day - to_months(months))::date end;

-- greatest() and least() pass over NULL: these keep it.
create or replace temp macro clamped(share) as case when share is not null then least(greatest(share, 0.0), 1.0) end;

create or replace temp macro at_least_0(value) as case when value is not null then greatest(value, 0) end;

-- Receivables and invoicing.
create or replace table work.dso as
with bill as (
    select
        *,
        (
            datediff('month', invoiced_on, status_date)
            + case when is_month_end(status_date) or day(invoiced_on) <= day(status_date) then 1 else 0 end
        )::int as months_ago,
        months_before(status_date, 3) as opened_on
    from work.invoice_status
    where is_issued
), summed as (
    select
        project_id,
        status_date,
        sum_or_none(net_due, true) as receivables,
        sum_or_none(
            to_collect - case when paid_on <= opened_on then paid else 0 end, invoiced_on <= opened_on
        ) as receivables_before,
        sum_or_none(to_collect, months_ago <= 1) as sales_1m,
        sum_or_none(to_collect, months_ago <= 3) as sales_3m,
        sum_or_none(to_collect, months_ago <= 12) as sales_12m
    from bill
    group by project_id, status_date
), by_month as (
    select project_id, status_date, months_ago, sum(to_collect) as sales
    from bill
    group by project_id, status_date, months_ago
), counted as (
    select
        *,
        sum(sales) over (partition by project_id, status_date order by months_ago) as so_far
    from by_month
), counted_back as (
    -- the month in which the receivables, set against the newest invoicing first, are used up
    select
        c.project_id,
        c.status_date,
        c.status_date - months_before(c.status_date, c.months_ago - 1)
        + (months_before(c.status_date, c.months_ago - 1) - months_before(c.status_date, c.months_ago))
        * ratio(s.receivables - (c.so_far - c.sales), c.sales) as days
    from counted c
    join summed s using (project_id, status_date)
    where s.receivables > 0 and c.sales > 0 and c.so_far >= s.receivables
    qualify row_number() over (partition by c.project_id, c.status_date order by c.months_ago) = 1
)
select
    s.*,
    case when s.receivables <= 0 then 0 else b.days end as count_back_days
from summed s
left join counted_back b using (project_id, status_date);

create or replace table work.milestone_revenue as
with valued as (
    select
        d.project_id,
        d.status_date,
        coalesce(m.actual_date <= d.status_date, false) as is_reached,
        m.revenue_amount is not null as is_valued,
        converted(m.revenue_amount, m.currency, d.project_currency, r.closing) as amount,
        m.weight
    from reported_at('milestones') d
    join work.milestone_held m on m.project_id = d.project_id and m.point = d.point
    left join work.rate r
      on r.project_id = d.project_id and r.status_date = d.status_date and r.currency = m.currency
)
select
    project_id,
    status_date,
    known_sum(amount, is_valued) as planned,
    sum_or_none(amount, is_valued and is_reached) as reached,
    bool_or(is_valued) as has_amounts,
    coalesce(sum(weight order by weight) filter (is_reached), 0) / nullif(sum(weight order by weight), 0) as share_of_weights
from valued
group by project_id, status_date;

create or replace table work.order_total as
select
    s.project_id,
    s.status_date,
    sum_or_none(o.amount, o.is_received) as received,
    sum_or_none(
        o.amount, o.is_received and o.ordered_on > months_before(s.status_date, 12) and o.ordered_on <= s.status_date
    ) as received_12m
from work.spine s
join work.first_delivery f on f.project_id = s.project_id and f.table_name = 'orders' and f.first_on <= s.status_date
left join work.order_status o on o.project_id = s.project_id and o.status_date = s.status_date
group by s.project_id, s.status_date;

create or replace table work.contract_priced as
with stated as (
    select
        s.project_id,
        s.status_date,
        s.currency,
        s.phase,
        coalesce(s.revenue_method, 'cost_to_cost') as revenue_method,
        s.revenue_method is null as revenue_method_is_assumed,
        s.contract_value,
        money(s.contract_value + case when t.project_id is null then 0 else t.approved_revenue end)
            as current_contract_value,
        f.revenue as revenue_forecast,
        case
            when f.damages is null and f.project_id is not null or a.damages is null and a.project_id is not null then null
            else greatest(f.damages, a.damages, 0)
        end as damages,
        money(f.cost - f.damages - f.waste) as eac_for_progress,
        f.uninstalled as material_expected,
        money(a.cost - a.damages - a.waste) as cost_for_progress,
        a.uninstalled as material_to_date,
        at_least_0(f.waste - coalesce(a.waste, 0)) as waste_to_come,
        money(a.cost - a.damages) as cost_of_sales,
        b.baseline_start as started_on,
        coalesce(b.baseline_finish, s.contract_finish) as ends_on,
        m.planned as milestones_planned,
        m.reached as milestones_reached,
        m.has_amounts,
        m.share_of_weights
    from work.spine s
    left join (select * from work.scenario where scenario = 'forecast') f
      on f.project_id = s.project_id and f.status_date = s.status_date
    left join (select * from work.scenario where scenario = 'actual') a
      on a.project_id = s.project_id and a.status_date = s.status_date
    left join work.change_total t on t.project_id = s.project_id and t.status_date = s.status_date
    left join work.baseline b on b.project_id = s.project_id and b.status_date = s.status_date
    left join work.milestone_revenue m on m.project_id = s.project_id and m.status_date = s.status_date
)
select
    *,
    case when current_contract_value is not null then 'contract' when revenue_forecast is not null then 'forecast' end
        as price_source,
    money(coalesce(current_contract_value, revenue_forecast) - damages) as transaction_price,
    greatest(material_expected, material_to_date) as material,
    case
        when revenue_method = 'straight_line' and ends_on >= started_on
            then ratio(status_date - started_on + 1, ends_on - started_on + 1)
        when revenue_method = 'milestone' and has_amounts
            then ratio(
                milestones_reached,
                case when milestones_planned is not null then greatest(milestones_planned, transaction_price) end
            )
        when revenue_method = 'milestone' then share_of_weights
        when revenue_method = 'cost_to_cost' and eac_for_progress > material_expected
            then ratio(cost_for_progress - material_to_date, eac_for_progress - material_expected)
    end as measured_progress
from stated;

create or replace table work.contract as
with estimated as (
    -- the estimate of the report before, for the catch-up
    select
        *,
        lag(transaction_price) over earlier as price_before,
        lag(eac_for_progress) over earlier as eac_before,
        lag(material_expected) over earlier as material_before,
        lag(started_on) over earlier as started_before,
        lag(ends_on) over earlier as ends_before,
        clamped(measured_progress) as progress
    from work.contract_priced
    window earlier as (partition by project_id order by status_date)
), earned as (
    select
        *,
        money(case revenue_method
            when 'cost_to_cost'
                then progress * (transaction_price - material)::double + material_to_date::double
            else progress * transaction_price::double
        end) as revenue_recognised,
        money(case revenue_method
            when 'cost_to_cost'
                then clamped(ratio(cost_for_progress - material_to_date, at_least_0(eac_before - material_before)))
                    * (price_before - greatest(material_before, material_to_date))::double
                    + material_to_date::double
            when 'straight_line'
                then clamped(ratio(status_date - started_before + 1, ends_before - started_before + 1))
                    * price_before::double
            else progress * price_before::double
        end) as revenue_at_estimate_before
    from estimated
)
select
    *,
    eac_for_progress + waste_to_come > transaction_price as is_onerous,
    money(case
        when eac_for_progress + waste_to_come <= transaction_price then 0
        when eac_for_progress + waste_to_come > transaction_price
            then (eac_for_progress - transaction_price)::double * (1 - progress) + waste_to_come::double
    end) as provision_onerous
from earned;

create or replace table work.contract_book as
with year_before as (
    -- revenue recognised a year before; none where nothing was known of it yet
    select c.project_id, c.status_date, b.revenue_recognised
    from (select project_id, status_date, months_before(status_date, 12) as "on" from work.contract) c
    asof join (select * from work.contract where revenue_recognised is not null) b
      on b.project_id = c.project_id and c."on" >= b.status_date
)
select
    c.*,
    coalesce(
        last_value(c.revenue_recognised ignore nulls) over earlier, 0
    ) as revenue_before,
    coalesce(last_value(c.cost_of_sales ignore nulls) over earlier, 0) as cost_before,
    coalesce(last_value(c.provision_onerous ignore nulls) over earlier, 0) as provision_before,
    o.received as orders_received,
    o.received_12m as orders_12m,
    money(c.revenue_recognised - coalesce(y.revenue_recognised, 0)) as revenue_12m,
    k.billed,
    money(c.revenue_recognised - k.billed) as contract_position,
    money(case
        when o.received is not null and c.phase is distinct from 'cancelled'
            then at_least_0(
                case when c.transaction_price is not null then least(c.transaction_price, o.received) end
                - c.revenue_recognised
            )
        when c.phase in ('bid', 'cancelled') then 0
        else c.transaction_price - c.revenue_recognised
    end) as backlog,
    money(c.progress * (m.margin_as_sold - m.margin_forecast)::double) as profit_fade,
    d.* exclude (project_id, status_date)
from work.contract c
left join work.order_total o on o.project_id = c.project_id and o.status_date = c.status_date
left join year_before y on y.project_id = c.project_id and y.status_date = c.status_date
left join work.cash_total k on k.project_id = c.project_id and k.status_date = c.status_date
left join mart_margin m on m.project_id = c.project_id and m.status_date = c.status_date
left join work.dso d on d.project_id = c.project_id and d.status_date = c.status_date
window earlier as (
    partition by c.project_id order by c.status_date rows between unbounded preceding and 1 preceding
);

create or replace table mart_contract_position as
select
    project_id,
    status_date,
    currency,
    revenue_method,
    revenue_method_is_assumed,
    current_contract_value,
    transaction_price,
    price_source,
    eac_for_progress,
    material_expected,
    started_on,
    ends_on,
    progress,
    measured_progress <> progress as progress_is_clamped,
    revenue_recognised,
    money(revenue_recognised - revenue_before) as revenue_period,
    money(revenue_recognised - revenue_at_estimate_before) as catch_up,
    cost_of_sales,
    money(cost_of_sales - cost_before) as cost_of_sales_period,
    money(revenue_recognised - cost_of_sales) as gross_margin,
    ratio(revenue_recognised - cost_of_sales, positive(revenue_recognised)) as gross_margin_pct,
    money((revenue_recognised - revenue_before) - (cost_of_sales - cost_before)) as gross_margin_period,
    ratio(transaction_price - eac_for_progress, positive(transaction_price)) as lifetime_margin_pct,
    profit_fade,
    is_onerous,
    money(case when not is_onerous then 0 else eac_for_progress + waste_to_come - transaction_price end)
        as expected_loss,
    provision_onerous,
    money(provision_onerous - provision_before) as provision_period,
    money(revenue_recognised - cost_of_sales - provision_onerous) as result_after_provision,
    money(
        (revenue_recognised - revenue_before) - (cost_of_sales - cost_before) - (provision_onerous - provision_before)
    ) as result_period_after_provision,
    billed,
    contract_position,
    orders_received,
    backlog,
    money(backlog - lag(backlog) over reports + (revenue_recognised - revenue_before)) as backlog_added,
    orders_12m,
    revenue_12m,
    ratio(orders_12m, at_least_0(revenue_12m)) as book_to_bill,
    receivables,
    ratio(receivables, at_least_0(sales_3m)) * (status_date - months_before(status_date, 3)) as dso_days,
    ratio(receivables, at_least_0(sales_1m)) * (status_date - months_before(status_date, 1)) as dso_1m_days,
    ratio(receivables, at_least_0(sales_12m)) * (status_date - months_before(status_date, 12)) as dso_12m_days,
    ratio(receivables + receivables_before, at_least_0(2 * sales_3m))
        * (status_date - months_before(status_date, 3)) as dso_average_days,
    ratio(receivables + at_least_0(contract_position), at_least_0(sales_3m))
        * (status_date - months_before(status_date, 3)) as dso_with_contract_asset_days,
    count_back_days as dso_count_back_days
from work.contract_book
window reports as (partition by project_id order by status_date);
