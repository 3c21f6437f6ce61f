from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files
from statistics import median
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.queries import sites
from metrics.scope import Scope

SCOPE = Scope("", date(2025, 8, 31))
SITES = """
    site  supplier region   stage     planned    forecast   actual     accepted   blocked   slice      valid_to
    S1    SUP-1    Jalisco  accepted  2025-06-01 2025-06-01 2025-06-10 2025-07-01 -         2025-08-31 -
    S2    SUP-1    Jalisco  permits   2025-06-01 2025-10-01 -          -          permits   2025-08-31 -
    S3    SUP-1    Jalisco  permits   2025-08-01 2025-10-01 -          -          permits   2025-08-31 -
    S4    SUP-2    Sonora   material  2025-08-30 2025-10-01 -          -          material  2025-08-31 -
    S5    SUP-2    Sonora   survey    2025-12-01 2025-12-01 -          -          permits   2025-08-31 -
    S6    SUP-2    Sonora   on_air    2025-08-01 2025-08-01 2025-08-02 -          -         2025-08-31 -
    S2    SUP-1    Jalisco  survey    2025-06-01 2025-07-01 -          -          customer  2025-07-31 2025-08-31
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("create schema timeline")
    con.execute("""
        create table timeline.sites (project_id varchar, site_id varchar, supplier_id varchar, region varchar,
            stage varchar, planned_on_air date, forecast_on_air date, actual_on_air date,
            provisional_acceptance_on date, final_acceptance_on date, blocked_by varchar, slice_date date,
            valid_to date, latitude double, longitude double, name varchar, from_load int, source varchar, file varchar,
            sheet varchar, "row" bigint)""")
    for number, line in enumerate(SITES.split("\n")[2:-1]):
        cells = [None if cell == "-" else cell for cell in line.split()]
        con.execute(
            "insert into timeline.sites select 'P', ?, ?, ?, ?, ?, ?, ?, ?, null, ?, ?, ?, 20, -103, null, 1,"
            " 'rollout', 'sites.csv', null, ?",
            [*cells, number + 2],
        )
    con.execute("""
        create table timeline.subcontracts as
        select 'P' as project_id, 'SUP-1' as supplier_id, 'Montajes' as supplier_name, date '2025-08-31' as slice_date,
               null::date as valid_to
    """)
    con.execute("""
        create table mart_project_status as
        select 'P' as project_id, 'RAN swap' as name, 'MX' as country, null as programme_id, 'Tel' as customer,
               'execute' as phase, 'Radio' as business_line, date '2025-07-31' as status_date,
               null::date as next_status_date
    """)
    con.execute("""
        create table mart_site_progress as
        select 'P' as project_id, date '2025-08-31' as status_date, null::date as next_status_date, w::date as week_end,
               p as planned, f as forecast,
               o as on_air, a as accepted
        from (values ('2025-08-24', 4, 3, 2, 1), ('2025-08-31', 5, 3, 2, 1), ('2025-09-07', 5, 4, 2, 1))
             t(w, p, f, o, a)
    """)
    count_sites(con)
    yield con
    con.close()


def count_sites(con: duckdb.DuckDBPyConnection) -> None:
    """The marts of counts, out of timeline.sites as it is."""
    con.execute("create schema if not exists work")
    con.execute("""
        create or replace table work.point as
        select 'sites' as "key", project_id, slice_date as point,
            lead(slice_date) over (partition by project_id order by slice_date) as next_point
        from (
            select project_id, slice_date from timeline.sites
            union select project_id, valid_to from timeline.sites where valid_to is not null
        )
    """)
    con.execute("""
        create or replace table work.site_held as
        select
            t.*, p.point, t.stage as stated_stage,
            least(t.provisional_acceptance_on, t.final_acceptance_on) as accepted_on,
            count(*) over (partition by t.project_id, p.point, t.site_id) as stated
        from work.point p
        join timeline.sites t
          on t.project_id = p.project_id and t.slice_date <= p.point
         and (t.valid_to is null or t.valid_to > p.point)
        qualify row_number() over (
            partition by t.project_id, p.point, t.site_id order by t.slice_date desc, t.from_load desc, t.source
        ) = 1
    """)
    con.execute((files("metrics") / "marts" / "15_site_counts.sql").read_text(encoding="utf-8"))


def test_headline(con: duckdb.DuckDBPyConnection) -> None:
    said = sites.headline(con, SCOPE)
    assert (said.sites, said.planned, said.planned_on_air, said.on_air, said.accepted) == (6, 5, 2, 2, 1)
    assert (said.late, said.blocked) == (3, 4)
    assert (said.main_cause, said.main_cause_late, said.main_region) == ("permits", 2, "Jalisco")


def test_an_earlier_date_sees_the_earlier_delivery(con: duckdb.DuckDBPyConnection) -> None:
    said = sites.headline(con, Scope("", date(2025, 8, 1)))
    assert (said.sites, said.late, said.main_cause) == (1, 1, "customer")


def test_of_several_deliveries_in_force_the_newest_states_each_site(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        insert into timeline.sites by name
        select * replace (2 as from_load, 'other' as source, 'on_air' as stage, date '2025-08-15' as actual_on_air)
        from timeline.sites where site_id = 'S3'
    """)
    count_sites(con)
    said = sites.headline(con, SCOPE)
    assert (said.sites, said.on_air, said.late) == (6, 3, 2)
    assert sites.site_list(con, SCOPE, "late", 1)["site_id"].tolist() == ["S2", "S4"]


