"""mart_earned_value: money measures, EAC variants, unknowns, and earned value that was not measured."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from loaders.demo.model import RATES_FILE, read_rates, reports_for, tables_of
from loaders.demo.portfolio import PROJECTS
from tests.metrics.timeline import marts_of, rows
from tools.validation import rows as builders

STATUS = builders.STATUS


def project(name: str = "P", **more: Any) -> dict[str, Any]:
    return {"project_id": name, "name": name, "baseline_start": date(2025, 1, 1), **more}


def baseline(cost: float | None, name: str = "P", **more: Any) -> dict[str, Any]:
    return {"project_id": name, **builders.baseline(cost, **more)}


def period(end: Any, pv: Any, ev: Any = None, ac: Any = None, **more: Any) -> dict[str, Any]:
    return {"project_id": "P", **builders.period(end, pv, ev, ac, **more)}


def measured(
    ev: Any, pv: Any, ac: Any, bac: Any, settings: dict[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    tables = {
        "projects": [project()],
        "baselines": [] if bac is None else [baseline(bac)],
        "earned_value": [period(STATUS, pv, ev, ac)],
        **more,
    }
    return row_of(marts_of(tables, settings=settings, last=9))


def row_of(
    con: duckdb.DuckDBPyConnection, day: date | None = None, table: str = "mart_earned_value"
) -> dict[str, Any]:
    query = f"from {table} where $day is null or status_date = $day order by status_date desc limit 1"
    return rows(con, query, {"day": day})[0]


def matches(got: Any, expected: float | None, tolerance: float) -> bool:
    if expected is None or got is None:
        return got is None and expected is None
    return abs(float(got) - expected) <= tolerance


# ev, pv, ac, bac → column, expected. Sources: the test suites and pages named in docs/validation.md.
GIVEN = {
    "PRA test suite": (35000, 40000, 36000, 100000),
    "pmcontrols, behind and over": (30000, 40000, 35000, 100000),
    "pmcontrols, behind but under": (40000, 50000, 38000, 100000),
    "pmcontrols, complete and over": (100000, 100000, 110000, 100000),
    "slide deck": (200, 300, 250, 500),
    "forum exercise, money in millions": (0.5, 2, 1, 10),
    "PRA book": (200000, 250000, 290000, 500000),
    "not started": (0, 0, 0, 1000),
    "earned without cost": (100, 50, 0, 1000),
    "cost without progress": (0, 50, 100, 1000),
    "no budget left": (600, 800, 1000, 1000),
    "above budget": (600, 800, 1200, 1000),
    "complete below budget": (1000, 1000, 900, 1000),
    "complete without cost": (1000, 1000, 0, 1000),
    "complete before it was planned": (1000, 0, 800, 1000),
    "no budget": (10, 5, 5, 0),
    "earned above budget": (1100, 1000, 1000, 1000),
    "all below zero": (-5, -10, -3, -100),
}
BELOW_ZERO = (
    "cpi",
    "spi",
    "cv_pct",
    "sv_pct",
    "percent_complete",
    "percent_planned",
    "percent_spent",
    "vac_pct",
)
EXPECTED = [
    ("PRA test suite", "sv", -5000),
    ("PRA test suite", "cv", -1000),
    ("PRA test suite", "spi", 0.875),
    ("PRA test suite", "cpi", 35 / 36),
    ("pmcontrols, behind and over", "eac_cpi", 116666.6667),
    ("pmcontrols, behind and over", "eac_budget_rate", 105000),
    ("pmcontrols, behind and over", "eac_composite", 143888.8889),
    ("pmcontrols, behind and over", "etc", 81666.6667),
    ("pmcontrols, behind and over", "vac", -16666.6667),
    ("pmcontrols, behind and over", "tcpi_bac", 70 / 65),
    ("pmcontrols, behind and over", "tcpi_eac", 30 / 35),
    ("pmcontrols, behind but under", "vac", 5000),
    ("pmcontrols, complete and over", "eac_cpi", 110000),
    ("pmcontrols, complete and over", "eac_composite", 110000),
    ("pmcontrols, complete and over", "etc", 0),
    ("pmcontrols, complete and over", "tcpi_bac", 0),
    ("pmcontrols, complete and over", "tcpi_eac", 0),
    ("slide deck", "percent_complete", 0.4),
    ("slide deck", "percent_spent", 0.5),
    ("slide deck", "percent_planned", 0.6),
    ("slide deck", "eac", 625),
    ("forum exercise, money in millions", "sv_pct", -0.75),
    ("forum exercise, money in millions", "cv_pct", -1),
    ("PRA book", "eac_composite", 833750),
    ("PRA book", "tcpi_bac", 300 / 210),
    ("not started", "cpi", None),
    ("not started", "spi", None),
    ("not started", "cv_pct", None),
    ("not started", "percent_complete", 0),
    ("earned without cost", "cpi", None),
    ("earned without cost", "eac", None),
    ("cost without progress", "cpi", 0),
    ("cost without progress", "eac_cpi", None),
    ("cost without progress", "eac_composite", None),
    ("cost without progress", "eac_budget_rate", 1100),
    ("cost without progress", "etc", None),
    ("no budget left", "tcpi_bac", None),
    ("above budget", "tcpi_bac", None),
    ("complete below budget", "tcpi_bac", 0),
    ("complete without cost", "eac", None),
    ("complete without cost", "eac_budget_rate", None),
    ("complete without cost", "vac", None),
    ("complete without cost", "tcpi_bac", 0),
    ("complete before it was planned", "eac_composite", 800),
    ("no budget", "percent_complete", None),
    ("no budget", "percent_spent", None),
    *(("all below zero", name, None) for name in BELOW_ZERO),
    ("earned above budget", "percent_complete", 1.1),
    ("earned above budget", "etc", -90.9091),
]


@pytest.fixture(scope="module")
def table() -> dict[str, dict[str, Any]]:
    con = marts_of(
        {
            "projects": [project(name) for name in GIVEN],
            "baselines": [baseline(bac, name) for name, (_, _, _, bac) in GIVEN.items()],
            "earned_value": [
                {**period(STATUS, pv, ev, ac), "project_id": name} for name, (ev, pv, ac, _) in GIVEN.items()
            ],
        },
        last=9,
    )
    return {row["project_id"]: row for row in rows(con, "from mart_earned_value")}


@pytest.mark.parametrize(("given", "column", "expected"), EXPECTED)
def test_money_measures(
    table: dict[str, dict[str, Any]], given: str, column: str, expected: float | None
) -> None:
    assert matches(table[given][column], expected, 6e-5), table[given][column]


def test_a_zero_is_not_negative(table: dict[str, dict[str, Any]]) -> None:
    assert str(table["pmcontrols, complete and over"]["tcpi_bac"]) == "0.0"


def test_the_exhausted_budget_is_said(table: dict[str, dict[str, Any]]) -> None:
    noted = {name for name, row in table.items() if row["tcpi_note"] == "budget_exhausted"}
    assert noted == {"no budget left", "above budget"}


def test_with_the_cpi_variant_tcpi_on_eac_is_cpi(table: dict[str, dict[str, Any]]) -> None:
    for row in table.values():
        if row["cpi"] and row["ev"] < row["bac"]:
            assert row["tcpi_eac"] == pytest.approx(row["cpi"], rel=1e-6)


@pytest.mark.parametrize(
    ("variant", "eac", "tcpi_eac"),
    [
        ("cpi", 180000, 65 / 117),
        ("budget_rate", 128000, 1.0),
        ("composite", 196714.2857, 65 / 133.7142857),
        ("bottom_up", 120482, 1.1307887686580147),  # PRA reference page
    ],
)
def test_the_setting_names_the_variant(variant: str, eac: float, tcpi_eac: float) -> None:
    line = {"project_id": "P", "status_date": STATUS, "line": "labour"}
    row = measured(
        35000,
        40000,
        63000,
        100000,
        settings={"eac_variant": variant},
        financials=[
            {**line, "scenario": "forecast", "amount": 100482},
            {**line, "scenario": "forecast", "line": "contingency", "amount": 20000},
            {**line, "scenario": "forecast", "line": "revenue", "amount": 999999},
            {**line, "scenario": "actual", "amount": 50000, "period_end": date(2025, 5, 31)},
            {**line, "scenario": "actual", "amount": 13000, "period_end": date(2025, 6, 30)},
        ],
    )
    assert row["eac_variant"] == variant
    assert matches(row["eac"], eac, 0.001)
    assert matches(row["etc"], eac - 63000, 0.001)
    assert matches(row["vac"], 100000 - eac, 0.001)
    assert matches(row["tcpi_eac"], tcpi_eac, 1e-6)
    assert matches(row["eac_bottom_up"], 120482, 0)


def test_an_unknown_variant_stops_the_build() -> None:
    with pytest.raises(duckdb.Error, match="eac_variant"):
        measured(1, 1, 1, 10, settings={"eac_variant": "best"})


def test_bottom_up_is_unknown_without_an_actual_cost_in_the_finances() -> None:
    forecast = {
        "project_id": "P",
        "status_date": STATUS,
        "scenario": "forecast",
        "line": "labour",
        "amount": 9,
    }
    assert measured(1, 1, 1, 10, financials=[forecast])["eac_bottom_up"] is None


@pytest.mark.parametrize("missing", ["ev", "ac"])
def test_a_missing_input_is_unknown_not_zero(missing: str) -> None:
    row = measured(*[None if name == missing else 10 for name in ("ev", "pv", "ac")], 100)
    unknown = {
        "ev": ("ev", "cv", "sv", "cpi", "spi", "eac"),
        "ac": ("ac", "cv", "cpi", "eac", "percent_spent"),
    }
    assert [row[c] for c in unknown[missing]] == [None] * len(unknown[missing])
    assert row["pv"] == 10
    assert row["ev_method"] == ("none" if missing == "ev" else "measured")


def test_without_a_baseline_cost_bac_is_the_last_planned_value() -> None:
    given = [period(STATUS, 40, 30, 35), period(date(2025, 7, 31), 90), period(date(2025, 8, 31), 120)]
    row = row_of(marts_of({"projects": [project()], "earned_value": given}, last=9))
    assert row["bac"] == 120
    assert row["percent_complete"] == 0.25


def test_bac_is_the_newest_approved_baselines_and_moves_with_it() -> None:
    tables = {
        "projects": [project()],
        "baselines": [
            baseline(100),
            baseline(150, baseline_no=1, approved_on=date(2025, 6, 15)),
            baseline(170, baseline_no=2, approved_on=date(2025, 7, 1)),
        ],
        "earned_value": [
            period(date(2025, 6, 30), 40, 30, 35),
            period(date(2025, 5, 31), 30, 20, 25, status_date=date(2025, 5, 31)),
        ],
    }
    con = marts_of(tables, last=9)
    assert row_of(con, date(2025, 5, 31))["bac"] == 100
    assert row_of(con, date(2025, 6, 30))["bac"] == 150


def test_a_status_date_inside_a_period_takes_the_plan_of_that_day() -> None:
    given = [
        period(date(2025, 1, 31), 100, 90, 95),
        period(date(2025, 2, 28), 200, 120, 130),
        period(date(2025, 3, 31), 300, 250, 260),  # beyond the status date: no business here
    ]
    for row in given:
        row["status_date"] = date(2025, 2, 14)
    found = row_of(marts_of({"projects": [project()], "earned_value": given}, last=9))
    assert (found["pv"], found["ev"], found["ac"]) == (150, 120, 130)
    assert found["actual_time"] == 1.5
    assert found["ev_status_date"] == date(2025, 2, 14)


def test_books_closed_a_period_ago_are_compared_with_the_plan_of_then() -> None:
    given = [
        period(date(2025, 5, 31), 100, 90, 95),
        period(date(2025, 6, 30), 200),
        period(date(2025, 7, 31), 300),
    ]
    found = row_of(marts_of({"projects": [project()], "earned_value": given}, last=9))
    assert (found["pv"], found["ev"], found["ac"], found["spi"]) == (100, 90, 95, 0.9)
    assert found["ev_status_date"] == date(2025, 5, 31)
    assert found["status_date"] == STATUS


def test_earned_value_keeps_its_own_date_at_later_reports() -> None:
    tables = {
        "projects": [project()],
        "earned_value": [period(STATUS, 40, 30, 35)],
        "quality": [{"project_id": "P", "status_date": date(2025, 9, 30), "defects_critical": 0}],
    }
    later = row_of(marts_of(tables, last=9), date(2025, 9, 30))
    assert (later["ev"], later["pv"], later["ev_status_date"], later["actual_time"]) == (30, 40, STATUS, 1)


def test_of_two_sources_the_newest_speaks_alone() -> None:
    given = [
        period(date(2025, 5, 31), 10, 9, 8, source="old", status_date=date(2025, 5, 31)),
        period(date(2025, 6, 30), 99, source="old", status_date=date(2025, 5, 31)),
        period(STATUS, 40, 30, 35, source="new"),
    ]
    con = marts_of({"projects": [project()], "earned_value": given}, last=9)
    assert row_of(con, STATUS)["ev"] == 30
    assert row_of(con, STATUS)["bac"] == 40
    assert row_of(con, date(2025, 5, 31))["ev"] == 9


def test_an_empty_delivery_takes_the_earned_value_away() -> None:
    con = marts_of(
        {"projects": [project()], "earned_value": [period(STATUS, 40, 30, 35)]},
        slices=[("earned_value", "P", date(2025, 7, 31))],
        last=9,
    )
    assert row_of(con, STATUS)["ev"] == 30
    gone = row_of(con, date(2025, 7, 31))
    assert (gone["ev"], gone["ev_method"]) == (None, "none")


def test_a_foreign_currency_leaves_the_ratios_and_a_missing_rate_is_unknown() -> None:
    rate = {"currency": "MXN", "basis": "plan", "rate_date": date(2025, 1, 1), "per_usd": 20}
    tables = {
        "projects": [project(currency="MXN")],
        "baselines": [baseline(100, currency="USD")],
        "earned_value": [period(STATUS, 40, 30, 35, currency="USD")],
    }
    known = row_of(marts_of({**tables, "fx_rates": [rate]}, last=9))
    assert (known["ev"], known["bac"], known["ac"]) == (600, 2000, 700)
    assert known["cpi"] == pytest.approx(30 / 35)
    unknown = row_of(marts_of(tables, last=9))
    assert (unknown["ev"], unknown["cpi"], unknown["eac"]) == (None, None, None)


@pytest.mark.parametrize(
    ("ev", "ac", "cpi"), [(35, 40, 0.875), (1, 3, 1 / 3), (20, 0, None), (-20, -190, None), (20, -190, None)]
)
def test_what_the_rest_must_cost_is_not_rounded(ev: float, ac: float, cpi: float | None) -> None:
    """TCPI on the EAC of the CPI is the CPI, to the last digit; a negative cost has no index."""
    row = row_of(
        marts_of(
            {
                "projects": [project()],
                "baselines": [baseline(100)],
                "earned_value": [period(STATUS, 40, ev, ac)],
            }
        )
    )
    assert (row["cpi"], row["tcpi_eac"]) == (
        cpi and pytest.approx(cpi, rel=1e-12),
        cpi and pytest.approx(cpi, rel=1e-12),
    )


def test_an_absurd_estimate_is_unknown_rather_than_an_error() -> None:
    row = measured("0.0001", "99000000000", "90000000000", "99000000000")
    assert (row["eac_cpi"], row["eac_composite"]) == (None, None)
    assert row["eac_budget_rate"] == Decimal("188999999999.9999")


def milestone(name: str, weight: float | None, planned: date, done: date | None = None) -> dict[str, Any]:
    row = {"project_id": "P", "milestone_id": name, "status_date": STATUS, "name": name, "weight": weight}
    return {**row, "baseline_date": planned, "actual_date": done}


MILESTONES = [
    milestone("A", 30, date(2025, 2, 28), date(2025, 3, 31)),
    milestone("B", 30, date(2025, 4, 30)),
    milestone("C", 40, date(2025, 10, 31)),
    milestone("unweighted", None, date(2025, 3, 31), date(2025, 3, 31)),
]
SITES = [
    {
        "project_id": "P",
        "site_id": f"S{n}",
        "status_date": STATUS,
        "planned_on_air": date(2025, n, 1),
        "actual_on_air": date(2025, n + 1, 1) if n < 4 else None,
    }
    for n in range(1, 11)
]


def test_weighted_milestones_stand_in_for_a_missing_earned_value() -> None:
    row = row_of(
        marts_of({"projects": [project()], "baselines": [baseline(1000)], "milestones": MILESTONES}, last=9)
    )
    assert row["ev_method"] == "milestones"
    assert (row["ev"], row["pv"], row["bac"], row["ac"]) == (300, 600, 1000, None)
    assert (row["percent_complete"], row["spi"], row["cpi"]) == (0.3, 0.5, None)
    assert (row["earned_schedule"], row["actual_time"], row["spi_t"]) == (2, 6, pytest.approx(1 / 3))


def test_shares_need_no_budget_but_money_does() -> None:
    row = row_of(marts_of({"projects": [project()], "milestones": MILESTONES}, last=9))
    assert (row["ev"], row["bac"], row["cv"]) == (None, None, None)
    assert (row["percent_complete"], row["spi"], row["earned_schedule"]) == (0.3, 0.5, 2)


def test_sites_stand_in_where_no_milestone_has_a_weight() -> None:
    tables = {
        "projects": [project()],
        "baselines": [baseline(1000)],
        "milestones": MILESTONES[3:],
        "sites": SITES,
    }
    row = row_of(marts_of(tables, last=9))
    assert (row["ev_method"], row["ev"], row["pv"]) == ("sites", 300, 600)


def test_a_plan_without_an_earned_value_takes_the_milestones_share() -> None:
    tables = {
        "projects": [project()],
        "baselines": [baseline(1000)],
        "earned_value": [period(STATUS, 500, None, 400), period(date(2025, 7, 31), 1000)],
        "milestones": MILESTONES,
        "sites": SITES,
    }
    row = row_of(marts_of(tables, last=9))
    assert (row["ev_method"], row["ev"], row["pv"], row["ac"]) == ("milestones", 300, 500, 400)
    assert row["cpi"] == 0.75


def test_milestones_before_the_start_have_earned_nothing() -> None:
    given = [{**m, "status_date": date(2024, 12, 1), "actual_date": None} for m in MILESTONES]
    row = row_of(
        marts_of({"projects": [project()], "baselines": [baseline(1000)], "milestones": given}, last=9)
    )
    assert (row["ev"], row["pv"], row["actual_time"], row["spi_t"]) == (0, 0, 0, None)


def test_measured_comes_before_derived_and_nothing_is_none() -> None:
    tables = {
        "projects": [project(), project("Q")],
        "earned_value": [period(STATUS, 40, 30, 35)],
        "milestones": MILESTONES,
        "quality": [{"project_id": "Q", "status_date": STATUS}],
    }
    con = marts_of(tables, last=9)
    found = dict(con.execute("select project_id, ev_method from mart_earned_value").fetchall())
    assert found == {"P": "measured", "Q": "none"}


def test_there_is_one_row_per_status_date_and_earlier_ones_do_not_know_later_ones() -> None:
    given = [
        {**period(date(2025, m, 28), 10 * m, 9 * m, 8 * m), "status_date": date(2025, m, 28)}
        for m in range(1, 7)
    ]
    whole = marts_of({"projects": [project()], "earned_value": given, "milestones": MILESTONES}, last=9)
    query = "select * from mart_earned_value where status_date <= date '2025-03-28' order by status_date"
    part = marts_of({"projects": [project()], "earned_value": given[:3]}, last=9)
    assert whole.execute(query).fetchall() == part.execute(query).fetchall()
    assert whole.execute("select count(*) from work.ev_status").fetchone() == (7,)


def test_the_rows_behind_are_named() -> None:
    con = marts_of(
        {
            "projects": [project()],
            "baselines": [baseline(100)],
            "earned_value": [
                period(date(2025, 5, 31), 1, 1, 1, row=7),
                period(STATUS, 4, 3, 3, row=8, sheet="EV"),
            ],
        },
        last=9,
    )
    refs = row_of(con, table="work.ev_status")["ev_refs"]
    assert [(ref["table"], ref["sheet"], ref["row"]) for ref in refs] == [
        ("earned_value", "EV", 8),
        ("baselines", None, 2),
    ]


def test_finance_and_earned_value_agree_on_what_the_demonstration_books() -> None:
    """The manager's ETC and the booked damages are the same numbers as in the margin and the contract."""
    rates = read_rates()
    tables: dict[str, list[dict[str, Any]]] = {}
    for item in [p for p in PROJECTS if p.project_id in {"MX-2301", "MX-2401", "CO-2406"}]:
        for name, given in tables_of(reports_for(item, 24, 7, rates)).items():
            tables.setdefault(name, []).extend(given)
    with RATES_FILE.open(encoding="utf-8", newline="") as handle:
        tables["fx_rates"] = list(csv.DictReader(handle))
    con = marts_of(tables, last=29)
    estimates = con.execute("""
        select e.eac_bottom_up - e.ac, f.cost - a.cost
        from mart_earned_value e
        join work.scenario f using (project_id, status_date)
        join work.scenario a using (project_id, status_date)
        where f.scenario = 'forecast' and a.scenario = 'actual'
          and e.ev < e.bac and e.ev_status_date = e.status_date
    """).fetchall()
    assert len(estimates) >= 50
    assert [ours for ours, _ in estimates] == [theirs for _, theirs in estimates]
    damages = con.execute("""
        select s.ld_booked, sum(m.ld_booked)
        from work.contract_status s
        join mart_milestone_slip m using (project_id, status_date)
        where s.ld_booked is not null
        group by s.project_id, s.status_date, s.ld_booked
    """).fetchall()
    assert len(damages) >= 50
    assert [booked for booked, _ in damages] == [shared for _, shared in damages]
