from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pandas as pd
import pytest

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
        select 'P' as project_id, 'SUP-1' as supplier_id, 'Montajes' as supplier_name, date '2025-08-31' as slice_date
    """)
    con.execute("""
        create table mart_project_status as
        select 'P' as project_id, 'RAN swap' as name, 'MX' as country, null as programme_id, 'Tel' as customer,
               'execute' as phase, 'Radio' as business_line, date '2025-07-31' as status_date,
               null::date as next_status_date
    """)
    con.execute("""
        create table mart_site_progress as
        select 'P' as project_id, date '2025-08-31' as status_date, w::date as week_end, p as planned, f as forecast,
               o as on_air, a as accepted
        from (values ('2025-08-24', 4, 3, 2, 1), ('2025-08-31', 5, 3, 2, 1), ('2025-09-07', 5, 4, 2, 1))
             t(w, p, f, o, a)
    """)
    yield con
    con.close()


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
    said = sites.headline(con, SCOPE)
    assert (said.sites, said.on_air, said.late) == (6, 3, 2)


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
    found = sites.points(con, SCOPE)
    assert marks(found)[:2] == [
        ("late", 4, 2, None, 91, "material"),
        ("late", 2, 2, None, 30, "permits"),
    ]
    assert found["project_id"].tolist()[:2] == ["P", "P"]
    assert found["latitude"].tolist()[:2] == [20, 21]
