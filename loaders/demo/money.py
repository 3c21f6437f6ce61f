"""The money of a project: financials by scenario, orders, and the changes that move both."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from loaders.demo.course import CURVES, Course, Line
from loaders.demo.reports import Reports, Row, days, milestones_of
from loaders.demo.texts import CHANGE_STARTED, CHANGES, KINDS

Add = Callable[..., None]

ACTUAL_MONTHS = 3
FORECAST_MONTHS = 4
DAMAGES_PER_WEEK = 0.005
DAMAGES_CAP = 0.10
AMBITION = 0.985


@dataclass(frozen=True)
class Change:
    """A change request: months are the project's; shares are of the contract value."""

    change_id: str
    title: str
    origin: str
    raised: float
    decided: float | None
    outcome: str
    started: float | None
    line: str
    revenue: float
    cost: float
    schedule_days: int
    has_order: bool

    def spent(self, month: float) -> float:
        """Cost to date, as a share of the contract value."""
        if self.started is None or month < self.started:
            return 0.0
        return self.cost * min(1.0, (month - self.started) / (4.0 if self.has_order else 16.0))

    def approved_at(self, month: float) -> bool:
        """Whether it was approved by the end of a month."""
        return self.decided is not None and self.decided <= month and self.outcome == "approved"


def changes_of(reports: Reports) -> tuple[Change, ...]:
    """The change requests of a project over its life."""
    rng = reports.rng("changes")
    months = reports.course.project.months
    found = []
    for number in range(1, int(rng.integers(1, 4))):
        raised = float(rng.uniform(0.25, 0.8) * months)
        decided = raised + float(rng.uniform(1.2, 3.0))
        approved = bool(rng.random() < 0.75)
        revenue = float(rng.uniform(0.004, 0.011))
        found.append(
            Change(
                f"CC-{number:02d}",
                reports.say(CHANGES[int(rng.integers(len(CHANGES)))]),
                "customer" if rng.random() < 0.7 else "vendor",
                raised,
                decided,
                "approved" if approved else "rejected",
                decided + 0.3 if approved else None,
                "subcontract" if rng.random() < 0.5 else "labour",
                round(revenue, 4),
                round(revenue * float(rng.uniform(0.6, 0.8)), 4),
                int(rng.integers(0, 8)),
                True,
            )
        )
    if reports.story == "change_started":
        raised = reports.month(date(2025, 4, 30)) - 0.35
        found = [change for change in found if change.change_id == "CC-01"]
        found.append(
            Change(
                "CC-02",
                reports.say(CHANGE_STARTED),
                "customer",
                raised,
                None,
                "",
                raised + 0.73,
                "subcontract",
                0.07,
                0.054,
                40,
                False,
            )
        )
    return tuple(found)


def changes(reports: Reports) -> list[Row]:
    """Rows of `changes`."""
    price, rows = reports.course.price, []
    for month in reports.months:
        for change in changes_of(reports):
            if change.raised > month:
                continue
            status = "draft" if month - change.raised < 0.5 and change.has_order else "submitted"
            if change.decided is not None and change.decided <= month:
                status = change.outcome
                if status == "approved" and change.spent(month) >= change.cost:
                    status = "implemented"
            started = change.started is not None and change.started <= month
            approved = change.approved_at(month)
            rows.append(
                {
                    "change_id": change.change_id,
                    "status_date": reports.day(month),
                    "title": change.title,
                    "origin": change.origin,
                    "status": status,
                    "raised_on": reports.at(change.raised),
                    "notice_due_on": reports.at(change.raised) + days(45),
                    "decided_on": reports.at(change.decided)
                    if change.decided and change.decided <= month
                    else None,
                    "work_started_on": reports.at(change.started) if started and change.started else None,
                    "order_id": _change_order(reports, change) if approved and change.has_order else None,
                    "line": change.line,
                    "revenue_impact": round(change.revenue * price, 2),
                    "cost_impact": round(change.cost * price, 2),
                    "cost_to_date": round(change.spent(month) * price, 2),
                    "schedule_impact_days": change.schedule_days,
                }
            )
    return rows


def _change_order(reports: Reports, change: Change) -> str:
    return f"{order_of(reports)}-{change.change_id[-1]}"


def order_of(reports: Reports) -> str:
    """The number of the contract's purchase order."""
    return f"45{reports.rng('order').integers(10_000_000, 99_999_999)}"


