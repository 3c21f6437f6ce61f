-- work.status: everything that is known of a project at a status date, before it is judged. work.status_ref: where from.
-- grain  project × status date; status_ref: project × status date × kind (the name of an area's list of source rows)
-- units  as in the areas: money in project currency, DECIMAL(18,4); *_share, *_pct, percent_* fractions; *_pp percentage
--        points; margin_lost_pp is margin_erosion_pp with the sign turned, so that more is worse
-- source work.spine and the areas: ev_status, schedule_status, site_status, money_status, contract_status, quality_status,
--        report_status

create or replace table work.status as
select
    s.* exclude (baseline_start, baseline_finish, contract_finish, finish_milestone_id, as_sold_rate_date, hedged_share),
    lead(s.status_date) over reports as next_status_date,
    lag(s.status_date) over reports as previous_status_date,
    e.* exclude (project_id, status_date) not like '%_refs',
    c.* exclude (project_id, status_date) not like '%_refs',
    w.* exclude (project_id, status_date) not like '%_refs',
    m.* exclude (project_id, status_date) not like '%_refs',
    -m.margin_erosion_pp as margin_lost_pp,
    k.* exclude (project_id, status_date) not like '%_refs',
    q.* exclude (project_id, status_date) not like '%_refs',
    r.* exclude (project_id, status_date)
from work.spine s
join work.ev_status e using (project_id, status_date)
join work.schedule_status c using (project_id, status_date)
join work.site_status w using (project_id, status_date)
join work.money_status m using (project_id, status_date)
join work.contract_status k using (project_id, status_date)
join work.quality_status q using (project_id, status_date)
join work.report_status r using (project_id, status_date)
window reports as (partition by s.project_id order by s.status_date);

create or replace table work.status_ref as
with wide as (
    select project_id, status_date, e.* like '%_refs', c.* like '%_refs', w.* like '%_refs',
        m.* like '%_refs', k.* like '%_refs', q.* like '%_refs'
    from work.ev_status e
    join work.schedule_status c using (project_id, status_date)
    join work.site_status w using (project_id, status_date)
    join work.money_status m using (project_id, status_date)
    join work.contract_status k using (project_id, status_date)
    join work.quality_status q using (project_id, status_date)
)
unpivot wide on * exclude (project_id, status_date) into name kind value refs;
