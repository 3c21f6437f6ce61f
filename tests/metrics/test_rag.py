"""Rules, dimensions and evidence: values on each side of every bound, and colours in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics.build import build_marts
from metrics.rules import load_rules, write_rules
from tests.metrics.portfolio import (
    APR,
    FEB,
    JAN,
    JUN,
    MAR,
    MAY,
    MONTHS,
    Tables,
    built,
    earned,
    loaded,
    money,
    one,
    portfolio,
    rows,
)

FINISH = date(2025, 12, 31)


def at_cost(ev: float, ac: float, *, bac: float = 120) -> Tables:
    return {"earned_value": earned(JUN, ev, ac, bac=bac)}


def late(days: int, **more: Any) -> Tables:
    finish = {"milestone_id": "M1", "status_date": JUN, "name": "Finish", "kind": "gate"}
    return {
        "milestones": [
            {**finish, "baseline_date": FINISH, "forecast_date": FINISH + timedelta(days=days), **more}
        ]
    }


def contractual(days: int, **more: Any) -> Tables:
    """Late against the contract alone."""
    due = date(2025, 9, 30)
    finish = due + timedelta(days=days)
    return late(0, contract_date=due, baseline_date=finish, forecast_date=finish, **more)


def sold(labour: float) -> Tables:
    """Sold at a margin of 20 %."""
    return {
        "financials": money("as_sold", revenue=100, labour=80) + money("forecast", revenue=100, labour=labour)
    }


def costing(forecast: float) -> Tables:
    return {
        "financials": money("baseline", revenue=150, labour=100)
        + money("forecast", revenue=150, labour=forecast)
    }


def originally(forecast: float) -> Tables:
    baselines = [
        {"baseline_no": 0, "approved_on": "2024-12-01", "baseline_cost": 100},
        {"baseline_no": 1, "approved_on": "2025-03-01", "baseline_cost": forecast},
    ]
    return {"baselines": baselines, "financials": money("forecast", revenue=200, labour=forecast)}


def ordered(spent: float) -> Tables:
    order = {"order_id": "O1", "status_date": JUN, "amount": 100, "status": "received"}
    return {"orders": [order], "financials": money("actual", labour=spent)}


def changed(value: float, status: str = "submitted", **more: Any) -> Tables:
    change = {
        "change_id": "C1",
        "status_date": JUN,
        "title": "More",
        "status": status,
        "revenue_impact": value,
    }
    return {"changes": [{**change, **more}]}


def delayed(**more: Any) -> Tables:
    return {"delays": [{"delay_id": "D1", "status_date": JUN, "cause": "customer", "days": 5, **more}]}


def checks(overdue: int, **more: Any) -> Tables:
    gate = {"gate": "sell_to_execute", "status_date": JUN, "title": "Signed off"}
    due = [
        {**gate, "check_id": f"K{n}", "due_on": "2025-06-01", "mandatory": True, **more}
        for n in range(overdue)
    ]
    done = {**gate, "check_id": "K9", "due_on": "2025-06-01", "done_on": "2025-05-30", "mandatory": True}
    later = {**gate, "check_id": "K8", "due_on": "2025-06-30", "mandatory": True}
    return {"handovers": [*due, done, later]}


def quality(**values: int) -> Tables:
    return {"quality": [{"status_date": JUN, **values}]}


def safety(**values: int) -> Tables:
    return {"safety": [{"status_date": JUN, "hours_worked": 1000, **values}]}


def scored(*scores: float) -> Tables:
    return {
        "satisfaction": [{"surveyed_on": "2025-06-10", "score": score} for score in scores],
        "quality": [{"status_date": JUN}],
    }


# rule, case, the contract rows → the evidence's value, colour, bound, distance to the next colour
CASES: Sequence[tuple[str, str, Tables, float | None, str, float | None, float | None]] = (
    ("cost_cpi", "on the bound", at_cost(57, 60), 0.95, "green", 0.95, 0.0),
    ("cost_cpi", "just below", at_cost(56.94, 60), 0.949, "amber", 0.95, 0.001),
    ("cost_cpi", "on amber's bound", at_cost(54, 60), 0.90, "amber", 0.95, 0.0),
    ("cost_cpi", "red", at_cost(53.994, 60), 0.8999, "red", 0.90, 0.0001),
    ("cost_cpi", "far above", at_cost(72, 60), 1.2, "green", 0.95, 0.25),
    ("cost_cpi", "at 15 %", at_cost(18, 30), 0.6, "red", 0.90, 0.3),
    ("cost_cpi", "below 15 %", at_cost(17.9, 30), 17.9 / 30, "not_applicable", None, None),
    ("cost_cpi", "nothing spent", at_cost(60, 0), None, "grey", None, None),
    ("schedule_spi_t", "on the bound", at_cost(57, 57), 0.95, "green", 0.95, 0.0),
    ("schedule_spi_t", "amber", at_cost(56, 56), 5.6 / 6, "amber", 0.95, 0.95 - 5.6 / 6),
    ("schedule_spi_t", "red", at_cost(53, 53), 5.3 / 6, "red", 0.90, 0.90 - 5.3 / 6),
    ("schedule_slip_days", "early", late(-20), -20, "green", 30, 50),
    ("schedule_slip_days", "29 days", late(29), 29, "green", 30, 1),
    ("schedule_slip_days", "30 days", late(30), 30, "amber", 30, 1),
    ("schedule_slip_days", "76 days", late(76), 76, "amber", 30, 14),
    ("schedule_slip_days", "89 days", late(89), 89, "amber", 30, 1),
    ("schedule_slip_days", "90 days", late(90), 90, "red", 90, 1),
    ("schedule_slip_share", "under a tenth", late(36), 36 / 364, "green", 0.10, 0.10 - 36 / 364),
    ("schedule_slip_share", "over a tenth", late(37), 37 / 364, "amber", 0.10, 37 / 364 - 0.10),
    ("schedule_slip_share", "over a fifth", late(73), 73 / 364, "red", 0.20, 73 / 364 - 0.20),
    (
        "schedule_slip_share_original",
        "re-baselined",
        late(0, original_date="2025-10-01"),
        91 / 273,
        "red",
        0.20,
        None,
    ),
    ("schedule_contract_days_late", "in time", contractual(0), 0, "green", 0, 1),
    ("schedule_contract_days_late", "a day", contractual(1), 1, "amber", 0, 1),
    ("schedule_contract_days_late", "30 days", contractual(30), 30, "amber", 0, 1),
    ("schedule_contract_days_late", "31 days", contractual(31), 31, "red", 30, 1),
    (
        "schedule_contract_days_late",
        "45 days granted",
        {**contractual(40), **delayed(milestone_id="M1", days_granted=45)},
        0,
        "green",
        0,
        1,
    ),
    (
        "schedule_damages_running",
        "running",
        late(
            0,
            contract_date="2025-06-01",
            ld_pct_per_week=0.01,
            forecast_date="2025-07-10",
            baseline_date="2025-07-10",
        ),
        1,
        "red",
        0,
        1,
    ),
    (
        "schedule_damages_running",
        "not yet",
        contractual(10, ld_pct_per_week=0.01),
        0,
        "not_applicable",
        None,
        None,
    ),
    ("cost_over_baseline", "under 5 %", costing(104.9), 0.049, "green", 0.05, 0.001),
    ("cost_over_baseline", "5 %", costing(105), 0.05, "amber", 0.05, 0.0),
    ("cost_over_baseline", "under 15 %", costing(114.9), 0.149, "amber", 0.05, 0.001),
    ("cost_over_baseline", "15 %", costing(115), 0.15, "red", 0.15, 0.0),
    ("cost_over_original", "under 15 %", originally(114.9), 0.149, "green", 0.15, 0.001),
    ("cost_over_original", "15 %", originally(115), 0.15, "amber", 0.15, 0.0),
    ("cost_over_original", "30 %", originally(130), 0.30, "red", 0.30, 0.0),
    ("cost_margin_lost_pp", "gained", sold(70), -10, "green", 1, 11),
    ("cost_margin_lost_pp", "under a point", sold(80.9), 0.9, "green", 1, 0.1),
    ("cost_margin_lost_pp", "a point", sold(81), 1, "amber", 1, 0),
    ("cost_margin_lost_pp", "three points", sold(83), 3, "red", 3, 0),
    ("cost_margin_pct_forecast", "a loss", sold(101), -0.01, "red", 0, 0.01),
    ("cost_margin_pct_forecast", "no loss", sold(100), 0, "not_applicable", None, None),
    ("cost_without_order_share", "under 1 %", ordered(109.9), 0.0099, "green", 0.01, 0.0001),
    ("cost_without_order_share", "1 %", ordered(110), 0.01, "amber", 0.01, 0.0),
    ("cost_without_order_share", "5 %", ordered(150), 0.05, "red", 0.05, 0.0),
    ("scope_unapproved_change_share", "under 2 %", changed(19.9), 0.0199, "green", 0.02, 0.0001),
    ("scope_unapproved_change_share", "2 %", changed(20), 0.02, "amber", 0.02, 0.0),
    ("scope_unapproved_change_share", "5 %", changed(50), 0.05, "red", 0.05, 0.0),
    ("scope_unapproved_change_share", "approved", changed(50, "approved"), 0.0, "green", 0.02, 0.02),
    ("scope_unapproved_work", "none", changed(10), 0, "green", 0, 1),
    ("scope_unapproved_work", "started", changed(10, work_started_on="2025-06-02"), 1, "red", 0, 1),
    (
        "scope_notices_missed",
        "given",
        delayed(notice_due_on="2025-05-31", notified_on="2025-05-30"),
        0,
        "green",
        0,
        1,
    ),
    ("scope_notices_missed", "missed", delayed(notice_due_on="2025-05-31"), 1, "red", 0, 1),
    ("scope_handover_checks_overdue", "none", checks(0), 0, "green", 0, 1),
    ("scope_handover_checks_overdue", "two", checks(2), 2, "amber", 0, 1),
    ("scope_handover_checks_overdue", "three", checks(3), 3, "red", 2, 1),
    ("scope_handover_checks_overdue", "not mandatory", checks(3, mandatory=False), 0, "green", 0, 1),
    ("scope_handover_checks_overdue", "does not say", checks(1, mandatory=None), 1, "amber", 0, 1),
    ("quality_defects_critical", "none", quality(defects_critical=0), 0, "green", 0, 1),
    ("quality_defects_critical", "two", quality(defects_critical=2), 2, "amber", 0, 1),
    ("quality_defects_critical", "three", quality(defects_critical=3), 3, "red", 2, 1),
    ("quality_tests_passed_pct", "95 %", quality(tests_run=100, tests_passed=95), 0.95, "green", 0.95, 0.0),
    ("quality_tests_passed_pct", "85 %", quality(tests_run=100, tests_passed=85), 0.85, "amber", 0.95, 0.0),
    ("quality_tests_passed_pct", "84 %", quality(tests_run=100, tests_passed=84), 0.84, "red", 0.85, 0.01),
    ("quality_tests_passed_pct", "none run", quality(tests_run=0, tests_passed=0), None, "grey", None, None),
    ("quality_lost_time_incidents", "none", safety(lost_time_incidents=0), 0, "green", 0, 1),
    ("quality_lost_time_incidents", "one", safety(lost_time_incidents=1), 1, "red", 0, 1),
    ("quality_fatalities", "one", safety(fatalities=1), 1, "red", 0, 1),
    ("quality_satisfaction", "eight", scored(8), 8, "green", 8, 0),
    ("quality_satisfaction", "mean of three", scored(9, 7, 7), 23 / 3, "amber", 8, 1 / 3),
    ("quality_satisfaction", "under six", scored(5.9), 5.9, "red", 6, 0.1),
)


@pytest.fixture(scope="module")
def judged() -> duckdb.DuckDBPyConnection:
    return built(portfolio({f"{rule}: {case}": tables for rule, case, tables, *_ in CASES}))


@pytest.mark.parametrize(
    ("rule", "case", "value", "colour", "bound", "distance"),
    [pytest.param(r, c, v, k, b, d, id=f"{r}-{c}") for r, c, _, v, k, b, d in CASES],
)
def test_rule(
    judged: duckdb.DuckDBPyConnection,
    rule: str,
    case: str,
    value: float | None,
    colour: str,
    bound: float | None,
    distance: float | None,
) -> None:
    got = one(
        judged,
        "from mart_rag_evidence where project_id = $p and rule_id = $r and status_date_to is null",
        p=f"{rule}: {case}",
        r=rule,
    )
    assert got["colour"] == colour
    assert got["value"] == (None if value is None else pytest.approx(value, abs=1e-9))
    assert got["bound"] == bound
    if distance is not None or bound is None:
        assert got["distance_to_next"] == (None if distance is None else pytest.approx(distance, abs=1e-9))
    assert got["sentence_key"] == f"evidence.{rule}"
    assert (got["reason_key"] is None) == (colour in {"green", "amber", "red"})


def test_every_rule_has_a_case() -> None:
    assert {rule for rule, *_ in CASES} == {rule.id for rule in load_rules().rules}


def test_unknown_says_what_is_missing(judged: duckdb.DuckDBPyConnection) -> None:
    sql = "select reason_key from mart_rag_evidence where project_id = $p and rule_id = $r"
    assert (
        one(judged, sql, p="cost_cpi: nothing spent", r="cost_cpi")["reason_key"]
        == "metric.unknown.zero_actual_cost"
    )
    assert one(judged, sql, p="cost_cpi: below 15 %", r="cost_cpi")["reason_key"] == "evidence.not_yet"


def test_sources_down_to_the_row(judged: duckdb.DuckDBPyConnection) -> None:
    sql = "select source_refs from mart_rag_evidence where project_id = $p and rule_id = $r"
    refs = one(judged, sql, p="quality_defects_critical: two", r="quality_defects_critical")["source_refs"]
    rows_of_quality = judged.execute(
        "select row from timeline.quality where project_id = 'quality_defects_critical: two'"
    )
    assert refs == [
        {
            "table": "quality",
            "source": "test",
            "file": "quality.csv",
            "sheet": None,
            "row": rows_of_quality.fetchall()[0][0],
        }
    ]


def test_dimension_is_the_worst_of_what_is_known(judged: duckdb.DuckDBPyConnection) -> None:
    got = one(judged, "from mart_project_status where project_id = 'schedule_slip_days: 76 days'")
    assert (got["rag_schedule"], got["rag_cost"], got["rag_scope"], got["rag_quality"]) == (
        "red",
        "grey",
        "grey",
        "grey",
    )
    assert got["rag_overall"] == "red"
    # 73 of 364 days are a fifth: further past its bound than 76 days are past 30
    assert (got["deciding_dimension"], got["deciding_rule"]) == ("schedule", "schedule_slip_share")
    # three of the five rules of the schedule, of nineteen in all
    assert got["completeness"] == pytest.approx(3 / 19)
    assert got["completeness_schedule"] == pytest.approx(3 / 5)


HISTORY = {
    "improves after two": ("rggg", ["red", "red", "green", "green"]),
    "one good report is not enough": ("rgrg", ["red", "red", "red", "red"]),
    "worsens at once": ("ggrr", ["green", "green", "red", "red"]),
    "step by step": ("ragg", ["red", "red", "amber", "green"]),
    "unknown is unknown": ("g-gg", ["green", "grey", "green", "green"]),
    "silence does not heal": ("r-gg", ["red", "grey", "red", "green"]),
}
DEFECTS = {"g": 0, "a": 1, "r": 5}


def reported(course: str) -> Tables:
    """A report of quality a month, whose colour the letters say; "-" has nothing to say of it."""
    return {
        "quality": [
            {"status_date": day, "defects_critical": DEFECTS.get(letter)}
            for day, letter in zip(MONTHS, course, strict=False)
        ]
    }


@pytest.fixture(scope="module")
def courses() -> duckdb.DuckDBPyConnection:
    weekly = reported("rg")
    more = {"milestones": [{"milestone_id": "M", "name": "M", "status_date": day} for day in (MAR, APR)]}
    cases = {name: reported(course) for name, (course, _) in HISTORY.items()}
    return built(portfolio({**cases, "no report of quality": {**weekly, **more}}))


@pytest.mark.parametrize("case", HISTORY)
def test_colours_in_time(courses: duckdb.DuckDBPyConnection, case: str) -> None:
    got = rows(
        courses,
        "select rag_quality from mart_project_status where project_id = $p order by status_date",
        p=case,
    )
    assert [row["rag_quality"] for row in got] == HISTORY[case][1]


def test_other_tables_are_no_second_report(courses: duckdb.DuckDBPyConnection) -> None:
    got = rows(
        courses,
        "select rag_quality, held from mart_project_status"
        " where project_id = 'no report of quality' order by status_date",
    )
    assert [row["rag_quality"] for row in got] == ["red", "red", "red", "red"]
    assert got[-1]["held"] == ["quality"]


def test_since_and_the_rule_that_still_decides(courses: duckdb.DuckDBPyConnection) -> None:
    got = one(
        courses,
        "select rag_overall, rag_overall_since, deciding_rule, held from mart_project_status"
        " where project_id = 'improves after two' and status_date = $d",
        d=FEB,
    )
    assert got == {
        "rag_overall": "red",
        "rag_overall_since": JAN,
        "deciding_rule": "quality_defects_critical",
        "held": ["quality"],
    }


def test_evidence_comes_in_intervals(courses: duckdb.DuckDBPyConnection) -> None:
    got = rows(
        courses,
        "select status_date, status_date_to, colour, decided, is_held from mart_rag_evidence"
        " where project_id = 'improves after two' and rule_id = 'quality_defects_critical'"
        " order by status_date",
    )
    assert [tuple(row.values()) for row in got] == [
        (JAN, JAN, "red", True, False),
        (FEB, FEB, "green", True, True),
        (MAR, None, "green", True, False),
    ]


RULES_FILE = """
valid_from = 2025-04-01
[rules.quality_defects_critical]
green_to = 5
amber_to = 9
[[override]]
rule = "quality_defects_critical"
programme = "STRICT"
green_to = 0
[[override]]
rule = "quality_defects_critical"
contract_type = "turnkey"
green_to = 1
"""


@pytest.fixture(scope="module")
def revised(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The default rules until March 2025, those of RULES_FILE from April."""
    path = tmp_path_factory.mktemp("rules") / "rules.toml"
    path.write_text(RULES_FILE, encoding="utf-8")
    five = {"quality": [{"status_date": day, "defects_critical": 2} for day in (MAR, APR, MAY)]}
    cases = {
        "plain": five,
        "strict": {**five, "projects": [{"programme_id": "STRICT"}]},
        "turnkey": {**five, "projects": [{"contract_type": "turnkey"}]},
        "both": {**five, "projects": [{"programme_id": "STRICT", "contract_type": "turnkey"}]},
    }
    con = built(portfolio(cases))
    write_rules(con, load_rules(path))
    build_marts(con)
    return con


