"""What the RAG screen asks: who reports better than the numbers are, and every project by dimension.

Colours are as of the scope's date: a green whose status is too old is grey. Value is the current contract
value (else the original), in the scope's currency. Lists are ordered and limited here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd
from duckdb import DuckDBPyConnection

from metrics.queries.asking import ask
from metrics.queries.evidence import DIMENSIONS, REPORTS, severity
from metrics.queries.money import fx
from metrics.queries.standing import RATED, fresh, standing
from metrics.scope import Scope

Sort = Literal["worst", "cost", "scope", "schedule", "quality", "value", "name"]
SORTS: tuple[Sort, ...] = get_args(Sort)
Show = Literal["all", "better", "worse", "red", "amber", "green", "unknown"]
SHOWS: tuple[Show, ...] = get_args(Show)

PAGE = 25
"""Projects of the matrix at a time."""
BAND = 24
"""Projects in the watermelon band; more are counted, not listed."""

_SHOWN = ", ".join(f"{fresh(f'rag_{d}')} as shown_{d}" for d in DIMENSIONS)
_VALUE = "coalesce(current_contract_value, contract_value)::double"

_BADNESS = "case {0} when 'green' then 0 when 'amber' then 1 when 'red' then 2 end"
_REPORTED, _COMPUTED = _BADNESS.format("reported_overall"), _BADNESS.format("shown_overall")

_JUDGED = f"""
    {standing()}, {fx("select $as_of::date")}, {RATED}, judged as (
        select
            r.*,
            {_SHOWN},
            {_VALUE} * rate as value,
            {_VALUE} / q.per_usd as weight,
            coalesce({_REPORTED} > {_COMPUTED}, false) as is_worse
        from rated r
        left join fx_quote q on q.currency = r.currency and q."on" = $as_of::date
    )"""

_ORDER = f"{severity('shown_overall')}, weight desc nulls last, name, project_id"
_ORDERS: dict[str, str] = {
    "worst": _ORDER,
    "value": f"weight desc nulls last, {_ORDER}",
    "name": "name, project_id",
    **{d: f"{severity(f'shown_{d}')}, {_ORDER}" for d in DIMENSIONS[:-1]},
}
_KEPT: dict[str, str] = {
    "all": "true",
    "better": "coalesce(watermelon, false)",
    "worse": "is_worse",
    "red": "shown_overall = 'red'",
    "amber": "shown_overall = 'amber'",
    "green": "shown_overall = 'green'",
    "unknown": "coalesce(shown_overall, 'grey') not in ('red', 'amber', 'green')",
}


@dataclass(frozen=True)
class Headline:
    """Running projects by what they report and what is computed; overall colours.

    `green_but_red` and `green_but_amber` report green; `amber_but_red` amber; `worse` report worse than
    computed. For `tested` at least one watermelon test holds.
    """

    running: int
    reported: int
    reported_green: int
    green_but_red: int
    green_but_amber: int
    amber_but_red: int
    worse: int
    tested: int
    unknown: int


def headline(con: DuckDBPyConnection, scope: Scope) -> Headline:
    """The counts of the sentence."""
    sql = f"""
        with {_JUDGED}
        select
            count(*),
            count(reported_overall),
            count(*) filter (reported_overall = 'green'),
            count(*) filter (reported_overall = 'green' and shown_overall = 'red'),
            count(*) filter (reported_overall = 'green' and shown_overall = 'amber'),
            count(*) filter (reported_overall = 'amber' and shown_overall = 'red'),
            count(*) filter (is_worse),
            count(*) filter (watermelon),
            count(*) filter ({_KEPT["unknown"]})
        from judged
    """
    row = ask(con, scope, sql).fetchone()
    assert row is not None
    return Headline(*row)


def watermelons(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Projects for which a watermelon test holds: those that report green first, then worst, then value.

    One row per project, the first BAND of them: identity, reported and computed colours, and `tests`,
    a list of {test, since}: each test that holds and from which report on it has held. `of` counts all.
    """
    sql = f"""
        with {_JUDGED}
        select
            project_id, name, customer, project_manager, status_date, days_since_status,
            {", ".join(f"reported_{d}, shown_{d}" for d in DIMENSIONS)}, deciding_dimension, deciding_rule,
            value, money_in, spi_t, cpi, margin_lost_pp, slip_days, forecast_finish, percent_complete,
            watermelon_findings as tests,
            count(*) over () as "of"
        from judged
        where coalesce(watermelon, false)
        order by {_MASKED}
        limit {BAND}
    """
    return ask(con, scope, sql).df()


