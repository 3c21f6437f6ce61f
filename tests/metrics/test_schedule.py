"""work.schedule_status: which event is the finish, and how late it is on whose calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import duckdb
import pytest

from metrics.calendars import write_calendars
from tests.metrics.timeline import marts_of, rows, timeline, together

STATUS = date(2025, 6, 30)


def project(**more: Any) -> dict[str, Any]:
    row = {"project_id": "P", "name": "P", "country": "MX"}
    return {**row, "baseline_start": "2025-01-01", "baseline_finish": "2025-12-31", **more}


def milestone(name: str = "M", *, status: Any = STATUS, **more: Any) -> dict[str, Any]:
    return {"project_id": "P", "milestone_id": name, "name": name, "status_date": status, **more}


def report(finish: Any, *, status: Any = STATUS) -> dict[str, Any]:
    return {"project_id": "P", "status_date": status, "forecast_finish": finish}


def task(uid: str = "1", *, status: Any = STATUS, **more: Any) -> dict[str, Any]:
    return {"project_id": "P", "task_uid": uid, "name": uid, "status_date": status, **more}


def baseline(no: int, approved: Any, finish: Any, **more: Any) -> dict[str, Any]:
    row = {"project_id": "P", "baseline_no": no, "approved_on": approved, "baseline_start": "2025-01-01"}
    return {**row, "baseline_finish": finish, **more}


def status_of(con: duckdb.DuckDBPyConnection, day: Any = STATUS) -> dict[str, Any]:
    return rows(con, "from work.schedule_status where status_date = $day", {"day": day})[0]


def status(tables: dict[str, Any], day: Any = STATUS) -> dict[str, Any]:
    return status_of(marts_of({"projects": [project()], **tables}, last=14), day)


def all_of(cases: Iterable[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    """Columns of the status of each case at STATUS; a case is a project's tables."""
    con = marts_of(together({"projects": [project()], **tables} for tables in cases), last=14)
    wanted = f"select {', '.join(columns)} from work.schedule_status"
    sql = f"{wanted} where status_date = $day order by project_id::int"
    return con.execute(sql, {"day": STATUS}).fetchall()


SCHEDULE = [
    task("1", baseline_finish="2025-11-30", finish="2026-01-31", task_kind="discrete"),
    task("2", baseline_finish="2025-12-20", finish="2026-01-15", task_kind="milestone"),
    task("0", baseline_finish="2027-01-01", finish="2027-01-01", task_kind="summary"),
]
MILESTONES = [
    milestone("design", kind="internal", baseline_date="2026-06-01", forecast_date="2026-06-01"),
    milestone("launch", kind="contractual", baseline_date="2025-12-10", forecast_date="2026-02-10"),
    milestone("gate 3", kind="gate", baseline_date="2025-06-01", actual_date="2025-06-15"),
]
REPORTS = [report("2026-03-31")]


FINISHES = [  # tables → source, forecast finish, baseline finish, slip
    ({}, None, None, "2025-12-31", None),
    ({"status_reports": REPORTS}, "reported", "2026-03-31", "2025-12-31", 90),
    (
        {"status_reports": REPORTS, "milestones": MILESTONES},
        "milestones",
        "2026-02-10",
        "2025-12-10",
        62,
    ),
    (
        {"milestones": MILESTONES[:1]},
        "milestones",
        "2026-06-01",
        "2026-06-01",
        0,
    ),  # all kinds, if need be
    ({"milestones": MILESTONES, "tasks": SCHEDULE}, "schedule", "2026-01-31", "2025-12-20", 42),
    (
        {"tasks": [task(finish="2026-01-31")]},
        "schedule",
        "2026-01-31",
        "2025-12-31",
        31,
    ),  # no own baseline
    (
        {
            "projects": [project(finish_milestone_id="launch")],
            "milestones": MILESTONES,
            "tasks": SCHEDULE,
        },
        "finish_milestone",
        "2026-02-10",
        "2025-12-10",
        62,
    ),
    (
        {"projects": [project(finish_milestone_id="launch")], "milestones": MILESTONES[2:]},
        "milestones",  # the finish milestone is not in the report
        "2025-06-15",
        "2025-06-01",
        14,
    ),
    (
        {
            "projects": [project(finish_milestone_id="M")],
            "milestones": [milestone(forecast_date="2026-02-10")],
        },
        "finish_milestone",  # without a baseline of its own: the project's
        "2026-02-10",
        "2025-12-31",
        41,
    ),
    (
        {
            "projects": [project(finish_milestone_id="M")],
            "milestones": [milestone(forecast_date="2026-02-10", actual_date="2025-06-20")],
        },
        "finish_milestone",
        "2025-06-20",  # what has happened comes before what was forecast
        "2025-12-31",
        -194,
    ),
    (
        {"milestones": [milestone(kind="contractual"), *MILESTONES[:1]], "status_reports": REPORTS},
        "reported",  # the contractual one has no date; an internal one is another event
        "2026-03-31",
        "2025-12-31",
        90,
    ),
]


