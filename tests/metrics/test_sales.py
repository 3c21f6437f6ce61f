"""mart_period_sales: recognised sales and margin by month, and growth with the exchange rate apart."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.metrics.money_case import (
    RATES,
    Row,
    amounts,
    is_close,
    months,
    project,
    tables_of,
    together,
    value,
)
from tests.metrics.timeline import marts_of

APRIL, MAY, JUNE = "2025-04-30", "2025-05-31", "2025-06-30"


def actual(day: str, revenue: float, labour: float) -> list[Row]:
    return amounts("actual", day, revenue=revenue, labour=labour)


CASES: dict[str, dict[str, list[Row]]] = {
    "all four": {
        "financials": [
            *months("actual", "revenue", jun25=100),
            *months("actual", "labour", jun25=70),
            *months("forecast", "revenue", MAY, jun25=90, jul25=200),
            *months("forecast", "labour", MAY, jun25=60, jul25=150),
            *months("forecast", "revenue", jul25=210),
            *months("forecast", "labour", jul25=180),
            *months("budget", "revenue", "2025-01-31", jun25=110, jul25=110),
            *months("budget", "labour", "2025-01-31", jun25=80, jul25=70),
        ]
    },
    "months from the amounts to date": {
        "projects": [project(baseline_start="2025-04-10")],
        "financials": [*actual(APRIL, 100, 60), *actual(MAY, 250, 200), *actual(JUNE, 240, 260)],
    },
    "begun before it was known": {"financials": [*actual(APRIL, 100, 60), *actual(MAY, 250, 200)]},
    "begun the month before": {
        "projects": [project(baseline_start="2025-03-31")],
        "financials": [*actual(APRIL, 100, 60), *actual(MAY, 250, 200)],
    },
    "a month missing": {"financials": [*actual(APRIL, 100, 60), *actual(JUNE, 250, 200)]},
    "what is stated comes first": {
        "financials": [
            *actual(MAY, 100, 60),
            *actual(JUNE, 250, 200),
            *months("actual", "revenue", jun25=149),
        ]
    },
    "two reports in a month": {
        "financials": [*actual(APRIL, 100, 60), *actual("2025-05-15", 130, 80), *actual(MAY, 250, 200)]
    },
    "no cost by month": {"financials": months("forecast", "revenue", jul25=100)},
    "a month without cost": {
        "financials": months("forecast", "revenue", jul25=100, aug25=50)
        + months("forecast", "labour", jul25=70)
    },
    "in pesos": {
        "projects": [project(currency="MXN")],
        "financials": [
            {**row, "currency": "USD"}
            for row in months("forecast", "revenue", MAY, jul25=10)
            + months("forecast", "revenue", jul25=12)
            + months("budget", "revenue", jul25=11)
        ],
    },
    "growth": {
        "projects": [project(currency="MXN")],
        "financials": months("actual", "revenue", JUNE, feb24=1, jun24=100, jun25=150),
    },
    "growth from nothing": {"financials": months("actual", "revenue", JUNE, jun24=0, jun25=150)},
}
BY_MONTH: list[tuple[str, str, dict[str, Any]]] = [
    ("all four", "2025-06-30", {
        "revenue_actual": 100, "margin_actual": 30, "revenue_budget": 110, "margin_budget": 30,
        "revenue_forecast": None, "revenue_previous": 90, "margin_previous": 30,
    }),
    ("all four", "2025-07-31", {
        "revenue_actual": None, "revenue_forecast": 210, "margin_forecast": 30, "revenue_budget": 110,
        "revenue_previous": 200, "margin_previous": 50,
    }),
    ("months from the amounts to date", "2025-04-30", {"revenue_actual": 100, "margin_actual": 40}),
    ("months from the amounts to date", "2025-05-31", {"revenue_actual": 150, "margin_actual": 10}),
    ("months from the amounts to date", "2025-06-30", {"revenue_actual": -10, "margin_actual": -70}),
    ("begun before it was known", "2025-05-31", {"revenue_actual": 150}),
    ("what is stated comes first", "2025-06-30", {"revenue_actual": 149, "margin_actual": None}),
    ("two reports in a month", "2025-05-31", {"revenue_actual": 150}),
    ("no cost by month", "2025-07-31", {"revenue_forecast": 100, "margin_forecast": None}),
    ("a month without cost", "2025-08-31", {"revenue_forecast": 50, "margin_forecast": 50}),
    ("in pesos", "2025-07-31", {"revenue_forecast": 300, "revenue_previous": 250, "revenue_budget": 220}),
    ("growth", "2025-06-30", {
        "revenue_year_before": 100, "growth_constant_currency": 0.5, "growth_exchange_rate": 18 / 25 - 1,
        "growth_reported": 1.5 * 18 / 25 - 1,
    }),
    ("growth from nothing", "2025-06-30", {"growth_constant_currency": None, "growth_reported": None}),
]  # fmt: skip


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    year_before = {"currency": "MXN", "rate_date": "2024-06-30", "basis": "actual", "per_usd": 18.0}
    return marts_of(tables_of(CASES, [*RATES, year_before]), last=29)


@pytest.mark.parametrize(
    ("case", "month", "column", "expected"),
    [
        (case, month, column, expected)
        for case, month, found in BY_MONTH
        for column, expected in found.items()
    ],
)
def test_month(con: duckdb.DuckDBPyConnection, case: str, month: str, column: str, expected: Any) -> None:
    assert is_close(value(con, "mart_period_sales", case, column, f"month = date '{month}'"), expected)


@pytest.mark.parametrize(
    ("case", "known"),
    [
        # the first amount to date may be of more than its month
        ("begun before it was known", ["2025-05-31"]),
        ("begun the month before", ["2025-05-31"]),
        ("a month missing", []),
        ("months from the amounts to date", ["2025-04-30", "2025-05-31", "2025-06-30"]),
    ],
)
def test_months_that_are_not_known_are_left_out(
    con: duckdb.DuckDBPyConnection, case: str, known: list[str]
) -> None:
    found = con.execute(
        """
        select month::varchar from mart_period_sales where project_id = $case
        qualify dense_rank() over (order by status_date desc) = 1 order by month
        """,
        {"case": case},
    ).fetchall()
    assert [row[0] for row in found] == known


def test_months_of_a_status_date_do_not_know_what_came_later() -> None:
    case = CASES["months from the amounts to date"]
    whole = together({"P": case})
    earlier = together({"P": {**case, "financials": case["financials"][:4]}})
    query = "from mart_period_sales where status_date <= date '2025-05-31' order by all"
    assert whole.execute(query).fetchall() == earlier.execute(query).fetchall()
