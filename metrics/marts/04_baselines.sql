-- work.baseline: the current and the original baseline at each status date.
-- grain  project × status date
-- units  baseline_cost in project currency, DECIMAL(18,4), foreign ones at the as-sold rate; rebaseline_count a count
-- source original is baseline_no 0; current the highest number approved on or before the date; before the first approval
--        baseline 0 holds. A value that a later baseline leaves empty stays what it was. Without rows, the project's own
--        dates are both.

create or replace table work.baseline as
with ranked as (
    select
        s.project_id,
        s.status_date,
        b.baseline_no,
        b.baseline_start,
        b.baseline_finish,
        in_project_currency(b.baseline_cost, b.currency, s.currency, r.as_sold) as baseline_cost,
        b.approved_on,
        {'no': b.baseline_no, 'slice': b.slice_date, 'load': b.from_load} as precedence,
        origin('baselines', b.source, b.file, b.sheet, b."row") as ref
    from work.spine s
    join timeline.baselines b
      on b.project_id = s.project_id and b.slice_date <= s.status_date
     and (b.valid_to is null or s.status_date < b.valid_to)
     and (b.approved_on <= s.status_date or b.baseline_no = 0)
    left join work.rate r
      on r.project_id = s.project_id and r.status_date = s.status_date and r.currency = b.currency
), merged as (
    select
        project_id,
        status_date,
        max(baseline_no) as baseline_no,
        count(distinct baseline_no) filter (where baseline_no > 0) as rebaseline_count,
        arg_max(baseline_start, precedence) as baseline_start,
        arg_max(baseline_finish, precedence) as baseline_finish,
        arg_max(baseline_cost, precedence) as baseline_cost,
        arg_max(baseline_start, precedence) filter (where baseline_no = 0) as original_start,
        arg_max(baseline_finish, precedence) filter (where baseline_no = 0) as original_finish,
        arg_max(baseline_cost, precedence) filter (where baseline_no = 0) as original_cost,
        list(ref order by precedence desc) as refs
    from ranked
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
