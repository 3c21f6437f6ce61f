"""mart_margin, mart_currency_exposure, mart_exchange_variance: from as sold to forecast."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.metrics.money_case import Row, amounts, is_close, months, project, together, value

SOLD = amounts("as_sold", revenue=1000, labour=600, contingency=50)
MEXICAN = {"projects": [project(currency="MXN", as_sold_rate_date="2025-01-31", hedged_share=0.4)]}


def original(cost: float, **later: float) -> list[Row]:
    """Baselines: the original's cost, then the cost of later ones by their approval date (d2025_03_01=…)."""
    rows = [{"baseline_no": 0, "approved_on": "2024-12-01", "baseline_cost": cost}]
    for number, (day, amount) in enumerate(later.items(), start=1):
        approved = day.strip("d").replace("_", "-")
        rows.append({"baseline_no": number, "approved_on": approved, "baseline_cost": amount})
    return rows


CASES: dict[str, dict[str, list[Row]]] = {
    "totals": {"financials": [*SOLD, *amounts("forecast", revenue=1100, labour=700, contingency=20)]},
    "months alone": {
        "financials": months("forecast", "revenue", jan25=30, feb25=70)
        + months("forecast", "labour", jan25=60)
    },
    "months beside the total": {
        "financials": amounts("forecast", revenue=500, labour=300)
        + months("forecast", "revenue", jun25=10, jul25=20)
    },
    "revenue without cost": {"financials": amounts("forecast", revenue=500)},
    "cost without revenue": {"financials": amounts("forecast", labour=500)},
    "no revenue": {"financials": amounts("forecast", revenue=0, labour=500)},
    "more credited than sold": {"financials": amounts("forecast", revenue=-100, labour=50)},
    "loss": {"financials": amounts("forecast", revenue=100, labour=150)},
    "nothing": {"status_reports": [{"summary": "All well."}]},
    "foreign": {
        **MEXICAN,
        "financials": [
            *amounts("as_sold", revenue=2000),
            *amounts("as_sold", currency="USD", material=50),
            *amounts("forecast", revenue=2000),
            *amounts("forecast", currency="USD", material=50),
            *amounts("baseline", revenue=2000),
            *amounts("baseline", currency="USD", material=60),
        ],
    },
    "without a date of the sale": {
        "projects": [project(currency="MXN")],
        "financials": amounts("as_sold", revenue=2000) + amounts("as_sold", currency="USD", material=50),
    },
    "unknown rate": {
        "financials": [
            *SOLD,
            *amounts("forecast", revenue=1100),
            *amounts("forecast", currency="COP", labour=9),
        ]
    },
    "unknown rate of nothing": {
        "financials": [
            *amounts("forecast", revenue=9, labour=4),
            *amounts("forecast", currency="COP", labour=0),
        ]
    },
    "too large for money": {"financials": amounts("forecast", revenue=9, labour=9e13, material=9e13)},
    "foreign revenue": {
        "projects": [project(currency="MXN")],
        "financials": amounts("forecast", currency="USD", revenue=100, labour=60),
    },
    "currency not stated, one": {
        "projects": [{"currency": None}],
        "financials": amounts("forecast", currency="MXN", revenue=10, labour=4),
    },
    "currency not stated, two": {
        "projects": [{"currency": None}],
        "financials": amounts("forecast", currency="MXN", revenue=10)
        + amounts("forecast", currency="USD", labour=4),
    },
    "two sources, the newer holds": {
        "financials": [
            {**row, "source": "office"} for row in amounts("forecast", "2025-05-31", revenue=100, labour=50)
        ]
        + [{**row, "source": "finance"} for row in amounts("forecast", labour=70)]
    },
    "a newer delivery is the whole truth": {
        "financials": amounts("forecast", "2025-05-31", revenue=100, labour=50, travel=9)
        + amounts("forecast", revenue=100, labour=60)
    },
    "margin by hand": {
        "financials": amounts("as_sold", revenue=1000, labour=750)
        + amounts("baseline", revenue=1000, labour=780)
        + amounts("forecast", revenue=1100, labour=902)
    },
    "over baseline cost": {"financials": amounts("forecast", labour=1300), "baselines": original(1000)},
    "over two baselines": {
        "financials": amounts("forecast", labour=1300),
        "baselines": original(1000, d2025_03_01=1250),
    },
    "over the scenario": {
        "financials": amounts("baseline", "2025-01-31", labour=1000)
        + amounts("baseline", "2025-03-31", labour=1250)
        + amounts("forecast", labour=1300),
        "baselines": original(900, d2025_03_01=1100),
    },
    "scenario first known after re-baselining": {
        "financials": amounts("baseline", "2025-03-31", labour=1250) + amounts("forecast", labour=1300),
        "baselines": original(1000, d2025_03_01=1100),
    },
    "scenario first known with the re-baselining": {
        "financials": amounts("baseline", "2025-03-01", labour=1250) + amounts("forecast", labour=1300),
        "baselines": original(1000, d2025_03_01=1100),
    },
    "approved later": {
        "financials": amounts("forecast", labour=1300),
        "baselines": original(1000, d2025_07_01=1300),
    },
    "baseline of nothing": {"financials": amounts("forecast", labour=1300), "baselines": original(0)},
}

