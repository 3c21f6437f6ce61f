-- work.ev_point: where the work stands in money and in time. work.ev_schedule: the same for every period of a curve.
-- grain  ev_point: basis × project × point; ev_schedule: basis × project × point × period with an earned value
-- units  money in project currency, DECIMAL(18,4) (see has_money); durations in periods, DOUBLE; ratios unrounded
-- source Lipke, Earned Schedule: ES is the time at which the plan first reached the earned value, interpolated within the
--        period; from BAC on it is the planned duration (the first period in which the plan reaches BAC, or its peak where
--        it never does). An earned value above the plan's peak but below BAC stands at the peak: es_note above_plan.
--        AT runs from the axis's start to data_date, linear within a period, never below zero; beyond the last period the
--        last cadence goes on; once all is earned it stops at the period in which that happened (completed_n, where the
--        periods tell), so that a finished project gets no later. A planned value in a currency without a rate leaves the
--        plan's course, and all that is read from it, unknown. Earned value that was not measured comes from milestone weights, else from sites.

-- The last period's successors: the cadence goes on in months where period ends are month ends, else in days.
create or replace temp macro periods_after("day", last_end, cadence_months, cadence_days) as
    case
        when cadence_months is not null
            then (
                datediff('month', last_end, "day")
                + case when is_month_end("day") then 0 else extract(day from "day") / extract(day from last_day("day"))::double - 1 end
            ) / cadence_months::double
        else ("day" - last_end) / nullif(cadence_days, 0)::double
    end;

create or replace temp macro day_after(periods, last_end, cadence_months, cadence_days) as
    case
        when periods * coalesce(cadence_months * 31, cadence_days) > 36525 then null
        when cadence_months is not null
            then last_day(last_end + to_months(floor(periods * cadence_months + 1e-9)::int)) + ceil(
                (periods * cadence_months - floor(periods * cadence_months + 1e-9))
                * extract(day from last_day(last_end + to_months(floor(periods * cadence_months + 1e-9)::int + 1)))
                - 1e-6
            )::int
        else last_end + ceil(periods * cadence_days - 1e-6)::int
    end;

