"""The project office's own tables: card, baselines, reports, milestones, earned value, registers."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from loaders.demo.cash import suppliers_of
from loaders.demo.money import DAMAGES_CAP, DAMAGES_PER_WEEK, contingency_left, damages, days_granted
from loaders.demo.portfolio import LATE_SUPPLIER
from loaders.demo.reports import BID_MONTHS, Reports, Row, days, milestones_of
from loaders.demo.texts import (
    ACHIEVED,
    ACTIONS,
    CARE_CHECKS,
    COMMENTS,
    DECISION,
    DELAY_TITLES,
    KINDS,
    NEXT,
    OPPORTUNITIES,
    OPPORTUNITY_STAGES,
    ORIGINAL_BASELINE,
    REBASELINE_REASONS,
    RESPONSES,
    RISK_CATEGORIES,
    RISKS,
    ROLES,
    SELL_CHECKS,
    SUMMARY,
)

HOURLY_COST = {"MXN": 620.0, "COP": 118_000.0, "USD": 34.0}
WORSE = {"green": 0, "amber": 1, "red": 2}
COLOURS = ("green", "amber", "red")


def card(reports: Reports) -> list[Row]:
    """Rows of `projects`: one for each phase, from the day it began."""
    course, project = reports.course, reports.course.project
    if reports.story == "sparse":
        return [{"name": project.name, "valid_from": reports.day(reports.months[-1])}]
    kind, rows = KINDS[project.kind], []
    finish = reports.at(project.months)
    before = ""
    for month in range(-BID_MONTHS, reports.months[-1] + 1 if reports.months else -BID_MONTHS):
        phase = reports.phase(month)
        if phase == before:
            continue
        before = phase
        rows.append(
            {
                "name": project.name,
                "valid_from": reports.day(month),
                "programme_id": project.programme.programme_id,
                "country": project.programme.country,
                "region": project.region,
                "business_line": reports.say(kind.business_line),
                "project_manager": project.manager,
                "phase": phase,
                "contract_type": reports.say(kind.contract_type),
                "currency": project.currency,
                "contract_value": course.price,
                "baseline_start": project.start,
                "baseline_finish": finish,
                "contract_finish": finish + timedelta(days=course.behaviour.contract_float),
                "finish_milestone_id": "M08",
                "revenue_method": kind.revenue_method,
                "as_sold_rate_date": course.sold_on,
                "hedged_share": project.hedged_share,
            }
        )
    return rows


def baselines(reports: Reports) -> list[Row]:
    """Rows of `baselines` approved by the last report."""
    course = reports.course
    reasons = (ORIGINAL_BASELINE, *REBASELINE_REASONS)
    if not reports.months or reports.months[-1] < -1:
        return []
    return [
        {
            "baseline_no": plan.number,
            "approved_on": plan.approved_on,
            "baseline_start": course.project.start,
            "baseline_finish": reports.at(plan.finish_month),
            "baseline_cost": round(course.budget * plan.growth, 2),
            "reason": reports.say(reasons[plan.number]),
        }
        for plan in course.plans
        if plan.approved_on <= reports.day(reports.months[-1])
    ]


def milestones(reports: Reports) -> list[Row]:
    """Rows of `milestones`."""
    course, rows = reports.course, []
    for month in reports.months:
        if month < 0:
            continue
        plan = course.plan_at(month)
        for item in milestones_of(course):
            extra = 6.0 if item.position > 1 else 0.0
            position = min(1.0, item.position)
            original = reports.at(course.plans[0].when(position) + extra)
            stated, happened = reports.milestone_month(item, month)
            damaged = item.milestone_id == "M07"
            contractual = item.kind == "contractual" or (
                item.milestone_id == "M08" and reports.story != "unsigned"
            )
            rows.append(
                {
                    "milestone_id": item.milestone_id,
                    "status_date": reports.day(month),
                    "name": reports.say(item.name),
                    "kind": item.kind,
                    "original_date": original,
                    "baseline_date": reports.at(plan.when(position) + extra),
                    "contract_date": original + days(course.behaviour.contract_float)
                    if contractual
                    else None,
                    "forecast_date": None if happened else reports.at(stated),
                    "actual_date": reports.at(stated) if happened else None,
                    "weight": item.weight,
                    "revenue_amount": round(item.billing * course.price, 2) if item.billing else None,
                    "ld_pct_per_week": DAMAGES_PER_WEEK if damaged else None,
                    "ld_cap_pct": DAMAGES_CAP if damaged else None,
                    "ld_base": course.price if damaged else None,
                }
            )
    return rows


def earned_value(reports: Reports) -> list[Row]:
    """Rows of `earned_value`, until the month of completion."""
    course, rows = reports.course, []
    done = course.when(1.0)
    for month in reports.months:
        if month < 1 or (done is not None and month >= done + 1):
            continue
        plan, bac = course.plan_at(month), course.bac(month)
        for period in range(1, max(plan.finish_month, month) + 1):
            held = period <= month
            rows.append(
                {
                    "status_date": reports.day(month),
                    "period_end": reports.day(period),
                    "planned_value": round(bac * float(course.earned_share(plan.at(period))), 2),
                    "earned_value": round(bac * float(course.earned_share(course.position[period])), 2)
                    if held
                    else None,
                    "actual_cost": course.actual_cost(period) if held else None,
                }
            )
    return rows


def spi_t(reports: Reports, month: int) -> float:
    """SPI(t) at the end of a month: earned time over elapsed time."""
    elapsed = min(float(month), reports.course.when(1.0) or month)
    return float(reports.course.earned_time[month]) / elapsed


def indicated(reports: Reports, month: int) -> dict[str, str]:
    """The colours an honest manager would report, by dimension."""
    course, colours = reports.course, dict.fromkeys(("cost", "scope", "schedule", "quality"), "green")
    if month < 1:
        return colours
    if float(course.position[month]) >= 0.15:
        earned = course.bac(month) * float(course.earned_share(course.position[month]))
        colours["cost"] = _band(earned / course.actual_cost(month))
        if not _complete(reports, month):
            colours["schedule"] = _band(spi_t(reports, month))
    overrun = sum(course.line_forecast(line, month) - line.amount for line in course.lines)
    lost = overrun - (course.contingency - contingency_left(reports, month)) + damages(reports, month)[1]
    lost_share = lost / course.price
    colours["cost"] = max(
        colours["cost"],
        "red" if lost_share >= 0.03 else "amber" if lost_share >= 0.01 else "green",
        key=WORSE.__getitem__,
    )
    late = (course.stated_finish(month) - course.plan_at(month).finish_month) * 30.4
    colours["schedule"] = max(
        colours["schedule"],
        "red" if late >= 90 else "amber" if late >= 30 else "green",
        key=WORSE.__getitem__,
    )
    if course.project.outlook in {"defects", "unhappy"} and month >= 6:
        colours["quality"] = "amber"
    return colours


def _complete(reports: Reports, month: int) -> bool:
    return float(reports.course.position[month]) >= 1


def _band(index: float) -> str:
    return "green" if index >= 0.95 else "amber" if index >= 0.90 else "red"


def _reported(reports: Reports, month: int) -> dict[str, str]:
    """The colours reported: the indicated ones, mostly; a story's own."""
    colours, day = indicated(reports, month), reports.day(month)
    story = reports.story
    if story in {"watermelon", "rebaselined"}:
        colours = dict.fromkeys(colours, "green") if story == "watermelon" or month > 24 else colours
    elif story == "permits":
        colours["schedule"] = "amber" if day >= date(2024, 9, 30) else "green"
    elif story == "exchange_rate" and day >= date(2024, 6, 30):
        colours["cost"] = "amber"
    elif story == "unsigned" and _complete(reports, month):
        colours |= {"scope": "amber", "schedule": "red", "quality": "amber"}
    elif story == "reported_worse" and day >= date(2025, 5, 31):
        colours |= {"schedule": "amber", "cost": "amber"}
    elif story == "change_started" and day >= date(2025, 5, 31):
        colours["scope"] = "amber"
    elif story == "notice_missed" and day >= date(2025, 4, 30):
        colours |= {"schedule": "red", "scope": "amber"}
    elif story == "handover_overdue" and day >= date(2025, 7, 31):
        colours["scope"] = "amber"
    elif story == "cancelled" and month > 6:
        colours |= {"schedule": "red", "scope": "red"}
    elif story is None and reports.rng(f"kind words {month}").random() < 0.06:
        colours = {name: COLOURS[max(0, WORSE[colour] - 1)] for name, colour in colours.items()}
    return colours


