-- mart_earned_value: every earned-value and earned-schedule measure. work.ev_status: those that the project status shows.
-- grain  project × status date (one row per row of work.spine)
-- units  money in project currency, DECIMAL(18,4); ratios and fractions DOUBLE, unrounded; durations in periods;
--        sv_pct, cv_pct, percent_* are fractions
-- source earned_value, baselines, financials, tasks. All at ev_status_date, which may be earlier than the status date.
--        EAC variants (DAU Gold Card): cpi = AC + (BAC - EV) / CPI, budget_rate = AC + (BAC - EV), composite = AC +
--        (BAC - EV) / (CPI × SPI), bottom_up = AC + the manager's ETC (finance forecast less actual). `eac` is the variant
--        that the setting eac_variant named at the status date; etc, vac and tcpi_eac follow it. Once EV = BAC every variant is AC, unknown
--        while AC is 0. TCPI is unknown once no budget is left but work is (tcpi_note budget_exhausted).

-- What finance forecasts and has booked, line by line in the row's own currency. Of several sources that state the same the
-- newest slice holds; where a line has no amount at completion (to date), its months are summed.
create or replace table work.cost_line as
with held as (
    select * from in_force_ever('financials', 'financials:forecast') where scenario = 'forecast'
    union all by name
    select * from in_force_ever('financials', 'financials:actual') where scenario = 'actual'
), one as (
    select h.* replace (coalesce(h.currency, s.currency) as currency), s.currency is null as is_nowhere
    from held h
    join work.spine s on s.project_id = h.project_id and s.status_date = h.point
    where h.line <> 'revenue'
      and (h.scenario = 'forecast' or h.period_end is null or date_trunc('month', h.period_end) <= h.point)
    qualify row_number() over (
        partition by h.project_id, h.point, h.scenario, h.line, coalesce(h.currency, s.currency), h.period_end
        order by h.slice_date desc, h.from_load desc, h.source, h."row"
    ) = 1
)
select
    project_id,
    point,
    scenario,
    line,
    currency,
    is_nowhere,
    coalesce(sum(amount) filter (period_end is null), sum(amount))::decimal(18, 4) as amount
from one
group by all;

-- An amount that is nothing needs no rate; amounts in several currencies of a project without one are unknown.
create or replace temp macro cost_in(amount, row_currency, project_currency, rate) as
    case when amount = 0 then 0::decimal(18, 4) else in_project_currency(amount, row_currency, project_currency, rate) end;

-- The manager's estimate to complete: the forecast's cost less the actual cost to date.
create or replace table work.manager_etc as
with placed as (
    select p.basis, p.project_id, p.point, k.scenario, f.point as finance_point
    from work.ev_point p
    cross join (values ('forecast'), ('actual')) k (scenario)
    asof join work.point f
      on f.project_id = p.project_id and f."key" = 'financials:' || k.scenario and p.data_date >= f.point
), total as (
    select
        p.basis,
        p.project_id,
        p.point,
        p.scenario,
        case
            when count(*) = count(cost_in(c.amount, c.currency, s.currency, r.closing))
             and (not bool_or(c.is_nowhere) or count(distinct c.currency) < 2)
                then sum(cost_in(c.amount, c.currency, s.currency, r.closing))
        end as cost
    from placed p
    join work.cost_line c on c.project_id = p.project_id and c.point = p.finance_point and c.scenario = p.scenario
    join work.spine s on s.project_id = p.project_id and s.status_date = p.point
    left join work.rate r
      on r.project_id = p.project_id and r.status_date = p.point and r.currency = c.currency
    group by p.basis, p.project_id, p.point, p.scenario
)
select
    basis,
    project_id,
    point,
    (max(cost) filter (scenario = 'forecast') - max(cost) filter (scenario = 'actual'))::decimal(18, 4) as etc
from total
group by basis, project_id, point;

