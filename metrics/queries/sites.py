"""What the Sites screen asks: how far the rollouts are, what holds sites up, where, and whose it is.

A site is late when its planned date has passed and it is not on air, blocked when it is not on air and
names a cause. Counts are of sites as the newest delivery on or before the scope's date has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd
from duckdb import DuckDBPyConnection

from metrics.queries.standing import standing
from metrics.scope import Scope

State = Literal["late", "blocked", "on_air", "all"]

STAGES = ("survey", "design", "permits", "material", "installed", "integrated", "on_air", "accepted")
ON_MAP = 3_000
"""Points on the map: those late first, then the rest."""
PAGE = 100
"""Rows of the list at a time."""
LISTED = 12
"""Suppliers or regions in a ranking."""

_SITE = f"""
    {standing()},
    held as (
        select
            h.*,
            s.name as project_name,
            s.country
        from timeline.sites h
        join status s using (project_id)
        where h.slice_date <= $as_of::date and (h.valid_to is null or h.valid_to > $as_of::date)
        qualify row_number() over (
            partition by h.project_id, h.site_id order by h.slice_date desc, h.from_load desc
        ) = 1
    ), site as (
        select
            *,
            coalesce(actual_on_air <= $as_of::date, false) as is_on_air,
            not is_on_air and coalesce(planned_on_air <= $as_of::date, false) as is_late,
            not is_on_air and blocked_by is not null as is_blocked,
            least(provisional_acceptance_on, final_acceptance_on) as first_accepted_on,
            coalesce(first_accepted_on <= $as_of::date, false) as is_accepted,
            case when is_late then $as_of::date - planned_on_air end as days_late
        from held
    )"""

_STATE = {"late": "is_late", "blocked": "is_blocked", "on_air": "is_on_air", "all": "true"}


@dataclass(frozen=True)
class Headline:
    """Sites in scope. `main_cause` holds up most of the late ones, in `main_region` most of those."""

    projects: int
    sites: int
    planned: int
    planned_on_air: int
    on_air: int
    accepted: int
    late: int
    blocked: int
    main_cause: str | None
    main_cause_late: int
    main_region: str | None
    newest: date | None


def headline(con: DuckDBPyConnection, scope: Scope) -> Headline:
    """The figures of the sentence; all zero where no project in scope has sites."""
    sql = f"""
        with {_SITE},
        cause as (
            select blocked_by, count(*) as late from site
            where is_late and blocked_by is not null
            group by blocked_by order by late desc, blocked_by limit 1
        ), place as (
            select region from site
            where is_late and blocked_by = (select blocked_by from cause) and region is not null
            group by region order by count(*) desc, region limit 1
        )
        select
            count(distinct project_id),
            count(*),
            count(*) filter (planned_on_air <= $as_of::date),
            count(*) filter (planned_on_air <= $as_of::date and is_on_air),
            count(*) filter (is_on_air),
            count(*) filter (is_accepted),
            count(*) filter (is_late),
            count(*) filter (is_blocked),
            (select blocked_by from cause),
            coalesce((select late from cause), 0),
            (select region from place),
            max(slice_date)
        from site
    """
    row = con.execute(sql, scope.bind(sql)).fetchone()
    assert row is not None
    return Headline(*row)


def burn_up(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Cumulative sites by week over the projects in scope: week_end, planned, forecast, on_air, accepted.

    Actual counts end with the newest delivery (NULL after it).
    """
    sql = f"""
        with {standing()},
        newest as (
            select w.project_id, max(w.status_date) as status_date
            from mart_site_progress w join status using (project_id)
            where w.status_date <= $as_of::date
            group by w.project_id
        ), curve as (
            select w.*
            from mart_site_progress w
            join newest using (project_id, status_date)
        ), week as (
            select distinct week_end from curve
        ), filled as (
            select c.project_id, week.week_end, c.planned, c.forecast, c.on_air, c.accepted, c.last_week
            from week
            cross join (select distinct project_id from curve) p
            asof join (select *, max(week_end) over (partition by project_id) as last_week from curve) c
              on c.project_id = p.project_id and week.week_end >= c.week_end
        )
        select
            week_end,
            sum(planned)::bigint as planned,
            sum(forecast)::bigint as forecast,
            case when week_end < $as_of::date + 7 then sum(on_air)::bigint end as on_air,
            case when week_end < $as_of::date + 7 then sum(accepted)::bigint end as accepted
        from filled
        group by week_end
        order by week_end
    """
    return con.execute(sql, scope.bind(sql)).df()


