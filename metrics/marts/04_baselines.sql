-- mart_baseline: the baselines of a project in their order, 0 the original, as they were known on any day.
-- grain  project × baseline number × [valid_from, valid_to), half-open; valid_to NULL = still holds
-- units  baseline_cost in `currency` (NULL: the project's), DECIMAL(18,4)
-- source baselines; a column that the newest source leaves empty is the next one's. Rows out of a schedule file
--        (is_from_schedule) count only where no register states any. What such a file no longer holds, because a new
--        baseline was saved over it, stays in its place by the day it was saved.

create or replace table work.baseline_known as
with schedule as (
    select distinct project_id, source, file from timeline.task_baselines where sheet is null
), stated as (
    select
        b.*,
        s.file is not null as is_from_schedule,
        -- until a newer file says the same baseline anew
        case
            when s.file is null then b.valid_to
            else min(b.slice_date) over (
                partition by b.project_id, b.source, b.approved_on
                order by b.slice_date range between interval 1 day following and unbounded following
            )
        end as known_to
    from timeline.baselines b
    left join schedule s on s.project_id = b.project_id and s.source = b.source and s.file = b.file and b.sheet is null
), point as (
    select project_id, slice_date as valid_from from timeline.baselines
    union
    select project_id, valid_to from timeline.baselines where valid_to is not null
), known as (
    select
        p.valid_from,
        s.* exclude (valid_to, known_to),
        s.valid_to is null or p.valid_from < s.valid_to as is_in_force,
        bool_and(s.is_from_schedule) over (partition by p.project_id, p.valid_from) as only_schedules
    from point p
    join stated s
      on s.project_id = p.project_id and s.slice_date <= p.valid_from
     and (s.known_to is null or p.valid_from < s.known_to)
), ranked as (
    select *
    from (
        select *, max(approved_on) filter (where is_in_force) over (partition by project_id, valid_from, source) as newest
        from known
        where is_from_schedule = only_schedules
    )
    where not is_from_schedule or is_in_force or approved_on < newest
)
select
    * exclude (baseline_no, only_schedules, newest),
    case
        when is_from_schedule
            then row_number() over (
                partition by project_id, valid_from, source order by approved_on, slice_date, baseline_no
            ) - 1
        else baseline_no
    end as baseline_no,
    {'slice': slice_date, 'load': from_load} as precedence
from ranked;

create or replace table mart_baseline as
with point as (
    select project_id, valid_from, lead(valid_from) over (partition by project_id order by valid_from) as valid_to
    from (
        select project_id, slice_date as valid_from from timeline.baselines
        union
        select project_id, valid_to from timeline.baselines where valid_to is not null
    )
), merged as (
    select
        project_id,
        valid_from,
        baseline_no,
        arg_max(approved_on, precedence) as approved_on,
        arg_max(baseline_start, precedence) as baseline_start,
        arg_max(baseline_finish, precedence) as baseline_finish,
        arg_max({'amount': baseline_cost, 'currency': currency}, precedence) filter (where baseline_cost is not null) as cost,
        arg_max(reason, precedence) as reason,
        bool_and(is_from_schedule) as is_from_schedule,
        list(origin('baselines', source, file, sheet, "row") order by precedence desc) as source_refs
    from work.baseline_known
    group by project_id, valid_from, baseline_no
)
select
    m.project_id,
    m.baseline_no::int as baseline_no,
    m.valid_from,
    p.valid_to,
    m.approved_on,
    m.baseline_start,
    m.baseline_finish,
    m.cost.amount as baseline_cost,
    m.cost.currency as currency,
    m.reason,
    m.is_from_schedule,
    m.source_refs
from merged m
join point p using (project_id, valid_from);

-- work.baseline: the current and the original baseline at each status date.
-- grain  project × status date
-- units  baseline_cost in project currency, DECIMAL(18,4), foreign ones at the as-sold rate; rebaseline_count a count
-- source original is baseline_no 0; current the highest number approved on or before the date; before the first approval
--        baseline 0 holds. A value that a later baseline leaves empty stays what it was. Without rows, the project's own
--        dates are both.
create or replace table work.baseline as
with known as (
    select
        s.project_id,
        s.status_date,
        b.baseline_no,
        b.baseline_start,
        b.baseline_finish,
        in_project_currency(b.baseline_cost, b.currency, s.currency, r.as_sold) as baseline_cost,
        b.source_refs
    from work.spine s
    join mart_baseline b
      on b.project_id = s.project_id and b.valid_from <= s.status_date
     and (b.valid_to is null or s.status_date < b.valid_to)
     and (b.approved_on <= s.status_date or b.baseline_no = 0)
    left join work.rate r
      on r.project_id = s.project_id and r.status_date = s.status_date and r.currency = b.currency
), merged as (
    select
        project_id,
        status_date,
        max(baseline_no) as baseline_no,
        count(*) filter (where baseline_no > 0) as rebaseline_count,
        arg_max(baseline_start, baseline_no) as baseline_start,
        arg_max(baseline_finish, baseline_no) as baseline_finish,
        arg_max(baseline_cost, baseline_no) as baseline_cost,
        arg_max(baseline_start, baseline_no) filter (where baseline_no = 0) as original_start,
        arg_max(baseline_finish, baseline_no) filter (where baseline_no = 0) as original_finish,
        arg_max(baseline_cost, baseline_no) filter (where baseline_no = 0) as original_cost,
        flatten(list(source_refs order by baseline_no desc)) as refs
    from known
    group by project_id, status_date
)
select
    s.project_id,
    s.status_date,
    m.baseline_no,
    m.rebaseline_count,
    coalesce(m.baseline_start, s.baseline_start) as baseline_start,
    coalesce(m.baseline_finish, s.baseline_finish) as baseline_finish,
    m.baseline_cost,
    coalesce(m.original_start, s.baseline_start) as original_start,
    coalesce(m.original_finish, s.baseline_finish) as original_finish,
    m.original_cost,
    m.refs
from work.spine s
left join merged m using (project_id, status_date);