@pytest.mark.parametrize(
    ("project", "colours"),
    [
        ("plain", ["amber", "green", "green"]),
        ("strict", ["amber", "red", "red"]),
        ("turnkey", ["amber", "red", "red"]),
        ("both", ["amber", "red", "red"]),
    ],
)
def test_overrides_and_the_rules_of_the_time(
    revised: duckdb.DuckDBPyConnection, project: str, colours: list[str]
) -> None:
    sql = """
        select s.status_date, e.colour, e.green_to
        from mart_project_status s
        join mart_rag_evidence e
          on e.project_id = s.project_id and e.rule_id = 'quality_defects_critical'
         and s.status_date between e.status_date and coalesce(e.status_date_to, s.status_date)
        where s.project_id = $p
        order by s.status_date
    """
    got = rows(revised, sql, p=project)
    assert [row["colour"] for row in got] == colours
    assert got[-1]["green_to"] == {"plain": 5, "turnkey": 1}.get(project, 0)


G, Y, R = "green", "amber", "red"


FEMA = "green_from = 0.95\ngreen_to = 1.05\namber_from = 0.90\namber_to = 1.10\n"
"""Two-sided bands on CPI and SPI: FEMA MIP dashboard FAQ, https://hazards.fema.gov/femaportal/usercare/faq/dash02.htm"""
BANDS = [
    (1.0, G),
    (0.95, G),
    (1.05, G),
    (0.9499, Y),
    (0.9, Y),
    (0.8999, R),
    (1.0501, Y),
    (1.1, Y),
    (1.1001, R),
]
PAIRS = [("G", "G", G), ("G", "Y", Y), ("Y", "Y", Y), ("G", "R", R), ("R", "R", R), ("R", "Y", R)]
INDEX = {"G": 1.0, "Y": 0.93, "R": 0.85}


