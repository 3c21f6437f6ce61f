"""mart_data_quality: each check on the smallest portfolio that fails it, and silence on a sound one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import duckdb
import pytest

from locales import languages, translator
from tests.metrics.portfolio import (
    APR,
    FEB,
    JAN,
    JUN,
    MAR,
    MAY,
    MONTHS,
    Row,
    Tables,
    built,
    earned,
    money,
    one,
    portfolio,
    rows,
)

FINISH = date(2025, 12, 31)


def curve(
    day: date, *periods: tuple[date, float, float | None, float | None], currency: str | None = None
) -> list[Row]:
    return [
        {
            "status_date": day,
            "period_end": end,
            "planned_value": pv,
            "earned_value": ev,
            "actual_cost": ac,
            "currency": currency,
        }
        for end, pv, ev, ac in periods
    ]


def milestone(day: date, **more: Any) -> Row:
    return {
        "milestone_id": "M1",
        "name": "Go live",
        "kind": "gate",
        "status_date": day,
        "baseline_date": FINISH,
        **more,
    }


def order(day: date, amount: float) -> Row:
    return {"order_id": "O1", "status_date": day, "amount": amount, "status": "expected"}


def change(day: date, revenue: float) -> Row:
    told = {"change_id": "C1", "title": "More", "status": "submitted"}
    return {**told, "status_date": day, "revenue_impact": revenue, "cost_impact": 3}


def risk(day: date, **more: Any) -> Row:
    told = {"risk_id": "R1", "kind": "risk", "title": "Late permits", "probability": 0.5, "cost_impact": 50}
    return {**told, "status_date": day, **more}


def upsell(day: date, value: float) -> Row:
    return {"opportunity_id": "U1", "title": "More sites", "status_date": day, "value": value}


def acceptance(day: date, value: float) -> Row:
    return {"acceptance_id": "A1", "status_date": day, "value": value}


def bill(day: date, amount: float) -> Row:
    return {"invoice_id": "F1", "status_date": day, "amount": amount}


def rates(currency: str, *values: float, basis: str = "actual") -> list[Row]:
    return [
        {"currency": currency, "rate_date": day, "basis": basis, "per_usd": value}
        for day, value in zip(MONTHS, values, strict=False)
    ]


YEARLY: Tables = {"quality": [{"status_date": date(year, 9, 30)} for year in (2022, 2023, 2024)]}
SOUND: Tables = {
    "baselines": [{"baseline_no": 0, "approved_on": "2024-12-01", "baseline_cost": 120}],
    "earned_value": [
        row for n, day in enumerate(MONTHS, start=1) for row in earned(day, 10 * n, 10 * n + n % 2)
    ],
    "financials": [row for day in MONTHS for row in money("forecast", day, revenue=1000, labour=800)],
    "milestones": [milestone(day, forecast_date=FINISH) for day in MONTHS],
}

# case → its rows, the date, the finding: check, severity, value, detail
CASES: dict[str, tuple[Tables, date, tuple[str, str, float | None, str | None]]] = {
    "earned value falls": (
        {"earned_value": earned(JAN, 10, 10) + earned(FEB, 8, 20)},
        FEB,
        ("ev_falls", "error", -2, "2025-01-31"),
    ),
    "earned value stays fallen": (
        {"earned_value": earned(JAN, 10, 10) + earned(FEB, 8, 20), "quality": [{"status_date": MAR}]},
        MAR,
        ("ev_falls", "error", -2, "2025-01-31"),
    ),
    "above the budget": ({"earned_value": earned(JUN, 150, 150)}, JUN, ("ev_above_bac", "error", 1.25, None)),
    "cost without progress": (
        {"earned_value": earned(JAN, 10, 10) + earned(FEB, 10, 25)},
        FEB,
        ("cost_without_progress", "warning", 15, None),
    ),
    "progress without cost": (
        {"earned_value": earned(JAN, 10, 0)},
        JAN,
        ("progress_without_cost", "warning", 10, None),
    ),
    "no cost delivered": (
        {"earned_value": earned(JAN, 10)},
        JAN,
        ("actual_cost_missing", "warning", None, None),
    ),
    "negative": ({"earned_value": earned(JAN, -5, 3)}, JAN, ("negative_amount", "error", -5, None)),
    "high CPI": ({"earned_value": earned(JUN, 60, 50)}, JUN, ("cpi_high", "info", 1.2, None)),
    "high SPI": ({"earned_value": earned(JUN, 69, 69)}, JUN, ("spi_high", "info", 1.15, None)),
    "high SPI(t)": ({"earned_value": earned(JUN, 69, 69)}, JUN, ("spi_t_high", "info", 1.15, None)),
    "old earned value": (
        {"earned_value": earned(JAN, 10, 10), "quality": [{"status_date": MAR}]},
        MAR,
        ("ev_old", "warning", 59, "2025-01-31"),
    ),
    "curve falls": (
        {"earned_value": curve(MAR, (JAN, 10, 10, 10), (FEB, 8, 18, 18), (MAR, 30, 29, 29))},
        MAR,
        ("curves_fall", "error", 1, "2025-02-28"),
    ),
    "periods missing": (
        {
            "earned_value": curve(
                JUN, (JAN, 10, 10, 10), (FEB, 20, 20, 20), (MAR, 30, 30, 30), (JUN, 60, 59, 60)
            )
        },
        JUN,
        ("periods_missing", "warning", 2, "2025-06-30"),
    ),
    "weeks missing": (
        {
            "earned_value": curve(
                MAR,
                *(
                    (date(2025, 1, 5) + timedelta(weeks=n), 10 + n, 10.0 + n, 10.0 + n)
                    for n in (0, 1, 2, 6, 7)
                ),
            )
        },
        MAR,
        ("periods_missing", "warning", 3, "2025-02-16"),
    ),
    "one report left out": (
        {"quality": [{"status_date": day} for day in (JAN, FEB, APR)]},
        APR,
        ("report_missing", "warning", 61, "2025-02-28"),
    ),
    "no report for long": (
        {"quality": [{"status_date": day} for day in (JAN, FEB, MAY)]},
        MAY,
        ("report_missing", "warning", 92, "2025-02-28"),
    ),
    "delivered before its day": (
        {
            "quality": [{"status_date": JAN, "delivered_on": date(2025, 1, 10)}],
            "risks": [risk(JAN, delivered_on=date(2025, 1, 28))],
            "projects": [{"valid_from": JAN, "delivered_on": date(2025, 1, 2)}],
        },
        JAN,
        ("delivered_in_future", "warning", 21, "2025-01-10"),
    ),
    "two currencies": (
        {"earned_value": curve(FEB, (JAN, 10, 9, 9)) + curve(FEB, (FEB, 20, 18, 18), currency="EUR")},
        FEB,
        ("currencies_mixed", "warning", None, "EUR, USD"),
    ),
    "no rate": (
        {"earned_value": curve(JAN, (JAN, 10, 9, 9), currency="EUR")},
        JAN,
        ("rate_missing", "error", None, "EUR"),
    ),
    "no rate for a risk": (
        {"risks": [risk(JAN, currency="EUR")]},
        JAN,
        ("rate_missing", "error", None, "EUR"),
    ),
    "no dollar rate": (
        {"projects": [{"currency": "GTQ"}], "quality": [{"status_date": JAN}]},
        JAN,
        ("usd_rate_missing", "warning", None, "GTQ"),
    ),
    "no currency": (
        {"projects": [{"currency": None}], "quality": [{"status_date": JAN}]},
        JAN,
        ("currency_unknown", "warning", None, None),
    ),
    "milestone finished in the future": (
        {"milestones": [milestone(JAN, actual_date="2025-02-15")]},
        JAN,
        ("milestone_in_future", "error", 1, "M1"),
    ),
    "milestone overtaken": (
        {"milestones": [milestone(JAN, forecast_date="2025-01-15")]},
        JAN,
        ("milestone_overtaken", "warning", 1, "M1"),
    ),
    "site on air in the future": (
        {"sites": [{"site_id": "S1", "status_date": JAN, "stage": "on_air", "actual_on_air": "2025-02-10"}]},
        JAN,
        ("site_in_future", "error", 1, None),
    ),
    "finish in the past": (
        {"status_reports": [{"status_date": MAR, "forecast_finish": "2025-02-28"}]},
        MAR,
        ("finish_in_past", "error", 31, "2025-02-28"),
    ),
    "a finish reported in the past, beside a milestone": (
        {
            "status_reports": [{"status_date": MAR, "forecast_finish": "2025-02-28"}],
            "milestones": [milestone(MAR, forecast_date=FINISH)],
        },
        MAR,
        ("reported_finish_in_past", "error", 31, "2025-02-28"),
    ),
    "baseline reversed": (
        {"projects": [{"baseline_finish": date(2024, 12, 1)}], "quality": [{"status_date": JAN}]},
        JAN,
        ("baseline_reversed", "error", -31, None),
    ),
    "no baseline": (
        {"projects": [{"baseline_start": None, "baseline_finish": None}], "quality": [{"status_date": JAN}]},
        JAN,
        ("no_baseline", "warning", None, None),
    ),
    "revenue above contract": (
        {"financials": money("forecast", JAN, revenue=1200, labour=800)},
        JAN,
        ("revenue_above_contract", "warning", 200, None),
    ),
    "revenue booked above contract": (
        {"financials": money("actual", JAN, revenue=1300, labour=800)},
        JAN,
        ("revenue_above_contract", "warning", 300, None),
    ),
    "a thousand-fold slip": (
        {
            "financials": money("forecast", JAN, revenue=900, labour=800_000)
            + money("forecast", FEB, revenue=900, labour=810)
        },
        FEB,
        ("unit_slip", "error", 810 / 800_000, "cost_forecast"),
    ),
    "a slip in the baseline": (
        {
            "financials": money("baseline", JAN, revenue=900, labour=800)
            + money("baseline", FEB, revenue=900, labour=800_000)
        },
        FEB,
        ("unit_slip", "error", 1000, "cost_baseline"),
    ),
    "a slip that still stands a report later": (
        {
            "financials": [
                row
                for day, labour in ((JAN, 800), (FEB, 800_000), (MAR, 801_000))
                for row in money("forecast", day, revenue=900, labour=labour)
            ]
        },
        MAR,
        ("unit_slip", "error", 1000, "cost_forecast"),
    ),
    "a thousand-fold slip of one line, which its sum hides": (
        {
            "financials": money("forecast", JAN, revenue=900, labour=800, travel=0.02)
            + money("forecast", FEB, revenue=900, labour=800, travel=20)
        },
        FEB,
        ("unit_slip", "error", 1000, "travel"),
    ),
    "a thousand-fold slip in the budget": (
        {
            "financials": money("budget", JAN, revenue=900, labour=800)
            + money("budget", FEB, revenue=900_000, labour=800)
        },
        FEB,
        ("unit_slip", "error", 1000, "revenue"),
    ),
    "a thousand-fold slip of the cost to date": (
        {"financials": money("actual", JAN, labour=20_000) + money("actual", FEB, labour=20)},
        FEB,
        ("unit_slip", "error", 0.001, "labour"),
    ),
    "of what a milestone pays": (
        {
            "milestones": [
                {"status_date": day, "milestone_id": "M1", "name": "Live", "revenue_amount": amount}
                for day, amount in ((JAN, 100), (FEB, 100_000))
            ]
        },
        FEB,
        ("unit_slip", "error", 1000, "M1"),
    ),
    "a thousand-fold slip of an order": (
        {"orders": [order(JAN, 700), order(FEB, 700_000)]},
        FEB,
        ("unit_slip", "error", 1000, "O1"),
    ),
    "of a change": (
        {"changes": [change(JAN, 5_000), change(FEB, 5)]},
        FEB,
        ("unit_slip", "error", 0.001, "C1"),
    ),
    "of a risk": (
        {"risks": [risk(JAN), risk(FEB, cost_impact=50_000)]},
        FEB,
        ("unit_slip", "error", 1000, "R1"),
    ),
    "of what is left of a risk": (
        {"risks": [risk(JAN, residual_cost_impact=20), risk(FEB, residual_cost_impact=20_000)]},
        FEB,
        ("unit_slip", "error", 1000, "R1"),
    ),
    "of an opportunity": (
        {"opportunities": [upsell(JAN, 80), upsell(FEB, 80_000)]},
        FEB,
        ("unit_slip", "error", 1000, "U1"),
    ),
    "of an acceptance": (
        {"acceptances": [acceptance(JAN, 80), acceptance(FEB, 80_000)]},
        FEB,
        ("unit_slip", "error", 1000, "A1"),
    ),
    "of an invoice, a report later": (
        {"invoices": [bill(JAN, 80), bill(FEB, 80_000), bill(MAR, 80_000)]},
        MAR,
        ("unit_slip", "error", 1000, "F1"),
    ),
    "planned above the budget": (
        {
            "baselines": [{"baseline_no": 0, "approved_on": "2024-12-01", "baseline_cost": 40}],
            "earned_value": earned(JUN, 30, 30),
        },
        JUN,
        ("pv_above_bac", "error", 1.5, None),
    ),
    "a plan without baseline dates": (
        {"projects": [{"baseline_start": None, "baseline_finish": None}], "earned_value": earned(JAN, 9, 9)},
        JAN,
        ("baseline_undated", "warning", None, None),
    ),
    "a risk without probability, one without impact": (
        {
            "risks": [
                risk(JAN),
                risk(JAN, risk_id="R2", probability=None),
                risk(JAN, risk_id="R3", cost_impact=None),
                risk(JAN, risk_id="R4", cost_impact=None, schedule_impact_days=10),
                risk(JAN, risk_id="R5", probability=None, status="closed"),
            ]
        },
        JAN,
        ("risk_incomplete", "warning", 2, "R2, R3"),
    ),
    "an opportunity without impact": (
        {"risks": [risk(JAN, kind="opportunity", cost_impact=None)]},
        JAN,
        ("opportunity_incomplete", "warning", 1, "R1"),
    ),
    "a rate that jumps": (
        {"projects": [{"currency": "KWD"}], "quality": [{"status_date": FEB}]},
        FEB,
        ("rate_jump", "error", 3.24 / 0.31, "KWD"),
    ),
    "a rate that turns round near one": (
        {"projects": [{"currency": "CHF"}], "quality": [{"status_date": FEB}]},
        FEB,
        ("rate_inverted", "warning", 1.12 / 0.9, "CHF"),
    ),
    "stub": (
        {"projects": [{"is_stub": True}], "quality": [{"status_date": JAN}]},
        JAN,
        ("stub_project", "warning", None, "stub"),
    ),
    "unknown programme": (
        {"projects": [{"programme_id": "NONE"}], "quality": [{"status_date": JAN}]},
        JAN,
        ("unknown_programme", "warning", 1, "NONE"),
    ),
    "unknown milestone": (
        {"delays": [{"delay_id": "D", "status_date": JAN, "cause": "customer", "milestone_id": "M7"}]},
        JAN,
        ("unknown_milestone", "warning", 1, "M7"),
    ),
    "unknown supplier": (
        {"safety": [{"status_date": JAN, "supplier_id": "S7"}]},
        JAN,
        ("unknown_supplier", "warning", 1, "S7"),
    ),
}


@pytest.fixture(scope="module")
def checked() -> duckdb.DuckDBPyConnection:
    cases = {**{name: tables for name, (tables, *_) in CASES.items()}, "sound": SOUND, "yearly": YEARLY}
    return built({**portfolio(cases), "fx_rates": rates("KWD", 0.31, 3.24) + rates("CHF", 0.9, 1.12)})


@pytest.mark.parametrize("case", CASES)
def test_finding(checked: duckdb.DuckDBPyConnection, case: str) -> None:
    _, day, (check, severity, value, detail) = CASES[case]
    got = one(
        checked,
        "from mart_data_quality where project_id = $p and status_date = $d and check_id = $c",
        p=case,
        d=day,
        c=check,
    )
    assert (got["severity"], got["detail"], got["sentence_key"]) == (severity, detail, f"dq.{check}")
    assert got["value"] == (None if value is None else pytest.approx(value))


def test_a_falling_curve_stands_beside_the_figure_that_falls() -> None:
    falling = {
        "plan": curve(MAR, (JAN, 10, 10, 10), (FEB, 8, 18, 18), (MAR, 30, 29, 29)),
        "earned": curve(MAR, (JAN, 10, 10, 10), (FEB, 20, 18, 18), (MAR, 30, 17, 29)),
        "cost": curve(MAR, (JAN, 10, 10, 10), (FEB, 20, 18, 18), (MAR, 30, 29, 17)),
    }
    con = built(portfolio({name: {"earned_value": told} for name, told in falling.items()}))
    got = rows(con, "select project_id, metric from mart_data_quality where check_id = 'curves_fall'")
    assert {row["project_id"]: row["metric"] for row in got} == {"plan": "pv", "earned": "ev", "cost": "ac"}


def test_a_slip_put_right_is_no_finding_any_more() -> None:
    amounts = {JAN: 800, FEB: 800_000, MAR: 810, APR: 820}
    told = [row for day, cost in amounts.items() for row in money("forecast", day, revenue=900, labour=cost)]
    ramp = [
        row
        for day, cost in ((JAN, 0.1), (FEB, 40))
        for row in money("actual", day, labour=800, warranty=cost)
    ]
    con = built(portfolio({"slipped": {"financials": told}, "started": {"financials": ramp}}))
    got = rows(con, "select project_id, status_date from mart_data_quality where check_id = 'unit_slip'")
    assert [(row["project_id"], row["status_date"]) for row in got] == [("slipped", FEB)]


def monthly(table: str, amounts: Sequence[float]) -> Tables:
    """An amount by month: the cost of the forecast, or of a single order."""
    if table == "orders":
        return {"orders": [order(day, amount) for day, amount in zip(MONTHS, amounts, strict=False)]}
    told = (money("forecast", day, labour=cost) for day, cost in zip(MONTHS, amounts, strict=False))
    return {"financials": [row for rows_of_day in told for row in rows_of_day]}


SLIPS: Sequence[tuple[str, Sequence[float], set[date]]] = (
    ("cost", (1, 199.9), set()),
    ("cost", (1, 200), {FEB}),
    ("cost", (199.9, 1), set()),
    ("cost", (200, 1), {FEB}),
    ("cost", (1, 1000, 1000, 1000, 1000, 1000), {FEB, MAR, APR}),
    ("orders", (1, 499), set()),
    ("orders", (1, 500), {FEB}),
    ("orders", (1, 2000), {FEB}),
    ("orders", (1, 2001), set()),
    ("orders", (499, 1), set()),
    ("orders", (500, 1), {FEB}),
    ("orders", (2000, 1), {FEB}),
    ("orders", (2001, 1), set()),
)


def test_how_far_an_amount_may_go_until_its_unit_is_asked() -> None:
    cases = {f"{table} {amounts}": monthly(table, amounts) for table, amounts, _ in SLIPS}
    con = built(portfolio(cases))
    sql = "select status_date from mart_data_quality where project_id = $p and check_id = 'unit_slip'"
    found = {case: {row["status_date"] for row in rows(con, sql, p=case)} for case in cases}
    assert found == {f"{table} {amounts}": days for table, amounts, days in SLIPS}


def reported_on(*days: int) -> Tables:
    """Reports so many days after the last of January."""
    return {"quality": [{"status_date": JAN + timedelta(days=n)} for n in days]}


NEGATIVE = {"earned_value": earned(JAN, 10, -3)}
HANDED_OVER = {"projects": [{"baseline_start": None, "baseline_finish": None, "phase": "plan"}]}
# what stands on the limit of its check, on either side of it → the check, and whether it finds it
LIMITS: dict[str, tuple[Tables, str, bool]] = {
    "revenue a thousandth above": (
        {"financials": money("forecast", JAN, revenue=1001)},
        "revenue_above_contract",
        False,
    ),
    "revenue above that": (
        {"financials": money("forecast", JAN, revenue=1001.01)},
        "revenue_above_contract",
        True,
    ),
    "silent for a month and a half": (reported_on(0, 20, 65), "report_missing", False),
    "silent a day longer": (reported_on(0, 20, 66), "report_missing", True),
    "silent for nearly twice the cadence": (reported_on(0, 30, 89), "report_missing", False),
    "silent for twice the cadence": (reported_on(0, 30, 90), "report_missing", True),
    "delivered on its day": (
        {"quality": [{"status_date": JAN, "delivered_on": JAN}]},
        "delivered_in_future",
        False,
    ),
    "cost below zero is no missing cost": (NEGATIVE, "progress_without_cost", False),
    "cost below zero": (NEGATIVE, "negative_amount", True),
    "one period left out": (
        {
            "earned_value": curve(
                MAY, (JAN, 10, 10, 10), (FEB, 20, 20, 20), (MAR, 30, 30, 30), (MAY, 50, 50, 50)
            )
        },
        "periods_missing",
        True,
    ),
    "the same earned again at the same cost": (
        {"earned_value": earned(JAN, 10, 10) + earned(FEB, 10, 10)},
        "ev_falls",
        False,
    ),
    "nothing spent, nothing earned": (
        {"earned_value": earned(JAN, 10, 10) + earned(FEB, 10, 10)},
        "cost_without_progress",
        False,
    ),
    "cost after all is earned": (
        {"earned_value": earned(JAN, 120, 110) + earned(FEB, 120, 115)},
        "cost_without_progress",
        False,
    ),
    "all is earned": ({"earned_value": earned(JUN, 120, 120)}, "ev_above_bac", False),
    "the whole plan": ({"earned_value": earned(FINISH, 110, 120)}, "pv_above_bac", False),
    "CPI on its upper limit": ({"earned_value": earned(JUN, 55, 50)}, "cpi_high", False),
    "SPI on its upper limit": ({"earned_value": earned(JUN, 66, 66)}, "spi_high", False),
    "SPI(t) on its upper limit": ({"earned_value": earned(JUN, 66, 66)}, "spi_t_high", False),
    "earned value as old as it may be": (
        {"earned_value": earned(JAN, 10, 10), "quality": [{"status_date": JAN + timedelta(days=35)}]},
        "ev_old",
        False,
    ),
    "earned value a day older": (
        {"earned_value": earned(JAN, 10, 10), "quality": [{"status_date": JAN + timedelta(days=36)}]},
        "ev_old",
        True,
    ),
    "earned value old, and complete": (
        {"earned_value": earned(JAN, 120, 110), "quality": [{"status_date": MAR}]},
        "ev_old",
        False,
    ),
    "a milestone reached today": (
        {"milestones": [milestone(JAN, actual_date=JAN)]},
        "milestone_in_future",
        False,
    ),
    "a milestone expected today": (
        {"milestones": [milestone(JAN, forecast_date=JAN)]},
        "milestone_overtaken",
        False,
    ),
    "a site on air today": (
        {"sites": [{"site_id": "S1", "status_date": JAN, "stage": "on_air", "actual_on_air": JAN}]},
        "site_in_future",
        False,
    ),
    "a finish expected today": (
        {"status_reports": [{"status_date": MAR, "forecast_finish": MAR}]},
        "finish_in_past",
        False,
    ),
    "a finish reported for today, beside a milestone": (
        {
            "status_reports": [{"status_date": MAR, "forecast_finish": MAR}],
            "milestones": [milestone(MAR, forecast_date=FINISH)],
        },
        "reported_finish_in_past",
        False,
    ),
    "a baseline of one day": (
        {"projects": [{"baseline_finish": date(2025, 1, 1)}], "quality": [{"status_date": JAN}]},
        "baseline_reversed",
        False,
    ),
    "no baseline yet": ({**HANDED_OVER, "quality": [{"status_date": JAN}]}, "no_baseline", False),
    "a closed risk without probability": (
        {"risks": [risk(JAN, probability=None, status="closed")]},
        "risk_incomplete",
        False,
    ),
    "the project's own currency, said and not said": (
        {"earned_value": curve(FEB, (JAN, 10, 9, 9)) + curve(FEB, (FEB, 20, 18, 18), currency="USD")},
        "currencies_mixed",
        False,
    ),
    "two currencies, one of them not said": (
        {"earned_value": curve(FEB, (JAN, 10, 9, 9)) + curve(FEB, (FEB, 20, 18, 18), currency="EUR")},
        "currencies_mixed",
        True,
    ),
    "no currency": (
        {"projects": [{"currency": None}], "quality": [{"status_date": JAN}]},
        "usd_rate_missing",
        False,
    ),
    "a risk, without a planned rate": ({"risks": [risk(JAN, currency="KWD")]}, "rate_missing", False),
    "a forecast, without a planned rate": (
        {"financials": [{**row, "currency": "KWD"} for row in money("forecast", JAN, labour=80)]},
        "rate_missing",
        True,
    ),
    "a plan, at a planned rate": (
        {"earned_value": curve(JAN, (JAN, 10, 9, 9), currency="JOD")},
        "rate_missing",
        False,
    ),
    "a risk, at a planned rate": ({"risks": [risk(JAN, currency="JOD")]}, "rate_missing", True),
    "a milestone told of on the same day": (
        {
            "milestones": [milestone(JAN, forecast_date=FINISH)],
            "delays": [{"delay_id": "D", "status_date": JAN, "cause": "customer", "milestone_id": "M1"}],
        },
        "unknown_milestone",
        False,
    ),
}


@pytest.fixture(scope="module")
def limited() -> duckdb.DuckDBPyConnection:
    told = rates("KWD", 0.31, 0.31) + rates("JOD", 0.71, basis="plan")
    return built({**portfolio({name: tables for name, (tables, *_) in LIMITS.items()}), "fx_rates": told})


@pytest.mark.parametrize("case", LIMITS)
def test_where_a_check_begins(limited: duckdb.DuckDBPyConnection, case: str) -> None:
    _, check, is_found = LIMITS[case]
    sql = "from mart_data_quality where project_id = $p and check_id = $c"
    assert bool(rows(limited, sql, p=case, c=check)) == is_found


# rates of the months of 2025 from January on → the months with a finding, and which
RATES: dict[str, tuple[tuple[float, ...], dict[date, str]]] = {
    "MXN": ((18.2, 18.6, 19.9, 17.1, 18.8, 20.3), {}),
    "KWD": ((0.307, 3.257, 0.307, 0.308, 0.307, 0.307), {FEB: "rate_jump"}),
    "OMR": ((0.385, 0.385, 2.6, 2.6, 2.6, 2.6), {MAR: "rate_jump", APR: "rate_jump", MAY: "rate_jump"}),
    "BHD": ((0.376, 2.66, 0.376, 2.66, 0.376, 0.376), {FEB: "rate_jump", APR: "rate_jump"}),
    "EUR": ((0.95, 0.96, 1.05, 0.96, 0.95, 0.94), {MAR: "rate_inverted"}),
    "CHF": ((0.98, 1.03, 0.98, 1.02, 0.97, 0.99), {}),
    "ARS": ((365.0, 800.0, 830.0, 850.0, 880.0, 900.0), {}),
    "CRC": ((500.0, 1490.0, 1490.0, 1490.0, 1490.0, 1490.0), {}),
    "GTQ": ((5.0, 15.01, 15.0, 15.0, 15.0, 15.0), {FEB: "rate_jump", MAR: "rate_jump", APR: "rate_jump"}),
    # back, if not all the way; back too far to be the same slip put right
    "NIO": ((10.0, 40.0, 12.0, 12.0, 12.0, 12.0), {FEB: "rate_jump"}),
    "PYG": (
        (10.0, 40.0, 6.0, 6.0, 6.0, 6.0),
        {FEB: "rate_jump", MAR: "rate_jump", APR: "rate_jump", MAY: "rate_jump"},
    ),
    # not the inverse of the rate before
    "GBP": ((0.95, 1.12, 1.12, 1.12, 1.12, 1.12), {}),
}


def test_rates_that_jump() -> None:
    cases = {
        code: {"projects": [{"currency": code}], "quality": [{"status_date": day} for day in MONTHS]}
        for code in RATES
    }
    told = [row for code, (values, _) in RATES.items() for row in rates(code, *values)]
    con = built({**portfolio(cases), "fx_rates": told})
    sql = "select status_date, check_id, metric from mart_data_quality where project_id = $p and check_id like 'rate_%'"
    for code, (_, expected) in RATES.items():
        found = rows(con, sql, p=code)
        assert {row["status_date"]: row["check_id"] for row in found} == expected, code
        assert {row["metric"] for row in found} <= {"contract_value"}


def test_a_jump_of_a_foreign_rate_stands_beside_the_cost() -> None:
    forecast = [{**row, "currency": "KWD"} for row in money("forecast", FEB, labour=80)]
    con = built({**portfolio({"P": {"financials": forecast}}), "fx_rates": rates("KWD", 0.31, 3.24)})
    got = one(con, "from mart_data_quality where check_id = 'rate_jump'")
    assert (got["metric"], got["detail"], got["source_refs"][0]["file"]) == (
        "cost_forecast",
        "KWD",
        "fx_rates.csv",
    )


def test_an_item_that_slips_back_or_is_in_another_currency_is_no_finding() -> None:
    cases: dict[str, Tables] = {
        "back": {"orders": [order(JAN, 700), order(FEB, 700_000), order(MAR, 700)]},
        "currency": {"orders": [order(JAN, 700), {**order(FEB, 700_000), "currency": "COP"}]},
        "grown": {"orders": [order(JAN, 700), order(FEB, 70_000)]},
    }
    con = built({**portfolio(cases), "fx_rates": rates("COP", 4_000, 4_000)})
    got = rows(con, "select project_id, status_date from mart_data_quality where check_id = 'unit_slip'")
    assert got == [{"project_id": "back", "status_date": FEB}]


def test_a_slip_of_an_item_knows_its_row(checked: duckdb.DuckDBPyConnection) -> None:
    got = one(
        checked,
        "from mart_data_quality where project_id = 'a thousand-fold slip of an order' and status_date = $d",
        d=FEB,
    )
    assert [(ref["table"], ref["file"]) for ref in got["source_refs"]] == [("orders", "orders.csv")]


def test_every_check_has_a_case() -> None:
    sql = (files("metrics") / "marts" / "52_data_quality.sql").read_text(encoding="utf-8")
    checks = set(re.findall(r"status_date, '(\w+)', '(?:error|warning|info)'", sql))
    checks |= set(re.findall(r"'(unknown_\w+)'", sql))
    assert checks == {check for _, _, (check, *_) in CASES.values()}


def test_a_sound_project_has_no_finding(checked: duckdb.DuckDBPyConnection) -> None:
    assert rows(checked, "from mart_data_quality where project_id in ('sound', 'yearly')") == []


def test_one_row_per_check(checked: duckdb.DuckDBPyConnection) -> None:
    twice = "select 1 from mart_data_quality group by project_id, status_date, check_id having count(*) > 1"
    assert rows(checked, twice) == []


def test_findings_know_their_rows(checked: duckdb.DuckDBPyConnection) -> None:
    got = one(
        checked,
        "from mart_data_quality where project_id = 'unknown milestone' and check_id = 'unknown_milestone'",
    )
    assert got["source_refs"][0]["file"] == "delays.csv"
    assert got["source_refs"][0]["row"] == 2


def test_a_corrected_delivery_ends_the_finding() -> None:
    known = {"milestones": [{**milestone(FEB, forecast_date=FINISH), "milestone_id": "M7"}]}
    delay = {"delay_id": "D", "status_date": JAN, "cause": "customer", "milestone_id": "M7"}
    con = built(portfolio({"P": {"delays": [delay], **known}}))
    got = rows(con, "select status_date from mart_data_quality where check_id = 'unknown_milestone'")
    assert [row["status_date"] for row in got] == [JAN]


@pytest.mark.parametrize("language", languages())
def test_every_check_has_its_sentence(language: str) -> None:
    t = translator(language)
    for _, _, (check, *_) in CASES.values():
        assert t.t(f"dq.{check}", value="1", detail="x")
