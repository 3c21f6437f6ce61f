"""Rows of contract tables for small cases: plans and progress, schedules, amounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]
Calendar = Callable[[int], date]

STATUS = date(2025, 6, 30)


def months(period: int) -> date:
    """The end of the period-th month of 2025 (13 is January 2026)."""
    return date(2025 + period // 12, period % 12 + 1, 1) - timedelta(1)


def weeks(period: int) -> date:
    """The Sunday that ends the period-th week from 30 December 2024."""
    return date(2025, 1, 5) + timedelta(7 * (period - 1))


def days(period: int) -> date:
    """The period-th day of January 2025."""
    return date(2025, 1, period)


def baseline(cost: float | None, **more: Any) -> Row:
    """Baseline 0 over 2025, approved the December before."""
    row = {"baseline_no": 0, "approved_on": date(2024, 12, 1), "baseline_cost": cost}
    return {**row, "baseline_start": date(2025, 1, 1), "baseline_finish": date(2025, 12, 31), **more}


def period(end: Any, pv: Any, ev: Any = None, ac: Any = None, **more: Any) -> Row:
    """One row of `earned_value`, cumulative, as of STATUS."""
    row = {"status_date": STATUS, "period_end": end}
    return {**row, "planned_value": pv, "earned_value": ev, "actual_cost": ac, **more}


def plan(
    planned: Sequence[float],
    earned: Mapping[int, float],
    *,
    day: date | None = None,
    at: int | None = None,
    calendar: Calendar = months,
    cost: Mapping[int, float] | None = None,
) -> list[Row]:
    """Rows of `earned_value`: a plan by period, what was earned by then, as of a day or a period's end."""
    status = day or calendar(at or max(earned))
    return [
        period(calendar(n), value, earned.get(n), (cost or {}).get(n), status_date=status)
        for n, value in enumerate(planned, start=1)
    ]


def at_cost(ev: float, ac: float | None, *, bac: float = 120, day: date = STATUS) -> dict[str, list[Row]]:
    """Earned and spent at a month's end of 2025, of a plan that is even over its twelve months."""
    rows = []
    for n in range(1, 13):
        end = months(n)
        known = (ev, ac) if end == day else (0, 0) if end < day else (None, None)
        rows.append(period(end, round(bac * n / 12, 4), *known, status_date=day))
    return {"earned_value": rows}


def task(uid: str, **more: Any) -> Row:
    """An open task of July that breaks no rule."""
    row: Row = {
        "status_date": STATUS,
        "task_uid": uid,
        "name": f"Task {uid}",
        "task_kind": "discrete",
        "is_critical": True,
        "baseline_start": "2025-07-01",
        "baseline_finish": "2025-07-31",
        "start": "2025-07-01",
        "finish": "2025-07-31",
        "percent_complete": 0,
        "duration_days": 20,
        "total_slack_days": 0,
        "constraint_type": "AS_SOON_AS_POSSIBLE",
        "resource_count": 1,
    }
    return {**row, **more}


def done(uid: str, finished: str = "2025-06-15", planned: str = "2025-06-15", **more: Any) -> Row:
    """A finished task of June."""
    dates = {"actual_start": "2025-06-01", "actual_finish": finished, "finish": finished}
    return task(uid, **{**dates, "baseline_finish": planned, "percent_complete": 1, **more})


def link(before: str, after: str, kind: str | None = "FS", lag: float | None = 0) -> Row:
    """A dependency."""
    row = {"status_date": STATUS, "predecessor_uid": before, "successor_uid": after}
    return {**row, "type": kind, "lag_days": lag}


def chain(*uids: str) -> list[Row]:
    """Each task after the one before."""
    return [link(before, after) for before, after in pairwise(uids)]


def sound_schedule() -> dict[str, list[Row]]:
    """Twenty-one tasks in a row that pass all fourteen DCMA checks."""
    tasks = [done("0"), *(task(str(n)) for n in range(1, 20))]
    tasks.append(task("20", task_kind="milestone", duration_days=0, resource_count=0))
    return {"tasks": tasks, "task_links": chain(*(str(n) for n in range(21)))}


def population(**counts: int) -> list[Row]:
    """So many tasks of each kind: on_time, late, early, open, earlier, unplanned, …"""
    kinds = {
        "on_time": done("", "2025-06-15"),
        "late": done("", "2025-06-20"),
        "early": done("", "2025-06-15", "2025-08-31"),
        "open": task("", baseline_finish="2025-06-30"),
        "earlier": done("", "2025-04-15", "2025-04-30"),
        "earlier_late": done("", "2025-05-05", "2025-04-30"),
        "unplanned": task("", baseline_finish=None),
        "unplanned_done": done("", planned="2025-06-15") | {"baseline_finish": None},
        "future": task(""),
        "milestone": done("", task_kind="milestone"),
        "summary": task("", task_kind="summary", baseline_finish="2025-06-01"),
        "effort": task("", task_kind="level_of_effort", baseline_finish="2025-06-01"),
    }
    return [
        {**kinds[kind], "task_uid": f"{kind} {n}", "name": kind}
        for kind, count in counts.items()
        for n in range(count)
    ]


def project(**columns: Any) -> Row:
    """A row of `projects`, in dollars."""
    return {"currency": "USD", **columns}


def amounts(
    scenario: str, day: date | str = STATUS, currency: str | None = None, **lines: float
) -> list[Row]:
    """Rows of `financials` at completion (actual: to date), one per line."""
    return [
        {"status_date": day, "scenario": scenario, "line": line, "amount": amount, "currency": currency}
        for line, amount in lines.items()
    ]


def by_month(scenario: str, line: str, day: date | str = STATUS, **amounts_: float) -> list[Row]:
    """Rows of `financials` by month: jan25=100 is January 2025 alone."""
    return [
        {"status_date": day, "scenario": scenario, "line": line, "amount": amount, "period_end": _month(name)}
        for name, amount in amounts_.items()
    ]


def _month(name: str) -> date:
    number = "janfebmaraprmayjunjulaugsepoctnovdec".index(name[:3]) // 3 + 1
    return date(2000 + int(name[3:]), number, 28)
