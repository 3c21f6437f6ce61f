-- mart_schedule_quality: the fourteen DCMA checks of a schedule, with the tasks that offend.
-- grain  project × status date (of a schedule) × check; as of a day: status_date <= day and (next_status_date is null or
--        next_status_date > day)
-- units  value and threshold in `unit`: fraction (0–1), count, ratio, pass (1 or 0). counted / total: offending of looked at
-- source DCMA-EA PAM 200.1 (October 2012). Thresholds are work.dcma_check, each replaced by the setting
--        dcma_<check_id> of the date (same unit) and the 44 working days by dcma_long_days. Summaries and level of effort are no tasks here; milestones
--        are. reason_key says why a check does not apply: no_links, no_constraints, no_float, no_durations, no_resources,
--        no_baseline, none_due, no_critical, all_complete, no_finish.
--        Critical path test: a delay of a critical task that is under way (else the next to start) reaches the last open
--        task through the links; a pinned or finished successor stops it. Adding months to a task is the same as
--        following its links, because such a delay exceeds every float and lag on the way.

create or replace table work.dcma_check as
select
    c.no,
    c.check_id,
    c.direction,
    c.unit,
    d.point,
    coalesce(setting_at('dcma_' || c.check_id, d.point)::double, c.threshold) as threshold
from (
    values
        (1, 'logic', 'max', 'fraction', 0.05),
        (2, 'leads', 'max', 'fraction', 0.0),
        (3, 'lags', 'max', 'fraction', 0.05),
        (4, 'relationship_types', 'min', 'fraction', 0.90),
        (5, 'hard_constraints', 'max', 'fraction', 0.05),
        (6, 'high_float', 'max', 'fraction', 0.05),
        (7, 'negative_float', 'max', 'fraction', 0.0),
        (8, 'high_duration', 'max', 'fraction', 0.05),
        (9, 'invalid_dates', 'max', 'count', 0.0),
        (10, 'resources', 'max', 'fraction', 0.0),
        (11, 'missed_tasks', 'max', 'fraction', 0.05),
        (12, 'critical_path', 'min', 'pass', 1.0),
        (13, 'cpli', 'min', 'ratio', 0.95),
        (14, 'bei', 'min', 'ratio', 0.95)
) c (no, check_id, direction, unit, threshold)
cross join (select distinct point from work.schedule_point) d;

-- Links in force at each schedule, of the sources whose newest slice is the newest of all.
create or replace table work.link as
with held as (
    select
        t.*,
        max(t.slice_date) over (partition by t.project_id, t.point, t.source)
            = max(t.slice_date) over (partition by t.project_id, t.point) as is_newest
    from in_force('task_links', 'task_links') t
), one as (
    select project_id, point, predecessor_uid, successor_uid, coalesce(type, 'FS') as type, min(lag_days) as lag_days
    from held
    where is_newest
    group by all
)
select p.project_id, p.point, o.* exclude (project_id, point)
from work.schedule_point p
asof join (select * from work.point where "key" = 'task_links') k
  on k.project_id = p.project_id and p.point >= k.point
join one o on o.project_id = p.project_id and o.point = k.point;

create or replace table work.task_state as
select
    t.project_id,
    t.point,
    t.task_uid,
    t.name,
    t.wbs,
    t.task_kind,
    t.is_counted,
    t.is_complete,
    t.is_counted and not t.is_complete as is_open,
    coalesce(t.is_critical, t.total_slack_days <= 0) as is_critical,
    t.is_pinned,
    t.constraint_type,
    t.total_slack_days,
    t.duration_days,
    t.start,
    coalesce(t.actual_start is not null or t.percent_complete > 0, false) as has_started,
    t.finish_on,
    t.baseline_finish,
    coalesce(t.resource_count, 0) > 0 or coalesce(t.cost, 0) > 0 or coalesce(t.baseline_cost, 0) > 0 as is_loaded,
    t.is_counted and coalesce(
        t.actual_start > t.point
        or t.actual_finish > t.point
        or (not t.is_complete and t.finish_on < t.point)
        or (not t.is_complete and t.actual_start is null and t.start < t.point),
        false
    ) as has_invalid_date,
    coalesce(t.finish_on > t.baseline_finish, not t.is_complete and t.baseline_finish < t.point) as is_missed