def test_the_finish_and_its_baseline_are_one_event() -> None:
    reported = {"quality": [{"project_id": "P", "status_date": STATUS}]}
    found = all_of(
        ({**reported, **tables} for tables, *_ in FINISHES),
        "forecast_finish_source",
        "forecast_finish",
        "baseline_finish",
        "slip_days",
    )
    assert found == [
        (source, finish and date.fromisoformat(finish), date.fromisoformat(baseline_finish), slip)
        for _, source, finish, baseline_finish, slip in FINISHES
    ]


def test_a_source_much_older_than_the_newest_loses_its_turn() -> None:
    scheduled = {"2025-05-26": "schedule", "2025-05-25": "reported"}  # 35 and 36 days before the report
    found = all_of(
        (
            {"tasks": [task(status=day, finish="2026-01-31")], "status_reports": [report("2026-03-31")]}
            for day in scheduled
        ),
        "forecast_finish_source",
    )
    assert [source for (source,) in found] == list(scheduled.values())


def test_the_newest_report_without_a_date_is_no_forecast() -> None:
    found = status({"status_reports": [report("2026-03-31", status="2025-06-15"), report(None)]})
    assert (found["forecast_finish"], found["slip_days"]) == (None, None)


def test_current_and_original_baseline() -> None:
    tables = {
        "baselines": [
            baseline(0, "2024-12-01", "2025-10-01"),
            baseline(1, "2025-03-15", "2025-12-01"),
            baseline(2, "2025-05-15", "2026-02-01"),
        ],
        "status_reports": [
            report("2025-11-01", status="2025-02-28"),
            report("2025-12-15", status="2025-03-31"),
            report("2026-02-01", status=STATUS),
        ],
    }
    con = marts_of({"projects": [project()], **tables}, last=14)
    found = [status_of(con, day) for day in (date(2025, 2, 28), date(2025, 3, 31), STATUS)]
    assert [row["slip_days"] for row in found] == [31, 14, 0]
    assert [row["slip_days_original"] for row in found] == [31, 75, 123]
    assert [row["rebaseline_count"] for row in found] == [0, 1, 2]
    assert [row["forecast_moved_days"] for row in found] == [None, 44, 48]
    assert [row["slip_share"] for row in found] == pytest.approx([31 / 273, 14 / 334, 0])
    assert found[-1]["slip_share_original"] == pytest.approx(123 / 273)


def test_movement_is_since_the_last_report_of_the_finish() -> None:
    tables = {
        "status_reports": [report("2025-11-01", status="2025-05-31"), report("2025-11-11")],
        "quality": [{"project_id": "P", "status_date": day} for day in ("2025-06-15", "2025-07-15")],
    }
    con = marts_of({"projects": [project()], **tables}, last=14)
    moved = con.execute(
        "select forecast_moved_days from work.schedule_status order by status_date"
    ).fetchall()
    assert moved == [(None,), (None,), (10,), (10,)]


def test_slip_as_a_share_of_the_baseline() -> None:
    shares = {
        ("2025-01-01", "2025-12-31"): 90 / 364,
        ("2025-12-31", "2025-01-01"): None,  # ends before it starts
        ("2025-01-01", "2025-01-01"): None,
        (None, "2025-12-31"): None,
    }
    found = all_of(
        (
            {
                "projects": [project(baseline_start=start, baseline_finish=finish)],
                "status_reports": REPORTS,
            }
            for start, finish in shares
        ),
        "slip_share",
    )
    assert [share for (share,) in found] == list(shares.values())


def test_a_project_without_a_baseline_has_no_slip() -> None:
    bare = {"project_id": "P", "name": "P"}
    found = status({"projects": [bare], "status_reports": REPORTS})
    assert (found["forecast_finish"], found["slip_days"], found["slip_working_days"]) == (
        date(2026, 3, 31),
        None,
        None,
    )
    assert found["rebaseline_count"] == 0


# The third Monday of March is a holiday in Mexico; Saint Joseph's in Colombia is a week later.
WORKING_DAYS = [  # country, baseline finish, forecast finish → working days late
    ("MX", "2026-03-13", "2026-03-18", 2),
    ("CO", "2026-03-13", "2026-03-18", 3),
    (None, "2026-03-13", "2026-03-18", 3),
    ("MX", "2026-03-18", "2026-03-13", -2),
    ("CO", "2026-03-20", "2026-03-24", 1),
    ("MX", "2026-03-20", "2026-03-24", 2),
    ("MX", "2026-03-13", "2026-03-13", 0),
    ("MX", "2026-03-14", "2026-03-15", 0),  # a weekend
    ("GB", "2025-12-24", "2025-12-29", 1),
    ("CO", "2026-01-09", "2026-01-12", 0),  # Epiphany, moved to its Monday
    ("MX", "2026-03-13", "2200-01-01", None),  # beyond the calendar
]


