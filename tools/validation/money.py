"""margin, poc_revenue, contract_position, dso_fx, risk, pi_matrix: cases of money as contract rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from tools.validation.case import PROGRAMME, Case, NotApplicable
from tools.validation.colours import programme
from tools.validation.rows import Row, amounts, by_month, project
from tools.validation.vectors import Vector

YEARS = (date(2022, 9, 30), date(2023, 9, 30), date(2024, 9, 30), date(2025, 9, 30))
STATUS = YEARS[-1]


def _scenarios(**scenarios: Mapping[str, Any]) -> dict[str, list[Row]]:
    rows: list[Row] = []
    for scenario, given in scenarios.items():
        rows += amounts(scenario, STATUS, revenue=given["price"], labour=given["eac"])
    return {"financials": rows}


# ---- margin.csv ------------------------------------------------------------------------------------------


def margin(vector: Vector) -> Case:
    """Revenue and cost of the scenarios."""
    given, metric, expected = vector.inputs, vector.metric, vector.expected
    if metric == "gm_pct":
        return Case("mart_margin", _scenarios(forecast=given), {"100 * margin_pct_forecast": float(expected)})
    if metric in {"margin_change_amount", "margin_change_pp"}:
        if "gm_before" in given:
            given = {f"{k}_{w}": 100 - (given[f"gm_{w}"] if k == "eac" else 0)
                     for w in ("before", "after") for k in ("price", "eac")}  # fmt: skip
        before, after = ({k: given[f"{k}_{w}"] for k in ("price", "eac")} for w in ("before", "after"))
        column = "margin_erosion_pp" if metric.endswith("pp") else "margin_change"
        return Case("mart_margin", _scenarios(as_sold=before, forecast=after), {column: float(expected)})
    if metric == "profit_overstatement":
        sold = {"price": 1_000_000, "eac": 1_000_000 - given["est_profit"]}
        now = {"price": 1_000_000, "eac": 1_000_000 - given["final_profit"]}
        tables = _scenarios(as_sold=sold, forecast=now)
        tables["financials"] += amounts("actual", STATUS, labour=given["pct"] * now["eac"])
        return Case("mart_contract_position", tables, {"profit_fade": float(expected)})
    if metric == "bridge":
        wanted = json.loads(expected)
        return Case(
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
    parts = [{"financials": amounts("forecast", STATUS, revenue=p, labour=c)} for p, c in given["projects"]]
    return Case(PROGRAMME, programme(vector, parts), {"100 * margin_pct_forecast": float(expected)})


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


def position(vector: Vector) -> Case:
    """A contract over one or more years: what it costs in all and to date, its price, what was billed."""
    given = vector.inputs
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
        tables["invoices"] = [
            {"status_date": STATUS, "invoice_id": "F1", "amount": given["billed"], "invoiced_on": STATUS}
        ]
    return Case("mart_contract_position", tables, {POSITION[vector.metric]: float(vector.expected)})


# ---- dso_fx.csv ------------------------------------------------------------------------------------------

VARIANCE = {
    "amount_at_plan_rate": "amount_at_plan",
    "amount_at_actual_rate": "amount_at_rate",
    "operational_variance": "operational_variance",
    "fx_variance": "exchange_variance",
    "total_variance": "total_variance",
}
DSO = {30: "dso_1m_days", 365: "dso_12m_days"}


def dso_fx(vector: Vector) -> Case:
    """Invoices of a month, or amounts in a currency of their own with its two rates."""
    given, metric, expected = vector.inputs, vector.metric, float(vector.expected)
    if metric == "dso":
        paid = {"paid_on": STATUS, "amount": given["sales"] - given["receivables"]}
        bills = [paid, {"amount": given["receivables"]}]
        invoices = [
            {"status_date": STATUS, "invoice_id": f"F{n}", "invoiced_on": date(2025, 9, 10), **b}
            for n, b in enumerate(bills)
        ]
        return Case("mart_contract_position", {"invoices": invoices}, {DSO[given["days"]]: expected})
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
        currency = ("MXN", "BRL", "PEN", "GTQ")[vector.number % 4]
        usual = {"MXN": 18.0, "BRL": 5.0, "PEN": 3.7, "GTQ": 7.7}[currency]
        rates = [(YEARS[-2], "actual", usual), (STATUS, "actual", usual / rate)]
        financials = by_month("actual", "revenue", STATUS, sep24=1_000_000, sep25=1_000_000 * (1 + local))
        mart, where = "mart_period_sales", "month = date '2025-09-30'"
    return Case(
        mart,
        {"projects": [project(currency=currency)], "financials": financials},
        {column: expected},
        where,
        rates=tuple({"currency": currency, "rate_date": d, "basis": b, "per_usd": r} for d, b, r in rates),
    )


# ---- risk.csv, pi_matrix.csv -----------------------------------------------------------------------------

LEVEL = {"very_low": 1, "low": 2, "moderate": 3, "high": 4, "very_high": 5}
IMPACT = {0.05: 5, 0.1: 50, 0.2: 150, 0.4: 300, 0.8: 500}
"""An impact on a baseline cost of 1000 that has this place on the scale."""


def risk(vector: Vector) -> Case | NotApplicable:
    """Risks on a baseline of 1000 over a hundred days."""
    given, metric = vector.inputs, vector.metric
    base: dict[str, list[Row]] = {
        "baselines": [{
            "baseline_no": 0, "approved_on": "2024-12-01", "baseline_cost": 1000,
            "baseline_start": "2025-01-01", "baseline_finish": "2025-04-11",
        }]
    }  # fmt: skip
    shared: Row = {"status_date": STATUS, "risk_id": "R1", "title": "Risk", "kind": "risk"}
    if metric == "emv":
        risks = [{**shared, "probability": given["p"], "cost_impact": given["impact"]}]
        expected: dict[str, float | str | bool | None] = {"-emv_pre": float(vector.expected)}
    elif metric in {"emv_total", "max_exposure"}:
        risks = [
            {**shared, "risk_id": f"R{n}", "probability": p, "cost_impact": impact}
            for n, (p, impact) in enumerate(given["risks"])
        ]
        column = "exposure_total" if metric == "emv_total" else "sum(impact) over (partition by project_id)"
        expected = {column: float(vector.expected)}
    elif metric in {"emv_pre", "emv_post"}:
        risks = [{
            **shared, "kind": "opportunity" if given["sign"] > 0 else "risk",
            "probability": given["p"], "cost_impact": given["impact"],
            "residual_probability": given["residual_p"], "residual_cost_impact": given["residual_impact"],
            "response_cost": given["response_cost"],
        }]  # fmt: skip
        expected = {metric: float(vector.expected)}
    elif metric == "impact_level":
        column = "cost_impact" if given["objective"] == "cost" else "schedule_impact_days"
        size = given["increase"] * (1000 if given["objective"] == "cost" else 100)
        risks = [{**shared, "probability": 0.5, column: size}]
        expected = {"i_index": LEVEL[vector.expected]}
    elif metric == "pi_score_2dp_half_up":
        risks = [{**shared, "probability": given["p"], "cost_impact": IMPACT[given["impact"]]}]
        expected = {"cell": float(vector.expected), "impact_score": given["impact"], "p_score": given["p"]}
    else:
        return NotApplicable(
            "no contract table holds a three-point estimate or a distribution: a risk has one probability and one impact"
        )
    return Case("mart_risk_exposure", {**base, "risks": risks}, expected)
