"""Schedules: tasks and links of a project at a status date, and a file in MS Project's XML (MSPDI)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import numpy as np

from loaders.demo.reports import Reports, Row
from loaders.demo.texts import KINDS, Text

XML_PROJECTS = ("MX-2402", "MX-2407")
TABLE_PROJECTS = ("CO-2301", "MX-2404", "CO-2406", "CO-2401")
SPANS = ((0.0, 0.2), (0.12, 0.42), (0.32, 0.74), (0.64, 0.95), (0.88, 1.0))
CRITICAL_PHASES = (0, 2, 3, 4)
MINUTES_A_DAY = 480
NAMESPACE = "http://schemas.microsoft.com/project"
LINK_CODES = {"FF": 0, "FS": 1, "SF": 2, "SS": 3}


@dataclass(frozen=True)
class Task:
    """A task of the template: where in the work it starts and ends (shares of the whole)."""

    uid: int
    wbs: str
    name: Text
    kind: str
    level: int
    start: float
    finish: float
    critical: bool


def tasks_of(reports: Reports) -> tuple[tuple[Task, ...], tuple[tuple[int, int, str, int], ...]]:
    """The tasks of a project's kind, and their links (predecessor, successor, type, lag in days)."""
    tasks: list[Task] = []
    links: list[tuple[int, int, str, int]] = []
    ends: list[int] = []
    uid = 0
    for number, ((phase, names), (first, last)) in enumerate(
        zip(KINDS[reports.course.project.kind].tasks, SPANS, strict=True)
    ):
        uid += 1
        critical = number in CRITICAL_PHASES
        tasks.append(Task(uid, str(number + 1), phase, "summary", 1, first, last, critical))
        edges = np.linspace(first, last, len(names) + 1)
        for index, name in enumerate(names):
            uid += 1
            tasks.append(
                Task(
                    uid,
                    f"{number + 1}.{index + 1}",
                    name,
                    "discrete",
                    2,
                    float(edges[index]),
                    float(edges[index + 1]),
                    critical,
                )
            )
            if index:
                links.append((uid - 1, uid, "FS", 0))
            elif ends:
                links.append((ends[-1] - 2 if number != 1 else 3, uid, "FS", 0))
        uid += 1
        done = (f"{phase[0]}: fin", f"{phase[1]}: complete")
        tasks.append(Task(uid, f"{number + 1}.{len(names) + 1}", done, "milestone", 2, last, last, critical))
        links.append((uid - 1, uid, "FS", 0))
        ends.append(uid)
    links.append((ends[1], ends[2] - 3, "SS", 5))
    links.append((ends[3], ends[4] - 1, "FF", 0))
    return tuple(tasks), tuple(links)


def _workday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day


def _working_days(start: date, finish: date) -> int:
    return int(np.busday_count(start, finish + timedelta(days=1)))


def tasks_at(reports: Reports, month: int) -> list[Row]:
    """Rows of `tasks` at the end of a month."""
    course, rows = reports.course, []
    tasks, _ = tasks_of(reports)
    plan, position = course.plan_at(month), float(course.position[month])
    share = course.budget / sum(task.finish - task.start for task in tasks if task.kind == "discrete")

    def when(at: float) -> tuple[date, bool]:
        reached = course.when(at)
        if reached is not None and reached <= month:
            return reports.at(reached), True
        return reports.at(course.stated_date(month, at)), False

    for task in tasks:
        baseline = _workday(reports.at(plan.when(task.start)) + timedelta(days=1))
        baseline_finish = max(baseline, _workday(reports.at(plan.when(task.finish))))
        (start, begun), (finish, done) = when(task.start), when(task.finish)
        start, finish = _workday(start + timedelta(days=1)), _workday(finish)
        if task.kind == "milestone":
            start, baseline = finish, baseline_finish
        finish = max(start, finish)
        today = reports.day(month)
        begun, done = begun and start <= today, done and finish <= today
        if task.kind == "milestone":
            begun, complete = done, float(done)
        else:
            complete = (
                float(np.clip((position - task.start) / (task.finish - task.start), 0, 1)) if begun else 0.0
            )
            complete = 1.0 if done else min(0.99, round(complete, 2))
        cost = round(share * (task.finish - task.start), 2) if task.kind == "discrete" else 0.0
        rows.append(
            {
                "status_date": today,
                "task_uid": str(task.uid),
                "wbs": task.wbs,
                "name": reports.say(task.name),
                "outline_level": task.level,
                "task_kind": task.kind,
                "is_critical": task.critical and not done,
                "baseline_start": baseline,
                "baseline_finish": baseline_finish,
                "start": start,
                "finish": finish,
                "actual_start": start if begun else None,
                "actual_finish": finish if done else None,
                "percent_complete": complete,
                "duration_days": 0 if task.kind == "milestone" else _working_days(start, finish),
                "total_slack_days": 0 if task.critical else 12,
                "constraint_type": "ASAP",
                "baseline_cost": cost,
                "cost": cost,
                "actual_cost": round(cost * complete, 2),
                "resource_count": int(task.kind == "discrete"),
            }
        )
    return rows


def tasks(reports: Reports) -> list[Row]:
    """Rows of `tasks` for the projects that deliver them as a table."""
    if reports.project_id not in TABLE_PROJECTS:
        return []
    return [row for month in reports.months if month >= 1 for row in tasks_at(reports, month)]


