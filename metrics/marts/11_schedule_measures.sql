-- work.schedule_measure: what a schedule says of itself at each of its status dates.
-- grain  project × point
-- units  bei, cpli ratios; hit_task_pct a fraction; cpl_days and float_days working days of the project's country
-- source tasks. Only discrete tasks count for BEI and the hit-task share: no summaries, milestones, level of effort.
--        BEI (DAU): completed / (baselined to finish by the date + without a baseline finish); the setting bei_variant
--        'discrete' takes completed / (baselined to finish + completed without a baseline) instead. Without any baseline
--        both are unknown. Hit-task share: finished on or before the baseline finish / baselined to finish in the period,
--        from the schedule before (the first: one month) to this one. CPLI (DCMA): (CPL + TF) / CPL; CPL from the date to
--        the finish of the last open task, TF its total float where it is not zero, else its baseline finish less its
--        finish. A float of zero against no date says nothing: without a baseline it counts for a pinned task only.

create or replace temp macro working_days(earlier_number, later_number) as (later_number - earlier_number)::int;

create or replace table work.schedule_point as
select
    p.project_id,
    p.point,
    p.next_point,
    coalesce(
        lag(p.point) over (partition by p.project_id order by p.point),
        case
            when is_month_end(p.point) then last_day((p.point - interval 1 month)::date)
            else (p.point - interval 1 month)::date
        end
    ) as previous_point,
    coalesce(s.country, '') as country
from work.point p
join work.spine s on s.project_id = p.project_id and s.status_date = p.point
where p."key" = 'tasks';

create or replace table work.schedule_target as
with last_task as (
    select *
    from work.task
    where is_counted and not is_complete and finish_on is not null
    qualify row_number() over (
        partition by project_id, point
        order by finish_on desc, task_kind = 'milestone' desc, baseline_finish desc nulls last, task_uid
    ) = 1
)
select
    t.project_id,
    t.point,
    t.task_uid,
    t.name,
    t.finish_on,
    working_days(today."number", ends."number") as cpl_days,
    case
        when t.total_slack_days <> 0 then t.total_slack_days
        when t.baseline_finish is not null then working_days(ends."number", planned."number")
        when t.is_pinned then t.total_slack_days
    end::double as float_days
from last_task t
join work.schedule_point p using (project_id, point)
left join work.working_day today on today.country = p.country and today."day" = t.point
left join work.working_day ends on ends.country = p.country and ends."day" = t.finish_on
left join work.working_day planned on planned.country = p.country and planned."day" = t.baseline_finish;

create or replace temp macro bei_of(variant, dau, discrete) as
    case variant
        when 'dau' then dau
        when 'discrete' then discrete
        else error('The setting bei_variant is ' || variant || ': use dau or discrete.')
    end;

create or replace table work.schedule_measure as
with counted as (
    select
        t.project_id,
        t.point,
        count(*) filter (where discrete and t.is_complete) as completed,
        count(*) filter (where discrete and t.baseline_finish <= t.point) as due,
        count(*) filter (where discrete and t.baseline_finish is null) as without_baseline,
        count(*) filter (where discrete and t.baseline_finish is null and t.is_complete) as completed_without,
        count(*) filter (where discrete and t.baseline_finish is not null) as baselined,
        count(*) filter (where discrete and t.baseline_finish > p.previous_point and t.baseline_finish <= t.point) as due_now,
        count(*) filter (
            where discrete and t.baseline_finish > p.previous_point and t.baseline_finish <= t.point
              and t.actual_finish <= t.baseline_finish
        ) as hit_now,
        max(t.finish_on) filter (where t.task_kind <> 'summary') as finish,
        min(t.baseline_start) filter (where t.task_kind <> 'summary') as baseline_start,
        max(t.baseline_finish) filter (where t.task_kind <> 'summary') as baseline_finish,
        arg_max(
            origin('tasks', t.source, t.file, t.sheet, t."row"), {'on': t.finish_on, 'uid': t.task_uid}
        ) filter (where t.task_kind <> 'summary' and t.finish_on is not null) as finish_ref,
        list(origin('tasks', t.source, t.file, t.sheet, t."row") order by t.baseline_finish, t.task_uid) filter (
            where discrete and t.baseline_finish <= t.point and not t.is_complete
        )[:20] as late_refs
    from (select *, task_kind = 'discrete' as discrete from work.task) t
    join work.schedule_point p using (project_id, point)
    group by t.project_id, t.point
), measured as (
    select
        *,
        case when baselined > 0 then ratio(completed, due + without_baseline) end as bei_dau,
        case when baselined > 0 then ratio(completed, due + completed_without) end as bei_discrete
    from counted
)
select
    m.*,
    due + without_baseline as bei_dau_total,
    due + completed_without as bei_discrete_total,
    ratio(hit_now, due_now) as hit_task_pct,
    t.task_uid as target_uid,
    t.name as target_name,
    t.cpl_days,
    t.float_days,
    ratio(t.cpl_days + t.float_days, t.cpl_days) as cpli
from measured m
left join work.schedule_target t using (project_id, point);
