-- work.schedule_status: baseline, forecast and slip of a project, its milestones and damages, its schedule's indices.
-- grain  project × status date (one row per row of work.spine)
-- units  *_days calendar days, positive = late, *_working_days* working days of the project's country; slip_share*
--        fractions of the baseline's duration (finish less start); damages in project currency, DECIMAL(18,4)
-- source the forecast and the baseline it is held against are one event: the finish milestone; else the schedule's last
--        finish against its own baseline, or the project's; else the last of the contractual, acceptance and gate
--        milestones (of all kinds where there are none of these); else the reported date. A source whose slice is more
--        than 35 days older than the newest loses its turn. forecast_moved_days: against the report before.
--        milestones due: baseline date up to the last report; met: reached by then and by their baseline date.
--        contract_days_late: the worst milestone that is still open, past its contract date plus granted days; without
--        contractual milestones, the forecast past contract_finish. damages_running: such a milestone with damages terms
--        is past that day already.

create or replace table work.milestone_asof as
with point as (
    select distinct project_id, status_date from work.milestone_status
)
select s.status_date as spine_date, s.finish_milestone_id, m.*
from work.spine s
asof join point p on p.project_id = s.project_id and s.status_date >= p.status_date
join work.milestone_status m on m.project_id = p.project_id and m.status_date = p.status_date
-- a newer slice may have taken every milestone away
where m.next_status_date is null or s.status_date < m.next_status_date;

create or replace table work.finish_candidate as
with last_milestone as (
    select *
    from (
        select *, bool_or(kind in ('contractual', 'acceptance', 'gate')) over (partition by project_id, spine_date) as has_kinds
        from work.milestone_asof
    )
    where expected_date is not null
      and (not coalesce(has_kinds, false) or kind in ('contractual', 'acceptance', 'gate'))
    qualify row_number() over (
        partition by project_id, spine_date
        order by expected_date desc, baseline_date desc nulls last, milestone_id
    ) = 1
), reported as (
    select project_id, point, forecast_finish, slice_date, origin('status_reports', source, file, sheet, "row") as ref
    from in_force('status_reports', 'status_reports')
    qualify row_number() over (partition by project_id, point order by slice_date desc, from_load desc, source) = 1
)
select
    project_id, spine_date as status_date, 1 as turn, 'finish_milestone' as source, slice_date as as_of,
    expected_date as finish, null::date as baseline_start,
    baseline_date as baseline_finish, original_date as original_finish, contract_date as contract_finish,
    days_excusable, source_refs as refs
from work.milestone_asof
where milestone_id = finish_milestone_id and expected_date is not null
union all
select
    p.project_id, p.status_date, 2, 'schedule', m.point, m.finish, m.baseline_start, m.baseline_finish, null, null, null,
    [m.finish_ref]
from reported_at('tasks') p
join work.schedule_measure m on m.project_id = p.project_id and m.point = p.point
where m.finish is not null
union all
select
    project_id, spine_date, 3, 'milestones', slice_date, expected_date, null, baseline_date, original_date, contract_date,
    days_excusable, source_refs
from last_milestone
union all
select
    p.project_id, p.status_date, 4, 'reported', r.slice_date, r.forecast_finish, null, null, null, null, null, [r.ref]
from reported_at('status_reports') p
join reported r on r.project_id = p.project_id and r.point = p.point
where r.forecast_finish is not null;

create or replace table work.finish_stated as
with chosen as (
    select *
    from (
        select *, max(as_of) over (partition by project_id, status_date) as newest from work.finish_candidate
    )
    where newest - as_of <= 35
    qualify row_number() over (partition by project_id, status_date order by turn) = 1
), own as (
    select spine_date, project_id, contract_date, days_excusable
    from work.milestone_asof
    where milestone_id = finish_milestone_id
), unnamed as (
    select project_id, point, sum(days_granted) as days_granted
    from work.delay_held
    where milestone_id is null
    group by project_id, point
)
select
    s.project_id,
    s.status_date,
    coalesce(s.country, '') as country,
    c.source as forecast_finish_source,
    c.as_of as forecast_as_of,
    c.finish as forecast_finish,
    coalesce(b.baseline_start, c.baseline_start) as baseline_start,
    coalesce(c.baseline_finish, b.baseline_finish) as baseline_finish,
    b.original_start as original_baseline_start,
    coalesce(c.original_finish, b.original_finish) as original_baseline_finish,
    coalesce(c.contract_finish, o.contract_date, s.contract_finish) as contract_finish,
    coalesce(c.days_excusable, o.days_excusable, u.days_granted, 0) as days_granted,
    coalesce(b.rebaseline_count, 0) as rebaseline_count,
    list_concat(coalesce(c.refs, []), coalesce(b.refs, [])) as refs
from work.spine s
left join work.baseline b using (project_id, status_date)
left join chosen c using (project_id, status_date)
left join own o on o.project_id = s.project_id and o.spine_date = s.status_date
asof left join (select * from work.point where "key" = 'milestones') d
  on d.project_id = s.project_id and s.status_date >= d.point
left join unnamed u on u.project_id = d.project_id and u.point = d.point;