def fema(folder: Path) -> Path:
    path = folder / "fema.toml"
    path.write_text(f"[rules.cost_cpi]\n{FEMA}[rules.schedule_spi_t]\n{FEMA}", encoding="utf-8")
    return path


def test_two_sided_bands_and_the_worst_of_two(tmp_path: Path) -> None:
    cases: dict[str, Tables] = {str(index): at_cost(60000 * index, 60000, bac=240000) for index, _ in BANDS}
    for spi, cpi, _ in PAIRS:
        cases[spi + cpi] = at_cost(60 * INDEX[spi], 60 * INDEX[spi] / INDEX[cpi])
    con = loaded(tmp_path, portfolio(cases), fema(tmp_path))
    for index, colour in BANDS:
        sql = "select colour from mart_rag_evidence where project_id = $p and rule_id = 'cost_cpi'"
        assert one(con, sql, p=str(index))["colour"] == colour, index
    for spi, cpi, colour in PAIRS:
        sql = "select rag_overall from mart_project_status where project_id = $p"
        assert one(con, sql, p=spi + cpi)["rag_overall"] == colour, (spi, cpi)


def test_margin_of_hysteresis(tmp_path: Path) -> None:
    """With a margin of 0.02 an index improves only when it is that far beyond its bound."""
    path = tmp_path / "rules.toml"
    path.write_text("[settings]\nhysteresis_margin = 0.02\nimprove_after_reports = 1\n", encoding="utf-8")
    course = {JAN: 0.96, FEB: 0.94, MAR: 0.96, APR: 0.97, MAY: 0.96, JUN: 0.80}
    tables = [row for day, cpi in course.items() for row in earned(day, 60 * cpi, 60)]
    con = built(portfolio({"P": {"earned_value": tables}}), load_rules(path))
    got = rows(con, "select rag_cost from mart_project_status order by status_date")
    assert [row["rag_cost"] for row in got] == [G, Y, Y, G, G, R]


