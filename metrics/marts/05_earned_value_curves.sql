-- work.ev_curve: planned, earned and actual value by period, as each delivery stated them. work.ev_axis: its time axis.
-- grain  curve: basis × project × point × period; axis: basis × project × point. basis = the table it comes from:
--        earned_value; milestones and sites (derived) only at points where no earned_value row is in force
-- units  pv, ev, ac: cumulative, project currency, DECIMAL(18,4); foreign rows at the as-sold rate, like the baselines.
--        A derived curve of a project without a BAC has the unit UNIT_BAC = 1 000 000: its shares are right, its money
--        is not and never leaves this schema (has_money false). n counts periods from 1; `at` and `pv_at` in periods
-- source earned_value: the source with the newest slice. Period n ends on the n-th period_end; period 1 starts the day
--        before baseline_start, or one cadence before its end where that is unknown or not earlier. Derived: months from
--        baseline start to the last planned date; the share of milestone weights, or of sites, planned and done by then.
--        data_date: the slice's date, or, where the newest earned value belongs to an earlier period, that period's end.

-- Milestones and sites as they stood, one row per id: the newest slice of any source wins. stated: in how many it stands.
create or replace table work.milestone_held as
select t.*
from in_force('milestones', 'milestones') t
qualify row_number() over (
    partition by t.project_id, t.point, t.milestone_id order by t.slice_date desc, t.from_load desc, t.source, t."row"
) = 1;

create or replace table work.site_held as
select
    t.* exclude (stage),
    t.stage as stated_stage,
    count(*) over (partition by t.project_id, t.point, t.site_id) as stated,
    coalesce(
        t.stage,
        case
            when least(t.provisional_acceptance_on, t.final_acceptance_on) <= t.point then 'accepted'
            when t.actual_on_air <= t.point then 'on_air'
        end,
        'unknown'
    ) as stage,
    least(t.provisional_acceptance_on, t.final_acceptance_on) as accepted_on
from in_force('sites', 'sites') t
qualify row_number() over (
    partition by t.project_id, t.point, t.site_id order by t.slice_date desc, t.from_load desc, t.source, t."row"
) = 1;

-- Earned value as delivered.
create or replace table work.ev_row as
with held as (
    select
        t.project_id,
        t.point,
        t.period_end,
        t.planned_value,
        t.earned_value,
        t.actual_cost,
        t.currency,
        t.slice_date,
        t.from_load,
        origin('earned_value', t.source, t.file, t.sheet, t."row") as ref,
        t.source = first_value(t.source) over (
            partition by t.project_id, t.point order by t.slice_date desc, t.from_load desc, t.source
        ) as is_chosen
    from in_force('earned_value', 'earned_value') t
), one as (
    select *
    from held
    where is_chosen
    qualify row_number() over (
        partition by project_id, point, period_end order by slice_date desc, from_load desc, ref."row"
    ) = 1
)
select
    o.project_id,
    o.point,
    o.period_end,
    in_project_currency(o.planned_value, o.currency, s.currency, r.as_sold) as pv,
    in_project_currency(o.earned_value, o.currency, s.currency, r.as_sold) as ev,
    in_project_currency(o.actual_cost, o.currency, s.currency, r.as_sold) as ac,
    -- stated, but in a currency without a rate
    o.planned_value is not null and pv is null as is_pv_lost,
    o.earned_value is not null and ev is null as is_ev_lost,
    o.ref
from one o
join work.spine s on s.project_id = o.project_id and s.status_date = o.point
left join work.rate r
  on r.project_id = o.project_id and r.status_date = o.point and r.currency = o.currency;

-- What milestones and sites say is planned and done: one row per event, its share of the whole.
create or replace table work.ev_event as
with event as (
    select 'milestones' as basis, project_id, point, baseline_date as planned_on, actual_date as done_on, weight as share
    from work.milestone_held
    where weight > 0
    union all
    select 'sites', project_id, point, planned_on_air, actual_on_air, 1.0
    from work.site_held
    union all
    -- a site that is on air without a date was so by the status date
    select 'sites', project_id, point, null, point, 1.0
    from work.site_held
    where actual_on_air is null and stage in ('on_air', 'accepted')
), whole as (
    select basis, project_id, point, sum(share) as whole
    from (
        select 'milestones' as basis, project_id, point, weight as share from work.milestone_held where weight > 0
        union all
        select 'sites', project_id, point, 1.0 from work.site_held
    )
    group by all
)
select e.basis, e.project_id, e.point, e.planned_on, e.done_on, e.share / w.whole as share
from event e
join whole w using (basis, project_id, point);

