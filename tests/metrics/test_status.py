"""mart_project_status: its columns, what holds on a date, quality and safety, and watermelons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics.definitions import definitions
from metrics.rules import load_rules
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

NAMED = """
    project_id status_date previous_status_date next_status_date name programme_id programme_name customer
    country region business_line project_manager sponsor phase contract_type currency contract_value
    current_contract_value revenue_method is_stub bac pv ev ac cv sv cpi spi eac etc vac tcpi
    percent_complete percent_planned ev_method ev_status_date earned_schedule sv_t spi_t
    es_forecast_finish baseline_finish original_baseline_finish contract_finish forecast_finish
    forecast_finish_source slip_days slip_days_original slip_days_contract slip_working_days
    rebaseline_count milestones_due milestones_met milestone_hit_rate bei sites_planned sites_on_air
    sites_accepted revenue_as_sold cost_as_sold margin_as_sold margin_pct_as_sold revenue_baseline
    cost_baseline margin_baseline margin_pct_baseline revenue_forecast cost_forecast margin_forecast
    margin_pct_forecast margin_erosion_pp contingency_left ld_booked ld_probable ld_maximum risk_exposure
    opportunity_exposure unbilled overdue_receivables cost_without_order open_changes_value rag_cost
    rag_scope rag_schedule rag_quality rag_overall reported_cost reported_scope reported_schedule
    reported_quality reported_overall watermelon completeness
"""
"""Column names that others rely on."""

WORDS = """
    project_id status_date previous_status_date next_status_date name programme_id programme_name customer
    country region business_line project_manager sponsor phase contract_type currency
    revenue_method is_stub ev_method ev_status_date baseline_start original_baseline_start
    forecast_as_of forecast_finish_source satisfaction_on reported_on reported_cost reported_scope reported_schedule
    reported_quality reported_overall reported_forecast_finish reported_summary reported_achievements
    reported_next_steps reported_decisions reported_by rag_overall_since deciding_dimension deciding_rule
    held watermelon_tests
    watermelon_since watermelon_findings rules_set
