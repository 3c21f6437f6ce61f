-- mart_data_quality: what cannot be right in the data, beside the figure it touches.
-- grain  project × status date × check; only what was found
-- units  value in `unit` (money in project currency); detail: what it is about, as the source names it
-- source the areas. metric: the column of mart_project_status it touches. severity: error (a figure is wrong or unknown by
--        it), warning (a figure may be), info (worth a look). A finding stays until a later delivery puts it right.
--        ev_falls, cost_without_progress: against the earned value before, curves_fall: within one delivery. unit_slip: an
--        amount 200 times the one before or more, or as much smaller; of a single line of the finances, or of one order,
--        change, risk, opportunity, acceptance, invoice or milestone in its next delivery, between 500 and 2000 times. It
--        stands for three reports, or until the amount slips back. *_high: an index above index_upper_bound. rate_jump: an
--        exchange rate three times the one before, or a third; rate_inverted: eight percent from it and within three of its inverse.
--        Both stand for 91 days, or until the next jump. risk_incomplete, opportunity_incomplete: open, without probability
--        or without any impact, and therefore no part of the exposure.
--        report_missing: twice the project's own cadence, and more than a month and a half. delivered_in_future: the status
--        date was still to come when the delivery was made (delivered_at, else the load), in UTC.

-- The earned value of each status, and the one before it as it was known by then.
create or replace table work.ev_delivery as
with stood as (
    select project_id, status_date, ev_status_date, ev, ac, bac, percent_complete
    from work.status
    where ev_method = 'measured' and ev_status_date is not null
), compared as (
    select
        s.project_id,
        s.status_date,
        arg_max(p, {'on': p.ev_status_date, 'seen': p.status_date}) as before
    from stood s
    join stood p
      on p.project_id = s.project_id and p.status_date < s.status_date and p.ev_status_date < s.ev_status_date
    group by s.project_id, s.status_date
)
select s.*, c.before.ev_status_date as date_before, c.before.ev as ev_before, c.before.ac as ac_before
from stood s
left join compared c using (project_id, status_date);

-- Amounts in series, each with the days on which it stood: those of a status, a single line of the finances, which may slip
-- unseen in its sum, and single orders, changes and the like from delivery to delivery.
create or replace view work.series as
with amount as (
    unpivot (
        select
            project_id, status_date, bac, pv, ev, ac, contract_value, revenue_forecast, cost_forecast, revenue_as_sold,
            cost_as_sold, revenue_baseline, cost_baseline
        from work.status
    ) on * exclude (project_id, status_date) into name metric value amount
), item as (
    select 'cost_without_order' as metric, 'amount' as part, order_id as detail, amount, project_id, source, currency, slice_date, valid_to,
        origin('orders', source, file, sheet, "row") as ref
    from timeline.orders
    union all
    select 'open_changes_value', p.part, change_id, p.amount, project_id, source, currency, slice_date, valid_to,
        origin('changes', source, file, sheet, "row")
    from timeline.changes, unnest([{'part': 'revenue', 'amount': revenue_impact}, {'part': 'cost', 'amount': cost_impact}]) u (p)
    union all
    select case kind when 'opportunity' then 'opportunity_exposure' else 'risk_exposure' end, p.part, risk_id, p.amount,
        project_id, source, currency, slice_date, valid_to, origin('risks', source, file, sheet, "row")
    from timeline.risks, unnest([{'part': 'before', 'amount': cost_impact}, {'part': 'residual', 'amount': residual_cost_impact}]) u (p)
    union all
    select 'unapproved_work', 'cost to date', change_id, cost_to_date, project_id, source, currency, slice_date, valid_to,
        origin('changes', source, file, sheet, "row")
    from timeline.changes
    union all
    select p.metric, p.part, milestone_id, p.amount, project_id, source, currency, slice_date, valid_to,
        origin('milestones', source, file, sheet, "row")
    from timeline.milestones, unnest([
        {'metric': 'current_contract_value', 'part': 'revenue', 'amount': revenue_amount},
        {'metric': 'ld_probable', 'part': 'base', 'amount': ld_base}
    ]) u (p)
    union all
    select 'overdue_receivables', p.part, invoice_id, p.amount, project_id, source, currency, slice_date, valid_to,
        origin('invoices', source, file, sheet, "row")
    from timeline.invoices, unnest([{'part': 'paid', 'amount': paid_amount}, {'part': 'tax', 'amount': tax_amount}]) u (p)
    union all
    select 'upsell_pipeline', 'value', opportunity_id, value, project_id, source, currency, slice_date, valid_to,
        origin('opportunities', source, file, sheet, "row")
    from timeline.opportunities
    union all
    select 'unbilled', 'value', acceptance_id, value, project_id, source, currency, slice_date, valid_to,
        origin('acceptances', source, file, sheet, "row")
    from timeline.acceptances
    union all
    select 'overdue_receivables', 'amount', invoice_id, amount, project_id, source, currency, slice_date, valid_to,
        origin('invoices', source, file, sheet, "row")
    from timeline.invoices
)
select
    project_id, metric, metric as detail, '' as part, '' as source, '' as currency, true as is_total,
    status_date as "day", status_date + 1 as until, amount, null as ref