create or replace table work.ev_derived as
with measured as (
    select distinct project_id, point from work.ev_row
), stated as (
    -- the newest earned_value point at or before each point, and whether anything was in force there
    select p."key" as basis, p.project_id, p.point, m.point is not null as has_rows
    from work.point p
    asof left join (select * from work.point where "key" = 'earned_value') e
      on e.project_id = p.project_id and p.point >= e.point
    left join measured m on m.project_id = e.project_id and m.point = e.point
    where p."key" in ('milestones', 'sites')
), span as (
    select
        e.basis,
        e.project_id,
        e.point,
        least(any_value(b.baseline_start), min(e.planned_on)) as first_day,
        greatest(max(e.planned_on), any_value(b.baseline_start)) as last_day,
        any_value(b.baseline_cost) as bac
    from work.ev_event e
    join stated s using (basis, project_id, point)
    left join work.baseline b on b.project_id = e.project_id and b.status_date = e.point
    where not s.has_rows
    group by e.basis, e.project_id, e.point
    having min(e.planned_on) is not null
), period as (
    select
        basis, project_id, point, bac,
        unnest(list_transform(
            generate_series(0, least(datediff('month', first_day, last_day), 600)),
            lambda k: last_day(first_day + to_months(k::int))
        )) as period_end
    from span
), flow as (
    select basis, project_id, point, planned_on as "on", share as planned, 0.0 as earned from work.ev_event
    union all
    select basis, project_id, point, done_on, 0.0, share from work.ev_event where done_on <= point
), monthly as (
    select basis, project_id, point, last_day("on") as period_end, sum(planned) as planned, sum(earned) as earned
    from flow
    where "on" is not null
    group by all
), first_period as (
    select basis, project_id, point, min(period_end) as first_end, max(period_end) as last_end from period group by all
), summed as (
    -- what happened before the first period or after the last belongs to its end
    select
        m.basis, m.project_id, m.point,
        greatest(least(m.period_end, f.last_end), f.first_end) as period_end,
        sum(m.planned) as planned,
        sum(m.earned) as earned
    from monthly m
    join first_period f using (basis, project_id, point)
    group by all
)
select
    p.basis,
    p.project_id,
    p.point,
    p.period_end,
    p.bac,
    sum(coalesce(s.planned, 0)) over until as planned,
    case when date_trunc('month', p.period_end) <= p.point then sum(coalesce(s.earned, 0)) over until end as earned
from period p
left join summed s using (basis, project_id, point, period_end)
window until as (partition by p.basis, p.project_id, p.point order by p.period_end);

-- The two kinds as one curve.
create or replace table work.ev_curve as
with line as (
    select 'earned_value' as basis, project_id, point, period_end, pv, ev, ac, is_pv_lost, is_ev_lost, ref from work.ev_row
    union all
    select
        basis, project_id, point, period_end,
        (coalesce(bac, 1000000) * planned)::decimal(18, 4),
        (coalesce(bac, 1000000) * earned)::decimal(18, 4),
        null::decimal(18, 4),
        false,
        false,
        null
    from work.ev_derived
), numbered as (
    select
        *,
        row_number() over periods as n,
        lag(period_end) over periods as previous_end,
        coalesce(lag(pv) over periods, 0)::decimal(18, 4) as previous_pv,
        max(pv) over (periods rows between unbounded preceding and 1 preceding) as peak_before
    from line
    window periods as (partition by basis, project_id, point order by period_end)
)
select
    basis, project_id, point, n, period_end, previous_end, pv, previous_pv, ev, ac, is_pv_lost, is_ev_lost, ref,
    -- a new height of the plan: earned schedule is found on these alone, so a plateau counts at its earliest
    coalesce(pv > coalesce(peak_before, 0), false) as is_new_height
from numbered;

create or replace table work.ev_axis as
with total as (
    select
        basis,
        project_id,
        point,
        count(*) as periods,
        min(period_end) as first_end,
        max(period_end) as last_end,
        max(previous_end) as last_start,
        bool_and(is_month_end(period_end)) as is_monthly,
        min(n) filter (where period_end >= point) as containing,
        arg_max(pv, n) as last_pv,
        bool_or(is_pv_lost) as is_pv_lost,
        max(pv) as top_pv,
        min(n) filter (where is_new_height) as rises_at
    from work.ev_curve
    group by basis, project_id, point
), started as (
    select
        t.*,
        b.baseline_cost,
        b.refs as baseline_refs,
        case when b.baseline_start <= t.first_end then (b.baseline_start - 1)::date end as stated_start
    from total t
    left join work.baseline b on b.project_id = t.project_id and b.status_date = t.point
), paced as (
    select
        * exclude (stated_start, baseline_cost),
        case
            when is_monthly and periods > 1 then datediff('month', last_start, last_end)
            when is_monthly and stated_start is not null then greatest(1, datediff('month', stated_start, last_end))
            when is_monthly then 1
        end as cadence_months,
        case when periods > 1 then last_end - last_start else first_end - stated_start end as cadence_days,
        stated_start,
        baseline_cost,
        basis = 'earned_value' or baseline_cost is not null as has_money
    from started
), cut as (
    -- the newest period, up to the one that holds the status date, whose earned value is known (else its actual cost)
    select
        c.basis, c.project_id, c.point,
        coalesce(
            max(c.n) filter (where c.ev is not null or c.is_ev_lost), max(c.n) filter (where c.ac is not null)
        ) as cut
    from work.ev_curve c
    join paced p using (basis, project_id, point)
    where c.n <= coalesce(p.containing, p.periods)
    group by all
)
select
    p.basis,
    p.project_id,
    p.point,
    p.periods,
    coalesce(
        p.stated_start,
        case
            when p.cadence_months is not null then last_day(p.first_end - to_months(p.cadence_months::int))
            when p.periods > 1 then (p.first_end - p.cadence_days::int)::date
        end
    ) as axis_start,
    p.last_end,
    p.cadence_months,
    p.cadence_days,
    p.last_pv,
    p.top_pv,
    case when p.has_money then coalesce(p.baseline_cost, p.last_pv) else 1000000 end::decimal(18, 4) as bac,
    p.has_money,
    p.is_pv_lost,
    p.baseline_refs,
    k.cut,
    case
        when k.cut < coalesce(p.containing, p.periods) then least(c.period_end, p.point)
        else p.point
    end as data_date,
    c.ev as stated_ev,
    c.ac,
    c.ref
from paced p
left join cut k using (basis, project_id, point)
left join work.ev_curve c
  on c.basis = p.basis and c.project_id = p.project_id and c.point = p.point and c.n = k.cut;