"""
"""Columns that identify, date or quote, and so are no metrics."""


def report(day: date, overall: str | None = None, finish: date | None = None, **more: Any) -> Row:
    return {"status_date": day, "reported_overall": overall, "forecast_finish": finish, **more}


def safe(day: date, supplier: str = "S1", **values: Any) -> Row:
    return {"status_date": day, "supplier_id": supplier, **values}


def check(day: date, **values: Any) -> Row:
    return {"status_date": day, "gate": "sell_to_execute", "check_id": "K", "title": "Signed", **values}


def upsell(day: date, value: float, probability: float | None, number: int = 1) -> Row:
    row = {"status_date": day, "opportunity_id": f"U{number}", "title": "More sites"}
    return {**row, "value": value, "probability": probability}


CASES: dict[str, Tables] = {
    "identity": {
        "programmes": [
            {"programme_id": "G", "name": "Growth", "customer": "Telenorte", "sponsor": "A. Ruiz"}
        ],
        "projects": [{"programme_id": "G", "project_manager": "L. Paz", "region": "Jalisco"}],
        "status_reports": [
            report(JAN, "green", reported_by="L. Paz", summary="All well."),
            report(MAR, "red"),
        ],
    },
    "two tables": {
        "status_reports": [report(JAN, "green"), report(MAR, "amber")],
        "quality": [{"status_date": FEB, "defects_critical": 1, "defects_major": 2, "defects_minor": 3}],
    },
    "safety": {
        "safety": [
            safe(JAN, hours_worked=400_000, lost_time_incidents=1, fatalities=0),
            safe(FEB, hours_worked=300_000, lost_time_incidents=0, fatalities=0),
            safe(FEB, "S2", hours_worked=300_000, lost_time_incidents=2, fatalities=1),
        ]
    },
    "a year of safety": {
        "safety": [
            safe(date(2024, 1, 31), hours_worked=1000, lost_time_incidents=9),
            safe(date(2024, 2, 29), hours_worked=1_000_000, lost_time_incidents=1),
            safe(JAN, hours_worked=1_000_000, lost_time_incidents=0),
        ]
    },
    "a year of safety to the day": {
        "safety": [
            safe(date(2024, 2, 1), hours_worked=1000, lost_time_incidents=9),
            safe(date(2024, 2, 2), hours_worked=1_000_000, lost_time_incidents=1),
            safe(JAN, hours_worked=1_000_000, lost_time_incidents=0),
        ]
    },
    "surveys of thirty days": {
        "satisfaction": [
            {"surveyed_on": "2025-01-29", "score": 1},
            {"surveyed_on": "2025-01-30", "score": 6},
            {"surveyed_on": FEB, "score": 8},
        ],
        "quality": [{"status_date": FEB}],
    },
    "surveys": {
        "satisfaction": [
            {"surveyed_on": "2025-01-10", "score": 4, "complaints_open": 2},
            {"surveyed_on": "2025-02-20", "score": 9},
            {"surveyed_on": "2025-02-28", "score": 8, "complaints_open": 1},
            {"surveyed_on": "2025-12-01", "score": 1},
        ],
        "quality": [{"status_date": day} for day in (JAN, FEB, MAR)],
    },
    "checks": {
        "handovers": [check(JAN, due_on="2025-02-10"), check(MAR, due_on="2025-02-10", done_on="2025-03-15")],
        "quality": [{"status_date": FEB}],
    },
    "checks without a date": {"handovers": [check(JAN)]},
    "upsell": {"opportunities": [upsell(JAN, 100, 0.5), upsell(JAN, 50, None, 2), upsell(FEB, 80, 0.25)]},
    "no mandatory checks": {"handovers": [check(JAN, mandatory=False, due_on="2025-01-01")]},
}

# case, date → columns and what they hold
EXPECTED: Sequence[tuple[str, date, Row]] = (
    (
        "identity",
        JAN,
        {
            "name": "identity",
            "programme_name": "Growth",
            "customer": "Telenorte",
            "sponsor": "A. Ruiz",
            "project_manager": "L. Paz",
            "region": "Jalisco",
            "next_status_date": MAR,
            "previous_status_date": None,
            "reported_overall": "green",
            "reported_by": "L. Paz",
            "reported_summary": "All well.",
            "rag_overall": "grey",
            "rag_overall_since": JAN,
            "deciding_rule": None,
            "completeness": 0.0,
            "watermelon": False,
        },
    ),
    (
        "two tables",
        FEB,
        {"reported_overall": "green", "reported_on": JAN, "defects_critical": 1, "defects_minor": 3},
    ),
    (
        "two tables",
        MAR,
        {"reported_overall": "amber", "reported_on": MAR, "defects_critical": 1, "defects_major": 2},
    ),
    ("safety", JAN, {"lost_time_incidents": 1, "fatalities": 0, "ltifr_12m": 2.5}),
    ("safety", FEB, {"lost_time_incidents": 2, "fatalities": 1, "ltifr_12m": 4.0}),
    ("a year of safety", JAN, {"lost_time_incidents": 0, "ltifr_12m": 0.5}),
    ("a year of safety to the day", JAN, {"ltifr_12m": 0.5}),
    ("surveys of thirty days", FEB, {"satisfaction": 7.0}),
    ("surveys", JAN, {"satisfaction": 4.0, "complaints_open": 2, "satisfaction_on": date(2025, 1, 10)}),
    ("surveys", FEB, {"satisfaction": 8.5, "complaints_open": 1, "satisfaction_on": FEB}),
    ("surveys", MAR, {"satisfaction": 8.5, "complaints_open": 1}),
    ("checks", JAN, {"handover_checks_overdue": 0}),
    ("checks", FEB, {"handover_checks_overdue": 1}),
    ("checks", MAR, {"handover_checks_overdue": 0}),
    ("checks without a date", JAN, {"handover_checks_overdue": None}),
    ("no mandatory checks", JAN, {"handover_checks_overdue": 0}),
    ("upsell", JAN, {"upsell_pipeline": 150, "upsell_weighted": 50}),
    ("upsell", FEB, {"upsell_pipeline": 80, "upsell_weighted": 20}),
)


@pytest.fixture(scope="module")
def given() -> duckdb.DuckDBPyConnection:
    tables = portfolio(CASES)
    for row in tables["programmes"]:
        del row["project_id"]
    return built(tables)


@pytest.mark.parametrize(("case", "day", "expected"), EXPECTED, ids=[f"{c}-{d:%b}" for c, d, _ in EXPECTED])
def test_status(given: duckdb.DuckDBPyConnection, case: str, day: date, expected: Row) -> None:
    got = one(given, "from mart_project_status where project_id = $p and status_date = $d", p=case, d=day)
    assert {name: got[name] for name in expected} == expected


def test_columns_that_others_rely_on(given: duckdb.DuckDBPyConnection) -> None:
    columns = [
        name for (name,) in given.execute("select column_name from (describe mart_project_status)").fetchall()
    ]
    assert set(NAMED.split()) <= set(columns)
    assert len(columns) == len(set(columns))


def test_every_measure_has_a_definition(given: duckdb.DuckDBPyConnection) -> None:
    columns = {
        name for (name,) in given.execute("select column_name from (describe mart_project_status)").fetchall()
    }
    defined = {d.id for d in definitions() if d.is_status}
    assert columns - set(WORDS.split()) == defined


def test_every_definition_is_a_column_of_its_mart(given: duckdb.DuckDBPyConnection) -> None:
    held: dict[str, set[str]] = {}
    for table, column in given.execute("select table_name, column_name from duckdb_columns()").fetchall():
        held.setdefault(table, set()).add(column)
    wrong = [d.id for d in definitions() if d.column not in held[d.mart]]
    assert wrong == []


def test_as_of_a_date_is_one_row_per_project(given: duckdb.DuckDBPyConnection) -> None:
    for day in (date(2024, 12, 31), JAN, date(2025, 2, 14), FEB, date(2026, 1, 1)):
        got = rows(
            given,
            """
            select project_id, count(*) as statuses, max(status_date) <= $d as is_past
            from mart_project_status
            where status_date <= $d and (next_status_date is null or next_status_date > $d)
            group by project_id
            """,
            d=day,
        )
        assert all(row["statuses"] == 1 and row["is_past"] for row in got)


def course(
    ev: Sequence[float],
    overall: str = "green",
    finish: Sequence[date] | None = None,
    ac: Sequence[float] | None = None,
) -> Tables:
    """A report a month from January on: earned value and cost to date, one colour, a stated finish."""
    days = MONTHS[: len(ev)]
    said = finish or [date(2025, 12, 31)] * len(ev)
    spent = ac or [value * 1.01 for value in ev]
    return {
        "earned_value": [
            row for day, value, cost in zip(days, ev, spent, strict=True) for row in earned(day, value, cost)
        ],
        "status_reports": [report(day, overall, on) for day, on in zip(days, said, strict=True)],
    }


def spending(ev: Sequence[float], ac: Sequence[float]) -> Tables:
    """The same, with a forecast cost of nine tenths of the budget."""
    forecast = [row for day in MONTHS for row in money("forecast", day, revenue=150, labour=108)]
    return {**course(ev, ac=ac), "financials": forecast}


ON_TIME, LATER = date(2025, 12, 31), date(2026, 1, 31)
PLAN = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0]
FALLING = [10, 20, 29.7, 38, 46.5, 54.6]
OVERDUE = {
    "milestone_id": "M1",
    "name": "Go live",
    "kind": "contractual",
    "contract_date": "2025-03-10",
    "baseline_date": "2025-12-31",
}


def late_by_baseline(**more: Any) -> Row:
    """A milestone without a contract date that should have been reached in January."""
    dates = {"baseline_date": "2025-01-15", "forecast_date": "2025-04-30"}
    return {"milestone_id": "M1", "name": "Live", "kind": "internal", "status_date": MAR, **dates, **more}


MELONS: dict[str, tuple[Tables, dict[str, date]]] = {
    "as good as it says": (course(PLAN), {}),
    "says worse": (course(PLAN, "red"), {}),
    "amber for red": (
        {
            **course(PLAN, "amber"),
            "quality": [{"status_date": day, "defects_critical": 4} for day in (APR, MAY, JUN)],
        },
        {"reported_better": APR},
    ),
    "low SPI(t)": (course([8, 16, 24, 32, 40, 48]), {"reported_better": MAR, "low_spi_t": MAR}),
    "frozen forecast": (
        course(FALLING),
        {"frozen_forecast": MAR, "reported_better": MAY},
    ),
    "frozen while SPI(t) falls at the end": (
        course([9.7, 19.4, 27.3]),
        {"frozen_forecast": MAR, "reported_better": MAR},
    ),
    "SPI(t) falls by less than it may": (course([10, 20, 29.76]), {}),
    "SPI(t) stands still, then falls": (course([10, 20, 30, 40, 49.2]), {"frozen_forecast": MAY}),
    "SPI(t) falls, then stands still": (course([10, 19.6, 29.4]), {"frozen_forecast": MAR}),
    "SPI(t) falls, then recovers a little": (course([10, 19.6, 29.6]), {}),
    "its own forecast moves, the computed one does not": (
        {
            **course(FALLING[:3], finish=[ON_TIME, LATER, LATER]),
            "milestones": [
                {**OVERDUE, "status_date": day, "contract_date": None, "forecast_date": ON_TIME}
                for day in MONTHS[:3]
            ],
        },
        {},
    ),
    "moving forecast": (
        course(FALLING, finish=[ON_TIME, ON_TIME, ON_TIME, LATER, LATER, date(2026, 2, 28)]),
        {"reported_better": APR},
    ),
    "progress is spend": (course(PLAN, ac=PLAN), {"progress_is_spend": MAR}),
    "progress is share of forecast": (
        spending(PLAN, [value * 0.9 for value in PLAN]),
        {"progress_is_spend": MAR},
    ),
    "progress is spend, to a twentieth of a percent": (
        course(PLAN, ac=[value * 1.0005 for value in PLAN]),
        {"progress_is_spend": MAR},
    ),
    "progress is not quite spend": (course(PLAN, ac=[value * 1.001 for value in PLAN]), {}),
    "progress is share of forecast, to a twentieth of a percent": (
        spending(PLAN, [value * 0.9 * 1.0005 for value in PLAN]),
        {"progress_is_spend": MAR},
    ),
    "progress is not quite share of forecast": (
        spending(PLAN, [value * 0.9 * 1.001 for value in PLAN]),
        {},
    ),
    "progress is spend, and stands still": (
        course([10, 10, 10], ac=[10, 10, 10], finish=[ON_TIME, LATER, ON_TIME]),
        {"reported_better": FEB},
    ),
    "progress is spend to the end": (
        course([100, 110, 120], ac=[100, 110, 120], finish=[ON_TIME, LATER, ON_TIME]),
        {"reported_better": FEB},
    ),
    "progress is spend, reported twice": (
        {**course([10, 20], ac=[10, 20]), "quality": [{"status_date": MAR}]},
        {},
    ),
    "progress is spend, amber": (course(PLAN, "amber", ac=PLAN), {}),
    "margin lost": (
        {
            "status_reports": [report(day, "green") for day in (JAN, FEB)],
            "financials": money("as_sold", JAN, revenue=100, labour=80)
            + money("forecast", JAN, revenue=100, labour=80)
            + money("forecast", FEB, revenue=100, labour=82),
        },
        {"reported_better": FEB, "margin_lost": FEB},
    ),
    "overdue milestone": (
        {
            "status_reports": [report(day, "green") for day in (FEB, MAR, APR)],
            "milestones": [
                {**OVERDUE, "status_date": day, "forecast_date": "2025-12-31"} for day in (FEB, MAR, APR)
            ],
        },
        {"reported_better": FEB, "overdue_milestone": MAR},
    ),
    "due on the day of the report": (
        {
            "status_reports": [report(MAR, "green")],
            "milestones": [{**OVERDUE, "status_date": MAR, "contract_date": MAR, "forecast_date": MAR}],
        },
        {},
    ),
    "overdue by its baseline, contractual": (
        {
            "status_reports": [report(MAR, "green")],
            "milestones": [late_by_baseline(kind="contractual"), late_by_baseline(milestone_id="M2")],
        },
        {"overdue_milestone": MAR, "reported_better": MAR},
    ),
    "overdue by its baseline, of no contract": (
        {"status_reports": [report(MAR, "green")], "milestones": [late_by_baseline()]},
        {"reported_better": MAR},
    ),
    "overdue by its baseline, the finish": (
        {
            "projects": [{"finish_milestone_id": "M1"}],
            "status_reports": [report(MAR, "green")],
            "milestones": [late_by_baseline()],
        },
        {"overdue_milestone": MAR, "reported_better": MAR},
    ),
    "overdue, but granted": (
        {
            "status_reports": [report(day, "green") for day in (FEB, MAR)],
            "milestones": [
                {**OVERDUE, "status_date": day, "forecast_date": "2025-04-05", "baseline_date": "2025-04-05"}
                for day in (FEB, MAR)
            ],
            "delays": [
                {
                    "status_date": FEB,
                    "delay_id": "D",
                    "cause": "customer",
                    "milestone_id": "M1",
                    "days_granted": 30,
                }
            ],
        },
        {},
    ),
    "says nothing": ({"quality": [{"status_date": JAN, "defects_critical": 4}]}, {}),
    "one dimension": (
        {
            "status_reports": [report(JAN, None, reported_quality="green")],
            "quality": [{"status_date": JAN, "defects_critical": 4}],
        },
        {"reported_better": JAN},
    ),
}


@pytest.fixture(scope="module")
def melons() -> duckdb.DuckDBPyConnection:
    return built(portfolio({name: tables for name, (tables, _) in MELONS.items()}))


@pytest.mark.parametrize("case", MELONS)
def test_watermelon(melons: duckdb.DuckDBPyConnection, case: str) -> None:
    got = one(
        melons,
        "select watermelon, watermelon_tests, watermelon_findings, watermelon_since from mart_project_status"
        " where project_id = $p and next_status_date is null",
        p=case,
    )
    expected = MELONS[case][1]
    assert {finding["test"]: finding["since"] for finding in got["watermelon_findings"] or []} == expected
    assert set(got["watermelon_tests"]) == set(expected)
    assert got["watermelon"] == bool(expected)
    assert got["watermelon_since"] == min(expected.values(), default=None)


OFF = "".join(f"[rules.{rule}]\noff = true\n" for rule in ("schedule_spi_t", "cost_margin_lost_pp"))


def test_where_a_rule_is_off_its_usual_limit_holds(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(OFF, encoding="utf-8")

    def lost(points: float) -> Tables:
        sold = money("as_sold", JAN, revenue=100, labour=80)
        return {
            "status_reports": [report(JAN, "green")],
            "financials": sold + money("forecast", JAN, revenue=100, labour=80 + points),
        }

    cases = {
        "SPI(t) of 0.90": course([9]),
        "SPI(t) of 0.89": course([8.9]),
        "a point lost": lost(1),
        "less lost": lost(0.99),
    }
    con = built(portfolio(cases), load_rules(path))
    got = rows(con, "select project_id, watermelon_tests from mart_project_status")
    assert {row["project_id"]: row["watermelon_tests"] for row in got} == {
        "SPI(t) of 0.90": [],
        "SPI(t) of 0.89": ["low_spi_t"],
        "a point lost": ["margin_lost"],
        "less lost": [],
    }
