-- work.money_status, work.contract_status: the money of a project as the status mart and the rules read it.
-- grain  project × status date, exactly one row per row of work.spine
-- units  money in project currency, DECIMAL(18,4); *_pct, *_share and cost_over_* fractions; *_pp percentage points
-- source the marts before this one. cost_over_baseline: forecast cost over the baseline scenario's cost, else the current
--        baseline's. cost_over_original: over the same of the original: the first baseline scenario where it is older than
--        the first re-baseline, else the original baseline's cost. *_share: of the original contract value.
--        cost_without_order: actual cost outside changes (damages aside) beyond the orders received for the contract, and the
--        cost to date of changes beyond theirs; an expired order covers no more than was spent by then. Unknown before
--        orders, or actual cost, were delivered. *_refs: the source rows behind the numbers.

create or replace table work.original_cost as
with rebaselined as (
    select s.project_id, s.status_date, min(b.approved_on) as on_day
    from work.spine s
    join timeline.baselines b
      on b.project_id = s.project_id and b.slice_date <= s.status_date
     and (b.valid_to is null or s.status_date < b.valid_to)
     and b.approved_on <= s.status_date and b.baseline_no > 0
    group by s.project_id, s.status_date
), first_scenario as (
    select project_id, min(point) as point
    from work.scenario_point
    where scenario = 'baseline'
    group by project_id
), first_cost as (
    -- at the as-sold rate of the first day, like the scenario itself
    select s.project_id, s.status_date, f.point, c.cost, c.cost_refs
    from work.spine s
    join first_scenario f on f.project_id = s.project_id and f.point <= s.status_date
    join work.scenario c on c.project_id = f.project_id and c.status_date = f.point and c.scenario = 'baseline'
)
select
    s.project_id,
    s.status_date,
    case
        when f.point is not null and (r.on_day is null or f.point < r.on_day) then f.cost
        else b.original_cost
    end as original_cost,
    case
        when f.point is not null and (r.on_day is null or f.point < r.on_day) then f.cost_refs
        else b.refs
    end as refs
from work.spine s
left join first_cost f on f.project_id = s.project_id and f.status_date = s.status_date
left join rebaselined r on r.project_id = s.project_id and r.status_date = s.status_date
left join work.baseline b on b.project_id = s.project_id and b.status_date = s.status_date;

create or replace table work.money_status as
with rate_effect as (
    select project_id, status_date, amount as fx_effect, pp as fx_effect_pp
    from mart_margin_bridge
    where step = 'exchange_rate'
)
select
    s.project_id,
    s.status_date,
    m.revenue_as_sold,
    m.cost_as_sold,
    m.margin_as_sold,
    m.margin_pct_as_sold,
    m.revenue_baseline,
    m.cost_baseline,
    m.margin_baseline,
    m.margin_pct_baseline,
    m.revenue_forecast,
    m.cost_forecast,
    m.margin_forecast,
    m.margin_pct_forecast,
    m.margin_erosion_pp,
    f.contingency as contingency_left,
    ratio(m.cost_forecast, coalesce(m.cost_baseline, b.baseline_cost)) - 1 as cost_over_baseline,
    ratio(m.cost_forecast, o.original_cost) - 1 as cost_over_original,
    e.fx_effect,
    e.fx_effect_pp,
    c.current_contract_value,
    list_concat(a.refs, f.refs) as margin_refs,
    list_concat(f.cost_refs, case when m.cost_baseline is not null then l.cost_refs else b.refs end) as cost_refs,
    list_concat(f.cost_refs, o.refs) as original_cost_refs
from work.spine s
left join mart_margin m on m.project_id = s.project_id and m.status_date = s.status_date
left join (select * from work.scenario where scenario = 'as_sold') a
  on a.project_id = s.project_id and a.status_date = s.status_date
left join (select * from work.scenario where scenario = 'baseline') l
  on l.project_id = s.project_id and l.status_date = s.status_date
left join (select * from work.scenario where scenario = 'forecast') f
  on f.project_id = s.project_id and f.status_date = s.status_date
left join work.baseline b on b.project_id = s.project_id and b.status_date = s.status_date
left join work.original_cost o on o.project_id = s.project_id and o.status_date = s.status_date
left join rate_effect e on e.project_id = s.project_id and e.status_date = s.status_date
left join work.contract c on c.project_id = s.project_id and c.status_date = s.status_date;

