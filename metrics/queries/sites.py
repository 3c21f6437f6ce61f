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

from metrics.queries.asking import ask
from metrics.queries.standing import in_force, standing
from metrics.scope import Scope

State = Literal["late", "blocked", "on_air", "all"]

STAGES = ("survey", "design", "permits", "material", "installed", "integrated", "on_air", "accepted")
ON_MAP = 1_500
"""Marks on the map: those late first, then the rest."""
PAGE = 100
"""Rows of the list at a time."""
LISTED = 12
"""Suppliers or regions in a ranking."""

_STATE: dict[State, str] = {"late": "is_late", "blocked": "is_blocked", "on_air": "is_on_air", "all": "true"}

_IN_SCOPE = f"""
    {standing()}, seen as (
        from {in_force("mart_site_count")} c
        semi join status using (project_id)
    )"""
"""CTE `seen`: mart_site_count's rows of the projects in scope."""
_NAMED_NOW = """
    select project_id, supplier_id, arg_max(supplier_name, slice_date) as supplier_name
    from (
        from timeline.subcontracts where slice_date <= $as_of::date and valid_to is null
        union all
        from timeline.subcontracts where slice_date <= $as_of::date and valid_to > $as_of::date
    )
    group by project_id, supplier_id"""
_NAMED_EVER = """
    select project_id, supplier_id, arg_max(supplier_name, slice_date) as supplier_name
    from timeline.subcontracts
    where slice_date <= $as_of::date
    group by project_id, supplier_id"""
"""Where a supplier may be no longer listed: the name that was last stated. Dear, for it looks through all history."""


def _cell(named: str) -> str:
    """CTE `cell`: how many `sites` in scope are alike, whatever their project.

    `projects` with sites is the same in every row; `is_unnamed` where a supplier has no name in `named`.
    """
    return f"""
    {_IN_SCOPE}, named as ({named}
    ), cell as (
        select
            c.region,
            coalesce(n.supplier_name, c.supplier_id) as supplier,
            c.stage,
            c.blocked_by,
            coalesce(c.on_air_on <= $as_of::date, false) as is_on_air,
            coalesce(c.planned_on <= $as_of::date, false) as is_planned,
            not is_on_air and is_planned as is_late,
            not is_on_air and c.blocked_by is not null as is_blocked,
            coalesce(c.accepted_on <= $as_of::date, false) as is_accepted,
            case when is_late and is_blocked then c.planned_on end as late_since,
            sum(c.sites)::bigint as sites,
            max(c.delivered_on) as delivered_on,
            bool_or(c.supplier_id is not null and n.supplier_name is null) as is_unnamed,
            any_value(p.projects) as projects
        from seen c
        cross join (
            select count(distinct project_id) as projects
            from {in_force("mart_site_count")} c
            semi join status using (project_id)
        ) p
        left join named n using (project_id, supplier_id)
        group by all
    )"""


_CELL = _cell(_NAMED_EVER)
_HELD = "cell as (from cell_now)"
"""The same, where `everything` has looked for them."""

# A site that two deliveries in force name is as the newest has it; seldom needed, and dear.
_NEWEST = """
    qualify row_number() over (
        partition by h.project_id, h.site_id order by h.slice_date desc, h.from_load desc, h.source, h."row"
    ) = 1"""
_SITE = f"""
    {standing()}, held as (
        select h.*, s.name as project_name
        from (
            select *, rowid as place from timeline.sites where slice_date <= $as_of::date and valid_to is null
            union all
            select *, rowid as place from timeline.sites where slice_date <= $as_of::date and valid_to > $as_of::date
        ) h
        join status s using (project_id)
        {{newest}}
    ), site as (
        select
            *,
            coalesce(actual_on_air <= $as_of::date, false) as is_on_air,
            not is_on_air and coalesce(planned_on_air <= $as_of::date, false) as is_late,
            not is_on_air and blocked_by is not null as is_blocked,
            case when is_late then $as_of::date - planned_on_air end as days_late
        from held
    )"""


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