def status_reports(reports: Reports) -> list[Row]:
    """Rows of `status_reports`, one a month."""
    course, project = reports.course, reports.course.project
    if reports.story == "sparse":
        return [{"status_date": reports.day(reports.months[-1]), "summary": "Kick-off held; plan to follow."}]
    rows: list[Row] = []
    for month in reports.months:
        colours = _reported(reports, month)
        overall = max(colours.values(), key=WORSE.__getitem__)
        held = month >= 1
        states = (
            [(item, *reports.milestone_month(item, month)) for item in milestones_of(course)] if held else []
        )
        lately = [item for item, at, happened in states if happened and at > month - 1]
        ahead = min(
            ((at, item) for item, at, happened in states if not happened),
            key=lambda pair: pair[0],
            default=None,
        )
        done = round(100 * float(course.position[month])) if held else 0
        finish = None
        if month >= 0:
            last = next(item for item in milestones_of(course) if item.milestone_id == "M08")
            finish = reports.at(reports.milestone_month(last, month)[0])
        wanted = DECISION.get(reports.story or "")
        rows.append(
            {
                "status_date": reports.day(month),
                **{f"reported_{name}": colour for name, colour in colours.items()},
                "reported_overall": overall,
                "forecast_finish": finish,
                "summary": reports.say(SUMMARY[overall]).format(done=done) if held else None,
                "achievements": " ".join(
                    reports.say(ACHIEVED).format(name=reports.say(item.name)) for item in lately
                )
                or None,
                "next_steps": reports.say(NEXT).format(
                    name=reports.say(ahead[1].name), day=reports.at(ahead[0]).strftime("%d/%m/%Y")
                )
                if ahead
                else None,
                "decisions_requested": reports.say(wanted) if wanted and overall != "green" else None,
                "reported_by": project.manager,
            }
        )
    return rows