create or replace table work.finish as
with previous as (
    -- the forecast before, as it was known by then
    select
        s.project_id,
        s.status_date,
        arg_max(p.forecast_finish, {'on': p.forecast_as_of, 'seen': p.status_date}) as previous_finish
    from work.finish_stated s
    join work.finish_stated p
      on p.project_id = s.project_id and p.status_date < s.status_date and p.forecast_as_of < s.forecast_as_of
    group by s.project_id, s.status_date
)
select
    j.*,
    p.previous_finish,
    (j.forecast_finish - p.previous_finish)::int as forecast_moved_days,
    (j.forecast_finish - j.baseline_finish)::int as slip_days,
    (j.forecast_finish - j.original_baseline_finish)::int as slip_days_original,
    ceil(j.forecast_finish - j.contract_finish - j.days_granted)::int as slip_days_contract,
    working_days(planned."number", ends."number") as slip_working_days,
    working_days(original."number", ends."number") as slip_working_days_original,
    working_days(contracted."number", ends."number") as slip_working_days_contract,
    working_days(before."number", ends."number") as forecast_moved_working_days
from work.finish_stated j
left join previous p using (project_id, status_date)
left join work.working_day planned on planned.country = j.country and planned."day" = j.baseline_finish
left join work.working_day original on original.country = j.country and original."day" = j.original_baseline_finish
left join work.working_day contracted
  on contracted.country = j.country and contracted."day" = j.contract_finish + ceil(j.days_granted)::int
left join work.working_day before on before.country = j.country and before."day" = p.previous_finish
left join work.working_day ends on ends.country = j.country and ends."day" = j.forecast_finish;

create or replace table work.milestone_count as
select
    project_id,
    spine_date as status_date,
    count(*) filter (where baseline_date <= reported_on) as milestones_due,
    count(*) filter (where baseline_date <= reported_on and is_met and actual_date <= baseline_date) as milestones_met,
    count(*) filter (where contract_date is not null) as contractual,
    count(*) filter (where contract_date is not null and not is_met) as open_contractual,
    max(days_late) filter (where not is_met) as worst_late,
    bool_or(not is_met and days_late > 0 and contract_date + ceil(coalesce(days_excusable, 0))::int < reported_on)
        filter (where ld_pct_per_week > 0 and contract_date is not null) as damages_running,
    -- the sum of late milestones whose damages are unknown is unknown too
    case when not coalesce(bool_or(ld_pct_per_week > 0 and days_late > 0 and ld_probable is null), false) then sum(ld_probable)
        end::decimal(18, 4) as ld_probable,
    -- damages without a cap have no maximum, and neither has their sum
    case when not coalesce(bool_or(ld_pct_per_week > 0 and ld_maximum is null), false) then sum(ld_maximum) end::decimal(18, 4)
        as ld_maximum,
    arg_max(source_refs, days_late) filter (where not is_met and days_late is not null) as contract_refs,
    list(source_refs[1] order by baseline_date, milestone_id) filter (
        where baseline_date <= reported_on and not (is_met and actual_date <= baseline_date)
    )[:20] as missed_refs,
    list(source_refs[1] order by milestone_id) filter (where ld_pct_per_week is not null)[:20] as damages_refs
from work.milestone_asof
group by project_id, spine_date;

create or replace table work.schedule_status as
with variant as (
    select day as status_date, setting_at('bei_variant', day) as bei_variant
    from (select distinct status_date as day from work.spine)
)
select
    f.project_id,
    f.status_date,
    f.baseline_start,
    f.baseline_finish,
    f.original_baseline_start,
    f.original_baseline_finish,
    f.contract_finish,
    f.forecast_finish,
    f.forecast_finish_source,
    f.forecast_as_of,
    f.forecast_moved_days,
    f.forecast_moved_working_days,
    f.slip_days,
    f.slip_days_original,
    f.slip_days_contract,
    f.slip_working_days,
    f.slip_working_days_original,
    f.slip_working_days_contract,
    case when f.baseline_finish > f.baseline_start then ratio(f.slip_days, f.baseline_finish - f.baseline_start) end as slip_share,
    case
        when f.original_baseline_finish > f.original_baseline_start
            then ratio(f.slip_days_original, f.original_baseline_finish - f.original_baseline_start)
    end as slip_share_original,
    f.rebaseline_count,
    m.milestones_due,
    m.milestones_met,
    ratio(m.milestones_met, m.milestones_due) as milestone_hit_rate,
    bei_of(v.bei_variant, q.bei_dau, q.bei_discrete) as bei,
    q.bei_discrete,
    q.hit_task_pct,
    q.cpli,
    case
        when m.open_contractual > 0 then case when m.worst_late > 0 then ceil(m.worst_late)::int when m.worst_late <= 0 then 0 end
        when m.contractual > 0 then 0
        when f.slip_days_contract > 0 then f.slip_days_contract
        when f.slip_days_contract <= 0 then 0
    end as contract_days_late,
    m.damages_running,
    m.ld_probable,
    m.ld_maximum,
    f.refs as slip_refs,
    m.contract_refs,
    m.missed_refs as milestone_refs,
    m.damages_refs,
    q.late_refs as bei_refs
from work.finish f
join variant v using (status_date)
left join work.milestone_count m using (project_id, status_date)
asof left join (select * from work.point where "key" = 'tasks') t
  on t.project_id = f.project_id and f.status_date >= t.point
left join work.schedule_measure q on q.project_id = t.project_id and q.point = t.point;