def orders(reports: Reports) -> list[Row]:
    """Rows of `orders`: the contract's purchase order and one for each approved change."""
    course = reports.course
    frame = f"CM-{course.project.programme.programme_id}-{course.project.programme.since.year}"
    missing = course.project.outlook == "no_order"
    ordered = course.sold_on + days(20)
    number = order_of(reports)
    rows: list[Row] = []
    for month in reports.months:
        if month < -1:
            continue
        received = ordered <= reports.day(month) and not missing
        shared = {"status_date": reports.day(month), "frame_contract": frame}
        rows.append(
            shared
            | {
                "order_id": number,
                "change_id": None,
                "ordered_on": ordered if received else None,
                "expires_on": reports.at(course.project.months + 12) if received else None,
                "amount": course.price,
                "status": "received" if received else "expected",
            }
        )
        for change in changes_of(reports):
            if change.approved_at(month) and change.has_order and change.decided is not None:
                rows.append(
                    shared
                    | {
                        "order_id": _change_order(reports, change),
                        "change_id": change.change_id,
                        "ordered_on": reports.at(change.decided),
                        "expires_on": None,
                        "amount": round(change.revenue * course.price, 2),
                        "status": "received",
                    }
                )
    return rows


def recognised_share(course: Course, month: int, position: float) -> float:
    """Share of the price recognised as revenue, by the project's method."""
    method = KINDS[course.project.kind].revenue_method
    if method == "straight_line":
        return min(1.0, max(0.0, month / course.project.months))
    if method == "milestone":
        return position
    return float(course.earned_share(position))


def days_granted(reports: Reports, month: int) -> int:
    """Days of delay the customer has granted by the end of a month."""
    return 45 if reports.story == "claimed" and reports.day(month) >= date(2025, 5, 31) else 0


def damages(reports: Reports, month: int) -> tuple[float, float]:
    """Liquidated damages (booked, forecast) for the weeks past contract date plus granted days."""
    course = reports.course
    service = next(item for item in milestones_of(course) if item.milestone_id == "M07")
    stated, happened = reports.milestone_month(service, month)
    contract = reports.at(course.plans[0].when(service.position)) + days(course.behaviour.contract_float)
    late = (reports.at(stated) - contract).days - days_granted(reports, month)
    if late <= 0 or month < 1:
        return 0.0, 0.0
    due = round(min(DAMAGES_CAP, DAMAGES_PER_WEEK * late / 7) * course.price, 2)
    return (due, due) if happened else (0.0, round(due / 2, 2))


def contingency_left(reports: Reports, month: int) -> float:
    """Contingency not yet used up by overruns; released at completion."""
    course = reports.course
    if float(course.position[month]) >= 1:
        return 0.0
    overrun = sum(course.line_forecast(line, month) - line.amount for line in course.lines)
    return round(max(0.0, course.contingency - max(0.0, overrun)), 2)


def future_positions(course: Course, month: int, count: int) -> list[float]:
    """Position now and at the next `count` month ends, straight to the stated finish."""
    now, finish = float(course.position[month]), course.stated_finish(month)
    if now >= 1:
        return [1.0] * (count + 1)
    return [min(1.0, now + (1 - now) * ahead / max(0.5, finish - month)) for ahead in range(count + 1)]


def _amounts(course: Course, line: Line, total: float) -> Iterable[tuple[str, float]]:
    """A line's total in project currency, split into the currencies it is paid in at the as-sold rate."""
    home = course.sold_rates[course.project.currency]
    for currency, part in line.parts:
        yield currency, round(total * part / line.amount * course.sold_rates[currency] / home, 2)


def financials(reports: Reports) -> list[Row]:
    """Rows of `financials`.

    As sold, budget and baseline are delivered when first known (a baseline again when re-baselined);
    forecast and actual at every status date: at completion or to date, and the months around the status
    date alone.
    """
    course, rows = reports.course, []
    home = course.project.currency

    def add(
        month: int, scenario: str, line: str, currency: str, amount: float, *, period: date | None = None
    ) -> None:
        rows.append(
            {
                "status_date": reports.day(month),
                "scenario": scenario,
                "line": line,
                "amount": round(amount, 2),
                "currency": currency,
                "period_end": period,
            }
        )

    signed = [month for month in reports.months if month >= -1]
    for month in signed[:1]:
        for scenario, ambition in (("as_sold", 1.0), ("budget", AMBITION)):
            add(month, scenario, "revenue", home, course.price)
            add(month, scenario, "contingency", home, course.contingency)
            for line in course.lines:
                for currency, amount in _amounts(course, line, line.amount * ambition):
                    add(month, scenario, line.name, currency, amount)
        _budget_months(reports, month, add)
    known = [plan for plan in course.plans if signed and plan.from_month <= signed[-1]]
    for index, plan in enumerate(known):
        month = max(signed[0], plan.from_month)
        if index + 1 < len(known) and known[index + 1].from_month <= signed[0]:
            continue
        add(month, "baseline", "revenue", home, course.price)
        add(month, "baseline", "contingency", home, course.contingency)
        for line in course.lines:
            for currency, amount in _amounts(course, line, line.amount * plan.growth):
                add(month, "baseline", line.name, currency, amount)
    for month in signed:
        if month >= 0:
            _forecast(reports, month, add)
        if month >= 1:
            _actual(reports, month, add)
    return rows


