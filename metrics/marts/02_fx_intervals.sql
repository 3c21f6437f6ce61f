-- fx_intervals: the rate that holds on any day, by basis.
-- grain  currency × basis (plan, average, closing) × [valid_from, valid_to), half-open; valid_to NULL = still holds
-- units  per_usd: units of the currency for one US dollar (divide by it to get dollars); USD is 1
-- source plan: a plan rate holds until the next one. closing: the last actual rate on or before the day.
--        average: the mean of the month's actual rates so far, so that no day depends on a later one and a month's
--        last day has the whole month's mean. An actual rate is carried 35 days in a monthly series and ten in a
--        daily one (a rate within ten days of the one before it, or after one that was); then it is unknown.
--        is_carried: the series owed a newer rate by then (a monthly one at the next month end, a daily one after
--        four days), or an average comes from an earlier month.

create or replace table fx_intervals as
with stated as (
    select currency, basis, rate_date, arg_max(per_usd, {'load': from_load, 'source': source}) as per_usd
    from timeline.fx_rates
    where currency <> 'USD' and per_usd > 0
    group by currency, basis, rate_date
), actual as (
    select
        currency,
        rate_date,
        per_usd,
        avg(per_usd) over (
            partition by currency, date_trunc('month', rate_date) order by rate_date
            rows between unbounded preceding and current row
        ) as mean_of_month,
        coalesce(
            least(rate_date - lag(rate_date) over series, lag(rate_date) over series - lag(rate_date, 2) over series) <= 10,
            false
        ) as is_daily,
        lead(rate_date) over series as next_date
    from stated
    where basis = 'actual'
    window series as (partition by currency order by rate_date)
), held as (
    select
        *,
        least(coalesce(next_date, date '9999-12-31'), rate_date + case when is_daily then 11 else 36 end) as valid_to,
        case when is_daily then rate_date + 5 else last_day(rate_date + interval 1 month) end as owed_on,
        (last_day(rate_date) + 1)::date as next_month
    from actual
), piece as (
    select currency, 'closing' as basis, rate_date as "from", least(owed_on, valid_to) as "to", per_usd, false as is_carried
    from held
    union all
    select currency, 'closing', owed_on, valid_to, per_usd, true from held where owed_on < valid_to
    union all
    select currency, 'average', rate_date, least(next_month, valid_to), mean_of_month, false from held
    union all
    select currency, 'average', next_month, valid_to, mean_of_month, true from held where next_month < valid_to
    union all
    select
        currency, 'plan', rate_date,
        lead(rate_date) over (partition by currency order by rate_date), per_usd, false
    from stated
    where basis = 'plan'
    union all
    select 'USD', basis, date '1900-01-01', null, 1.0, false
    from (values ('plan'), ('average'), ('closing')) t (basis)
)
select currency, basis, "from"::date as valid_from, "to"::date as valid_to, per_usd::double as per_usd, is_carried
from piece;
