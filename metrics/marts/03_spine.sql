-- work.spine: every status date of a project. work.point: the dates at which a group of tables may change.
-- grain  spine: project × status date; point: key × project × date (key = a table, a table:scenario, or a group);
--        due: project, filled before by metrics/increment.py with the first status date that is wanted; else empty: all are
-- units  rate: project currency for one unit of the row's currency
-- source any slice of a table with a status date makes a status date; registers and undated tables do not

create table if not exists work.due (project_id varchar, since date);

create or replace table work.slice as
select distinct table_name, project_id, scenario, slice_date
from timeline.slices
where project_id is not null
  and slice_date > date '1900-01-01'
  and table_name not in ('programmes', 'projects', 'baselines', 'satisfaction', 'fx_rates');

create or replace table work.every_point as
with grouped ("key", table_name) as (
    values ('milestones', 'milestones'), ('milestones', 'delays'),
           ('cash', 'acceptances'), ('cash', 'invoices'),
           ('changes', 'changes'), ('changes', 'orders'),
           ('notices', 'changes'), ('notices', 'delays'),
           ('margin', 'changes')
), keyed as (
    select table_name as "key", project_id, slice_date as point
    from work.slice
    where table_name not in ('milestones', 'changes', 'financials')
    union
    select 'financials:' || scenario, project_id, slice_date from work.slice where table_name = 'financials'
    union
    select g."key", s.project_id, s.slice_date from work.slice s join grouped g using (table_name)
    union
    select 'margin', project_id, slice_date
    from work.slice
    where table_name = 'financials' and scenario in ('as_sold', 'forecast')
)
select "key", project_id, point, lead(point) over (partition by "key", project_id order by point) as next_point
from keyed;

create or replace table work.spine as
with status as (
    select distinct project_id, slice_date as status_date from work.slice
)
select
    s.project_id,
    s.status_date,
    coalesce(t.name, s.project_id) as name,
    t.* exclude (project_id, valid_from, valid_to, name)
from status s
asof left join project_timeline t
  on t.project_id = s.project_id and s.status_date >= t.valid_from;

-- is_due: read, by itself or over one other point, by a status date that is wanted.
create or replace table work.point as
with level as (
    select p."key", p.project_id, p.point, d.since
    from work.every_point p
    join work.due d using (project_id)
    where p.next_point is null or p.next_point > d.since
), stood as (
    -- what is read as of an older day: of a point that still holds, and of the period up to which its earned value is known
    select distinct project_id, point as "on" from level where point < since
    union
    select l.project_id, max(e.period_end) as "on"
    from level l
    join timeline.earned_value e
      on e.project_id = l.project_id and e.slice_date <= l.point and (e.valid_to is null or l.point < e.valid_to)
     and e.period_end < l.point
    cross join (values ('ev'), ('ac')) k (kind)
    where l."key" = 'earned_value'
      and case k.kind when 'ev' then e.earned_value is not null else e.actual_cost is not null end
    group by l.project_id, l.point, e.source, k.kind
), hop as (
    select p."key", s.project_id, p.point
    from stood s
    join (select distinct "key", project_id from work.every_point) k using (project_id)
    asof join work.every_point p
      on p.project_id = k.project_id and p."key" = k."key" and s."on" >= p.point
), due as (
    select "key", project_id, point from level
    union
    select "key", project_id, point from hop
)
select p.*, w.project_id is null or d.project_id is not null as is_due
from work.every_point p
left join work.due w using (project_id)
left join due d using ("key", project_id, point);

-- Each status date that is wanted with the newest point of a key by then; none before the first.
create or replace temp macro reported_at(point_key) as table
    select s.project_id, s.status_date, s.currency as project_currency, p.point
    from work.spine s
    asof join (select * from work.point where "key" = point_key) p
      on p.project_id = s.project_id and s.status_date >= p.point
    left join work.due d on d.project_id = s.project_id
    where d.project_id is null or s.status_date >= d.since;

