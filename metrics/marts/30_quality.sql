-- work.quality_status: quality, safety, satisfaction, handover gates and upsell. work.report_status: what was reported.
-- grain  project × status date (one row per row of work.spine)
-- units  tests_passed_pct a fraction; satisfaction 0–10; ltifr_12m per million hours worked; upsell in project currency,
--        DECIMAL(18,4), at today's rate; all else counts
-- source quality, safety, satisfaction, handovers, opportunities, status_reports. Incidents are those of the newest interval
--        of the safety reports, over all suppliers; LTIFR counts lost-time incidents and fatalities (IOGP) of the intervals
--        that ended in the last twelve months. Satisfaction is the mean answer of the 30 days up to the newest one. A check
--        that does not say whether it is mandatory is. A register that was never delivered is unknown, an empty one none.

create or replace table work.quality_point as
select
    project_id,
    point,
    defects_critical,
    defects_major,
    defects_minor,
    tests_run,
    tests_passed,
    ratio(tests_passed, tests_run) as tests_passed_pct,
    slice_date as quality_on,
    [origin('quality', source, file, sheet, "row")] as refs
from in_force('quality', 'quality')
qualify row_number() over (partition by project_id, point order by slice_date desc, from_load desc, source) = 1;

create or replace table work.safety_interval as
with stated as (
    select *
    from timeline.safety
    qualify row_number() over (
        partition by project_id, slice_date, supplier_id order by from_load desc, source, "row"
    ) = 1
)
select
    project_id,
    slice_date as point,
    sum(lost_time_incidents)::bigint as lost_time_incidents,
    sum(fatalities)::bigint as fatalities,
    sum(hours_worked::decimal(18, 4)) as hours_worked,
    list(origin('safety', source, file, sheet, "row") order by lost_time_incidents desc nulls last, supplier_id) as refs
from stated
group by project_id, slice_date;

create or replace table work.safety_point as
select
    *,
    ratio(
        sum(coalesce(lost_time_incidents, 0) + coalesce(fatalities, 0)) over year * 1e6,
        sum(hours_worked) over year
    ) as ltifr_12m
from work.safety_interval
window year as (
    partition by project_id order by point range between interval 364 days preceding and current row
);

create or replace table work.satisfaction_status as
with answer as (
    select
        s.project_id,
        s.status_date,
        a.surveyed_on,
        a.score,
        a.complaints_open,
        max(a.surveyed_on) over (partition by s.project_id, s.status_date) as newest_on,
        origin('satisfaction', a.source, a.file, a.sheet, a."row") as ref
    from work.spine s
    join timeline.satisfaction a
      on a.project_id = s.project_id and a.surveyed_on <= s.status_date and a.slice_date <= s.status_date
     and (a.valid_to is null or s.status_date < a.valid_to)
)
select
    project_id,
    status_date,
    avg(score order by score) as satisfaction,
    any_value(newest_on) as satisfaction_on,
    max(complaints_open) filter (where surveyed_on = newest_on)::bigint as complaints_open,
    list(ref order by surveyed_on desc, ref."row")[:20] as refs
from answer
where surveyed_on > newest_on - 30
group by project_id, status_date;

create or replace table work.handover_status as
with held as (
    select *
    from in_force('handovers', 'handovers')
    qualify row_number() over (
        partition by project_id, point, gate, check_id order by slice_date desc, from_load desc, source
    ) = 1
), judged as (
    select
        d.project_id,
        d.status_date,
        h.gate,
        h.check_id,
        h.due_on,
        coalesce(h.mandatory, true) as is_mandatory,
        coalesce(h.done_on <= d.status_date, false) as is_done,
        origin('handovers', h.source, h.file, h.sheet, h."row") as ref
    from reported_at('handovers') d
    left join held h on h.project_id = d.project_id and h.point = d.point
)
select
    project_id,
    status_date,
    -- checks that are open and have no date say nothing
    case
        when count(*) filter (where check_id is null or not is_mandatory or is_done or due_on is not null) > 0
            then count(*) filter (where is_mandatory and not is_done and due_on < status_date)
    end as handover_checks_overdue,
    list(ref order by due_on, check_id, gate) filter (where is_mandatory and not is_done and due_on < status_date) as overdue_refs,
    list(ref order by due_on, check_id, gate) filter (where check_id is not null) as refs
from judged
group by project_id, status_date;

create or replace table work.upsell_point as
with held as (
    select *
    from in_force('opportunities', 'opportunities')
    qualify row_number() over (
        partition by project_id, point, opportunity_id order by slice_date desc, from_load desc, source
    ) = 1
), money as (
    select
        p.project_id,
        p.point,
        h.opportunity_id,
        h.probability,
        in_project_currency(h.value, h.currency, s.currency, r.closing) as amount,
        -- stated, but in a currency without a rate
        h.value is not null and amount is null as is_lost
    from (select project_id, point from work.point where "key" = 'opportunities') p
    join work.spine s on s.project_id = p.project_id and s.status_date = p.point
    left join held h on h.project_id = p.project_id and h.point = p.point
    left join work.rate r
      on r.project_id = p.project_id and r.status_date = p.point and r.currency = h.currency
)
select
    project_id,
    point,
    case when count(opportunity_id) = 0 then 0 when not bool_or(is_lost) then sum(amount) end::decimal(18, 4) as upsell_pipeline,
    case when count(opportunity_id) = 0 then 0 when not bool_or(is_lost) then sum((amount::double * probability)::decimal(18, 4)) end::decimal(18, 4)
        as upsell_weighted
from money
group by project_id, point;

create or replace table work.quality_status as
select
    s.project_id,
    s.status_date,
    q.defects_critical,
    q.defects_major,
    q.defects_minor,
    q.tests_run,
    q.tests_passed,
    q.tests_passed_pct,
    f.lost_time_incidents,
    f.fatalities,
    f.ltifr_12m,
    a.satisfaction,
    a.satisfaction_on,
    a.complaints_open,
    h.handover_checks_overdue,
    u.upsell_pipeline,
    u.upsell_weighted,
    q.refs as quality_refs,
    f.refs as safety_refs,
    a.refs as satisfaction_refs,
    case when len(h.overdue_refs) > 0 then h.overdue_refs else h.refs[:20] end as handover_refs
from work.spine s
asof left join (select * from work.point where "key" = 'quality') p
  on p.project_id = s.project_id and s.status_date >= p.point
left join work.quality_point q on q.project_id = p.project_id and q.point = p.point
asof left join work.safety_point f on f.project_id = s.project_id and s.status_date >= f.point
asof left join work.upsell_point u on u.project_id = s.project_id and s.status_date >= u.point
left join work.satisfaction_status a on a.project_id = s.project_id and a.status_date = s.status_date
left join work.handover_status h on h.project_id = s.project_id and h.status_date = s.status_date;

create or replace table work.report_point as
select
    project_id,
    point,
    slice_date as reported_on,
    reported_cost,
    reported_scope,
    reported_schedule,
    reported_quality,
    reported_overall,
    forecast_finish as reported_forecast_finish,
    summary as reported_summary,
    achievements as reported_achievements,
    next_steps as reported_next_steps,
    decisions_requested as reported_decisions,
    reported_by
from in_force('status_reports', 'status_reports')
qualify row_number() over (partition by project_id, point order by slice_date desc, from_load desc, source) = 1;

create or replace table work.report_status as
select s.project_id, s.status_date, r.* exclude (project_id, point)
from work.spine s
asof left join (select * from work.point where "key" = 'status_reports') p
  on p.project_id = s.project_id and s.status_date >= p.point
left join work.report_point r on r.project_id = p.project_id and r.point = p.point;
