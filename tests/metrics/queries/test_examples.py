"""Every metric has a worked example, and it comes to what the mart holds in every row of the demonstration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from loaders.store import open_current
from metrics.definitions import Definition, Rows, definitions, variant
from metrics.queries.definitions import EXACT
from metrics.queries.examples import columns, is_there, named, parameters, rolled_up, worked

NOT_OF_THE_DEMONSTRATION = {
    ("pv", "sites"),
    ("ev", "sites"),
    ("planned_value", "sites"),
    ("earned_value", "milestones"),
    ("earned_value", "sites"),
    *(
        (metric, source)
        for metric in ("baseline_finish", "forecast_finish")
        for source in ("schedule", "milestones")
    ),
    ("original_baseline_finish", "milestones"),
    ("forecast_finish", "reported"),
    ("cash_value", "acceptance"),
    ("data_quality_value", "cpi_high"),
}
"""Variants of which the demonstration has no row."""


@pytest.fixture(scope="module")
def con(demonstration: Path) -> duckdb.DuckDBPyConnection:
    return open_current(demonstration).cursor()


def kinds(metric: Definition) -> Iterator[tuple[str, Definition, str]]:
    """Each of its examples: the variant, the metric with that one, and which rows of the mart are its own."""
    row = f" and ({metric.example_row})" if metric.example_row else ""
    known = f'm."{metric.column}" is not null{row}'
    for value in metric.examples if metric.by else ():
        yield value, variant(metric, value), f"{known} and ({metric.by}) = '{value}'"
    if metric.by and metric.example:
        others = ", ".join(f"'{value}'" for value in metric.examples) or "''"
        rest = f"({metric.by}) is null or ({metric.by}) not in ({others})" if metric.examples else "true"
        yield "", variant(metric, ""), f"{known} and ({rest})"
    elif metric.example:
        yield "", variant(metric, ""), known


def apart(con: duckdb.DuckDBPyConnection, metric: Definition, where: str) -> tuple[int, int]:
    """How many rows the example is of, and in how many it comes to something else: beyond a cent, or a millionth."""
    there = columns(con)
    assert is_there(metric, there)
    error = "0.01" if metric.unit == "money" else "1e-6"
    differs = (
        "stated <> computed"
        if metric.unit in EXACT
        else f"abs(stated::double - computed::double) > {error} + 1e-6 * abs(stated::double)"
    )
    sql = worked(metric, where, there)
    found = con.execute(
        f"select count(*), count(*) filter (computed is null or {differs}) from ({sql})", parameters(con, sql)
    ).fetchone()
    assert found
    return found


@pytest.mark.parametrize("metric", definitions(), ids=lambda d: d.id)
def test_the_example_comes_to_what_the_mart_holds(con: duckdb.DuckDBPyConnection, metric: Definition) -> None:
    told = list(kinds(metric))
    assert told, "a metric without a worked example"
    for value, of, where in told:
        rows, differing = apart(con, of, where)
        assert (rows > 0) != ((metric.id, value) in NOT_OF_THE_DEMONSTRATION), value
        assert differing == 0, value


ROLLED = [rolled for metric in definitions() for rolled in rolled_up(metric)]


@pytest.mark.parametrize("metric", ROLLED, ids=lambda d: d.id)
def test_a_roll_up_comes_to_what_its_projects_do(con: duckdb.DuckDBPyConnection, metric: Definition) -> None:
    rows, differing = apart(con, metric, f"m.\"{metric.column}\" is not null and m.level <> 'country'")
    assert rows > 100
    assert differing == 0


@pytest.mark.parametrize(
    "example", ["ac / ev", "ev / ac + 0.001", "nullif(ev, ev)"], ids=["turned", "shifted", "unknown"]
)
def test_an_example_that_is_wrong_is_found(con: duckdb.DuckDBPyConnection, example: str) -> None:
    cpi = next(d for d in definitions() if d.id == "cpi")
    assert apart(con, replace(cpi, example=example), "m.cpi is not null")[1] > 0


@pytest.mark.parametrize(
    ("id_", "rows"),
    [
        ("orders_received", {"where": "true", "value": "1 + coalesce(sum(amount * closing), 0)"}),
        ("orders_received", {"where": "status = 'expected'", "value": "coalesce(sum(amount * closing), 0)"}),
        (
            "revenue_forecast",
            {"where": "is_whole and scenario = 'forecast'", "value": "sum(amount * closing)"},
        ),
        (
            "revenue_forecast",
            {"where": "scenario = 'forecast' and line = 'revenue'", "value": "sum(amount * closing)"},
        ),
    ],
)
def test_rows_that_are_wrong_are_found(
    con: duckdb.DuckDBPyConnection, id_: str, rows: dict[str, str]
) -> None:
    metric = next(d for d in definitions() if d.id == id_)
    (name, right), *_ = metric.terms.items()
    wrong = replace(metric, terms={name: replace(right, **rows)})
    assert apart(con, wrong, f'm."{metric.column}" is not null')[1] > 0


@pytest.mark.parametrize(
    ("id_", "terms"),
    [
        ("cpi", ["ev", "ac"]),
        ("spi_t", ["earned_schedule", "actual_time"]),
        ("revenue_period", ["revenue_recognised", "before"]),
        ("orders_received", []),
        ("es_forecast_finish", ["ieac_t"]),
        ("current_contract_value", ["contract_value", "changes_approved"]),
    ],
)
def test_what_an_example_names(con: duckdb.DuckDBPyConnection, id_: str, terms: list[str]) -> None:
    metric = next(d for d in definitions() if d.id == id_)
    assert list(named(metric, columns(con))) == terms


@pytest.fixture
def small() -> duckdb.DuckDBPyConnection:
    """A project in Colombia with orders of two days; the one of February took the place of January's."""
    con = duckdb.connect()
    con.execute("create schema timeline")
    con.execute("""
        create table timeline.orders as
        select *, 'erp' as source, 'orders.csv' as file, null::varchar as sheet, 1 as from_load, null::varchar as currency
        from (values
            ('P', 'a', 10.0, 2, date '2025-01-31', date '2025-02-28'),
            ('P', 'a', 11.0, 3, date '2025-02-28', null),
            ('P', 'b', 5.0, 4, date '2025-02-28', null),
            ('Q', 'a', 99.0, 5, date '2025-01-31', null)
        ) t(project_id, order_id, amount, "row", slice_date, valid_to)
    """)
    con.execute("create table project_timeline as select 'P' as project_id, 'CO' as country")
    con.execute("""
        create table mart_small as
        select 'P' as project_id, 'CO' as country, *
        from (values
            (date '2024-12-31', 0.0, date '2025-01-03', date '2025-01-03'),
            (date '2025-01-31', 10.0, date '2025-01-03', date '2025-01-13'),
            (date '2025-02-28', 16.0, date '2025-01-13', date '2025-01-03')
        ) t(status_date, amount, planned, finish)
    """)
    return con


