from __future__ import annotations

from datetime import date

import duckdb
import pytest

from metrics.queries.filters import Basis, data_basis, filter_options
from metrics.scope import IN_SCOPE, UNASSIGNED, Scope
from metrics.settings import STALE_AFTER_DAYS

DAY = date(2025, 8, 31)


def test_lists_become_lists_and_dates_stay() -> None:
    params = Scope(viewer="", as_of=DAY, countries=("MX", "CO")).params()
    assert params["countries"] == ["MX", "CO"]
    assert params["as_of"] == DAY


def test_bind_gives_only_what_the_query_names() -> None:
    scope = Scope(viewer="", as_of=DAY)
    assert scope.bind("select $as_of, $limit, $limit", limit=5, unused=1) == {"as_of": DAY, "limit": 5}


@pytest.mark.parametrize(
    ("scope", "projects"),
    [
        (Scope("", DAY), ["A", "B", "C"]),
        (Scope("", DAY, countries=("MX",)), ["A"]),
        (Scope("", DAY, programmes=("P2", UNASSIGNED)), ["B", "C"]),
        (Scope("", DAY, countries=("CO",), phases=("plan",)), ["B"]),
        (Scope("", DAY, customers=("nobody",)), []),
    ],
)
def test_in_scope(small_store, scope: Scope, projects: list[str]) -> None:
    sql = f"select distinct project_id from mart_project_status where {IN_SCOPE} order by 1"
    assert [row[0] for row in small_store.cursor().execute(sql, scope.bind(sql)).fetchall()] == projects


def test_filter_options(small_store) -> None:
    options = filter_options(small_store.cursor())
    assert options.status_dates[0] == DAY
    assert options.countries == ("CO", "MX")
    assert options.stale_after_days(DAY) == 40
    assert options.programmes == ((UNASSIGNED, UNASSIGNED), ("P2", "Core"), ("P1", "RAN <b>North</b>"))


@pytest.mark.parametrize(
    ("scope", "basis"),
    [
        (Scope("", DAY), Basis(1, 2, DAY)),
        (Scope("", date(2025, 6, 30)), Basis(2, 2, date(2025, 6, 30))),
        (Scope("", date(2025, 1, 1)), Basis(0, 0, None)),
        (Scope("", DAY, stale_after_days=62), Basis(2, 2, DAY)),
    ],
)
def test_basis_counts_running_projects_that_reported_lately(small_store, scope: Scope, basis: Basis) -> None:
    assert data_basis(small_store.cursor(), scope) == basis


def test_a_registered_project_that_never_reported_is_expected(small_store) -> None:
    con = small_store.cursor()
    con.execute(
        "insert into project_timeline by name select 'N' as project_id, 'New' as name, 'MX' as country,"
        " 'execute' as phase, date '2025-06-01' as valid_from"
    )
    assert data_basis(con, Scope("", DAY)) == Basis(1, 3, DAY)
    assert data_basis(con, Scope("", DAY, countries=("CO",))).expected == 1
    assert data_basis(con, Scope("", date(2025, 5, 1))).expected == 0


def test_how_old_a_status_may_be_is_by_the_rules_of_the_day(small_store) -> None:
    con = small_store.cursor()
    con.execute("create table sets (valid_from date, settings varchar)")
    con.execute("create view rule_periods as from sets")
    con.executemany(
        "insert into sets values (?, ?)",
        [
            [date(2025, 7, 1), '{"stale_after_days": "62"}'],
            [date(1900, 1, 1), '{"stale_after_days": "35"}'],
        ],
    )
    options = filter_options(con)
    assert [options.stale_after_days(date(2025, month, 1)) for month in (6, 7, 8)] == [35, 62, 62]


def test_an_empty_store_offers_nothing() -> None:
    con = duckdb.connect()
    con.execute(
        "create table mart_project_status (project_id varchar, status_date date, programme_id varchar,"
        " programme_name varchar, country varchar, customer varchar, phase varchar, business_line varchar)"
    )
    con.execute("create table metric_settings (name varchar, value varchar)")
    options = filter_options(con)
    assert (options.status_dates, options.stale_after_days(DAY)) == ((), STALE_AFTER_DAYS)
    con.close()
