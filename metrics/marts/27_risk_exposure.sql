-- mart_risk_exposure: every risk and opportunity with its expected value, its cell of the grid and the contingency it
-- draws on. work.risk_total: their sums.
-- grain  project × risk_id × status date; risk_total: project × status date, only where risks were ever delivered by then
-- units  money in project currency at today's rate, DECIMAL(18,4); emv_*: threats negative, opportunities positive;
--        exposure and impact positive; p_score, impact_score, cell: the PMBOK scales, unit-less; *_index 1 (very low) to 5
-- source risks, financials, baselines. emv_pre = probability × impact; emv_post = residual probability × residual impact -
--        response cost; a residual not given is as before the response. exposure is the residual expected value without
--        the response cost; a closed or occurred risk (is_open false) is no longer expected: its values are 0.
--        Probability on 0.1 0.3 0.5 0.7 0.9 (bands of a fifth). Impact on 0.05 0.1 0.2 0.4 0.8: the worse of cost over the
--        baseline cost (below 1 % / 10 % / 20 % / up to 40 % / above) and of days over the baseline's duration (1 / 5 / 10
--        / 20 %). cell is their product, rounded half up to two places. contingency_left and exposure_total: the project's.

create or replace table work.risk_status as
with held as (
    select *
    from in_force('risks', 'risks')
    qualify row_number() over (
        partition by project_id, point, risk_id order by slice_date desc, from_load desc, source, "row"
    ) = 1
), valued as (
    select
        d.project_id,
        d.status_date,
        h.risk_id,
        h.kind,
        h.title,
        h.category,
        coalesce(h.status, 'open') as status,
        coalesce(h.status, 'open') = 'open' as is_open,
        case when h.kind = 'opportunity' then 1 else -1 end as sign,
        h.probability,
        converted(h.cost_impact, h.currency, d.project_currency, r.closing) as impact,
        coalesce(h.residual_probability, h.probability) as residual_probability,
        converted(coalesce(h.residual_cost_impact, h.cost_impact), h.currency, d.project_currency, r.closing)
            as residual_impact,
        h.schedule_impact_days,
        h.response,
        converted(h.response_cost, h.currency, d.project_currency, r.closing) as response_cost,
        h.response_cost is null as has_no_response_cost,
        -- stated, but in a currency without a rate
        coalesce(h.residual_cost_impact, h.cost_impact) is not null and residual_impact is null as is_lost,
        coalesce(h.residual_probability, h.probability) is null
            or coalesce(h.residual_cost_impact, h.cost_impact, h.schedule_impact_days) is null as is_incomplete,
        h.owner,
        h.opened_on,
        h.due_on,
        origin('risks', h.source, h.file, h.sheet, h."row") as ref
    from reported_at('risks') d
    join held h on h.project_id = d.project_id and h.point = d.point
    left join work.rate r
      on r.project_id = d.project_id and r.status_date = d.status_date and r.currency = h.currency
)
select
    *,
    case when is_open then money(residual_probability * residual_impact::double) else 0 end as exposure
from valued;

create or replace table work.risk_total as
select
    s.project_id,
    s.status_date,
    -- the expected value of those that state one; unknown where none of the open ones does, or a rate is missing
    money(case
        when count(*) filter (r.is_open and r.kind = 'risk') = 0 then 0
        when bool_or(r.is_lost) filter (r.is_open and r.kind = 'risk') then null
        else sum(r.exposure) filter (r.is_open and r.kind = 'risk')
    end) as risk_exposure,
    money(case
        when count(*) filter (r.is_open and r.kind = 'opportunity') = 0 then 0
        when bool_or(r.is_lost) filter (r.is_open and r.kind = 'opportunity') then null
        else sum(r.exposure) filter (r.is_open and r.kind = 'opportunity')
    end) as opportunity_exposure,
    list(r.ref order by r.exposure desc nulls last) filter (r.is_open and r.kind = 'risk') as risk_refs
from work.spine s
join (
    select project_id, min(slice_date) as first_on from work.slice where table_name = 'risks' group by project_id
) f on f.project_id = s.project_id and f.first_on <= s.status_date
left join work.risk_status r on r.project_id = s.project_id and r.status_date = s.status_date
group by s.project_id, s.status_date;

create or replace temp macro probability_index(probability) as
    case when probability is not null then least((probability * 1000000)::bigint // 200000 + 1, 5) end;

create or replace temp macro impact_index(share, low, moderate, high, very_high) as
    case
        when share < low then 1
        when share < moderate then 2
        when share < high then 3
        when share <= very_high then 4
        when share > very_high then 5
    end;

create or replace temp macro probability_score("index") as ([0.1, 0.3, 0.5, 0.7, 0.9]::decimal(3, 2)[])["index"];

create or replace temp macro impact_score("index") as ([0.05, 0.1, 0.2, 0.4, 0.8]::decimal(3, 2)[])["index"];

create or replace table mart_risk_exposure as
with measured as (
    select
        r.*,
        ratio(r.impact, coalesce(m.cost_baseline, e.bac, m.cost_as_sold)) as cost_share,
        ratio(r.residual_impact, coalesce(m.cost_baseline, e.bac, m.cost_as_sold)) as residual_cost_share,
        case when b.baseline_finish > b.baseline_start
            then ratio(abs(r.schedule_impact_days), b.baseline_finish - b.baseline_start) end as time_share,
        k.contingency as contingency_left,
        t.risk_exposure as exposure_total
    from work.risk_status r
    join mart_margin m using (project_id, status_date)
    join work.risk_total t using (project_id, status_date)
    join work.ev_status e using (project_id, status_date)
    left join work.baseline b using (project_id, status_date)
    left join (select * from work.scenario where scenario = 'forecast') k using (project_id, status_date)
), placed as (
    select
        *,
        probability_index(probability) as p_index,
        probability_index(residual_probability) as residual_p_index,
        impact_index(cost_share, 0.01, 0.10, 0.20, 0.40) as cost_index,
        impact_index(time_share, 0.01, 0.05, 0.10, 0.20) as time_index,
        greatest(cost_index, time_index) as i_index,
        greatest(impact_index(residual_cost_share, 0.01, 0.10, 0.20, 0.40), time_index) as residual_i_index
    from measured
)
select
    project_id,
    status_date,
    risk_id,
    kind,
    title,
    category,
    status,
    is_open,
    probability,
    impact,
    residual_probability,
    residual_impact,
    schedule_impact_days,
    response,
    response_cost,
    owner,
    opened_on,
    due_on,
    money(case when is_open then sign * money(probability * impact::double) else 0 end) as emv_pre,
    money(case
        when is_open then sign * exposure - case when has_no_response_cost then 0 else response_cost end
        else 0
    end) as emv_post,
    money(exposure) as exposure,
    cost_share,
    time_share,
    p_index,
    i_index,
    cost_index,
    time_index,
    probability_score(p_index)::double as p_score,
    impact_score(i_index)::double as impact_score,
    round(probability_score(p_index) * impact_score(i_index), 2)::double as cell,
    residual_p_index,
    residual_i_index,
    round(probability_score(residual_p_index) * impact_score(residual_i_index), 2)::double as residual_cell,
    contingency_left,
    exposure_total,
    case when kind = 'risk' and is_open then ratio(exposure, contingency_left) end as share_of_contingency,
    [ref] as source_refs
from placed;