def test_rules_switched_off_do_not_repaint_what_they_judged(tmp_path: Path) -> None:
    """A safety report was a second report while safety was judged: it stays one, and a grey keeps its reason."""
    tables = {
        "quality": [{"status_date": day, "defects_critical": n} for day, n in ((FEB, 3), (MAR, 0), (MAY, 0))],
        "safety": [{"status_date": APR, "hours_worked": 100, "lost_time_incidents": 0, "fatalities": 0}],
    }
    con = built(portfolio({"P": tables}))
    sql = """
        select s.status_date, s.rag_quality, list(e.reason_key order by e.rule_id)
        from mart_project_status s
        left join mart_rag_evidence e
          on e.project_id = s.project_id and s.status_date >= e.status_date
         and s.status_date <= coalesce(e.status_date_to, s.status_date)
        where s.status_date < date '2025-05-01'
        group by all order by 1"""
    before = con.execute(sql).fetchall()
    path = tmp_path / "rules.toml"
    off = "".join(
        f"[rules.{rule}]\noff = true\n"
        for rule in ("quality_lost_time_incidents", "quality_fatalities", "quality_satisfaction")
    )
    path.write_text(f"valid_from = {MAY.isoformat()}\n{off}", encoding="utf-8")
    write_rules(con, load_rules(path))
    build_marts(con)
    assert con.execute(sql).fetchall() == before


