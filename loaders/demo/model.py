"""The simulation: a project and a seed in, contract-shaped rows per table out."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Callable
from datetime import date
from pathlib import Path

from loaders.demo import cash, delivery, money, rollout, schedule
from loaders.demo.course import run
from loaders.demo.portfolio import LAST_STATUS, PROGRAMMES, Project
from loaders.demo.reports import Reports, Row, Tables, generator, reports_of

RATES_FILE = Path(__file__).parents[2] / "data" / "reference" / "fx_rates.csv"
RateOn = Callable[[str, date], float]

BUILDERS: dict[str, Callable[[Reports], list[Row]]] = {
    "projects": delivery.card,
    "baselines": delivery.baselines,
    "status_reports": delivery.status_reports,
    "milestones": delivery.milestones,
    "earned_value": delivery.earned_value,
    "financials": money.financials,
    "orders": money.orders,
    "changes": money.changes,
    "delays": delivery.delays,
    "risks": delivery.risks,
    "actions": delivery.actions,
    "sites": rollout.sites,
    "acceptances": cash.acceptances,
    "invoices": cash.invoices,
    "subcontracts": cash.subcontracts,
    "quality": delivery.quality,
    "safety": delivery.safety,
    "satisfaction": delivery.satisfaction,
    "resources": delivery.resources,
    "handovers": delivery.handovers,
    "opportunities": delivery.opportunities,
    "tasks": schedule.tasks,
    "task_links": schedule.task_links,
}
SPARSE_TABLES = ("projects", "status_reports")


def read_rates(path: Path = RATES_FILE) -> RateOn:
    """The reference exchange rates: a function (currency, day) → units per US dollar, the last one known."""
    series: dict[str, list[tuple[date, float]]] = {}
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["basis"] == "actual":
                day = date.fromisoformat(row["rate_date"])
                series.setdefault(row["currency"], []).append((day, float(row["per_usd"])))
    for rates in series.values():
        rates.sort()

    def rate_on(currency: str, day: date) -> float:
        if currency == "USD":
            return 1.0
        rates = series[currency]
        return rates[bisect_right(rates, (day, float("inf"))) - 1][1]

    return rate_on


def reports_for(project: Project, months: int, seed: int, rate_on: RateOn) -> Reports:
    """Simulate one project and say on which status dates it reports."""
    course = run(project, rate_on, generator(seed, project.project_id, "course"))
    return reports_of(course, months, seed)


def tables_of(reports: Reports) -> Tables:
    """Every canonical table of one project, in contract names; rows carry their project."""
    project_id = reports.project_id
    wanted = SPARSE_TABLES if reports.story == "sparse" else tuple(BUILDERS)
    return {
        table: [{"project_id": project_id, **row} for row in build(reports)]
        if table in wanted and reports.months
        else []
        for table, build in BUILDERS.items()
    }


def programmes(projects: tuple[Project, ...]) -> list[Row]:
    """Rows of `programmes` for the programmes of these projects."""
    ids = {project.programme.programme_id for project in projects}
    return [
        {
            "programme_id": item.programme_id,
            "name": item.name,
            "valid_from": min(item.since, LAST_STATUS),
            "customer": item.customer,
            "country": item.country,
            "sponsor": item.sponsor,
        }
        for item in PROGRAMMES
        if item.programme_id in ids
    ]
