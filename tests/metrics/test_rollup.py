"""mart_rollup_status: sums first, then indices, over what is known, at each basis."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics.build import build_marts
from metrics.rules import load_rules, write_rules
from tests.metrics.portfolio import APR, FEB, JUN, MAR, MAY, Row, built, earned, money, one, portfolio, rows


def rate(day: date, currency: str, per_usd: float, basis: str = "actual") -> Row:
    return {"currency": currency, "rate_date": day, "basis": basis, "per_usd": per_usd}


RATES = [
    rate(date(2025, 1, 1), "MXN", 20, "plan"),
    rate(date(2025, 6, 2), "MXN", 18),
    rate(date(2025, 6, 30), "MXN", 22),
    rate(date(2025, 6, 15), "COP", 4000),
]
MEXICAN = {"country": "MX", "programme_id": "G1", "business_line": "RAN"}


@pytest.fixture(scope="module")
def rolled() -> duckdb.DuckDBPyConnection:
    cases = {
        "A": {
            "projects": [MEXICAN],
            "earned_value": earned(JUN, 100, 125, bac=1000),
            "financials": money("as_sold", revenue=1000, labour=800)
            + money("forecast", revenue=1000, labour=850),
            "quality": [{"status_date": JUN, "defects_critical": 4}],
        },
        "B": {
            "projects": [{**MEXICAN, "contract_value": 3000}],
            "earned_value": earned(JUN, 900, 900, bac=1200),
            "financials": money("forecast", revenue=2000, labour=1000),
            "quality": [{"status_date": JUN, "defects_critical": 0}],
        },
        "pesos": {
            "projects": [
                {"country": "MX", "currency": "MXN", "contract_value": 2000, "business_line": "Core"}
            ],
            "financials": money("as_sold", revenue=200, labour=100)
            + money("forecast", revenue=200, labour=120),
        },
        "no rate": {
            "projects": [{"country": "CO", "currency": "GTQ", "programme_id": "G2"}],
            "financials": money("forecast", revenue=200, labour=100),
        },
        "old": {
            "projects": [{"country": "CO", "programme_id": "G2"}],
            "quality": [{"status_date": FEB, "defects_critical": 0}],
        },
        "old and red": {
            "projects": [{"country": "CO", "programme_id": "G2"}],
            "quality": [{"status_date": FEB, "defects_critical": 9}],
        },
        "bid": {
            "projects": [{"phase": "bid", "country": "CO"}],
            "quality": [{"status_date": JUN, "defects_critical": 9}],
        },
        "gone": {
            "projects": [{"phase": "cancelled"}],
            "quality": [{"status_date": JUN, "defects_critical": 9}],
        },
        "done": {
            "projects": [{"phase": "closed"}],
            "quality": [{"status_date": JUN, "defects_critical": 9}],
        },
    }
    tables: dict[str, list[Row]] = {**portfolio(cases), "fx_rates": RATES}
    tables["programmes"] = [{"programme_id": "G1", "name": "Growth", "customer": "Telenorte"}]
    return built(tables)


def at(
    con: duckdb.DuckDBPyConnection, level: str = "portfolio", level_id: str = "portfolio", **where: Any
) -> Row:
    asked = {"m": JUN, "b": "plan", **where}
    sql = "from mart_rollup_status where level = $l and level_id = $i and month_end = $m and basis = $b"
    return one(con, sql, l=level, i=level_id, **asked)


def test_sums_first_then_the_index(rolled: duckdb.DuckDBPyConnection) -> None:
    """CPI of 1000 earned for 1025 spent; the mean of 0.80 and 1.00 would be wrong."""
    got = at(rolled, "programme", "G1")
    assert (got["ev"], got["ac"], got["projects"], got["cpi_projects"]) == (1000, 1025, 2, 2)
    assert got["cpi"] == pytest.approx(1000 / 1025)
    assert got["eac"] == pytest.approx(float(125 + 900 / 0.8) + 1200)


def test_margin_over_projects_that_have_all_of_it(rolled: duckdb.DuckDBPyConnection) -> None:
    got = at(rolled, "programme", "G1")
    assert got["margin_pct_forecast"] == pytest.approx((150 + 1000) / 3000)
    assert got["margin_pct_as_sold"] == pytest.approx(0.2)
    # like with like: B was never sold, so it is no part of the change
    assert got["margin_erosion_pp"] == pytest.approx(-5)
    assert (got["margin_pct_forecast_projects"], got["margin_erosion_pp_projects"]) == (2, 1)
    assert got["revenue_forecast"] == 3000


@pytest.mark.parametrize(("basis", "per_usd"), [("plan", 20), ("average", 20), ("closing", 22)])
def test_basis(rolled: duckdb.DuckDBPyConnection, basis: str, per_usd: float) -> None:
    got = at(rolled, "business_line", "Core", b=basis)
    assert float(got["revenue_forecast"]) == pytest.approx(200 / per_usd, abs=1e-4)
    assert got["margin_pct_forecast"] == pytest.approx(0.4)
    assert got["margin_erosion_pp"] == pytest.approx(-10)


def test_a_missing_rate_is_counted_and_nothing_is_made_up(rolled: duckdb.DuckDBPyConnection) -> None:
    got = at(rolled, "programme", "G2")
    assert (got["projects"], got["fx_missing"], got["revenue_forecast"]) == (3, 1, None)
    assert got["revenue_forecast_projects"] == 0
    whole = at(rolled)
    assert (whole["projects"], whole["fx_missing"], whole["revenue_forecast_projects"]) == (6, 1, 3)


def test_colours_are_counted_and_weighed(rolled: duckdb.DuckDBPyConnection) -> None:
    got = at(rolled, "programme", "G1")
    assert (got["green"], got["amber"], got["red"], got["grey"]) == (1, 0, 1, 0)
    assert got["value_green"] == pytest.approx(0.75)
    assert got["value_red"] == pytest.approx(0.25)


def test_an_old_green_is_grey(rolled: duckdb.DuckDBPyConnection) -> None:
    fresh = at(rolled, "programme", "G2", m=MAR)
    assert (fresh["green"], fresh["red"], fresh["grey"], fresh["projects_reported"]) == (1, 1, 0, 2)
    old = at(rolled, "programme", "G2")
    assert (old["green"], old["red"], old["grey"], old["projects_reported"]) == (0, 1, 2, 1)


def test_colours_weigh_what_the_contract_is_worth_by_now() -> None:
    approved = {
        "change_id": "C",
        "title": "More",
        "status": "approved",
        "status_date": JUN,
        "revenue_impact": 1000,
    }
    cases = {
        "green": {"quality": [{"status_date": JUN, "defects_critical": 0}], "changes": [approved]},
        "red": {"quality": [{"status_date": JUN, "defects_critical": 9}]},
    }
    got = at(built(portfolio(cases)))
    assert (got["value_green"], got["value_red"]) == (pytest.approx(2 / 3), pytest.approx(1 / 3))


def test_slips_do_not_add_up_either() -> None:
    def late(days: int) -> dict[str, list[Row]]:
        plan = {"milestone_id": "M", "name": "Live", "status_date": JUN, "baseline_date": JUN}
        return {"milestones": [{**plan, "forecast_date": JUN + timedelta(days=days)}]}

    got = at(built(portfolio({"a": late(0), "b": late(10), "c": late(50)})))
    assert (got["slip_days_median"], got["slip_days_worst"], got["slip_days_projects"]) == (10, 50, 3)


def reported_on(day: date) -> dict[str, list[Row]]:
    return {"quality": [{"status_date": day, "defects_critical": 0}]}


def test_how_old_a_green_may_be_is_a_setting_of_its_time(tmp_path: Path) -> None:
    """Until June, 35 days; by the rules that came with the newest report of June, a hundred."""
    path = tmp_path / "rules.toml"
    path.write_text(f"valid_from = {JUN}\n[settings]\nstale_after_days = 100\n", encoding="utf-8")
    ages = {"35 days in May": (MAY, 35), "36 days in May": (MAY, 36), "101 days in June": (JUN, 101)}
    cases = {name: reported_on(end - timedelta(days=age)) for name, (end, age) in ages.items()}
    con = built(portfolio({**cases, "newest": reported_on(JUN)}))
    write_rules(con, load_rules(path))
    build_marts(con)
    counts = {
        m: (row["green"], row["grey"], row["projects_reported"])
        for m in (APR, MAY, JUN)
        for row in [at(con, m=m)]
    }
    assert counts == {APR: (2, 1, 2), MAY: (1, 2, 1), JUN: (3, 1, 3)}


def test_only_running_projects(rolled: duckdb.DuckDBPyConnection) -> None:
    assert at(rolled, "country", "CO")["projects"] == 3
    assert at(rolled)["projects"] == 6


def test_levels(rolled: duckdb.DuckDBPyConnection) -> None:
    got = rows(
        rolled,
        "select level, level_id, level_name from mart_rollup_status"
        " where month_end = $m and basis = 'plan' order by 1, 2",
        m=JUN,
    )
    assert [tuple(row.values()) for row in got] == [
        ("business_line", "(unassigned)", "(unassigned)"),
        ("business_line", "Core", "Core"),
        ("business_line", "RAN", "RAN"),
        ("country", "CO", "CO"),
        ("country", "MX", "MX"),
        ("customer", "(unassigned)", "(unassigned)"),
        ("customer", "Telenorte", "Telenorte"),
        ("portfolio", "portfolio", None),
        ("programme", "(unassigned)", "(unassigned)"),
        ("programme", "G1", "Growth"),
        ("programme", "G2", "G2"),
    ]


def test_every_month_end_has_its_row(rolled: duckdb.DuckDBPyConnection) -> None:
    got = rows(
        rolled,
        "select month_end, projects from mart_rollup_status"
        " where level = 'portfolio' and basis = 'plan' order by 1",
    )
    assert [row["projects"] for row in got] == [2, 2, 2, 2, 6]
    assert got[0]["month_end"] == FEB


def test_spi_t_does_not_add_up(rolled: duckdb.DuckDBPyConnection) -> None:
    got = at(rolled, "programme", "G1")
    assert (got["spi_t"], got["spi_t_projects"]) == (None, 2)


def test_nothing_at_all() -> None:
    con = built({})
    assert rows(con, "from mart_rollup_status") == []
    assert rows(con, "from mart_project_status") == []