def test_how_colours_improve_belongs_to_the_rules_of_the_time(tmp_path: Path) -> None:
    """Rules that improve at once from April on leave the March before them held."""
    course = {FEB: 0.80, MAR: 1.0, APR: 0.80, MAY: 1.0}
    tables = [row for day, cpi in course.items() for row in earned(day, 60 * cpi, 60)]
    con = built(portfolio({"P": {"earned_value": tables}}))
    path = tmp_path / "rules.toml"
    path.write_text(
        f"valid_from = {APR.isoformat()}\n[settings]\nimprove_after_reports = 1\n", encoding="utf-8"
    )
    write_rules(con, load_rules(path))
    build_marts(con)
    got = rows(con, "select rag_cost from mart_project_status order by status_date")
    assert [row["rag_cost"] for row in got] == [R, R, R, G]


def test_a_count_of_none_names_the_rows_looked_through() -> None:
    change = {
        "change_id": "C1",
        "status": "approved",
        "notice_due_on": "2025-02-01",
        "raised_on": "2025-01-10",
    }
    con = built(portfolio({"P": {"changes": [{**change, "status_date": JAN}]}}))
    found = rows(
        con, "select rule_id, value, len(source_refs) as refs from mart_rag_evidence where value = 0"
    )
    assert {row["rule_id"]: row["refs"] for row in found} == {
        "scope_notices_missed": 1,
        "scope_unapproved_change_share": 1,
        "scope_unapproved_work": 1,
    }
