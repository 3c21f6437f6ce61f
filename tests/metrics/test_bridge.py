"""mart_margin_bridge: from the margin as sold to the forecast, exactly."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.metrics.money_case import Row, amounts, is_close, project, together, value

LINES = ("labour", "subcontract", "material", "uninstalled_material", "travel", "other", "waste", "warranty")
STEPS = [
    *("as_sold", "approved_changes", "revenue", *LINES),
    *("liquidated_damages", "contingency", "exchange_rate", "forecast"),
]


# One database holds many projects: few builds, many examples.
FEW = settings(
    max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)


def change(number: int, status: str = "approved", **columns: Any) -> Row:
    return {"change_id": f"C{number}", "title": "Change", "status": status, **columns}


CASES: dict[str, dict[str, list[Row]]] = {
    "whole": {
        "financials": amounts("as_sold", revenue=1000, labour=500, material=200, contingency=50)
        + amounts("forecast", revenue=1180, labour=560, material=190, travel=5)
        + amounts("forecast", contingency=10, liquidated_damages=30),
        "changes": [
            change(1, revenue_impact=100, cost_impact=40, line="labour"),
            change(2, "implemented", revenue_impact=50, cost_impact=20),
            change(3, "submitted", revenue_impact=900, cost_impact=900, line="labour"),
            change(4, "rejected", revenue_impact=900, cost_impact=900, line="labour"),
            change(5, revenue_impact=0, cost_impact=3, line="revenue"),
            change(6, cost_impact=7, line="contingency"),
        ],
    },
    # the dollar: 16 pesos when sold, 25 now
    "foreign": {
        "projects": [project(currency="MXN", as_sold_rate_date="2025-01-31")],
        "financials": [
            *amounts("as_sold", revenue=2000, labour=400),
            *amounts("as_sold", currency="USD", material=50),
            *amounts("forecast", revenue=2000, labour=400),
            *amounts("forecast", currency="USD", material=55, revenue=1),
        ],
    },
    "one currency": {
        "financials": amounts("as_sold", revenue=9, labour=5) + amounts("forecast", revenue=9, labour=6)
    },
    "rate unknown today": {
        "projects": [project(currency="USD", as_sold_rate_date="2025-01-31")],
        "financials": [
            *amounts("as_sold", revenue=100, labour=50),
            *amounts("as_sold", currency="COP", material=4000),
            *amounts("forecast", revenue=100, labour=60),
            *amounts("forecast", currency="COP", material=8000),
        ],
    },
    "rate never known": {
        "financials": amounts("as_sold", revenue=100, labour=50)
        + amounts("forecast", revenue=100, labour=60)
        + amounts("forecast", currency="CLP", material=8000),
    },
    "not sold yet": {"financials": amounts("forecast", revenue=100, labour=60)},
    "not forecast yet": {"financials": amounts("as_sold", revenue=100, labour=60)},
    "change of unknown size": {
        "financials": amounts("as_sold", revenue=9, labour=5) + amounts("forecast", revenue=9, labour=6),
        "changes": [change(1)],
    },
    "revenue gone": {
        "financials": amounts("as_sold", revenue=100, labour=60) + amounts("forecast", revenue=0, labour=60)
    },
}  # fmt: skip

AMOUNTS: list[tuple[str, str, Any]] = [
    ("whole", "as_sold", 250),
    ("whole", "approved_changes", 150 - 70),
    ("whole", "revenue", 30),
    ("whole", "labour", -20),
    ("whole", "material", 10),
    ("whole", "travel", -5),
    ("whole", "other", 23),
    ("whole", "liquidated_damages", -30),
    ("whole", "contingency", 47),
    ("whole", "warranty", 0),
    ("whole", "exchange_rate", 0),
    ("whole", "forecast", 385),
    ("foreign", "as_sold", 800),
    ("foreign", "revenue", 16),
    ("foreign", "material", -80),
    ("foreign", "exchange_rate", 9 - 55 * 9),
    ("foreign", "forecast", 2025 - 400 - 55 * 25),
    ("one currency", "exchange_rate", 0),
    ("one currency", "labour", -1),
    ("rate unknown today", "labour", -10),
    ("rate unknown today", "material", -1),
    ("rate unknown today", "exchange_rate", None),
    ("rate unknown today", "forecast", None),
    ("rate never known", "labour", -10),
    ("rate never known", "material", None),
    ("rate never known", "contingency", 0),
    ("change of unknown size", "approved_changes", None),
    ("change of unknown size", "other", None),
    ("change of unknown size", "labour", -1),
    ("change of unknown size", "forecast", 3),
]


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return together(CASES)


@pytest.mark.parametrize(("case", "step", "expected"), AMOUNTS)
def test_steps(con: duckdb.DuckDBPyConnection, case: str, step: str, expected: Any) -> None:
    assert is_close(value(con, "mart_margin_bridge", case, "amount", f"step = '{step}'"), expected)


def test_order_and_owners(con: duckdb.DuckDBPyConnection) -> None:
    found = con.execute(
        "select step, owner from mart_margin_bridge where project_id = 'whole' order by step_no"
    ).fetchall()
    assert [step for step, _ in found] == STEPS
    assert {owner for _, owner in found[3:-2]} == {"ours"}
    assert [owner for _, owner in (*found[:3], *found[-2:])] == [
        None, "customer", "customer", "exchange_rate", None
    ]  # fmt: skip


def test_only_where_both_ends_are_known(con: duckdb.DuckDBPyConnection) -> None:
    found = {row[0] for row in con.execute("select distinct project_id from mart_margin_bridge").fetchall()}
    assert found == set(CASES) - {"not sold yet", "not forecast yet"}


def test_points_follow_the_walk(con: duckdb.DuckDBPyConnection) -> None:
    def points(step: str, case: str = "whole") -> Any:
        return value(con, "mart_margin_bridge", case, "pp", f"step = '{step}'")

    assert points("as_sold") == pytest.approx(25)
    assert points("approved_changes") == pytest.approx(100 * 330 / 1150 - 25)
    assert points("forecast") == pytest.approx(100 * 385 / 1180)
    assert points("forecast", "revenue gone") is None
    assert points("labour", "revenue gone") is None
    assert points("exchange_rate", "rate unknown today") is None


def _amount(rng: Random) -> str:
    return str(Decimal(rng.choice((0, rng.randrange(100), rng.randrange(10**11)))) / 100)


def _some_lines(rng: Random, at_least: int = 1) -> dict[str, str]:
    chosen = rng.sample([*LINES, "liquidated_damages", "contingency"], rng.randint(at_least, 10))
    return {line: _amount(rng) for line in chosen}


def _any_project(rng: Random) -> dict[str, list[Row]]:
    rows: list[Row] = []
    for scenario in ("as_sold", "forecast"):
        rows += amounts(scenario, revenue=rng.randrange(10**8, 10**9), **_some_lines(rng))
        rows += amounts(scenario, currency="MXN", **_some_lines(rng))
        rows += amounts(scenario, currency="EUR", **(_some_lines(rng) if rng.random() < 0.2 else {}))
    changes = [
        change(
            n,
            rng.choice(["approved", "implemented", "submitted", "rejected"]),
            revenue_impact=_amount(rng),
            cost_impact=_amount(rng),
            line=rng.choice([None, *LINES, "revenue", "contingency", "liquidated_damages"]),
            currency=rng.choice([None, "MXN"]),
        )
        for n in range(rng.randint(0, 4))
    ]
    card = project(currency=rng.choice(["USD", "MXN"]), as_sold_rate_date=rng.choice([None, "2025-01-31"]))
    return {"projects": [card], "financials": rows, **({"changes": changes} if changes else {})}


@FEW
@given(st.integers(0, 2**32))
def test_the_steps_sum_exactly(seed: int) -> None:
    rng = Random(seed)
    cases = [_any_project(rng) for _ in range(60)]
    con = together({f"P{n:02d}": case for n, case in enumerate(cases)})
    found = con.execute("""
        select
            project_id,
            sum(amount) filter (step <> 'forecast') as walked,
            any_value(amount) filter (step = 'forecast') as forecast,
            arg_max(margin_after, step_no) filter (step <> 'forecast') as before_the_end,
            arg_max(revenue_after, step_no) filter (step <> 'forecast') as revenue_before_the_end,
            any_value(revenue_after) filter (step = 'forecast') as revenue,
            sum(pp) filter (step <> 'forecast') - any_value(pp) filter (step = 'forecast') as points,
            count(pp) as known
        from mart_margin_bridge
        group by project_id
    """).fetchall()
    assert len(found) == len(cases)
    for _, walked, forecast, margin, revenue_walked, revenue, points, known in found:
        if forecast is None:  # a euro is known as planned only: today's rate is not
            continue
        assert isinstance(forecast, Decimal)
        assert walked == forecast == margin
        assert revenue_walked == revenue
        assert known < len(STEPS) or points == pytest.approx(0, abs=1e-6)


RATIOS = (
    ("mart_margin", "margin_pct_as_sold margin_pct_forecast margin_erosion_pp handover_pp execution_pp"),
    ("mart_contract_position", "progress gross_margin_pct lifetime_margin_pct dso_days book_to_bill"),
    ("work.contract_status", "cost_without_order_share unapproved_change_share"),
    ("work.money_status", "cost_over_baseline cost_over_original fx_effect_pp"),
)


def _single_currency(rng: Random) -> dict[str, list[Row]]:
    def number() -> int:
        return rng.randint(1, 10**6)

    return {
        "financials": [
            row
            for scenario in ("as_sold", "baseline", "forecast", "actual")
            for row in amounts(scenario, revenue=number(), labour=number(), material=number())
        ],
        "changes": [change(1, "submitted", revenue_impact=number(), cost_to_date=number())],
        "orders": [{"order_id": "O", "amount": number(), "status": "received", "ordered_on": "2025-02-01"}],
        "invoices": [
            {"invoice_id": f"F{n}", "amount": number(), "invoiced_on": "2025-05-01", "paid_amount": paid}
            for n, paid in enumerate((None, number()))
        ],
    }


@FEW
@given(st.integers(0, 2**32))
def test_ratios_do_not_know_the_currency(seed: int) -> None:
    """A project with one currency has the same ratios whichever it is, stated or not, known rate or none."""
    rng = Random(seed)
    cases = [_single_currency(rng) for _ in range(30)]
    currencies = ("USD", "MXN", "CLP")
    con = together(
        {
            f"{n:02d} {currency}": {
                "projects": [project(currency=currency, contract_value=1_000_000)],
                **{
                    table: [{**row, "currency": (None, currency)[n % 2]} for row in rows]
                    for table, rows in case.items()
                },
            }
            for n, case in enumerate(cases)
            for currency in currencies
        }
    )
    for mart, columns in RATIOS:
        for column in columns.split():
            found = con.execute(f"""
                select project_id[:2], list(distinct {column}), count({column})
                from {mart} group by project_id[:2]
            """).fetchall()
            assert len(found) == len(cases)
            for name, different, known in found:
                assert len(different) <= 1, (column, name, different)
                assert known in {0, len(currencies)}, (column, name)
