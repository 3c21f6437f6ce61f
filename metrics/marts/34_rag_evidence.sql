-- mart_rag_evidence: why a colour is what it is, rule by rule.
-- grain  project × rule × interval of status dates with the same outcome: status_date to status_date_to, both inclusive;
--        status_date_to is empty while it still holds. As of a status date: status_date <= it, and status_date_to empty or
--        >= it
-- units  value, bounds, bound and distance_to_next in `unit`
-- source work.rule_outcome. colour: green, amber, red, grey (unknown, reason_key says why) or not_applicable. decided: the
--        rule makes the colour of its dimension. is_held: the dimension still has the colour of an earlier report (it
--        improves after two). bound: the one crossed, for green the nearest. distance_to_next: to the nearest value of
--        another colour, at next_bound. source_refs: the rows that gave the value when the interval began.

create or replace table work.metric_ref as
select metric, unnest(kinds) as kind, unnest(range(len(kinds))) as place
from (
    values
        (['pv', 'ev', 'ac', 'bac', 'cv', 'sv', 'cpi', 'spi', 'eac', 'etc', 'vac', 'tcpi', 'percent_complete',
          'percent_planned', 'percent_spent', 'earned_schedule', 'sv_t', 'spi_t'], ['ev_refs']),
        (['slip_days', 'slip_days_original', 'slip_days_contract', 'slip_working_days', 'slip_share',
          'slip_share_original', 'rebaseline_count'], ['slip_refs']),
        (['contract_days_late'], ['contract_refs', 'slip_refs']),
        (['damages_running', 'ld_probable', 'ld_maximum'], ['contract_refs', 'damages_refs']),
        (['milestones_due', 'milestones_met', 'milestone_hit_rate'], ['milestone_refs']),
        (['bei', 'bei_discrete', 'hit_task_pct', 'cpli'], ['bei_refs']),
        (['sites_total', 'sites_planned', 'sites_on_air', 'sites_accepted'], ['site_refs']),
        (['defects_critical', 'defects_major', 'defects_minor', 'tests_run', 'tests_passed', 'tests_passed_pct'],
         ['quality_refs']),
        (['lost_time_incidents', 'fatalities', 'ltifr_12m'], ['safety_refs']),
        (['satisfaction', 'complaints_open'], ['satisfaction_refs']),
        (['handover_checks_overdue'], ['handover_refs']),
        (['cost_over_baseline'], ['cost_refs']),
        (['cost_over_original'], ['original_cost_refs']),
        (['margin_lost_pp', 'margin_erosion_pp'], ['margin_refs']),
        (['margin_pct_forecast', 'margin_forecast', 'revenue_forecast', 'cost_forecast', 'contingency_left'],
         ['margin_refs']),
        (['cost_without_order', 'cost_without_order_share'], ['order_refs']),
        (['open_changes_value', 'unapproved_change_share'], ['change_refs']),
        (['unapproved_work'], ['unapproved_work_refs']),
        (['notices_missed'], ['notice_refs']),
        (['risk_exposure', 'opportunity_exposure'], ['risk_refs']),
        (['unbilled'], ['unbilled_refs']),
        (['overdue_receivables'], ['overdue_refs']),
        (['current_contract_value'], ['change_refs'])
) m (metrics, kinds)
cross join unnest(metrics) t (metric);

create or replace table work.evidence_begun as
with judged as (
    select
        o.*,
        d.rule_id is not null as decided,
        c.is_held
    from work.rule_outcome o
    join work.dimension_colour c using (project_id, status_date, dimension)
    left join work.rule_decided d using (project_id, status_date, rule_id)
), compared as (
    select
        *,
        lag(status_date) over report as earlier,
        row(value, colour, green_from, green_to, amber_from, amber_to, upper, decided, decided and is_held) as outcome
    from judged
    window report as (partition by project_id, rule_id order by status_date)
), marked as (
    select
        *,
        earlier is null
            or outcome is distinct from lag(outcome) over (partition by project_id, rule_id order by status_date) as begins
    from compared
)
select
    * exclude (outcome, begins, earlier),
    lead(earlier) over (partition by project_id, rule_id order by status_date) as status_date_to,
    lead(status_date) over (partition by project_id, rule_id order by status_date) as next_begin
from marked
where begins;

-- The rows behind a value when its interval began.
create or replace table work.evidence_ref as
select
    b.project_id,
    b.status_date,
    b.rule_id,
    case when count(*) = 1 then any_value(f.refs) else list_distinct(flatten(list(f.refs order by m.place))) end as source_refs
from work.evidence_begun b
join work.metric_ref m using (metric)
join work.status_ref f on f.project_id = b.project_id and f.status_date = b.status_date and f.kind = m.kind
where b.value is not null
group by b.project_id, b.status_date, b.rule_id;

create or replace table mart_rag_evidence as
with ended as (
    -- a rule that went out of force ends with the last date it judged
    select project_id, rule_id, max(status_date) as last_judged from work.rule_outcome group by project_id, rule_id
), last_report as (
    select project_id, max(status_date) as last_date from work.status group by project_id
)
select
    b.project_id,
    b.status_date,
    case
        when b.next_begin is not null then b.status_date_to
        when e.last_judged < l.last_date then e.last_judged
    end as status_date_to,
    b.dimension,
    b.rule_id,
    b.metric,
    b.value,
    b.unit,
    b.green_from,
    b.green_to,
    b.amber_from,
    b.amber_to,
    b.upper,
    b.colour,
    b.decided,
    b.decided and b.is_held as is_held,
    b.bound,
    b.distance as distance_to_next,
    b.nearest_bound as next_bound,
    'evidence.' || b.rule_id as sentence_key,
    case
        when b.colour = 'grey' then 'metric.unknown.' || u.unknown
        when b.colour = 'not_applicable' then case when b.applies then 'evidence.only_red' else 'evidence.not_yet' end
    end as reason_key,
    f.source_refs
from work.evidence_begun b
join ended e using (project_id, rule_id)
join last_report l using (project_id)
left join rules r on r.id = b.rule_id
left join metric_inputs u on u.metric = b.metric
left join work.evidence_ref f using (project_id, status_date, rule_id)
order by b.project_id, b.status_date, r.place, b.rule_id;