def delays(reports: Reports) -> list[Row]:
    """Rows of `delays`."""
    rows: list[Row] = []

    def add(month: int, **values: object) -> None:
        rows.append({"status_date": reports.day(month), "delay_id": "R-01", **values})

    for month in reports.months:
        day = reports.day(month)
        if reports.story == "claimed" and day >= date(2025, 1, 31):
            lasted = {date(2025, 1, 31): 16, date(2025, 2, 28): 40}.get(day, 60)
            add(
                month,
                cause="customer",
                title=reports.say(DELAY_TITLES[0]),
                days=lasted,
                notice_due_on=date(2025, 2, 14),
                notified_on=date(2025, 2, 5) if day > date(2025, 2, 5) else None,
                days_claimed=60 if day >= date(2025, 3, 31) else None,
                days_granted=days_granted(reports, month) or None,
            )
        elif reports.story == "notice_missed" and day >= date(2025, 3, 31):
            lasted = {date(2025, 3, 31): 24}.get(day, 50)
            add(
                month,
                milestone_id="M07",
                cause="customer",
                title=reports.say(DELAY_TITLES[1]),
                days=lasted,
                notice_due_on=date(2025, 4, 15),
            )
        elif reports.story == "permits" and day >= date(2024, 9, 30):
            lasted = min(150, 12 * (1 + month - reports.month(date(2024, 9, 30))))
            add(
                month,
                milestone_id="M06",
                cause="third_party",
                title=reports.say(("Permisos municipales de obra", "Municipal works permits")),
                days=lasted,
                notice_due_on=date(2024, 10, 15),
                notified_on=date(2024, 10, 9) if day > date(2024, 10, 9) else None,
                days_claimed=90 if day >= date(2025, 2, 28) else None,
            )
        elif reports.story == "unsigned" and day >= date(2025, 1, 31):
            add(
                month,
                milestone_id="M08",
                cause="customer",
                title=reports.say(("Firma pendiente del acta", "Certificate not signed")),
                days=(day - date(2024, 12, 31)).days,
                notice_due_on=date(2025, 1, 31),
                notified_on=date(2025, 1, 24),
            )
        elif reports.course.project.outlook == "late" and month >= 7:
            add(
                month,
                milestone_id="M06",
                cause="vendor",
                title=reports.say(("Falta de cuadrillas de integración", "Too few integration crews")),
                days=min(45, 6 * (month - 6)),
            )
        elif reports.story == "supplier" and month >= 11:
            add(
                month,
                milestone_id="M06",
                cause="subcontractor",
                title="Late sites of Montajes Quebrada Honda",
                days=min(70, 9 * (month - 10)),
            )
    return rows