_MASKED = f"reported_overall is distinct from 'green', {_ORDER}"


def size(con: DuckDBPyConnection, scope: Scope, show: Show) -> int:
    """How many projects the matrix has."""
    sql = f"with {_JUDGED} select count(*) from judged where {_KEPT[show]}"
    row = ask(con, scope, sql).fetchone()
    assert row is not None
    return int(row[0])


def matrix(con: DuckDBPyConnection, scope: Scope, show: Show, sort: Sort, page: int) -> pd.DataFrame:
    """One page (from 1) of PAGE projects: identity, value in `money_in`, and its colours by dimension d.

    `shown_d` computed, `reported_d` reported, `history_d` the computed ones of the last REPORTS reports,
    oldest first (`reported_history` those reported overall). `since`: from when on the overall one holds,
    which `deciding_rule` of `deciding_dimension` gave.
    """
    histories = ", ".join(
        f"list(h.rag_{d} order by h.status_date)[-{REPORTS}:] as history_{d}" for d in DIMENSIONS
    )
    sql = f"""
        with {_JUDGED}, ranked as (
            select *, row_number() over (order by {_ORDERS[sort]}) as place
            from (
                from judged where {_KEPT[show]} order by {_ORDERS[sort]} limit {PAGE} offset $skipped
            )
        ), history as (
            select
                h.project_id,
                {histories},
                list(h.reported_overall order by h.status_date)[-{REPORTS}:] as reported_history
            from mart_project_status h
            join ranked using (project_id)
            where h.status_date <= $as_of::date
            group by h.project_id
        )
        select
            r.project_id, r.name, r.customer, r.programme_name, r.country, r.phase, r.project_manager,
            r.status_date, r.days_since_status, r.value, r.money_in,
            {", ".join(f"r.shown_{d}, r.reported_{d}" for d in DIMENSIONS)},
            r.rag_overall_since as since, r.deciding_dimension, r.deciding_rule, r.completeness, r.watermelon,
            h.* exclude (project_id)
        from ranked r
        join history h using (project_id)
        order by r.place
    """
    return ask(con, scope, sql, skipped=(page - 1) * PAGE).df()


@dataclass(frozen=True)
class Place:
    """Where a project stands in the order of the matrix; None where there is no neighbour.

    `number` is None for a project outside the scope's filters; `first` then is where they begin.
    """

    number: int | None
    of: int
    previous: tuple[str, str] | None
    next: tuple[str, str] | None
    first: tuple[str, str] | None


def place(con: DuckDBPyConnection, scope: Scope, project_id: str) -> Place:
    """The project's neighbours (id, name) in scope, worst first, as the matrix has them."""
    sql = f"""
        with {_JUDGED}, ranked as materialized (
            select project_id, name, row_number() over (order by {_ORDER}) as number from judged
        ), mine as (
            select number from ranked where project_id = $project_id
        )
        select number, project_id, name, (select count(*) from ranked)
        from ranked
        where number = 1 or number between (from mine) - 1 and (from mine) + 1
    """
    found = ask(con, scope, sql, project_id=project_id).fetchall()
    if not found:
        return Place(None, 0, None, None, None)
    at = {row[0]: (row[1], row[2]) for row in found}
    number = next((row[0] for row in found if row[1] == project_id), None)
    around = (None, None) if number is None else (at.get(number - 1), at.get(number + 1))
    return Place(number, found[0][3], *around, at[1])
