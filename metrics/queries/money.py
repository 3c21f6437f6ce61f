"""Amounts in the money the viewer asked for. Marts hold project currency; queries convert with these.

    sql = f"with {fx('select $as_of')} select m.amount * fx.rate from mart m
            join fx on fx.currency is not distinct from m.currency and fx.\\"on\\" = $as_of where {IN_SCOPE}"

A rate that is not known makes the amount unknown (NULL), never zero.
"""

from __future__ import annotations

from dataclasses import replace

from duckdb import DuckDBPyConnection

from metrics.queries.asking import ask
from metrics.scope import CURRENCIES, IN_SCOPE, Currency, Scope

FALLBACK: Currency = "USD"
"""What sums are in when every project keeps its own currency and they have more than one."""


def fx(days: str) -> str:
    """CTEs ending in `fx(currency, on, rate, is_carried)`, to follow `with`.

    `rate` is units of $currency for one unit of `currency` on each day of `days` (a query of one date column),
    at $basis; 1 when $currency is "project" or the same. A project without a currency has a row with currency
    NULL, whose rate is known only where nothing has to be converted. `is_carried`: an older rate stands in.
    """
    return f"""
        fx_day("on") as (select distinct * from ({days})),
        fx_quote as (
            select d."on", i.currency, i.per_usd, i.is_carried
            from fx_day d
            join fx_intervals i
              on i.basis = $basis and i.valid_from <= d."on" and (i.valid_to is null or d."on" < i.valid_to)
        ),
        fx as (
            select
                c.currency,
                d."on",
                case
                    when $currency = 'project' or c.currency = $currency then 1.0::double
                    else target.per_usd / own.per_usd
                end as rate,
                $currency not in ('project', coalesce(c.currency, ''))
                    and (coalesce(own.is_carried, false) or coalesce(target.is_carried, false)) as is_carried
            from fx_day d
            cross join (select distinct currency from project_timeline) c
            left join fx_quote own on own."on" = d."on" and own.currency = c.currency
            left join fx_quote target on target."on" = d."on" and target.currency = $currency
        )"""


def summing(con: DuckDBPyConnection, scope: Scope) -> Scope:
    """The scope under which amounts of several projects can be added up.

    The same scope, unless it leaves every project in its own currency: then in the one currency that all
    projects in scope share, where that is one a viewer can choose, else in FALLBACK.
    """
    if scope.currency != "project":
        return scope
    sql = f"select distinct currency from mart_project_status where {IN_SCOPE} and status_date <= $as_of"
    found = {row[0] for row in ask(con, scope, sql).fetchall()}
    shared = next((known for known in CURRENCIES if found == {known}), FALLBACK)
    return replace(scope, currency=shared)
