-- work.task: the tasks of the newest schedule at each of its status dates.
-- grain  project × point × source × task
-- units  duration_days, total_slack_days: working days; percent_complete a fraction; baseline_cost in project currency,
--        DECIMAL(18,4), foreign ones at the as-sold rate
-- source tasks, of the sources whose newest slice is the newest of all: an older schedule is no part of the plan any more.
--        is_complete: an actual finish, or 100 %. is_counted: no summary, no level of effort (an unnamed kind is discrete).
--        is_pinned: a constraint that logic cannot move (Microsoft Project's and Primavera's names, and their short forms).

create or replace table work.task as
with held as (
    select
        t.*,
        max(t.slice_date) over (partition by t.project_id, t.point, t.source)
            = max(t.slice_date) over (partition by t.project_id, t.point) as is_newest
    from in_force('tasks', 'tasks') t
)
select
    h.project_id,
    h.point,
    h.source,
    h.task_uid,
    h.wbs,
    h.name,
    coalesce(h.task_kind, 'discrete') as task_kind,
    h.is_critical,
    h.baseline_start,
    h.baseline_finish,
    h.start,
    h.finish,
    h.actual_start,
    h.actual_finish,
    coalesce(h.actual_finish, h.finish) as finish_on,
    h.percent_complete,
    h.duration_days,
    h.total_slack_days,
    h.constraint_type,
    upper(replace(replace(trim(h.constraint_type), ' ', '_'), '-', '_')) in (
        'MUST_START_ON', 'MUST_FINISH_ON', 'START_NO_LATER_THAN', 'FINISH_NO_LATER_THAN', 'START_ON', 'FINISH_ON',
        'MANDATORY_START', 'MANDATORY_FINISH', 'MSO', 'MFO', 'SNLT', 'FNLT', 'CS_MANDSTART', 'CS_MANDFIN', 'CS_MSO',
        'CS_MEO', 'CS_MSOB', 'CS_MEOB'
    ) as is_pinned,
    in_project_currency(h.baseline_cost, h.currency, s.currency, r.as_sold) as baseline_cost,
    h.cost,
    h.actual_cost,
    h.resource_count,
    coalesce(h.actual_finish is not null or h.percent_complete >= 1, false) as is_complete,
    coalesce(h.task_kind, 'discrete') not in ('summary', 'level_of_effort') as is_counted,
    h.file,
    h.sheet,
    h."row"
from held h
join work.spine s on s.project_id = h.project_id and s.status_date = h.point
left join work.rate r
  on r.project_id = h.project_id and r.status_date = h.point and r.currency = h.currency
where h.is_newest
qualify row_number() over (
    partition by h.project_id, h.point, h.source, h.task_uid order by h.slice_date desc, h.from_load desc
) = 1;
