"""mart_contract_position: progress, revenue, provision, contract asset, backlog and DSO by hand."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.metrics.money_case import Row, amounts, is_close, project, together, value


def work(price: float, eac: float, spent: float, **columns: Any) -> dict[str, list[Row]]:
    """A contract with one cost line."""
    return {
        "projects": [project(contract_value=price, **columns)],
        "financials": amounts("forecast", labour=eac) + amounts("actual", labour=spent),
    }


def bill(number: int, amount: float, invoiced_on: str | None = "2025-06-10", **columns: Any) -> Row:
    return {"invoice_id": f"F{number}", "amount": amount, "invoiced_on": invoiced_on, **columns}


def milestone(number: int, amount: float | None, actual_date: str | None = None, **columns: Any) -> Row:
    row = {"milestone_id": f"M{number}", "name": "Milestone", "revenue_amount": amount}
    return {**row, "actual_date": actual_date, **columns}


DAMAGED = amounts("forecast", labour=800, liquidated_damages=100) + amounts("actual", labour=400)
YEAR = {"baseline_start": "2025-01-01", "baseline_finish": "2025-12-31"}
PRICED = {"contract_value": 1000, "revenue_method": "milestone"}

CASES: dict[str, dict[str, list[Row]]] = {
    "half done": {
        **work(1000, 800, 400),
        "invoices": [bill(1, 450), bill(2, 50, None), bill(3, 9, "2025-07-01")],
    },
    "no invoices yet": work(1000, 800, 400),
    "none issued": {**work(1000, 800, 400), "invoices": [bill(1, 450, None)]},
    "credit note": {
        **work(1000, 800, 400),
        "invoices": [
            bill(1, 600),
            bill(2, 100, document="credit_note"),
            bill(3, -50, document="credit_note"),
        ],
    },
    "not started": {
        "projects": [project(contract_value=1000)],
        "financials": amounts("forecast", labour=800),
    },
    "no forecast": {"projects": [project(contract_value=1000)], "financials": amounts("actual", labour=80)},
    "overspent": work(1000, 800, 900),
    "negative cost": work(1000, 800, -10),
    "nothing to spend": work(1000, 0, 0),
    "price from the forecast": {
        "financials": amounts("forecast", revenue=1200, labour=800) + amounts("actual", labour=400)
    },
    "no price": {"financials": amounts("forecast", labour=800) + amounts("actual", labour=400)},
    "approved changes": {
        **work(1000, 800, 400),
        "changes": [
            {"change_id": "A", "title": "A", "status": "approved", "revenue_impact": 200},
            {"change_id": "B", "title": "B", "status": "implemented", "revenue_impact": -50},
            {"change_id": "C", "title": "C", "status": "submitted", "revenue_impact": 9000},
        ],
    },
    "damages reduce the price": {"projects": [project(contract_value=1000)], "financials": DAMAGED},
    "waste is no progress": {
        "projects": [project(contract_value=1000)],
        "financials": amounts("forecast", labour=800, waste=50) + amounts("actual", labour=400, waste=50),
    },
    "uninstalled material": {
        "projects": [project(contract_value=5000)],
        "financials": amounts("forecast", labour=2500, uninstalled_material=1500)
        + amounts("actual", labour=500, uninstalled_material=600),
    },
    "material not forecast": {
        "projects": [project(contract_value=5000)],
        "financials": amounts("forecast", labour=2500)
        + amounts("actual", labour=2500, uninstalled_material=600),
    },
    "loss": work(900, 950, 380),
    "loss not begun": work(900, 950, 0),
    "loss complete": work(900, 950, 950),
    "loss, cost to date unknown": {
        "projects": [project(contract_value=900)],
        "financials": amounts("forecast", labour=950),
    },
    "loss by milestones": {
        "projects": [project(contract_value=900, revenue_method="milestone")],
        "financials": amounts("forecast", labour=950) + amounts("actual", labour=300),
        "milestones": [milestone(1, 400, "2025-03-01"), milestone(2, 500)],
    },
    "loss by milestones, nothing reached": {
        "projects": [project(contract_value=900, revenue_method="milestone")],
        "financials": amounts("forecast", labour=950) + amounts("actual", labour=300),
        "milestones": [milestone(1, 900)],
    },
    "loss by time": {
        "projects": [project(contract_value=900, revenue_method="straight_line", **YEAR)],
        "financials": amounts("forecast", labour=950) + amounts("actual", labour=300),
    },
    "loss of wasted cost": {
        "projects": [project(contract_value=1000)],
        "financials": amounts("forecast", labour=950, waste=150) + amounts("actual", labour=475, waste=50),
    },
    "more wasted than was forecast": {
        "projects": [project(contract_value=900)],
        "financials": amounts("forecast", labour=950, waste=10) + amounts("actual", labour=475, waste=40),
    },
    "damages booked beyond the forecast": {
        "projects": [project(contract_value=1000)],
        "financials": amounts("forecast", labour=800, liquidated_damages=100)
        + amounts("actual", labour=400, liquidated_damages=150),
    },
    "straight line, to the contract's finish": {
        "projects": [
            project(
                contract_value=1000,
                revenue_method="straight_line",
                baseline_start="2025-01-01",
                contract_finish="2025-12-31",
            )
        ],
        "status_reports": [{}],
    },
    "an order a year old": {
        **work(1000, 800, 400),
        "orders": [
            {"order_id": "O1", "amount": 700, "status": "received", "ordered_on": "2024-07-01"},
            {"order_id": "O2", "amount": 200, "status": "received", "ordered_on": "2024-06-30"},
        ],
    },
    "a bad period of a good contract": {
        "projects": [project(contract_value=1000, revenue_method="milestone")],
        "financials": amounts("forecast", labour=800) + amounts("actual", labour=600),
        "milestones": [milestone(1, 1000)],
    },
    "milestones": {
        "projects": [project(**PRICED)],
        "milestones": [milestone(1, 300, "2025-03-01"), milestone(2, 200, "2025-07-01"), milestone(3, 500)],
    },
    "milestones below the price": {
        "projects": [project(**PRICED)],
        "milestones": [milestone(1, 300, "2025-03-01")],
    },
    "milestones above the price": {
        "projects": [project(**PRICED)],
        "milestones": [milestone(1, 500, "2025-03-01"), milestone(2, 750)],
    },
    "milestones by weight": {
        "projects": [project(**PRICED)],
        "milestones": [milestone(1, None, "2025-03-01", weight=1), milestone(2, None, weight=3)],
    },
    "no milestones": {
        "projects": [project(**PRICED)],
        "financials": amounts("forecast", labour=1),
    },
    "straight line": {
        "projects": [project(contract_value=1000, revenue_method="straight_line", **YEAR)],
        "status_reports": [{}],
    },
    "straight line, over": {
        "projects": [
            project(
                contract_value=1000,
                revenue_method="straight_line",
                baseline_start="2024-01-01",
                baseline_finish="2024-12-31",
            )
        ],
        "status_reports": [{}],
    },
    "straight line, not begun": {
        "projects": [
            project(
                contract_value=1000,
                revenue_method="straight_line",
                baseline_start="2025-08-01",
                baseline_finish="2025-12-31",
            )
        ],
        "status_reports": [{}],
    },
    "straight line, backwards": {
        "projects": [
            project(
                contract_value=1000,
                revenue_method="straight_line",
                baseline_start="2025-12-31",
                baseline_finish="2025-01-01",
            )
        ],
        "status_reports": [{}],
    },
    "orders": {
        **work(1000, 800, 400),
        "orders": [
            {"order_id": "O1", "amount": 700, "status": "received", "ordered_on": "2025-01-10"},
            {"order_id": "O2", "amount": 200, "status": "received", "ordered_on": "2024-05-01"},
            {"order_id": "O3", "amount": 300, "status": "expected"},
            {"order_id": "O4", "amount": 300, "status": "cancelled", "ordered_on": "2025-02-01"},
        ],
    },
    "no order received": {
        **work(1000, 800, 400),
        "orders": [{"order_id": "O3", "amount": 1000, "status": "expected"}],
    },
    "bid": {
        "projects": [project(contract_value=1000, phase="bid")],
        "financials": amounts("as_sold", labour=8),
    },
    "cancelled": work(1000, 800, 400, phase="cancelled"),
    "periods": {
        "projects": [project(contract_value=1000)],
        "financials": [
            *amounts("forecast", "2024-06-30", labour=800),
            *amounts("actual", "2024-06-30", labour=200),
            *amounts("forecast", labour=1000),
            *amounts("actual", labour=400),
        ],
    },
    "dso": {
        "invoices": [
            bill(1, 900, "2025-06-10"),
            bill(2, 600, "2025-05-20", paid_on="2025-06-25"),
            bill(3, 300, "2025-04-01"),
            bill(4, 1200, "2025-03-31"),
            bill(5, 5000, "2024-06-30", paid_on="2025-01-01"),
            bill(6, 7000, "2025-07-01"),
        ]
    },
    "dso as it is to be collected": {
        "invoices": [
            bill(1, 100, tax_amount=16, withheld_amount=4, retention_amount=10, paid_amount=51),
            bill(2, 100, tax_amount=16, withheld_amount=4, retention_amount=10, paid_amount=102),
        ]
    },
    "dso of a year": {
        "invoices": [
            bill(1, 100),
            bill(2, 200, "2024-07-01", paid_on="2024-08-01"),
            bill(3, 400, "2024-06-30", paid_on="2024-08-01"),
        ]
    },
    "nothing invoiced of late": {"invoices": [bill(1, 100, "2025-01-10")]},
    "all paid": {"invoices": [bill(1, 100, paid_on="2025-06-20")]},
    "paid on the day before the three months": {
        "invoices": [bill(1, 100, "2025-01-10", paid_on="2025-03-31"), bill(2, 60)]
    },
}

EXPECTED: list[tuple[str, dict[str, Any]]] = [
    (
        "half done",
        {
            "progress": 0.5,
            "revenue_recognised": 500,
            "cost_of_sales": 400,
            "gross_margin": 100,
            "gross_margin_pct": 0.2,
            "lifetime_margin_pct": 0.2,
            "billed": 450,
            "contract_position": 50,
            "backlog": 500,
            "provision_onerous": 0,
            "revenue_method": "cost_to_cost",
            "revenue_method_is_assumed": True,
            "progress_is_clamped": False,
        },
    ),
    ("no invoices yet", {"billed": None, "contract_position": None, "dso_days": None, "backlog": 500}),
    ("none issued", {"billed": 0, "contract_position": 500, "dso_days": None}),
    ("credit note", {"billed": 450}),
    ("not started", {"progress": None, "revenue_recognised": None, "backlog": None, "provision_onerous": 0}),
    ("no forecast", {"progress": None, "provision_onerous": None, "cost_of_sales": 80}),
    (
        "overspent",
        {"progress": 1, "progress_is_clamped": True, "revenue_recognised": 1000, "gross_margin": 100},
    ),
    ("negative cost", {"progress": 0, "progress_is_clamped": True, "revenue_recognised": 0}),
    ("nothing to spend", {"progress": None, "revenue_recognised": None}),
    (
        "price from the forecast",
        {"transaction_price": 1200, "price_source": "forecast", "revenue_recognised": 600},
    ),
    ("no price", {"progress": 0.5, "transaction_price": None, "revenue_recognised": None, "backlog": None}),
    ("approved changes", {"current_contract_value": 1150, "revenue_recognised": 575}),
    (
        "damages reduce the price",
        {
            "current_contract_value": 1000,
            "transaction_price": 900,
            "eac_for_progress": 800,
            "revenue_recognised": 450,
            "gross_margin": 50,
        },
    ),
    (
        "waste is no progress",
        {"progress": 0.5, "eac_for_progress": 800, "cost_of_sales": 450, "gross_margin": 50},
    ),
    (
        "uninstalled material",
        {"progress": 0.2, "revenue_recognised": 0.2 * 3500 + 600, "cost_of_sales": 1100, "gross_margin": 200},
    ),
    ("material not forecast", {"progress": 1, "revenue_recognised": 5000}),
    (
        "loss",
        {
            "progress": 0.4,
            "expected_loss": 50,
            "provision_onerous": 30,
            "cost_of_sales": 380,
            "gross_margin": -20,
            "result_after_provision": -50,
        },
    ),
    ("loss not begun", {"progress": 0, "provision_onerous": 50, "result_after_provision": -50}),
    ("loss complete", {"provision_onerous": 0, "result_after_provision": -50}),
    ("loss, cost to date unknown", {"is_onerous": True, "expected_loss": 50, "provision_onerous": None}),
    (
        "loss by milestones",
        {"revenue_recognised": 400, "gross_margin": 100, "expected_loss": 50, "provision_onerous": 27.7778},
    ),
    ("loss by milestones, nothing reached", {"provision_onerous": 50, "result_after_provision": -350}),
    ("loss by time", {"progress": 181 / 365, "provision_onerous": round(50 * (1 - 181 / 365), 4)}),
    (
        "loss of wasted cost",
        {"progress": 0.5, "expected_loss": 50, "provision_onerous": 75, "result_after_provision": -100},
    ),
    # 950 - 900 are lost of the contract, and 40 were wasted; nothing comes back of what was wasted too much
    ("more wasted than was forecast", {"expected_loss": 50, "result_after_provision": -90}),
    ("damages booked beyond the forecast", {"transaction_price": 850, "revenue_recognised": 425}),
    ("straight line, to the contract's finish", {"progress": 181 / 365}),
    ("an order a year old", {"orders_received": 900, "orders_12m": 700}),
    ("a bad period of a good contract", {"gross_margin": -600, "provision_onerous": 0}),
    ("milestones", {"progress": 0.3, "revenue_recognised": 300, "backlog": 700, "provision_onerous": None}),
    ("milestones below the price", {"progress": 0.3, "revenue_recognised": 300}),
    ("milestones above the price", {"progress": 0.4, "revenue_recognised": 400}),
    ("milestones by weight", {"progress": 0.25, "revenue_recognised": 250}),
    ("no milestones", {"progress": None, "revenue_recognised": None}),
    ("straight line", {"progress": 181 / 365, "revenue_recognised": round(1000 * 181 / 365, 4)}),
    ("straight line, over", {"progress": 1, "progress_is_clamped": True, "revenue_recognised": 1000}),
    ("straight line, not begun", {"progress": 0, "revenue_recognised": 0, "backlog": 1000}),
    ("straight line, backwards", {"progress": None}),
    ("orders", {"orders_received": 900, "backlog": 400, "orders_12m": 700, "book_to_bill": 1.4}),
    ("no order received", {"orders_received": 0, "backlog": 0, "book_to_bill": 0}),
    ("half done", {"book_to_bill": None}),
    ("bid", {"backlog": 0}),
    ("cancelled", {"backlog": 0, "revenue_recognised": 500}),
    (
        "periods",
        {
            "revenue_recognised": 400,
            "revenue_period": 150,
            "cost_of_sales_period": 200,
            "gross_margin_period": -50,
            # at the estimate before, 400 of 800 would have been half
            "catch_up": -100,
            "revenue_12m": 150,
            "backlog_added": 0,
        },
    ),
    (
        "dso",
        {
            "receivables": 2400,
            "dso_days": 2400 / 1800 * 91,
            "dso_1m_days": 2400 / 900 * 30,
            "dso_12m_days": 2400 / 3000 * 365,
            "dso_average_days": (1200 + 2400) / 2 / 1800 * 91,
            # June, May and April leave 600 of March's 1200
            "dso_count_back_days": 91 + 31 * 600 / 1200,
        },
    ),
    ("dso as it is to be collected", {"receivables": 51, "dso_days": 51 / 204 * 91}),
    ("dso of a year", {"receivables": 100, "dso_12m_days": 100 / 300 * 365}),
    ("nothing invoiced of late", {"receivables": 100, "dso_days": None, "dso_count_back_days": 150 + 31}),
    ("paid on the day before the three months", {"dso_average_days": 30 / 60 * 91}),
    ("all paid", {"receivables": 0, "dso_days": 0, "dso_count_back_days": 0}),
]


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return together(CASES)


@pytest.mark.parametrize(
    ("case", "column", "expected"),
    [(case, column, expected) for case, columns in EXPECTED for column, expected in columns.items()],
)
def test_contract_position(con: duckdb.DuckDBPyConnection, case: str, column: str, expected: Any) -> None:
    assert is_close(value(con, "mart_contract_position", case, column), expected)


def test_every_case_is_looked_at() -> None:
    assert set(CASES) == {case for case, _ in EXPECTED}


def test_periods_add_up(con: duckdb.DuckDBPyConnection) -> None:
    found = con.execute("""
        select sum(revenue_period), arg_max(revenue_recognised, status_date), sum(cost_of_sales_period),
            arg_max(cost_of_sales, status_date)
        from mart_contract_position where project_id = 'periods'
    """).fetchone()
    assert found is not None
    assert found[0] == found[1]
    assert found[2] == found[3]