from work.task t;

-- The critical path test: from the critical tasks that are under way (else the next to start; the last task only where
-- there is no other), what does a longer duration move?
create or replace table work.critical_start as
with open_task as (
    select *, finish_on = max(finish_on) over (partition by project_id, point) as is_last
    from work.task_state
    where is_open and finish_on is not null
)
select *
from open_task
where is_critical
qualify dense_rank() over (
    partition by project_id, point
    order by is_last, task_kind = 'milestone', not has_started, case when not has_started then coalesce(start, finish_on) end
) = 1;

create or replace table work.critical_link as
with linked_summary as (
    select distinct t.project_id, t.point, t.task_uid, t.wbs
    from work.task_state t
    join work.link l
      on l.project_id = t.project_id and l.point = t.point and t.task_uid in (l.predecessor_uid, l.successor_uid)
    where t.task_kind = 'summary' and t.wbs is not null
), member as (
    -- a link of a summary is a link of all that it holds
    select s.project_id, s.point, s.task_uid as summary_uid, t.task_uid
    from linked_summary s
    join work.task_state t
      on t.project_id = s.project_id and t.point = s.point and starts_with(t.wbs, s.wbs || '.') and t.is_counted
)
select distinct
    l.project_id,
    l.point,
    coalesce(p.task_uid, l.predecessor_uid) as predecessor_uid,
    coalesce(s.task_uid, l.successor_uid) as successor_uid,
    l.type
from work.link l
left join member p
  on p.project_id = l.project_id and p.point = l.point and p.summary_uid = l.predecessor_uid
left join member s
  on s.project_id = l.project_id and s.point = l.point and s.summary_uid = l.successor_uid
join work.task_state t
  on t.project_id = l.project_id and t.point = l.point and t.task_uid = coalesce(s.task_uid, l.successor_uid)
where t.is_open and not coalesce(t.is_pinned, false);

create or replace table work.critical_path as
with recursive moved as (
    select c.project_id, c.point, l.successor_uid as task_uid
    from work.critical_start c
    join work.critical_link l
      on l.project_id = c.project_id and l.point = c.point and l.predecessor_uid = c.task_uid and l.type in ('FS', 'FF')
    union
    select l.project_id, l.point, l.successor_uid
    from moved m
    join work.critical_link l
      on l.project_id = m.project_id and l.point = m.point and l.predecessor_uid = m.task_uid
), reached as (
    select distinct project_id, point
    from (
        select project_id, point, task_uid from moved
        union all
        select project_id, point, task_uid from work.critical_start
    )
    semi join (
        select project_id, point, task_uid
        from work.task_state
        where is_open and finish_on is not null
        qualify finish_on = max(finish_on) over (partition by project_id, point)
    ) last_task using (project_id, point, task_uid)
)
select
    c.project_id,
    c.point,
    list({'task_uid': c.task_uid, 'name': c.name} order by c.task_uid) as tasks,
    bool_or(r.project_id is not null) as reaches_finish
from work.critical_start c
left join reached r using (project_id, point)
group by c.project_id, c.point;