def task_links(reports: Reports) -> list[Row]:
    """Rows of `task_links` for the projects that deliver them as a table."""
    if reports.project_id not in TABLE_PROJECTS:
        return []
    return [
        {
            "status_date": reports.day(month),
            "predecessor_uid": str(before),
            "successor_uid": str(after),
            "type": kind,
            "lag_days": lag,
        }
        for month in reports.months
        if month >= 1
        for before, after, kind, lag in tasks_of(reports)[1]
    ]


def _add(parent: ET.Element, **values: object) -> None:
    for name, value in values.items():
        if value is not None:
            ET.SubElement(parent, name).text = str(value)


def _begin(day: date) -> str:
    return f"{day.isoformat()}T09:00:00"


def _end(day: date) -> str:
    return f"{day.isoformat()}T18:00:00"


def _hours(working_days: float) -> str:
    return f"PT{round(working_days * MINUTES_A_DAY / 60)}H0M0S"


def mspdi(reports: Reports) -> bytes:
    """The schedule at the last report as MS Project XML; costs in hundredths, slack in tenths of minutes."""
    rows = tasks_at(reports, reports.months[-1])
    links = tasks_of(reports)[1]
    project = reports.course.project
    root = ET.Element("Project", xmlns=NAMESPACE)
    _add(
        root,
        SaveVersion=14,
        Name=f"{project.project_id}.xml",
        Title=project.name,
        Company=project.programme.customer,
        Manager=project.manager,
        ScheduleFromStart=1,
        StartDate=_begin(min(row["start"] for row in rows)),
        FinishDate=_end(max(row["finish"] for row in rows)),
        CurrencyDigits=2,
        CurrencyCode=project.currency,
        CalendarUID=1,
        DefaultStartTime="09:00:00",
        DefaultFinishTime="18:00:00",
        MinutesPerDay=MINUTES_A_DAY,
        MinutesPerWeek=2400,
        DaysPerMonth=20,
        StatusDate=_end(reports.day(reports.months[-1])),
        CurrentDate=_end(reports.day(reports.months[-1])),
    )
    _calendar(ET.SubElement(root, "Calendars"))
    container = ET.SubElement(root, "Tasks")
    for order, row in enumerate(rows, start=1):
        _task(container, order, row, [link for link in links if str(link[1]) == row["task_uid"]])
    teams = ET.SubElement(root, "Resources")
    resource = ET.SubElement(teams, "Resource")
    _add(resource, UID=1, ID=1, Name=reports.say(("Equipo de entrega", "Delivery team")), Type=1)
    assignments = ET.SubElement(root, "Assignments")
    for row in rows:
        if row["resource_count"]:
            assignment = ET.SubElement(assignments, "Assignment")
            _add(
                assignment,
                UID=row["task_uid"],
                TaskUID=row["task_uid"],
                ResourceUID=1,
                Finish=_end(row["finish"]),
                Start=_begin(row["start"]),
                Units=1,
                Work=_hours(row["duration_days"]),
            )
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _calendar(parent: ET.Element) -> None:
    calendar = ET.SubElement(parent, "Calendar")
    _add(calendar, UID=1, Name="Standard", IsBaseCalendar=1)
    week = ET.SubElement(calendar, "WeekDays")
    for weekday in range(1, 8):
        entry = ET.SubElement(week, "WeekDay")
        working = 2 <= weekday <= 6
        _add(entry, DayType=weekday, DayWorking=int(working))
        if working:
            times = ET.SubElement(entry, "WorkingTimes")
            for start, finish in (("09:00:00", "13:00:00"), ("14:00:00", "18:00:00")):
                _add(ET.SubElement(times, "WorkingTime"), FromTime=start, ToTime=finish)


def _task(parent: ET.Element, order: int, row: Row, links: list[tuple[int, int, str, int]]) -> None:
    task = ET.SubElement(parent, "Task")
    milestone, summary = row["task_kind"] == "milestone", row["task_kind"] == "summary"
    start = _end(row["start"]) if milestone else _begin(row["start"])
    baseline_days = 0 if milestone else _working_days(row["baseline_start"], row["baseline_finish"])
    _add(
        task,
        UID=row["task_uid"],
        ID=order,
        Name=row["name"],
        Type=1,
        IsNull=0,
        WBS=row["wbs"],
        OutlineNumber=row["wbs"],
        OutlineLevel=row["outline_level"],
        Priority=500,
        Start=start,
        Finish=_end(row["finish"]),
        Duration=_hours(row["duration_days"]),
        DurationFormat=7,
        Milestone=int(milestone),
        Summary=int(summary),
        Critical=int(row["is_critical"]),
        TotalSlack=round(row["total_slack_days"] * MINUTES_A_DAY * 10),
        PercentComplete=round(row["percent_complete"] * 100),
        Cost=round(row["cost"] * 100),
        ActualStart=None if row["actual_start"] is None else start,
        ActualFinish=None if row["actual_finish"] is None else _end(row["actual_finish"]),
        ActualCost=round(row["actual_cost"] * 100),
        ConstraintType=0,
        CalendarUID=-1,
    )
    for before, _, kind, lag in links:
        _add(
            ET.SubElement(task, "PredecessorLink"),
            PredecessorUID=before,
            Type=LINK_CODES[kind],
            CrossProject=0,
            LinkLag=lag * MINUTES_A_DAY * 10,
            LagFormat=7,
        )
    baseline = _end(row["baseline_start"]) if milestone else _begin(row["baseline_start"])
    _add(
        ET.SubElement(task, "Baseline"),
        Number=0,
        Start=baseline,
        Finish=_end(row["baseline_finish"]),
        Duration=_hours(baseline_days),
        DurationFormat=7,
        Cost=round(row["baseline_cost"] * 100),
    )