def test_nothing_in_scope(con: duckdb.DuckDBPyConnection) -> None:
    said = sites.headline(con, Scope("", date(2025, 8, 31), countries=("CO",)))
    assert (said.sites, said.late, said.main_cause, said.newest) == (0, 0, None, None)


def test_actual_curves_end_with_the_date_asked_for(con: duckdb.DuckDBPyConnection) -> None:
    curve = sites.burn_up(con, SCOPE)
    assert curve["planned"].tolist() == [4, 5, 5]
    assert curve["on_air"].isna().tolist() == [False, False, True]


def test_funnel_counts_who_went_beyond(con: duckdb.DuckDBPyConnection) -> None:
    reached = dict(zip(*sites.funnel(con, SCOPE)[["stage", "reached"]].T.to_numpy(), strict=True))
    assert reached == {
        "survey": 6, "design": 5, "permits": 5, "material": 3, "installed": 2, "integrated": 2, "on_air": 2,
        "accepted": 1,
    }  # fmt: skip


def test_blockers_and_rankings(con: duckdb.DuckDBPyConnection) -> None:
    causes = sites.blockers(con, SCOPE)
    assert causes[["cause", "blocked", "late"]].to_numpy().tolist() == [["permits", 3, 2], ["material", 1, 1]]
    ranked = sites.late_by(con, SCOPE, "supplier")
    assert ranked[["name", "late", "sites"]].to_numpy().tolist() == [["Montajes", 2, 3], ["SUP-2", 1, 3]]


@pytest.mark.parametrize(
    ("state", "ids"),
    [("late", ["S2", "S3", "S4"]), ("blocked", ["S2", "S3", "S4", "S5"]), ("on_air", ["S1", "S6"])],
)
def test_list(con: duckdb.DuckDBPyConnection, state: sites.State, ids: list[str]) -> None:
    assert sites.site_list(con, SCOPE, state, 1)["site_id"].tolist() == ids
    assert sites.everything(con, SCOPE).counts[state] == len(ids)
    assert sites.site_list(con, SCOPE, state, 2).empty


@pytest.mark.parametrize(
    ("narrowed", "ids"),
    [
        ({"state": "late", "cause": "permits"}, 2),
        ({"state": "blocked", "cause": "permits"}, 3),
        ({"state": "blocked", "cause": "nonsense"}, 0),
        ({"state": "all", "stage": "accepted"}, 1),
    ],
)
def test_the_list_is_narrowed_to_a_cause_or_a_stage(
    con: duckdb.DuckDBPyConnection, narrowed: dict[str, Any], ids: int
) -> None:
    found = sites.site_list(con, SCOPE, page=1, **narrowed)
    assert (len(found), set(found["of"])) == (ids, {ids} if ids else set())


def test_everything_is_what_each_question_finds(con: duckdb.DuckDBPyConnection) -> None:
    whole = sites.everything(con, SCOPE)
    assert whole.headline == sites.headline(con, SCOPE)
    for found, asked in (
        (whole.burn_up, sites.burn_up(con, SCOPE)),
        (whole.funnel, sites.funnel(con, SCOPE)),
        (whole.blockers, sites.blockers(con, SCOPE)),
        (whole.points, sites.points(con, SCOPE)),
        (whole.late_by_supplier, sites.late_by(con, SCOPE, "supplier")),
        (whole.late_by_region, sites.late_by(con, SCOPE, "region")),
    ):
        pd.testing.assert_frame_equal(found, asked)


def marks(points: pd.DataFrame) -> list[tuple[object, ...]]:
    """State, sites, projects, the site where it is one, days late and cause."""
    columns = ["state", "sites", "projects", "site_id", "days_late", "blocked_by"]
    return [tuple(None if pd.isna(v) else v for v in row) for row in points[columns].itertuples(index=False)]


def test_neighbours_in_one_state_are_one_mark(con: duckdb.DuckDBPyConnection) -> None:
    assert marks(sites.points(con, SCOPE)) == [
        ("late", 3, 1, None, 91, "permits"),
        ("on_air", 2, 1, None, None, None),
        ("planned", 1, 1, "S5", None, "permits"),
    ]


