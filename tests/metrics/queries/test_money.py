from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from metrics.queries.money import fx, summing
from metrics.scope import Scope

DAY = date(2025, 8, 31)
SCOPE = Scope("", DAY)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("create table project_timeline as select unnest(['MXN', 'USD', null]) as currency")
    con.execute("""
        create table fx_intervals as
        from (values
            ('USD', 'plan', date '1900-01-01', null::date, 1.0, false),
            ('USD', 'closing', date '1900-01-01', null, 1.0, false),
            ('MXN', 'plan', date '2025-01-01', null, 20.0, false),
            ('MXN', 'closing', date '2025-08-29', date '2025-09-30', 18.0, true),
            ('EUR', 'plan', date '2025-01-01', null, 0.8, false)
        ) t(currency, basis, valid_from, valid_to, per_usd, is_carried)
    """)
    con.execute("""
        create table mart_project_status as
        from (values
            ('A', 'MXN', 'MX', date '2025-08-31'), ('B', 'USD', 'CO', date '2025-08-31')
        ) t(project_id, currency, country, status_date)
    """)
    for column in ("programme_id", "customer", "phase", "business_line"):
        con.execute(f"alter table mart_project_status add column {column} varchar")
    yield con
    con.close()


@pytest.mark.parametrize(
    ("scope", "rates"),
    [
        (SCOPE, {"MXN": 1 / 20, "USD": 1.0, None: None}),
        (replace(SCOPE, basis="closing"), {"MXN": 1 / 18, "USD": 1.0, None: None}),
        (replace(SCOPE, currency="MXN"), {"MXN": 1.0, "USD": 20.0, None: None}),
        (replace(SCOPE, currency="EUR"), {"MXN": 0.8 / 20, "USD": 0.8, None: None}),
        (replace(SCOPE, currency="project"), {"MXN": 1.0, "USD": 1.0, None: 1.0}),
        (replace(SCOPE, currency="COP"), {"MXN": None, "USD": None, None: None}),
        (replace(SCOPE, as_of=date(2024, 12, 31)), {"MXN": None, "USD": 1.0, None: None}),
    ],
)
def test_rates(con: duckdb.DuckDBPyConnection, scope: Scope, rates: dict[str | None, float | None]) -> None:
    sql = f"with {fx('select $as_of::date')} select currency, rate from fx"
    found = dict(con.execute(sql, scope.bind(sql)).fetchall())
    assert {key: value if value is None else pytest.approx(value) for key, value in rates.items()} == found


def test_a_rate_that_was_carried_is_said(con: duckdb.DuckDBPyConnection) -> None:
    scope = replace(SCOPE, basis="closing")
    sql = f"with {fx('select $as_of::date')} select currency from fx where is_carried"
    assert con.execute(sql, scope.bind(sql)).fetchall() == [("MXN",)]


@pytest.mark.parametrize(
    ("asked", "countries", "sums_in"),
    [("USD", (), "USD"), ("project", (), "USD"), ("project", ("MX",), "MXN"), ("MXN", (), "MXN")],
)
def test_summing(con: duckdb.DuckDBPyConnection, asked, countries, sums_in) -> None:
    scope = replace(SCOPE, currency=asked, countries=countries)
    assert summing(con, scope).currency == sums_in
