-- mart_site_count: how many sites of a rollout are alike, for counting them as of any day.
-- grain  project × status date (of a report of sites) × region × supplier × stage × cause × the three days. As of a day:
--        status_date <= day and (next_status_date is null or next_status_date > day); a site is on air (accepted) from
--        on_air_on (accepted_on), and late from planned_on until it is on air
-- units  sites
-- source sites. A day before the status date is the status date, but planned_on where a site is blocked and not on air:
--        how late it is must be known. stage as delivered. stated: in how many deliveries in force a site stands, at most.
--        delivered_on: the newest of them
--
-- mart_site_place: the same sites by place, for the map.
-- grain  project × status date (of a report of sites) × cell of 0.2 degrees × cause × two days
-- units  sites; latitude and longitude: sums over the sites, degrees; south and west number the cells
-- source sites with coordinates. first_planned: the earliest planned day as it was given. site_id, name and region are the
--        first of the alphabet

create or replace table work.site_day_seen as
select
    *,
    coalesce(actual_on_air <= point, false) as was_on_air,
    case when actual_on_air is not null then greatest(actual_on_air, point) end as on_air_on,
    case when accepted_on is not null then greatest(accepted_on, point) end as seen_accepted_on,
    case when planned_on_air is not null then greatest(planned_on_air, point) end as seen_planned_on
from work.site_held;

create or replace table mart_site_count as
select
    s.project_id,
    s.point as status_date,
    p.next_point as next_status_date,
    s.region,
    s.supplier_id,
    s.stated_stage as stage,
    s.blocked_by,
    case when s.blocked_by is not null and not s.was_on_air then s.planned_on_air else s.seen_planned_on end as planned_on,
    s.on_air_on,
    s.seen_accepted_on as accepted_on,
    count(*) as sites,
    max(s.stated) as stated,
    max(s.slice_date) as delivered_on
from work.site_day_seen s
join (select * from work.point where "key" = 'sites') p using (project_id, point)
group by all
order by all;

create or replace table mart_site_place as
select
    s.project_id,
    s.point as status_date,
    p.next_point as next_status_date,
    floor(s.latitude / 0.2)::int as south,
    floor(s.longitude / 0.2)::int as west,
    s.blocked_by,
    s.seen_planned_on as planned_on,
    s.on_air_on,
    count(*) as sites,
    sum(s.latitude order by s.site_id) as latitude,
    sum(s.longitude order by s.site_id) as longitude,
    min(s.planned_on_air) as first_planned,
    min(s.site_id) as site_id,
    min(coalesce(s.name, s.site_id)) as name,
    min(s.region) as region
from work.site_day_seen s
join (select * from work.point where "key" = 'sites') p using (project_id, point)
where s.latitude is not null and s.longitude is not null
group by all
order by all;
