"""Questions about one project, on the marts of two small ones: A has everything, B a name and one report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from metrics.queries import project
from metrics.scope import Scope
from tests.metrics.portfolio import built

MAY, JUNE, JULY, AUGUST = date(2025, 5, 31), date(2025, 6, 30), date(2025, 7, 31), date(2025, 8, 31)
SCOPE = Scope("", AUGUST, JULY, currency="project")

MILESTONES = """
    id  name          day    baseline   expected   actual
    M1  Design        JUNE   2025-06-15 -          2025-06-20
    M2  Cut-over      JUNE   2025-08-31 2025-08-31 -
    M3  Acceptance    JUNE   2025-10-31 2025-10-31 -
    M1  Design        JULY   2025-06-15 -          2025-06-20
    M2  Cut-over      JULY   2025-08-31 2025-09-10 -
    M3  Acceptance    JULY   2025-10-31 2025-11-15 -
    M1  Design        AUGUST 2025-06-15 -          2025-06-20
    M2  Cut-over      AUGUST 2025-08-31 -          2025-08-25
    M3  Acceptance    AUGUST 2025-10-31 2025-12-15 -
"""
TASKS = """
    uid wbs   level kind     critical baseline_finish start      finish     done name
    1   1     1     summary  -        -               -          -          -    Phase <1>
    2   1.1   2     discrete true     2025-08-10      2025-07-01 2025-08-20 0.5  Install
    3   1.2   2     discrete false    2025-08-31      2025-08-01 2025-08-31 0    Test
    4   1.3   2     milestone true    2025-09-15      2025-09-20 2025-09-20 0    Cut-over
    5   2     1     summary  -        2025-10-31      2025-09-01 2025-10-31 -    Phase 2
