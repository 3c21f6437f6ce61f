"""What the Overview asks: how healthy, what changed since the comparison date, who needs the viewer.

Margins are in points of revenue, slip in calendar days (positive is late). Amounts are in the scope's
currency, sums of several projects in the one that `money.summing` finds. Unknown stays NULL.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

import pandas as pd
from duckdb import DuckDBPyConnection

from metrics.queries.asking import NAMED, ask
from metrics.queries.money import fx, summing
from metrics.queries.standing import RATED, fresh, standing
from metrics.scope import IN_SCOPE, RUNNING, UNASSIGNED, Scope

Group = Literal[
    "turned_worse",
    "turned_better",
    "rebaselined",
    "finish_moved",
    "margin_moved",
    "entered",
    "left",
    "silent",
]
GROUPS: tuple[Group, ...] = get_args(Group)
"""What can have changed, in the order in which it is told."""

REPORTS = 12
NEEDS = 5
LINKS = 8
"""Projects named in each group of changes."""
LISTED = 50
CARDS = 12
"""Programmes shown per country, the worst first."""
LATE_DAYS = 30
"""A project this late against its original baseline counts as late: where the default rule turns amber."""
MOVED_DAYS = 10
MOVED_POINTS = 1.0
DIMENSIONS = ("cost", "scope", "schedule", "quality")

_AS_OF = "select $as_of::date"
_MARGIN_KNOWN = "revenue_forecast > 0 and margin_forecast is not null and rate is not null"
_SEVERITY = "case {0} when 'red' then 0 when 'amber' then 1 when 'green' then 2 end"
_SAFETY = """
    safety as (
        select
            project_id,
            sum(lost_time_incidents) as lost_time_incidents,
            sum(fatalities) as fatalities,
            sum(hours_worked)::double as hours_worked
        from mart_safety
        where status_date <= $as_of::date and status_date > $as_of::date - 365
        group by project_id
    )"""
"""A project's incidents and hours in the last twelve months, over its suppliers."""
_FIRST = "overall = 'red' desc, at_stake desc nulls last, rag_overall_since nulls last, name, project_id"
_AT_STAKE = "coalesce(current_contract_value, contract_value)::double"
_OVERALL = f"coalesce({fresh('rag_overall')}, 'grey')"
_COMPARED = "$compared_with::date"
_WAS_OVERALL = f"coalesce({fresh('rag_overall', at=_COMPARED)}, 'grey')"


@dataclass(frozen=True)
class Moment:
    """The portfolio on one day. `*_known` count the projects a figure was computed from; None is unknown.

    `late` of `slip_known` slip LATE_DAYS or more against the original baseline. Points are of revenue;
    `fx_points` is the part of `margin_points` that is the exchange rate against the rates of the sale, known
    only where it is known of every project in the margin.
    """

    day: date
    projects: int
    green: int
    amber: int
    red: int
    grey: int
    margin_points: float | None
    fx_points: float | None
    margin_known: int
    median_slip: float | None
    median_slip_current: float | None
    worst_slip: float | None
    worst_id: str | None
    worst_name: str | None
    slip_known: int
    late: int
    risk_exposure: float | None
    ld_probable: float | None
    contingency_left: float | None
    unbilled: float | None
    overdue: float | None

    @property
    def exposure(self) -> float | None:
        """Risk and probable damages: the sum of what is known of the two."""
        return _sum(self.risk_exposure, self.ld_probable)

    @property
    def stuck(self) -> float | None:
        """Accepted and not invoiced, and overdue: the sum of what is known of the two."""
        return _sum(self.unbilled, self.overdue)


@dataclass(frozen=True)
class Pulse:
    """The portfolio now, at the comparison date (None without one), and at its last REPORTS, oldest first.

    A report is the last status date of a month in which anything in scope was reported; the newest is the
    as-of date itself.
    """

    now: Moment
    before: Moment | None
    reports: tuple[Moment, ...]
    currency: str