def headline(con: DuckDBPyConnection, scope: Scope, cell: str = _CELL) -> Headline:
    """The figures of the sentence; all zero where no project in scope has sites."""
    sql = f"""
        with {cell},
        cause as (
            select blocked_by, sum(sites) as late from cell
            where is_late and blocked_by is not null
            group by blocked_by order by late desc, blocked_by limit 1
        ), place as (
            select region from cell
            where is_late and blocked_by = (select blocked_by from cause) and region is not null
            group by region order by sum(sites) desc, region limit 1
        )
        select
            coalesce(max(projects), 0),
            {_sites()},
            {_sites("is_planned")},
            {_sites("is_planned and is_on_air")},
            {_sites("is_on_air")},
            {_sites("is_accepted")},
            {_sites("is_late")},
            {_sites("is_blocked")},
            (select blocked_by from cause),
            coalesce((select late from cause), 0)::bigint,
            (select region from place),
            max(delivered_on)
        from cell
    """
    row = ask(con, scope, sql).fetchone()
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
    """All of it, what is alike looked for once."""
    ask(con, scope, f"create or replace temp table cell_now as with {_cell(_NAMED_NOW)} from cell")
    try:
        if con.execute("select 1 from cell_now where is_unnamed limit 1").fetchone():
            ask(con, scope, f"create or replace temp table cell_now as with {_CELL} from cell")
        counts = con.execute(
            "select " + ", ".join(_sites(test) for test in _STATE.values()) + " from cell_now"
        ).fetchone()
        assert counts is not None
        return Everything(
            headline(con, scope, _HELD),
            burn_up(con, scope),
            funnel(con, scope, _HELD),
            blockers(con, scope, _HELD),
            points(con, scope),
            late_by(con, scope, "supplier", _HELD),
            late_by(con, scope, "region", _HELD),
            dict(zip(_STATE, counts, strict=True)),
        )
    finally:
        con.execute("drop table cell_now")


