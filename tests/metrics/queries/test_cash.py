from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from metrics.queries import cash
from metrics.scope import Scope

SCOPE = Scope("", date(2025, 8, 31))


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("""
        create table mart_project_status as
        select *, 'Project ' || project_id as name, 'Tel' as customer, 'Ana' as project_manager, 'MX' as country,
               null::varchar as programme_id, 'execute' as phase, 'Core' as business_line,
               date '2025-08-31' as status_date, null::date as next_status_date, 0 as ld_booked,
               500 as ld_maximum, 0 as unapproved_work, 0.01 as cost_without_order_share
        from (values
            ('A', 'MXN', 2000, 400, 100, 0, 1),
            ('B', 'USD', 30, null, null, 7, 0),
            ('C', 'USD', null, null, null, null, null)
        ) t(project_id, currency, unbilled, overdue_receivables, ld_probable, cost_without_order, notices_missed)
    """)
    con.execute("create table project_timeline as select project_id, currency from mart_project_status")
    con.execute("""
        create table fx_intervals as
        select currency, 'plan' as basis, date '2000-01-01' as valid_from, null::date as valid_to, per_usd,
               false as is_carried
        from (values ('MXN', 20.0), ('USD', 1.0)) t(currency, per_usd)
    """)
    con.execute("""
        create table mart_cash as
        select project_id, item_id, day::date as status_date, stage, with_whom, days_in_stage, value, net_due,
               ageing_bucket, 'MXN' as currency, item_id as description, null::date as delivered_on,
               null::date as submitted_on, null::date as accepted_on, null::date as invoiced_on, null::date as due_on
        from (values
            ('A', 'old', '2025-07-31', 'accepted', 'us', 9, 900.0, null, null),
            ('A', 'i1', '2025-08-31', 'accepted', 'us', 10, 2000.0, null, null),
            ('A', 'i2', '2025-08-31', 'invoiced', 'customer', 40, 400.0, 440.0, '31_60'),
            ('B', 'i3', '2025-08-31', 'invoiced', 'customer', 5, 100.0, 110.0, 'not_due'),
            ('B', 'i4', '2025-08-31', 'paid', 'customer', 0, 100.0, 0.0, null),
            ('B', 'i5', '2025-08-31', 'ordered', 'us', 99, 5000.0, null, null)
        ) t(project_id, item_id, day, stage, with_whom, days_in_stage, value, net_due, ageing_bucket)
    """)
    yield con
    con.close()


def test_headline_sums_in_one_currency_and_says_of_how_many(con: duckdb.DuckDBPyConnection) -> None:
    said = cash.headline(con, SCOPE)
    assert (said.unbilled, said.computed_unbilled, said.projects) == (130.0, 2, 3)
    assert (said.overdue, said.computed_overdue, said.ld_probable) == (20.0, 1, 5.0)
    assert (said.cost_without_order, said.notices_missed, said.currency) == (7.0, 1, "USD")


def test_unknown_is_not_zero(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("delete from mart_project_status where project_id <> 'C'")
    said = cash.headline(con, SCOPE)
    assert (said.unbilled, said.overdue, said.ld_probable, said.notices_missed) == (None, None, None, None)


def test_projects_own_currencies_are_summed_in_dollars(con: duckdb.DuckDBPyConnection) -> None:
    assert cash.headline(con, replace(SCOPE, currency="project")).currency == "USD"


def test_flow_is_of_the_newest_status_and_without_what_is_paid(con: duckdb.DuckDBPyConnection) -> None:
    found = cash.flow(con, SCOPE)[["stage", "with_whom", "items", "value", "median_days"]].to_numpy().tolist()
    assert found == [
        ["ordered", "us", 1, 5000.0, 99.0],
        ["accepted", "us", 1, 100.0, 10.0],
        ["invoiced", "customer", 2, 120.0, 22.5],
    ]


def test_worst_is_value_times_days_after_delivery(con: duckdb.DuckDBPyConnection) -> None:
    assert cash.worst(con, SCOPE)["item_id"].tolist() == ["i1", "i2", "i3"]


@pytest.mark.parametrize(
    ("narrowed", "ids"),
    [
        ({"step": "accepted"}, ["i1"]),
        ({"step": "invoiced"}, ["i2", "i3"]),
        ({"step": "submitted"}, []),
        ({"bucket": "not_due"}, ["i3"]),
        ({"bucket": "31_60"}, ["i2"]),
    ],
)
def test_the_list_is_narrowed_to_a_step_or_a_bucket(
    con: duckdb.DuckDBPyConnection, narrowed: dict[str, str], ids: list[str]
) -> None:
    assert sorted(cash.worst(con, SCOPE, **narrowed)["item_id"]) == ids


def test_every_bucket_is_there(con: duckdb.DuckDBPyConnection) -> None:
    found = cash.ageing(con, SCOPE)
    assert found["bucket"].tolist() == list(cash.BUCKETS)
    assert found["net_due"].tolist() == [110.0, 0.0, 22.0, 0.0, 0.0]


def test_who_spends_without_an_order_or_missed_a_notice(con: duckdb.DuckDBPyConnection) -> None:
    assert cash.without_order(con, SCOPE)["project_id"].tolist() == ["B", "A"]