create or replace table work.cost_without_order as
with covered as (
    -- orders of the contract itself: those that still hold, those that have expired
    select
        s.project_id,
        s.status_date,
        sum_or_none(o.amount, o.is_received and o.change_id is null and coalesce(o.expires_on >= s.status_date, true))
            as standing,
        sum_or_none(o.amount, o.is_received and o.change_id is null and o.expires_on < s.status_date) as expired,
        max(o.expires_on) filter (o.is_received and o.change_id is null and o.expires_on < s.status_date) as expired_on,
        list(o.ref order by o.order_id) as refs
    from work.spine s
    join work.first_delivery d
      on d.project_id = s.project_id and d.table_name = 'orders' and d.first_on <= s.status_date
    left join work.order_status o on o.project_id = s.project_id and o.status_date = s.status_date
    group by s.project_id, s.status_date
), spent as (
    select a.project_id, a.status_date, money(a.cost - a.damages) as cost
    from work.scenario a
    where a.scenario = 'actual'
), change_order as (
    -- the orders received for a change; one without an amount of its own is the contract's order and covers all
    select
        c.project_id, c.status_date, c.change_id,
        bool_or(o.change_id is null) as by_contract,
        sum(o.amount) as amount,
        count(*) as orders,
        count(o.amount) as known_orders
    from work.change_status c
    join work.order_status o
      on o.project_id = c.project_id and o.status_date = c.status_date and o.is_received
     and (o.change_id = c.change_id or o.order_id = c.order_id)
    group by c.project_id, c.status_date, c.change_id
), on_changes as (
    select
        c.project_id,
        c.status_date,
        sum_or_none(
            case
                when k.change_id is null then c.cost_to_date
                when k.by_contract then 0
                when k.orders = k.known_orders then at_least_0(c.cost_to_date - k.amount)
            end,
            c.has_cost_to_date and c.cost_to_date is distinct from 0
        ) as uncovered,
        list(c.ref order by c.change_id) filter (c.cost_to_date > 0 and k.change_id is null) as refs
    from work.change_status c
    left join change_order k
      on k.project_id = c.project_id and k.status_date = c.status_date and k.change_id = c.change_id
    group by c.project_id, c.status_date
)
select
    v.project_id,
    v.status_date,
    money(
        at_least_0(
            p.cost - case when t.project_id is null then 0 else t.cost_to_date end - v.standing
            - case
                when v.expired_on is null then 0
                when v.expired is not null then least(v.expired, coalesce(x.cost, v.expired))
            end
        )
        + case when c.project_id is null then 0 else c.uncovered end
    ) as amount,
    list_concat(v.refs, c.refs) as refs
from covered v
join spent p on p.project_id = v.project_id and p.status_date = v.status_date
left join work.change_total t on t.project_id = v.project_id and t.status_date = v.status_date
left join on_changes c on c.project_id = v.project_id and c.status_date = v.status_date
asof left join spent x on x.project_id = v.project_id and v.expired_on >= x.status_date;

create or replace table work.contract_status as
with missed as (
    select
        project_id,
        status_date,
        count(*) filter (notice_missed) as notices_missed,
        coalesce(list(ref order by kind, id) filter (notice_missed), list(ref order by kind, id)[:20]) as refs
    from work.notice
    group by project_id, status_date
), noticed as (
    select project_id, min(first_on) as first_on
    from work.first_delivery
    where table_name in ('changes', 'delays')
    group by project_id
)
select
    s.project_id,
    s.status_date,
    a.damages as ld_booked,
    r.risk_exposure,
    r.opportunity_exposure,
    k.unbilled,
    k.overdue as overdue_receivables,
    w.amount as cost_without_order,
    ratio(w.amount, s.contract_value) as cost_without_order_share,
    t.open_value as open_changes_value,
    ratio(t.open_value, s.contract_value) as unapproved_change_share,
    t.unapproved_work,
    case when n.first_on <= s.status_date then coalesce(m.notices_missed, 0) end as notices_missed,
    r.risk_refs,
    k.unbilled_refs,
    k.overdue_refs,
    w.refs as order_refs,
    t.open_refs as change_refs,
    t.unapproved_work_refs,
    coalesce(m.refs, t.delivered_refs) as notice_refs
from work.spine s
left join (select * from work.scenario where scenario = 'actual') a
  on a.project_id = s.project_id and a.status_date = s.status_date
left join work.risk_total r on r.project_id = s.project_id and r.status_date = s.status_date
left join work.cash_total k on k.project_id = s.project_id and k.status_date = s.status_date
left join work.cost_without_order w on w.project_id = s.project_id and w.status_date = s.status_date
left join work.change_total t on t.project_id = s.project_id and t.status_date = s.status_date
left join missed m on m.project_id = s.project_id and m.status_date = s.status_date
left join noticed n on n.project_id = s.project_id;