def risks(reports: Reports) -> list[Row]:
    """Rows of `risks`: each opened early and closed, or occurred, later."""
    course, rng = reports.course, reports.rng("risks")
    count = int(rng.integers(3, 6))
    chosen = [int(index) for index in rng.permutation(len(RISKS))[:count]]
    peso = 6
    if reports.story == "exchange_rate" and peso not in chosen:
        chosen[0] = peso
    life = course.project.months
    register = []
    for number, index in enumerate(chosen, start=1):
        opened = int(rng.integers(-1, max(1, life // 3)))
        closes = opened + int(rng.integers(5, life + 4))
        impact = float(rng.uniform(0.003, 0.014))
        register.append(
            (
                number,
                index,
                opened,
                closes,
                impact,
                float(rng.uniform(0.1, 0.5)),
                str(reports.say(RESPONSES[int(rng.integers(len(RESPONSES)))])),
                int(rng.integers(5, 40)),
            )
        )
    rows = []
    for month in reports.months:
        for number, index, opened, closes, impact, chance, response, slip in register:
            if month < opened:
                continue
            title, category, kind = RISKS[index]
            occurred = (
                reports.story == "exchange_rate" and index == peso and reports.day(month) >= date(2024, 6, 30)
            )
            status = "occurred" if occurred else "closed" if month >= closes else "open"
            likely = round(
                min(0.9, max(0.05, chance * (1 - 0.4 * (month - opened) / (closes - opened + 1)))), 2
            )
            cost = round(impact * course.price, -3)
            rows.append(
                {
                    "risk_id": f"RI-{number:02d}",
                    "status_date": reports.day(month),
                    "kind": kind,
                    "title": reports.say(title),
                    "category": RISK_CATEGORIES[category] if course.project.spanish else category,
                    "probability": likely,
                    "cost_impact": cost,
                    "schedule_impact_days": slip if kind == "risk" else 0,
                    "response": response,
                    "response_cost": round(cost * 0.08, 2),
                    "residual_probability": round(likely * 0.6, 2),
                    "residual_cost_impact": round(cost * 0.7, 2),
                    "owner": course.project.manager,
                    "status": status,
                    "opened_on": reports.day(opened),
                    "due_on": reports.day(closes),
                }
            )
    return rows


def actions(reports: Reports) -> list[Row]:
    """Rows of `actions`: what is open, and what closed within the month."""
    course, rng = reports.course, reports.rng("actions")
    priorities = (("alta", "high"), ("media", "medium"), ("baja", "low"))
    log = []
    for number in range(1, int(course.project.months * 0.9) + 4):
        title, kind = ACTIONS[int(rng.integers(len(ACTIONS)))]
        opened = float(rng.uniform(0, course.project.months + 3))
        log.append(
            (
                f"AC-{number:02d}",
                title,
                kind,
                reports.at(opened),
                reports.at(opened + rng.uniform(0.4, 1.5)),
                reports.at(opened + rng.uniform(0.3, 2.4)),
                priorities[int(rng.integers(3))],
            )
        )
    rows = []
    for month in reports.months:
        today, before = reports.day(month), reports.day(month - 1)
        for item, title, kind, raised, due, closed, priority in log:
            if raised <= today and closed > before:
                rows.append(
                    {
                        "item_id": item,
                        "status_date": today,
                        "kind": kind,
                        "title": reports.say(title),
                        "owner": course.project.manager,
                        "priority": reports.say(priority),
                        "opened_on": raised,
                        "due_on": due,
                        "closed_on": closed if closed <= today else None,
                    }
                )
    return rows


def quality(reports: Reports) -> list[Row]:
    """Rows of `quality`: open defects, and tests to date."""
    course, rng, rows = reports.course, reports.rng("quality"), []
    planned = int(rng.integers(240, 900))
    weak = course.project.outlook == "defects"
    rate = float(rng.uniform(0.905, 0.93) if weak else rng.uniform(0.968, 0.992))
    for month in reports.months:
        if month < 1:
            continue
        position = float(course.position[month])
        run = round(planned * float(np.clip((position - 0.45) / 0.5, 0, 1)))
        bulge = float(np.exp(-(((position - 0.75) / 0.18) ** 2)))
        monthly = reports.rng(f"quality {month}")
        unsigned = reports.story == "unsigned" and position >= 1
        rows.append(
            {
                "status_date": reports.day(month),
                "defects_critical": int(weak and position > 0.5) * int(monthly.integers(1, 3))
                + int(unsigned),
                "defects_major": round(bulge * (9 if weak else 3) + monthly.integers(0, 2))
                + 3 * int(unsigned),
                "defects_minor": round(bulge * 14 + monthly.integers(0, 4)),
                "tests_planned": planned,
                "tests_run": run,
                "tests_passed": int(run * rate),
            }
        )
    return rows


def safety(reports: Reports) -> list[Row]:
    """Rows of `safety`, by supplier where crews work on site; the interval is the month."""
    course, rows = reports.course, []
    field = course.project.kind in {"ran", "ftth", "dc", "ip"}
    suppliers = suppliers_of(reports) if field else ((None, 1.0),)
    effort = sum(line.amount for line in course.lines if line.name in {"labour", "subcontract"})
    hours = effort / HOURLY_COST[course.project.currency]
    for month in reports.months:
        if month < 1 or (month > 1 and float(course.position[month - 1]) >= 1):
            continue
        worked = hours * float(
            course.earned_share(course.position[month]) - course.earned_share(course.position[month - 1])
        )
        for supplier, share in suppliers:
            rng = reports.rng(f"safety {month} {supplier}")
            injured = (
                supplier == LATE_SUPPLIER
                and reports.story == "supplier"
                and reports.day(month) in {date(2025, 3, 31), date(2025, 6, 30)}
            )
            rows.append(
                {
                    "status_date": reports.day(month),
                    "supplier_id": supplier,
                    "hours_worked": round(max(120.0, worked * share), 1),
                    "fatalities": 0,
                    "lost_time_incidents": int(injured),
                    "recordable_incidents": int(injured) + int(field and rng.random() < 0.05),
                    "high_potential_events": int(field and rng.random() < 0.04),
                    "near_misses": int(rng.integers(0, 5 if field else 2)),
                }
            )
    return rows


def satisfaction(reports: Reports) -> list[Row]:
    """Rows of `satisfaction`: a survey every third month."""
    course, rows = reports.course, []
    for month in reports.months:
        if month < 3 or month % 3:
            continue
        rng = reports.rng(f"satisfaction {month}")
        score = float(rng.uniform(8.2, 9.4))
        if course.project.outlook == "unhappy":
            score = float(rng.uniform(6.3, 7.6))
        if reports.story == "unsigned" and _complete(reports, month):
            score = max(5.2, 8.0 - 0.45 * (month - course.project.months))
        if reports.story in {"permits", "notice_missed"} or (reports.story == "watermelon" and month >= 8):
            score = float(rng.uniform(7.0, 8.1))
        score = round(score, 1)
        rows.append(
            {
                "surveyed_on": reports.day(month) - timedelta(days=int(rng.integers(3, 18))),
                "score": score,
                "complaints_open": int(rng.integers(0, 2)) if score >= 8 else int(rng.integers(1, 5)),
                "comment": reports.say(next(text for floor, text in COMMENTS if score >= floor)),
            }
        )
    return rows


def resources(reports: Reports) -> list[Row]:
    """Rows of `resources`: hours of the month done and of the two ahead, by role."""
    course, rows = reports.course, []
    labour = next(line for line in course.lines if line.name == "labour")
    hours = labour.amount / HOURLY_COST[course.project.currency]
    for month in reports.months:
        if month < 1 or float(course.position[month - 1]) >= 1:
            continue
        plan = course.plan_at(month)
        for role, share in zip(ROLES, (0.2, 0.35, 0.45), strict=True):
            for period in range(month, month + 3):
                gain = float(course.earned_share(plan.at(period)) - course.earned_share(plan.at(period - 1)))
                planned = round(max(0.0, hours * share * gain), 1)
                rng = reports.rng(f"hours {period} {share}")
                spent = float(course.spent["labour"][month] - course.spent["labour"][month - 1])
                actual = spent / HOURLY_COST[course.project.currency] * share
                rows.append(
                    {
                        "status_date": reports.day(month),
                        "role": reports.say(role),
                        "period_end": reports.day(period),
                        "hours_planned": planned,
                        "hours_actual": round(actual, 1) if period == month else None,
                        "hours_forecast": round(planned * float(rng.uniform(0.95, 1.08)), 1)
                        if period > month
                        else None,
                    }
                )
    return rows


def handovers(reports: Reports) -> list[Row]:
    """Rows of `handovers`: sell to execute from the start, delivery to care four months ahead."""
    course, rows = reports.course, []
    rng = reports.rng("handovers")
    sell = [
        (f"SE-{number}", text, float(rng.uniform(-0.8, 0.7)))
        for number, text in enumerate(SELL_CHECKS, start=1)
    ]
    finish = course.when(1.0)
    care = [
        (f"DC-{number}", text, -0.3 - 0.45 * (number - 1) * float(rng.uniform(0.8, 1.2)))
        for number, text in enumerate(CARE_CHECKS, start=1)
    ]
    for month in reports.months:
        if month < 0:
            continue
        today = reports.day(month)
        for check, title, at in sell:
            done = reports.at(at)
            rows.append(
                {
                    "gate": "sell_to_execute",
                    "check_id": check,
                    "status_date": today,
                    "title": reports.say(title),
                    "mandatory": check != "SE-5",
                    "done_on": done if done <= today else None,
                    "owner": course.project.manager,
                    "due_on": reports.at(1.0),
                }
            )
        end = course.stated_finish(month)
        if month < end - 4 or course.project.kind == "care":
            continue
        for check, title, before in care:
            overdue = reports.story == "handover_overdue" and check in {"DC-2", "DC-3"}
            due = reports.at(end) + days(10)
            at = (finish if finish is not None else end) + before
            done = reports.at(at)
            if overdue:
                due, done = date(2025, 7, 15 if check == "DC-2" else 31), date(2026, 1, 31)
            if reports.story == "unsigned" and check == "DC-5":
                due, done = reports.at(end) + days(10), date(2026, 1, 31)
            rows.append(
                {
                    "gate": "delivery_to_care",
                    "check_id": check,
                    "status_date": today,
                    "title": reports.say(title),
                    "mandatory": check != "DC-6",
                    "done_on": done if done <= today else None,
                    "owner": course.project.manager,
                    "due_on": due,
                }
            )
    return rows


def opportunities(reports: Reports) -> list[Row]:
    """Rows of `opportunities`: up to two, maturing over the life of the project."""
    course, rng = reports.course, reports.rng("opportunities")
    found = []
    for number in range(1, int(rng.integers(0, 3)) + 1):
        title, kind = OPPORTUNITIES[int(rng.integers(len(OPPORTUNITIES)))]
        opened = int(rng.integers(0, course.project.months))
        found.append(
            (
                f"OP-{number:02d}",
                title,
                kind,
                opened,
                round(course.price * float(rng.uniform(0.02, 0.09)), -4),
            )
        )
    rows = []
    for month in reports.months:
        for opportunity, title, kind, opened, value in found:
            age = month - opened
            if not 0 <= age <= 9:
                continue
            rows.append(
                {
                    "opportunity_id": opportunity,
                    "status_date": reports.day(month),
                    "title": reports.say(title),
                    "kind": kind,
                    "stage": reports.say(OPPORTUNITY_STAGES[min(2, age // 3)]),
                    "probability": round(min(0.75, 0.15 + 0.07 * age), 2),
                    "value": value,
                    "expected_close": reports.day(opened + 10),
                }
            )
    return rows
