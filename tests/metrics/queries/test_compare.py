from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from metrics.queries import compare
from metrics.scope import Scope

JULY, AUGUST = date(2025, 7, 31), date(2025, 8, 31)
SCOPE = Scope("", AUGUST)
KIND = {"date": "date", "money": "decimal(18,4)"}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    measures = ", ".join(f"null::{KIND.get(unit, 'double')} as {name}" for name, unit, _ in compare.MEASURES)
    colours = ", ".join(f"'red' as rag_{c}, null::varchar as reported_{c}" for c in compare.COLOURS)
    con.execute(f"""
        create table mart_project_status as
        select project_id, 'Project ' || project_id as name, 'Tel' as customer, 'MXN' as currency, 'MX' as country,
               null::varchar as programme_id, 'execute' as phase, 'Core' as business_line, status_date::date as status_date,
               next_status_date::date as next_status_date, {measures}, {colours}
        from (values ('A', '2025-07-31', '2025-08-31'), ('A', '2025-08-31', null), ('B', '2025-08-31', null))
             t(project_id, status_date, next_status_date)
    """)
    con.execute("""
        update mart_project_status set
            cpi = case when status_date = date '2025-07-31' then 0.9 else 1.0 end,
            slip_days = case project_id when 'A' then 30 else 10 end,
            ld_probable = case project_id when 'A' then 200 end,
            forecast_finish = case project_id when 'A' then date '2025-12-31' else date '2026-01-10' end
    """)
    con.execute("create table project_timeline as select 'A' as project_id, 'MXN' as currency")
    con.execute("""
        create table fx_intervals as
        select currency, 'plan' as basis, date '2000-01-01' as valid_from, null::date as valid_to, per_usd,
               false as is_carried
        from (values ('MXN', 20.0), ('USD', 1.0)) t(currency, per_usd)
    """)
    con.execute("""
        create table mart_period_value as
        from (values
            ('A', date '2025-07-31', date '2025-06-30', 0.1, 0.1), ('A', date '2025-07-31', date '2025-07-31', 0.3, 0.2),
            ('A', date '2025-08-31', date '2025-06-30', 0.2, 0.1), ('A', date '2025-08-31', date '2025-12-31', 1.0, null)
        ) v(project_id, status_date, period_end, percent_planned, percent_complete)
    """)
    con.execute("""
        create table mart_earned_value as
        select project_id, status_date, case project_id when 'A' then status_date end as ev_status_date
        from mart_project_status
    """)
    yield con
    con.close()


def lines(
    con: duckdb.DuckDBPyConnection, a: tuple[str, date], b: tuple[str, date]
) -> dict[str, compare.Line]:
    left, right = (compare.side(con, SCOPE, *who) for who in (a, b))
    assert left is not None
    assert right is not None
    return {line.measure: line for line in compare.lines(left, right)}


def test_two_projects(con: duckdb.DuckDBPyConnection) -> None:
    found = lines(con, ("A", AUGUST), ("B", AUGUST))
    assert (found["slip_days"].difference, found["slip_days"].better) == (-20, "right")
    assert (found["forecast_finish"].difference, found["forecast_finish"].better) == (10, None)
    assert (found["ld_probable"].left, found["ld_probable"].right, found["ld_probable"].better) == (
        10,
        None,
        None,
    )
    assert found["cpi"].better is None
    assert "eac" not in found


def test_one_project_on_two_dates(con: duckdb.DuckDBPyConnection) -> None:
    found = lines(con, ("A", JULY), ("A", AUGUST))
    assert (found["cpi"].left, found["cpi"].right, found["cpi"].better) == (0.9, 1.0, "right")


def test_nothing_later_than_the_scope_is_seen(con: duckdb.DuckDBPyConnection) -> None:
    assert compare.side(con, Scope("", JULY), "B", AUGUST) is None
    assert compare.dates_of(con, Scope("", JULY), "A") == [JULY]
    assert compare.dates_of(con, SCOPE, "A") == [AUGUST, JULY]


def test_choices(con: duckdb.DuckDBPyConnection) -> None:
    assert compare.choices(con, SCOPE) == [("A", "Project A"), ("B", "Project B")]


@pytest.mark.parametrize(
    ("day", "rows"),
    [(JULY, [(0.1, 0.1, 0.0), (0.3, 0.2, 1.0)]), (AUGUST, [(0.2, 0.1, 0.0), (1.0, None, 6.0)])],
)
def test_a_curve_is_as_known_on_its_day(
    con: duckdb.DuckDBPyConnection, day: date, rows: list[object]
) -> None:
    found = compare.curve(con, SCOPE, "A", day)
    told = found[["percent_planned", "percent_complete", "months"]].round(1)
    assert told.astype(object).where(told.notna(), None).to_records(index=False).tolist() == rows


def test_a_project_without_periods_has_no_curve(con: duckdb.DuckDBPyConnection) -> None:
    assert compare.curve(con, SCOPE, "B", AUGUST).empty