def _budget_months(reports: Reports, month: int, add: Add) -> None:
    course, plan = reports.course, reports.course.plans[0]
    for ahead in range(1, plan.finish_month + 1):
        start, end = float(plan.position[ahead - 1]), float(plan.position[ahead])
        period = reports.day(ahead)
        revenue = recognised_share(course, ahead, end) - recognised_share(course, ahead - 1, start)
        add(month, "budget", "revenue", course.project.currency, revenue * course.price, period=period)
        for line in course.lines:
            part = _curve(line.name, end) - _curve(line.name, start)
            for currency, amount in _amounts(course, line, line.amount * AMBITION * part):
                if amount:
                    add(month, "budget", line.name, currency, amount, period=period)


def _price(reports: Reports, month: int) -> float:
    approved = sum(change.revenue for change in changes_of(reports) if change.approved_at(month))
    return reports.course.price * (1 + approved)


def _change_cost(reports: Reports, line: str, month: int, *, to_date: bool) -> float:
    """Cost of changes on a line: to date, or at completion (unapproved ones count only what is spent)."""
    total = sum(
        change.spent(month) if to_date or not change.approved_at(month) else change.cost
        for change in changes_of(reports)
        if change.line == line
    )
    return total * reports.course.price


def _forecast(reports: Reports, month: int, add: Add) -> None:
    course, home = reports.course, reports.course.project.currency
    add(month, "forecast", "revenue", home, _price(reports, month))
    add(month, "forecast", "contingency", home, contingency_left(reports, month))
    expected = damages(reports, month)[1]
    if expected:
        add(month, "forecast", "liquidated_damages", home, expected)
    ahead = future_positions(course, month, FORECAST_MONTHS)
    for line in course.lines:
        total = course.line_forecast(line, month)
        total += _change_cost(reports, line.name, month, to_date=False)
        for currency, amount in _amounts(course, line, total):
            add(month, "forecast", line.name, currency, amount)
    for step in range(1, FORECAST_MONTHS + 1):
        if ahead[step - 1] >= 1:
            break
        period = reports.day(month + step)
        gained = recognised_share(course, month + step, ahead[step])
        gained -= recognised_share(course, month + step - 1, ahead[step - 1])
        add(month, "forecast", "revenue", home, gained * _price(reports, month), period=period)
        for line in course.lines:
            rest = course.line_forecast(line, month) - float(course.spent[line.name][month])
            left = 1 - _curve(line.name, ahead[0])
            part = (
                (_curve(line.name, ahead[step]) - _curve(line.name, ahead[step - 1])) / left if left else 0.0
            )
            for currency, amount in _amounts(course, line, rest * part):
                if amount:
                    add(month, "forecast", line.name, currency, amount, period=period)


def _actual(reports: Reports, month: int, add: Add) -> None:
    course, home = reports.course, reports.course.project.currency

    def revenue(at: int) -> float:
        return (
            recognised_share(course, at, float(course.position[at])) * _price(reports, at) if at > 0 else 0.0
        )

    def cost(line: Line, at: int) -> float:
        spent = float(course.spent[line.name][max(at, 0)])
        return spent + _change_cost(reports, line.name, max(at, 0), to_date=True)

    add(month, "actual", "revenue", home, revenue(month))
    booked = damages(reports, month)[0]
    if booked:
        add(month, "actual", "liquidated_damages", home, booked)
    for line in course.lines:
        for currency, amount in _amounts(course, line, cost(line, month)):
            add(month, "actual", line.name, currency, amount)
    for at in range(max(1, month - ACTUAL_MONTHS + 1), month + 1):
        period = reports.day(at)
        add(month, "actual", "revenue", home, revenue(at) - revenue(at - 1), period=period)
        for line in course.lines:
            for currency, amount in _amounts(course, line, cost(line, at) - cost(line, at - 1)):
                if amount:
                    add(month, "actual", line.name, currency, amount, period=period)


@cache
def _curve(line: str, position: float) -> float:
    return float(CURVES[line](np.asarray(position)))