from amount
union all
select
    project_id, case when line = 'revenue' then 'revenue_' else 'cost_' end || scenario, line, '', '', coalesce(currency, ''),
    false, status_date, status_date + 1, native, null
from work.financial
where scenario in ('as_sold', 'budget', 'baseline', 'forecast', 'actual')
union all
select project_id, metric, detail, part, source, coalesce(currency, ''), false, slice_date, valid_to, amount, ref
from item
where amount <> 0;

-- The statuses at which an amount stands that slipped, in units, against the one before it in its series.
create or replace table work.slip as
with varied as (
    -- few series vary that much at all
    select project_id, metric, detail, part, source, currency
    from work.series
    where amount <> 0
    group by all
    having max(abs(amount)) >= 200 * min(abs(amount))::decimal(30, 4)
), stepped as (
    select
        s.*,
        abs(ratio(nullif(s.amount, 0), lag(s.amount) over earlier)) as times,
        row_number() over earlier as "no"
    from work.series s
    semi join varied using (project_id, metric, detail, part, source, currency)
    window earlier as (
        partition by s.project_id, s.metric, s.detail, s.part, s.source, s.currency order by s."day"
    )
), turned as (
    select
        *,
        case
            when is_total and times >= 200 or times between 500 and 2000 then 1
            when is_total and times <= 1 / 200.0 or times between 1 / 2000.0 and 1 / 500.0 then -1
            else 0
        end as turn
    from stepped
), lately as (
    select
        *,
        sum(turn) over so_far as turns,
        arg_max(times, "no") filter (turn <> 0) over so_far as slipped
    from turned
    window so_far as (
        partition by project_id, metric, detail, part, source, currency
        order by "no" rows between 2 preceding and current row
    )
)
select s.project_id, s.status_date, l.metric, l.detail, l.is_total, l.slipped as times, l.ref
from lately l
join work.spine s
  on s.project_id = l.project_id and s.status_date >= l."day" and (l.until is null or s.status_date < l.until)
where l.turns <> 0;