MARGIN: list[tuple[str, str, Any]] = [
    ("totals", "cost_as_sold", 650),
    ("totals", "margin_as_sold", 350),
    ("totals", "margin_pct_forecast", 380 / 1100),
    ("totals", "margin_erosion_pp", 100 * (380 / 1100 - 0.35)),
    ("totals", "margin_change", 30),
    ("totals", "price_effect", 100),
    ("totals", "cost_effect", -70),
    ("totals", "margin_baseline", None),
    ("totals", "handover_pp", None),
    ("months alone", "revenue_forecast", 100),
    ("months alone", "margin_forecast", 40),
    ("months beside the total", "revenue_forecast", 500),
    ("revenue without cost", "margin_forecast", None),
    ("revenue without cost", "cost_forecast", None),
    ("cost without revenue", "revenue_forecast", None),
    ("cost without revenue", "cost_forecast", 500),
    ("no revenue", "margin_forecast", -500),
    ("no revenue", "margin_pct_forecast", None),
    ("more credited than sold", "margin_forecast", -150),
    ("more credited than sold", "margin_pct_forecast", None),
    ("loss", "margin_pct_forecast", -0.5),
    ("nothing", "revenue_forecast", None),
    ("nothing", "margin_erosion_pp", None),
    ("foreign", "cost_as_sold", 800),
    ("foreign", "cost_baseline", 960),
    ("foreign", "cost_forecast", 1250),
    ("without a date of the sale", "cost_as_sold", 1000),
    ("unknown rate", "revenue_forecast", 1100),
    ("unknown rate", "cost_forecast", None),
    ("unknown rate", "margin_forecast", None),
    ("unknown rate of nothing", "margin_forecast", 5),
    ("too large for money", "revenue_forecast", 9),
    ("too large for money", "cost_forecast", None),
    ("currency not stated, one", "margin_forecast", 6),
    ("currency not stated, two", "revenue_forecast", None),
    ("two sources, the newer holds", "margin_forecast", 30),
    ("a newer delivery is the whole truth", "cost_forecast", 60),
    ("margin by hand", "handover_pp", -3.0),
    ("margin by hand", "execution_pp", -4.0),
    ("margin by hand", "margin_erosion_pp", -7.0),
]

STANDING: list[tuple[str, str, Any]] = [
    ("over baseline cost", "cost_over_baseline", 0.3),
    ("over baseline cost", "cost_over_original", 0.3),
    ("over two baselines", "cost_over_baseline", 0.04),
    ("over two baselines", "cost_over_original", 0.3),
    ("over the scenario", "cost_over_baseline", 0.04),
    ("over the scenario", "cost_over_original", 0.3),
    ("scenario first known after re-baselining", "cost_over_baseline", 0.04),
    ("scenario first known after re-baselining", "cost_over_original", 0.3),
    ("scenario first known with the re-baselining", "cost_over_original", 0.3),
    ("approved later", "cost_over_baseline", 0.3),
    ("baseline of nothing", "cost_over_baseline", None),
    ("totals", "cost_over_baseline", None),
    ("totals", "contingency_left", 20),
    ("loss", "contingency_left", None),
    ("foreign", "fx_effect", -450),
    ("foreign", "fx_effect_pp", 100 * (750 / 2000 - 1200 / 2000)),
    ("totals", "fx_effect", 0),
]

