"""mart_risk_exposure: expected values, the grid, and the contingency."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.metrics.money_case import Row, amounts, is_close, project, together, value

BASELINE = {
    "baseline_no": 0,
    "approved_on": "2024-12-01",
    "baseline_cost": 1000,
    "baseline_start": "2025-01-01",
    "baseline_finish": "2025-04-11",
}
"""A cost of 1000 and a duration of 100 days: an impact's share is easily read."""


def risk(number: int = 1, kind: str = "risk", **columns: Any) -> Row:
    return {"risk_id": f"R{number}", "title": "Risk", "kind": kind, **columns}


def of(*risks: Row, **tables: list[Row]) -> dict[str, list[Row]]:
    return {"baselines": [BASELINE], "risks": list(risks), **tables}


SIMPLE: Row = {"probability": 0.3, "cost_impact": 100}

CASES: dict[str, dict[str, list[Row]]] = {
    "threat": of(risk(**SIMPLE)),
    "opportunity": of(risk(kind="opportunity", **SIMPLE)),
    "responded": of(risk(**SIMPLE, residual_probability=0.1, residual_cost_impact=50, response_cost=7)),
    "residual probability alone": of(risk(**SIMPLE, residual_probability=0.1)),
    "opportunity responded": of(
        risk(
            kind="opportunity",
            probability=0.2,
            cost_impact=12000,
            residual_probability=0.35,
            response_cost=1000,
        )
    ),
    "closed": of(risk(**SIMPLE, status="closed")),
    "occurred": of(risk(**SIMPLE, status="occurred")),
    "no probability": of(risk(cost_impact=100)),
    "no impact": of(risk(probability=0.3)),
    "days alone": of(risk(probability=0.3, schedule_impact_days=12)),
    "cost and days": of(risk(**SIMPLE, schedule_impact_days=30)),
    "certain": of(risk(probability=1, cost_impact=100)),
    "impossible": of(risk(probability=0, cost_impact=0)),
    "no baseline": {"risks": [risk(**SIMPLE)]},
    "budget in the plan alone": {
        "risks": [risk(probability=0.7, cost_impact=9)],
        "earned_value": [{"period_end": "2025-06-30", "planned_value": 1000}],
    },
    "baseline scenario first": of(risk(**SIMPLE), financials=amounts("baseline", labour=400)),
    "days saved": of(risk(kind="opportunity", probability=0.3, schedule_impact_days=-12)),
    "sold, nothing planned": {"risks": [risk(**SIMPLE)], "financials": amounts("as_sold", labour=400)},
    "contingency": of(
        risk(1, **SIMPLE),
        risk(2, probability=0.5, cost_impact=40),
        risk(3, "opportunity", probability=0.5, cost_impact=60),
        risk(4, probability=0.9, cost_impact=900, status="closed"),
        financials=amounts("forecast", labour=500, contingency=200),
    ),
    "contingency used up": of(risk(**SIMPLE), financials=amounts("forecast", labour=500, contingency=0)),
    "in pesos": {
        "projects": [project(currency="MXN")],
        "risks": [risk(**SIMPLE, currency="USD", response_cost=1)],
    },
    "rate unknown": of(risk(**SIMPLE, currency="COP")),
}

EXPECTED: list[tuple[str, dict[str, Any]]] = [
    ("threat", {"emv_pre": -30, "emv_post": -30, "exposure": 30, "exposure_total": 30, "is_open": True}),
    ("opportunity", {"emv_pre": 30, "emv_post": 30, "exposure": 30, "exposure_total": 0}),
    ("responded", {"emv_pre": -30, "emv_post": -12, "exposure": 5, "residual_p_index": 1}),
    ("residual probability alone", {"emv_post": -10, "residual_impact": 100}),
    ("opportunity responded", {"emv_pre": 2400, "emv_post": 3200}),
    (
        "closed",
        {"emv_pre": 0, "emv_post": 0, "exposure": 0, "exposure_total": 0, "is_open": False, "p_index": 2},
    ),
    ("occurred", {"emv_pre": 0, "exposure_total": 0}),
    (
        "no probability",
        {"emv_pre": None, "exposure": None, "cell": None, "i_index": 3, "exposure_total": None},
    ),
    ("no impact", {"emv_pre": None, "i_index": None, "cell": None, "p_index": 2}),
    ("days alone", {"emv_pre": None, "time_index": 4, "i_index": 4, "impact_score": 0.4, "cell": 0.12}),
    ("cost and days", {"cost_index": 3, "time_index": 5, "i_index": 5}),
    ("certain", {"p_index": 5, "p_score": 0.9}),
    ("impossible", {"p_index": 1, "i_index": 1, "cell": 0.01}),
    ("no baseline", {"i_index": None, "cell": None, "emv_pre": -30}),
    ("budget in the plan alone", {"cost_share": 0.009, "i_index": 1, "cell": 0.04}),
    ("baseline scenario first", {"cost_share": 0.25, "i_index": 4}),
    ("days saved", {"time_share": 0.12, "time_index": 4}),
    ("sold, nothing planned", {"cost_share": 0.25, "i_index": 4}),
    ("contingency used up", {"contingency_left": 0, "share_of_contingency": None}),
    ("in pesos", {"impact": 2500, "emv_pre": -750, "emv_post": -775}),
    ("rate unknown", {"emv_pre": None, "exposure_total": None, "i_index": None}),
]


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    bands = {
        f"probability {p}": of(risk(probability=p, cost_impact=5))
        for p in (0.0, 0.19, 0.2, 0.39, 0.4, 0.59, 0.6, 0.79, 0.8, 1.0)
    }
    shares = {
        f"share {share}": of(risk(probability=0.5, cost_impact=share))
        for share in (0, 9.99, 10, 99.99, 100, 199.99, 200, 400, 400.01)
    }
    days = {
        f"days {days}": of(risk(probability=0.5, schedule_impact_days=days))
        for days in (0, 1, 4, 5, 9, 10, 20, 21)
    }
    return together({**CASES, **bands, **shares, **days})