create or replace table work.rate_step as
with stated as (
    select
        currency, basis, rate_date,
        arg_max(per_usd, {'load': from_load, 'source': source})::double as per_usd,
        arg_max(origin('fx_rates', source, file, sheet, "row"), {'load': from_load, 'source': source}) as ref
    from timeline.fx_rates
    where currency <> 'USD' and per_usd > 0
    group by currency, basis, rate_date
), stepped as (
    select *, per_usd / lag(per_usd) over series as times, per_usd * lag(per_usd) over series as product
    from stated
    window series as (partition by currency, basis order by rate_date)
), jumped as (
    select
        *,
        lead(rate_date) over series as next_jump,
        coalesce(
            rate_date - lag(rate_date) over series <= 91 and abs(ln(times) + ln(lag(times) over series)) <= ln(1.5), false
        ) as is_back
    from stepped
    where abs(ln(times)) >= ln(3) or (abs(ln(times)) >= ln(1.08) and abs(ln(product)) <= 0.03)
    window series as (partition by currency, basis order by rate_date)
), paired as (
    -- of jumps to and fro every other one only takes back the one before
    select *, row_number() over (partition by currency, basis, course order by rate_date) as place
    from (
        select *, count(*) filter (not is_back) over (partition by currency, basis order by rate_date) as course from jumped
    )
)
select
    currency, basis, rate_date, least(rate_date + 91, coalesce(next_jump, date '9999-12-31')) as until,
    times, abs(ln(times)) >= ln(3) as is_far, ref
from paired
where place % 2 = 1;

create or replace table work.rate_fault as
with used as (
    select project_id, status_date, currency, true as is_own from work.spine where currency <> 'USD'
    union all
    select project_id, status_date, currency, false from work.rate where currency <> 'USD'
)
select
    u.project_id,
    u.status_date,
    r.is_far,
    bool_or(u.is_own) as is_own,
    max_by(r.times, {'size': abs(ln(r.times)), 'currency': r.currency, 'basis': r.basis}) as times,
    string_agg(distinct r.currency, ', ' order by r.currency) as currencies,
    list_distinct(list(r.ref order by r.currency, r.basis)) as refs
from used u
join work.rate_step r on r.currency = u.currency and u.status_date >= r.rate_date and u.status_date < r.until
group by u.project_id, u.status_date, r.is_far;

create or replace table work.curve_fault as
with stepped as (
    select
        project_id,
        point,
        period_end,
        previous_end,
        pv < previous_pv as pv_falls,
        ev < lag(ev) over periods as ev_falls,
        ac < lag(ac) over periods as ac_falls,
        datediff('month', previous_end, period_end) as months,
        period_end - previous_end as days
    from work.ev_curve
    where basis = 'earned_value'
    window periods as (partition by project_id, point order by n)
), judged as (
    -- in months, where these are a period's measure, else in days
    select
        *,
        case when median(months) over whole >= 1 then months else days end as step,
        case when median(months) over whole >= 1 then median(months) over whole else median(days) over whole end as cadence
    from stepped
    window whole as (partition by project_id, point)
)
select
    project_id,
    point,
    count(*) filter (pv_falls or ev_falls or ac_falls) as falls,
    min(period_end) filter (pv_falls or ev_falls or ac_falls) as falls_on,
    case when bool_or(ev_falls) then 'ev' when bool_or(ac_falls) then 'ac' else 'pv' end as falling,
    (sum(round(step / cadence) - 1) filter (cadence > 0 and step >= 2 * cadence))::bigint as missing,
    min(period_end) filter (cadence > 0 and step >= 2 * cadence) as missing_before
from judged
group by project_id, point;

create or replace table work.currency_mix as
select t.project_id, t.point, string_agg(distinct coalesce(t.currency, s.currency), ', ' order by coalesce(t.currency, s.currency)) as currencies
from in_force('earned_value', 'earned_value') t
join work.spine s on s.project_id = t.project_id and s.status_date = t.point
group by t.project_id, t.point
having count(distinct coalesce(t.currency, s.currency)) > 1;