def funnel(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Sites that have reached each stage or gone beyond, and those in it: stage, reached, standing."""
    sql = f"""
        with {_SITE},
        stages as (select unnest($stages) as stage, generate_subscripts($stages, 1) as place),
        counted as (
            select place, count(*) as standing
            from site join stages using (stage)
            group by place
        )
        select
            s.stage,
            (sum(coalesce(c.standing, 0)) over (order by s.place desc))::bigint as reached,
            coalesce(c.standing, 0)::bigint as standing
        from stages s left join counted c using (place)
        order by s.place
    """
    return con.execute(sql, scope.bind(sql, stages=list(STAGES))).df()


def blockers(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """What holds sites up: cause, blocked, of them late, and the median days late; most late first."""
    sql = f"""
        with {_SITE}
        select
            blocked_by as cause,
            count(*) as blocked,
            count(*) filter (is_late) as late,
            median(days_late) as median_days_late
        from site
        where is_blocked
        group by blocked_by
        order by late desc, blocked desc, cause
    """
    return con.execute(sql, scope.bind(sql)).df()


def late_by(con: DuckDBPyConnection, scope: Scope, what: Literal["supplier", "region"]) -> pd.DataFrame:
    """Late sites by supplier or region: name, sites, late, share_late; the LISTED with most late ones."""
    column = {
        "supplier": "coalesce(n.supplier_name, site.supplier_id)",
        "region": "site.region",
    }[what]
    sql = f"""
        with {_SITE},
        named as (
            select project_id, supplier_id, arg_max(supplier_name, slice_date) as supplier_name
            from timeline.subcontracts
            where slice_date <= $as_of::date
            group by project_id, supplier_id
        )
        select
            {column} as name,
            count(*) as sites,
            count(*) filter (is_late) as late,
            count(*) filter (is_late) / count(*) as share_late
        from site
        left join named n using (project_id, supplier_id)
        where {column} is not null
        group by all
        order by late desc, sites desc, name
        limit {LISTED}
    """
    return con.execute(sql, scope.bind(sql)).df()


def points(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Sites with a position for the map, at most ON_MAP, late ones first.

    project_id, project_name, site_id, name, region, country, latitude, longitude, state, days_late.
    """
    sql = f"""
        with {_SITE}
        select
            project_id, project_name, site_id, coalesce(name, site_id) as name, region, country,
            latitude, longitude, days_late, blocked_by,
            case when is_on_air then 'on_air' when is_late then 'late' else 'planned' end as state
        from site
        where latitude is not null and longitude is not null
        order by is_late desc, project_id, site_id
        limit {ON_MAP}
    """
    return con.execute(sql, scope.bind(sql)).df()


def site_count(con: DuckDBPyConnection, scope: Scope, state: State) -> int:
    """How many sites are in a state."""
    sql = f"with {_SITE} select count(*) from site where {_STATE[state]}"
    row = con.execute(sql, scope.bind(sql)).fetchone()
    assert row is not None
    return int(row[0])


def site_list(con: DuckDBPyConnection, scope: Scope, state: State, page: int) -> pd.DataFrame:
    """One page (from 1) of PAGE sites in a state, longest late first, with its row in the source file."""
    sql = f"""
        with {_SITE}
        select
            project_id, project_name, site_id, coalesce(name, site_id) as name, region, supplier_id, stage,
            blocked_by, planned_on_air, forecast_on_air, actual_on_air, final_acceptance_on, days_late,
            file, sheet, "row"
        from site
        where {_STATE[state]}
        order by days_late desc nulls last, planned_on_air, project_id, site_id
        limit {PAGE} offset $skipped
    """
    return con.execute(sql, scope.bind(sql, skipped=(page - 1) * PAGE)).df()
