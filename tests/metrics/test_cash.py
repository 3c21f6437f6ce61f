"""mart_cash, and what hangs on orders and changes: cost without order, unapproved work, missed notices."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.metrics.money_case import STATUS, Row, amounts, is_close, months, project, together, value


def bill(number: int = 1, amount: float = 100, **columns: Any) -> Row:
    return {"invoice_id": f"F{number}", "amount": amount, **columns}


def signed(number: int = 1, amount: float | None = 100, **columns: Any) -> Row:
    return {"acceptance_id": f"A{number}", "value": amount, **columns}


def order(number: int = 1, amount: float = 1000, status: str | None = "received", **columns: Any) -> Row:
    return {"order_id": f"O{number}", "amount": amount, "status": status, **columns}


def change(number: int = 1, status: str = "submitted", **columns: Any) -> Row:
    return {"change_id": f"C{number}", "title": "Change", "status": status, **columns}


def delay(number: int, notice_due_on: str | None, **columns: Any) -> Row:
    return {"delay_id": f"D{number}", "cause": "customer", "notice_due_on": notice_due_on, **columns}


def spent(amount: float) -> list[Row]:
    return amounts("actual", labour=amount)


MILESTONE = {
    "milestone_id": "M1",
    "name": "Core in service",
    "kind": "contractual",
    "actual_date": "2025-03-01",
}
CERTIFICATE = {"milestone_id": "M2", "name": "Certificate", "kind": "acceptance", "actual_date": "2025-03-01"}
SITE = {"site_id": "S1", "name": "Cerro Azul", "stage": "on_air", "actual_on_air": "2025-03-05"}
DUE = {"invoiced_on": "2025-04-01", "due_on": "2025-05-31"}

# ---- the chain: one item each ----------------------------------------------------------------------------

CHAIN: dict[str, tuple[dict[str, list[Row]], dict[str, Any]]] = {
    "ordered": (
        {"orders": [order(ordered_on="2025-06-10")]},
        {
            "stage": "ordered",
            "days_in_stage": 20,
            "with_whom": "us",
            "value": 1000,
            "item_kind": "order",
            "net_due": None,
        },
    ),
    "delivered": (
        {
            "orders": [order(ordered_on="2025-01-10")],
            "milestones": [MILESTONE],
            "acceptances": [signed(milestone_id="M1", order_id="O1")],
        },
        {
            "stage": "delivered",
            "days_in_stage": 121,
            "with_whom": "us",
            "ordered_on": "2025-01-10",
            "delivered_on": "2025-03-01",
            "days_to_deliver": 50,
            "description": "Core in service",
        },
    ),
    "an acceptance milestone is not a delivery": (
        {"milestones": [CERTIFICATE], "acceptances": [signed(milestone_id="M2")]},
        {"stage": "ordered", "delivered_on": None, "days_in_stage": None, "with_whom": "us"},
    ),
    "site on air": (
        {
            "sites": [SITE],
            "milestones": [MILESTONE],
            "acceptances": [signed(site_id="S1", milestone_id="M1")],
        },
        {"stage": "delivered", "delivered_on": "2025-03-05", "site_id": "S1"},
    ),
    "waiting for the supplier": (
        {
            "sites": [{"site_id": "S1", "stage": "material", "supplier_id": "SP", "blocked_by": "material"}],
            "acceptances": [signed(site_id="S1")],
        },
        {"stage": "ordered", "with_whom": "supplier", "description": "S1"},
    ),
    "waiting for the customer's site": (
        {
            "sites": [{"site_id": "S1", "stage": "permits", "blocked_by": "customer"}],
            "acceptances": [signed(site_id="S1")],
        },
        {"stage": "ordered", "with_whom": "customer"},
    ),
    "submitted": (
        {"acceptances": [signed(submitted_on="2025-06-20")]},
        {"stage": "submitted", "days_in_stage": 10, "with_whom": "customer", "days_to_accept": 10},
    ),
    "rejected": (
        {"acceptances": [signed(submitted_on="2025-05-20", rejected_on="2025-06-01")]},
        {"stage": "rejected", "days_in_stage": 29, "with_whom": "us", "days_to_accept": 41},
    ),
    "rejected on the day it was submitted": (
        {"acceptances": [signed(submitted_on="2025-06-01", rejected_on="2025-06-01")]},
        {"stage": "rejected", "days_in_stage": 29},
    ),
    "rejected, the supplier's site": (
        {
            "sites": [{**SITE, "supplier_id": "SP"}],
            "acceptances": [signed(site_id="S1", submitted_on="2025-05-20", rejected_on="2025-06-01")],
        },
        {"stage": "rejected", "with_whom": "supplier"},
    ),
    "submitted again": (
        {"acceptances": [signed(submitted_on="2025-06-10", rejected_on="2025-06-01")]},
        {"stage": "submitted", "days_in_stage": 20},
    ),
    "accepted": (
        {"acceptances": [signed(submitted_on="2025-06-01", signed_on="2025-06-11")]},
        {"stage": "accepted", "days_in_stage": 19, "with_whom": "us", "days_to_accept": 10},
    ),
    "accepted, with a planned bill": (
        {
            "acceptances": [signed(signed_on="2025-06-11")],
            "invoices": [bill(acceptance_id="A1", planned_on="2025-07-15")],
        },
        {"stage": "accepted", "item_kind": "invoice", "acceptance_id": "A1", "net_due": None},
    ),
    "signed after the status date": (
        {"acceptances": [signed(submitted_on="2025-06-01", signed_on="2025-07-11")]},
        {"stage": "submitted", "accepted_on": None},
    ),
    "not due": (
        {"invoices": [bill(invoiced_on="2025-06-01", due_on=STATUS)]},
        {"stage": "invoiced", "with_whom": "customer", "ageing_bucket": "not_due", "net_due": 100},
    ),
    "a day late": ({"invoices": [bill(**{**DUE, "due_on": "2025-06-29"})]}, {"ageing_bucket": "1_30"}),
    "thirty days late": ({"invoices": [bill(**DUE)]}, {"ageing_bucket": "1_30"}),
    "thirty-one days late": (
        {"invoices": [bill(**{**DUE, "due_on": "2025-05-30"})]},
        {"ageing_bucket": "31_60"},
    ),
    "sixty days late": ({"invoices": [bill(**{**DUE, "due_on": "2025-05-01"})]}, {"ageing_bucket": "31_60"}),
    "sixty-one days late": (
        {"invoices": [bill(**{**DUE, "due_on": "2025-04-30"})]},
        {"ageing_bucket": "61_90"},
    ),
    "ninety days late": ({"invoices": [bill(**{**DUE, "due_on": "2025-04-01"})]}, {"ageing_bucket": "61_90"}),
    "older": ({"invoices": [bill(**{**DUE, "due_on": "2025-03-31"})]}, {"ageing_bucket": "over_90"}),
    "no due date": (
        {"invoices": [bill(invoiced_on="2025-04-01")]},
        {"stage": "invoiced", "ageing_bucket": None},
    ),
    "net of tax and withholding": (
        {"invoices": [bill(**DUE, tax_amount=16, withheld_amount=3.5, retention_amount=5, paid_amount=7.5)]},
        {"net_due": 100, "retention_held": 5, "retention_due": 0},
    ),
    "retention released": (
        {"invoices": [bill(**DUE, retention_amount=5, paid_amount=95, retention_release_on="2025-06-01")]},
        {"net_due": 0, "stage": "paid", "retention_held": 0, "retention_due": 5},
    ),
    "retention released today": (
        {"invoices": [bill(**DUE, retention_amount=5, paid_amount=95, retention_release_on=STATUS)]},
        {"retention_held": 0, "retention_due": 5},
    ),
    "retention paid": (
        {"invoices": [bill(**DUE, retention_amount=5, paid_amount=100, retention_release_on="2025-06-01")]},
        {"net_due": 0, "retention_due": 0},
    ),
    "paid": (
        {"invoices": [bill(**DUE, paid_on="2025-06-10")]},
        {
            "stage": "paid",
            "days_in_stage": None,
            "with_whom": None,
            "net_due": 0,
            "days_to_pay": 70,
            "ageing_bucket": None,
        },
    ),
    "paid but for a cent": ({"invoices": [bill(**DUE, paid_amount=99.99)]}, {"stage": "paid"}),
    "paid but for two": ({"invoices": [bill(**DUE, paid_amount=99.98)]}, {"stage": "invoiced"}),
    "paid in part": (
        {"invoices": [bill(**DUE, paid_on="2025-06-10", paid_amount=40)]},
        {"stage": "invoiced", "net_due": 60},
    ),
    "to be paid later": (
        {"invoices": [bill(**DUE, paid_on="2025-07-10", paid_amount=100)]},
        {"stage": "invoiced", "net_due": 100, "paid_on": None},
    ),
    "credit note": (
        {"invoices": [bill(**DUE, document="credit_note")]},
        {"value": -100, "net_due": -100, "with_whom": "us"},
    ),
    "a negative invoice is a credit note": (
        {"invoices": [bill(**{**DUE, "amount": -100})]},
        {"value": -100, "net_due": -100, "with_whom": "us"},
    ),
    "in pesos": (
        {"projects": [project(currency="MXN")], "invoices": [bill(**DUE, currency="USD")]},
        {"value": 2500, "net_due": 2500, "currency": "MXN"},
    ),
    "rate unknown": ({"invoices": [bill(**DUE, currency="COP")]}, {"value": None, "net_due": None}),
    "billed by its milestone": (
        {
            "milestones": [MILESTONE],
            "acceptances": [signed(milestone_id="M1", signed_on="2025-03-20")],
            "invoices": [bill(milestone_id="M1", invoiced_on="2025-04-01")],
        },
        {"item_kind": "invoice", "acceptance_id": "A1", "accepted_on": "2025-03-20", "days_to_invoice": 12},
    ),
}

# ---- the sums of a project: of work.contract_status ------------------------------------------------------

SUMS: dict[str, tuple[dict[str, list[Row]], dict[str, Any]]] = {
    "accepted in part": (
        {
            "acceptances": [signed(1, 100, signed_on="2025-03-01"), signed(2, 50, submitted_on="2025-03-01")],
            "invoices": [bill(1, 60, acceptance_id="A1", invoiced_on="2025-04-01", due_on="2025-05-01")],
        },
        {"unbilled": 40, "overdue_receivables": 60},
    ),
    "accepted, a thousandth not billed": (
        {
            "acceptances": [signed(1, 1000, signed_on="2025-03-01")],
            "invoices": [bill(1, 999, acceptance_id="A1", invoiced_on="2025-04-01")],
        },
        {"unbilled": 0},
    ),
    "accepted, a little more not billed": (
        {
            "acceptances": [signed(1, 1000, signed_on="2025-03-01")],
            "invoices": [bill(1, 998.9, acceptance_id="A1", invoiced_on="2025-04-01")],
        },
        {"unbilled": 1.1},
    ),
    "accepted, no acceptances kept": (
        {
            "invoices": [
                bill(1, 60, accepted_on="2025-03-01"),
                bill(2, 70, accepted_on="2025-08-01"),
                bill(3, 80),
            ]
        },
        {"unbilled": 60, "overdue_receivables": 0},
    ),
    "invoices not delivered": (
        {"acceptances": [signed(1, 100, signed_on="2025-03-01")]},
        {"unbilled": None, "overdue_receivables": None},
    ),
    "a certificate without a value": (
        {
            "acceptances": [signed(1, None, signed_on="2025-03-01"), signed(2, 30, signed_on="2025-03-01")],
            "invoices": [bill(9)],
        },
        {"unbilled": 30},
    ),
    "certificates without values": (
        {"acceptances": [signed(1, None, signed_on="2025-03-01")], "invoices": [bill(9)]},
        {"unbilled": None},
    ),
    "two certificates of a milestone, one bill": (
        {
            "milestones": [MILESTONE],
            "acceptances": [
                signed(1, 100, milestone_id="M1", signed_on="2025-03-01"),
                signed(2, 100, milestone_id="M1", signed_on="2025-04-01"),
            ],
            "invoices": [bill(1, 100, milestone_id="M1", invoiced_on="2025-03-10")],
        },
        {"unbilled": 100},
    ),
    "one certificate, two bills": (
        {
            "milestones": [MILESTONE],
            "acceptances": [signed(1, 100, milestone_id="M1", signed_on="2025-03-01")],
            "invoices": [
                bill(1, 60, milestone_id="M1", invoiced_on="2025-03-10"),
                bill(2, 40, milestone_id="M1", invoiced_on="2025-03-11"),
            ],
        },
        {"unbilled": 0},
    ),
    "credited, to be billed again": (
        {
            "acceptances": [signed(1, 100, signed_on="2025-03-01")],
            "invoices": [
                bill(1, 100, acceptance_id="A1", **DUE),
                bill(2, 100, acceptance_id="A1", document="credit_note", invoiced_on="2025-04-20"),
            ],
        },
        {"unbilled": 100, "overdue_receivables": 0},
    ),
    "overdue, net": (
        {
            "invoices": [
                bill(1, 100, **DUE, tax_amount=16, withheld_amount=4, retention_amount=10, paid_amount=2),
                bill(2, 100, invoiced_on="2025-06-01", due_on="2025-07-31"),
                bill(3, 100, **DUE, paid_on="2025-06-01"),
            ]
        },
        {"overdue_receivables": 100},
    ),
    "due today": ({"invoices": [bill(invoiced_on="2025-04-01", due_on=STATUS)]}, {"overdue_receivables": 0}),
    "overdue, nobody says when": (
        {"invoices": [bill(invoiced_on="2025-01-01")]},
        {"overdue_receivables": None},
    ),
    "ordered": ({"financials": spent(400), "orders": [order()]}, {"cost_without_order": 0}),
    "ordered for less": (
        {"projects": [project(contract_value=1000)], "financials": spent(400), "orders": [order(1, 300)]},
        {"cost_without_order": 100, "cost_without_order_share": 0.1},
    ),
    "order expected": (
        {"financials": spent(400), "orders": [order(status="expected")]},
        {"cost_without_order": 400},
    ),
    "order cancelled": (
        {"financials": spent(400), "orders": [order(status="cancelled", ordered_on="2025-01-01")]},
        {"cost_without_order": 400},
    ),
    "order without a status": (
        {"financials": spent(400), "orders": [order(status=None, ordered_on="2025-01-01")]},
        {"cost_without_order": 0},
    ),
    "orders not delivered": ({"financials": spent(400)}, {"cost_without_order": None}),
    "cost not delivered": ({"orders": [order()]}, {"cost_without_order": None}),
    "damages need no order": (
        {"financials": amounts("actual", labour=400, liquidated_damages=90), "orders": [order(1, 400)]},
        {"cost_without_order": 0, "ld_booked": 90},
    ),
    "order expired": (
        {
            "financials": [*amounts("actual", "2025-03-31", labour=250), *spent(400)],
            "orders": [order(expires_on="2025-04-15")],
        },
        {"cost_without_order": 150},
    ),
    "order expires today": (
        {"financials": spent(400), "orders": [order(expires_on=STATUS)]},
        {"cost_without_order": 0},
    ),
    "order expired on the day of a report": (
        {
            "financials": [*amounts("actual", "2025-03-31", labour=250), *spent(400)],
            "orders": [order(expires_on="2025-03-31")],
        },
        {"cost_without_order": 150},
    ),
    "contract value unknown": (
        {"financials": spent(400), "orders": [order(1, 300)]},
        {"cost_without_order": 100, "cost_without_order_share": None},
    ),
    "change without an order": (
        {
            "projects": [project(contract_value=1000)],
            "financials": spent(400),
            "orders": [order()],
            "changes": [change(revenue_impact=70, cost_impact=50, cost_to_date=30)],
        },
        {
            "cost_without_order": 30,
            "open_changes_value": 70,
            "unapproved_change_share": 0.07,
            "unapproved_work": 1,
        },
    ),
    "change with its order": (
        {
            "financials": spent(400),
            "orders": [order(), order(2, 50, change_id="C1")],
            "changes": [change(1, "approved", revenue_impact=70, cost_to_date=30)],
        },
        {"cost_without_order": 0, "open_changes_value": 0, "unapproved_work": 0},
    ),
    "change beyond its order": (
        {
            "financials": spent(400),
            "orders": [order(), order(2, 20, change_id="C1")],
            "changes": [change(1, "approved", revenue_impact=70, cost_to_date=30)],
        },
        {"cost_without_order": 10},
    ),
    "change under the contract's order": (
        {
            "financials": spent(400),
            "orders": [order()],
            "changes": [change(1, "approved", revenue_impact=70, cost_to_date=30, order_id="O1")],
        },
        {"cost_without_order": 0},
    ),
    "open changes": (
        {
            "changes": [
                change(1, "draft", revenue_impact=10),
                change(2, "submitted", cost_impact=5),
                change(3, "submitted", revenue_impact=-20),
                change(4, "approved", revenue_impact=100),
                change(5, "rejected", revenue_impact=100),
                change(6, "implemented", revenue_impact=100),
            ]
        },
        {"open_changes_value": 35, "unapproved_work": 0},
    ),
    "a change of unknown value": ({"changes": [change()]}, {"open_changes_value": None}),
    "no changes delivered": (
        {"financials": spent(1)},
        {"open_changes_value": None, "unapproved_work": None, "notices_missed": None},
    ),
    "unapproved work": (
        {
            "changes": [
                change(1, "draft", revenue_impact=1, work_started_on="2025-05-01"),
                change(2, "submitted", revenue_impact=1, work_started_on="2025-07-01"),
                change(3, "rejected", revenue_impact=1, cost_to_date=5),
                change(4, "approved", revenue_impact=1, work_started_on="2025-05-01"),
            ]
        },
        {"unapproved_work": 2},
    ),
    "notices": (
        {
            "changes": [
                change(1, "draft", revenue_impact=1, raised_on="2025-05-01", notice_due_on="2025-06-29"),
                change(2, "draft", revenue_impact=1, raised_on="2025-05-01", notice_due_on=STATUS),
                change(3, "submitted", revenue_impact=1, raised_on="2025-05-20", notice_due_on="2025-05-19"),
                change(4, "submitted", revenue_impact=1, raised_on="2025-05-01", notice_due_on="2025-05-19"),
            ],
            "delays": [
                delay(1, "2025-05-01"),
                delay(2, "2025-05-01", notified_on="2025-05-02"),
                delay(3, "2025-05-01", notified_on="2025-05-01"),
                delay(4, None),
                delay(5, "2025-07-01"),
            ],
        },
        {"notices_missed": 4},
    ),
    "delays alone": (
        {"delays": [delay(1, "2025-05-01")]},
        {"notices_missed": 1, "unapproved_work": None},
    ),
}


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return together(
        {f"chain {name}": tables for name, (tables, _) in CHAIN.items()}
        | {f"sum {name}": tables for name, (tables, _) in SUMS.items()}
    )


@pytest.mark.parametrize(
    ("case", "column", "expected"),
    [(case, column, expected) for case, (_, found) in CHAIN.items() for column, expected in found.items()],
)
def test_chain(con: duckdb.DuckDBPyConnection, case: str, column: str, expected: Any) -> None:
    shown = f"{column}::varchar" if column.endswith("_on") else column
    assert is_close(value(con, "mart_cash", f"chain {case}", shown), expected)


@pytest.mark.parametrize(
    ("case", "column", "expected"),
    [(case, column, expected) for case, (_, found) in SUMS.items() for column, expected in found.items()],
)
def test_sums(con: duckdb.DuckDBPyConnection, case: str, column: str, expected: Any) -> None:
    assert is_close(value(con, "work.contract_status", f"sum {case}", column), expected)


def test_a_receipt_that_others_have_is_waited_for() -> None:
    items = [signed(1, signed_on="2025-06-01", receipt_on="2025-06-05"), signed(2, signed_on="2025-06-01")]
    con = together({"P": {"acceptances": items}})
    found = con.execute("select item_id, with_whom from mart_cash order by item_id").fetchall()
    assert found == [("A1", "us"), ("A2", "customer")]


def test_items_of_a_project_are_told_apart(con: duckdb.DuckDBPyConnection) -> None:
    found = con.execute("""
        select project_id, status_date, item_kind, item_id from mart_cash group by all having count(*) > 1
    """).fetchall()
    assert found == []


@pytest.mark.parametrize(
    ("case", "column", "table", "rows"),
    [
        ("change without an order", "order_refs", {"orders", "changes"}, 2),
        ("open changes", "change_refs", {"changes"}, 3),
        ("unapproved work", "unapproved_work_refs", {"changes"}, 2),
        ("notices", "notice_refs", {"changes", "delays"}, 4),
        ("accepted in part", "unbilled_refs", {"acceptances"}, 1),
        ("accepted in part", "overdue_refs", {"invoices"}, 1),
    ],
)
def test_the_rows_behind(
    con: duckdb.DuckDBPyConnection, case: str, column: str, table: set[str], rows: int
) -> None:
    refs = value(con, "work.contract_status", f"sum {case}", column)
    assert {ref["table"] for ref in refs} == table
    assert len(refs) == rows


def test_nothing_depends_on_what_came_later() -> None:
    """Each money mart, up to a day, is the same whether later deliveries are known or not."""
    may = "2025-05-31"
    risk: Row = {"risk_id": "R", "kind": "risk", "title": "R", "probability": 0.5}

    def dated(day: str, amount: float) -> dict[str, list[Row]]:
        return {
            "financials": [
                *amounts("as_sold", day, revenue=9 * amount, labour=amount),
                *amounts("forecast", day, revenue=9 * amount, labour=amount),
                *amounts("forecast", day, "MXN", material=amount),
                *amounts("actual", day, revenue=amount, labour=amount),
                *months("forecast", "revenue", day, jul25=amount),
            ],
            "orders": [order(1, amount, status_date=day)],
            "changes": [change(1, status_date=day, revenue_impact=amount, notice_due_on="2025-05-20")],
            "risks": [risk | {"status_date": day, "cost_impact": amount}],
            "invoices": [bill(1, amount, status_date=day, invoiced_on="2025-05-10", due_on="2025-05-20")],
            "acceptances": [signed(1, 2 * amount, status_date=day, signed_on="2025-05-01")],
        }

    early, late = dated(may, 100), dated(str(STATUS), 200)
    card = {"projects": [project(contract_value=5000)]}
    before = together({"P": {**card, **early}})
    after = together({"P": {**card, **{table: early[table] + late[table] for table in early}}})
    for mart in (
        "mart_margin",
        "mart_margin_bridge",
        "mart_currency_exposure",
        "mart_exchange_variance",
        "mart_cash",
        "mart_contract_position",
        "mart_risk_exposure",
        "mart_period_sales",
        "work.money_status",
        "work.contract_status",
    ):
        query = f"select * from {mart} where status_date <= date '{may}' order by all"
        found = before.execute(query).fetchall()
        assert found, mart
        assert found == after.execute(query).fetchall(), mart
