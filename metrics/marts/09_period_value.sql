-- mart_period_value: the S-curves.
-- grain  project × status date × period; status dates are those at which a curve came in: as of a day, take the newest
-- units  cumulative; money in project currency, DECIMAL(18,4); percent_* fractions of BAC; earned_schedule in periods,
--        spi_t its ratio to the time elapsed by then
-- source the curve that the project status uses (ev_method says which). Earned and actual end at the status date.
--        planned_value_original: the plan of the newest curve from before the first re-baseline, where one is known.

create or replace table mart_period_value as
with used as (
    -- a curve comes in on its own day, or where what came before it in the choice came in empty
    select c.basis, c.project_id, c.point, c.status_date
    from work.ev_choice c
    left join work.every_point e
      on e."key" = 'earned_value' and e.project_id = c.project_id and e.point = c.status_date
    left join work.every_point m
      on m."key" = 'milestones' and m.project_id = c.project_id and m.point = c.status_date
    where c.basis is not null
      and (c.point = c.status_date or e.point is not null or (c.basis = 'sites' and m.point is not null))
), before as (
    select p.project_id, p.point
    from work.ev_point p
    left join work.baseline b on b.project_id = p.project_id and b.status_date = p.point
    where p.basis = 'earned_value' and coalesce(b.rebaseline_count, 0) = 0
), stage as (
    select u.*, p.bac, p.has_money, p.ev_method, p.cut, coalesce(b.rebaseline_count, 0) as rebaseline_count,
        o.point as original_point, p.actual_time, p.completed_n
    from used u
    join work.ev_point p using (basis, project_id, point)
    left join work.baseline b on b.project_id = u.project_id and b.status_date = u.point
    asof left join before o
      on u.basis = 'earned_value' and o.project_id = u.project_id and u.point >= o.point
), curve as (
    select s.*, c.* exclude (basis, project_id, point), c.n <= s.cut as is_past
    from stage s
    join work.ev_curve c using (basis, project_id, point)
)
select
    c.project_id,
    c.status_date,
    c.n as period_no,
    c.period_end,
    c.ev_method,
    case when c.has_money then c.pv end as planned_value,
    case when c.has_money and c.is_past then c.ev end as earned_value,
    case when c.is_past then c.ac end as actual_cost,
    case
        when not c.has_money then null
        when c.rebaseline_count = 0 then c.pv
        else o.pv
    end as planned_value_original,
    ratio(c.pv, c.bac) as percent_planned,
    case when c.is_past then ratio(c.ev, c.bac) end as percent_complete,
    e.earned_schedule,
    ratio(e.earned_schedule, case when c.n = c.cut then nullif(c.actual_time, 0) else least(c.n, c.completed_n) end) as spi_t
from curve c
left join work.ev_curve o
  on o.basis = 'earned_value' and o.project_id = c.project_id and o.point = c.original_point
 and o.period_end = c.period_end
left join work.ev_schedule e
  on e.basis = c.basis and e.project_id = c.project_id and e.point = c.point and e.n = c.n
order by c.project_id, c.status_date, c.n;
