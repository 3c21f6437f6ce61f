"""The stories of docs/demonstration.md are true in the marts: files, load and marts, the whole way."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from loaders.store import open_current
from tests.metrics.portfolio import Row, one, rows

LAST = date(2025, 8, 31)
COLOURS = ("green", "amber", "red")


@pytest.fixture(scope="module")
def con(demonstration: Path) -> duckdb.DuckDBPyConnection:
    return open_current(demonstration).cursor()


def newest(con: duckdb.DuckDBPyConnection, project_id: str) -> Row:
    return one(
        con, "from mart_project_status where project_id = $p and next_status_date is null", p=project_id
    )


def history(con: duckdb.DuckDBPyConnection, project_id: str) -> dict[date, Row]:
    found = rows(con, "from mart_project_status where project_id = $p order by status_date", p=project_id)
    return {row["status_date"]: row for row in found}


def bridge(con: duckdb.DuckDBPyConnection, project_id: str) -> dict[str, float]:
    sql = "select step, pp from mart_margin_bridge where project_id = $p and status_date = $d"
    return {row["step"]: row["pp"] for row in rows(con, sql, p=project_id, d=LAST)}


def test_reported_green_while_spi_t_falls(con: duckdb.DuckDBPyConnection) -> None:
    told = [row for day, row in history(con, "MX-2401").items() if day >= date(2025, 3, 31)]
    spi_t = [row["spi_t"] for row in told]
    assert all(row["reported_overall"] == "green" for row in told)
    assert spi_t == sorted(spi_t, reverse=True)
    assert spi_t[0] == pytest.approx(0.98, abs=0.01)
    assert spi_t[-1] == pytest.approx(0.85, abs=0.01)
    assert [row["rag_overall"] for row in told] == ["green", "amber", "amber", "red", "red", "red"]
    last = told[-1]
    assert (last["deciding_dimension"], last["deciding_rule"]) == ("schedule", "schedule_spi_t")
    assert last["slip_days"] < 30
    findings = {finding["test"]: finding["since"] for finding in last["watermelon_findings"]}
    assert findings == {"reported_better": date(2025, 4, 30), "low_spi_t": date(2025, 6, 30)}


def test_rebaselined_twice(con: duckdb.DuckDBPyConnection) -> None:
    got = newest(con, "CO-2301")
    assert got["rebaseline_count"] == 2
    assert abs(got["slip_days"]) <= 10
    assert got["slip_share_original"] == pytest.approx(1 / 3, abs=0.05)
    assert got["deciding_rule"] == "schedule_slip_share_original"


def test_margin_lost_to_the_exchange_rate_alone(con: duckdb.DuckDBPyConnection) -> None:
    got, steps = newest(con, "MX-2402"), bridge(con, "MX-2402")
    assert got["margin_erosion_pp"] < -3
    assert steps["exchange_rate"] == pytest.approx(got["margin_erosion_pp"], abs=0.1)
    assert got["fx_effect_pp"] == pytest.approx(steps["exchange_rate"])
    assert (got["rag_cost"], got["deciding_rule"]) == ("red", "cost_margin_lost_pp")


def test_delivered_and_not_accepted(con: duckdb.DuckDBPyConnection) -> None:
    got = newest(con, "CO-2302")
    assert got["percent_complete"] == 1
    assert (got["rag_schedule"], got["reported_overall"]) == ("red", "red")
    stuck = rows(
        con,
        "from mart_cash where project_id = 'CO-2302' and status_date = $d and stage in ('submitted', 'rejected')",
        d=LAST,
    )
    assert len(stuck) == 2
    assert sum(row["value"] for row in stuck) == pytest.approx(0.4 * float(got["contract_value"]), rel=0.02)
    days = sorted(row["days_in_stage"] for row in stuck)
    assert (days[0] > 30, days[1] > 100) == (True, True)


def test_silent_for_two_months(con: duckdb.DuckDBPyConnection) -> None:
    got = newest(con, "MX-2403")
    assert got["status_date"] == date(2025, 6, 30)
    assert (got["rag_overall"], (LAST - got["status_date"]).days > 35) == ("green", True)
    sql = "select grey, green from mart_rollup_status where level = 'portfolio' and basis = 'plan' and month_end = $d"
    before, after = one(con, sql, d=date(2025, 6, 30)), one(con, sql, d=LAST)
    assert after["grey"] == before["grey"] + 2  # this one, and the study that is nothing but a name


def test_early_and_profitable(con: duckdb.DuckDBPyConnection) -> None:
    got = newest(con, "CO-2401")
    assert got["spi_t"] == pytest.approx(1.10, abs=0.01)
    assert got["margin_erosion_pp"] > 4
    assert got["slip_days"] < -30
    assert got["rag_overall"] == "green"


def test_two_thousand_sites_behind_for_permits(con: duckdb.DuckDBPyConnection) -> None:
    got = newest(con, "MX-2301")
    assert got["sites_total"] == 2000
    assert got["sites_planned"] - got["sites_on_air"] == pytest.approx(340, abs=40)
    assert (got["reported_overall"], got["rag_overall"]) == ("amber", "red")
    week = rows(
        con,
        "select distinct blockers from mart_site_progress where project_id = 'MX-2301' and status_date = $d",
        d=LAST,
    )
    assert week[0]["blockers"]["permits"] == pytest.approx(300, abs=40)


def test_a_programme_healthy_but_for_one_supplier(con: duckdb.DuckDBPyConnection) -> None:
    late = newest(con, "CO-2402")
    assert late["rag_overall"] == "amber"
    mates = [newest(con, project_id) for project_id in ("CO-2404", "CO-2405", "CO-2408", "CO-2501")]
    assert [row["rag_overall"] for row in mates] == ["green"] * 4
    red = rows(
        con,
        "from mart_rag_evidence"
        " where project_id = 'CO-2402' and rule_id = 'quality_lost_time_incidents' and colour = 'red'",
    )
    assert sum(row["value"] for row in red) == 2


def test_claimed_in_time_is_late_and_not_against_the_contract(con: duckdb.DuckDBPyConnection) -> None:
    got = newest(con, "MX-2404")
    assert got["slip_days"] > 20
    assert (got["contract_days_late"], got["notices_missed"]) == (0, 0)
    assert (got["rag_schedule"], got["rag_overall"]) == ("amber", "amber")


def test_notice_missed(con: duckdb.DuckDBPyConnection) -> None:
    got = newest(con, "CO-2406")
    assert got["notices_missed"] == 1
    assert got["contract_days_late"] > 30
    assert got["ld_probable"] > 0
    assert (got["rag_scope"], got["rag_schedule"], got["deciding_rule"]) == (
        "red",
        "red",
        "scope_notices_missed",
    )
    since = history(con, "CO-2406")
    assert since[date(2025, 3, 31)]["notices_missed"] == 0
    assert since[date(2025, 4, 30)]["notices_missed"] == 1


def test_nothing_but_a_name(con: duckdb.DuckDBPyConnection) -> None:
    got = newest(con, "CO-2502")
    assert {got[f"rag_{d}"] for d in ("cost", "scope", "schedule", "quality", "overall")} == {"grey"}
    assert got["completeness"] == 0
    assert got["bac"] is None


def test_reported_worse_than_it_is(con: duckdb.DuckDBPyConnection) -> None:
    got = newest(con, "MX-2405")
    assert (got["reported_overall"], got["rag_overall"], got["watermelon"]) == ("amber", "green", False)


def test_cancelled(con: duckdb.DuckDBPyConnection) -> None:
    got = newest(con, "CO-2407")
    assert (got["phase"], got["status_date"]) == ("cancelled", date(2025, 3, 31))


def test_work_started_on_an_unapproved_change(con: duckdb.DuckDBPyConnection) -> None:
    got = newest(con, "MX-2406")
    assert got["unapproved_change_share"] == pytest.approx(0.07)
    assert (got["unapproved_work"], got["deciding_rule"]) == (1, "scope_unapproved_work")
    assert history(con, "MX-2406")[date(2025, 4, 30)]["unapproved_work"] == 0


def test_handover_checks_overdue(con: duckdb.DuckDBPyConnection) -> None:
    got = newest(con, "CO-2403")
    assert got["handover_checks_overdue"] == 2
    assert (got["rag_scope"], got["deciding_rule"]) == ("amber", "scope_handover_checks_overdue")


def test_most_of_the_portfolio_is_healthy(con: duckdb.DuckDBPyConnection) -> None:
    got = one(
        con,
        "from mart_rollup_status where level = 'portfolio' and basis = 'plan' and month_end = $d",
        d=LAST,
    )
    shares = {colour: got[colour] / got["projects"] for colour in COLOURS}
    assert shares["green"] == pytest.approx(0.55, abs=0.08)
    assert shares["amber"] == pytest.approx(0.25, abs=0.08)
    assert shares["red"] == pytest.approx(0.15, abs=0.08)


def test_every_known_colour_leads_to_a_source_row(con: duckdb.DuckDBPyConnection) -> None:
    """Except where a register is empty: then there is no row to show."""
    lacking = rows(
        con,
        "from mart_rag_evidence where colour in ('green', 'amber', 'red') and source_refs is null and value <> 0",
    )
    assert lacking == []