create or replace table work.dcma_result as
with limits as (
    select
        point,
        coalesce(setting_at('dcma_long_days', point)::double, 44.0) as long_days,
        setting_at('bei_variant', point) as bei_variant
    from (select distinct point from work.schedule_point)
), task as (
    select
        t.*,
        p.task_uid is null or s.task_uid is null as lacks_logic,
        {'task_uid': t.task_uid, 'name': t.name} as who,
        l.long_days
    from work.task_state t
    join limits l using (point)
    left join (select distinct project_id, point, successor_uid as task_uid from work.link) p
      using (project_id, point, task_uid)
    left join (select distinct project_id, point, predecessor_uid as task_uid from work.link) s
      using (project_id, point, task_uid)
), by_task as (
    select
        project_id,
        point,
        count(*) filter (where is_counted) as tasks,
        count(*) filter (where is_open) as open_tasks,
        count(*) filter (where is_open and duration_days > 0) as lasting_tasks,
        count(*) filter (where is_counted and baseline_finish <= point) as due_tasks,
        count(baseline_finish) filter (where is_counted) as baselined_tasks,
        count(constraint_type) filter (where is_counted) as constraints_known,
        count(total_slack_days) filter (where is_open) as floats_known,
        count(duration_days) filter (where is_open) as durations_known,
        count(*) filter (where is_counted and is_loaded) as loaded_tasks,
        list(who order by task_uid, who) filter (where is_open and lacks_logic) as logic,
        list(who order by task_uid, who) filter (where is_open and is_pinned) as hard_constraints,
        list(who order by task_uid, who) filter (where is_open and total_slack_days > long_days) as high_float,
        list(who order by task_uid, who) filter (where is_open and total_slack_days < 0) as negative_float,
        list(who order by task_uid, who) filter (where is_open and duration_days > long_days) as high_duration,
        list(who order by task_uid, who) filter (where has_invalid_date) as invalid_dates,
        list(who order by task_uid, who) filter (where is_open and duration_days > 0 and not is_loaded) as resources,
        list(who order by task_uid, who) filter (where is_counted and baseline_finish <= point and is_missed) as missed_tasks,
        list(who order by task_uid, who) filter (
            where task_kind = 'discrete' and not is_complete and (baseline_finish <= point or baseline_finish is null)
        ) as bei
    from task
    group by project_id, point
), by_link as (
    select
        l.project_id,
        l.point,
        count(*) as links,
        list(who order by who) filter (where lag_days < 0) as leads,
        list(who order by who) filter (where lag_days > 0) as lags,
        list(who order by who) filter (where type <> 'FS') as relationship_types
    from (
        select
            l.*,
            {
                'task_uid': l.successor_uid,
                'name': coalesce(p.name, l.predecessor_uid) || ' → ' || coalesce(s.name, l.successor_uid)
            } as who
        from work.link l
        left join work.task_state p
          on p.project_id = l.project_id and p.point = l.point and p.task_uid = l.predecessor_uid
        left join work.task_state s
          on s.project_id = l.project_id and s.point = l.point and s.task_uid = l.successor_uid
    ) l
    group by l.project_id, l.point
), whole as (
    select t.*, coalesce(k.links, 0) as links, k.leads, k.lags, k.relationship_types, m.cpl_days, m.cpli,
           bei_of(v.bei_variant, m.bei_dau, m.bei_discrete) as bei_value,
           bei_of(v.bei_variant, m.bei_dau_total, m.bei_discrete_total) as bei_total, m.target_uid, m.target_name,
           c.reaches_finish, c.tasks as critical_tasks
    from by_task t
    join limits v using (point)
    left join by_link k using (project_id, point)
    left join work.schedule_measure m using (project_id, point)
    left join work.critical_path c using (project_id, point)
)
select
    project_id,
    point,
    unnest([
        {'check_id': 'logic', 'offenders': logic, 'total': open_tasks,
         'reason_key': case when links = 0 then 'no_links' when open_tasks = 0 then 'all_complete' end},
        {'check_id': 'leads', 'offenders': leads, 'total': links, 'reason_key': case when links = 0 then 'no_links' end},
        {'check_id': 'lags', 'offenders': lags, 'total': links, 'reason_key': case when links = 0 then 'no_links' end},
        {'check_id': 'relationship_types', 'offenders': relationship_types, 'total': links,
         'reason_key': case when links = 0 then 'no_links' end},
        {'check_id': 'hard_constraints', 'offenders': hard_constraints, 'total': open_tasks,
         'reason_key': case when constraints_known = 0 then 'no_constraints' when open_tasks = 0 then 'all_complete' end},
        {'check_id': 'high_float', 'offenders': high_float, 'total': open_tasks,
         'reason_key': case when open_tasks = 0 then 'all_complete' when floats_known = 0 then 'no_float' end},
        {'check_id': 'negative_float', 'offenders': negative_float, 'total': open_tasks,
         'reason_key': case when open_tasks = 0 then 'all_complete' when floats_known = 0 then 'no_float' end},
        {'check_id': 'high_duration', 'offenders': high_duration, 'total': open_tasks,
         'reason_key': case when open_tasks = 0 then 'all_complete' when durations_known = 0 then 'no_durations' end},
        {'check_id': 'invalid_dates', 'offenders': invalid_dates, 'total': tasks,
         'reason_key': case when tasks = 0 then 'all_complete' end},
        {'check_id': 'resources', 'offenders': resources, 'total': lasting_tasks,
         'reason_key': case when loaded_tasks = 0 then 'no_resources' when lasting_tasks = 0 then 'all_complete' end},
        {'check_id': 'missed_tasks', 'offenders': missed_tasks, 'total': due_tasks,
         'reason_key': case when baselined_tasks = 0 then 'no_baseline' when due_tasks = 0 then 'none_due' end},
        {'check_id': 'critical_path',
         'offenders': case when not reaches_finish then critical_tasks end, 'total': coalesce(len(critical_tasks), 0),
         'reason_key': case
             when links = 0 then 'no_links'
             when open_tasks = 0 then 'all_complete'
             when reaches_finish is null then 'no_critical'
         end},
        {'check_id': 'cpli',
         'offenders': case when target_uid is not null then [{'task_uid': target_uid, 'name': target_name}] end, 'total': 1,
         'reason_key': case
             when open_tasks = 0 then 'all_complete'
             when target_uid is null or cpl_days = 0 or cpl_days is null then 'no_finish'
             when cpli is null then 'no_baseline'
         end},
        {'check_id': 'bei', 'offenders': bei, 'total': bei_total,
         'reason_key': case when baselined_tasks = 0 or bei_total is null then 'no_baseline' when bei_value is null then 'none_due' end}
    ], recursive := true),
    bei_value,
    cpli,
    reaches_finish
