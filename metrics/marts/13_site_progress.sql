-- mart_site_progress: the weekly burn-up of a rollout, and where its sites stand. work.site_status: the project's counts.
-- grain  project × status date (of a report of sites) × week; as of a day: status_date <= day and (next_status_date is null
--        or next_status_date > day). Weeks run Monday to Sunday, from the first date of any site to the last
-- units  sites, cumulative at week_end; on_air and accepted end with the status date's week. stages and blockers: sites as
--        of the status date, the same in each of its weeks
-- source sites. forecast: the day on air, else the forecast but not before the status date. accepted: the provisional
--        acceptance, else the final one. A site at stage on_air or accepted without a date counts from the status date.
--        blockers: sites not yet accepted, by what blocks them. A plan or forecast more than ten years away from the
--        status date counts in the total only.

create or replace table work.site_day as
select
    project_id,
    point,
    stage,
    blocked_by,
    case when abs(planned_on_air - point) <= 3653 then planned_on_air end as planned_on,
    on_air_on,
    case when accepted_on <= point then accepted_on when stage = 'accepted' then point end as accepted_on,
    case
        when on_air_on is not null then on_air_on
        when forecast_on_air - point <= 3653 then greatest(forecast_on_air, point)
    end as forecast_on
from (
    select
        *,
        case
            when actual_on_air <= point then actual_on_air
            when actual_on_air is null and stage in ('on_air', 'accepted') then point
        end as on_air_on
    from work.site_held
);

create or replace table work.site_count as
with staged as (
    select project_id, point, stage, count(*) as sites from work.site_day group by all
), blocked as (
    select project_id, point, blocked_by, count(*) as sites
    from work.site_day
    where blocked_by is not null and stage <> 'accepted'
    group by all
), stages as (
    select project_id, point, map_from_entries(list(row(stage, sites) order by stage)) as stages from staged group by all
), blockers as (
    select project_id, point, map_from_entries(list(row(blocked_by, sites) order by sites desc, blocked_by)) as blockers
    from blocked
    group by all
), total as (
    select
        project_id,
        point,
        count(*) as sites_total,
        count(*) filter (where planned_on <= point) as sites_planned,
        count(on_air_on) as sites_on_air,
        count(accepted_on) as sites_accepted
    from work.site_day
    group by project_id, point
)
select t.*, s.stages, coalesce(b.blockers, map {}::map(varchar, bigint)) as blockers
from total t
left join stages s using (project_id, point)
left join blockers b using (project_id, point);

create or replace table mart_site_progress as
with flow as (
    select project_id, point, planned_on as "on", 1 as planned, 0 as forecast, 0 as on_air, 0 as accepted from work.site_day
    union all select project_id, point, forecast_on, 0, 1, 0, 0 from work.site_day
    union all select project_id, point, on_air_on, 0, 0, 1, 0 from work.site_day
    union all select project_id, point, accepted_on, 0, 0, 0, 1 from work.site_day
    union all select distinct project_id, point, point, 0, 0, 0, 0 from work.site_day
), weekly as (
    select
        project_id, point, (date_trunc('week', "on") + interval 6 day)::date as week_end,
        sum(planned) as planned, sum(forecast) as forecast, sum(on_air) as on_air, sum(accepted) as accepted
    from flow
    where "on" is not null
    group by all
), span as (
    select project_id, point, min(week_end) as first_week, max(week_end) as last_week from weekly group by all
), week as (
    select
        project_id, point,
        unnest(list_transform(
            generate_series(0, ((last_week - first_week) / 7)::int), lambda k: first_week + (7 * k)::int
        )) as week_end
    from span
), summed as (
    select
        w.project_id, w.point, w.week_end,
        sum(coalesce(f.planned, 0)) over until as planned,
        sum(coalesce(f.forecast, 0)) over until as forecast,
        sum(coalesce(f.on_air, 0)) over until as on_air,
        sum(coalesce(f.accepted, 0)) over until as accepted
    from week w
    left join weekly f using (project_id, point, week_end)
    window until as (partition by w.project_id, w.point order by w.week_end)
), report as (
    select project_id, point, next_point from work.point where "key" = 'sites'
)
select
    s.project_id,
    s.point as status_date,
    r.next_point as next_status_date,
    s.week_end,
    s.planned::bigint as planned,
    s.forecast::bigint as forecast,
    case when s.week_end - 6 <= s.point then s.on_air::bigint end as on_air,
    case when s.week_end - 6 <= s.point then s.accepted::bigint end as accepted,
    c.sites_total,
    c.stages,
    c.blockers
from summed s
join report r using (project_id, point)
join work.site_count c using (project_id, point)
order by s.project_id, s.point, s.week_end;

create or replace table work.site_status as
select
    s.project_id,
    s.status_date,
    c.sites_total,
    c.sites_planned,
    c.sites_on_air,
    c.sites_accepted,
    r.refs as site_refs
from work.spine s
asof left join (select * from work.point where "key" = 'sites') p
  on p.project_id = s.project_id and s.status_date >= p.point
left join work.site_count c on c.project_id = p.project_id and c.point = p.point
left join (
    -- the sites that were due and are not on air, the oldest first
    select
        project_id,
        point,
        list(origin('sites', source, file, sheet, "row") order by planned_on_air, site_id)[:20] as refs
    from work.site_held
    where planned_on_air <= point and actual_on_air is null
    group by project_id, point
) r on r.project_id = p.project_id and r.point = p.point;
