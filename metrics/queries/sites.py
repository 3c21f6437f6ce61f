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
ON_MAP = 1_500
"""Marks on the map: those late first, then the rest."""
CELL = 0.2
"""Degrees: sites of one state as near as this are one mark, for on a screen they would hide each other."""
PAGE = 100
"""Rows of the list at a time."""
LISTED = 12
"""Suppliers or regions in a ranking."""

# A delivery names a site once: only where a project has several in force must the newest be looked for site by site.
_SITE = f"""
    {standing()},
    stated as (
        select
            h.*,
            s.name as project_name,
            s.country
        from timeline.sites h
        join status s using (project_id)
        where h.slice_date <= $as_of::date and (h.valid_to is null or h.valid_to > $as_of::date)
    ), several as (
        select project_id
        from stated
        group by project_id
        having min(slice_date) < max(slice_date) or min(from_load) < max(from_load) or min(source) < max(source)
    ), held as (
        from stated where project_id not in (from several)
        union all
        from stated where project_id in (from several)
        qualify row_number() over (
            partition by project_id, site_id order by slice_date desc, from_load desc, source, "row"
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

_ASKED_OF = """
    project_id, project_name, country, site_id, name, region, supplier_id, stage, blocked_by, planned_on_air,
    latitude, longitude, slice_date, is_on_air, is_late, is_blocked, is_accepted, days_late"""
_HELD = "site as (from site_now)"
"""The same, where `everything` has looked for them."""

_STATE: dict[State, str] = {"late": "is_late", "blocked": "is_blocked", "on_air": "is_on_air", "all": "true"}


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


def headline(con: DuckDBPyConnection, scope: Scope, site: str = _SITE) -> Headline:
    """The figures of the sentence; all zero where no project in scope has sites."""
    sql = f"""
        with {site},
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


@dataclass(frozen=True)
class Everything:
    """What the screen shows but for its list: the answers of the functions of the same names."""

    headline: Headline
    burn_up: pd.DataFrame
    funnel: pd.DataFrame
    blockers: pd.DataFrame
    points: pd.DataFrame
    late_by_supplier: pd.DataFrame
    late_by_region: pd.DataFrame
    counts: dict[State, int]
    """Sites in each state."""


def everything(con: DuckDBPyConnection, scope: Scope) -> Everything:
    """All of it, the sites looked for once: with thousands of projects that takes longer than all else."""
    sql = f"create or replace temp table site_now as with {_SITE} select {_ASKED_OF} from site"
    con.execute(sql, scope.bind(sql))
    try:
        counts = con.execute(
            "select " + ", ".join(f"count(*) filter ({test})" for test in _STATE.values()) + " from site_now"
        ).fetchone()
        assert counts is not None
        return Everything(
            headline(con, scope, _HELD),
            burn_up(con, scope),
            funnel(con, scope, _HELD),
            blockers(con, scope, _HELD),
            points(con, scope, _HELD),
            late_by(con, scope, "supplier", _HELD),
            late_by(con, scope, "region", _HELD),
            dict(zip(_STATE, counts, strict=True)),
        )
    finally:
        con.execute("drop table site_now")


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


def funnel(con: DuckDBPyConnection, scope: Scope, site: str = _SITE) -> pd.DataFrame:
    """Sites that have reached each stage or gone beyond, and those in it: stage, reached, standing."""
    sql = f"""
        with {site},
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


def blockers(con: DuckDBPyConnection, scope: Scope, site: str = _SITE) -> pd.DataFrame:
    """What holds sites up: cause, blocked, of them late, and the median days late; most late first."""
    sql = f"""
        with {site}
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


def late_by(
    con: DuckDBPyConnection, scope: Scope, what: Literal["supplier", "region"], site: str = _SITE
) -> pd.DataFrame:
    """Late sites by supplier or region: name, sites, late, share_late; the LISTED with most late ones."""
    column = {
        "supplier": "coalesce(n.supplier_name, site.supplier_id)",
        "region": "site.region",
    }[what]
    sql = f"""
        with {site},
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


def points(con: DuckDBPyConnection, scope: Scope, site: str = _SITE) -> pd.DataFrame:
    """Marks for the map, at most ON_MAP, late ones first, then the largest: neighbours (CELL) in one state are one.

    country, state, latitude and longitude (means), sites, projects, and of the project with most of them: project_id,
    project_name; site_id, name and region where it is a single site; the longest days_late, the most frequent
    blocked_by.
    """
    sql = f"""
        with {site},
        placed as (
            select
                country, project_id, project_name, site_id, coalesce(name, site_id) as name, region,
                latitude, longitude, days_late, blocked_by,
                case when is_on_air then 'on_air' when is_late then 'late' else 'planned' end as state,
                floor(latitude / {CELL})::int as south, floor(longitude / {CELL})::int as west
            from site
            where latitude is not null and longitude is not null
        ), of_project as (
            select
                country, state, south, west, project_id, any_value(project_name) as project_name,
                count(*) as sites, sum(latitude) as latitudes, sum(longitude) as longitudes,
                min(site_id) as site_id, min(name) as name, min(region) as region, max(days_late) as days_late
            from placed
            group by country, state, south, west, project_id
        ), cause as (
            select country, state, south, west, blocked_by
            from placed
            where blocked_by is not null
            group by country, state, south, west, blocked_by
            qualify row_number() over (
                partition by country, state, south, west order by count(*) desc, blocked_by
            ) = 1
        ), cell as (
            select
                country, state, south, west, sum(sites)::bigint as sites, count(*) as projects,
                sum(latitudes) / sum(sites) as latitude, sum(longitudes) / sum(sites) as longitude,
                max(days_late) as days_late,
                arg_min({{'project_id': project_id, 'project_name': project_name}}, (-sites, project_id)) as most,
                case when sum(sites) = 1 then min(site_id) end as site_id,
                case when sum(sites) = 1 then min(name) end as name,
                case when sum(sites) = 1 then min(region) end as region
            from of_project
            group by country, state, south, west
        )
        select
            country, state, latitude, longitude, sites, projects, most.project_id, most.project_name,
            site_id, name, region, days_late, blocked_by
        from cell
        left join cause using (country, state, south, west)
        order by (state = 'late') desc, sites desc, country, south, west, state
        limit {ON_MAP}
    """
    return con.execute(sql, scope.bind(sql)).df()


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
