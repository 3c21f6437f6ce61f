-- work.rule_outcome: what every rule says of every project at every status date.
-- grain  project × status date × rule in force for it
-- units  value, bounds, margin and distance in the rule's unit, DOUBLE; severity 0 green, 1 amber, 2 red, NULL unknown
-- source work.status, rule_bounds, rule_periods. A value is judged at twelve decimals, so that no bound is
--        missed by the last bit of a division. A status date is judged by the rules in force then (by the
--        newest ones where history_by_rules_of_its_time is false); of several bounds of a rule the programme's win over the
--        contract type's, and these over the general ones. Green is within the green bounds, amber within the amber ones and
--        not green, red the rest; a bound has the better colour, an exclusive upper one the worse. severity_strict is the
--        colour with every bound of an index tightened by hysteresis_margin: what counts for getting better.
--        bound: the one that the value has crossed (amber: green's, red: amber's), for green the nearest. distance: to the
--        nearest value of another colour; days and counts go in whole steps. excess: how far past the bound, in widths of
--        amber, so that rules of different units compare.

create or replace temp macro severity_of(value, green_from, green_to, amber_from, amber_to, is_exclusive) as
    case
        when value is null then null
        when value >= coalesce(green_from, '-inf'::double)
         and (value < coalesce(green_to, 'inf'::double) or (not is_exclusive and value = green_to)) then 0
        when (amber_from is not null or amber_to is not null)
         and value >= coalesce(amber_from, '-inf'::double)
         and (value < coalesce(amber_to, 'inf'::double) or (not is_exclusive and value = amber_to)) then 1
        else 2
    end;

-- How far a value is from the other side of a bound; a lower bound belongs to the side above it.
create or replace temp macro below_lower(value, bound, step) as
    case when value >= bound then value - bound + step else bound - value end;

create or replace temp macro above_upper(value, bound, is_exclusive, step) as
    case
        when is_exclusive then case when value < bound then bound - value else value - bound + step end
        else case when value <= bound then bound - value + step else value - bound end
    end;

create or replace table work.rule_set_at as
select
    d.status_date,
    r.set_no,
    (r.settings ->> 'improve_after_reports')::int as improve_after,
    (r.settings ->> 'hysteresis_margin')::double as hysteresis_margin,
    (r.settings ->> 'index_upper_bound')::double as index_upper_bound,
    (r.settings ->> 'stale_after_days')::int as stale_after
from (select distinct status_date from work.status) d
join rule_periods r on r.valid_from <= d.status_date and (r.valid_to is null or d.status_date < r.valid_to);

create or replace table work.rule_context as
with seen as (
    select distinct a.set_no, s.programme_id, s.contract_type
    from work.status s
    join work.rule_set_at a using (status_date)
)
select
    c.programme_id as for_programme,
    c.contract_type as for_type,
    b.* exclude (programme_id, contract_type)
from seen c
join rule_bounds b
  on b.set_no = c.set_no
 and (b.programme_id is null or b.programme_id = c.programme_id)
 and (b.contract_type is null or b.contract_type = c.contract_type)
qualify row_number() over (
    partition by c.set_no, c.programme_id, c.contract_type, b.rule_id order by b.precedence desc
) = 1;

-- The judged columns of work.status, one row each: UNPIVOT leaves out what is unknown.
set variable judged = (select list(distinct metric order by metric) from rule_bounds);

create or replace table work.measure as
with judged as (
    select project_id, status_date, columns(lambda c: list_contains(getvariable('judged'), c))::double from work.status
)
unpivot judged on * exclude (project_id, status_date) into name metric value value;

reset variable judged;

create or replace table work.rule_outcome as
with wanted as (
    select
        s.project_id,
        s.status_date,
        c.dimension,
        c.rule_id,
        c.metric,
        c.unit,
        c.green_from,
        c.green_to,
        c.amber_from,
        c.amber_to,
        c.upper,
        c.only_red,
        c.set_no,
        a.hysteresis_margin,
        (len(c.phases) = 0 or coalesce(list_contains(c.phases, s.phase), true))
            and coalesce(s.percent_complete >= c.from_percent_complete, true) as applies,
        c.from_percent_complete is not null and s.percent_complete is null as progress_unknown
    from work.status s
    join work.rule_set_at a using (status_date)
    join work.rule_context c
      on c.set_no = a.set_no
     and c.for_programme is not distinct from s.programme_id
     and c.for_type is not distinct from s.contract_type
    where not c.is_off
), valued as (
    select
        w.*,
        case when w.progress_unknown then null else m.value end as value,
        round(case when w.progress_unknown then null else m.value end, 12) as judged,
        w.upper = 'exclusive' as is_exclusive,
        case when w.unit in ('days', 'count') then 1 else 0 end as step,
        case when w.unit = 'ratio' then w.hysteresis_margin else 0 end as margin
    from wanted w
    left join work.measure m using (project_id, status_date, metric)
), coloured as (
    select
        *,
        severity_of(judged, green_from, green_to, amber_from, amber_to, is_exclusive) as severity_stated,
        severity_of(
            judged, green_from + margin, green_to - margin, amber_from + margin, amber_to - margin, is_exclusive
        ) as severity_strict_stated
    from valued
), judged as (
    select
        * exclude (severity_stated, severity_strict_stated),
        case
            when not applies then 'not_applicable'
            when only_red and (value is null or severity_stated < 2) then 'not_applicable'
            when value is null then 'grey'
            else ['green', 'amber', 'red'][severity_stated + 1]
        end as colour,
        severity_stated,
        severity_strict_stated,
        judged < coalesce(green_from, '-inf'::double) as is_low
    from coloured
), bounded as (
    select
        *,
        case when colour in ('green', 'amber', 'red') then severity_stated end as severity,
        case when colour in ('green', 'amber', 'red') then severity_strict_stated end as severity_strict,
        list_sort(list_filter([
            {'away': below_lower(value, green_from, step), 'bound': green_from, 'is_low': true},
            {'away': below_lower(value, amber_from, step), 'bound': amber_from, 'is_low': true},
            {'away': above_upper(value, green_to, is_exclusive, step), 'bound': green_to, 'is_low': false},
            {'away': above_upper(value, amber_to, is_exclusive, step), 'bound': amber_to, 'is_low': false}
        ], lambda b: b.away is not null))[1] as nearest
    from judged
), sided as (
    select
        *,
        case when severity = 0 then nearest.is_low else is_low end as from_below
    from bounded
), crossed as (
    select
        *,
        case
            when severity = 0 then nearest.bound
            when severity = 2 and from_below and amber_from < green_from then amber_from
            when severity = 2 and not from_below and amber_to > green_to then amber_to
            when severity > 0 and from_below then green_from
            when severity > 0 then green_to
        end as bound,
        nullif(greatest(case when from_below then green_from - amber_from else amber_to - green_to end, 0), 0) as width
    from sided
)
select
    project_id,
    status_date,
    dimension,
    rule_id,
    metric,
    set_no,
    unit,
    green_from,
    green_to,
    amber_from,
    amber_to,
    upper,
    value,
    applies,
    colour,
    severity,
    severity_strict,
    bound,
    case when severity is not null then nearest.away end as distance,
    case when severity is not null then nearest.bound end as nearest_bound,
    case when severity = 0 then -nearest.away else abs(value - bound) end / coalesce(width, greatest(abs(bound), 1)) as excess
from crossed;