@pytest.mark.parametrize(
    ("case", "column", "expected"),
    [(case, column, expected) for case, columns in EXPECTED for column, expected in columns.items()],
)
def test_risk_exposure(con: duckdb.DuckDBPyConnection, case: str, column: str, expected: Any) -> None:
    assert is_close(value(con, "mart_risk_exposure", case, column), expected)


@pytest.mark.parametrize(
    ("probability", "index"),
    [(0.0, 1), (0.19, 1), (0.2, 2), (0.39, 2), (0.4, 3), (0.59, 3), (0.6, 4), (0.79, 4), (0.8, 5), (1.0, 5)],
)
def test_bands_of_probability(con: duckdb.DuckDBPyConnection, probability: float, index: int) -> None:
    assert value(con, "mart_risk_exposure", f"probability {probability}", "p_index") == index


@pytest.mark.parametrize(
    ("impact", "index"),
    [(0, 1), (9.99, 1), (10, 2), (99.99, 2), (100, 3), (199.99, 3), (200, 4), (400, 4), (400.01, 5)],
)
def test_bands_of_impact(con: duckdb.DuckDBPyConnection, impact: float, index: int) -> None:
    assert value(con, "mart_risk_exposure", f"share {impact}", "i_index") == index


@pytest.mark.parametrize(
    ("days", "index"), [(0, 1), (1, 2), (4, 2), (5, 3), (9, 3), (10, 4), (20, 4), (21, 5)]
)
def test_bands_of_time(con: duckdb.DuckDBPyConnection, days: int, index: int) -> None:
    """Of a baseline of a hundred days."""
    assert value(con, "mart_risk_exposure", f"days {days}", "i_index") == index


def test_the_grid_is_the_standards() -> None:
    """The PMBOK figure, its cells rounded half up: Python's round would print 0.03 for 0.7 × 0.05."""
    printed = """
        0.05 0.09 0.18 0.36 0.72
        0.04 0.07 0.14 0.28 0.56
        0.03 0.05 0.10 0.20 0.40
        0.02 0.03 0.06 0.12 0.24
        0.01 0.01 0.02 0.04 0.08
    """
    figure = [[float(cell) for cell in line.split()] for line in printed.strip().splitlines()]
    chances, impacts = (0.9, 0.7, 0.5, 0.3, 0.1), (5, 50, 150, 300, 500)
    risks = [
        risk(10 * i + j, probability=chance, cost_impact=impact)
        for i, chance in enumerate(chances)
        for j, impact in enumerate(impacts)
    ]
    found = together({"grid": of(*risks)}).execute(
        "select cell from mart_risk_exposure order by p_index desc, i_index"
    )
    cells = [row[0] for row in found.fetchall()]
    assert cells == [cell for line in figure for cell in line]


def test_exposure_against_contingency(con: duckdb.DuckDBPyConnection) -> None:
    status = {
        column: value(con, "work.contract_status", "contingency", column)
        for column in ("risk_exposure", "opportunity_exposure")
    }
    assert status == {"risk_exposure": 50, "opportunity_exposure": 30}
    found = con.execute("""
        select risk_id, share_of_contingency, contingency_left, exposure_total
        from mart_risk_exposure where project_id = 'contingency' order by risk_id
    """).fetchall()
    assert [row[1] for row in found] == [0.15, 0.1, None, None]
    assert {row[2:] for row in found} == {(200, 50)}


def test_exposure_without_a_rate_is_unknown() -> None:
    con = together({"P": of(risk(1, **SIMPLE), risk(2, **SIMPLE, currency="COP"))})
    assert value(con, "work.contract_status", "P", "risk_exposure") is None


def test_no_register_is_not_no_risk(con: duckdb.DuckDBPyConnection) -> None:
    quiet = together({"quiet": {"status_reports": [{}]}})
    assert value(quiet, "work.contract_status", "quiet", "risk_exposure") is None
    assert value(con, "work.contract_status", "closed", "risk_exposure") == 0
    refs = value(con, "work.contract_status", "threat", "risk_refs")
    assert [(ref["table"], ref["file"]) for ref in refs] == [("risks", "risks.csv")]
