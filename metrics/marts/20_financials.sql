-- work.financial: what each scenario says, line by line, as of every status date. work.financial_month: the same by month.
-- grain  financial: project × status date × scenario × line × currency; financial_month: … × month (its last day)
-- units  native: the row's currency. amount: project currency at the scenario's own rate: today's for forecast and actual,
--        the as-sold rate for as_sold, budget and baseline. at_sold: project currency at the as-sold rate. DECIMAL(18,4);
--        NULL where the rate is unknown
-- source financials: of several sources that state the same line, currency and period the newest slice holds. A row without
--        period is at completion (actual: to date); where only months are given their sum stands for it. The rows of a
--        project without a currency are taken as they are while they have one currency, and are unknown when mixed.

-- An amount too large for money is unknown; it must not stop the marts of all others.
create or replace temp macro money(amount) as try_cast(amount as decimal(18, 4));

create or replace temp macro known_sum(value, is_wanted) as
    case when count(*) filter (is_wanted) = count(value) filter (is_wanted)
        then money(sum(value) filter (is_wanted)) end;

create or replace temp macro sum_or_none(value, is_wanted) as
    case when count(*) filter (is_wanted) = 0 then money(0) else known_sum(value, is_wanted) end;

-- Into the project's currency; an amount whose rate is unknown is unknown, unless it is nothing.
create or replace temp macro converted(amount, row_currency, project_currency, rate) as
    case
        when amount = 0 or row_currency is null or project_currency is null or row_currency = project_currency
            then money(amount)
        else money(amount::double * rate)
    end;

create or replace table work.scenario_point as
with point as (
    select substr("key", 12) as scenario, project_id, point from work.point where starts_with("key", 'financials:')
), wanted as (
    select s.project_id, s.status_date, c.scenario
    from work.spine s
    cross join (select distinct scenario from point) c
)
select w.project_id, w.status_date, w.scenario, p.point
from wanted w
asof join point p
  on p.project_id = w.project_id and p.scenario = w.scenario and w.status_date >= p.point;

create or replace table work.financial_held as
with held as (
    select * from in_force_ever('financials', 'financials:as_sold') where scenario = 'as_sold'
    union all by name
    select * from in_force_ever('financials', 'financials:budget') where scenario = 'budget'
    union all by name
    select * from in_force_ever('financials', 'financials:baseline') where scenario = 'baseline'
    union all by name
    select * from in_force_ever('financials', 'financials:forecast') where scenario = 'forecast'
    union all by name
    select * from in_force_ever('financials', 'financials:actual') where scenario = 'actual'
), stated as (
    select
        h.project_id,
        h.point,
        h.scenario,
        h.line,
        coalesce(h.currency, s.currency) as currency,
        last_day(h.period_end) as month,
        h.period_end,
        h.amount,
        h.slice_date,
        h.from_load,
        origin('financials', h.source, h.file, h.sheet, h."row") as ref
    from held h
    join work.spine s on s.project_id = h.project_id and s.status_date = h.point
    where h.scenario <> 'actual' or h.period_end is null or date_trunc('month', h.period_end) <= h.point
), crowded as (
    -- only here can two sources say the same
    select project_id, point, scenario from stated group by all having count(distinct ref.source) > 1
)
select s.* exclude (slice_date, from_load)
from stated s
anti join crowded c using (project_id, point, scenario)
union all
select s.* exclude (slice_date, from_load)
from stated s
semi join crowded c using (project_id, point, scenario)
qualify row_number() over (
    partition by project_id, point, scenario, line, currency, period_end
    order by slice_date desc, from_load desc, ref.source, ref."row"
) = 1;

create or replace table work.financial_point as
select
    project_id,
    point,
    scenario,
    line,
    currency,
    money(coalesce(sum(amount) filter (period_end is null), sum(amount))) as native,
    coalesce(any_value(ref) filter (period_end is null), arg_max(ref, period_end)) as ref
from work.financial_held
group by project_id, point, scenario, line, currency;

-- The rows behind a scenario.
create or replace table work.scenario_refs as
select
    project_id,
    point,
    scenario,
    list(ref order by line, currency) as refs,
    list(ref order by line, currency) filter (line <> 'revenue') as cost_refs
from work.financial_point
where scenario in ('as_sold', 'baseline', 'forecast')
group by project_id, point, scenario;

-- Projects whose own currency is not known and whose rows have several.
create or replace table work.mixed_money as
select c.project_id, c.status_date
from work.scenario_point c
join work.spine s on s.project_id = c.project_id and s.status_date = c.status_date and s.currency is null
join work.financial_point f on f.project_id = c.project_id and f.scenario = c.scenario and f.point = c.point
group by c.project_id, c.status_date
having count(distinct f.currency) > 1;

create or replace table work.financial as
select
    c.project_id,
    c.status_date,
    c.scenario,
    f.line,
    f.currency,
    s.currency as project_currency,
    f.native,
    case
        when m.project_id is not null then null
        else converted(
            f.native, f.currency, s.currency,
            case when c.scenario in ('forecast', 'actual') then r.closing else r.as_sold end
        )
    end as amount,
    case when m.project_id is null then converted(f.native, f.currency, s.currency, r.as_sold) end as at_sold
from work.scenario_point c
join work.financial_point f on f.project_id = c.project_id and f.scenario = c.scenario and f.point = c.point
join work.spine s on s.project_id = c.project_id and s.status_date = c.status_date
left join work.rate r
  on r.project_id = c.project_id and r.status_date = c.status_date and r.currency = f.currency
left join work.mixed_money m on m.project_id = c.project_id and m.status_date = c.status_date;

create or replace table work.financial_month as
select
    project_id,
    point,
    scenario,
    month,
    line = 'revenue' as is_revenue,
    currency,
    money(sum(amount)) as native
from work.financial_held
where month is not null
group by all;
