"""build_marts: order, progress, what it leaves behind, what it says about its files."""

from __future__ import annotations

import re

import duckdb
import pytest

from metrics.build import build_marts, mart_scripts
from tests.metrics.portfolio import FEB, JAN, built, earned, money, portfolio, rows
from tests.metrics.timeline import timeline

TABLES = {
    "earned_value": earned(FEB, 18, 20),
    "financials": money("as_sold", FEB, revenue=100, labour=80)
    + money("forecast", FEB, revenue=100, labour=82),
    "quality": [{"status_date": JAN, "defects_critical": 1}],
}


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return built(portfolio({"A": TABLES, "B": TABLES}))


def contents(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[object, ...]]]:
    """Every mart, all of it."""
    names = [
        name
        for (name,) in con.execute(
            "select table_name from duckdb_tables() where schema_name = 'main'"
        ).fetchall()
    ]
    return {name: con.execute(f'from "{name}" order by all').fetchall() for name in sorted(names)}


def test_files_run_in_the_order_of_their_numbers() -> None:
    names = [script.name for script in mart_scripts()]
    assert names == sorted(names)
    assert len({name[:2] for name in names}) == len(names)
    assert all(re.fullmatch(r"\d\d_[a-z_]+\.sql", name) for name in names)


@pytest.mark.parametrize("script", mart_scripts(), ids=lambda s: s.name)
def test_every_file_says_grain_units_and_source_first(script) -> None:
    head = script.read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    assert all(line.startswith("--") for line in head)
    said = " ".join(head)
    assert all(word in said for word in ("-- grain ", "-- units ", "-- source "))


def test_progress_tells_each_file_and_work_can_be_kept() -> None:
    told: list[tuple[str, int, int]] = []
    con = duckdb.connect()
    timeline(con, portfolio({"A": TABLES}))
    build_marts(con, lambda *step: told.append(step), keep_work=True)
    names = [script.name for script in mart_scripts()]
    assert told == [*((name, n, len(names)) for n, name in enumerate(names)), ("", len(names), len(names))]
    assert rows(con, "select 1 from work.spine")


def test_nothing_is_left_of_the_work(con: duckdb.DuckDBPyConnection) -> None:
    schemas = {name for (name,) in con.execute("select distinct schema_name from duckdb_tables()").fetchall()}
    assert schemas == {"main", "timeline"}


def test_building_again_changes_nothing(con: duckdb.DuckDBPyConnection) -> None:
    before = contents(con)
    build_marts(con)
    assert contents(con) == before


def test_rows_stand_in_the_order_of_their_dates(con: duckdb.DuckDBPyConnection) -> None:
    """So that a page that asks for one day reads a part of a long history."""
    for mart in ("mart_project_status", "mart_rag_evidence", "mart_margin_bridge"):
        days = [row[0] for row in con.execute(f"select status_date from {mart} order by rowid").fetchall()]
        assert days
        assert days == sorted(days)


def test_one_row_per_project_and_status_date(con: duckdb.DuckDBPyConnection) -> None:
    for mart in ("mart_project_status", "mart_earned_value", "mart_contract_position", "mart_margin"):
        got = rows(con, f"select project_id, status_date from {mart} order by all")
        assert [tuple(row.values()) for row in got] == [("A", JAN), ("A", FEB), ("B", JAN), ("B", FEB)], mart


def test_a_missing_table_is_an_error() -> None:
    with pytest.raises(duckdb.Error, match="timeline"):
        build_marts(duckdb.connect())