"""


def table(text: str) -> list[dict[str, str]]:
    lines = [line.split() for line in text.strip().split("\n")]
    names = lines[0]
    cells = [[*line[: len(names) - 1], " ".join(line[len(names) - 1 :])] for line in lines[1:]]
    return [{name: cell for name, cell in zip(names, row, strict=True) if cell != "-"} for row in cells]


def milestones() -> list[dict[str, object]]:
    days = {"JUNE": JUNE, "JULY": JULY, "AUGUST": AUGUST}
    told = []
    for line in MILESTONES.strip().split("\n")[1:]:
        key, name, day, baseline, expected, actual = (None if c == "-" else c for c in line.split())
        told.append(
            {
                "project_id": "A",
                "milestone_id": key,
                "status_date": days[str(day)],
                "name": name,
                "kind": "contractual",
                "original_date": baseline,
                "baseline_date": baseline,
                "forecast_date": expected,
                "actual_date": actual,
            }
        )
    return told


def tasks() -> list[dict[str, object]]:
    told: list[dict[str, object]] = []
    for day, shift in ((MAY, -10), (AUGUST, 0)):
        for row in table(TASKS):
            finish = row.get("baseline_finish")
            told.append(
                {
                    "project_id": "A",
                    "status_date": day,
                    "task_uid": row["uid"],
                    "wbs": row["wbs"],
                    "name": row["name"],
                    "outline_level": row["level"],
                    "task_kind": row["kind"],
                    "is_critical": row.get("critical") == "true",
                    "baseline_start": "2025-07-01" if row["uid"] == "2" else None,
                    "baseline_finish": finish
                    and date.fromordinal(date.fromisoformat(finish).toordinal() + shift),
                    "start": row.get("start"),
                    "finish": row.get("finish"),
                    "percent_complete": row.get("done"),
                }
            )
    return told


def periods(day: date, earned: list[tuple[str, float, float]]) -> list[dict[str, object]]:
    done = {end: (ev, ac) for end, ev, ac in earned}
    return [
        {
            "project_id": "A",
            "status_date": day,
            "period_end": end,
            "planned_value": pv,
            "earned_value": done.get(end, (None, None))[0],
            "actual_cost": done.get(end, (None, None))[1],
        }
        for end, pv in (("2025-06-30", 20), ("2025-07-31", 50), ("2025-08-31", 80), ("2025-09-30", 100))
    ]


def amounts(scenario: str, day: date, **lines: float) -> list[dict[str, object]]:
    return [
        {"project_id": "A", "status_date": day, "scenario": scenario, "line": line, "amount": amount}
        for line, amount in lines.items()
    ]


TABLES: dict[str, list[dict[str, object]]] = {
    "projects": [
        {"project_id": "A", "name": "Core swap", "valid_from": "2025-01-01", "country": "MX", "currency": "MXN",
         "contract_value": 200, "baseline_start": "2025-06-01", "baseline_finish": "2025-09-30", "phase": "execute",
         "as_sold_rate_date": "2025-01-01"},
        {"project_id": "B", "name": "Study", "valid_from": "2025-08-01"},
    ],
    "status_reports": [
        {"project_id": "A", "status_date": day, "reported_overall": "green", "decisions_requested": "Sign"}
        for day in (JUNE, JULY, AUGUST)
    ] + [{"project_id": "B", "status_date": AUGUST, "summary": "Kick-off"}],
    "baselines": [
        {"project_id": "A", "baseline_no": 0, "approved_on": "2025-01-01", "baseline_cost": 100, "reason": "sold"},
        {"project_id": "A", "baseline_no": 1, "approved_on": "2025-08-10", "baseline_cost": 100, "reason": "scope"},
    ],
    "milestones": milestones(),
    "earned_value": periods(JUNE, [("2025-06-30", 20, 20)])
    + periods(JULY, [("2025-06-30", 20, 20), ("2025-07-31", 40, 50)])
    + periods(AUGUST, [("2025-06-30", 20, 20), ("2025-07-31", 40, 50), ("2025-08-31", 50, 80)]),
    "financials": amounts("as_sold", JUNE, revenue=200, labour=100, contingency=10)
    + amounts("forecast", AUGUST, revenue=200, labour=120, contingency=5),
    "tasks": tasks(),
    "task_links": [
        {"project_id": "A", "status_date": day, "predecessor_uid": "2", "successor_uid": "3", "type": "FS"}
        for day in (MAY, AUGUST)
    ]
    + [{"project_id": "A", "status_date": AUGUST, "predecessor_uid": "4", "successor_uid": "5", "lag_days": 3}],
    "changes": [
        {"project_id": "A", "change_id": "C1", "status_date": AUGUST, "title": "More", "status": "submitted",
         "raised_on": "2025-08-05", "revenue_impact": 10},
        {"project_id": "A", "change_id": "C2", "status_date": AUGUST, "title": "Less", "status": "approved",
         "raised_on": "2025-06-05", "decided_on": "2025-08-20", "cost_impact": 0},
    ],
    "risks": [
        {"project_id": "A", "risk_id": "R1", "status_date": JULY, "kind": "risk", "title": "Permit",
         "status": "open", "probability": 0.5, "cost_impact": 20, "opened_on": "2025-07-01"},
        {"project_id": "A", "risk_id": "R1", "status_date": AUGUST, "kind": "risk", "title": "Permit",
         "status": "occurred", "probability": 0.5, "cost_impact": 20, "opened_on": "2025-07-01"},
        {"project_id": "A", "risk_id": "R2", "status_date": AUGUST, "kind": "risk", "title": "Customs",
         "status": "open", "probability": 0.2, "cost_impact": 10, "opened_on": "2025-08-02"},
    ],
    "actions": [
        {"project_id": "A", "item_id": "I1", "status_date": AUGUST, "kind": "decision", "title": "Sign",
         "opened_on": "2025-08-01"},
        {"project_id": "A", "item_id": "I2", "status_date": AUGUST, "kind": "issue", "title": "Access",
         "opened_on": "2025-06-01", "closed_on": "2025-08-02"},
    ],
    "acceptances": [
        {"project_id": "A", "acceptance_id": "A1", "status_date": AUGUST, "value": 50, "submitted_on": "2025-07-01",
         "rejected_on": "2025-08-15", "rejection_reason": "labels"},
    ],
    "resources": [
        {"project_id": "A", "status_date": JULY, "role": "engineer", "period_end": "2025-07-31",
         "hours_planned": 100, "hours_actual": 120},
        {"project_id": "A", "status_date": AUGUST, "role": "engineer", "period_end": "2025-08-31",
         "hours_planned": 100, "hours_actual": 80, "hours_forecast": 90},
        {"project_id": "A", "status_date": AUGUST, "role": "engineer", "period_end": "2025-09-30",
         "hours_planned": 50, "hours_forecast": 60},
    ],
    "sites": [
        {"project_id": "A", "site_id": "S1", "status_date": AUGUST, "planned_on_air": "2025-08-01",
         "actual_on_air": "2025-08-04"},
    ],
    "fx_rates": [
        {"currency": "MXN", "rate_date": "2025-01-01", "basis": "plan", "per_usd": 20},
        {"currency": "MXN", "rate_date": "2025-01-01", "basis": "actual", "per_usd": 18},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = built(TABLES)
    con.execute("create table loads as select 1 as load_id, 'test' as source, 'projects.csv' as file,"
                " timestamp '2025-09-01 10:00' as loaded_at")  # fmt: skip
    yield con
    con.close()


def test_status_now_and_before(con: duckdb.DuckDBPyConnection) -> None:
    found = project.status(con, SCOPE, "A")
    assert found
    assert found.before
    assert (found.now["status_date"], found.before["status_date"]) == (AUGUST, JULY)
    assert (found.now["contract_value"], found.money_in, found.now["days_since_status"]) == (200, "MXN", 0)
    assert found.now["reported_decisions"] == "Sign"


def test_both_dates_are_at_one_rate(con: duckdb.DuckDBPyConnection) -> None:
    found = project.status(con, replace(SCOPE, currency="USD"), "A")
    assert found
    assert found.before
    assert (found.now["bac"], found.before["bac"], found.money_in) == (5, 5, "USD")


@pytest.mark.parametrize(
    ("scope", "project_id"), [(SCOPE, "nobody"), (replace(SCOPE, as_of=date(2020, 1, 1)), "A")]
)
def test_an_unknown_project_has_empty_answers(con: duckdb.DuckDBPyConnection, scope, project_id) -> None:
    assert project.status(con, scope, project_id) is None
    assert project.outlook(con, scope, project_id) is None
    assert project.plan(con, scope, project_id) is None
    assert project.quality(con, scope, project_id) is None
    frames = [
        getattr(project, name)(con, scope, project_id)
        for name in ("curve", "milestones", "milestone_trend", "bridge", "risks", "cash", "sites", "hours",
                     "roles", "events", "findings")
    ]  # fmt: skip
    assert all(frame.empty for frame in frames)
    assert all(project.register(con, scope, project_id, name).empty for name in project.REGISTERS)
    assert project.tasks(con, scope, project_id, "all", 1).empty
    assert project.sources(con, scope, "nobody").empty


def test_a_project_with_nothing_but_a_report(con: duckdb.DuckDBPyConnection) -> None:
    found = project.status(con, SCOPE, "B")
    assert found
    assert found.before is None
    assert (found.now["name"], found.now["rag_overall"], found.now["bac"]) == ("Study", "grey", None)
    assert project.curve(con, SCOPE, "B").empty
    assert set(project.sources(con, SCOPE, "B")["table"]) == {"projects", "status_reports"}


def test_curve_ends_at_the_status_date(con: duckdb.DuckDBPyConnection) -> None:
    found = project.curve(con, SCOPE, "A")
    assert list(found["planned_value"]) == [20, 50, 80, 100]
    assert list(found["actual_cost"].dropna()) == [20, 50, 80]
    before = project.curve(con, replace(SCOPE, as_of=JULY), "A")
    assert list(before["earned_value"].dropna()) == [20, 40]


def test_outlook_has_every_known_variant(con: duckdb.DuckDBPyConnection) -> None:
    told = project.outlook(con, SCOPE, "A")
    assert told
    assert (told.bac, told.cpi, told.ev_method) == (100, 0.625, "measured")
    assert told.eac == told.costs["eac_cpi"] == 160
    assert told.costs["eac_budget_rate"] == 130
    assert told.finish == told.finishes["es_forecast_finish"] > date(2025, 9, 30)


def test_milestones_with_their_move_since_the_comparison(con: duckdb.DuckDBPyConnection) -> None:
    found = project.milestones(con, SCOPE, "A").set_index("milestone_id")
    assert list(found.index) == ["M1", "M2", "M3"]
    assert list(found["slip_days"]) == [5, -6, 45]
    assert list(found["moved_days"]) == [0, -16, 30]
    assert [day.date() for day in found["first_slipped_on"]] == [JUNE, JULY, JULY]
    assert found.loc["M3", "refs"][0].table == "milestones"
    alone = project.milestones(con, replace(SCOPE, compared_with=None), "A")
    assert alone["moved_days"].isna().all()


def test_milestone_trend_ranks_by_movement(con: duckdb.DuckDBPyConnection) -> None:
    found = project.milestone_trend(con, SCOPE, "A")
    assert list(dict.fromkeys(found["milestone_id"])) == ["M3", "M2", "M1"]
    assert list(found[found["rank"] == 1]["forecast_finish"].dt.date) == [
        date(2025, 10, 31),
        date(2025, 11, 15),
        date(2025, 12, 15),
    ]
    assert len(found[found["milestone_id"] == "M1"]) == 1


def test_bridge_sums(con: duckdb.DuckDBPyConnection) -> None:
    found = project.bridge(con, SCOPE, "A")
    steps = found[found["owner"].notna()]
    assert steps["amount"].sum() == found["amount"].iloc[-1] - found["amount"].iloc[0] == -15
    assert steps["pp"].sum() == pytest.approx(found["points_after"].iloc[-1] - found["points_after"].iloc[0])


def test_plan(con: duckdb.DuckDBPyConnection) -> None:
    plan = project.plan(con, SCOPE, "A")
    assert plan
    assert (plan.status_date, plan.tasks, plan.baselined, plan.critical) == (AUGUST, 3, 3, 2)
    assert (plan.late, plan.late_original) == (2, 3)
    assert (plan.levels, plan.fits) == (((1, 2), (2, 5)), "2")


@pytest.mark.parametrize(
    ("levels", "fits"),
    [((), "all"), (((1, 5), (2, 40), (3, 900)), "2"), (((1, 41), (2, 400)), "1"), (((2, 7),), "2")],
)
def test_what_the_gantt_shows_first(levels: tuple[tuple[int, int], ...], fits: str) -> None:
    assert project.Plan(AUGUST, 1, 1, 0, 0, 0, levels).fits == fits


@pytest.mark.parametrize(
    ("show", "uids"),
    [("all", "12345"), ("1", "15"), ("2", "12345"), ("critical", "24"), ("late", "24"), ("7", "12345")],
)
def test_tasks(con: duckdb.DuckDBPyConnection, show: str, uids: str) -> None:
    found = project.tasks(con, SCOPE, "A", show, 1)
    assert list(found["task_uid"]) == list(uids)
    assert set(found["of"]) == {len(uids)}


def test_a_summary_without_dates_has_those_of_its_tasks(con: duckdb.DuckDBPyConnection) -> None:
    summary = project.tasks(con, SCOPE, "A", "1", 1).iloc[0]
    assert (summary["start_on"].date(), summary["finish_on"].date()) == (date(2025, 7, 1), date(2025, 9, 20))
    assert (bool(summary["is_critical"]), summary["under"], summary["slip_days"]) == (True, 3, 5)


def test_the_original_baseline_is_the_first_delivered(con: duckdb.DuckDBPyConnection) -> None:
    install = project.tasks(con, SCOPE, "A", "all", 1).iloc[1]
    assert install["baseline_finish"].date() == date(2025, 8, 10)
    assert install["original_finish"].date() == date(2025, 7, 31)
    assert install["slip_days"] == 10


MARCH, APRIL = date(2025, 3, 31), date(2025, 4, 30)


@pytest.mark.parametrize(
    ("held", "finish", "found_by"),
    [
        ([], date(2025, 7, 31), "delivered"),
        ([(0, APRIL, None, MAY)], MAY, "number"),
        ([(0, AUGUST, None, MAY)], date(2025, 7, 31), "delivered"),
        ([(3, APRIL, None, MAY)], date(2025, 7, 31), "delivered"),
        ([(0, AUGUST, JUNE, JUNE), (4, AUGUST, MARCH, MAY)], MAY, "saved"),
        ([(0, AUGUST, None, JUNE), (4, AUGUST, MARCH, MAY)], MAY, "saved"),
    ],
)
def test_the_original_baseline_is_what_the_file_says_before_what_was_first_delivered(
    con: duckdb.DuckDBPyConnection,
    held: list[tuple[int, date, date | None, date]],
    finish: date,
    found_by: str,
) -> None:
    con.execute("begin")
    try:
        for number, delivered, saved, ends in held:
            con.execute(
                "insert into timeline.task_baselines (project_id, task_uid, baseline_no, slice_date, saved_on,"
                " baseline_finish, source) select 'A', task_uid, ?, ?, ?, ?, any_value(source) from timeline.tasks"
                " where project_id = 'A' group by task_uid",
                [number, delivered, saved, ends],
            )
        install = project.tasks(con, SCOPE, "A", "all", 1).iloc[1]
        assert install["original_finish"].date() == finish
        plan = project.plan(con, SCOPE, "A")
        assert plan
        assert plan.original_by == found_by
    finally:
        con.execute("rollback")


def test_tasks_come_in_pages(con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "GANTT_ROWS", 2)
    assert list(project.tasks(con, SCOPE, "A", "all", 2)["task_uid"]) == ["3", "4"]


def test_dependencies_between_what_is_shown(con: duckdb.DuckDBPyConnection) -> None:
    assert len(project.dependencies(con, SCOPE, "A", ("2", "3"))) == 1
    assert project.dependencies(con, SCOPE, "A", ("3", "4")).empty


@pytest.mark.parametrize(
    ("uids", "rolled", "expected"),
    [
        (("1", "5"), False, []),
        (("1", "5"), True, [("1", "5")]),
        (("1", "2", "3", "5"), True, [("1", "5"), ("2", "3")]),
        (("2", "4", "5"), True, [("4", "5")]),
        (("5",), True, []),
    ],
)
def test_links_of_a_collapsed_outline_roll_up(
    con: duckdb.DuckDBPyConnection, uids: tuple[str, ...], rolled: bool, expected: list[tuple[str, str]]
) -> None:
    found = project.dependencies(con, SCOPE, "A", uids, rolled=rolled)
    assert list(zip(found["predecessor_uid"], found["successor_uid"], strict=True)) == expected


def test_risks_open_first(con: duckdb.DuckDBPyConnection) -> None:
    found = project.risks(con, SCOPE, "A")
    assert list(zip(found["risk_id"], found["is_open"], found["emv_post"], strict=True)) == [
        ("R2", True, -2),
        ("R1", False, 0),
    ]


def test_cash_names_stage_and_holder(con: duckdb.DuckDBPyConnection) -> None:
    row = project.cash(con, SCOPE, "A").iloc[0]
    assert (row["stage"], row["value"], row["days_in_stage"], row["money_in"]) == ("rejected", 50, 16, "MXN")


def test_hours_keep_months_that_newer_deliveries_left_out(con: duckdb.DuckDBPyConnection) -> None:
    found = project.hours(con, SCOPE, "A")
    assert list(found["hours_actual"].dropna()) == [120, 80]
    assert (found["actual_to_date"].iloc[0], found["planned_to_date"].iloc[0]) == (200, 200)
    row = project.roles(con, SCOPE, "A").iloc[0]
    assert (row["role"], row["hours_actual"], row["hours_forecast"]) == ("engineer", 200, 60)


def test_registers_have_their_origin_first(con: duckdb.DuckDBPyConnection) -> None:
    found = project.register(con, SCOPE, "A", "changes")
    assert list(found.columns[:3]) == ["file", "sheet", "row"]
    assert list(found["change_id"]) == ["C1", "C2"]
    assert list(project.register(con, SCOPE, "A", "actions")["item_id"]) == ["I1", "I2"]
    with pytest.raises(ValueError, match="loads"):
        project.register(con, SCOPE, "A", "loads")  # type: ignore[arg-type]


def test_events_between_the_dates(con: duckdb.DuckDBPyConnection) -> None:
    found = project.events(con, SCOPE, "A")
    told = set(zip(found["what"], found["name"], strict=True))
    assert told == {
        ("milestone_reached", "Cut-over"),
        ("milestone_later", "Acceptance"),
        ("rebaselined", "scope"),
        ("change_raised", "More"),
        ("change_approved", "Less"),
        ("risk_opened", "Customs"),
        ("risk_occurred", "Permit"),
        ("issue_closed", "Access"),
        ("acceptance_rejected", "A1"),
    }
    assert set(found["of"]) == {len(found)}
    assert project.events(con, replace(SCOPE, compared_with=None), "A").empty


def test_sources_and_their_rows(con: duckdb.DuckDBPyConnection) -> None:
    found = project.sources(con, SCOPE, "A").set_index("table")
    assert found.loc["earned_value", ["file", "rows"]].tolist() == ["earned_value.csv", 4]
    assert found.loc["projects", "loaded_at"].date() == date(2025, 9, 1)
    loaded = project.rows_of(con, SCOPE, "A", "earned_value", "earned_value.csv", None)
    assert list(loaded["planned_value"]) == [20, 50, 80, 100]
    assert "from_load" not in loaded
    with pytest.raises(ValueError, match="main"):
        project.rows_of(con, SCOPE, "A", "main", "x", None)


def test_sites(con: duckdb.DuckDBPyConnection) -> None:
    assert project.sites(con, SCOPE, "A")["on_air"].max() == 1


def test_as_of_depends_on_nothing_later(con: duckdb.DuckDBPyConnection) -> None:
    june = replace(SCOPE, as_of=JUNE, compared_with=None)
    found = project.status(con, june, "A")
    assert found
    assert (found.now["status_date"], found.now["ac"]) == (JUNE, 20)
    assert project.risks(con, june, "A").empty
    assert project.plan(con, june, "A").status_date == MAY  # type: ignore[union-attr]


def test_the_worst_of_the_scope_opens_first(con: duckdb.DuckDBPyConnection) -> None:
    assert project.worst(con, SCOPE) == "A"
    assert project.worst(con, replace(SCOPE, countries=("PE",))) is None