-- Ids that rows name and their own table has not told of by then.
create or replace table work.unknown_id as
with named as (
    select 'unknown_milestone' as check_id, project_id, milestone_id as id, slice_date, valid_to,
        origin('delays', source, file, sheet, "row") as ref
    from timeline.delays where milestone_id is not null
    union all
    select 'unknown_milestone', project_id, milestone_id, slice_date, valid_to, origin('acceptances', source, file, sheet, "row")
    from timeline.acceptances where milestone_id is not null
    union all
    select 'unknown_milestone', project_id, milestone_id, slice_date, valid_to, origin('invoices', source, file, sheet, "row")
    from timeline.invoices where milestone_id is not null
    union all
    select 'unknown_supplier', project_id, supplier_id, slice_date, valid_to, origin('sites', source, file, sheet, "row")
    from timeline.sites where supplier_id is not null
    union all
    select 'unknown_supplier', project_id, supplier_id, slice_date, valid_to, origin('safety', source, file, sheet, "row")
    from timeline.safety where supplier_id is not null
    union all
    select 'unknown_programme', project_id, programme_id, slice_date, valid_to, origin('projects', source, file, sheet, "row")
    from timeline.projects where programme_id is not null
), told as (
    select 'unknown_milestone' as check_id, project_id, milestone_id as id, min(slice_date) as first_on
    from timeline.milestones group by all
    union all
    select 'unknown_supplier', project_id, supplier_id, min(slice_date) from timeline.subcontracts group by all
    union all
    select 'unknown_programme', null, programme_id, min(slice_date)
    from timeline.programmes where not coalesce(is_stub, false) group by all
)
select n.*, t.first_on
from named n
left join told t
  on t.check_id = n.check_id and t.id = n.id and t.project_id is not distinct from case when n.check_id <> 'unknown_programme' then n.project_id end
where t.first_on is null or t.first_on > n.slice_date;