def burn_up(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Cumulative sites by week over the projects in scope: week_end, planned, forecast, on_air, accepted.

    Actual counts end with the newest delivery (NULL after it).
    """
    sql = f"""
        with {standing()}, curve as (
            select w.project_id, w.week_end, w.planned, w.forecast, w.on_air, w.accepted
            from {in_force("mart_site_progress")} w
            semi join status using (project_id)
        ), weekly as (
            select week_end, planned, forecast, on_air, accepted from curve
            union all
            -- what a project ended with stays in the weeks after its last
            select w.week_end, c.planned, c.forecast, c.on_air, c.accepted
            from (
                select
                    week_end as last_week, sum(planned) as planned, sum(forecast) as forecast,
                    sum(on_air) as on_air, sum(accepted) as accepted
                from curve
                join (select project_id, max(week_end) as week_end from curve group by project_id)
                  using (project_id, week_end)
                group by week_end
            ) c
            join (select distinct week_end from curve) w on w.week_end > c.last_week
        )
        select
            week_end,
            sum(planned)::bigint as planned,
            sum(forecast)::bigint as forecast,
            case when week_end < $as_of::date + 7 then sum(on_air)::bigint end as on_air,
            case when week_end < $as_of::date + 7 then sum(accepted)::bigint end as accepted
        from weekly
        group by week_end
        order by week_end
    """
    return ask(con, scope, sql).df()


def funnel(con: DuckDBPyConnection, scope: Scope, cell: str = _CELL) -> pd.DataFrame:
    """Sites that have reached each stage or gone beyond, and those in it: stage, reached, standing."""
    sql = f"""
        with {cell},
        stages as (select unnest($stages) as stage, generate_subscripts($stages, 1) as place),
        counted as (
            select place, sum(sites) as standing
            from cell join stages using (stage)
            group by place
        )
        select
            s.stage,
            (sum(coalesce(c.standing, 0)) over (order by s.place desc))::bigint as reached,
            coalesce(c.standing, 0)::bigint as standing
        from stages s left join counted c using (place)
        order by s.place
    """
    return ask(con, scope, sql, stages=list(STAGES)).df()


def blockers(con: DuckDBPyConnection, scope: Scope, cell: str = _CELL) -> pd.DataFrame:
    """What holds sites up: cause, blocked, of them late, and the median days late; most late first."""
    sql = f"""
        with {cell}, blocked as (
            from cell where is_blocked
        ), late as (
            select blocked_by, median($as_of::date - late_since) as days
            from (select blocked_by, late_since, unnest(range(sites)) from blocked where is_late)
            group by blocked_by
        )
        select
            b.blocked_by as cause,
            {_sites()} as blocked,
            {_sites("is_late")} as late,
            any_value(l.days) as median_days_late
        from blocked b left join late l using (blocked_by)
        group by b.blocked_by
        order by late desc, blocked desc, cause
    """
    return ask(con, scope, sql).df()


def late_by(
    con: DuckDBPyConnection, scope: Scope, what: Literal["supplier", "region"], cell: str = _CELL
) -> pd.DataFrame:
    """Late sites by supplier or region: name, sites, late, share_late; the LISTED with most late ones."""
    sql = f"""
        with {cell}
        select
            {what} as name,
            {_sites()} as sites,
            {_sites("is_late")} as late,
            {_sites("is_late")} / {_sites()} as share_late
        from cell
        where {what} is not null
        group by {what}
        order by late desc, sites desc, name
        limit {LISTED}
    """
    return ask(con, scope, sql).df()


def points(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """Marks for the map, at most ON_MAP, late ones first, then the largest: neighbours in one state are one.

    country, state, latitude and longitude (means), sites, projects, and of the project with most of them: project_id,
    project_name; site_id, name and region where it is a single site; the longest days_late, the most frequent
    blocked_by. Neighbours: mart_site_place's cells.
    """
    sql = f"""
        with {standing()}, numbered as (
            select project_id, name, country, row_number() over (order by project_id) as "no" from status
        ), placed as (
            select
                p.place, s."no", s.country, p.sites,
                p.latitude, p.longitude, p.blocked_by, p.south, p.west,
                case
                    when p.on_air_on <= $as_of::date then 'on_air'
                    when p.planned_on <= $as_of::date then 'late'
                    else 'planned'
                end as state,
                case when state = 'late' then $as_of::date - p.first_planned end as days_late
            from (
                select rowid as place, * from mart_site_place
                where status_date <= $as_of::date and next_status_date is null
                union all
                select rowid as place, * from mart_site_place
                where status_date <= $as_of::date and next_status_date > $as_of::date
            ) p
            join numbered s using (project_id)
        ), of_project as (
            select
                "no", any_value(country) as country, state, south, west,
                sum(sites) as sites, sum(latitude) as latitudes, sum(longitude) as longitudes,
                max(days_late) as days_late, any_value(place) as place
            from placed
            group by "no", state, south, west
        ), cause as (
            select country, state, south, west, blocked_by
            from placed
            where blocked_by is not null
            group by country, state, south, west, blocked_by
            qualify row_number() over (
                partition by country, state, south, west order by sum(sites) desc, blocked_by
            ) = 1
        ), cell as (
            select
                country, state, south, west, sum(sites)::bigint as sites, count(*) as projects,
                sum(latitudes) / sum(sites) as latitude, sum(longitudes) / sum(sites) as longitude,
                max(days_late) as days_late,
                arg_min("no", (-sites, "no")) as "no",
                case when sum(sites) = 1 then any_value(place) end as place
            from of_project
            group by country, state, south, west
            order by (state = 'late') desc, sites desc, country, south, west, state
            limit {ON_MAP}
        ), single as (
            select place, site_id, name, region
            from (select rowid as place, site_id, name, region from mart_site_place)
            semi join (from cell where place is not null) using (place)
        )
        select
            country, state, latitude, longitude, sites, projects, project_id, project_name,
            site_id, name, region, days_late, blocked_by
        from cell
        join (select "no", project_id, name as project_name from numbered) using ("no")
        left join single using (place)
        left join cause using (country, state, south, west)
        order by (state = 'late') desc, sites desc, country, south, west, state
    """
    return ask(con, scope, sql).df()


def projects(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """The projects in scope that have sites: project_id, name."""
    sql = f"""
        with {standing()}
        select s.project_id, s.name
        from status s
        where s.project_id in (select project_id from {in_force("mart_site_progress")})
        order by s.name, s.project_id
    """
    return ask(con, scope, sql).df()


def site_list(
    con: DuckDBPyConnection,
    scope: Scope,
    state: State,
    page: int,
    cause: str | None = None,
    stage: str | None = None,
) -> pd.DataFrame:
    """One page (from 1) of PAGE sites in a state, longest late first, with its row in the source file.

    Only those blocked by `cause` or standing at `stage`, where given; `of` is how many there are on all pages.
    """
    several = f"with {_IN_SCOPE} select 1 from seen where stated > 1 limit 1"
    newest = _NEWEST if ask(con, scope, several).fetchone() else ""
    sql = f"""
        with {_SITE.format(newest=newest)}, listed as (
            select place, project_name, days_late, count(*) over () as "of"
            from site
            where {_STATE[state]}
              and ($cause::varchar is null or is_blocked and blocked_by = $cause::varchar)
              and ($stage::varchar is null or stage = $stage::varchar)
            order by days_late desc nulls last, planned_on_air, project_id, site_id
            limit {PAGE} offset $skipped
        )
        select
            project_id, project_name, site_id, coalesce(name, site_id) as name, region, supplier_id, stage,
            blocked_by, planned_on_air, forecast_on_air, actual_on_air, final_acceptance_on, days_late,
            file, sheet, "row", "of"
        from listed
        join (select *, rowid as place from timeline.sites) using (place)
        order by days_late desc nulls last, planned_on_air, project_id, site_id
    """
    return ask(con, scope, sql, skipped=(page - 1) * PAGE, cause=cause, stage=stage).df()


def _sites(condition: str | None = None) -> str:
    """The number of sites of the cells for which a condition holds."""
    return f"coalesce(sum(sites){f' filter ({condition})' if condition else ''}, 0)::bigint"
