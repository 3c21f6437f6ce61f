"""Published and derived cases beside the project, the way that everybody's data goes: CSV files, load, mart.

One load for all: each vector is a project. Below are its inputs as contract tables and the column that must
say what it expects.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb
import pytest

from tests.metrics.money_case import Row, amounts, is_close, loaded, months, project, value, vectors

pytestmark = pytest.mark.shared

YEARS = (date(2022, 9, 30), date(2023, 9, 30), date(2024, 9, 30), date(2025, 9, 30))
STATUS = YEARS[-1]
REGISTERS = ("projects", "baselines")


@dataclass(frozen=True)
class Vector:
    """A case: its tables, and what `mart` must say, by column."""

    mart: str
    tables: Mapping[str, list[Row]]
    expected: Mapping[str, float | str]
    where: str = "true"
    rates: list[Row] = field(default_factory=list)


def _scenarios(**scenarios: dict[str, float]) -> dict[str, list[Row]]:
    rows: list[Row] = []
    for scenario, given in scenarios.items():
        rows += amounts(scenario, STATUS, revenue=given["price"], labour=given["eac"])
    return {"financials": rows}


# ---- margin.csv ------------------------------------------------------------------------------------------


def margin(row: Row, _number: int) -> Vector | None:
    given, metric, expected = row["inputs"], row["metric"], row["expected"]
    if metric == "gm_pct":
        return Vector(
            "mart_margin", _scenarios(forecast=given), {"100 * margin_pct_forecast": float(expected)}
        )
    if metric in {"margin_change_amount", "margin_change_pp"}:
        if "gm_before" in given:
            given = {f"{k}_{w}": 100 - (given[f"gm_{w}"] if k == "eac" else 0)
                     for w in ("before", "after") for k in ("price", "eac")}  # fmt: skip
        before, after = ({k: given[f"{k}_{w}"] for k in ("price", "eac")} for w in ("before", "after"))
        column = "margin_erosion_pp" if metric.endswith("pp") else "margin_change"
        return Vector("mart_margin", _scenarios(as_sold=before, forecast=after), {column: float(expected)})
    if metric == "profit_overstatement":
        sold = {"price": 1_000_000, "eac": 1_000_000 - given["est_profit"]}
        now = {"price": 1_000_000, "eac": 1_000_000 - given["final_profit"]}
        tables = _scenarios(as_sold=sold, forecast=now)
        tables["financials"] += amounts("actual", STATUS, labour=given["pct"] * now["eac"])
        return Vector("mart_contract_position", tables, {"profit_fade": float(expected)})
    if metric == "bridge":
        wanted = json.loads(expected)
        return Vector(
            "mart_margin",
            _scenarios(**given),
            {
                "100 * margin_pct_as_sold": wanted["as_sold_pct"],
                "100 * margin_pct_baseline": wanted["baseline_pct"],
                "100 * margin_pct_forecast": wanted["forecast_pct"],
                "handover_pp": wanted["handover_pp"],
                "execution_pp": wanted["execution_pp"],
                "margin_erosion_pp": wanted["total_pp"],
                "handover_pp + execution_pp - margin_erosion_pp": 0.0,
            },
        )
    return None  # portfolio_gm_pct is the roll-up's


# ---- poc_revenue.csv, contract_position.csv --------------------------------------------------------------

POSITION = {
    "poc_pct": "progress",
    "progress_uninstalled": "progress",
    "revenue_cumulative": "revenue_recognised",
    "revenue_uninstalled": "revenue_recognised",
    "revenue_period": "revenue_period",
    "cost_of_sales_period": "cost_of_sales_period",
    "profit_period": "gross_margin_period",
    "profit_uninstalled": "gross_margin",
    "gross_profit_cumulative": "gross_margin",
    "gross_profit_period_before_provision": "gross_margin_period",
    "contract_asset_liability": "contract_position",
    "catch_up": "catch_up",
    "total_expected_loss": "expected_loss",
    "cost_of_sales_incl_provision": "cost_of_sales + provision_onerous",
    "onerous_provision": "provision_onerous",
    "profit_after_provision_cumulative": "result_after_provision",
    "profit_period_after_provision": "result_period_after_provision",
}


def position(row: Row, _number: int) -> Vector:
    given = row["inputs"]
    if "uninstalled_expected" in given:
        expected, other = given["uninstalled_expected"], given["eac"] - given["uninstalled_expected"]
        rows = amounts("forecast", STATUS, labour=other, uninstalled_material=expected)
        rows += amounts(
            "actual",
            STATUS,
            labour=given["other_costs_incurred"],
            uninstalled_material=given["uninstalled_incurred"],
        )
        periods = [given]
    else:
        periods = given.get("periods") or (
            [given["before"], given["after"]] if "before" in given else [given]
        )
        rows = []
        for day, period in zip(YEARS[-len(periods) :], periods, strict=True):
            # what was excluded is material in stock (F01) or wasted (F05): not a cost of the work done
            rows += amounts("forecast", day, labour=period["eac"])
            rows += amounts("actual", day, labour=period["costs"] - period["excluded"])
    tables: dict[str, list[Row]] = {"financials": rows}
    prices = [period["price"] for period in periods]
    days = YEARS[-len(prices) :]
    tables["projects"] = [
        project(contract_value=price, valid_from=day) for day, price in zip(days, prices, strict=True)
    ]
    if "billed" in given:
        tables["invoices"] = [{"invoice_id": "F1", "amount": given["billed"], "invoiced_on": STATUS}]
    return Vector("mart_contract_position", tables, {POSITION[row["metric"]]: float(row["expected"])})


# ---- dso_fx.csv ------------------------------------------------------------------------------------------

VARIANCE = {
    "amount_at_plan_rate": "amount_at_plan",
    "amount_at_actual_rate": "amount_at_rate",
    "operational_variance": "operational_variance",
    "fx_variance": "exchange_variance",
    "total_variance": "total_variance",
}
DSO = {30: "dso_1m_days", 365: "dso_12m_days"}


def dso_fx(row: Row, number: int) -> Vector:
    given, metric, expected = row["inputs"], row["metric"], float(row["expected"])
    if metric == "dso":
        paid = {"paid_on": STATUS, "amount": given["sales"] - given["receivables"]}
        bills = [paid, {"amount": given["receivables"]}]
        invoices = [
            {"invoice_id": f"F{n}", "invoiced_on": date(2025, 9, 10), **b} for n, b in enumerate(bills)
        ]
        return Vector("mart_contract_position", {"invoices": invoices}, {DSO[given["days"]]: expected})
    if metric in VARIANCE:
        currency = "UYU"
        rates = [(STATUS, "plan", given["budget_rate"] * 2), (STATUS, "actual", given["actual_rate"] * 2)]
        financials = amounts("as_sold", STATUS, revenue=given["budget_local"] * 2)
        financials += amounts("forecast", STATUS, revenue=given["actual_local"] * 2)
        mart, column = "mart_exchange_variance", VARIANCE[metric]
        where = "measure = 'revenue' and basis = 'closing'"
    else:
        if metric == "reported_growth":
            local, rate = given["local_growth"], 1 + given["fx_change"]
            column = "growth_reported"
        else:
            local = given["constant_currency_growth"]
            rate = (1 + given["reported_growth"]) / (1 + local)
            column = "growth_exchange_rate"
        # a currency of its own for each, its actual rate known at the two months' ends
        currency = ("MXN", "BRL", "PEN", "GTQ")[number % 4]
        usual = {"MXN": 18.0, "BRL": 5.0, "PEN": 3.7, "GTQ": 7.7}[currency]
        rates = [(YEARS[-2], "actual", usual), (STATUS, "actual", usual / rate)]
        financials = months("actual", "revenue", STATUS, sep24=1_000_000, sep25=1_000_000 * (1 + local))
        mart, where = "mart_period_sales", "month = date '2025-09-30'"
    return Vector(
        mart,
        {"projects": [project(currency=currency)], "financials": financials},
        {column: expected},
        where,
        [{"currency": currency, "rate_date": d, "basis": b, "per_usd": r} for d, b, r in rates],
    )


# ---- risk.csv, pi_matrix.csv -----------------------------------------------------------------------------

LEVEL = {"very_low": 1, "low": 2, "moderate": 3, "high": 4, "very_high": 5}
IMPACT = {0.05: 5, 0.1: 50, 0.2: 150, 0.4: 300, 0.8: 500}
"""An impact on a baseline cost of 1000 that has this place on the scale."""


def risk(row: Row, _number: int) -> Vector | None:
    given, metric = row["inputs"], row["metric"]
    base: dict[str, list[Row]] = {
        "baselines": [{
            "baseline_no": 0, "approved_on": "2024-12-01", "baseline_cost": 1000,
            "baseline_start": "2025-01-01", "baseline_finish": "2025-04-11",
        }]
    }  # fmt: skip
    shared: Row = {"risk_id": "R1", "title": "Risk", "kind": "risk"}
    if metric == "emv":
        risks = [{**shared, "probability": given["p"], "cost_impact": given["impact"]}]
        expected: dict[str, float | str] = {"-emv_pre": float(row["expected"])}
    elif metric in {"emv_total", "max_exposure"}:
        risks = [
            {**shared, "risk_id": f"R{n}", "probability": p, "cost_impact": impact}
            for n, (p, impact) in enumerate(given["risks"])
        ]
        column = "any_value(exposure_total)" if metric == "emv_total" else "sum(impact)"
        expected = {column: float(row["expected"])}
    elif metric in {"emv_pre", "emv_post"}:
        risks = [{
            **shared, "kind": "opportunity" if given["sign"] > 0 else "risk",
            "probability": given["p"], "cost_impact": given["impact"],
            "residual_probability": given["residual_p"], "residual_cost_impact": given["residual_impact"],
            "response_cost": given["response_cost"],
        }]  # fmt: skip
        expected = {metric: float(row["expected"])}
    elif metric == "impact_level":
        column = "cost_impact" if given["objective"] == "cost" else "schedule_impact_days"
        size = given["increase"] * (1000 if given["objective"] == "cost" else 100)
        risks = [{**shared, "probability": 0.5, column: size}]
        expected = {"i_index": LEVEL[row["expected"]]}
    elif metric == "pi_score_2dp_half_up":
        risks = [{**shared, "probability": given["p"], "cost_impact": IMPACT[given["impact"]]}]
        expected = {"cell": float(row["expected"]), "impact_score": given["impact"], "p_score": given["p"]}
    else:
        return None  # three-point estimates and sums of distributions: no table of the contract holds them
    return Vector("mart_risk_exposure", {**base, "risks": risks}, expected)


FILES: Mapping[str, Callable[[Row, int], Vector | None]] = {
    "margin": margin,
    "poc_revenue": position,
    "contract_position": position,
    "dso_fx": dso_fx,
    "risk": risk,
    "pi_matrix": risk,
}
NOT_HERE = {"portfolio_gm_pct", "pert_mean", "pert_path", "triangular", "normal_sum", "percentile_sum_trap"}


def test_vectors(tmp_path_factory: pytest.TempPathFactory) -> None:
    cases: dict[str, tuple[Row, Vector]] = {}
    left = set()
    for name, understood in FILES.items():
        for number, row in enumerate(vectors(name)):
            vector = understood(row, number)
            if vector is None:
                left.add(row["metric"])
            else:
                cases[f"{name}-{number:02d}-{row['case_id']}-{row['metric']}"] = (row, vector)
    assert left == NOT_HERE
    rates = {
        (rate["currency"], rate["rate_date"], rate["basis"]): rate
        for _, vector in cases.values()
        for rate in vector.rates
    }
    tables = {
        name: {
            table: [row if table in REGISTERS else {"status_date": STATUS, **row} for row in rows]
            for table, rows in vector.tables.items()
        }
        for name, (_, vector) in cases.items()
    }
    con = loaded(tables, tmp_path_factory.mktemp("vectors"), list(rates.values()))
    wrong = []
    for name, (row, vector) in cases.items():
        for column, expected in vector.expected.items():
            got = _value(con, vector, name, column)
            if not is_close(got, expected, float(row["tolerance"] or 0)):
                wrong.append((name, column, got, expected))
    assert not wrong
    assert len(cases) > 90


def _value(con: duckdb.DuckDBPyConnection, vector: Vector, name: str, column: str) -> object:
    return value(con, vector.mart, name, column, vector.where)