-- Schedule adherence: P = sum of min(PV_i at ES, EV_i at AT) / sum of PV_i at ES, over tasks with a baseline cost, spread
-- evenly over their baseline days. The schedule may be up to 35 days older than the earned value.
create or replace table work.p_factor as
with moment as (
    -- where ES lies, in days after the axis's start
    select
        p.basis, p.project_id, p.point, p.data_date, p.axis_start,
        (coalesce(c.previous_end, p.axis_start) - p.axis_start)
        + (p.earned_schedule - (c.n - 1)) * (c.period_end - coalesce(c.previous_end, p.axis_start)) as es_day
    from work.ev_point p
    join work.ev_curve c
      on c.basis = p.basis and c.project_id = p.project_id and c.point = p.point
     and c.n = greatest(1, ceil(p.earned_schedule - 1e-9)::bigint)
    where p.earned_schedule > 0 and p.axis_start is not null
), dated as (
    select m.*, t.point as task_point
    from moment m
    asof join (select * from work.point where "key" = 'tasks') t
      on t.project_id = m.project_id and m.data_date >= t.point
    where m.data_date - t.point <= 35
), share as (
    select
        d.basis, d.project_id, d.point,
        t.baseline_cost::double as cost,
        greatest(0, least(1,
            (d.es_day - (t.baseline_start - 1 - d.axis_start)) / (t.baseline_finish - t.baseline_start + 1)::double
        )) as planned,
        case
            when t.is_complete then 1.0
            else coalesce(t.percent_complete, case when t.actual_start is null then 0.0 end)
        end as earned
    from dated d
    join work.task t on t.project_id = d.project_id and t.point = d.task_point
    where t.is_counted and t.baseline_cost > 0 and t.baseline_start <= t.baseline_finish
)
select
    basis,
    project_id,
    point,
    -- added in one order, so that the same rows always give the same last digit
    ratio(
        sum(cost * least(planned, earned) order by cost, planned, earned), sum(cost * planned order by cost, planned)
    ) as p_factor
from share
where earned is not null
group by basis, project_id, point;

create or replace table work.ev_measure as
with base as (
    select
        p.*,
        ratio(ev, positive(ac)) as cpi,
        ratio(ev, positive(pv)) as spi,
        ratio(earned_schedule, case when actual_time > 0 then actual_time end) as spi_t,
        earned_schedule - actual_time as sv_t,
        ev = bac and bac > 0 as is_complete,
        m.etc as manager_etc,
        f.p_factor
    from work.ev_point p
    left join work.manager_etc m using (basis, project_id, point)
    left join work.p_factor f using (basis, project_id, point)
), forecast as (
    select
        *,
        spi_t * cpi as sci_t,
        case
            when is_complete then nullif(ac, 0)
            when cpi > 0 then ac::double + (bac - ev)::double / cpi
        end as eac_cpi,
        case when is_complete then nullif(ac, 0) else ac + (bac - ev) end::decimal(18, 4) as eac_budget_rate,
        case
            when is_complete then nullif(ac, 0)
            when cpi > 0 and spi > 0 then ac::double + (bac - ev)::double / (cpi * spi)
        end as eac_composite,
        case when is_complete then nullif(ac, 0) else ac + manager_etc end::decimal(18, 4) as eac_bottom_up,
        case when spi_t > 0 then planned_duration / spi_t end as ieac_t,
        actual_time + planned_duration - earned_schedule as ieac_t_pf1
    from base
)
select
    *,
    case
        when actual_time > 0 and earned_schedule >= planned_duration then actual_time
        when sci_t > 0 then actual_time + (planned_duration - earned_schedule) / sci_t
    end as ieac_t_sci,
    case
        when is_complete then 0.0
        when bac - ac > 0 then ratio(bac - ev, bac - ac)
    end as tcpi_bac,
    case when bac - ac <= 0 and ev < bac then 'budget_exhausted' end as tcpi_note
from forecast;

