"""What is left out of a statement before it is asked changes no answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from metrics.queries.asking import ask
from metrics.queries.standing import in_force, standing
from metrics.scope import IN_SCOPE, RUNNING, UNASSIGNED, Scope

SCOPE = Scope("", date(2025, 8, 31), date(2025, 6, 30))
FILTERS = [
    {},
    {"countries": ("MX",)},
    {"programmes": (UNASSIGNED, "P1"), "phases": ("closed",)},
    {"customers": ("Tel",), "business_lines": ("Core",)},
]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("""
        create table mart_project_status as
        from (values
            ('A', 'MX', 'P1', 'execute', 'Core', date '2025-06-15', date '2025-08-15', 1),
            ('A', 'MX', 'P1', 'execute', 'Core', date '2025-08-15', null, 2),
            ('B', 'CO', null, 'closed', 'Radio', date '2025-05-31', null, 3),
            ('C', null, null, null, null, date '2025-07-31', null, 4),
            ('D', 'MX', 'P1', 'bid', 'Core', date '2025-09-30', null, 5)
        ) t(project_id, country, programme_id, phase, business_line, status_date, next_status_date, cost)
        cross join (select 'Tel' as customer)
    """)
    yield con
    con.close()


@pytest.mark.parametrize("filters", FILTERS)
def test_a_shorter_statement_has_the_same_answer(con, filters) -> None:
    scope = replace(SCOPE, **filters)
    sql = f"select project_id from mart_project_status where {IN_SCOPE} and {RUNNING} order by all"
    assert ask(con, scope, sql).fetchall() == con.execute(sql, scope.bind(sql)).fetchall()


def test_filters_that_nobody_set_are_not_in_it() -> None:
    short = replace(SCOPE, countries=("MX",)).shortened(f"where {IN_SCOPE} and {RUNNING}")
    assert "$countries" in short
    assert not any(name in short for name in ("$customers", "$programmes", "$phases", "$business_lines"))


def test_only_named_columns_are_carried(con: duckdb.DuckDBPyConnection) -> None:
    found = ask(con, SCOPE, f"with {standing()} select status.*, cost from status order by project_id")
    names = [column[0] for column in found.description]
    assert {"project_id", "status_date", "days_since_status", "cost"} <= set(names)
    assert "business_line" not in names


@pytest.mark.parametrize(("name", "day"), [("oldest", date(2025, 7, 31)), ("since", date(2025, 5, 1))])
def test_bounds_are_known_before(con: duckdb.DuckDBPyConnection, name: str, day: date) -> None:
    assert ask(con, SCOPE, f"select ${name}::date").fetchall() == [(day,)]


@pytest.mark.parametrize(("at", "costs"), [("as_of", [2, 3, 4]), ("compared_with", [1, 3])])
def test_in_force(con: duckdb.DuckDBPyConnection, at, costs: list[int]) -> None:
    sql = f"select cost from {in_force('mart_project_status', at)} order by cost"
    assert [row[0] for row in ask(con, SCOPE, sql).fetchall()] == costs