def small_metric(**given: object) -> Definition:
    fixed = {
        "group": "cash",
        "unit": "money",
        "formula": "",
        "unknown": "",
        "source": "",
        "rules": (),
        "column": "amount",
    }
    return Definition(**{"id": "small", "mart": "mart_small", **fixed, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "came_to", "counts"),
    [
        (Rows("orders", "coalesce(sum(amount), 0)"), [0, 10, 16], [0, 1, 2]),
        (Rows("orders", "coalesce(sum(amount), 0)", where="order_id = 'b'"), [0, 0, 5], [0, 0, 1]),
        (Rows("orders", "amount", last='"row"'), [None, 10, 5], [0, 1, 1]),
        (Rows("orders", "sum(amount)", when="ever"), [None, 10, 26], [0, 1, 3]),
        (Rows("mart_small", "sum(amount)"), [0, 10, 16], [1, 1, 1]),
        (Rows("mart_small", "sum(amount)", when="before"), [None, 0, 10], [0, 1, 1]),
        (Rows("mart_small", "sum(amount)", when="ever"), [0, 10, 26], [1, 2, 3]),
    ],
    ids=["in force", "where", "last", "ever", "mart", "mart before", "mart ever"],
)
def test_rows_as_of_a_day(
    small: duckdb.DuckDBPyConnection, rows: Rows, came_to: list[float | None], counts: list[int]
) -> None:
    metric = small_metric(example="all_of_it", terms={"all_of_it": rows})
    there = columns(small) | {"orders": {"project_id", "order_id", "amount"}}
    got = small.execute(
        f'select computed, "all_of_it of"."rows", "all_of_it of".files from ({worked(metric, "true", there)})'
    ).fetchall()
    assert [value for value, _, _ in got] == came_to
    assert [count for _, count, _ in got] == counts
    files = 1 if rows.over == "orders" else 0
    assert [found for _, _, found in got] == [files if count else 0 for count in counts]


def test_working_days_of_a_country(small: duckdb.DuckDBPyConnection) -> None:
    """From Friday 3 January to Monday 13: five days, for Colombia has moved the Epiphany of the 6th to that Monday."""
    metric = small_metric(unit="days", example="working_days(planned, finish)")
    sql = worked(metric, "true", columns(small))
    got = small.execute(f"select computed from ({sql})", parameters(small, sql)).fetchall()
    assert [days for (days,) in got] == [0, 5, -5]


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ("2025-02-28", 3, "2024-11-30"),
        ("2024-02-29", 12, "2023-02-28"),
        ("2025-05-15", 1, "2025-04-15"),
        ("2025-05-30", 3, "2025-02-28"),
    ],
)
def test_months_before(small: duckdb.DuckDBPyConnection, day: str, months: int, before: str) -> None:
    small.execute("alter table mart_small add column reported_on date")
    small.execute(f"update mart_small set reported_on = date '{day}'")
    metric = small_metric(unit="date", example=f"months_before(reported_on, {months})")
    sql = worked(metric, "m.status_date = date '2025-01-31'", columns(small))
    assert str(small.execute(f"select computed from ({sql})").fetchall()[0][0]) == before