def test_working_days_are_the_countrys_own() -> None:
    found = all_of(
        (
            {
                "projects": [project(country=country, baseline_finish=planned)],
                "status_reports": [report(forecast)],
            }
            for country, planned, forecast, _ in WORKING_DAYS
        ),
        "slip_working_days",
    )
    assert [days for (days,) in found] == [case[3] for case in WORKING_DAYS]


def test_working_days_against_every_reference() -> None:
    tables = {
        "projects": [project(contract_finish="2026-03-12")],
        "baselines": [baseline(0, "2024-12-01", "2026-03-06"), baseline(1, "2025-03-15", "2026-03-13")],
        "status_reports": [report("2026-03-17", status="2025-05-31"), report("2026-03-18")],
    }
    found = status(tables)
    columns = ("slip_working_days", "slip_working_days_original", "slip_working_days_contract")
    assert [found[column] for column in columns] == [2, 7, 3]
    assert (found["forecast_moved_days"], found["forecast_moved_working_days"]) == (1, 1)


def test_a_project_takes_the_calendar_of_its_programmes_country() -> None:
    tables = {
        "programmes": [{"programme_id": "G", "name": "G", "country": "MX"}],
        "projects": [project(country=None, programme_id="G", baseline_finish="2026-03-13")],
        "status_reports": [report("2026-03-18")],
    }
    assert status(tables)["slip_working_days"] == 2


def test_every_country_has_a_calendar() -> None:
    con = duckdb.connect()
    named = [project(project_id=code, country=code) for code in ("SA", "XX")]
    timeline(con, {"projects": named})
    write_calendars(con)
    worked = dict(
        con.execute(
            "select country, sum(is_working::int) from work.working_day"
            " where day between '2026-03-12' and '2026-03-18' group by country"  # Thursday to Wednesday
        ).fetchall()
    )
    assert worked == {"": 5, "CO": 5, "MX": 4, "XX": 5, "SA": 5}
    friday = con.execute(
        "select country from work.working_day where day = '2026-03-13' and not is_working"
    ).fetchall()
    assert friday == [("SA",)]


def test_the_contract_finish_and_the_days_granted() -> None:
    tables = {
        "projects": [project(contract_finish="2026-01-31", finish_milestone_id="M")],
        "milestones": [milestone(forecast_date="2026-02-20", contract_date="2026-02-01")],
        "delays": [
            {
                "project_id": "P",
                "delay_id": "D",
                "status_date": STATUS,
                "milestone_id": "M",
                "cause": "customer",
                "days_granted": 9,
            }
        ],
    }
    found = status(tables)
    assert (found["contract_finish"], found["slip_days_contract"]) == (date(2026, 2, 1), 10)
    reported = status({**tables, "milestones": [], "delays": [], "status_reports": [report("2026-02-20")]})
    assert (reported["contract_finish"], reported["slip_days_contract"]) == (date(2026, 1, 31), 20)


def test_no_day_depends_on_a_later_one() -> None:
    tables: dict[str, Any] = {
        "baselines": [baseline(0, "2024-12-01", "2025-10-01"), baseline(1, "2025-06-15", "2025-12-01")],
        "milestones": [
            milestone(status=f"2025-0{m}-28", forecast_date=f"2025-1{m}-01") for m in (0, 1, 2) if m
        ],
        "status_reports": [report(f"2025-1{m}-15", status=f"2025-0{m}-28") for m in (1, 2)],
        "tasks": [task(status=f"2025-0{m}-28", finish=f"2025-1{m}-20") for m in (1, 2)],
    }
    query = "from work.schedule_status where status_date <= date '2025-01-28'"
    whole = marts_of({"projects": [project()], **tables}, last=14)
    cut = {
        name: [row for row in given if str(row.get("status_date", row.get("approved_on"))) <= "2025-01-28"]
        for name, given in tables.items()
    }
    assert (
        whole.execute(query).fetchall()
        == marts_of({"projects": [project()], **cut}, last=14).execute(query).fetchall()
    )


def test_the_rows_behind_are_named() -> None:
    found = status({"baselines": [baseline(0, "2024-12-01", "2025-10-01")], "milestones": MILESTONES})
    assert [(ref["table"], ref["row"]) for ref in found["slip_refs"]] == [("milestones", 3), ("baselines", 2)]