def pulse(con: DuckDBPyConnection, scope: Scope) -> Pulse:
    """The figures of the sentence, the tiles and the trend, over the projects then running in scope."""
    scope = summing(con, scope)
    reports = f"""
        with monthly as (
            select max(status_date) as "day"
            from mart_project_status
            where status_date <= $as_of::date and {IN_SCOPE} and {RUNNING}
            group by date_trunc('month', status_date)
        ), reports as (
            select "day" from monthly where last_day("day") <> last_day($as_of::date)
            union
            {_AS_OF}
            order by 1 desc
            limit {REPORTS}
        )
        from reports
    """
    told = [row[0] for row in ask(con, scope, reports).fetchall()]
    days = sorted({*told, *([scope.compared_with] if scope.compared_with else [])})
    sql = f"""
        with moment as (select unnest($days::date[]) as "day"), {fx('select "day" from moment')}, stood as (
            select
                d."day",
                m.*,
                fx.rate,
                coalesce({fresh("m.rag_overall", "m.status_date", 'd."day"')}, 'grey') as colour
            from (
                select {NAMED}
                from mart_project_status
                where status_date <= $as_of::date
                  and (next_status_date is null or next_status_date > $first::date)
                  and {IN_SCOPE} and {RUNNING}
            ) m
            join moment d
              on m.status_date <= d."day" and coalesce(m.next_status_date, date '9999-12-31') > d."day"
            left join fx on fx.currency is not distinct from m.currency and fx."on" = d."day"
        )
        select
            d."day",
            count(project_id),
            count(*) filter (colour = 'green'),
            count(*) filter (colour = 'amber'),
            count(*) filter (colour = 'red'),
            count(*) filter (colour = 'grey'),
            100 * sum(margin_forecast * rate) filter ({_MARGIN_KNOWN})
                / nullif(sum(revenue_forecast * rate) filter ({_MARGIN_KNOWN}), 0),
            case when count(fx_effect) filter ({_MARGIN_KNOWN}) = count(*) filter ({_MARGIN_KNOWN}) then
                100 * sum(fx_effect * rate) filter ({_MARGIN_KNOWN})
                    / nullif(sum(revenue_forecast * rate) filter ({_MARGIN_KNOWN}), 0) end,
            count(*) filter ({_MARGIN_KNOWN}),
            median(slip_days_original),
            median(slip_days),
            max(slip_days_original),
            arg_max(project_id, slip_days_original),
            arg_max(name, slip_days_original),
            count(slip_days_original),
            count(*) filter (slip_days_original >= {LATE_DAYS}),
            sum(risk_exposure * rate),
            sum(ld_probable * rate),
            sum(contingency_left * rate),
            sum(unbilled * rate),
            sum(overdue_receivables * rate)
        from moment d
        left join stood using ("day")
        group by d."day"
        order by d."day"
    """
    found = [_moment(row) for row in ask(con, scope, sql, days=days, first=days[0]).fetchall()]
    at = {moment.day: moment for moment in found}
    return Pulse(
        now=at[scope.as_of],
        before=at[scope.compared_with] if scope.compared_with else None,
        reports=tuple(moment for moment in found if moment.day in told),
        currency=scope.currency,
    )


