"""evm, evm_edge_cases, earned_schedule, schedule, dcma14_thresholds: cases of progress and time as contract rows."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

from tools.validation.case import BUDGET_RATE, BY_DEFAULT, OTHER_READINGS, Case, NotApplicable
from tools.validation.rows import (
    STATUS,
    Calendar,
    Row,
    amounts,
    baseline,
    days,
    months,
    period,
    plan,
    population,
    project,
    sound_schedule,
    weeks,
)
from tools.validation.vectors import Vector, series

EARNED = "mart_earned_value"
COLUMN = {
    "eac_cpi_spi": "eac_composite",
    "etc_cpi": "etc",
    "etc_budget_rate": "etc",
    "pct_complete": "percent_complete",
    "pct_spent": "percent_spent",
    "es": "earned_schedule",
}
START = {"baseline_start": date(2025, 1, 1)}


def earned_value(vector: Vector) -> Case | NotApplicable:
    """A status of one period; the share done or planned as weighted milestones."""
    given, metric = vector.inputs, vector.metric
    column = COLUMN.get(metric, metric)
    rules = BUDGET_RATE if metric == "etc_budget_rate" else BY_DEFAULT
    tables: dict[str, list[Row]] = {"projects": [project(**START)]}
    if "bac" in given:
        tables["baselines"] = [baseline(given["bac"])]
    if {"planned_pct", "pct_complete"} & set(given):
        is_plan = "planned_pct" in given
        share = given["planned_pct"] if is_plan else given["pct_complete"]
        tables["milestones"] = _weighted(share, is_plan=is_plan)
        return Case(EARNED, tables, {column: vector.wanted})
    ev: Any = given.get("ev")
    ac: Any = given.get("ac")
    if "etc" in given:
        ev, bac = 1, 2
        tables["baselines"] = [baseline(bac)]
        tables["financials"] = _finance(ac + given["etc"], ac)
    elif "eac" in given:
        rules = OTHER_READINGS
        tables["financials"] = _finance(given["eac"], ac)
    elif "cpi" in given and ev is None:
        ac = 50_000
        ev = given["cpi"] * ac
    elif "cpi" in given and abs(given["cpi"] - ev / ac) > 0.005:
        return NotApplicable(
            f"its CPI is not its EV / AC ({ev / ac:.3f}): the tables hold EV and AC, and the index follows"
        )
    tables["earned_value"] = [period(STATUS, given.get("pv", 0), ev, ac)]
    return Case(EARNED, tables, {column: vector.wanted}, rules=rules)


def _weighted(share: float, *, is_plan: bool) -> list[Row]:
    """Two milestones: one with this share of the weight that is due (done), the rest that is not."""
    first, later = date(2025, 3, 31), date(2025, 10, 31)
    due = {"baseline_date": first, "actual_date": None if is_plan else first}
    return [
        {"milestone_id": "A", "name": "A", "weight": 100 * share, **due},
        {"milestone_id": "B", "name": "B", "weight": 100 - 100 * share, "baseline_date": later},
    ]


def _finance(forecast: float, actual: float) -> list[Row]:
    return amounts("forecast", labour=forecast) + amounts("actual", labour=actual)


def earned_schedule(vector: Vector) -> Case:
    """A plan by period with what was earned at one of them."""
    given = vector.inputs
    expected = {COLUMN.get(vector.metric, vector.metric): vector.wanted}
    if vector.metric == "p_factor":
        return Case(EARNED, _adherence(given), expected)
    calendar: Calendar = months
    start = date(2025, 1, 1)
    if "series" in given:
        planned, ev = _series()[given["series"]], given["ev"]
        if given["series"] == "S_PMKC":
            calendar, start = weeks, date(2024, 12, 30)
        elif given["series"] == "S_DRIFT":
            calendar = days
    else:  # a straight plan on which this much schedule is earned
        length = given.get("pd") or max(10, given["at"])
        planned, ev = [100.0 * n for n in range(1, length + 1)], 100 * given["es"]
    at = given.get("at") or 1
    planned = [*planned, *[planned[-1]] * (at - len(planned))]
    tables = {
        "projects": [project(baseline_start=start)],
        "earned_value": plan(planned, {at: ev}, calendar=calendar),
    }
    return Case(EARNED, tables, expected)


@cache
def _series() -> dict[str, list[float]]:
    return series()


def _adherence(given: Any) -> dict[str, list[Row]]:
    """Three tasks in a row, the last a quarter planned by the day up to which the plan is earned."""
    ends = (date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 10), date(2025, 4, 9))
    at_es, earned = given["pv_at_es"], given["ev_at_at"]
    costs = [*at_es[:-1], 4 * at_es[-1]]
    spans = [(ends[0].replace(day=1), ends[0]), (ends[1].replace(day=1), ends[1])]
    spans.append((date(2025, 3, 1), ends[3]))
    tasks = [
        {
            "status_date": ends[3],
            "task_uid": str(n),
            "name": f"Task {n}",
            "baseline_start": first,
            "baseline_finish": last,
            "baseline_cost": cost,
            "percent_complete": done / cost,
        }
        for n, ((first, last), cost, done) in enumerate(zip(spans, costs, earned, strict=True), start=1)
    ]
    curve = [costs[0], costs[0] + costs[1], sum(at_es), sum(costs)]
    earned_rows = plan(curve, {4: sum(earned)}, calendar=lambda n: ends[n - 1])
    return {"projects": [project(**START)], "earned_value": earned_rows, "tasks": tasks}


def schedule(vector: Vector) -> Case | NotApplicable:
    """Tasks by how they stand, or a forecast finish beside the baseline's on a country's calendar."""
    given, metric, wanted = vector.inputs, vector.metric, vector.wanted
    mart, rules, where = "mart_project_status", BY_DEFAULT, "true"
    if metric == "bei":
        hits = given["completed"]
        tasks = population(on_time=hits, open=given["baselined"] - hits, unplanned=given["no_baseline"])
        column = "bei"
    elif metric == "bei_discrete":
        hits = given["completed_baselined"]
        tasks = population(
            on_time=hits,
            open=given["baselined"] - hits,
            unplanned_done=given["completed_no_baseline"],
        )
        column, rules = "bei", OTHER_READINGS
    elif metric == "hit_task_pct":
        hits = given["on_time"]
        tasks = population(on_time=hits, open=given["baselined_in_period"] - hits, earlier=9)
        column = "100 * hit_task_pct"
    elif metric == "cpli":
        last = _after_working_days(given["cpl"])
        tasks = population(on_time=1)
        tasks[0] |= {"task_uid": "1", "percent_complete": 0, "actual_finish": None, "finish": last}
        tasks[0] |= {"baseline_finish": None, "total_slack_days": given["tf"]}
        mart, column, where = "mart_schedule_quality", "value", "check_id = 'cpli'"
    elif metric in {"slip_calendar_days", "slip_working_days"}:
        country = "MX" if given.get("holidays") else "CO"
        tables = {
            "projects": [project(country=country, baseline_finish=given["baseline"], **START)],
            "status_reports": [{"forecast_finish": given["forecast"]}],
        }
        column = "slip_days" if metric == "slip_calendar_days" else metric
        return Case(mart, tables, {column: wanted})
    else:
        return NotApplicable("no contract table holds a network without dates: a plan comes with its dates")
    return Case(mart, {"projects": [project()], "tasks": tasks}, {column: wanted}, where, rules)


def _after_working_days(count: int) -> date:
    day = STATUS
    while count:
        day += timedelta(1)
        count -= day.weekday() < 5
    return day


def threshold(vector: Vector) -> Case:
    """The threshold of a DCMA check, as it stands beside a sound schedule."""
    expected: dict[str, float | str | bool | None]
    if vector.metric == "pass_fail":
        expected = {'"pass"': True}
    else:
        scale = "100 * " if vector.metric.endswith("_pct") else ""
        expected = {f"{scale}threshold": vector.wanted, "direction": vector.metric[:3]}
    where = f'"no" = {vector.inputs["no"]}'
    return Case("mart_schedule_quality", {"projects": [project()], **sound_schedule()}, expected, where)
