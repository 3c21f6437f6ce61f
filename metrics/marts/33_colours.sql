-- work.dimension_colour: the colour of each dimension. work.overall_colour: the project's, and the rule behind it.
-- grain  dimension_colour: project × status date × dimension; overall_colour: project × status date
-- units  severity 0 green, 1 amber, 2 red, NULL unknown; completeness a fraction: rules known / rules that apply
-- source work.rule_outcome. A dimension is the worst of its known rules; it worsens at once and improves only when the last
--        improve_after_reports known reports were all better. A report of a dimension is a status date at which a table
--        that its rules read came in: a later delivery of something else is no second report. is_held: better already, but
--        not for long enough; decided_on is then the report whose colour still holds, else the status date itself.
--        Overall is the worst dimension. Behind amber or red: of the rules that made it the one furthest past its bound.

create or replace table work.dimension_raw as
with ruled as (
    -- the rules of the time, whether they are still in force or not
    select distinct b.set_no, b.dimension, m.inputs
    from rule_bounds b
    join metric_inputs m using (metric)
    where not b.is_off
), input as (
    select distinct set_no, dimension, unnest(inputs) as table_name from ruled
), anything as (
    select set_no, dimension from ruled group by set_no, dimension having bool_or(len(inputs) = 0)
), report as (
    select distinct i.dimension, s.project_id, s.slice_date as status_date
    from work.slice s
    join work.rule_set_at a on a.status_date = s.slice_date
    join input i on i.table_name = s.table_name and i.set_no = a.set_no
    union
    select n.dimension, s.project_id, s.status_date
    from work.status s
    join work.rule_set_at a using (status_date)
    join anything n using (set_no)
), worst as (
    select
        project_id,
        status_date,
        dimension,
        max(severity) as severity,
        max(severity_strict) as severity_strict,
        count(severity) as known,
        count(*) filter (colour <> 'not_applicable') as applying
    from work.rule_outcome
    group by project_id, status_date, dimension
)
select
    w.*,
    sum((r.project_id is not null)::int) over (partition by w.project_id, w.dimension order by w.status_date) as report_no
from worst w
left join report r using (project_id, status_date, dimension);

create or replace table work.dimension_colour as
with known as (
    select
        project_id, status_date, dimension, severity, severity_strict,
        dense_rank() over (partition by project_id, dimension order by report_no) as report_no,
        row_number() over (partition by project_id, dimension, report_no order by status_date) as place,
        a.improve_after
    from work.dimension_raw
    join work.rule_set_at a using (status_date)
    where severity is not null
), windowed as (
    -- key orders the rows of one report behind each other, so that the window ends with the row itself
    select
        *,
        report_no * 1000000 + place as "key",
        max(severity_strict) over (
            partition by project_id, dimension order by report_no * 1000000 + place
            range between (improve_after - 1) * 1000000 + place preceding and current row
        ) as lately
    from known
), latched as (
    select
        *,
        last_value(case when severity >= 1 then true when lately < 1 then false end ignore nulls) over earlier as is_amber,
        last_value(case when severity >= 2 then true when lately < 2 then false end ignore nulls) over earlier as is_red,
        max(case when severity >= 1 then status_date end) over earlier as last_amber,
        max(case when severity >= 2 then status_date end) over earlier as last_red
    from windowed
    window earlier as (partition by project_id, dimension order by status_date)
), shown as (
    select
        *,
        case when coalesce(is_red, false) then 2 when coalesce(is_amber, false) then 1 else 0 end as shown
    from latched
)
select
    r.project_id,
    r.status_date,
    r.dimension,
    s.shown as severity,
    r.severity as severity_now,
    coalesce(s.shown > r.severity, false) as is_held,
    case when s.shown > r.severity then case s.shown when 2 then s.last_red else s.last_amber end else r.status_date end
        as decided_on,
    r.known,
    r.applying
from work.dimension_raw r
left join shown s using (project_id, status_date, dimension);

create or replace table work.rule_decided as
select o.project_id, o.status_date, o.rule_id
from work.rule_outcome o
join work.dimension_colour d using (project_id, status_date, dimension)
where not d.is_held and o.severity = d.severity
union all
select d.project_id, d.status_date, o.rule_id
from work.dimension_colour d
join work.rule_outcome o
  on o.project_id = d.project_id and o.dimension = d.dimension and o.status_date = d.decided_on
where d.is_held and o.severity >= d.severity;

create or replace table work.overall_colour as
with overall as (
    select
        project_id,
        status_date,
        max(severity) as severity,
        ratio(sum(known), sum(applying)) as completeness,
        any_value(severity) filter (dimension = 'cost') as cost,
        any_value(severity) filter (dimension = 'scope') as scope,
        any_value(severity) filter (dimension = 'schedule') as schedule,
        any_value(severity) filter (dimension = 'quality') as quality,
        any_value(ratio(known, applying)) filter (dimension = 'cost') as completeness_cost,
        any_value(ratio(known, applying)) filter (dimension = 'scope') as completeness_scope,
        any_value(ratio(known, applying)) filter (dimension = 'schedule') as completeness_schedule,
        any_value(ratio(known, applying)) filter (dimension = 'quality') as completeness_quality,
        list(dimension order by dimension) filter (is_held) as held
    from work.dimension_colour
    group by project_id, status_date
), deciding as (
    select
        d.project_id,
        d.status_date,
        max_by(
            {'dimension': c.dimension, 'rule_id': d.rule_id},
            {'now': coalesce(o.severity, -1), 'excess': coalesce(o.excess, -1e300), 'place': -r.place}
        ) as deciding
    from work.rule_decided d
    join work.rule_outcome o using (project_id, status_date, rule_id)
    join work.dimension_colour c using (project_id, status_date, dimension)
    join overall t using (project_id, status_date)
    left join rules r on r.id = d.rule_id
    where c.severity = t.severity and t.severity > 0
    group by d.project_id, d.status_date
), turned as (
    select
        *,
        lag(status_date) over report is null or severity is distinct from lag(severity) over report as is_turn
    from overall
    window report as (partition by project_id order by status_date)
)
select
    t.* exclude (is_turn),
    max(case when is_turn then status_date end) over (partition by project_id order by status_date) as since,
    d.deciding.dimension as deciding_dimension,
    d.deciding.rule_id as deciding_rule
from turned t
left join deciding d using (project_id, status_date);