def needs(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """The NEEDS projects that need the viewer: red before amber, then contract value, then longest so.

    `overall` is the project's colour. Beside it the rule that decided it: `rule_id`, its `colour`, `value`
    and the `bound` it crossed in `unit`; empty where the evidence lacks it. `red_of`, `amber_of` count all.
    """
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}, coloured as (
            select *, {_OVERALL} as overall, ({_AT_STAKE} * rate)::double as at_stake from rated
        ), total as (
            select
                count(*) filter (overall = 'red') as red_of,
                count(*) filter (overall = 'amber') as amber_of
            from coloured
        ), chosen as (
            select *
            from coloured, total
            where overall in ('red', 'amber')
            order by {_FIRST}
            limit {NEEDS}
        ), decided as (
            select e.*
            from (
                from mart_rag_evidence where status_date <= $as_of::date and status_date_to is null
                union all
                from mart_rag_evidence where status_date <= $as_of::date and status_date_to >= $oldest::date
            ) e
            join chosen c on e.project_id = c.project_id and e.rule_id = c.deciding_rule
            where e.status_date <= c.status_date
              and (e.status_date_to is null or e.status_date_to >= c.status_date)
            qualify row_number() over (partition by e.project_id order by e.status_date desc) = 1
        )
        select
            c.project_id, c.name, c.customer, c.project_manager, c.country, c.currency, c.overall,
            c.reported_overall, c.rag_overall_since as since, c.slip_days_original, c.slip_days,
            100 * c.margin_pct_forecast as margin_points, c.margin_erosion_pp, c.at_stake, c.money_in,
            c.status_date as last_on, c.is_stale, c.red_of, c.amber_of,
            e.rule_id, e.metric, e.sentence_key, e.reason_key, e.unit, e.colour, e.is_held,
            e.value::double as value, e.bound::double as bound, e.distance_to_next::double as distance_to_next
        from chosen c
        left join decided e using (project_id)
        order by {_FIRST.replace("project_id", "c.project_id")}
    """
    return ask(con, scope, sql).df()


def changes(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """What changed since the comparison date: a row per project and group, the LINKS most changed of each.

    `what` is one of GROUPS and `of` how many are in the group. `colour_was` and `colour` are shown colours;
    `moved_days`, `moved_points` (of margin), `rebaselines` and `phase` hold what their group is about.
    A project left when it is no longer running in scope; `phase` is then its phase now. Empty without a
    comparison date.
    """
    columns = """
        project_id, name, customer, colour_was, colour, moved_days, moved_points, rebaselines, phase, last_on,
        value"""
    now, was = fresh("s.rag_overall", "s.status_date"), fresh("b.rag_overall", "b.status_date", _COMPARED)
    sql = f"""
        with {standing()}, {standing("compared_with", "before")}, pair as (
            select
                project_id,
                coalesce(s.name, b.name) as name,
                coalesce(s.customer, b.customer) as customer,
                s.status_date is not null as is_in,
                b.status_date is not null as was_in,
                coalesce({was}, 'grey') as colour_was,
                coalesce({now}, 'grey') as colour,
                {_SEVERITY.format("colour")} as severity,
                severity - {_SEVERITY.format("colour_was")} as steps,
                s.forecast_finish - b.forecast_finish as moved_days,
                100 * (s.margin_pct_forecast - b.margin_pct_forecast) as moved_points,
                s.rebaseline_count - b.rebaseline_count as rebaselines,
                coalesce(s.is_stale, false)
                    and coalesce(not b.is_stale, false) as is_silent,
                coalesce(
                    s.current_contract_value, s.contract_value, b.current_contract_value, b.contract_value
                ) as value,
                coalesce(s.phase, n.phase) as phase,
                s.status_date as last_on
            from status s
            full join before b using (project_id)
            left join mart_project_status n
              on s.project_id is null and n.project_id = b.project_id and n.status_date <= $as_of::date
             and (n.next_status_date is null or n.next_status_date > $as_of::date)
        ), told as (
            select 'turned_worse' as what, 10 * (2 - severity) - steps as size, {columns}
            from pair where is_in and was_in and steps < 0
            union all
            select 'turned_better', steps, {columns} from pair where is_in and was_in and steps > 0
            union all
            select 'rebaselined', rebaselines, {columns} from pair where rebaselines > 0
            union all
            select 'finish_moved', abs(moved_days), {columns} from pair where abs(moved_days) > {MOVED_DAYS}
            union all
            select 'margin_moved', abs(moved_points), {columns}
            from pair where abs(moved_points) > {MOVED_POINTS}
            union all
            select 'entered', 0, {columns} from pair where is_in and not was_in
            union all
            select 'left', 0, {columns} from pair where was_in and not is_in
            union all
            select 'silent', 0, {columns} from pair where is_silent
        )
        select * exclude (size, value), count(*) over (partition by what) as "of"
        from told
        where $compared_with::date is not null
        qualify row_number() over (
            partition by what order by size desc nulls last, value desc nulls last, name, project_id
        ) <= {LINKS}
        order by list_position($groups, what), size desc nulls last, value desc nulls last, name, project_id
    """
    return ask(con, scope, sql, groups=list(GROUPS)).df()


@dataclass(frozen=True)
class Turned:
    """How many projects, seen at both dates with a known colour, turned; `compared` is how many those are."""

    compared: int
    worse: int
    to_red: int
    better: int


def turned(con: DuckDBPyConnection, scope: Scope) -> Turned | None:
    """How many projects turned worse or better since the comparison date; None without one."""
    if scope.compared_with is None:
        return None
    sql = f"""
        with {standing()}, {standing("compared_with", "before")}, pair as (
            select
                {_SEVERITY.format("s.colour")} as now,
                {_SEVERITY.format("b.colour")} as was
            from (select project_id, {_OVERALL} as colour from status) s
            join (select project_id, {_WAS_OVERALL} as colour from before) b using (project_id)
        )
        select
            count(*) filter (now is not null and was is not null),
            count(*) filter (now < was),
            count(*) filter (now < was and now = 0),
            count(*) filter (now > was)
        from pair
    """
    row = ask(con, scope, sql).fetchone()
    assert row is not None
    return Turned(*row)


def programmes(con: DuckDBPyConnection, scope: Scope) -> pd.DataFrame:
    """The countries in scope and their programmes: a row per country (`level`), then one per programme.

    Counts by shown colour, overall and for each dimension (`cost_red` …; `cost_worst` is the project to look
    at); margin in points with the change against as sold, over the projects that know both; slip against the
    original baseline; satisfaction (mean and lowest of the projects' newest surveys); lost-time incidents,
    fatalities and their rate per million hours in the last twelve months; upsell. The CARDS programmes of a
    country with most red, then amber, then contract value, first; `of` is how many it has.
    """
    scope = summing(con, scope)
    by_dimension = ",\n".join(
        f"""count(*) filter ({d} = 'red') as {d}_red, count(*) filter ({d} = 'amber') as {d}_amber,
            count(*) filter ({d} = 'green') as {d}_green, count(*) filter ({d} = 'grey') as {d}_grey,
            arg_min(project_id, coalesce({_SEVERITY.format(d)}, 3) * 1e18 - coalesce(value, 0)) as {d}_worst"""
        for d in DIMENSIONS
    )
    shown = ", ".join(f"coalesce({fresh(f'rag_{d}')}, 'grey') as {d}" for d in DIMENSIONS)
    sold = f"({_MARGIN_KNOWN} and revenue_as_sold > 0 and margin_as_sold is not null)"
    sql = f"""
        with {standing()}, {fx(_AS_OF)}, {RATED}, {_SAFETY}, coloured as (
            select
                r.* exclude (lost_time_incidents, fatalities),
                {shown}, {_OVERALL} as colour, {_AT_STAKE} * rate as value,
                coalesce(programme_id, '{UNASSIGNED}') as programme,
                f.lost_time_incidents, f.fatalities, f.hours_worked
            from rated r
            left join safety f using (project_id)
        ), summed as (
            select
                country,
                programme as programme_id,
                case when grouping(programme) = 1 then 'country' else 'programme' end as level,
                max(programme_name) as programme_name,
                count(distinct programme) as programmes,
                count(*) as projects,
                count(*) filter (colour = 'red') as red,
                count(*) filter (colour = 'amber') as amber,
                count(*) filter (colour = 'green') as green,
                count(*) filter (colour = 'grey') as grey,
                {by_dimension},
                100 * sum(margin_forecast * rate) filter ({_MARGIN_KNOWN})
                    / nullif(sum(revenue_forecast * rate) filter ({_MARGIN_KNOWN}), 0) as margin_points,
                count(*) filter ({_MARGIN_KNOWN}) as margin_known,
                100 * sum(margin_forecast * rate) filter {_where(sold)}
                    / nullif(sum(revenue_forecast * rate) filter {_where(sold)}, 0)
                - 100 * sum(margin_as_sold * rate) filter {_where(sold)}
                    / nullif(sum(revenue_as_sold * rate) filter {_where(sold)}, 0) as erosion_pp,
                median(slip_days_original) as median_slip,
                max(slip_days_original) as worst_slip,
                arg_max(project_id, slip_days_original) as worst_slip_id,
                arg_max(name, slip_days_original) as worst_slip_name,
                count(slip_days_original) as slip_known,
                avg(satisfaction) as satisfaction,
                min(satisfaction) as satisfaction_lowest,
                count(satisfaction) as satisfaction_known,
                sum(lost_time_incidents)::bigint as lost_time_incidents,
                sum(fatalities)::bigint as fatalities,
                count(lost_time_incidents) as safety_known,
                1e6 * sum(lost_time_incidents + coalesce(fatalities, 0)) filter (hours_worked > 0)
                    / sum(hours_worked) as ltifr,
                sum(upsell_pipeline * rate)::double as upsell_pipeline,
                sum(upsell_weighted * rate)::double as upsell_weighted,
                sum(value)::double as value
            from coloured
            group by grouping sets ((country), (country, programme))
        )
        select
            *,
            $currency as currency,
            count(*) filter (level = 'programme') over (partition by country) as "of"
        from summed
        qualify level = 'country' or row_number() over (
            partition by country, level order by red desc, amber desc, value desc nulls last, programme_id
        ) <= {CARDS}
        order by
            max(projects) over (partition by country) desc, country nulls last,
            level, red desc, amber desc, value desc nulls last, programme_id
    """
    return ask(con, scope, sql).df()


def standing_then(con: DuckDBPyConnection, scope: Scope, on: date, colour: str) -> pd.DataFrame:
    """The projects that had a colour on a day, dearest first, at most LISTED; `of` is how many.

    `colour_now` is the one they have on the as-of date, empty where they have left.
    """
    sql = f"""
        with {standing()}, {fx("select $on::date")}, then_ as (
            select {NAMED}, coalesce({fresh("rag_overall", at="$on::date")}, 'grey') as colour
            from mart_project_status
            where status_date <= $on::date and (next_status_date is null or next_status_date > $on::date)
              and {IN_SCOPE} and {RUNNING}
        )
        select
            t.project_id, t.name, t.customer, t.project_manager, t.colour,
            case when s.project_id is not null
                then coalesce({fresh("s.rag_overall", "s.status_date")}, 'grey') end as colour_now,
            t.slip_days_original, 100 * t.margin_pct_forecast as margin_points,
            count(*) over () as "of"
        from then_ t
        left join status s using (project_id)
        left join fx on fx.currency is not distinct from t.currency
        where t.colour = $colour
        order by coalesce(t.current_contract_value, t.contract_value)::double * fx.rate desc nulls last,
            t.name, t.project_id
        limit {LISTED}
    """
    return ask(con, scope, sql, on=on, colour=colour).df()


def _where(condition: str) -> str:
    return f"(where {condition})"


def _sum(*parts: float | None) -> float | None:
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _moment(row: tuple[Any, ...]) -> Moment:
    figures: list[Any] = [float(v) if isinstance(v, Decimal) else v for v in row[: len(fields(Moment))]]
    return Moment(*figures)