create or replace table mart_data_quality as
with slipped as (
    select *
    from work.slip
    qualify row_number() over (partition by project_id, status_date order by is_total desc, abs(ln(abs(times))) desc, metric, detail) = 1
), reached as (
    select distinct project_id, spine_date as status_date, actual_date from work.milestone_asof where is_met
), milestone as (
    select
        project_id,
        spine_date as status_date,
        count(*) filter (actual_date > spine_date) as in_future,
        string_agg(milestone_id, ', ' order by milestone_id) filter (actual_date > spine_date) as in_future_ids,
        list_distinct(flatten(list(source_refs) filter (actual_date > spine_date))) as in_future_refs,
        count(*) filter (not is_met and actual_date is null and forecast_date < reported_on) as overtaken,
        string_agg(milestone_id, ', ' order by milestone_id)
            filter (not is_met and actual_date is null and forecast_date < reported_on) as overtaken_ids,
        list_distinct(flatten(list(source_refs) filter (not is_met and actual_date is null and forecast_date < reported_on))) as overtaken_refs
    from work.milestone_asof
    group by project_id, spine_date
), incomplete as (
    select
        project_id,
        status_date,
        count(*) filter (kind = 'risk') as risks,
        string_agg(risk_id, ', ' order by risk_id) filter (kind = 'risk') as risk_ids,
        list(ref order by risk_id) filter (kind = 'risk') as risk_refs,
        count(*) filter (kind = 'opportunity') as opportunities,
        string_agg(risk_id, ', ' order by risk_id) filter (kind = 'opportunity') as opportunity_ids,
        list(ref order by risk_id) filter (kind = 'opportunity') as opportunity_refs
    from work.risk_status
    where is_open and is_incomplete
    group by project_id, status_date
), site as (
    select project_id, point, count(*) as in_future, list(origin('sites', source, file, sheet, "row") order by site_id)[:20] as refs
    from work.site_held
    where actual_on_air > point
    group by project_id, point
), early as (
    -- deliveries that came in before the day they speak of
    select d.project_id, d.slice_date as status_date, max(d.slice_date - d.delivered_on) as days, min(d.delivered_on) as delivered_on
    from timeline.slices d
    semi join work.slice s
      on s.table_name = d.table_name and s.project_id = d.project_id and s.slice_date = d.slice_date
    where d.delivered_on < d.slice_date
    group by d.project_id, d.slice_date
), unknown as (
    select
        u.check_id, s.project_id, s.status_date,
        count(distinct u.id) as ids,
        string_agg(distinct u.id, ', ' order by u.id) as names,
        list_distinct(list(u.ref order by u.id, u.ref))[:20] as refs
    from work.unknown_id u
    join work.spine s
      on s.project_id = u.project_id and s.status_date >= u.slice_date and (u.valid_to is null or s.status_date < u.valid_to)
     and (u.first_on is null or s.status_date < u.first_on)
    group by all
), silence as (
    -- the shortest time between two reports so far is the project's own cadence
    select
        project_id, status_date, previous_status_date,
        status_date - previous_status_date as gap,
        min(status_date - previous_status_date) over (
            partition by project_id order by status_date rows between unbounded preceding and 1 preceding
        ) as cadence
    from work.status
), unconverted as (
    select
        r.project_id,
        r.status_date,
        string_agg(distinct r.currency, ', ' order by r.currency) as currencies,
        arg_min(t.metric, t.place) as metric
    from work.rate r
    join work.stated_currency c
      on c.project_id = r.project_id and c.currency = r.currency and r.status_date >= c.slice_date
     and (c.valid_to is null or r.status_date < c.valid_to)
    left join (
        values
            ('financials', 'cost_forecast', 1), ('earned_value', 'ev', 2), ('risks', 'risk_exposure', 3),
            ('changes', 'open_changes_value', 4), ('milestones', 'ld_probable', 5), ('orders', 'cost_without_order', 6),
            ('invoices', 'overdue_receivables', 7), ('acceptances', 'unbilled', 8),
            ('opportunities', 'upsell_pipeline', 9), ('baselines', 'bac', 10)
    ) t (table_name, metric, place) using (table_name)
    -- what was planned or sold is at the as-sold rate alone, what is owed or at risk at today's alone
    where case
        when c.table_name in ('baselines', 'earned_value', 'tasks') then r.as_sold is null
        when c.table_name in ('financials', 'changes') then r.closing is null or r.as_sold is null
        else r.closing is null
    end
    group by r.project_id, r.status_date
), bound as (
    select status_date, index_upper_bound as upper, stale_after from work.rule_set_at
), found (project_id, status_date, check_id, severity, metric, value, unit, detail, kind, refs) as (
    select project_id, status_date, 'ev_falls', 'error', 'ev', (ev - ev_before)::double, 'money', strftime(date_before, '%Y-%m-%d'), 'ev_refs', null
    from work.ev_delivery where ev < ev_before
    union all
    select project_id, status_date, 'ev_above_bac', 'error', 'percent_complete', percent_complete, 'fraction', null, 'ev_refs', null
    from work.status where ev > bac
    union all
    select project_id, status_date, 'pv_above_bac', 'error', 'pv', percent_planned, 'fraction', null, 'ev_refs', null
    from work.status where pv > bac
    union all
    select project_id, status_date, 'cost_without_progress', 'warning', 'cpi', (ac - coalesce(ac_before, 0))::double, 'money', null, 'ev_refs', null
    from work.ev_delivery where ac > coalesce(ac_before, 0) and ev = coalesce(ev_before, 0) and coalesce(ev < bac, true)
    union all
    select project_id, status_date, 'progress_without_cost', 'warning', 'cpi', ev::double, 'money', null, 'ev_refs', null
    from work.ev_delivery where ev > 0 and ac = 0
    union all
    select project_id, status_date, 'actual_cost_missing', 'warning', 'ac', null, 'money', null, 'ev_refs', null
    from work.ev_delivery where ev > 0 and ac is null
    union all
    select project_id, status_date, 'negative_amount', 'error', case when bac < 0 then 'bac' when ev < 0 then 'ev' when ac < 0 then 'ac' else 'pv' end,
        least(bac, pv, ev, ac)::double, 'money', null, 'ev_refs', null
    from work.status where least(bac, pv, ev, ac) < 0
    union all
    select project_id, status_date, 'cpi_high', 'info', 'cpi', cpi, 'ratio', null, 'ev_refs', null
    from work.status join bound using (status_date) where cpi > upper
    union all
    select project_id, status_date, 'spi_high', 'info', 'spi', spi, 'ratio', null, 'ev_refs', null
    from work.status join bound using (status_date) where spi > upper
    union all
    select project_id, status_date, 'spi_t_high', 'info', 'spi_t', spi_t, 'ratio', null, 'ev_refs', null
    from work.status join bound using (status_date) where spi_t > upper
    union all
    select project_id, status_date, 'ev_old', 'warning', 'cpi', (status_date - ev_status_date)::double, 'days', strftime(ev_status_date, '%Y-%m-%d'), 'ev_refs', null
    from work.status join bound using (status_date)
    where status_date - ev_status_date > stale_after and coalesce(percent_complete < 1, true) and coalesce(phase, '') not in ('closed', 'cancelled')
    union all
    select c.project_id, c.status_date, 'curves_fall', 'error', f.falling, f.falls::double, 'count', strftime(f.falls_on, '%Y-%m-%d'), 'ev_refs', null
    from work.ev_choice c join work.curve_fault f using (project_id, point)
    where c.basis = 'earned_value' and f.falls > 0
    union all
    select c.project_id, c.status_date, 'periods_missing', 'warning', 'earned_schedule', f.missing::double, 'count', strftime(f.missing_before, '%Y-%m-%d'), 'ev_refs', null
    from work.ev_choice c join work.curve_fault f using (project_id, point)
    where c.basis = 'earned_value' and f.missing > 0
    union all
    select project_id, status_date, 'report_missing', 'warning', 'status_date', gap::double, 'days', strftime(previous_status_date, '%Y-%m-%d'), null, null
    from silence where gap > 45 and gap >= 2 * cadence
    union all
    select project_id, status_date, 'delivered_in_future', 'warning', 'status_date', days::double, 'days', strftime(delivered_on, '%Y-%m-%d'), null, null
    from early
    union all
    select c.project_id, c.status_date, 'currencies_mixed', 'warning', 'ev', null, 'count', m.currencies, 'ev_refs', null
    from work.ev_choice c join work.currency_mix m using (project_id, point)
    where c.basis = 'earned_value'
    union all
    select project_id, status_date, 'milestone_in_future', 'error', 'milestones_met', in_future::double, 'count', in_future_ids, null, in_future_refs
    from milestone where in_future > 0
    union all
    select project_id, status_date, 'milestone_overtaken', 'warning', 'forecast_finish', overtaken::double, 'count', overtaken_ids, null, overtaken_refs
    from milestone where overtaken > 0
    union all
    select p.project_id, p.status_date, 'site_in_future', 'error', 'sites_on_air', t.in_future::double, 'count', null, null, t.refs
    from reported_at('sites') p
    join site t on t.project_id = p.project_id and t.point = p.point
    union all
    select s.project_id, s.status_date, 'finish_in_past', 'error', 'forecast_finish', (s.status_date - s.forecast_finish)::double, 'days', strftime(s.forecast_finish, '%Y-%m-%d'), 'slip_refs', null
    from work.status s
    left join reached r on r.project_id = s.project_id and r.status_date = s.status_date and r.actual_date = s.forecast_finish
    where s.forecast_finish < s.forecast_as_of and r.project_id is null
      and coalesce(s.percent_complete < 1, true) and coalesce(s.phase, '') not in ('care', 'closed', 'cancelled')
    union all
    select project_id, status_date, 'reported_finish_in_past', 'error', 'forecast_finish', (reported_on - reported_forecast_finish)::double, 'days', strftime(reported_forecast_finish, '%Y-%m-%d'), null, null
    from work.status
    where reported_forecast_finish < reported_on and forecast_finish_source <> 'reported'
      and coalesce(percent_complete < 1, true) and coalesce(phase, '') not in ('care', 'closed', 'cancelled')
    union all
    select project_id, status_date, 'baseline_reversed', 'error', 'baseline_finish',
        (least(baseline_finish - baseline_start, original_baseline_finish - original_baseline_start))::double, 'days', null, 'slip_refs', null
    from work.status where baseline_finish < baseline_start or original_baseline_finish < original_baseline_start
    union all
    select project_id, status_date, 'no_baseline', 'warning', 'baseline_finish', null, 'days', null, null, null
    from work.status where baseline_finish is null and bac is null and phase in ('execute', 'handover')
    union all
    select project_id, status_date, 'baseline_undated', 'warning', 'baseline_finish', null, 'days', null, 'ev_refs', null
    from work.status
    where baseline_finish is null and bac is not null and coalesce(phase, '') not in ('bid', 'closed', 'cancelled')
    union all
    select project_id, status_date, 'risk_incomplete', 'warning', 'risk_exposure', risks::double, 'count', risk_ids, null, risk_refs
    from incomplete where risks > 0
    union all
    select project_id, status_date, 'opportunity_incomplete', 'warning', 'opportunity_exposure', opportunities::double, 'count',
        opportunity_ids, null, opportunity_refs
    from incomplete where opportunities > 0
    union all
    select s.project_id, s.status_date, 'revenue_above_contract', 'warning',
        case when s.revenue_forecast >= coalesce(m.revenue_actual, s.revenue_forecast) then 'revenue_forecast' else 'current_contract_value' end,
        (greatest(s.revenue_forecast, m.revenue_actual) - s.current_contract_value)::double, 'money', null, 'margin_refs', null
    from work.status s
    join mart_margin m using (project_id, status_date)
    where greatest(s.revenue_forecast, m.revenue_actual) > s.current_contract_value::decimal(30, 4) * 1.001
    union all
    select project_id, status_date, 'unit_slip', 'error', metric, times, 'ratio', detail, null, case when ref is not null then [ref] end
    from slipped
    union all
    select project_id, status_date, 'rate_jump', 'error', case when is_own then 'contract_value' else 'cost_forecast' end,
        times, 'ratio', currencies, null, refs
    from work.rate_fault where is_far
    union all
    select project_id, status_date, 'rate_inverted', 'warning', case when is_own then 'contract_value' else 'cost_forecast' end,
        times, 'ratio', currencies, null, refs
    from work.rate_fault where not is_far
    union all
    select u.project_id, u.status_date, 'rate_missing', 'error', case when l.project_id is null then coalesce(u.metric, 'contract_value') else 'ev' end,
        null, 'count', u.currencies, null, null
    from unconverted u
    left join (
        select distinct c.project_id, c.status_date
        from work.ev_choice c
        join work.ev_row r on r.project_id = c.project_id and r.point = c.point
        where c.basis = 'earned_value' and (r.is_pv_lost or r.is_ev_lost)
    ) l using (project_id, status_date)
    union all
    select s.project_id, s.status_date, 'usd_rate_missing', 'warning', 'contract_value', null, 'count', s.currency, null, null
    from work.status s
    left join fx_intervals i
      on i.currency = s.currency and i.basis = 'closing' and i.valid_from <= s.status_date and (i.valid_to is null or s.status_date < i.valid_to)
    where s.currency is not null and i.currency is null
    union all
    select project_id, status_date, 'currency_unknown', 'warning', 'contract_value', null, 'count', null, null, null
    from work.status where currency is null and (bac is not null or revenue_forecast is not null or contract_value is not null)
    union all
    select project_id, status_date, 'stub_project', 'warning', 'name', null, 'count', project_id, null, null
    from work.status where is_stub
    union all
    select project_id, status_date, check_id, 'warning', case check_id when 'unknown_milestone' then 'milestones_due' when 'unknown_supplier' then 'sites_on_air' else 'programme_id' end,
        ids::double, 'count', names, null, refs
    from unknown
)
select
    f.project_id,
    f.status_date,
    f.check_id,
    f.severity,
    f.metric,
    f.value,
    f.unit,
    f.detail,
    'dq.' || f.check_id as sentence_key,
    coalesce(f.refs, r.refs) as source_refs
from found f
left join work.status_ref r on r.project_id = f.project_id and r.status_date = f.status_date and r.kind = f.kind
order by f.project_id, f.status_date, f.check_id;