-- A duration in periods as a day on the curve's own time axis.
create or replace table work.ev_finish as
with wanted as (
    select basis, project_id, point, periods, axis_start, last_end, cadence_months, cadence_days, kind, duration
    from work.ev_measure
    unpivot (duration for kind in (ieac_t, ieac_t_pf1, ieac_t_sci))
), placed as (
    select w.*, c.n, c.period_end, coalesce(c.previous_end, w.axis_start) as period_start
    from wanted w
    asof left join work.ev_curve c
      on c.basis = w.basis and c.project_id = w.project_id and c.point = w.point and w.duration - 1e-9 <= c.n::double
), dated as (
    select
        basis, project_id, point, kind,
        case
            when duration <= 0 then axis_start
            when n is null then day_after(duration - periods, last_end, cadence_months, cadence_days)
            when duration > n - 1e-9 then period_end
            else period_start + ceil((duration - (n - 1)) * (period_end - period_start) - 1e-6)::int
        end as finish
    from placed
)
select
    basis,
    project_id,
    point,
    max(finish) filter (where kind = 'ieac_t')::date as es_forecast_finish,
    max(finish) filter (where kind = 'ieac_t_pf1')::date as es_forecast_finish_pf1,
    max(finish) filter (where kind = 'ieac_t_sci')::date as es_forecast_finish_sci
from dated
group by basis, project_id, point;

-- Which curve speaks at each status date: the delivered one where rows of it are in force, else milestones, else sites.
create or replace table work.ev_choice as
select
    s.project_id,
    s.status_date,
    case
        when e.point is not null then 'earned_value'
        when m.point is not null then 'milestones'
        when w.point is not null then 'sites'
    end as basis,
    coalesce(e.point, m.point, w.point) as point
from work.spine s
asof left join (select * from work.point where "key" = 'earned_value') ep
  on ep.project_id = s.project_id and s.status_date >= ep.point
asof left join (select * from work.point where "key" = 'milestones') mp
  on mp.project_id = s.project_id and s.status_date >= mp.point
asof left join (select * from work.point where "key" = 'sites') wp
  on wp.project_id = s.project_id and s.status_date >= wp.point
left join work.ev_point e on e.basis = 'earned_value' and e.project_id = ep.project_id and e.point = ep.point
left join work.ev_point m on m.basis = 'milestones' and m.project_id = mp.project_id and m.point = mp.point
left join work.ev_point w on w.basis = 'sites' and w.project_id = wp.project_id and w.point = wp.point;

create or replace table mart_earned_value as
with variant as (
    select day as status_date, setting_at('eac_variant', day) as eac_variant
    from (select distinct status_date as day from work.spine)
), forecast as (
    select
        c.project_id,
        c.status_date,
        m.*  exclude (project_id),
        v.eac_variant,
        case v.eac_variant
            when 'cpi' then m.eac_cpi
            when 'budget_rate' then m.eac_budget_rate
            when 'composite' then m.eac_composite
            when 'bottom_up' then m.eac_bottom_up
            else error('The setting eac_variant is ' || v.eac_variant || ': use cpi, budget_rate, composite or bottom_up.')
        end as eac_unrounded
    from work.ev_choice c
    join variant v using (status_date)
    join work.ev_measure m on m.basis = c.basis and m.project_id = c.project_id and m.point = c.point
)
select
    s.project_id,
    s.status_date,
    case when m.point is null then 'none' else m.ev_method end as ev_method,
    m.data_date as ev_status_date,
    case when m.has_money then m.bac else b.baseline_cost end as bac,
    case when m.has_money then m.pv end as pv,
    case when m.has_money then m.ev end as ev,
    m.ac,
    case when m.has_money then (m.ev - m.ac)::decimal(18, 4) end as cv,
    case when m.has_money then (m.ev - m.pv)::decimal(18, 4) end as sv,
    ratio(m.ev - m.ac, positive(m.ev)) as cv_pct,
    ratio(m.ev - m.pv, positive(m.pv)) as sv_pct,
    m.cpi,
    m.spi,
    ratio(m.ev, positive(m.bac)) as percent_complete,
    ratio(m.pv, positive(m.bac)) as percent_planned,
    ratio(m.ac, positive(m.bac)) as percent_spent,
    m.eac_variant,
    try_cast(m.eac_unrounded as decimal(18, 4)) as eac,
    (try_cast(m.eac_unrounded as decimal(18, 4)) - m.ac)::decimal(18, 4) as etc,
    (m.bac - try_cast(m.eac_unrounded as decimal(18, 4)))::decimal(18, 4) as vac,
    ratio(m.bac - m.eac_unrounded, positive(m.bac)) as vac_pct,
    try_cast(m.eac_cpi as decimal(18, 4)) as eac_cpi,
    m.eac_budget_rate,
    try_cast(m.eac_composite as decimal(18, 4)) as eac_composite,
    m.eac_bottom_up,
    m.tcpi_bac,
    case
        when m.is_complete then 0.0
        when m.eac_unrounded - m.ac > 0 then ratio(m.bac - m.ev, m.eac_unrounded - m.ac)
    end as tcpi_eac,
    m.tcpi_note,
    m.earned_schedule,
    m.actual_time,
    m.planned_duration::double as planned_duration,
    m.sv_t,
    m.spi_t,
    m.sci_t,
    m.ieac_t,
    m.ieac_t_pf1,
    m.ieac_t_sci,
    f.es_forecast_finish,
    f.es_forecast_finish_pf1,
    f.es_forecast_finish_sci,
    m.es_note,
    m.p_factor
