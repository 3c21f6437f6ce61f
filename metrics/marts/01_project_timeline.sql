-- project_timeline: what the registers say of a project, as of any day.
-- grain  project × [valid_from, valid_to), half-open; valid_to NULL = still holds
-- units  contract_value in `currency`, DECIMAL(18,4); hedged_share is a fraction
-- source registers projects and programmes, merged column by column over their sources, newest slice first;
--        the country is the project's, else its programme's; customer and sponsor are the programme's
--        an unknown programme is named by its id; programme_id NULL means the project is in none

create schema if not exists work;

create or replace table work.project_attribute as
with point as (
    select project_id, slice_date as valid_from from timeline.projects
    union
    select project_id, valid_to from timeline.projects where valid_to is not null
), ranked as (
    select
        r.* exclude (valid_from, valid_to, slice_date),
        p.valid_from,
        {'known': not coalesce(r.is_stub, false), 'slice': r.slice_date, 'load': r.from_load, 'source': r.source} as precedence
    from point p
    join timeline.projects r
      on r.project_id = p.project_id and r.slice_date <= p.valid_from
     and (r.valid_to is null or p.valid_from < r.valid_to)
)
select
    project_id,
    valid_from,
    arg_max(name, precedence) as name,
    arg_max(programme_id, precedence) as programme_id,
    arg_max(country, precedence) as country,
    arg_max(region, precedence) as region,
    arg_max(business_line, precedence) as business_line,
    arg_max(project_manager, precedence) as project_manager,
    arg_max(phase, precedence) as phase,
    arg_max(contract_type, precedence) as contract_type,
    arg_max(currency, precedence) as currency,
    arg_max(contract_value, precedence) as contract_value,
    arg_max(baseline_start, precedence) as baseline_start,
    arg_max(baseline_finish, precedence) as baseline_finish,
    arg_max(contract_finish, precedence) as contract_finish,
    arg_max(finish_milestone_id, precedence) as finish_milestone_id,
    arg_max(revenue_method, precedence) as revenue_method,
    arg_max(as_sold_rate_date, precedence) as as_sold_rate_date,
    arg_max(hedged_share, precedence) as hedged_share,
    bool_and(coalesce(is_stub, false)) as is_stub
from ranked
group by project_id, valid_from;

create or replace table work.programme_attribute as
with point as (
    select programme_id, slice_date as valid_from from timeline.programmes
    union
    select programme_id, valid_to from timeline.programmes where valid_to is not null
), ranked as (
    select
        r.* exclude (valid_from, valid_to, slice_date),
        p.valid_from,
        {'known': not coalesce(r.is_stub, false), 'slice': r.slice_date, 'load': r.from_load, 'source': r.source} as precedence
    from point p
    join timeline.programmes r
      on r.programme_id = p.programme_id and r.slice_date <= p.valid_from
     and (r.valid_to is null or p.valid_from < r.valid_to)
)
select
    programme_id,
    valid_from,
    arg_max(name, precedence) as name,
    arg_max(customer, precedence) as customer,
    arg_max(country, precedence) as country,
    arg_max(sponsor, precedence) as sponsor
from ranked
group by programme_id, valid_from;

create or replace table project_timeline as
with point as (
    select project_id, valid_from from work.project_attribute
    union
    select p.project_id, g.valid_from
    from (select distinct project_id, programme_id from work.project_attribute where programme_id is not null) p
    join work.programme_attribute g on g.programme_id = p.programme_id
), stated as (
    select point.valid_from as "from", a.* exclude (valid_from)
    from point
    asof join work.project_attribute a
      on a.project_id = point.project_id and point.valid_from >= a.valid_from
)
select
    s.project_id,
    s."from" as valid_from,
    lead(s."from") over (partition by s.project_id order by s."from") as valid_to,
    coalesce(s.name, s.project_id) as name,
    s.programme_id,
    coalesce(g.name, s.programme_id) as programme_name,
    g.customer,
    coalesce(s.country, g.country) as country,
    s.region,
    s.business_line,
    s.project_manager,
    g.sponsor,
    s.phase,
    s.contract_type,
    s.currency,
    s.contract_value,
    s.baseline_start,
    s.baseline_finish,
    s.contract_finish,
    s.finish_milestone_id,
    s.revenue_method,
    s.as_sold_rate_date,
    s.hedged_share,
    s.is_stub
from stated s
asof left join work.programme_attribute g
  on g.programme_id = s.programme_id and s."from" >= g.valid_from;