create or replace table work.ev_point as
with derived as (
    -- earned_value came without an earned value: the share of milestone weights, else of sites, done by data_date
    select
        a.project_id,
        a.point,
        p."key" as basis,
        sum(e.share) filter (where e.done_on <= a.data_date) as share,
        count(e.share) as events
    from work.ev_axis a
    join (values ('milestones'), ('sites')) k ("key") on true
    asof join work.point p
      on p.project_id = a.project_id and p."key" = k."key" and a.point >= p.point
    join work.ev_event e on e.basis = p."key" and e.project_id = p.project_id and e.point = p.point
    where a.basis = 'earned_value' and a.stated_ev is null
    group by a.project_id, a.point, p."key"
), filled as (
    select
        project_id,
        point,
        arg_min(basis, basis) as basis,
        arg_min(coalesce(share, 0), basis) as share
    from derived
    where events > 0
    group by project_id, point
), planned as (
    -- a derived curve is known to the day
    select
        e.basis, e.project_id, e.point,
        coalesce(sum(e.share) filter (where e.planned_on <= e.point), 0) as share,
        coalesce(sum(e.share) filter (where e.done_on <= e.point), 0) as done_share
    from work.ev_event e
    group by e.basis, e.project_id, e.point
), placed as (
    select
        a.*,
        case
            when a.stated_ev is not null and a.basis = 'earned_value' then 'measured'
            when a.basis <> 'earned_value' then a.basis
            else coalesce(f.basis, 'none')
        end as ev_method,
        case
            when a.basis <> 'earned_value' then (a.bac::double * p.done_share)::decimal(18, 4)
            else coalesce(a.stated_ev, (a.bac::double * f.share)::decimal(18, 4))
        end as ev,
        coalesce(c.previous_end, a.axis_start) as period_start,
        c.n,
        c.period_end,
        c.pv as period_pv,
        c.previous_pv,
        p.share as planned_share
    from work.ev_axis a
    left join filled f on a.basis = 'earned_value' and f.project_id = a.project_id and f.point = a.point
    left join planned p on p.basis = a.basis and p.project_id = a.project_id and p.point = a.point
    asof left join work.ev_curve c
      on c.basis = a.basis and c.project_id = a.project_id and c.point = a.point and a.data_date <= c.period_end
), timed as (
    select
        * exclude (period_start, n, period_end, period_pv, previous_pv, planned_share),
        case
            when data_date <= axis_start then 0
            when n is null then periods + periods_after(data_date, last_end, cadence_months, cadence_days)
            when data_date = period_end then n
            else n - 1 + (data_date - period_start) / (period_end - period_start)::double
        end::double as actual_time,
        case
            when basis <> 'earned_value' then (bac::double * planned_share)::decimal(18, 4)
            when data_date <= axis_start then 0
            when n is null then last_pv
            when data_date = period_end then period_pv
            when is_pv_lost then null
            else (
                previous_pv::double
                + (period_pv - previous_pv)::double * (data_date - period_start) / (period_end - period_start)::double
            )::decimal(18, 4)
        end::decimal(18, 4) as pv
    from placed
), height as (
    select * from work.ev_curve where is_new_height
), peak as (
    select basis, project_id, point, max(n) as n from height group by all
), below as (
    select c.basis, c.project_id, c.point, max(c.n) as n
    from work.ev_curve c
    join placed p using (basis, project_id, point)
    where c.n <= p.cut and c.ev < p.bac
    group by all
), done as (
    select c.basis, c.project_id, c.point, min(c.n) as n
    from work.ev_curve c
    join placed p using (basis, project_id, point)
    left join below b using (basis, project_id, point)
    where p.ev >= p.bac and c.n <= p.cut and c.ev >= p.bac and (b.n is null or c.n > b.n)
    group by all
), reached as (
    select
        t.* replace (case when d.n < t.actual_time then d.n else t.actual_time end as actual_time),
        d.n as completed_n,
        coalesce(b.n, k.n) as planned_duration,
        h.n as es_n,
        h.pv as es_pv,
        h.previous_pv as es_previous_pv,
        k.n as peak_n
    from timed t
    left join done d using (basis, project_id, point)
    left join peak k using (basis, project_id, point)
    asof left join height b
      on b.basis = t.basis and b.project_id = t.project_id and b.point = t.point and t.bac <= b.pv
    asof left join height h
      on h.basis = t.basis and h.project_id = t.project_id and h.point = t.point and t.ev <= h.pv
)
select
    * exclude (es_n, es_pv, es_previous_pv, peak_n, is_pv_lost)
        replace (case when not is_pv_lost then planned_duration end as planned_duration),
    not is_pv_lost as is_plan_known,
    case
        when ev is null or top_pv is null or is_pv_lost then null
        when ev <= 0 then 0
        when ev >= bac then planned_duration
        when es_n is null then peak_n
        else es_n - 1 + ratio(ev - es_previous_pv, es_pv - es_previous_pv)
    end::double as earned_schedule,
    case
        when ev > 0 and ev < bac and es_n is null and peak_n is not null then 'above_plan'
        when top_pv < bac then 'plan_below_budget'
    end as es_note
from reached;

-- The same ES for each period, so that one delivery shows how SPI(t) came to be what it is.
create or replace table work.ev_schedule as
with height as (
    select * from work.ev_curve where is_new_height
), earned as (
    select c.basis, c.project_id, c.point, c.n, c.ev, p.bac, p.planned_duration
    from work.ev_curve c
    join work.ev_point p using (basis, project_id, point)
    where c.ev is not null and c.n <= p.cut and p.is_plan_known
)
select
    e.basis,
    e.project_id,
    e.point,
    e.n,
    case
        when e.ev <= 0 then 0
        when e.ev >= e.bac then e.planned_duration
        when h.n is null then e.planned_duration
        else h.n - 1 + ratio(e.ev - h.previous_pv, h.pv - h.previous_pv)
    end::double as earned_schedule
from earned e
asof left join height h
  on h.basis = e.basis and h.project_id = e.project_id and h.point = e.point and e.ev <= h.pv;