EXPOSURE: list[tuple[str, str, Any]] = [
    ("foreign", "exposed_amount", -1250),
    ("foreign", "native_amount", -50),
    ("foreign", "hedged_share", 0.4),
    ("foreign", "unhedged_amount", -750),
    ("foreign", "points_before_hedging", 100 * (750 - 125) / 2000 - 37.5),
    ("foreign", "points_per_10_pct", 100 * (750 - 75) / 2000 - 37.5),
    # revenue in the same currency as all costs: the margin in percent does not move
    ("foreign revenue", "exposed_amount", 1000),
    ("foreign revenue", "points_per_10_pct", 0),
    ("foreign revenue", "hedged_share", None),
    ("unknown rate", "exposed_amount", None),
    ("unknown rate", "points_per_10_pct", None),
]


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return together(CASES)


@pytest.mark.parametrize(("case", "column", "expected"), MARGIN)
def test_margin(con: duckdb.DuckDBPyConnection, case: str, column: str, expected: Any) -> None:
    assert is_close(value(con, "mart_margin", case, column), expected)


@pytest.mark.parametrize(("case", "column", "expected"), STANDING)
def test_money_status(con: duckdb.DuckDBPyConnection, case: str, column: str, expected: Any) -> None:
    assert is_close(value(con, "work.money_status", case, column), expected)


@pytest.mark.parametrize(("case", "column", "expected"), EXPOSURE)
def test_currency_exposure(con: duckdb.DuckDBPyConnection, case: str, column: str, expected: Any) -> None:
    assert is_close(value(con, "mart_currency_exposure", case, column), expected)


def test_every_status_date_has_one_row(con: duckdb.DuckDBPyConnection) -> None:
    for table in ("mart_margin", "work.money_status", "work.contract_status", "mart_contract_position"):
        found = con.execute(f"""
            select count(*), count(distinct (project_id, status_date)), (select count(*) from work.spine)
            from {table}
        """).fetchone()
        assert found is not None
        assert len(set(found)) == 1, table


def test_the_rows_behind_the_margin_are_named(con: duckdb.DuckDBPyConnection) -> None:
    refs = value(con, "work.money_status", "foreign", "margin_refs")
    assert {(ref["table"], ref["file"]) for ref in refs} == {("financials", "financials.csv")}
    assert len({ref["row"] for ref in refs}) == 4


# The plan is 20 MXN for a dollar, at STATUS it is 25.
VARIANCE = {
    "exchange": {
        "projects": [project(currency="MXN")],
        "financials": amounts("as_sold", revenue=2000, labour=1000)
        + amounts("forecast", revenue=2200, labour=1500),
    },
    "to date": {
        "projects": [project(currency="MXN")],
        "financials": amounts("actual", revenue=500, labour=300)
        + months("budget", "revenue", may25=100, jun25=300, jul25=900)
        + months("budget", "labour", jun25=200, jul25=900),
    },
    "at completion only": {
        "projects": [project(currency="MXN")],
        "financials": amounts("actual", revenue=500) + amounts("budget", revenue=900),
    },
}


def test_operation_and_exchange_rate_apart() -> None:
    con = together(VARIANCE)
    expected = {
        ("exchange", "revenue"): (100, 110, 88, 10, -22, -12),
        ("exchange", "cost"): (50, 75, 60, 25, -15, 10),
        ("exchange", "margin"): (50, 35, 28, -15, -7, -22),
        ("to date", "revenue"): (20, 25, 20, 5, -5, 0),
        ("to date", "cost"): (10, 15, 12, 5, -3, 2),
        ("to date", "margin"): (10, 10, 8, 0, -2, -2),
    }
    found = con.execute("""
        select project_id, measure, base_at_plan, amount_at_plan, amount_at_rate,
            operational_variance, exchange_variance, total_variance
        from mart_exchange_variance
        where basis = 'closing'
    """).fetchall()
    assert {row[:2]: row[2:] for row in found} == expected
