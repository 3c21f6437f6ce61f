-- work.watermelon: green outside, red inside. The tests that hold at a status date, and since when.
-- grain  project × status date × test
-- units  since: the first status date of the unbroken run of status dates at which the test holds
-- source the definitions' section on watermelons (house rule, no authority). reported_better: the reported overall colour is
--        better than the computed one (without an overall report, any dimension's). The others need a green report:
--        low_spi_t: SPI(t) below the rule's amber (not before the rule applies), below 0.90 where the rule is off;
--        margin_lost: more margin lost than green allows, a point where the rule is off; overdue_milestone: a contractual
--        milestone or the finish is past its date plus granted days and not reached; frozen_forecast: the same forecast in
--        three reports while SPI(t) falls, never rising, by the dead band of an index (0.01) or more; progress_is_spend:
--        progress equals cost over BAC, or over the forecast cost, to a twentieth of a percent of itself, in three reports in
--        a row.

create or replace temp macro severity_named(colour) as
    case colour when 'green' then 0 when 'amber' then 1 when 'red' then 2 end;

create or replace table work.overdue_milestone as
select distinct m.project_id, m.spine_date as status_date
from work.milestone_asof m
where not m.is_met
  and (m.contract_date is not null or m.kind = 'contractual' or m.milestone_id = m.finish_milestone_id)
  and coalesce(m.contract_date + ceil(coalesce(m.days_excusable, 0))::int, m.baseline_date) < m.spine_date;

create or replace table work.watermelon as
with rated as (
    select
        s.project_id,
        s.status_date,
        s.reported_on = s.status_date as is_report,
        coalesce(
            s.reported_overall = 'green',
            coalesce(severity_named(s.reported_cost), 0) + coalesce(severity_named(s.reported_scope), 0)
            + coalesce(severity_named(s.reported_schedule), 0) + coalesce(severity_named(s.reported_quality), 0) = 0
            and coalesce(s.reported_cost, s.reported_scope, s.reported_schedule, s.reported_quality) is not null
        ) as is_green,
        coalesce(severity_named(s.reported_overall) < o.severity, false) or (
            s.reported_overall is null and (
                coalesce(severity_named(s.reported_cost) < o.cost, false)
                or coalesce(severity_named(s.reported_scope) < o.scope, false)
                or coalesce(severity_named(s.reported_schedule) < o.schedule, false)
                or coalesce(severity_named(s.reported_quality) < o.quality, false)
            )
        ) as reported_better,
        s.spi_t,
        s.margin_lost_pp,
        coalesce(s.reported_forecast_finish, s.forecast_finish) as stated_finish,
        s.percent_complete > 0 and s.percent_complete < 1 and (
            coalesce(abs(s.percent_complete - ratio(s.ac, s.bac)) <= 0.0005 * s.percent_complete + 1e-9, false)
            or coalesce(abs(s.percent_complete - ratio(s.ac, s.cost_forecast)) <= 0.0005 * s.percent_complete + 1e-9, false)
        ) as is_spend,
        s.percent_complete
    from work.status s
    join work.overall_colour o using (project_id, status_date)
), limit_of as (
    -- from where on the index is too low: the rule's own bound, where the rule is off the usual 0.90
    select o.project_id, o.status_date, max(case when o.colour <> 'not_applicable' then coalesce(o.amber_from, o.green_from) end) as spi_t_from
    from work.rule_outcome o
    where o.rule_id = 'schedule_spi_t'
    group by o.project_id, o.status_date
), lost as (
    select project_id, status_date, max(severity) as severity
    from work.rule_outcome
    where rule_id = 'cost_margin_lost_pp'
    group by project_id, status_date
), three as (
    select
        project_id,
        status_date,
        is_green and stated_finish = lag(stated_finish) over report and stated_finish = lag(stated_finish, 2) over report
            and spi_t <= lag(spi_t) over report and lag(spi_t) over report <= lag(spi_t, 2) over report
            and lag(spi_t, 2) over report - spi_t >= 0.01 - 1e-9 as is_frozen,
        is_green and is_spend and lag(is_spend) over report and lag(is_spend, 2) over report
            and percent_complete > lag(percent_complete, 2) over report as is_spend
    from rated
    where is_report
    window report as (partition by project_id order by status_date)
), tested as (
    select
        r.project_id,
        r.status_date,
        r.reported_better,
        r.is_green and coalesce(r.spi_t < case when s.project_id is null then 0.90 else s.spi_t_from end, false) as low_spi_t,
        r.is_green and coalesce(
            case when m.project_id is null then round(r.margin_lost_pp, 12) >= 1 else m.severity > 0 end, false
        ) as margin_lost,
        r.is_green and l.project_id is not null as overdue_milestone,
        r.is_green and coalesce(t.is_frozen, false) as frozen_forecast,
        r.is_green and coalesce(t.is_spend, false) as progress_is_spend
    from rated r
    left join limit_of s on s.project_id = r.project_id and s.status_date = r.status_date
    left join lost m on m.project_id = r.project_id and m.status_date = r.status_date
    left join work.overdue_milestone l on l.project_id = r.project_id and l.status_date = r.status_date
    asof left join three t on t.project_id = r.project_id and r.status_date >= t.status_date
), long as (
    unpivot tested on * exclude (project_id, status_date) into name test value holds
), turned as (
    select
        *,
        max(case when not holds then status_date end) over (
            partition by project_id, test order by status_date
        ) as last_without
    from long
)
select
    project_id,
    status_date,
    test,
    min(status_date) over (partition by project_id, test, last_without order by status_date) as since
from turned
where holds;
