"""From work done to money in: acceptance items, invoices, and what suppliers bill in turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from loaders.demo.course import CURVES
from loaders.demo.money import order_of
from loaders.demo.portfolio import LATE_SUPPLIER, SUPPLIERS
from loaders.demo.reports import Milestone, Reports, Row, days, milestones_of
from loaders.demo.texts import REJECTION

TAX = {"MX": 0.16, "CO": 0.19}
WITHHELD = {"MX": 0.0, "CO": 0.035}
PAYMENT_DAYS = {"MX": 60, "CO": 45}
RETENTION = 0.05
DESIGN = "M02"

UNSIGNED_VALUES = {"A-M08-1": 0.15, "A-M08-2": 0.25}
UNSIGNED_EVENTS = {
    "A-M08-1": (
        (date(2024, 12, 10), None),
        (None, date(2025, 2, 14)),
        (date(2025, 4, 2), None),
        (None, date(2025, 6, 20)),
        (date(2025, 7, 22), None),
    ),
    "A-M08-2": ((date(2025, 1, 20), None),),
}
UNSIGNED_PUNCH = {
    date(2024, 12, 31): 41,
    date(2025, 2, 28): 37,
    date(2025, 4, 30): 24,
    date(2025, 6, 30): 19,
    date(2025, 8, 31): 11,
}


@dataclass(frozen=True)
class Acceptance:
    """An acceptance item as known at a status date."""

    acceptance_id: str
    milestone: Milestone
    value: float
    submitted_on: date | None = None
    rejected_on: date | None = None
    open_punch_items: int | None = None
    signed_on: date | None = None
    receipt_on: date | None = None

    @property
    def kind(self) -> str:
        """Final for the final acceptance certificate, else provisional."""
        return "final" if self.milestone.milestone_id == "M09" else "provisional"


def acceptances_at(reports: Reports, month: int) -> list[Acceptance]:
    """The acceptance items of a project as known at the end of a month."""
    today, found = reports.day(month), []
    for milestone in milestones_of(reports.course):
        if not milestone.billing or milestone.milestone_id == DESIGN:
            continue
        value = round(milestone.billing * reports.course.price, 2)
        if reports.story == "unsigned" and milestone.milestone_id in {"M07", "M08"}:
            found.extend(_unsigned(reports, milestone, today))
            continue
        item = Acceptance(f"A-{milestone.milestone_id}", milestone, value)
        at, happened = reports.milestone_month(milestone, month)
        rng = reports.rng(f"acceptance {milestone.milestone_id}")
        signature = days(int(rng.integers(6, 24)))
        signed, submitted = reports.at(at), reports.at(at) - signature
        if milestone.kind != "acceptance":
            submitted, signed = reports.at(at) + days(3), reports.at(at) + days(3) + signature
        if happened or (milestone.kind == "acceptance" and submitted <= today and at <= month + 1):
            done = signed <= today and happened
            receipt = signed + days(5)
            item = Acceptance(
                item.acceptance_id,
                milestone,
                value,
                submitted if submitted <= today else None,
                None,
                None if submitted > today else 0 if done else int(rng.integers(2, 9)),
                signed if done else None,
                receipt if done and receipt <= today else None,
            )
        found.append(item)
    return found


def _unsigned(reports: Reports, milestone: Milestone, today: date) -> list[Acceptance]:
    """The two items nobody signs: submitted, rejected, submitted again."""
    if milestone.milestone_id == "M07":
        return []
    punch = [count for day, count in UNSIGNED_PUNCH.items() if day <= today]
    items = []
    for acceptance_id, share in UNSIGNED_VALUES.items():
        submitted = rejected = None
        for again, refused in UNSIGNED_EVENTS[acceptance_id]:
            submitted = again if again and again <= today else submitted
            rejected = refused if refused and refused <= today else rejected
        items.append(
            Acceptance(
                acceptance_id,
                milestone,
                round(share * reports.course.price, 2),
                submitted,
                rejected,
                punch[-1] if punch and submitted else None,
            )
        )
    return items


def acceptances(reports: Reports) -> list[Row]:
    """Rows of `acceptances`."""
    return [
        {
            "acceptance_id": item.acceptance_id,
            "status_date": reports.day(month),
            "milestone_id": item.milestone.milestone_id,
            "order_id": order_of(reports),
            "kind": item.kind,
            "value": item.value,
            "submitted_on": item.submitted_on,
            "rejected_on": item.rejected_on,
            "rejection_reason": reports.say(REJECTION) if item.rejected_on else None,
            "open_punch_items": item.open_punch_items,
            "signed_on": item.signed_on,
            "receipt_on": item.receipt_on,
        }
        for month in reports.months
        if month >= 1
        for item in acceptances_at(reports, month)
    ]


def invoices(reports: Reports) -> list[Row]:
    """Rows of `invoices`: one for each acceptance item, and one for the approved design."""
    rows: list[Row] = []
    for month in reports.months:
        if month < 0:
            continue
        today = reports.day(month)
        design = next(item for item in milestones_of(reports.course) if item.milestone_id == DESIGN)
        at, happened = reports.milestone_month(design, month)
        approved = Acceptance(
            f"A-{DESIGN}",
            design,
            round(design.billing * reports.course.price, 2),
            signed_on=reports.at(at) if happened else None,
        )
        rows.extend(
            {"status_date": today, "order_id": order_of(reports), **_invoice(reports, month, item)}
            for item in [approved, *acceptances_at(reports, month)]
        )
    return rows


def _invoice(reports: Reports, month: int, item: Acceptance) -> Row:
    course, today = reports.course, reports.day(month)
    country = course.project.programme.country
    milestone, amount, accepted = item.milestone, item.value, item.signed_on
    label = item.acceptance_id
    rng = reports.rng(f"invoice {label}")
    wait, delay = days(int(rng.integers(4, 16))), days(int(rng.integers(-4, 22)))
    planned = reports.at(course.plans[0].when(min(1.0, milestone.position))) + timedelta(days=20)
    if milestone.milestone_id == "M09":
        planned += timedelta(days=182)
    invoiced = accepted + wait if accepted else None
    forecast = reports.at(reports.milestone_month(milestone, month)[0]) + timedelta(days=20)
    if invoiced and invoiced > today:
        forecast, invoiced = invoiced, None
    due = invoiced + timedelta(days=PAYMENT_DAYS[country]) if invoiced else None
    paid = due + delay if due else None
    tax, withheld = round(amount * TAX[country], 2), round(amount * WITHHELD[country], 2)
    retention = round(amount * RETENTION, 2) if country == "CO" and milestone.milestone_id == "M07" else 0.0
    settled = paid is not None and paid <= today
    return {
        "invoice_id": f"F-{reports.project_id}-{label[2:]}",
        "milestone_id": milestone.milestone_id,
        "acceptance_id": None if milestone.milestone_id == DESIGN else label,
        "document": "invoice",
        "planned_on": planned,
        "forecast_on": max(forecast, today) if not invoiced else None,
        "accepted_on": accepted,
        "invoiced_on": invoiced,
        "due_on": due,
        "paid_on": paid if settled else None,
        "amount": amount,
        "tax_amount": tax,
        "withheld_amount": withheld,
        "retention_amount": retention,
        "retention_release_on": reports.at(course.project.months + 6) if retention else None,
        "paid_amount": round(amount + tax - withheld - retention, 2) if settled else 0.0,
    }


def suppliers_of(reports: Reports) -> tuple[tuple[str, float], ...]:
    """A project's suppliers and their share of the subcontract budget."""
    country = reports.course.project.programme.country
    own = [key for key, (_, home) in SUPPLIERS.items() if home == country and key != LATE_SUPPLIER]
    rng = reports.rng("suppliers")
    chosen = [own[int(index)] for index in sorted(rng.permutation(len(own))[:2])]
    if reports.story == "supplier":
        return ((LATE_SUPPLIER, 0.45), (chosen[0], 0.33), (chosen[1], 0.22))
    if reports.story == "supplier_mate":
        return ((LATE_SUPPLIER, 0.20), (chosen[0], 0.48), (chosen[1], 0.32))
    return ((chosen[0], 0.64), (chosen[1], 0.36))


def subcontracts(reports: Reports) -> list[Row]:
    """Rows of `subcontracts`; the late supplier's forecast grows past its commitment from January 2025."""
    course, rows = reports.course, []
    line = next(line for line in course.lines if line.name == "subcontract")
    for month in reports.months:
        if month < 1:
            continue
        position = course.position
        work = float(CURVES["subcontract"](position[month]))
        billed = float(CURVES["subcontract"](position[max(0, month - 1)]))
        for supplier, share in suppliers_of(reports):
            committed = line.amount * share
            growth = 1.02
            if supplier == LATE_SUPPLIER:
                late = max(0, (reports.day(month).year - 2025) * 12 + reports.day(month).month)
                growth = 1.02 + min(0.36, 0.06 * late)
            rows.append(
                {
                    "supplier_id": supplier,
                    "status_date": reports.day(month),
                    "supplier_name": SUPPLIERS[supplier][0],
                    "scope": reports.say(("Instalación y obra", "Installation and works")),
                    "committed": round(committed, 2),
                    "received": round(committed * work, 2),
                    "invoiced": round(committed * billed, 2),
                    "forecast": round(committed * growth, 2),
                    "back_to_back_ld": supplier != LATE_SUPPLIER,
                }
            )
    return rows