-- Rates into the project's currency, only where a project has rows in another one.
-- closing: today's rate. as_sold: the closing rate of as_sold_rate_date, else the plan rate of that day; without the
-- date, the plan rate of the day the project's as-sold figures first came in.
create or replace table work.stated_currency as
select distinct table_name, project_id, currency, slice_date, valid_to
from (
    select 'baselines' as table_name, project_id, currency, slice_date, valid_to from timeline.baselines
    union all select 'milestones' as table_name, project_id, currency, slice_date, valid_to from timeline.milestones
    union all select 'earned_value' as table_name, project_id, currency, slice_date, valid_to from timeline.earned_value
    union all select 'financials' as table_name, project_id, currency, slice_date, valid_to from timeline.financials
    union all select 'orders' as table_name, project_id, currency, slice_date, valid_to from timeline.orders
    union all select 'changes' as table_name, project_id, currency, slice_date, valid_to from timeline.changes
    union all select 'risks' as table_name, project_id, currency, slice_date, valid_to from timeline.risks
    union all select 'acceptances' as table_name, project_id, currency, slice_date, valid_to from timeline.acceptances
    union all select 'invoices' as table_name, project_id, currency, slice_date, valid_to from timeline.invoices
    union all select 'tasks' as table_name, project_id, currency, slice_date, valid_to from timeline.tasks
    union all select 'sites' as table_name, project_id, currency, slice_date, valid_to from timeline.sites
    union all select 'subcontracts' as table_name, project_id, currency, slice_date, valid_to from timeline.subcontracts
    union all select 'opportunities' as table_name, project_id, currency, slice_date, valid_to from timeline.opportunities
)
where currency is not null;

create or replace table work.foreign_currency as
select distinct project_id, currency from work.stated_currency;

create or replace table work.rate as
with first_sold as (
    select project_id, min(slice_date) as sold_on
    from work.slice
    where table_name = 'financials' and scenario = 'as_sold'
    group by project_id
), wanted as (
    select
        s.project_id, s.status_date, f.currency, s.currency as project_currency, s.as_sold_rate_date,
        coalesce(s.as_sold_rate_date, least(o.sold_on, s.status_date), s.status_date) as sold_on
    from work.spine s
    join work.foreign_currency f on f.project_id = s.project_id and f.currency <> s.currency
    left join first_sold o on o.project_id = s.project_id
), day as (
    select distinct currency, status_date as "on" from wanted
    union select distinct project_currency, status_date from wanted
    union select distinct currency, sold_on from wanted
    union select distinct project_currency, sold_on from wanted
), quote as (
    select d.currency, d."on", i.basis, i.per_usd
    from day d
    join fx_intervals i
      on i.currency = d.currency and i.valid_from <= d."on" and (i.valid_to is null or d."on" < i.valid_to)
)
select
    w.project_id,
    w.status_date,
    w.currency,
    ratio(to_now.per_usd, from_now.per_usd) as closing,
    coalesce(
        case when w.as_sold_rate_date is not null then ratio(to_sold.per_usd, from_sold.per_usd) end,
        ratio(to_plan.per_usd, from_plan.per_usd)
    ) as as_sold
from wanted w
left join quote from_now on from_now.currency = w.currency and from_now."on" = w.status_date and from_now.basis = 'closing'
left join quote to_now on to_now.currency = w.project_currency and to_now."on" = w.status_date and to_now.basis = 'closing'
left join quote from_sold on from_sold.currency = w.currency and from_sold."on" = w.sold_on and from_sold.basis = 'closing'
left join quote to_sold on to_sold.currency = w.project_currency and to_sold."on" = w.sold_on and to_sold.basis = 'closing'
left join quote from_plan on from_plan.currency = w.currency and from_plan."on" = w.sold_on and from_plan.basis = 'plan'
left join quote to_plan on to_plan.currency = w.project_currency and to_plan."on" = w.sold_on and to_plan.basis = 'plan';
