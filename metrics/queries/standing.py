"""Projects as they stand on a date: the start of every query over the portfolio.

sql = f"with {standing()}, {fx('select $as_of::date')}, {RATED} select sum(ld_probable * rate) from rated"
"""

from __future__ import annotations

from typing import Literal

from metrics.queries.asking import NAMED
from metrics.scope import IN_SCOPE, RUNNING

RATED = """
    rated as (
        select
            s.*,
            fx.rate,
            case when $currency = 'project' then s.currency else $currency end as money_in
        from status s
        left join fx on fx.currency is not distinct from s.currency and fx."on" = $as_of::date
    )"""
"""CTE over `standing()` and `fx`: the projects with `rate`, units of `money_in` for one of their own."""

MONTHS = 12
MONTH_ENDS = f"""
    "day" as (
        select least(last_day(($as_of::date - to_months(n::integer))::date), $as_of::date) as "day"
        from range({MONTHS}) r(n)
    ), recent as (
        select {NAMED}
        from mart_project_status
        where status_date <= $as_of::date
          and (next_status_date is null
               or next_status_date > least(last_day(($as_of::date - to_months({MONTHS - 1}))::date), $as_of::date))
          and {IN_SCOPE} and {RUNNING}
    )"""
"""CTEs `day`, the as-of date and the MONTHS - 1 month ends before it, and `recent`, the statuses to join to it."""


def standing(at: Literal["as_of", "compared_with"] = "as_of", name: str = "status") -> str:
    """A CTE with a row per running project in scope, its newest status on or before that date of the scope.

    Adds `days_since_status` and `is_stale`, whether that is too many. Empty where the scope has no such date.
    """
    return f"""
        {name} as (
            select
                {NAMED},
                ${at}::date - status_date as days_since_status,
                ${at}::date - status_date > $stale_after_days::integer as is_stale
            from mart_project_status
            where status_date <= ${at}::date
              and (next_status_date is null or next_status_date > ${at}::date)
              and {IN_SCOPE} and {RUNNING}
        )"""


def in_force(mart: str, at: Literal["as_of", "compared_with"] = "as_of") -> str:
    """The rows of a mart with a long history that hold on that date of the scope, as a subquery.

    In two parts, for of each DuckDB knows which blocks of the table it can skip, and of "or" it does not.
    """
    return f"""(
        from {mart} where status_date <= ${at}::date and next_status_date is null
        union all
        from {mart} where status_date <= ${at}::date and next_status_date > ${at}::date
    )"""


def fresh(colour: str, on: str = "status_date", at: str = "$as_of::date") -> str:
    """A colour as it may be shown on a day (the scope's): the green of a status that is too old is grey."""
    stale = f"{at} - {on} > $stale_after_days::integer"
    return f"case when {colour} = 'green' and {stale} then 'grey' else {colour} end"


SILENT = f"""
    silent as (
        select t.* exclude (valid_from, valid_to)
        from project_timeline t
        where t.valid_from <= $as_of::date and (t.valid_to is null or t.valid_to > $as_of::date)
          and not coalesce(t.is_stub, false) and {IN_SCOPE} and {RUNNING}
          and not exists (
              from mart_project_status m
              where m.project_id = t.project_id and m.status_date <= $as_of::date
                and (m.next_status_date is null or m.next_status_date > $as_of::date))
    )"""
"""CTE: the running projects in scope that are registered and have never reported by the scope's date."""