from whole;

create or replace table mart_schedule_quality as
with valued as (
    select
        r.project_id,
        r.point as status_date,
        p.next_point as next_status_date,
        r.check_id,
        c.no,
        c.direction,
        c.threshold,
        c.unit,
        r.reason_key is null as applicable,
        r.reason_key,
        coalesce(len(r.offenders), 0) as counted,
        r.total,
        coalesce(r.offenders, []) as offenders,
        case
            when r.reason_key is not null then null
            when r.check_id = 'bei' then r.bei_value
            when r.check_id = 'cpli' then r.cpli
            when r.check_id = 'critical_path' then r.reaches_finish::int
            when r.check_id = 'relationship_types' then ratio(r.total - coalesce(len(r.offenders), 0), r.total)
            when c.unit = 'count' then coalesce(len(r.offenders), 0)
            else ratio(coalesce(len(r.offenders), 0), r.total)
        end::double as value
    from work.dcma_result r
    join work.dcma_check c using (check_id, point)
    join work.schedule_point p using (project_id, point)
)
select
    project_id,
    status_date,
    next_status_date,
    check_id,
    no,
    value,
    threshold,
    direction,
    unit,
    case when applicable then case direction when 'max' then value <= threshold else value >= threshold end end as pass,
    applicable,
    reason_key,
    case when applicable and not (check_id = 'cpli' and value >= threshold) then counted else 0 end as counted,
    case when applicable then total end as total,
    case when applicable and not (check_id = 'cpli' and value >= threshold) then offenders else [] end as offenders
from valued
order by project_id, status_date, no;
