-- mart_milestone_slip: every milestone's dates, slip, excusable delay and liquidated damages at every report.
-- grain  project × milestone × status date (of a report of milestones, delays or actual cost); as of a day: status_date
--        <= day and (next_status_date is null or next_status_date > day)
-- units  slips in calendar days, positive = late (*_working_days*: of the project's country); damages and revenue in project currency, DECIMAL(18,4)
-- source milestones, delays, financials. expected_date is the actual date, else the forecast. slip_days is against the
--        milestone's own baseline_date, slip_days_original against original_date, slip_days_contract against
--        contract_date plus the days granted. moved_days: since the milestone's previous report. first_slipped_on: the
--        first report that expected it after its baseline of that day; re-baselining does not take it back.
--        Delays that name no milestone extend every contract date. Damages: percent per week started, cap, on ld_base (the
--        contract value where none is given). Probable: all that the lateness costs, booked or not; an open milestone is at
--        least as late as its report. Booked: the project's actual liquidated damages, shared out by probable damages
--        (else by maximum), exact to the last digit. Maximum: the cap; unknown where there is none.

create or replace table work.delay_held as
select
    t.project_id,
    t.point,
    t.delay_id,
    t.milestone_id,
    t.cause,
    t.title,
    t.days,
    t.days_claimed,
    t.days_granted,
    t.notice_due_on,
    t.notified_on,
    case
        when t.notice_due_on is not null
            then coalesce(t.notified_on > t.notice_due_on, t.point > t.notice_due_on)
    end as notice_missed,
    origin('delays', t.source, t.file, t.sheet, t."row") as ref
from in_force('delays', 'milestones') t
qualify row_number() over (
    partition by t.project_id, t.point, t.delay_id order by t.slice_date desc, t.from_load desc, t.source, t."row"
) = 1;

create or replace table work.milestone_report as
with report as (
    select
        project_id,
        milestone_id,
        slice_date,
        coalesce(actual_date, forecast_date) as expected_date,
        coalesce(baseline_date, original_date) as due_date
    from timeline.milestones
    semi join work.slice using (project_id, slice_date)
    qualify row_number() over (
        partition by project_id, milestone_id, slice_date order by from_load desc, source, "row"
    ) = 1
)
select
    project_id,
    milestone_id,
    slice_date,
    (expected_date - lag(expected_date) over earlier)::int as moved_days,
    lag(expected_date) over earlier as previous_date,
    min(case when expected_date > due_date then slice_date end) over earlier as first_slipped_on
from report
window earlier as (partition by project_id, milestone_id order by slice_date);

create or replace table work.milestone_status as
with date_of_report as (
    select project_id, point from work.point where "key" in ('milestones', 'financials:actual') group by all
), point as (
    select project_id, point, lead(point) over (partition by project_id order by point) as next_point from date_of_report
), held as (
    select
        p.project_id,
        p.point as status_date,
        p.next_point as next_status_date,
        m.point as milestone_point,
        a.point as actual_point
    from point p
    asof join (select * from work.point where "key" = 'milestones') m
      on m.project_id = p.project_id and p.point >= m.point
    asof left join (select * from work.point where "key" = 'financials:actual') a
      on a.project_id = p.project_id and p.point >= a.point
), reported as (
    -- whether delays were ever reported by then: without, they are unknown, not none
    select project_id, min(slice_date) as first_report from work.slice where table_name = 'delays' group by project_id
), delay as (
    select
        project_id,
        point,
        milestone_id,
        sum(days order by delay_id) as delay_days,
        sum(days_claimed order by delay_id) as days_claimed,
        sum(days_granted order by delay_id) as days_granted,
        list({
            'delay_id': delay_id, 'cause': cause, 'title': title, 'days': days, 'days_claimed': days_claimed,
            'days_granted': days_granted, 'notice_due_on': notice_due_on, 'notified_on': notified_on,
            'notice_missed': notice_missed
        } order by delay_id) as delays,
        list(ref order by delay_id) as refs
    from work.delay_held
    group by project_id, point, milestone_id
), dated as (
    select
        h.project_id,
        h.status_date,
        h.next_status_date,
        h.actual_point,
        coalesce(s.country, '') as country,
        m.slice_date,
        max(m.slice_date) over (partition by h.project_id, h.status_date) as reported_on,
        m.milestone_id,
        m.name,
        m.kind,
        m.original_date,
        m.baseline_date,
        m.contract_date,
        m.forecast_date,
        m.actual_date,
        coalesce(m.actual_date, m.forecast_date) as expected_date,
        coalesce(m.actual_date <= h.status_date, false) as is_met,
        m.weight,
        in_project_currency(m.revenue_amount, m.currency, s.currency, r.closing) as revenue_amount,
        m.ld_pct_per_week,
        m.ld_cap_pct,
        case
            when m.ld_base is not null then in_project_currency(m.ld_base, m.currency, s.currency, r.closing)
            else s.contract_value::decimal(18, 4)
        end as ld_base,
        case when q.first_report <= h.status_date then coalesce(d.days_claimed, 0) + coalesce(w.days_claimed, 0) end as days_claimed,
        case when q.first_report <= h.status_date then coalesce(d.days_granted, 0) + coalesce(w.days_granted, 0) end as days_excusable,
        list_concat(coalesce(d.delays, []), coalesce(w.delays, [])) as delays,
        list_concat([origin('milestones', m.source, m.file, m.sheet, m."row")], list_concat(coalesce(d.refs, []), coalesce(w.refs, [])))
            as source_refs
    from held h
    join work.milestone_held m on m.project_id = h.project_id and m.point = h.milestone_point
    join work.spine s on s.project_id = h.project_id and s.status_date = h.status_date
    left join work.rate r
      on r.project_id = h.project_id and r.status_date = h.status_date and r.currency = m.currency
    left join reported q on q.project_id = h.project_id
    left join delay d
      on d.project_id = h.project_id and d.point = h.milestone_point and d.milestone_id = m.milestone_id
    left join delay w
      on w.project_id = h.project_id and w.point = h.milestone_point and w.milestone_id is null
     and m.contract_date is not null
), late as (
    select
        *,
        case
            when is_met then actual_date - contract_date
            when coalesce(expected_date, contract_date) > reported_on then expected_date - contract_date
            when expected_date is not null or reported_on - contract_date > coalesce(days_excusable, 0)
                then reported_on - contract_date
        end - coalesce(days_excusable, 0) as days_late
    from dated
), damaged as (
    select
        *,
        case
            when ld_pct_per_week is null or days_late is null then null
            when days_late <= 0 then 0
            else (ld_base::double * least(ceil(days_late / 7.0) * ld_pct_per_week, coalesce(ld_cap_pct, 1e9)))
        end::decimal(18, 4) as ld_probable,
        (ld_base::double * ld_cap_pct)::decimal(18, 4) as ld_maximum,
        ld_pct_per_week is not null or ld_cap_pct is not null as has_damages
    from late
), booked as (
    -- none is known only where the actual cost came in
    select
        h.project_id,
        h.status_date,
        case
            when count(c.line) = count(cost_in(c.amount, c.currency, s.currency, r.closing))
             and (not coalesce(bool_or(c.is_nowhere), false) or count(distinct c.currency) < 2)
                then coalesce(sum(cost_in(c.amount, c.currency, s.currency, r.closing)), 0)
        end::decimal(18, 4) as booked
    from held h
    join work.spine s on s.project_id = h.project_id and s.status_date = h.status_date
    semi join (select distinct project_id, point from work.cost_line where scenario = 'actual') k
      on k.project_id = h.project_id and k.point = h.actual_point
    left join work.cost_line c
      on c.project_id = h.project_id and c.point = h.actual_point and c.scenario = 'actual'
     and c.line = 'liquidated_damages'
    left join work.rate r
      on r.project_id = h.project_id and r.status_date = h.status_date and r.currency = c.currency
    group by h.project_id, h.status_date
), weighed as (
    select
        d.*,
        b.booked,
        case
            when not d.has_damages then 0
            when sum(d.ld_probable) over whole > 0 then coalesce(d.ld_probable, 0)
            when sum(d.ld_maximum) over whole > 0 then coalesce(d.ld_maximum, 0)
            else 1
        end::double as claim
    from damaged d
    left join booked b using (project_id, status_date)
    window whole as (partition by d.project_id, d.status_date)
)
select
    * exclude (claim_until),
    case
        when has_damages then booked_until - coalesce(
            lag(booked_until) over (partition by project_id, status_date order by milestone_id), 0
        )
    end::decimal(18, 4) as ld_booked
from (
    select
        *,
        -- the cumulative share, rounded; its steps add up to the whole
        case when claim_until = claims then booked else (booked::double * claim_until / claims)::decimal(18, 4) end as booked_until
    from (
        select
            *,
            sum(claim) over (partition by project_id, status_date) as claims,
            sum(claim) over (
                partition by project_id, status_date order by milestone_id rows between unbounded preceding and current row
            ) as claim_until
        from weighed
    )
);

create or replace table mart_milestone_slip as
select
    s.project_id,
    s.milestone_id,
    s.status_date,
    s.next_status_date,
    s.name,
    s.kind,
    s.original_date,
    s.baseline_date,
    s.contract_date,
    s.forecast_date,
    s.actual_date,
    s.expected_date,
    s.weight,
    s.revenue_amount,
    (s.expected_date - s.baseline_date)::int as slip_days,
    (s.expected_date - s.original_date)::int as slip_days_original,
    ceil(s.expected_date - s.contract_date - coalesce(s.days_excusable, 0))::int as slip_days_contract,
    (ends."number" - planned."number")::int as slip_working_days,
    (ends."number" - original."number")::int as slip_working_days_original,
    r.moved_days,
    (ends."number" - before."number")::int as moved_working_days,
    r.first_slipped_on,
    s.days_claimed,
    s.days_excusable,
    s.delays,
    s.ld_booked,
    s.ld_probable,
    s.ld_maximum,
    s.source_refs
from work.milestone_status s
left join work.milestone_report r
  on r.project_id = s.project_id and r.milestone_id = s.milestone_id and r.slice_date = s.slice_date
left join work.working_day ends on ends.country = s.country and ends."day" = s.expected_date
left join work.working_day planned on planned.country = s.country and planned."day" = s.baseline_date
left join work.working_day original on original.country = s.country and original."day" = s.original_date
left join work.working_day before on before.country = s.country and before."day" = r.previous_date
order by s.project_id, s.status_date, s.milestone_id;