from work.spine s
left join forecast m using (project_id, status_date)
left join work.ev_finish f on f.basis = m.basis and f.project_id = m.project_id and f.point = m.point
left join work.baseline b on b.project_id = s.project_id and b.status_date = s.status_date;

-- The rows behind: the period's own and the baseline's; for a derived value, the milestones or (some) sites.
create or replace table work.ev_ref as
with used as (
    select distinct basis, project_id, point from work.ev_choice where basis is not null
), derived as (
    select
        u.basis, u.project_id, u.point,
        list(origin('milestones', h.source, h.file, h.sheet, h."row") order by h.actual_date desc, h.milestone_id)[:20] as refs
    from used u
    join work.ev_point p using (basis, project_id, point)
    asof join (select * from work.point where "key" = 'milestones') k
      on k.project_id = u.project_id and u.point >= k.point
    join work.milestone_held h on h.project_id = u.project_id and h.point = k.point and h.weight > 0
    where p.ev_method = 'milestones'
    group by u.basis, u.project_id, u.point
    union all
    select
        u.basis, u.project_id, u.point,
        list(origin('sites', h.source, h.file, h.sheet, h."row") order by h.actual_on_air desc, h.site_id)[:20]
    from used u
    join work.ev_point p using (basis, project_id, point)
    asof join (select * from work.point where "key" = 'sites') k
      on k.project_id = u.project_id and u.point >= k.point
    join work.site_held h on h.project_id = u.project_id and h.point = k.point
    where p.ev_method = 'sites'
    group by u.basis, u.project_id, u.point
)
select
    u.basis, u.project_id, u.point,
    list_concat(
        case when p.ref is not null then [p.ref] else [] end,
        list_concat(coalesce(d.refs, []), coalesce(p.baseline_refs, []))
    ) as refs
from used u
join work.ev_point p using (basis, project_id, point)
left join derived d using (basis, project_id, point);

create or replace table work.ev_status as
select
    m.project_id, m.status_date,
    m.bac, m.pv, m.ev, m.ac, m.cv, m.sv, m.cpi, m.spi, m.eac, m.etc, m.vac, m.tcpi_bac as tcpi,
    m.percent_complete, m.percent_planned, m.percent_spent, m.ev_method, m.ev_status_date,
    m.earned_schedule, m.sv_t, m.spi_t, m.es_forecast_finish,
    r.refs as ev_refs
from mart_earned_value m
left join work.ev_choice c using (project_id, status_date)
left join work.ev_ref r on r.basis = c.basis and r.project_id = c.project_id and r.point = c.point;