def test_sites_apart_are_marks_of_their_own(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("update timeline.sites set latitude = 21 where site_id = 'S3'")
    con.execute("insert into timeline.sites by name select * replace ('Q' as project_id) from timeline.sites")
    con.execute(
        "insert into mart_project_status by name select * replace ('Q' as project_id) from mart_project_status"
    )
    count_sites(con)
    found = sites.points(con, SCOPE)
    assert marks(found)[:2] == [
        ("late", 4, 2, None, 91, "material"),
        ("late", 2, 2, None, 30, "permits"),
    ]
    assert found["project_id"].tolist()[:2] == ["P", "P"]
    assert found["latitude"].tolist()[:2] == [20, 21]


DAYS = [date(2025, 5, 1) + timedelta(days=10 * n) for n in range(16)]
"""Delivered on 2025-06-30 (DAYS[6]) and 2025-08-29 (DAYS[12])."""
maybe = st.one_of(st.none(), st.sampled_from(DAYS))
a_site = st.tuples(
    st.sampled_from("PQ"),
    st.sampled_from([None, "Jalisco", "Sonora"]),
    st.sampled_from([None, "permits", "on_air"]),
    maybe,
    maybe,
    maybe,
    st.sampled_from([None, "permits", "power"]),
    st.booleans(),
    st.sampled_from([None, 20.1, 25.0]),
)
PROJECTS = {"P": "MX", "Q": "CO"}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(a_site, max_size=30), st.sampled_from(DAYS[6:]), st.sampled_from([(), ("MX",), ("CO",), ("PE",)])
)
def test_counts_are_those_of_the_sites_one_by_one(drawn, as_of: date, countries: tuple[str, ...]) -> None:
    con = duckdb.connect()
    con.execute("create schema timeline")
    con.execute("""
        create table timeline.sites (project_id varchar, region varchar, stage varchar, planned_on_air date,
            actual_on_air date, final_acceptance_on date, blocked_by varchar, is_first boolean, latitude double,
            slice_date date, valid_to date, site_id varchar);
        create table mart_site_progress (project_id varchar, status_date date, next_status_date date, week_end date,
            planned bigint, forecast bigint, on_air bigint, accepted bigint);
        create table timeline.subcontracts (project_id varchar, supplier_id varchar, supplier_name varchar,
            slice_date date, valid_to date);
        create table mart_project_status as
        select unnest(['P', 'Q']) as project_id, unnest(['MX', 'CO']) as country, project_id as name,
            null as programme_id, 'Tel' as customer, 'execute' as phase, 'Radio' as business_line,
            date '2025-06-30' as status_date, null::date as next_status_date
    """)
    rows = [
        (*site[:7], site[7], site[8], DAYS[6] if site[7] else DAYS[12], DAYS[12] if site[7] else None, str(n))
        for n, site in enumerate(drawn)
    ]
    if rows:
        con.executemany(f"insert into timeline.sites values ({', '.join('?' * 12)})", rows)
    con.execute("""
        alter table timeline.sites add column supplier_id varchar;
        alter table timeline.sites add column provisional_acceptance_on date;
        alter table timeline.sites add column longitude double default -100;
        alter table timeline.sites add column name varchar;
        alter table timeline.sites add column from_load int default 1;
        alter table timeline.sites add column source varchar default 'rollout'
    """)
    count_sites(con)
    seen = [
        row for row in rows
        if row[9] <= as_of and (row[10] is None or row[10] > as_of)
        and (not countries or PROJECTS[row[0]] in countries)
    ]  # fmt: skip
    on_air = [row[4] is not None and row[4] <= as_of for row in seen]
    planned = [row[3] is not None and row[3] <= as_of for row in seen]
    late = [due and not done for due, done in zip(planned, on_air, strict=True)]
    blocked = [row[6] is not None and not done for row, done in zip(seen, on_air, strict=True)]
    whole = sites.everything(con, Scope("", as_of, countries=countries))
    said = whole.headline
    assert (said.sites, said.on_air, said.planned) == (len(seen), sum(on_air), sum(planned))
    assert (said.late, said.blocked, said.projects) == (
        sum(late),
        sum(blocked),
        len({row[0] for row in seen}),
    )
    assert said.accepted == sum(row[5] is not None and row[5] <= as_of for row in seen)
    causes = {row[6] for row, held in zip(seen, blocked, strict=True) if held}
    of_cause = {
        cause: [
            (as_of - row[3]).days
            for row, is_late in zip(seen, late, strict=True)
            if is_late and row[6] == cause
        ]
        for cause in causes
    }
    found = {row["cause"]: row for row in whole.blockers.to_dict("records")}
    assert set(found) == causes
    for cause, days in of_cause.items():
        assert found[cause]["late"] == len(days)
        assert (
            found[cause]["median_days_late"] == median(days)
            if days
            else pd.isna(found[cause]["median_days_late"])
        )
    on_map = [
        ("on_air" if done else "late" if is_late else "planned", is_late and (as_of - row[3]).days)
        for row, done, is_late in zip(seen, on_air, late, strict=True)
        if row[8] is not None
    ]
    for state in ("late", "on_air", "planned"):
        mine = whole.points[whole.points["state"] == state]
        assert mine["sites"].sum() == sum(name == state for name, _ in on_map)
    worst = [days for name, days in on_map if name == "late"]
    assert not worst or whole.points["days_late"].max() == max(worst)
    con.close()
