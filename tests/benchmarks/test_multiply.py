"""The store that growth is measured on: more projects, and each with a longer history that hangs together."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks.multiply import multiplied


@pytest.fixture(scope="module")
def many(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    folder = multiplied(demonstration, tmp_path_factory.mktemp("many") / "store", 60, 36)
    return duckdb.connect(str(next(folder.glob("*.duckdb"))), read_only=True)


def test_there_are_that_many_projects_and_months(many: duckdb.DuckDBPyConnection) -> None:
    projects, months = many.execute("""
        select count(distinct project_id), count(distinct date_trunc('month', status_date)) from mart_project_status
    """).fetchall()[0]
    assert (projects, months) == (60, 36)


def test_on_any_day_a_project_has_one_status(many: duckdb.DuckDBPyConnection) -> None:
    twice = many.execute("""
        select count(*)
        from mart_project_status one
        join mart_project_status other using (project_id)
        where one.status_date < other.status_date
          and (one.next_status_date is null or one.next_status_date > other.status_date)
    """).fetchall()
    assert twice == [(0,)]


def test_a_month_end_stays_one(many: duckdb.DuckDBPyConnection) -> None:
    first = many.execute(
        "select min(status_date) = last_day(min(status_date)) from mart_project_status"
    ).fetchall()
    assert first == [(True,)]
