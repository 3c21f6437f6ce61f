-- work.change_status, work.order_status, work.notice: changes, orders and notices as of every status date.
-- grain  change_status: project × status date × change; order_status: … × order; notice: … × change or delay whose notice
--        is due one day; change_total: project × status date, only where changes were ever delivered by then
-- units  money in project currency, DECIMAL(18,4): approved effects at the as-sold rate (as in the margin bridge), what is
--        open or spent at today's
-- source changes, orders, delays. Approved: approved or implemented; open: draft or submitted. A change that states one of
--        its two effects has none of the other; one that states neither is unknown. Open value is the revenue at stake,
--        else the cost, without its sign: an omission waits for approval like an addition. Unapproved work: work started,
--        or cost spent, on a change that is not approved. A notice is missed when its day has passed and it was not given
--        (a change still a draft, a delay not notified), or when it was given later.

create or replace table work.change_status as
with held as (
    select *
    from in_force('changes', 'changes')
    qualify row_number() over (
        partition by project_id, point, change_id order by slice_date desc, from_load desc, source, "row"
    ) = 1
)
select
    d.project_id,
    d.status_date,
    h.change_id,
    h.status,
    h.order_id,
    h.status in ('approved', 'implemented') as is_approved,
    h.status in ('draft', 'submitted') as is_open,
    coalesce(case when h.line <> 'revenue' then h.line end, 'other') as line,
    converted(
        coalesce(h.revenue_impact, case when h.cost_impact is not null then 0 end),
        h.currency, d.project_currency, r.as_sold
    ) as revenue_impact,
    converted(
        coalesce(h.cost_impact, case when h.revenue_impact is not null then 0 end),
        h.currency, d.project_currency, r.as_sold
    ) as cost_impact,
    money(abs(converted(coalesce(h.revenue_impact, h.cost_impact), h.currency, d.project_currency, r.closing)))
        as value_now,
    converted(h.cost_to_date, h.currency, d.project_currency, r.closing) as cost_to_date,
    h.cost_to_date is not null as has_cost_to_date,
    coalesce(h.work_started_on <= d.status_date, false) or coalesce(h.cost_to_date > 0, false) as is_started,
    h.notice_due_on,
    case
        when h.notice_due_on is not null
            then coalesce(h.raised_on > h.notice_due_on, false) or (h.status = 'draft' and d.status_date > h.notice_due_on)
    end as notice_missed,
    origin('changes', h.source, h.file, h.sheet, h."row") as ref
from reported_at('changes') d
join held h on h.project_id = d.project_id and h.point = d.point
left join work.rate r
  on r.project_id = d.project_id and r.status_date = d.status_date and r.currency = h.currency;

create or replace table work.order_status as
with held as (
    select *
    from in_force('orders', 'changes')
    qualify row_number() over (
        partition by project_id, point, order_id order by slice_date desc, from_load desc, source, "row"
    ) = 1
)
select
    d.project_id,
    d.status_date,
    h.order_id,
    h.change_id,
    h.ordered_on,
    h.expires_on,
    coalesce(h.status = 'received', h.ordered_on <= d.status_date, false) as is_received,
    converted(h.amount, h.currency, d.project_currency, r.closing) as amount,
    origin('orders', h.source, h.file, h.sheet, h."row") as ref
from reported_at('changes') d
join held h on h.project_id = d.project_id and h.point = d.point
left join work.rate r
  on r.project_id = d.project_id and r.status_date = d.status_date and r.currency = h.currency;

-- When each of the three was first delivered: before, nothing is known of it.
create or replace table work.first_delivery as
select project_id, table_name, min(slice_date) as first_on
from work.slice
where table_name in ('changes', 'orders', 'delays')
group by project_id, table_name;

create or replace table work.change_total as
select
    s.project_id,
    s.status_date,
    sum_or_none(c.revenue_impact, c.is_approved) as approved_revenue,
    sum_or_none(c.cost_impact, c.is_approved) as approved_cost,
    sum_or_none(c.value_now, c.is_open) as open_value,
    count(*) filter (c.is_open) as open_count,
    count(*) filter (c.is_started and not c.is_approved) as unapproved_work,
    sum_or_none(c.cost_to_date, c.has_cost_to_date) as cost_to_date,
    -- of a count of none, the rows that were looked through
    (list(c.ref order by c.change_id) filter (c.ref is not null))[:20] as delivered_refs,
    coalesce(list(c.ref order by c.change_id) filter (c.is_open), delivered_refs) as open_refs,
    list(c.ref order by c.change_id) filter (c.is_approved) as approved_refs,
    coalesce(list(c.ref order by c.change_id) filter (c.is_started and not c.is_approved), delivered_refs)
        as unapproved_work_refs
from work.spine s
join work.first_delivery f on f.project_id = s.project_id and f.table_name = 'changes' and f.first_on <= s.status_date
left join work.change_status c on c.project_id = s.project_id and c.status_date = s.status_date
group by s.project_id, s.status_date;

create or replace table work.notice as
select project_id, status_date, 'change' as kind, change_id as id, notice_missed, ref
from work.change_status
where notice_missed is not null
union all
select
    d.project_id, d.status_date, 'delay', t.delay_id,
    coalesce(t.notified_on > t.notice_due_on, d.status_date > t.notice_due_on), t.ref
from reported_at('milestones') d
join work.delay_held t on t.project_id = d.project_id and t.point = d.point
where t.notice_due_on is not null;
